//! `/tags/NAME`: public posts with a hashtag.

use app::PublicFilter;
use app::tags::Wanted;
use axum::extract::{Path, State};
use http::Uri;

use super::answer::{Answer, public};
use super::client;
use super::client::member::Member;
use super::client::paging::{self, links};
use super::posted::Fields;
use super::visitor::Visitor;
use super::{Shared, feed, present, site};
use crate::pages::TagPage;

pub(super) async fn show(
    State(app): State<Shared>,
    Path(name): Path<String>,
    visitor: Visitor,
    uri: Uri,
) -> Answer {
    if let Some(name) = name.strip_suffix(".rss") {
        return feed::of_tag(&app, name, feed::Kind::Rss).await;
    }
    if let Some(member) = Member::of(visitor, &uri) {
        return client::timelines::tag(&app, &member, &name, &uri).await;
    }
    let tag = app::tags::show(&app, &name, None).await?;
    let page = paging::page(&Fields::of_query(&uri));
    let views = app::tags::timeline(&app, wanted(&tag.name), None, page).await?;
    let path = format!("/tags/{}", client::timelines::encoded(&tag.name));
    let cursors: Vec<i64> = views.iter().map(|view| view.status.id.0).collect();
    let links = links(&path, &page, &cursors);
    let site = site(&app).await?;
    public(&TagPage {
        site: &site,
        name: tag.display_name,
        feed_url: format!("{path}/feed.atom"),
        canonical_url: app.urls.tag(&tag.name),
        statuses: views.iter().map(|view| present::status(&app, view)).collect(),
        newer_url: links.newer,
        older_url: links.older,
    })
}

/// Public posts of this server with a hashtag: strangers are shown what was written here.
pub(super) fn wanted(name: &str) -> Wanted {
    Wanted {
        name: name.to_owned(),
        any: Vec::new(),
        all: Vec::new(),
        none: Vec::new(),
        public: PublicFilter { local: true, ..PublicFilter::default() },
    }
}
