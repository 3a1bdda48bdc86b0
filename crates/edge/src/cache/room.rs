//! How much more may be put on the disk (E10).

/// The part of the disk that may be full, in percent.
const MOST_FULL: u64 = 90;
/// The part of the cache that one answer may take: one over of it.
const SHARES: u64 = 8;

/// Ceilings of the cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Limits {
    pub bytes: u64,
    pub entries: usize,
}

impl Limits {
    /// Bytes of the largest answer that is kept.
    pub fn largest(self) -> u64 {
        self.bytes / SHARES
    }

    /// Whether there is no place for so much more.
    pub fn are_exceeded(self, entries: usize, bytes: u64, more: u64) -> bool {
        let new = usize::from(more > 0);
        entries.saturating_add(new) > self.entries || bytes.saturating_add(more) > self.bytes
    }
}

/// Bytes that have to go before so many more can come, so that the disk stays below its bound.
pub(super) fn shortfall(all: u64, free: u64, more: u64) -> u64 {
    let bound = (all / 100).saturating_mul(MOST_FULL);
    all.saturating_sub(free).saturating_add(more).saturating_sub(bound)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn e10_the_disk_stays_below_nine_tenths() {
        assert_eq!(shortfall(1000, 500, 100), 0);
        assert_eq!(shortfall(1000, 500, 400), 0);
        assert_eq!(shortfall(1000, 500, 401), 1);
        assert_eq!(shortfall(1000, 50, 0), 50);
        assert_eq!(shortfall(1000, 50, 10), 60);
        assert_eq!(shortfall(0, 0, 10), 10);
    }

    #[test]
    fn e10_there_are_ceilings() {
        let limits = Limits { bytes: 100, entries: 2 };
        assert_eq!(limits.largest(), 12);
        assert!(!limits.are_exceeded(1, 90, 10));
        assert!(limits.are_exceeded(2, 0, 1));
        assert!(limits.are_exceeded(1, 90, 11));
        assert!(!limits.are_exceeded(2, 100, 0), "full is not too full");
        assert!(limits.are_exceeded(3, 0, 0) && limits.are_exceeded(0, 101, 0));
    }
}
