//! Accounts with what only staff sees, many in a fixed number of queries.

use domain::account::{Account, User};
use domain::{AccountId, Timestamp};
use store::{Conn, accounts, invites, staff_accounts, users};

use crate::{AppError, Result};

/// Most addresses shown of one account.
const MOST_ADDRESSES: usize = 10;

/// An account with what only staff sees of it.
#[derive(Clone, Debug)]
pub struct StaffView {
    /// Its public face.
    pub account: Account,
    /// Its private side, when it is of this server.
    pub user: Option<User>,
    /// Where its owner came from, the latest first.
    pub addresses: Vec<(String, Timestamp)>,
    /// What they wrote when they asked to be let in.
    pub reason: Option<String>,
}

/// The accounts with these ids, in their order; those that are gone are left out.
pub(super) async fn views(conn: &mut Conn, ids: &[AccountId]) -> Result<Vec<StaffView>> {
    let mut found = accounts::by_ids(conn, ids).await?;
    found.sort_by_key(|account| ids.iter().position(|id| *id == account.id));
    let users = users::by_accounts(conn, ids).await?;
    let addresses = staff_accounts::addresses(conn, ids).await?;
    let reasons = invites::reasons(conn, ids).await?;
    let view = |account: Account| StaffView {
        user: users.iter().find(|user| user.account_id == account.id).cloned(),
        addresses: addresses
            .iter()
            .filter(|(id, ..)| *id == account.id)
            .map(|(_, address, at)| (address.clone(), *at))
            .take(MOST_ADDRESSES)
            .collect(),
        reason: reasons
            .iter()
            .find(|(id, reason)| *id == account.id && !reason.is_empty())
            .map(|(_, reason)| reason.clone()),
        account,
    };
    Ok(found.into_iter().map(view).collect())
}

/// One account.
pub(super) async fn view(conn: &mut Conn, id: AccountId) -> Result<StaffView> {
    views(conn, &[id]).await?.into_iter().next().ok_or(AppError::NotFound)
}
