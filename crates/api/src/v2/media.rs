//! `/api/v2/media`: the answer comes at once, ready or not.

use app::uploads::Patience;
use axum::Json;
use axum::extract::State;
use domain::media::MediaState;
use http::StatusCode;

use crate::caller::User;
use crate::entity::{MediaAttachment, Render};
use crate::params::Upload;
use crate::routes::{Access, Route, post};
use crate::v1::media::{Received, WRITE, upload};
use crate::{ApiError, Shared};

pub(crate) fn routes() -> Vec<Route> {
    vec![post("/api/v2/media", Access::User(WRITE), create)]
}

async fn create(
    State(app): State<Shared>,
    User(me): User,
    received: Upload<Received>,
) -> Result<(StatusCode, Json<MediaAttachment>), ApiError> {
    let media = app::uploads::receive(&app, &me, upload(&received)?, Patience::AsksAgain).await?;
    let status =
        if media.state == MediaState::Ready { StatusCode::OK } else { StatusCode::ACCEPTED };
    Ok((status, Json(MediaAttachment::render(&media, &Render::new(&app)))))
}
