//! Statuses and boosts: rows in, rows out. Lists give ids; [`hydrate`] loads all that a list shows
//! in a fixed number of queries.

mod collections;
mod filtered;
mod hydrate;
mod interactions;
mod lists;
pub mod remote;
mod row;
mod thread;

pub use collections::{Addressed, Answering, addressed, replies, starter, thread};
pub use filtered::FilterHit;
pub use hydrate::{AppName, PollView, Quote, StatusView, ViewerFlags, hydrate, hydrate_one};
pub use interactions::{
    bookmark, boost_by, favourite, mute_conversation, pin, pin_count, unbookmark, unfavourite,
    unmute_conversation, unpin,
};
pub use lists::{
    AccountFilter, PublicFilter, TagFilter, account, bookmarks, boosters, boosts_of, favouriters,
    favourites, list, local_boosters, local_boosts, pinned, public, quotes, tag,
};
pub use row::{
    Edit, EditRow, NewEdit, add_mention, add_tags, by_id, clear_tags, count, delete, edits, insert,
    insert_edit, local_count, locked, mentioned, silence_mentions, slice, tag_ids, tags_named,
    tags_of, trim_edits, update, visible_by_id, visible_of,
};
pub use thread::{ancestors, descendants};

pub(crate) static STATEMENTS: &[&[&crate::Sql]] = &[
    collections::STATEMENTS,
    hydrate::STATEMENTS,
    interactions::STATEMENTS,
    lists::STATEMENTS,
    remote::STATEMENTS,
    row::STATEMENTS,
    thread::STATEMENTS,
];
