//! The edge: what stands between the internet and the server.
//!
//! It knows its origin by addresses and paths only and must not care which server stands behind it.
//! Called by `tuskling edge`.

pub mod acme;
pub mod certificates;
pub mod nat;
pub mod spool;

pub use certificates::Certificates;
