//! Backups and restores as the commands do them, on real databases, folders and repositories.
#![expect(clippy::unwrap_used, reason = "a test stops where its tools fail")]

mod capsule;
mod damage;
mod drill;
mod locks;
mod repository;
mod support;
