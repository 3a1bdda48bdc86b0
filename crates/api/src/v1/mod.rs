//! `/api/v1/…`

pub(crate) mod accounts;
pub(crate) mod admin;
pub(crate) mod announcements;
pub(crate) mod apps;
pub(crate) mod conversations;
pub(crate) mod custom_emojis;
pub(crate) mod deliveries;
pub(crate) mod domain_blocks;
pub(crate) mod emails;
pub(crate) mod featured;
pub(crate) mod filters;
pub(crate) mod instance;
pub(crate) mod lists;
pub(crate) mod markers;
pub(crate) mod media;
pub(crate) mod not_kept;
pub(crate) mod notification_requests;
pub(crate) mod notifications;
pub(crate) mod peers;
pub(crate) mod polls;
pub(crate) mod preferences;
pub(crate) mod profile;
pub(crate) mod push;
pub(crate) mod quoting;
pub(crate) mod relationships;
pub(crate) mod reports;
pub(crate) mod scheduled;
pub(crate) mod search;
pub(crate) mod sign_up;
pub(crate) mod status_actions;
pub(crate) mod statuses;
pub(crate) mod suggestions;
pub(crate) mod tags;
pub(crate) mod timelines;
pub(crate) mod trends;

use crate::routes::Route;

pub(crate) fn routes() -> Vec<Route> {
    let parts = [
        accounts::routes(),
        admin::routes(),
        announcements::routes(),
        apps::routes(),
        conversations::routes(),
        custom_emojis::routes(),
        deliveries::routes(),
        domain_blocks::routes(),
        emails::routes(),
        featured::routes(),
        filters::routes(),
        instance::routes(),
        lists::routes(),
        markers::routes(),
        media::routes(),
        notification_requests::routes(),
        not_kept::routes(),
        notifications::routes(),
        peers::routes(),
        polls::routes(),
        preferences::routes(),
        profile::routes(),
        push::routes(),
        quoting::routes(),
        relationships::routes(),
        reports::routes(),
        scheduled::routes(),
        search::routes(),
        sign_up::routes(),
        status_actions::routes(),
        statuses::routes(),
        suggestions::routes(),
        tags::routes(),
        timelines::routes(),
        trends::routes(),
    ];
    parts.into_iter().flatten().collect()
}
