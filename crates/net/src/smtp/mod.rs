//! Handing a message to the owner's mail server (RFC 5321), encrypted and verified (RFC 3207, RFC 8314,
//! O07). The server is named by the owner's settings and nobody else, so it may stand in a private
//! network; every step has its time and every answer its size.
//!
//! What a message looks like is not known here. Called by `app`.

mod dialog;

use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use crate::error::causes;
use crate::{NetError, Resolve, Settings};
use dialog::Dialog;

/// Addresses of the server that are tried.
const MOST_ADDRESSES: usize = 4;

/// How a connection is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// Encrypted before anything is said; a server that cannot is not spoken with.
    Starttls,
    /// Encrypted from the first byte.
    Tls,
    /// Not at all: for this machine alone.
    Plain,
}

/// What to log in with.
#[derive(Clone)]
pub struct Login {
    /// The name.
    pub user: String,
    /// The password.
    pub password: String,
}

impl fmt::Debug for Login {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Login").field("user", &self.user).finish_non_exhaustive()
    }
}

/// Where messages are handed over.
#[derive(Clone, Debug)]
pub struct Target {
    /// Name or address; the certificate has to be for it.
    pub host: String,
    /// Port.
    pub port: u16,
    /// How the connection is protected.
    pub security: Security,
    /// What to log in with.
    pub login: Option<Login>,
    /// What this server calls itself.
    pub own_name: String,
}

/// How long each step may take. A mail server may think for a while before it takes a message.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// One address, or the handshake.
    pub connect: Duration,
    /// An answer.
    pub answer: Duration,
    /// The answer to the message itself.
    pub taking: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            answer: Duration::from_secs(60),
            taking: Duration::from_secs(120),
        }
    }
}

/// Why a message was not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SmtpError {
    /// This message to this address will never be taken.
    #[error("the mail server refuses it: {0}")]
    Refused(String),
    /// Another try may work: the server is away, busy, or not set up right.
    #[error("the mail server does not take it now: {0}")]
    Later(String),
}

/// A mail server.
#[derive(Clone)]
pub struct Server {
    target: Target,
    patience: Patience,
    resolver: Arc<dyn Resolve>,
    tls: TlsConnector,
}

impl fmt::Debug for Server {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Server").field("target", &self.target).finish_non_exhaustive()
    }
}

/// Both directions of a connection.
trait Wire: tokio::io::AsyncRead + tokio::io::AsyncWrite + Send + Unpin {}

impl<T: tokio::io::AsyncRead + tokio::io::AsyncWrite + Send + Unpin> Wire for T {}

impl Server {
    /// With the authorities and the resolver of these settings.
    ///
    /// # Errors
    /// [`NetError::Unreachable`] when the certificate authorities of the system cannot be loaded.
    pub fn new(settings: &Settings, target: Target) -> Result<Self, NetError> {
        let mut tls = ClientConfig::clone(&*crate::tls::config(settings)?);
        // The names of protocols that clients offer are those of HTTP.
        tls.alpn_protocols = Vec::new();
        let resolver = settings
            .resolver
            .clone()
            .unwrap_or_else(|| Arc::new(crate::resolve::System::default()));
        let patience = Patience::default();
        Ok(Self { target, patience, resolver, tls: TlsConnector::from(Arc::new(tls)) })
    }

    /// With other times.
    #[must_use]
    pub fn with_patience(mut self, patience: Patience) -> Self {
        self.patience = patience;
        self
    }

    /// Hands over one message: what it looks like, with CRLF at the end of each line, from and to one
    /// address each.
    ///
    /// # Errors
    /// [`SmtpError`].
    pub async fn send(&self, from: &str, to: &str, message: &[u8]) -> Result<(), SmtpError> {
        for address in [from, to] {
            let plain = |byte: u8| byte.is_ascii_graphic() && !b"<>".contains(&byte);
            if address.is_empty() || !address.bytes().all(plain) {
                return Err(SmtpError::Refused(format!("{address:?} is no address")));
            }
        }
        let mut dialog = self.open().await?;
        if let Some(login) = &self.target.login {
            dialog.log_in(login).await?;
        }
        dialog.hand_over(from, to, message).await?;
        dialog.leave().await;
        Ok(())
    }

    /// Connects, encrypts and logs in as for a message, and leaves again.
    ///
    /// # Errors
    /// [`SmtpError`], as a message would meet it.
    pub async fn try_out(&self) -> Result<(), SmtpError> {
        let mut dialog = self.open().await?;
        if let Some(login) = &self.target.login {
            dialog.log_in(login).await?;
        }
        dialog.leave().await;
        Ok(())
    }

    /// Connects, greets, and encrypts as the settings say.
    async fn open(&self) -> Result<Dialog, SmtpError> {
        let tcp = self.connect().await?;
        let own_name = &self.target.own_name;
        match self.target.security {
            Security::Plain => Dialog::greet(Box::new(tcp), self.patience, own_name).await,
            Security::Tls => {
                let secure = self.encrypt(tcp).await?;
                Dialog::greet(secure, self.patience, own_name).await
            }
            Security::Starttls => {
                let mut dialog = Dialog::greet(Box::new(tcp), self.patience, own_name).await?;
                dialog.ask_for_tls().await?;
                let secure = self.encrypt(dialog.into_wire()?).await?;
                Dialog::resume(secure, self.patience, own_name).await
            }
        }
    }

    async fn encrypt(&self, wire: impl Wire + 'static) -> Result<Box<dyn Wire>, SmtpError> {
        let host = &self.target.host;
        let name = ServerName::try_from(host.clone())
            .map_err(|error| SmtpError::Later(format!("{host}: {error}")))?;
        let shaking = timeout(self.patience.connect, self.tls.connect(name, wire)).await;
        match shaking {
            Ok(Ok(secure)) => Ok(Box::new(secure)),
            Ok(Err(error)) => Err(SmtpError::Later(format!("{host}: {}", causes(&error)))),
            Err(_) => Err(SmtpError::Later(format!("{host} did not encrypt in time"))),
        }
    }

    async fn connect(&self) -> Result<TcpStream, SmtpError> {
        let Target { host, port, .. } = &self.target;
        let away = |error: io::Error| SmtpError::Later(format!("{host}: {error}"));
        let late = || SmtpError::Later(format!("{host} did not answer in time"));
        let found = timeout(self.patience.connect, self.addresses(host)).await;
        let addresses = found.map_err(|_| late())?.map_err(away)?;
        let mut failure = late();
        for address in addresses.into_iter().take(MOST_ADDRESSES) {
            let address = SocketAddr::new(address, *port);
            match timeout(self.patience.connect, TcpStream::connect(address)).await {
                Ok(Ok(tcp)) => return Ok(tcp),
                Ok(Err(error)) => failure = away(error),
                Err(_) => failure = late(),
            }
        }
        Err(failure)
    }

    async fn addresses(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        match host.parse() {
            Ok(address) => Ok(vec![address]),
            Err(_) => self.resolver.resolve(host).await,
        }
    }
}
