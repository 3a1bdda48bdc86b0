//! Certificates for those names of the edge that the configuration has no file for.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context as _;
use config::Config;
use edge::Handle;
use edge::acme::{Challenge, Keeper, Machine, Settings, Statuses, may_be_certified};
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
        // Port 443 first: a machine that serves https has it open for sure.
        challenges: vec![Challenge::Tls, Challenge::Http],
        folder: config.edge.data.join("acme"),
    };
    let keeper = Keeper::new(settings, handle.certificates(), client, Arc::new(Machine))
        .context("certificates cannot be fetched")?;
    handle.show_acme(keeper.statuses());
    let shutdown = CancellationToken::new();
    tokio::spawn(keeper.run(shutdown.clone()));
    Ok(Some(Fetching(shutdown)))
}

/// Names without a file that an authority gives certificates for; `localhost` is none.
fn names(config: &Config) -> anyhow::Result<Vec<String>> {
    let sites = config.edge.all_sites(&config.server)?;
    let without = sites.into_iter().filter(|site| site.certificate.is_none());
    Ok(without.flat_map(|site| site.names).filter(|name| may_be_certified(name)).collect())
}
