//! `/@name`: a profile with what everybody may read.

use app::Page;
use app::timelines::AccountStatuses;
use axum::extract::{Path, State};
use http::Uri;

use super::answer::{Answer, Refusal, public};
use super::client;
use super::client::member::Member;
use super::posted::Fields;
use super::visitor::Visitor;
use super::{Shared, feed, present, site};
use crate::pages::{Problem, ProfilePage};
use crate::view::StatusView;

/// Posts on one page.
const LENGTH: i64 = 20;

pub(super) async fn show(
    State(app): State<Shared>,
    Path(name): Path<String>,
    visitor: Visitor,
    uri: Uri,
) -> Answer {
    if let Some(name) = name.strip_suffix(".rss") {
        return feed::account(&app, name, feed::Kind::Rss).await;
    }
    if let Some(member) = Member::of(visitor, &uri) {
        return client::profile::show(&app, &member, &name, &uri).await;
    }
    let account = app::accounts::local_by_name(&app, &name).await?;
    let account = account
        .filter(|account| account.suspended_at.is_none())
        .ok_or(Refusal::new(Problem::NotFound))?;
    let page = page(&Fields::of_query(&uri));
    let is_first = page == Page::newest(LENGTH);
    let wanted = AccountStatuses { exclude_replies: true, ..AccountStatuses::default() };
    let views = app::timelines::account(&app, account.id, wanted, None, page).await?;
    let pinned = if is_first {
        let wanted = AccountStatuses { pinned: true, ..AccountStatuses::default() };
        app::timelines::account(&app, account.id, wanted, None, page).await?
    } else {
        Vec::new()
    };
    let path = format!("/@{}", account.username);
    let full = present::number(page.limit) <= views.len() as u64;
    let older = views.last().filter(|_| full || page.from_oldest);
    let newer = views.first().filter(|_| !is_first);
    let newer_url = match newer {
        Some(view) => Some(format!("{path}?min_id={}", view.status.id)),
        None if !is_first => Some(path.clone()),
        None => None,
    };
    let site = site(&app).await?;
    public(&ProfilePage {
        site: &site,
        canonical_url: app.urls.local_profile(&account.username),
        activity_url: app.urls.actor(&account),
        indexable: account.indexable,
        profile: present::profile(&app, &account),
        pinned: pinned.iter().map(|view| pinned_status(&app, view)).collect(),
        statuses: views.iter().map(|view| present::status(&app, view)).collect(),
        older_url: older.map(|view| format!("{path}?max_id={}", view.status.id)),
        newer_url,
    })
}

fn pinned_status(app: &Shared, view: &app::StatusView) -> StatusView {
    StatusView { pinned: true, ..present::status(app, view) }
}

/// Numbers that are none are passed over.
fn page(query: &Fields) -> Page {
    let number = |name: &str| query.get(name).and_then(|text| text.parse::<i64>().ok());
    let mut page = Page::newest(LENGTH);
    if let Some(below) = number("max_id") {
        page.below = below.max(0);
    } else if let Some(above) = number("min_id") {
        page.above = above.max(0);
        page.from_oldest = true;
    }
    page
}
