//! What the edge keeps elsewhere and asks of AWS: the vault, the zone, buckets as origins.

use url::Url;

use super::Edge;
use crate::ConfigError;
use crate::sections::backup::{Place, read_place};
use crate::sections::bucket;

/// Whether an origin is a bucket.
#[must_use]
pub fn is_bucket(origin: &str) -> bool {
    origin.starts_with("s3://")
}

/// Settings that name a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stored {
    /// Where certificates are kept as well.
    Vault,
    /// What stands behind the edge.
    Origin,
}

impl Stored {
    /// Reads a folder or `s3://BUCKET/PREFIX`.
    ///
    /// # Errors
    /// [`ConfigError::Invalid`] when it is neither.
    pub fn place(self, text: &str) -> Result<Place, ConfigError> {
        read_place(text).map_err(|problem| ConfigError::Invalid { key: self.key(), problem })
    }

    fn key(self) -> &'static str {
        match self {
            Self::Vault => "edge.vault",
            Self::Origin => "edge.origins",
        }
    }
}

impl Edge {
    /// Key id and secret for S3, if they are set.
    ///
    /// # Errors
    /// [`ConfigError`] when only one of both is there or the file cannot be read.
    pub fn s3_keys(&self) -> Result<Option<(String, String)>, ConfigError> {
        bucket::keys(
            "edge.s3_access_key_id",
            &self.s3_access_key_id,
            &self.s3_secret_access_key,
            &self.s3_secret_access_key_file,
        )
    }

    /// Key id and secret for Route 53, if they are set.
    ///
    /// # Errors
    /// [`ConfigError`] when only one of both is there or the file cannot be read.
    pub fn route53_keys(&self) -> Result<Option<(String, String)>, ConfigError> {
        bucket::keys(
            "edge.route53_access_key_id",
            &self.route53_access_key_id,
            &self.route53_secret_access_key,
            &self.route53_secret_access_key_file,
        )
    }

    pub(super) fn validate_stores(&self) -> Result<(), ConfigError> {
        let invalid = |key, problem: String| Err(ConfigError::Invalid { key, problem });
        if let Some(vault) = &self.vault {
            Stored::Vault.place(vault)?;
            if self.vault_secret_file.is_none() && self.link_secret_file.is_none() {
                let problem = "is needed for edge.vault; make one with `tuskling edge secret` and keep a copy elsewhere";
                return invalid("edge.vault_secret_file", problem.into());
            }
        }
        // Whether the secrets' files can be read is found at the start, by who may read them.
        let halves = [
            (
                "edge.s3_access_key_id",
                self.s3_access_key_id.is_some(),
                self.s3_secret_access_key.is_some(),
                self.s3_secret_access_key_file.is_some(),
            ),
            (
                "edge.route53_access_key_id",
                self.route53_access_key_id.is_some(),
                self.route53_secret_access_key.is_some(),
                self.route53_secret_access_key_file.is_some(),
            ),
        ];
        for (key, id, secret, file) in halves {
            if secret && file {
                let problem = "the secret is given beside its file; keep one of them";
                return invalid(key, problem.into());
            }
            if id != (secret || file) {
                return invalid(key, HALF.into());
            }
        }
        if let Some(zone) = &self.route53_zone {
            let plain = |byte: u8| byte.is_ascii_alphanumeric();
            if zone.is_empty() || zone.len() > 32 || !zone.bytes().all(plain) {
                let problem = format!("{zone:?} is no id of a hosted zone, like Z0123456789ABC");
                return invalid("edge.route53_zone", problem);
            }
        }
        for (key, endpoint) in [
            ("edge.s3_endpoint", &self.s3_endpoint),
            ("edge.route53_endpoint", &self.route53_endpoint),
        ] {
            let Some(text) = endpoint else { continue };
            if !Url::parse(text).is_ok_and(|url| is_bare(&url)) {
                return invalid(key, format!("{text:?} is no address like https://s3.example.com"));
            }
        }
        self.validate_buckets()
    }

    /// A bucket stands for itself: there is nothing that another could answer in its stead.
    fn validate_buckets(&self) -> Result<(), ConfigError> {
        let rules = self.sites.iter().flat_map(|site| site.paths.iter().map(|rule| &rule.origins));
        let groups = self.sites.iter().map(|site| &site.origins).chain(rules);
        for origins in std::iter::once(&self.origins).chain(groups) {
            let Some(bucket) = origins.iter().find(|origin| is_bucket(origin)) else { continue };
            Stored::Origin.place(bucket)?;
            if origins.len() > 1 {
                let problem = format!("{bucket:?} stands alone; name no other origin beside it");
                return Err(ConfigError::Invalid { key: "edge.origins", problem });
            }
        }
        Ok(())
    }
}

const HALF: &str = "key id and secret belong together; set both or none";

/// An address of a service, without anything that would be lost or repeated.
fn is_bare(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https")
        && url.has_host()
        && url.path() == "/"
        && url.query().is_none()
        && url.username().is_empty()
}
