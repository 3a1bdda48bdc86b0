//! Rules E11 and E12 against a real ACME authority on loopback.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a test fails by panicking, and says why it is skipped"
)]

mod clock;
mod https;
mod pebble;
mod windows;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use clock::Moved;
use edge::Certificates;
use edge::acme::route53::{Keys, Route53};
use edge::acme::{
    Challenge, Changing, Dns, Environment, Keeper, Machine, NameStatus, Settings, Statuses,
};
use edge::certificates::CHALLENGE_PROTOCOL;
use pebble::{Manner, Pebble};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::{TlsAcceptor, TlsConnector};
use tokio_util::sync::CancellationToken;
use windows::Windows;

const MINUTE: Duration = Duration::from_secs(60);

/// A keeper at work, ended when it is dropped.
struct Kept {
    statuses: Statuses,
    shutdown: CancellationToken,
    task: Option<JoinHandle<()>>,
}

impl Kept {
    fn start(
        pebble: &Pebble,
        names: &[&str],
        challenges: Vec<Challenge>,
        certificates: &Certificates,
        environment: Arc<dyn Environment>,
    ) -> Self {
        let settings = Settings {
            directory: pebble.directory(),
            contact: Some("owner@a.test".into()),
            names: names.iter().map(|name| (*name).to_owned()).collect(),
            challenges,
            folder: pebble.folder.path().join("acme"),
            vault: None,
        };
        let keeper =
            Keeper::new(settings, certificates.clone(), pebble.client(), environment).unwrap();
        let (statuses, shutdown) = (keeper.statuses(), CancellationToken::new());
        let task = Some(tokio::spawn(keeper.run(shutdown.clone())));
        Self { statuses, shutdown, task }
    }

    async fn stop(mut self) {
        self.shutdown.cancel();
        self.task.take().unwrap().await.unwrap();
    }

    fn status(&self) -> NameStatus {
        self.statuses.all().into_iter().next().unwrap()
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        self.shutdown.cancel();
    }
}

/// What the edge's listener does on port 80: the answers to challenges.
async fn serve_http(at: SocketAddr, certificates: Certificates) -> JoinHandle<()> {
    let listener = TcpListener::bind(at).await.unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut buffer = vec![0; 4096];
            let length = stream.read(&mut buffer).await.unwrap_or(0);
            let request = String::from_utf8_lossy(&buffer[..length]).into_owned();
            let token = request
                .split_whitespace()
                .nth(1)
                .and_then(|path| path.strip_prefix("/.well-known/acme-challenge/"));
            let answer = match token.and_then(|token| certificates.http_challenge(token)) {
                Some(text) => format!(
                    "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{text}",
                    text.len()
                ),
                None => "HTTP/1.1 404 Not Found\r\nconnection: close\r\n\r\n".to_owned(),
            };
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    })
}

/// What it does on port 443.
async fn serve_tls(at: SocketAddr, certificates: &Certificates) -> JoinHandle<()> {
    let listener = TcpListener::bind(at).await.unwrap();
    let mut config = rustls::ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_cert_resolver(certificates.resolver());
    config.alpn_protocols = vec![b"http/1.1".to_vec(), CHALLENGE_PROTOCOL.to_vec()];
    let acceptor = TlsAcceptor::from(Arc::new(config));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let accepting = acceptor.accept(stream);
            tokio::spawn(async move {
                if let Ok(mut stream) = accepting.await {
                    let _ = stream.shutdown().await;
                }
            });
        }
    })
}

fn provider() -> Arc<rustls::crypto::CryptoProvider> {
    Arc::new(rustls::crypto::aws_lc_rs::default_provider())
}

/// The certificate that a browser which trusts only this authority is shown, verified.
async fn browse(pebble: &Pebble, root: &[u8], name: &str) -> Result<Vec<u8>, std::io::Error> {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(root).unwrap()).unwrap();
    let config = rustls::ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let connector = TlsConnector::from(Arc::new(config));
    let stream = TcpStream::connect(pebble.tls).await?;
    let stream = connector.connect(name.to_owned().try_into().unwrap(), stream).await?;
    Ok(stream.get_ref().1.peer_certificates().unwrap()[0].to_vec())
}

#[tokio::test]
async fn e11_a_certificate_is_issued_by_http_and_by_tls_and_browsers_take_it() {
    for challenge in [Challenge::Http, Challenge::Tls] {
        let manner = Manner { bad_nonces: 15, ..Manner::default() };
        let Some(pebble) = Pebble::start(manner).await else { return };
        let certificates = Certificates::default();
        let _http = serve_http(pebble.http, certificates.clone()).await;
        let _tls = serve_tls(pebble.tls, &certificates).await;
        let root = pebble.root().await;
        assert!(browse(&pebble, &root, "a.test").await.is_err(), "nothing is served before");
        let clock = Arc::new(Moved::new());
        let names = ["a.test", "files.a.test"];
        let kept =
            Kept::start(&pebble, &names, vec![challenge.clone()], &certificates, clock.clone());
        clock.pass(MINUTE).await;
        for status in kept.statuses.all() {
            assert_eq!(status.failures, 0, "{challenge:?}: {status:?}");
            assert!(status.issuer.as_ref().unwrap().contains("Pebble"), "{status:?}");
            assert_eq!(status.warning(clock.now()), None);
            browse(&pebble, &root, &status.name).await.unwrap();
        }
        assert!(browse(&pebble, &root, "b.test").await.is_err());
        kept.stop().await;
    }
}

#[tokio::test]
async fn e12_a_certificate_is_renewed_in_real_time_and_every_handshake_meanwhile_works() {
    let Some(pebble) = Pebble::start(Manner { lifetime: 8, ..Manner::default() }).await else {
        return;
    };
    let certificates = Certificates::default();
    let _http = serve_http(pebble.http, certificates.clone()).await;
    let _tls = serve_tls(pebble.tls, &certificates).await;
    let root = pebble.root().await;
    let ways = vec![Challenge::Http];
    let _kept = Kept::start(&pebble, &["a.test"], ways, &certificates, Arc::new(Machine));
    let whole = async {
        while certificates.served("a.test").is_none() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let mut seen = Vec::new();
        while seen.len() < 3 {
            // Verified by the client's own clock: an ended certificate fails here.
            let shown = browse(&pebble, &root, "a.test").await.unwrap();
            if seen.last() != Some(&shown) {
                seen.push(shown);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(40), whole).await.expect("it was not renewed");
    assert!(pebble.orders() <= 4, "{} orders for three certificates", pebble.orders());
}

#[tokio::test]
async fn e11_twenty_restarts_make_one_order() {
    let Some(pebble) = Pebble::start(Manner::default()).await else { return };
    let clock = Arc::new(Moved::new());
    for restart in 0..20 {
        // Nothing is left in memory.
        let certificates = Certificates::default();
        let http = serve_http(pebble.http, certificates.clone()).await;
        let ways = vec![Challenge::Http];
        let kept = Kept::start(&pebble, &["a.test"], ways, &certificates, clock.clone());
        if restart > 0 {
            assert!(certificates.served("a.test").is_some(), "served before any network");
        }
        clock.pass(MINUTE).await;
        assert_eq!(kept.status().last_error, None);
        kept.stop().await;
        http.abort();
        let _ = http.await;
    }
    assert_eq!((pebble.orders(), pebble.accounts()), (1, 1));
}

#[tokio::test]
async fn e11_restarts_in_the_middle_of_an_order_do_not_order_again() {
    let Some(pebble) = Pebble::start(Manner::default()).await else { return };
    let clock = Arc::new(Moved::new());
    let certificates = Certificates::default();
    // Takes the authority's question and never answers.
    let _silent = TcpListener::bind(pebble.http).await.unwrap();
    let ways = vec![Challenge::Http];
    let kept = Kept::start(&pebble, &["a.test"], ways.clone(), &certificates, clock.clone());
    pebble.logged("POST /chalZ", 1).await;
    kept.stop().await;
    for _ in 0..20 {
        let kept = Kept::start(&pebble, &["a.test"], ways.clone(), &certificates, clock.clone());
        clock.pass(Duration::from_secs(1)).await;
        kept.stop().await;
    }
    assert_eq!(pebble.orders(), 1);
}

#[tokio::test]
async fn e11_a_failing_challenge_is_tried_at_most_five_times_in_the_first_hour_and_recovers() {
    let Some(pebble) = Pebble::start(Manner::default()).await else { return };
    let clock = Arc::new(Moved::new());
    let certificates = Certificates::default();
    // Nobody listens on port 80.
    let ways = vec![Challenge::Http];
    let kept = Kept::start(&pebble, &["a.test"], ways.clone(), &certificates, clock.clone());
    clock.pass(60 * MINUTE).await;
    let tries = pebble.orders();
    assert!((2..=5).contains(&tries), "{tries} tries in the first hour");
    let status = kept.status();
    assert_eq!(status.failures as usize, tries);
    let error = status.last_error.clone().unwrap();
    assert!(error.contains("http-01") && error.contains("refused"), "{error}");
    assert!(status.warning(clock.now()).unwrap().contains("no certificate yet"));
    // A restart forgives nothing.
    kept.stop().await;
    let kept = Kept::start(&pebble, &["a.test"], ways, &certificates, clock.clone());
    clock.pass(MINUTE).await;
    assert_eq!(pebble.orders(), tries);
    // Somebody opens the port: the next try is enough.
    let _http = serve_http(pebble.http, certificates.clone()).await;
    clock.pass(2 * 60 * MINUTE).await;
    assert!(certificates.served("a.test").is_some());
    let status = kept.status();
    assert_eq!((status.failures, status.last_error), (0, None));
    assert_eq!(pebble.orders(), tries + 1);
}

#[tokio::test]
async fn e11_a_certificate_is_renewed_when_the_authority_asks_for_it_and_only_once() {
    let Some(mut pebble) = Pebble::start(Manner::default()).await else { return };
    let windows = Windows::start(&mut pebble).await;
    let clock = Arc::new(Moved::new());
    let certificates = Certificates::default();
    let _http = serve_http(pebble.http, certificates.clone()).await;
    let ways = vec![Challenge::Http];
    let kept = Kept::start(&pebble, &["a.test"], ways, &certificates, clock.clone());
    clock.pass(MINUTE).await;
    let first = certificates.served("a.test").unwrap();
    // Sixty days are left before it would be due by itself.
    clock.pass(10 * 24 * 60 * MINUTE).await;
    // One in each half of a day; which of them lie within depends on when the test began.
    let asked = windows.asked();
    assert!((19..=21).contains(&asked), "{asked} times in ten days");
    assert_eq!(pebble.orders(), 1);
    windows.ask_for_all_until_now(clock.now());
    // Until it is new and no longer: asked again, the authority would want that one renewed as well.
    for _ in 0..288 {
        clock.pass(5 * MINUTE).await;
        if certificates.served("a.test").unwrap().cert != first.cert {
            break;
        }
    }
    let second = certificates.served("a.test").unwrap();
    assert!(first.cert != second.cert, "{:?}", kept.status());
    assert_eq!(kept.status().last_error, None);
    // This authority does not know the word `replaces`: the next try does without.
    assert_eq!(pebble.orders(), 3);
    windows.ask_for_nothing();
    clock.pass(5 * 24 * 60 * MINUTE).await;
    assert_eq!(pebble.orders(), 3);
}

#[tokio::test]
async fn e11_after_a_failure_the_next_way_is_tried() {
    let Some(pebble) = Pebble::start(Manner::default()).await else { return };
    let clock = Arc::new(Moved::new());
    let certificates = Certificates::default();
    let _tls = serve_tls(pebble.tls, &certificates).await;
    let ways = vec![Challenge::Http, Challenge::Tls];
    let kept = Kept::start(&pebble, &["a.test"], ways, &certificates, clock.clone());
    clock.pass(2 * MINUTE).await;
    assert_eq!((kept.status().failures, pebble.orders()), (0, 2));
}

#[tokio::test]
async fn e11_an_account_that_the_authority_forgot_is_made_anew() {
    let Some(pebble) = Pebble::start(Manner::default()).await else { return };
    let clock = Arc::new(Moved::new());
    let certificates = Certificates::default();
    let _http = serve_http(pebble.http, certificates.clone()).await;
    let ways = vec![Challenge::Http];
    let kept = Kept::start(&pebble, &["a.test"], ways.clone(), &certificates, clock.clone());
    clock.pass(MINUTE).await;
    kept.stop().await;
    let accounts = pebble.folder.path().join("acme/accounts");
    let file = std::fs::read_dir(&accounts).unwrap().next().unwrap().unwrap().path();
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace("/my-account/", "/my-account/9")).unwrap();
    let kept = Kept::start(&pebble, &["b.test"], ways, &certificates, clock.clone());
    clock.pass(MINUTE).await;
    assert_eq!(kept.status().last_error, None);
    assert_eq!(pebble.accounts(), 2);
    assert_eq!(pebble.orders(), 3, "one was refused for its account");
}

/// Challenges by DNS, at the name server of the test.
struct TestDns(Arc<Pebble>);

impl Dns for TestDns {
    fn add<'d>(&'d self, name: &'d str, value: &'d str) -> Changing<'d> {
        Box::pin(async move {
            let body = format!(r#"{{"host":"{name}.","value":"{value}"}}"#);
            self.0.tell_names("set-txt", &body).await;
            Ok(())
        })
    }

    fn remove<'d>(&'d self, name: &'d str, _: &'d str) -> Changing<'d> {
        Box::pin(async move {
            self.0.tell_names("clear-txt", &format!(r#"{{"host":"{name}."}}"#)).await;
            Ok(())
        })
    }
}

#[tokio::test]
async fn e11_a_wildcard_is_proved_by_dns() {
    let Some(pebble) = Pebble::start(Manner::default()).await else { return };
    let pebble = Arc::new(pebble);
    let clock = Arc::new(Moved::new());
    let certificates = Certificates::default();
    let _tls = serve_tls(pebble.tls, &certificates).await;
    let ways = vec![Challenge::Tls, Challenge::Dns(Arc::new(TestDns(pebble.clone())))];
    let kept = Kept::start(&pebble, &["*.a.test"], ways, &certificates, clock.clone());
    clock.pass(MINUTE).await;
    assert_eq!(kept.status().last_error, None);
    browse(&pebble, &pebble.root().await, "anything.a.test").await.unwrap();
}

/// Route 53 as far as a challenge needs it, before the name server of the test. Every change takes
/// two questions to arrive.
async fn route53(pebble: &Arc<Pebble>) -> (SocketAddr, Arc<Mutex<Vec<String>>>) {
    let (heard, names) = (Arc::new(Mutex::new(Vec::new())), pebble.clone());
    let hearing = heard.clone();
    let address = https::serve(pebble, move |request| {
        let (heard, names) = (hearing.clone(), names.clone());
        Box::pin(async move {
            if !request.contains("authorization: AWS4-HMAC-SHA256 Credential=AKID/") {
                return (403, "<Message>who are you?</Message>".to_owned());
            }
            let part = |name: &str| {
                let rest = request.split_once(&format!("<{name}>"))?.1;
                Some(rest.split_once(&format!("</{name}>"))?.0.replace('"', ""))
            };
            if let (Some(action), Some(name)) = (part("Action"), part("Name")) {
                assert!(request.starts_with("POST /2013-04-01/hostedzone/Z1/rrset HTTP"));
                heard.lock().unwrap().push(format!("{action} {name}"));
                let value = part("Value").unwrap();
                let (what, body) = match action.as_str() {
                    "UPSERT" => ("set-txt", format!(r#"{{"host":"{name}.","value":"{value}"}}"#)),
                    _ => ("clear-txt", format!(r#"{{"host":"{name}."}}"#)),
                };
                names.tell_names(what, &body).await;
                return (200, "<ChangeInfo><Id>/change/C1</Id></ChangeInfo>".to_owned());
            }
            assert!(request.starts_with("GET /2013-04-01/change/C1 HTTP"), "{request}");
            let mut heard = heard.lock().unwrap();
            let status = if heard.last().unwrap() == "asked" { "INSYNC" } else { "PENDING" };
            heard.push("asked".into());
            (200, format!("<ChangeInfo><Status>{status}</Status></ChangeInfo>"))
        })
    })
    .await;
    (address, heard)
}

#[tokio::test]
async fn e11_a_wildcard_is_proved_by_route_53() {
    let Some(pebble) = Pebble::start(Manner::default()).await else { return };
    let pebble = Arc::new(pebble);
    let (address, heard) = route53(&pebble).await;
    let clock = Arc::new(Moved::new());
    let certificates = Certificates::default();
    let client = pebble.client_also(address);
    let zone = |id: &str| {
        let keys = Keys { id: id.into(), secret: "secret".into(), session_token: None };
        let address = format!("https://{address}/");
        let zone =
            Route53::new("Z1", Some(&address), client.clone(), Arc::new(keys), clock.clone());
        vec![Challenge::Dns(Arc::new(zone.unwrap()))]
    };
    let kept = Kept::start(&pebble, &["*.a.test"], zone("other"), &certificates, clock.clone());
    clock.pass(Duration::from_secs(30)).await;
    let error = kept.status().last_error.unwrap();
    assert!(error.contains("403") && error.contains("who are you?"), "{error}");
    kept.stop().await;
    let kept = Kept::start(&pebble, &["*.a.test"], zone("AKID"), &certificates, clock.clone());
    clock.pass(5 * MINUTE).await;
    assert_eq!(kept.status().last_error, None);
    assert!(certificates.has("anything.a.test"));
    let name = "_acme-challenge.a.test";
    let heard = heard.lock().unwrap().clone();
    let expected = [&format!("UPSERT {name}"), "asked", "asked", &format!("DELETE {name}")];
    assert_eq!(heard, expected, "what is no longer needed is removed");
}
