//! `tag`: mentions, hashtags, custom emoji and links to quoted posts.

use super::limits::{NAME, SHORTCODE, TAG_ENTRIES, TAGS};
use super::media_type::is_activity_type;
use super::view::View;
use crate::{Emoji, HashtagTag, MentionTag, Uri};

/// Mentioned actors.
pub(super) fn mentions(object: View<'_>) -> Vec<MentionTag> {
    tags(object, "Mention")
        .filter_map(|tag| {
            Some(MentionTag { href: tag.uri("href")?, name: tag.short("name", NAME) })
        })
        .take(TAGS)
        .collect()
}

/// Hashtags.
pub(super) fn hashtags(object: View<'_>) -> Vec<HashtagTag> {
    tags(object, "Hashtag").filter_map(hashtag).take(TAGS).collect()
}

/// One hashtag.
pub(super) fn hashtag(tag: View<'_>) -> Option<HashtagTag> {
    let name = tag.short("name", 256)?;
    let name = name.trim().trim_start_matches('#');
    (!name.is_empty()).then(|| HashtagTag { name: name.to_owned(), href: tag.uri("href") })
}

/// Custom emoji with a picture.
pub(super) fn emojis(object: View<'_>) -> Vec<Emoji> {
    tags(object, "Emoji").filter_map(emoji).take(TAGS).collect()
}

/// The quoted post, as a link to an object (FEP-e232).
pub(super) fn quote_link(note: View<'_>) -> Option<Uri> {
    const RELATION: &str = "https://misskey-hub.net/ns#_misskey_quote";
    tags(note, "Link")
        .find(|tag| {
            tag.list("rel").iter().any(|rel| rel.as_str() == Some(RELATION))
                || tag.text("mediaType").is_some_and(is_activity_type)
        })
        .and_then(|tag| tag.uri("href"))
}

fn tags<'v>(object: View<'v>, kind: &'static str) -> impl Iterator<Item = View<'v>> {
    object.objects("tag").take(TAG_ENTRIES).filter(move |tag| tag.is(kind))
}

fn emoji(tag: View<'_>) -> Option<Emoji> {
    let name = tag.text("name")?;
    let shortcode = name.trim().trim_matches(':');
    let is_shortcode = (1..=SHORTCODE).contains(&shortcode.len())
        && shortcode
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'+' | b'.'));
    let icon = tag.object("icon");
    let url = icon.and_then(|icon| icon.uri("url")).or_else(|| tag.uri("icon"))?;
    is_shortcode.then(|| Emoji {
        id: tag.uri("id"),
        shortcode: shortcode.to_owned(),
        url,
        updated: tag.time("updated"),
    })
}
