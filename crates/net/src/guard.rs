//! What may be reached (O01, O02, L05): addresses of the public internet, by https.
//!
//! A server that fetches what strangers name is a way into the network it stands in. So the address
//! that a name led to is checked before it is connected to, for every connection.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use url::{Host, Url};

use crate::{NetError, Settings};

/// Whether an address belongs to somebody on the public internet, after the registries of special
/// addresses (RFC 6890 and its IANA lists). IPv6 addresses that carry an IPv4 address (mapped,
/// compatible, NAT64, 6to4, Teredo) are not public: a gateway would lead anywhere.
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let special = match address.octets() {
        // This network; private; loopback; multicast, reserved, broadcast.
        [0 | 10 | 127 | 224..=255, ..] => true,
        // Shared by customers of one carrier (RFC 6598).
        [100, 64..=127, ..] => true,
        // Link-local, with the metadata service of every cloud.
        [169, 254, ..] => true,
        [172, 16..=31, ..] | [192, 168, ..] => true,
        // Protocol assignments; documentation; relays of 6to4.
        [192, 0, 0 | 2, _] | [192, 88, 99, _] => true,
        // Benchmarks; documentation.
        [198, 18 | 19, ..] | [198, 51, 100, _] | [203, 0, 113, _] => true,
        _ => false,
    };
    !special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    match address.segments() {
        // Protocol assignments: Teredo, benchmarks, identifiers that are no addresses.
        [0x2001, 0..=0x01ff, ..] => false,
        // Documentation; 6to4; documentation again (RFC 9637).
        [0x2001, 0x0db8, ..] | [0x2002, ..] | [0x3fff, 0..=0x0fff, ..] => false,
        // Global unicast is 2000::/3. Outside of it are loopback, mapped and compatible addresses,
        // NAT64, unique-local, link-local, site-local, multicast and what nobody has been given.
        [first, ..] => first & 0xe000 == 0x2000,
    }
}

/// The rules of one client.
#[derive(Clone, Debug)]
pub(crate) struct Guard {
    is_local: bool,
    allowed: Vec<SocketAddr>,
    /// Set for a client that speaks with one address of its own network and with nobody else.
    only: Option<SocketAddr>,
}

impl Guard {
    pub(crate) fn new(settings: &Settings) -> Self {
        Self { is_local: settings.is_local, allowed: settings.allowed.clone(), only: None }
    }

    /// Plain http to this address, and nothing else.
    pub(crate) fn only(address: SocketAddr) -> Self {
        Self { is_local: false, allowed: Vec::new(), only: Some(address) }
    }

    /// Whether a connection to this address may be opened.
    pub(crate) fn admits(&self, address: SocketAddr) -> bool {
        if let Some(only) = self.only {
            return address == only;
        }
        is_public(address.ip())
            || (self.is_local && address.ip().is_loopback())
            || self.allowed.contains(&address)
    }

    /// Checks what can be seen in a URL itself: scheme, credentials, a host that is an address.
    pub(crate) fn check(&self, url: &Url) -> Result<(), NetError> {
        let scheme = match url.scheme() {
            "https" => true,
            "http" => self.is_local || self.only.is_some(),
            _ => false,
        };
        let plain = url.username().is_empty() && url.password().is_none();
        let port = url.port_or_known_default().unwrap_or(0);
        let host = match url.host() {
            Some(Host::Domain(name)) => !name.trim_end_matches('.').is_empty(),
            Some(Host::Ipv4(address)) => self.admits((address, port).into()),
            Some(Host::Ipv6(address)) => self.admits((address, port).into()),
            None => false,
        };
        if scheme && plain && host { Ok(()) } else { Err(NetError::Refused(shown(url))) }
    }

    /// Names below `.localhost` are this machine, whatever a resolver says (RFC 6761 §6.3).
    pub(crate) fn own_name(name: &str) -> bool {
        let name = name.trim_end_matches('.').to_ascii_lowercase();
        name == "localhost" || name.ends_with(".localhost")
    }
}

/// A URL for logs and errors: without credentials, query and fragment, and not too long.
pub(crate) fn shown(url: &Url) -> String {
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    let text = format!(
        "{}://{}{port}{}",
        url.scheme(),
        url.host_str().unwrap_or_default(),
        if url.cannot_be_a_base() { "" } else { url.path() }
    );
    text.chars().take(300).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn l05_the_code_for_credentials_reaches_the_metadata_service_and_nothing_else() {
        let metadata: SocketAddr = "169.254.169.254:80".parse().unwrap();
        let guard = Guard::only(metadata);
        assert!(guard.admits(metadata));
        assert!(guard.check(&Url::parse("http://169.254.169.254/latest/").unwrap()).is_ok());
        for other in ["169.254.169.254:81", "169.254.169.253:80", "1.1.1.1:443", "127.0.0.1:80"] {
            assert!(!guard.admits(other.parse().unwrap()), "{other}");
        }
        let ordinary = Guard::new(&Settings { is_local: true, ..Settings::default() });
        assert!(!ordinary.admits(metadata), "nobody else reaches it");
    }

    #[test]
    fn o01_l05_only_public_addresses_may_be_reached() {
        let refused = [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "10.255.255.255",
            "100.64.0.1",
            "100.127.255.254",
            "127.0.0.1",
            "127.255.255.254",
            "169.254.169.254",
            "169.254.0.1",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1",
            "192.0.0.170",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.0.1",
            "192.168.255.255",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.7",
            "203.0.113.9",
            "224.0.0.1",
            "239.255.255.250",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:8.8.8.8",
            "::ffff:169.254.169.254",
            "::127.0.0.1",
            "::8.8.8.8",
            "64:ff9b::127.0.0.1",
            "64:ff9b::8.8.8.8",
            "64:ff9b:1::10.0.0.1",
            "100::1",
            "2001::1",
            "2001:0:53aa:64c:0:0:80ff:fffe",
            "2001:2::1",
            "2001:10::1",
            "2001:20::1",
            "2001:db8::1",
            "2001:db8:ffff::1",
            "2002:7f00:1::",
            "2002:808:808::1",
            "3fff::1",
            "3fff:fff::1",
            "5f00::1",
            "fc00::1",
            "fd00:ec2::254",
            "fdff::1",
            "fe80::1",
            "febf::1",
            "fec0::1",
            "feff::1",
            "ff02::1",
            "ff0e::1",
            "4000::1",
            "e000::1",
        ];
        let public = [
            "1.1.1.1",
            "8.8.8.8",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.1",
            "169.253.1.1",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.1",
            "192.167.255.255",
            "198.17.255.255",
            "198.20.0.0",
            "203.0.112.255",
            "223.255.255.255",
            "2001:200::1",
            "2001:4860:4860::8888",
            "2003::1",
            "2606:4700:4700::1111",
            "2a01:4f8::1",
            "3ffe:ffff::1",
            "3fff:1000::1",
        ];
        assert!(refused.len() >= 50);
        for text in refused {
            assert!(!is_public(text.parse().unwrap()), "{text}");
        }
        for text in public {
            assert!(is_public(text.parse().unwrap()), "{text}");
        }
    }

    fn guard(is_local: bool) -> Guard {
        let allowed = vec!["127.0.0.2:4430".parse().unwrap()];
        Guard::new(&Settings { is_local, allowed, ..Settings::default() })
    }

    fn checked(is_local: bool, url: &str) -> bool {
        guard(is_local).check(&url.parse().unwrap()).is_ok()
    }

    #[test]
    fn o01_urls_that_are_wrong_in_themselves_are_refused() {
        let cases = [
            ("https://a.test/x", true, true),
            ("http://a.test/x", false, true),
            ("https://a.test:8443/x", true, true),
            ("https://8.8.8.8/", true, true),
            ("https://127.0.0.1/", false, true),
            ("https://127.1/", false, true),
            ("https://0x7f000001/", false, true),
            ("https://[::1]/", false, true),
            ("https://[::ffff:127.0.0.1]/", false, false),
            ("https://169.254.169.254/latest/meta-data", false, false),
            ("https://10.0.0.1/", false, false),
            ("https://127.0.0.2:4430/", true, true),
            ("https://127.0.0.2:4431/", false, true),
            ("https://user@a.test/", false, false),
            ("https://:secret@a.test/", false, false),
            ("ftp://a.test/", false, false),
            ("file:///etc/passwd", false, false),
            ("data:text/html,x", false, false),
            ("gopher://a.test/", false, false),
        ];
        for (url, public, local) in cases {
            assert_eq!((checked(false, url), checked(true, url)), (public, local), "{url}");
        }
    }

    #[test]
    fn names_below_localhost_are_ours() {
        for name in ["localhost", "LOCALHOST", "a.localhost", "a.b.localhost."] {
            assert!(Guard::own_name(name), "{name}");
        }
        for name in ["localhost.example", "alocalhost", "a.test"] {
            assert!(!Guard::own_name(name), "{name}");
        }
    }

    #[test]
    fn errors_show_no_secret_of_a_url() {
        let url = "https://user:secret@a.test:8443/path?token=secret#x".parse().unwrap();
        assert_eq!(shown(&url), "https://a.test:8443/path");
    }
}
