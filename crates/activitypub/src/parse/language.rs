//! Which language a text is in, as far as the document says.

use serde_json::Value;

use super::view::View;

/// The language of a post: the one in `contentMap` whose text is its content, else the one that
/// PeerTube, Lemmy and Mobilizon put into fields of their own, else the one that `@context` names.
pub(super) fn of(note: View<'_>, content: Option<&str>) -> Option<String> {
    let map = note.object("contentMap");
    let from_map = map.and_then(|map| {
        let mut entries = map.entries().take(16);
        match content {
            Some(content) if map.size() > 1 => entries
                .find(|(_, text)| text.as_str().is_some_and(|text| text.starts_with(content))),
            _ => entries.next(),
        }
    });
    from_map
        .and_then(|(language, _)| code(language))
        .or_else(|| note.object("language").and_then(|own| own.text("identifier")).and_then(code))
        .or_else(|| note.text("inLanguage").and_then(code))
        .or_else(|| note.list("@context").iter().find_map(in_context))
}

/// A code of ISO 639 in lower case. Only Chinese and Portuguese keep their region: there it decides
/// what people can read.
pub(super) fn code(tag: &str) -> Option<String> {
    let mut parts = tag.split(['-', '_']);
    let language = parts.next().filter(|part| is_word(part, 2..=3))?.to_ascii_lowercase();
    if language == "und" {
        return None;
    }
    let region = parts.find(|part| is_word(part, 2..=2)).map(str::to_ascii_uppercase);
    match region {
        Some(region) if matches!(language.as_str(), "zh" | "pt") => {
            Some(format!("{language}-{region}"))
        }
        _ => Some(language),
    }
}

fn is_word(part: &str, length: std::ops::RangeInclusive<usize>) -> bool {
    length.contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphabetic())
}

fn in_context(entry: &Value) -> Option<String> {
    entry.get("@language").and_then(Value::as_str).and_then(code)
}

#[cfg(test)]
mod tests {
    use super::code;

    #[test]
    fn codes_are_iso_639() {
        for (tag, expected) in [
            ("en", Some("en")),
            ("DE-at", Some("de")),
            ("pt-BR", Some("pt-BR")),
            ("zh_tw", Some("zh-TW")),
            ("zh-Hant-HK", Some("zh-HK")),
            ("gsw", Some("gsw")),
            ("und", None),
            ("", None),
            ("english", None),
            ("<b", None),
        ] {
            assert_eq!(code(tag).as_deref(), expected, "{tag}");
        }
    }
}
