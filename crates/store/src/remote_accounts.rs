//! What is known of other servers' accounts beyond what everybody sees: where their mail goes, their
//! collections, their keys. One typed value goes in; account, remote side and keys are written
//! together.

use domain::account::Account;
use domain::{AccountId, Timestamp};

use crate::accounts;
use crate::engine::{Conn, FromRow, Result, Row, StoreError};
use crate::{args, statements};

macro_rules! columns {
    () => {
        "account_id, host, kind, inbox, shared_inbox, outbox, followers_uri, following_uri, featured_uri, featured_tags_uri, \
         moved_to_uri, also_known_as, attribution_domains, fetched_at, backfilled_at"
    };
}

statements! {
    BY_INBOX = "SELECT account_id FROM remote_accounts WHERE inbox = ?1 ORDER BY account_id LIMIT ?2";
    BY_SHARED_INBOX = "SELECT account_id FROM remote_accounts WHERE host = ?1 AND shared_inbox = ?2 LIMIT ?3";
    IS_HOST_KNOWN = "SELECT 1 FROM remote_accounts WHERE host = ?1 LIMIT 1";
    BY_ACCOUNT = concat!("SELECT ", columns!(), " FROM remote_accounts WHERE account_id = ?1");
    BY_URI = "SELECT id FROM accounts WHERE uri = ?1";
    BY_URIS = "SELECT id, uri FROM accounts WHERE uri IN_LIST(?1)";
    BY_FOLLOWERS = "SELECT account_id FROM remote_accounts WHERE followers_uri = ?1 ORDER BY account_id LIMIT 1";
    OF_HOST = "SELECT account_id FROM remote_accounts WHERE host = ?1 AND account_id > ?2 ORDER BY account_id LIMIT ?3";
    PUT = "INSERT INTO remote_accounts (account_id, host, kind, inbox, shared_inbox, outbox, followers_uri, following_uri, featured_uri, \
        featured_tags_uri, moved_to_uri, also_known_as, attribution_domains, fetched_at) \
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14) ON CONFLICT (account_id) DO UPDATE \
        SET host = excluded.host, kind = excluded.kind, inbox = excluded.inbox, shared_inbox = excluded.shared_inbox, \
        outbox = excluded.outbox, followers_uri = excluded.followers_uri, following_uri = excluded.following_uri, \
        featured_uri = excluded.featured_uri, featured_tags_uri = excluded.featured_tags_uri, moved_to_uri = excluded.moved_to_uri, \
        also_known_as = excluded.also_known_as, attribution_domains = excluded.attribution_domains, fetched_at = excluded.fetched_at";
    SET_IDENTITY = "UPDATE accounts SET username = ?2, username_folded = ?3, domain = ?4, uri = ?5, url = ?6, is_group = ?7, \
        memorial = ?8, emojis = ?9 WHERE id = ?1";
    COUNTERS = "UPDATE accounts SET followers_count = COALESCE(CAST(?2 AS BIGINT), followers_count), \
        following_count = COALESCE(CAST(?3 AS BIGINT), following_count), statuses_count = COALESCE(CAST(?4 AS BIGINT), statuses_count) WHERE id = ?1";
    BACKFILLED = "UPDATE remote_accounts SET backfilled_at = ?2 WHERE account_id = ?1 AND (backfilled_at IS NULL OR backfilled_at < ?3)";
    SET_MOVED = "UPDATE accounts SET moved_to = ?2, moved_at = ?3 WHERE id = ?1";
    MOVED_AT = "SELECT moved_at FROM accounts WHERE id = ?1";
    LOCAL_FOLLOWERS = "SELECT f.account_id FROM follows f JOIN users u ON u.account_id = f.account_id WHERE f.target_id = ?1 ORDER BY f.id LIMIT ?2";
    HAS_LOCAL_FOLLOWER = "SELECT 1 FROM follows f JOIN users u ON u.account_id = f.account_id WHERE f.target_id = ?1 LIMIT 1";
    LIMIT = "UPDATE accounts SET silenced_at = COALESCE(silenced_at, ?2) WHERE id = ?1";
    UNCOUNT_FOLLOWED = "UPDATE accounts SET followers_count = followers_count - 1 WHERE id IN (SELECT target_id FROM follows WHERE account_id = ?1)";
    UNCOUNT_FOLLOWERS = "UPDATE accounts SET following_count = following_count - 1 WHERE id IN (SELECT account_id FROM follows WHERE target_id = ?1)";
    HAS_ALIAS = "SELECT 1 FROM account_aliases WHERE account_id = ?1 AND uri = ?2";
    CLEAR_KEYS = "DELETE FROM actor_keys WHERE account_id = ?1 AND private_key IS NULL";
    PUT_KEY = "INSERT INTO actor_keys (key_id, account_id, public_key, created_at) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (key_id) DO NOTHING";
}

/// The side of a remote account that only servers look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoteAccount {
    /// The account.
    pub account_id: AccountId,
    /// The host of its id, in normal form.
    pub host: String,
    /// What it is: `person`, `service`, `application`, `group`, `organization`.
    pub kind: String,
    /// Where its mail goes.
    pub inbox: String,
    /// Where mail for many of its server goes.
    pub shared_inbox: Option<String>,
    /// What it has posted.
    pub outbox: Option<String>,
    /// Who follows it.
    pub followers_uri: Option<String>,
    /// Whom it follows.
    pub following_uri: Option<String>,
    /// Its pinned statuses.
    pub featured_uri: Option<String>,
    /// Its featured hashtags.
    pub featured_tags_uri: Option<String>,
    /// Where it says it went.
    pub moved_to_uri: Option<String>,
    /// Other ids of the same person.
    pub also_known_as: Vec<String>,
    /// Domains that may name it as an author.
    pub attribution_domains: Vec<String>,
    /// When it was last asked for.
    pub fetched_at: Timestamp,
    /// When its older statuses were last asked for.
    pub backfilled_at: Option<Timestamp>,
}

/// A remote account as its server describes it.
#[derive(Clone, Debug)]
pub struct Described {
    /// What everybody sees; the id counts only when the account is new.
    pub account: Account,
    /// What servers look at; its account is that of `account`.
    pub remote: RemoteAccount,
    /// Key ids with the keys (SPKI, PEM).
    pub keys: Vec<(String, String)>,
}

impl FromRow for RemoteAccount {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            account_id: row.get()?,
            host: row.get()?,
            kind: row.get()?,
            inbox: row.get()?,
            shared_inbox: row.get()?,
            outbox: row.get()?,
            followers_uri: row.get()?,
            following_uri: row.get()?,
            featured_uri: row.get()?,
            featured_tags_uri: row.get()?,
            moved_to_uri: row.get()?,
            also_known_as: lines(&row.get::<String>()?),
            attribution_domains: lines(&row.get::<String>()?),
            fetched_at: row.get()?,
            backfilled_at: row.get()?,
        })
    }
}

fn lines(text: &str) -> Vec<String> {
    serde_json::from_str(text).unwrap_or_default()
}

fn json(list: &[String]) -> Result<String> {
    serde_json::to_string(list)
        .map_err(|error| StoreError::Engine { statement: "addresses", cause: error.to_string() })
}

/// Writes what a server says of one of its accounts: a new account, or changes to the one with this
/// id or, when that is unknown, with this handle. Which keys it has is replaced as a whole.
///
/// # Errors
/// [`StoreError`] of the engine, as for every function here; [`StoreError::Constraint`] when the
/// handle is taken by another account with an id of its own.
pub async fn upsert(conn: &mut Conn, new: &Described, now: Timestamp) -> Result<AccountId> {
    let uri = new.account.uri.clone().unwrap_or_default();
    let mut account = new.account.clone();
    if let Some(id) = conn.scalar::<AccountId>(&BY_URI, args![&uri]).await? {
        account.id = id;
        accounts::update_profile(conn, &account).await?;
        conn.send(
            &SET_IDENTITY,
            args![
                id,
                &account.username,
                account.username.to_lowercase(),
                account.domain.clone(),
                uri,
                account.url.clone(),
                account.is_group,
                account.memorial,
                crate::emojis::foreign_to_json(&account.emojis)?
            ],
        )
        .await?;
    } else {
        accounts::insert(conn, &account).await?;
    }
    put_remote(conn, account.id, &new.remote).await?;
    conn.send(&CLEAR_KEYS, args![account.id]).await?;
    for (key_id, pem) in &new.keys {
        conn.send(&PUT_KEY, args![key_id, account.id, pem, now]).await?;
    }
    Ok(account.id)
}

async fn put_remote(conn: &mut Conn, id: AccountId, remote: &RemoteAccount) -> Result<()> {
    conn.send(
        &PUT,
        args![
            id,
            &remote.host,
            &remote.kind,
            &remote.inbox,
            remote.shared_inbox.clone(),
            remote.outbox.clone(),
            remote.followers_uri.clone(),
            remote.following_uri.clone(),
            remote.featured_uri.clone(),
            remote.featured_tags_uri.clone(),
            remote.moved_to_uri.clone(),
            json(&remote.also_known_as)?,
            json(&remote.attribution_domains)?,
            remote.fetched_at
        ],
    )
    .await
}

/// The remote side of an account; none for a local one.
///
/// # Errors
/// See [`upsert`].
pub async fn by_account(conn: &mut Conn, id: AccountId) -> Result<Option<RemoteAccount>> {
    conn.optional(&BY_ACCOUNT, args![id]).await
}

/// Those of these ActivityPub ids that are known, with the accounts they name.
///
/// # Errors
/// See [`upsert`].
pub async fn by_uris(conn: &mut Conn, uris: &[String]) -> Result<Vec<(AccountId, String)>> {
    if uris.is_empty() {
        return Ok(Vec::new());
    }
    conn.query(&BY_URIS, args![uris.to_vec()]).await
}

/// The account whose followers this collection lists.
///
/// # Errors
/// See [`upsert`].
pub async fn by_followers_uri(conn: &mut Conn, uri: &str) -> Result<Option<AccountId>> {
    conn.scalar(&BY_FOLLOWERS, args![uri]).await
}

/// Accounts of a host above this id, in order.
///
/// # Errors
/// See [`upsert`].
pub async fn of_host(
    conn: &mut Conn,
    host: &str,
    above: AccountId,
    limit: i64,
) -> Result<Vec<AccountId>> {
    conn.column(&OF_HOST, args![host, above, limit]).await
}

/// Writes how many followers, followed accounts and statuses an account's server says it has;
/// `None` leaves a number as it is.
///
/// # Errors
/// See [`upsert`].
pub async fn set_counters(
    conn: &mut Conn,
    id: AccountId,
    [followers, following, statuses]: [Option<i64>; 3],
) -> Result<()> {
    conn.send(&COUNTERS, args![id, followers, following, statuses]).await
}

/// Notes that the older statuses of an account are being asked for; false when they were since
/// `since`.
///
/// # Errors
/// See [`upsert`].
pub async fn claim_backfill(
    conn: &mut Conn,
    id: AccountId,
    now: Timestamp,
    since: Timestamp,
) -> Result<bool> {
    Ok(conn.execute(&BACKFILLED, args![id, now, since]).await? > 0)
}

/// Notes where an account went, and when that took effect here.
///
/// # Errors
/// See [`upsert`].
pub async fn set_moved(
    conn: &mut Conn,
    id: AccountId,
    to: Option<AccountId>,
    at: Option<Timestamp>,
) -> Result<()> {
    conn.send(&SET_MOVED, args![id, to, at]).await
}

/// When an account last moved.
///
/// # Errors
/// See [`upsert`].
pub async fn moved_at(conn: &mut Conn, id: AccountId) -> Result<Option<Timestamp>> {
    Ok(conn.scalar::<Option<Timestamp>>(&MOVED_AT, args![id]).await?.flatten())
}

/// People here who follow an account.
///
/// # Errors
/// See [`upsert`].
pub async fn local_followers(conn: &mut Conn, id: AccountId, limit: i64) -> Result<Vec<AccountId>> {
    conn.column(&LOCAL_FOLLOWERS, args![id, limit]).await
}

/// Whether anybody here follows an account.
///
/// # Errors
/// See [`upsert`].
pub async fn has_local_follower(conn: &mut Conn, id: AccountId) -> Result<bool> {
    Ok(conn.scalar::<i64>(&HAS_LOCAL_FOLLOWER, args![id]).await?.is_some())
}

/// Whether an account of this server says that this id is its own as well.
///
/// # Errors
/// See [`upsert`].
pub async fn has_alias(conn: &mut Conn, id: AccountId, uri: &str) -> Result<bool> {
    Ok(conn.scalar::<i64>(&HAS_ALIAS, args![id, uri]).await?.is_some())
}

/// Limits an account.
///
/// # Errors
/// See [`upsert`].
pub async fn limit(conn: &mut Conn, id: AccountId, now: Timestamp) -> Result<()> {
    conn.send(&LIMIT, args![id, now]).await
}

/// Takes the follows of an account, in both directions, out of the counters of the others: before it
/// is removed.
///
/// # Errors
/// See [`upsert`].
pub async fn uncount(conn: &mut Conn, id: AccountId) -> Result<()> {
    conn.send(&UNCOUNT_FOLLOWED, args![id]).await?;
    conn.send(&UNCOUNT_FOLLOWERS, args![id]).await
}

/// Whether any account of this host is known.
///
/// # Errors
/// [`crate::StoreError`] of the engine.
pub async fn is_host_known(conn: &mut Conn, host: &str) -> Result<bool> {
    Ok(conn.scalar::<i64>(&IS_HOST_KNOWN, args![host]).await?.is_some())
}

/// Some of the accounts that have this inbox, for themselves or together.
///
/// # Errors
/// [`crate::StoreError`] of the engine.
pub async fn of_inbox(
    conn: &mut Conn,
    host: &str,
    inbox: &str,
    limit: i64,
) -> Result<Vec<AccountId>> {
    let found: Vec<AccountId> = conn.column(&BY_INBOX, args![inbox, limit]).await?;
    if !found.is_empty() {
        return Ok(found);
    }
    conn.column(&BY_SHARED_INBOX, args![host, inbox, limit]).await
}
