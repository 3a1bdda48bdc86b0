//! The compiled-in files.

use axum::extract::{Path, Request};
use axum::response::{IntoResponse, Response};
use http::header::{self, HeaderName};
use http::{HeaderValue, StatusCode};

use super::answer::Refusal;
use super::posted::Fields;
use crate::assets::{ASSET_HEADERS, Asset, below, lookup};
use crate::pages::Problem;

/// A file below the version of all of them and a language: scripts name each other by their bare names.
pub(super) async fn show_module(
    Path((folder, name)): Path<(String, String)>,
    request: Request,
) -> Result<Response, Refusal> {
    let (asset, version) = below(&folder, &name).ok_or(Refusal::new(Problem::NotFound))?;
    answer(asset, version, &request)
}

pub(super) async fn show(Path(name): Path<String>, request: Request) -> Result<Response, Refusal> {
    let asset = lookup(&name).ok_or(Refusal::new(Problem::NotFound))?;
    let version = Fields::of_query(request.uri()).get("v");
    answer(asset, version, &request)
}

fn answer(asset: Asset, version: Option<String>, request: &Request) -> Result<Response, Refusal> {
    let known = request.headers().get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let mut response = if known == Some(asset.etag().as_str()) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        asset.bytes.into_response()
    };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(asset.content_type));
    let kept = asset.cache_control(version.as_deref());
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(kept));
    if let Ok(etag) = HeaderValue::from_str(&asset.etag()) {
        headers.insert(header::ETAG, etag);
    }
    for (name, value) in ASSET_HEADERS {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    Ok(response)
}
