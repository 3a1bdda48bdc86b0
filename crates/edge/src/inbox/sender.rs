//! Who sends a delivery, as far as that can be told without asking anybody: it only decides what waits
//! for what, so anything may stand there.

use std::net::IpAddr;

use http::{HeaderMap, Uri};

/// Longest name of a host (RFC 1035 §2.3.4).
const LONGEST: usize = 253;

/// The host of the key that the signature names, or else the address of the client.
pub(super) fn of(headers: &HeaderMap, client: IpAddr) -> String {
    let values =
        ["signature", "signature-input"].into_iter().flat_map(|name| headers.get_all(name));
    let host = values.filter_map(|value| key_id(value.to_str().ok()?)).find_map(host);
    host.unwrap_or_else(|| client.to_canonical().to_string())
}

/// `keyId="…"` of draft-cavage, `keyid="…"` of RFC 9421.
fn key_id(header: &str) -> Option<&str> {
    let lower = header.to_ascii_lowercase();
    let begin = lower.find("keyid=\"")? + "keyid=\"".len();
    header.get(begin..)?.split('"').next()
}

fn host(key_id: &str) -> Option<String> {
    let uri = key_id.split('#').next()?.parse::<Uri>().ok()?;
    let host = uri.host().filter(|host| !host.is_empty() && host.len() <= LONGEST)?;
    Some(host.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};

    use super::*;

    #[test]
    fn the_host_of_the_key_or_else_the_address() {
        let client: IpAddr = "::ffff:192.0.2.1".parse().unwrap();
        for (name, value, expected) in [
            ("signature", "keyId=\"https://A.test/users/a#main-key\",headers=\"date\"", "a.test"),
            ("signature", "headers=\"date\", KEYID=\"http://a.test:3000/x?y\"", "a.test"),
            (
                "signature-input",
                "sig1=(\"@method\");created=1;keyid=\"https://b.test/k\"",
                "b.test",
            ),
            ("signature", "keyId=\"https://user:pass@a.test/\"", "a.test"),
            ("signature", "keyId=\"acct:a@a.test\"", "a.test"),
            ("signature", "keyId=\"\"", "192.0.2.1"),
            ("signature", "keyId=\"https://[::1/\"", "192.0.2.1"),
            ("signature", "keyId=", "192.0.2.1"),
            ("signature", "sig1=:AAAA:", "192.0.2.1"),
            ("signature", "\u{e9}keyId=\"https://a.test/\"", "192.0.2.1"),
            ("x", "keyId=\"https://a.test/\"", "192.0.2.1"),
        ] {
            let pair = (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap());
            assert_eq!(of(&HeaderMap::from_iter([pair]), client), expected, "{value}");
        }
        let long = format!("keyId=\"https://{}.test/\"", "a".repeat(300));
        let pair = (HeaderName::from_static("signature"), HeaderValue::from_str(&long).unwrap());
        assert_eq!(of(&HeaderMap::from_iter([pair]), client), "192.0.2.1");
    }
}
