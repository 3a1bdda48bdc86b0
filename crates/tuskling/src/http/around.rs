//! What stands around the API and the pages: tolerance for trailing slashes, health and readiness, and the last
//! word on panics.

use std::sync::Arc;

use app::App;
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::{StatusCode, Uri};
use tower::ServiceExt;
use tower_http::catch_panic::CatchPanicLayer;

/// Everything that the main listener serves.
pub fn router(app: Arc<App>) -> Router {
    let inner = Router::new()
        .route("/health", get(|| async { "OK" }))
        .route("/ready", get(ready))
        .with_state(app.clone())
        .merge(api::router(app.clone()))
        .merge(web::router(app.clone()))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(axum::middleware::from_fn_with_state(app.clone(), api::frame));
    // Routing happens inside, so the path is put right before it.
    Router::new().fallback_service(tower::service_fn(move |mut request: Request| {
        if let Some(target) = request.uri().path_and_query() {
            let arrived = api::Arrived(target.to_string());
            request.extensions_mut().insert(arrived);
        }
        let request = api::negotiate(&app, without_trailing_slash(request));
        inner.clone().oneshot(request)
    }))
}

/// Can the server read and write?
async fn ready(State(app): State<Arc<App>>) -> Response {
    match app::health::check(&app).await {
        Ok(()) => "OK".into_response(),
        Err(error) => {
            tracing::warn!(%error, "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, "not ready: the database does not read and write")
                .into_response()
        }
    }
}

/// Some clients call `/api/v2/instance/`.
fn without_trailing_slash(mut request: Request) -> Request {
    let path = request.uri().path();
    if path.len() < 2 || !path.ends_with('/') {
        return request;
    }
    let trimmed = path.trim_end_matches('/');
    let trimmed = if trimmed.is_empty() { "/" } else { trimmed };
    let target = match request.uri().query() {
        Some(query) => format!("{trimmed}?{query}"),
        None => trimmed.to_owned(),
    };
    if let Ok(uri) = target.parse::<Uri>() {
        *request.uri_mut() = uri;
    }
    request
}

/// A handler panicked: that is our mistake, and only this request's end (P05).
#[expect(clippy::needless_pass_by_value, reason = "the signature is the layer's")]
fn panicked(payload: Box<dyn std::any::Any + Send>) -> Response<Body> {
    let text = payload
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| payload.downcast_ref::<&str>().copied())
        .unwrap_or("no message");
    tracing::error!(panic = text, "a handler panicked");
    let body = "{\"error\":\"Something went wrong on this server; its log says what\"}";
    (StatusCode::INTERNAL_SERVER_ERROR, [(http::header::CONTENT_TYPE, "application/json")], body)
        .into_response()
}
