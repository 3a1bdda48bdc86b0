//! A point in time as pages write it: once for machines, once for people, both in UTC.
//! The script turns the human form into the reader's own time zone where it runs.

use jiff::Timestamp;

/// A point in time, ready for a `<time>` element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    /// RFC 3339, for `datetime`.
    pub machine: String,
    /// Day and minute, for people.
    pub human: String,
    /// The day alone, where the minute does not matter.
    pub day: String,
}

impl Moment {
    /// From milliseconds since 1970; times out of range become the nearest end.
    pub fn from_unix_milliseconds(milliseconds: i64) -> Self {
        let out_of_range = if milliseconds < 0 { Timestamp::MIN } else { Timestamp::MAX };
        let time = Timestamp::from_millisecond(milliseconds).unwrap_or(out_of_range);
        Self {
            machine: time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            human: time.strftime("%-d %B %Y, %H:%M UTC").to_string(),
            day: time.strftime("%-d %B %Y").to_string(),
        }
    }

    /// How long before `now` a moment was, in a word: `now`, `5 min`, `3 h`, `2 d`, then the day.
    pub fn ago(then: i64, now: i64) -> String {
        const MINUTE: i64 = 60_000;
        match now.saturating_sub(then) / MINUTE {
            ..1 => "now".to_owned(),
            minutes @ 1..60 => format!("{minutes} min"),
            minutes @ 60..1_440 => format!("{} h", minutes / 60),
            minutes @ 1_440..10_080 => format!("{} d", minutes / 1_440),
            _ => Self::from_unix_milliseconds(then).day,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_both_forms_and_survives_any_number() {
        let moment = Moment::from_unix_milliseconds(1_792_065_825_123);
        assert_eq!(moment.machine, "2026-10-15T12:03:45Z");
        assert_eq!(moment.human, "15 October 2026, 12:03 UTC");
        assert_eq!(moment.day, "15 October 2026");
        assert!(Moment::from_unix_milliseconds(i64::MAX).human.contains("9999"));
        assert!(!Moment::from_unix_milliseconds(i64::MIN).human.is_empty());
        let ago = |minutes: i64| Moment::ago(0, minutes * 60_000);
        assert_eq!([ago(0), ago(59), ago(60), ago(1_440)], ["now", "59 min", "1 h", "1 d"]);
        assert_eq!(ago(10_080), "1 January 1970");
        assert_eq!(Moment::ago(i64::MAX, 0), "now");
    }
}
