//! Puts configuration, database and application together for a command.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use app::App;
use blob::{Blobs, BucketSettings, Patience};
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
        usual_files: USUAL_FILES.map(PathBuf::from).to_vec(),
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
pub const DOMAIN: &str = "server_domain";
/// Under which its address is.
pub const BASE: &str = "server_base";

/// Opens the database and brings its schema up to date.
///
/// # Errors
/// As [`open`]; also when a restore into this folder was cut off.
pub async fn open_store(config: &Config) -> anyhow::Result<Store> {
    config.validate()?;
    let data = config.server.data.clone();
    make_private_folder(&data)?;
    if let Some(unfinished) = backup::unfinished(&data) {
        anyhow::bail!(
            "the restore of snapshot {} into {} is not finished: run tuskling restore with this folder again",
            unfinished.snapshot,
            data.display()
        );
    }
    let store = open_as_it_is(config).await?;
    let steps = migrations::migrate(&store, SystemClock.now()).await?;
    if steps > 0 {
        tracing::info!(steps, schema = migrations::newest(), "the database schema is up to date");
    }
    Ok(store)
}

/// Opens the database without looking at its schema.
///
/// # Errors
/// As [`open`].
pub async fn open_as_it_is(config: &Config) -> anyhow::Result<Store> {
    let location = match config.database.resolve(&config.server.data)? {
        DatabaseUrl::Sqlite(path) => Location::Sqlite(path),
        DatabaseUrl::Postgres(url) => Location::Postgres(url),
    };
    Ok(Store::open(&location, config.database.connections).await?)
}

/// What backups need to know. Secrets that lie in files of their own are part of them; the password of
/// the backups is not.
///
/// # Errors
/// When the database cannot be told.
pub fn backup_setup(config: &Config, file: Option<&Path>) -> anyhow::Result<backup::Setup> {
    config.validate()?;
    let mut config_files: Vec<PathBuf> =
        file.map(Path::to_owned).or_else(|| usual_file(&USUAL_FILES)).into_iter().collect();
    let secrets = [
        &config.database.url_file,
        &config.server.link_secret_file,
        &config.edge.link_secret_file,
        &config.backup.s3_secret_access_key_file,
        &config.media.s3_secret_access_key_file,
    ];
    config_files.extend(secrets.into_iter().flatten().cloned());
    Ok(backup::Setup {
        config: config.backup.clone(),
        data: config.server.data.clone(),
        database: config.database.resolve(&config.server.data)?,
        config_files,
        clock: Arc::new(SystemClock),
        random: Arc::new(SystemRandom),
        patience: LOCK_PATIENCE,
    })
}

/// How long a command waits for somebody else's lock in the repository: a backup takes seconds.
const LOCK_PATIENCE: Duration = Duration::from_secs(120);

/// Whether a key pair that came back still signs.
#[must_use]
pub fn key_check() -> backup::KeyCheck {
    Arc::new(|key| {
        let pair = activitypub::sign::SigningKey::from_pkcs8(key.key_id.clone(), &key.private)
            .map_err(|_| "the key cannot be read".to_owned())?;
        let public = pair.public_pem().map_err(|_| "the key does not work".to_owned())?;
        let is_same = public.trim() == key.public_pem.trim();
        is_same.then_some(()).ok_or_else(|| "the two halves do not belong together".to_owned())
    })
}

fn usual_file(names: &[&str]) -> Option<PathBuf> {
    names.iter().map(PathBuf::from).find(|path| path.exists())
}

/// Where the configuration is when nobody says so.
const USUAL_FILES: [&str; 2] = ["tuskling.toml", "/etc/tuskling/tuskling.toml"];

fn assemble(config: Config, address: Address, store: Store) -> anyhow::Result<Arc<App>> {
    let data = config.server.data.clone();
    let settings = net_settings(&address);
    let mailer =
        app::mail::Mailer::open(&config, &address, &settings).map_err(anyhow::Error::msg)?;
    let net = net::Client::new(settings)?;
    let processor = Processor::open_blocking(media_settings(&config, &data))?;
    let blobs = open_blobs(&config, &data)?;
    Ok(Arc::new(App::new(app::Parts {
        config,
        address,
        store,
        clock: Arc::new(SystemClock),
        random: Arc::new(SystemRandom),
        blobs,
        processor,
        net,
        mailer,
    })))
}

/// Where media are kept. A bucket that is away shows when it is asked, not here: the server starts anyway.
fn open_blobs(config: &Config, data: &Path) -> anyhow::Result<Blobs> {
    let Some(bucket) = config.media.bucket()? else {
        return Ok(Blobs::open_blocking(data.join("media"))?);
    };
    Ok(Blobs::in_bucket(&BucketSettings {
        bucket: bucket.name,
        prefix: bucket.prefix,
        region: config.media.s3_region.clone(),
        endpoint: config.media.s3_endpoint.clone(),
        keys: config.media.s3_keys()?,
        // Somebody waits for the answer.
        patience: Patience {
            connect: Duration::from_secs(3),
            request: Duration::from_secs(30),
            all: Duration::from_secs(60),
            retries: 3,
        },
    })?)
}

/// How this server goes out to others.
#[must_use]
pub fn net_settings(address: &Address) -> net::Settings {
    net::Settings {
        user_agent: format!("tuskling/{} (+{})", env!("CARGO_PKG_VERSION"), address.base),
        is_local: address.is_local,
        authorities: std::env::var_os("SSL_CERT_FILE").map(PathBuf::from).into_iter().collect(),
        ..net::Settings::default()
    }
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
