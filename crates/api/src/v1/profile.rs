//! One's own profile: `/api/v1/accounts/update_credentials` and `/api/v1/profile`.

use app::accounts::{self, Changes, Picture, UpdateError};
use axum::Json;
use axum::extract::State;
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::media::file;
use crate::caller::User;
use crate::entity::{CredentialAccount, Render};
use crate::params::{File, Upload};
use crate::routes::{Access, Route, delete, put};
use crate::{ApiError, Shared};

const WRITE: &[&str] = &["write:accounts"];

pub(crate) fn routes() -> Vec<Route> {
    vec![
        put("/api/v1/accounts/update_credentials", Access::User(WRITE), update_credentials),
        delete("/api/v1/profile/avatar", Access::User(WRITE), remove_avatar),
        delete("/api/v1/profile/header", Access::User(WRITE), remove_header),
    ]
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Profile {
    display_name: Option<String>,
    note: Option<String>,
    locked: Option<bool>,
    bot: Option<bool>,
    discoverable: Option<bool>,
    hide_collections: Option<bool>,
    indexable: Option<bool>,
    fields_attributes: Option<Vec<Field>>,
    avatar_description: Option<String>,
    header_description: Option<String>,
    source: Option<Source>,
}

#[derive(Deserialize)]
struct Field {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    value: Option<String>,
}

/// Defaults for new statuses.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Source {
    privacy: Option<String>,
    sensitive: Option<bool>,
    language: Option<String>,
    quote_policy: Option<String>,
    /// Not Mastodon's: a media type.
    status_content_type: Option<String>,
}

impl Profile {
    fn changes(self, files: &[File]) -> Changes {
        let source = self.source.unwrap_or_default();
        let picture = |name| match file(files, name) {
            Some(file) => Picture::New(file.path.clone()),
            None => Picture::Same,
        };
        let pair = |field: Field| (field.name.unwrap_or_default(), field.value.unwrap_or_default());
        Changes {
            display_name: self.display_name,
            note: self.note,
            locked: self.locked,
            bot: self.bot,
            discoverable: self.discoverable,
            indexable: self.indexable,
            hide_collections: self.hide_collections,
            fields: self.fields_attributes.map(|fields| fields.into_iter().map(pair).collect()),
            avatar: picture("avatar"),
            avatar_description: self.avatar_description,
            header: picture("header"),
            header_description: self.header_description,
            default_visibility: source.privacy,
            default_sensitive: source.sensitive,
            default_language: source.language,
            default_quote_policy: source.quote_policy,
            default_format: source.status_content_type,
            locale: None,
        }
    }
}

async fn update_credentials(
    State(app): State<Shared>,
    user: User,
    received: Upload<Profile>,
) -> Result<Json<CredentialAccount>, ApiError> {
    // The files are there until `received` goes.
    let Upload { params, files } = received;
    change(&app, user, params.changes(&files)).await
}

async fn remove_avatar(
    State(app): State<Shared>,
    user: User,
) -> Result<Json<CredentialAccount>, ApiError> {
    change(&app, user, Changes { avatar: Picture::None, ..Changes::default() }).await
}

async fn remove_header(
    State(app): State<Shared>,
    user: User,
) -> Result<Json<CredentialAccount>, ApiError> {
    change(&app, user, Changes { header: Picture::None, ..Changes::default() }).await
}

async fn change(
    app: &Shared,
    User(me): User,
    changes: Changes,
) -> Result<Json<CredentialAccount>, ApiError> {
    let me = accounts::update(app, &me, changes).await?;
    let pending = app::relations::pending_requests(app, me.id()).await?;
    Ok(Json(CredentialAccount::render(&me, pending, &Render::new(app))))
}

impl From<UpdateError> for ApiError {
    fn from(error: UpdateError) -> Self {
        let text = error.to_string();
        let problems = match error {
            UpdateError::Other(error) => return error.into(),
            UpdateError::Problems(problems) => problems,
        };
        let mut details: Map<String, Value> = Map::new();
        for problem in problems {
            let list = details.entry(problem.field).or_insert_with(|| json!([]));
            if let Value::Array(list) = list {
                list.push(json!({ "error": problem.code, "description": problem.description }));
            }
        }
        Self::with_details(StatusCode::UNPROCESSABLE_ENTITY, &text, Value::Object(details))
    }
}
