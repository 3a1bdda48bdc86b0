//! Link previews, one for each address.

use std::collections::HashMap;

use domain::card::Card;
use domain::{StatusId, Timestamp};

use crate::engine::{Conn, FromRow, Result, Row, StoreError};
use crate::{args, statements};

statements! {
    FETCHED = "SELECT fetched_at FROM cards WHERE hash = ?1";
    SHOWN = "SELECT hash, body, image_key FROM cards WHERE hash IN_LIST(?1) AND state = 1";
    KEEP = "INSERT INTO cards (hash, url, state, body, image_key, fetched_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6) \
        ON CONFLICT (hash) DO UPDATE SET state = excluded.state, body = excluded.body, image_key = excluded.image_key, \
        fetched_at = excluded.fetched_at";
    TOUCH = "UPDATE cards SET fetched_at = ?2 WHERE hash = ?1";
    SLICE = "SELECT hash FROM cards WHERE hash > ?1 ORDER BY hash LIMIT ?2";
    SWEEP = "DELETE FROM cards WHERE hash IN_LIST(?1) AND (fetched_at IS NULL OR fetched_at < ?2) \
        AND NOT EXISTS (SELECT 1 FROM statuses s WHERE s.card_hash = cards.hash)";
    SET = "UPDATE statuses SET card_hash = ?2 WHERE id = ?1";
    SHOWING = "SELECT id FROM statuses WHERE card_hash = ?1 ORDER BY id DESC LIMIT ?2";
}

/// A link preview as a status shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardView {
    /// What it says.
    pub card: Card,
    /// Storage key of its picture.
    pub image_key: Option<String>,
}

struct CardRow(String, CardView);

impl FromRow for CardRow {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        let (hash, body): (String, String) = (row.get()?, row.get()?);
        let card = serde_json::from_str(&body).map_err(|error| unreadable(&error))?;
        Ok(Self(hash, CardView { card, image_key: row.get()? }))
    }
}

fn unreadable(error: &serde_json::Error) -> StoreError {
    StoreError::Engine { statement: "cards", cause: error.to_string() }
}

/// When the page with this hash was last asked for, with or without success.
///
/// # Errors
/// [`crate::StoreError`] of the engine, as for every function here.
pub async fn fetched_at(conn: &mut Conn, hash: &str) -> Result<Option<Timestamp>> {
    Ok(conn.scalar::<Option<Timestamp>>(&FETCHED, args![hash]).await?.flatten())
}

/// The previews with these hashes that have something to show.
///
/// # Errors
/// See [`fetched_at`].
pub async fn shown(conn: &mut Conn, hashes: &[String]) -> Result<HashMap<String, CardView>> {
    if hashes.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<CardRow> = conn.query(&SHOWN, args![hashes]).await?;
    Ok(rows.into_iter().map(|CardRow(hash, view)| (hash, view)).collect())
}

/// Keeps what a page said of itself.
///
/// # Errors
/// See [`fetched_at`].
pub async fn keep(conn: &mut Conn, hash: &str, view: &CardView, now: Timestamp) -> Result<()> {
    let body = serde_json::to_string(&view.card).map_err(|error| unreadable(&error))?;
    let url = view.card.url.as_str();
    conn.send(&KEEP, args![hash, url, 1_i64, body, view.image_key.clone(), now]).await
}

/// Notes that a page has nothing to show. What it showed before stays.
///
/// # Errors
/// See [`fetched_at`].
pub async fn keep_nothing(conn: &mut Conn, hash: &str, url: &str, now: Timestamp) -> Result<()> {
    if conn.execute(&TOUCH, args![hash, now]).await? == 0 {
        let none: Option<String> = None;
        conn.send(&KEEP, args![hash, url, 0_i64, "{}", none, now]).await?;
    }
    Ok(())
}

/// Names the preview of a status.
///
/// # Errors
/// See [`fetched_at`].
pub async fn set(conn: &mut Conn, status: StatusId, hash: Option<&str>) -> Result<()> {
    conn.send(&SET, args![status, hash.map(str::to_owned)]).await
}

/// The newest statuses that show a preview.
///
/// # Errors
/// See [`fetched_at`].
pub async fn showing(conn: &mut Conn, hash: &str, limit: i64) -> Result<Vec<StatusId>> {
    conn.column(&SHOWING, args![hash, limit]).await
}

/// Removes those of the `limit` previews above a hash that no status shows and that were fetched
/// before `before`. Answers with the last hash that was looked at, if there was any.
///
/// # Errors
/// See [`fetched_at`].
pub async fn sweep(
    conn: &mut Conn,
    above: &str,
    limit: i64,
    before: Timestamp,
) -> Result<Option<String>> {
    let slice: Vec<String> = conn.column(&SLICE, args![above, limit]).await?;
    conn.send(&SWEEP, args![slice.as_slice(), before]).await?;
    Ok(slice.last().cloned())
}
