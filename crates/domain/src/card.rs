//! Link previews: what another site says of one of its pages, as plain text and addresses.

/// What kind of thing a page is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CardKind {
    /// A page.
    #[default]
    Link,
    /// A picture; its address is in [`Card::embed_url`].
    Photo,
    /// A player; its address is in [`Card::embed_url`].
    Video,
}

impl CardKind {
    /// Its name in Mastodon's API.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Link => "link",
            Self::Photo => "photo",
            Self::Video => "video",
        }
    }
}

/// A link preview. Nothing in it is markup; addresses are http or https, those of players https.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct Card {
    /// The page.
    pub url: String,
    /// Its title; never empty.
    pub title: String,
    /// What it is about.
    pub description: String,
    /// What kind of thing it is about.
    pub kind: CardKind,
    /// Who made it.
    pub author_name: String,
    /// Their page.
    pub author_url: String,
    /// Its site.
    pub provider_name: String,
    /// The site's page.
    pub provider_url: String,
    /// The picture or player itself.
    pub embed_url: String,
    /// Of the picture or player, 0 when unknown.
    pub width: u32,
    /// Of the picture or player, 0 when unknown.
    pub height: u32,
    /// What its picture shows.
    pub image_description: String,
    /// The page's language, ISO 639.
    pub language: Option<String>,
}
