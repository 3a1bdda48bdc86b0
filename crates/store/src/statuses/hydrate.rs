//! Everything that a list of statuses shows, in a fixed number of queries whatever its length.
//! What no status of the list has is not asked for.

use std::collections::{HashMap, HashSet};

use domain::account::Account;
use domain::media::Media;
use domain::status::{Mention, Parts, Poll, Status, Tag};
use domain::{AccountId, AppId, ConversationId, PollId, StatusId, TagId};

use super::filtered::{self, FilterHit};
use super::row::{columns, visible_of};
use crate::cards::{self, CardView};
use crate::engine::{Conn, FromRow, Result, Row};
use crate::quotes::{self, State};
use crate::{access, accounts, args, media, polls, statements};

/// What a viewer did with statuses and may do, by the statuses themselves, by their conversations, and by those of their
/// authors who let followers quote them. Each part begins with its list: somebody's follows are many more.
macro_rules! flags {
    () => {
        "SELECT 1, status_id FROM favourites WHERE account_id = ?2 AND status_id IN_LIST(?1) \
        UNION ALL SELECT 2, boost_of_id FROM statuses WHERE account_id = ?2 AND boost_of_id IN_LIST(?1) \
        UNION ALL SELECT 3, status_id FROM bookmarks WHERE account_id = ?2 AND status_id IN_LIST(?1) \
        UNION ALL SELECT 4, status_id FROM pins WHERE account_id = ?2 AND status_id IN_LIST(?3) \
        UNION ALL SELECT 5, conversation_id FROM conversation_mutes WHERE account_id = ?2 AND conversation_id IN_LIST(?4) \
        UNION ALL SELECT 6, target_id FROM follows WHERE account_id = ?2 AND target_id IN_LIST(?5)"
    };
}

statements! {
    BY_IDS = concat!("SELECT ", columns!(), " FROM statuses WHERE id IN_LIST(?1)");
    MENTIONS = "SELECT m.status_id, m.account_id, a.username, a.domain, a.url FROM mentions m \
        JOIN accounts a ON a.id = m.account_id WHERE m.status_id IN_LIST(?1) AND m.silent = false ORDER BY m.status_id, m.account_id";
    TAGS = "SELECT st.status_id, t.id, t.name, t.display_name FROM status_tags st JOIN tags t ON t.id = st.tag_id \
        WHERE st.status_id IN_LIST(?1) ORDER BY st.status_id, t.id";
    FLAGS = flags!();
}

/// A status with everything it shows.
#[derive(Clone, Debug)]
pub struct StatusView {
    /// Its own row.
    pub status: Status,
    /// Its author.
    pub author: Account,
    /// The original, when it is a boost.
    pub boost_of: Option<Box<StatusView>>,
    /// What it quotes.
    pub quote: Option<Quote>,
    /// Attachments in their order.
    pub media: Vec<Media>,
    /// Mentions that show.
    pub mentions: Vec<Mention>,
    /// Hashtags.
    pub tags: Vec<Tag>,
    /// Its poll.
    pub poll: Option<PollView>,
    /// The preview of the page it links to.
    pub card: Option<CardView>,
    /// The app it was posted with.
    pub app: Option<AppName>,
    /// What the viewer did with it; `None` without a viewer.
    pub flags: Option<ViewerFlags>,
    /// Filters of the viewer that it hits, ended ones too: whoever shows them knows the time.
    pub filtered: Vec<FilterHit>,
}

/// A quoted status.
#[derive(Clone, Debug)]
pub enum Quote {
    /// Shown.
    Accepted(Box<StatusView>),
    /// Quoted by a quoted one: named, not shown.
    Nested(StatusId),
    /// Not confirmed by the quoted author's side, or not any more: nothing of it is shown (F15).
    Withheld(State),
    /// The same, of a quoted one.
    NestedWithheld(State),
    /// Gone.
    Deleted,
    /// Not for this viewer.
    Unauthorized,
}

/// Name and website of an app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppName {
    /// Its name.
    pub name: String,
    /// Its page.
    pub website: Option<String>,
}

/// A poll and what the viewer did with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PollView {
    /// The poll.
    pub poll: Poll,
    /// What the viewer chose, by index; `None` without a viewer.
    pub own_votes: Option<Vec<i64>>,
}

/// What the viewer did with a status.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ViewerFlags {
    /// Favourited it.
    pub favourited: bool,
    /// Boosted it.
    pub boosted: bool,
    /// Bookmarked it.
    pub bookmarked: bool,
    /// Pinned it to their profile.
    pub pinned: bool,
    /// Muted its conversation.
    pub muted: bool,
    /// Follows its author, who lets followers quote it.
    pub may_quote_as_follower: bool,
}

struct MentionRow(StatusId, Mention);
struct TagRow(StatusId, Tag);

impl FromRow for MentionRow {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        let status_id = row.get()?;
        Ok(Self(
            status_id,
            Mention {
                status_id,
                account_id: row.get()?,
                username: row.get()?,
                domain: row.get()?,
                url: row.get()?,
            },
        ))
    }
}

impl FromRow for TagRow {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        let status: StatusId = row.get()?;
        Ok(Self(status, Tag { id: TagId(row.get()?), name: row.get()?, display_name: row.get()? }))
    }
}

/// One status with everything it shows, if it exists.
///
/// # Errors
/// [`crate::StoreError`] of the engine.
pub async fn hydrate_one(
    conn: &mut Conn,
    id: StatusId,
    viewer: Option<AccountId>,
) -> Result<Option<StatusView>> {
    Ok(hydrate(conn, &[id], viewer).await?.into_iter().next())
}

/// The statuses with these ids and everything they show, in the order of the ids. Those that are
/// gone, or whose author is, are left out. Whether the viewer may see them was decided by whoever
/// made the list.
///
/// # Errors
/// [`crate::StoreError`] of the engine.
pub async fn hydrate(
    conn: &mut Conn,
    ids: &[StatusId],
    viewer: Option<AccountId>,
) -> Result<Vec<StatusView>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut rows: Vec<Status> = conn.query(&BY_IDS, args![ids]).await?;
    let mut known: HashSet<StatusId> = rows.iter().map(|status| status.id).collect();
    let originals: Vec<StatusId> =
        rows.iter().filter_map(|status| status.boost_of).filter(|id| known.insert(*id)).collect();
    if !originals.is_empty() {
        rows.extend(conn.query::<Status>(&BY_IDS, args![&originals]).await?);
    }
    let quoted: Vec<StatusId> =
        rows.iter().filter_map(|status| status.quote_of).filter(|id| known.insert(*id)).collect();
    if !quoted.is_empty() {
        rows.extend(conn.query::<Status>(&BY_IDS, args![&quoted]).await?);
    }
    let shelf = Shelf::load(conn, &rows, viewer).await?;
    let by_id: HashMap<StatusId, Status> =
        rows.into_iter().map(|status| (status.id, status)).collect();
    Ok(ids.iter().filter_map(|id| shelf.assemble(by_id.get(id)?, &by_id)).collect())
}

/// What was loaded for a list, by status.
struct Shelf {
    has_viewer: bool,
    authors: HashMap<AccountId, Account>,
    media: HashMap<StatusId, Vec<Media>>,
    mentions: HashMap<StatusId, Vec<Mention>>,
    tags: HashMap<StatusId, Vec<Tag>>,
    polls: HashMap<StatusId, PollView>,
    cards: HashMap<String, CardView>,
    apps: HashMap<AppId, AppName>,
    flags: HashMap<StatusId, ViewerFlags>,
    filtered: HashMap<StatusId, Vec<FilterHit>>,
    /// How far the quotes are that another server has a say in.
    quotes: HashMap<StatusId, State>,
    /// Those of the boosted and quoted statuses that the viewer may see.
    visible: HashSet<StatusId>,
}

impl Shelf {
    async fn load(conn: &mut Conn, rows: &[Status], viewer: Option<AccountId>) -> Result<Self> {
        let having = |bits: i64| -> Vec<StatusId> {
            rows.iter().filter(|status| status.parts.has(bits)).map(|status| status.id).collect()
        };
        let authors: Vec<AccountId> = distinct(rows.iter().map(|status| status.account_id));
        let apps: Vec<AppId> = distinct(rows.iter().filter_map(|status| status.app_id));
        let authors = accounts::by_ids(conn, &authors).await?;
        let media = media::of_statuses(conn, &having(Parts::MEDIA)).await?;
        let mentions = load_mentions(conn, &having(Parts::MENTIONS)).await?;
        let tags = load_tags(conn, &having(Parts::TAGS)).await?;
        let polls = load_polls(conn, &having(Parts::POLL), viewer).await?;
        let hashes: HashSet<&String> =
            rows.iter().filter_map(|row| row.card_hash.as_ref()).collect();
        let hashes: Vec<String> = hashes.into_iter().cloned().collect();
        let cards = cards::shown(conn, &hashes).await?;
        let apps = access::app_names(conn, &apps).await?;
        let flags = match viewer {
            Some(viewer) => load_flags(conn, rows, viewer).await?,
            None => HashMap::new(),
        };
        let filtered = match viewer {
            Some(viewer) => filtered::load(conn, viewer, rows, &media, &polls).await?,
            None => HashMap::new(),
        };
        let own: Vec<StatusId> =
            rows.iter().filter(|row| row.boost_of.is_none()).map(|row| row.id).collect();
        let quotes = quotes::of_each(conn, &own).await?;
        let inner: Vec<StatusId> = distinct(
            rows.iter().flat_map(|status| status.quote_of.into_iter().chain(status.boost_of)),
        );
        let visible = visible_of(conn, &inner, viewer).await?.into_iter().collect();
        Ok(Self {
            has_viewer: viewer.is_some(),
            authors: authors.into_iter().map(|account| (account.id, account)).collect(),
            media,
            mentions,
            tags,
            polls,
            cards,
            apps: apps
                .into_iter()
                .map(|(id, name, website)| (id, AppName { name, website }))
                .collect(),
            flags,
            filtered,
            quotes: quotes.into_iter().map(|quote| (quote.status, quote.state)).collect(),
            visible,
        })
    }

    fn assemble(&self, status: &Status, by_id: &HashMap<StatusId, Status>) -> Option<StatusView> {
        let boost_of = match status.boost_of {
            // A boost of something that is gone or hidden shows nothing.
            Some(original) if !self.visible.contains(&original) => return None,
            Some(original) => Some(Box::new(self.assemble(by_id.get(&original)?, by_id)?)),
            None => None,
        };
        let quote = match self.withheld(status) {
            Some(state) => Some(Quote::Withheld(state)),
            None => status.quote_of.map(|id| self.quote(id, by_id)),
        };
        let mut view = self.alone(status)?;
        view.boost_of = boost_of;
        view.quote = quote;
        Some(view)
    }

    /// A quoted status as the viewer may see it. What it quotes in turn is named, not shown.
    fn quote(&self, id: StatusId, by_id: &HashMap<StatusId, Status>) -> Quote {
        let Some(status) = by_id.get(&id) else { return Quote::Deleted };
        if !self.visible.contains(&id) {
            return Quote::Unauthorized;
        }
        let Some(mut view) = self.alone(status) else { return Quote::Deleted };
        view.quote = match self.withheld(status) {
            Some(state) => Some(Quote::NestedWithheld(state)),
            None => status.quote_of.map(Quote::Nested),
        };
        Quote::Accepted(Box::new(view))
    }

    /// The state of a quote that may not be shown.
    fn withheld(&self, status: &Status) -> Option<State> {
        self.quotes.get(&status.id).copied().filter(|state| *state != State::Accepted)
    }

    /// A status without what it boosts or quotes.
    fn alone(&self, status: &Status) -> Option<StatusView> {
        // What is said of a boost is said of its original.
        let matched = status.boost_of.unwrap_or(status.id);
        Some(StatusView {
            filtered: self.filtered.get(&matched).cloned().unwrap_or_default(),
            author: self.authors.get(&status.account_id)?.clone(),
            boost_of: None,
            quote: None,
            media: self.media.get(&status.id).cloned().unwrap_or_default(),
            mentions: self.mentions.get(&status.id).cloned().unwrap_or_default(),
            tags: self.tags.get(&status.id).cloned().unwrap_or_default(),
            poll: self.polls.get(&status.id).cloned(),
            card: status.card_hash.as_ref().and_then(|hash| self.cards.get(hash).cloned()),
            app: status.app_id.and_then(|id| self.apps.get(&id).cloned()),
            flags: self.has_viewer.then(|| self.flags.get(&status.id).copied().unwrap_or_default()),
            status: status.clone(),
        })
    }
}

fn distinct<T: Copy + Eq + std::hash::Hash>(items: impl Iterator<Item = T>) -> Vec<T> {
    let mut seen = HashSet::new();
    items.filter(|item| seen.insert(*item)).collect()
}

fn grouped<T>(rows: impl Iterator<Item = (StatusId, T)>) -> HashMap<StatusId, Vec<T>> {
    let mut groups: HashMap<StatusId, Vec<T>> = HashMap::new();
    for (id, item) in rows {
        groups.entry(id).or_default().push(item);
    }
    groups
}

async fn load_mentions(
    conn: &mut Conn,
    ids: &[StatusId],
) -> Result<HashMap<StatusId, Vec<Mention>>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<MentionRow> = conn.query(&MENTIONS, args![ids]).await?;
    Ok(grouped(rows.into_iter().map(|MentionRow(id, mention)| (id, mention))))
}

async fn load_tags(conn: &mut Conn, ids: &[StatusId]) -> Result<HashMap<StatusId, Vec<Tag>>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<TagRow> = conn.query(&TAGS, args![ids]).await?;
    Ok(grouped(rows.into_iter().map(|TagRow(id, tag)| (id, tag))))
}

async fn load_polls(
    conn: &mut Conn,
    ids: &[StatusId],
    viewer: Option<AccountId>,
) -> Result<HashMap<StatusId, PollView>> {
    let polls = polls::of_statuses(conn, ids).await?;
    let poll_ids: Vec<PollId> = polls.iter().map(|poll| poll.id).collect();
    let mut votes: HashMap<PollId, Vec<i64>> = HashMap::new();
    if let Some(viewer) = viewer {
        for (poll, choice) in polls::votes_of(conn, &poll_ids, viewer).await? {
            votes.entry(poll).or_default().push(choice);
        }
    }
    Ok(polls
        .into_iter()
        .map(|poll| {
            let own_votes = viewer.map(|_| votes.remove(&poll.id).unwrap_or_default());
            (poll.status_id, PollView { poll, own_votes })
        })
        .collect())
}

async fn load_flags(
    conn: &mut Conn,
    rows: &[Status],
    viewer: AccountId,
) -> Result<HashMap<StatusId, ViewerFlags>> {
    let ids: Vec<StatusId> = rows.iter().map(|status| status.id).collect();
    let own: Vec<StatusId> =
        rows.iter().filter(|row| row.account_id == viewer).map(|row| row.id).collect();
    let conversations: Vec<ConversationId> = distinct(rows.iter().map(|row| row.conversation_id));
    let for_followers = |row: &&Status| row.quote_policy == "followers";
    let authors: Vec<AccountId> =
        distinct(rows.iter().filter(for_followers).map(|row| row.account_id));
    let arguments = args![&ids, viewer, &own, &conversations, &authors];
    let mut flags: HashMap<StatusId, ViewerFlags> = HashMap::new();
    let (mut muted, mut followed) = (HashSet::new(), HashSet::new());
    for (kind, id) in conn.query::<(i64, i64)>(&FLAGS, arguments).await? {
        match kind {
            1 => flags.entry(StatusId(id)).or_default().favourited = true,
            2 => flags.entry(StatusId(id)).or_default().boosted = true,
            3 => flags.entry(StatusId(id)).or_default().bookmarked = true,
            4 => flags.entry(StatusId(id)).or_default().pinned = true,
            5 => _ = muted.insert(ConversationId(id)),
            _ => _ = followed.insert(AccountId(id)),
        }
    }
    for row in rows.iter().filter(|row| muted.contains(&row.conversation_id)) {
        flags.entry(row.id).or_default().muted = true;
    }
    for row in rows.iter().filter(for_followers).filter(|row| followed.contains(&row.account_id)) {
        flags.entry(row.id).or_default().may_quote_as_follower = true;
    }
    Ok(flags)
}

#[cfg(test)]
mod tests {
    use crate::{Location, Store, args, statements};

    statements! {
        PLAN = concat!("EXPLAIN QUERY PLAN ", flags!());
    }

    #[tokio::test]
    async fn flags_cost_what_the_list_costs_and_not_what_somebody_follows() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&Location::Sqlite(folder.path().join("a.db")), 0).await.unwrap();
        crate::migrations::migrate(&store, domain::Timestamp(0)).await.unwrap();
        let plan = store
            .read(|conn| {
                Box::pin(async move {
                    let (one, viewer) = ([domain::StatusId(1)], domain::AccountId(1));
                    let of = args![&one[..], viewer, &one[..], &one[..], &one[..]];
                    conn.query::<(i64, i64, i64, String)>(&PLAN, of).await
                })
            })
            .await
            .unwrap();
        let steps: Vec<String> = plan.into_iter().map(|(.., step)| step).collect();
        assert!(
            steps.iter().any(|step| step.contains("follows_pair (account_id=? AND target_id=?)"))
        );
        assert!(
            !steps.iter().any(|step| step.contains("follows_pair (account_id=?)")),
            "{steps:#?}"
        );
        assert_eq!(STATEMENTS.len(), 1);
    }
}
