//! Mail addresses and networks that may not sign up here, or not come here at all.

use domain::{AccountId, RowId, Timestamp};

use crate::engine::{Conn, FromRow, Result, Row};
use crate::page::Page;
use crate::{args, statements};

macro_rules! domain_columns {
    () => {
        "SELECT id, domain, allow_with_approval, created_at FROM email_domain_blocks"
    };
}

macro_rules! hash_columns {
    () => {
        "SELECT id, hash, account_id FROM canonical_email_blocks"
    };
}

macro_rules! network_columns {
    () => {
        "SELECT id, network, severity, comment, expires_at, created_at FROM ip_blocks"
    };
}

macro_rules! page {
    ($of:expr, $order:literal) => {
        concat!($of, " WHERE id < ?1 AND id > ?2 ORDER BY id ", $order, " LIMIT ?3")
    };
}

statements! {
    DOMAINS_NEWEST = page!(domain_columns!(), "DESC");
    DOMAINS_OLDEST = page!(domain_columns!(), "ASC");
    DOMAIN = concat!(domain_columns!(), " WHERE id = ?1");
    DOMAINS_NAMED = concat!(domain_columns!(), " WHERE domain IN_LIST(?1)");
    ADD_DOMAIN = "INSERT INTO email_domain_blocks (id, domain, allow_with_approval, created_at) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (domain) DO NOTHING";
    DROP_DOMAIN = "DELETE FROM email_domain_blocks WHERE id = ?1";
    HASHES_NEWEST = page!(hash_columns!(), "DESC");
    HASHES_OLDEST = page!(hash_columns!(), "ASC");
    HASH = concat!(hash_columns!(), " WHERE id = ?1");
    HASH_OF = concat!(hash_columns!(), " WHERE hash = ?1");
    ADD_HASH = "INSERT INTO canonical_email_blocks (id, hash, account_id, created_at) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (hash) DO NOTHING";
    DROP_HASH = "DELETE FROM canonical_email_blocks WHERE id = ?1";
    DROP_HASH_OF = "DELETE FROM canonical_email_blocks WHERE account_id = ?1";
    NETWORKS_NEWEST = page!(network_columns!(), "DESC");
    NETWORKS_OLDEST = page!(network_columns!(), "ASC");
    NETWORK = concat!(network_columns!(), " WHERE id = ?1");
    NETWORK_NAMED = concat!(network_columns!(), " WHERE network = ?1");
    STANDING = concat!(network_columns!(), " WHERE expires_at IS NULL OR expires_at > ?1 ORDER BY id DESC LIMIT 10000");
    PUT_NETWORK = "INSERT INTO ip_blocks (id, network, severity, comment, expires_at, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6) \
        ON CONFLICT (id) DO UPDATE SET network = excluded.network, severity = excluded.severity, comment = excluded.comment, expires_at = excluded.expires_at";
    DROP_NETWORK = "DELETE FROM ip_blocks WHERE id = ?1";
    SWEEP_NETWORKS = "DELETE FROM ip_blocks WHERE expires_at IS NOT NULL AND expires_at < ?1";
}

/// A domain whose mail addresses may not sign up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmailDomain {
    /// Its id.
    pub id: RowId,
    /// The domain; those below it are meant too.
    pub domain: String,
    /// They may, when staff lets them in.
    pub allow_with_approval: bool,
    /// When it was made.
    pub created_at: Timestamp,
}

impl FromRow for EmailDomain {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get()?,
            domain: row.get()?,
            allow_with_approval: row.get()?,
            created_at: row.get()?,
        })
    }
}

/// A mail address that may not sign up, known by the hash of its canonical form only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmailHash {
    /// Its id.
    pub id: RowId,
    /// SHA-256 in hex.
    pub hash: String,
    /// The suspended account it was of.
    pub account: Option<AccountId>,
}

impl FromRow for EmailHash {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self { id: row.get()?, hash: row.get()?, account: row.get()? })
    }
}

/// A network that is kept away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Network {
    /// Its id.
    pub id: RowId,
    /// `192.0.2.0/24`, or one address.
    pub network: String,
    /// How far: Mastodon's name.
    pub severity: String,
    /// Why.
    pub comment: String,
    /// Until when.
    pub expires_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
}

impl FromRow for Network {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get()?,
            network: row.get()?,
            severity: row.get()?,
            comment: row.get()?,
            expires_at: row.get()?,
            created_at: row.get()?,
        })
    }
}

/// Domains of mail addresses, newest first.
///
/// # Errors
/// [`crate::StoreError`] of the engine, as for every function here.
pub async fn domains(conn: &mut Conn, page: &Page) -> Result<Vec<EmailDomain>> {
    page.of_all(conn, (&DOMAINS_NEWEST, &DOMAINS_OLDEST)).await
}

/// One of them.
///
/// # Errors
/// See [`domains`].
pub async fn domain(conn: &mut Conn, id: RowId) -> Result<Option<EmailDomain>> {
    conn.optional(&DOMAIN, args![id]).await
}

/// Those with one of these names.
///
/// # Errors
/// See [`domains`].
pub async fn domains_named(conn: &mut Conn, names: &[String]) -> Result<Vec<EmailDomain>> {
    conn.query(&DOMAINS_NAMED, args![names]).await
}

/// Adds one; false when its domain is there.
///
/// # Errors
/// See [`domains`].
pub async fn add_domain(conn: &mut Conn, new: &EmailDomain) -> Result<bool> {
    let row = args![new.id, &new.domain, new.allow_with_approval, new.created_at];
    Ok(conn.execute(&ADD_DOMAIN, row).await? > 0)
}

/// Removes one; false when there is none.
///
/// # Errors
/// See [`domains`].
pub async fn drop_domain(conn: &mut Conn, id: RowId) -> Result<bool> {
    Ok(conn.execute(&DROP_DOMAIN, args![id]).await? > 0)
}

/// Hashes of mail addresses, newest first.
///
/// # Errors
/// See [`domains`].
pub async fn hashes(conn: &mut Conn, page: &Page) -> Result<Vec<EmailHash>> {
    page.of_all(conn, (&HASHES_NEWEST, &HASHES_OLDEST)).await
}

/// One of them.
///
/// # Errors
/// See [`domains`].
pub async fn hash(conn: &mut Conn, id: RowId) -> Result<Option<EmailHash>> {
    conn.optional(&HASH, args![id]).await
}

/// The one with this value.
///
/// # Errors
/// See [`domains`].
pub async fn hash_of(conn: &mut Conn, value: &str) -> Result<Option<EmailHash>> {
    conn.optional(&HASH_OF, args![value]).await
}

/// Adds one; false when it is there.
///
/// # Errors
/// See [`domains`].
pub async fn add_hash(conn: &mut Conn, new: &EmailHash, now: Timestamp) -> Result<bool> {
    Ok(conn.execute(&ADD_HASH, args![new.id, &new.hash, new.account, now]).await? > 0)
}

/// Removes one; false when there is none.
///
/// # Errors
/// See [`domains`].
pub async fn drop_hash(conn: &mut Conn, id: RowId) -> Result<bool> {
    Ok(conn.execute(&DROP_HASH, args![id]).await? > 0)
}

/// Removes what the suspension of this account added.
///
/// # Errors
/// See [`domains`].
pub async fn drop_hash_of(conn: &mut Conn, account: AccountId) -> Result<()> {
    conn.send(&DROP_HASH_OF, args![account]).await
}

/// Networks, newest first.
///
/// # Errors
/// See [`domains`].
pub async fn networks(conn: &mut Conn, page: &Page) -> Result<Vec<Network>> {
    page.of_all(conn, (&NETWORKS_NEWEST, &NETWORKS_OLDEST)).await
}

/// One of them.
///
/// # Errors
/// See [`domains`].
pub async fn network(conn: &mut Conn, id: RowId) -> Result<Option<Network>> {
    conn.optional(&NETWORK, args![id]).await
}

/// The one of exactly this spelling.
///
/// # Errors
/// See [`domains`].
pub async fn network_named(conn: &mut Conn, network: &str) -> Result<Option<Network>> {
    conn.optional(&NETWORK_NAMED, args![network]).await
}

/// Those that still count, the newest ten thousand.
///
/// # Errors
/// See [`domains`].
pub async fn standing(conn: &mut Conn, now: Timestamp) -> Result<Vec<Network>> {
    conn.query(&STANDING, args![now]).await
}

/// Adds one, or writes the one with its id anew.
///
/// # Errors
/// See [`domains`].
pub async fn put_network(conn: &mut Conn, row: &Network) -> Result<()> {
    conn.send(
        &PUT_NETWORK,
        args![row.id, &row.network, &row.severity, &row.comment, row.expires_at, row.created_at],
    )
    .await
}

/// Removes one; false when there is none.
///
/// # Errors
/// See [`domains`].
pub async fn drop_network(conn: &mut Conn, id: RowId) -> Result<bool> {
    Ok(conn.execute(&DROP_NETWORK, args![id]).await? > 0)
}

/// Forgets networks whose time ended before `before`.
///
/// # Errors
/// See [`domains`].
pub async fn sweep_networks(conn: &mut Conn, before: Timestamp) -> Result<u64> {
    conn.execute(&SWEEP_NETWORKS, args![before]).await
}
