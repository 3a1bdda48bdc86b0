//! Finding accounts, hashtags and statuses. Patterns are escaped here; the words of statuses come
//! prepared by `domain::text` (P06).

use domain::status::Tag;
use domain::text::query::Place;
use domain::{AccountId, StatusId, Timestamp};

use crate::engine::{Conn, Result};
use crate::{args, statements, visible_to, wanted_by};

/// Whether the searcher may find a status (their own, those they were mentioned in or did something with,
/// and public ones of accounts that let themselves be found), wants to, and asked for such a one.
macro_rules! findable {
    () => {
        concat!(
            "(s.account_id = ?1 OR (CAST(?20 AS BIGINT) <> 1 AND s.visibility = 0 AND a.indexable = true) \
            OR EXISTS (SELECT 1 FROM mentions m WHERE m.status_id = s.id AND m.account_id = ?1) \
            OR EXISTS (SELECT 1 FROM favourites v WHERE v.status_id = s.id AND v.account_id = ?1) \
            OR EXISTS (SELECT 1 FROM bookmarks k WHERE k.status_id = s.id AND k.account_id = ?1) \
            OR EXISTS (SELECT 1 FROM statuses b WHERE b.boost_of_id = s.id AND b.account_id = ?1)) \
            AND (CAST(?20 AS BIGINT) <> 2 OR (s.visibility = 0 AND a.indexable = true)) \
            AND (CAST(?9 AS BIGINT) = 0 OR s.account_id <> CAST(?9 AS BIGINT)) \
            AND (s.parts & CAST(?10 AS BIGINT)) = CAST(?10 AS BIGINT) AND (s.parts & CAST(?11 AS BIGINT)) = 0 \
            AND (CAST(?12 AS BIGINT) = 0 OR (s.in_reply_to_account_id IS NOT NULL) = (CAST(?12 AS BIGINT) = 1)) \
            AND (CAST(?13 AS BIGINT) = 0 OR s.sensitive = (CAST(?13 AS BIGINT) = 1)) \
            AND (CAST(?14 AS BIGINT) = 0 OR (s.quote_of_id IS NOT NULL) = (CAST(?14 AS BIGINT) = 1)) \
            AND (CAST(?15 AS BIGINT) = 0 OR (s.card_hash IS NOT NULL OR s.text LIKE '%http://%' OR s.text LIKE '%https://%') = (CAST(?15 AS BIGINT) = 1)) \
            AND (CAST(?16 AS TEXT) IS NULL OR s.language = CAST(?16 AS TEXT)) \
            AND (CAST(?17 AS TEXT) IS NULL OR COALESCE(s.language, '') <> CAST(?17 AS TEXT)) \
            AND (CAST(?18 AS TEXT) IS NULL OR EXISTS (SELECT 1 FROM media y WHERE y.status_id = s.id \
            AND (y.kind = CAST(?18 AS TEXT) OR (y.kind = 'gifv' AND CAST(?18 AS TEXT) = 'video')))) \
            AND (CAST(?19 AS TEXT) IS NULL OR NOT EXISTS (SELECT 1 FROM media z WHERE z.status_id = s.id \
            AND (z.kind = CAST(?19 AS TEXT) OR (z.kind = 'gifv' AND CAST(?19 AS TEXT) = 'video')))) AND ",
            visible_to!("s", "?1"), " AND ", wanted_by!("s", "?1", "?8")
        )
    };
}

statements! {
    ADD = "INSERT INTO status_search (rowid, tokens) VALUES (?1, SEARCH_WORDS(?2))";
    REMOVE = "DELETE FROM status_search WHERE rowid = ?1";
    STATUSES = concat!("SELECT s.id FROM status_search f JOIN statuses s ON s.id = f.rowid JOIN accounts a ON a.id = s.account_id \
        WHERE SEARCH(f, ?2) AND f.rowid < ?3 AND f.rowid > ?4 AND (CAST(?7 AS BIGINT) = 0 OR s.account_id = ?7) AND ", findable!(),
        " ORDER BY f.rowid DESC LIMIT ?5 OFFSET ?6");
    WORDLESS = concat!("SELECT s.id FROM (SELECT * FROM statuses x WHERE x.boost_of_id IS NULL AND x.id < ?3 AND x.id > ?4 \
        AND CAST(?7 AS BIGINT) = 0 ORDER BY x.id DESC LIMIT 20000) s JOIN accounts a ON a.id = s.account_id WHERE CAST(?2 AS TEXT) = '' AND ",
        findable!(), " ORDER BY s.id DESC LIMIT ?5 OFFSET ?6");
    WORDLESS_OF = concat!("SELECT s.id FROM (SELECT * FROM statuses x WHERE x.boost_of_id IS NULL AND x.id < ?3 AND x.id > ?4 \
        AND x.account_id = ?7 ORDER BY x.id DESC LIMIT 20000) s JOIN accounts a ON a.id = s.account_id WHERE CAST(?2 AS TEXT) = '' AND ",
        findable!(), " ORDER BY s.id DESC LIMIT ?5 OFFSET ?6");
    TEXTS = "SELECT id, text, content, spoiler_text FROM statuses WHERE id IN_LIST(?1)";
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
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StatusQuery {
    /// All of these words.
    pub words: Vec<String>,
    /// The last one may be the beginning of one.
    pub is_open: bool,
    /// None of these; only heeded beside others.
    pub without: Vec<String>,
    /// Only by this account.
    pub by: Option<AccountId>,
    /// Not by this account.
    pub not_by: Option<AccountId>,
    /// Only below this id.
    pub below: i64,
    /// Only above this id.
    pub above: i64,
    /// What it must have, as [`domain::status::Parts`].
    pub parts: i64,
    /// What it must not have.
    pub without_parts: i64,
    /// It answers another, or does not.
    pub is_reply: Option<bool>,
    /// Its media are hidden, or are not.
    pub is_sensitive: Option<bool>,
    /// It quotes, or does not.
    pub is_quote: Option<bool>,
    /// It links somewhere, or does not.
    pub has_link: Option<bool>,
    /// In this language.
    pub language: Option<String>,
    /// Not in this one.
    pub not_language: Option<String>,
    /// With an attachment of this kind.
    pub kind: Option<&'static str>,
    /// Without one of this kind.
    pub not_kind: Option<&'static str>,
    /// Where is searched.
    pub place: Place,
}

/// The statuses that the searcher may find, newest first: their own, those they were mentioned in or
/// did something with, and public ones of accounts that let themselves be found. Without words only the
/// newest twenty thousand are looked at.
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
    let account = |account: Option<AccountId>| account.map_or(0, |id| id.0);
    let choice = |wanted: Option<bool>| match wanted {
        None => 0_i64,
        Some(true) => 1,
        Some(false) => 2,
    };
    let text = words(query);
    let statement = match (text.is_empty(), query.by) {
        (false, _) => &STATUSES,
        (true, None) => &WORDLESS,
        (true, Some(_)) => &WORDLESS_OF,
    };
    let place = match query.place {
        Place::All => 0_i64,
        Place::Library => 1,
        Place::Public => 2,
    };
    conn.column(
        statement,
        args![
            searcher,
            text,
            query.below,
            query.above,
            slice.limit,
            slice.offset,
            account(query.by),
            now,
            account(query.not_by),
            query.parts,
            query.without_parts,
            choice(query.is_reply),
            choice(query.is_sensitive),
            choice(query.is_quote),
            choice(query.has_link),
            query.language.clone(),
            query.not_language.clone(),
            query.kind.map(str::to_owned),
            query.not_kind.map(str::to_owned),
            place
        ],
    )
    .await
}

/// The words of a query as the index is asked; empty without any that must be there.
fn words(query: &StatusQuery) -> String {
    // Words are letters and digits, so nothing in them can be an operator.
    let safe = |word: &&String| !word.is_empty() && word.chars().all(char::is_alphanumeric);
    let wanted: Vec<String> =
        query.words.iter().filter(safe).map(|word| format!("\"{word}\"")).collect();
    if wanted.is_empty() {
        return String::new();
    }
    let open = if query.is_open { "*" } else { "" };
    let without: String =
        query.without.iter().filter(safe).map(|word| format!(" NOT \"{word}\"")).collect();
    format!("{}{open}{without}", wanted.join(" AND "))
}

/// What these statuses say: id, text as typed, HTML, warning.
///
/// # Errors
/// See [`index`].
pub async fn texts(
    conn: &mut Conn,
    ids: &[StatusId],
) -> Result<Vec<(StatusId, String, String, String)>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    conn.query(&TEXTS, args![ids]).await
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
