//! From an empty AWS account to a running instance: settings → plan (pure, in words, priced) → Terraform → hosts.
//!
//! It talks to nobody itself: AWS is spoken to by `terraform`, what must be asked over the network is passed in. Called by
//! `tuskling deploy`.

pub mod apply;
pub mod cost;
pub mod deployment;
pub mod destroy;
pub mod host;
pub mod init;
pub mod inventory;
pub mod module;
pub mod plan;
pub mod prices;
pub mod refresh;
pub mod release;
pub mod status;
pub mod terraform;
pub mod words;
pub mod world;
