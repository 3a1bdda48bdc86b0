//! Whether HTML is as [`super::clean`] leaves it: one pass over the text, no tree. It knows nothing
//! of HTML but the few forms that the cleaner writes; whatever else there is makes it say no.

use super::clean::{ATTRIBUTES, ELEMENTS, REL, SCHEMES};

/// Whether the cleaner could have written this: known elements, closed in order, known attributes in
/// double quotes, links that lead somewhere harmless, everything else escaped.
#[must_use]
pub fn is_clean(html: &str) -> bool {
    let mut open: Vec<&str> = Vec::new();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        let (text, tag) = rest.split_at(at);
        if !is_text(text) {
            return false;
        }
        let Some((tag, behind)) = tag.get(1..).and_then(|tag| tag.split_once('>')) else {
            return false;
        };
        rest = behind;
        match tag.strip_prefix('/') {
            Some(name) if open.pop() == Some(name) => {}
            Some(_) => return false,
            None if tag == "br" => {}
            None => match opening(tag) {
                // A link inside of a link is read as two beside each other.
                Some("a") if open.contains(&"a") => return false,
                Some(name) => open.push(name),
                None => return false,
            },
        }
    }
    open.is_empty() && is_text(rest)
}

/// The name of an opening tag whose attributes are all in order.
fn opening(tag: &str) -> Option<&str> {
    let (name, mut rest) = tag.split_at(tag.find(' ').unwrap_or(tag.len()));
    if name == "br" || !ELEMENTS.contains(&name) {
        return None;
    }
    let mut seen: Vec<&str> = Vec::new();
    while !rest.is_empty() {
        let (attribute, after) = rest.strip_prefix(' ')?.split_once("=\"")?;
        let (value, after) = after.split_once('"')?;
        if seen.contains(&attribute) || !is_attribute(name, attribute, value) {
            return None;
        }
        seen.push(attribute);
        rest = after;
    }
    let is_guarded = name != "a" || (seen.contains(&"rel") && seen.contains(&"target"));
    is_guarded.then_some(name)
}

fn is_attribute(element: &str, name: &str, value: &str) -> bool {
    let allowed = |names: &[&str]| names.contains(&name);
    let known = ATTRIBUTES.iter().any(|(tag, names)| *tag == element && allowed(names));
    match (element, name) {
        ("a", "rel") => value == REL,
        ("a", "target") => value == "_blank",
        (_, "href") if known => is_escaped(value) && is_address(value),
        (_, "translate") if known => value == "no",
        (_, "class") if known => !value.is_empty() && value.split(' ').all(is_class),
        (_, "start" | "value") if known => is_number(value),
        (_, "reversed") if known => value.is_empty(),
        _ => false,
    }
}

/// Text between tags: nothing in it could begin something.
fn is_text(text: &str) -> bool {
    !text.contains(['>', '\0']) && is_escaped(text)
}

/// Every `&` begins one of the entities that the serialiser or [`super::escape`] writes: what this
/// server puts around cleaned HTML is clean as well.
fn is_escaped(text: &str) -> bool {
    const ENTITIES: &[&str] = &["amp;", "lt;", "gt;", "quot;", "nbsp;", "#39;"];
    text.split('&').skip(1).all(|after| ENTITIES.iter().any(|entity| after.starts_with(entity)))
}

/// Whether a link may lead there. The scheme is compared as it stands: nothing is decoded, and
/// nothing is in it that browsers would take out.
pub(super) fn is_address(address: &str) -> bool {
    let Some((scheme, rest)) = address.split_once(':') else { return false };
    let known = SCHEMES.iter().any(|known| scheme.eq_ignore_ascii_case(known));
    let is_web = scheme.to_ascii_lowercase().starts_with("http");
    known
        && address.len() <= 4_096
        && (!is_web || (rest.starts_with("//") && rest.len() > 2))
        && !address.contains(|c: char| {
            c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '"' | '\\')
        })
}

/// Microformats and the few names that clients know.
pub(super) fn is_class(class: &str) -> bool {
    const NAMES: &[&str] = &["mention", "hashtag", "ellipsis", "invisible", "quote-inline"];
    const PREFIXES: &[&str] = &["h-", "p-", "u-", "dt-", "e-"];
    let is_microformat = PREFIXES.iter().any(|prefix| class.starts_with(prefix))
        && class.len() <= 64
        && class.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    is_microformat || NAMES.contains(&class)
}

/// A whole number of a list.
pub(super) fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    (1..=9).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
}
