//! What is to be kept, checked before anybody is asked.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use url::Url;

use super::{AcmeError, Dns, Vault};

/// Names that one edge keeps; more is a mistake.
const MOST_NAMES: usize = 32;

/// What is to be kept.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Address of the authority's directory, https.
    pub directory: String,
    /// Where the authority may write to when something is wrong.
    pub contact: Option<String>,
    /// Names that need a certificate, each its own, so that one that fails harms no other.
    pub names: Vec<String>,
    /// Ways to prove that a name is ours; after a failure the next one is tried.
    pub challenges: Vec<Challenge>,
    /// Where account and certificates are kept.
    pub folder: PathBuf,
    /// Where they are kept as well, in case that is lost.
    pub vault: Option<Arc<Vault>>,
}

/// A way to prove that a name is ours.
#[derive(Clone)]
pub enum Challenge {
    /// HTTP-01: the listener on port 80 answers `Certificates::http_challenge`.
    Http,
    /// TLS-ALPN-01: the listener on port 443 offers `certificates::CHALLENGE_PROTOCOL`.
    Tls,
    /// DNS-01: the only one that proves a wildcard.
    Dns(Arc<dyn Dns>),
}

impl fmt::Debug for Challenge {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Http => "http-01",
            Self::Tls => "tls-alpn-01",
            Self::Dns(_) => "dns-01",
        })
    }
}

impl Settings {
    /// Checks everything and brings the names into one form.
    pub(super) fn checked(mut self) -> Result<Self, AcmeError> {
        let wrong = |what: String| Err(AcmeError::Settings(what));
        let directory = Url::parse(&self.directory);
        if !directory.is_ok_and(|url| url.scheme() == "https") {
            return wrong(format!("{:?} is no https address of a directory", self.directory));
        }
        if self.names.len() > MOST_NAMES {
            return wrong(format!("{} names are too many, {MOST_NAMES} fit", self.names.len()));
        }
        for name in &mut self.names {
            *name = name.trim_end_matches('.').to_ascii_lowercase();
        }
        self.names.sort();
        self.names.dedup();
        for name in &self.names {
            if !may_be_certified(name) {
                return wrong(format!("{name:?} is no name that a certificate can be had for"));
            }
            if self.ways(name).is_empty() {
                let what = "a wildcard needs the challenge dns-01, others need one challenge";
                return wrong(format!("{name} cannot be proved: {what}"));
            }
        }
        Ok(self)
    }

    /// The challenges that can prove this name.
    pub(super) fn ways(&self, name: &str) -> Vec<&Challenge> {
        let can = |way: &&Challenge| matches!(way, Challenge::Dns(_)) || !name.starts_with('*');
        self.challenges.iter().filter(can).collect()
    }
}

/// Whether authorities give certificates for such a name: with a dot, in the letters of DNS, not an
/// address.
#[must_use]
pub fn may_be_certified(name: &str) -> bool {
    let plain = name.strip_prefix("*.").unwrap_or(name);
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    let last = plain.rsplit('.').next().unwrap_or_default();
    name.len() <= 200
        && plain.contains('.')
        && plain.split('.').all(is_label)
        && !last.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(names: &[&str]) -> Settings {
        Settings {
            directory: "https://acme.test/dir".into(),
            contact: None,
            names: names.iter().map(|name| (*name).to_owned()).collect(),
            challenges: vec![Challenge::Tls, Challenge::Http],
            folder: PathBuf::new(),
            vault: None,
        }
    }

    #[test]
    fn names_are_brought_into_one_form() {
        let checked = settings(&["B.test.", "a.test", "b.test"]).checked().unwrap();
        assert_eq!(checked.names, ["a.test", "b.test"]);
    }

    #[test]
    fn what_no_authority_certifies_is_refused_before_it_is_asked() {
        let wrong = [
            "",
            "localhost",
            "10.0.0.1",
            "../x.test",
            "a b.test",
            "a..test",
            "*.a.test",
            "-a.test",
            "a.*.test",
            "ä.test",
            "a/b.test",
        ];
        for name in wrong {
            assert!(settings(&[name]).checked().is_err(), "{name:?}");
        }
        let mut plain = settings(&["a.test"]);
        plain.directory = "http://acme.test/dir".into();
        assert!(plain.checked().is_err());
    }
}
