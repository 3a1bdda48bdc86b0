//! `/api/v2/filters`

use app::filters::{self, Changes, KeywordChange};
use axum::Json;
use axum::extract::State;
use domain::{FilterId, RowId, StatusId};
use serde::Deserialize;

use crate::caller::User;
use crate::entity::{Empty, Filter, FilterKeyword, FilterStatus};
use crate::params::{Id, Params, present};
use crate::routes::{Access, Route, delete, get, post, put};
use crate::{ApiError, Shared};

const READ: Access = Access::User(&["read:filters"]);
const WRITE: Access = Access::User(&["write:filters"]);

pub(crate) fn routes() -> Vec<Route> {
    vec![
        get("/api/v2/filters", READ, all),
        post("/api/v2/filters", WRITE, create),
        get("/api/v2/filters/{id}", READ, show),
        put("/api/v2/filters/{id}", WRITE, change),
        delete("/api/v2/filters/{id}", WRITE, remove),
        get("/api/v2/filters/{id}/keywords", READ, keywords),
        post("/api/v2/filters/{id}/keywords", WRITE, add_keyword),
        get("/api/v2/filters/keywords/{id}", READ, keyword),
        put("/api/v2/filters/keywords/{id}", WRITE, change_keyword),
        delete("/api/v2/filters/keywords/{id}", WRITE, remove_keyword),
        get("/api/v2/filters/{id}/statuses", READ, statuses),
        post("/api/v2/filters/{id}/statuses", WRITE, add_status),
        get("/api/v2/filters/statuses/{id}", READ, status),
        delete("/api/v2/filters/statuses/{id}", WRITE, remove_status),
    ]
}

#[derive(Deserialize)]
struct Body {
    #[serde(default)]
    title: Option<String>,
    #[serde(default)]
    context: Option<Vec<String>>,
    #[serde(default)]
    filter_action: Option<String>,
    #[serde(default, deserialize_with = "present")]
    expires_in: Option<Option<String>>,
    #[serde(default)]
    keywords_attributes: Vec<KeywordBody>,
}

#[derive(Deserialize)]
struct KeywordBody {
    #[serde(default)]
    id: Option<String>,
    #[serde(default)]
    keyword: Option<String>,
    #[serde(default)]
    whole_word: Option<bool>,
    #[serde(default, rename = "_destroy")]
    destroy: bool,
}

/// Seconds as a client sends them: present and empty is never, what is no number is left out.
pub(crate) fn expiry(sent: Option<Option<String>>) -> Result<Option<Option<i64>>, ApiError> {
    match sent {
        None => Ok(None),
        Some(text) => match text.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
            None => Ok(Some(None)),
            Some(text) => text
                .parse()
                .map(|seconds| Some(Some(seconds)))
                .map_err(|_| ApiError::bad_request("expires_in is no number of seconds")),
        },
    }
}

impl Body {
    fn changes(self) -> Result<Changes, ApiError> {
        let mut keywords = Vec::with_capacity(self.keywords_attributes.len());
        for body in self.keywords_attributes {
            let id = body.id.filter(|id| !id.is_empty());
            keywords.push(KeywordChange {
                id: id.map(|id| id.parse().map_err(|_| ApiError::not_found())).transpose()?,
                keyword: body.keyword,
                whole_word: body.whole_word,
                remove: body.destroy,
            });
        }
        Ok(Changes {
            title: self.title,
            contexts: self.context,
            action: self.filter_action.filter(|name| !name.is_empty()),
            expires_in: expiry(self.expires_in)?,
            keywords,
        })
    }
}

async fn all(State(app): State<Shared>, User(me): User) -> Result<Json<Vec<Filter>>, ApiError> {
    Ok(Json(filters::all(&app, me.id()).await?.iter().map(Filter::render).collect()))
}

async fn create(
    State(app): State<Shared>,
    User(me): User,
    Params(body): Params<Body>,
) -> Result<Json<Filter>, ApiError> {
    let filter = filters::create(&app, me.id(), body.changes()?).await?;
    Ok(Json(Filter::render(&filter)))
}

async fn show(
    State(app): State<Shared>,
    User(me): User,
    Id(id): Id<FilterId>,
) -> Result<Json<Filter>, ApiError> {
    Ok(Json(Filter::render(&filters::show(&app, me.id(), id).await?)))
}

async fn change(
    State(app): State<Shared>,
    User(me): User,
    Id(id): Id<FilterId>,
    Params(body): Params<Body>,
) -> Result<Json<Filter>, ApiError> {
    let filter = filters::change(&app, me.id(), id, body.changes()?).await?;
    Ok(Json(Filter::render(&filter)))
}

async fn remove(
    State(app): State<Shared>,
    User(me): User,
    Id(id): Id<FilterId>,
) -> Result<Json<Empty>, ApiError> {
    filters::delete(&app, me.id(), id).await?;
    Ok(Json(Empty {}))
}

async fn keywords(
    State(app): State<Shared>,
    User(me): User,
    Id(id): Id<FilterId>,
) -> Result<Json<Vec<FilterKeyword>>, ApiError> {
    let filter = filters::show(&app, me.id(), id).await?;
    Ok(Json(filter.keywords.iter().map(FilterKeyword::render).collect()))
}

async fn add_keyword(
    State(app): State<Shared>,
    User(me): User,
    Id(id): Id<FilterId>,
    Params(body): Params<KeywordBody>,
) -> Result<Json<FilterKeyword>, ApiError> {
    let (word, whole) = (body.keyword.unwrap_or_default(), body.whole_word.unwrap_or(true));
    let added = filters::add_keyword(&app, me.id(), id, &word, whole).await?;
    Ok(Json(FilterKeyword::render(&added)))
}

async fn keyword(
    State(app): State<Shared>,
    User(me): User,
    Id(id): Id<RowId>,
) -> Result<Json<FilterKeyword>, ApiError> {
    Ok(Json(FilterKeyword::render(&filters::keyword(&app, me.id(), id).await?)))
}

async fn change_keyword(
    State(app): State<Shared>,
    User(me): User,
    Id(id): Id<RowId>,
    Params(body): Params<KeywordBody>,
) -> Result<Json<FilterKeyword>, ApiError> {
    let changed = filters::change_keyword(&app, me.id(), id, body.keyword, body.whole_word).await?;
    Ok(Json(FilterKeyword::render(&changed)))
}

async fn remove_keyword(
    State(app): State<Shared>,
    User(me): User,
    Id(id): Id<RowId>,
) -> Result<Json<Empty>, ApiError> {
    filters::remove_keyword(&app, me.id(), id).await?;
    Ok(Json(Empty {}))
}

async fn statuses(
    State(app): State<Shared>,
    User(me): User,
    Id(id): Id<FilterId>,
) -> Result<Json<Vec<FilterStatus>>, ApiError> {
    let filter = filters::show(&app, me.id(), id).await?;
    Ok(Json(filter.statuses.iter().map(FilterStatus::render).collect()))
}

#[derive(Deserialize)]
struct StatusBody {
    status_id: String,
}

async fn add_status(
    State(app): State<Shared>,
    User(me): User,
    Id(id): Id<FilterId>,
    Params(body): Params<StatusBody>,
) -> Result<Json<FilterStatus>, ApiError> {
    let status: StatusId = body.status_id.parse().map_err(|_| ApiError::not_found())?;
    let added = filters::add_status(&app, me.id(), id, status).await?;
    Ok(Json(FilterStatus::render(&added)))
}

async fn status(
    State(app): State<Shared>,
    User(me): User,
    Id(id): Id<RowId>,
) -> Result<Json<FilterStatus>, ApiError> {
    Ok(Json(FilterStatus::render(&filters::status_entry(&app, me.id(), id).await?)))
}

async fn remove_status(
    State(app): State<Shared>,
    User(me): User,
    Id(id): Id<RowId>,
) -> Result<Json<Empty>, ApiError> {
    filters::remove_status(&app, me.id(), id).await?;
    Ok(Json(Empty {}))
}
