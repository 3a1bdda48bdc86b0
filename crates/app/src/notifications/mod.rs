//! Notifications: making them where the receiver wants them, and listing them.

mod notify;

pub use notify::Cause;
pub(crate) use notify::notify;
