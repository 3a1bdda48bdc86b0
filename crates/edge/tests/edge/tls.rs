//! E01, E05, E12: the handshake, whose name it is, what the origin is told, and the way to https.

use rustls::version::TLS12;
use tokio::net::TcpStream;

use super::support::{NAME, Origin, Place, exchange, status};

#[tokio::test]
async fn e01_unknown_and_absent_names_are_refused_in_the_handshake() {
    let origin = Origin::start().await;
    let place = Place::before(&[origin.address]).await;
    for name in ["b.test", "x.a.test", "127.0.0.1"] {
        let error = place.secure_as(name, &["http/1.1"]).await.unwrap_err().to_string();
        assert!(error.contains("alert"), "{name}: {error}");
    }
    assert!(place.secure_as("A.Test", &["http/1.1"]).await.is_ok());
    assert!(origin.seen().is_empty());
}

#[tokio::test]
async fn e01_old_protocols_and_ciphers_without_authentication_are_refused() {
    let place = Place::before(&["127.0.0.1:1".parse().unwrap()]).await;
    let hello = |version: u8, cipher: [u8; 2]| {
        let name = NAME.as_bytes();
        let length = u8::try_from(name.len()).unwrap();
        // server_name, supported_groups (P-256), signature_algorithms (ECDSA with SHA-256).
        let mut more = vec![0, 0, 0, length + 5, 0, length + 3, 0, 0, length];
        more.extend_from_slice(name);
        more.extend_from_slice(&[0, 10, 0, 4, 0, 2, 0, 23, 0, 13, 0, 4, 0, 2, 4, 3]);
        let mut body = vec![3, version];
        body.extend_from_slice(&[7; 32]);
        body.extend_from_slice(&[0, 0, 2, cipher[0], cipher[1], 1, 0, 0]);
        body.push(u8::try_from(more.len()).unwrap());
        body.extend_from_slice(&more);
        let length = u8::try_from(body.len()).unwrap();
        let mut bytes = vec![0x16, 3, 1, 0, length + 4, 1, 0, 0, length];
        bytes.extend_from_slice(&body);
        bytes
    };
    // ECDHE-ECDSA: AES-128-GCM is fine, CBC is not; TLS 1.0 and 1.1 are not either.
    for (version, cipher, is_fine) in [
        (3, [0xc0, 0x2b], true),
        (3, [0xc0, 0x09], false),
        (2, [0xc0, 0x09], false),
        (1, [0xc0, 0x09], false),
    ] {
        let mut stream = TcpStream::connect(place.https).await.unwrap();
        let mut first = [0];
        tokio::io::AsyncWriteExt::write_all(&mut stream, &hello(version, cipher)).await.unwrap();
        tokio::io::AsyncReadExt::read_exact(&mut stream, &mut first).await.unwrap();
        // 22 is a handshake, 21 an alert.
        assert_eq!(first[0] == 22, is_fine, "3.{version} {cipher:?}");
    }
}

#[tokio::test]
async fn e01_both_versions_serve_and_say_to_come_back_by_https_only() {
    let origin = Origin::start().await;
    let place = Place::before(&[origin.address]).await;
    let (code, text) = place.get("/hello").await;
    assert_eq!(code, 200);
    assert!(text.contains("strict-transport-security: max-age=31536000"), "{text}");
    assert!(!text.contains("keep-alive:"), "headers of the connection to the origin stay there");
    let provider = std::sync::Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut old = rustls::ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&TLS12])
        .unwrap()
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    old.alpn_protocols = vec![b"http/1.1".to_vec()];
    let stream = TcpStream::connect(place.https).await.unwrap();
    let name = rustls::pki_types::ServerName::try_from(NAME).unwrap();
    let refused = tokio_rustls::TlsConnector::from(std::sync::Arc::new(old)).connect(name, stream);
    let error = refused.await.unwrap_err().to_string();
    assert!(error.contains("certificate"), "the handshake itself is fine: {error}");
}

#[tokio::test]
async fn e01_a_host_that_is_not_ours_is_421() {
    let origin = Origin::start().await;
    let place = Place::before(&[origin.address]).await;
    for host in ["b.test", "a.test.", "127.0.0.1", "a.test.b.test", "[::1]"] {
        let request = format!("GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        assert_eq!(status(&place.raw(request.as_bytes()).await), 421, "{host}");
    }
    let answer = place.raw(b"GET / HTTP/1.0\r\n\r\n").await;
    assert_eq!(status(&answer), 421, "no host is not our host: {answer}");
    assert!(origin.seen().is_empty());
    let upper = b"GET / HTTP/1.1\r\nHost: A.TEST:443\r\nConnection: close\r\n\r\n";
    assert_eq!(status(&place.raw(upper).await), 200);
}

#[tokio::test]
async fn e05_the_origin_hears_of_the_client_from_the_edge_alone() {
    let origin = Origin::start().await;
    let place = Place::before(&[origin.address]).await;
    let lies = "X-Forwarded-For: 1.2.3.4\r\nX-Forwarded-For: 5.6.7.8\r\nForwarded: for=1.2.3.4\r\n\
        X-Forwarded-Proto: http\r\nX-Forwarded-Host: evil.test\r\nX-Real-IP: 1.2.3.4\r\n\
        X_Forwarded_For: 1.2.3.4\r\nTrue-Client-IP: 1.2.3.4\r\nTE: trailers\r\n\
        Keep-Alive: timeout=9\r\nProxy-Authorization: Basic eA==\r\nUpgrade: h2c\r\n\
        HTTP2-Settings: AAMAAABkAAQAAP__\r\nAuthorization: Bearer kept\r\n";
    assert_eq!(place.ask("GET", "/a?b=c", lies).await.0, 200);
    let seen = origin.seen();
    assert_eq!(seen[0].line, "GET /a?b=c");
    for (name, value) in [
        ("x-forwarded-for", "127.0.0.1"),
        ("forwarded", "for=127.0.0.1;host=\"a.test\";proto=https"),
        ("x-forwarded-proto", "https"),
        ("x-forwarded-host", "a.test"),
        ("host", "a.test"),
        ("authorization", "Bearer kept"),
    ] {
        assert_eq!(seen[0].all(name), [value], "{name}");
    }
    let text = format!("{:?}", seen[0].headers);
    for gone in ["1.2.3.4", "5.6.7.8", "evil", "trailers", "h2c", "timeout", "Basic", "close"] {
        assert!(!text.contains(gone), "{gone} in {text}");
    }
}

#[tokio::test]
async fn e12_plain_http_leads_to_https_with_path_and_query() {
    let origin = Origin::start().await;
    let place = Place::before(&[origin.address]).await;
    let ask = async |request: &str| {
        exchange(TcpStream::connect(place.http).await.unwrap(), request.as_bytes()).await
    };
    let port = place.https.port();
    for (method, code) in [("GET", 301), ("HEAD", 301), ("POST", 308)] {
        let answer = ask(&format!(
            "{method} /@a/1?x=%20y&z HTTP/1.1\r\nHost: {NAME}\r\nConnection: close\r\n\r\n"
        ))
        .await;
        assert_eq!(status(&answer), code);
        let target = format!("location: https://{NAME}:{port}/@a/1?x=%20y&z\r\n");
        assert!(answer.contains(&target), "{answer}");
    }
    let foreign = ask("GET / HTTP/1.1\r\nHost: b.test\r\nConnection: close\r\n\r\n").await;
    assert_eq!(status(&foreign), 421, "no redirect to where somebody else says");
    let two = "Content-Length: 1\r\nContent-Length: 2\r\n\r\n";
    let smuggled = ask(&format!("POST / HTTP/1.1\r\nHost: {NAME}\r\n{two}")).await;
    assert_eq!(status(&smuggled), 400);
    let challenge = format!(
        "GET /.well-known/acme-challenge/none HTTP/1.1\r\nHost: {NAME}\r\nConnection: close\r\n\r\n"
    );
    assert_eq!(status(&ask(&challenge).await), 301, "no challenge is pending");
    assert!(origin.seen().is_empty());
}
