//! What other servers send and have, with peers on loopback that tell the truth or lie.
#![expect(clippy::unwrap_used, reason = "a test stops where its tools fail")]

mod asking;
mod bounds;
mod follows;
mod identity;
mod links;
mod quotes;
mod recorded;
mod scene;
mod statuses;
mod threads;
