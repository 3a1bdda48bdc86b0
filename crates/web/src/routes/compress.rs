//! Text is sent compressed. The keys of forms are different in each page (see `visitor`), so their
//! length under compression tells nothing about them.

use http::{Extensions, HeaderMap, StatusCode, Version, header};
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{And, Predicate, SizeAbove};

type IsText = fn(StatusCode, Version, &HeaderMap, &Extensions) -> bool;

/// Compresses pages, styles and scripts; pictures are small already, and streams must not wait.
pub(super) fn layer() -> CompressionLayer<And<SizeAbove, IsText>> {
    // Less fits into one packet anyway.
    let long = SizeAbove::new(1_200).and(is_text as IsText);
    CompressionLayer::new().quality(CompressionLevel::Default).compress_when(long)
}

fn is_text(_: StatusCode, _: Version, headers: &HeaderMap, _: &Extensions) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let kind = kind.unwrap_or_default().split(';').next().unwrap_or_default().trim();
    matches!(
        kind,
        "text/html"
            | "text/css"
            | "text/javascript"
            | "image/svg+xml"
            | "application/atom+xml"
            | "application/rss+xml"
            | "application/manifest+json"
    )
}
