//! Accounts: making, finding, showing and changing them.

mod create;
mod find;
mod manage;
mod update;

pub use create::{NewAccount, create};
pub use find::{by_acct, many, show};
pub use manage::{delete, local, local_by_name, suspend};
pub use update::{Changes, Picture, Problem, UpdateError, update};
