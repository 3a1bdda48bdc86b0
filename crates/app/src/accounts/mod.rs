//! Accounts: making, finding, showing and changing them.

mod create;
mod find;

pub use create::{NewAccount, create};
pub use find::{by_acct, show};
