//! Filters: what somebody does not want to see, or only behind a warning. Matching is done where
//! statuses are loaded; here filters are made and changed.

mod entries;
mod write;

use domain::event::Event;
use domain::filter::Filter;
use domain::{AccountId, FilterId, RowId};
use store::{Conn, filters};

pub use entries::{
    add_keyword, add_status, change_keyword, keyword, remove_keyword, remove_status, status_entry,
};
pub use write::{
    Changes, KeywordChange, change, change_single, create, create_single, delete, delete_single,
};

use crate::{App, AppError, Result};

/// Most filters of an account.
const MOST_FILTERS: i64 = 200;
/// Most keywords of an account, over all filters: each status shown is searched for all of them.
const MOST_KEYWORDS: i64 = 1000;
/// Longest title, in characters.
const LONGEST_TITLE: usize = 256;
/// Longest keyword, in characters.
const LONGEST_KEYWORD: usize = 512;

/// All filters of an account, oldest first.
///
/// # Errors
/// [`AppError::Store`].
pub async fn all(app: &App, owner: AccountId) -> Result<Vec<Filter>> {
    app.read(move |conn| Box::pin(async move { Ok(filters::all(conn, owner).await?) })).await
}

/// A filter of this account.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn show(app: &App, owner: AccountId, id: FilterId) -> Result<Filter> {
    app.read(move |conn| Box::pin(async move { own(conn, owner, id).await })).await
}

/// The filter of this account that has this keyword.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn of_keyword(app: &App, owner: AccountId, keyword: RowId) -> Result<Filter> {
    app.read(move |conn| {
        Box::pin(async move {
            filters::of_keyword(conn, owner, keyword).await?.ok_or(AppError::NotFound)
        })
    })
    .await
}

async fn own(conn: &mut Conn, owner: AccountId, id: FilterId) -> Result<Filter> {
    filters::own(conn, owner, id).await?.ok_or(AppError::NotFound)
}

async fn changed(app: &App, owner: AccountId) {
    app.publish(vec![Event::FiltersChanged { account: owner }]).await;
}

fn check_keyword(keyword: &str) -> Result<String> {
    let keyword = keyword.trim();
    if keyword.is_empty() {
        return Err(AppError::invalid("Keyword can't be blank"));
    }
    if keyword.chars().count() > LONGEST_KEYWORD {
        return Err(AppError::invalid(format!(
            "Keyword is too long (maximum is {LONGEST_KEYWORD} characters)"
        )));
    }
    Ok(keyword.to_owned())
}

/// Refuses another filter, or more keywords, when there are too many.
async fn check_room(conn: &mut Conn, owner: AccountId, filters: i64, keywords: i64) -> Result<()> {
    let (has_filters, has_keywords) = filters::counts(conn, owner).await?;
    if has_filters + filters > MOST_FILTERS || has_keywords + keywords > MOST_KEYWORDS {
        return Err(AppError::invalid("You have reached the maximum number of filters"));
    }
    Ok(())
}
