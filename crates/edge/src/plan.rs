//! The configuration made ready for use: which name leads to which site, which path to which
//! origins. A reload makes a new plan; what is in progress keeps the old one.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use config::{AccessLog, Config, OriginAddress, OriginScheme, Site as SiteSettings, is_bucket};
use http::HeaderValue;
use net::link::Link;
use tokio_util::sync::CancellationToken;

use crate::certificates::{self, Certificates};
use crate::origin::{Bucket, Dialer, Gone, Group, Origin};
use crate::{EdgeError, Shared};

/// Where WebSockets are, unless a site says otherwise: Mastodon's streaming API.
const UPGRADES: &str = "/api/v1/streaming";
/// Where deliveries come in, unless a site says otherwise: ActivityPub's servers mostly agree.
const INBOXES: [&str; 2] = ["/inbox", "/users/*/inbox"];
/// Where public files are, unless a site says otherwise: tuskling's, and what many others use.
const FILES: &str = "/media";
/// What is never cached, unless a site says where to cache: an API answers programs that have just
/// changed something.
const UNCACHED: &str = "/api";
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
    files: Vec<String>,
    /// Nothing: everything but [`UNCACHED`].
    cached: Vec<String>,
}

/// What may be cached of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cached {
    /// Nothing.
    No,
    /// What anybody may see, and no longer than the origin says.
    Answers,
    /// A public file: who asks makes no difference.
    Files,
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
    pub fn watch_origins(&self, shared: &Arc<Shared>) {
        let gone = Gone {
            cache: shared.cache.clone(),
            names: self.names().cloned().collect(),
            edge: Arc::downgrade(shared),
        };
        tokio::spawn(crate::origin::keep_checking(self.groups.clone(), gone, self.stop.clone()));
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

    /// What may be cached here.
    pub fn cached(&self, path: &str) -> Cached {
        let is_in = |prefixes: &[String]| prefixes.iter().any(|prefix| is_below(path, prefix));
        if is_in(&self.files) {
            return Cached::Files;
        }
        let may =
            if self.cached.is_empty() { !is_below(path, UNCACHED) } else { is_in(&self.cached) };
        if may { Cached::Answers } else { Cached::No }
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
    edge: &'c config::Edge,
    before: Option<&'c Plan>,
    origins: HashMap<OriginAddress, Arc<Origin>>,
    groups: Vec<Arc<Group>>,
}

impl<'c> Maker<'c> {
    fn new(
        config: &'c Config,
        sites: &[SiteSettings],
        before: Option<&'c Plan>,
    ) -> Result<Self, EdgeError> {
        let link = config.edge.link_secret_file.as_deref().map(Link::read).transpose()?;
        let of_sites = sites.iter().flat_map(|site| {
            site.origins.iter().chain(site.paths.iter().flat_map(|rule| &rule.origins))
        });
        let mut needs = false;
        for text in of_sites {
            needs |= match is_bucket(text) {
                true => Bucket::of(text, &config.edge)?.1.scheme == OriginScheme::Https,
                false => OriginAddress::parse(text)?.scheme == OriginScheme::Https,
            };
        }
        let dialer = Arc::new(Dialer::new(link.as_ref(), needs)?);
        let wait = Duration::from_secs(config.edge.wait_for_origin);
        Ok(Self {
            dialer,
            wait,
            edge: &config.edge,
            before,
            origins: HashMap::new(),
            groups: Vec::new(),
        })
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
        let files = if site.files.is_empty() { vec![FILES.to_owned()] } else { site.files.clone() };
        let cached = site.cache.clone();
        Ok(Site { name: host, rules, upgrades, inboxes, files, cached })
    }

    fn group(
        &mut self,
        origins: &[String],
        health: &str,
        host: &str,
    ) -> Result<Arc<Group>, EdgeError> {
        if let [one] = origins
            && is_bucket(one)
        {
            let (bucket, address) = Bucket::of(one, self.edge)?;
            let group = Arc::new(Group::of_bucket(self.origin(address), bucket, self.wait));
            self.groups.push(group.clone());
            return Ok(group);
        }
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
    fn what_may_be_cached_is_what_the_site_says() {
        let usual = plan(r#"{"domain": "a.test"}"#);
        let own = plan(
            r#"{"sites": [{"names": ["a.test"], "origins": ["http://b"], "files": ["/f", "/g/h"],
                "cache": ["/@a"]}]}"#,
        );
        for (path, in_usual, in_own) in [
            ("/media/x", Cached::Files, Cached::No),
            ("/mediax", Cached::Answers, Cached::No),
            ("/", Cached::Answers, Cached::No),
            ("/@a/1", Cached::Answers, Cached::Answers),
            ("/api/v1/instance", Cached::No, Cached::No),
            ("/apis", Cached::Answers, Cached::No),
            ("/g/h/i", Cached::Answers, Cached::Files),
            ("/g", Cached::Answers, Cached::No),
        ] {
            let cached = |plan: &Plan| plan.site("a.test").unwrap().cached(path);
            assert_eq!((cached(&usual), cached(&own)), (in_usual, in_own), "{path}");
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
