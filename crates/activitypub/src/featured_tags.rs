//! The hashtags that somebody shows on their profile, as Mastodon lists them: whole objects.

use serde_json::json;

use crate::{HashtagTag, Uri};

/// The collection of an account's featured hashtags.
#[must_use]
pub fn featured_tags(id: &Uri, tags: &[HashtagTag]) -> String {
    let items: Vec<_> = tags
        .iter()
        .map(|tag| {
            json!({
                "type": "Hashtag",
                "href": tag.href.as_ref().map(Uri::as_str),
                "name": format!("#{}", tag.name),
            })
        })
        .collect();
    json!({
        "@context": [
            "https://www.w3.org/ns/activitystreams",
            { "Hashtag": "as:Hashtag" },
        ],
        "id": id.as_str(),
        "type": "Collection",
        "totalItems": items.len(),
        "items": items,
    })
    .to_string()
}
