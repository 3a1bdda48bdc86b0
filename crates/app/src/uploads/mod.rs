//! Uploads: receiving, processing, describing, serving and removing.
//!
//! Files enter the store only through [`keep`], which leaves behind nothing that no row refers to,
//! even when the process dies between the file and its row. Bytes as they came lie below
//! `incoming/` under keys without an ending, which are never served (M06).

mod describe;
mod keep;
mod process;
mod receive;
mod refusal;
mod release;
mod serve;

pub use describe::{Description, Shown, delete, show, update};
pub(crate) use keep::{Kept, disk, keep, remove_later};
pub(crate) use process::process;
pub use receive::{Patience, Upload, receive};
pub(crate) use receive::{place, take_in};
pub(crate) use refusal::refuse;
pub use release::{Release, release};
pub(crate) use release::{keys_of, sweep, sweep_scratch};
pub use serve::{Stored, open};

/// Requests that may wait for a picture at once; the pictures themselves are made one at a time.
pub(crate) const PLACES: usize = 8;
/// Uploads that may wait for their turn in the queue.
const BACKLOG: i64 = 64;
/// Characters of a description.
pub(crate) const DESCRIPTION: usize = 1500;
