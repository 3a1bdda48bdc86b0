//! Finding accounts, hashtags and statuses. Patterns are escaped here; the words of statuses come
//! prepared by `domain::text` (P06).

use domain::status::Tag;
use domain::{AccountId, StatusId, Timestamp};

use crate::engine::{Conn, Result};
use crate::{args, statements, visible_to, wanted_by};

statements! {
    ADD = "INSERT INTO status_search (rowid, tokens) VALUES (?1, SEARCH_WORDS(?2))";
    REMOVE = "DELETE FROM status_search WHERE rowid = ?1";
    STATUSES = concat!("SELECT s.id FROM status_search f JOIN statuses s ON s.id = f.rowid JOIN accounts a ON a.id = s.account_id \
        WHERE SEARCH(f, ?2) AND f.rowid < ?3 AND f.rowid > ?4 AND (CAST(?7 AS BIGINT) = 0 OR s.account_id = ?7) \
        AND (s.account_id = ?1 OR (s.visibility = 0 AND a.indexable = true) \
        OR EXISTS (SELECT 1 FROM mentions m WHERE m.status_id = s.id AND m.account_id = ?1) \
        OR EXISTS (SELECT 1 FROM favourites v WHERE v.status_id = s.id AND v.account_id = ?1) \
        OR EXISTS (SELECT 1 FROM bookmarks k WHERE k.status_id = s.id AND k.account_id = ?1) \
        OR EXISTS (SELECT 1 FROM statuses b WHERE b.boost_of_id = s.id AND b.account_id = ?1)) AND ",
        visible_to!("s", "?1"), " AND ", wanted_by!("s", "?1", "?8"), " ORDER BY f.rowid DESC LIMIT ?5 OFFSET ?6");
    ACCOUNTS = "SELECT a.id FROM accounts a WHERE a.suspended_at IS NULL \
        AND (a.username_folded LIKE ?2 ESCAPE '!' OR lower(a.display_name) LIKE ?2 ESCAPE '!' OR lower(a.display_name) LIKE ?3 ESCAPE '!') \
        AND (CAST(?4 AS TEXT) IS NULL OR COALESCE(a.domain, '') LIKE ?4 ESCAPE '!') \
        AND (?5 = false OR EXISTS (SELECT 1 FROM follows f WHERE f.account_id = ?1 AND f.target_id = a.id)) \
        AND NOT EXISTS (SELECT 1 FROM blocks c WHERE c.account_id = a.id AND c.target_id = ?1) \
        ORDER BY CASE WHEN a.username_folded = ?6 THEN 0 ELSE 1 END, \
        CASE WHEN EXISTS (SELECT 1 FROM follows g WHERE g.account_id = ?1 AND g.target_id = a.id) THEN 0 ELSE 1 END, \
        CASE WHEN a.domain IS NULL THEN 0 ELSE 1 END, a.followers_count DESC, a.id LIMIT ?7 OFFSET ?8";
    TAGS = "SELECT t.id, t.name, t.display_name FROM tags t WHERE t.name LIKE ?1 ESCAPE '!' AND t.listable = true \
        ORDER BY CASE WHEN t.name = ?2 THEN 0 ELSE 1 END, length(t.name), t.name LIMIT ?3 OFFSET ?4";
}

/// How many rows to pass over and how many to give.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slice {
    /// At most so many.
    pub limit: i64,
    /// After so many.
    pub offset: i64,
}

/// The text that begins a `LIKE` match, taken literally.
pub(crate) fn prefix(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len() + 1);
    for c in text.chars() {
        if matches!(c, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

/// Makes a status findable by these words, instead of those it was findable by.
///
/// # Errors
/// [`crate::StoreError`] of the engine, as for every function here.
pub async fn index(conn: &mut Conn, status: StatusId, words: &[String]) -> Result<()> {
    remove(conn, status).await?;
    if words.is_empty() {
        return Ok(());
    }
    conn.send(&ADD, args![status, words.join(" ")]).await
}

/// Makes a status not findable.
///
/// # Errors
/// See [`index`].
pub async fn remove(conn: &mut Conn, status: StatusId) -> Result<()> {
    conn.send(&REMOVE, args![status]).await
}

/// What a search for statuses asks.
#[derive(Clone, Debug)]
pub struct StatusQuery {
    /// All of these words; the last one may be the beginning of one.
    pub words: Vec<String>,
    /// Only by this account.
    pub by: Option<AccountId>,
    /// Only below this id.
    pub below: i64,
    /// Only above this id.
    pub above: i64,
}

/// The statuses that the searcher may find, newest first: their own, those they were mentioned in or
/// did something with, and public ones of accounts that let themselves be found.
///
/// # Errors
/// See [`index`].
pub async fn statuses(
    conn: &mut Conn,
    searcher: AccountId,
    query: &StatusQuery,
    slice: Slice,
    now: Timestamp,
) -> Result<Vec<StatusId>> {
    // Words are letters and digits, so nothing in them can be an operator.
    let safe = |word: &&String| !word.is_empty() && word.chars().all(char::is_alphanumeric);
    let words: Vec<String> =
        query.words.iter().filter(safe).map(|word| format!("\"{word}\"")).collect();
    if words.is_empty() {
        return Ok(Vec::new());
    }
    let text = format!("{}*", words.join(" AND "));
    conn.column(
        &STATUSES,
        args![
            searcher,
            text,
            query.below,
            query.above,
            slice.limit,
            slice.offset,
            query.by.map_or(0, |id| id.0),
            now
        ],
    )
    .await
}

/// What a search for accounts asks.
#[derive(Clone, Debug)]
pub struct AccountQuery {
    /// Beginning of the name or of a word of the display name, in lower case.
    pub name: String,
    /// Beginning of the domain; `Some("")` is any.
    pub domain: Option<String>,
    /// Only those the searcher follows.
    pub following: bool,
}

/// The accounts that fit: exact names first, then those the searcher follows.
///
/// # Errors
/// See [`index`].
pub async fn accounts(
    conn: &mut Conn,
    searcher: Option<AccountId>,
    query: &AccountQuery,
    slice: Slice,
) -> Result<Vec<AccountId>> {
    let beginning = prefix(&query.name);
    let word = format!("% {beginning}");
    conn.column(
        &ACCOUNTS,
        args![
            searcher.map_or(0, |id| id.0),
            beginning,
            word,
            query.domain.as_deref().map(prefix),
            query.following,
            &query.name,
            slice.limit,
            slice.offset
        ],
    )
    .await
}

/// The hashtags that begin so, the exact one first.
///
/// # Errors
/// See [`index`].
pub async fn tags(conn: &mut Conn, name: &str, slice: Slice) -> Result<Vec<Tag>> {
    conn.query(&TAGS, args![prefix(name), name, slice.limit, slice.offset]).await
}
