//! When a certificate is ordered: pure functions of times, so that each rule of E11 has its test.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const HALF_DAY: Duration = Duration::from_secs(12 * 60 * 60);
/// Certificates that live shorter than this are renewed earlier in their life.
const SHORT: Duration = Duration::from_secs(10 * 24 * 60 * 60);
/// From here on the owner is warned.
const WARNING: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// Pauses after the first, second and third failure.
const PAUSES: [Duration; 3] = [MINUTE, Duration::from_secs(600), Duration::from_secs(6_000)];

/// From when until when a certificate holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifetime {
    /// The first moment.
    pub not_before: SystemTime,
    /// The last one.
    pub not_after: SystemTime,
}

/// When the authority would like a certificate to be renewed (RFC 9773, ARI).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Not before this.
    pub start: SystemTime,
    /// Not after this.
    pub end: SystemTime,
}

/// What was tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tries {
    /// How many failed since the last certificate came.
    pub failed: u32,
    /// When the last one began, whether it failed or not.
    pub last: SystemTime,
}

impl Lifetime {
    /// How long it is.
    fn length(&self) -> Duration {
        self.not_after.duration_since(self.not_before).unwrap_or_default()
    }

    /// From when on the owner is to be warned (E12): seven days, or a quarter of a short life.
    #[must_use]
    pub fn warn_at(&self) -> SystemTime {
        before(self.not_after, WARNING.min(self.length() / 4))
    }
}

/// When a certificate is to be renewed: at a point of the authority's window chosen by `luck`, else
/// when a third of its life is left, or half of a life shorter than ten days. A window never delays
/// it into the last tenth.
#[must_use]
pub fn renew_at(lifetime: Lifetime, window: Option<Window>, luck: u32) -> SystemTime {
    let length = lifetime.length();
    let Some(window) = window else {
        let left = if length < SHORT { length / 2 } else { length / 3 };
        return before(lifetime.not_after, left);
    };
    let width = window.end.duration_since(window.start).unwrap_or_default();
    let into = width.mul_f64(f64::from(luck) / f64::from(u32::MAX));
    let wished = window.start.checked_add(into).unwrap_or(window.start);
    wished.min(before(lifetime.not_after, length / 10))
}

/// When the next try may be: one minute, ten and a hundred minutes after failures, then daily. Never
/// further away than one pause, also when the clock was set back since.
#[must_use]
pub fn may_try_at(now: SystemTime, tries: Option<Tries>) -> SystemTime {
    let Some(tries) = tries.filter(|tries| tries.failed > 0) else { return now };
    let index = usize::try_from(tries.failed - 1).unwrap_or(usize::MAX);
    let pause = PAUSES.get(index).copied().unwrap_or(DAY);
    after(tries.last.min(now), pause)
}

/// When a name is to be ordered for next: at once without a certificate, else when it is to be
/// renewed, and not before failures allow it. A certificate that is due as soon as it came (a clock
/// days ahead, an odd authority) is not renewed within a quarter of its life, at most a day.
#[must_use]
pub fn order_at(
    now: SystemTime,
    held: Option<(Lifetime, Option<Window>)>,
    tries: Option<Tries>,
    luck: u32,
) -> SystemTime {
    let Some((lifetime, window)) = held else { return may_try_at(now, tries) };
    let rest = DAY.min(lifetime.length() / 4);
    let succeeded = tries.filter(|tries| tries.failed == 0);
    let rested = succeeded.map_or(now, |tries| after(tries.last.min(now), rest));
    renew_at(lifetime, window, luck).max(rested).max(may_try_at(now, tries))
}

/// The next time to ask the authority about its windows: a minute chosen by `luck` of the next half
/// day, so twice a day, and not when everybody asks.
#[must_use]
pub fn check_at(now: SystemTime, luck: u32) -> SystemTime {
    let passed = now.duration_since(UNIX_EPOCH).unwrap_or_default();
    let half_days = passed.as_secs() / HALF_DAY.as_secs() + 1;
    let minutes = u64::from(luck) % (HALF_DAY.as_secs() / 60);
    let seconds = half_days.saturating_mul(HALF_DAY.as_secs()).saturating_add(minutes * 60);
    after(UNIX_EPOCH, Duration::from_secs(seconds))
}

fn before(moment: SystemTime, by: Duration) -> SystemTime {
    moment.checked_sub(by).unwrap_or(UNIX_EPOCH)
}

fn after(moment: SystemTime, by: Duration) -> SystemTime {
    moment.checked_add(by).unwrap_or(moment)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(number: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(number * DAY.as_secs())
    }

    fn minutes(number: u64) -> SystemTime {
        day(20_000) + Duration::from_secs(number * 60)
    }

    fn life(from: u64, days: u64) -> Lifetime {
        Lifetime { not_before: day(from), not_after: day(from + days) }
    }

    #[test]
    fn e11_without_a_window_it_is_a_third_or_half_of_a_short_life() {
        assert_eq!(renew_at(life(20_000, 90), None, 7), day(20_060));
        assert_eq!(renew_at(life(20_000, 12), None, 7), day(20_008));
        assert_eq!(renew_at(life(20_000, 10), None, 7), day(20_010) - DAY * 10 / 3);
        assert_eq!(renew_at(life(20_000, 6), None, 7), day(20_003));
        let backwards = Lifetime { not_before: day(5), not_after: day(3) };
        assert_eq!(renew_at(backwards, None, 7), day(3));
    }

    #[test]
    fn e11_a_window_of_the_authority_counts_but_never_the_last_tenth() {
        let window = |start, end| Some(Window { start: day(start), end: day(end) });
        let life = life(20_000, 90);
        assert_eq!(renew_at(life, window(20_020, 20_022), 0), day(20_020));
        assert_eq!(renew_at(life, window(20_020, 20_022), u32::MAX), day(20_022));
        let middle = renew_at(life, window(20_020, 20_022), u32::MAX / 2);
        assert!(middle > day(20_020) && middle < day(20_022));
        assert_eq!(renew_at(life, window(20_200, 20_300), 0), day(20_081));
        assert_eq!(renew_at(life, window(20_030, 20_020), 99), day(20_030));
    }

    #[test]
    fn e11_failures_wait_1_10_and_100_minutes_then_a_day() {
        let at = |failed, now| may_try_at(now, Some(Tries { failed, last: minutes(0) }));
        assert_eq!(may_try_at(minutes(5), None), minutes(5));
        assert_eq!(at(1, minutes(0)), minutes(1));
        assert_eq!(at(2, minutes(1)), minutes(10));
        assert_eq!(at(3, minutes(1)), minutes(100));
        for count in [4, 5, 4_000_000_000] {
            assert_eq!(at(count, minutes(1)), day(20_001));
        }
    }

    #[test]
    fn r14_a_clock_that_was_set_back_delays_a_try_by_no_more_than_its_pause() {
        let tries = Some(Tries { failed: 1, last: day(20_002) });
        assert_eq!(may_try_at(minutes(0), tries), minutes(1));
    }

    #[test]
    fn r14_a_clock_days_ahead_orders_no_certificate_twice_at_once() {
        let held = Some((life(20_000, 6), None));
        let tries = Some(Tries { failed: 0, last: day(20_008) });
        assert_eq!(order_at(day(20_008), held, tries, 0), day(20_009));
        let seconds = |from, length| Lifetime {
            not_before: from,
            not_after: from + Duration::from_secs(length),
        };
        let held = Some((seconds(minutes(0), 60), None));
        let tries = Some(Tries { failed: 0, last: minutes(1) });
        assert_eq!(order_at(minutes(1), held, tries, 0), minutes(1) + Duration::from_secs(15));
    }

    #[test]
    fn e11_a_failing_name_is_tried_at_most_five_times_in_its_first_hour() {
        let (mut now, mut failed) = (minutes(0), 0);
        while now < minutes(60) {
            failed += 1;
            now = order_at(now, None, Some(Tries { failed, last: now }), 0);
        }
        assert!((2..=5).contains(&failed), "{failed}");
    }

    #[test]
    fn e11_failures_delay_a_renewal_and_nothing_brings_it_forward() {
        let held = Some((life(20_000, 90), None));
        assert_eq!(order_at(day(20_001), held, None, 0), day(20_060));
        assert_eq!(order_at(day(20_070), held, None, 0), day(20_070));
        let failed = |failed| Some(Tries { failed, last: day(20_070) });
        let minute_later = day(20_070) + MINUTE;
        assert_eq!(order_at(day(20_070), held, failed(1), 0), minute_later);
        assert_eq!(order_at(day(20_070), held, failed(4), 0), day(20_071));
        assert_eq!(order_at(day(20_001), None, None, 0), day(20_001));
    }

    #[test]
    fn e11_checks_come_twice_a_day_at_any_minute() {
        for luck in [0, 1, 719, 720, u32::MAX] {
            let mut now = minutes(13);
            for half_day in 1..=20 {
                let next = check_at(now, luck);
                let start = day(20_000) + HALF_DAY * half_day;
                assert!(next >= start && next < start + HALF_DAY, "{luck} {half_day}");
                now = next;
            }
        }
        assert_ne!(check_at(minutes(0), 1), check_at(minutes(0), 2));
    }

    #[test]
    fn e12_the_warning_comes_seven_days_before_the_end_or_late_in_a_short_life() {
        assert_eq!(life(20_000, 90).warn_at(), day(20_083));
        assert_eq!(life(20_000, 4).warn_at(), day(20_003));
    }
}
