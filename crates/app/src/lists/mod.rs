//! Lists of followed accounts, their members, and their timelines.

mod members;

use std::sync::Arc;

use domain::list::{List, RepliesPolicy};
use domain::{AccountId, ListId};
use store::statuses::StatusView;
use store::{Conn, Page, home_feed, lists, statuses};

pub use members::{add, all_members, members, remove};

use crate::{App, AppError, Result};

/// Most lists of an account.
const MOST: i64 = 50;
/// Longest title, in characters.
const LONGEST_TITLE: usize = 256;

/// What a client sends of a list; what is `None` stays as it is.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// Its name.
    pub title: Option<String>,
    /// Name of the policy.
    pub replies_policy: Option<String>,
    /// Its members stay out of the home feed.
    pub exclusive: Option<bool>,
}

/// All lists of an account, oldest first.
///
/// # Errors
/// [`AppError::Store`].
pub async fn all(app: &App, owner: AccountId) -> Result<Vec<List>> {
    app.read(move |conn| Box::pin(async move { Ok(lists::all(conn, owner).await?) })).await
}

/// The lists of `owner` that `member` is in.
///
/// # Errors
/// [`AppError::NotFound`] when there is no such account.
pub async fn with_member(app: &App, owner: AccountId, member: AccountId) -> Result<Vec<List>> {
    app.read(move |conn| {
        Box::pin(async move {
            store::accounts::by_id(conn, member).await?.ok_or(AppError::NotFound)?;
            Ok(lists::with_member(conn, owner, member).await?)
        })
    })
    .await
}

/// A list of this account.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn show(app: &App, owner: AccountId, id: ListId) -> Result<List> {
    app.read(move |conn| Box::pin(async move { own(conn, owner, id).await })).await
}

async fn own(conn: &mut Conn, owner: AccountId, id: ListId) -> Result<List> {
    lists::own(conn, owner, id).await?.ok_or(AppError::NotFound)
}

/// Makes a list.
///
/// # Errors
/// [`AppError::Invalid`].
pub async fn create(app: &App, owner: AccountId, changes: Changes) -> Result<List> {
    let mut list = List {
        id: app.ids.next(),
        account_id: owner,
        title: String::new(),
        replies_policy: RepliesPolicy::List,
        exclusive: false,
    };
    apply(&mut list, changes)?;
    app.write(move |conn| {
        Box::pin(async move {
            if lists::count(conn, owner).await? >= MOST {
                return Err(AppError::invalid("You have reached the maximum number of lists"));
            }
            lists::insert(conn, &list).await?;
            Ok(list)
        })
    })
    .await
}

/// Changes a list.
///
/// # Errors
/// [`AppError::Invalid`], [`AppError::NotFound`].
pub async fn change(
    app: &Arc<App>,
    owner: AccountId,
    id: ListId,
    changes: Changes,
) -> Result<List> {
    app.write(move |conn| {
        Box::pin(async move {
            let mut list = own(conn, owner, id).await?;
            let was_exclusive = list.exclusive;
            apply(&mut list, changes)?;
            lists::update(conn, &list).await?;
            if list.exclusive != was_exclusive {
                // Who is in an exclusive list stays out of home: the feed is made anew when read.
                home_feed::forget(conn, owner).await?;
            }
            Ok(list)
        })
    })
    .await
}

/// Removes a list.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn delete(app: &App, owner: AccountId, id: ListId) -> Result<()> {
    app.write(move |conn| {
        Box::pin(async move {
            let list = own(conn, owner, id).await?;
            lists::delete(conn, owner, id).await?;
            if list.exclusive {
                home_feed::forget(conn, owner).await?;
            }
            Ok(())
        })
    })
    .await
}

/// The timeline of a list.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn timeline(
    app: &App,
    owner: AccountId,
    id: ListId,
    page: Page,
) -> Result<Vec<StatusView>> {
    let now = app.now();
    app.read(move |conn| {
        Box::pin(async move {
            own(conn, owner, id).await?;
            let ids = statuses::list(conn, id, owner, &page, now).await?;
            Ok(statuses::hydrate(conn, &ids, Some(owner)).await?)
        })
    })
    .await
}

fn apply(list: &mut List, changes: Changes) -> Result<()> {
    if let Some(title) = changes.title {
        title.trim().clone_into(&mut list.title);
    }
    if list.title.is_empty() {
        return Err(AppError::invalid("Title can't be blank"));
    }
    if list.title.chars().count() > LONGEST_TITLE {
        return Err(AppError::invalid(format!(
            "Title is too long (maximum is {LONGEST_TITLE} characters)"
        )));
    }
    if let Some(name) = changes.replies_policy {
        list.replies_policy = RepliesPolicy::parse(&name)
            .ok_or_else(|| AppError::invalid("Replies policy is not included in the list"))?;
    }
    list.exclusive = changes.exclusive.unwrap_or(list.exclusive);
    Ok(())
}
