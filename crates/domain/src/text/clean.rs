//! HTML of other servers (M01): one allow-list, Mastodon's. [`clean`] makes what is stored,
//! [`shown`] makes sure of it again when it is shown, [`strip`] leaves the words alone.
//!
//! The parser of browsers does the reading, so that nobody reads it otherwise than we did. It is
//! given only what it can read in time: tags and entities are counted, and elements that are opened
//! anew in each paragraph lose their attributes before, because each different one would multiply.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use ammonia::{Builder, UrlRelative};

use super::clean_check::{is_address, is_class, is_clean, is_number};
use super::plain;

/// Longest HTML that is read, in bytes; the rest is cut off.
const LONGEST: usize = 256 * 1_024;
/// Most tags; what has more loses all of them.
const MOST_TAGS: usize = 8_000;

/// Longest tag; a longer one, such as a picture with all its bytes inside, is left out. The parser
/// compares each attribute with all before it.
const LONGEST_TAG: usize = 6 * 1_024;
/// Most `&` that begin no number: the parser takes longer for each the more there were before.
const MOST_NAMED: usize = 4_000;

/// Elements that stay.
pub(super) const ELEMENTS: &[&str] = &[
    "p",
    "br",
    "span",
    "a",
    "del",
    "s",
    "pre",
    "blockquote",
    "code",
    "b",
    "strong",
    "u",
    "sub",
    "sup",
    "i",
    "em",
    "ul",
    "ol",
    "li",
    "ruby",
    "rt",
    "rp",
];
/// Attributes that stay, beside `rel` and `target` of links, which are ours.
pub(super) const ATTRIBUTES: &[(&str, &[&str])] = &[
    ("a", &["href", "class", "translate"]),
    ("span", &["class", "translate"]),
    ("p", &["class"]),
    ("ol", &["start", "reversed"]),
    ("li", &["value"]),
];
/// Where links may lead.
pub(super) const SCHEMES: &[&str] =
    &["http", "https", "dat", "dweb", "ipfs", "ipns", "ssb", "gopher", "xmpp", "magnet", "gemini"];
/// What every link says: nobody gains by it, and the target learns nothing of the page.
pub(super) const REL: &str = "nofollow noopener";
/// Elements that go with all that is in them.
const GONE: &[&str] = &[
    "script",
    "style",
    "template",
    "iframe",
    "noscript",
    "noembed",
    "noframes",
    "object",
    "embed",
    "svg",
    "math",
    "title",
    "textarea",
    "select",
    "xmp",
    "plaintext",
    "audio",
    "video",
    "canvas",
    "head",
    "frameset",
];
/// Elements that the parser opens anew in each paragraph until they are closed. None of them has an
/// attribute that stays.
const REOPENED: &[&str] =
    &["b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"];

/// Safe HTML from HTML of another server, for statuses, biographies and fields. Headings become bold
/// paragraphs, other elements leave their text.
#[must_use]
pub fn clean(html: &str) -> String {
    let html = cut(html, LONGEST);
    if named_references(html) > MOST_NAMED {
        return without_tags(html);
    }
    let Some(tame) = tame(html) else { return without_tags(html) };
    let cleaned = CLEANER.clean(&tame).to_string();
    if is_clean(&cleaned) { cleaned } else { without_tags(html) }
}

/// The words of HTML from another server, for search, names and previews. Not HTML: escape it.
#[must_use]
pub fn strip(html: &str) -> String {
    plain(&clean(html))
}

/// Stored HTML as it may be shown: the same unless it is not as [`clean`] leaves it.
#[must_use]
pub fn shown(html: &str) -> Cow<'_, str> {
    if is_clean(html) { Cow::Borrowed(html) } else { Cow::Owned(clean(html)) }
}

static CLEANER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = Builder::empty();
    let attributes: HashMap<&str, HashSet<&str>> =
        ATTRIBUTES.iter().map(|(tag, names)| (*tag, names.iter().copied().collect())).collect();
    builder
        .tags(ELEMENTS.iter().copied().collect())
        .clean_content_tags(GONE.iter().copied().collect())
        .tag_attributes(attributes)
        .generic_attributes(HashSet::new())
        .url_schemes(SCHEMES.iter().copied().collect())
        .url_relative(UrlRelative::Deny)
        .link_rel(Some(REL))
        .set_tag_attribute_value("a", "target", "_blank")
        .attribute_filter(|_, name, value| attribute(name, value));
    builder
});

/// The value of an attribute as it may stay.
fn attribute<'v>(name: &str, value: &'v str) -> Option<Cow<'v, str>> {
    match name {
        "rel" | "target" => Some(Cow::Borrowed(value)),
        "href" => Some(value.trim()).filter(|address| is_address(address)).map(Cow::Borrowed),
        "translate" => (value == "no").then_some(Cow::Borrowed(value)),
        "class" => {
            let known: Vec<&str> =
                value.split_ascii_whitespace().filter(|class| is_class(class)).take(16).collect();
            (!known.is_empty()).then(|| Cow::Owned(known.join(" ")))
        }
        "start" | "value" => Some(value.trim()).filter(|n| is_number(n)).map(Cow::Borrowed),
        "reversed" => Some(Cow::Borrowed("")),
        _ => None,
    }
}

fn cut(html: &str, longest: usize) -> &str {
    let mut end = html.len().min(longest);
    while !html.is_char_boundary(end) {
        end -= 1;
    }
    html.get(..end).unwrap_or_default()
}

fn named_references(html: &str) -> usize {
    let is_number = |after: &str| {
        after
            .strip_prefix('#')
            .is_some_and(|n| n.starts_with(|c: char| c == 'x' || c.is_ascii_digit()))
    };
    html.split('&').skip(1).filter(|after| !is_number(after)).count()
}

/// The same HTML with headings as bold paragraphs and nothing in it that would take the parser long.
/// `None` when it has too many tags.
fn tame(html: &str) -> Option<String> {
    let mut result = String::with_capacity(html.len() + 64);
    let mut tags = 0;
    let mut rest = html;
    while let Some((text, from)) = split_at(rest, '<') {
        result.push_str(text);
        tags += 1;
        if tags > MOST_TAGS {
            return None;
        }
        let inside = from.get(1..).unwrap_or_default();
        let (closing, inside) = match inside.strip_prefix('/') {
            Some(inside) => ("/", inside),
            None => ("", inside),
        };
        let end = inside.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(inside.len());
        let (name, attributes) = inside.split_at(end);
        let name = name.to_ascii_lowercase();
        let is_whole = attributes.starts_with([' ', '\t', '\n', '\r', '\u{c}', '/', '>']);
        if is_whole && is_heading(&name) {
            result.push_str(if closing.is_empty() { "<p><strong>" } else { "</strong></p>" });
            rest = behind_tag(attributes);
        } else if is_whole && REOPENED.contains(&name.as_str()) {
            result.push_str(&format!("<{closing}{name}>"));
            rest = behind_tag(attributes);
        } else if !name.is_empty() && is_too_long(attributes) {
            rest = behind_tag(attributes);
        } else {
            result.push('<');
            rest = from.get(1..).unwrap_or_default();
        }
    }
    result.push_str(rest);
    Some(result)
}

fn is_heading(name: &str) -> bool {
    matches!(name.as_bytes(), [b'h', b'1'..=b'6'])
}

/// Whether the end of a tag is further away than is looked for. Not looking further keeps this from
/// reading the same letters for each `<` among them.
fn is_too_long(attributes: &str) -> bool {
    let near = cut(attributes, LONGEST_TAG);
    near.len() < attributes.len() && end_of_tag(near).is_none()
}

/// What follows the tag whose attributes these are.
fn behind_tag(attributes: &str) -> &str {
    end_of_tag(attributes).and_then(|end| attributes.get(end + 1..)).unwrap_or_default()
}

/// Where the `>` stands that ends a tag. One that stands in quotes does not.
fn end_of_tag(attributes: &str) -> Option<usize> {
    let mut quote = None;
    let mut before = ' ';
    for (at, letter) in attributes.char_indices() {
        match quote {
            Some(open) if letter == open => quote = None,
            Some(_) => {}
            None if matches!(letter, '"' | '\'') && before == '=' => quote = Some(letter),
            None if letter == '>' => return Some(at),
            None => {}
        }
        before = letter;
    }
    None
}

fn split_at(text: &str, letter: char) -> Option<(&str, &str)> {
    text.find(letter).map(|at| text.split_at(at))
}

/// The last resort: text between what looks like tags, in one paragraph.
fn without_tags(html: &str) -> String {
    let text = plain(html);
    let text = text.trim();
    if text.is_empty() {
        return String::new();
    }
    // The serialiser escapes only these four, and it is its output that `is_clean` knows.
    let text = text
        .replace('\0', "")
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('\u{a0}', "&nbsp;");
    format!("<p>{text}</p>")
}
