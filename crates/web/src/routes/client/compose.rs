//! Writing: the form, posting, answering, editing, and files on the way.

use app::access::{Deed, Me, count_deed};
use app::statuses::{self, NewPoll, NewStatus};
use app::uploads::{self, Description, Patience, Shown, Upload};
use app::{AppError, StatusView as Loaded};
use axum::extract::{Path, State};
use axum::response::IntoResponse;
use domain::filter::FilterContext;
use domain::media::Media;
use domain::secret::{Secret, sha256_base64url};
use domain::status::{Format, Visibility as Audience};
use domain::{MediaId, StatusId};
use http::{StatusCode, Uri};

use super::act::answer_part;
use super::edit;
use super::frame::{bare, frame};
use super::member::{Member, Sent};
use super::show::{Eye, post_path};
use super::when;
use crate::language::reason;
use crate::pages::Problem;
use crate::pages::client::{
    Attachment, AttachmentPart, ComposeForm, ComposePage, ComposePart, KeptPage, Place, PollForm,
    Purpose,
};
use crate::paths;
use crate::routes::answer::{Answer, Refusal, private, private_with, redirect};
use crate::routes::posted::Fields;
use crate::routes::return_to::local_path;
use crate::routes::{Shared, present, site};
use crate::security::PagePolicy;
use crate::view::{TextField, Visibility};

/// An empty form with the person's own settings.
pub(super) fn blank(app: &Shared, me: &Me, back: &str) -> ComposeForm {
    ComposeForm {
        writer: me.id().to_string(),
        purpose: Purpose::Post,
        text: String::new(),
        warning: String::new(),
        visibility: present::visibility(me.user.default_visibility),
        language: me.user.default_language.clone().unwrap_or_default(),
        sensitive: me.user.default_sensitive,
        markdown: me.user.default_format == Format::Markdown,
        local_only: false,
        media: Vec::new(),
        poll: PollForm::default(),
        at: TextField::default(),
        key: Secret::generate(app.random.as_ref()).reveal().to_owned(),
        back: back.to_owned(),
        error: None,
        media_error: None,
        poll_error: None,
        longest: app.config.limits.status_characters,
        most_media: app.config.limits.status_media,
        focused: false,
    }
}

/// A form that answers a post: to the same people, in the same tone.
pub(super) fn reply_to(app: &Shared, me: &Me, view: &Loaded, back: &str) -> ComposeForm {
    let status = &view.status;
    let audience = me.user.default_visibility.max(status.visibility);
    let mut names: Vec<String> = vec![view.author.acct()];
    names.extend(view.mentions.iter().map(|mention| match &mention.domain {
        Some(domain) => format!("{}@{domain}", mention.username),
        None => mention.username.clone(),
    }));
    let own = me.account.acct();
    names.retain(|name| *name != own);
    names.dedup();
    ComposeForm {
        purpose: Purpose::Reply(status.id.to_string()),
        text: names.iter().map(|name| format!("@{name} ")).collect(),
        warning: status.spoiler_text.clone(),
        visibility: present::visibility(audience),
        local_only: status.local_only,
        ..blank(app, me, back)
    }
}

pub(super) async fn form(State(app): State<Shared>, member: Member, uri: Uri) -> Answer {
    let query = Fields::of_query(&uri);
    let back = local_path(&app, &query.text("back"));
    let back = back.as_deref().unwrap_or(paths::HOME);
    let mut form = ComposeForm { text: query.text("text"), ..blank(&app, &member.me, back) };
    let mut about = None;
    for (name, is_reply) in [("reply_to", true), ("quote", false)] {
        let Some(id) = query.get(name) else { continue };
        let id: StatusId = id.parse().map_err(|_| Refusal::new(Problem::NotFound))?;
        let view = statuses::show(&app, id, Some(member.id())).await?;
        form = if is_reply {
            reply_to(&app, &member.me, &view, &post_path(&view))
        } else {
            ComposeForm { purpose: Purpose::Quote(id.to_string()), ..form }
        };
        about = Some(view);
    }
    if let Some(visibility) = query.get("visibility").as_deref().and_then(Audience::parse) {
        form.visibility = present::visibility(visibility);
    }
    form.focused = true;
    page(&app, &member, StatusCode::OK, form, about.as_ref()).await
}

/// The page with the form on it.
pub(super) async fn page(
    app: &Shared,
    member: &Member,
    status: StatusCode,
    form: ComposeForm,
    about: Option<&Loaded>,
) -> Answer {
    let title = match form.purpose {
        Purpose::Post => crate::t().new_post,
        Purpose::Reply(_) => crate::t().reply,
        Purpose::Quote(_) => crate::t().quote,
        Purpose::Edit(_) => crate::t().edit_post,
        Purpose::Scheduled(_) => crate::t().edit_scheduled_post,
    };
    let eye = Eye { app, me: &member.me, context: FilterContext::Thread };
    let frame = frame(app, member, Place::Compose).await?;
    let about = about.map(|view| eye.whole(view));
    let page = ComposePage { frame, title, about, form };
    private_with(status, &page, &PagePolicy::default())
}

/// What a form says, whatever becomes of it.
pub(super) fn read(app: &Shared, me: &Me, fields: &Fields, purpose: Purpose) -> ComposeForm {
    let visibility = Audience::parse(&fields.text("visibility"));
    let back = local_path(app, &fields.text("back"));
    let mut options = PollForm::default().options;
    for (option, name) in options.iter_mut().zip(["poll_1", "poll_2", "poll_3", "poll_4"]) {
        *option = fields.text(name);
    }
    ComposeForm {
        purpose,
        text: fields.text("text"),
        warning: fields.text("warning"),
        visibility: visibility.map_or(Visibility::Public, present::visibility),
        language: fields.text("language"),
        sensitive: fields.has("sensitive"),
        markdown: fields.has("markdown"),
        local_only: fields.has("local_only"),
        poll: PollForm {
            options,
            seconds: fields.text("poll_seconds").parse().unwrap_or(PollForm::default().seconds),
            multiple: fields.has("poll_multiple"),
            hidden: fields.has("poll_hidden"),
        },
        at: TextField::new(fields.text("at")),
        key: fields.get("key").filter(|key| key.len() <= 64).unwrap_or_default(),
        ..blank(app, me, back.as_deref().unwrap_or(paths::HOME))
    }
}

fn purpose(fields: &Fields) -> Purpose {
    let id = |name: &str| fields.get(name).filter(|id| !id.is_empty());
    match (id("reply_to"), id("quote")) {
        (Some(id), _) => Purpose::Reply(id),
        (None, Some(id)) => Purpose::Quote(id),
        (None, None) => Purpose::Post,
    }
}

pub(super) async fn submit(State(app): State<Shared>, sent: Sent) -> Answer {
    let mut form = read(&app, &sent.member.me, &sent.fields, purpose(&sent.fields));
    let posts = sent.fields.text("do") != "attach";
    if posts && let Some(view) = before(&app, &sent, &form).await? {
        return posted(&app, &sent, &view);
    }
    if let Err(error) = take_files(&app, &sent, &mut form).await {
        form.media_error = Some(reason(&words(error)?));
    } else if posts {
        match post(&app, &sent, &form).await {
            Ok(Some(view)) => return posted(&app, &sent, &view),
            Ok(None) => return scheduled(&sent),
            Err(error) => blame(&mut form, words(error)?),
        }
    }
    // The same form may have been sent twice at once, and its files hang on the post by now.
    if posts && let Some(view) = before(&app, &sent, &form).await? {
        return posted(&app, &sent, &view);
    }
    refuse(&app, &sent, form).await
}

/// What was posted with this very form already.
async fn before(app: &Shared, sent: &Sent, form: &ComposeForm) -> Result<Option<Loaded>, Refusal> {
    let Some(key) = idempotency_key(form) else { return Ok(None) };
    Ok(statuses::posted_before(app, sent.member.id(), key).await?)
}

/// Shows the form again, with what was typed.
pub(super) async fn refuse(app: &Shared, sent: &Sent, mut form: ComposeForm) -> Answer {
    let wrong = [&form.error, &form.media_error, &form.poll_error, &form.at.error];
    let is_wrong = wrong.iter().any(|error| error.is_some());
    let status = if is_wrong { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    if sent.member.part {
        let frame = bare(app, &sent.member, Place::Compose, String::new());
        return private_with(status, &ComposePart { frame, form }, &PagePolicy::default());
    }
    let about = match &form.purpose {
        Purpose::Reply(id) | Purpose::Quote(id) => match id.parse() {
            Ok(id) => statuses::show(app, id, Some(sent.member.id())).await.ok(),
            Err(_) => None,
        },
        Purpose::Post | Purpose::Edit(_) | Purpose::Scheduled(_) => None,
    };
    form.focused = true;
    page(app, &sent.member, status, form, about.as_ref()).await
}

/// Posts now, or keeps it until its time: then there is nothing to show.
async fn post(app: &Shared, sent: &Sent, form: &ComposeForm) -> Result<Option<Loaded>, AppError> {
    let me = &sent.member.me;
    let id = |text: &str| text.parse::<StatusId>().map_err(|_| AppError::NotFound);
    let (mut in_reply_to, mut quote_of) = (None, None);
    match &form.purpose {
        Purpose::Reply(text) => in_reply_to = Some(id(text)?),
        Purpose::Quote(text) => quote_of = Some(id(text)?),
        Purpose::Post | Purpose::Edit(_) | Purpose::Scheduled(_) => {}
    }
    let at = when::read(&form.at.value)
        .map_err(|words| AppError::Invalid(format!("Scheduled at {words}")))?;
    count_deed(app, me.id(), Deed::Post).map_err(|_| too_often())?;
    let new = NewStatus { in_reply_to, quote_of, ..new_status(form) };
    describe(app, me, form).await?;
    match at {
        Some(at) => app::scheduled::schedule(app, me, new, at).await.map(|_| None),
        None => statuses::post(app, me, new).await.map(Some),
    }
}

/// What the fields of a form ask for.
pub(super) fn new_status(form: &ComposeForm) -> NewStatus {
    NewStatus {
        text: form.text.clone(),
        spoiler_text: form.warning.clone(),
        visibility: Audience::parse(form.visibility.name()),
        sensitive: Some(form.sensitive),
        language: Some(form.language.clone()).filter(|code| !code.is_empty()),
        local_only: form.local_only,
        format: Some(format(form)),
        media: media_ids(form),
        poll: poll(&form.poll),
        idempotency_key: idempotency_key(form),
        ..NewStatus::default()
    }
}

/// After a post was put off: for a script the place where it waits.
pub(super) fn scheduled(sent: &Sent) -> Answer {
    let to = format!("{}?done=saved", paths::SCHEDULED);
    if sent.member.part {
        return Ok((StatusCode::ACCEPTED, to).into_response());
    }
    redirect(&to)
}

/// How the text of a form is read.
pub(super) fn format(form: &ComposeForm) -> Format {
    if form.markdown { Format::Markdown } else { Format::Plain }
}

/// Said when somebody posts more than the limits allow.
pub(super) fn too_often() -> AppError {
    AppError::Unprocessable(crate::t().you_have_posted_very_often_in.to_owned())
}

/// The same form sent twice posts once; what was changed since is another post.
fn idempotency_key(form: &ComposeForm) -> Option<String> {
    let key = Some(form.key.as_str()).filter(|key| !key.is_empty())?;
    let words =
        format!("{key}\n{}\n{}\n{:?}\n{}", form.text, form.warning, form.purpose, form.at.value);
    Some(format!("web {}", sha256_base64url(words.as_bytes())))
}

/// Ids of the files of a form.
pub(super) fn media_ids(form: &ComposeForm) -> Vec<MediaId> {
    form.media.iter().filter_map(|attachment| attachment.id.parse().ok()).collect()
}

/// The poll, if there is one.
pub(super) fn poll(form: &PollForm) -> Option<NewPoll> {
    form.is_begun().then(|| NewPoll {
        options: form.options.iter().map(|option| option.trim().to_owned()).collect(),
        expires_in: form.seconds,
        multiple: form.multiple,
        hide_totals: form.hidden,
    })
}

pub(super) async fn describe(app: &Shared, me: &Me, form: &ComposeForm) -> Result<(), AppError> {
    for attachment in &form.media {
        let Ok(id) = attachment.id.parse() else { continue };
        let description = Description {
            text: Some(attachment.description.clone()),
            focus: focus(&attachment.focus),
        };
        uploads::update(app, me, id, description, None).await?;
    }
    Ok(())
}

/// A point as the form says it.
pub(super) fn focus(typed: &str) -> Option<(f64, f64)> {
    let (x, y) = typed.split_once(',')?;
    let number = |text: &str| text.trim().parse::<f64>().ok().filter(|one| one.abs() <= 1.0);
    Some((number(x)?, number(y)?))
}

/// Files that came earlier and are still wanted, and those that came with this form.
pub(super) async fn take_files(
    app: &Shared,
    sent: &Sent,
    form: &mut ComposeForm,
) -> Result<(), AppError> {
    form.media = earlier_files(app, &sent.member.me, &sent.fields, form.most_media).await?;
    in_order(&mut form.media, &sent.fields);
    take_new_files(app, sent, form).await
}

/// Puts files where people want them: one with a typed place goes before the one that stands there.
pub(super) fn in_order(media: &mut Vec<Attachment>, fields: &Fields) {
    let mut placed: Vec<(usize, bool, Attachment)> = std::mem::take(media)
        .into_iter()
        .enumerate()
        .map(|(index, attachment)| {
            let typed = fields.text(&format!("place_{}", attachment.id)).parse::<usize>().ok();
            (typed.unwrap_or(index + 1), typed.is_none(), attachment)
        })
        .collect();
    placed.sort_by_key(|(place, stays, _)| (*place, *stays));
    media.extend(placed.into_iter().map(|(_, _, attachment)| attachment));
}

/// Files that came with this form.
pub(super) async fn take_new_files(
    app: &Shared,
    sent: &Sent,
    form: &mut ComposeForm,
) -> Result<(), AppError> {
    let me = &sent.member.me;
    let alone = sent.files.len() == 1;
    for file in &sent.files {
        if form.media.len() >= form.most_media {
            let words = format!("A post takes {} files.", form.most_media);
            return Err(AppError::Unprocessable(words));
        }
        let text = Some(sent.fields.text("description")).filter(|text| alone && !text.is_empty());
        let media = receive(app, me, file.path.clone(), text).await?;
        form.media.push(attachment(app, &media));
    }
    Ok(())
}

pub(super) async fn earlier_files(
    app: &Shared,
    me: &Me,
    fields: &Fields,
    most: usize,
) -> Result<Vec<Attachment>, AppError> {
    let mut kept = Vec::new();
    for text in fields.all("media_id").take(most) {
        if fields.has(&format!("drop_{text}")) {
            continue;
        }
        let Ok(id) = text.parse::<MediaId>() else { continue };
        let (Shown::Processing(media) | Shown::Ready(media)) = uploads::show(app, me, id).await?;
        kept.push(as_typed(attachment(app, &media), fields));
    }
    Ok(kept)
}

/// A file with what the form says of it.
pub(super) fn as_typed(attachment: Attachment, fields: &Fields) -> Attachment {
    let id = &attachment.id;
    let typed = fields.get(&format!("focus_{id}")).filter(|typed| focus(typed).is_some());
    Attachment {
        description: fields.text(&format!("description_{id}")),
        focus: typed.unwrap_or_else(|| attachment.focus.clone()),
        ..attachment
    }
}

async fn receive(
    app: &Shared,
    me: &Me,
    file: std::path::PathBuf,
    text: Option<String>,
) -> Result<Media, AppError> {
    count_deed(app, me.id(), Deed::Upload).map_err(|_| {
        AppError::Unprocessable(crate::t().you_have_uploaded_very_much_lately.into())
    })?;
    let description = Description { text, focus: None };
    let upload = Upload { file, thumbnail: None, description };
    uploads::receive(app, me, upload, Patience::Waits).await
}

/// A file as the form shows it.
pub(super) fn attachment(app: &Shared, media: &Media) -> Attachment {
    Attachment {
        id: media.id.to_string(),
        medium: present::medium(app, media),
        description: media.description.clone(),
        focus: format!("{},{}", point(media.focus_x), point(media.focus_y)),
    }
}

/// Ten-thousandths as people and scripts write them: `-0.7`.
fn point(value: i64) -> String {
    let sign = if value < 0 { "-" } else { "" };
    let (whole, rest) = (value.unsigned_abs() / 10_000, value.unsigned_abs() % 10_000);
    let text = format!("{sign}{whole}.{rest:04}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// After posting: the post itself for a script, else the page where the form stood.
pub(super) fn posted(app: &Shared, sent: &Sent, view: &Loaded) -> Answer {
    if sent.member.part {
        let eye = Eye { app, me: &sent.member.me, context: FilterContext::Home };
        let mut answer = answer_part(app, &sent.member, eye.whole(view), false, sent.back())?;
        *answer.status_mut() = StatusCode::CREATED;
        return Ok(answer);
    }
    redirect(&format!("{}#post-{}", sent.back(), view.status.id))
}

/// A sentence for the person who posts; what is no fault of the form is an error page.
pub(super) fn words(error: AppError) -> Result<String, Refusal> {
    match error {
        AppError::Invalid(text) | AppError::Unprocessable(text) => {
            Ok(format!("{}.", text.trim_end_matches(['.', '!'])))
        }
        AppError::Busy(_) => Ok(crate::t().the_server_is_busy_nothing_is.to_owned()),
        AppError::NotFound => Ok(crate::t().what_this_answers_or_a_file.to_owned()),
        other => Err(other.into()),
    }
}

/// Puts a sentence beside the field that it is about.
pub(super) fn blame(form: &mut ComposeForm, sentence: String) {
    let about = |words: &[&str]| words.iter().any(|word| sentence.contains(word));
    if let Some(words) = sentence.strip_prefix("Scheduled at ") {
        form.at.error = Some(match words {
            "The scheduled date must be in the future." => {
                crate::t().choose_a_time_at_least_five.to_owned()
            }
            other => reason(other),
        });
    } else if about(&["Poll", "poll"]) && form.poll.is_begun() {
        form.poll_error = Some(reason(&sentence));
    } else if about(&["file", "File", "Media", "video", "Description", "attach"]) {
        form.media_error = Some(match sentence.starts_with("A post takes ") {
            true => crate::t().a_post_takes_files(form.most_media),
            false => reason(&sentence),
        });
    } else if sentence.starts_with("Text can't be blank") {
        form.error = Some(crate::t().write_something_first_or_add_a.to_owned());
    } else {
        form.error = Some(reason(&sentence));
    }
}

/// A file that a script sends while the rest is being written.
pub(super) async fn upload(State(app): State<Shared>, sent: Sent) -> Answer {
    let Some(file) = sent.files.first() else {
        return Err(Refusal::because(Problem::BadRequest, crate::t().there_was_no_file_in_the));
    };
    match receive(&app, &sent.member.me, file.path.clone(), None).await {
        Ok(media) => private(&AttachmentPart { attachment: attachment(&app, &media) }),
        Err(error) => {
            let sentence = words(error)?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, sentence).into_response())
        }
    }
}

/// A post that was deleted to be written anew.
pub(super) async fn redraft(app: &Shared, member: &Member, view: &Loaded) -> Answer {
    let form = ComposeForm {
        purpose: match view.status.in_reply_to {
            Some(id) => Purpose::Reply(id.to_string()),
            None => Purpose::Post,
        },
        back: paths::HOME.to_owned(),
        focused: true,
        ..edit::filled(app, &member.me, view)
    };
    page(app, member, StatusCode::OK, form, None).await
}

/// The session had ended when this text came.
pub(super) async fn kept(app: &Shared, text: &str) -> Answer {
    let site = site(app).await?;
    let page = KeptPage { site: &site, text: text.to_owned() };
    private_with(StatusCode::UNAUTHORIZED, &page, &PagePolicy::default())
}

pub(super) async fn edit_form(
    State(app): State<Shared>,
    Path(id): Path<String>,
    member: Member,
) -> Answer {
    edit::form(&app, &id, &member).await
}
