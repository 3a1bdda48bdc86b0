//! Media types (RFC 9110 §8.3).

/// Whether an answer of this `Content-Type` counts as ActivityPub (F03): `application/activity+json`,
/// or `application/ld+json` with the profile of ActivityStreams. Nothing else does, so that a file
/// that somebody uploaded is never taken for an object of its server.
#[must_use]
pub fn is_activity_type(content_type: &str) -> bool {
    let Some((essence, parameters)) = split(content_type) else { return false };
    match essence.as_str() {
        "application/activity+json" => true,
        "application/ld+json" => parameters.iter().any(|(name, value)| {
            name == "profile" && value.split_ascii_whitespace().any(|profile| profile == PROFILE)
        }),
        _ => false,
    }
}

const PROFILE: &str = "https://www.w3.org/ns/activitystreams";

/// Type in lower case and parameters. `None` when it is malformed.
fn split(text: &str) -> Option<(String, Vec<(String, String)>)> {
    if text.len() > 1_024 {
        return None;
    }
    let (essence, mut rest) = text.split_once(';').unwrap_or((text, ""));
    let mut parameters = Vec::new();
    while !rest.trim().is_empty() {
        let (name, after) = rest.split_once('=')?;
        let (value, after) = match after.trim_start().strip_prefix('"') {
            Some(quoted) => quoted.split_once('"')?,
            None => after.split_at(after.find(';').unwrap_or(after.len())),
        };
        parameters.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
        rest = match after.trim_start() {
            "" => "",
            after => after.strip_prefix(';')?,
        };
    }
    Some((essence.trim().to_ascii_lowercase(), parameters))
}

#[cfg(test)]
mod tests {
    use super::is_activity_type;

    #[test]
    fn f03_two_types_and_nothing_else() {
        for good in [
            "application/activity+json",
            "Application/Activity+JSON; charset=utf-8",
            " application/activity+json ;charset=\"utf-8\"",
            "application/ld+json; profile=\"https://www.w3.org/ns/activitystreams\"",
            "application/ld+json;profile=https://www.w3.org/ns/activitystreams",
            "application/ld+json; charset=utf-8; Profile=\"https://www.w3.org/ns/activitystreams\"",
            "application/ld+json; profile=\"http://a.test/ https://www.w3.org/ns/activitystreams\"",
        ] {
            assert!(is_activity_type(good), "{good}");
        }
        for bad in [
            "",
            "text/plain",
            "application/json",
            "image/png",
            "application/ld+json",
            "application/ld+json; profile=\"https://a.test/\"",
            "application/ld+json; profile=\"https://www.w3.org/ns/activitystreams",
            "application/ld+json; profile=\"https://www.w3.org/ns/activitystreamsX\"",
            "text/plain; application/activity+json",
            "text/plain; a=\"application/activity+json\"",
            "application/activity+jsonx",
            "application/activity+json, text/html",
        ] {
            assert!(!is_activity_type(bad), "{bad}");
        }
    }
}
