//! For tests only: databases on both engines, clocks, seeds. Nothing of the product depends on it.

pub mod engines;

pub use domain::random::testing::Seeded;
pub use domain::time::testing::ManualClock;
pub use engines::{TestDatabase, for_each_engine};
