//! Who is asking, and what they may do: tokens, passwords, apps, sessions.

pub mod password;
mod authenticate;
mod token;

pub use authenticate::{AccessError, Caller, Me, authenticate};
pub use token::{NewToken, create_token};
