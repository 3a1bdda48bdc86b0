//! Filters with their keywords and statuses. Every function that takes an id takes the owner too
//! (V05).

use std::collections::HashMap;

use domain::filter::{Filter, FilterAction, FilterContext, FilterKeyword, FilterStatus};
use domain::{AccountId, FilterId, RowId, StatusId};

use crate::engine::{Conn, FromRow, Result, Row};
use crate::{args, statements};

statements! {
    OF_ACCOUNT = "SELECT id, account_id, title, contexts, action, expires_at FROM filters WHERE account_id = ?1 ORDER BY id";
    OWN = "SELECT id, account_id, title, contexts, action, expires_at FROM filters WHERE account_id = ?1 AND id = ?2";
    KEYWORDS = "SELECT k.filter_id, k.id, k.keyword, k.whole_word FROM filter_keywords k JOIN filters f ON f.id = k.filter_id \
        WHERE f.account_id = ?1 AND (CAST(?2 AS BIGINT) = 0 OR f.id = ?2) ORDER BY k.id";
    STATUSES = "SELECT s.filter_id, s.id, s.status_id FROM filter_statuses s JOIN filters f ON f.id = s.filter_id \
        WHERE f.account_id = ?1 AND (CAST(?2 AS BIGINT) = 0 OR f.id = ?2) ORDER BY s.id";
    STATUSES_AMONG = "SELECT s.filter_id, s.id, s.status_id FROM filter_statuses s JOIN filters f ON f.id = s.filter_id \
        WHERE f.account_id = ?1 AND s.status_id IN_LIST(?2) ORDER BY s.id";
    COUNT = "SELECT COUNT(*), (SELECT COUNT(*) FROM filter_keywords k JOIN filters g ON g.id = k.filter_id WHERE g.account_id = ?1) \
        FROM filters WHERE account_id = ?1";
    INSERT = "INSERT INTO filters (id, account_id, title, contexts, action, expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    UPDATE = "UPDATE filters SET title = ?3, contexts = ?4, action = ?5, expires_at = ?6 WHERE account_id = ?1 AND id = ?2";
    DELETE = "DELETE FROM filters WHERE account_id = ?1 AND id = ?2";
    INSERT_KEYWORD = "INSERT INTO filter_keywords (id, filter_id, keyword, whole_word) VALUES (?1, ?2, ?3, ?4)";
    OF_KEYWORD = "SELECT f.id FROM filter_keywords k JOIN filters f ON f.id = k.filter_id WHERE f.account_id = ?1 AND k.id = ?2";
    UPDATE_KEYWORD = "UPDATE filter_keywords SET keyword = ?3, whole_word = ?4 WHERE filter_id = ?1 AND id = ?2";
    DELETE_KEYWORD = "DELETE FROM filter_keywords WHERE filter_id = ?1 AND id = ?2";
    INSERT_STATUS = "INSERT INTO filter_statuses (id, filter_id, status_id) VALUES (?1, ?2, ?3) ON CONFLICT (filter_id, status_id) DO NOTHING";
    OF_STATUS = "SELECT f.id FROM filter_statuses s JOIN filters f ON f.id = s.filter_id WHERE f.account_id = ?1 AND s.id = ?2";
    DELETE_STATUS = "DELETE FROM filter_statuses WHERE filter_id = ?1 AND id = ?2";
}

impl FromRow for Filter {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get()?,
            account_id: row.get()?,
            title: row.get()?,
            contexts: row.get::<String>()?.split(' ').filter_map(FilterContext::parse).collect(),
            // An action this program does not know is shown as the mildest.
            action: FilterAction::parse(&row.get::<String>()?).unwrap_or_default(),
            expires_at: row.get()?,
            keywords: Vec::new(),
            statuses: Vec::new(),
        })
    }
}

struct KeywordRow(FilterId, FilterKeyword);
struct StatusRow(FilterId, FilterStatus);

impl FromRow for KeywordRow {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        let filter = row.get()?;
        Ok(Self(
            filter,
            FilterKeyword { id: row.get()?, keyword: row.get()?, whole_word: row.get()? },
        ))
    }
}

impl FromRow for StatusRow {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        let filter = row.get()?;
        Ok(Self(filter, FilterStatus { id: row.get()?, status_id: row.get()? }))
    }
}

fn contexts(filter: &Filter) -> String {
    filter.contexts.iter().map(|context| context.name()).collect::<Vec<_>>().join(" ")
}

/// Puts keywords and statuses where they belong.
fn fill(filters: &mut [Filter], keywords: Vec<KeywordRow>, statuses: Vec<StatusRow>) {
    let places: HashMap<FilterId, usize> =
        filters.iter().enumerate().map(|(place, filter)| (filter.id, place)).collect();
    for KeywordRow(id, keyword) in keywords {
        if let Some(filter) = places.get(&id).and_then(|place| filters.get_mut(*place)) {
            filter.keywords.push(keyword);
        }
    }
    for StatusRow(id, status) in statuses {
        if let Some(filter) = places.get(&id).and_then(|place| filters.get_mut(*place)) {
            filter.statuses.push(status);
        }
    }
}

/// All filters of an account, oldest first, complete.
///
/// # Errors
/// [`crate::StoreError`] of the engine, as for every function here.
pub async fn all(conn: &mut Conn, account: AccountId) -> Result<Vec<Filter>> {
    let mut filters: Vec<Filter> = conn.query(&OF_ACCOUNT, args![account]).await?;
    if !filters.is_empty() {
        let keywords = conn.query(&KEYWORDS, args![account, 0_i64]).await?;
        let statuses = conn.query(&STATUSES, args![account, 0_i64]).await?;
        fill(&mut filters, keywords, statuses);
    }
    Ok(filters)
}

/// All filters of an account with their keywords, and of their statuses those in `among`.
///
/// # Errors
/// See [`all`].
pub async fn concerning(
    conn: &mut Conn,
    account: AccountId,
    among: &[StatusId],
) -> Result<Vec<Filter>> {
    let mut filters: Vec<Filter> = conn.query(&OF_ACCOUNT, args![account]).await?;
    if !filters.is_empty() {
        let keywords = conn.query(&KEYWORDS, args![account, 0_i64]).await?;
        let statuses = conn.query(&STATUSES_AMONG, args![account, among]).await?;
        fill(&mut filters, keywords, statuses);
    }
    Ok(filters)
}

/// This filter, if it is this account's.
///
/// # Errors
/// See [`all`].
pub async fn own(conn: &mut Conn, account: AccountId, id: FilterId) -> Result<Option<Filter>> {
    let Some(filter) = conn.optional::<Filter>(&OWN, args![account, id]).await? else {
        return Ok(None);
    };
    let mut one = [filter];
    let keywords = conn.query(&KEYWORDS, args![account, id]).await?;
    let statuses = conn.query(&STATUSES, args![account, id]).await?;
    fill(&mut one, keywords, statuses);
    let [filter] = one;
    Ok(Some(filter))
}

/// How many filters and keywords an account has.
///
/// # Errors
/// See [`all`].
pub async fn counts(conn: &mut Conn, account: AccountId) -> Result<(i64, i64)> {
    Ok(conn.optional(&COUNT, args![account]).await?.unwrap_or((0, 0)))
}

/// Adds a filter without its keywords and statuses.
///
/// # Errors
/// See [`all`].
pub async fn insert(conn: &mut Conn, filter: &Filter) -> Result<()> {
    conn.send(
        &INSERT,
        args![
            filter.id,
            filter.account_id,
            &filter.title,
            contexts(filter),
            filter.action.name(),
            filter.expires_at
        ],
    )
    .await
}

/// Writes a filter without its keywords and statuses.
///
/// # Errors
/// See [`all`].
pub async fn update(conn: &mut Conn, filter: &Filter) -> Result<()> {
    conn.send(
        &UPDATE,
        args![
            filter.account_id,
            filter.id,
            &filter.title,
            contexts(filter),
            filter.action.name(),
            filter.expires_at
        ],
    )
    .await
}

/// Removes a filter; true when it was this account's.
///
/// # Errors
/// See [`all`].
pub async fn delete(conn: &mut Conn, account: AccountId, id: FilterId) -> Result<bool> {
    Ok(conn.execute(&DELETE, args![account, id]).await? > 0)
}

/// Adds a keyword to a filter that the caller has found to be the account's.
///
/// # Errors
/// See [`all`].
pub async fn add_keyword(conn: &mut Conn, filter: FilterId, keyword: &FilterKeyword) -> Result<()> {
    conn.send(&INSERT_KEYWORD, args![keyword.id, filter, &keyword.keyword, keyword.whole_word])
        .await
}

/// The filter of this account that has this keyword.
///
/// # Errors
/// See [`all`].
pub async fn of_keyword(
    conn: &mut Conn,
    account: AccountId,
    keyword: RowId,
) -> Result<Option<Filter>> {
    match conn.scalar::<FilterId>(&OF_KEYWORD, args![account, keyword]).await? {
        Some(id) => own(conn, account, id).await,
        None => Ok(None),
    }
}

/// Writes a keyword of this filter; true when it is there.
///
/// # Errors
/// See [`all`].
pub async fn update_keyword(
    conn: &mut Conn,
    filter: FilterId,
    keyword: &FilterKeyword,
) -> Result<bool> {
    let changed = conn
        .execute(&UPDATE_KEYWORD, args![filter, keyword.id, &keyword.keyword, keyword.whole_word])
        .await?;
    Ok(changed > 0)
}

/// Removes a keyword of this filter.
///
/// # Errors
/// See [`all`].
pub async fn delete_keyword(conn: &mut Conn, filter: FilterId, keyword: RowId) -> Result<bool> {
    Ok(conn.execute(&DELETE_KEYWORD, args![filter, keyword]).await? > 0)
}

/// Adds a status to a filter; false when it is there already.
///
/// # Errors
/// See [`all`].
pub async fn add_status(conn: &mut Conn, filter: FilterId, entry: &FilterStatus) -> Result<bool> {
    Ok(conn.execute(&INSERT_STATUS, args![entry.id, filter, entry.status_id]).await? > 0)
}

/// The filter of this account that has this entry for a status.
///
/// # Errors
/// See [`all`].
pub async fn of_status_entry(
    conn: &mut Conn,
    account: AccountId,
    entry: RowId,
) -> Result<Option<Filter>> {
    match conn.scalar::<FilterId>(&OF_STATUS, args![account, entry]).await? {
        Some(id) => own(conn, account, id).await,
        None => Ok(None),
    }
}

/// Removes an entry for a status from this filter.
///
/// # Errors
/// See [`all`].
pub async fn delete_status(conn: &mut Conn, filter: FilterId, entry: RowId) -> Result<bool> {
    Ok(conn.execute(&DELETE_STATUS, args![filter, entry]).await? > 0)
}
