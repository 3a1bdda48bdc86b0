//! House rules that were written on the pages of the server.

use domain::{RowId, Timestamp};

use crate::engine::{Conn, FromRow, Result, Row};
use crate::{args, statements};

statements! {
    ALL = "SELECT id, place, text, hint, removed_at FROM house_rules ORDER BY place, id LIMIT 1000";
    // Two people who begin at once bring the same rules along.
    INSERT = "INSERT INTO house_rules (id, place, text, hint, removed_at) VALUES (?1, ?2, ?3, ?4, NULL) ON CONFLICT (id) DO NOTHING";
    WRITE = "UPDATE house_rules SET text = ?2, hint = ?3 WHERE id = ?1 AND removed_at IS NULL";
    MOVE = "UPDATE house_rules SET place = ?2 WHERE id = ?1";
    REMOVE = "UPDATE house_rules SET removed_at = ?2 WHERE id = ?1 AND removed_at IS NULL";
}

/// A house rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HouseRule {
    /// Its id; reports name it.
    pub id: RowId,
    /// Its place among the others; not always one apart.
    pub place: i64,
    /// The rule.
    pub text: String,
    /// More words on it; may be empty.
    pub hint: String,
    /// When it was removed; kept for the reports that name it.
    pub removed_at: Option<Timestamp>,
}

impl FromRow for HouseRule {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get()?,
            place: row.get()?,
            text: row.get()?,
            hint: row.get()?,
            removed_at: row.get()?,
        })
    }
}

/// All of them by place, also those that were removed.
///
/// # Errors
/// [`crate::StoreError`] of the engine, as for every function here.
pub async fn all(conn: &mut Conn) -> Result<Vec<HouseRule>> {
    conn.query(&ALL, args![]).await
}

/// Adds a rule; one with the same id stays as it is.
///
/// # Errors
/// See [`all`].
pub async fn insert(conn: &mut Conn, rule: &HouseRule) -> Result<()> {
    conn.send(&INSERT, args![rule.id, rule.place, &rule.text, &rule.hint]).await
}

/// Writes a rule anew; false when there is no such one.
///
/// # Errors
/// See [`all`].
pub async fn write(conn: &mut Conn, id: RowId, text: &str, hint: &str) -> Result<bool> {
    Ok(conn.execute(&WRITE, args![id, text, hint]).await? > 0)
}

/// Puts a rule in another place.
///
/// # Errors
/// See [`all`].
pub async fn move_to(conn: &mut Conn, id: RowId, place: i64) -> Result<()> {
    conn.send(&MOVE, args![id, place]).await
}

/// Removes a rule; false when there is no such one.
///
/// # Errors
/// See [`all`].
pub async fn remove(conn: &mut Conn, id: RowId, now: Timestamp) -> Result<bool> {
    Ok(conn.execute(&REMOVE, args![id, now]).await? > 0)
}
