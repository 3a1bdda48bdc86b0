//! A small HTTP/1.1 client on one kept connection: what it costs must not drown what it measures.

use std::net::SocketAddr;

use anyhow::{Context, bail};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A connection to the server.
pub struct Client {
    stream: TcpStream,
    buffer: Vec<u8>,
    /// Where the body of the last answer begins in it.
    body: usize,
    host: String,
    token: String,
}

impl Client {
    /// Connects. Only loopback addresses are accepted: this program makes load.
    pub async fn connect(address: SocketAddr, token: &str) -> anyhow::Result<Self> {
        if !address.ip().is_loopback() {
            bail!("{address} is not on loopback; load is only for this machine");
        }
        let stream = TcpStream::connect(address).await.context("is the server running?")?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            buffer: Vec::with_capacity(64 * 1024),
            body: 0,
            host: address.to_string(),
            token: token.into(),
        })
    }

    /// Sends a request and reads the whole answer: its status and body length.
    pub async fn request(
        &mut self,
        method: &str,
        path: &str,
        form: &str,
    ) -> anyhow::Result<(u16, usize)> {
        let body = if form.is_empty() {
            String::new()
        } else {
            format!(
                "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n",
                form.len()
            )
        };
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\n{body}\r\n{form}",
            self.host, self.token
        );
        self.exchange(head.as_bytes()).await
    }

    /// Sends a request that is written out, and reads the whole answer as [`Self::request`] does.
    pub async fn exchange(&mut self, request: &[u8]) -> anyhow::Result<(u16, usize)> {
        self.stream.write_all(request).await?;
        self.buffer.clear();
        let end = loop {
            if let Some(at) = find(&self.buffer, b"\r\n\r\n") {
                break at + 4;
            }
            self.fill().await?;
        };
        let header = String::from_utf8_lossy(self.buffer.get(..end).unwrap_or_default())
            .to_ascii_lowercase();
        let status =
            header.split(' ').nth(1).and_then(|code| code.parse().ok()).context("no status")?;
        let length: usize = header
            .lines()
            .find_map(|line| line.strip_prefix("content-length:"))
            .and_then(|value| value.trim().parse().ok())
            .context("an answer without a length")?;
        while self.buffer.len() < end + length {
            self.fill().await?;
        }
        self.body = end;
        Ok((status, length))
    }

    /// The body of the last answer.
    pub fn body(&self) -> &[u8] {
        self.buffer.get(self.body..).unwrap_or_default()
    }

    async fn fill(&mut self) -> anyhow::Result<()> {
        if self.stream.read_buf(&mut self.buffer).await? == 0 {
            bail!("the server closed the connection");
        }
        Ok(())
    }
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}
