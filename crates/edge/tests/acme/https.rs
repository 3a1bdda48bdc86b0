//! A small https server under the certificate of the authority's API, for what stands beside it.

use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::pebble::Pebble;
use crate::provider;

/// An answer on its way: status and body.
pub type Answering = Pin<Box<dyn Future<Output = (u16, String)> + Send>>;

/// Answers every request, head and body in one text, by `answer`.
pub async fn serve(
    pebble: &Pebble,
    answer: impl Fn(String) -> Answering + Send + 'static,
) -> SocketAddr {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let file = |name| pebble.folder.path().join(name);
    let chain = vec![CertificateDer::from_pem_file(file("api.pem")).unwrap()];
    let key = PrivateKeyDer::from_pem_file(file("api.key")).unwrap();
    let config = rustls::ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            let mut request = String::new();
            while !is_whole(&request) {
                let mut buffer = vec![0; 8192];
                match stream.read(&mut buffer).await {
                    Ok(length) if length > 0 => {
                        request.push_str(&String::from_utf8_lossy(&buffer[..length]));
                    }
                    _ => break,
                }
            }
            let (status, body) = answer(request).await;
            let answer = format!(
                "HTTP/1.1 {status} X\r\nretry-after: 21600\r\nconnection: close\r\n\
                 content-length: {}\r\n\r\n{body}",
                body.len()
            );
            let _ = stream.write_all(answer.as_bytes()).await;
            let _ = stream.shutdown().await;
        }
    });
    address
}

fn is_whole(request: &str) -> bool {
    let Some((head, body)) = request.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    body.len() >= length.map_or(0, |length| length.parse().unwrap())
}
