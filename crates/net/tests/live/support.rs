//! Peers on loopback: each answers every connection with what a function says, and counts them.

use std::collections::HashMap;
use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use net::{Client, Get, NetError, Resolve, Resolving, Settings, Times};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A listener that counts what reaches it.
pub struct Peer {
    pub address: SocketAddr,
    pub connections: Arc<AtomicUsize>,
    pub requests: Arc<AtomicUsize>,
}

impl Peer {
    /// Hands every connection to `serve`.
    pub async fn raw<F, S>(ip: &str, serve: S) -> Self
    where
        S: Fn(TcpStream) -> F + Send + 'static,
        F: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind((ip, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let connections = Arc::new(AtomicUsize::new(0));
        let counted = connections.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                counted.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(serve(stream));
            }
        });
        Self { address, connections, requests: Arc::default() }
    }

    /// Answers every request over plain HTTP with what `answer` makes of its head.
    pub async fn http(ip: &str, answer: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static) -> Self {
        let requests = Arc::new(AtomicUsize::new(0));
        let (counted, answer) = (requests.clone(), Arc::new(answer));
        let peer = Self::raw(ip, move |mut stream| {
            let (counted, answer) = (counted.clone(), answer.clone());
            async move {
                while let Some(head) = head(&mut stream).await {
                    counted.fetch_add(1, Ordering::SeqCst);
                    if stream.write_all(&answer(&head)).await.is_err() {
                        return;
                    }
                }
            }
        });
        Self { requests, ..peer.await }
    }

    /// Nobody may ever connect to this one.
    pub async fn canary() -> Self {
        Self::http("127.0.0.1", |_| text("caught")).await
    }

    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    pub fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }

    pub fn port(&self) -> u16 {
        self.address.port()
    }
}

/// Reads to the empty line that ends the head of a request; the bodies of these tests are empty or
/// come with it.
pub async fn head(stream: &mut (impl AsyncReadExt + Unpin)) -> Option<String> {
    let mut bytes = Vec::new();
    let mut piece = [0; 4096];
    while !bytes.windows(4).any(|window| window == b"\r\n\r\n") {
        let count = stream.read(&mut piece).await.ok()?;
        if count == 0 {
            return None;
        }
        bytes.extend_from_slice(&piece[..count]);
    }
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

pub fn text(body: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

pub fn redirect(to: &str) -> Vec<u8> {
    format!("HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n").into_bytes()
}

/// A resolver that knows these names only.
#[derive(Debug, Default)]
pub struct Names(pub HashMap<&'static str, Vec<IpAddr>>);

impl Names {
    pub fn of(names: &[(&'static str, &str)]) -> Arc<dyn Resolve> {
        let mut known: HashMap<_, Vec<IpAddr>> = HashMap::new();
        for (name, address) in names {
            known.entry(*name).or_default().push(address.parse().unwrap());
        }
        Arc::new(Self(known))
    }
}

impl Resolve for Names {
    fn resolve<'r>(&'r self, name: &'r str) -> Resolving<'r> {
        let found = self.0.get(name).cloned();
        Box::pin(async move { found.ok_or_else(|| std::io::Error::other("no such name")) })
    }
}

/// Short times, so that a test of patience needs little.
pub fn quick() -> Times {
    let short = Duration::from_millis(150);
    Times {
        connect: short,
        handshake: short,
        gap: short,
        whole: Duration::from_secs(2),
        download: Duration::from_secs(2),
        place: Duration::from_secs(1),
        idle: Duration::from_secs(1),
    }
}

/// A server on loopback, as the tests of one process are.
pub fn local() -> Settings {
    Settings { user_agent: "test/1 (+http://a.test)".into(), is_local: true, ..Settings::default() }
}

/// A server with a name on the internet.
pub fn public() -> Settings {
    Settings { is_local: false, ..local() }
}

pub fn client(settings: Settings) -> Client {
    Client::new(settings).unwrap()
}

pub async fn get(client: &Client, url: &str) -> Result<net::Answer, NetError> {
    let url = url.parse().unwrap();
    client
        .get(Get { url: &url, accept: "*/*", most_bytes: 1024 * 1024, signer: None, gate: None })
        .await
}
