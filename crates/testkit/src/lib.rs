//! For tests only: databases on both engines, clocks, seeds, servers without a listener. Nothing of the product depends on it.

pub mod authenticator;
pub mod engines;
pub mod fuzz;
pub mod peer;
pub mod server;
pub mod talk;

pub use domain::random::testing::Seeded;
pub use domain::time::testing::ManualClock;
pub use engines::{TestDatabase, for_each_engine};
pub use peer::{Peer, PeerActor, Recorded};
pub use server::{PASSWORD, Server};
pub use talk::{Answer, Talk};
