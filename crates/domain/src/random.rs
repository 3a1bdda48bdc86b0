//! Randomness, passed in like the clock.

/// A source of random bytes. The product's source must be fit for secrets.
pub trait Random: Send + Sync {
    /// Fills `bytes`.
    fn fill(&self, bytes: &mut [u8]);
}

/// A repeatable source for tests.
pub mod testing {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::Random;

    /// Counts through SplitMix64 from a seed: repeatable, unfit for secrets.
    #[derive(Debug)]
    pub struct Seeded(AtomicU64);

    impl Seeded {
        /// A source that always gives the same bytes for the same seed.
        #[must_use]
        pub fn new(seed: u64) -> Self {
            Self(AtomicU64::new(seed))
        }
    }

    impl Random for Seeded {
        fn fill(&self, bytes: &mut [u8]) {
            for chunk in bytes.chunks_mut(8) {
                let state = self.0.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::Relaxed);
                let mut z = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
                z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
                z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
                let word = (z ^ (z >> 31)).to_le_bytes();
                for (to, from) in chunk.iter_mut().zip(word) {
                    *to = from;
                }
            }
        }
    }
}
