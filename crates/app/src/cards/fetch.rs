//! Fetching a page and keeping what it says of itself.

use activitypub::Uri;
use std::sync::Arc;

use domain::card::Card;
use domain::event::Event;
use domain::time::{DAY, MINUTE, SECOND};
use http::{HeaderMap, header};
use net::{Answer, Get, NetError};
use store::cards::{self, CardView};
use store::domain_rules::{self, Severity};
use url::Url;

use super::page::{self, Page};
use super::{KEPT, chance, hash_of, oembed};
use crate::jobs::{self, Job, enqueue};
use crate::{App, AppError, Result, remote_files};

/// Bytes of a page that are looked at: its head is at its beginning.
const MOST_BYTES: usize = 1024 * 1024;
/// How often a page that does not come is asked for.
const TRIES: u32 = 3;
/// Posts whose streams are told.
const TOLD: i64 = 20;

const HTML: &str = "text/html,application/xhtml+xml;q=0.9";
const OEMBED: &str = "application/json+oembed,application/json;q=0.9";

/// What came of it.
enum Outcome {
    Found(Box<Page>),
    Nothing,
    /// Perhaps later; not before so many milliseconds, if it said so.
    Later(Option<i64>),
}

/// Fetches the preview of a page. Asks again later where that may help.
///
/// # Errors
/// [`AppError`] when the database fails.
pub(crate) async fn fetch(app: &Arc<App>, url: &str, tries: u32) -> Result<()> {
    let hash = hash_of(url);
    let now = app.now();
    let Ok(page) = url.parse::<Url>() else { return Ok(()) };
    if is_fresh(app, &hash).await? {
        return Ok(());
    }
    // In the spelling that rules have (F12).
    let Some(host) = Uri::parse(page.as_str()).map(|uri| uri.host()) else { return Ok(()) };
    let turn = match app.card_turns.take(&host, now) {
        Ok(turn) => turn,
        Err(again) => {
            let wait = again.since(now) + chance(app, 5 * SECOND);
            return come_again(app, url, tries, wait).await;
        }
    };
    let outcome =
        if may_ask(app, &host).await? { load(app, &page).await } else { Outcome::Nothing };
    match outcome {
        Outcome::Found(found) => keep(app, hash, url, *found).await?,
        Outcome::Later(pause) if tries + 1 < TRIES => {
            let wait = pause.unwrap_or((10 * MINUTE) << (2 * tries)).clamp(SECOND, DAY);
            app.card_turns.rest(&host, now.plus(if pause.is_some() { wait } else { 0 }));
            come_again(app, url, tries + 1, wait).await?;
        }
        Outcome::Nothing | Outcome::Later(_) => keep_nothing(app, hash, url).await?,
    }
    drop(turn);
    Ok(())
}

async fn is_fresh(app: &App, hash: &str) -> Result<bool> {
    let (hash, now) = (hash.to_owned(), app.now());
    app.read(move |conn| {
        Box::pin(async move {
            let known = cards::fetched_at(conn, &hash).await?;
            Ok(known.is_some_and(|at| now.since(at) < KEPT))
        })
    })
    .await
}

/// Queues the job anew. Its own row still holds the place that its key stands for.
async fn come_again(app: &Arc<App>, url: &str, tries: u32, wait: i64) -> Result<()> {
    let job = Job::FetchCard { url: url.to_owned(), tries };
    let context = app.clone();
    app.write(move |conn| {
        Box::pin(async move {
            job.cancel(conn).await?;
            enqueue(&context, conn, &job, context.now().plus(wait)).await
        })
    })
    .await
}

/// Whether pages of a host are asked for: not those of a suspended one.
///
/// # Errors
/// [`AppError::Store`].
pub(crate) async fn may_ask(app: &App, host: &str) -> Result<bool> {
    if !app.config.federation.enabled {
        return Ok(false);
    }
    let host = host.to_owned();
    app.read(move |conn| {
        Box::pin(async move {
            let severity = domain_rules::severity_of(conn, &host).await?;
            Ok::<_, AppError>(severity != Some(Severity::Suspend))
        })
    })
    .await
}

/// Keeps a page from redirecting to where nothing is asked.
pub(crate) struct Gate<'a>(pub &'a App);

impl net::Gate for Gate<'_> {
    fn opens<'g>(&'g self, to: &'g Url) -> net::Opening<'g> {
        Box::pin(async move {
            let Some(to) = Uri::parse(to.as_str()) else { return false };
            may_ask(self.0, &to.host()).await.unwrap_or(false)
        })
    }
}

async fn load(app: &Arc<App>, url: &Url) -> Outcome {
    let gate = Gate(app);
    let get = Get { url, accept: HTML, most_bytes: MOST_BYTES, signer: None, gate: Some(&gate) };
    let answer = match app.net.get_beginning(get).await {
        Ok(answer) => answer,
        Err(error) => return of_error(&error),
    };
    match answer.status.as_u16() {
        200..=299 => {}
        408 | 425 | 429 | 500..=599 => return Outcome::Later(retry_after(app, &answer.headers)),
        _ => return Outcome::Nothing,
    }
    let Some(mut page) = read(answer, url).await else { return Outcome::Nothing };
    if let Some(more) = &page.oembed {
        enrich(app, &mut page.card, more).await;
    }
    if page.card.title.is_empty() { Outcome::Nothing } else { Outcome::Found(Box::new(page)) }
}

fn of_error(error: &NetError) -> Outcome {
    if error.is_transient() { Outcome::Later(None) } else { Outcome::Nothing }
}

/// Reads a page away from the threads that answer clients: a large one takes milliseconds.
async fn read(answer: Answer, asked: &Url) -> Option<Page> {
    let content_type = answer.headers.get(header::CONTENT_TYPE)?.to_str().ok()?.to_owned();
    let essence = content_type.split(';').next()?.trim().to_ascii_lowercase();
    if !matches!(essence.as_str(), "text/html" | "application/xhtml+xml") {
        return None;
    }
    let asked = asked.to_string();
    let reading = tokio::task::spawn_blocking(move || {
        let mut page = page::read(&page::decode(&answer.body, &content_type), &answer.url);
        // People see where the link of the post leads, not where that may redirect today.
        page.card.url = asked;
        page
    });
    reading.await.ok()
}

async fn enrich(app: &App, card: &mut Card, more: &Url) {
    let Ok(own) = app.urls.base.parse::<Url>() else { return };
    let gate = Gate(app);
    let most_bytes = oembed::MOST_BYTES;
    let get = Get { url: more, accept: OEMBED, most_bytes, signer: None, gate: Some(&gate) };
    if let Ok(answer) = app.net.get(get).await
        && answer.status.is_success()
    {
        oembed::enrich(card, &answer.body, &own, &answer.url);
    }
}

/// Seconds or a date (RFC 9110 §10.2.3), in milliseconds from now.
fn retry_after(app: &App, headers: &HeaderMap) -> Option<i64> {
    let text = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    match text.parse::<u32>() {
        Ok(seconds) => Some(i64::from(seconds) * SECOND),
        Err(_) => Some(domain::Timestamp::parse_http(text)?.since(app.now()).max(0)),
    }
}

async fn keep(app: &Arc<App>, hash: String, url: &str, found: Page) -> Result<()> {
    let context = app.clone();
    let url = url.to_owned();
    let events: Vec<Event> = app
        .write(move |conn| {
            Box::pin(async move {
                let image_key = match &found.image {
                    Some(image) => {
                        let place = remote_files::Place::Column;
                        Some(remote_files::refer(&context, conn, image.as_str(), place).await?)
                    }
                    None => None,
                };
                let view = CardView { card: Card { url, ..found.card }, image_key };
                cards::keep(conn, &hash, &view, context.now()).await?;
                let mut events = Vec::new();
                for status in cards::showing(conn, &hash, TOLD).await? {
                    events.extend(jobs::tell_streams_again(&context, conn, status).await?);
                }
                Ok::<_, AppError>(events)
            })
        })
        .await?;
    app.publish(events).await;
    Ok(())
}

async fn keep_nothing(app: &Arc<App>, hash: String, url: &str) -> Result<()> {
    let (url, now) = (url.to_owned(), app.now());
    app.write(move |conn| {
        Box::pin(async move { Ok(cards::keep_nothing(conn, &hash, &url, now).await?) })
    })
    .await
}
