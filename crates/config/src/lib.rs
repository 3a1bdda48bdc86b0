//! Configuration: one file a section, read from `tuskling.toml`, overridden by `TUSKLING_*`
//! variables, overridden by flags.
//!
//! Every default is right for one person on the smallest machine. There are no globals: the
//! [`Config`] is passed to whoever needs it. Called by `tuskling` at start.

mod example;
mod load;
pub mod networks;
mod sections;

pub use example::example;
pub use load::{ConfigError, Sources, load};
pub use networks::Networks;
pub use sections::backup::{Backup, Place};
pub use sections::budget::Budget;
pub use sections::database::{Database, DatabaseUrl};
pub use sections::deploy::{Architecture, Deploy, DnsKind, Shape};
pub use sections::edge::{
    AccessLog, Edge, OriginAddress, OriginScheme, PathRule, Site, Stored, is_bucket,
};
pub use sections::federation::Federation;
pub use sections::instance::Instance;
pub use sections::limits::{Limits, Rate};
pub use sections::log::{Log, LogFormat};
pub use sections::mail::{Mail, MailTransport, SmtpSecurity};
pub use sections::media::Media;
pub use sections::metrics::Metrics;
pub use sections::registrations::{Registrations, RegistrationsMode};
pub use sections::server::{Address, Server, is_local_domain};

use serde::{Deserialize, Serialize};

/// All settings. An unknown section or key is an error.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where the server lives and listens.
    pub server: Server,
    /// Where the data is kept.
    pub database: Database,
    /// What the instance says of itself.
    pub instance: Instance,
    /// Who may sign up.
    pub registrations: Registrations,
    /// How this server behaves towards others.
    pub federation: Federation,
    /// How much of what others made is kept.
    pub budget: Budget,
    /// What clients may do how often, and how large things may be.
    pub limits: Limits,
    /// Uploads.
    pub media: Media,
    /// How messages to people leave this server.
    pub mail: Mail,
    /// What is logged, and how.
    pub log: Log,
    /// The Prometheus listener.
    pub metrics: Metrics,
    /// The proxy before the server.
    pub edge: Edge,
    /// Copies of everything, elsewhere.
    pub backup: Backup,
    /// What `deploy` makes on AWS.
    pub deploy: Deploy,
}

impl Config {
    /// Checks each section and what they must agree on.
    ///
    /// # Errors
    /// [`ConfigError::Invalid`] names the key and says what to write instead.
    pub fn validate(&self) -> Result<(), ConfigError> {
        self.server.validate()?;
        self.database.validate()?;
        self.instance.validate()?;
        self.limits.validate()?;
        self.media.validate()?;
        self.mail.validate()?;
        self.metrics.validate()?;
        self.edge.validate()?;
        self.backup.validate()?;
        self.deploy.validate()?;
        if self.edge.domain.is_some() || !self.edge.sites.is_empty() {
            self.edge.all_sites(&self.server)?;
        }
        Ok(())
    }
}
