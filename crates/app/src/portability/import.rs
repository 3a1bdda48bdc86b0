//! Taking a table: each line becomes a job of its own, which asks other servers where it must and is tried
//! again when they are away.

use std::sync::Arc;

use domain::AccountId;

use super::Kind;
use crate::csv::records;
use crate::jobs::{Job, enqueue};
use crate::{App, AppError, Result};

/// The most bytes of a table, and the most lines.
const LARGEST: usize = 10 * 1024 * 1024;
const MOST: usize = 20_000;
/// The most cells; a line has up to four, some of them with commas.
const CELLS: usize = 10 * MOST;
/// The most letters of a cell that an answer repeats.
const SHOWN: usize = 80;
/// Lines queued in one transaction.
const AT_ONCE: usize = 500;

/// What became of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// Lines that are being worked on.
    pub queued: usize,
    /// Lines (counted from 1) that say nothing, and why.
    pub wrong: Vec<(usize, String)>,
}

/// Takes a table; what somebody has already stays. Lines that cannot be read are named, the others taken.
///
/// # Errors
/// [`AppError::Invalid`] for a text that is too long, [`AppError::Conflict`] while very much still waits,
/// [`AppError::NotFound`] for an account of another server.
pub async fn import(app: &Arc<App>, who: AccountId, kind: Kind, text: &str) -> Result<Imported> {
    if text.len() > LARGEST {
        return Err(AppError::invalid("The table is larger than 10 MiB"));
    }
    // Looked at before anything is kept: empty cells and lines take many times their own room (R05).
    if text.bytes().filter(|byte| matches!(byte, b',' | b'\n')).count() > CELLS {
        return Err(AppError::invalid(format!("The table has more than {CELLS} cells")));
    }
    let (mut rows, mut wrong) = (Vec::new(), Vec::new());
    for (number, cells) in records(text.trim_start_matches('\u{feff}')) {
        match cells.and_then(|cells| row(kind, cells)) {
            Ok(Some(cells)) => rows.push(cells),
            Ok(None) => {}
            Err(why) => wrong.push((number, why)),
        }
    }
    if rows.len() > MOST {
        return Err(AppError::invalid(format!("The table has more than {MOST} lines")));
    }
    if waiting(app, who).await? >= MOST {
        return Err(AppError::Conflict(
            "Much of what was brought before still waits; try again when it is done".into(),
        ));
    }
    let queued = rows.len();
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        let batch: Vec<Vec<String>> = rows.by_ref().take(AT_ONCE).collect();
        let context = app.clone();
        app.write(move |conn| {
            Box::pin(async move {
                store::users::by_account(conn, who).await?.ok_or(AppError::NotFound)?;
                for cells in batch {
                    let job = Job::Bring { account: who, kind, cells };
                    enqueue(&context, conn, &job, context.now()).await?;
                }
                Ok::<_, AppError>(())
            })
        })
        .await?;
    }
    Ok(Imported { queued, wrong })
}

/// How many lines of somebody's tables still wait.
///
/// # Errors
/// [`AppError::Store`].
pub async fn waiting(app: &App, who: AccountId) -> Result<usize> {
    let keys = super::keys(who);
    let waiting = app.read(move |conn| {
        Box::pin(async move { Ok::<_, AppError>(store::portability::waiting(conn, &keys).await?) })
    });
    Ok(usize::try_from(waiting.await?).unwrap_or(0))
}

/// The cells of a line that are looked at; `None` for the line that names the columns.
fn row(kind: Kind, cells: Vec<String>) -> Result<Option<Vec<String>>, String> {
    let cells: Vec<String> = cells.into_iter().take(4).map(|cell| cell.trim().to_owned()).collect();
    let first = cells.first().map_or("", String::as_str);
    if first == "Account address" || first.starts_with("#domain") {
        return Ok(None);
    }
    let named = if kind == Kind::Lists { cells.get(1).map_or("", String::as_str) } else { first };
    let is_fine = match kind {
        Kind::Following | Kind::Blocking | Kind::Muting | Kind::Lists => {
            let (name, home) = match named.trim_start_matches('@').split_once('@') {
                Some((name, home)) => (name, Some(home)),
                None => (named.trim_start_matches('@'), None),
            };
            let is_host = |home: &str| domain::host::normal(home).is_some();
            !name.is_empty() && home.is_none_or(is_host)
        }
        Kind::DomainBlocking => domain::host::normal(named).is_some(),
        Kind::Bookmarks => activitypub::Uri::parse(named).is_some(),
    };
    if is_fine && !first.is_empty() {
        return Ok(Some(cells));
    }
    let shown: String = named.chars().take(SHOWN).collect();
    Err(format!("{shown:?} is not what such a table holds"))
}
