//! Opens listening sockets, or takes those that systemd passed.
//!
//! Sockets of systemd outlive the process: an update refuses no connection. Without them the ports
//! are shared with the process before (SO_REUSEPORT), which hands over when it is told to stop.

use std::io;
use std::net::{SocketAddr, TcpListener as StdListener};

use listenfd::ListenFd;
use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::TcpListener;

use crate::EdgeError;

/// Connections that the kernel keeps until they are accepted.
const BACKLOG: i32 = 1024;

/// Sockets of systemd, by their addresses (sd_listen_fds(3)).
pub(crate) struct Inherited(Vec<(SocketAddr, StdListener)>);

impl Inherited {
    /// Takes all that were passed to this process.
    pub fn take() -> Self {
        let mut passed = ListenFd::from_env();
        let sockets = (0..passed.len()).filter_map(|index| {
            let listener = passed.take_tcp_listener(index).ok().flatten()?;
            Some((listener.local_addr().ok()?, listener))
        });
        Self(sockets.collect())
    }

    fn take_one(&mut self, address: SocketAddr) -> Option<StdListener> {
        let at = self.0.iter().position(|(passed, _)| *passed == address)?;
        Some(self.0.swap_remove(at).1)
    }
}

/// A listener on this address.
///
/// # Errors
/// [`EdgeError::Listen`] when it cannot be had.
pub(crate) fn bind(
    address: SocketAddr,
    inherited: &mut Inherited,
) -> Result<TcpListener, EdgeError> {
    let opened = match inherited.take_one(address) {
        Some(listener) => Ok(listener),
        None => open(address),
    };
    let ready = opened.and_then(|listener| {
        listener.set_nonblocking(true)?;
        TcpListener::from_std(listener)
    });
    ready.map_err(|error| EdgeError::Listen(address, error))
}

fn open(address: SocketAddr) -> io::Result<StdListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_reuse_address(true)?;
    socket.set_reuse_port(true)?;
    if address.is_ipv6() {
        // So that 0.0.0.0 and [::] can be listened on side by side.
        socket.set_only_v6(true)?;
    }
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}
