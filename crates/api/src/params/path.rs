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

/// An id in a path and a name that stands behind it.
pub(crate) struct Part<T>(pub T, pub String);

impl<T: From<i64>, S: Send + Sync> FromRequestParts<S> for Part<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let Path((id, name)) = Path::<(String, String)>::from_request_parts(parts, state)
            .await
            .map_err(|_| ApiError::not_found())?;
        Ok(Self(number(&id)?, name))
    }
}

/// Two ids in a path.
pub(crate) struct Ids<T, U>(pub T, pub U);

impl<T: From<i64>, U: From<i64>, S: Send + Sync> FromRequestParts<S> for Ids<T, U> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let Part(first, second) = Part::<T>::from_request_parts(parts, state).await?;
        Ok(Self(first, number(&second)?))
    }
}

fn number<T: From<i64>>(text: &str) -> Result<T, ApiError> {
    text.parse::<i64>().map(T::from).map_err(|_| ApiError::not_found())
}
