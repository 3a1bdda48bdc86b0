//! Backups that prove themselves, and the way back: snapshots of database, media, configuration and
//! secrets in restic's repository format, encrypted, compressed, each piece stored once.
//!
//! It knows files, the database's copy of itself and the repository. It must not know what the data
//! mean; whether keys sign is asked of whoever calls. Called by `tuskling`.

pub mod capsule;
mod check;
mod error;
mod local;
mod manifest;
mod pg;
mod pg_proof;
pub mod prune;
mod repository;
pub mod restore;
mod setup;
pub mod snapshot;
pub mod verify;

pub use check::{KeyCheck, keys as check_keys};
pub use error::{BackupError, Result};
pub use local::{Failure, Local, Made, Proof, Sealed, State, Unfinished, state, unfinished};
pub use manifest::{Engine, Manifest};
pub use repository::{
    Content, Cut, Held, Item, Keep, Pruned, Repo, Restored, Saved, Share, Snapshot, Target,
};
pub use setup::Setup;
