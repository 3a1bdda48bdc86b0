//! `[deploy]`: what `tuskling deploy` makes on AWS. Its defaults are the cheapest that is right for one person.
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::ConfigError;

/// A deployment on AWS.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Deploy {
    /// The name of the instance. Default: that of the server.
    pub domain: Option<String>,
    /// The AWS region.
    pub region: String,
    /// One host or two.
    pub shape: Shape,
    /// Processor of the hosts.
    pub architecture: Architecture,
    /// Mail address of the owner.
    pub contact: Option<String>,
    /// Instance type of the edge, or of the one host.
    pub edge_instance_type: Option<String>,
    /// Instance type of the server in shape private.
    pub app_instance_type: Option<String>,
    /// Spot capacity.
    pub spot: bool,
    /// Gigabytes of each root disk.
    pub root_volume_gb: u32,
    /// Gigabytes of the data volume.
    pub data_volume_gb: u32,
    /// Zone of hosts and data volume.
    pub availability_zone: Option<String>,
    /// Image of the hosts.
    pub ami_id: Option<String>,
    /// Where the DNS records go.
    pub dns: DnsKind,
    /// Name of the Route 53 zone.
    pub zone_name: Option<String>,
    /// Id of the Route 53 zone.
    pub zone_id: Option<String>,
    /// Amazon SES for the domain.
    pub mail: bool,
    /// CloudWatch alarms.
    pub alarms: bool,
    /// Write when the month's forecast passes this.
    pub budget_usd: Option<u32>,
    /// End of the bucket names.
    pub bucket_suffix: Option<String>,
    /// File with the password of the backups.
    pub recovery_key_file: PathBuf,
    /// Folder of what `deploy` keeps here.
    pub folder: PathBuf,
    /// Gigabytes of media in S3, for the bill.
    pub expected_media_gb: u32,
    /// Gigabytes of backups in S3, for the bill.
    pub expected_backup_gb: u32,
    /// Gigabytes to the internet in a month, for the bill.
    pub expected_traffic_gb: u32,
    /// Mails in a month, for the bill.
    pub expected_mails: u32,
}

/// One host or two.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Shape {
    /// A public edge before a server without a public address.
    #[default]
    Private,
    /// Both on one host.
    Single,
}

/// The processor of the hosts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Architecture {
    /// Graviton.
    #[default]
    #[serde(rename = "arm64")]
    Arm64,
    /// Intel and AMD.
    #[serde(rename = "x86_64")]
    X86,
}

/// Where the DNS records go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DnsKind {
    /// A Route 53 zone that is made.
    #[default]
    New,
    /// A Route 53 zone of this account.
    Existing,
    /// Another provider: the records are printed.
    External,
}

impl Shape {
    /// As it is written.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Private => "private",
            Self::Single => "single",
        }
    }
}

impl Architecture {
    /// As AWS writes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Arm64 => "arm64",
            Self::X86 => "x86_64",
        }
    }

    /// The cheapest instance type that is enough.
    #[must_use]
    pub fn usual_type(self) -> &'static str {
        match self {
            Self::Arm64 => "t4g.nano",
            Self::X86 => "t3.nano",
        }
    }
}

impl DnsKind {
    /// As it is written.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Existing => "existing",
            Self::External => "external",
        }
    }
}

pub(super) const DOCS: &[(&str, &str, &str)] = &[
    ("domain", "Name of the instance on AWS. Default: server.domain.", "\"social.example\""),
    ("region", "AWS region that everything is in.", ""),
    (
        "shape",
        "private: a public edge before a server without a public address; single: one host.",
        "",
    ),
    ("architecture", "arm64 (cheaper) or x86_64: what the release was built for.", ""),
    (
        "contact",
        "Your mail address: alarms and the certificate authority write to it.",
        "\"you@example.com\"",
    ),
    (
        "edge_instance_type",
        "Instance type of the edge, or of the one host. Default: t4g.nano or t3.nano.",
        "\"t4g.nano\"",
    ),
    (
        "app_instance_type",
        "Instance type of the server. Default: t4g.nano or t3.nano.",
        "\"t4g.micro\"",
    ),
    (
        "spot",
        "Run on Spot capacity: cheaper, and AWS may stop the hosts with two minutes' notice.",
        "",
    ),
    ("root_volume_gb", "Gigabytes of each host's root disk; Debian's image needs 8.", ""),
    (
        "data_volume_gb",
        "Gigabytes of the data volume (database, uploads). Grows in place, never shrinks.",
        "",
    ),
    (
        "availability_zone",
        "Zone of hosts and data volume. Default: the first of the region. Never change it later.",
        "\"eu-west-3a\"",
    ),
    ("ami_id", "Image of the hosts. Default: the newest Debian 13.", "\"ami-0123456789abcdef0\""),
    (
        "dns",
        "new: make a Route 53 zone; existing: use one of this account; external: print the records.",
        "",
    ),
    ("zone_name", "Name of the Route 53 zone, if not the domain itself.", "\"example\""),
    (
        "zone_id",
        "Id of the existing Route 53 zone, where its name alone is not clear.",
        "\"Z0123456789ABCDEFGHIJ\"",
    ),
    ("mail", "Set up Amazon SES for the domain, with DKIM, SPF and DMARC.", ""),
    ("alarms", "CloudWatch alarms and recovery of the hosts, within the free tier.", ""),
    (
        "budget_usd",
        "Write to the contact when the month's forecast passes this many dollars.",
        "25",
    ),
    (
        "bucket_suffix",
        "End of the bucket names. Default: derived from domain and region.",
        "\"a1b2c3\"",
    ),
    (
        "recovery_key_file",
        "File with the password of the backups. Keep a copy elsewhere: without it no backup can be read.",
        "",
    ),
    ("folder", "Where `deploy` keeps its copy of the Terraform module.", ""),
    ("expected_media_gb", "Gigabytes of media in S3 that the bill is made for.", ""),
    ("expected_backup_gb", "Gigabytes of backups in S3 that the bill is made for.", ""),
    ("expected_traffic_gb", "Gigabytes to the internet in a month that the bill is made for.", ""),
    ("expected_mails", "Mails in a month that the bill is made for.", ""),
];

impl Default for Deploy {
    fn default() -> Self {
        Self {
            domain: None,
            region: "eu-west-3".into(),
            shape: Shape::default(),
            architecture: Architecture::default(),
            contact: None,
            edge_instance_type: None,
            app_instance_type: None,
            spot: false,
            root_volume_gb: 8,
            data_volume_gb: 4,
            availability_zone: None,
            ami_id: None,
            dns: DnsKind::default(),
            zone_name: None,
            zone_id: None,
            mail: true,
            alarms: true,
            budget_usd: None,
            bucket_suffix: None,
            recovery_key_file: PathBuf::from("./recovery-key"),
            folder: PathBuf::from("./.tuskling"),
            expected_media_gb: 10,
            expected_backup_gb: 5,
            expected_traffic_gb: 30,
            expected_mails: 1000,
        }
    }
}

impl Deploy {
    pub(crate) fn validate(&self) -> Result<(), ConfigError> {
        let invalid =
            |key, problem: &str| Err(ConfigError::Invalid { key, problem: problem.into() });
        let is_region =
            |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
        if !self.region.chars().all(is_region) || self.region.split('-').count() < 3 {
            return invalid("deploy.region", "is no AWS region; write one like eu-west-3");
        }
        if self.root_volume_gb < 8 {
            return invalid(
                "deploy.root_volume_gb",
                "must be at least 8, the size of Debian's image",
            );
        }
        if self.data_volume_gb == 0 {
            return invalid("deploy.data_volume_gb", "must be at least 1");
        }
        if let Some(domain) = &self.domain {
            let parts: Vec<&str> = domain.split('.').collect();
            let is_name = |part: &&str| {
                let fits = |letter: char| {
                    letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-'
                };
                !part.is_empty()
                    && part.chars().all(fits)
                    && !part.starts_with('-')
                    && !part.ends_with('-')
            };
            if parts.len() < 2 || !parts.iter().all(is_name) {
                return invalid(
                    "deploy.domain",
                    "must be a host name in lower case with at least one dot, without scheme or port, like social.example",
                );
            }
        }
        if let Some(contact) = &self.contact {
            let fits = contact
                .split_once('@')
                .is_some_and(|(name, host)| !name.is_empty() && host.contains('.'));
            if !fits
                || contact.chars().any(|letter| letter.is_whitespace() || ",;<>\"".contains(letter))
            {
                return invalid("deploy.contact", "must be one mail address, like you@example.com");
            }
        }
        Ok(())
    }
}
