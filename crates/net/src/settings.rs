//! How the client behaves: who it says it is, what it may reach, how long and how much.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::Resolve;

/// How a client behaves. Made once, by `tuskling`.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Sent with every request: some servers refuse those without (GoToSocial answers 418).
    pub user_agent: String,
    /// This server is on loopback or has a test name: loopback addresses and plain http may be
    /// asked. Never set for a server with a name on the internet.
    pub is_local: bool,
    /// Files of certificate authorities (PEM) that are trusted besides the system's.
    pub authorities: Vec<PathBuf>,
    /// How long each part of a request may take.
    pub times: Times,
    /// Tests put names here that exist nowhere else. `serve` never sets it.
    pub resolver: Option<Arc<dyn Resolve>>,
    /// Exactly these may be reached although the rules say no: the peers of a test. `serve` never
    /// sets it.
    pub allowed: Vec<SocketAddr>,
}

/// How long each part of a request may take (`O04`). All of them are ceilings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Times {
    /// Finding the addresses of a name and connecting to one of them.
    pub connect: Duration,
    /// The TLS handshake.
    pub handshake: Duration,
    /// Between a request and the head of its answer, and between two pieces of a body.
    pub gap: Duration,
    /// A request with all its redirects.
    pub whole: Duration,
    /// The same for a download, which may be large.
    pub download: Duration,
    /// For a place among the requests that are made at once.
    pub place: Duration,
    /// How long an unused connection is kept.
    pub idle: Duration,
}

impl Default for Times {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            handshake: Duration::from_secs(5),
            gap: Duration::from_secs(10),
            whole: Duration::from_secs(30),
            download: Duration::from_secs(120),
            place: Duration::from_secs(30),
            idle: Duration::from_secs(10),
        }
    }
}
