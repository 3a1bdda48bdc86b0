//! What handlers answer with.

use axum::Json;
use axum::response::{Redirect, Response};
use http::{HeaderName, HeaderValue, StatusCode};
use schemars::JsonSchema;
use serde_json::json;

use super::{Answered, Operation};
use crate::ApiError;
use crate::pagination::Links;

impl<T: JsonSchema> Answered for Json<T> {
    fn answer(operation: &mut Operation<'_>) {
        let schema = operation.generator.subschema_for::<T>().to_value();
        operation.answers.insert((200, "application/json"), schema);
    }
}

impl<T: Answered> Answered for Result<T, ApiError> {
    fn answer(operation: &mut Operation<'_>) {
        T::answer(operation);
    }
}

impl<T: Answered> Answered for (Links, T) {
    fn answer(operation: &mut Operation<'_>) {
        T::answer(operation);
        operation.has_links = true;
    }
}

impl<T: Answered> Answered for ([(HeaderName, HeaderValue); 1], T) {
    fn answer(operation: &mut Operation<'_>) {
        T::answer(operation);
    }
}

/// Its statuses stand in [`super::by_hand`].
impl<T: Answered> Answered for (StatusCode, T) {
    fn answer(operation: &mut Operation<'_>) {
        T::answer(operation);
    }
}

/// It always refuses.
impl Answered for ApiError {
    fn answer(_: &mut Operation<'_>) {}
}

impl Answered for &'static str {
    fn answer(operation: &mut Operation<'_>) {
        let text = json!({ "type": "string" });
        operation.answers.insert((200, "text/plain"), text);
    }
}

impl Answered for Redirect {
    fn answer(operation: &mut Operation<'_>) {
        operation.is_opaque = true;
    }
}

impl Answered for Response {
    fn answer(operation: &mut Operation<'_>) {
        operation.is_opaque = true;
    }
}
