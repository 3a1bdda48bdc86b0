//! Mail that leaves: by a mail server that is away, slow or refusing, by SES, and what people are told.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use app::jobs::{Lane, Worker, run_all};
use app::mail::choices::{self, Choices};
use app::notifications::NotificationKind;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use config::{Config, MailTransport, SmtpSecurity};
use domain::time::{HOUR, MINUTE};
use testkit::{Peer, Server, for_each_engine};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// A mail server on loopback. Each entry of `ends` is its answer to the end of one message; then all are
/// taken.
#[derive(Clone, Default)]
struct Post {
    ends: Arc<Mutex<VecDeque<&'static str>>>,
    taken: Arc<Mutex<Vec<String>>>,
    /// Hangs up on everybody.
    is_down: Arc<AtomicBool>,
    tries: Arc<AtomicUsize>,
    rung: Arc<Notify>,
}

impl Post {
    async fn listen(&self) -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let post = self.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let post = post.clone();
                tokio::spawn(async move { post.serve(stream).await });
            }
        });
        port
    }

    async fn serve(&self, stream: TcpStream) -> Option<()> {
        self.tries.fetch_add(1, Ordering::SeqCst);
        self.rung.notify_waiters();
        if self.is_down.load(Ordering::SeqCst) {
            return None;
        }
        let mut stream = BufReader::new(stream);
        stream.write_all(b"220 post\r\n").await.ok()?;
        let (mut message, mut in_message) = (String::new(), false);
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).await.ok()? == 0 {
                return None;
            }
            let answer = match line.trim_end() {
                "." if in_message => {
                    in_message = false;
                    let end = self.ends.lock().unwrap().pop_front().unwrap_or("250 taken");
                    if end.starts_with("250") {
                        self.taken.lock().unwrap().push(std::mem::take(&mut message));
                    }
                    self.rung.notify_waiters();
                    end
                }
                _ if in_message => {
                    message.push_str(&line);
                    continue;
                }
                "DATA" => {
                    in_message = true;
                    "354 go on"
                }
                _ => "250 fine",
            };
            stream.write_all(format!("{answer}\r\n").as_bytes()).await.ok()?;
        }
    }

    fn taken(&self) -> Vec<String> {
        self.taken.lock().unwrap().clone()
    }

    async fn wait_for(&self, enough: impl Fn(&Self) -> bool) {
        loop {
            let rung = self.rung.notified();
            if enough(self) {
                return;
            }
            rung.await;
        }
    }
}

fn by_smtp(port: u16) -> impl FnOnce(&mut Config) {
    move |config| {
        config.mail.transport = MailTransport::Smtp;
        config.mail.smtp_host = "127.0.0.1".into();
        config.mail.smtp_port = port;
        config.mail.smtp_security = SmtpSecurity::None;
    }
}

async fn waiting(server: &Server) -> i64 {
    let waiting = server
        .app
        .read(|conn| Box::pin(async move { store::jobs::waiting(conn, Lane::Mail).await }));
    waiting.await.unwrap()
}

async fn ask_for_reset(server: &Server, email: &str) {
    let from = "127.0.0.1".parse().unwrap();
    app::access::request_reset(&server.app, email.into(), from).await.unwrap().unwrap();
}

#[tokio::test]
async fn r11_mail_waits_a_day_for_its_server_and_nobody_else_waits() {
    for_each_engine(|store| async move {
        let post = Post::default();
        post.is_down.store(true, Ordering::SeqCst);
        let server = Server::with(store, by_smtp(post.listen().await));
        server.account("alice").await;
        run_all(&server.app).await.unwrap();
        ask_for_reset(&server, "alice@localhost").await;
        let stop = CancellationToken::new();
        let worker = Worker::new(server.app.clone(), stop.clone(), Lane::Mail);
        let running = tokio::spawn(worker.run());
        for tried in 1..=6 {
            post.wait_for(|post| post.tries.load(Ordering::SeqCst) >= tried).await;
            noted(&server).await;
            assert_eq!(waiting(&server).await, 1, "it is kept, and not set aside");
            // Longer than the longest pause between two tries.
            server.clock.advance(4 * HOUR);
            server.app.mails_waiting.notify_one();
        }
        let attempt = app::access::SignIn {
            login: "alice".into(),
            password: testkit::PASSWORD.into(),
            from: app::access::Whence {
                address: "127.0.0.1".parse().unwrap(),
                user_agent: String::new(),
                browser: None,
            },
        };
        assert!(app::access::sign_in(&server.app, attempt).await.is_ok(), "people sign in");
        post.is_down.store(false, Ordering::SeqCst);
        server.clock.advance(4 * HOUR);
        server.app.mails_waiting.notify_one();
        post.wait_for(|post| !post.taken().is_empty()).await;
        stop.cancel();
        running.await.unwrap();
        assert_eq!(waiting(&server).await, 0);
        let text = post.taken().remove(0);
        let head = "From: \"tuskling\" <noreply@localhost>\r\nTo: <alice@localhost>\r\n";
        assert!(text.starts_with(head), "{text}");
        // The link that works is the one of this message, made when it went.
        let token = text.split("token=").nth(1).unwrap().split("\r\n").next().unwrap();
        let secret = domain::secret::Secret::from_outside(token);
        assert!(app::access::reset_owner(&server.app, &secret).await.unwrap().is_some());
    })
    .await;
}

/// Waits until the end of a try is written down: until then the job is held for two minutes, and no pause after one
/// of the first six tries is as long as that.
async fn noted(server: &Server) {
    loop {
        let due = server
            .app
            .read(|conn| Box::pin(async move { store::jobs::next_due(conn, Lane::Mail).await }));
        if due.await.unwrap().is_none_or(|due| due.since(server.app.now()) != 2 * MINUTE) {
            return;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_message_that_is_refused_for_good_is_let_go_and_for_now_is_kept() {
    for_each_engine(|store| async move {
        let post = Post::default();
        let server = Server::with(store, by_smtp(post.listen().await));
        server.account("alice").await;
        post.ends.lock().unwrap().extend(["554 spam", "451 later"]);
        ask_for_reset(&server, "alice@localhost").await;
        run_all(&server.app).await.unwrap();
        assert_eq!((post.taken().len(), waiting(&server).await), (0, 0), "refused for good");
        ask_for_reset(&server, "alice@localhost").await;
        let error = run_all(&server.app).await.unwrap_err().to_string();
        assert!(error.contains("451 later"), "{error}");
        assert_eq!(waiting(&server).await, 1, "refused for now");
    })
    .await;
}

#[tokio::test]
async fn more_mail_than_allowed_in_an_hour_waits_for_the_next() {
    for_each_engine(|store| async move {
        let post = Post::default();
        let smtp = by_smtp(post.listen().await);
        let server = Server::with(store, |config| {
            smtp(config);
            config.mail.per_hour = 2;
        });
        for name in ["alice", "bob", "carol"] {
            server.account(name).await;
            ask_for_reset(&server, &format!("{name}@localhost")).await;
        }
        run_all(&server.app).await.unwrap();
        assert_eq!((post.taken().len(), waiting(&server).await), (2, 1));
        server.clock.advance(HOUR + 1);
        run_all(&server.app).await.unwrap();
        assert_eq!((post.taken().len(), waiting(&server).await), (3, 0));
    })
    .await;
}

#[tokio::test]
async fn ses_takes_signed_messages_and_its_refusals_are_told_apart() {
    for_each_engine(|store| async move {
        let peer = Peer::start(6).await;
        let endpoint = peer.base.clone();
        let server = Server::with(store, move |config| {
            config.mail.transport = MailTransport::Ses;
            config.mail.from = "ours@social.example".into();
            config.mail.ses_region = "eu-west-3".into();
            config.mail.ses_endpoint = Some(endpoint);
            config.mail.ses_access_key_id = Some("AKIAEXAMPLE".into());
            config.mail.ses_secret_access_key = Some("secret".into());
        });
        server.account("alice").await;
        for (status, kind, is_kept) in [
            (200, "", false),
            (400, "BadRequestException:http://x", false),
            (400, "MailFromDomainNotVerifiedException", true),
            (429, "TooManyRequestsException", true),
            (403, "AccessDeniedException", true),
        ] {
            peer.answer_post(status, &[("x-amzn-errortype", kind)]);
            ask_for_reset(&server, "alice@localhost").await;
            let before = waiting(&server).await;
            assert_eq!(run_all(&server.app).await.is_err(), is_kept, "{status} {kind}");
            assert_eq!(waiting(&server).await == before, is_kept, "{status} {kind}");
        }
        let sent = peer.posts().remove(0);
        assert_eq!(sent.path, "/v2/email/outbound-emails");
        let proof = sent.headers["authorization"].to_str().unwrap();
        assert!(
            proof.contains("Credential=AKIAEXAMPLE/20250615/eu-west-3/ses/aws4_request"),
            "{proof}"
        );
        let body = sent.json();
        assert_eq!(body["FromEmailAddress"], "ours@social.example");
        assert_eq!(body["Destination"]["ToAddresses"][0], "alice@localhost");
        let raw = STANDARD.decode(body["Content"]["Raw"]["Data"].as_str().unwrap()).unwrap();
        let raw = String::from_utf8(raw).unwrap();
        assert!(raw.contains("Subject: Choose a new password for localhost:3000\r\n"), "{raw}");
    })
    .await;
}

async fn mention(server: &Server, from: domain::AccountId, talk: &testkit::Talk, text: &str) {
    let token = server.token(from, "write").await;
    let answer = talk.post("/api/v1/statuses", &token, &format!("status={text}")).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    run_all(&server.app).await.unwrap();
}

#[tokio::test]
async fn a_mention_is_mailed_only_when_it_was_not_seen() {
    for_each_engine(|store| async move {
        let post = Post::default();
        let server = Server::with(store, by_smtp(post.listen().await));
        let talk = testkit::Talk::to(api::router(server.app.clone()));
        let (alice, bob) = (server.account("alice").await, server.account("bob").await);
        let later = || async {
            server.clock.advance(2 * HOUR);
            run_all(&server.app).await.unwrap();
            post.taken().len()
        };
        mention(&server, bob.id, &talk, "@alice hello <b>there").await;
        assert_eq!(post.taken().len(), 0, "there is time to see it here");
        assert_eq!(later().await, 1);
        let text = post.taken().remove(0);
        assert!(text.contains("Subject: A mention on localhost:3000\r\n"), "{text}");
        assert!(text.contains("> @alice hello <b>there"), "{text}");
        assert!(text.contains("http://localhost:3000/@bob/"), "{text}");
        assert!(text.contains("http://localhost:3000/settings/mail"), "{text}");

        // Else the policy of notifications keeps private mentions back.
        let mine = server.token(alice.id, "write").await;
        let follow = format!("/api/v1/accounts/{}/follow", bob.id);
        assert_eq!(talk.post(&follow, &mine, "").await.status, 200);
        server.clock.advance(2 * HOUR);
        mention(&server, bob.id, &talk, "@alice a secret&visibility=direct").await;
        assert_eq!(later().await, 2);
        assert!(!post.taken()[1].contains("a secret"), "mail lies open: {}", post.taken()[1]);

        mention(&server, bob.id, &talk, "@alice seen by marker").await;
        let token = server.token(alice.id, "read write").await;
        let newest = talk.get("/api/v1/notifications", &token).await.json()[0]["id"].clone();
        let form = format!("notifications[last_read_id]={}", newest.as_str().unwrap());
        assert_eq!(talk.post("/api/v1/markers", &token, &form).await.status, 200);
        assert_eq!(later().await, 2, "it was read");

        mention(&server, bob.id, &talk, "@alice not wanted").await;
        let none = Choices { kinds: Vec::new(), even_when_here: true };
        choices::change(&server.app, alice.id, none).await.unwrap();
        assert_eq!(later().await, 2, "chosen otherwise meanwhile");
        let all = Choices { kinds: vec![NotificationKind::Mention], even_when_here: true };
        choices::change(&server.app, alice.id, all).await.unwrap();
        mention(&server, bob.id, &talk, "@alice at once").await;
        assert_eq!(post.taken().len(), 3, "even when here");
    })
    .await;
}

#[tokio::test]
async fn a_report_reaches_staff_by_mail() {
    for_each_engine(|store| async move {
        let post = Post::default();
        let server = Server::with(store, by_smtp(post.listen().await));
        let talk = testkit::Talk::to(api::router(server.app.clone()));
        let boss = app::accounts::NewAccount {
            username: "boss".into(),
            email: "boss@localhost".into(),
            password: testkit::PASSWORD.into(),
            role: domain::account::Role::Owner,
            confirmed: true,
            approved: true,
            locale: "en".into(),
        };
        app::accounts::create(&server.app, boss).await.unwrap();
        let (alice, bob) = (server.account("alice").await, server.account("bob").await);
        let token = server.token(alice.id, "write").await;
        let form = format!("account_id={}&comment=rude", bob.id);
        assert_eq!(talk.post("/api/v1/reports", &token, &form).await.status, 200);
        server.clock.advance(2 * HOUR);
        run_all(&server.app).await.unwrap();
        let sent = post.taken();
        assert_eq!(sent.len(), 1);
        assert!(sent[0].contains("To: <boss@localhost>"));
        assert!(sent[0].contains("Subject: A report on localhost:3000"), "{}", sent[0]);
    })
    .await;
}
