//! How much one piece of work may ask of others.

use std::collections::{HashMap, HashSet};

use crate::{AppError, Result};

/// Requests for one activity, or one wish of a person.
pub(crate) const BUDGET: u32 = 100;
/// New hosts below one registered domain: whoever has a domain has as many as they like, each with
/// actors and keys of its own.
const SUBDOMAINS: usize = 10;

/// How many requests a piece of work may still make (`security.md`: 100 for each activity), and which
/// hosts it has met.
#[derive(Debug)]
pub struct Budget {
    requests: u32,
    /// By registered domain.
    met: HashMap<String, HashSet<String>>,
    /// Hosts of which somebody is known here.
    known: HashSet<String>,
}

impl Budget {
    /// For so many requests.
    #[must_use]
    pub fn new(requests: u32) -> Self {
        Self { requests, met: HashMap::new(), known: HashSet::new() }
    }

    /// Whether nothing is left.
    pub(super) fn is_spent(&self) -> bool {
        self.requests == 0
    }

    /// Takes one request off, if any is left.
    pub(super) fn spend(&mut self) -> Result<()> {
        self.requests = self.requests.checked_sub(1).ok_or(AppError::NotFound)?;
        Ok(())
    }

    /// Whether this host was met before.
    pub(super) fn has_met(&self, host: &str) -> bool {
        self.known.contains(host)
            || self
                .met
                .get(&domain::host::registrable(host))
                .is_some_and(|hosts| hosts.contains(host))
    }

    /// Meets a host of which somebody is known here: those are not counted.
    pub(super) fn meet_known(&mut self, host: &str) {
        self.known.insert(host.to_owned());
    }

    /// Meets a host of which nothing is known here, if its domain has not brought too many.
    pub(super) fn meet(&mut self, host: &str) -> Result<()> {
        let hosts = self.met.entry(domain::host::registrable(host)).or_default();
        if hosts.len() >= SUBDOMAINS && !hosts.contains(host) {
            return Err(AppError::NotFound);
        }
        hosts.insert(host.to_owned());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn o08_a_domain_brings_ten_new_hosts() {
        let mut budget = Budget::new(1);
        for number in 0..10 {
            budget.meet(&format!("s{number}.bad.test")).unwrap();
        }
        assert!(budget.meet("s10.bad.test").is_err());
        budget.meet("s3.bad.test").unwrap();
        budget.meet("s10.other.test").unwrap();
        assert!(budget.has_met("s3.bad.test") && !budget.has_met("s10.bad.test"));
        budget.spend().unwrap();
        assert!(budget.is_spent() && budget.spend().is_err());
    }
}
