//! Timelines: home, this server, all servers, a list, a hashtag; bookmarks and favourites.

use app::{Page, PublicFilter, StatusView as Loaded};
use axum::extract::{Path, State};
use domain::ListId;
use domain::filter::FilterContext;
use http::Uri;

use super::compose::blank;
use super::frame::frame;
use super::house;
use super::member::Member;
use super::paging::{self, links};
use super::show::Eye;
use crate::pages::Problem;
use crate::pages::client::{Place, TagTools, TimelinePage};
use crate::paths;
use crate::routes::Shared;
use crate::routes::answer::{Answer, Refusal, private};
use crate::routes::posted::Fields;

/// What is particular to a timeline.
struct Timeline<'t> {
    place: Place,
    path: String,
    title: String,
    empty: &'t str,
    context: FilterContext,
    /// The channel of new posts.
    stream: Option<String>,
    /// Writing at the top.
    compose: bool,
    tag: Option<TagTools>,
    edit_url: Option<String>,
}

impl<'t> Timeline<'t> {
    fn new(place: Place, path: &str, title: &str, empty: &'t str) -> Self {
        Self {
            place,
            path: path.to_owned(),
            title: title.to_owned(),
            empty,
            context: FilterContext::Public,
            stream: None,
            compose: false,
            tag: None,
            edit_url: None,
        }
    }
}

async fn answer(
    app: &Shared,
    member: &Member,
    timeline: Timeline<'_>,
    page: &Page,
    views: &[Loaded],
    cursors: &[i64],
) -> Answer {
    let is_first = *page == Page::newest(page.limit);
    let eye = Eye { app, me: &member.me, context: timeline.context };
    let links = links(&timeline.path, page, cursors);
    let compose = (timeline.compose && is_first).then(|| blank(app, &member.me, &timeline.path));
    let at_home = timeline.compose && is_first;
    let notices = if at_home { house::current(app, member).await? } else { Vec::new() };
    private(&TimelinePage {
        frame: frame(app, member, timeline.place).await?,
        notices,
        title: timeline.title,
        empty: timeline.empty.to_owned(),
        statuses: eye.statuses(views),
        newer_url: links.newer,
        older_url: links.older,
        stream: timeline.stream.filter(|_| is_first),
        compose,
        tag: timeline.tag,
        edit_url: timeline.edit_url,
    })
}

fn ids(views: &[Loaded]) -> Vec<i64> {
    views.iter().map(|view| view.status.id.0).collect()
}

pub(super) async fn home(State(app): State<Shared>, member: Member, uri: Uri) -> Answer {
    let page = paging::page(&Fields::of_query(&uri));
    let views = app::timelines::home(&app, member.id(), page).await?;
    let timeline = Timeline {
        context: FilterContext::Home,
        stream: Some("home".into()),
        compose: true,
        ..Timeline::new(
            Place::Home,
            paths::HOME,
            crate::t().home,
            crate::t().nothing_here_yet_search_for_people,
        )
    };
    answer(&app, &member, timeline, &page, &views, &ids(&views)).await
}

pub(super) async fn local(State(app): State<Shared>, member: Member, uri: Uri) -> Answer {
    let filter = PublicFilter { local: true, ..PublicFilter::default() };
    let empty = crate::t().nobody_on_this_server_has_posted;
    let timeline = Timeline {
        stream: Some("local".into()),
        ..Timeline::new(Place::Local, paths::LOCAL, crate::t().this_server, empty)
    };
    public(&app, &member, &uri, filter, timeline).await
}

pub(super) async fn federated(State(app): State<Shared>, member: Member, uri: Uri) -> Answer {
    let empty = crate::t().no_public_posts_have_come_here;
    let timeline = Timeline {
        stream: Some("federated".into()),
        ..Timeline::new(Place::Federated, paths::FEDERATED, crate::t().all_servers, empty)
    };
    public(&app, &member, &uri, PublicFilter::default(), timeline).await
}

async fn public(
    app: &Shared,
    member: &Member,
    uri: &Uri,
    filter: PublicFilter,
    timeline: Timeline<'_>,
) -> Answer {
    let page = paging::page(&Fields::of_query(uri));
    let views = app::timelines::public(app, filter, Some(member.id()), page).await?;
    answer(app, member, timeline, &page, &views, &ids(&views)).await
}

pub(super) async fn list(
    State(app): State<Shared>,
    member: Member,
    Path(id): Path<String>,
    uri: Uri,
) -> Answer {
    let id: ListId = id.parse().map_err(|_| Refusal::new(Problem::NotFound))?;
    let list = app::lists::show(&app, member.id(), id).await?;
    let page = paging::page(&Fields::of_query(&uri));
    let views = app::lists::timeline(&app, member.id(), id, page).await?;
    let path = format!("/lists/{id}");
    let empty = crate::t().nothing_here_yet_add_people_to;
    let timeline = Timeline {
        context: FilterContext::Home,
        stream: Some(format!("list:{id}")),
        edit_url: Some(format!("/lists/{id}/edit")),
        ..Timeline::new(Place::Lists, &path, &list.title, empty)
    };
    answer(&app, &member, timeline, &page, &views, &ids(&views)).await
}

/// A hashtag for somebody who is signed in.
pub(in crate::routes) async fn tag(app: &Shared, member: &Member, name: &str, uri: &Uri) -> Answer {
    let view = app::tags::show(app, name, Some(member.id())).await?;
    let page = paging::page(&Fields::of_query(uri));
    let wanted = app::tags::Wanted {
        name: view.name.clone(),
        any: Vec::new(),
        all: Vec::new(),
        none: Vec::new(),
        public: PublicFilter::default(),
    };
    let views = app::tags::timeline(app, wanted, Some(member.id()), page).await?;
    let path = format!("/tags/{}", encoded(&view.name));
    let tag = TagTools {
        path: format!("{path}/follow"),
        following: view.following == Some(true),
        posts_of_late: view.history.iter().map(|(_, uses, _)| (*uses).max(0)).sum(),
    };
    let timeline = Timeline {
        stream: Some(format!("tag:{}", view.name)),
        tag: Some(tag),
        ..Timeline::new(
            Place::Elsewhere,
            &path,
            &format!("#{}", view.display_name),
            crate::t().no_public_post_with_this_hashtag,
        )
    };
    answer(app, member, timeline, &page, &views, &ids(&views)).await
}

/// A part of a path.
pub(in crate::routes) fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
}

pub(super) async fn bookmarks(State(app): State<Shared>, member: Member, uri: Uri) -> Answer {
    let empty = crate::t().nothing_is_bookmarked_a_bookmark_is;
    let timeline = Timeline::new(Place::Bookmarks, paths::BOOKMARKS, crate::t().bookmarks, empty);
    marked(&app, &member, &uri, app::statuses::Mark::Bookmark, timeline).await
}

pub(super) async fn favourites(State(app): State<Shared>, member: Member, uri: Uri) -> Answer {
    let empty = crate::t().you_have_not_favourited_anything_yet;
    let timeline =
        Timeline::new(Place::Favourites, paths::FAVOURITES, crate::t().favourites, empty);
    marked(&app, &member, &uri, app::statuses::Mark::Favourite, timeline).await
}

async fn marked(
    app: &Shared,
    member: &Member,
    uri: &Uri,
    mark: app::statuses::Mark,
    timeline: Timeline<'_>,
) -> Answer {
    let page = paging::page(&Fields::of_query(uri));
    let listed = app::statuses::marked(app, member.id(), mark, page).await?;
    let cursors: Vec<i64> = listed.iter().map(|entry| entry.cursor).collect();
    let views: Vec<Loaded> = listed.into_iter().map(|entry| entry.item).collect();
    answer(app, member, timeline, &page, &views, &cursors).await
}
