//! Submitted forms and queries. A form is looked at only when it comes from our own page: by its
//! key and by what the browser says of the page it stood on (A08).

use axum::extract::{FromRequest, FromRequestParts, Request};
use http::{HeaderMap, header};

use super::Shared;
use super::answer::Refusal;
use super::visitor::Visitor;
use crate::pages::Problem;

/// Largest form.
pub(super) const LARGEST: usize = 64 * 1024;
/// Most fields looked at.
const MOST_FIELDS: usize = 100;

/// The fields of a form or query.
pub(super) struct Fields(Vec<(String, String)>);

impl Fields {
    /// From the form-encoded text.
    pub fn parse(text: &[u8]) -> Self {
        Self::from_pairs(url::form_urlencoded::parse(text).into_owned().take(MOST_FIELDS).collect())
    }

    /// From pairs that were read already, without what nobody types and databases refuse.
    pub fn from_pairs(mut pairs: Vec<(String, String)>) -> Self {
        for (_, value) in pairs.iter_mut().filter(|(_, value)| value.contains('\0')) {
            *value = value.replace('\0', "");
        }
        Self(pairs)
    }

    /// All values of a name.
    pub fn all<'f>(&'f self, name: &'f str) -> impl Iterator<Item = &'f str> {
        self.0.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Whether a box is ticked or a button was pressed.
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(key, _)| key == name)
    }

    /// From an address's query.
    pub fn of_query(uri: &http::Uri) -> Self {
        Self::parse(uri.query().unwrap_or_default().as_bytes())
    }

    /// The field's value; `None` when it is not there.
    pub fn get(&self, name: &str) -> Option<String> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone())
    }

    /// The field's value; empty when it is not there.
    pub fn text(&self, name: &str) -> String {
        self.get(name).unwrap_or_default()
    }
}

/// A form that came from our own page.
pub(super) struct Posted {
    pub visitor: Visitor,
    pub fields: Fields,
}

impl FromRequest<Shared> for Posted {
    type Rejection = Refusal;

    async fn from_request(request: Request, app: &Shared) -> Result<Self, Refusal> {
        let (mut parts, body) = request.into_parts();
        let visitor = Visitor::from_request_parts(&mut parts, app).await?;
        if is_foreign(&parts.headers, &app.urls.base) {
            return Err(Refusal::new(Problem::Forbidden));
        }
        let body = axum::body::to_bytes(body, LARGEST)
            .await
            .map_err(|_| Refusal::because(Problem::BadRequest, crate::t().the_form_is_too_large))?;
        let fields = Fields::parse(&body);
        if !visitor.accepts(&fields.text("csrf_token")) {
            return Err(Refusal::new(Problem::Forbidden));
        }
        Ok(Self { visitor, fields })
    }
}

/// Whether the browser says that the form stood on another site.
pub(super) fn is_foreign(headers: &HeaderMap, base: &str) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if text("sec-fetch-site") == Some("cross-site") {
        return true;
    }
    let Some(origin) = text(header::ORIGIN.as_str()) else { return false };
    let host = text(header::HOST.as_str()).unwrap_or_default();
    // A local server may be opened under another of its names, such as 127.0.0.1.
    let is_host = origin.split_once("://").is_some_and(|(_, authority)| authority == host);
    origin != base && !is_host
}
