//! What somebody has here, out and in: tables, and everything in one file.

use app::AppError;
use app::archive;
use app::portability::{self, Imported, Kind};
use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::{StatusCode, Uri, header};
use tokio::io::AsyncReadExt;
use tokio_util::io::ReaderStream;

use super::dashboard::attachment;
use super::files::File;
use super::frame::frame;
use super::member::{Member, Sent};
use crate::language::sentence;
use crate::pages::Problem;
use crate::pages::client::{ArchiveCard, Place, SettingsDataPage};
use crate::paths;
use crate::routes::Shared;
use crate::routes::answer::{Answer, Refusal, private_with, redirect};
use crate::routes::posted::Fields;
use crate::security::PagePolicy;

/// Largest file.
const LARGEST: u64 = 4 * 1024 * 1024;

fn words(what: Kind) -> &'static str {
    match what {
        Kind::Following => crate::t().whom_you_follow,
        Kind::Lists => crate::t().your_lists,
        Kind::Muting => crate::t().whom_you_mute,
        Kind::Blocking => crate::t().whom_you_block,
        Kind::DomainBlocking => crate::t().servers_you_block,
        Kind::Bookmarks => crate::t().bookmarks,
    }
}

pub(super) async fn form(State(app): State<Shared>, member: Member, uri: Uri) -> Answer {
    let query = Fields::of_query(&uri);
    let number = |name: &str| query.get(name).and_then(|text| text.parse::<u64>().ok());
    let mut notice = number("begun").map(|count| crate::t().entries_brought_in(count));
    if let (Some(notice), Some(wrong)) = (&mut notice, number("wrong")) {
        notice.push(' ');
        notice.push_str(&crate::t().lines_not_read(wrong));
    }
    page(&app, &member, notice, None).await
}

async fn page(
    app: &Shared,
    member: &Member,
    notice: Option<String>,
    error: Option<String>,
) -> Answer {
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let kinds: Vec<_> = Kind::ALL.iter().map(|what| (what.name(), words(*what))).collect();
    let page = SettingsDataPage {
        frame: frame(app, member, Place::Settings).await?,
        notice,
        error,
        exports: kinds.clone(),
        imports: kinds,
        waiting: portability::waiting(app, member.id()).await?,
        archive: archive::latest(app, member.id()).await?.map(card),
    };
    private_with(status, &page, &PagePolicy::default())
}

fn card(archive: archive::Archive) -> ArchiveCard {
    ArchiveCard {
        id: archive.id.to_string(),
        day: archive.created_at.date(),
        is_there: archive.file_key.is_some(),
        size: super::dashboard::bytes(archive.bytes),
        problem: archive.problem,
    }
}

/// Asks for everything in one file.
pub(super) async fn ask_for_archive(State(app): State<Shared>, sent: Sent) -> Answer {
    match archive::request(&app, sent.member.id()).await {
        Ok(_) => redirect(paths::SETTINGS_DATA),
        Err(AppError::Conflict(why)) => page(&app, &sent.member, None, Some(sentence(&why))).await,
        Err(error) => Err(error.into()),
    }
}

/// Everything in one file.
pub(super) async fn download(
    State(app): State<Shared>,
    Path(id): Path<String>,
    member: Member,
) -> Answer {
    let id = id.strip_suffix(".tar.gz").and_then(|id| id.parse().ok());
    let id = id.ok_or(Refusal::new(Problem::NotFound))?;
    let file = archive::open(&app, member.id(), id).await?;
    let kind = [
        (header::CONTENT_TYPE, "application/gzip".to_owned()),
        (header::CONTENT_LENGTH, file.length.to_string()),
    ];
    let name = attachment(&format!("archive-{}.tar.gz", member.me.account.username));
    Ok((kind, name, Body::from_stream(ReaderStream::new(file.bytes))).into_response())
}

pub(super) async fn export(
    State(app): State<Shared>,
    Path(name): Path<String>,
    member: Member,
) -> Answer {
    let what = name.strip_suffix(".csv").and_then(Kind::parse);
    let what = what.ok_or(Refusal::new(Problem::NotFound))?;
    let text = portability::export(&app, member.id(), what).await?;
    Ok(csv(what.name(), text))
}

/// A list as a file.
pub(super) fn csv(name: &str, text: String) -> Response {
    let kind = [(header::CONTENT_TYPE, "text/csv; charset=utf-8")];
    (kind, attachment(&format!("{name}.csv")), text).into_response()
}

pub(super) async fn import(State(app): State<Shared>, sent: Sent) -> Answer {
    let what = Kind::parse(&sent.fields.text("what")).ok_or(Refusal::new(Problem::BadRequest))?;
    match bring(&app, &sent, what).await {
        Ok(Imported { queued, wrong }) => {
            let wrong =
                if wrong.is_empty() { String::new() } else { format!("&wrong={}", wrong.len()) };
            redirect(&format!("{}?begun={queued}{wrong}", paths::SETTINGS_DATA))
        }
        Err(AppError::Invalid(why) | AppError::Conflict(why)) => {
            page(&app, &sent.member, None, Some(capital(&crate::language::sentence(&why)))).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn bring(app: &Shared, sent: &Sent, what: Kind) -> app::Result<Imported> {
    let file = sent.files.first().ok_or_else(|| AppError::invalid("choose a file first"))?;
    let done = portability::import(app, sent.member.id(), what, &text_of(file).await?).await?;
    match done.wrong.first() {
        Some((line, why)) if done.queued == 0 => Err(AppError::invalid(
            crate::t().nothing_could_be_read(line, crate::language::reason(why)),
        )),
        None if done.queued == 0 => Err(AppError::invalid("the file has no lines")),
        _ => Ok(done),
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
