//! Requests to a router in the same process, and their answers.
#![expect(clippy::unwrap_used, reason = "a test fixture fails by panicking")]

use axum::Router;
use axum::body::Body;
use http::{HeaderMap, Request, StatusCode};
use serde_json::Value;
use tower::ServiceExt;

/// Sends requests to a router.
#[derive(Clone)]
pub struct Talk {
    router: Router,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    /// Its status code.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body as text.
    pub text: String,
}

impl Answer {
    /// The body as JSON; null when it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_default()
    }
}

impl Talk {
    /// With this router.
    #[must_use]
    pub fn to(router: Router) -> Self {
        Self { router }
    }

    /// GET, with a bearer token unless it is empty.
    pub async fn get(&self, path: &str, token: &str) -> Answer {
        self.send("GET", path, token, "").await
    }

    /// POST of a form.
    pub async fn post(&self, path: &str, token: &str, form: &str) -> Answer {
        self.send("POST", path, token, form).await
    }

    /// Any method, with a form.
    pub async fn send(&self, method: &str, path: &str, token: &str, form: &str) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if !token.is_empty() {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        if !form.is_empty() {
            request = request.header("content-type", "application/x-www-form-urlencoded");
        }
        self.ask(request.body(Body::from(form.to_owned())).unwrap()).await
    }

    /// Any request.
    pub async fn ask(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (head, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, 64 * 1024 * 1024).await.unwrap();
        Answer {
            status: head.status,
            headers: head.headers,
            text: String::from_utf8_lossy(&bytes).into_owned(),
        }
    }
}
