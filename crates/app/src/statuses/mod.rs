//! Statuses: posting, editing, deleting, boosting, and what people do with them.

mod compose;
mod post;
mod show;

pub use post::{NewPoll, NewStatus, post};
pub use show::{show, view};
