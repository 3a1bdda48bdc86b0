//! How a page elsewhere shows a status.

use app::StatusView;
use domain::text::{escape, plain};
use serde::Serialize;

use super::Render;

/// Usual width, as in Mastodon; the height follows from the text.
const WIDTH: i64 = 400;
/// How long a page may keep it, in seconds.
const KEPT: i64 = 86_400;

/// <https://oembed.com>
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct OEmbed {
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

impl OEmbed {
    pub fn render(
        view: &StatusView,
        width: Option<i64>,
        height: Option<i64>,
        render: &Render<'_>,
    ) -> Self {
        let (author, urls) = (&view.author, render.urls);
        let is_named = !author.display_name.is_empty();
        let name = if is_named { &author.display_name } else { &author.username };
        Self {
            kind: "rich",
            version: "1.0",
            title: format!("New status by {}", author.username),
            author_name: name.clone(),
            author_url: urls.profile(author),
            provider_name: urls.domain.clone(),
            provider_url: format!("{}/", urls.base),
            cache_age: KEPT,
            html: html(view, name, render),
            width: width.unwrap_or(WIDTH),
            height,
        }
    }
}

/// Plain words and a link: no script of ours runs on other people's pages.
fn html(view: &StatusView, name: &str, render: &Render<'_>) -> String {
    let (status, author) = (&view.status, &view.author);
    let spoiler = &status.spoiler_text;
    let text = if spoiler.is_empty() { plain(&status.content) } else { spoiler.clone() };
    format!(
        "<blockquote class=\"mastodon-embed\" cite=\"{page}\"><p>{}</p>&mdash; {} (@{}@{}) \
         <a href=\"{page}\" target=\"_blank\" rel=\"noopener\">{}</a></blockquote>",
        escape(text.lines().next().unwrap_or_default()),
        escape(name),
        escape(&author.username),
        escape(&render.urls.domain),
        status.created_at.date(),
        page = escape(&render.urls.status_page(status, author)),
    )
}
