//! Handing over mail to servers that are well, slow, refusing, or not who they say they are.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use net::smtp::{Login, Patience, Security, Server, SmtpError, Target};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};

use crate::support::{Names, Peer, local};
use crate::tls::Authority;

/// What the server was told, line by line.
type Heard = Arc<Mutex<Vec<String>>>;

/// How a server answers.
#[derive(Clone, Default)]
struct Manner {
    /// Answers to commands that begin so, instead of the usual one.
    answers: Vec<(&'static str, &'static str)>,
    /// Says nothing after such a command.
    silent_at: Option<&'static str>,
    heard: Heard,
}

const LONE_DOT: &str = ".";

/// Speaks until QUIT or STARTTLS; true at the latter.
async fn talk<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut S,
    manner: &Manner,
    greet: bool,
) -> bool {
    let mut stream = BufReader::new(stream);
    if greet && manner.silent_at == Some("greeting") {
        std::future::pending::<()>().await;
    }
    if greet {
        stream.write_all(b"220-hello\r\n220 mail.test\r\n").await.unwrap();
    }
    let mut in_message = false;
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.unwrap_or(0) == 0 {
            return false;
        }
        let line = line.trim_end().to_owned();
        manner.heard.lock().unwrap().push(line.clone());
        if in_message && line != LONE_DOT {
            continue;
        }
        if manner.silent_at.is_some_and(|at| line.starts_with(at)) {
            std::future::pending::<()>().await;
        }
        let usual = match line.split(' ').next().unwrap_or_default() {
            _ if in_message => "250 taken",
            "EHLO" => "250-mail.test\r\n250-AUTH LOGIN PLAIN\r\n250 STARTTLS",
            "AUTH" => "235 welcome",
            "DATA" => "354 go on",
            "QUIT" => "221 bye",
            "STARTTLS" => "220 go on",
            _ => "250 fine",
        };
        let chosen = manner.answers.iter().find(|(begin, _)| line.starts_with(begin));
        let answer = chosen.map_or(usual, |(_, answer)| answer);
        in_message = answer.starts_with("354");
        stream.write_all(format!("{answer}\r\n").as_bytes()).await.unwrap();
        if line == "STARTTLS" {
            return answer.starts_with("220");
        }
        if line == "QUIT" {
            return false;
        }
    }
}

async fn plain(manner: &Manner) -> Peer {
    let manner = manner.clone();
    Peer::raw("127.0.0.1", move |mut stream| {
        let manner = manner.clone();
        async move {
            talk(&mut stream, &manner, true).await;
        }
    })
    .await
}

fn target(peer: &Peer, security: Security) -> Target {
    Target {
        host: peer.address.ip().to_string(),
        port: peer.port(),
        security,
        login: None,
        own_name: "social.test".into(),
    }
}

fn hasty(server: Server) -> Server {
    let short = Duration::from_millis(200);
    server.with_patience(Patience { connect: Duration::from_secs(5), answer: short, taking: short })
}

const MESSAGE: &[u8] = b"Subject: hi\r\n\r\n.dot\r\n";

#[tokio::test]
async fn a_message_is_handed_over_as_it_is() {
    let manner = Manner::default();
    let peer = plain(&manner).await;
    let login = Login { user: "me".into(), password: "secret".into() };
    let with_login = Target { login: Some(login), ..target(&peer, Security::Plain) };
    let server = Server::new(&local(), with_login).unwrap();
    server.send("us@social.test", "alice@a.test", MESSAGE).await.unwrap();
    let heard = manner.heard.lock().unwrap().clone();
    assert_eq!(
        heard,
        [
            "EHLO social.test",
            "AUTH PLAIN AG1lAHNlY3JldA==",
            "MAIL FROM:<us@social.test>",
            "RCPT TO:<alice@a.test>",
            "DATA",
            "Subject: hi",
            "",
            "..dot",
            ".",
            "QUIT"
        ]
    );
}

#[tokio::test]
async fn refused_for_good_and_refused_for_now_are_told_apart() {
    let cases: &[(&str, &str, bool)] = &[
        ("RCPT", "550 no such user", true),
        ("RCPT", "451 greylisted", false),
        ("MAIL", "553 not you", true),
        ("DATA", "554 spam", true),
        (".", "552 too large", true),
        (".", "452 disk full", false),
        ("MAIL", "530 log in first", false),
        ("EHLO", "550 go away", false),
        ("RCPT", "nonsense", false),
    ];
    for (command, answer, for_good) in cases {
        let manner = Manner { answers: vec![(command, answer)], ..Manner::default() };
        let peer = plain(&manner).await;
        let server = Server::new(&local(), target(&peer, Security::Plain)).unwrap();
        let sent = server.send("us@social.test", "alice@a.test", MESSAGE).await;
        let refused = matches!(sent, Err(SmtpError::Refused(_)));
        assert_eq!(refused, *for_good, "{command} {answer}: {sent:?}");
        assert!(sent.is_err());
    }
}

#[tokio::test]
async fn o04_a_silent_server_is_left_in_time_at_every_step() {
    for step in ["greeting", "EHLO", "MAIL", "RCPT", "DATA", LONE_DOT] {
        let manner = Manner { silent_at: Some(step), ..Manner::default() };
        let peer = plain(&manner).await;
        let server = hasty(Server::new(&local(), target(&peer, Security::Plain)).unwrap());
        let sent = server.send("us@social.test", "alice@a.test", MESSAGE).await;
        assert!(matches!(sent, Err(SmtpError::Later(_))), "{step}: {sent:?}");
    }
}

#[tokio::test]
async fn a_server_that_is_away_may_come_back() {
    let peer = plain(&Manner::default()).await;
    let gone = Target { port: 1, ..target(&peer, Security::Plain) };
    let sent = Server::new(&local(), gone).unwrap().send("a@a.test", "b@b.test", MESSAGE).await;
    assert!(matches!(sent, Err(SmtpError::Later(_))), "{sent:?}");
}

#[tokio::test]
async fn an_address_cannot_carry_a_command() {
    let manner = Manner::default();
    let peer = plain(&manner).await;
    let server = Server::new(&local(), target(&peer, Security::Plain)).unwrap();
    for bad in ["a@b.test>\r\nRCPT TO:<c@d.test", "a b@c.test", "", "ä@b.test"] {
        let sent = server.send("us@social.test", bad, MESSAGE).await;
        assert!(matches!(sent, Err(SmtpError::Refused(_))), "{bad:?}");
    }
    assert_eq!(peer.connections(), 0);
}

#[tokio::test]
async fn o07_nothing_is_said_in_the_clear_and_the_certificate_is_verified() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("authority.pem");
    let authority = Authority::new(&file);
    let names = Names::of(&[("mail.test", "127.0.0.1")]);
    let settings =
        net::Settings { authorities: vec![file.clone()], resolver: Some(names), ..local() };
    for (security, certified, works) in [
        (Security::Starttls, "mail.test", true),
        (Security::Tls, "mail.test", true),
        (Security::Starttls, "other.test", false),
        (Security::Tls, "other.test", false),
    ] {
        let manner = Manner::default();
        let (acceptor, inner) = (authority.certify(certified, 2100), manner.clone());
        let peer = Peer::raw("127.0.0.1", move |mut stream| {
            let (acceptor, manner) = (acceptor.clone(), inner.clone());
            async move {
                let begins = security == Security::Starttls;
                if begins && !talk(&mut stream, &manner, true).await {
                    return;
                }
                if let Ok(mut secure) = acceptor.accept(stream).await {
                    talk(&mut secure, &manner, !begins).await;
                }
            }
        })
        .await;
        let named = Target { host: "mail.test".into(), ..target(&peer, security) };
        let server = Server::new(&settings, named).unwrap();
        let sent = server.send("us@social.test", "alice@a.test", MESSAGE).await;
        assert_eq!(sent.is_ok(), works, "{security:?} {certified}: {sent:?}");
        let heard = manner.heard.lock().unwrap().join("\n");
        assert_eq!(heard.contains("RCPT"), works, "{heard}");
    }
}

#[tokio::test]
async fn o07_a_server_without_starttls_is_not_spoken_with() {
    let answers = vec![("EHLO", "250-mail.test\r\n250 8BITMIME")];
    let manner = Manner { answers, ..Manner::default() };
    let peer = plain(&manner).await;
    let server = Server::new(&local(), target(&peer, Security::Starttls)).unwrap();
    let sent = server.send("us@social.test", "alice@a.test", MESSAGE).await;
    assert!(matches!(&sent, Err(SmtpError::Later(text)) if text.contains("STARTTLS")), "{sent:?}");
    assert_eq!(manner.heard.lock().unwrap().len(), 1, "nothing was said after the greeting");
}
