//! Deliveries while the server is away: kept, handed over in order, never more than there is room for.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, UNIX_EPOCH};

use bytes::Bytes;
use edge::acme::{Environment as _, Machine};
use edge::spool::{Delivery, Limits, Spool, SpoolError};
use http::{HeaderMap, Response};
use http_body_util::{BodyExt as _, Full};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_rustls::TlsConnector;

use super::support::{NAME, Place, exchange, status, trusting};

const PATIENCE: Duration = Duration::from_secs(20);

/// A server that takes deliveries. It answers 200, so that its answer is not the edge's 202.
struct Receiver {
    seen: watch::Sender<Vec<Taken>>,
    task: tokio::task::JoinHandle<()>,
}

#[derive(Clone, Debug)]
struct Taken {
    target: String,
    headers: HeaderMap,
    body: String,
}

/// What is answered to a body.
type Judge = Arc<dyn Fn(&str) -> u16 + Send + Sync>;

impl Receiver {
    async fn on(address: SocketAddr) -> Self {
        Self::judging(address, Arc::new(|_| 200)).await
    }

    async fn judging(address: SocketAddr, judge: Judge) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let seen = watch::Sender::new(Vec::new());
        let of_task = seen.clone();
        let task = tokio::spawn(async move {
            let mut tasks = tokio::task::JoinSet::new();
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let (seen, judge) = (of_task.clone(), judge.clone());
                let service = service_fn(move |request: http::Request<hyper::body::Incoming>| {
                    let (seen, judge) = (seen.clone(), judge.clone());
                    async move {
                        let (head, body) = request.into_parts();
                        let body = body.collect().await?.to_bytes();
                        let body = String::from_utf8(body.to_vec()).unwrap();
                        let code = if head.method == "POST" { judge(&body) } else { 200 };
                        if head.method == "POST" {
                            let target = head.uri.to_string();
                            seen.send_modify(|all| {
                                all.push(Taken { target, headers: head.headers, body });
                            });
                        }
                        let answer = Response::builder().status(code);
                        Ok::<_, hyper::Error>(answer.body(Full::new(Bytes::new())).unwrap())
                    }
                });
                tasks.spawn(async move {
                    let _ = hyper::server::conn::http1::Builder::new()
                        .serve_connection(TokioIo::new(stream), service)
                        .await;
                });
            }
        });
        Self { seen, task }
    }

    /// Waits until it has taken so many.
    async fn took(&self, count: usize) -> Vec<Taken> {
        let mut seen = self.seen.subscribe();
        let waiting = seen.wait_for(|all| all.len() >= count);
        let came = tokio::time::timeout(PATIENCE, waiting).await.map(|all| all.unwrap().clone());
        came.unwrap_or_else(|_| panic!("{:?} instead of {count}", self.bodies()))
    }

    fn bodies(&self) -> Vec<String> {
        self.seen.borrow().iter().map(|taken| taken.body.clone()).collect()
    }

    async fn stop(self) {
        self.task.abort();
        let _ = self.task.await;
    }
}

fn nobody() -> SocketAddr {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap()
}

/// A delivery, with what no client may say of itself.
fn post(sender: &str, body: &str) -> String {
    format!(
        "POST /users/alice/inbox?x=1 HTTP/1.1\r\nHost: {NAME}\r\nConnection: close\r\n\
         Content-Type: application/activity+json\r\nContent-Length: {}\r\n\
         Date: Wed, 01 May 2024 10:20:30 GMT\r\nDigest: SHA-256=abc\r\n\
         Signature: keyId=\"https://{sender}/users/a#main-key\",headers=\"date digest\"\r\n\
         X-Tuskling-Received-At: 1\r\nX-Forwarded-For: 203.0.113.9\r\nCookie: a=b\r\n\r\n{body}",
        body.len()
    )
}

async fn deliver(place: &Place, sender: &str, body: &str) -> u16 {
    status(&place.raw(post(sender, body).as_bytes()).await)
}

fn of<'a>(bodies: &'a [String], sender: &str) -> Vec<&'a str> {
    bodies.iter().map(String::as_str).filter(|body| body.starts_with(sender)).collect()
}

/// What an edge that has ended left behind.
fn left(folder: &Path) -> Spool {
    let begun = Instant::now();
    loop {
        match Spool::open(&folder.join("data/spool"), Limits::default()) {
            Err(SpoolError::InUse(_)) if begun.elapsed() < PATIENCE => std::thread::yield_now(),
            other => return other.unwrap(),
        }
    }
}

#[tokio::test]
async fn deliveries_are_kept_while_the_server_is_away_and_handed_over_in_order() {
    let address = nobody();
    let place = Place::with(&[address], |edge| edge.wait_for_origin = 5).await;
    let began = Instant::now();
    let before = Machine.now();
    for body in ["a1", "b1", "a2", "b2", "a3"] {
        let sender = format!("{}.test", &body[..1]);
        let answer = place.raw(post(&sender, body).as_bytes()).await;
        assert_eq!(status(&answer), 202, "{answer}");
        assert!(answer.contains("strict-transport-security"), "{answer}");
    }
    assert!(began.elapsed() < Duration::from_secs(4), "nobody waits who can be answered");
    let receiver = Receiver::on(address).await;
    let taken = receiver.took(5).await;
    let bodies = receiver.bodies();
    assert_eq!(of(&bodies, "a"), ["a1", "a2", "a3"]);
    assert_eq!(of(&bodies, "b"), ["b1", "b2"]);
    for one in &taken {
        let header = |name: &str| -> Vec<_> {
            one.headers.get_all(name).iter().map(|value| value.to_str().unwrap()).collect()
        };
        assert_eq!(one.target, "/users/alice/inbox?x=1");
        assert_eq!(header("host"), [NAME]);
        assert_eq!(header("date"), ["Wed, 01 May 2024 10:20:30 GMT"]);
        assert_eq!(header("digest"), ["SHA-256=abc"]);
        assert!(header("signature")[0].contains("main-key"));
        assert_eq!(header("content-length"), ["2"]);
        assert_eq!(header("x-forwarded-for"), ["127.0.0.1"], "e05");
        assert!(header("cookie").is_empty());
        let received = header("x-tuskling-received-at");
        assert_eq!(received.len(), 1, "e05: {received:?}");
        let received = UNIX_EPOCH + Duration::from_millis(received[0].parse().unwrap());
        let early = before - Duration::from_millis(1);
        assert!(received >= early && received <= Machine.now());
    }
    // From now on they go straight through, and no time is told.
    assert_eq!(deliver(&place, "a.test", "a4").await, 200);
    let last = receiver.took(6).await.pop().unwrap();
    assert!(last.headers.get("x-tuskling-received-at").is_none(), "e05");
    // Also the one that finds out that the server has gone is kept.
    receiver.stop().await;
    assert_eq!(deliver(&place, "a.test", "a5").await, 202);
    let receiver = Receiver::on(address).await;
    assert_eq!(receiver.took(1).await[0].body, "a5");
}

#[tokio::test]
async fn only_deliveries_are_kept() {
    let place = Place::with(&[nobody()], |edge| edge.wait_for_origin = 0).await;
    let good = post("a.test", "x");
    assert_eq!(status(&place.raw(good.as_bytes()).await), 202);
    let long = good.replace("Content-Length: 1\r\n", "Content-Length: 1048577\r\n");
    for bad in [
        good.replace("POST ", "PUT "),
        good.replace("/users/alice/inbox", "/users/alice/outbox"),
        good.replace("Signature:", "Signed:"),
        good.replace("application/activity+json", "application/json"),
        long,
    ] {
        let answer = place.raw(bad.as_bytes()).await;
        assert_eq!(status(&answer), 503, "{bad}: {answer}");
        assert!(answer.contains("retry-after: 10"), "{answer}");
    }
    let endless = good.replace("Content-Length: 1\r\n", "Transfer-Encoding: chunked\r\n");
    let (head, _) = endless.split_at(endless.len() - 1);
    let piece = "x".repeat(0x10_0001);
    let chunks = format!("{head}100001\r\n{piece}\r\n0\r\n\r\n");
    assert_eq!(status(&place.raw(chunks.as_bytes()).await), 413);
    let none = Place::with(&[nobody()], |edge| {
        (edge.wait_for_origin, edge.spool_bytes) = (0, 0);
    })
    .await;
    assert_eq!(deliver(&none, "a.test", "x").await, 503, "it is switched off");
}

#[tokio::test]
async fn who_has_something_waiting_queues_behind_it_and_others_do_not() {
    let address = nobody();
    let place = Place::before(&[address]).await;
    assert_eq!(deliver(&place, "a.test", "a1").await, 202);
    let is_ill = Arc::new(Mutex::new(true));
    let of_judge = is_ill.clone();
    let judge = move |body: &str| match body.starts_with('a') && *of_judge.lock().unwrap() {
        true => 503,
        false => 200,
    };
    let receiver = Receiver::judging(address, Arc::new(judge)).await;
    receiver.took(1).await;
    assert_eq!(deliver(&place, "a.test", "a2").await, 202, "behind the first");
    assert_eq!(deliver(&place, "b.test", "b1").await, 200, "straight through");
    assert!(!receiver.bodies().contains(&"a2".to_owned()));
    let failed = {
        let mut is_ill = is_ill.lock().unwrap();
        *is_ill = false;
        of(&receiver.bodies(), "a").len()
    };
    receiver.took(failed + 1 + 2).await;
    let bodies = receiver.bodies();
    let all = of(&bodies, "a");
    assert_eq!(all[failed..], ["a1", "a2"], "{all:?}");
    assert!(all[..failed].iter().all(|body| *body == "a1"), "{all:?}");
    // The answer to the last one comes before it is written off.
    let begun = Instant::now();
    while deliver(&place, "a.test", "a3").await != 200 {
        assert!(begun.elapsed() < PATIENCE, "nothing waits any more");
    }
}

#[tokio::test]
async fn r04_a_full_spool_says_when_to_come_again() {
    let address = nobody();
    let place = Place::with(&[address], |edge| {
        (edge.spool_entries, edge.spool_entries_per_sender) = (3, 2);
    })
    .await;
    assert_eq!(deliver(&place, "a.test", "a1").await, 202);
    assert_eq!(deliver(&place, "a.test", "a2").await, 202);
    let answer = place.raw(post("a.test", "a3").as_bytes()).await;
    assert_eq!(status(&answer), 503, "{answer}");
    assert!(answer.contains("retry-after: 120"), "{answer}");
    assert_eq!(deliver(&place, "b.test", "b1").await, 202, "one sender alone");
    assert_eq!(deliver(&place, "c.test", "c1").await, 503, "all together");
    let receiver = Receiver::on(address).await;
    let mut bodies: Vec<String> = receiver.took(3).await.into_iter().map(|one| one.body).collect();
    bodies.sort();
    assert_eq!(bodies, ["a1", "a2", "b1"]);
}

#[tokio::test]
async fn what_is_refused_for_good_or_too_old_does_not_hold_up_the_rest() {
    let folder = tempfile::tempdir().unwrap();
    let spool = left(folder.path());
    let hours = |count: u64| Machine.now() - Duration::from_secs(count * 3600);
    for (body, received) in [("old", hours(73)), ("bad", hours(71)), ("good", hours(1))] {
        let delivery = Delivery {
            sender: "a.test a.test".into(),
            received,
            target: "/inbox".into(),
            headers: vec![("host".into(), NAME.into())],
            body: body.into(),
        };
        spool.append(&delivery).await.unwrap();
    }
    drop(spool);
    let address = nobody();
    let judge = |body: &str| if body == "bad" { 401 } else { 202 };
    let receiver = Receiver::judging(address, Arc::new(judge)).await;
    let place = Place::at(&[address], folder.path(), |_| {}).await;
    receiver.took(2).await;
    place.stop().await;
    assert_eq!(receiver.bodies(), ["bad", "good"]);
    assert!(left(folder.path()).is_empty());
}

/// The other process of the test below.
#[tokio::test]
#[ignore = "run by r01_what_was_answered_with_202_survives_kill_9_of_the_edge"]
async fn child_is_an_edge_until_it_is_killed() {
    let Some(folder) = std::env::var_os("TUSKLING_TEST_EDGE") else { return };
    let place = Place::at(&[nobody()], Path::new(&folder), |_| {}).await;
    println!("listens {}", place.https);
    tokio::time::sleep(Duration::from_secs(60)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r01_what_was_answered_with_202_survives_kill_9_of_the_edge() {
    let folder = tempfile::tempdir().unwrap();
    let mut answered = [0_usize; 3];
    for round in 0..3 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "inbox::child_is_an_edge_until_it_is_killed"])
            .args(["--ignored", "--nocapture"])
            .env("TUSKLING_TEST_EDGE", folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let said = lines.find_map(|line| Some(line.unwrap().split_once("listens ")?.1.to_owned()));
        let https: SocketAddr = said.unwrap().parse().unwrap();
        let root = CertificateDer::from_pem_file(folder.path().join("chain.pem")).unwrap();
        let stop_after = 5 + round * 7;
        let senders = ["a", "b", "c"].map(|sender| {
            let (root, begin) = (root.clone(), answered[usize::from(sender.as_bytes()[0] - b'a')]);
            tokio::spawn(async move { send_until_it_dies(https, &root, sender, begin).await })
        });
        // In the middle of whatever it is doing.
        let spool = folder.path().join("data/spool");
        let begun = Instant::now();
        while bytes_in(&spool) < 400 * stop_after {
            assert!(begun.elapsed() < PATIENCE, "{} bytes", bytes_in(&spool));
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        child.kill().unwrap();
        child.wait().unwrap();
        for (count, sender) in answered.iter_mut().zip(senders) {
            *count = sender.await.unwrap();
        }
    }
    assert!(answered.iter().sum::<usize>() > 10, "{answered:?}");
    let address = nobody();
    let receiver = Receiver::on(address).await;
    let _place = Place::at(&[address], folder.path(), |_| {}).await;
    receiver.took(answered.iter().sum()).await;
    for (sender, count) in ["a", "b", "c"].into_iter().zip(answered) {
        let last = format!("{sender}{}", count - 1);
        let mut seen = receiver.seen.subscribe();
        let arrived = seen.wait_for(|all| all.iter().any(|one| one.body == last));
        tokio::time::timeout(PATIENCE, arrived).await.expect("the last one came").unwrap();
        let mut bodies = receiver.bodies();
        // What was not answered any more may have been kept, and was then sent once more.
        bodies.dedup();
        let numbers: Vec<usize> =
            of(&bodies, sender).iter().map(|body| body[1..].parse().unwrap()).collect();
        let mut once = numbers.clone();
        once.dedup();
        assert_eq!(once[..count], (0..count).collect::<Vec<_>>(), "{sender}: {numbers:?}");
    }
}

/// One delivery after the other; how many were answered, with those before.
async fn send_until_it_dies(
    https: SocketAddr,
    root: &CertificateDer<'static>,
    sender: &str,
    begin: usize,
) -> usize {
    for number in begin.. {
        let connector = TlsConnector::from(Arc::new(trusting(root)));
        let Ok(stream) = TcpStream::connect(https).await else { return number };
        let name = ServerName::try_from(NAME).unwrap();
        let Ok(stream) = connector.connect(name, stream).await else { return number };
        let request = post(&format!("{sender}.test"), &format!("{sender}{number}"));
        if status(&exchange(stream, request.as_bytes()).await) != 202 {
            return number;
        }
    }
    begin
}

fn bytes_in(folder: &Path) -> u64 {
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten();
    files.filter_map(|file| Some(file.metadata().ok()?.len())).sum()
}
