//! Certificates from an ACME authority (RFC 8555), kept fresh without hands.
//!
//! The [`Keeper`] is a task: it installs what is stored before anything else, orders what is missing
//! or due, and says how things stand. When something is ordered is decided in `plan`, a pure
//! function of times. It answers challenges through [`Certificates`](crate::Certificates) and never
//! listens itself. Called by `tuskling edge`.

mod authority;
mod certificate;
mod environment;
mod http;
mod keeper;
pub mod plan;
pub mod route53;
mod seal;
mod settings;
mod storage;
mod vault;

use std::path::PathBuf;
use std::pin::Pin;
use std::time::SystemTime;

pub use environment::{Environment, Machine, Pause};
pub use keeper::{Keeper, Statuses};
pub use plan::Lifetime;
pub use settings::{Challenge, Settings, may_be_certified};
pub use vault::{Vault, VaultStatus};

/// Why there is no certificate. The text is for the owner.
#[derive(Debug, thiserror::Error)]
pub enum AcmeError {
    /// The settings cannot work.
    #[error("{0}")]
    Settings(String),
    /// The edge's folder cannot be read or written.
    #[error("{path}: {cause}")]
    Disk {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        cause: std::io::Error,
    },
    /// The authority refused, could not be reached, or sent something unusable.
    #[error("{0}")]
    Authority(String),
}

/// How one name stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameStatus {
    /// The name.
    pub name: String,
    /// Who signed the certificate that is served, if there is one.
    pub issuer: Option<String>,
    /// From when until when it holds.
    pub lifetime: Option<Lifetime>,
    /// When it is ordered for next.
    pub next_try: SystemTime,
    /// Tries that failed since the last certificate came.
    pub failures: u32,
    /// Why the last one failed.
    pub last_error: Option<String>,
}

impl NameStatus {
    /// What the owner is to be told (E12): there is no certificate, it has ended, or it ends within
    /// seven days.
    #[must_use]
    pub fn warning(&self, now: SystemTime) -> Option<String> {
        let name = &self.name;
        let why = self.last_error.as_ref().map(|why| format!(": {why}")).unwrap_or_default();
        let Some(lifetime) = self.lifetime else {
            return Some(format!("{name} has no certificate yet{why}"));
        };
        if now >= lifetime.not_after {
            return Some(format!("the certificate of {name} has ended{why}"));
        }
        let left = lifetime.not_after.duration_since(now).unwrap_or_default().as_secs() / 3_600;
        (now >= lifetime.warn_at())
            .then(|| format!("the certificate of {name} ends in {left} hours{why}"))
    }
}

/// A change of records in the domain name system that is under way.
pub type Changing<'d> = Pin<Box<dyn Future<Output = Result<(), String>> + Send + 'd>>;

/// Where challenges by DNS are answered (RFC 8555 section 8.4): the service that holds the zone.
pub trait Dns: Send + Sync {
    /// Makes a TXT record the only one of its name and ends when all servers of the zone answer with
    /// it. One name is proved after another, so that no second one is needed at the same time.
    fn add<'d>(&'d self, name: &'d str, value: &'d str) -> Changing<'d>;

    /// Removes it again. Called also when adding failed half-way.
    fn remove<'d>(&'d self, name: &'d str, value: &'d str) -> Changing<'d>;
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    #[test]
    fn e12_the_owner_is_warned_without_a_certificate_and_from_seven_days() {
        let day = |number: u64| UNIX_EPOCH + Duration::from_secs(number * 86_400);
        let mut status = NameStatus {
            name: "a.test".into(),
            issuer: None,
            lifetime: None,
            next_try: day(0),
            failures: 1,
            last_error: Some("port 80 is closed".into()),
        };
        let warning = status.warning(day(20_000)).unwrap();
        assert!(warning.contains("no certificate") && warning.contains("port 80"), "{warning}");
        status.lifetime = Some(Lifetime { not_before: day(20_000), not_after: day(20_090) });
        assert_eq!(status.warning(day(20_082)), None);
        assert!(status.warning(day(20_083)).unwrap().contains("ends in 168 hours"));
        assert!(status.warning(day(20_090)).unwrap().contains("has ended"));
    }
}
