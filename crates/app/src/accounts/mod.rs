//! Accounts: making, finding, showing and changing them.

mod create;
mod find;
pub(crate) mod links;
mod manage;
mod migrate;
mod update;

pub use create::{NewAccount, create};
pub(crate) use create::{Prepared, insert, prepare};
pub use find::{by_acct, many, show};
pub(crate) use manage::set_suspended;
pub use manage::{delete, local, local_by_name, suspend};
pub use migrate::{add_alias, move_to, other_names, remove_alias};
pub use update::{Changes, Picture, Problem, UpdateError, update};
