//! Numbers for staff: how much there was on each day, and what there is most of. Days are counted from
//! 1970-01-01; what has no time of its own is counted by its id, which tells it.

use domain::Timestamp;

use crate::engine::{Conn, Result, Sql, Value};
use crate::{args, statements};

/// Milliseconds of a day, and a day in ids.
macro_rules! by_time {
    ($time:literal, $count:literal, $rest:literal) => {
        concat!(
            "SELECT ",
            $time,
            " / 86400000, ",
            $count,
            " FROM ",
            $rest,
            " AND ",
            $time,
            " >= ?1 AND ",
            $time,
            " < ?2 GROUP BY ",
            $time,
            " / 86400000"
        )
    };
}

macro_rules! by_id {
    ($id:literal, $count:literal, $rest:literal) => {
        concat!(
            "SELECT ",
            $id,
            " / 5662310400000, ",
            $count,
            " FROM ",
            $rest,
            " AND ",
            $id,
            " >= ?1 AND ",
            $id,
            " < ?2 GROUP BY ",
            $id,
            " / 5662310400000"
        )
    };
}

statements! {
    NEW_USERS = by_time!("u.created_at", "COUNT(*)", "users u WHERE true = true");
    ACTIVE_USERS = by_time!("u.last_seen_at", "COUNT(*)", "users u WHERE u.last_seen_at IS NOT NULL");
    OPENED_REPORTS = by_time!("r.created_at", "COUNT(*)", "reports r WHERE true = true");
    RESOLVED_REPORTS = by_time!("r.action_taken_at", "COUNT(*)", "reports r WHERE r.action_taken_at IS NOT NULL");
    INTERACTIONS = "SELECT x.day, COUNT(*) FROM (SELECT f.id / 5662310400000 AS day FROM favourites f JOIN statuses s ON s.id = f.status_id \
        WHERE s.local = true AND s.account_id <> f.account_id AND f.id >= ?1 AND f.id < ?2 \
        UNION ALL SELECT b.id / 5662310400000 AS day FROM statuses b JOIN statuses o ON o.id = COALESCE(b.boost_of_id, b.in_reply_to_id) \
        WHERE o.local = true AND o.account_id <> b.account_id AND b.id >= ?1 AND b.id < ?2) x GROUP BY x.day";
    TAG_USES = by_id!("t.status_id", "COUNT(*)", "status_tags t WHERE t.tag_id = CAST(?3 AS BIGINT)");
    TAG_ACCOUNTS = by_id!("t.status_id", "COUNT(DISTINCT s.account_id)", "status_tags t JOIN statuses s ON s.id = t.status_id WHERE t.tag_id = CAST(?3 AS BIGINT)");
    TAG_SERVERS = by_id!("t.status_id", "COUNT(DISTINCT COALESCE(a.domain, ''))",
        "status_tags t JOIN statuses s ON s.id = t.status_id JOIN accounts a ON a.id = s.account_id WHERE t.tag_id = CAST(?3 AS BIGINT)");
    SERVER_ACCOUNTS = by_time!("a.created_at", "COUNT(*)", "accounts a WHERE a.domain = CAST(?3 AS TEXT)");
    SERVER_STATUSES = by_id!("s.id", "COUNT(*)", "statuses s JOIN accounts a ON a.id = s.account_id WHERE a.domain = CAST(?3 AS TEXT)");
    SERVER_MEDIA = by_time!("m.created_at", "COUNT(*)", "media m JOIN accounts a ON a.id = m.account_id WHERE a.domain = CAST(?3 AS TEXT)");
    SERVER_FOLLOWS = by_time!("f.created_at", "COUNT(*)", "follows f JOIN accounts a ON a.id = f.target_id WHERE a.domain = CAST(?3 AS TEXT)");
    SERVER_FOLLOWERS = by_time!("f.created_at", "COUNT(*)", "follows f JOIN accounts a ON a.id = f.account_id WHERE a.domain = CAST(?3 AS TEXT)");
    SERVER_REPORTS = by_time!("r.created_at", "COUNT(*)", "reports r JOIN accounts a ON a.id = r.target_id WHERE a.domain = CAST(?3 AS TEXT)");

    USER_LANGUAGES = "SELECT locale, COUNT(*) FROM users WHERE last_seen_at >= ?1 AND last_seen_at < ?2 GROUP BY locale ORDER BY COUNT(*) DESC, locale LIMIT ?3";
    SERVERS = "SELECT COALESCE(a.domain, ''), COUNT(*) FROM statuses s JOIN accounts a ON a.id = s.account_id \
        WHERE s.id >= ?1 AND s.id < ?2 GROUP BY COALESCE(a.domain, '') ORDER BY COUNT(*) DESC, COALESCE(a.domain, '') LIMIT ?3";
    SERVERS_OF_TAG = "SELECT COALESCE(a.domain, ''), COUNT(*) FROM status_tags t JOIN statuses s ON s.id = t.status_id JOIN accounts a ON a.id = s.account_id \
        WHERE t.tag_id = CAST(?4 AS BIGINT) AND s.id >= ?1 AND s.id < ?2 GROUP BY COALESCE(a.domain, '') ORDER BY COUNT(*) DESC, COALESCE(a.domain, '') LIMIT ?3";
    LANGUAGES_OF_TAG = "SELECT COALESCE(s.language, ''), COUNT(*) FROM status_tags t JOIN statuses s ON s.id = t.status_id \
        WHERE t.tag_id = CAST(?4 AS BIGINT) AND s.id >= ?1 AND s.id < ?2 GROUP BY COALESCE(s.language, '') ORDER BY COUNT(*) DESC, COALESCE(s.language, '') LIMIT ?3";
    ACCOUNTS_OF_SERVER = "SELECT a.username, a.followers_count FROM accounts a WHERE a.domain = CAST(?1 AS TEXT) ORDER BY a.followers_count DESC, a.id LIMIT ?2";
    LANGUAGES_OF_SERVER = "SELECT COALESCE(s.language, ''), COUNT(*) FROM statuses s JOIN accounts a ON a.id = s.account_id \
        WHERE a.domain = CAST(?4 AS TEXT) AND s.id >= ?1 AND s.id < ?2 GROUP BY COALESCE(s.language, '') ORDER BY COUNT(*) DESC, COALESCE(s.language, '') LIMIT ?3";
    OWN_BYTES = "SELECT CAST(COALESCE(SUM(bytes), 0) AS BIGINT) FROM media WHERE remote_url IS NULL";
    CACHED_BYTES = "SELECT CAST(COALESCE(SUM(bytes), 0) AS BIGINT) FROM remote_files WHERE cached_at IS NOT NULL";
    COHORTS = "SELECT created_at, COALESCE(last_seen_at, created_at) FROM users WHERE created_at >= ?1 AND created_at < ?2 ORDER BY created_at LIMIT 100000";
}

/// What is counted by day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Daily {
    /// Sign-ups.
    NewUsers,
    /// Users, by when they were last here.
    ActiveUsers,
    /// Favourites, boosts and answers of others to statuses of this server.
    Interactions,
    /// Reports made.
    OpenedReports,
    /// Reports that staff was done with.
    ResolvedReports,
    /// Authors who used a tag.
    TagAccounts,
    /// Statuses with a tag.
    TagUses,
    /// Servers where a tag was used.
    TagServers,
    /// Accounts of a server that became known.
    ServerAccounts,
    /// Attachments of a server.
    ServerMedia,
    /// Reports about a server's accounts.
    ServerReports,
    /// Statuses of a server.
    ServerStatuses,
    /// Follows of people here of a server's accounts.
    ServerFollows,
    /// Follows of a server's accounts of people here.
    ServerFollowers,
}

impl Daily {
    /// Its statement, and whether that counts by ids.
    fn statement(self) -> (&'static Sql, bool) {
        match self {
            Self::NewUsers => (&NEW_USERS, false),
            Self::ActiveUsers => (&ACTIVE_USERS, false),
            Self::Interactions => (&INTERACTIONS, true),
            Self::OpenedReports => (&OPENED_REPORTS, false),
            Self::ResolvedReports => (&RESOLVED_REPORTS, false),
            Self::TagAccounts => (&TAG_ACCOUNTS, true),
            Self::TagUses => (&TAG_USES, true),
            Self::TagServers => (&TAG_SERVERS, true),
            Self::ServerAccounts => (&SERVER_ACCOUNTS, false),
            Self::ServerMedia => (&SERVER_MEDIA, false),
            Self::ServerReports => (&SERVER_REPORTS, false),
            Self::ServerStatuses => (&SERVER_STATUSES, true),
            Self::ServerFollows => (&SERVER_FOLLOWS, false),
            Self::ServerFollowers => (&SERVER_FOLLOWERS, false),
        }
    }
}

/// A stretch of time; its end is not in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// From when.
    pub start: Timestamp,
    /// Until when.
    pub end: Timestamp,
}

impl Stretch {
    fn bounds(self, by_id: bool) -> [Value; 2] {
        let bound = |time: Timestamp| {
            let value = if by_id { domain::id::first_id_at(time) } else { time.0 };
            Value::from(value)
        };
        [bound(self.start), bound(self.end)]
    }
}

/// Which tag or server is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// None in particular.
    All,
    /// The tag with this id.
    Tag(i64),
    /// The server of this name.
    Server(String),
}

impl Subject {
    fn value(&self) -> Option<Value> {
        match self {
            Self::All => None,
            Self::Tag(id) => Some(Value::from(*id)),
            Self::Server(name) => Some(Value::from(name)),
        }
    }
}

/// Pairs of a day and how much there was on it.
///
/// # Errors
/// [`crate::StoreError`] of the engine, as for every function here.
pub async fn by_day(
    conn: &mut Conn,
    what: Daily,
    stretch: Stretch,
    subject: &Subject,
) -> Result<Vec<(i64, i64)>> {
    let (statement, by_id) = what.statement();
    let mut bound = stretch.bounds(by_id).to_vec();
    bound.extend(subject.value());
    conn.query(statement, &bound).await
}

/// What is ranked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ranking {
    /// Languages of those who were here.
    UserLanguages,
    /// Servers by statuses; this one is nameless.
    Servers,
    /// The same of a tag.
    TagServers,
    /// Languages of a tag's statuses.
    TagLanguages,
    /// Accounts of a server by followers.
    ServerAccounts,
    /// Languages of a server's statuses.
    ServerLanguages,
}

/// Names with how much there is of each, the most first.
///
/// # Errors
/// See [`by_day`].
pub async fn ranked(
    conn: &mut Conn,
    what: Ranking,
    stretch: Stretch,
    subject: &Subject,
    limit: i64,
) -> Result<Vec<(String, i64)>> {
    let (statement, by_id) = match what {
        Ranking::UserLanguages => (&USER_LANGUAGES, false),
        Ranking::Servers => (&SERVERS, true),
        Ranking::TagServers => (&SERVERS_OF_TAG, true),
        Ranking::TagLanguages => (&LANGUAGES_OF_TAG, true),
        Ranking::ServerLanguages => (&LANGUAGES_OF_SERVER, true),
        Ranking::ServerAccounts => {
            let mut bound: Vec<Value> = subject.value().into_iter().collect();
            bound.push(Value::from(limit));
            return conn.query(&ACCOUNTS_OF_SERVER, &bound).await;
        }
    };
    let mut bound = stretch.bounds(by_id).to_vec();
    bound.push(Value::from(limit));
    bound.extend(subject.value());
    conn.query(statement, &bound).await
}

/// Bytes of people's own files, and of those of other servers that are kept for now.
///
/// # Errors
/// See [`by_day`].
pub async fn bytes(conn: &mut Conn) -> Result<(i64, i64)> {
    let own = conn.scalar(&OWN_BYTES, args![]).await?.unwrap_or(0);
    Ok((own, conn.scalar(&CACHED_BYTES, args![]).await?.unwrap_or(0)))
}

/// When those who signed up in this stretch did, and when they were last here.
///
/// # Errors
/// See [`by_day`].
pub async fn cohorts(conn: &mut Conn, stretch: Stretch) -> Result<Vec<(Timestamp, Timestamp)>> {
    conn.query(&COHORTS, args![stretch.start, stretch.end]).await
}
