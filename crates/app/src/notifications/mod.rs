//! Notifications: making them where the receiver wants them, listing them alone or in groups, and
//! the policy that keeps some back.

mod groups;
mod list;
mod notify;
mod policy;

pub use domain::notification::{Notification, NotificationKind, Policy, Verdict};
pub use groups::{GroupView, Groups, group, groups, senders, unread_groups};
pub use list::{About, NotificationView, clear, dismiss, find, list, unread};
pub use notify::Cause;
pub(crate) use notify::notify;
pub use policy::{
    RequestView, accept, drop_requests, policy, request, requests, set_policy, summary,
};
pub use store::notifications::{Filter, Group};
