//! `/api/oembed`: how a page elsewhere shows a public status of this server. <https://oembed.com>

use app::statuses;
use axum::Json;
use axum::extract::State;
use domain::text::{escape, plain};
use serde::{Deserialize, Serialize};

use crate::params::Params;
use crate::routes::{Access, Route, get};
use crate::{ApiError, Shared};

/// Usual width, as in Mastodon; the height follows from the text.
const WIDTH: i64 = 400;
/// How long a page may keep it, in seconds.
const KEPT: i64 = 86_400;

pub(crate) fn routes() -> Vec<Route> {
    vec![get("/api/oembed", Access::Open, show)]
}

#[derive(Deserialize)]
struct Query {
    #[serde(default)]
    url: String,
    #[serde(default)]
    maxwidth: Option<i64>,
    #[serde(default)]
    maxheight: Option<i64>,
}

#[derive(Serialize)]
struct OEmbed {
    #[serde(rename = "type")]
    kind: &'static str,
    version: &'static str,
    title: String,
    author_name: String,
    author_url: String,
    provider_name: String,
    provider_url: String,
    cache_age: i64,
    html: String,
    width: i64,
    height: Option<i64>,
}

async fn show(
    State(app): State<Shared>,
    Params(query): Params<Query>,
) -> Result<Json<OEmbed>, ApiError> {
    let view = statuses::at_address(&app, query.url.trim()).await?;
    let (status, author) = (&view.status, &view.author);
    let name = if author.display_name.is_empty() { &author.username } else { &author.display_name };
    let page = app.urls.status_page(status, author);
    let text = if status.spoiler_text.is_empty() {
        plain(&status.content)
    } else {
        status.spoiler_text.clone()
    };
    let line = text.lines().next().unwrap_or_default();
    let bound = |wanted: Option<i64>| wanted.filter(|wanted| (1..=10_000).contains(wanted));
    Ok(Json(OEmbed {
        kind: "rich",
        version: "1.0",
        title: format!("New status by {}", author.username),
        author_name: name.clone(),
        author_url: app.urls.profile(author),
        provider_name: app.urls.domain.clone(),
        provider_url: format!("{}/", app.urls.base),
        cache_age: KEPT,
        // Plain words and links: no script of ours runs on other people's pages.
        html: format!(
            "<blockquote class=\"mastodon-embed\" cite=\"{page}\"><p>{}</p>&mdash; {} \
             (@{}@{}) <a href=\"{page}\" target=\"_blank\" rel=\"noopener\">{}</a></blockquote>",
            escape(line),
            escape(name),
            escape(&author.username),
            escape(&app.urls.domain),
            status.created_at.date(),
            page = escape(&page),
        ),
        width: bound(query.maxwidth).unwrap_or(WIDTH),
        height: bound(query.maxheight),
    }))
}
