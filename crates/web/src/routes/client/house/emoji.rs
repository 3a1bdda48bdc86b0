//! Custom emoji: bringing, sorting, hiding, removing.

use app::AppError;
use app::dashboard::allow;
use app::emojis;
use axum::extract::State;
use domain::permission::Permission;
use http::{StatusCode, Uri};

use super::sentence;
use crate::pages::Problem;
use crate::pages::client::{EmojiPage, EmojiRow, Place};
use crate::paths;
use crate::routes::Shared;
use crate::routes::answer::{Answer, Refusal, private, private_with, redirect};
use crate::routes::client::frame::frame;
use crate::routes::client::member::{Member, Sent};
use crate::routes::posted::Fields;
use crate::security::PagePolicy;
use crate::view::TextField;

pub(super) async fn list(State(app): State<Shared>, member: Member, uri: Uri) -> Answer {
    let mut page = page(&app, &member).await?;
    page.notice = match Fields::of_query(&uri).text("done").as_str() {
        "added" => Some(crate::t().it_can_be_used_now),
        "changed" => Some(crate::t().saved),
        "removed" => Some(crate::t().it_is_gone),
        _ => None,
    };
    private(&page)
}

async fn page(app: &Shared, member: &Member) -> Result<EmojiPage, Refusal> {
    allow(&member.me, Permission::ManageCustomEmojis)?;
    let mut found = emojis::list(app).await?;
    let heading = |emoji: &emojis::Stored| emoji.category.clone().unwrap_or_default();
    found.sort_by(|one, other| {
        (heading(one), &one.shortcode).cmp(&(heading(other), &other.shortcode))
    });
    let mut categories: Vec<String> =
        found.iter().filter_map(|emoji| emoji.category.clone()).collect();
    categories.dedup();
    let row = |emoji: emojis::Stored| EmojiRow {
        url: app.urls.file(&emoji.image_key),
        code: emoji.shortcode,
        category: emoji.category.unwrap_or_default(),
        visible: emoji.visible,
    };
    Ok(EmojiPage {
        frame: frame(app, member, Place::Dashboard).await?,
        notice: None,
        error: None,
        emojis: found.into_iter().map(row).collect(),
        categories,
        code: TextField::default(),
        category: TextField::default(),
        file_error: None,
    })
}

pub(super) async fn submit(State(app): State<Shared>, sent: Sent) -> Answer {
    allow(&sent.member.me, Permission::ManageCustomEmojis)?;
    let fields = &sent.fields;
    let code = fields.text("code").trim().trim_matches(':').to_owned();
    let category = fields.text("category").trim().to_owned();
    let category = Some(category).filter(|text| !text.is_empty());
    let found = match fields.text("do").as_str() {
        "add" => return add(&app, &sent, &code, category).await,
        "change" => {
            let visible = fields.has("visible");
            emojis::change(&app, &code, category, visible).await.map(|found| (found, "changed"))
        }
        "remove" => emojis::remove(&app, &code).await.map(|found| (found, "removed")),
        _ => return Err(Refusal::new(Problem::BadRequest)),
    };
    match found {
        Ok((true, done)) => redirect(&format!("{}?done={done}", paths::DASHBOARD_EMOJI)),
        Ok((false, _)) => Err(Refusal::new(Problem::NotFound)),
        Err(AppError::Invalid(why)) => {
            let mut page = page(&app, &sent.member).await?;
            page.error = Some(format!(":{code}: {}", sentence(&why)));
            private_with(StatusCode::UNPROCESSABLE_ENTITY, &page, &PagePolicy::default())
        }
        Err(error) => Err(error.into()),
    }
}

async fn add(app: &Shared, sent: &Sent, code: &str, category: Option<String>) -> Answer {
    let done = match sent.files.iter().find(|file| file.name == "file") {
        Some(file) => emojis::import(app, code, &file.path, category.clone()).await.map(drop),
        None => Err(AppError::invalid("Image: choose a file first")),
    };
    let why = match done {
        Ok(()) => return redirect(&format!("{}?done=added", paths::DASHBOARD_EMOJI)),
        Err(AppError::Invalid(why) | AppError::Unprocessable(why)) => why,
        Err(error) => return Err(error.into()),
    };
    let mut page = page(app, &sent.member).await?;
    code.clone_into(&mut page.code.value);
    page.category.value = category.unwrap_or_default();
    let place = if why.starts_with("Shortcode") {
        &mut page.code.error
    } else if why.starts_with("Category") {
        &mut page.category.error
    } else {
        &mut page.file_error
    };
    *place = Some(sentence(&why));
    private_with(StatusCode::UNPROCESSABLE_ENTITY, &page, &PagePolicy::default())
}
