//! Accounts, local and remote.

use domain::account::{Account, ProfileField};
use domain::{AccountId, Timestamp};

use crate::engine::{Conn, FromRow, Result, Row, StoreError};
use crate::{args, statements};

macro_rules! columns {
    () => {
        "id, username, domain, uri, url, display_name, note, fields, avatar, avatar_description, header, \
         header_description, locked, bot, discoverable, indexable, hide_collections, followers_count, \
         following_count, statuses_count, last_status_at, created_at, suspended_at, silenced_at, sensitized_at, moved_to, is_group, memorial, emojis"
    };
}

statements! {
    INSERT = "INSERT INTO accounts (id, username, username_folded, domain, uri, url, display_name, note, fields, avatar, \
        avatar_description, header, header_description, locked, bot, discoverable, indexable, hide_collections, \
        followers_count, following_count, statuses_count, created_at, is_group, memorial, emojis) \
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, 0, 0, 0, ?19, ?20, ?21, ?22)";
    BY_IDS = concat!("SELECT ", columns!(), " FROM accounts WHERE id IN_LIST(?1)");
    BY_ID = concat!("SELECT ", columns!(), " FROM accounts WHERE id = ?1");
    BY_URI = concat!("SELECT ", columns!(), " FROM accounts WHERE uri = ?1");
    LOCKED = concat!("SELECT ", columns!(), " FROM accounts WHERE id = ?1 FOR_UPDATE");
    BY_HANDLE = concat!("SELECT ", columns!(), " FROM accounts WHERE username_folded = ?1 AND COALESCE(domain, '') = ?2");
    SET_FIELDS = "UPDATE accounts SET fields = ?2 WHERE id = ?1";
    UPDATE_PROFILE = "UPDATE accounts SET display_name = ?2, note = ?3, fields = ?4, avatar = ?5, avatar_description = ?6, \
        header = ?7, header_description = ?8, locked = ?9, bot = ?10, discoverable = ?11, indexable = ?12, \
        hide_collections = ?13 WHERE id = ?1";
    SET_SUSPENDED = "UPDATE accounts SET suspended_at = ?2 WHERE id = ?1";
    DELETE = "DELETE FROM accounts WHERE id = ?1";
    LOCAL = concat!("SELECT ", columns!(), " FROM accounts WHERE domain IS NULL ORDER BY id");
    COUNT_STATUS = "UPDATE accounts SET statuses_count = statuses_count + ?2, \
        last_status_at = COALESCE(?3, last_status_at) WHERE id = ?1";
    COUNT_FOLLOWERS = "UPDATE accounts SET followers_count = followers_count + ?2 WHERE id = ?1";
    COUNT_FOLLOWING = "UPDATE accounts SET following_count = following_count + ?2 WHERE id = ?1";
}

impl FromRow for Account {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get()?,
            username: row.get()?,
            domain: row.get()?,
            uri: row.get()?,
            url: row.get()?,
            display_name: row.get()?,
            note: row.get()?,
            fields: fields_from_json(&row.get::<String>()?),
            avatar: row.get()?,
            avatar_description: row.get()?,
            header: row.get()?,
            header_description: row.get()?,
            locked: row.get()?,
            bot: row.get()?,
            discoverable: row.get()?,
            indexable: row.get()?,
            hide_collections: row.get()?,
            followers_count: row.get()?,
            following_count: row.get()?,
            statuses_count: row.get()?,
            last_status_at: row.get()?,
            created_at: row.get()?,
            suspended_at: row.get()?,
            silenced_at: row.get()?,
            sensitized_at: row.get()?,
            moved_to: row.get()?,
            is_group: row.get()?,
            memorial: row.get()?,
            emojis: crate::emojis::foreign_from_json(&row.get::<String>()?),
        })
    }
}

/// Fields that cannot be read are shown as none: they are decoration, not a reason to fail.
fn fields_from_json(text: &str) -> Vec<ProfileField> {
    serde_json::from_str(text).unwrap_or_default()
}

fn fields_to_json(fields: &[ProfileField]) -> Result<String> {
    serde_json::to_string(fields)
        .map_err(|error| StoreError::Engine { statement: "fields", cause: error.to_string() })
}

/// Adds an account.
///
/// # Errors
/// [`StoreError::Constraint`] when the handle is taken.
pub async fn insert(conn: &mut Conn, account: &Account) -> Result<()> {
    conn.send(
        &INSERT,
        args![
            account.id,
            &account.username,
            account.username.to_lowercase(),
            account.domain.clone(),
            account.uri.clone(),
            account.url.clone(),
            &account.display_name,
            &account.note,
            fields_to_json(&account.fields)?,
            account.avatar.clone(),
            &account.avatar_description,
            account.header.clone(),
            &account.header_description,
            account.locked,
            account.bot,
            account.discoverable,
            account.indexable,
            account.hide_collections,
            account.created_at,
            account.is_group,
            account.memorial,
            crate::emojis::foreign_to_json(&account.emojis)?
        ],
    )
    .await
}

/// The account with this id.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn by_id(conn: &mut Conn, id: AccountId) -> Result<Option<Account>> {
    conn.optional(&BY_ID, args![id]).await
}

/// The account with this id, locked until the transaction ends.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn locked(conn: &mut Conn, id: AccountId) -> Result<Option<Account>> {
    conn.optional(&LOCKED, args![id]).await
}

/// The accounts with these ids, in no particular order.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn by_ids(conn: &mut Conn, ids: &[AccountId]) -> Result<Vec<Account>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    conn.query(&BY_IDS, args![ids]).await
}

/// The accounts with these ids, in their order; those that are gone or suspended are left out.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn in_order(conn: &mut Conn, ids: &[AccountId]) -> Result<Vec<Account>> {
    let mut found = by_ids(conn, ids).await?;
    found.retain(|account| account.suspended_at.is_none());
    found.sort_by_key(|account| ids.iter().position(|id| *id == account.id));
    Ok(found)
}

/// The account with this ActivityPub id, if it is known; local ones have none in the table.
///
/// # Errors
/// See [`insert`].
pub async fn by_uri(conn: &mut Conn, uri: &str) -> Result<Option<Account>> {
    conn.optional(&BY_URI, args![uri]).await
}

/// The account with this handle; `domain` is `None` for this server.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn by_handle(
    conn: &mut Conn,
    username: &str,
    domain: Option<&str>,
) -> Result<Option<Account>> {
    conn.optional(&BY_HANDLE, args![username.to_lowercase(), domain.unwrap_or_default()]).await
}

/// Every account of this server, oldest first.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn local(conn: &mut Conn) -> Result<Vec<Account>> {
    conn.query(&LOCAL, args![]).await
}

/// Writes everything a person can edit about their profile.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn update_profile(conn: &mut Conn, account: &Account) -> Result<()> {
    conn.send(
        &UPDATE_PROFILE,
        args![
            account.id,
            &account.display_name,
            &account.note,
            fields_to_json(&account.fields)?,
            account.avatar.clone(),
            &account.avatar_description,
            account.header.clone(),
            &account.header_description,
            account.locked,
            account.bot,
            account.discoverable,
            account.indexable,
            account.hide_collections
        ],
    )
    .await
}

/// Writes the profile table alone.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn set_fields(conn: &mut Conn, id: AccountId, fields: &[ProfileField]) -> Result<()> {
    conn.send(&SET_FIELDS, args![id, fields_to_json(fields)?]).await
}

/// Suspends an account, or lifts that with `None`.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn set_suspended(conn: &mut Conn, id: AccountId, at: Option<Timestamp>) -> Result<()> {
    conn.send(&SET_SUSPENDED, args![id, at]).await
}

/// Removes an account and, by the foreign keys, all that is its own.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn delete(conn: &mut Conn, id: AccountId) -> Result<bool> {
    Ok(conn.execute(&DELETE, args![id]).await? > 0)
}

/// Changes the number of statuses, and notes when the last one was made.
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn count_status(
    conn: &mut Conn,
    id: AccountId,
    by: i64,
    at: Option<Timestamp>,
) -> Result<()> {
    conn.send(&COUNT_STATUS, args![id, by, at]).await
}

/// Changes the two counters of a follow that began (`by` 1) or ended (`by` −1).
///
/// # Errors
/// [`StoreError`] of the engine.
pub async fn count_follow(
    conn: &mut Conn,
    follower: AccountId,
    followed: AccountId,
    by: i64,
) -> Result<()> {
    conn.send(&COUNT_FOLLOWING, args![follower, by]).await?;
    conn.send(&COUNT_FOLLOWERS, args![followed, by]).await?;
    Ok(())
}
