//! Quotes as servers agree on them (FEP-044f): what a status says it quotes, and whether the quoted
//! author's side has confirmed it. Only a confirmed one is shown (F15).

use domain::{AccountId, StatusId, Timestamp};

use crate::engine::{Conn, FromRow, Result, Row};
use crate::{args, statements};

macro_rules! columns {
    () => {
        "status_id, quoted_uri, quoted_id, state, stamp_uri, request_uri, created_at"
    };
}

statements! {
    PUT = "INSERT INTO quotes (status_id, quoted_uri, quoted_id, state, stamp_uri, request_uri, created_at) \
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (status_id) DO UPDATE SET quoted_uri = excluded.quoted_uri, \
        quoted_id = excluded.quoted_id, state = excluded.state, stamp_uri = excluded.stamp_uri, \
        request_uri = COALESCE(excluded.request_uri, quotes.request_uri)";
    OF_EACH = concat!("SELECT ", columns!(), " FROM quotes WHERE status_id IN_LIST(?1)");
    OF = concat!("SELECT ", columns!(), " FROM quotes WHERE status_id = ?1");
    BY_STAMP = "SELECT q.status_id, q.quoted_uri, q.quoted_id, q.state, q.stamp_uri, q.request_uri, q.created_at \
        FROM statuses s JOIN quotes q ON q.quoted_id = s.id WHERE s.account_id = ?1 AND q.stamp_uri = ?2";
    SET_POLICY = "UPDATE statuses SET quote_policy = ?2 WHERE id = ?1";
}

/// Whether a quote may be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Not confirmed by the quoted author's side yet.
    Pending,
    /// Confirmed.
    Accepted,
    /// Turned down.
    Rejected,
    /// Confirmed once, taken back.
    Revoked,
}

impl State {
    /// Its name in the database and in Mastodon's API.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
            Self::Revoked => "revoked",
        }
    }

    fn parse(text: &str) -> Self {
        [Self::Accepted, Self::Rejected, Self::Revoked]
            .into_iter()
            .find(|state| state.name() == text)
            .unwrap_or(Self::Pending)
    }
}

/// A quote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quote {
    /// The status that quotes.
    pub status: StatusId,
    /// The id of what it quotes.
    pub quoted_uri: String,
    /// That, when it is known here.
    pub quoted: Option<StatusId>,
    /// How far it is.
    pub state: State,
    /// Where the quoted author's confirmation is.
    pub stamp: Option<String>,
    /// The id of the request for it.
    pub request: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
}

impl FromRow for Quote {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            status: row.get()?,
            quoted_uri: row.get()?,
            quoted: row.get()?,
            state: State::parse(&row.get::<String>()?),
            stamp: row.get()?,
            request: row.get()?,
            created_at: row.get()?,
        })
    }
}

/// Writes the quote of a status.
///
/// # Errors
/// [`crate::StoreError`] of the engine, as for every function here.
pub async fn put(conn: &mut Conn, quote: &Quote) -> Result<()> {
    conn.send(
        &PUT,
        args![
            quote.status,
            &quote.quoted_uri,
            quote.quoted,
            quote.state.name(),
            quote.stamp.clone(),
            quote.request.clone(),
            quote.created_at
        ],
    )
    .await
}

/// The quote of a status.
///
/// # Errors
/// See [`put`].
pub async fn of(conn: &mut Conn, status: StatusId) -> Result<Option<Quote>> {
    conn.optional(&OF, args![status]).await
}

/// The quote of a status of this author that a stamp confirms.
///
/// # Errors
/// See [`put`].
pub async fn by_stamp(conn: &mut Conn, author: AccountId, stamp: &str) -> Result<Option<Quote>> {
    conn.optional(&BY_STAMP, args![author, stamp]).await
}

/// The quotes of those of these statuses that have one.
///
/// # Errors
/// See [`put`].
pub async fn of_each(conn: &mut Conn, statuses: &[StatusId]) -> Result<Vec<Quote>> {
    if statuses.is_empty() {
        return Ok(Vec::new());
    }
    conn.query(&OF_EACH, args![statuses]).await
}

/// Changes who may quote a status.
///
/// # Errors
/// See [`put`].
pub async fn set_policy(conn: &mut Conn, status: StatusId, policy: &str) -> Result<()> {
    conn.send(&SET_POLICY, args![status, policy]).await
}
