//! Attachments.

use domain::media::{Media, MediaKind, MediaState};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::Render;

/// <https://docs.joinmastodon.org/entities/MediaAttachment/>
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct MediaAttachment {
    id: String,
    #[serde(rename = "type")]
    kind: &'static str,
    url: Option<String>,
    preview_url: Option<String>,
    remote_url: Option<String>,
    preview_remote_url: Option<String>,
    text_url: Option<String>,
    meta: Value,
    description: Option<String>,
    blurhash: Option<String>,
}

impl MediaAttachment {
    pub fn render(media: &Media, render: &Render<'_>) -> Self {
        let ready = media.state == MediaState::Ready;
        let url = media.file_key.as_deref().filter(|_| ready).map(|key| render.urls.file(key));
        let preview =
            media.preview_key.as_deref().filter(|_| ready).map(|key| render.urls.file(key));
        Self {
            id: media.id.to_string(),
            kind: media.kind.name(),
            preview_url: preview.or_else(|| url.clone().filter(|_| media.kind != MediaKind::Audio)),
            url,
            remote_url: media.remote_url.clone(),
            preview_remote_url: None,
            text_url: None,
            meta: meta(media),
            description: (!media.description.is_empty()).then(|| media.description.clone()),
            blurhash: media.blurhash.clone(),
        }
    }
}

/// The stored sizes and lengths, and the point of interest.
fn meta(media: &Media) -> Value {
    // What cannot be read is shown as unknown: clients cope with an empty object.
    let mut meta: Value = serde_json::from_str(&media.meta).unwrap_or_else(|_| json!({}));
    let Value::Object(entries) = &mut meta else { return json!({}) };
    if !matches!(media.kind, MediaKind::Image | MediaKind::Unknown) {
        repeat_length(entries);
    }
    if (media.focus_x, media.focus_y) != (0, 0) {
        let part = |value: i64| f64::from(i32::try_from(value).unwrap_or(0)) / 10_000.0;
        entries
            .insert("focus".into(), json!({ "x": part(media.focus_x), "y": part(media.focus_y) }));
    }
    meta
}

/// Some clients read the numbers of a video one level higher.
fn repeat_length(entries: &mut Map<String, Value>) {
    let Some(Value::Object(original)) = entries.get("original").cloned() else { return };
    let names = [
        ("duration", "duration"),
        ("width", "width"),
        ("height", "height"),
        ("size", "size"),
        ("aspect", "aspect"),
        ("audio_codec", "audio_encode"),
    ];
    for (from, to) in names {
        if let Some(value) = original.get(from) {
            entries.insert(to.into(), value.clone());
        }
    }
}
