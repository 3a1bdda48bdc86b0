//! WebFinger answers and `host-meta`.

use super::ParseError;
use super::json;
use super::limits::{LINKS, NAME};
use super::media_type::is_activity_type;
use super::view::View;
use crate::{Jrd, Uri};

/// A WebFinger answer (RFC 7033 §4.4).
pub(super) fn jrd(view: View<'_>) -> Result<Jrd, ParseError> {
    const SUBSCRIBE: &str = "http://ostatus.org/schema/1.0/subscribe";
    let links = || view.objects("links").take(LINKS);
    let subject = view
        .text("subject")
        .and_then(acct)
        .ok_or_else(|| ParseError::Shape("WebFinger answer", "no usable subject".to_owned()))?;
    Ok(Jrd {
        subject,
        actor: links()
            .filter(|link| link.text("rel") == Some("self"))
            .filter(|link| link.text("type").is_some_and(is_activity_type))
            .find_map(|link| link.uri("href")),
        subscribe: links()
            .filter(|link| link.text("rel") == Some(SUBSCRIBE))
            .find_map(|link| link.text("template").and_then(template)),
    })
}

/// The template for WebFinger in a `host-meta` document (RFC 6415).
pub(super) fn host_meta(bytes: &[u8]) -> Option<String> {
    if let Ok(map) = json::object(bytes) {
        let view = View::of(&map, "host-meta").ok()?;
        return view
            .objects("links")
            .take(LINKS)
            .filter(|link| link.text("rel") == Some("lrdd"))
            .find_map(|link| link.text("template").and_then(template));
    }
    let text = std::str::from_utf8(bytes).ok()?;
    xml_links(text).into_iter().find_map(|tag| {
        (attribute(tag, "rel").as_deref() == Some("lrdd"))
            .then(|| attribute(tag, "template"))
            .flatten()
            .and_then(|text| template(&text))
    })
}

/// `name@host` of an `acct:` address.
fn acct(subject: &str) -> Option<String> {
    let handle = subject.strip_prefix("acct:")?.trim_start_matches('@');
    let (name, host) = handle.split_once('@')?;
    let plain = handle.len() <= NAME
        && !name.is_empty()
        && Uri::parse(&format!("https://{host}/")).is_some_and(|uri| uri.host() != "")
        && !host.contains(['/', '@', '?', '#'])
        && !handle.contains(|c: char| c.is_whitespace() || c.is_control());
    plain.then(|| handle.to_owned())
}

/// An address with a place for another one.
fn template(text: &str) -> Option<String> {
    let filled = text.replace("{uri}", "x");
    (text.contains("{uri}") && Uri::parse(&filled).is_some()).then(|| text.to_owned())
}

/// The insides of the first `Link` elements. XRD is simple enough to do without an XML library, and
/// an entity or a namespace that this does not know only means that nothing is found.
fn xml_links(text: &str) -> Vec<&str> {
    let mut links = Vec::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once('<') {
        if let Some(comment) = after.strip_prefix("!--") {
            let Some((_, behind)) = comment.split_once("-->") else { break };
            rest = behind;
            continue;
        }
        let Some((tag, behind)) = after.split_once('>') else { break };
        if let Some(inside) = tag.strip_prefix("Link")
            && inside.starts_with(char::is_whitespace)
        {
            links.push(inside);
        }
        if links.len() >= LINKS {
            break;
        }
        rest = behind;
    }
    links
}

fn attribute(tag: &str, wanted: &str) -> Option<String> {
    let mut rest = tag;
    while let Some((name, after)) = rest.split_once('=') {
        let after = after.trim_start();
        let quote = after.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        let (value, behind) = after.get(1..)?.split_once(quote)?;
        if name.trim() == wanted {
            return Some(value.replace("&amp;", "&"));
        }
        rest = behind;
    }
    None
}
