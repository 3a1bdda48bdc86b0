//! A real ACME authority on loopback: Debian's `pebble` with its name server. Each test has its own,
//! ended by its process.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use net::{Client, Get, Settings};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, Command};
use tokio::sync::watch;

/// How the authority behaves.
pub struct Manner {
    /// Seconds that its certificates live.
    pub lifetime: u32,
    /// Of a hundred requests so many are refused with `badNonce`.
    pub bad_nonces: u32,
}

impl Default for Manner {
    fn default() -> Self {
        Self { lifetime: 90 * 24 * 60 * 60, bad_nonces: 0 }
    }
}

/// The authority and the ports that it looks at.
pub struct Pebble {
    pub folder: tempfile::TempDir,
    pub http: SocketAddr,
    pub tls: SocketAddr,
    /// Who answers for the directory instead of the authority itself.
    pub front: Option<SocketAddr>,
    listens: SocketAddr,
    manages: SocketAddr,
    names: SocketAddr,
    log: watch::Receiver<Vec<String>>,
    _children: [Child; 2],
}

impl Pebble {
    /// Starts one; `None`, with the reason printed, where it is not installed.
    pub async fn start(manner: Manner) -> Option<Self> {
        let is_there = |name: &str| {
            let path = std::env::var_os("PATH").unwrap_or_default();
            std::env::split_paths(&path).any(|folder| folder.join(name).is_file())
        };
        if !is_there("pebble") || !is_there("pebble-challtestsrv") {
            println!("skipped: pebble is not installed (tests/scripts/install brings it)");
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let [listens, manages, http, tls, dns, names] = free_ports().await;
        make_certificates(folder.path());
        let config = format!(
            r#"{{"pebble":{{"listenAddress":"{listens}","managementListenAddress":"{manages}",
            "certificate":"api.pem","privateKey":"api.key","httpPort":{},"tlsPort":{},
            "ocspResponderURL":"","externalAccountBindingRequired":false,
            "certificateValidityPeriod":{}}}}}"#,
            http.port(),
            tls.port(),
            manner.lifetime
        );
        std::fs::write(folder.path().join("pebble.json"), config).unwrap();
        let mut name_server = Command::new("pebble-challtestsrv");
        name_server.args(["-defaultIPv4", "127.0.0.1", "-defaultIPv6", ""]);
        name_server.args(["-http01", "", "-https01", "", "-tlsalpn01", ""]);
        name_server.args(["-dns01", &dns.to_string(), "-management", &names.to_string()]);
        let mut pebble = Command::new("pebble");
        pebble.args(["-config", "pebble.json", "-strict", "-dnsserver", &dns.to_string()]);
        pebble.env("PEBBLE_VA_NOSLEEP", "1").env("PEBBLE_AUTHZREUSE", "0");
        pebble.env("PEBBLE_WFE_NONCEREJECT", manner.bad_nonces.to_string());
        let mut children = [name_server, pebble].map(|mut command| {
            command.current_dir(&folder).kill_on_drop(true).stdin(Stdio::null());
            command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap()
        });
        let log = follow(&mut children[1]);
        await_text(follow(&mut children[0]), "Starting management server", 1).await;
        let pebble = Self {
            folder,
            http,
            tls,
            front: None,
            listens,
            manages,
            names,
            log,
            _children: children,
        };
        pebble.logged("Listening on", 1).await;
        Some(pebble)
    }

    pub fn directory(&self) -> String {
        format!("https://{}/dir", self.front.unwrap_or(self.listens))
    }

    /// The directory as the authority itself gives it.
    pub async fn own_directory(&self) -> Vec<u8> {
        self.get(&format!("https://{}/dir", self.listens)).await
    }

    /// The client that the edge would use; it trusts the authority's own address.
    pub fn client(&self) -> Client {
        self.client_of(self.front)
    }

    /// One that may ask somebody else as well.
    pub fn client_also(&self, other: SocketAddr) -> Client {
        self.client_of([other])
    }

    fn client_of(&self, others: impl IntoIterator<Item = SocketAddr>) -> Client {
        Client::new(Settings {
            user_agent: "tuskling-test".into(),
            authorities: vec![self.folder.path().join("ca.pem")],
            allowed: [self.listens, self.manages].into_iter().chain(others).collect(),
            ..Settings::default()
        })
        .unwrap()
    }

    /// The root that signs what this authority issues, in PEM.
    pub async fn root(&self) -> Vec<u8> {
        self.get(&format!("https://{}/roots/0", self.manages)).await
    }

    async fn get(&self, url: &str) -> Vec<u8> {
        let url = url.parse().unwrap();
        let get = Get { url: &url, accept: "*/*", most_bytes: 64 * 1024, signer: None, gate: None };
        self.client().get(get).await.unwrap().body.to_vec()
    }

    /// How many new orders arrived.
    pub fn orders(&self) -> usize {
        self.count("POST /order-plz")
    }

    /// How many accounts were asked for.
    pub fn accounts(&self) -> usize {
        self.count("POST /sign-me-up")
    }

    fn count(&self, text: &str) -> usize {
        self.log.borrow().iter().filter(|line| line.contains(text)).count()
    }

    /// Waits until a text was logged so many times.
    pub async fn logged(&self, text: &str, times: usize) {
        let mut log = self.log.clone();
        let is_there =
            |lines: &Vec<String>| lines.iter().filter(|line| line.contains(text)).count() >= times;
        tokio::time::timeout(Duration::from_secs(30), log.wait_for(is_there))
            .await
            .unwrap_or_else(|_| panic!("pebble never logged {text:?} {times} times"))
            .unwrap();
    }

    /// Tells the name server something: `set-txt`, `clear-txt`.
    pub async fn tell_names(&self, what: &str, body: &str) {
        let mut stream = TcpStream::connect(self.names).await.unwrap();
        let length = body.len();
        let request = format!(
            "POST /{what} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
}

async fn await_text(mut log: watch::Receiver<Vec<String>>, text: &str, times: usize) {
    let is_there =
        |lines: &Vec<String>| lines.iter().filter(|line| line.contains(text)).count() >= times;
    tokio::time::timeout(Duration::from_secs(30), log.wait_for(is_there))
        .await
        .unwrap_or_else(|_| panic!("{text:?} was never logged {times} times"))
        .unwrap();
}

/// Collects what a process prints.
fn follow(child: &mut Child) -> watch::Receiver<Vec<String>> {
    let (sender, receiver) = watch::channel(Vec::new());
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    tokio::spawn(async move {
        while let Ok(Some(line)) = lines.next_line().await {
            sender.send_modify(|all| all.push(line));
        }
    });
    receiver
}

async fn free_ports<const N: usize>() -> [SocketAddr; N] {
    let mut held = Vec::new();
    for _ in 0..N {
        held.push(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap());
    }
    std::array::from_fn(|index| held[index].local_addr().unwrap())
}

/// The authority of the API's own certificate: Debian's package brings none.
fn make_certificates(folder: &Path) {
    let mut params = CertificateParams::new(Vec::<String>::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let ca_key = KeyPair::generate().unwrap();
    let ca = params.self_signed(&ca_key).unwrap();
    let issuer = Issuer::new(params, ca_key);
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    let api = params.signed_by(&key, &issuer).unwrap();
    std::fs::write(folder.join("ca.pem"), ca.pem()).unwrap();
    std::fs::write(folder.join("api.pem"), api.pem()).unwrap();
    std::fs::write(folder.join("api.key"), key.serialize_pem()).unwrap();
}
