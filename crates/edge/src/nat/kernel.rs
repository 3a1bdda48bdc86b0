//! What the kernel is asked by files below /proc: capability, interfaces, forwarding, connections.
//!
//! All of them belong to the network namespace of this process.

use std::fs;

use super::cidr::Family;
use super::{NatError, Plan};

const FORWARD_V4: &str = "/proc/sys/net/ipv4/ip_forward";
const FORWARD_V6: &str = "/proc/sys/net/ipv6/conf/all/forwarding";
const DEVICES: &str = "/proc/net/dev";
/// The bit of CAP_NET_ADMIN, `linux/capability.h`.
const NET_ADMIN: u32 = 12;

/// Whether the kernel passes packets on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forwarding {
    /// For IPv4.
    pub v4: bool,
    /// For IPv6; false where the kernel has none.
    pub v6: bool,
}

/// Connections that the kernel follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tracked {
    /// How many there are.
    pub count: u64,
    /// How many fit; beyond that new connections are dropped.
    pub most: u64,
}

impl Forwarding {
    pub(super) fn problems(self, plan: &Plan) -> Vec<String> {
        let mut problems = Vec::new();
        if plan.has(Family::V4) && !self.v4 {
            problems.push(format!("forwarding of IPv4 is off ({FORWARD_V4})"));
        }
        if plan.has(Family::V6) && !self.v6 {
            problems.push(format!("forwarding of IPv6 is off ({FORWARD_V6})"));
        }
        problems
    }
}

/// Refuses in plain words what the kernel would refuse in others.
pub(super) fn require_capability() -> Result<(), NatError> {
    let status = read("/proc/self/status")?;
    let held = status.lines().find_map(|line| line.strip_prefix("CapEff:"));
    let held = held.and_then(|hex| u64::from_str_radix(hex.trim(), 16).ok()).unwrap_or(0);
    if held >> NET_ADMIN & 1 == 1 { Ok(()) } else { Err(NatError::NotPermitted) }
}

/// Names as Linux allows them, and ASCII, which every real one is.
pub(super) fn may_be_interface(name: &str) -> bool {
    (1..=15).contains(&name.len())
        && !matches!(name, "." | "..")
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-@+".contains(&byte))
}

/// The interfaces of this machine.
pub(super) fn interfaces() -> Result<Vec<String>, NatError> {
    let devices = read(DEVICES)?;
    let names = devices.lines().skip(2).filter_map(|line| line.split_once(':'));
    Ok(names.map(|(name, _)| name.trim().to_owned()).collect())
}

/// Where the default route leads, IPv4 first.
pub(super) fn default_interface() -> Option<String> {
    let v4 = fs::read_to_string("/proc/net/route").unwrap_or_default();
    let v6 = fs::read_to_string("/proc/net/ipv6_route").unwrap_or_default();
    default_of_v4(&v4).or_else(|| default_of_v6(&v6))
}

/// Columns: interface, destination, gateway, flags, reference count, use, metric, mask.
fn default_of_v4(table: &str) -> Option<String> {
    let routes = table.lines().skip(1).filter_map(|line| {
        let columns: Vec<&str> = line.split_whitespace().collect();
        let is_default = columns.get(1) == Some(&"00000000") && columns.get(7) == Some(&"00000000");
        let metric: u64 = columns.get(6)?.parse().ok()?;
        is_default.then_some((metric, (*columns.first()?).to_owned()))
    });
    routes.min().map(|(_, interface)| interface)
}

/// Columns: destination, its length, source, its length, next hop, metric, counts, flags, interface.
fn default_of_v6(table: &str) -> Option<String> {
    let routes = table.lines().filter_map(|line| {
        let columns: Vec<&str> = line.split_whitespace().collect();
        let interface = columns.get(9)?;
        let is_default = columns.get(1) == Some(&"00") && *interface != "lo";
        let metric = u64::from_str_radix(columns.get(5)?, 16).ok()?;
        is_default.then_some((metric, (*interface).to_owned()))
    });
    routes.min().map(|(_, interface)| interface)
}

/// Turns forwarding on for the families that need it; never turns it off.
pub(super) fn forward(v4: bool, v6: bool, interface: &str) -> Result<(), NatError> {
    if v4 {
        set(FORWARD_V4, "1")?;
    }
    if v6 {
        // A machine that forwards stops listening to router advertisements and would lose its own
        // default route; 2 means listen all the same.
        let listens = format!("/proc/sys/net/ipv6/conf/{interface}/accept_ra");
        if read(&listens).is_ok_and(|value| value.trim() == "1") {
            set(&listens, "2")?;
        }
        set(FORWARD_V6, "1")?;
    }
    Ok(())
}

/// Whether the kernel passes packets on now.
pub(super) fn forwarding() -> Result<Forwarding, NatError> {
    let v4 = read(FORWARD_V4)?.trim() == "1";
    let v6 = read(FORWARD_V6).is_ok_and(|value| value.trim() == "1");
    Ok(Forwarding { v4, v6 })
}

/// How many connections are followed, where the kernel shows it.
pub(super) fn tracked() -> Option<Tracked> {
    let number = |name: &str| {
        let path = format!("/proc/sys/net/netfilter/{name}");
        fs::read_to_string(path).ok()?.trim().parse().ok()
    };
    Some(Tracked { count: number("nf_conntrack_count")?, most: number("nf_conntrack_max")? })
}

/// Writes only what differs: where /proc/sys may not be written, it may be right already.
fn set(path: &str, value: &str) -> Result<(), NatError> {
    if read(path).is_ok_and(|is| is.trim() == value) {
        return Ok(());
    }
    fs::write(path, value).map_err(|cause| NatError::Kernel { path: path.to_owned(), cause })
}

fn read(path: &str) -> Result<String, NatError> {
    fs::read_to_string(path).map_err(|cause| NatError::Kernel { path: path.to_owned(), cause })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_route_with_the_smallest_metric_is_taken() {
        let v4 = "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n\
            ens6\t00000000\t0100000A\t0003\t0\t0\t200\t00000000\t0\t0\t0\n\
            ens5\t00000000\t0100000A\t0003\t0\t0\t100\t00000000\t0\t0\t0\n\
            ens5\t0000000A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n";
        assert_eq!(default_of_v4(v4).as_deref(), Some("ens5"));
        assert_eq!(default_of_v4("Iface\n"), None);
        let zeros = "0".repeat(32);
        let v6 = format!(
            "{zeros} 00 {zeros} 00 {zeros} ffffffff 1 0 00200200 lo\n\
             {zeros} 00 {zeros} 00 fe800000000000000000000000000001 00000400 1 0 00000003 ens5\n"
        );
        assert_eq!(default_of_v6(&v6).as_deref(), Some("ens5"));
    }
}
