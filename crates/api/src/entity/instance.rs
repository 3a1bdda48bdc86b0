//! What the server says of itself, in both versions.

use app::domain_rules::Severity;
use app::house_rules;
use app::instance::{About, Counts, Week};
use config::{Config, RegistrationsMode};
use domain::status::Format;
use serde::Serialize;
use serde_json::{Value, json};

use super::{Account, Render};

/// The version of Mastodon whose API this is; clients read the numbers up to the first other
/// character.
pub(crate) const VERSION: &str =
    concat!("4.5.0 (compatible; tuskling ", env!("CARGO_PKG_VERSION"), ")");

/// What the rendering of an instance needs.
pub(crate) struct Facts<'a> {
    pub about: &'a About,
    pub rules: &'a [house_rules::Rule],
    pub counts: Counts,
    pub config: &'a Config,
    pub vapid_key: &'a str,
}

/// A week; numbers are text, as Mastodon writes them.
#[derive(Serialize)]
pub(crate) struct Activity {
    week: String,
    statuses: String,
    logins: String,
    registrations: String,
}

impl Activity {
    pub fn render(week: &Week) -> Self {
        Self {
            week: week.start.seconds().to_string(),
            statuses: week.statuses.to_string(),
            logins: week.logins.to_string(),
            registrations: week.registrations.to_string(),
        }
    }
}

/// <https://docs.joinmastodon.org/entities/Instance_DomainBlock/>
#[derive(Serialize)]
pub(crate) struct DomainBlock {
    domain: String,
    digest: String,
    severity: &'static str,
    comment: String,
}

impl DomainBlock {
    /// The rules that people notice, the hardest first.
    pub fn all(rules: &[app::domain_rules::Rule]) -> Vec<Self> {
        let mut shown: Vec<_> =
            rules.iter().filter(|rule| rule.severity != Severity::Noop).collect();
        shown.sort_by_key(|rule| std::cmp::Reverse(rule.severity));
        shown.into_iter().map(Self::render).collect()
    }

    fn render(rule: &app::domain_rules::Rule) -> Self {
        Self {
            domain: if rule.obfuscate { starred(&rule.domain) } else { rule.domain.clone() },
            digest: app::domain_rules::digest(&rule.domain),
            severity: rule.severity.name(),
            comment: rule.public_comment.clone(),
        }
    }
}

/// A name with stars in its middle half; the dots stay.
fn starred(domain: &str) -> String {
    let length = domain.chars().count();
    let edge = length / 4;
    let hide = |(at, letter): (usize, char)| {
        let is_edge = at <= edge || at >= length - edge;
        if is_edge || letter == '.' { letter } else { '*' }
    };
    domain.chars().enumerate().map(hide).collect()
}

/// <https://docs.joinmastodon.org/entities/Rule/>
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Rule {
    pub(super) id: String,
    text: String,
    hint: String,
    translations: Value,
}

impl Rule {
    /// The house rules, in order.
    pub fn all(rules: &[house_rules::Rule]) -> Vec<Self> {
        let render = |rule: &house_rules::Rule| Self {
            id: rule.id.to_string(),
            text: rule.text.clone(),
            hint: rule.hint.clone(),
            translations: json!({}),
        };
        rules.iter().map(render).collect()
    }
}

/// <https://docs.joinmastodon.org/entities/Instance/>
pub(crate) fn instance(facts: &Facts<'_>, render: &Render<'_>) -> Value {
    let (about, config, base) = (facts.about, facts.config, render.urls.base.as_str());
    let mode = config.registrations.mode;
    json!({
        "domain": render.urls.domain,
        "title": about.title,
        "version": VERSION,
        // The page that says what this server runs; clients insist on an address.
        "source_url": format!("{base}/about"),
        "description": about.description,
        "usage": { "users": { "active_month": facts.counts.active_month } },
        "thumbnail": { "url": thumbnail(about, render), "blurhash": null, "versions": {}, "description": null },
        "icon": [],
        "languages": config.instance.languages,
        "configuration": configuration(facts, render),
        "registrations": {
            "enabled": mode != RegistrationsMode::Closed,
            "approval_required": mode == RegistrationsMode::Approval,
            "reason_required": mode == RegistrationsMode::Approval,
            "message": message(config),
            "min_age": null,
            "url": null,
        },
        "api_versions": { "mastodon": 7 },
        "contact": { "email": about.contact_email, "account": contact(about, render) },
        "rules": Rule::all(facts.rules),
    })
}

/// <https://docs.joinmastodon.org/entities/V1_Instance/>
pub(crate) fn v1_instance(facts: &Facts<'_>, render: &Render<'_>) -> Value {
    let (about, config) = (facts.about, facts.config);
    let mode = config.registrations.mode;
    json!({
        "uri": render.urls.domain,
        "title": about.title,
        "short_description": about.description,
        "description": about.description,
        "email": about.contact_email,
        "version": VERSION,
        "urls": { "streaming_api": render.urls.streaming },
        "stats": {
            "user_count": facts.counts.users,
            "status_count": facts.counts.statuses,
            "domain_count": facts.counts.domains,
        },
        "thumbnail": thumbnail(about, render),
        "languages": config.instance.languages,
        "registrations": mode != RegistrationsMode::Closed,
        "approval_required": mode == RegistrationsMode::Approval,
        "invites_enabled": false,
        "configuration": {
            "accounts": accounts(),
            "statuses": statuses(config),
            "media_attachments": media(config),
            "polls": polls(),
        },
        "contact_account": contact(about, render),
        "rules": Rule::all(facts.rules),
    })
}

fn thumbnail(about: &About, render: &Render<'_>) -> String {
    match &about.banner {
        Some(key) => render.urls.file(key),
        None => format!("{}/assets/header.png", render.urls.base),
    }
}

fn message(config: &Config) -> Option<&str> {
    let text = config.registrations.closed_message.as_str();
    (config.registrations.mode == RegistrationsMode::Closed && !text.is_empty()).then_some(text)
}

fn contact(about: &About, render: &Render<'_>) -> Option<Account> {
    about.contact.as_ref().map(|account| Account::render(account, render))
}

fn configuration(facts: &Facts<'_>, render: &Render<'_>) -> Value {
    let base = render.urls.base.as_str();
    let feeds = || json!({ "local": "public", "remote": "public" });
    json!({
        "urls": {
            "streaming": render.urls.streaming,
            "status": null,
            "about": format!("{base}/about"),
            "privacy_policy": format!("{base}/privacy-policy"),
            "terms_of_service": facts.about.terms.as_ref().map(|_| format!("{base}/terms-of-service")),
        },
        "vapid": { "public_key": facts.vapid_key },
        "accounts": accounts(),
        "statuses": statuses(facts.config),
        "media_attachments": media(facts.config),
        "polls": polls(),
        "translation": { "enabled": false },
        "timelines_access": {
            "live_feeds": feeds(),
            "hashtag_feeds": feeds(),
            "trending_link_feeds": feeds(),
        },
        "limited_federation": false,
    })
}

fn accounts() -> Value {
    json!({
        "max_featured_tags": 10,
        "max_pinned_statuses": 5,
        "max_profile_fields": 4,
        "profile_field_name_limit": 255,
        "profile_field_value_limit": 255,
        "max_display_name_length": 30,
        "max_note_length": 500,
    })
}

fn statuses(config: &Config) -> Value {
    json!({
        "max_characters": config.limits.status_characters,
        "max_media_attachments": config.limits.status_media,
        "characters_reserved_per_url": domain::text::URL_LENGTH,
        // Not Mastodon's: what `content_type` takes, as others tell it.
        "supported_mime_types": Format::ALL.map(Format::mime),
    })
}

fn media(config: &Config) -> Value {
    json!({
        "supported_mime_types": MIME_TYPES,
        "description_limit": 1500,
        "image_size_limit": config.media.image_bytes,
        "image_matrix_limit": config.media.image_pixels,
        "video_size_limit": config.media.video_bytes,
        "video_frame_rate_limit": 120,
        "video_matrix_limit": 8_294_400,
    })
}

fn polls() -> Value {
    json!({
        "max_options": 4,
        "max_characters_per_option": 50,
        "min_expiration": 300,
        "max_expiration": 2_678_400,
    })
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
