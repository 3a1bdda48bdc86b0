//! Notifications in groups: favourites and boosts of one status, and follows, are one entry.

use std::collections::{HashMap, HashSet};

use domain::account::Account;
use domain::notification::{Notification, NotificationKind};
use domain::{AccountId, NotificationId, StatusId};
use store::notifications::{self, Filter, Group};
use store::statuses::{self, StatusView};
use store::{Conn, Listed, Page, accounts};

use super::list::{About, abouts};
use crate::{App, AppError, Result};

/// A page of groups, with what they refer to.
#[derive(Clone, Debug, Default)]
pub struct Groups {
    /// The groups, newest first.
    pub groups: Vec<GroupView>,
    /// Every account that a group shows.
    pub accounts: Vec<Account>,
    /// Every status that a group is about.
    pub statuses: Vec<StatusView>,
}

/// A group of notifications.
#[derive(Clone, Debug)]
pub struct GroupView {
    /// Key and place on the page.
    pub group: Group,
    /// Its newest member.
    pub newest: Notification,
    /// How many members it has.
    pub count: i64,
    /// Who did it lately, at most eight.
    pub senders: Vec<AccountId>,
    /// The report or the warning it is about.
    pub about: Option<About>,
}

/// A stretch of somebody's notifications in groups; kinds not in `grouped` stand alone.
///
/// # Errors
/// [`AppError::Store`].
pub async fn groups(
    app: &App,
    me: AccountId,
    filter: Filter,
    grouped: Vec<NotificationKind>,
    page: Page,
) -> Result<Groups> {
    app.read(move |conn| {
        Box::pin(async move {
            let found = notifications::groups(conn, me, &filter, &grouped, &page).await?;
            hydrate(conn, found, me, filter.include_filtered).await
        })
    })
    .await
}

/// One group.
///
/// # Errors
/// [`AppError::NotFound`] when nobody's or empty.
pub async fn group(app: &App, me: AccountId, key: String) -> Result<Groups> {
    app.read(move |conn| {
        Box::pin(async move {
            let found = match alone(&key) {
                Some(id) => vec![Group { key, newest: id, oldest: id }],
                None => {
                    let senders =
                        notifications::senders(conn, me, &key, &Page::newest(i64::MAX)).await?;
                    let (Some(newest), Some(oldest)) = (senders.first(), senders.last()) else {
                        return Err(AppError::NotFound);
                    };
                    let (newest, oldest) =
                        (NotificationId(newest.cursor), NotificationId(oldest.cursor));
                    vec![Group { key, newest, oldest }]
                }
            };
            let groups = hydrate(conn, found, me, true).await?;
            if groups.groups.is_empty() { Err(AppError::NotFound) } else { Ok(groups) }
        })
    })
    .await
}

/// The accounts behind a group, newest notification first.
///
/// # Errors
/// [`AppError::Store`].
pub async fn senders(
    app: &App,
    me: AccountId,
    key: String,
    page: Page,
) -> Result<Vec<Listed<Account>>> {
    app.read(move |conn| {
        Box::pin(async move {
            let listed = match alone(&key) {
                Some(id) => notifications::by_ids(conn, me, &[id])
                    .await?
                    .into_iter()
                    .map(|row| Listed { cursor: row.id.0, item: row.from_account_id })
                    .collect(),
                None => notifications::senders(conn, me, &key, &page).await?,
            };
            let ids: Vec<AccountId> = listed.iter().map(|entry| entry.item).collect();
            let known = accounts::by_ids(conn, &ids).await?;
            Ok(listed
                .into_iter()
                .filter_map(|entry| {
                    let item = known.iter().find(|account| account.id == entry.item)?.clone();
                    Some(Listed { cursor: entry.cursor, item })
                })
                .collect())
        })
    })
    .await
}

/// How many groups hold something newer than the marker, looking at the newest `most`.
///
/// # Errors
/// [`AppError::Store`].
pub async fn unread_groups(
    app: &App,
    me: AccountId,
    filter: Filter,
    grouped: Vec<NotificationKind>,
    most: i64,
) -> Result<i64> {
    app.read(move |conn| {
        Box::pin(async move {
            Ok(notifications::unread_groups(conn, me, &filter, &grouped, most).await?)
        })
    })
    .await
}

/// The only member of a group that stands alone.
fn alone(key: &str) -> Option<NotificationId> {
    key.strip_prefix("ungrouped-")?.parse().ok().map(NotificationId)
}

async fn hydrate(
    conn: &mut Conn,
    found: Vec<Group>,
    me: AccountId,
    include_filtered: bool,
) -> Result<Groups> {
    let keys: Vec<String> = found
        .iter()
        .filter(|group| alone(&group.key).is_none())
        .map(|group| group.key.clone())
        .collect();
    let newest: Vec<NotificationId> = found.iter().map(|group| group.newest).collect();
    let newest: HashMap<NotificationId, Notification> = notifications::by_ids(conn, me, &newest)
        .await?
        .into_iter()
        .map(|row| (row.id, row))
        .collect();
    let (members, sizes) = notifications::members(conn, me, &keys, include_filtered).await?;
    let sizes: HashMap<String, i64> = sizes.into_iter().collect();
    let about: HashSet<StatusId> = newest.values().filter_map(|row| row.status_id).collect();
    let about: Vec<StatusId> = about.into_iter().collect();
    let visible = statuses::visible_of(conn, &about, Some(me)).await?;
    let rows: Vec<Notification> = newest.values().cloned().collect();
    let mut abouts = abouts(conn, &rows).await?;
    let mut groups = Vec::with_capacity(found.len());
    for group in found {
        let Some(first) = newest.get(&group.newest) else { continue };
        if first.status_id.is_some_and(|id| !visible.contains(&id)) {
            continue;
        }
        let of_group = members.iter().filter(|row| row.group_key == group.key);
        let mut senders: Vec<AccountId> = of_group.map(|row| row.from_account_id).collect();
        if senders.is_empty() {
            senders.push(first.from_account_id);
        }
        let count = sizes.get(&group.key).copied().unwrap_or(1);
        let about = abouts.remove(&first.id);
        groups.push(GroupView { newest: first.clone(), count, senders, about, group });
    }
    let people: HashSet<AccountId> =
        groups.iter().flat_map(|group| group.senders.iter().copied()).collect();
    let people: Vec<AccountId> = people.into_iter().collect();
    Ok(Groups {
        accounts: accounts::by_ids(conn, &people).await?,
        statuses: statuses::hydrate(conn, &visible, Some(me)).await?,
        groups,
    })
}
