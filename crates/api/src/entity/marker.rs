//! How far somebody has read. <https://docs.joinmastodon.org/entities/Marker/>

use serde::Serialize;

/// The place in one timeline.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Marker {
    last_read_id: String,
    version: i64,
    updated_at: String,
}

impl Marker {
    pub fn render(marker: &app::markers::Marker) -> Self {
        Self {
            last_read_id: marker.last_read_id.to_string(),
            version: marker.version,
            updated_at: marker.updated_at.rfc3339(),
        }
    }
}
