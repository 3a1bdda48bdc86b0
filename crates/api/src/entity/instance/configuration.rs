//! What may be done on the server, and how much of it.

use config::Config;
use domain::status::Format;
use serde::Serialize;

use super::{Facts, Render};

/// `configuration` of <https://docs.joinmastodon.org/entities/Instance/>
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Configuration {
    urls: Urls,
    vapid: Vapid,
    accounts: Accounts,
    statuses: Statuses,
    media_attachments: MediaLimits,
    polls: Polls,
    translation: Translation,
    timelines_access: TimelinesAccess,
    limited_federation: bool,
}

/// What of it the first version shows.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct V1Configuration {
    accounts: Accounts,
    statuses: Statuses,
    media_attachments: MediaLimits,
    polls: Polls,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Urls {
    streaming: String,
    status: Option<String>,
    about: String,
    privacy_policy: String,
    terms_of_service: Option<String>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Vapid {
    public_key: String,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Accounts {
    max_featured_tags: i64,
    max_pinned_statuses: i64,
    max_profile_fields: i64,
    profile_field_name_limit: i64,
    profile_field_value_limit: i64,
    max_display_name_length: i64,
    max_note_length: i64,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Statuses {
    max_characters: usize,
    max_media_attachments: usize,
    characters_reserved_per_url: usize,
    /// Not Mastodon's: what `content_type` takes, as others tell it.
    supported_mime_types: Vec<&'static str>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct MediaLimits {
    supported_mime_types: Vec<&'static str>,
    description_limit: i64,
    image_size_limit: u64,
    image_matrix_limit: u64,
    video_size_limit: u64,
    video_frame_rate_limit: i64,
    video_matrix_limit: i64,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Polls {
    max_options: i64,
    max_characters_per_option: i64,
    min_expiration: i64,
    max_expiration: i64,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Translation {
    enabled: bool,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct TimelinesAccess {
    live_feeds: Feeds,
    hashtag_feeds: Feeds,
    trending_link_feeds: Feeds,
}

/// Who may read a timeline.
#[derive(Clone, Copy, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Feeds {
    local: &'static str,
    remote: &'static str,
}

impl Configuration {
    pub fn render(facts: &Facts<'_>, render: &Render<'_>) -> Self {
        let base = render.urls.base.as_str();
        let feeds = Feeds { local: "public", remote: "public" };
        let terms = facts.about.terms.as_ref().map(|_| format!("{base}/terms-of-service"));
        Self {
            urls: Urls {
                streaming: render.urls.streaming.clone(),
                status: None,
                about: format!("{base}/about"),
                privacy_policy: format!("{base}/privacy-policy"),
                terms_of_service: terms,
            },
            vapid: Vapid { public_key: facts.vapid_key.to_owned() },
            accounts: accounts(),
            statuses: statuses(facts.config),
            media_attachments: media(facts.config),
            polls: polls(),
            translation: Translation { enabled: false },
            timelines_access: TimelinesAccess {
                live_feeds: feeds,
                hashtag_feeds: feeds,
                trending_link_feeds: feeds,
            },
            limited_federation: false,
        }
    }
}

impl V1Configuration {
    pub fn render(config: &Config) -> Self {
        Self {
            accounts: accounts(),
            statuses: statuses(config),
            media_attachments: media(config),
            polls: polls(),
        }
    }
}

fn accounts() -> Accounts {
    Accounts {
        max_featured_tags: 10,
        max_pinned_statuses: 5,
        max_profile_fields: 4,
        profile_field_name_limit: 255,
        profile_field_value_limit: 255,
        max_display_name_length: 30,
        max_note_length: 500,
    }
}

fn statuses(config: &Config) -> Statuses {
    Statuses {
        max_characters: config.limits.status_characters,
        max_media_attachments: config.limits.status_media,
        characters_reserved_per_url: domain::text::URL_LENGTH,
        supported_mime_types: Format::ALL.map(Format::mime).to_vec(),
    }
}

fn media(config: &Config) -> MediaLimits {
    MediaLimits {
        supported_mime_types: MIME_TYPES.to_vec(),
        description_limit: 1500,
        image_size_limit: config.media.image_bytes,
        image_matrix_limit: config.media.image_pixels,
        video_size_limit: config.media.video_bytes,
        video_frame_rate_limit: 120,
        video_matrix_limit: 8_294_400,
    }
}

fn polls() -> Polls {
    Polls {
        max_options: 4,
        max_characters_per_option: 50,
        min_expiration: 300,
        max_expiration: 2_678_400,
    }
}

/// What may be uploaded, under all names that clients know it by.
const MIME_TYPES: [&str; 24] = [
    "image/jpeg",
    "image/png",
    "image/gif",
    "image/webp",
    "video/webm",
    "video/mp4",
    "video/quicktime",
    "video/ogg",
    "video/3gpp",
    "audio/wave",
    "audio/wav",
    "audio/x-wav",
    "audio/x-pn-wave",
    "audio/vnd.wave",
    "audio/ogg",
    "audio/vorbis",
    "audio/mpeg",
    "audio/mp3",
    "audio/flac",
    "audio/aac",
    "audio/m4a",
    "audio/x-m4a",
    "audio/mp4",
    "audio/3gpp",
];
