//! Accounts as staff looks for them, and the marks that staff puts on single ones.

use domain::{AccountId, Timestamp};

use crate::engine::{Conn, Result, Value};
use crate::page::Page;
use crate::{args, statements};

macro_rules! found {
    () => {
        "SELECT a.id FROM accounts a LEFT JOIN users u ON u.account_id = a.id WHERE a.id < ?2 AND a.id > ?3 \
         AND (CAST(?1 AS TEXT) IS NULL OR CASE CAST(?1 AS TEXT) WHEN 'local' THEN a.domain IS NULL ELSE a.domain IS NOT NULL END) \
         AND (CAST(?5 AS TEXT) IS NULL OR CASE CAST(?5 AS TEXT) WHEN 'active' THEN a.suspended_at IS NULL \
         WHEN 'pending' THEN u.approved = false WHEN 'disabled' THEN u.disabled = true WHEN 'silenced' THEN a.silenced_at IS NOT NULL \
         WHEN 'suspended' THEN a.suspended_at IS NOT NULL WHEN 'sensitized' THEN a.sensitized_at IS NOT NULL ELSE false END) \
         AND (?6 = false OR u.role IN ('moderator', 'admin', 'owner')) AND (CAST(?7 AS TEXT) IS NULL OR u.role = CAST(?7 AS TEXT)) \
         AND (CAST(?8 AS TEXT) IS NULL OR a.username_folded LIKE CAST(?8 AS TEXT) ESCAPE '!') \
         AND (CAST(?9 AS TEXT) IS NULL OR lower(a.display_name) LIKE CAST(?9 AS TEXT) ESCAPE '!') \
         AND (CAST(?10 AS TEXT) IS NULL OR a.domain = CAST(?10 AS TEXT)) \
         AND (CAST(?11 AS TEXT) IS NULL OR u.email_folded LIKE CAST(?11 AS TEXT) ESCAPE '!') \
         AND (CAST(?12 AS TEXT) IS NULL OR EXISTS (SELECT 1 FROM user_addresses x WHERE x.account_id = a.id AND x.address = CAST(?12 AS TEXT)))"
    };
}

statements! {
    NEWEST = concat!(found!(), " ORDER BY a.id DESC LIMIT ?4");
    OLDEST = concat!(found!(), " ORDER BY a.id ASC LIMIT ?4");
    SET_SENSITIZED = "UPDATE accounts SET sensitized_at = ?2 WHERE id = ?1";
    SET_SILENCED = "UPDATE accounts SET silenced_at = ?2 WHERE id = ?1";
    SET_DISABLED = "UPDATE users SET disabled = ?2 WHERE account_id = ?1";
    NOTE_ADDRESS = "INSERT INTO user_addresses (account_id, address, used_at) VALUES (?1, ?2, ?3) \
        ON CONFLICT (account_id, address) DO UPDATE SET used_at = excluded.used_at";
    ADDRESSES = "SELECT account_id, address, used_at FROM user_addresses WHERE account_id IN_LIST(?1) ORDER BY used_at DESC, address LIMIT 2000";
    SWEEP_ADDRESSES = "DELETE FROM user_addresses WHERE used_at < ?1";
}

/// Which accounts staff wants to see; `None` is any.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StaffFilter {
    /// `local` or `remote`.
    pub origin: Option<&'static str>,
    /// `active`, `pending`, `disabled`, `silenced`, `suspended` or `sensitized`.
    pub state: Option<&'static str>,
    /// Only staff.
    pub staff: bool,
    /// Only of this role.
    pub role: Option<&'static str>,
    /// Beginning of the name.
    pub username: Option<String>,
    /// Beginning of the display name.
    pub display_name: Option<String>,
    /// The domain.
    pub domain: Option<String>,
    /// Beginning of the mail address.
    pub email: Option<String>,
    /// An address they came from.
    pub address: Option<String>,
}

/// The accounts that fit, newest first.
///
/// # Errors
/// [`crate::StoreError`] of the engine, as for every function here.
pub async fn find(conn: &mut Conn, filter: &StaffFilter, page: &Page) -> Result<Vec<AccountId>> {
    let beginning = |text: &Option<String>| {
        text.as_ref().map(|text| crate::search::prefix(&text.to_lowercase()))
    };
    let text = |text: Option<&str>| text.map(str::to_owned);
    let more: &[Value] = args![
        text(filter.state),
        filter.staff,
        text(filter.role),
        beginning(&filter.username),
        beginning(&filter.display_name),
        filter.domain.clone(),
        beginning(&filter.email),
        filter.address.clone()
    ];
    let rows: Vec<(AccountId,)> =
        page.rows(conn, (&NEWEST, &OLDEST), text(filter.origin), more).await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Hides all media of an account behind a warning, or no longer.
///
/// # Errors
/// See [`find`].
pub async fn set_sensitized(conn: &mut Conn, id: AccountId, at: Option<Timestamp>) -> Result<()> {
    conn.send(&SET_SENSITIZED, args![id, at]).await
}

/// Limits an account, or no longer.
///
/// # Errors
/// See [`find`].
pub async fn set_silenced(conn: &mut Conn, id: AccountId, at: Option<Timestamp>) -> Result<()> {
    conn.send(&SET_SILENCED, args![id, at]).await
}

/// Switches sign-in of a user off or on.
///
/// # Errors
/// See [`find`].
pub async fn set_disabled(conn: &mut Conn, id: AccountId, disabled: bool) -> Result<()> {
    conn.send(&SET_DISABLED, args![id, disabled]).await
}

/// Notes where somebody came from.
///
/// # Errors
/// See [`find`].
pub async fn note_address(
    conn: &mut Conn,
    id: AccountId,
    address: &str,
    now: Timestamp,
) -> Result<()> {
    conn.send(&NOTE_ADDRESS, args![id, address, now]).await
}

/// Where these people came from, the latest first.
///
/// # Errors
/// See [`find`].
pub async fn addresses(
    conn: &mut Conn,
    ids: &[AccountId],
) -> Result<Vec<(AccountId, String, Timestamp)>> {
    conn.query(&ADDRESSES, args![ids]).await
}

/// Forgets addresses that nobody came from since `before` (V08).
///
/// # Errors
/// See [`find`].
pub async fn sweep_addresses(conn: &mut Conn, before: Timestamp) -> Result<u64> {
    conn.execute(&SWEEP_ADDRESSES, args![before]).await
}
