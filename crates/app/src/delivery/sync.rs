//! Followers synchronisation (FEP-8fcf): deliveries of followers-only posts carry a digest of who at
//! the receiving server follows the author, so that both can notice when they disagree.

use std::collections::HashMap;

use domain::AccountId;
use http::HeaderValue;
use sha2::{Digest as _, Sha256};
use store::Conn;

use crate::Result;

/// The header.
pub(crate) const SYNC_HEADER: &str = "collection-synchronization";

/// The digest of a set of followers: the SHA-256 of each id, all of them combined by exclusive or,
/// in hex.
#[must_use]
pub fn digest<'i>(ids: impl Iterator<Item = &'i str>) -> String {
    let mut all = [0_u8; 32];
    for id in ids {
        for (byte, more) in all.iter_mut().zip(Sha256::digest(id.as_bytes())) {
            *byte ^= more;
        }
    }
    hex::encode(all)
}

/// The header for each of these hosts, for what the account with this actor id sends.
pub(super) async fn headers(
    conn: &mut Conn,
    author: (AccountId, &str),
    hosts: Vec<String>,
) -> Result<HashMap<String, HeaderValue>> {
    let (account, actor) = author;
    let mut followers: HashMap<String, Vec<String>> =
        hosts.iter().map(|host| (host.clone(), Vec::new())).collect();
    for (host, id) in store::deliveries::followers_at(conn, account, hosts).await? {
        if let Some(ids) = followers.get_mut(&host) {
            ids.push(id);
        }
    }
    Ok(followers.into_iter().filter_map(|(host, ids)| Some((host, header(actor, &ids)?))).collect())
}

fn header(actor: &str, ids: &[String]) -> Option<HeaderValue> {
    let digest = digest(ids.iter().map(String::as_str));
    let text = format!(
        "collectionId=\"{actor}/followers\", digest=\"{digest}\", url=\"{actor}/followers_synchronization\""
    );
    HeaderValue::from_str(&text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_is_that_of_fep_8fcf() {
        // The exclusive or of the SHA-256 sums of the ids, which anybody can compute.
        let ids = [
            "https://testing.example.org/users/1",
            "https://testing.example.org/users/2",
            "https://testing.example.org/users/3",
        ];
        let sum = digest(ids.iter().copied());
        let again = digest(ids.iter().rev().copied());
        assert_eq!(sum, "9e2d483d96eb74d6b061e91ed4a698149fc4d8573d0297eef8a7c493e3de91a6");
        assert_eq!(sum, again, "the order does not matter");
        assert_ne!(sum, digest(ids.iter().take(2).copied()));
        assert_eq!(digest(std::iter::empty()), "0".repeat(64));
    }
}
