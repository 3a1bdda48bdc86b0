//! Searching statuses: what was typed becomes a question to the index, and what an index of words cannot
//! tell (phrases) is looked for in what it found.

use domain::id::first_id_at;
use domain::status::Parts;
use domain::text::query::{SearchQuery, Trait};
use domain::text::{plain, squeeze, stands_in};
use domain::{AccountId, StatusId, Timestamp};
use store::search::{self, Slice, StatusQuery};
use store::{Conn, accounts};

use super::Query;
use crate::{App, Result};

/// How many finds are looked at for a phrase: the newest.
const LOOKED_AT: i64 = 400;

/// The statuses that fit what was typed, newest first.
pub(super) async fn find(
    app: &App,
    conn: &mut Conn,
    me: AccountId,
    (query, text): (&Query, &str),
    slice: Slice,
    now: Timestamp,
) -> Result<Vec<StatusId>> {
    let asked = SearchQuery::parse(text);
    if asked.is_empty() {
        return Ok(Vec::new());
    }
    let Some(wanted) = wanted(app, conn, me, query, &asked).await? else { return Ok(Vec::new()) };
    // Words that must not be there are heeded by the index only beside those that must.
    let without: &[String] = if wanted.words.is_empty() { &asked.without } else { &[] };
    if asked.phrases.is_empty() && asked.without_phrases.is_empty() && without.is_empty() {
        return Ok(search::statuses(conn, me, &wanted, slice, now).await?);
    }
    let all = Slice { limit: LOOKED_AT, offset: 0 };
    let found = search::statuses(conn, me, &wanted, all, now).await?;
    let texts = search::texts(conn, &found).await?;
    let fits = |id: &StatusId| {
        let Some((_, text, content, spoiler)) = texts.iter().find(|(of, ..)| of == id) else {
            return false;
        };
        let text = if text.is_empty() { plain(content) } else { text.clone() };
        let text = squeeze(&format!("{spoiler} {text}"));
        asked.phrases.iter().all(|phrase| stands_in(phrase, &text))
            && !asked.without_phrases.iter().chain(without).any(|phrase| stands_in(phrase, &text))
    };
    let most = |number: i64| usize::try_from(number).unwrap_or(0);
    let found = found.into_iter().filter(fits);
    Ok(found.skip(most(slice.offset)).take(most(slice.limit)).collect())
}

/// The question to the index; `None` when nothing can fit, as nobody has the name that is asked for.
async fn wanted(
    app: &App,
    conn: &mut Conn,
    me: AccountId,
    query: &Query,
    asked: &SearchQuery,
) -> Result<Option<StatusQuery>> {
    let mut wanted = StatusQuery {
        words: asked.words.clone(),
        is_open: asked.is_open,
        without: asked.without.clone(),
        by: query.by,
        below: query.below,
        above: query.above,
        place: asked.place,
        ..StatusQuery::default()
    };
    if let Some(before) = asked.before {
        wanted.below = wanted.below.min(first_id_at(before));
    }
    if let Some(from) = asked.from_time {
        wanted.above = wanted.above.max(first_id_at(from).saturating_sub(1));
    }
    for (who, is_wanted) in &asked.from {
        let found = account(app, conn, me, who).await?;
        match (found, is_wanted) {
            (None, true) => return Ok(None),
            (None, false) => {}
            (Some(id), true) if wanted.by.is_some_and(|by| by != id) => return Ok(None),
            (Some(id), true) => wanted.by = Some(id),
            (Some(id), false) => wanted.not_by = Some(id),
        }
    }
    match &asked.language {
        Some((code, true)) => wanted.language = Some(code.clone()),
        Some((code, false)) => wanted.not_language = Some(code.clone()),
        None => {}
    }
    for (trait_, is_wanted) in &asked.traits {
        add(&mut wanted, *trait_, *is_wanted);
    }
    Ok(Some(wanted))
}

fn add(wanted: &mut StatusQuery, what: Trait, is_wanted: bool) {
    let mut part = |bit: i64| {
        let parts = if is_wanted { &mut wanted.parts } else { &mut wanted.without_parts };
        *parts |= bit;
    };
    match what {
        Trait::Media => part(Parts::MEDIA),
        Trait::Poll => part(Parts::POLL),
        Trait::Link => wanted.has_link = Some(is_wanted),
        Trait::Reply => wanted.is_reply = Some(is_wanted),
        Trait::Sensitive => wanted.is_sensitive = Some(is_wanted),
        Trait::Quote => wanted.is_quote = Some(is_wanted),
        Trait::Image => *kind(wanted, is_wanted) = Some("image"),
        Trait::Video => *kind(wanted, is_wanted) = Some("video"),
        Trait::Audio => *kind(wanted, is_wanted) = Some("audio"),
    }
}

fn kind(wanted: &mut StatusQuery, is_wanted: bool) -> &mut Option<&'static str> {
    if is_wanted { &mut wanted.kind } else { &mut wanted.not_kind }
}

/// `me`, or somebody by their handle.
async fn account(
    app: &App,
    conn: &mut Conn,
    me: AccountId,
    who: &str,
) -> Result<Option<AccountId>> {
    if who.eq_ignore_ascii_case("me") {
        return Ok(Some(me));
    }
    let (name, domain) = match who.split_once('@') {
        Some((name, domain)) if app.urls.is_here(Some(domain)) => (name, None),
        Some((name, domain)) => (name, Some(domain.to_lowercase())),
        None => (who, None),
    };
    Ok(accounts::by_handle(conn, name, domain.as_deref()).await?.map(|account| account.id))
}
