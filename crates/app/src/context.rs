//! What every use case works with. Made once by `tuskling`, shared by reference.

use std::path::PathBuf;
use std::sync::Arc;

use config::{Address, Config};
use domain::event::Event;
use domain::{Clock, IdSource, Random, Timestamp};
use store::{Conn, Store, StoreError};
use tokio::sync::Notify;

use crate::Result;
use crate::stream::Hub;
use crate::urls::Urls;

/// What `tuskling` passes in.
pub struct Parts {
    /// The settings, validated.
    pub config: Config,
    /// Name and address that follow from them.
    pub address: Address,
    /// The database, migrated.
    pub store: Store,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// The random source.
    pub random: Arc<dyn Random>,
    /// Stored files.
    pub blobs: blob::Blobs,
    /// Makes clean files of uploads.
    pub processor: media::Processor,
    /// The way out to other servers.
    pub net: net::Client,
    /// The way of mail.
    pub mailer: crate::mail::Mailer,
}

/// The running server's shared state.
pub struct App {
    /// The settings.
    pub config: Config,
    /// Addresses of everything on this server.
    pub urls: Urls,
    /// The database.
    pub store: Store,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// The random source.
    pub random: Arc<dyn Random>,
    /// Makes ids.
    pub ids: IdSource,
    /// Streaming clients.
    pub hub: Hub,
    /// Events on their way to other processes.
    pub(crate) events: crate::stream::Events,
    /// Requests counted for rate limits.
    pub rates: crate::rates::Rates,
    /// Keys that were parsed.
    pub(crate) keys: crate::keys::Keys,
    /// What was deleted lately.
    pub gone: crate::gone::Gone,
    /// What is known of the backups.
    pub backups: crate::backups::Backups,
    /// What edges said of themselves.
    pub edges: crate::edges::Edges,
    /// Custom emoji.
    pub emojis: crate::emojis::Current,
    /// Networks that are kept away.
    pub(crate) networks: crate::shut_out::Known,
    /// Numbers about the server, counted now and then.
    pub instance: crate::instance::Cache,
    /// Rung when a transaction has queued jobs of the quick lane.
    pub jobs_waiting: Notify,
    /// Rung when an upload waits to be processed.
    pub slow_jobs_waiting: Notify,
    /// Rung when an activity of another server waits.
    pub inbox_waiting: Notify,
    /// Rung when another server is to be asked.
    pub fetches_waiting: Notify,
    /// Rung when a push is to be sent.
    pub pushes_waiting: Notify,
    /// Rung when a mail is to be sent.
    pub mails_waiting: Notify,
    /// Rung when something is to be delivered.
    pub deliveries_waiting: Notify,
    /// How many jobs have been queued: tells a transaction whom it has to ring.
    pub(crate) jobs_queued: Arc<crate::jobs::Queued>,
    /// How much has been queued for delivery: tells a transaction that it has to ring.
    pub(crate) deliveries_queued: std::sync::atomic::AtomicU64,
    /// What this process has delivered.
    pub deliveries: crate::delivery::Counters,
    /// The way out to other servers.
    pub(crate) net: net::Client,
    /// The way of mail.
    pub(crate) mailer: crate::mail::Mailer,
    /// Hosts whose pages are being fetched for previews.
    pub(crate) card_turns: crate::cards::Turns,
    /// Files of other servers that are being fetched.
    pub(crate) fills: crate::remote_files::Fills,
    /// What asking other servers has taught.
    pub(crate) remote: crate::remote::Memory,
    /// How much of other servers waits to be done.
    pub(crate) inbox: crate::inbox::Waiting,
    /// Where activities are queued.
    pub(crate) door: crate::inbox::Door,
    /// Rung when an upload has been processed by this process.
    pub(crate) upload_processed: Notify,
    /// Stored files.
    pub(crate) blobs: blob::Blobs,
    /// Makes clean files of uploads.
    pub(crate) processor: media::Processor,
    /// Bounds the requests that wait for a picture to be processed (R05).
    pub(crate) upload_places: tokio::sync::Semaphore,
    /// Bounds the password hashes that are computed at once (A04).
    pub(crate) password_slots: Arc<tokio::sync::Semaphore>,
}

impl App {
    /// Puts the parts together.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        let ids = IdSource::new(parts.clock.clone(), parts.random.clone());
        Self {
            urls: Urls::new(&parts.address),
            config: parts.config,
            store: parts.store,
            ids,
            gone: crate::gone::Gone::new(parts.random.as_ref()),
            clock: parts.clock,
            random: parts.random,
            hub: Hub::default(),
            events: crate::stream::Events::default(),
            rates: crate::rates::Rates::default(),
            keys: crate::keys::Keys::default(),
            backups: crate::backups::Backups::default(),
            edges: crate::edges::Edges::default(),
            emojis: crate::emojis::Current::default(),
            networks: crate::shut_out::Known::default(),
            instance: crate::instance::Cache::default(),
            jobs_waiting: Notify::new(),
            slow_jobs_waiting: Notify::new(),
            inbox_waiting: Notify::new(),
            fetches_waiting: Notify::new(),
            pushes_waiting: Notify::new(),
            mails_waiting: Notify::new(),
            deliveries_waiting: Notify::new(),
            jobs_queued: Arc::default(),
            deliveries_queued: std::sync::atomic::AtomicU64::new(0),
            deliveries: crate::delivery::Counters::default(),
            net: parts.net,
            mailer: parts.mailer,
            card_turns: crate::cards::Turns::default(),
            fills: crate::remote_files::Fills::default(),
            remote: crate::remote::Memory::default(),
            inbox: crate::inbox::Waiting::default(),
            door: crate::inbox::Door::default(),
            upload_processed: Notify::new(),
            blobs: parts.blobs,
            processor: parts.processor,
            upload_places: tokio::sync::Semaphore::new(crate::uploads::PLACES),
            password_slots: Arc::new(tokio::sync::Semaphore::new(2)),
        }
    }

    /// The present moment.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Folder for files that are on their way: uploads being received, media being worked on.
    #[must_use]
    pub fn scratch(&self) -> PathBuf {
        self.config.server.data.join("tmp")
    }

    /// Runs `work` in a write transaction; afterwards the workers look for the jobs that it queued.
    ///
    /// # Errors
    /// What `work` returns; then nothing of it happened.
    pub async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: for<'c> FnOnce(&'c mut Conn) -> futures::Boxed<'c, T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let queued = || self.deliveries_queued.load(std::sync::atomic::Ordering::Relaxed);
        let (deliveries, jobs) = (queued(), self.jobs_queued.numbers());
        let result = self.store.write(work).await;
        if result.is_ok() {
            // What others queued meanwhile rings too early for them, and they ring again.
            for lane in crate::jobs::Queued::changed(jobs, self.jobs_queued.numbers()) {
                self.bell(lane).notify_one();
            }
            if queued() != deliveries {
                self.deliveries_waiting.notify_one();
            }
        }
        result
    }

    /// What rings when a job of this lane waits.
    pub(crate) fn bell(&self, lane: crate::jobs::Lane) -> &Notify {
        use crate::jobs::Lane;
        match lane {
            Lane::Quick => &self.jobs_waiting,
            Lane::Slow => &self.slow_jobs_waiting,
            Lane::Inbox => &self.inbox_waiting,
            Lane::Fetch => &self.fetches_waiting,
            Lane::Push => &self.pushes_waiting,
            Lane::Mail => &self.mails_waiting,
        }
    }

    /// Runs `work` on a connection for reading.
    ///
    /// # Errors
    /// What `work` returns.
    pub async fn read<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: for<'c> FnOnce(&'c mut Conn) -> futures::Boxed<'c, T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.store.read(work).await
    }

    /// Hands events to the streams of every process. Called after the commit that caused them.
    pub async fn publish(&self, events: Vec<Event>) {
        crate::stream::publish(self, events).await;
    }
}

pub(crate) mod futures {
    //! The future that a unit of database work is.

    use std::future::Future;
    use std::pin::Pin;

    /// A boxed future of a result.
    pub type Boxed<'c, T, E> = Pin<Box<dyn Future<Output = Result<T, E>> + Send + 'c>>;
}
