//! What a database is told once when it came back from a backup, before anybody serves from it: what
//! stood in a queue when the copy was made may have happened since.

use domain::Timestamp;

use crate::engine::{Conn, Result};
use crate::{args, statements};

statements! {
    HOLD_DELIVERIES = "UPDATE deliveries SET state = 2, finished_at = ?1, leased_until = 0, last_error = ?2 WHERE state = 0";
    DROP_JOBS = "DELETE FROM jobs WHERE kind IN_LIST(?1)";
    DROP_DUE = "DELETE FROM jobs WHERE kind = 'publish_scheduled' AND run_at <= ?1";
    /// The bytes of other servers' files are no part of a backup; they are fetched again.
    UNCACHE = "UPDATE remote_files SET content_type = NULL, bytes = 0, cached_at = NULL WHERE cached_at IS NOT NULL";
}

/// Jobs that write to people.
const MAIL: [&str; 2] = ["mail_reset", "mail_confirmation"];

/// What was held back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Held {
    /// Deliveries to other servers.
    pub deliveries: u64,
    /// Mails.
    pub mails: u64,
    /// Scheduled statuses whose time has come since the copy was made.
    pub scheduled: u64,
}

/// Takes out of the queues what must not happen twice. Receipts stay, so that a person can send
/// something again who knows that it did not arrive.
///
/// # Errors
/// [`crate::StoreError`] of the engine.
pub async fn hold_back(conn: &mut Conn, now: Timestamp, reason: &str) -> Result<Held> {
    conn.execute(&UNCACHE, args![]).await?;
    let mail: Vec<String> = MAIL.map(str::to_owned).to_vec();
    Ok(Held {
        deliveries: conn.execute(&HOLD_DELIVERIES, args![now, reason]).await?,
        mails: conn.execute(&DROP_JOBS, args![mail]).await?,
        scheduled: conn.execute(&DROP_DUE, args![now]).await?,
    })
}
