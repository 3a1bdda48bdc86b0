//! Notifications one by one, with everything they show.

use std::collections::HashMap;

use domain::account::Account;
use domain::notification::{Notification, NotificationKind};
use domain::{AccountId, NotificationId, StatusId};
use store::notifications::{self, Filter};
use store::statuses::{self, StatusView};
use store::warnings::{self, Warning};
use store::{Conn, Page, accounts};

use crate::reports::{self, ReportView};
use crate::{App, Result};

/// A notification with everything it shows.
#[derive(Clone, Debug)]
pub struct NotificationView {
    /// Its row.
    pub notification: Notification,
    /// Who did it.
    pub from: Account,
    /// What it is about.
    pub status: Option<StatusView>,
    /// The report or the warning it is about.
    pub about: Option<About>,
}

/// What a notification of or to staff is about.
#[derive(Clone, Debug)]
pub enum About {
    /// A report.
    Report(Box<ReportView>),
    /// A warning, with whom it is for.
    Warning(Box<(Warning, Account)>),
}

/// The reports and warnings that these notifications are about, in a fixed number of queries.
pub(super) async fn abouts(
    conn: &mut Conn,
    rows: &[Notification],
) -> Result<HashMap<NotificationId, About>> {
    let of = |kind: NotificationKind| -> Vec<(NotificationId, i64)> {
        let those = rows.iter().filter(|row| row.kind == kind);
        those.filter_map(|row| Some((row.id, row.report_id?))).collect()
    };
    let (reported, warned) = (of(NotificationKind::Report), of(NotificationKind::Warning));
    let ids = |pairs: &[(NotificationId, i64)]| pairs.iter().map(|(_, id)| *id).collect::<Vec<_>>();
    let reports = reports::views(conn, &ids(&reported)).await?;
    let warnings = warnings::by_ids(conn, &ids(&warned)).await?;
    let targets: Vec<AccountId> = warnings.iter().map(|warning| warning.target_id).collect();
    let targets = accounts::by_ids(conn, &targets).await?;
    let mut found = HashMap::new();
    for (notification, id) in reported {
        if let Some(view) = reports.iter().find(|view| view.report.id == id) {
            found.insert(notification, About::Report(Box::new(view.clone())));
        }
    }
    for (notification, id) in warned {
        let warning = warnings.iter().find(|warning| warning.id == id);
        let Some(warning) = warning else { continue };
        if let Some(target) = targets.iter().find(|account| account.id == warning.target_id) {
            let about = About::Warning(Box::new((warning.clone(), target.clone())));
            found.insert(notification, about);
        }
    }
    Ok(found)
}

/// A stretch of somebody's notifications.
///
/// # Errors
/// [`crate::AppError::Store`].
pub async fn list(
    app: &App,
    me: AccountId,
    filter: Filter,
    page: Page,
) -> Result<Vec<NotificationView>> {
    app.read(move |conn| {
        Box::pin(async move {
            let rows = notifications::list(conn, me, &filter, &page).await?;
            hydrate(conn, rows, me).await
        })
    })
    .await
}

/// One of somebody's notifications, kept back or not.
///
/// # Errors
/// [`crate::AppError::Store`].
pub async fn find(
    app: &App,
    me: AccountId,
    id: NotificationId,
) -> Result<Option<NotificationView>> {
    app.read(move |conn| {
        Box::pin(async move {
            let row = notifications::own(conn, me, id).await?;
            Ok(hydrate(conn, row.into_iter().collect(), me).await?.into_iter().next())
        })
    })
    .await
}

/// Removes all of somebody's notifications.
///
/// # Errors
/// [`crate::AppError::Store`].
pub async fn clear(app: &App, me: AccountId) -> Result<()> {
    app.write(move |conn| Box::pin(async move { Ok(notifications::clear(conn, me).await?) })).await
}

/// Removes one of somebody's notifications, or a group of them.
///
/// # Errors
/// [`crate::AppError::Store`].
pub async fn dismiss(app: &App, me: AccountId, key: String) -> Result<()> {
    let alone = key.strip_prefix("ungrouped-").unwrap_or(&key).parse().ok();
    app.write(move |conn| {
        Box::pin(async move {
            match alone {
                Some(id) => notifications::dismiss(conn, me, &[NotificationId(id)]).await?,
                None => notifications::dismiss_group(conn, me, &key).await?,
            }
            Ok(())
        })
    })
    .await
}

/// How many notifications are newer than the marker, counted to `most`.
///
/// # Errors
/// [`crate::AppError::Store`].
pub async fn unread(app: &App, me: AccountId, filter: Filter, most: i64) -> Result<i64> {
    app.read(move |conn| {
        Box::pin(async move { Ok(notifications::unread(conn, me, &filter, most).await?) })
    })
    .await
}

/// Adds what notifications show, in a fixed number of queries. One about a status that its receiver
/// may no longer see is left out.
pub(super) async fn hydrate(
    conn: &mut Conn,
    rows: Vec<Notification>,
    me: AccountId,
) -> Result<Vec<NotificationView>> {
    let mut senders: Vec<AccountId> = rows.iter().map(|row| row.from_account_id).collect();
    senders.sort_unstable();
    senders.dedup();
    let senders: HashMap<AccountId, Account> = accounts::by_ids(conn, &senders)
        .await?
        .into_iter()
        .map(|account| (account.id, account))
        .collect();
    let mut about: Vec<StatusId> = rows.iter().filter_map(|row| row.status_id).collect();
    about.sort_unstable();
    about.dedup();
    let visible = statuses::visible_of(conn, &about, Some(me)).await?;
    let views: HashMap<StatusId, StatusView> = statuses::hydrate(conn, &visible, Some(me))
        .await?
        .into_iter()
        .map(|view| (view.status.id, view))
        .collect();
    let mut abouts = abouts(conn, &rows).await?;
    Ok(rows
        .into_iter()
        .filter_map(|notification| {
            let about = abouts.remove(&notification.id);
            let status = match notification.status_id {
                Some(id) => Some(views.get(&id)?.clone()),
                None => None,
            };
            let from = senders.get(&notification.from_account_id)?.clone();
            Some(NotificationView { notification, from, status, about })
        })
        .collect())
}
