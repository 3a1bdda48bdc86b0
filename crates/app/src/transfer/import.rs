//! Bringing a list: the handles wait in a job, which takes a few at a time, because each may have to be
//! asked for at its server. What is there already stays.

use std::sync::Arc;

use domain::AccountId;
use domain::time::SECOND;
use store::{accounts, users};

use super::Transfer;
use crate::access::Me;
use crate::jobs::{Job, enqueue};
use crate::relations::FollowChanges;
use crate::{App, AppError, Result, domain_blocks, relations, remote};

/// Most lines of a file.
const MOST: usize = 5_000;
/// Handles that are taken at once.
const AT_ONCE: usize = 10;
/// Between two handfuls, so that other servers are not asked for very much at once.
const PAUSE: i64 = SECOND;

/// Takes a file in. The answer is how many lines it has.
///
/// # Errors
/// [`AppError::Invalid`] for a file without a usable line or with too many, [`AppError::Conflict`]
/// while an import of the same kind goes on.
pub async fn begin(app: &Arc<App>, me: AccountId, what: Transfer, file: &str) -> Result<usize> {
    let lines = read(what, file)?;
    let count = lines.len();
    let job = Job::Import { account: me, what, rest: lines, total: count };
    let context = app.clone();
    app.write(move |conn| {
        Box::pin(async move {
            if store::transfer::waiting(conn, &job.unique_key().unwrap_or_default()).await? {
                return Err(AppError::Conflict(
                    "An import of this kind goes on already; wait until it is done".into(),
                ));
            }
            enqueue(&context, conn, &job, context.now()).await
        })
    })
    .await?;
    Ok(count)
}

/// How far an import is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Entries that are dealt with.
    pub done: usize,
    /// Entries of the file.
    pub total: usize,
}

/// How far the import of this kind is; `None` when none goes on.
///
/// # Errors
/// [`AppError::Store`].
pub async fn progress(app: &App, me: AccountId, what: Transfer) -> Result<Option<Progress>> {
    let job = Job::Import { account: me, what, rest: Vec::new(), total: 0 };
    let key = job.unique_key().unwrap_or_default();
    let text = app
        .read(move |conn| {
            Box::pin(async move { Ok::<_, AppError>(store::transfer::payload(conn, &key).await?) })
        })
        .await?;
    let Some(Job::Import { rest, total, .. }) =
        text.and_then(|text| serde_json::from_str(&text).ok())
    else {
        return Ok(None);
    };
    let total = total.max(rest.len());
    Ok(Some(Progress { done: total - rest.len(), total }))
}

fn read(what: Transfer, file: &str) -> Result<Vec<String>> {
    let mut lines: Vec<String> = Vec::new();
    for line in file.trim_start_matches('\u{feff}').lines() {
        let first = line.split(',').next().unwrap_or_default();
        let word = first.trim().trim_matches('"').trim_start_matches('@').to_lowercase();
        let is_usable = match what {
            Transfer::DomainBlocks => domain::host::normal(&word).is_some(),
            _ => word.split('@').filter(|part| !part.is_empty()).count() == 2,
        };
        if is_usable && word.len() <= 320 && !lines.contains(&word) {
            lines.push(word);
        }
        if lines.len() > MOST {
            return Err(AppError::invalid(format!("the file has more than {MOST} lines")));
        }
    }
    if lines.is_empty() {
        return Err(AppError::invalid("the file names nobody; each line begins with name@server"));
    }
    Ok(lines)
}

/// Takes the next handful and leaves the rest to a new job.
pub(crate) async fn run(
    app: &Arc<App>,
    account: AccountId,
    what: Transfer,
    rest: &[String],
    total: usize,
) -> Result<()> {
    let Some(me) = find(app, account).await? else { return Ok(()) };
    let (now, later) = rest.split_at(rest.len().min(AT_ONCE));
    for word in now {
        if let Err(error) = take(app, &me, what, word).await {
            // One that is gone or does not answer keeps nobody else out.
            tracing::debug!(%error, "an entry of an import was passed over");
        }
    }
    if later.is_empty() {
        return Ok(());
    }
    let (job, context) = (Job::Import { account, what, rest: later.to_vec(), total }, app.clone());
    app.write(move |conn| {
        Box::pin(async move {
            // This one still stands under the same key.
            job.cancel(conn).await?;
            enqueue(&context, conn, &job, context.now().plus(PAUSE)).await
        })
    })
    .await
}

async fn find(app: &App, account: AccountId) -> Result<Option<Me>> {
    app.read(move |conn| {
        Box::pin(async move {
            let user = users::by_account(conn, account).await?;
            let account = accounts::by_id(conn, account).await?;
            Ok(account.zip(user).map(|(account, user)| Me { account, user }))
        })
    })
    .await
}

async fn take(app: &Arc<App>, me: &Me, what: Transfer, word: &str) -> Result<()> {
    if what == Transfer::DomainBlocks {
        return domain_blocks::block(app, me, word).await;
    }
    let (name, domain) = word.split_once('@').ok_or(AppError::NotFound)?;
    let target = if app.urls.is_here(Some(domain)) {
        crate::accounts::local_by_name(app, name).await?.ok_or(AppError::NotFound)?
    } else {
        remote::by_handle(app, name, domain).await?
    };
    match what {
        Transfer::Following => {
            let known = relations::relationships(app, me.id(), vec![target.id]).await?;
            let is_there = known
                .iter()
                .any(|(_, relation)| relation.following.is_some() || relation.requested.is_some());
            if !is_there {
                relations::follow(app, me, target.id, FollowChanges::default()).await?;
            }
        }
        Transfer::Mutes => drop(relations::mute(app, me, target.id, true, 0).await?),
        Transfer::Blocks => drop(relations::block(app, me, target.id).await?),
        Transfer::DomainBlocks | Transfer::Bookmarks => {}
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn handles_are_read_with_and_without_a_header() {
        let file = "Account address,Show boosts\n@Bob@A.test,true\nbob@a.test,false\n\nnobody\n";
        assert_eq!(read(Transfer::Following, file).unwrap(), ["bob@a.test"]);
        assert_eq!(read(Transfer::DomainBlocks, "#domain\nb.test\n").unwrap(), ["b.test"]);
        assert!(read(Transfer::Mutes, "nothing here").is_err());
        let many: String = (0..=MOST).map(|n| format!("a{n}@b.test\n")).collect();
        assert!(read(Transfer::Blocks, &many).is_err());
    }
}
