//! Finds links, mentions and hashtags in what somebody typed.

use linkify::{LinkFinder, LinkKind};

use super::tag::{fold_tag, is_tag_char};

/// A stretch of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece<'t> {
    /// Nothing special.
    Text(&'t str),
    /// A web address.
    Link(&'t str),
    /// `@name` or `@name@domain`.
    Mention {
        /// The name, as typed.
        username: &'t str,
        /// The domain, as typed.
        domain: Option<&'t str>,
        /// All of it.
        source: &'t str,
    },
    /// `#name`, here without the `#`.
    Hashtag(&'t str),
}

/// Cuts a text into pieces; put together again they are the text. Linear in its length.
#[must_use]
pub fn parse(text: &str) -> Vec<Piece<'_>> {
    let mut finder = LinkFinder::new();
    finder.kinds(&[LinkKind::Url]);
    let mut pieces = Vec::new();
    for span in finder.spans(text) {
        let is_web = span.as_str().starts_with("http://") || span.as_str().starts_with("https://");
        match span.kind() {
            Some(LinkKind::Url) if is_web => pieces.push(Piece::Link(span.as_str())),
            _ => words(text, span.start(), span.end(), &mut pieces),
        }
    }
    pieces
}

/// Looks for mentions and hashtags between two byte positions of the whole text, which are
/// character boundaries: the character before decides whether one can begin.
fn words<'t>(text: &'t str, start: usize, end: usize, pieces: &mut Vec<Piece<'t>>) {
    let Some(stretch) = text.get(start..end) else { return };
    let mut before = text.get(..start).and_then(|head| head.chars().next_back());
    let mut plain_from = 0;
    let mut skip_to = 0;
    for (at, c) in stretch.char_indices() {
        if at >= skip_to
            && matches!(c, '@' | '#')
            && may_begin(before)
            && let Some(rest) = stretch.get(at..)
            && let Some((piece, length)) = if c == '@' { mention(rest) } else { hashtag(rest) }
        {
            push_text(stretch.get(plain_from..at), pieces);
            pieces.push(piece);
            skip_to = at + length;
            plain_from = skip_to;
        }
        before = Some(c);
    }
    push_text(stretch.get(plain_from..), pieces);
}

fn push_text<'t>(text: Option<&'t str>, pieces: &mut Vec<Piece<'t>>) {
    if let Some(text) = text.filter(|text| !text.is_empty()) {
        pieces.push(Piece::Text(text));
    }
}

fn may_begin(before: Option<char>) -> bool {
    before.is_none_or(|c| !c.is_alphanumeric() && !matches!(c, '_' | '/' | '=' | '@' | '#' | '&'))
}

fn mention(rest: &str) -> Option<(Piece<'_>, usize)> {
    let name =
        leading(rest.get(1..)?, |c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-'));
    let name = name.trim_end_matches(['.', '-']);
    if name.is_empty() || name.starts_with(['.', '-']) {
        return None;
    }
    let name_end = 1 + name.len();
    let domain = rest
        .get(name_end..)?
        .strip_prefix('@')
        .map(|after| leading(after, |c| c.is_alphanumeric() || matches!(c, '.' | '-' | ':')))
        .map(|domain| domain.trim_end_matches(['.', '-', ':']))
        .filter(|domain| !domain.is_empty() && !domain.starts_with(['.', '-', ':']));
    let length = name_end + domain.map_or(0, |domain| 1 + domain.len());
    Some((Piece::Mention { username: name, domain, source: rest.get(..length)? }, length))
}

fn hashtag(rest: &str) -> Option<(Piece<'_>, usize)> {
    let name = leading(rest.get(1..)?, is_tag_char);
    let name = name.trim_end_matches(['\u{00B7}', '\u{30FB}', '\u{200C}']);
    fold_tag(name)?;
    Some((Piece::Hashtag(name), 1 + name.len()))
}

fn leading(text: &str, accept: impl Fn(char) -> bool) -> &str {
    let end = text.find(|c| !accept(c)).unwrap_or(text.len());
    text.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn source<'t>(piece: &Piece<'t>) -> String {
        match piece {
            Piece::Text(text) | Piece::Link(text) => (*text).to_owned(),
            Piece::Mention { source, .. } => (*source).to_owned(),
            Piece::Hashtag(name) => format!("#{name}"),
        }
    }

    #[test]
    fn finds_what_people_write() {
        assert_eq!(
            parse("Hi @bob, and @eve@ex.test. #Rust! see https://a.test/@bob#x (#tag) a@b.c #123"),
            vec![
                Piece::Text("Hi "),
                Piece::Mention { username: "bob", domain: None, source: "@bob" },
                Piece::Text(", and "),
                Piece::Mention { username: "eve", domain: Some("ex.test"), source: "@eve@ex.test" },
                Piece::Text(". "),
                Piece::Hashtag("Rust"),
                Piece::Text("! see "),
                Piece::Link("https://a.test/@bob#x"),
                Piece::Text(" ("),
                Piece::Hashtag("tag"),
                Piece::Text(") a@b.c #123"),
            ]
        );
    }

    #[test]
    fn ports_belong_to_the_domain_of_a_mention() {
        assert_eq!(
            parse("@bob@localhost:3000: hi").first(),
            Some(&Piece::Mention {
                username: "bob",
                domain: Some("localhost:3000"),
                source: "@bob@localhost:3000"
            })
        );
    }

    proptest! {
        #[test]
        fn p05_any_text_is_its_pieces(text in "\\PC{0,80}|[@#a:/. \\n]{0,40}") {
            let back: String = parse(&text).iter().map(source).collect();
            prop_assert_eq!(back, text);
        }
    }
}
