//! Puts configuration, database and application together for a command.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use app::App;
use blob::Blobs;
use config::{Address, Config, DatabaseUrl, Sources};
use domain::Clock;
use media::{MediaLimits, MediaSettings, Processor};
use store::{Location, Store, StoreError, migrations, settings};

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

/// Opens the database, brings its schema up to date, and makes the application of `serve`. Name
/// and address are remembered, for commands on the same data.
///
/// # Errors
/// When the data folder or the database cannot be used; the text says what to do.
pub async fn open(config: Config) -> anyhow::Result<Arc<App>> {
    let store = open_store(&config).await?;
    let address = config.server.address()?;
    let (domain, base) = (address.domain.clone(), address.base.clone());
    store
        .write(move |conn| {
            Box::pin(async move {
                settings::set(conn, DOMAIN, &domain).await?;
                settings::set(conn, BASE, &base).await
            })
        })
        .await?;
    assemble(config, address, store)
}

/// The same for a command. Ids and links are those of the server that this data belongs to: without
/// a configured name it is the one that `serve` had last, on whichever port.
///
/// # Errors
/// As [`open`].
pub async fn open_for_command(mut config: Config) -> anyhow::Result<Arc<App>> {
    let store = open_store(&config).await?;
    if config.server.domain.is_none() && config.server.url.is_none() {
        let (domain, base) = store
            .read(|conn| {
                Box::pin(async move {
                    let domain = settings::get(conn, DOMAIN).await?;
                    Ok::<_, StoreError>((domain, settings::get(conn, BASE).await?))
                })
            })
            .await?;
        (config.server.domain, config.server.url) = (domain, base);
    }
    let address = config.server.address()?;
    assemble(config, address, store)
}

/// Under which the name of the server is remembered.
const DOMAIN: &str = "server_domain";
/// Under which its address is.
const BASE: &str = "server_base";

async fn open_store(config: &Config) -> anyhow::Result<Store> {
    config.validate()?;
    let data = config.server.data.clone();
    make_private_folder(&data)?;
    let location = match config.database.resolve(&data)? {
        DatabaseUrl::Sqlite(path) => Location::Sqlite(path),
        DatabaseUrl::Postgres(url) => Location::Postgres(url),
    };
    let store = Store::open(&location, config.database.connections).await?;
    let steps = migrations::migrate(&store, SystemClock.now()).await?;
    if steps > 0 {
        tracing::info!(steps, schema = migrations::newest(), "the database schema is up to date");
    }
    Ok(store)
}

fn assemble(config: Config, address: Address, store: Store) -> anyhow::Result<Arc<App>> {
    let data = config.server.data.clone();
    let settings = net::Settings {
        user_agent: format!("tuskling/{} (+{})", env!("CARGO_PKG_VERSION"), address.base),
        is_local: address.is_local,
        authorities: std::env::var_os("SSL_CERT_FILE").map(PathBuf::from).into_iter().collect(),
        ..net::Settings::default()
    };
    let mailer =
        app::mail::Mailer::open(&config, &address, &settings).map_err(anyhow::Error::msg)?;
    let net = net::Client::new(settings)?;
    let processor = Processor::open_blocking(media_settings(&config, &data))?;
    Ok(Arc::new(App::new(app::Parts {
        config,
        address,
        store,
        clock: Arc::new(SystemClock),
        random: Arc::new(SystemRandom),
        blobs: Blobs::open_blocking(data.join("media"))?,
        processor,
        net,
        mailer,
    })))
}

/// Media are decoded by this same program, started anew; the link stays right when an update
/// replaces the file.
fn media_settings(config: &Config, data: &Path) -> MediaSettings {
    let named = |path: &str| (!path.is_empty()).then(|| PathBuf::from(path));
    let found = MediaSettings {
        helper_exe: PathBuf::from("/proc/self/exe"),
        ffmpeg: None,
        ffprobe: None,
        scratch: data.join("tmp"),
        limits: MediaLimits {
            image_bytes: config.media.image_bytes,
            media_bytes: config.media.video_bytes,
            image_pixels: config.media.image_pixels,
            // A job may take nine minutes.
            tool_wait: Duration::from_secs(500),
            ..MediaLimits::default()
        },
    }
    .with_tools_from(&std::env::var_os("PATH").unwrap_or_default());
    MediaSettings {
        ffmpeg: named(&config.media.ffmpeg).or(found.ffmpeg.clone()),
        ffprobe: named(&config.media.ffprobe).or(found.ffprobe.clone()),
        ..found
    }
}

/// Makes the data folder, readable by its owner alone.
fn make_private_folder(folder: &PathBuf) -> anyhow::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).with_context(|| {
        format!("cannot make the data folder {}; choose another with --data", folder.display())
    })
}
