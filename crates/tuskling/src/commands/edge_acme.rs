//! Certificates for those names of the edge that the configuration has no file for.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use blob::{BucketSettings, Depot, Patience};
use config::{Config, Place, Stored};
use edge::Handle;
use edge::acme::route53::Route53;
use edge::acme::{Challenge, Keeper, Machine, Settings, Statuses, Vault, may_be_certified};
use net::Client;
use tokio_util::sync::CancellationToken;

/// The task that fetches them, ended when this is dropped.
pub struct Fetching(CancellationToken);

impl Drop for Fetching {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

/// Starts to fetch, installing what is stored at once; nothing when every name has its file.
///
/// # Errors
/// When the folder of the edge cannot be used, or the authority's address is none.
pub fn start(config: &Config, handle: &Handle) -> anyhow::Result<Option<Fetching>> {
    let names = names(config)?;
    if names.is_empty() {
        handle.show_acme(Statuses::default());
        return Ok(None);
    }
    let client = net::Client::new(net::Settings {
        user_agent: format!("tuskling/{}", env!("CARGO_PKG_VERSION")),
        is_local: names.iter().all(|name| config::is_local_domain(name)),
        authorities: std::env::var_os("SSL_CERT_FILE").map(PathBuf::from).into_iter().collect(),
        ..net::Settings::default()
    })?;
    let settings = Settings {
        directory: config.edge.acme_directory.clone(),
        contact: config.edge.acme_contact.clone(),
        names,
        challenges: challenges(config, &client)?,
        folder: config.edge.data.join("acme"),
        vault: vault(config)?,
    };
    let keeper = Keeper::new(settings, handle.certificates(), client, Arc::new(Machine))
        .context("certificates cannot be fetched")?;
    handle.show_acme(keeper.statuses());
    let shutdown = CancellationToken::new();
    tokio::spawn(keeper.run(shutdown.clone()));
    Ok(Some(Fetching(shutdown)))
}

/// The ways to prove a name, the best first.
fn challenges(config: &Config, client: &Client) -> anyhow::Result<Vec<Challenge>> {
    // Port 443 before 80: a machine that serves https has it open for sure.
    let mut challenges = vec![Challenge::Tls, Challenge::Http];
    if let Some(zone) = &config.edge.route53_zone {
        let credentials = edge::aws::credentials(config.edge.route53_keys()?)?;
        let address = config.edge.route53_endpoint.as_deref();
        let zone = Route53::new(zone, address, client.clone(), credentials, Arc::new(Machine))?;
        challenges.insert(0, Challenge::Dns(Arc::new(zone)));
    }
    Ok(challenges)
}

/// Where certificates are kept as well.
fn vault(config: &Config) -> anyhow::Result<Option<Arc<Vault>>> {
    let edge = &config.edge;
    let Some(text) = edge.vault.as_deref() else { return Ok(None) };
    let depot = match Stored::Vault.place(text)? {
        Place::Folder(folder) => Depot::folder(&folder),
        Place::S3 { bucket, prefix } => {
            let settings = BucketSettings {
                bucket,
                prefix,
                region: edge.s3_region.clone(),
                endpoint: edge.s3_endpoint.clone(),
                keys: edge.s3_keys()?,
                patience: PATIENCE,
            };
            Depot::bucket(&settings, tokio::runtime::Handle::current())?
        }
    };
    let secret = edge.vault_secret_file.as_ref().or(edge.link_secret_file.as_ref());
    let secret = secret.context("edge.vault_secret_file is not set")?;
    Ok(Some(Vault::new(depot, secret).context("the vault of certificates cannot be used")?))
}

/// A vault that is away is asked again in a few minutes; an order need not wait for it long.
const PATIENCE: Patience = Patience {
    connect: Duration::from_secs(5),
    request: Duration::from_secs(10),
    all: Duration::from_secs(25),
    retries: 2,
};

/// Names without a file that an authority gives certificates for; `localhost` is none.
fn names(config: &Config) -> anyhow::Result<Vec<String>> {
    let sites = config.edge.all_sites(&config.server)?;
    let without = sites.into_iter().filter(|site| site.certificate.is_none());
    Ok(without.flat_map(|site| site.names).filter(|name| may_be_certified(name)).collect())
}
