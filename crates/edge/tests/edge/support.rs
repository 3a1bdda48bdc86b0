//! A running edge, an origin that writes down what it is asked, and clients that send what they like.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use config::Config;
use edge::{Edge, Handle};
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full, StreamBody, combinators::BoxBody};
use hyper::body::{Frame, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

pub const NAME: &str = "a.test";
const PATIENCE: Duration = Duration::from_secs(20);

pub type Secure = TlsStream<TcpStream>;

/// An edge before these origins.
pub struct Place {
    pub http: SocketAddr,
    pub https: SocketAddr,
    pub handle: Handle,
    pub config: Config,
    root: CertificateDer<'static>,
    /// Nothing for one that was started in somebody else's folder.
    _folder: Option<tempfile::TempDir>,
    running: tokio::task::JoinHandle<()>,
}

impl Place {
    pub async fn before(origins: &[SocketAddr]) -> Self {
        Self::with(origins, |_| {}).await
    }

    pub async fn with(origins: &[SocketAddr], change: impl FnOnce(&mut config::Edge)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let place = Self::at(origins, folder.path(), change).await;
        Self { _folder: Some(folder), ..place }
    }

    /// With its files in this folder, where another may have been before.
    pub async fn at(
        origins: &[SocketAddr],
        folder: &Path,
        change: impl FnOnce(&mut config::Edge),
    ) -> Self {
        let (root, config) = settings(origins, folder, change);
        let edge = Edge::open(&config).unwrap();
        let (addresses, handle) = (edge.addresses(), edge.handle());
        let running = tokio::spawn(edge.run());
        let (http, https) = (addresses[0], addresses[1]);
        Self { http, https, handle, config, root, _folder: None, running }
    }

    /// Lets it drain and end.
    pub async fn stop(self) {
        self.handle.stop();
        timeout(PATIENCE, self.running).await.expect("it ends").unwrap();
    }

    /// A TLS connection that offers these protocols.
    pub async fn secure(&self, protocols: &[&str]) -> Secure {
        self.secure_as(NAME, protocols).await.unwrap()
    }

    pub async fn secure_as(&self, name: &str, protocols: &[&str]) -> std::io::Result<Secure> {
        self.secure_from([127, 0, 0, 1], name, protocols).await
    }

    /// From another address of this machine.
    pub async fn secure_from(
        &self,
        from: [u8; 4],
        name: &str,
        protocols: &[&str],
    ) -> std::io::Result<Secure> {
        let mut config = self.client();
        config.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
        let socket = TcpSocket::new_v4()?;
        socket.bind(SocketAddr::from((from, 0)))?;
        let stream = socket.connect(self.https).await?;
        let name = ServerName::try_from(name.to_owned()).unwrap();
        TlsConnector::from(Arc::new(config)).connect(name, stream).await
    }

    pub fn client(&self) -> ClientConfig {
        trusting(&self.root)
    }

    /// Sends these bytes by HTTP/1.1 over TLS and reads until the edge closes.
    pub async fn raw(&self, bytes: &[u8]) -> String {
        let stream = self.secure(&["http/1.1"]).await;
        exchange(stream, bytes).await
    }

    /// A GET on a connection of its own: status and the whole answer.
    pub async fn get(&self, path: &str) -> (u16, String) {
        self.ask("GET", path, "").await
    }

    pub async fn ask(&self, method: &str, path: &str, headers: &str) -> (u16, String) {
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {NAME}\r\nConnection: close\r\n{headers}\r\n"
        );
        let text = self.raw(head.as_bytes()).await;
        (status(&text), text)
    }
}

/// A client that believes this certificate.
pub fn trusting(root: &CertificateDer<'static>) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    roots.add(root.clone()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth()
}

/// Writes, then reads to the end of the stream.
pub async fn exchange(mut stream: impl Stream, bytes: &[u8]) -> String {
    // The edge may have closed before it had read all.
    let _ = stream.write_all(bytes).await;
    let _ = stream.flush().await;
    read_all(&mut stream).await
}

pub async fn read_all(stream: &mut impl Stream) -> String {
    let mut read = Vec::new();
    let reading = stream.read_to_end(&mut read);
    timeout(PATIENCE, reading).await.expect("the edge closes").ok();
    String::from_utf8_lossy(&read).into_owned()
}

/// Reads until this has come.
pub async fn read_until(stream: &mut impl Stream, end: &str) -> String {
    let mut read = Vec::new();
    let mut piece = [0; 4096];
    let reading = async {
        while !String::from_utf8_lossy(&read).contains(end) {
            let count = stream.read(&mut piece).await.unwrap_or(0);
            assert!(count > 0, "closed before {end:?}: {}", String::from_utf8_lossy(&read));
            read.extend_from_slice(&piece[..count]);
        }
    };
    timeout(PATIENCE, reading).await.expect("it comes");
    String::from_utf8_lossy(&read).into_owned()
}

pub trait Stream: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin {}
impl<T: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin> Stream for T {}

pub fn status(text: &str) -> u16 {
    text.split(' ').nth(1).and_then(|word| word.parse().ok()).unwrap_or(0)
}

fn settings(
    origins: &[SocketAddr],
    folder: &Path,
    change: impl FnOnce(&mut config::Edge),
) -> (CertificateDer<'static>, Config) {
    let made = rcgen::generate_simple_self_signed(vec![NAME.to_owned()]).unwrap();
    let (chain, key) = (folder.join("chain.pem"), folder.join("key.pem"));
    std::fs::write(&chain, made.cert.pem()).unwrap();
    std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    let free = SocketAddr::from(([127, 0, 0, 1], 0));
    let mut edge = config::Edge {
        domain: Some(NAME.into()),
        origins: origins.iter().map(|address| format!("http://{address}")).collect(),
        http: vec![free],
        https: vec![free],
        certificate: Some(chain),
        key: Some(key),
        data: folder.join("data"),
        metrics: None,
        requests_per_second: 0,
        connections_per_address: 1000,
        wait_for_origin: 5,
        ..config::Edge::default()
    };
    change(&mut edge);
    (made.cert.der().clone(), Config { edge, ..Config::default() })
}

/// A server that answers by path and remembers every request but those for `/ready`.
#[derive(Clone)]
pub struct Origin {
    pub address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
    task: Arc<tokio::task::JoinHandle<()>>,
}

/// A request as it arrived.
#[derive(Clone, Debug)]
pub struct Seen {
    pub line: String,
    pub headers: Vec<(String, String)>,
}

impl Seen {
    pub fn all(&self, name: &str) -> Vec<&str> {
        let found = self.headers.iter().filter(|(found, _)| found == name);
        found.map(|(_, value)| value.as_str()).collect()
    }
}

impl Origin {
    pub async fn start() -> Self {
        Self::on(SocketAddr::from(([127, 0, 0, 1], 0))).await
    }

    pub async fn on(address: SocketAddr) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let of_task = seen.clone();
        let task = tokio::spawn(async move {
            let mut tasks = tokio::task::JoinSet::new();
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let seen = of_task.clone();
                tasks.spawn(async move {
                    let service = service_fn(move |request| answer(seen.clone(), address, request));
                    let _ = hyper::server::conn::http1::Builder::new()
                        .serve_connection(TokioIo::new(stream), service)
                        .await;
                });
            }
        });
        Self { address, seen, task: Arc::new(task) }
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// Ends it with all its connections.
    pub async fn stop(self) {
        self.task.abort();
        while !self.task.is_finished() {
            tokio::task::yield_now().await;
        }
    }
}

type Answer = Response<BoxBody<Bytes, Infallible>>;

async fn answer(
    seen: Arc<Mutex<Vec<Seen>>>,
    own: SocketAddr,
    request: Request<Incoming>,
) -> Result<Answer, hyper::Error> {
    let path = request.uri().path().to_owned();
    if path == "/ready" {
        return Ok(whole("ready"));
    }
    let headers = request.headers().iter().map(|(name, value)| {
        (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    });
    let line = format!("{} {}", request.method(), request.uri());
    seen.lock().unwrap().push(Seen { line, headers: headers.collect() });
    let mut response = match path.as_str() {
        "/echo" => whole(request.into_body().collect().await?.to_bytes()),
        "/early" => whole("early"),
        "/port" => whole(own.port().to_string()),
        "/text" => {
            let mut response = whole("a line of text\n".repeat(1000));
            let kind = http::HeaderValue::from_static("text/plain; charset=utf-8");
            response.headers_mut().insert("content-type", kind);
            response.headers_mut().insert("etag", http::HeaderValue::from_static("\"1\""));
            response
        }
        "/events" => events(),
        "/slow" => {
            tokio::time::sleep(Duration::from_millis(500)).await;
            whole("slow")
        }
        "/silent" => std::future::pending().await,
        _ => {
            request.into_body().collect().await?;
            whole("hello")
        }
    };
    let hop = http::HeaderValue::from_static("timeout=5");
    response.headers_mut().insert("keep-alive", hop);
    Ok(response)
}

fn whole(bytes: impl Into<Bytes>) -> Answer {
    let mut response = Response::new(Full::new(bytes.into()).boxed());
    *response.status_mut() = StatusCode::OK;
    response
}

/// One event at once, another much later.
fn events() -> Answer {
    let pieces = futures_util::stream::unfold(0, |count| async move {
        if count == 1 {
            tokio::time::sleep(Duration::from_secs(30)).await;
        }
        let piece = Bytes::from_static(b"event: update\ndata: 1\n\n");
        (count < 2).then_some((Ok(Frame::data(piece)), count + 1))
    });
    let mut response = Response::new(StreamBody::new(pieces).boxed());
    let kind = http::HeaderValue::from_static("text/event-stream");
    response.headers_mut().insert("content-type", kind);
    response
}
