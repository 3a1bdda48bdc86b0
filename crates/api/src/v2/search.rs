//! `/api/v2/search`

use app::search::{self, Query};
use axum::Json;
use axum::extract::State;
use domain::AccountId;
use http::StatusCode;
use serde::Deserialize;

use crate::caller::Viewer;
use crate::entity::{Render, Search};
use crate::params::Params;
use crate::routes::{Access, Route, get};
use crate::v1::statuses::optional_id;
use crate::{ApiError, Shared};

pub(crate) fn routes() -> Vec<Route> {
    vec![get("/api/v2/search", Access::Optional(&["read:search"]), find)]
}

#[derive(Deserialize)]
struct SearchParams {
    #[serde(default)]
    q: String,
    #[serde(default, rename = "type")]
    kind: Option<String>,
    #[serde(default)]
    resolve: bool,
    #[serde(default)]
    following: bool,
    #[serde(default)]
    account_id: Option<String>,
    #[serde(default)]
    min_id: Option<String>,
    #[serde(default)]
    max_id: Option<String>,
    #[serde(default)]
    limit: Option<i64>,
    #[serde(default)]
    offset: Option<i64>,
}

async fn find(
    State(app): State<Shared>,
    Viewer(viewer): Viewer,
    Params(params): Params<SearchParams>,
) -> Result<Json<Search>, ApiError> {
    if params.q.trim().is_empty() {
        return Err(ApiError::bad_request("param is missing or the value is empty: q"));
    }
    let (limit, offset) = window(params.limit, params.offset, 20)?;
    if viewer.is_none() && (params.resolve || offset > 0) {
        let text = "Search queries pagination is not supported without authentication";
        return Err(ApiError::new(StatusCode::UNAUTHORIZED, text));
    }
    let kind = params.kind.as_deref().filter(|kind| !kind.is_empty());
    let asks = |name: &str| kind.is_none_or(|kind| kind == name);
    let query = Query {
        accounts: asks("accounts"),
        tags: asks("hashtags"),
        statuses: asks("statuses"),
        text: params.q,
        resolve: params.resolve,
        following: params.following && viewer.is_some(),
        by: optional_id::<AccountId>(params.account_id.as_deref())?,
        below: cursor(params.max_id.as_deref()).unwrap_or(i64::MAX),
        above: cursor(params.min_id.as_deref()).unwrap_or(0),
        limit,
        // Without a type the three lists would be passed over alike.
        offset: if kind.is_some() { offset } else { 0 },
    };
    let found = search::search(&app, viewer, query).await?;
    Ok(Json(Search::render(&found, viewer, &Render::new(&app))))
}

fn cursor(text: Option<&str>) -> Option<i64> {
    text?.trim().parse().ok()
}

/// Length and beginning of a list that pages by number.
pub(crate) fn window(
    limit: Option<i64>,
    offset: Option<i64>,
    default: i64,
) -> Result<(i64, i64), ApiError> {
    let (limit, offset) = (limit.unwrap_or(default), offset.unwrap_or(0));
    if limit < 0 || offset < 0 {
        return Err(ApiError::bad_request("limit and offset must not be negative"));
    }
    Ok((limit.clamp(1, default * 2), offset.min(10_000)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p07_lists_by_number_are_bounded() {
        assert_eq!(window(None, None, 20).unwrap(), (20, 0));
        assert_eq!(window(Some(1_000_000), Some(i64::MAX), 20).unwrap(), (40, 10_000));
        assert!(window(Some(-1), None, 20).is_err());
        assert!(window(None, Some(-1), 20).is_err());
    }
}
