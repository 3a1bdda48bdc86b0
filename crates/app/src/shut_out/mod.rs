//! Mail addresses and networks that may not sign up here, or not come here at all, and what follows
//! from that.

mod emails;
mod networks;

pub(crate) use emails::{Verdict, follow_suspension, judge};
pub use emails::{
    add_domain, add_hash, domain, domains, drop_domain, drop_hash, hash, hashes, hashes_of,
};
pub(crate) use networks::severity_of;
pub use networks::{
    Known, NewNetwork, Severity, drop_network, is_kept_away, network, networks, put_network,
};
pub use store::shut_out::{EmailDomain, EmailHash, Network};
