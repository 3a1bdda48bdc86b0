//! Mastodon's entities and how views become them. Pure: everything was loaded before.
//! <https://docs.joinmastodon.org/entities/>

mod account;
mod admin;
mod announcement;
mod application;
mod conversation;
mod delivery;
mod emoji;
mod filter;
pub(crate) mod instance;
mod list;
mod marker;
mod media;
mod notification;
mod oembed;
mod poll;
mod preferences;
mod preview_card;
mod push;
mod relationship;
mod report;
mod role;
mod scheduled;
mod search;
mod small;
mod status;
mod status_edit;
mod suggestion;
mod tag;

use std::sync::Arc;

use app::App;
use app::emojis::Catalog;
use app::urls::Urls;
use domain::Timestamp;

pub(crate) use account::{Account, CredentialAccount, MutedAccount};
pub(crate) use admin::{
    AdminAccount, AdminCohort, AdminDimension, AdminDomainAllow, AdminDomainBlock,
    AdminEmailDomain, AdminEmailHash, AdminMeasure, AdminNetwork, AdminReport, AdminTag,
};
pub(crate) use announcement::{Announcement, Reaction};
pub(crate) use application::{Application, CredentialApplication};
pub(crate) use conversation::Conversation;
pub(crate) use delivery::{Delivery, Retried};
pub(crate) use emoji::CustomEmoji;
pub(crate) use filter::{Filter, FilterKeyword, FilterResult, FilterStatus, V1Filter};
pub(crate) use list::List;
pub(crate) use marker::Marker;
pub(crate) use media::MediaAttachment;
pub(crate) use notification::{
    GroupedNotifications, Notification, NotificationPolicy, NotificationRequest,
    V1NotificationPolicy,
};
pub(crate) use oembed::OEmbed;
pub(crate) use poll::Poll;
pub(crate) use preferences::Preferences;
pub(crate) use preview_card::PreviewCard;
pub(crate) use push::WebPushSubscription;
pub(crate) use relationship::Relationship;
pub(crate) use report::Report;
pub(crate) use role::role_id;
pub(crate) use scheduled::{Posted, ScheduledStatus};
pub(crate) use search::Search;
pub(crate) use small::{AnnualReports, Count, DomainBlockPreview, Empty, Merged};
pub(crate) use status::Status;
pub(crate) use status_edit::{Context, StatusEdit, StatusSource};
pub(crate) use suggestion::{FamiliarFollowers, Suggestion};
pub(crate) use tag::{FeaturedTag, Tag};

/// The HTML of somebody's text. That of other servers was cleaned when it was stored; whatever is
/// not as the cleaner leaves it is cleaned again (M01).
fn html(stored: &str, author: &domain::account::Account) -> String {
    if author.is_local() {
        return stored.to_owned();
    }
    domain::text::shown(stored).into_owned()
}

/// What rendering needs beside the view.
pub(crate) struct Render<'a> {
    pub urls: &'a Urls,
    pub emojis: Arc<Catalog>,
    pub now: Timestamp,
}

impl<'a> Render<'a> {
    /// For a request that is answered now.
    pub fn new(app: &'a App) -> Self {
        Self { urls: &app.urls, emojis: app.emojis.get(), now: app.now() }
    }
}
