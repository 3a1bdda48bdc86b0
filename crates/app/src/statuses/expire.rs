//! Posts that go by themselves: one with a time of its own, and old ones of somebody who wants that.

use std::sync::Arc;

use domain::id::first_id_at;
use domain::time::DAY;
use domain::{AccountId, StatusId};
use store::post_expiry::{self, Rule};
use store::{accounts, statuses, users};

use crate::access::Me;
use crate::uploads::Release;
use crate::{App, AppError, Result};

/// Shortest and longest time of a rule, in days.
const DAYS: std::ops::RangeInclusive<i64> = 7..=3_650;
/// Rules read at a time.
const RULES: i64 = 100;
/// Posts of one account that go in an hour, so that its followers' servers are not stormed.
const AT_ONCE: i64 = 25;
/// Posts that go in one run.
const MOST: usize = 500;

/// Says what becomes of somebody's old posts.
///
/// # Errors
/// [`AppError::Invalid`] for too few or too many days, [`AppError::NotFound`] for an account of another
/// server.
pub async fn set_expiry(app: &App, rule: Rule) -> Result<()> {
    if !DAYS.contains(&rule.days) {
        let (least, most) = (DAYS.start(), DAYS.end());
        return Err(AppError::invalid(format!("Days must be between {least} and {most}")));
    }
    app.write(move |conn| {
        Box::pin(async move {
            users::by_account(conn, rule.account_id).await?.ok_or(AppError::NotFound)?;
            Ok(post_expiry::put(conn, &rule).await?)
        })
    })
    .await
}

/// Somebody's rule.
///
/// # Errors
/// [`AppError::Store`].
pub async fn expiry(app: &App, account: AccountId) -> Result<Option<Rule>> {
    app.read(move |conn| Box::pin(async move { Ok(post_expiry::of(conn, account).await?) })).await
}

/// Takes somebody's rule back: their posts stay.
///
/// # Errors
/// [`AppError::Store`].
pub async fn end_expiry(app: &App, account: AccountId) -> Result<bool> {
    app.write(move |conn| Box::pin(async move { Ok(post_expiry::remove(conn, account).await?) }))
        .await
}

/// Deletes old posts by the rules, some of each account. The answer is how many.
///
/// # Errors
/// [`AppError`] when the database fails.
pub(crate) async fn run_rules(app: &Arc<App>) -> Result<usize> {
    let (mut after, mut gone) = (AccountId(0), 0);
    loop {
        let rules = app
            .read(move |conn| {
                Box::pin(
                    async move { Ok::<_, AppError>(post_expiry::after(conn, after, RULES).await?) },
                )
            })
            .await?;
        let Some(last) = rules.last() else { return Ok(gone) };
        after = last.account_id;
        for rule in rules {
            gone += run_rule(app, rule).await?;
            if gone >= MOST {
                return Ok(gone);
            }
        }
    }
}

async fn run_rule(app: &Arc<App>, rule: Rule) -> Result<usize> {
    let below = StatusId(first_id_at(app.now().plus(-rule.days * DAY)));
    let due = app
        .read(move |conn| {
            Box::pin(async move {
                Ok::<_, AppError>(post_expiry::due(conn, &rule, below, AT_ONCE).await?)
            })
        })
        .await?;
    for id in &due {
        run(app, *id).await?;
    }
    Ok(due.len())
}

/// Deletes a post as its author would. One that is gone, or whose author is, is as good as deleted.
///
/// # Errors
/// [`AppError`] when the database fails.
pub(crate) async fn run(app: &Arc<App>, id: StatusId) -> Result<()> {
    let me = app
        .read(move |conn| {
            Box::pin(async move {
                let Some(status) = statuses::by_id(conn, id).await? else { return Ok(None) };
                let account = accounts::by_id(conn, status.account_id).await?;
                let user = users::by_account(conn, status.account_id).await?;
                Ok::<_, AppError>(account.zip(user).map(|(account, user)| Me { account, user }))
            })
        })
        .await?;
    let Some(me) = me else { return Ok(()) };
    match super::delete(app, &me, id, Release::ForGood).await {
        Ok(_) | Err(AppError::NotFound) => Ok(()),
        Err(error) => Err(error),
    }
}
