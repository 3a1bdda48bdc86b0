//! The long texts of a server and the languages it offers.

use app::instance::Text;
use app::urls::Urls;
use domain::text::{LinkStyle, Render as TextRender};
use serde::Serialize;

/// <https://docs.joinmastodon.org/entities/TermsOfService/>
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct TermsOfService {
    effective_date: String,
    effective: bool,
    content: String,
    succeeded_by: Option<String>,
}

impl TermsOfService {
    /// The terms as they are now; former ones are not kept.
    pub fn render(terms: &Text, urls: &Urls) -> Self {
        Self {
            effective_date: Self::day(terms),
            effective: true,
            content: html(terms, urls),
            succeeded_by: None,
        }
    }

    /// The day on which they were written.
    pub fn day(terms: &Text) -> String {
        terms.written_at.date()
    }
}

/// <https://docs.joinmastodon.org/entities/ExtendedDescription/> and
/// <https://docs.joinmastodon.org/entities/PrivacyPolicy/>
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct LongText {
    updated_at: String,
    content: String,
}

impl LongText {
    pub fn render(text: &Text, urls: &Urls) -> Self {
        Self { updated_at: text.written_at.rfc3339(), content: html(text, urls) }
    }
}

fn html(text: &Text, urls: &Urls) -> String {
    let context = TextRender { base: &urls.base, resolve: &|_, _| None, links: LinkStyle::Status };
    domain::text::render(&text.text, &context)
}

/// A language that clients offer for posts.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Language {
    pub code: &'static str,
    pub name: &'static str,
}
