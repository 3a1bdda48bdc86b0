//! What other sites and chat programs show for a link to us: OpenGraph and the like.

use crate::view::{AccountView, MediaKind, MediaView, ProfileView, StatusView};

const LONGEST_DESCRIPTION: usize = 280;

/// The contents of the preview tags.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkPreview {
    /// `article` or `profile`.
    pub kind: &'static str,
    /// Who it is by.
    pub title: String,
    /// Plain text, cut at a word.
    pub description: String,
    /// A picture.
    pub image: PreviewImage,
    /// Whether the picture is the content (large) or the author's avatar (small).
    pub large_image: bool,
}

/// The picture of a preview.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreviewImage {
    /// Its address, perhaps a path.
    pub url: String,
    /// Width and height, where known.
    pub size: Option<(u32, u32)>,
    /// Alternative text.
    pub alt: String,
}

impl LinkPreview {
    /// For a post. What a content warning hides stays hidden here, and so do sensitive pictures.
    pub fn of_status(status: &StatusView) -> Self {
        let text = match &status.content_warning {
            Some(warning) => crate::t().content_warning_of(warning),
            None => status.content_text.clone(),
        };
        let hidden = status.sensitive || status.content_warning.is_some();
        let text = match status.media.first() {
            Some(medium) if text.trim().is_empty() && !hidden => medium.label().to_owned(),
            _ => text,
        };
        let picture = status.media.iter().find_map(|medium| preview_of(medium).filter(|_| !hidden));
        Self {
            kind: "article",
            title: name_and_handle(&status.author),
            description: clip(&text),
            large_image: picture.is_some(),
            image: picture.unwrap_or_else(|| avatar_of(&status.author)),
        }
    }

    /// For a profile.
    pub fn of_profile(profile: &ProfileView) -> Self {
        Self {
            kind: "profile",
            title: name_and_handle(&profile.account),
            description: clip(&profile.bio_text),
            large_image: false,
            image: avatar_of(&profile.account),
        }
    }
}

fn name_and_handle(account: &AccountView) -> String {
    format!("{} ({})", account.display_name, account.handle)
}

fn preview_of(medium: &MediaView) -> Option<PreviewImage> {
    let url = match (medium.kind, &medium.preview_url) {
        (MediaKind::Image, _) => medium.picture().to_owned(),
        (MediaKind::Animation | MediaKind::Video, Some(still)) => still.clone(),
        (MediaKind::Animation | MediaKind::Video | MediaKind::Audio | MediaKind::Other, _) => {
            return None;
        }
    };
    Some(PreviewImage { url, size: Some(medium.size), alt: medium.alt().to_owned() })
}

fn avatar_of(account: &AccountView) -> PreviewImage {
    PreviewImage { url: account.avatar_url.clone(), size: None, alt: String::new() }
}

/// One line of at most `LONGEST_DESCRIPTION` characters, cut between words where possible.
fn clip(text: &str) -> String {
    let mut line = String::new();
    let mut length = 0;
    for word in text.split_whitespace() {
        let space = usize::from(length > 0);
        let room = LONGEST_DESCRIPTION.saturating_sub(length + space);
        if word.chars().count() > room {
            if length == 0 {
                line.extend(word.chars().take(room));
            }
            line.push('…');
            break;
        }
        if space == 1 {
            line.push(' ');
        }
        line.push_str(word);
        length += space + word.chars().count();
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_text_is_cut_between_words() {
        assert_eq!(clip(" one\n two "), "one two");
        let long = "word ".repeat(100);
        let cut = clip(&long);
        assert!(cut.ends_with("word…") && cut.chars().count() <= LONGEST_DESCRIPTION + 1);
        assert_eq!(clip(&"é".repeat(1000)).chars().count(), LONGEST_DESCRIPTION + 1);
        assert_eq!(clip(""), "");
    }
}
