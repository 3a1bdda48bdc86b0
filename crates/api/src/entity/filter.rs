//! Filters, in both versions, and what a status says about those it hits.

use app::FilterHit;
use domain::Timestamp;
use domain::filter::{self, FilterAction};
use serde::Serialize;

/// <https://docs.joinmastodon.org/entities/Filter/>
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Filter {
    id: String,
    title: String,
    context: Vec<&'static str>,
    expires_at: Option<String>,
    filter_action: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    keywords: Option<Vec<FilterKeyword>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    statuses: Option<Vec<FilterStatus>>,
}

impl Filter {
    /// The filter with all it looks for.
    pub fn render(filter: &filter::Filter) -> Self {
        Self {
            keywords: Some(filter.keywords.iter().map(FilterKeyword::render).collect()),
            statuses: Some(filter.statuses.iter().map(FilterStatus::render).collect()),
            ..Self::bare(filter)
        }
    }

    /// The filter as a hit names it.
    fn bare(filter: &filter::Filter) -> Self {
        Self {
            id: filter.id.to_string(),
            title: filter.title.clone(),
            context: filter.contexts.iter().map(|context| context.name()).collect(),
            expires_at: filter.expires_at.map(Timestamp::rfc3339),
            filter_action: filter.action.name(),
            keywords: None,
            statuses: None,
        }
    }
}

/// <https://docs.joinmastodon.org/entities/FilterKeyword/>
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct FilterKeyword {
    id: String,
    keyword: String,
    whole_word: bool,
}

impl FilterKeyword {
    pub fn render(keyword: &filter::FilterKeyword) -> Self {
        Self {
            id: keyword.id.to_string(),
            keyword: keyword.keyword.clone(),
            whole_word: keyword.whole_word,
        }
    }
}

/// <https://docs.joinmastodon.org/entities/FilterStatus/>
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct FilterStatus {
    id: String,
    status_id: String,
}

impl FilterStatus {
    pub fn render(entry: &filter::FilterStatus) -> Self {
        Self { id: entry.id.to_string(), status_id: entry.status_id.to_string() }
    }
}

/// <https://docs.joinmastodon.org/entities/FilterResult/>
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct FilterResult {
    filter: Filter,
    keyword_matches: Option<Vec<String>>,
    status_matches: Option<Vec<String>>,
}

impl FilterResult {
    /// The hits of filters that have not ended.
    pub fn render(hits: &[FilterHit], now: Timestamp) -> Vec<Self> {
        hits.iter()
            .filter(|hit| !hit.filter.is_expired(now))
            .map(|hit| Self {
                filter: Filter::bare(&hit.filter),
                keyword_matches: (!hit.keywords.is_empty()).then(|| hit.keywords.clone()),
                status_matches: hit.status.map(|id| vec![id.to_string()]),
            })
            .collect()
    }
}

/// <https://docs.joinmastodon.org/entities/V1_Filter/>
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct V1Filter {
    id: String,
    phrase: String,
    context: Vec<&'static str>,
    whole_word: bool,
    expires_at: Option<String>,
    irreversible: bool,
}

impl V1Filter {
    /// One keyword of a filter as a filter of its own.
    pub fn render(filter: &filter::Filter, keyword: &filter::FilterKeyword) -> Self {
        Self {
            id: keyword.id.to_string(),
            phrase: keyword.keyword.clone(),
            context: filter.contexts.iter().map(|context| context.name()).collect(),
            whole_word: keyword.whole_word,
            expires_at: filter.expires_at.map(Timestamp::rfc3339),
            irreversible: filter.action == FilterAction::Hide,
        }
    }
}
