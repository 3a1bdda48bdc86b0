//! Posts that wait for their time: looking at them, changing them, giving them up.

use app::scheduled::{self, ScheduledView};
use app::{AppError, Page};
use axum::extract::{Path, State};
use domain::RowId;
use http::{StatusCode, Uri};

use super::compose;
use super::frame::frame;
use super::member::{Member, Sent};
use super::when;
use crate::language::reason;
use crate::pages::Problem;
use crate::pages::client::{ComposeForm, Place, PollForm, Purpose, ScheduledPage, ScheduledRow};
use crate::paths;
use crate::routes::answer::{Answer, Refusal, private, redirect};
use crate::routes::posted::Fields;
use crate::routes::{Shared, present};

/// Most that are shown: nobody may have more.
const MOST: i64 = 300;

pub(super) async fn list(State(app): State<Shared>, member: Member, uri: Uri) -> Answer {
    let mut found = scheduled::list(&app, member.id(), Page::newest(MOST)).await?;
    found.sort_by_key(|view| view.at);
    private(&ScheduledPage {
        frame: frame(&app, &member, Place::Compose).await?,
        notice: match Fields::of_query(&uri).text("done").as_str() {
            "saved" => Some(crate::t().it_will_be_posted_at_its),
            "dropped" => Some(crate::t().it_will_not_be_posted),
            _ => None,
        },
        posts: found.iter().map(|view| row(&app, view)).collect(),
    })
}

fn row(app: &Shared, view: &ScheduledView) -> ScheduledRow {
    let visibility = view.draft.visibility.map(present::visibility);
    ScheduledRow {
        id: view.id.to_string(),
        at: present::moment(view.at),
        text: view.draft.text.clone(),
        warning: view.draft.spoiler_text.clone(),
        audience: visibility.map(|visibility| visibility.label()),
        media: view.media.iter().filter_map(|media| present::medium(app, media)).collect(),
        choices: view.draft.poll.as_ref().map(|poll| poll.options.clone()).unwrap_or_default(),
        language: view.draft.language.clone(),
    }
}

fn number(id: &str) -> Result<RowId, Refusal> {
    id.parse().map_err(|_| Refusal::new(Problem::NotFound))
}

pub(super) async fn form(
    State(app): State<Shared>,
    Path(id): Path<String>,
    member: Member,
) -> Answer {
    let view = scheduled::show(&app, member.id(), number(&id)?).await?;
    let form = ComposeForm { focused: true, ..filled(&app, &member, id, &view) };
    compose::page(&app, &member, StatusCode::OK, form, None).await
}

fn filled(app: &Shared, member: &Member, id: String, view: &ScheduledView) -> ComposeForm {
    let draft = &view.draft;
    let blank = compose::blank(app, &member.me, paths::SCHEDULED);
    let mut poll = PollForm::default();
    if let Some(kept) = &draft.poll {
        for (field, option) in poll.options.iter_mut().zip(&kept.options) {
            field.clone_from(option);
        }
        (poll.multiple, poll.hidden, poll.seconds) =
            (kept.multiple, kept.hide_totals, kept.expires_in);
    }
    ComposeForm {
        purpose: Purpose::Scheduled(id),
        text: draft.text.clone(),
        warning: draft.spoiler_text.clone(),
        visibility: draft.visibility.map_or(blank.visibility, present::visibility),
        language: draft.language.clone().unwrap_or_default(),
        sensitive: draft.sensitive.unwrap_or(false),
        media: view.media.iter().map(|media| compose::attachment(app, media)).collect(),
        at: when::field(Some(view.at)),
        poll,
        ..blank
    }
}

pub(super) async fn submit(
    State(app): State<Shared>,
    Path(id): Path<String>,
    sent: Sent,
) -> Answer {
    let (row, me) = (number(&id)?, &sent.member.me);
    if sent.fields.text("do") == "drop" {
        scheduled::cancel(&app, me.id(), row).await?;
        return redirect(&format!("{}?done=dropped", paths::SCHEDULED));
    }
    let former = scheduled::show(&app, me.id(), row).await?;
    let mut form = compose::read(&app, me, &sent.fields, Purpose::Scheduled(id));
    if let Err(error) = compose::take_files(&app, &sent, &mut form).await {
        form.media_error = Some(reason(&compose::words(error)?));
        return compose::refuse(&app, &sent, form).await;
    }
    if sent.fields.text("do") == "attach" {
        return compose::refuse(&app, &sent, form).await;
    }
    match save(&app, &sent, former, &form).await {
        Ok(()) => compose::scheduled(&sent),
        Err(error) => {
            compose::blame(&mut form, compose::words(error)?);
            compose::refuse(&app, &sent, form).await
        }
    }
}

/// What the form does not speak of stays: what it answers and quotes, who may quote it.
async fn save(
    app: &Shared,
    sent: &Sent,
    former: ScheduledView,
    form: &ComposeForm,
) -> Result<(), AppError> {
    let at = when::read(&form.at.value).map_err(AppError::Invalid)?;
    let at = at.ok_or_else(|| AppError::invalid("Scheduled at Say when it is to be posted"))?;
    let me = &sent.member.me;
    compose::describe(app, me, form).await?;
    let new = compose::new_status(form);
    let new = app::statuses::NewStatus {
        text: new.text,
        spoiler_text: new.spoiler_text,
        visibility: new.visibility,
        sensitive: new.sensitive,
        language: new.language,
        media: new.media,
        poll: new.poll,
        ..former.draft.into()
    };
    scheduled::rewrite(app, me, former.id, new, at).await.map(drop)
}
