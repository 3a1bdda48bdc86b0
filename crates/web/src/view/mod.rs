//! What pages show, in the words of the page: accounts, posts, times, form fields.
//!
//! The caller fills these from what a viewer may see; they carry finished text and addresses and no
//! ids beyond what a link needs. Escaping is the templates' work, so text stays raw here.

mod account;
mod emoji;
mod icon;
mod input;
mod link;
mod moment;
mod number;
mod status;

pub use account::{AccountView, ProfileFieldView, ProfileView};
pub use emoji::{EmojiView, named, with_emojis};
pub use icon::icon;
pub use input::{Input, TextField};
pub use link::{Website, href};
pub use moment::Moment;
pub use number::count;
pub use status::{
    Actions, CardView, MediaKind, MediaView, PollOptionView, PollView, QuoteView, ReplyTarget,
    StatusView, ThreadedReply, Visibility,
};
