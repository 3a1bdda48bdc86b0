//! What edges say of themselves when they ask whether this server is ready: how it stands with the
//! certificates that people see (`docs/decisions/0022-…`). Held in memory, for the dashboard; the caller
//! takes it from edges alone, which have proved themselves on the link.

use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use domain::Timestamp;
use domain::time::MINUTE;
use serde::Deserialize;

/// Edges that are remembered.
const MOST: usize = 8;
/// Names of one edge.
const MOST_NAMES: usize = 20;
/// Most that one may say, in bytes.
const LONGEST: usize = 8 * 1024;
/// They ask every few seconds; who was not heard for so long is away.
const AWAY: i64 = MINUTE;

/// The edges that were heard since this process started.
#[derive(Default)]
pub struct Edges(Mutex<Vec<Edge>>);

/// An edge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edge {
    /// Where it stands.
    pub address: IpAddr,
    /// When it said this.
    pub heard_at: Timestamp,
    /// The names that it answers for.
    pub names: Vec<Name>,
}

/// A name with its certificate.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Name {
    /// The name.
    pub name: String,
    /// Whether there is a certificate.
    pub has_certificate: bool,
    /// What is known of one that the edge fetches; left out for one from a file.
    #[serde(default)]
    pub fetched: Option<Fetched>,
}

/// How it stands with a certificate that is fetched. Times are seconds since 1970.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Fetched {
    /// When it ends.
    pub ends_at: Option<i64>,
    /// When it is ordered for next.
    pub next_try_at: i64,
    /// Tries that failed since the last one came.
    pub failures: u32,
    /// Why the last one failed.
    pub last_error: Option<String>,
    /// What the owner is to be told.
    pub warning: Option<String>,
}

impl Edge {
    /// Whether it has not been heard for a minute.
    #[must_use]
    pub fn is_away(&self, now: Timestamp) -> bool {
        now.since(self.heard_at) > AWAY
    }
}

impl Edges {
    /// Notes what an edge says. What cannot be read is as if it had said nothing: an edge of another
    /// version may say more.
    pub fn note(&self, address: IpAddr, said: &[u8], now: Timestamp) {
        if said.len() > LONGEST {
            return;
        }
        let Ok(mut names) = serde_json::from_slice::<Vec<Name>>(said) else { return };
        names.truncate(MOST_NAMES);
        let mut edges = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        edges.retain(|edge| edge.address != address);
        if edges.len() >= MOST {
            edges.remove(0);
        }
        edges.push(Edge { address, heard_at: now, names });
    }

    /// What they said last, the one that was heard last at the end.
    #[must_use]
    pub fn all(&self) -> Vec<Edge> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edge_is_known_by_its_address_and_by_what_it_said_last() {
        let edges = Edges::default();
        let address: IpAddr = "10.0.0.9".parse().unwrap();
        let said = |ends: &str| {
            format!(
                r#"[{{"name":"a.test","has_certificate":true,"fetched":{{"ends_at":{ends},"new":1}}}}]"#
            )
        };
        edges.note(address, said("17").as_bytes(), Timestamp(1));
        edges.note(address, said("18").as_bytes(), Timestamp(2));
        let heard = edges.all();
        assert_eq!(heard.len(), 1);
        assert_eq!(heard[0].names[0].fetched.as_ref().unwrap().ends_at, Some(18));
        assert!(!heard[0].is_away(Timestamp(2)) && heard[0].is_away(Timestamp(2 + 2 * MINUTE)));
    }

    #[test]
    fn what_cannot_be_read_and_too_much_of_it_changes_nothing() {
        let edges = Edges::default();
        let address: IpAddr = "10.0.0.9".parse().unwrap();
        for odd in [&b""[..], b"{}", b"[1]", b"[{\"name\":1}]", &b"[".repeat(LONGEST + 1)] {
            edges.note(address, odd, Timestamp(1));
        }
        assert!(edges.all().is_empty());
        for last in 0..20_u8 {
            edges.note(IpAddr::from([10, 0, 0, last]), b"[]", Timestamp(1));
        }
        assert_eq!(edges.all().len(), MOST);
        assert_eq!(edges.all()[MOST - 1].address, IpAddr::from([10, 0, 0, 19]));
    }
}
