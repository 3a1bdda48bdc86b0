//! Numbers for staff about the server, other servers and hashtags. <https://docs.joinmastodon.org/methods/admin/>

mod dimensions;
mod measures;
mod retention;

use domain::Timestamp;
use domain::time::DAY;

pub use dimensions::{Dimension, Entry, dimensions};
pub use measures::{Day, Measure, measures};
pub use retention::{Cohort, Frequency, Later, retention};
pub use store::figures::{Stretch, Subject};

use crate::{AppError, Result};

/// Longest stretch, in days: a year and a bit.
const LONGEST: i64 = 400;

/// Something asked for by its name, and about what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Mastodon's name of it.
    pub key: String,
    /// The tag or server it is about.
    pub subject: Subject,
}

/// The stretch from the midnight before one time to the midnight after another.
///
/// # Errors
/// [`AppError::BadRequest`] when it ends before it begins or is longer than a year and a bit.
pub fn stretch(start: Timestamp, end: Timestamp) -> Result<Stretch> {
    let (start, end) = (start.midnight(), end.midnight().plus(DAY));
    let days = end.since(start) / DAY;
    if !(1..=LONGEST).contains(&days) {
        let text = format!("The period must be between a day and {LONGEST} days");
        return Err(AppError::BadRequest(text));
    }
    Ok(Stretch { start, end })
}
