//! Feeds of what everybody may read: an account's posts and a hashtag's, as Atom (RFC 4287) and RSS 2.0.

use app::timelines::AccountStatuses;
use app::{Page, StatusView};
use axum::extract::{Path, State};
use http::{HeaderValue, header};

use super::answer::{Answer, Refusal, public};
use super::{Shared, present, site_called, tag};
use crate::pages::{AtomPage, Feed, FeedEntry, Problem, RssPage};

/// Posts of a feed.
const LENGTH: i64 = 20;

/// How a feed is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Atom,
    Rss,
}

pub(super) async fn account_atom(State(app): State<Shared>, Path(name): Path<String>) -> Answer {
    account(&app, &name, Kind::Atom).await
}

pub(super) async fn tag_atom(State(app): State<Shared>, Path(name): Path<String>) -> Answer {
    of_tag(&app, &name, Kind::Atom).await
}

/// The posts of an account, without answers to others and without boosts.
pub(super) async fn account(app: &Shared, name: &str, kind: Kind) -> Answer {
    let account = app::accounts::local_by_name(app, name).await?;
    let account = account
        .filter(|account| account.suspended_at.is_none())
        .ok_or(Refusal::new(Problem::NotFound))?;
    let wanted = AccountStatuses {
        exclude_replies: true,
        exclude_boosts: true,
        ..AccountStatuses::default()
    };
    let page = Page::newest(LENGTH);
    let views = app::timelines::account(app, account.id, wanted, None, page).await?;
    let shown = present::profile(app, &account);
    let feed = Feed {
        title: format!("{} ({})", shown.account.display_name, shown.account.handle),
        about: shown.bio_text,
        page_url: app.urls.local_profile(&account.username),
        feed_url: format!("{}/feed.atom", app.urls.local_profile(&account.username)),
        picture_url: absolute(app, &shown.account.avatar_url),
        updated: updated(app, &views),
        entries: views.iter().map(|view| entry(app, view)).collect(),
    };
    answer(&feed, kind)
}

/// The public posts of this server with a hashtag.
pub(super) async fn of_tag(app: &Shared, name: &str, kind: Kind) -> Answer {
    let view = app::tags::show(app, name, None).await?;
    let page = Page::newest(LENGTH);
    let views = app::tags::timeline(app, tag::wanted(&view.name), None, page).await?;
    let feed = Feed {
        title: crate::t().hashtag_on(&view.display_name, &app.urls.domain),
        about: crate::t().public_posts_with(&view.display_name),
        page_url: app.urls.tag(&view.name),
        feed_url: format!("{}/feed.atom", app.urls.tag(&view.name)),
        picture_url: absolute(app, &crate::assets::url("avatar.png")),
        updated: updated(app, &views),
        entries: views.iter().map(|view| entry(app, view)).collect(),
    };
    answer(&feed, kind)
}

fn absolute(app: &Shared, address: &str) -> String {
    site_called(app, String::new()).absolute(address)
}

fn updated(app: &Shared, views: &[StatusView]) -> crate::view::Moment {
    let newest = views.iter().map(|view| view.status.edited_at.unwrap_or(view.status.created_at));
    present::moment(newest.max().unwrap_or(app.now()))
}

/// What a content warning hides stays hidden here as well.
fn entry(app: &Shared, view: &StatusView) -> FeedEntry {
    let status = present::status(app, view);
    let page_url = app.urls.status_page(&view.status, &view.author);
    let html = match &status.content_warning {
        Some(warning) => format!("<p>{}</p>", domain::text::escape(warning)),
        None => status.content_html.clone(),
    };
    FeedEntry {
        title: status.glimpse(),
        id: app.urls.status_uri(&view.status, &view.author),
        author: format!("{} ({})", status.author.display_name, status.author.handle),
        published: present::moment(view.status.created_at),
        published_rfc2822: rfc2822(view.status.created_at),
        updated: present::moment(view.status.edited_at.unwrap_or(view.status.created_at)),
        page_url,
        html,
    }
}

/// The form of dates that RSS wants.
fn rfc2822(time: domain::Timestamp) -> String {
    let time = jiff::Timestamp::from_millisecond(time.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    time.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

fn answer(feed: &Feed, kind: Kind) -> Answer {
    let feed = &readable(feed);
    let (mut response, content_type) = match kind {
        Kind::Atom => (public(&AtomPage { feed })?, "application/atom+xml; charset=utf-8"),
        Kind::Rss => (public(&RssPage { feed })?, "application/rss+xml; charset=utf-8"),
    };
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    Ok(response)
}

/// The feed without the characters that XML 1.0 (section 2.2) has no way to write: one of them, and nobody can
/// read any of it.
fn readable(feed: &Feed) -> Feed {
    let mut feed = feed.clone();
    let mut texts = vec![&mut feed.title, &mut feed.about];
    for entry in &mut feed.entries {
        texts.extend([&mut entry.title, &mut entry.author, &mut entry.html]);
    }
    for text in texts {
        text.retain(
            |letter| matches!(letter, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..),
        );
    }
    feed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_xml_cannot_write_is_left_out() {
        let feed = Feed {
            title: "a\u{1}b".into(),
            about: "c\u{b}\u{ffff}\u{fffe}d 🐘".into(),
            page_url: String::new(),
            feed_url: String::new(),
            picture_url: String::new(),
            updated: present::moment(domain::Timestamp(0)),
            entries: Vec::new(),
        };
        let feed = readable(&feed);
        assert_eq!((feed.title.as_str(), feed.about.as_str()), ("ab", "cd 🐘"));
    }
}
