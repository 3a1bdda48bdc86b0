//! `/api/v1/filters`: the older view, in which each keyword is a filter of its own.

use app::filters::{self, Changes, KeywordChange};
use axum::Json;
use axum::extract::State;
use domain::RowId;
use domain::filter::Filter;
use serde::Deserialize;

use crate::caller::User;
use crate::entity::{Empty, V1Filter};
use crate::params::{Id, Params, present};
use crate::routes::{Access, Route, delete, get, post, put};
use crate::v2::filters::expiry;
use crate::{ApiError, Shared};

const READ: Access = Access::User(&["read:filters"]);
const WRITE: Access = Access::User(&["write:filters"]);

pub(crate) fn routes() -> Vec<Route> {
    vec![
        get("/api/v1/filters", READ, all),
        post("/api/v1/filters", WRITE, create),
        get("/api/v1/filters/{id}", READ, show),
        put("/api/v1/filters/{id}", WRITE, change),
        delete("/api/v1/filters/{id}", WRITE, remove),
    ]
}

#[derive(Deserialize)]
struct Body {
    #[serde(default)]
    phrase: Option<String>,
    #[serde(default)]
    context: Option<Vec<String>>,
    #[serde(default)]
    irreversible: Option<bool>,
    #[serde(default)]
    whole_word: Option<bool>,
    #[serde(default, deserialize_with = "present")]
    expires_in: Option<Option<String>>,
}

impl Body {
    fn changes(self) -> Result<(Changes, KeywordChange), ApiError> {
        let changes = Changes {
            title: None,
            contexts: self.context,
            action: self.irreversible.map(|hide| if hide { "hide" } else { "warn" }.to_owned()),
            expires_in: expiry(self.expires_in)?,
            keywords: Vec::new(),
        };
        let keyword = KeywordChange {
            keyword: self.phrase,
            whole_word: self.whole_word,
            ..KeywordChange::default()
        };
        Ok((changes, keyword))
    }
}

fn answer(filter: &Filter, keyword: Option<RowId>) -> Result<Json<V1Filter>, ApiError> {
    let found = match keyword {
        Some(id) => filter.keywords.iter().find(|keyword| keyword.id == id),
        None => filter.keywords.first(),
    };
    found.map(|keyword| Json(V1Filter::render(filter, keyword))).ok_or_else(ApiError::not_found)
}

async fn all(State(app): State<Shared>, User(me): User) -> Result<Json<Vec<V1Filter>>, ApiError> {
    let all = filters::all(&app, me.id()).await?;
    let each = all.iter().flat_map(|filter| {
        filter.keywords.iter().map(move |keyword| V1Filter::render(filter, keyword))
    });
    Ok(Json(each.collect()))
}

async fn create(
    State(app): State<Shared>,
    User(me): User,
    Params(body): Params<Body>,
) -> Result<Json<V1Filter>, ApiError> {
    let (changes, keyword) = body.changes()?;
    answer(&filters::create_single(&app, me.id(), changes, keyword).await?, None)
}

async fn show(
    State(app): State<Shared>,
    User(me): User,
    Id(id): Id<RowId>,
) -> Result<Json<V1Filter>, ApiError> {
    answer(&filters::of_keyword(&app, me.id(), id).await?, Some(id))
}

async fn change(
    State(app): State<Shared>,
    User(me): User,
    Id(id): Id<RowId>,
    Params(body): Params<Body>,
) -> Result<Json<V1Filter>, ApiError> {
    let (changes, keyword) = body.changes()?;
    answer(&filters::change_single(&app, me.id(), id, changes, keyword).await?, Some(id))
}

async fn remove(
    State(app): State<Shared>,
    User(me): User,
    Id(id): Id<RowId>,
) -> Result<Json<Empty>, ApiError> {
    filters::delete_single(&app, me.id(), id).await?;
    Ok(Json(Empty {}))
}
