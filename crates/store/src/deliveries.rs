//! Who gets what is in [`crate::outgoing`]: one row an inbox, planned in the transaction of what
//! happened, leased by a worker, kept afterwards as a receipt.
//!
//! A leased row is one that becomes due again when its lease ends: `run_at` is moved there.

use domain::{AccountId, RowId, StatusId, Timestamp};

use crate::engine::{Conn, FromRow, Result, Row};
use crate::page::Page;
use crate::{args, statements};

/// Whether an inbox lies at the host of its actor, and nowhere else (O09). Inboxes are kept as the
/// URL parser writes them, hosts in the same spelling.
macro_rules! at_host {
    ($inbox:literal, $host:literal) => {
        concat!(
            "(substr(",
            $inbox,
            ", 1, length(",
            $host,
            ") + 9) = 'https://' || ",
            $host,
            " || '/' \
             OR substr(",
            $inbox,
            ", 1, length(",
            $host,
            ") + 8) = 'http://' || ",
            $host,
            " || '/')"
        )
    };
}

/// Shared inbox where there is one at the actor's own host, else the personal one.
macro_rules! shared_inbox {
    () => {
        concat!(
            "CASE WHEN ",
            at_host!("r.shared_inbox", "r.host"),
            " THEN r.shared_inbox ELSE r.inbox END"
        )
    };
}

/// The distinct inboxes of remote followers of ?1, of ?2 by shared inboxes and of ?3 by personal
/// ones, and of those who answered, boosted, quoted or favourited the status ?7, without the hosts
/// ?4 and ?5 (this server) and ?6 (where it came from).
macro_rules! targets {
    () => {
        concat!(
            "SELECT u.inbox AS inbox, u.host AS host FROM (\
             SELECT ", shared_inbox!(), " AS inbox, r.host AS host FROM follows f \
               JOIN remote_accounts r ON r.account_id = f.account_id \
               JOIN accounts a ON a.id = r.account_id WHERE f.target_id = ?1 AND a.suspended_at IS NULL \
             UNION SELECT ", shared_inbox!(), ", r.host FROM remote_accounts r \
               JOIN accounts a ON a.id = r.account_id WHERE r.account_id IN_LIST(?2) AND a.suspended_at IS NULL \
             UNION SELECT r.inbox, r.host FROM remote_accounts r \
               JOIN accounts a ON a.id = r.account_id WHERE r.account_id IN_LIST(?3) AND a.suspended_at IS NULL \
             UNION SELECT ", shared_inbox!(), ", r.host FROM \
               (SELECT account_id FROM statuses WHERE boost_of_id = ?7 \
               UNION SELECT account_id FROM statuses WHERE in_reply_to_id = ?7 \
               UNION SELECT account_id FROM statuses WHERE quote_of_id = ?7 \
               UNION SELECT account_id FROM favourites WHERE status_id = ?7) p \
               JOIN remote_accounts r ON r.account_id = p.account_id \
               JOIN accounts a ON a.id = r.account_id WHERE a.suspended_at IS NULL\
             ) u WHERE ", at_host!("u.inbox", "u.host"), " AND u.host <> ?4 AND u.host <> ?5 AND u.host <> ?6"
        )
    };
}

macro_rules! receipts {
    () => {
        "SELECT d.id, d.inbox, d.host, d.state, d.attempts, d.run_at, d.leased_until, d.last_error, d.finished_at, o.created_at \
        FROM outgoing o JOIN deliveries d ON d.outgoing_id = o.id \
        WHERE o.status_id = ?1 AND d.id < ?2 AND d.id > ?3 ORDER BY d.id "
    };
}

statements! {
    COUNT = concat!("SELECT COUNT(*) FROM (", targets!(), ") t");
    PLAN = concat!(
        "INSERT INTO deliveries (id, outgoing_id, inbox, host, state, attempts, run_at, leased_until) \
        SELECT CAST(?8 AS BIGINT) + row_number() OVER (ORDER BY t.host, t.inbox), CAST(?9 AS BIGINT), t.inbox, t.host, \
        0, 0, CAST(?10 AS BIGINT), 0 FROM (", targets!(), ") t WHERE true ON CONFLICT (outgoing_id, inbox) DO NOTHING");
    CANDIDATES = "SELECT id, host FROM deliveries WHERE state = 0 AND run_at <= ?1 AND NOT (host IN_LIST(?2)) \
        ORDER BY run_at, id LIMIT ?3";
    LEASE = "UPDATE deliveries SET run_at = ?3, leased_until = ?3 WHERE id IN_LIST(?1) AND state = 0 AND run_at <= ?2 \
        RETURNING id, outgoing_id, inbox, host, attempts";
    NEXT_DUE = "SELECT MIN(run_at) FROM deliveries WHERE state = 0";
    RELEASE = "UPDATE deliveries SET run_at = ?2, leased_until = 0 WHERE state = 0 AND id IN_LIST(?1)";
    RELEASE_ALL = "UPDATE deliveries SET run_at = ?1, leased_until = 0 WHERE state = 0 AND leased_until > 0";
    DONE = "UPDATE deliveries SET state = 1, finished_at = ?2, leased_until = 0, attempts = attempts + 1, last_error = NULL \
        WHERE id IN_LIST(?1) AND state = 0";
    GIVE_UP = "UPDATE deliveries SET state = 2, finished_at = ?3, leased_until = 0, attempts = attempts + 1, last_error = ?2 \
        WHERE id = ?1 AND state = 0";
    GIVE_UP_INBOX = "UPDATE deliveries SET state = 2, finished_at = ?4, leased_until = 0, last_error = ?3 \
        WHERE state = 0 AND host = ?1 AND inbox = ?2";
    RETRY = "UPDATE deliveries SET run_at = ?2, leased_until = 0, attempts = attempts + 1, last_error = ?3 \
        WHERE id = ?1 AND state = 0";
    POSTPONE = "UPDATE deliveries SET run_at = ?2, leased_until = 0, last_error = COALESCE(last_error, ?3) \
        WHERE state = 0 AND host = ?1 AND (run_at < ?2 OR leased_until > 0)";
    REFUSE = "UPDATE deliveries SET state = 2, finished_at = ?3, leased_until = 0, last_error = ?2 \
        WHERE state = 0 AND host IN_LIST(?1)";
    EXPIRE = "UPDATE deliveries SET state = 2, finished_at = ?3, leased_until = 0 \
        WHERE state = 0 AND host = ?1 AND id < ?2";
    HASTEN = "UPDATE deliveries SET run_at = ?2 WHERE state = 0 AND host IN_LIST(?1) AND leased_until = 0 AND run_at > ?2";
    RECEIPTS = concat!(receipts!(), "DESC LIMIT ?4");
    OLDEST_RECEIPTS = concat!(receipts!(), "ASC LIMIT ?4");
    RETRY_STATUS = "UPDATE deliveries SET state = 0, run_at = ?2, attempts = 0, finished_at = NULL \
        WHERE state <> 1 AND leased_until = 0 AND outgoing_id IN (SELECT id FROM outgoing WHERE status_id = ?1)";
    WITHDRAW = "DELETE FROM deliveries WHERE state = 0 AND outgoing_id IN (SELECT id FROM outgoing WHERE status_id = ?1)";
    WAITING_HOSTS = "SELECT d.host, COUNT(*), MIN(o.created_at), MIN(d.run_at), MAX(d.last_error), MAX(h.unreachable_since) \
        FROM deliveries d JOIN outgoing o ON o.id = d.outgoing_id LEFT JOIN hosts h ON h.name = d.host \
        WHERE d.state = 0 GROUP BY d.host ORDER BY 2 DESC, 1 LIMIT ?1";
    BACKLOG = "SELECT COUNT(*), MIN(id) FROM deliveries WHERE state = 0";
    FOLLOWERS_AT = "SELECT r.host, a.uri FROM follows f JOIN remote_accounts r ON r.account_id = f.account_id \
        JOIN accounts a ON a.id = f.account_id WHERE f.target_id = ?1 AND r.host IN_LIST(?2) AND a.uri IS NOT NULL";
}

/// Who is to get an activity.
#[derive(Clone, Debug, Default)]
pub struct Targets {
    /// All remote followers of this account.
    pub followers_of: Option<AccountId>,
    /// These, by shared inboxes.
    pub shared: Vec<AccountId>,
    /// These, each in its own inbox.
    pub personal: Vec<AccountId>,
    /// Everybody who answered, boosted, quoted or favourited this, by shared inboxes.
    pub around: Option<StatusId>,
    /// Hosts of this server: never.
    pub own_hosts: [String; 2],
    /// Nor this one, where it came from.
    pub except_host: String,
}

impl Targets {
    fn args(&self) -> Vec<crate::Value> {
        crate::args![
            self.followers_of.map_or(0, |id| id.0),
            &self.shared,
            &self.personal,
            &self.own_hosts[0],
            &self.own_hosts[1],
            &self.except_host,
            self.around.map_or(0, |id| id.0),
        ]
        .to_vec()
    }
}

/// How many inboxes that is.
///
/// # Errors
/// [`crate::StoreError`] of the engine, as for every function here.
pub async fn count(conn: &mut Conn, targets: &Targets) -> Result<i64> {
    Ok(conn.scalar(&COUNT, &targets.args()).await?.unwrap_or(0))
}

/// Writes a row for each inbox. Their ids follow `before`, which the caller has reserved.
///
/// # Errors
/// See [`count`].
pub async fn plan(
    conn: &mut Conn,
    targets: &Targets,
    outgoing: RowId,
    before: i64,
    now: Timestamp,
) -> Result<u64> {
    let mut arguments = targets.args();
    arguments.extend(args![before, outgoing, now].iter().cloned());
    conn.execute(&PLAN, &arguments).await
}

/// A delivery that a worker holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leased {
    /// Its row.
    pub id: RowId,
    /// What is delivered.
    pub outgoing_id: RowId,
    /// Where to.
    pub inbox: String,
    /// The host of that.
    pub host: String,
    /// How often it was tried.
    pub attempts: i64,
}

impl FromRow for Leased {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get()?,
            outgoing_id: row.get()?,
            inbox: row.get()?,
            host: row.get()?,
            attempts: row.get()?,
        })
    }
}

/// The first due rows with their hosts, oldest first, leaving out hosts that have enough.
///
/// # Errors
/// See [`count`].
pub async fn candidates(
    conn: &mut Conn,
    now: Timestamp,
    except: Vec<String>,
    limit: i64,
) -> Result<Vec<(RowId, String)>> {
    conn.query(&CANDIDATES, args![now, except, limit]).await
}

/// Takes those of these that nobody was faster to take, until `until`: then they are due again.
///
/// # Errors
/// See [`count`].
pub async fn lease(
    conn: &mut Conn,
    ids: &[RowId],
    now: Timestamp,
    until: Timestamp,
) -> Result<Vec<Leased>> {
    let mut leased: Vec<Leased> = conn.query(&LEASE, args![ids, now, until]).await?;
    leased.sort_by_key(|row| row.id);
    Ok(leased)
}

/// When the next row is due, if any waits.
///
/// # Errors
/// See [`count`].
pub async fn next_due(conn: &mut Conn) -> Result<Option<Timestamp>> {
    Ok(conn.scalar::<Option<Timestamp>>(&NEXT_DUE, args![]).await?.flatten())
}

/// Gives rows back that were leased but not tried.
///
/// # Errors
/// See [`count`].
pub async fn release(conn: &mut Conn, ids: &[RowId], now: Timestamp) -> Result<()> {
    conn.send(&RELEASE, args![ids, now]).await
}

/// Gives every leased row back: for the start of the only process, whose predecessor was killed.
///
/// # Errors
/// See [`count`].
pub async fn release_all(conn: &mut Conn, now: Timestamp) -> Result<()> {
    conn.send(&RELEASE_ALL, args![now]).await
}

/// These have arrived.
///
/// # Errors
/// See [`count`].
pub async fn done(conn: &mut Conn, ids: &[RowId], now: Timestamp) -> Result<()> {
    conn.send(&DONE, args![ids, now]).await
}

/// This one will not be tried again.
///
/// # Errors
/// See [`count`].
pub async fn give_up(conn: &mut Conn, id: RowId, reason: &str, now: Timestamp) -> Result<()> {
    conn.send(&GIVE_UP, args![id, reason, now]).await
}

/// Nothing else is tried at this inbox.
///
/// # Errors
/// See [`count`].
pub async fn give_up_inbox(
    conn: &mut Conn,
    host: &str,
    inbox: &str,
    reason: &str,
    now: Timestamp,
) -> Result<()> {
    conn.send(&GIVE_UP_INBOX, args![host, inbox, reason, now]).await
}

/// This one is tried again at `at`.
///
/// # Errors
/// See [`count`].
pub async fn retry(conn: &mut Conn, id: RowId, at: Timestamp, reason: &str) -> Result<()> {
    conn.send(&RETRY, args![id, at, reason]).await
}

/// Nothing goes to this host before `until`.
///
/// # Errors
/// See [`count`].
pub async fn postpone(conn: &mut Conn, host: &str, until: Timestamp, reason: &str) -> Result<()> {
    conn.send(&POSTPONE, args![host, until, reason]).await
}

/// Nothing goes to these hosts at all.
///
/// # Errors
/// See [`count`].
pub async fn refuse(
    conn: &mut Conn,
    hosts: Vec<String>,
    reason: &str,
    now: Timestamp,
) -> Result<()> {
    conn.send(&REFUSE, args![hosts, reason, now]).await
}

/// What was planned before `planned_before` for this host is given up.
///
/// # Errors
/// See [`count`].
pub async fn expire(
    conn: &mut Conn,
    host: &str,
    planned_before: Timestamp,
    now: Timestamp,
) -> Result<()> {
    let oldest = domain::id::first_id_at(planned_before);
    conn.send(&EXPIRE, args![host, oldest, now]).await
}

/// What waits for these hosts is due now.
///
/// # Errors
/// See [`count`].
pub async fn hasten(conn: &mut Conn, hosts: Vec<String>, now: Timestamp) -> Result<u64> {
    conn.execute(&HASTEN, args![hosts, now]).await
}

/// Where a delivery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// To be tried (again).
    Waiting,
    /// It arrived.
    Delivered,
    /// It will not be tried again.
    GivenUp,
}

/// What became of one delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Its row.
    pub id: RowId,
    /// Where to.
    pub inbox: String,
    /// The host of that.
    pub host: String,
    /// Where it stands.
    pub state: State,
    /// How often it was tried.
    pub attempts: i64,
    /// When it is tried next, while it waits.
    pub next_try_at: Timestamp,
    /// A worker holds it.
    pub is_running: bool,
    /// Why the last try failed.
    pub reason: Option<String>,
    /// When it arrived or was given up.
    pub finished_at: Option<Timestamp>,
    /// When it was planned.
    pub created_at: Timestamp,
}

impl FromRow for Receipt {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get()?,
            inbox: row.get()?,
            host: row.get()?,
            state: match row.get::<i64>()? {
                0 => State::Waiting,
                1 => State::Delivered,
                _ => State::GivenUp,
            },
            attempts: row.get()?,
            next_try_at: row.get()?,
            is_running: row.get::<i64>()? > 0,
            reason: row.get()?,
            finished_at: row.get()?,
            created_at: row.get()?,
        })
    }
}

/// What became of everything that was sent about a status, newest first.
///
/// # Errors
/// See [`count`].
pub async fn receipts(conn: &mut Conn, status: StatusId, page: &Page) -> Result<Vec<Receipt>> {
    page.rows(conn, (&RECEIPTS, &OLDEST_RECEIPTS), status, &[]).await
}

/// Tries everything about a status again that has not arrived. The answer is how many.
///
/// # Errors
/// See [`count`].
pub async fn retry_status(conn: &mut Conn, status: StatusId, now: Timestamp) -> Result<u64> {
    conn.execute(&RETRY_STATUS, args![status, now]).await
}

/// Takes back what still waits about a status.
///
/// # Errors
/// See [`count`].
pub async fn withdraw(conn: &mut Conn, status: StatusId) -> Result<()> {
    conn.send(&WITHDRAW, args![status]).await
}

/// A host that something waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaitingHost {
    /// Its name.
    pub host: String,
    /// How much waits.
    pub waiting: i64,
    /// Since when.
    pub since: Timestamp,
    /// When it is tried next.
    pub next_try_at: Timestamp,
    /// Why the last try failed.
    pub reason: Option<String>,
    /// Set while it is tried once a day only.
    pub unreachable_since: Option<Timestamp>,
}

impl FromRow for WaitingHost {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            host: row.get()?,
            waiting: row.get()?,
            since: row.get()?,
            next_try_at: row.get()?,
            reason: row.get()?,
            unreachable_since: row.get()?,
        })
    }
}

/// The hosts that most waits for.
///
/// # Errors
/// See [`count`].
pub async fn waiting_hosts(conn: &mut Conn, limit: i64) -> Result<Vec<WaitingHost>> {
    conn.query(&WAITING_HOSTS, args![limit]).await
}

/// How many deliveries wait, and when the oldest was planned.
///
/// # Errors
/// See [`count`].
pub async fn backlog(conn: &mut Conn) -> Result<(i64, Option<Timestamp>)> {
    let found: Option<(i64, Option<i64>)> = conn.optional(&BACKLOG, args![]).await?;
    let (waiting, oldest) = found.unwrap_or((0, None));
    Ok((waiting, oldest.map(|id| Timestamp(id >> 16))))
}

/// The ids of an account's followers at these hosts, with their hosts (FEP-8fcf).
///
/// # Errors
/// See [`count`].
pub async fn followers_at(
    conn: &mut Conn,
    of: AccountId,
    hosts: Vec<String>,
) -> Result<Vec<(String, String)>> {
    conn.query(&FOLLOWERS_AT, args![of, hosts]).await
}
