//! The configuration made ready for use: which name leads to which site, which path to which
//! origins. A reload makes a new plan; what is in progress keeps the old one.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use config::{AccessLog, Config, OriginAddress, OriginScheme, Site as SiteSettings};
use http::HeaderValue;
use net::link::Link;
use tokio_util::sync::CancellationToken;

use crate::EdgeError;
use crate::certificates::{self, Certificates};
use crate::origin::{Dialer, Group, Origin};

/// Where WebSockets are, unless a site says otherwise: Mastodon's streaming API.
const UPGRADES: &str = "/api/v1/streaming";
/// Where deliveries come in, unless a site says otherwise: ActivityPub's servers mostly agree.
const INBOXES: [&str; 2] = ["/inbox", "/users/*/inbox"];
/// What tells whether an origin is ready, unless a site says otherwise.
const HEALTH: &str = "/ready";

/// What is in force.
pub(crate) struct Plan {
    sites: HashMap<String, Arc<Site>>,
    origins: HashMap<OriginAddress, Arc<Origin>>,
    groups: Vec<Arc<Group>>,
    pub hsts: Option<HeaderValue>,
    pub body_bytes: u64,
    pub access_log: AccessLog,
    pub requests_per_second: u32,
    pub connections_per_address: usize,
    pub trusted_announcers: config::Networks,
    stop: CancellationToken,
}

/// Names that share what stands behind them.
pub(crate) struct Site {
    /// Its first name.
    pub name: String,
    /// Longest prefix first; the last fits everything.
    rules: Vec<(String, Arc<Group>)>,
    upgrades: Vec<String>,
    inboxes: Vec<String>,
}

impl Plan {
    /// Makes the plan of these settings. Origins of the plan before keep their connections.
    ///
    /// # Errors
    /// [`EdgeError`] when a setting cannot work or a certificate cannot be read.
    pub fn make(
        config: &Config,
        certificates: &Certificates,
        before: Option<&Self>,
    ) -> Result<Self, EdgeError> {
        let edge = &config.edge;
        let settings = edge.all_sites(&config.server)?;
        let mut maker = Maker::new(config, &settings, before)?;
        let mut sites = HashMap::new();
        let mut read = Vec::new();
        for site in &settings {
            let made = Arc::new(maker.site(site)?);
            if let (Some(chain), Some(key)) = (&site.certificate, &site.key) {
                let certificate = certificates::read_files(chain, key)?;
                read.extend(site.names.iter().map(|name| (name.clone(), certificate.clone())));
            }
            sites.extend(site.names.iter().map(|name| (name.clone(), made.clone())));
        }
        // Nothing can fail any more.
        for (name, certificate) in read {
            certificates.install(&name, certificate);
        }
        let seconds = u64::from(edge.hsts_days) * 86_400;
        let hsts = (seconds > 0).then(|| HeaderValue::from_str(&format!("max-age={seconds}")).ok());
        let announcers = &edge.proxy_protocol_from;
        Ok(Self {
            sites,
            origins: maker.origins,
            groups: maker.groups,
            hsts: hsts.flatten(),
            body_bytes: edge.body_bytes,
            access_log: edge.access_log,
            requests_per_second: edge.requests_per_second,
            connections_per_address: edge.connections_per_address,
            trusted_announcers: config::networks::parse_all(
                "edge.proxy_protocol_from",
                announcers,
            )?,
            stop: CancellationToken::new(),
        })
    }

    /// The site of a name in lower case.
    pub fn site(&self, name: &str) -> Option<&Arc<Site>> {
        self.sites.get(name)
    }

    /// All names.
    pub fn names(&self) -> impl Iterator<Item = &String> {
        self.sites.keys()
    }

    /// All origins.
    pub fn origins(&self) -> impl Iterator<Item = &Arc<Origin>> {
        self.origins.values()
    }

    /// All groups of origins.
    pub fn groups(&self) -> impl Iterator<Item = &Arc<Group>> {
        self.groups.iter()
    }

    /// Another plan has taken its place.
    pub fn retire(&self) {
        self.stop.cancel();
    }

    /// Keeps asking the origins whether they are ready, until the plan is retired or dropped.
    pub fn watch_origins(&self) {
        let checking = crate::origin::keep_checking(self.groups.clone(), self.stop.clone());
        tokio::spawn(checking);
    }
}

impl Drop for Plan {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl Site {
    /// Who answers requests for this path.
    pub fn group(&self, path: &str) -> Option<&Arc<Group>> {
        let fits = |(prefix, _): &&(String, Arc<Group>)| is_below(path, prefix);
        self.rules.iter().find(fits).map(|(_, group)| group)
    }

    /// Whether connections may be upgraded here (E04).
    pub fn may_upgrade(&self, path: &str) -> bool {
        self.upgrades.iter().any(|prefix| is_below(path, prefix))
    }

    /// Whether deliveries come in here.
    pub fn is_inbox(&self, path: &str) -> bool {
        self.inboxes.iter().any(|pattern| fits(path, pattern))
    }
}

/// Whether a path has these segments, of which `*` is any one.
fn fits(path: &str, pattern: &str) -> bool {
    let path = path.strip_suffix('/').unwrap_or(path);
    let mut segments = path.split('/');
    let all = pattern.split('/').all(|wanted| {
        segments.next().is_some_and(|one| one == wanted || (wanted == "*" && !one.is_empty()))
    });
    all && segments.next().is_none()
}

/// Whole segments count: `/api/v1/streaming` is no prefix of `/api/v1/streamings`.
fn is_below(path: &str, prefix: &str) -> bool {
    path.strip_prefix(prefix.trim_end_matches('/'))
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

struct Maker<'c> {
    dialer: Arc<Dialer>,
    wait: Duration,
    before: Option<&'c Plan>,
    origins: HashMap<OriginAddress, Arc<Origin>>,
    groups: Vec<Arc<Group>>,
}

impl<'c> Maker<'c> {
    fn new(
        config: &Config,
        sites: &[SiteSettings],
        before: Option<&'c Plan>,
    ) -> Result<Self, EdgeError> {
        let link = config.edge.link_secret_file.as_deref().map(Link::read).transpose()?;
        let of_sites = sites.iter().flat_map(|site| {
            site.origins.iter().chain(site.paths.iter().flat_map(|rule| &rule.origins))
        });
        let addresses = of_sites.map(|text| OriginAddress::parse(text));
        let addresses = addresses.collect::<Result<Vec<_>, _>>()?;
        let needs = addresses.iter().any(|origin| origin.scheme == OriginScheme::Https);
        let dialer = Arc::new(Dialer::new(link.as_ref(), needs)?);
        let wait = Duration::from_secs(config.edge.wait_for_origin);
        Ok(Self { dialer, wait, before, origins: HashMap::new(), groups: Vec::new() })
    }

    fn site(&mut self, site: &SiteSettings) -> Result<Site, EdgeError> {
        let host = site.names.first().cloned().unwrap_or_default();
        let usual = site.health.as_deref().unwrap_or(HEALTH);
        let mut rules = Vec::new();
        for rule in &site.paths {
            let health = rule.health.as_deref().unwrap_or(usual);
            let group = self.group(&rule.origins, health, &host)?;
            rules.push((rule.prefix.clone(), group));
        }
        rules.push(("/".to_owned(), self.group(&site.origins, usual, &host)?));
        rules.sort_by_key(|(prefix, _)| std::cmp::Reverse(prefix.len()));
        let upgrades = if site.upgrades.is_empty() {
            vec![UPGRADES.to_owned()]
        } else {
            site.upgrades.clone()
        };
        let inboxes = if site.inboxes.is_empty() {
            INBOXES.map(str::to_owned).to_vec()
        } else {
            site.inboxes.clone()
        };
        Ok(Site { name: host, rules, upgrades, inboxes })
    }

    fn group(
        &mut self,
        origins: &[String],
        health: &str,
        host: &str,
    ) -> Result<Arc<Group>, EdgeError> {
        let mut members = Vec::new();
        for text in origins {
            members.push(self.origin(OriginAddress::parse(text)?));
        }
        let health = (health.to_owned(), host.to_owned());
        let group = Arc::new(Group::new(members, health, self.wait));
        self.groups.push(group.clone());
        Ok(group)
    }

    fn origin(&mut self, address: OriginAddress) -> Arc<Origin> {
        if let Some(origin) = self.origins.get(&address) {
            return origin.clone();
        }
        let kept = self.before.and_then(|plan| plan.origins.get(&address)).cloned();
        let origin = match kept {
            Some(origin) => {
                origin.use_dialer(self.dialer.clone());
                origin
            }
            None => Arc::new(Origin::new(address.clone(), self.dialer.clone())),
        };
        self.origins.insert(address, origin.clone());
        origin
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(text: &str) -> Plan {
        let config = Config { edge: serde_json::from_str(text).unwrap(), ..Config::default() };
        Plan::make(&config, &Certificates::default(), None).unwrap()
    }

    #[test]
    fn deliveries_come_in_where_the_site_says() {
        let usual = plan(r#"{"domain": "a.test"}"#);
        let own = plan(
            r#"{"sites": [{"names": ["a.test"], "origins": ["http://b"], "inboxes": ["/ap/*/in"]}]}"#,
        );
        for (path, in_usual, in_own) in [
            ("/inbox", true, false),
            ("/inbox/", true, false),
            ("/inboxes", false, false),
            ("/users/a/inbox", true, false),
            ("/users//inbox", false, false),
            ("/users/a/b/inbox", false, false),
            ("/users/a/inbox/x", false, false),
            ("/users/a/outbox", false, false),
            ("/ap/1/in", false, true),
            ("/", false, false),
        ] {
            let takes = |plan: &Plan| plan.site("a.test").unwrap().is_inbox(path);
            assert_eq!((takes(&usual), takes(&own)), (in_usual, in_own), "{path}");
        }
    }

    #[test]
    fn the_longest_prefix_of_whole_segments_decides() {
        let plan = plan(
            r#"{"sites": [{"names": ["m.test", "files.m.test"], "origins": ["http://127.0.0.1:3000"],
                "paths": [{"prefix": "/api/", "origins": ["http://127.0.0.1:3001"]},
                          {"prefix": "/api/v1/streaming", "origins": ["http://127.0.0.1:4000"]}]}]}"#,
        );
        let port = |name: &str, path: &str| {
            let group = plan.site(name)?.group(path)?;
            group.origins.first().map(|origin| origin.address.port)
        };
        for (path, expected) in [
            ("/", 3000),
            ("/apis", 3000),
            ("/api", 3001),
            ("/api/v1/streamings", 3001),
            ("/api/v1/streaming", 4000),
            ("/api/v1/streaming/user", 4000),
        ] {
            assert_eq!(port("files.m.test", path), Some(expected), "{path}");
        }
        assert_eq!(port("other.test", "/"), None);
        assert!(plan.site("m.test").unwrap().may_upgrade("/api/v1/streaming/"));
        assert!(!plan.site("m.test").unwrap().may_upgrade("/api/v1/accounts"));
        assert_eq!(plan.origins().count(), 3, "one address is one origin");
    }
}
