//! Ids in paths. Something that is no id can be of nothing, so it is 404 like a missing one (V02).

use axum::extract::{FromRequestParts, Path};
use http::request::Parts;

use crate::ApiError;

/// The only id in a path.
pub(crate) struct Id<T>(pub T);

impl<T: From<i64>, S: Send + Sync> FromRequestParts<S> for Id<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let Path(text) = Path::<String>::from_request_parts(parts, state)
            .await
            .map_err(|_| ApiError::not_found())?;
        number(&text).map(Self)
    }
}

fn number<T: From<i64>>(text: &str) -> Result<T, ApiError> {
    text.parse::<i64>().map(T::from).map_err(|_| ApiError::not_found())
}
