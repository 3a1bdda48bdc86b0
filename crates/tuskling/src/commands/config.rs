//! `tuskling config example|check`

use std::path::Path;

use crate::cli::Config;
use crate::commands::say;
use crate::context;

/// Runs the verb.
///
/// # Errors
/// What is wrong with the configuration.
pub fn run(verb: &Config, file: Option<&Path>) -> anyhow::Result<()> {
    match verb {
        Config::Example => say(config::example().trim_end()),
        Config::Check => {
            let config = context::load_config(file)?;
            config.validate()?;
            let address = config.server.address()?;
            say(&format!("The configuration is fine: {} at {}.", address.domain, address.base));
            if let Ok(sites) = config.edge.all_sites(&config.server) {
                let names: Vec<String> = sites.into_iter().flat_map(|site| site.names).collect();
                say(&format!("An edge with it answers for {}.", names.join(", ")));
            }
        }
    }
    Ok(())
}
