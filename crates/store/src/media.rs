//! Attachments.

use std::collections::HashMap;

use domain::media::{Media, MediaKind, MediaState};
use domain::{AccountId, MediaId, StatusId, Timestamp};

use crate::engine::{Conn, FromRow, Result, Row};
use crate::{args, statements};

macro_rules! columns {
    () => {
        "id, account_id, status_id, kind, state, file_key, content_type, preview_key, description, focus_x, focus_y, \
         blurhash, meta, bytes, position, created_at, remote_url"
    };
}

statements! {
    INSERT = "INSERT INTO media (id, account_id, status_id, kind, state, file_key, content_type, preview_key, description, \
        focus_x, focus_y, blurhash, meta, bytes, position, created_at, remote_url) \
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)";
    OF_STATUSES = concat!("SELECT ", columns!(), " FROM media WHERE status_id IN_LIST(?1) ORDER BY position, id");
    OWN = concat!("SELECT ", columns!(), " FROM media WHERE account_id = ?1 AND id IN_LIST(?2)");
    ATTACH = "UPDATE media SET status_id = ?2, position = ?3 WHERE id = ?1 AND (status_id IS NULL OR status_id = ?2)";
    DETACH = "UPDATE media SET status_id = NULL, created_at = ?2 WHERE status_id = ?1";
    LOCKED = concat!("SELECT ", columns!(), " FROM media WHERE id = ?1 FOR_UPDATE");
    SET_PREVIEW = "UPDATE media SET preview_key = ?2, blurhash = ?3, meta = ?4, bytes = ?5 WHERE id = ?1";
    DELETE_UNATTACHED = "DELETE FROM media WHERE id = ?1 AND status_id IS NULL";
    PROCESSING = "SELECT COUNT(*) FROM media WHERE status_id IS NULL AND state = 0";
    SCHEDULED = "SELECT media_ids FROM scheduled_statuses WHERE account_id IN_LIST(?1)";
    DESCRIBE = "UPDATE media SET description = ?2, focus_x = ?3, focus_y = ?4 WHERE id = ?1";
    FINISH = "UPDATE media SET kind = ?2, state = ?3, file_key = ?4, content_type = ?5, preview_key = ?6, blurhash = ?7, \
        meta = ?8, bytes = ?9 WHERE id = ?1";
    DELETE = "DELETE FROM media WHERE id = ?1";
    STALE = concat!("SELECT ", columns!(), " FROM media WHERE status_id IS NULL AND created_at < ?1 ORDER BY created_at LIMIT ?2");
    BY_KEY = concat!("SELECT ", columns!(), " FROM media WHERE id = ?1");
    KEYS_OF_ACCOUNT = concat!("SELECT ", columns!(), " FROM media WHERE account_id = ?1");
}

impl FromRow for Media {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get()?,
            account_id: row.get()?,
            status_id: row.get()?,
            kind: MediaKind::parse(&row.get::<String>()?),
            state: MediaState::from_number(row.get()?),
            file_key: row.get()?,
            content_type: row.get()?,
            preview_key: row.get()?,
            description: row.get()?,
            focus_x: row.get()?,
            focus_y: row.get()?,
            blurhash: row.get()?,
            meta: row.get()?,
            bytes: row.get()?,
            position: row.get()?,
            created_at: row.get()?,
            remote_url: row.get()?,
        })
    }
}

/// Adds an attachment.
///
/// # Errors
/// [`crate::StoreError`] of the engine, as for every function here.
pub async fn insert(conn: &mut Conn, media: &Media) -> Result<()> {
    conn.send(
        &INSERT,
        args![
            media.id,
            media.account_id,
            media.status_id,
            media.kind.name(),
            media.state.number(),
            media.file_key.clone(),
            &media.content_type,
            media.preview_key.clone(),
            &media.description,
            media.focus_x,
            media.focus_y,
            media.blurhash.clone(),
            &media.meta,
            media.bytes,
            media.position,
            media.created_at,
            media.remote_url.clone()
        ],
    )
    .await
}

/// The attachments of these statuses, in their order.
///
/// # Errors
/// See [`insert`].
pub async fn of_statuses(
    conn: &mut Conn,
    ids: &[StatusId],
) -> Result<HashMap<StatusId, Vec<Media>>> {
    let mut found: HashMap<StatusId, Vec<Media>> = HashMap::new();
    if ids.is_empty() {
        return Ok(found);
    }
    for media in conn.query::<Media>(&OF_STATUSES, args![ids]).await? {
        if let Some(status) = media.status_id {
            found.entry(status).or_default().push(media);
        }
    }
    Ok(found)
}

/// Those of these attachments that the account uploaded, in the order asked for.
///
/// # Errors
/// See [`insert`].
pub async fn own(conn: &mut Conn, account: AccountId, ids: &[MediaId]) -> Result<Vec<Media>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut found: Vec<Media> = conn.query(&OWN, args![account, ids]).await?;
    found.sort_by_key(|media| ids.iter().position(|id| *id == media.id));
    Ok(found)
}

/// The attachment with this id, whoever owns it: for jobs.
///
/// # Errors
/// See [`insert`].
pub async fn by_id(conn: &mut Conn, id: MediaId) -> Result<Option<Media>> {
    conn.optional(&BY_KEY, args![id]).await
}

/// Hangs an attachment on a status; false when it hangs on another one by now.
///
/// # Errors
/// See [`insert`].
pub async fn attach(conn: &mut Conn, id: MediaId, status: StatusId, position: i64) -> Result<bool> {
    Ok(conn.execute(&ATTACH, args![id, status, position]).await? > 0)
}

/// Takes all attachments off a status, so that they can be used again. They count as made `now`:
/// unattached files live a day.
///
/// # Errors
/// See [`insert`].
pub async fn detach(conn: &mut Conn, status: StatusId, now: Timestamp) -> Result<()> {
    conn.send(&DETACH, args![status, now]).await
}

/// The attachment with this id, locked until the transaction ends.
///
/// # Errors
/// See [`insert`].
pub async fn locked(conn: &mut Conn, id: MediaId) -> Result<Option<Media>> {
    conn.optional(&LOCKED, args![id]).await
}

/// Writes what another small picture changes: its key, blurhash, meta and bytes of `media`.
///
/// # Errors
/// See [`insert`].
pub async fn set_preview(conn: &mut Conn, media: &Media) -> Result<()> {
    conn.send(
        &SET_PREVIEW,
        args![
            media.id,
            media.preview_key.clone(),
            media.blurhash.clone(),
            &media.meta,
            media.bytes
        ],
    )
    .await
}

/// How many uploads wait to be processed.
///
/// # Errors
/// See [`insert`].
pub async fn processing(conn: &mut Conn) -> Result<i64> {
    Ok(conn.scalar(&PROCESSING, args![]).await?.unwrap_or(0))
}

/// The attachments that scheduled statuses of these accounts will carry. What cannot be read as an
/// id is none.
///
/// # Errors
/// See [`insert`].
pub async fn scheduled(conn: &mut Conn, accounts: &[AccountId]) -> Result<Vec<MediaId>> {
    if accounts.is_empty() {
        return Ok(Vec::new());
    }
    let lists: Vec<(String,)> = conn.query(&SCHEDULED, args![accounts]).await?;
    Ok(lists
        .iter()
        .flat_map(|(list,)| list.split(|letter: char| !letter.is_ascii_digit()))
        .filter_map(|digits| digits.parse::<i64>().ok())
        .map(MediaId)
        .collect())
}

/// Writes description and point of interest.
///
/// # Errors
/// See [`insert`].
pub async fn describe(
    conn: &mut Conn,
    id: MediaId,
    description: &str,
    focus: (i64, i64),
) -> Result<()> {
    conn.send(&DESCRIBE, args![id, description, focus.0, focus.1]).await
}

/// Writes what processing found out: kind, state, keys, type, blurhash, meta and bytes of `media`.
///
/// # Errors
/// See [`insert`].
pub async fn finish(conn: &mut Conn, media: &Media) -> Result<()> {
    conn.send(
        &FINISH,
        args![
            media.id,
            media.kind.name(),
            media.state.number(),
            media.file_key.clone(),
            &media.content_type,
            media.preview_key.clone(),
            media.blurhash.clone(),
            &media.meta,
            media.bytes
        ],
    )
    .await
}

/// Removes an attachment's row; its files are the caller's.
///
/// # Errors
/// See [`insert`].
pub async fn delete(conn: &mut Conn, id: MediaId) -> Result<bool> {
    Ok(conn.execute(&DELETE, args![id]).await? > 0)
}

/// The same, unless the attachment hangs on a status by now.
///
/// # Errors
/// See [`insert`].
pub async fn delete_unattached(conn: &mut Conn, id: MediaId) -> Result<bool> {
    Ok(conn.execute(&DELETE_UNATTACHED, args![id]).await? > 0)
}

/// Attachments that were never posted and are older than `before`.
///
/// # Errors
/// See [`insert`].
pub async fn stale(conn: &mut Conn, before: Timestamp, limit: i64) -> Result<Vec<Media>> {
    conn.query(&STALE, args![before, limit]).await
}

/// Every attachment of an account.
///
/// # Errors
/// See [`insert`].
pub async fn of_account(conn: &mut Conn, account: AccountId) -> Result<Vec<Media>> {
    conn.query(&KEYS_OF_ACCOUNT, args![account]).await
}
