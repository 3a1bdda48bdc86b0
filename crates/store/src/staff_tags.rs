//! What staff says of hashtags: whether they may be used, are found, and could trend.

use domain::status::Tag;
use domain::{TagId, Timestamp};

use crate::engine::{Conn, FromRow, Result, Row};
use crate::page::Page;
use crate::{args, statements};

macro_rules! columns {
    () => {
        "SELECT id, name, display_name, usable, listable, trendable, reviewed_at FROM tags"
    };
}

statements! {
    NEWEST = concat!(columns!(), " WHERE id < ?1 AND id > ?2 ORDER BY id DESC LIMIT ?3");
    OLDEST = concat!(columns!(), " WHERE id < ?1 AND id > ?2 ORDER BY id ASC LIMIT ?3");
    ONE = concat!(columns!(), " WHERE id = ?1");
    UPDATE = "UPDATE tags SET display_name = ?2, usable = ?3, listable = ?4, trendable = ?5, reviewed_at = ?6 WHERE id = ?1";
    UNUSABLE = "SELECT display_name FROM tags WHERE id IN_LIST(?1) AND usable = false ORDER BY display_name";
}

/// A hashtag with what staff says of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaffTag {
    /// The tag.
    pub tag: Tag,
    /// People here may post with it.
    pub usable: bool,
    /// It is found by search and suggested.
    pub listable: bool,
    /// It could trend, if trends were counted.
    pub trendable: bool,
    /// When staff last looked at it.
    pub reviewed_at: Option<Timestamp>,
}

impl FromRow for StaffTag {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            tag: Tag { id: row.get()?, name: row.get()?, display_name: row.get()? },
            usable: row.get()?,
            listable: row.get()?,
            trendable: row.get()?,
            reviewed_at: row.get()?,
        })
    }
}

/// All hashtags, the newest first.
///
/// # Errors
/// [`crate::StoreError`] of the engine, as for every function here.
pub async fn page(conn: &mut Conn, page: &Page) -> Result<Vec<StaffTag>> {
    page.of_all(conn, (&NEWEST, &OLDEST)).await
}

/// One of them.
///
/// # Errors
/// See [`page`].
pub async fn one(conn: &mut Conn, id: TagId) -> Result<Option<StaffTag>> {
    conn.optional(&ONE, args![id]).await
}

/// Writes what staff says of one.
///
/// # Errors
/// See [`page`].
pub async fn update(conn: &mut Conn, row: &StaffTag) -> Result<()> {
    conn.send(
        &UPDATE,
        args![
            row.tag.id,
            &row.tag.display_name,
            row.usable,
            row.listable,
            row.trendable,
            row.reviewed_at
        ],
    )
    .await
}

/// The names of those of these that people here may not post with.
///
/// # Errors
/// See [`page`].
pub async fn unusable(conn: &mut Conn, ids: &[TagId]) -> Result<Vec<String>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    conn.column(&UNUSABLE, args![ids]).await
}
