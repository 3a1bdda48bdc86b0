//! Why the edge cannot start or reload: for the person who runs it, with what to do.

use std::net::SocketAddr;
use std::path::PathBuf;

/// A failed start or reload. Nothing has changed then.
#[derive(Debug, thiserror::Error)]
pub enum EdgeError {
    /// A setting that cannot work.
    #[error(transparent)]
    Config(#[from] config::ConfigError),
    /// A certificate or key that cannot be used.
    #[error("the certificate file {0} cannot be used: {1}")]
    Certificate(PathBuf, String),
    /// An address is taken or not allowed.
    #[error(
        "cannot listen on {0}: {1}. Ports below 1024 need the capability CAP_NET_BIND_SERVICE or \
         sockets passed by systemd; another program on the same port has to be stopped first"
    )]
    Listen(SocketAddr, std::io::Error),
    /// TLS cannot be set up.
    #[error("{0}")]
    Tls(String),
    /// TLS to origins cannot be set up.
    #[error(transparent)]
    Net(#[from] net::NetError),
    /// The running edge does not answer.
    #[error(
        "no edge answers on {0}: {1}. Is `tuskling edge` running, and with the same edge.metrics?"
    )]
    Silent(SocketAddr, String),
}
