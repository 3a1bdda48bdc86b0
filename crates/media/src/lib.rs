//! Everything that touches the insides of media from outside: what a file is, whether it may stay,
//! and the clean files made from it.
//!
//! Untrusted bytes are decoded only in a re-executed child with limits (see [`child`]); the server's
//! own process looks at magic bytes and nothing else. This room stores nothing and knows no account:
//! callers hand in a path and move the results where they belong.

pub mod child;
mod error;
mod processed;
mod processor;
mod protocol;
mod scratch;
mod settings;
mod sniff;
mod spawn;
mod types;
mod video;

pub use error::{Exhausted, MediaError, Refusal};
pub use processed::{Details, MediaFile, MediaKind, Meta, Processed, Side};
pub use processor::Processor;
pub use protocol::{Focus, Purpose};
pub use scratch::Workspace;
pub use settings::{MediaLimits, MediaSettings};
pub use types::{Dimensions, Family, MediaType};
