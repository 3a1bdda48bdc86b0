//! Networks as people write them: `10.0.1.0/24`, `fd00:1::/64`.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

/// A network: an address whose bits after `length` are zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cidr {
    address: IpAddr,
    length: u8,
}

/// The two kinds of addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    V4,
    V6,
}

/// Why a text is no network. Says what to write instead.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CidrError {
    /// Neither kind of address, or no length.
    #[error("{0:?} is no network; write it like 10.0.1.0/24 or fd00:1::/64")]
    Malformed(String),
    /// Bits after the prefix.
    #[error("{0} is an address inside {1}; write {1} for the network")]
    HostBits(String, Cidr),
    /// Everything.
    #[error("{0} is the whole internet; name the networks behind this machine")]
    Everything(String),
}

impl Cidr {
    /// A network from an address and the length of its prefix; bits after it must be zero.
    pub(super) fn new(address: IpAddr, length: u8) -> Option<Self> {
        let masked = mask(address, length)?;
        (masked == address).then_some(Self { address, length })
    }

    /// The first address.
    #[must_use]
    pub fn address(&self) -> IpAddr {
        self.address
    }

    /// How many bits are the same for the whole network.
    #[must_use]
    pub fn length(&self) -> u8 {
        self.length
    }

    pub(super) fn family(&self) -> Family {
        if self.address.is_ipv4() { Family::V4 } else { Family::V6 }
    }

    fn contains(&self, other: &Self) -> bool {
        self.length <= other.length && mask(other.address, self.length) == Some(self.address)
    }

    /// These networks, sorted, without those that lie inside another: the kernel refuses overlaps.
    pub(super) fn widest(all: &[Self]) -> Vec<Self> {
        let mut kept: Vec<Self> = Vec::new();
        let mut sorted = all.to_vec();
        sorted.sort_by_key(|network| (network.length, network.address));
        for network in sorted {
            if !kept.iter().any(|wider| wider.contains(&network)) {
                kept.push(network);
            }
        }
        kept.sort();
        kept
    }
}

fn mask(address: IpAddr, length: u8) -> Option<IpAddr> {
    match address {
        IpAddr::V4(address) => {
            let gone = 32_u32.checked_sub(length.into())?;
            let mask = u32::MAX.checked_shl(gone).unwrap_or(0);
            Some(Ipv4Addr::from_bits(address.to_bits() & mask).into())
        }
        IpAddr::V6(address) => {
            let gone = 128_u32.checked_sub(length.into())?;
            let mask = u128::MAX.checked_shl(gone).unwrap_or(0);
            Some(Ipv6Addr::from_bits(address.to_bits() & mask).into())
        }
    }
}

impl FromStr for Cidr {
    type Err = CidrError;

    fn from_str(text: &str) -> Result<Self, CidrError> {
        let malformed = || CidrError::Malformed(text.to_owned());
        let (address, length) = text.trim().split_once('/').ok_or_else(malformed)?;
        let address: IpAddr = address.parse().map_err(|_| malformed())?;
        let length: u8 = length.parse().map_err(|_| malformed())?;
        let network = Self { address: mask(address, length).ok_or_else(malformed)?, length };
        if length == 0 {
            return Err(CidrError::Everything(text.to_owned()));
        }
        if network.address != address {
            return Err(CidrError::HostBits(text.to_owned(), network));
        }
        Ok(network)
    }
}

impl fmt::Display for Cidr {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.address, self.length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_are_read_and_written() {
        for text in ["10.0.1.0/24", "10.0.0.7/32", "fd00:1::/64", "fd00::1/128", "128.0.0.0/1"] {
            assert_eq!(text.parse::<Cidr>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_is_no_network_says_what_to_write() {
        for text in ["", "10.0.1.0", "10.0.1.0/33", "fd00::/129", "10.0.1/24", "x/8", "1.2.3.4/-1"]
        {
            assert_eq!(text.parse::<Cidr>(), Err(CidrError::Malformed(text.into())), "{text:?}");
        }
        let error = "10.0.1.5/24".parse::<Cidr>().unwrap_err().to_string();
        assert!(error.contains("write 10.0.1.0/24"), "{error}");
        let error = "fd00::5/64".parse::<Cidr>().unwrap_err().to_string();
        assert!(error.contains("write fd00::/64"), "{error}");
        assert!(matches!("0.0.0.0/0".parse::<Cidr>(), Err(CidrError::Everything(_))));
        assert!(matches!("::/0".parse::<Cidr>(), Err(CidrError::Everything(_))));
    }

    #[test]
    fn networks_inside_others_are_dropped() {
        let all: Vec<Cidr> =
            ["10.0.1.0/24", "fd00::/64", "10.0.0.0/16", "10.0.0.0/16", "fd00::5/128"]
                .map(|text| text.parse().unwrap())
                .to_vec();
        let kept: Vec<String> = Cidr::widest(&all).iter().map(Cidr::to_string).collect();
        assert_eq!(kept, ["10.0.0.0/16", "fd00::/64"]);
    }
}
