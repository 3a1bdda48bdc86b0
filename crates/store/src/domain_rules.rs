//! What this server's staff has decided about other servers.

use crate::engine::{Conn, Result};
use crate::{args, statements};

statements! {
    SEVERITIES = "SELECT severity FROM domain_rules WHERE domain IN_LIST(?1)";
    ALLOWED = "SELECT 1 FROM domain_allows WHERE domain IN_LIST(?1) LIMIT 1";
    REJECTS_REPORTS = "SELECT 1 FROM domain_rules WHERE domain IN_LIST(?1) AND reject_reports = true LIMIT 1";
}

/// How far a server is kept away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Its accounts are limited.
    Silence,
    /// Nothing is taken from it or sent to it.
    Suspend,
}

/// The strictest rule that covers a host: its own, or one of a domain above it (F12).
///
/// # Errors
/// [`crate::StoreError`] of the engine, as for every function here.
pub async fn severity_of(conn: &mut Conn, host: &str) -> Result<Option<Severity>> {
    let found: Vec<String> = conn.column(&SEVERITIES, args![covering(host)]).await?;
    Ok(found
        .iter()
        .filter_map(|name| match name.as_str() {
            "suspend" => Some(Severity::Suspend),
            "silence" => Some(Severity::Silence),
            _ => None,
        })
        .max())
}

/// Whether a host, or a domain above it, is on the list of those spoken with.
///
/// # Errors
/// See [`severity_of`].
pub async fn is_allowed(conn: &mut Conn, host: &str) -> Result<bool> {
    Ok(conn.scalar::<i64>(&ALLOWED, args![covering(host)]).await?.is_some())
}

/// Whether reports of a host are dropped.
///
/// # Errors
/// See [`severity_of`].
pub async fn rejects_reports(conn: &mut Conn, host: &str) -> Result<bool> {
    Ok(conn.scalar::<i64>(&REJECTS_REPORTS, args![covering(host)]).await?.is_some())
}

/// The names under which a rule for this host may stand: itself, with and without its port, and
/// every domain above it. In lower case, without a trailing dot; nothing else is taken from it.
fn covering(host: &str) -> Vec<String> {
    let host = host.to_lowercase();
    let (name, port) = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => (name, Some(port)),
        _ => (host.as_str(), None),
    };
    let name = name.trim_end_matches('.');
    let mut names = Vec::new();
    if let Some(port) = port {
        names.push(format!("{name}:{port}"));
    }
    let mut rest = Some(name);
    while let Some(domain) = rest {
        names.push(domain.to_owned());
        rest = domain.split_once('.').map(|(_, above)| above).filter(|above| !above.is_empty());
    }
    names
}

#[cfg(test)]
mod tests {
    use super::covering;

    #[test]
    fn f12_a_rule_covers_spellings_ports_and_subdomains() {
        for host in ["bad.test", "BAD.test.", "a.bad.test", "a.b.bad.test:8443", "bad.test:8443"] {
            assert!(covering(host).contains(&"bad.test".to_owned()), "{host}");
        }
        for host in ["notbad.test", "bad.test.example", "ex/ample.test", "bad.tes"] {
            assert!(!covering(host).contains(&"bad.test".to_owned()), "{host}");
        }
        assert!(!covering("ex/ample.test").contains(&"example.test".to_owned()));
    }
}
