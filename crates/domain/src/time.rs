//! Time as the product uses it: milliseconds since the Unix epoch, UTC.
//!
//! Nobody reads the machine's clock directly: a [`Clock`] is passed in, so that tests can move it.

use std::fmt;

/// A moment: milliseconds since 1970-01-01T00:00:00Z.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    serde::Serialize,
    serde::Deserialize,
)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

/// Where the present moment comes from.
pub trait Clock: Send + Sync {
    /// The present moment.
    fn now(&self) -> Timestamp;
}

/// One second, in the unit of [`Timestamp`].
pub const SECOND: i64 = 1_000;
/// One minute.
pub const MINUTE: i64 = 60 * SECOND;
/// One hour.
pub const HOUR: i64 = 60 * MINUTE;
/// One day.
pub const DAY: i64 = 24 * HOUR;

impl Timestamp {
    /// This moment moved by `millis`, which may be negative; stops at the ends of the range.
    #[must_use]
    pub fn plus(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    /// Milliseconds from `earlier` to this moment.
    #[must_use]
    pub fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// Whole Unix seconds.
    #[must_use]
    pub fn seconds(self) -> i64 {
        self.0.div_euclid(SECOND)
    }

    /// `2024-05-01T10:20:30.123Z`, as Mastodon's API writes times.
    #[must_use]
    pub fn rfc3339(self) -> String {
        self.civil().map_or_else(String::new, |t| t.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string())
    }

    /// `2024-05-01`.
    #[must_use]
    pub fn date(self) -> String {
        self.civil().map_or_else(String::new, |t| t.strftime("%Y-%m-%d").to_string())
    }

    /// `Wed, 01 May 2024 10:20:30 +0000`, as mail headers write times (RFC 5322).
    #[must_use]
    pub fn rfc2822(self) -> String {
        self.civil()
            .map_or_else(String::new, |t| t.strftime("%a, %d %b %Y %H:%M:%S +0000").to_string())
    }

    /// The start of this moment's day, UTC.
    #[must_use]
    pub fn midnight(self) -> Self {
        Self(self.0.div_euclid(DAY) * DAY)
    }

    /// Reads an ISO 8601 / RFC 3339 time; one without an offset counts as UTC, a bare date as its
    /// midnight. `None` when it is no time.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Ok(moment) = text.parse::<jiff::Timestamp>() {
            return Some(Self(moment.as_millisecond()));
        }
        let civil: jiff::civil::DateTime = text.parse().ok()?;
        let zoned = civil.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
        Some(Self(zoned.timestamp().as_millisecond()))
    }

    /// Reads a time as HTTP headers write it, `Wed, 01 May 2024 10:20:30 GMT` (RFC 9110 §5.6.7).
    #[must_use]
    pub fn parse_http(text: &str) -> Option<Self> {
        let parser = jiff::fmt::rfc2822::DateTimeParser::new();
        let moment = parser.parse_timestamp(text.trim()).ok()?;
        Some(Self(moment.as_millisecond()))
    }

    fn civil(self) -> Option<jiff::Zoned> {
        let moment = jiff::Timestamp::from_millisecond(self.0).ok()?;
        Some(moment.to_zoned(jiff::tz::TimeZone::UTC))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.rfc3339())
    }
}

/// A clock that tests move by hand.
pub mod testing {
    use std::sync::atomic::{AtomicI64, Ordering};

    use super::{Clock, Timestamp};

    /// Stands still until it is told to move.
    #[derive(Debug)]
    pub struct ManualClock(AtomicI64);

    impl ManualClock {
        /// A clock that shows `start`.
        #[must_use]
        pub fn new(start: Timestamp) -> Self {
            Self(AtomicI64::new(start.0))
        }

        /// Shows `time` from now on.
        pub fn set(&self, time: Timestamp) {
            self.0.store(time.0, Ordering::SeqCst);
        }

        /// Moves on by `millis`.
        pub fn advance(&self, millis: i64) {
            self.0.fetch_add(millis, Ordering::SeqCst);
        }
    }

    impl Clock for ManualClock {
        fn now(&self) -> Timestamp {
            Timestamp(self.0.load(Ordering::SeqCst))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_mastodon_writes_them_and_read_back() {
        let moment = Timestamp(1_714_558_830_120);
        assert_eq!(moment.rfc3339(), "2024-05-01T10:20:30.120Z");
        assert_eq!(moment.rfc2822(), "Wed, 01 May 2024 10:20:30 +0000");
        assert_eq!(Timestamp::parse("2024-05-01T10:20:30.120Z"), Some(moment));
        assert_eq!(Timestamp::parse("2024-05-01T12:20:30.120+02:00"), Some(moment));
        assert_eq!(Timestamp::parse("2024-05-01"), Some(moment.midnight()));
        assert_eq!(Timestamp::parse("tomorrow"), None);
    }
}
