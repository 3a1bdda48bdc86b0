//! Shortcodes of custom emoji, `:like_this:`.

/// The distinct shortcodes that stand in `text`: two to 128 letters, digits or underscores between
/// colons. Capped at 100, so that a hostile text cannot ask for more.
#[must_use]
pub fn shortcodes(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut pieces = text.split(':');
    pieces.next();
    let mut pieces = pieces.peekable();
    while let Some(piece) = pieces.next() {
        // The last piece has no colon behind it.
        if pieces.peek().is_none() || found.len() >= 100 {
            break;
        }
        if is_shortcode(piece) && !found.iter().any(|known| known == piece) {
            found.push(piece.to_owned());
        }
    }
    found
}

/// Whether `text` can be the name of an emoji of this server.
#[must_use]
pub fn is_shortcode(text: &str) -> bool {
    (2..=128).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shortcodes_stand_between_colons() {
        assert_eq!(
            shortcodes("hi :blob_cat::wave: at 10:30:00 :blob_cat: :no way:"),
            ["blob_cat", "wave", "30"]
        );
        assert!(shortcodes("none").is_empty());
        assert!(shortcodes(":open").is_empty());
    }
}
