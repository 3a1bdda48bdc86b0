//! The house rules: those of the settings file until somebody writes them on the pages of the server.
//! The first change brings those of the file along, with the numbers they had, so that reports that
//! name them stay right; from then on the file's are not looked at.

mod change;

use domain::RowId;
use store::house_rules::{self as rows, HouseRule};

use crate::{App, Result};

pub use change::{Change, Way, change};

/// A house rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its id; reports name it.
    pub id: RowId,
    /// The rule.
    pub text: String,
    /// More words on it; may be empty.
    pub hint: String,
    /// It was removed; only old reports name it.
    pub is_removed: bool,
}

/// The rules as they are now, in order.
///
/// # Errors
/// [`crate::AppError::Store`].
pub async fn current(app: &App) -> Result<Vec<Rule>> {
    let mut all = ever(app).await?;
    all.retain(|rule| !rule.is_removed);
    Ok(all)
}

/// All rules that a report may name, in order.
///
/// # Errors
/// [`crate::AppError::Store`].
pub async fn ever(app: &App) -> Result<Vec<Rule>> {
    let written = app.read(|conn| Box::pin(rows::all(conn))).await?;
    let written = if written.is_empty() { configured(app) } else { written };
    Ok(written.into_iter().map(shown).collect())
}

/// Whether all of these are ids of rules as they are now.
pub(crate) async fn are_rules(app: &App, ids: &[String]) -> Result<bool> {
    if ids.is_empty() {
        return Ok(true);
    }
    let rules = current(app).await?;
    let is_rule = |id: &String| rules.iter().any(|rule| rule.id.to_string() == *id);
    Ok(ids.iter().all(is_rule))
}

fn shown(row: HouseRule) -> Rule {
    Rule { id: row.id, text: row.text, hint: row.hint, is_removed: row.removed_at.is_some() }
}

/// Those of the settings file; their ids are their places.
fn configured(app: &App) -> Vec<HouseRule> {
    let rule = |(place, text): (i64, &String)| HouseRule {
        id: RowId(place),
        place,
        text: text.clone(),
        hint: String::new(),
        removed_at: None,
    };
    (1..).zip(&app.config.instance.rules).map(rule).collect()
}
