//! Logs on stderr: for people by default, as JSON by option.

use std::io::IsTerminal;

use config::{Log, LogFormat};
use tracing_subscriber::EnvFilter;

/// Starts logging.
///
/// # Errors
/// When the level cannot be understood.
pub fn start(settings: &Log, json: bool) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&settings.level)
        .map_err(|error| anyhow::anyhow!("log.level {:?}: {error}", settings.level))?
        // At `debug` this library writes down every value that goes to the database (V07).
        .add_directive("tokio_postgres=info".parse()?);
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if json || settings.format == LogFormat::Json {
        lines.json().flatten_event(true).with_current_span(false).with_span_list(false).init();
    } else {
        lines.with_ansi(std::io::stderr().is_terminal()).with_target(false).init();
    }
    Ok(())
}
