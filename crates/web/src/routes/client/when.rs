//! Points in time that people type into a `datetime-local` field: in UTC, because a form without a
//! script says nothing of its time zone. Where scripts run, `when.js` shows the reader's own time and
//! sends UTC.

use domain::Timestamp;

use crate::view::TextField;

/// What a field says: `None` for an empty one.
///
/// # Errors
/// A sentence for what is no time.
pub(super) fn read(typed: &str) -> Result<Option<Timestamp>, String> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Ok(None);
    }
    let hint = || crate::t().this_is_no_time_write_it.to_owned();
    Timestamp::parse(typed).map(Some).ok_or_else(hint)
}

/// A field that shows this time.
pub(super) fn field(time: Option<Timestamp>) -> TextField {
    TextField::new(time.map(text).unwrap_or_default())
}

fn text(time: Timestamp) -> String {
    time.rfc3339().chars().take("2026-12-24T18:00".len()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_field_shows_can_be_read_again() {
        let time = Timestamp::parse("2026-12-24T18:00:00Z");
        assert!(time.is_some());
        assert_eq!(read(&field(time).value), Ok(time));
        assert_eq!(read("2026-12-24T18:00:00"), Ok(time));
        assert_eq!(read(" "), Ok(None));
        for wrong in ["soon", "2026-13-24T18:00", "ä026-12-24T18:0"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
