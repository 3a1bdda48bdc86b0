//! Logs on stderr: for people by default, as JSON by option. The level can be changed while the
//! server runs.

use std::io::IsTerminal;

use config::{Log, LogFormat};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::reload::Error;

/// Starts logging.
///
/// # Errors
/// When the level cannot be understood.
pub fn start(settings: &Log, json: bool) -> anyhow::Result<Level> {
    let lines =
        tracing_subscriber::fmt().with_env_filter(filter(settings)?).with_writer(std::io::stderr);
    if json || settings.format == LogFormat::Json {
        let lines = lines
            .json()
            .flatten_event(true)
            .with_current_span(false)
            .with_span_list(false)
            .with_filter_reloading();
        let handle = lines.reload_handle();
        lines.init();
        Ok(Level(Box::new(move |filter| handle.reload(filter))))
    } else {
        let lines = lines
            .with_ansi(std::io::stderr().is_terminal())
            .with_target(false)
            .with_filter_reloading();
        let handle = lines.reload_handle();
        lines.init();
        Ok(Level(Box::new(move |filter| handle.reload(filter))))
    }
}

/// What is logged now.
pub struct Level(Box<dyn Fn(EnvFilter) -> Result<(), Error> + Send + Sync>);

impl Level {
    /// Logs at the level of these settings from now on. The format stays.
    ///
    /// # Errors
    /// When the level cannot be understood; then nothing changes.
    pub fn set(&self, settings: &Log) -> anyhow::Result<()> {
        Ok((self.0)(filter(settings)?)?)
    }
}

fn filter(settings: &Log) -> anyhow::Result<EnvFilter> {
    let filter = EnvFilter::try_new(&settings.level)
        .map_err(|error| anyhow::anyhow!("log.level {:?}: {error}", settings.level))?;
    // At `debug` this library writes down every value that goes to the database (V07).
    let filter = filter.add_directive("tokio_postgres=info".parse()?);
    // What it says of its steps is for people who know its inside.
    Ok(filter.add_directive("rustic_core=warn".parse()?))
}
