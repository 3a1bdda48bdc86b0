//! Other servers, played on addresses of loopback: those that are delivered to (`deliver`, with the
//! inboxes of `sink`) and those that send (`receive`). `peers` puts them into the database.

pub mod deliver;
pub mod peers;
pub mod receive;
mod sink;

use std::net::Ipv4Addr;
use std::time::UNIX_EPOCH;

use domain::Timestamp;

/// The name of the nth server that is delivered to.
fn follower(number: u16, port: u16) -> (Ipv4Addr, String) {
    let [high, low] = number.to_be_bytes();
    let address = Ipv4Addr::new(127, 1, high, low);
    (address, format!("{address}:{port}"))
}

/// The name of the nth server that sends.
fn sender(number: u16, port: u16) -> String {
    let [high, low] = number.to_be_bytes();
    format!("127.2.{high}.{low}:{port}")
}

#[expect(clippy::disallowed_methods, reason = "signatures and seeds carry the time of the machine")]
pub(crate) fn now() -> Timestamp {
    let since = std::time::SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
