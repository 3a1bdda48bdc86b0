//! An application on a test database: fixed clock, seeded randomness, its own data folder. Tests
//! put a router around [`Server::app`] and send requests to it in the same process.
#![expect(clippy::unwrap_used, reason = "a test fixture fails by panicking")]

use std::path::Path;
use std::sync::Arc;

use app::accounts::NewAccount;
use app::{App, Parts};
use config::Config;
use domain::account::{Account, Role};
use domain::scope::Scopes;
use domain::{AccountId, Clock};
use media::{MediaLimits, MediaSettings};
use store::Store;

use crate::engines::START;
use crate::{ManualClock, Seeded};

/// The password of every account made by [`Server::account`].
pub const PASSWORD: &str = "correct horse battery";

/// A server without a listener; its data folder is gone when this is dropped.
pub struct Server {
    /// What routers and use cases take.
    pub app: Arc<App>,
    /// Its clock, which stands at [`START`] until it is moved.
    pub clock: Arc<ManualClock>,
    folder: tempfile::TempDir,
}

impl Server {
    /// On this database, in local mode (`localhost:3000`, plain http), without rate limits.
    #[must_use]
    pub fn on(store: Store) -> Self {
        Self::with(store, |_| {})
    }

    /// The same with other settings.
    #[must_use]
    pub fn with(store: Store, change: impl FnOnce(&mut Config)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config::default();
        config.server.data = folder.path().to_owned();
        config.limits.rate = config::Rate::Off;
        change(&mut config);
        config.validate().unwrap();
        let address = config.server.address().unwrap();
        let settings = net::Settings {
            user_agent: "tuskling-test".into(),
            is_local: true,
            resolver: Some(Arc::new(NoNames)),
            ..net::Settings::default()
        };
        let clock = Arc::new(ManualClock::new(START));
        let seed = u64::try_from(clock.now().0).unwrap();
        let random = Arc::new(Seeded::new(seed));
        let app = Arc::new(App::new(Parts {
            blobs: blob::Blobs::open_blocking(folder.path().join("media")).unwrap(),
            processor: media::Processor::open_blocking(media_settings(folder.path())).unwrap(),
            mailer: app::mail::Mailer::open(&config, &address, &settings).unwrap(),
            config,
            address,
            store,
            net: net::Client::new(settings).unwrap(),
            clock: clock.clone(),
            random,
        }));
        Self { app, clock, folder }
    }

    /// On PostgreSQL events come over the database: hands them to this server's streams, as
    /// `tuskling serve` does, from when this returns.
    ///
    /// # Panics
    /// When the database cannot be reached.
    pub async fn relay_events(&self) {
        let app = self.app.clone();
        let Some(mut messages) = app.store.listen(app::stream::CHANNEL).await else { return };
        tokio::spawn(async move {
            while let Some(message) = messages.recv().await {
                app.hub.deliver(&serde_json::from_str(&message).unwrap());
            }
        });
    }

    /// The data folder.
    #[must_use]
    pub fn data(&self) -> &Path {
        self.folder.path()
    }

    /// A confirmed, approved account called `name`, with [`PASSWORD`] and `name@localhost`.
    pub async fn account(&self, name: &str) -> Account {
        let new = NewAccount {
            username: name.to_owned(),
            email: format!("{name}@localhost"),
            password: PASSWORD.to_owned(),
            role: Role::Member,
            confirmed: true,
            approved: true,
            locale: "en".to_owned(),
        };
        app::accounts::create(&self.app, new).await.unwrap().0
    }

    /// A bearer token of this account.
    pub async fn token(&self, account: AccountId, scopes: &str) -> String {
        let scopes = Scopes::parse(scopes).unwrap();
        let token = app::access::create_token(&self.app, Some(account), None, scopes).await;
        token.unwrap().secret.reveal().to_owned()
    }
}

/// No test asks the world for a name; what stands below `.localhost` is known without.
#[derive(Debug)]
struct NoNames;

impl net::Resolve for NoNames {
    fn resolve<'r>(&'r self, name: &'r str) -> net::Resolving<'r> {
        Box::pin(async move { Err(std::io::Error::other(format!("{name} is unknown"))) })
    }
}

/// Media are decoded by the program `tuskling` that stands beside the test: cargo has built it for
/// the tests of the crate `tuskling`; the tests of others upload nothing.
fn media_settings(folder: &Path) -> MediaSettings {
    let test = std::env::current_exe().unwrap();
    let built = test.ancestors().nth(2).unwrap();
    MediaSettings {
        helper_exe: built.join("tuskling"),
        ffmpeg: None,
        ffprobe: None,
        scratch: folder.join("tmp"),
        limits: MediaLimits::default(),
    }
    .with_tools_from(&std::env::var_os("PATH").unwrap_or_default())
}
