//! Previews of the pages that public posts link to (O06): one fetch an address however many posts
//! name it, later and one by one for posts of other servers, so that a post which travels does not
//! bring the whole network down on a small site.

mod fetch;
pub(crate) mod html;
mod oembed;
mod page;
mod turns;

use domain::secret::sha256_base64url;
use domain::status::Status;
use domain::time::{DAY, SECOND};
use store::{Conn, cards, settings};
use url::Url;

use crate::jobs::{Job, enqueue};
use crate::{App, Result};
use html::{Element, Part, walk};

pub(crate) use fetch::{Gate, fetch, may_ask};
pub use turns::Turns;

/// How long a preview counts, and how long a page that has none is left alone.
const KEPT: i64 = 14 * DAY;
/// Posts of other servers wait up to so long.
const SPREAD: i64 = 60 * SECOND;

/// Previews looked at in one run of [`sweep`].
const SLICE: i64 = 1_000;
/// The setting that says how far the last run came.
const SWEPT: &str = "cards_swept";

/// Removes previews that no status shows and that do not count any more, a slice of all in each run.
///
/// # Errors
/// [`crate::AppError::Store`].
pub(crate) async fn sweep(app: &App, conn: &mut Conn) -> Result<()> {
    let above = settings::get(conn, SWEPT).await?.unwrap_or_default();
    let last = cards::sweep(conn, &above, SLICE, app.now().plus(-KEPT)).await?;
    Ok(settings::set(conn, SWEPT, &last.unwrap_or_default()).await?)
}

/// What names the preview of an address in the tables.
pub(crate) fn hash_of(url: &str) -> String {
    sha256_base64url(url.as_bytes())
}

/// The host that is asked for a page.
pub(crate) fn host_of(url: &str) -> Option<String> {
    url.parse::<Url>().ok()?.host_str().map(str::to_owned)
}

/// Gives a status the preview of the first page it links to, and has it fetched if need be. Only
/// for what everybody may read: fetching what a private post names would tell of it.
///
/// # Errors
/// [`crate::AppError::Store`].
pub(crate) async fn attach(
    app: &App,
    conn: &mut Conn,
    status: &Status,
    is_local: bool,
) -> Result<()> {
    let open = status.visibility.is_open() && status.boost_of.is_none();
    let link = if open { first_link(&status.content, &app.urls.base) } else { None };
    let hash = link.as_ref().map(|link| hash_of(link.as_str()));
    if status.card_hash != hash {
        cards::set(conn, status.id, hash.as_deref()).await?;
    }
    let (Some(link), Some(hash)) = (link, hash) else { return Ok(()) };
    let now = app.now();
    let known = cards::fetched_at(conn, &hash).await?;
    if known.is_some_and(|at| now.since(at) < KEPT) {
        return Ok(());
    }
    let wait = if is_local { 0 } else { chance(app, SPREAD) };
    enqueue(app, conn, &Job::FetchCard { url: link.into(), tries: 0 }, now.plus(wait)).await
}

/// A random number from 0 to `below`.
fn chance(app: &App, below: i64) -> i64 {
    let mut bytes = [0_u8; 4];
    app.random.fill(&mut bytes);
    i64::from(u32::from_le_bytes(bytes)) % below
}

/// The first link of a post to a page elsewhere: no mention, no hashtag, not the fallback of a
/// quote.
fn first_link(content: &str, base: &str) -> Option<Url> {
    let own: Url = base.parse().ok()?;
    let (mut found, mut quote) = (None, None);
    walk(content, |part| match part {
        Part::Start(element) if element.has_word("class", "quote-inline") => {
            quote = Some(element.name.clone());
        }
        Part::Start(element) if found.is_none() && quote.is_none() && element.name == "a" => {
            found = target(element, &own);
        }
        Part::End(name) if quote.as_deref() == Some(name) => quote = None,
        Part::Start(_) | Part::End(_) | Part::Text(_) => {}
    });
    found
}

fn target(link: &Element, own: &Url) -> Option<Url> {
    let of_a_person_or_tag =
        ["mention", "hashtag", "u-url", "h-card"].iter().any(|word| link.has_word("class", word));
    if of_a_person_or_tag || link.has_word("rel", "tag") {
        return None;
    }
    let mut url = page::web_address(own, link.get("href")?)?;
    url.set_fragment(None);
    let elsewhere = url.host_str() != own.host_str() || url.port() != own.port();
    elsewhere.then_some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_link_that_leads_elsewhere_counts() {
        let cases = [
            (
                "<p><a href='https://a.test/x?y=1&amp;z=2#part'>a</a></p>",
                Some("https://a.test/x?y=1&z=2"),
            ),
            (
                "<a class='u-url mention' href='https://b.test/@bob'>@bob</a> <a href='https://a.test/'>a</a>",
                Some("https://a.test/"),
            ),
            ("<a class='mention hashtag' rel='tag' href='https://b.test/tags/x'>#x</a>", None),
            ("<a rel='nofollow TAG' href='https://b.test/tags/x'>#x</a>", None),
            ("<a href='http://localhost:3000/@ann/1'>own</a>", None),
            ("<a href='javascript:alert(1)'>x</a><a href='mailto:a@b.test'>x</a>", None),
            (
                "<p class='quote-inline'>RE: <a href='https://q.test/1'>q</a></p><p><a href='https://a.test/'>a</a></p>",
                Some("https://a.test/"),
            ),
            ("https://a.test/ without a link", None),
            ("", None),
        ];
        for (content, expected) in cases {
            let found = first_link(content, "http://localhost:3000").map(String::from);
            assert_eq!(found.as_deref(), expected, "{content}");
        }
    }
}
