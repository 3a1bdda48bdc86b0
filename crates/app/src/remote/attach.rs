//! Files of other servers that hang on their texts: noted, not fetched. Each is asked for when
//! somebody looks at it.

use activitypub::{Attachment, Emoji, Uri};
use domain::account::ForeignEmoji;
use domain::media::{Media, MediaKind, MediaState};
use domain::{AccountId, StatusId, Timestamp};
use serde_json::json;
use store::Conn;

use super::text;
use crate::remote_files::{self, Place};
use crate::{App, Result};

/// Most attachments of a status.
const MOST: usize = 16;
/// Most emoji of a text.
const MOST_EMOJIS: usize = 100;
/// Longest description, in characters (Mastodon takes ten thousand).
const DESCRIPTION: usize = 10_000;

/// The key under which a file of another server is served.
pub(super) async fn refer(app: &App, conn: &mut Conn, url: &Uri) -> Result<Option<String>> {
    Ok(Some(remote_files::refer(app, conn, url.as_str(), Place::Column).await?))
}

/// The emoji that a text uses.
pub(super) async fn emojis(
    app: &App,
    conn: &mut Conn,
    emojis: &[Emoji],
) -> Result<Vec<ForeignEmoji>> {
    let mut kept: Vec<ForeignEmoji> = Vec::new();
    for emoji in emojis.iter().take(MOST_EMOJIS) {
        if kept.iter().any(|known| known.code == emoji.shortcode) {
            continue;
        }
        let key = remote_files::refer(app, conn, emoji.url.as_str(), Place::Text).await?;
        kept.push(ForeignEmoji { code: emoji.shortcode.clone(), key });
    }
    Ok(kept)
}

/// Hangs the files of a note on its status.
pub(super) async fn attach(
    app: &App,
    conn: &mut Conn,
    (author, status): (AccountId, StatusId),
    attachments: &[Attachment],
) -> Result<()> {
    for (position, attachment) in (0_i64..).zip(attachments.iter().take(MOST)) {
        let file_key = refer(app, conn, &attachment.url).await?;
        let preview_key = match &attachment.preview {
            Some(preview) => refer(app, conn, preview).await?,
            None => None,
        };
        let mut media = row(app.ids.next(), author, attachment, app.now());
        media.status_id = Some(status);
        media.position = position;
        media.preview_key =
            preview_key.or_else(|| file_key.clone().filter(|_| media.kind == MediaKind::Image));
        media.file_key = file_key;
        store::media::insert(conn, &media).await?;
    }
    Ok(())
}

/// Whether the files of a note are those that hang on its status.
pub(super) fn are_same(kept: &[Media], attachments: &[Attachment]) -> bool {
    kept.len() == attachments.len().min(MOST)
        && kept.iter().zip(attachments).all(|(media, attachment)| {
            media.remote_url.as_deref() == Some(attachment.url.as_str())
                && media.description == description(attachment)
        })
}

fn description(attachment: &Attachment) -> String {
    let text = attachment.description.as_deref().unwrap_or_default();
    text.chars().filter(|c| !c.is_control() || *c == '\n').take(DESCRIPTION).collect()
}

fn row(id: domain::MediaId, author: AccountId, attachment: &Attachment, now: Timestamp) -> Media {
    let media_type = attachment.media_type.as_deref().unwrap_or_default();
    let (focus_x, focus_y) = attachment.focal_point.map_or((0, 0), focus);
    Media {
        id,
        account_id: author,
        status_id: None,
        kind: kind(media_type),
        state: MediaState::Ready,
        file_key: None,
        content_type: text::line(media_type, 255),
        preview_key: None,
        description: description(attachment),
        focus_x,
        focus_y,
        blurhash: attachment.blurhash.clone().filter(|hash| hash.len() <= 200),
        meta: meta(attachment),
        bytes: 0,
        position: 0,
        created_at: now,
        remote_url: Some(attachment.url.as_str().to_owned()),
    }
}

fn kind(media_type: &str) -> MediaKind {
    match media_type.split('/').next().unwrap_or_default() {
        "image" => MediaKind::Image,
        "video" => MediaKind::Video,
        "audio" => MediaKind::Audio,
        _ => MediaKind::Unknown,
    }
}

/// In ten-thousandths.
fn focus((x, y): (f64, f64)) -> (i64, i64) {
    let part = |value: f64| -> i64 {
        let scaled = (value.clamp(-1.0, 1.0) * 10_000.0).round();
        // Within ±10,000 by now, so that its digits are a small number.
        format!("{scaled:.0}").parse().unwrap_or(0)
    };
    (part(x), part(y))
}

fn meta(attachment: &Attachment) -> String {
    let (Some(width), Some(height)) = (attachment.width, attachment.height) else {
        return "{}".into();
    };
    let side = |value: i64| u32::try_from(value).ok().filter(|value| (1..=65_535).contains(value));
    let (Some(width), Some(height)) = (side(width), side(height)) else { return "{}".into() };
    let side = json!({
        "width": width,
        "height": height,
        "size": format!("{width}x{height}"),
        "aspect": f64::from(width) / f64::from(height),
    });
    json!({ "original": side, "small": side }).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_what_their_type_says_and_numbers_stay_in_their_bounds() {
        assert_eq!(kind("image/webp"), MediaKind::Image);
        assert_eq!(kind("video/mp4"), MediaKind::Video);
        assert_eq!(kind("audio/ogg"), MediaKind::Audio);
        assert_eq!(kind(""), MediaKind::Unknown);
        assert_eq!(focus((0.5, -2.0)), (5_000, -10_000));
        assert_eq!(focus((f64::NAN, f64::INFINITY)), (0, 10_000));
    }
}
