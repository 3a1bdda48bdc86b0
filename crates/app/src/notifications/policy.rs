//! Whose notifications somebody wants, and what was kept back.

use domain::account::Account;
use domain::event::Event;
use domain::notification::{Notification, NotificationKind, Policy, Verdict};
use domain::status::{Status, Visibility};
use domain::time::DAY;
use domain::{AccountId, NotificationId, StatusId};
use store::notification_policy::{self, Request};
use store::statuses::{self, StatusView};
use store::{Conn, Page, accounts, users};

use crate::{App, AppError, Result};

/// Accounts younger than this are new.
const NEW_ACCOUNT: i64 = 30 * DAY;
/// Follows younger than this do not count.
const NEW_FOLLOW: i64 = 3 * DAY;

/// A request with everything it shows.
#[derive(Clone, Debug)]
pub struct RequestView {
    /// What was kept back.
    pub request: Request,
    /// Whose it is.
    pub from: Account,
    /// The newest status of it, while the receiver may see it.
    pub last_status: Option<StatusView>,
}

/// What the receiver's policy says of a notification that is about to be made.
pub(super) async fn judge(
    app: &App,
    conn: &mut Conn,
    new: &Notification,
    status: Option<&Status>,
) -> Result<Verdict> {
    let (to, from) = (new.account_id, new.from_account_id);
    let is_exempt = matches!(
        new.kind,
        NotificationKind::Poll
            | NotificationKind::Update
            | NotificationKind::QuotedUpdate
            | NotificationKind::SignUp
            | NotificationKind::Report
            | NotificationKind::Warning
    );
    if is_exempt || to == from || notification_policy::is_permitted(conn, to, from).await? {
        return Ok(Verdict::Accept);
    }
    let Some(sender) = accounts::by_id(conn, from).await? else { return Ok(Verdict::Drop) };
    let staff = users::by_account(conn, from).await?;
    if staff.is_some_and(|user| user.role > domain::account::Role::Member) {
        return Ok(Verdict::Accept);
    }
    let policy = notification_policy::policy(conn, to).await?;
    let now = app.now();
    let following = notification_policy::followed_since(conn, to, from).await?.is_some();
    let follower = notification_policy::followed_since(conn, from, to)
        .await?
        .is_some_and(|since| now.since(since) >= NEW_FOLLOW);
    let out_of_nowhere = new.kind == NotificationKind::Mention
        && !following
        && status.is_some_and(|status| {
            status.visibility == Visibility::Direct && status.in_reply_to_account != Some(to)
        });
    let verdicts = [
        (!following, policy.not_following),
        (!follower, policy.not_followers),
        (now.since(sender.created_at) < NEW_ACCOUNT, policy.new_accounts),
        (out_of_nowhere, policy.private_mentions),
        (sender.silenced_at.is_some() && !following, policy.limited_accounts),
    ];
    let harshest = verdicts.into_iter().filter(|(applies, _)| *applies).map(|(_, verdict)| verdict);
    Ok(harshest.max().unwrap_or_default())
}

/// Somebody's policy.
///
/// # Errors
/// [`AppError::Store`].
pub async fn policy(app: &App, me: AccountId) -> Result<Policy> {
    app.read(move |conn| Box::pin(async move { Ok(notification_policy::policy(conn, me).await?) }))
        .await
}

/// Writes somebody's policy.
///
/// # Errors
/// [`AppError::Store`].
pub async fn set_policy(app: &App, me: AccountId, policy: Policy) -> Result<()> {
    app.write(move |conn| {
        Box::pin(async move { Ok(notification_policy::set_policy(conn, me, policy).await?) })
    })
    .await
}

/// How many accounts and notifications wait.
///
/// # Errors
/// [`AppError::Store`].
pub async fn summary(app: &App, me: AccountId) -> Result<(i64, i64)> {
    app.read(move |conn| Box::pin(async move { Ok(notification_policy::summary(conn, me).await?) }))
        .await
}

/// A stretch of somebody's requests.
///
/// # Errors
/// [`AppError::Store`].
pub async fn requests(app: &App, me: AccountId, page: Page) -> Result<Vec<RequestView>> {
    app.read(move |conn| {
        Box::pin(async move {
            let rows = notification_policy::requests(conn, me, &page).await?;
            hydrate(conn, rows, me).await
        })
    })
    .await
}

/// One of somebody's requests.
///
/// # Errors
/// [`AppError::NotFound`] when it is absent or somebody else's.
pub async fn request(app: &App, me: AccountId, id: NotificationId) -> Result<RequestView> {
    app.read(move |conn| {
        Box::pin(async move {
            let row = notification_policy::request(conn, me, id).await?;
            let views = hydrate(conn, row.into_iter().collect(), me).await?;
            views.into_iter().next().ok_or(AppError::NotFound)
        })
    })
    .await
}

/// Lets in what was kept back, and what comes from these accounts from now on.
///
/// # Errors
/// [`AppError::NotFound`] when none of them is somebody's request.
pub async fn accept(app: &App, me: AccountId, ids: Vec<NotificationId>) -> Result<()> {
    app.write(move |conn| {
        Box::pin(async move {
            let from = senders(conn, me, &ids).await?;
            for account in &from {
                notification_policy::permit(conn, me, *account).await?;
            }
            Ok::<_, AppError>(notification_policy::release(conn, me, &from).await?)
        })
    })
    .await?;
    app.publish(vec![Event::NotificationsMerged { account: me }]).await;
    Ok(())
}

/// Removes what was kept back.
///
/// # Errors
/// [`AppError::NotFound`] when none of them is somebody's request.
pub async fn drop_requests(app: &App, me: AccountId, ids: Vec<NotificationId>) -> Result<()> {
    app.write(move |conn| {
        Box::pin(async move {
            let from = senders(conn, me, &ids).await?;
            Ok::<_, AppError>(notification_policy::drop_kept(conn, me, &from).await?)
        })
    })
    .await
}

async fn senders(conn: &mut Conn, me: AccountId, ids: &[NotificationId]) -> Result<Vec<AccountId>> {
    let from = notification_policy::senders(conn, me, ids).await?;
    if from.is_empty() && !ids.is_empty() { Err(AppError::NotFound) } else { Ok(from) }
}

async fn hydrate(conn: &mut Conn, rows: Vec<Request>, me: AccountId) -> Result<Vec<RequestView>> {
    let people: Vec<AccountId> = rows.iter().map(|row| row.from).collect();
    let known = accounts::by_ids(conn, &people).await?;
    let about: Vec<StatusId> = rows.iter().filter_map(|row| row.last_status).collect();
    let visible = statuses::visible_of(conn, &about, Some(me)).await?;
    let views = statuses::hydrate(conn, &visible, Some(me)).await?;
    Ok(rows
        .into_iter()
        .filter_map(|request| {
            let from = known.iter().find(|account| account.id == request.from)?.clone();
            let last_status =
                views.iter().find(|view| Some(view.status.id) == request.last_status).cloned();
            Some(RequestView { request, from, last_status })
        })
        .collect())
}
