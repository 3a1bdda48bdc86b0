//! Puts configuration, database and application together for a command.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use app::App;
use config::{Config, DatabaseUrl, Sources};
use domain::Clock;
use store::{Location, Store, migrations};

use crate::cli::Data;
use crate::host::{SystemClock, SystemRandom};

/// Reads file and environment. Flags are laid over the result by the caller.
///
/// # Errors
/// When a source cannot be read or understood.
pub fn load_config(file: Option<&Path>) -> anyhow::Result<Config> {
    Ok(config::load(&Sources {
        file: file.map(Path::to_owned),
        usual_files: vec!["tuskling.toml".into(), "/etc/tuskling/tuskling.toml".into()],
        environment: std::env::vars().filter(|(name, _)| name.starts_with("TUSKLING_")).collect(),
    })?)
}

/// Lays the flags that say which data over the configuration.
pub fn apply_data(config: &mut Config, data: &Data) {
    if let Some(folder) = &data.data {
        config.server.data.clone_from(folder);
    }
    if let Some(url) = &data.database {
        config.database.url = Some(url.clone());
        config.database.url_file = None;
    }
}

/// Opens the database, brings its schema up to date, and makes the application.
///
/// # Errors
/// When the data folder or the database cannot be used; the text says what to do.
pub async fn open(config: Config) -> anyhow::Result<Arc<App>> {
    config.validate()?;
    let data = config.server.data.clone();
    make_private_folder(&data)?;
    let location = match config.database.resolve(&data)? {
        DatabaseUrl::Sqlite(path) => Location::Sqlite(path),
        DatabaseUrl::Postgres(url) => Location::Postgres(url),
    };
    let store = Store::open(&location, config.database.connections).await?;
    let clock = Arc::new(SystemClock);
    let steps = migrations::migrate(&store, clock.now()).await?;
    if steps > 0 {
        tracing::info!(steps, schema = migrations::newest(), "the database schema is up to date");
    }
    let address = config.server.address()?;
    Ok(Arc::new(App::new(app::Parts {
        config,
        address,
        store,
        clock,
        random: Arc::new(SystemRandom),
    })))
}

/// Makes the data folder, readable by its owner alone.
fn make_private_folder(folder: &PathBuf) -> anyhow::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).with_context(|| {
        format!("cannot make the data folder {}; choose another with --data", folder.display())
    })
}
