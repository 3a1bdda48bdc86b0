//! Statuses: posting, editing, deleting, boosting, and what people do with them.

mod boost;
mod compose;
mod delete;
mod edit;
mod expire;
mod history;
mod mark;
mod people;
mod post;
mod quoting;
mod show;
mod thread;

pub use boost::{boost, unboost};
pub use delete::delete;
pub(crate) use delete::remove;
pub use edit::{Changes, MediaChange, edit};
pub(crate) use edit::{keep_first_version, keep_version_of};
pub use expire::{end_expiry, expiry, set_expiry};
pub(crate) use expire::{run as expire, run_rules as expire_by_rules};
pub use history::{Version, history, source};
pub use mark::{Mark, mark, unmark};
pub(crate) use people::with_accounts;
pub use people::{boosters, favouriters, marked, quotes};
pub use post::{NewPoll, NewStatus, post, posted_before};
pub(crate) use post::{is_language, own_media, settle, write as write_new};
pub use quoting::{revoke_quote, set_quote_policy};
pub use show::{at_address, many, show, view};
pub use store::post_expiry::Rule as ExpiryRule;
pub use thread::{Thread, thread};
