//! Inboxes that take everything: as little work as an HTTP server can be, since it shares the cores
//! with what is measured.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::Context;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

use super::follower;

/// Inboxes on `127.1.0.0/16`, one an address.
pub struct Sink {
    taken: Arc<Taken>,
}

#[derive(Default)]
struct Taken {
    count: AtomicUsize,
    /// The count that somebody waits for.
    wanted: AtomicUsize,
    rung: Notify,
}

const ANSWER: &[u8] = b"HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n";

impl Sink {
    /// Listens on so many addresses.
    pub async fn start(inboxes: u16, port: u16) -> anyhow::Result<Self> {
        let taken = Arc::new(Taken::default());
        for number in 1..=inboxes {
            let listener = TcpListener::bind((follower(number, port).0, port))
                .await
                .context("an inbox cannot listen")?;
            let taken = taken.clone();
            tokio::spawn(async move {
                while let Ok((stream, _)) = listener.accept().await {
                    let taken = taken.clone();
                    tokio::spawn(async move {
                        // An end of the connection is the end of it.
                        let _ = serve(stream, &taken).await;
                    });
                }
            });
        }
        Ok(Self { taken })
    }

    /// How many activities were taken.
    pub fn count(&self) -> usize {
        self.taken.count.load(Ordering::Relaxed)
    }

    /// Waits until so many were.
    pub async fn wait_for(&self, count: usize) {
        self.taken.wanted.store(count, Ordering::Relaxed);
        loop {
            let rung = self.taken.rung.notified();
            if self.count() >= count {
                return;
            }
            rung.await;
        }
    }
}

async fn serve(mut stream: TcpStream, taken: &Taken) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut buffer = Vec::with_capacity(8 * 1024);
    while let Some(length) = read(&mut stream, &mut buffer).await? {
        buffer.drain(..length.min(buffer.len()));
        let count = taken.count.fetch_add(1, Ordering::Relaxed) + 1;
        if count >= taken.wanted.load(Ordering::Relaxed) {
            taken.rung.notify_waiters();
        }
        stream.write_all(ANSWER).await?;
    }
    Ok(())
}

/// Reads a whole request into the buffer and gives its length; nothing at the end.
async fn read(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> std::io::Result<Option<usize>> {
    loop {
        if let Some(at) = buffer.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(buffer.get(..at).unwrap_or_default());
            let length: usize = head
                .lines()
                .filter_map(|line| line.split_once(':'))
                .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
                .and_then(|(_, value)| value.trim().parse().ok())
                .unwrap_or(0);
            if buffer.len() >= at + 4 + length {
                return Ok(Some(at + 4 + length));
            }
        }
        if stream.read_buf(buffer).await? == 0 {
            return Ok(None);
        }
    }
}
