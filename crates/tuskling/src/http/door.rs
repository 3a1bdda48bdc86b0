//! Where connections come in, and whose word on the client's address is taken (E05, A07): that of an
//! edge that proved to know the shared secret, and that of the proxies that the configuration names.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use api::ReceivedAt;
use config::Networks;
use domain::Timestamp;
use http::HeaderMap;
use rustls::ServerConfig;

/// A way in.
#[derive(Clone)]
pub enum Door {
    /// For everybody; some are proxies.
    Open(Arc<Networks>),
    /// For edges that prove themselves.
    Link(Arc<ServerConfig>),
}

impl Door {
    /// Whether this peer speaks for others.
    pub fn trusts(&self, peer: IpAddr) -> bool {
        match self {
            Self::Open(proxies) => proxies.contains(peer),
            Self::Link(_) => true,
        }
    }

    /// Whether only edges come in here. Other proxies pass on what a client says about the time of
    /// receipt, therefore they are not believed in this.
    pub fn is_edge(&self) -> bool {
        matches!(self, Self::Link(_))
    }
}

/// Marks a request that an edge sent on the link.
#[derive(Clone, Copy, Debug)]
pub struct FromEdge(pub IpAddr);

/// When the edge took this request, if it kept it: milliseconds since 1970.
pub fn received_at(headers: &HeaderMap) -> Option<ReceivedAt> {
    let mut values = headers.get_all("x-tuskling-received-at").iter();
    let (first, second) = (values.next()?, values.next());
    let milliseconds = first.to_str().ok()?.parse().ok().filter(|_| second.is_none())?;
    Some(ReceivedAt(Timestamp(milliseconds)))
}

/// Whom a request of a trusted peer is from: the last entry of `X-Forwarded-For`, which the peer
/// wrote itself; whatever stands before it came from outside.
pub fn client(headers: &HeaderMap, peer: SocketAddr) -> SocketAddr {
    let mut values = headers.get_all("x-forwarded-for").iter();
    let last = values.next_back().and_then(|value| value.to_str().ok());
    let address = last.and_then(|value| value.rsplit(',').next());
    match address.and_then(|text| text.trim().parse::<IpAddr>().ok()) {
        Some(address) => SocketAddr::new(address.to_canonical(), 0),
        None => peer,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn e05_the_last_entry_is_the_proxys_own() {
        let peer: SocketAddr = "10.0.0.1:9".parse().unwrap();
        let from = |lines: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append("x-forwarded-for", http::HeaderValue::from_static(line));
            }
            client(&headers, peer).ip().to_string()
        };
        assert_eq!(from(&["192.0.2.1"]), "192.0.2.1");
        assert_eq!(from(&["1.1.1.1, 192.0.2.1"]), "192.0.2.1");
        assert_eq!(from(&["1.1.1.1", "192.0.2.1"]), "192.0.2.1");
        assert_eq!(from(&["::ffff:192.0.2.1"]), "192.0.2.1");
        assert_eq!(from(&["2001:db8::1"]), "2001:db8::1");
        for unreadable in [&[][..], &[""], &["unknown"], &["192.0.2.1:80"]] {
            assert_eq!(from(unreadable), "10.0.0.1");
        }
    }

    #[test]
    fn e05_only_named_proxies_are_believed() {
        let named = ["10.0.0.0/24".to_owned()];
        let proxies = config::networks::parse_all("server.trusted_proxies", &named).unwrap();
        let door = Door::Open(Arc::new(proxies));
        assert!(door.trusts("10.0.0.9".parse().unwrap()));
        assert!(!door.trusts("127.0.0.1".parse().unwrap()));
        assert!(!Door::Open(Arc::default()).trusts("10.0.0.9".parse().unwrap()));
        assert!(!door.is_edge(), "a proxy of another make passes on what clients say");
    }

    #[test]
    fn e05_one_time_of_receipt_is_read() {
        let read = |lines: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for line in lines {
                let value = http::HeaderValue::from_static(line);
                headers.append("x-tuskling-received-at", value);
            }
            received_at(&headers)
        };
        assert_eq!(read(&["1714558830123"]), Some(ReceivedAt(Timestamp(1_714_558_830_123))));
        for unreadable in [&[][..], &[""], &["1", "2"], &["99999999999999999999"], &["now"]] {
            assert_eq!(read(unreadable), None);
        }
    }
}
