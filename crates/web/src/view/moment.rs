//! A point in time as pages write it: once for machines, once for people, both in UTC.
//! The script turns the human form into the reader's own time zone where it runs.

use jiff::Timestamp;

use crate::language::Texts;

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
        let (t, date) = (crate::t(), time.to_zoned(jiff::tz::TimeZone::UTC).date());
        let (day, month, year) = (date.day(), month(t, date.month()), date.year());
        Self {
            machine: time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            human: t.date_and_time(day, month, year, time.strftime("%H:%M")),
            day: t.date(day, month, year),
        }
    }

    /// How long before `now` a moment was, in a word: `now`, `5 min`, `3 h`, `2 d`, then the day.
    pub fn ago(then: i64, now: i64) -> String {
        const MINUTE: i64 = 60_000;
        match now.saturating_sub(then) / MINUTE {
            ..1 => crate::t().ago_now.to_owned(),
            minutes @ 1..60 => crate::t().ago_minutes(minutes),
            minutes @ 60..1_440 => crate::t().ago_hours(minutes / 60),
            minutes @ 1_440..10_080 => crate::t().ago_days(minutes / 1_440),
            _ => Self::from_unix_milliseconds(then).day,
        }
    }
}

/// The name of a month, 1 to 12, as it stands in dates.
fn month(t: &Texts, number: i8) -> &'static str {
    match number {
        1 => t.january,
        2 => t.february,
        3 => t.march,
        4 => t.april,
        5 => t.may_month,
        6 => t.june,
        7 => t.july,
        8 => t.august,
        9 => t.september,
        10 => t.october,
        11 => t.november,
        _ => t.december,
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
