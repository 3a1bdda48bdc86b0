//! Hashtags: what is known of one, following it, its timeline, and tags on profiles.

mod featured;
mod follow;

use std::sync::Arc;

use domain::status::Tag;
use domain::time::DAY;
use domain::{AccountId, StatusId, TagId, Timestamp, id};
use store::statuses::{self, PublicFilter, StatusView, TagFilter};
use store::tags::{self, DayOfTag};
use store::{Conn, Page};

pub use featured::{feature, feature_named, featured, suggestions, unfeature, unfeature_named};
pub use follow::{follow, followed, unfollow};
pub use store::tags::FeaturedTag;

use crate::{App, AppError, Result};

/// How many days of use are shown.
pub const DAYS: i64 = 7;
/// How many further tags a timeline may be asked for, of each sort.
const MOST_FURTHER: usize = 4;

/// A tag with what is known of it.
#[derive(Clone, Debug)]
pub struct TagView {
    /// `None` when nobody here has used it.
    pub id: Option<TagId>,
    /// Folded.
    pub name: String,
    /// The spelling shown.
    pub display_name: String,
    /// Its use on each of the last [`DAYS`] days, newest first: midnight, statuses, authors.
    pub history: Vec<(Timestamp, i64, i64)>,
    /// The viewer follows it; `None` without one.
    pub following: Option<bool>,
    /// The viewer has it on their profile.
    pub featuring: Option<bool>,
}

/// A tag by its name.
///
/// # Errors
/// [`AppError::NotFound`] when that is no tag name.
pub async fn show(app: &Arc<App>, name: &str, viewer: Option<AccountId>) -> Result<TagView> {
    let (folded, spelling) = fold(name)?;
    let context = app.clone();
    app.read(move |conn| {
        Box::pin(async move {
            let tag = statuses::tags_named(conn, std::slice::from_ref(&folded)).await?.pop();
            match tag {
                Some(tag) => view_one(&context, conn, tag, viewer).await,
                None => Ok(unknown(&context, folded, spelling, viewer)),
            }
        })
    })
    .await
}

/// The folded name and the spelling of a tag.
fn fold(name: &str) -> Result<(String, String)> {
    let spelling = name.strip_prefix('#').unwrap_or(name).to_owned();
    let folded = domain::text::fold_tag(&spelling).ok_or(AppError::NotFound)?;
    Ok((folded, spelling))
}

fn unknown(app: &App, name: String, display_name: String, viewer: Option<AccountId>) -> TagView {
    TagView {
        id: None,
        name,
        display_name,
        history: days(app, &[], TagId(0)),
        following: viewer.map(|_| false),
        featuring: viewer.map(|_| false),
    }
}

async fn view_one(
    app: &App,
    conn: &mut Conn,
    tag: Tag,
    viewer: Option<AccountId>,
) -> Result<TagView> {
    views(app, conn, vec![tag], viewer).await?.pop().ok_or(AppError::NotFound)
}

/// Tags with what is known of them, in two queries.
pub(crate) async fn views(
    app: &App,
    conn: &mut Conn,
    tags: Vec<Tag>,
    viewer: Option<AccountId>,
) -> Result<Vec<TagView>> {
    let ids: Vec<TagId> = tags.iter().map(|tag| tag.id).collect();
    let start = app.now().midnight().plus(-(DAYS - 1) * DAY);
    let history = tags::history(conn, &ids, StatusId(id::first_id_at(start))).await?;
    let (followed, featured) = match viewer {
        Some(viewer) => tags::marks(conn, viewer, &ids).await?,
        None => (Vec::new(), Vec::new()),
    };
    Ok(tags
        .into_iter()
        .map(|tag| TagView {
            id: Some(tag.id),
            history: days(app, &history, tag.id),
            following: viewer.map(|_| followed.contains(&tag.id)),
            featuring: viewer.map(|_| featured.contains(&tag.id)),
            name: tag.name,
            display_name: tag.display_name,
        })
        .collect())
}

fn days(app: &App, history: &[DayOfTag], tag: TagId) -> Vec<(Timestamp, i64, i64)> {
    let today = app.now().midnight();
    (0..DAYS)
        .map(|back| {
            let day = today.plus(-back * DAY);
            let found = history.iter().find(|row| row.tag == tag && row.day == day.0 / DAY);
            (day, found.map_or(0, |row| row.uses), found.map_or(0, |row| row.accounts))
        })
        .collect()
}

/// What a tag timeline is asked for, by name.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// The tag itself.
    pub name: String,
    /// These as well.
    pub any: Vec<String>,
    /// Only with all of these.
    pub all: Vec<String>,
    /// Without these.
    pub none: Vec<String>,
    /// As for public timelines.
    pub public: PublicFilter,
}

/// The timeline of a tag.
///
/// # Errors
/// [`AppError::Store`].
pub async fn timeline(
    app: &App,
    wanted: Wanted,
    viewer: Option<AccountId>,
    page: Page,
) -> Result<Vec<StatusView>> {
    let names = |list: &[String]| -> Vec<String> {
        list.iter().take(MOST_FURTHER).filter_map(|name| domain::text::fold_tag(name)).collect()
    };
    let (any, all, none) = (names(&wanted.any), names(&wanted.all), names(&wanted.none));
    let main = domain::text::fold_tag(&wanted.name);
    let now = app.now();
    app.read(move |conn| {
        Box::pin(async move {
            let mentioned: Vec<String> =
                main.iter().chain(&any).chain(&all).chain(&none).cloned().collect();
            let known = statuses::tags_named(conn, &mentioned).await?;
            let ids = |names: &[String]| -> Vec<TagId> {
                known.iter().filter(|tag| names.contains(&tag.name)).map(|tag| tag.id).collect()
            };
            let either: Vec<String> = main.into_iter().chain(any).collect();
            let mut distinct = all.clone();
            distinct.sort();
            distinct.dedup();
            let filter = TagFilter {
                any: ids(&either),
                all: ids(&all),
                none: ids(&none),
                public: wanted.public,
            };
            // Nothing carries a tag that nobody ever used.
            if filter.any.is_empty() || filter.all.len() < distinct.len() {
                return Ok(Vec::new());
            }
            let found = statuses::tag(conn, &filter, viewer, &page, now).await?;
            Ok(statuses::hydrate(conn, &found, viewer).await?)
        })
    })
    .await
}
