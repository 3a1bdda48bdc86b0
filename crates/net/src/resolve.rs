//! Names to addresses. The addresses that come out of here are checked and then connected to; no
//! name is looked up a second time.

use std::fmt::Debug;
use std::future::Future;
use std::io;
use std::net::{IpAddr, ToSocketAddrs as _};
use std::pin::Pin;
use std::sync::Arc;

use tokio::sync::Semaphore;

/// Addresses that are on their way.
pub type Resolving<'r> = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send + 'r>>;

/// Finds the addresses of a name. Tests bring their own.
pub trait Resolve: Debug + Send + Sync {
    /// The addresses of `name`, best first.
    fn resolve<'r>(&'r self, name: &'r str) -> Resolving<'r>;
}

/// The system's resolver. It blocks a thread, also when nobody waits any more, so a bound on
/// look-ups keeps a dead name server from taking all threads.
#[derive(Debug)]
pub(crate) struct System {
    lookups: Arc<Semaphore>,
}

impl Default for System {
    fn default() -> Self {
        Self { lookups: Arc::new(Semaphore::new(32)) }
    }
}

impl Resolve for System {
    fn resolve<'r>(&'r self, name: &'r str) -> Resolving<'r> {
        Box::pin(async move {
            let permit = self.lookups.clone().acquire_owned().await.map_err(io::Error::other)?;
            let name = name.to_owned();
            let looked_up = tokio::task::spawn_blocking(move || {
                let found = (name.as_str(), 0).to_socket_addrs();
                drop(permit);
                found.map(|found| found.map(|address| address.ip()).collect())
            });
            looked_up.await.map_err(io::Error::other)?
        })
    }
}
