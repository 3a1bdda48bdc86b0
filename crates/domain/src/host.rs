//! Names of hosts: one spelling for each, and what a rule about one covers (F12).

use url::Url;

/// Longest name that DNS knows, and a port.
const LONGEST: usize = 255 + 6;

/// A host as it is kept and compared: lower case, punycode, no dot at the end, with its port if it
/// has one. `None` for what is no host; nothing is ever deleted from a name to make it one.
#[must_use]
pub fn normal(text: &str) -> Option<String> {
    let is_odd = |c: char| c.is_whitespace() || c.is_control() || "/?#\\@%".contains(c);
    if text.is_empty() || text.len() > LONGEST || text.contains(is_odd) {
        return None;
    }
    // Not a scheme whose usual port would vanish.
    let url = Url::parse(&format!("http://{text}/")).ok()?;
    let host = url.host_str()?;
    let host = host.strip_suffix('.').unwrap_or(host);
    let port = text.rsplit_once(':').and_then(|(_, port)| port.parse::<u16>().ok());
    let is_fine = !host.is_empty() && !host.starts_with('.') && !host.contains("..");
    let port = url.port().or(port.filter(|port| *port == 80));
    is_fine.then(|| port.map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")))
}

/// The names whose rules are rules for this host, the nearest first: itself, itself on any port,
/// and each domain above it. Takes a [`normal`] name.
#[must_use]
pub fn covering(host: &str) -> Vec<String> {
    let mut names = vec![host.to_owned()];
    let bare = match host.rsplit_once(':') {
        Some((bare, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => {
            names.push(bare.to_owned());
            bare
        }
        _ => host,
    };
    // An address has no domain above it.
    if bare.starts_with('[') || bare.parse::<std::net::Ipv4Addr>().is_ok() {
        return names;
    }
    let mut rest = bare;
    while let Some((_, above)) = rest.split_once('.') {
        names.push(above.to_owned());
        rest = above;
    }
    names
}

/// The domain that somebody registered, of a [`normal`] name: its last two labels, or three where the
/// last two look like a register of a country (`co.uk`). An address is its own. This is a guess that
/// bounds work; nothing is allowed because of it.
#[must_use]
pub fn registrable(host: &str) -> String {
    let bare = match host.rsplit_once(':') {
        Some((bare, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => bare,
        _ => host,
    };
    if bare.starts_with('[') || bare.parse::<std::net::Ipv4Addr>().is_ok() {
        return bare.to_owned();
    }
    let labels: Vec<&str> = bare.rsplit('.').collect();
    let is_register = matches!(labels.as_slice(), [country, register, ..]
        if country.len() == 2 && register.len() <= 3);
    let kept = if is_register { 3 } else { 2 };
    let kept: Vec<&str> = labels.into_iter().take(kept).rev().collect();
    kept.join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f12_a_host_has_one_spelling() {
        for (typed, kept) in [
            ("bad.test", Some("bad.test")),
            ("BAD.test.", Some("bad.test")),
            ("example.test:8443", Some("example.test:8443")),
            ("Example.Test.:8443", Some("example.test:8443")),
            ("example.test:80", Some("example.test:80")),
            ("bücher.test", Some("xn--bcher-kva.test")),
            ("BÜCHER.TEST", Some("xn--bcher-kva.test")),
            ("xn--bcher-kva.test", Some("xn--bcher-kva.test")),
            ("localhost:3000", Some("localhost:3000")),
            ("[::1]:3000", Some("[::1]:3000")),
            ("127.0.0.1", Some("127.0.0.1")),
            ("ex/ample.test", None),
            ("ex ample.test", None),
            ("ex\tample.test", None),
            ("ex\nample.test", None),
            ("u@example.test", None),
            ("example.test?x", None),
            ("example.test#x", None),
            ("example.test\\x", None),
            ("ex%2fample.test", None),
            ("example.test:99999", None),
            ("example..test", None),
            (".test", None),
            (".", None),
            ("", None),
        ] {
            assert_eq!(normal(typed).as_deref(), kept, "{typed:?}");
        }
        assert_eq!(normal(&"a.".repeat(200)), None);
    }

    #[test]
    fn f12_a_rule_covers_ports_and_what_is_below() {
        assert_eq!(covering("bad.test"), ["bad.test", "test"]);
        assert_eq!(
            covering("a.b.bad.test:8443"),
            ["a.b.bad.test:8443", "a.b.bad.test", "b.bad.test", "bad.test", "test"]
        );
        assert_eq!(covering("localhost:3000"), ["localhost:3000", "localhost"]);
        assert_eq!(covering("10.0.0.1:80"), ["10.0.0.1:80", "10.0.0.1"]);
        assert_eq!(covering("[::1]:80"), ["[::1]:80", "[::1]"]);
    }

    #[test]
    fn o08_subdomains_belong_to_what_was_registered() {
        for (host, of) in [
            ("a.b.bad.test:8443", "bad.test"),
            ("bad.test", "bad.test"),
            ("localhost:3000", "localhost"),
            ("x.y.example.co.uk", "example.co.uk"),
            ("x.example.de", "example.de"),
            ("10.0.0.1:80", "10.0.0.1"),
            ("[::1]:80", "[::1]"),
        ] {
            assert_eq!(registrable(host), of, "{host}");
        }
    }
}
