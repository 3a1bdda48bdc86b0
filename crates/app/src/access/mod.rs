//! Who is asking, and what they may do: tokens, passwords, apps, sessions.

mod authenticate;
pub mod password;
mod token;

pub use authenticate::{AccessError, Caller, Me, authenticate};
pub use password::set as set_password;
pub use token::{NewToken, create_token};
