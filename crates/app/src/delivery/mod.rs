//! What goes to other servers: planned once, in the transaction of what happened, and stored one
//! row an inbox; [`Deliverer`] brings it there.
//!
//! Use cases say what happened with the functions of `tell`; they never post anything themselves.

mod lines;
mod parcel;
mod post;
mod receipts;
mod settle;
mod sync;
mod tell;
mod worker;

use activitypub::Activity;
use domain::{AccountId, RowId, StatusId};
use store::deliveries::{self, Targets};
use store::outgoing::{self, LastKey, Outgoing};
use store::{Conn, hosts};

pub use receipts::{Sent, State, receipts, receipts_of_any, retry, retry_any, waiting_hosts};
pub use settle::Counters;
pub(crate) use settle::{scheme_name, scheme_named};
pub(crate) use sync::SYNC_HEADER;
pub use sync::digest as followers_digest;
pub(crate) use tell::*;
pub use worker::{Deliverer, deliver_all, release_held};

use crate::{App, Result};

/// Who signs.
#[derive(Clone, Debug, PartialEq, Eq)]
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
    /// Everybody who answered, boosted, quoted or favourited this, by shared inboxes.
    pub around: Option<StatusId>,
}

/// Queues an activity in the caller's transaction. `status` is what its receipts are shown at.
///
/// # Errors
/// [`crate::AppError::Store`].
pub(crate) async fn send(
    app: &App,
    conn: &mut Conn,
    sender: Sender,
    activity: &Activity,
    to: Recipients,
    status: Option<StatusId>,
) -> Result<()> {
    match plan(app, conn, to).await? {
        Some(plan) => plan.send(app, conn, sender, activity, status).await,
        None => Ok(()),
    }
}

/// Recipients that are there: worth building an activity for.
pub(crate) struct Plan {
    targets: Targets,
    inboxes: i64,
}

/// Looks up who of them has an inbox elsewhere; `None` when nobody has.
///
/// # Errors
/// [`crate::AppError::Store`].
pub(crate) async fn plan(app: &App, conn: &mut Conn, to: Recipients) -> Result<Option<Plan>> {
    plan_except(app, conn, to, String::new()).await
}

async fn plan_except(
    app: &App,
    conn: &mut Conn,
    to: Recipients,
    except_host: String,
) -> Result<Option<Plan>> {
    let nobody = to.personal.is_empty()
        && to.shared.is_empty()
        && to.followers_of.is_none()
        && to.around.is_none();
    if nobody || !app.config.federation.enabled {
        return Ok(None);
    }
    let targets = Targets {
        followers_of: to.followers_of,
        shared: to.shared,
        personal: to.personal,
        around: to.around,
        own_hosts: own_hosts(app),
        except_host,
    };
    let inboxes = deliveries::count(conn, &targets).await?;
    Ok((inboxes > 0).then_some(Plan { targets, inboxes }))
}

impl Plan {
    /// Queues the activity for these recipients.
    ///
    /// # Errors
    /// [`crate::AppError::Store`].
    pub(crate) async fn send(
        self,
        app: &App,
        conn: &mut Conn,
        sender: Sender,
        activity: &Activity,
        status: Option<StatusId>,
    ) -> Result<()> {
        let body = activitypub::build::activity(activity);
        let followers = format!("{}/followers", activity.actor);
        let sync_followers = self.targets.followers_of.is_some()
            && activity.audience.visibility(Some(&followers))
                == domain::status::Visibility::Private;
        let account_id = match sender {
            Sender::Account(account) => Some(account),
            Sender::Instance => None,
        };
        let parcel = Parcel { account_id, status_id: status, last_key: None, body, sync_followers };
        self.queue(app, conn, parcel).await
    }

    async fn queue(self, app: &App, conn: &mut Conn, parcel: Parcel) -> Result<()> {
        let now = app.now();
        let id: RowId = app.ids.next();
        let row = Outgoing {
            id,
            account_id: parcel.account_id,
            status_id: parcel.status_id,
            last_key: parcel.last_key,
            body: parcel.body,
            sync_followers: parcel.sync_followers,
            created_at: now,
        };
        outgoing::insert(conn, &row).await?;
        app.deliveries_queued.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        // On PostgreSQL a follower may appear between counting and planning.
        let before = app.ids.block(self.inboxes + 64) - 1;
        deliveries::plan(conn, &self.targets, id, before, now).await?;
        Ok(())
    }
}

/// What is queued.
struct Parcel {
    account_id: Option<AccountId>,
    status_id: Option<StatusId>,
    last_key: Option<LastKey>,
    body: String,
    sync_followers: bool,
}

/// Sends an activity that came from elsewhere on, unchanged, to the remote followers of a local
/// author whom it answers, except to the host it came from.
///
/// # Errors
/// [`crate::AppError::Store`].
pub async fn forward(
    app: &App,
    conn: &mut Conn,
    raw_body: String,
    of_author: AccountId,
    origin_host: &str,
) -> Result<()> {
    let to = Recipients { followers_of: Some(of_author), ..Recipients::default() };
    let Some(plan) = plan_except(app, conn, to, origin_host.to_owned()).await? else {
        return Ok(());
    };
    let parcel = Parcel {
        account_id: Some(of_author),
        status_id: None,
        last_key: None,
        body: raw_body,
        sync_followers: false,
    };
    plan.queue(app, conn, parcel).await
}

/// Says the last word of a key: signed by it after it, or its account, is gone (decision 0005).
pub(crate) async fn farewell(
    app: &App,
    conn: &mut Conn,
    plan: Plan,
    activity: &Activity,
    key: LastKey,
) -> Result<()> {
    let parcel = Parcel {
        account_id: None,
        status_id: None,
        last_key: Some(key),
        body: activitypub::build::activity(activity),
        sync_followers: false,
    };
    plan.queue(app, conn, parcel).await
}

/// How long bodies and receipts are kept, delivered or not.
const KEPT: i64 = 14 * domain::time::DAY;
/// How long a server that is not needed is remembered, and how many are at most (O08).
const HOSTS: (i64, i64) = (90 * domain::time::DAY, 50_000);

/// Removes what is old. Called by the hourly sweep; what is left over goes with the next one.
///
/// # Errors
/// [`crate::AppError::Store`].
pub(crate) async fn sweep(app: &App, conn: &mut Conn) -> Result<()> {
    let now = app.now();
    outgoing::sweep(conn, now.plus(-KEPT), 5_000).await?;
    hosts::sweep(conn, now.plus(-HOSTS.0), HOSTS.1).await?;
    Ok(())
}

/// The names of this server in addresses: that of handles and that of ids.
fn own_hosts(app: &App) -> [String; 2] {
    let base = activitypub::Uri::parse(&app.urls.base).map(|uri| uri.host()).unwrap_or_default();
    [app.urls.domain.to_lowercase(), base]
}
