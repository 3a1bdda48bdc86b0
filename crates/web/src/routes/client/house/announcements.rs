//! Announcements: writing them, and how they stand on people's home page until they are read.

use app::announcements::{self, Announcement, NewAnnouncement};
use app::dashboard::allow;
use app::{App, AppError};
use axum::extract::{Path, State};
use domain::permission::Permission;
use domain::text::{LinkStyle, Render, render};
use domain::{RowId, Timestamp};
use http::{StatusCode, Uri};

use super::sentence;
use crate::pages::Problem;
use crate::pages::client::{
    AnnouncementForm, AnnouncementPage, AnnouncementRow, AnnouncementState, AnnouncementsPage,
    Notice, Place,
};
use crate::paths;
use crate::routes::answer::{Answer, Refusal, private, private_with, redirect};
use crate::routes::client::frame::frame;
use crate::routes::client::member::{Member, Sent};
use crate::routes::client::when;
use crate::routes::posted::Fields;
use crate::routes::{Shared, present};
use crate::security::PagePolicy;
use crate::view::{EmojiView, TextField, with_emojis};

/// What is announced now and not read yet, for the home page.
pub(in crate::routes::client) async fn current(
    app: &App,
    member: &Member,
) -> app::Result<Vec<Notice>> {
    let found = announcements::current(app, member.id()).await?;
    let unread = found.into_iter().map(|view| view.announcement).filter(|one| !one.read);
    Ok(unread.map(|one| Notice { html: html(app, &one.text), id: one.id.to_string() }).collect())
}

fn html(app: &App, text: &str) -> String {
    let context = Render { base: &app.urls.base, resolve: &|_, _| None, links: LinkStyle::Status };
    let catalog = app.emojis.get();
    let used: Vec<EmojiView> = domain::text::emoji::shortcodes(text)
        .into_iter()
        .filter_map(|code| catalog.0.get(&code))
        .map(|emoji| EmojiView { code: emoji.shortcode.clone(), url: emoji.url.clone() })
        .collect();
    with_emojis(&render(text, &context), &used)
}

pub(super) async fn dismiss(
    State(app): State<Shared>,
    Path(id): Path<String>,
    sent: Sent,
) -> Answer {
    announcements::dismiss(&app, sent.member.id(), number(&id)?).await?;
    redirect(sent.back())
}

fn number(id: &str) -> Result<RowId, Refusal> {
    id.parse().map_err(|_| Refusal::new(Problem::NotFound))
}

pub(super) async fn list(State(app): State<Shared>, member: Member, uri: Uri) -> Answer {
    let mut page = page(&app, &member).await?;
    page.notice = match Fields::of_query(&uri).text("done").as_str() {
        "saved" => Some(crate::t().saved),
        "ended" => Some(crate::t().it_is_not_shown_any_more),
        "removed" => Some(crate::t().it_is_gone),
        _ => None,
    };
    private(&page)
}

async fn page(app: &Shared, member: &Member) -> Result<AnnouncementsPage, Refusal> {
    allow(&member.me, Permission::ManageAnnouncements)?;
    let now = app.now();
    let found = announcements::list(app).await?;
    Ok(AnnouncementsPage {
        frame: frame(app, member, Place::Dashboard).await?,
        notice: None,
        form: AnnouncementForm::default(),
        announcements: found.iter().map(|one| row(app, one, now)).collect(),
    })
}

fn row(app: &App, one: &Announcement, now: Timestamp) -> AnnouncementRow {
    let state = if one.ends_at.is_some_and(|end| end <= now) {
        AnnouncementState::Over
    } else if one.published_at > now {
        AnnouncementState::Waits
    } else {
        AnnouncementState::Shown
    };
    AnnouncementRow {
        id: one.id.to_string(),
        html: html(app, &one.text),
        state,
        from: present::moment(one.published_at),
        ends: one.ends_at.map(present::moment),
    }
}

pub(super) async fn publish(State(app): State<Shared>, sent: Sent) -> Answer {
    allow(&sent.member.me, Permission::ManageAnnouncements)?;
    let mut form = read(&sent.fields);
    if let Some(new) = wanted(&mut form) {
        match announcements::publish(&app, new).await {
            Ok(_) => return redirect(&done("saved")),
            Err(error) => blame(&mut form, error)?,
        }
    }
    let page = AnnouncementsPage { form, ..page(&app, &sent.member).await? };
    private_with(StatusCode::UNPROCESSABLE_ENTITY, &page, &PagePolicy::default())
}

fn done(what: &str) -> String {
    format!("{}?done={what}", paths::DASHBOARD_ANNOUNCEMENTS)
}

pub(super) async fn form(
    State(app): State<Shared>,
    Path(id): Path<String>,
    member: Member,
) -> Answer {
    allow(&member.me, Permission::ManageAnnouncements)?;
    let found = announcements::show(&app, number(&id)?).await?;
    let found = found.ok_or(Refusal::new(Problem::NotFound))?;
    let form = AnnouncementForm {
        text: TextField::new(found.text),
        starts_at: when::field(found.starts_at),
        ends_at: when::field(found.ends_at),
        publish_at: when::field(Some(found.published_at).filter(|at| *at > app.now())),
        all_day: found.all_day,
    };
    let frame = frame(&app, &member, Place::Dashboard).await?;
    private(&AnnouncementPage { frame, id, form })
}

pub(super) async fn submit(
    State(app): State<Shared>,
    Path(id): Path<String>,
    sent: Sent,
) -> Answer {
    allow(&sent.member.me, Permission::ManageAnnouncements)?;
    let row = number(&id)?;
    match sent.fields.text("do").as_str() {
        "end" => {
            announcements::end(&app, row).await?;
            return redirect(&done("ended"));
        }
        "remove" => {
            announcements::remove(&app, row).await?;
            return redirect(&done("removed"));
        }
        "save" => {}
        _ => return Err(Refusal::new(Problem::BadRequest)),
    }
    let mut form = read(&sent.fields);
    if let Some(new) = wanted(&mut form) {
        match announcements::change(&app, row, new).await {
            Ok(_) => return redirect(&done("saved")),
            Err(error) => blame(&mut form, error)?,
        }
    }
    let frame = frame(&app, &sent.member, Place::Dashboard).await?;
    let page = AnnouncementPage { frame, id, form };
    private_with(StatusCode::UNPROCESSABLE_ENTITY, &page, &PagePolicy::default())
}

fn read(fields: &Fields) -> AnnouncementForm {
    AnnouncementForm {
        text: TextField::new(fields.text("text").replace("\r\n", "\n")),
        starts_at: TextField::new(fields.text("starts_at")),
        ends_at: TextField::new(fields.text("ends_at")),
        publish_at: TextField::new(fields.text("publish_at")),
        all_day: fields.has("all_day"),
    }
}

/// What the form asks for, when its times can be read; otherwise it says which cannot.
fn wanted(form: &mut AnnouncementForm) -> Option<NewAnnouncement> {
    let time = |field: &mut TextField| match when::read(&field.value) {
        Ok(time) => Some(time),
        Err(words) => {
            field.error = Some(words);
            None
        }
    };
    let starts_at = time(&mut form.starts_at);
    let ends_at = time(&mut form.ends_at);
    let publish_at = time(&mut form.publish_at);
    Some(NewAnnouncement {
        text: form.text.value.clone(),
        starts_at: starts_at?,
        ends_at: ends_at?,
        publish_at: publish_at?,
        all_day: form.all_day,
    })
}

fn blame(form: &mut AnnouncementForm, error: AppError) -> Result<(), Refusal> {
    let AppError::Invalid(why) = error else { return Err(error.into()) };
    let place = if why.starts_with("Ends") {
        &mut form.ends_at
    } else if why.starts_with("Published") {
        &mut form.publish_at
    } else {
        &mut form.text
    };
    let words = why
        .replace("Text can't be blank", crate::t().write_something_first)
        .replace("Ends at is", "The end is")
        .replace("Published at is", "This is");
    place.error = Some(sentence(&words));
    Ok(())
}
