//! What goes to other servers: planned once, in the transaction of what happened, and stored one
//! row an inbox.

use activitypub::Activity;
use domain::{AccountId, StatusId};
use store::Conn;

use crate::{App, Result};

/// Who signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sender {
    /// A local account.
    Account(AccountId),
    /// The server itself: reports.
    Instance,
}

/// Who gets an activity. Local accounts among them are left out.
#[derive(Clone, Debug, Default)]
pub(crate) struct Recipients {
    /// Each in its own inbox: Follow, Accept, votes, reports.
    pub personal: Vec<AccountId>,
    /// Each by its server's shared inbox where there is one.
    pub shared: Vec<AccountId>,
    /// All remote followers of this account, by shared inboxes.
    pub followers_of: Option<AccountId>,
}

/// Queues an activity in the caller's transaction. `status` is what its receipts are shown at.
pub(crate) async fn send(
    _app: &App,
    _conn: &mut Conn,
    _sender: Sender,
    _activity: &Activity,
    _to: Recipients,
    _status: Option<StatusId>,
) -> Result<()> {
    Ok(())
}
