//! Small facts about the installation: the set-up secret, when it was made, ….

use crate::engine::{Conn, FromRow, Result, Row};
use crate::{args, statements};

/// Under which the key of the server's own actor is kept: PKCS#8, base64.
pub const INSTANCE_PRIVATE: &str = "instance_key_private";
/// Its public half: SPKI, PEM.
pub const INSTANCE_PUBLIC: &str = "instance_key_public";

statements! {
    GET = "SELECT value FROM settings WHERE name = ?1";
    SET = "INSERT INTO settings (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = excluded.value";
    INSERT = "INSERT INTO settings (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO NOTHING";
    BEGINNING = "SELECT name, value FROM settings WHERE name LIKE ?1 ESCAPE '!' ORDER BY name LIMIT 100";
    REMOVE = "DELETE FROM settings WHERE name = ?1";
}

/// The value kept under `name`.
///
/// # Errors
/// [`crate::StoreError`] of the engine, as for every function of this crate.
pub async fn get(conn: &mut Conn, name: &str) -> Result<Option<String>> {
    conn.scalar(&GET, args![name]).await
}

/// Keeps `value` under `name`.
///
/// # Errors
/// See [`get`].
pub async fn set(conn: &mut Conn, name: &str, value: &str) -> Result<()> {
    conn.send(&SET, args![name, value]).await
}

/// Keeps `value` under `name` unless there is a value already; the answer is what is there now.
///
/// # Errors
/// See [`get`].
pub async fn get_or_set(conn: &mut Conn, name: &str, value: &str) -> Result<String> {
    conn.send(&INSERT, args![name, value]).await?;
    Ok(get(conn, name).await?.unwrap_or_else(|| value.to_owned()))
}

/// Forgets `name`; true when there was a value.
///
/// # Errors
/// See [`get`].
pub async fn remove(conn: &mut Conn, name: &str) -> Result<bool> {
    Ok(conn.execute(&REMOVE, args![name]).await? > 0)
}

struct Named(String, String);

impl FromRow for Named {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self(row.get()?, row.get()?))
    }
}

/// Names and values of those whose name begins so, a hundred at most.
///
/// # Errors
/// See [`get`].
pub async fn beginning(conn: &mut Conn, beginning: &str) -> Result<Vec<(String, String)>> {
    let rows: Vec<Named> = conn.query(&BEGINNING, args![crate::search::prefix(beginning)]).await?;
    Ok(rows.into_iter().map(|Named(name, value)| (name, value)).collect())
}
