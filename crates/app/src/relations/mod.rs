//! What accounts are to each other: follow, block, mute, note, and the lists of who is what.

mod block;
mod follow;
mod lists;
mod mute;
mod note;
mod requests;

use domain::AccountId;
use domain::account::Account;
use store::relations::{self, Relation};
use store::{Conn, accounts};

pub use block::{block, unblock};
pub use follow::{FollowChanges, follow, remove_follower, unfollow};
pub(crate) use follow::{begin, dismiss, end, establish, leave};
pub use lists::{Muted, circle, muted};
pub use mute::{mute, unmute};
pub use note::note;
pub use requests::{authorize, reject};
pub use store::relations::{Circle, FollowOptions, Relation as Relationship};

use crate::{App, AppError, Result};

/// What the viewer is to these accounts, in their order; unknown ones are left out.
///
/// # Errors
/// [`AppError::Store`].
pub async fn relationships(
    app: &App,
    viewer: AccountId,
    others: Vec<AccountId>,
) -> Result<Vec<(AccountId, Relation)>> {
    let now = app.now();
    app.read(move |conn| {
        Box::pin(async move {
            let known = accounts::by_ids(conn, &others).await?;
            let others: Vec<AccountId> = others
                .into_iter()
                .filter(|id| known.iter().any(|account| account.id == *id))
                .collect();
            Ok(relations::relations(conn, viewer, &others, now).await?)
        })
    })
    .await
}

/// How many ask to follow this account.
///
/// # Errors
/// [`AppError::Store`].
pub async fn pending_requests(app: &App, account: AccountId) -> Result<i64> {
    app.read(move |conn| {
        Box::pin(async move { Ok(relations::pending_requests(conn, account).await?) })
    })
    .await
}

/// The account that something is done to.
async fn target(conn: &mut Conn, id: AccountId) -> Result<Account> {
    accounts::by_id(conn, id).await?.ok_or(AppError::NotFound)
}

/// What the viewer is to one account, after something was done.
async fn relation(
    app: &App,
    conn: &mut Conn,
    viewer: AccountId,
    other: AccountId,
) -> Result<Relation> {
    let found = relations::relations(conn, viewer, &[other], app.now()).await?;
    found.into_iter().next().map(|(_, relation)| relation).ok_or(AppError::NotFound)
}
