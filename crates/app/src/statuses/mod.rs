//! Statuses: posting, editing, deleting, boosting, and what people do with them.

mod boost;
mod compose;
mod delete;
mod edit;
mod history;
mod mark;
mod people;
mod post;
mod show;
mod thread;

pub use boost::{boost, unboost};
pub use delete::delete;
pub use edit::{Changes, MediaChange, edit};
pub use history::{Version, history, source};
pub use mark::{Mark, mark, unmark};
pub(crate) use people::with_accounts;
pub use people::{boosters, favouriters, marked};
pub use post::{NewPoll, NewStatus, post};
pub use show::{many, show, view};
pub use thread::{Thread, thread};
