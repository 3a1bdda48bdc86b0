//! Renewal windows (ARI, RFC 9773) in front of an authority that has none: a directory that names
//! them, and the answers.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::pebble::Pebble;
use crate::provider;

const YEAR: Duration = Duration::from_secs(365 * 86_400);

/// What is answered.
#[derive(Clone)]
pub struct Windows {
    start: Arc<Mutex<SystemTime>>,
    asked: Arc<AtomicUsize>,
}

impl Windows {
    /// Stands in front of this authority from now on, and asks for nothing within ten years.
    pub async fn start(pebble: &mut Pebble) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let mut directory: serde_json::Value =
            serde_json::from_slice(&pebble.own_directory().await).unwrap();
        directory["renewalInfo"] = format!("https://{address}/window").into();
        pebble.front = Some(address);
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
        let windows = Self { start: Arc::new(Mutex::new(far())), asked: Arc::default() };
        let answering = windows.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let Ok(mut stream) = acceptor.accept(stream).await else { continue };
                let mut buffer = vec![0; 8192];
                let length = stream.read(&mut buffer).await.unwrap_or(0);
                let is_window = buffer[..length].starts_with(b"GET /window/");
                let body = if is_window { answering.window() } else { directory.to_string() };
                let answer = format!(
                    "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nretry-after: 21600\r\n\
                     connection: close\r\ncontent-length: {}\r\n\r\n{body}",
                    body.len()
                );
                let _ = stream.write_all(answer.as_bytes()).await;
                let _ = stream.shutdown().await;
            }
        });
        windows
    }

    /// How often a window was asked for.
    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }

    /// Every certificate is to be renewed at once.
    pub fn ask_for_all_until_now(&self, now: SystemTime) {
        *self.start.lock().unwrap() = now - Duration::from_secs(86_400);
    }

    /// None is to be renewed for ten years.
    pub fn ask_for_nothing(&self) {
        *self.start.lock().unwrap() = far();
    }

    fn window(&self) -> String {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let start = *self.start.lock().unwrap();
        let (start, end) = (written(start), written(start + Duration::from_secs(3_600)));
        format!(r#"{{"suggestedWindow":{{"start":"{start}","end":"{end}"}}}}"#)
    }
}

/// 2050, whatever the test's clock says.
fn far() -> SystemTime {
    UNIX_EPOCH + 80 * YEAR
}

/// `2026-11-25T10:20:30Z`, by the days-to-date arithmetic of the proleptic calendar.
fn written(moment: SystemTime) -> String {
    let seconds = moment.duration_since(UNIX_EPOCH).unwrap().as_secs();
    let (days, rest) = (seconds / 86_400 + 719_468, seconds % 86_400);
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    let (hour, minute, second) = (rest / 3_600, rest % 3_600 / 60, rest % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}
