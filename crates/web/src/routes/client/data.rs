//! Lists of accounts, out and in.

use app::AppError;
use app::transfer::{self, Transfer};
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::{StatusCode, Uri, header};
use tokio::io::AsyncReadExt;

use super::dashboard::attachment;
use super::files::File;
use super::frame::frame;
use super::member::{Member, Sent};
use crate::pages::Problem;
use crate::pages::client::{Place, SettingsDataPage};
use crate::paths;
use crate::routes::Shared;
use crate::routes::answer::{Answer, Refusal, private_with, redirect};
use crate::routes::posted::Fields;
use crate::security::PagePolicy;

/// Largest file.
const LARGEST: u64 = 4 * 1024 * 1024;

fn words(what: Transfer) -> &'static str {
    match what {
        Transfer::Following => "Whom you follow",
        Transfer::Mutes => "Whom you mute",
        Transfer::Blocks => "Whom you block",
        Transfer::DomainBlocks => "Servers you block",
        Transfer::Bookmarks => "Bookmarks",
    }
}

pub(super) async fn form(State(app): State<Shared>, member: Member, uri: Uri) -> Answer {
    let begun = Fields::of_query(&uri).get("begun").and_then(|text| text.parse::<u64>().ok());
    let notice = begun.map(|count| {
        let lines = crate::view::counted(&count, "entry is", "entries are");
        format!("{lines} being brought in, a few each second. You may leave this page.")
    });
    page(&app, &member, notice, None).await
}

async fn page(
    app: &Shared,
    member: &Member,
    notice: Option<String>,
    error: Option<String>,
) -> Answer {
    let mut going_on = Vec::new();
    let brought: Vec<Transfer> =
        Transfer::ALL.into_iter().filter(|what| what.is_brought()).collect();
    for what in &brought {
        if let Some(progress) = transfer::progress(app, member.id(), *what).await? {
            going_on.push((words(*what), progress.done, progress.total));
        }
    }
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let page = SettingsDataPage {
        frame: frame(app, member, Place::Settings).await?,
        notice,
        error,
        exports: Transfer::ALL.iter().map(|what| (what.name(), words(*what))).collect(),
        imports: brought.iter().map(|what| (what.name(), words(*what))).collect(),
        going_on,
    };
    private_with(status, &page, &PagePolicy::default())
}

pub(super) async fn export(
    State(app): State<Shared>,
    Path(name): Path<String>,
    member: Member,
) -> Answer {
    let what = name.strip_suffix(".csv").and_then(Transfer::parse);
    let what = what.ok_or(Refusal::new(Problem::NotFound))?;
    let text = transfer::export(&app, member.id(), what).await?;
    Ok(csv(what.name(), text))
}

/// A list as a file.
pub(super) fn csv(name: &str, text: String) -> Response {
    let kind = [(header::CONTENT_TYPE, "text/csv; charset=utf-8")];
    (kind, attachment(&format!("{name}.csv")), text).into_response()
}

pub(super) async fn import(State(app): State<Shared>, sent: Sent) -> Answer {
    let what = Transfer::parse(&sent.fields.text("what")).filter(|what| what.is_brought());
    let what = what.ok_or(Refusal::new(Problem::BadRequest))?;
    let begun = match sent.files.first() {
        Some(file) => match text_of(file).await {
            Ok(text) => transfer::begin(&app, sent.member.id(), what, &text).await,
            Err(error) => Err(error),
        },
        None => Err(AppError::invalid("choose a file first")),
    };
    match begun {
        Ok(count) => redirect(&format!("{}?begun={count}", paths::SETTINGS_DATA)),
        Err(AppError::Invalid(why) | AppError::Conflict(why)) => {
            page(&app, &sent.member, None, Some(format!("{}.", capital(&why)))).await
        }
        Err(error) => Err(error.into()),
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The text of a file that came with a form.
pub(super) async fn text_of(file: &File) -> app::Result<String> {
    let broken = |error: std::io::Error| AppError::Internal(format!("a file is gone: {error}"));
    let opened = tokio::fs::File::open(&file.path).await.map_err(broken)?;
    let mut bytes = Vec::new();
    opened.take(LARGEST + 1).read_to_end(&mut bytes).await.map_err(broken)?;
    if bytes.len() as u64 > LARGEST {
        return Err(AppError::invalid("the file is larger than 4 MiB"));
    }
    String::from_utf8(bytes).map_err(|_| AppError::invalid("the file is not text (UTF-8)"))
}
