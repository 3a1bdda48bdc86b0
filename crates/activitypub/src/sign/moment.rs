//! The time of a signature (F07): at most an hour ahead of this server's clock, valid for twelve
//! hours, less when the signer says so.

use domain::Timestamp;
use domain::time::{HOUR, SECOND};
use jiff::fmt::rfc2822::DateTimeParser;

use super::SignatureError;

/// How far the clock of a peer may be ahead.
const AHEAD: i64 = HOUR;
/// How long a signature counts at the most.
const VALID: i64 = 12 * HOUR;

/// `Wed, 01 May 2024 10:20:30 GMT`, as HTTP writes times (RFC 9110 §5.6.7).
pub(super) fn http_date(time: Timestamp) -> String {
    time.rfc2822().replace("+0000", "GMT")
}

/// Reads a time as HTTP writes it.
#[must_use]
pub fn parse_http_date(text: &str) -> Option<Timestamp> {
    if text.len() > 64 {
        return None;
    }
    let moment = DateTimeParser::new().parse_timestamp(text.trim()).ok()?;
    Some(Timestamp(moment.as_millisecond()))
}

/// Seconds since 1970 as a moment.
pub(super) fn from_seconds(seconds: i64) -> Option<Timestamp> {
    seconds.checked_mul(SECOND).map(Timestamp)
}

/// Whether a signature made at `made` counts now.
pub(super) fn check(
    made: Timestamp,
    expires: Option<Timestamp>,
    now: Timestamp,
) -> Result<(), SignatureError> {
    let age = now.since(made);
    let expired = expires.is_some_and(|expires| now > expires);
    if !(-AHEAD..=VALID).contains(&age) || expired { Err(SignatureError::Time) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use domain::time::MINUTE;

    use super::*;

    #[test]
    fn f07_an_hour_ahead_and_twelve_behind() {
        let now = Timestamp(1_714_558_830_000);
        for (offset, good) in [
            (0, true),
            (-30 * MINUTE, true),
            (-12 * HOUR, true),
            (-12 * HOUR - 1, false),
            (-13 * HOUR, false),
            (HOUR, true),
            (HOUR + 1, false),
            (2 * HOUR, false),
        ] {
            assert_eq!(check(now.plus(offset), None, now).is_ok(), good, "{offset}");
        }
        assert_eq!(check(now, Some(now.plus(-1)), now), Err(SignatureError::Time));
        assert_eq!(check(now, Some(now), now), Ok(()));
        assert_eq!(check(Timestamp(i64::MIN), None, now), Err(SignatureError::Time));
        assert_eq!(check(Timestamp(i64::MAX), None, now), Err(SignatureError::Time));
    }

    #[test]
    fn http_dates_are_written_and_read() {
        let moment = Timestamp(1_714_558_830_000);
        assert_eq!(http_date(moment), "Wed, 01 May 2024 10:20:30 GMT");
        assert_eq!(parse_http_date("Wed, 01 May 2024 10:20:30 GMT"), Some(moment));
        assert_eq!(parse_http_date("yesterday"), None);
        assert_eq!(parse_http_date("Wed, 99 May 2024 10:20:30 GMT"), None);
    }
}
