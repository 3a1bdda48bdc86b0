//! Errors as clients see them: `{"error": "…"}` with Mastodon's status codes. The cause goes to the
//! log, once, here; clients get the safe text.

use app::AppError;
use app::access::AccessError;
use axum::Json;
use axum::response::{IntoResponse, Response};
use domain::scope::Scopes;
use http::{HeaderValue, StatusCode, header};
use serde_json::{Value, json};

/// A refusal: its status, the text for the client, and the cause for the log.
#[derive(Debug)]
pub struct ApiError {
    status: StatusCode,
    body: Value,
    cause: Option<String>,
}

impl ApiError {
    /// A refusal with this text.
    pub fn new(status: StatusCode, text: impl Into<String>) -> Self {
        Self { status, body: json!({ "error": text.into() }), cause: None }
    }

    /// The same for hidden and absent (V02).
    #[must_use]
    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "Record not found")
    }

    /// The request cannot be understood.
    pub fn bad_request(text: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, text)
    }

    /// A refusal of OAuth (RFC 6749 §5.2): code and description.
    #[must_use]
    pub fn oauth(status: StatusCode, code: &str, description: &str) -> Self {
        Self {
            status,
            body: json!({ "error": code, "error_description": description }),
            cause: None,
        }
    }

    /// A refusal with details by field, as sign-up gives them.
    #[must_use]
    pub fn with_details(status: StatusCode, text: &str, details: Value) -> Self {
        Self { status, body: json!({ "error": text, "details": details }), cause: None }
    }

    /// A refusal with one more thing beside its text.
    #[must_use]
    pub fn with(status: StatusCode, text: &str, name: &str, value: Value) -> Self {
        let mut body = json!({ "error": text });
        if let Some(entries) = body.as_object_mut() {
            entries.insert(name.to_owned(), value);
        }
        Self { status, body, cause: None }
    }

    /// The token's scopes do not allow this.
    #[must_use]
    pub fn outside_scopes(held: &Scopes) -> Self {
        Self {
            cause: Some(format!("the token holds only {held}")),
            ..Self::new(StatusCode::FORBIDDEN, "This action is outside the authorized scopes")
        }
    }

    /// Its text for the client.
    #[must_use]
    pub fn text(&self) -> &str {
        self.body.get("error").and_then(Value::as_str).unwrap_or_default()
    }

    /// Its status code.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    fn internal(cause: String) -> Self {
        Self {
            cause: Some(cause),
            ..Self::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                "Something went wrong on this server; its log says what",
            )
        }
    }
}

impl From<AppError> for ApiError {
    fn from(error: AppError) -> Self {
        let text = error.to_string();
        match error {
            AppError::NotFound => Self::not_found(),
            AppError::Forbidden(_) => Self::new(StatusCode::FORBIDDEN, text),
            AppError::Invalid(_) | AppError::Unprocessable(_) => {
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, text)
            }
            AppError::BadRequest(_) => Self::bad_request(text),
            AppError::Unauthorized(_) => Self::new(StatusCode::UNAUTHORIZED, text),
            AppError::Conflict(_) => Self::new(StatusCode::CONFLICT, text),
            AppError::Busy(_) => Self::new(StatusCode::SERVICE_UNAVAILABLE, text),
            AppError::Internal(_) => Self::internal(text),
            AppError::Store(cause) => from_store(&cause),
        }
    }
}

/// What a database error means to a client: full is 507, busy or away is 503, the rest is our fault.
fn from_store(error: &app::StoreError) -> ApiError {
    use app::StoreError;
    let (status, text) = match error {
        StoreError::Full => (StatusCode::INSUFFICIENT_STORAGE, "The server's disk is full"),
        StoreError::Busy(_) | StoreError::Unreachable(_) | StoreError::Damaged(_) => (
            StatusCode::SERVICE_UNAVAILABLE,
            "The server cannot do this right now; try again in a moment",
        ),
        StoreError::Constraint(_) => {
            (StatusCode::UNPROCESSABLE_ENTITY, "This action conflicts with another one")
        }
        _ => return ApiError::internal(error.to_string()),
    };
    ApiError { cause: Some(error.to_string()), ..ApiError::new(status, text) }
}

impl From<AccessError> for ApiError {
    fn from(error: AccessError) -> Self {
        let text = error.to_string();
        match error {
            AccessError::Unknown | AccessError::Revoked => {
                Self::new(StatusCode::UNAUTHORIZED, text)
            }
            AccessError::Unconfirmed | AccessError::Pending | AccessError::Disabled => {
                Self::new(StatusCode::FORBIDDEN, text)
            }
            AccessError::Store(cause) => from_store(&cause),
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        if self.status.is_server_error() {
            tracing::error!(
                status = self.status.as_u16(),
                cause = self.cause.as_deref(),
                "request failed"
            );
        } else if let Some(cause) = &self.cause {
            tracing::debug!(status = self.status.as_u16(), cause, "request refused");
        }
        let mut response = (self.status, Json(self.body)).into_response();
        if self.status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(
                header::WWW_AUTHENTICATE,
                HeaderValue::from_static("Bearer realm=\"tuskling\", error=\"invalid_token\""),
            );
        }
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
        }
        response
    }
}
