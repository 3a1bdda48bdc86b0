//! Addresses and networks in settings, like `10.0.1.5` and `10.0.0.0/16`.

use std::net::IpAddr;

use crate::ConfigError;

/// A set of addresses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Networks(Vec<(IpAddr, u8)>);

impl Networks {
    /// Whether an address belongs to it. IPv4 in IPv6 is IPv4.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|(network, bits)| same_beginning(*network, address, *bits))
    }

    /// Whether nothing belongs to it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Reads the list of a setting.
///
/// # Errors
/// [`ConfigError::Invalid`] names the key and the item.
pub fn parse_all(key: &'static str, items: &[String]) -> Result<Networks, ConfigError> {
    let read = items.iter().map(|item| {
        parse(item).ok_or_else(|| {
            let problem =
                format!("{item:?} is no address or network; write 10.0.1.5 or 10.0.0.0/16");
            ConfigError::Invalid { key, problem }
        })
    });
    read.collect::<Result<_, _>>().map(Networks)
}

fn parse(item: &str) -> Option<(IpAddr, u8)> {
    let (address, bits) = match item.split_once('/') {
        Some((address, bits)) => (address, Some(bits.parse::<u8>().ok()?)),
        None => (item, None),
    };
    let address = address.parse::<IpAddr>().ok()?.to_canonical();
    let all = if address.is_ipv4() { 32 } else { 128 };
    let bits = bits.unwrap_or(all);
    (bits <= all).then_some((address, bits))
}

fn same_beginning(one: IpAddr, other: IpAddr, bits: u8) -> bool {
    let (one, other, all) = match (one, other) {
        (IpAddr::V4(one), IpAddr::V4(other)) => {
            (u128::from(one.to_bits()), u128::from(other.to_bits()), 32)
        }
        (IpAddr::V6(one), IpAddr::V6(other)) => (one.to_bits(), other.to_bits(), 128),
        _ => return false,
    };
    (one ^ other).checked_shr(all - u32::from(bits)).unwrap_or(0) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_hold_what_begins_alike() {
        let items = ["10.0.1.5", "192.0.2.0/24", "2001:db8::/32"].map(str::to_owned);
        let networks = parse_all("server.trusted_proxies", &items).unwrap();
        let holds = |address: &str| networks.contains(address.parse().unwrap());
        for inside in ["10.0.1.5", "::ffff:10.0.1.5", "192.0.2.255", "2001:db8:9::1"] {
            assert!(holds(inside), "{inside}");
        }
        for outside in ["10.0.1.6", "192.0.3.0", "2001:db9::1", "::1"] {
            assert!(!holds(outside), "{outside}");
        }
        let all = parse_all("x", &["0.0.0.0/0".to_owned(), "::/0".to_owned()]).unwrap();
        assert!(
            all.contains("203.0.113.9".parse().unwrap()) && all.contains("::2".parse().unwrap())
        );
        for bad in ["", "10.0.0.0/33", "name.example", "10.0.0.0/x", "10.0.0.0/-1"] {
            assert!(parse_all("x", &[bad.to_owned()]).is_err(), "{bad:?}");
        }
    }
}
