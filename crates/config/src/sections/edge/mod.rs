//! `[edge]`: the proxy that stands before the server: where it listens, which names it answers for,
//! and which origins stand behind each. It knows origins by address and path only, so that any
//! server can stand behind it.

use std::net::SocketAddr;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use url::Url;

use crate::{ConfigError, Server};

mod docs;
mod origin;
mod stores;

pub(super) use docs::DOCS;
pub use origin::{OriginAddress, OriginScheme};
pub use stores::{Stored, is_bucket};

/// The edge proxy. `domain` and `origins` are enough for one server; `sites` is for more.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Edge {
    /// The name of the one site.
    pub domain: Option<String>,
    /// What stands behind it.
    pub origins: Vec<String>,
    /// More sites, or more names of one.
    pub sites: Vec<Site>,
    /// Addresses for plain http.
    pub http: Vec<SocketAddr>,
    /// Addresses for https.
    pub https: Vec<SocketAddr>,
    /// Certificate chain of sites that name none of their own.
    pub certificate: Option<PathBuf>,
    /// Its private key.
    pub key: Option<PathBuf>,
    /// Directory of the ACME authority that certificates come from.
    pub acme_directory: String,
    /// Mail address that the authority may write to.
    pub acme_contact: Option<String>,
    /// Folder of what the edge keeps.
    pub data: PathBuf,
    /// Where certificates and the ACME account are kept as well, sealed.
    pub vault: Option<String>,
    /// File with the secret that seals them; that of the link when none is named.
    pub vault_secret_file: Option<PathBuf>,
    /// Hosted zone of Route 53 in which the names lie.
    pub route53_zone: Option<String>,
    /// Another address of Route 53.
    pub route53_endpoint: Option<String>,
    /// Access key for Route 53; none is the role of the instance.
    pub route53_access_key_id: Option<String>,
    /// Its secret.
    pub route53_secret_access_key: Option<String>,
    /// File that holds the secret.
    pub route53_secret_access_key_file: Option<PathBuf>,
    /// Another S3 than that of AWS, for the vault and for origins.
    pub s3_endpoint: Option<String>,
    /// The region of their buckets.
    pub s3_region: String,
    /// Access key for S3; none is the role of the instance.
    pub s3_access_key_id: Option<String>,
    /// Its secret.
    pub s3_secret_access_key: Option<String>,
    /// File that holds the secret.
    pub s3_secret_access_key_file: Option<PathBuf>,
    /// File with the secret that edge and server share, for `link://` origins.
    pub link_secret_file: Option<PathBuf>,
    /// Proxies that announce the client's address by the PROXY protocol.
    pub proxy_protocol_from: Vec<String>,
    /// For how long browsers remember to use https only, in days; 0 sends no such header.
    pub hsts_days: u32,
    /// Which requests are logged.
    pub access_log: AccessLog,
    /// Loopback address of metrics and status.
    pub metrics: Option<SocketAddr>,
    /// Most connections at once.
    pub connections: usize,
    /// Most connections at once from one address, and half of its requests at once.
    pub connections_per_address: usize,
    /// Requests a second from one address; 0 does not count.
    pub requests_per_second: u32,
    /// Bytes of a request body.
    pub body_bytes: u64,
    /// Seconds that requests wait for a server that restarts.
    pub wait_for_origin: u64,
    /// Bytes of deliveries that are kept on the disk while the server is away; 0 keeps none.
    pub spool_bytes: u64,
    /// Deliveries that are kept at most.
    pub spool_entries: usize,
    /// Deliveries of one sending server that are kept at most.
    pub spool_entries_per_sender: usize,
    /// Bytes of answers that are cached on the disk; 0 caches nothing.
    pub cache_bytes: u64,
    /// Answers that are cached at most.
    pub cache_entries: usize,
    /// Networks behind this machine that `edge nat up` lets out by its address.
    pub nat_sources: Vec<String>,
    /// The interface that they leave by; that of the default route when it is not named.
    pub nat_interface: Option<String>,
}

/// Names that belong together, and what stands behind them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Site {
    /// Host names, without ports.
    pub names: Vec<String>,
    /// Where requests go that no path rule takes.
    pub origins: Vec<String>,
    /// Paths that go elsewhere. The longest prefix that fits decides.
    pub paths: Vec<PathRule>,
    /// Prefixes under which a connection may become a WebSocket. Default: `/api/v1/streaming`.
    pub upgrades: Vec<String>,
    /// Paths that take deliveries, which are kept while the origins are away; `*` stands for one
    /// segment. Default: `/inbox` and `/users/*/inbox`.
    pub inboxes: Vec<String>,
    /// Prefixes of public files: they are cached for everybody, and cookies, tokens and queries of
    /// requests for them are not passed on. Default: `/media`.
    pub files: Vec<String>,
    /// Prefixes below which other answers are cached as their `Cache-Control` says, for requests
    /// without cookie, token and signature. Default: everything but `/api`.
    pub cache: Vec<String>,
    /// What to ask an origin to learn whether it is ready. Default: `/ready`.
    pub health: Option<String>,
    /// Certificate chain of these names.
    pub certificate: Option<PathBuf>,
    /// Its private key.
    pub key: Option<PathBuf>,
}

/// A path prefix and the origins of its requests.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PathRule {
    /// Beginning of the path; whole segments count.
    pub prefix: String,
    /// Where the requests go.
    pub origins: Vec<String>,
    /// What to ask these origins to learn whether they are ready. Default: that of the site.
    pub health: Option<String>,
}

/// Which requests are logged. Queries and tokens never are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AccessLog {
    /// None.
    #[default]
    Off,
    /// One in a hundred, and every failure of the server.
    Sampled,
    /// All.
    Full,
}

impl Default for Edge {
    fn default() -> Self {
        Self {
            domain: None,
            origins: vec!["http://127.0.0.1:3000".into()],
            sites: Vec::new(),
            http: both_families(80),
            https: both_families(443),
            certificate: None,
            key: None,
            acme_directory: "https://acme-v02.api.letsencrypt.org/directory".into(),
            acme_contact: None,
            data: PathBuf::from("./edge"),
            vault: None,
            vault_secret_file: None,
            route53_zone: None,
            route53_endpoint: None,
            route53_access_key_id: None,
            route53_secret_access_key: None,
            route53_secret_access_key_file: None,
            s3_endpoint: None,
            s3_region: "us-east-1".into(),
            s3_access_key_id: None,
            s3_secret_access_key: None,
            s3_secret_access_key_file: None,
            link_secret_file: None,
            proxy_protocol_from: Vec::new(),
            hsts_days: 365,
            access_log: AccessLog::Off,
            metrics: Some(SocketAddr::from(([127, 0, 0, 1], 9180))),
            connections: 2048,
            connections_per_address: 64,
            requests_per_second: 100,
            body_bytes: 128 * 1024 * 1024,
            wait_for_origin: 10,
            spool_bytes: 64 * 1024 * 1024,
            spool_entries: 20_000,
            spool_entries_per_sender: 5_000,
            cache_bytes: 1024 * 1024 * 1024,
            cache_entries: 20_000,
            nat_sources: Vec::new(),
            nat_interface: None,
        }
    }
}

fn both_families(port: u16) -> Vec<SocketAddr> {
    vec![SocketAddr::from(([0, 0, 0, 0], port)), SocketAddr::from(([0_u16; 8], port))]
}

impl Edge {
    pub(crate) fn validate(&self) -> Result<(), ConfigError> {
        let invalid =
            |key, problem: &str| Err(ConfigError::Invalid { key, problem: problem.into() });
        let wants_link = self.every_origin().any(|origin| origin.starts_with("link://"));
        if wants_link && self.link_secret_file.is_none() {
            return invalid(
                "edge.link_secret_file",
                "is needed for link:// origins; make one with `tuskling edge secret` and give the same file to the server",
            );
        }
        for origin in self.every_origin().filter(|origin| !is_bucket(origin)) {
            OriginAddress::parse(origin)?;
        }
        self.validate_stores()?;
        one_with_the_other("edge.key", self.certificate.as_ref(), self.key.as_ref())?;
        for site in &self.sites {
            site.validate()?;
        }
        if let Some(domain) = &self.domain {
            checked_name("edge.domain", domain)?;
        }
        crate::networks::parse_all("edge.proxy_protocol_from", &self.proxy_protocol_from)?;
        crate::networks::parse_all("edge.nat_sources", &self.nat_sources)?;
        match self.metrics {
            Some(address) if !address.ip().is_loopback() => {
                return invalid(
                    "edge.metrics",
                    "is not on loopback; metrics are not for the network, write 127.0.0.1:PORT",
                );
            }
            _ => {}
        }
        if self.connections < 16 || self.connections_per_address == 0 {
            return invalid("edge.connections", "must be at least 16, and one for each address");
        }
        if self.wait_for_origin > 60 {
            return invalid(
                "edge.wait_for_origin",
                "must be at most 60 seconds; clients give up before",
            );
        }
        if (1..8 * 1024 * 1024).contains(&self.spool_bytes) {
            return invalid("edge.spool_bytes", "must be 0 (keep nothing) or at least 8388608");
        }
        if (1..16 * 1024 * 1024).contains(&self.cache_bytes) {
            return invalid("edge.cache_bytes", "must be 0 (cache nothing) or at least 16777216");
        }
        if self.cache_entries == 0 || self.cache_entries > 1_000_000 {
            return invalid("edge.cache_entries", "must be between 1 and 1000000");
        }
        Ok(())
    }

    /// All sites: the one of `domain` (or of the server's own settings) and those of `sites`.
    ///
    /// # Errors
    /// [`ConfigError::Invalid`] when there is none, or when two claim one name.
    pub fn all_sites(&self, server: &Server) -> Result<Vec<Site>, ConfigError> {
        let own = if self.sites.is_empty() { server.host() } else { None };
        let main = self.domain.clone().or(own).map(|name| Site {
            names: vec![name],
            origins: self.origins.clone(),
            ..Site::default()
        });
        let mut sites: Vec<Site> = main.into_iter().chain(self.sites.iter().cloned()).collect();
        for site in &mut sites {
            if site.certificate.is_none() {
                (site.certificate, site.key) = (self.certificate.clone(), self.key.clone());
            }
        }
        let mut names: Vec<&String> = sites.iter().flat_map(|site| &site.names).collect();
        names.sort();
        if let Some([twice, _]) = names.windows(2).find(|pair| pair.first() == pair.last()) {
            let problem = format!("{twice:?} is named twice; each name belongs to one site");
            return Err(ConfigError::Invalid { key: "edge.sites", problem });
        }
        if sites.is_empty() {
            let problem = "is not set; write the name that people reach this machine by".into();
            return Err(ConfigError::Invalid { key: "edge.domain", problem });
        }
        Ok(sites)
    }

    fn every_origin(&self) -> impl Iterator<Item = &String> {
        let of_sites = self.sites.iter().flat_map(|site| {
            site.origins.iter().chain(site.paths.iter().flat_map(|rule| &rule.origins))
        });
        self.origins.iter().chain(of_sites)
    }
}

impl Site {
    fn validate(&self) -> Result<(), ConfigError> {
        let invalid = |problem: String| Err(ConfigError::Invalid { key: "edge.sites", problem });
        if self.names.is_empty() {
            return invalid("a site has no names; write names = [\"social.example\"]".into());
        }
        for name in &self.names {
            checked_name("edge.sites", name)?;
        }
        if self.origins.is_empty() {
            return invalid(format!("{:?} has no origins", self.names));
        }
        for rule in &self.paths {
            if !rule.prefix.starts_with('/') || rule.origins.is_empty() {
                return invalid(format!(
                    "the path rule {:?} needs a prefix that begins with / and origins",
                    rule.prefix
                ));
            }
        }
        let cached = self.files.iter().chain(&self.cache);
        let paths = self.upgrades.iter().chain(&self.inboxes).chain(&self.health).chain(cached);
        let of_rules = self.paths.iter().filter_map(|rule| rule.health.as_ref());
        if let Some(bad) = paths.chain(of_rules).find(|path| !path.starts_with('/')) {
            return invalid(format!("{bad:?} must be a path and begin with /"));
        }
        one_with_the_other("edge.sites", self.certificate.as_ref(), self.key.as_ref())
    }
}

fn one_with_the_other(
    key: &'static str,
    certificate: Option<&PathBuf>,
    private: Option<&PathBuf>,
) -> Result<(), ConfigError> {
    if certificate.is_some() == private.is_some() {
        return Ok(());
    }
    Err(ConfigError::Invalid { key, problem: "certificate and key go together: give both".into() })
}

fn checked_name(key: &'static str, name: &str) -> Result<(), ConfigError> {
    let url = Url::parse(&format!("http://{name}/"));
    if url.is_ok_and(|url| url.host_str() == Some(name) && url.port().is_none()) {
        return Ok(());
    }
    let problem = format!("{name:?} is no host name; write it in lower case, without a port");
    Err(ConfigError::Invalid { key, problem })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Edge, String> {
        let edge: Edge = toml::from_str(text).map_err(|error| error.to_string())?;
        edge.validate().map_err(|error| error.to_string())?;
        Ok(edge)
    }

    #[test]
    fn a_name_and_an_origin_are_enough() {
        let edge =
            read("domain = \"social.example\"\norigins = [\"http://10.0.1.5:3000\"]").unwrap();
        let sites = edge.all_sites(&Server::default()).unwrap();
        assert_eq!(sites.len(), 1);
        assert_eq!(sites[0].names, ["social.example"]);
        let server = Server { domain: Some("one.example".into()), ..Server::default() };
        let sites = Edge::default().all_sites(&server).unwrap();
        assert_eq!(
            (sites[0].names[0].as_str(), sites[0].origins[0].as_str()),
            ("one.example", "http://127.0.0.1:3000")
        );
        assert!(
            Edge::default()
                .all_sites(&Server::default())
                .unwrap_err()
                .to_string()
                .contains("edge.domain")
        );
    }

    #[test]
    fn another_server_may_stand_behind_it_with_two_ports() {
        let edge = read(
            "[[sites]]\nnames = [\"m.example\", \"files.m.example\"]\norigins = [\"http://127.0.0.1:3000\"]\n\
             health = \"/health\"\npaths = [{ prefix = \"/api/v1/streaming\", origins = [\"http://127.0.0.1:4000\"] }]\n",
        )
        .unwrap();
        assert_eq!(edge.all_sites(&Server::default()).unwrap()[0].paths.len(), 1);
    }

    #[test]
    fn mistakes_are_named() {
        for (text, part) in [
            ("domain = \"Social.Example\"", "lower case"),
            ("domain = \"x.example:443\"", "without a port"),
            ("certificate = \"a.pem\"", "give both"),
            ("origins = [\"link://10.0.0.1\"]", "link_secret_file"),
            ("metrics = \"0.0.0.0:9180\"", "loopback"),
            ("[[sites]]\norigins = [\"http://a\"]", "no names"),
            ("[[sites]]\nnames = [\"a.example\"]", "no origins"),
            ("proxy_protocol_from = [\"10.0.0.0/40\"]", "proxy_protocol_from"),
            ("wait_for_origin = 3600", "60 seconds"),
            ("spool_bytes = 1", "at least 8388608"),
            ("cache_bytes = 1", "at least 16777216"),
            ("cache_entries = 0", "between 1 and"),
            ("nat_sources = [\"10.0.0.0/40\"]", "nat_sources"),
            (
                "[[sites]]\nnames = [\"a.example\"]\norigins = [\"http://b\"]\nfiles = [\"x\"]",
                "begin with /",
            ),
            (
                "[[sites]]\nnames = [\"a.example\"]\norigins = [\"http://b\"]\ninboxes = [\"x\"]",
                "begin with /",
            ),
            ("vault = \"/mnt/x\"", "vault_secret_file"),
            ("vault = \"s3://\"\nvault_secret_file = \"x\"", "edge.vault"),
            ("s3_access_key_id = \"x\"", "belong together"),
            ("route53_access_key_id = \"x\"", "belong together"),
            ("route53_zone = \"Z/1\"", "hosted zone"),
            ("s3_endpoint = \"x.example\"", "s3_endpoint"),
            ("origins = [\"s3://b\", \"http://c\"]", "stands alone"),
            ("origins = [\"s3://b/../c\"]", "plain letters"),
            ("nothing = 1", "unknown field"),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.contains(part), "{text}: {error}");
        }
        let twice = read(
            "domain = \"a.example\"\n[[sites]]\nnames = [\"a.example\"]\norigins = [\"http://b\"]",
        );
        let error = twice.unwrap().all_sites(&Server::default()).unwrap_err().to_string();
        assert!(error.contains("named twice"), "{error}");
    }
}
