//! Other ids of the people here: `alsoKnownAs` of their profiles.

use domain::AccountId;

use crate::engine::{Conn, Result};
use crate::{args, statements};

statements! {
    OF = "SELECT uri FROM account_aliases WHERE account_id = ?1 ORDER BY uri";
    ADD = "INSERT INTO account_aliases (account_id, uri) VALUES (?1, ?2) ON CONFLICT (account_id, uri) DO NOTHING";
    REMOVE = "DELETE FROM account_aliases WHERE account_id = ?1 AND uri = ?2";
}

/// The aliases of an account.
///
/// # Errors
/// [`crate::StoreError`] of the engine, as for every function here.
pub async fn of(conn: &mut Conn, account: AccountId) -> Result<Vec<String>> {
    conn.column(&OF, args![account]).await
}

/// Adds one; doing so twice is harmless.
///
/// # Errors
/// See [`of`].
pub async fn add(conn: &mut Conn, account: AccountId, uri: &str) -> Result<()> {
    conn.send(&ADD, args![account, uri]).await
}

/// Removes one; true when it was there.
///
/// # Errors
/// See [`of`].
pub async fn remove(conn: &mut Conn, account: AccountId, uri: &str) -> Result<bool> {
    Ok(conn.execute(&REMOVE, args![account, uri]).await? > 0)
}
