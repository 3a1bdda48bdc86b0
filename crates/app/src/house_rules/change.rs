//! Writing house rules.

use std::sync::Arc;

use domain::RowId;
use domain::permission::Permission;
use store::Conn;
use store::house_rules::{self as rows, HouseRule};

use super::configured;
use crate::access::Me;
use crate::dashboard::allow;
use crate::{App, AppError, Result};

/// Longest rule, in characters.
const LONGEST: usize = 300;
/// Longest explanation.
const LONGEST_HINT: usize = 1_000;
/// Most rules.
const MOST: usize = 50;
/// Most rows, with those that were removed.
const MOST_EVER: usize = 900;

/// Towards which end a rule goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Before the one before it.
    Up,
    /// Behind the one after it.
    Down,
}

/// What is to become of the rules.
#[derive(Clone, Debug)]
pub enum Change {
    /// A new one at the end.
    Add {
        /// The rule.
        text: String,
        /// More words on it.
        hint: String,
    },
    /// Other words.
    Write {
        /// Which.
        id: RowId,
        /// The rule.
        text: String,
        /// More words on it.
        hint: String,
    },
    /// Another place.
    Move {
        /// Which.
        id: RowId,
        /// Where to.
        way: Way,
    },
    /// It is no rule any more.
    Remove {
        /// Which.
        id: RowId,
    },
}

/// Changes the rules.
///
/// # Errors
/// [`AppError::Forbidden`], [`AppError::NotFound`], [`AppError::Invalid`] for an empty or overlong text
/// and for too many.
pub async fn change(app: &Arc<App>, me: &Me, change: Change) -> Result<()> {
    allow(me, Permission::ManageRules)?;
    if let Change::Add { text, hint } | Change::Write { text, hint, .. } = &change {
        check(text, hint)?;
    }
    let context = app.clone();
    app.write(move |conn| Box::pin(async move { perform(&context, conn, change).await })).await
}

fn check(text: &str, hint: &str) -> Result<()> {
    if text.trim().is_empty() {
        return Err(AppError::invalid("Write the rule first"));
    }
    if text.trim().chars().count() > LONGEST {
        return Err(AppError::invalid(format!(
            "The rule is longer than {LONGEST} characters; put the rest into the explanation"
        )));
    }
    if hint.trim().chars().count() > LONGEST_HINT {
        return Err(AppError::invalid(format!(
            "The explanation is longer than {LONGEST_HINT} characters"
        )));
    }
    Ok(())
}

async fn perform(app: &App, conn: &mut Conn, change: Change) -> Result<()> {
    let mut all = rows::all(conn).await?;
    if all.is_empty() {
        all = configured(app);
        for rule in &all {
            rows::insert(conn, rule).await?;
        }
    }
    let now: Vec<&HouseRule> = all.iter().filter(|rule| rule.removed_at.is_none()).collect();
    let is_there = |found: bool| if found { Ok(()) } else { Err(AppError::NotFound) };
    match change {
        Change::Add { text, hint } => {
            if now.len() >= MOST || all.len() >= MOST_EVER {
                return Err(AppError::invalid(format!("There are {MOST} rules at most")));
            }
            let rule = HouseRule {
                id: app.ids.next(),
                place: all.iter().map(|rule| rule.place).max().unwrap_or(0).saturating_add(1),
                text: text.trim().to_owned(),
                hint: hint.trim().to_owned(),
                removed_at: None,
            };
            Ok(rows::insert(conn, &rule).await?)
        }
        Change::Write { id, text, hint } => {
            is_there(rows::write(conn, id, text.trim(), hint.trim()).await?)
        }
        Change::Remove { id } => is_there(rows::remove(conn, id, app.now()).await?),
        Change::Move { id, way } => {
            let at = now.iter().position(|rule| rule.id == id).ok_or(AppError::NotFound)?;
            let neighbour = match way {
                Way::Up => at.checked_sub(1),
                Way::Down => at.checked_add(1),
            };
            let Some(other) = neighbour.and_then(|place| now.get(place)) else { return Ok(()) };
            let Some(rule) = now.get(at) else { return Ok(()) };
            rows::move_to(conn, rule.id, other.place).await?;
            Ok(rows::move_to(conn, other.id, rule.place).await?)
        }
    }
}
