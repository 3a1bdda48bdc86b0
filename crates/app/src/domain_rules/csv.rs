//! Lists of rules as Mastodon exports and imports them: a table whose first line names its columns.
//! An import is taken whole or not at all.

use std::sync::Arc;

use domain::host;
use store::domain_rules::{Rule, Severity};

use super::change::{Change, list, name, set_many};
use crate::csv::{cell, records};
use crate::{App, AppError, Result};

/// The most bytes of a list.
const LARGEST: usize = 10 * 1024 * 1024;
const HEADER: &str = "#domain,#severity,#reject_media,#reject_reports,#public_comment,#obfuscate";

/// What became of an import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Import {
    /// Every line was taken.
    Done {
        /// Rules that are new or other than before.
        changed: usize,
        /// Rules that were there already.
        same: usize,
    },
    /// Nothing was: these lines (counted from 1) are wrong, and why.
    Refused(Vec<(usize, String)>),
}

/// Every rule as a table.
///
/// # Errors
/// [`AppError::Store`].
pub async fn export(app: &App) -> Result<String> {
    let mut text = format!("{HEADER}\n");
    for rule in list(app).await? {
        text.push_str(&line(&rule));
    }
    Ok(text)
}

/// Takes a table. Rules for domains that it does not name stay as they are.
///
/// # Errors
/// [`AppError::Invalid`] for a text that is no such table or too long, [`AppError::Store`].
pub async fn import(app: &Arc<App>, text: &str) -> Result<Import> {
    if text.len() > LARGEST {
        return Err(AppError::invalid("the list is larger than 10 MiB"));
    }
    let (mut wanted, mut wrong): (Vec<Change>, _) = (Vec::new(), Vec::new());
    let mut records = records(text.trim_start_matches('\u{feff}'));
    let columns = match records.first() {
        Some((_, Ok(cells))) if Columns::is_header(cells) => {
            let columns = Columns::named(cells);
            drop(records.remove(0));
            columns
        }
        // A bare list of domains is one as well.
        _ => Columns::bare(),
    };
    for (number, cells) in records {
        match cells.and_then(|cells| change(app, &columns, &cells)) {
            // The last line about a domain counts.
            Ok(new) => {
                wanted.retain(|old| host::normal(&old.domain) != host::normal(&new.domain));
                wanted.push(new);
            }
            Err(why) => wrong.push((number, why)),
        }
    }
    if !wrong.is_empty() {
        return Ok(Import::Refused(wrong));
    }
    let all = wanted.len();
    let before = list(app).await?;
    // What the table does not say stays as it was.
    for change in &mut wanted {
        let domain = host::normal(change.domain.trim()).unwrap_or_default();
        if let Some(old) = before.iter().find(|old| old.domain == domain) {
            change.private_comment.clone_from(&old.private_comment);
        }
    }
    let changed = set_many(app, wanted).await?;
    Ok(Import::Done { changed, same: all - changed })
}

/// Where each column stands.
struct Columns(Vec<String>);

impl Columns {
    fn is_header(cells: &[String]) -> bool {
        cells.first().is_some_and(|cell| matches!(cell.trim(), "#domain" | "domain"))
    }

    fn named(cells: &[String]) -> Self {
        Self(cells.iter().map(|cell| cell.trim().trim_start_matches('#').to_owned()).collect())
    }

    fn bare() -> Self {
        Self(vec!["domain".into()])
    }

    fn get<'c>(&self, cells: &'c [String], column: &str) -> &'c str {
        let at = self.0.iter().position(|name| name == column);
        at.and_then(|at| cells.get(at)).map_or("", |cell| cell.trim())
    }
}

fn change(app: &App, columns: &Columns, cells: &[String]) -> Result<Change, String> {
    let domain = columns.get(cells, "domain").to_owned();
    name(app, &domain).map_err(|error| match error {
        AppError::Invalid(why) => why,
        other => other.to_string(),
    })?;
    let severity = match columns.get(cells, "severity") {
        "" => Severity::Suspend,
        text => Severity::parse(text).ok_or_else(|| format!("{text:?} is no severity"))?,
    };
    let flag = |column: &str| match columns.get(cells, column).to_lowercase().as_str() {
        "true" | "t" | "1" => Ok(true),
        "" | "false" | "f" | "0" => Ok(false),
        other => Err(format!("{column} is {other:?}, not true or false")),
    };
    Ok(Change {
        severity,
        reject_media: flag("reject_media")?,
        reject_reports: flag("reject_reports")?,
        obfuscate: flag("obfuscate")?,
        private_comment: String::new(),
        public_comment: columns.get(cells, "public_comment").to_owned(),
        domain,
    })
}

fn line(rule: &Rule) -> String {
    let cells = [
        cell(&rule.domain),
        rule.severity.name().to_owned(),
        rule.reject_media.to_string(),
        rule.reject_reports.to_string(),
        cell(&rule.public_comment),
        rule.obfuscate.to_string(),
    ];
    format!("{}\n", cells.join(","))
}
