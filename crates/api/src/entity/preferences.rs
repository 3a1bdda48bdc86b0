//! What a client asks for to behave as its owner likes it.

use domain::account::User;
use serde::Serialize;

/// <https://docs.joinmastodon.org/entities/Preferences/>
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Preferences {
    #[serde(rename = "posting:default:visibility")]
    visibility: &'static str,
    #[serde(rename = "posting:default:sensitive")]
    sensitive: bool,
    #[serde(rename = "posting:default:language")]
    language: Option<String>,
    #[serde(rename = "posting:default:quote_policy")]
    quote_policy: String,
    /// Not Mastodon's.
    #[serde(rename = "posting:default:content_type")]
    content_type: &'static str,
    #[serde(rename = "reading:expand:media")]
    media: &'static str,
    #[serde(rename = "reading:expand:spoilers")]
    spoilers: bool,
    #[serde(rename = "reading:autoplay:gifs")]
    gifs: bool,
}

impl Preferences {
    pub fn render(user: &User) -> Self {
        Self {
            visibility: user.default_visibility.name(),
            sensitive: user.default_sensitive,
            language: user.default_language.clone(),
            quote_policy: user.default_quote_policy.clone(),
            content_type: user.default_format.mime(),
            media: "default",
            spoilers: false,
            gifs: false,
        }
    }
}
