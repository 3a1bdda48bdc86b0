//! A request for a document: whose, which, which page, in which form, and as it arrived, because
//! that is what was signed.

use std::collections::HashMap;

use app::Page;
use app::documents::Asked;
use axum::extract::{FromRequestParts, Path, Request};
use domain::StatusId;
use http::request::Parts;
use http::{HeaderMap, Method, Uri};

use super::accept::{self, Form};
use crate::{ApiError, Shared};

/// Path and query of a request before this server changed them: what a signature covers.
#[derive(Clone, Debug)]
pub struct Arrived(pub String);

/// Sends a request for the document of a page on to where the document is: `/@name` and `/@name/ID`
/// have two forms.
#[must_use]
pub fn negotiate(shared: &Shared, mut request: Request) -> Request {
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    if !is_read
        || !shared.config.federation.enabled
        || accept::form(request.headers()) != Form::Document
    {
        return request;
    }
    let Some(path) = document_of(request.uri().path()) else { return request };
    let target = match request.uri().query() {
        Some(query) => format!("{path}?{query}"),
        None => path,
    };
    if let Ok(uri) = target.parse::<Uri>() {
        *request.uri_mut() = uri;
    }
    request
}

/// The path of the document whose page is at this one. Handles of other servers have a page only.
fn document_of(path: &str) -> Option<String> {
    let (name, id) = match path.strip_prefix("/@")?.split_once('/') {
        Some((name, id)) => (name, Some(id)),
        None => (path.strip_prefix("/@")?, None),
    };
    let is_plain = |text: &str| {
        !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    match id {
        _ if !is_plain(name) => None,
        None => Some(format!("/users/{name}")),
        Some(id) if is_plain(id) => Some(format!("/users/{name}/statuses/{id}")),
        Some(_) => None,
    }
}

/// A request for a document.
pub(crate) struct Question {
    /// Whose; empty for what is nobody's.
    pub name: String,
    id: Option<i64>,
    query: HashMap<String, String>,
    /// The form it is wanted in.
    pub form: Form,
    method: Method,
    target: String,
    headers: HeaderMap,
}

impl Question {
    /// The status it is about; `None` for what is no id.
    pub fn id(&self) -> Option<StatusId> {
        self.id.map(StatusId)
    }

    /// The same as a plain number.
    pub fn number(&self) -> Option<i64> {
        self.id
    }

    /// The name, with nothing in it that could lead elsewhere.
    pub fn plain_name(&self) -> String {
        percent_encoding::utf8_percent_encode(&self.name, percent_encoding::NON_ALPHANUMERIC)
            .to_string()
            .replace("%5F", "_")
    }

    /// Whether a parameter is there and not `false`.
    pub fn flag(&self, name: &str) -> bool {
        self.query.get(name).is_some_and(|value| value != "false")
    }

    /// A cursor of the query.
    pub fn cursor(&self, name: &str) -> Option<i64> {
        self.query.get(name)?.trim().parse::<i64>().ok().map(|number| number.max(0))
    }

    /// The wanted page of a list that is read from its newest entry; its length is the list's.
    pub fn page(&self) -> Option<Page> {
        if !self.flag("page") {
            return None;
        }
        let mut page = Page::newest(0);
        if let Some(below) = self.cursor("max_id") {
            page.below = below;
        } else if let Some(above) = self.cursor("min_id") {
            page.above = above;
            page.from_oldest = true;
        }
        Some(page)
    }

    /// The request as the signature sees it.
    pub fn asked(&self) -> Asked<'_> {
        Asked { method: &self.method, path_and_query: &self.target, headers: &self.headers }
    }
}

impl FromRequestParts<Shared> for Question {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &Shared) -> Result<Self, ApiError> {
        let path = Path::<HashMap<String, String>>::from_request_parts(parts, state).await;
        let Path(mut path) = path.map_err(|_| ApiError::not_found())?;
        let query = parts.uri.query().unwrap_or_default();
        let query = url::form_urlencoded::parse(query.as_bytes()).into_owned().take(16).collect();
        let arrived = parts.extensions.get::<Arrived>().map(|arrived| arrived.0.clone());
        let target = arrived.unwrap_or_else(|| {
            parts.uri.path_and_query().map_or_else(String::new, ToString::to_string)
        });
        Ok(Self {
            name: path.remove("name").unwrap_or_default(),
            id: path.remove("id").and_then(|id| id.parse().ok()),
            query,
            form: accept::form(&parts.headers),
            method: parts.method.clone(),
            target,
            headers: parts.headers.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pages_of_local_things_have_a_document() {
        for (page, document) in [
            ("/@alice", Some("/users/alice")),
            ("/@alice/12", Some("/users/alice/statuses/12")),
            ("/@alice@b.test", None),
            ("/@alice@b.test/12", None),
            ("/@alice/12/embed", None),
            ("/@", None),
            ("/@/12", None),
            ("/@alice/", None),
            ("/@ali%20ce", None),
            ("/@..", None),
            ("/about", None),
        ] {
            assert_eq!(document_of(page).as_deref(), document, "{page}");
        }
    }
}
