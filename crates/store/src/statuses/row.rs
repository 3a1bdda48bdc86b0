//! The rows of a status: itself, its mentions, tags and earlier versions.

use domain::status::{Format, Parts, Status, Tag};
use domain::{AccountId, RowId, StatusId, TagId, Timestamp};

use crate::engine::{Conn, FromRow, Result, Row};
use crate::{args, statements, visible_to};

macro_rules! columns {
    () => {
        "id, uri, url, account_id, text, content, spoiler_text, visibility, sensitive, language, in_reply_to_id, \
         in_reply_to_account_id, boost_of_id, quote_of_id, quote_policy, conversation_id, app_id, parts, \
         replies_count, boosts_count, favourites_count, quotes_count, created_at, edited_at, emojis, card_hash, \
         local_only, format"
    };
}
pub(super) use columns;

statements! {
    INSERT = "INSERT INTO statuses (id, uri, url, account_id, text, content, spoiler_text, visibility, sensitive, language, \
        in_reply_to_id, in_reply_to_account_id, boost_of_id, quote_of_id, quote_policy, conversation_id, app_id, local, parts, \
        replies_count, boosts_count, favourites_count, quotes_count, created_at, edited_at, emojis, \
        local_only, format) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, \
        0, 0, 0, 0, ?20, ?21, ?22, ?23, ?24)";
    SLICE = concat!("SELECT ", columns!(), " FROM statuses WHERE id > ?1 AND boost_of_id IS NULL ORDER BY id LIMIT ?2");
    BY_ID = concat!("SELECT ", columns!(), " FROM statuses WHERE id = ?1");
    LOCKED = concat!("SELECT ", columns!(), " FROM statuses WHERE id = ?1 FOR_UPDATE");
    VISIBLE = concat!("SELECT s.id FROM statuses s WHERE s.id IN_LIST(?1) AND ", visible_to!("s", "?2"));
    DELETE = "DELETE FROM statuses WHERE id = ?1";
    UPDATE = "UPDATE statuses SET text = ?2, content = ?3, spoiler_text = ?4, sensitive = ?5, language = ?6, parts = ?7, \
        edited_at = ?8, quote_policy = ?9, format = ?10 WHERE id = ?1";
    COUNT = "UPDATE statuses SET replies_count = replies_count + ?2, boosts_count = boosts_count + ?3, \
        favourites_count = favourites_count + ?4, quotes_count = quotes_count + ?5 WHERE id = ?1";
    MENTION = "INSERT INTO mentions (status_id, account_id, silent) VALUES (?1, ?2, false) \
        ON CONFLICT (status_id, account_id) DO UPDATE SET silent = false";
    SILENCE = "UPDATE mentions SET silent = true WHERE status_id = ?1";
    MENTIONED = "SELECT account_id FROM mentions WHERE status_id = ?1";
    ADD_TAG = "INSERT INTO tags (id, name, display_name, created_at) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (name) DO NOTHING";
    TAGS_BY_NAME = "SELECT id, name, display_name FROM tags WHERE name IN_LIST(?1)";
    LINK_TAG = "INSERT INTO status_tags (tag_id, status_id) VALUES (?1, ?2) ON CONFLICT (tag_id, status_id) DO NOTHING";
    UNLINK_TAGS = "DELETE FROM status_tags WHERE status_id = ?1";
    TAGS_OF = "SELECT t.id, t.name, t.display_name FROM status_tags st JOIN tags t ON t.id = st.tag_id WHERE st.status_id = ?1";
    INSERT_EDIT = "INSERT INTO status_edits (id, status_id, text, content, spoiler_text, sensitive, media, poll_options, created_at) \
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    EDITS = "SELECT text, content, spoiler_text, sensitive, media, poll_options, created_at FROM status_edits \
        WHERE status_id = ?1 ORDER BY id";
    TRIM_EDITS = "DELETE FROM status_edits WHERE id IN (SELECT id FROM (SELECT id, \
        SUM(LENGTH(content)) OVER (ORDER BY id DESC) AS letters, ROW_NUMBER() OVER (ORDER BY id DESC) AS place \
        FROM status_edits WHERE status_id = ?1) AS versions WHERE place > ?2 OR (place > 1 AND letters > ?3))";
    LOCAL_COUNT = "SELECT CAST(COALESCE(SUM(statuses_count), 0) AS BIGINT) FROM accounts WHERE domain IS NULL";
}

impl FromRow for Status {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get()?,
            uri: row.get()?,
            url: row.get()?,
            account_id: row.get()?,
            text: row.get()?,
            content: row.get()?,
            spoiler_text: row.get()?,
            visibility: row.get()?,
            sensitive: row.get()?,
            language: row.get()?,
            in_reply_to: row.get()?,
            in_reply_to_account: row.get()?,
            boost_of: row.get()?,
            quote_of: row.get()?,
            quote_policy: row.get()?,
            conversation_id: row.get()?,
            app_id: row.get()?,
            parts: Parts(row.get()?),
            replies_count: row.get()?,
            boosts_count: row.get()?,
            favourites_count: row.get()?,
            quotes_count: row.get()?,
            created_at: row.get()?,
            edited_at: row.get()?,
            emojis: crate::emojis::foreign_from_json(&row.get::<String>()?),
            card_hash: row.get()?,
            local_only: row.get()?,
            format: row.get()?,
        })
    }
}

impl FromRow for Tag {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self { id: row.get()?, name: row.get()?, display_name: row.get()? })
    }
}

/// Adds a status; its counters begin at 0.
///
/// # Errors
/// [`crate::StoreError`] of the engine, as for every function here.
pub async fn insert(conn: &mut Conn, status: &Status, local: bool) -> Result<()> {
    conn.send(
        &INSERT,
        args![
            status.id,
            status.uri.clone(),
            status.url.clone(),
            status.account_id,
            &status.text,
            &status.content,
            &status.spoiler_text,
            status.visibility,
            status.sensitive,
            status.language.clone(),
            status.in_reply_to,
            status.in_reply_to_account,
            status.boost_of,
            status.quote_of,
            &status.quote_policy,
            status.conversation_id,
            status.app_id,
            local,
            status.parts.0,
            status.created_at,
            status.edited_at,
            crate::emojis::foreign_to_json(&status.emojis)?,
            status.local_only,
            status.format
        ],
    )
    .await
}

/// The status with this id, whoever may see it: for its author's own actions and for jobs.
///
/// # Errors
/// See [`insert`].
pub async fn by_id(conn: &mut Conn, id: StatusId) -> Result<Option<Status>> {
    conn.optional(&BY_ID, args![id]).await
}

/// Statuses that are no boosts, in the order of their ids, from behind `after` on.
///
/// # Errors
/// See [`insert`].
pub async fn slice(conn: &mut Conn, after: StatusId, limit: i64) -> Result<Vec<Status>> {
    conn.query(&SLICE, args![after, limit]).await
}

/// The status with this id, locked until the transaction ends: for whoever reads it to change it.
///
/// # Errors
/// See [`insert`].
pub async fn locked(conn: &mut Conn, id: StatusId) -> Result<Option<Status>> {
    conn.optional(&LOCKED, args![id]).await
}

/// Those of these statuses that the viewer may see.
///
/// # Errors
/// See [`insert`].
pub async fn visible_of(
    conn: &mut Conn,
    ids: &[StatusId],
    viewer: Option<AccountId>,
) -> Result<Vec<StatusId>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    conn.column(&VISIBLE, args![ids, viewer.map_or(0, |id| id.0)]).await
}

/// The status with this id if the viewer may see it and, for a boost, the original as well.
/// Hidden and absent look the same (V02).
///
/// # Errors
/// See [`insert`].
pub async fn visible_by_id(
    conn: &mut Conn,
    id: StatusId,
    viewer: Option<AccountId>,
) -> Result<Option<Status>> {
    let Some(status) = by_id(conn, id).await? else { return Ok(None) };
    let wanted: Vec<StatusId> = std::iter::once(id).chain(status.boost_of).collect();
    let seen = visible_of(conn, &wanted, viewer).await?;
    Ok((seen.len() == wanted.len()).then_some(status))
}

/// Removes a status and, by the foreign keys, its boosts, mentions, poll, favourites, feed rows and
/// notifications. Its media stay, unattached.
///
/// # Errors
/// See [`insert`].
pub async fn delete(conn: &mut Conn, id: StatusId) -> Result<bool> {
    crate::search::remove(conn, id).await?;
    crate::conversations::forget_status(conn, id).await?;
    Ok(conn.execute(&DELETE, args![id]).await? > 0)
}

/// What an edit writes.
#[derive(Clone, Debug)]
pub struct Edit {
    /// As typed.
    pub text: String,
    /// HTML.
    pub content: String,
    /// Content warning.
    pub spoiler_text: String,
    /// Media hidden.
    pub sensitive: bool,
    /// Language.
    pub language: Option<String>,
    /// What hangs on it now.
    pub parts: Parts,
    /// When; `None` leaves it unedited.
    pub edited_at: Option<Timestamp>,
    /// Who may quote.
    pub quote_policy: String,
    /// How the text was read.
    pub format: Format,
}

/// Writes an edited status.
///
/// # Errors
/// See [`insert`].
pub async fn update(conn: &mut Conn, id: StatusId, edit: &Edit) -> Result<()> {
    conn.send(
        &UPDATE,
        args![
            id,
            &edit.text,
            &edit.content,
            &edit.spoiler_text,
            edit.sensitive,
            edit.language.clone(),
            edit.parts.0,
            edit.edited_at,
            &edit.quote_policy,
            edit.format
        ],
    )
    .await
}

/// Changes the counters of a status by these amounts: replies, boosts, favourites, quotes.
///
/// # Errors
/// See [`insert`].
pub async fn count(
    conn: &mut Conn,
    id: StatusId,
    [replies, boosts, favourites, quotes]: [i64; 4],
) -> Result<()> {
    conn.send(&COUNT, args![id, replies, boosts, favourites, quotes]).await
}

/// Notes that a status mentions an account.
///
/// # Errors
/// See [`insert`].
pub async fn add_mention(conn: &mut Conn, status: StatusId, account: AccountId) -> Result<()> {
    conn.send(&MENTION, args![status, account]).await
}

/// Makes all mentions of a status silent, before an edit adds those of the new text: who could read
/// the status still can.
///
/// # Errors
/// See [`insert`].
pub async fn silence_mentions(conn: &mut Conn, status: StatusId) -> Result<()> {
    conn.send(&SILENCE, args![status]).await
}

/// Everyone a status mentions, silently or not.
///
/// # Errors
/// See [`insert`].
pub async fn mentioned(conn: &mut Conn, status: StatusId) -> Result<Vec<AccountId>> {
    conn.column(&MENTIONED, args![status]).await
}

/// The ids of these tags (id to use when new, folded name, spelling), made where missing.
///
/// # Errors
/// See [`insert`].
pub async fn tag_ids(
    conn: &mut Conn,
    tags: &[(TagId, String, String)],
    now: Timestamp,
) -> Result<Vec<Tag>> {
    if tags.is_empty() {
        return Ok(Vec::new());
    }
    for (id, name, display_name) in tags {
        conn.send(&ADD_TAG, args![*id, name, display_name, now]).await?;
    }
    let names: Vec<String> = tags.iter().map(|(_, name, _)| name.clone()).collect();
    conn.query(&TAGS_BY_NAME, args![names]).await
}

/// Those of these tags, by folded name, that exist.
///
/// # Errors
/// See [`insert`].
pub async fn tags_named(conn: &mut Conn, names: &[String]) -> Result<Vec<Tag>> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    conn.query(&TAGS_BY_NAME, args![names]).await
}

/// Hangs tags on a status.
///
/// # Errors
/// See [`insert`].
pub async fn add_tags(conn: &mut Conn, status: StatusId, tags: &[Tag]) -> Result<()> {
    for tag in tags {
        conn.send(&LINK_TAG, args![tag.id, status]).await?;
    }
    Ok(())
}

/// Takes all tags off a status.
///
/// # Errors
/// See [`insert`].
pub async fn clear_tags(conn: &mut Conn, status: StatusId) -> Result<()> {
    conn.send(&UNLINK_TAGS, args![status]).await
}

/// The tags of a status.
///
/// # Errors
/// See [`insert`].
pub async fn tags_of(conn: &mut Conn, status: StatusId) -> Result<Vec<Tag>> {
    conn.query(&TAGS_OF, args![status]).await
}

/// A version of a status, as the history shows it.
#[derive(Clone, Debug)]
pub struct EditRow {
    /// As typed.
    pub text: String,
    /// HTML.
    pub content: String,
    /// Content warning.
    pub spoiler_text: String,
    /// Media hidden.
    pub sensitive: bool,
    /// Its media at that time: JSON of the caller, opaque here.
    pub media: String,
    /// Its poll's answers at that time: JSON of the caller.
    pub poll_options: String,
    /// When it was written.
    pub created_at: Timestamp,
}

/// A version to be kept.
#[derive(Clone, Debug)]
pub struct NewEdit {
    /// Its id.
    pub id: RowId,
    /// Of which status.
    pub status_id: StatusId,
    /// What it said.
    pub row: EditRow,
}

impl FromRow for EditRow {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            text: row.get()?,
            content: row.get()?,
            spoiler_text: row.get()?,
            sensitive: row.get()?,
            media: row.get()?,
            poll_options: row.get()?,
            created_at: row.get()?,
        })
    }
}

/// Keeps a version of a status.
///
/// # Errors
/// See [`insert`].
pub async fn insert_edit(conn: &mut Conn, edit: &NewEdit) -> Result<()> {
    let row = &edit.row;
    conn.send(
        &INSERT_EDIT,
        args![
            edit.id,
            edit.status_id,
            &row.text,
            &row.content,
            &row.spoiler_text,
            row.sensitive,
            &row.media,
            &row.poll_options,
            row.created_at
        ],
    )
    .await
}

/// The kept versions of a status, oldest first; none when it was never edited.
///
/// # Errors
/// See [`insert`].
pub async fn edits(conn: &mut Conn, status: StatusId) -> Result<Vec<EditRow>> {
    conn.query(&EDITS, args![status]).await
}

/// Forgets the oldest versions of a status: beyond so many, or so many letters in all. The newest one
/// stays.
///
/// # Errors
/// See [`crate::Error`].
pub async fn trim_edits(conn: &mut Conn, status: StatusId, most: i64, letters: i64) -> Result<()> {
    conn.send(&TRIM_EDITS, args![status, most, letters]).await
}

/// How many statuses the accounts of this server have made.
///
/// # Errors
/// See [`insert`].
pub async fn local_count(conn: &mut Conn) -> Result<i64> {
    Ok(conn.scalar(&LOCAL_COUNT, args![]).await?.unwrap_or(0))
}
