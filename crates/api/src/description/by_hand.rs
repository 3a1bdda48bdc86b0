//! What types do not tell: answers with other statuses than 200, headers, files, and the few routes whose
//! answer is no JSON entity.

use serde_json::{Value, json};

/// Good answers of routes whose types say nothing of them: media type and statuses.
pub(super) const OPAQUE: &[(&str, &str, &[u16])] = &[
    ("/.well-known/webfinger", "application/jrd+json", &[200]),
    ("/.well-known/host-meta", "application/xrd+xml", &[200]),
    ("/.well-known/host-meta.json", "application/json", &[200]),
    ("/.well-known/nodeinfo", "application/json", &[200]),
    ("/nodeinfo/2.0", "application/json", &[200]),
    ("/nodeinfo/2.1", "application/json", &[200]),
];

/// Streams of events, which end when somebody leaves.
pub(super) fn is_stream(path: &str) -> bool {
    path.starts_with("/api/v1/streaming") && path != "/api/v1/streaming/health"
}

/// The one stream that may be asked for as a WebSocket; the others are server-sent events only.
pub(super) fn is_socket(path: &str) -> bool {
    path == "/api/v1/streaming"
}

/// Statuses in which a good answer comes, where it is not 200 alone.
pub(super) const STATUSES: &[(&str, &str, &[u16])] = &[
    // 206 and 202: the file is not ready yet.
    ("GET", "/api/v1/media/{id}", &[200, 206]),
    ("POST", "/api/v2/media", &[200, 202]),
];

/// Refusals beyond those that follow from the line in the table.
pub(super) const REFUSALS: &[(&str, &str, &[u16])] = &[
    ("POST", "/oauth/token", &[401, 403]),
    ("POST", "/oauth/revoke", &[401, 403]),
    ("POST", "/oauth/introspect", &[401, 403]),
    ("GET", "/.well-known/webfinger", &[404, 410]),
    ("GET", "/api/oembed", &[404]),
    ("GET", "/api/v1/accounts/lookup", &[404]),
    ("GET", "/api/v1/instance/terms_of_service", &[404]),
    ("GET", "/api/v1/push/subscription", &[404]),
    ("GET", "/api/v1/timelines/link", &[404]),
    ("POST", "/api/v1/notifications/dismiss", &[404]),
    ("PUT", "/api/v1/push/subscription", &[404]),
];

/// The fields in which files come.
pub(super) const FILES: &[(&str, &[&str])] = &[
    ("/api/v1/media", &["file", "thumbnail"]),
    ("/api/v2/media", &["file", "thumbnail"]),
    ("/api/v1/media/{id}", &["thumbnail"]),
    ("/api/v1/accounts/update_credentials", &["avatar", "header"]),
];

/// Headers that a route reads.
pub(super) fn headers(method: &str, path: &str) -> Vec<Value> {
    if (method, path) != ("POST", "/api/v1/statuses") {
        return Vec::new();
    }
    vec![json!({
        "name": "Idempotency-Key",
        "in": "header",
        "description": "The same key within an hour posts once.",
        "schema": { "type": "string" },
    })]
}
