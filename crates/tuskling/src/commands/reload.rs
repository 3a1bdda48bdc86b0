//! SIGHUP: reads the configuration again and takes over what can change while the server runs, which
//! is the log level. Everything else is read at start; what waits for a restart is said.

use std::path::PathBuf;

use config::Config;

use crate::context;
use crate::logs::Level;

/// What a reload needs to know.
pub struct Reload {
    /// The file named on the command line.
    pub file: Option<PathBuf>,
    /// The settings of file and environment that the server runs with.
    pub loaded: Config,
    /// The log level of this process.
    pub level: Level,
}

impl Reload {
    /// Reads the configuration again. A mistake in it changes nothing.
    pub fn run(&self) {
        match self.take_over() {
            Ok(config) => {
                tracing::info!(level = %config.log.level, "the configuration was read again");
                if waits_for_restart(&self.loaded, &config) {
                    tracing::warn!(
                        "other settings than log.level have changed: restart to use them"
                    );
                }
            }
            Err(error) => {
                tracing::error!(error = %format!("{error:#}"), "the configuration was not reloaded");
            }
        }
    }

    /// The configuration as it is now, with its log level in force.
    ///
    /// # Errors
    /// What is wrong with it; then nothing changes.
    pub fn take_over(&self) -> anyhow::Result<Config> {
        let config = context::load_config(self.file.as_deref())?;
        config.validate()?;
        self.level.set(&config.log)?;
        Ok(config)
    }
}

/// Whether the settings differ in more than the log level.
fn waits_for_restart(running: &Config, read: &Config) -> bool {
    let mut running = running.clone();
    running.log.level.clone_from(&read.log.level);
    running != *read
}
