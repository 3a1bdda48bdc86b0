//! Cursors in, Link headers out.

use app::Page;
use axum::Json;
use axum::extract::OriginalUri;
use axum::response::{IntoResponse, IntoResponseParts, ResponseParts};
use http::{HeaderValue, header};
use serde::Deserialize;

use crate::{ApiError, Shared};

/// The cursor parameters of a list, as a client sends them.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Cursor {
    max_id: Option<String>,
    since_id: Option<String>,
    min_id: Option<String>,
    limit: Option<String>,
}

impl Cursor {
    /// The page this cursor asks for; `default` is the usual length, twice that the most. What is no
    /// number is passed over, as Mastodon does.
    pub fn page(&self, default: i64) -> Page {
        self.page_up_to(default, default * 2)
    }

    /// The same with another most.
    pub fn page_up_to(&self, default: i64, most: i64) -> Page {
        let number = |text: &Option<String>| {
            text.as_deref().and_then(|text| text.trim().parse::<i64>().ok())
        };
        let (max, since, min) =
            (number(&self.max_id), number(&self.since_id), number(&self.min_id));
        Page {
            below: max.unwrap_or(i64::MAX).max(0),
            above: min.or(since).unwrap_or(0).max(0),
            limit: self.limit_up_to(default, most),
            from_oldest: min.is_some(),
        }
    }

    /// A length of 0 was asked for: some lists take that as everything.
    pub fn wants_all(&self) -> bool {
        self.limit.as_deref().is_some_and(|text| text.trim() == "0")
    }

    /// The wanted length alone.
    fn limit_up_to(&self, default: i64, most: i64) -> i64 {
        let wanted = self.limit.as_deref().and_then(|text| text.trim().parse::<i64>().ok());
        wanted.map_or(default, |limit| limit.saturating_abs()).clamp(1, most)
    }
}

/// The parameters of a list that is cut by counting.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Offset {
    limit: Option<String>,
    offset: Option<String>,
}

impl Offset {
    /// How many, and how many to pass over; `default` is the usual length, twice that the most.
    ///
    /// # Errors
    /// A negative number is refused.
    pub fn stretch(&self, default: i64) -> Result<(i64, i64), ApiError> {
        const FURTHEST: i64 = 10_000;
        let number = |text: &Option<String>| {
            text.as_deref().and_then(|text| text.trim().parse::<i64>().ok())
        };
        let (limit, offset) =
            (number(&self.limit).unwrap_or(default), number(&self.offset).unwrap_or(0));
        if limit < 0 || offset < 0 {
            return Err(ApiError::bad_request("Offset and limit must not be negative"));
        }
        Ok((limit.clamp(1, default * 2), offset.min(FURTHEST)))
    }
}

/// Which links a list gives.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// Timelines and notifications: both, unless the page is empty.
    Timeline,
    /// Lists of statuses by a row id: `next` for a full page, `prev` by `min_id`.
    Statuses,
    /// Lists of accounts: `next` for a full page, `prev` by `since_id`.
    Accounts,
}

/// A page of a list, with the links to those beside it.
pub(crate) type Listed<T> = (Links, Json<Vec<T>>);

/// The Link header of a page: newest and oldest cursor of what it holds.
pub(crate) struct Links(Option<HeaderValue>);

impl Links {
    /// For a list that is shown as a whole.
    pub fn none() -> Self {
        Self(None)
    }

    /// For a page whose entries have these cursors, newest first.
    pub fn new(
        shared: &Shared,
        uri: &OriginalUri,
        page: &Page,
        cursors: &[i64],
        style: Style,
    ) -> Self {
        let (Some(newest), Some(oldest)) = (cursors.first(), cursors.last()) else {
            return Self(None);
        };
        let full = i64::try_from(cursors.len()).unwrap_or(i64::MAX) >= page.limit;
        let mut links = Vec::new();
        if style == Style::Timeline || full {
            links.push(format!("<{}>; rel=\"next\"", address(shared, uri, "max_id", *oldest)));
        }
        let back = if style == Style::Accounts { "since_id" } else { "min_id" };
        links.push(format!("<{}>; rel=\"prev\"", address(shared, uri, back, *newest)));
        Self(HeaderValue::from_str(&links.join(", ")).ok())
    }
}

/// The address of this request with another cursor: its other parameters stay, its token does not.
fn address(shared: &Shared, uri: &OriginalUri, name: &str, value: i64) -> String {
    const CURSORS: &[&str] = &["max_id", "since_id", "min_id", "access_token", "bearer_token"];
    let kept = url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes())
        .filter(|(key, _)| !CURSORS.contains(&key.as_ref()));
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(kept)
        .append_pair(name, &value.to_string())
        .finish();
    format!("{}{}?{query}", shared.urls.base, uri.path().trim_end_matches('/'))
}

impl IntoResponseParts for Links {
    type Error = ApiError;
    fn into_response_parts(self, mut parts: ResponseParts) -> Result<ResponseParts, ApiError> {
        if let Some(value) = self.0 {
            parts.headers_mut().insert(header::LINK, value);
        }
        Ok(parts)
    }
}

impl IntoResponse for Links {
    fn into_response(self) -> axum::response::Response {
        (self, ()).into_response()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cursor(max: &str, since: &str, min: &str, limit: &str) -> Cursor {
        let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Cursor { max_id: text(max), since_id: text(since), min_id: text(min), limit: text(limit) }
    }

    #[test]
    fn p07_limits_are_clamped_and_nonsense_is_passed_over() {
        assert_eq!(cursor("", "", "", "").page(20), Page::newest(20));
        assert_eq!(cursor("", "", "", "1000000000").page(20).limit, 40);
        assert_eq!(cursor("", "", "", "-5").page(20).limit, 5);
        assert_eq!(cursor("", "", "", "0").page(20).limit, 1);
        assert_eq!(cursor("x", "y", "", "many").page(20), Page::newest(20));
        assert_eq!(cursor("-1", "", "", "").page(20).below, 0);
        let page = cursor("50", "", "10", "").page(20);
        assert_eq!((page.below, page.above, page.from_oldest), (50, 10, true));
    }
}
