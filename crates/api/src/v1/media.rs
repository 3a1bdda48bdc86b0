//! `/api/v1/media`

use app::uploads::{self, Description, Patience, Shown};
use axum::Json;
use axum::extract::State;
use domain::MediaId;
use http::StatusCode;
use serde::Deserialize;

use crate::caller::User;
use crate::entity::{Empty, MediaAttachment, Render};
use crate::params::{File, Id, Upload};
use crate::routes::{Access, Route, delete, get, post, put};
use crate::{ApiError, Shared};

pub(crate) const WRITE: &[&str] = &["write:media"];

pub(crate) fn routes() -> Vec<Route> {
    vec![
        post("/api/v1/media", Access::User(WRITE), create),
        get("/api/v1/media/{id}", Access::User(WRITE), show),
        put("/api/v1/media/{id}", Access::User(WRITE), update),
        delete("/api/v1/media/{id}", Access::User(WRITE), remove),
    ]
}

/// The fields beside the files.
#[derive(Deserialize)]
pub(crate) struct Received {
    #[serde(default)]
    description: Option<String>,
    #[serde(default)]
    focus: Option<String>,
}

impl Received {
    fn description(&self) -> Description {
        Description { text: self.description.clone(), focus: self.focus.as_deref().and_then(point) }
    }
}

/// `x,y`; anything else leaves the point where it is.
fn point(text: &str) -> Option<(f64, f64)> {
    let (x, y) = text.split_once(',')?;
    Some((x.trim().parse().ok()?, y.trim().parse().ok()?))
}

/// The upload in a request, whose files live as long as the request.
pub(crate) fn upload(received: &Upload<Received>) -> Result<uploads::Upload, ApiError> {
    let file = file(&received.files, "file").ok_or_else(|| {
        ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "Validation failed: File can't be blank")
    })?;
    Ok(uploads::Upload {
        file: file.path.clone(),
        thumbnail: self::file(&received.files, "thumbnail").map(|file| file.path.clone()),
        description: received.params.description(),
    })
}

/// The file that came in this field.
pub(crate) fn file<'f>(files: &'f [File], name: &str) -> Option<&'f File> {
    files.iter().find(|file| file.name == name)
}

async fn create(
    State(app): State<Shared>,
    User(me): User,
    received: Upload<Received>,
) -> Result<Json<MediaAttachment>, ApiError> {
    let media = uploads::receive(&app, &me, upload(&received)?, Patience::Waits).await?;
    Ok(Json(MediaAttachment::render(&media, &Render::new(&app))))
}

async fn show(
    State(app): State<Shared>,
    User(me): User,
    Id(id): Id<MediaId>,
) -> Result<(StatusCode, Json<MediaAttachment>), ApiError> {
    let shown = uploads::show(&app, &me, id).await?;
    let (status, media) = match &shown {
        Shown::Processing(media) => (StatusCode::PARTIAL_CONTENT, media),
        Shown::Ready(media) => (StatusCode::OK, media),
    };
    Ok((status, Json(MediaAttachment::render(media, &Render::new(&app)))))
}

async fn update(
    State(app): State<Shared>,
    User(me): User,
    Id(id): Id<MediaId>,
    received: Upload<Received>,
) -> Result<Json<MediaAttachment>, ApiError> {
    let poster = file(&received.files, "thumbnail").map(|file| file.path.clone());
    let description = received.params.description();
    let (Shown::Processing(media) | Shown::Ready(media)) =
        uploads::update(&app, &me, id, description, poster).await?;
    Ok(Json(MediaAttachment::render(&media, &Render::new(&app))))
}

async fn remove(
    State(app): State<Shared>,
    User(me): User,
    Id(id): Id<MediaId>,
) -> Result<Json<Empty>, ApiError> {
    uploads::delete(&app, &me, id).await?;
    Ok(Json(Empty {}))
}
