//! Changing a post that was published.

use app::access::{Deed, Me, count_deed};
use app::statuses::{self, Changes, MediaChange};
use app::{AppError, StatusView as Loaded};
use axum::extract::{Path, State};
use domain::StatusId;
use domain::status::Format;
use http::StatusCode;

use super::compose;
use super::member::{Member, Sent};
use super::show::post_path;
use crate::language::reason;
use crate::pages::Problem;
use crate::pages::client::{Attachment, ComposeForm, PollForm, Purpose};
use crate::routes::answer::{Answer, Refusal};
use crate::routes::{Shared, present};

/// The form of a post with what it says now.
pub(super) async fn form(app: &Shared, id: &str, member: &Member) -> Answer {
    let view = own(app, id, member).await?;
    let form = ComposeForm { focused: true, ..filled(app, &member.me, &view) };
    compose::page(app, member, StatusCode::OK, form, None).await
}

/// A form filled with a post.
pub(super) fn filled(app: &Shared, me: &Me, view: &Loaded) -> ComposeForm {
    let status = &view.status;
    let mut poll = PollForm::default();
    if let Some(view) = &view.poll {
        for (field, option) in poll.options.iter_mut().zip(&view.poll.options) {
            field.clone_from(&option.title);
        }
        poll.multiple = view.poll.multiple;
        poll.hidden = view.poll.hide_totals;
    }
    ComposeForm {
        purpose: Purpose::Edit(status.id.to_string()),
        text: status.text.clone(),
        warning: status.spoiler_text.clone(),
        visibility: present::visibility(status.visibility),
        language: status.language.clone().unwrap_or_default(),
        sensitive: status.sensitive,
        markdown: status.format == Format::Markdown,
        local_only: status.local_only,
        media: view.media.iter().map(|media| compose::attachment(app, media)).collect(),
        poll,
        ..compose::blank(app, me, &post_path(view))
    }
}

pub(super) async fn submit(
    State(app): State<Shared>,
    Path(id): Path<String>,
    sent: Sent,
) -> Answer {
    let view = own(&app, &id, &sent.member).await?;
    let me = &sent.member.me;
    let mut form = compose::read(&app, me, &sent.fields, Purpose::Edit(id));
    form.visibility = present::visibility(view.status.visibility);
    form.media = kept_files(&app, &sent, &view).await?;
    compose::in_order(&mut form.media, &sent.fields);
    if let Err(error) = compose::take_new_files(&app, &sent, &mut form).await {
        form.media_error = Some(reason(&compose::words(error)?));
        return compose::refuse(&app, &sent, form).await;
    }
    if sent.fields.text("do") == "attach" {
        return compose::refuse(&app, &sent, form).await;
    }
    match save(&app, &sent, &view, &form).await {
        Ok(view) => compose::posted(&app, &sent, &view),
        Err(error) => {
            compose::blame(&mut form, compose::words(error)?);
            compose::refuse(&app, &sent, form).await
        }
    }
}

/// Files of the post that stay, with their descriptions as typed, and new ones that a script sent.
async fn kept_files(app: &Shared, sent: &Sent, view: &Loaded) -> Result<Vec<Attachment>, Refusal> {
    let mut kept = Vec::new();
    for text in sent.fields.all("media_id").take(app.config.limits.status_media) {
        if sent.fields.has(&format!("drop_{text}")) {
            continue;
        }
        let own = view.media.iter().find(|media| media.id.to_string() == text);
        let attachment = match own {
            Some(media) => compose::attachment(app, media),
            None => {
                let only = crate::routes::posted::Fields::from_pairs(vec![(
                    "media_id".to_owned(),
                    text.to_owned(),
                )]);
                match compose::earlier_files(app, &sent.member.me, &only, 1).await?.pop() {
                    Some(attachment) => attachment,
                    None => continue,
                }
            }
        };
        kept.push(compose::as_typed(attachment, &sent.fields));
    }
    Ok(kept)
}

async fn save(
    app: &Shared,
    sent: &Sent,
    view: &Loaded,
    form: &ComposeForm,
) -> Result<Loaded, AppError> {
    let me = &sent.member.me;
    count_deed(app, me.id(), Deed::Post).map_err(|_| compose::too_often())?;
    let change = |attachment: &Attachment| {
        let description = Some(attachment.description.clone());
        let focus = compose::focus(&attachment.focus).map(|(x, y)| (part(x), part(y)));
        Some(MediaChange { id: attachment.id.parse().ok()?, description, focus })
    };
    let changes = Changes {
        text: Some(form.text.clone()),
        spoiler_text: Some(form.warning.clone()),
        sensitive: Some(form.sensitive),
        language: Some(form.language.clone()).filter(|code| !code.is_empty()),
        quote_policy: None,
        media: Some(compose::media_ids(form)),
        media_changes: form.media.iter().filter_map(change).collect(),
        poll: compose::poll(&form.poll),
        format: Some(compose::format(form)),
    };
    statuses::edit(app, me, view.status.id, changes).await
}

/// A part of a picture's half, as it is stored.
fn part(value: f64) -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "within ±10,000")]
    {
        (value.clamp(-1.0, 1.0) * 10_000.0).round() as i64
    }
}

async fn own(app: &Shared, id: &str, member: &Member) -> Result<Loaded, Refusal> {
    let absent = || Refusal::new(Problem::NotFound);
    let id: StatusId = id.parse().map_err(|_| absent())?;
    let view = statuses::show(app, id, Some(member.id())).await?;
    let own = view.status.account_id == member.id() && view.boost_of.is_none();
    own.then_some(view).ok_or_else(absent)
}
