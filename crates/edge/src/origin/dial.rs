//! Opens connections to origins: plain, by TLS with a known authority, or by the link on which both
//! sides prove themselves.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use config::{OriginAddress, OriginScheme};
use net::link::Link;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use socket2::{SockRef, TcpKeepalive};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::EdgeError;

/// How long a connection may take to open.
const OPEN: Duration = Duration::from_secs(3);

/// Opens connections.
pub(crate) struct Dialer {
    verified: Option<Arc<ClientConfig>>,
    link: Option<Arc<ClientConfig>>,
}

/// A connection to an origin.
pub(crate) enum OriginStream {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

impl Dialer {
    /// With what these origins need.
    pub fn new(link: Option<&Link>, needs_authorities: bool) -> Result<Self, EdgeError> {
        let verified = needs_authorities.then(|| {
            let file = std::env::var_os("SSL_CERT_FILE").map(Into::into);
            let authorities = file.into_iter().collect();
            net::client_tls(&net::Settings { authorities, ..net::Settings::default() })
        });
        let verified = verified.transpose()?.map(|config| {
            let mut config = ClientConfig::clone(&config);
            config.alpn_protocols = vec![b"http/1.1".to_vec()];
            Arc::new(config)
        });
        let link = link.map(Link::client).transpose()?;
        Ok(Self { verified, link })
    }

    pub async fn open(&self, to: &OriginAddress) -> io::Result<OriginStream> {
        let opened = timeout(OPEN, self.open_slowly(to)).await;
        opened.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
    }

    async fn open_slowly(&self, to: &OriginAddress) -> io::Result<OriginStream> {
        let stream = TcpStream::connect((to.host.as_str(), to.port)).await?;
        stream.set_nodelay(true)?;
        // An origin that lost its power says nothing; whoever streams from it would wait for ever.
        let probes = TcpKeepalive::new().with_time(Duration::from_secs(30));
        SockRef::from(&stream)
            .set_tcp_keepalive(&probes.with_interval(Duration::from_secs(10)).with_retries(3))?;
        let (config, name) = match to.scheme {
            OriginScheme::Http => return Ok(OriginStream::Plain(stream)),
            OriginScheme::Https => {
                let name = ServerName::try_from(to.host.clone()).map_err(io::Error::other)?;
                (self.verified.clone(), name)
            }
            OriginScheme::Link => {
                (self.link.clone(), Link::server_name().map_err(io::Error::other)?)
            }
        };
        let config = config.ok_or_else(|| io::Error::other("TLS is not set up"))?;
        let stream = TlsConnector::from(config).connect(name, stream).await?;
        Ok(OriginStream::Tls(Box::new(stream)))
    }
}

impl AsyncRead for OriginStream {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_read(context, buffer),
            Self::Tls(stream) => Pin::new(stream).poll_read(context, buffer),
        }
    }
}

impl AsyncWrite for OriginStream {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write(context, bytes),
            Self::Tls(stream) => Pin::new(stream).poll_write(context, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_flush(context),
            Self::Tls(stream) => Pin::new(stream).poll_flush(context),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_shutdown(context),
            Self::Tls(stream) => Pin::new(stream).poll_shutdown(context),
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write_vectored(context, pieces),
            Self::Tls(stream) => Pin::new(stream).poll_write_vectored(context, pieces),
        }
    }

    fn is_write_vectored(&self) -> bool {
        match self {
            Self::Plain(stream) => stream.is_write_vectored(),
            Self::Tls(stream) => stream.is_write_vectored(),
        }
    }
}
