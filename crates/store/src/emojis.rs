//! Custom emoji.

use domain::account::ForeignEmoji;
use domain::{RowId, Timestamp};

use crate::engine::{Conn, FromRow, Result, Row, StoreError};
use crate::{args, statements};

macro_rules! columns {
    () => {
        "id, shortcode, image_key, static_key, content_type, category, visible, created_at"
    };
}

statements! {
    LOCAL = concat!("SELECT ", columns!(), " FROM custom_emojis WHERE domain IS NULL ORDER BY shortcode");
    LOCAL_BY_CODE = concat!("SELECT ", columns!(), " FROM custom_emojis WHERE shortcode = ?1 AND domain IS NULL");
    INSERT_LOCAL = "INSERT INTO custom_emojis (id, shortcode, domain, image_key, static_key, content_type, category, visible, \
        created_at) VALUES (?1, ?2, NULL, ?3, ?4, ?5, ?6, ?7, ?8)";
    CHANGE = "UPDATE custom_emojis SET id = ?2, category = ?3, visible = ?4 WHERE shortcode = ?1 AND domain IS NULL";
    DELETE = "DELETE FROM custom_emojis WHERE id = ?1";
    EDITION = "SELECT COUNT(*), COALESCE(MAX(id), 0) FROM custom_emojis WHERE domain IS NULL";
}

/// An emoji of this server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Emoji {
    /// Its id; a changed picture is a new emoji.
    pub id: RowId,
    /// Without colons.
    pub shortcode: String,
    /// Storage key of the picture, perhaps moving.
    pub image_key: String,
    /// Storage key of the still picture; the same when it does not move.
    pub static_key: String,
    /// Type of the picture.
    pub content_type: String,
    /// Heading in the picker.
    pub category: Option<String>,
    /// Shown in the picker.
    pub visible: bool,
    /// When it came.
    pub created_at: Timestamp,
}

impl FromRow for Emoji {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get()?,
            shortcode: row.get()?,
            image_key: row.get()?,
            static_key: row.get()?,
            content_type: row.get()?,
            category: row.get()?,
            visible: row.get()?,
            created_at: row.get()?,
        })
    }
}

/// A number pair that is another one after any emoji of this server came or went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Edition(i64, i64);

/// All emoji of this server, by shortcode.
///
/// # Errors
/// [`crate::StoreError`] of the engine, as for every function here.
pub async fn local(conn: &mut Conn) -> Result<Vec<Emoji>> {
    conn.query(&LOCAL, args![]).await
}

/// The emoji of this server with this shortcode.
///
/// # Errors
/// See [`local`].
pub async fn local_by_code(conn: &mut Conn, shortcode: &str) -> Result<Option<Emoji>> {
    conn.optional(&LOCAL_BY_CODE, args![shortcode]).await
}

/// Adds an emoji of this server.
///
/// # Errors
/// [`crate::StoreError::Constraint`] when the shortcode is taken.
pub async fn insert_local(conn: &mut Conn, emoji: &Emoji) -> Result<()> {
    conn.send(
        &INSERT_LOCAL,
        args![
            emoji.id,
            &emoji.shortcode,
            &emoji.image_key,
            &emoji.static_key,
            &emoji.content_type,
            emoji.category.clone(),
            emoji.visible,
            emoji.created_at
        ],
    )
    .await
}

/// Gives an emoji of this server another heading, shows or hides it. It gets a new id, so that
/// [`edition`] tells that it changed. False when there is none.
///
/// # Errors
/// See [`local`].
pub async fn change(
    conn: &mut Conn,
    shortcode: &str,
    new_id: RowId,
    category: Option<String>,
    visible: bool,
) -> Result<bool> {
    Ok(conn.execute(&CHANGE, args![shortcode, new_id, category, visible]).await? > 0)
}

/// Removes an emoji; its files are the caller's.
///
/// # Errors
/// See [`local`].
pub async fn delete(conn: &mut Conn, id: RowId) -> Result<bool> {
    Ok(conn.execute(&DELETE, args![id]).await? > 0)
}

/// Which edition of the emoji of this server stands in the table.
///
/// # Errors
/// See [`local`].
pub async fn edition(conn: &mut Conn) -> Result<Edition> {
    let (count, newest) = conn.optional(&EDITION, args![]).await?.unwrap_or((0, 0));
    Ok(Edition(count, newest))
}

/// Emoji of a remote text from their stored form; what cannot be read is none: they are decoration.
pub(crate) fn foreign_from_json(text: &str) -> Vec<ForeignEmoji> {
    if text == "[]" {
        return Vec::new();
    }
    serde_json::from_str(text).unwrap_or_default()
}

/// Emoji of a remote text as they are stored.
pub(crate) fn foreign_to_json(emojis: &[ForeignEmoji]) -> Result<String> {
    serde_json::to_string(emojis)
        .map_err(|error| StoreError::Engine { statement: "emojis", cause: error.to_string() })
}
