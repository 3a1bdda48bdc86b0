//! Signatures against themselves, against the vector of RFC 9421, and against everything that may be
//! left out or changed (F06, F07).

use std::sync::LazyLock;

use domain::Timestamp;
use domain::time::{HOUR, MINUTE};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use url::Url;

use super::*;

const NOW: Timestamp = Timestamp(1_714_558_830_000);
const BASE: &str = "https://here.test";
const INBOX: &str = "https://here.test/inbox?a=b%20c";
const PATH: &str = "/inbox?a=b%20c";
const BODY: &[u8] = br#"{"type":"Create"}"#;
const KEY_ID: &str = "https://far.test/users/alice#main-key";
const BOTH: [Scheme; 2] = [Scheme::Cavage, Scheme::Rfc9421];

static KEY: LazyLock<(SigningKey, String)> = LazyLock::new(|| {
    let new = new_key().unwrap();
    let key = SigningKey::from_pkcs8(KEY_ID.to_owned(), &new.private).unwrap();
    (key, new.public_pem)
});

fn post(scheme: Scheme) -> HeaderMap {
    let url = Url::parse(INBOX).unwrap();
    KEY.0.sign_post(&url, crate::MEDIA_TYPE, BODY, &HeaderMap::new(), scheme, NOW)
}

fn get(scheme: Scheme) -> HeaderMap {
    KEY.0.sign_get(&Url::parse(INBOX).unwrap(), crate::ACCEPT, scheme, NOW)
}

/// Reads and verifies.
fn check_at(
    method: &Method,
    path: &str,
    headers: &HeaderMap,
    body: Option<&[u8]>,
    now: Timestamp,
) -> Result<Signature, SignatureError> {
    let request =
        Received { method, path_and_query: path, bases: &["https://other.test", BASE], headers };
    let signature = read(request, body, now)?;
    signature.verify(&KEY.1)?;
    Ok(signature)
}

fn check_post(headers: &HeaderMap) -> Result<Signature, SignatureError> {
    check_at(&Method::POST, PATH, headers, Some(BODY), NOW)
}

fn set(headers: &mut HeaderMap, name: &'static str, value: &str) {
    headers.insert(HeaderName::from_static(name), HeaderValue::from_str(value).unwrap());
}

fn text(headers: &HeaderMap, name: &str) -> String {
    headers.get(name).unwrap().to_str().unwrap().to_owned()
}

/// Signs a POST by draft-cavage with a list of headers of one's own; `extra` stands in the header.
fn cavage(signed: &str, algorithm: &str, extra: &str) -> HeaderMap {
    let mut headers = post(Scheme::Cavage);
    let lines: Vec<String> = signed
        .split(' ')
        .map(|name| match name {
            "(request-target)" => format!("{name}: post {PATH}"),
            "(created)" => format!("{name}: {}", NOW.seconds()),
            "(expires)" => format!("{name}: {}", NOW.seconds() + 60),
            name => format!("{name}: {}", text(&headers, name)),
        })
        .collect();
    let signature = KEY.0.sign(lines.join("\n").as_bytes());
    let header = format!(
        "keyId=\"{KEY_ID}\",{algorithm}headers=\"{signed}\",{extra}signature=\"{signature}\""
    );
    set(&mut headers, "signature", &header);
    headers
}

/// Signs a POST by RFC 9421 with components and parameters of one's own.
fn message(components: &[(&str, &str)], parameters: &str) -> HeaderMap {
    let mut headers = post(Scheme::Rfc9421);
    let names: Vec<String> = components.iter().map(|(name, _)| format!("\"{name}\"")).collect();
    let written = format!("({}){parameters}", names.join(" "));
    let mut base = String::new();
    for (name, value) in components {
        let value = if value.is_empty() { text(&headers, name) } else { (*value).to_owned() };
        base.push_str(&format!("\"{name}\": {value}\n"));
    }
    base.push_str(&format!("\"@signature-params\": {written}"));
    let signature = KEY.0.sign(base.as_bytes());
    set(&mut headers, "signature-input", &format!("any={written}"));
    set(&mut headers, "signature", &format!("any=:{signature}:"));
    headers
}

const METHOD: (&str, &str) = ("@method", "POST");
const TARGET: (&str, &str) = ("@target-uri", INBOX);
const CONTENT: (&str, &str) = ("content-digest", "");
const GOOD: &str = ";created=1714558830;keyid=\"https://far.test/users/alice#main-key\"";

#[test]
fn both_ways_verify_what_they_sign() {
    for scheme in BOTH {
        let signature = check_post(&post(scheme)).unwrap();
        assert_eq!((signature.key_id.as_str(), signature.scheme), (KEY_ID, scheme));
        let read = check_at(&Method::GET, PATH, &get(scheme), None, NOW).unwrap();
        assert_eq!(read.scheme, scheme);
    }
}

#[test]
fn headers_are_signed_in_the_order_of_mastodon() {
    let headers = post(Scheme::Cavage);
    let signature = text(&headers, "signature");
    assert!(
        signature.starts_with(
            "keyId=\"https://far.test/users/alice#main-key\",algorithm=\"rsa-sha256\",\
             headers=\"host date digest content-type (request-target)\",signature=\""
        ),
        "{signature}"
    );
    assert_eq!(text(&headers, "host"), "here.test");
    assert_eq!(text(&headers, "date"), "Wed, 01 May 2024 10:20:30 GMT");
    assert!(text(&headers, "digest").starts_with("SHA-256="));
    let headers = get(Scheme::Cavage);
    assert!(
        text(&headers, "signature").contains("headers=\"host date accept (request-target)\""),
        "{headers:?}"
    );
    let headers = post(Scheme::Rfc9421);
    assert_eq!(
        text(&headers, "signature-input"),
        "sig1=(\"@method\" \"@target-uri\" \"content-digest\" \"content-type\");created=1714558830;\
         keyid=\"https://far.test/users/alice#main-key\";alg=\"rsa-v1_5-sha256\""
    );
}

#[test]
fn headers_of_the_caller_are_signed_before_the_last() {
    let mut extra = HeaderMap::new();
    set(&mut extra, "collection-synchronization", "collectionId=\"https://far.test/f\"");
    let url = Url::parse(INBOX).unwrap();
    for scheme in BOTH {
        let mut headers = KEY.0.sign_post(&url, crate::MEDIA_TYPE, BODY, &extra, scheme, NOW);
        check_post(&headers).unwrap();
        if scheme == Scheme::Cavage {
            assert!(
                text(&headers, "signature")
                    .contains("content-type collection-synchronization (request-target)\"")
            );
        }
        set(&mut headers, "collection-synchronization", "collectionId=\"https://evil.test/f\"");
        assert_eq!(check_post(&headers), Err(SignatureError::Wrong));
    }
}

#[test]
fn f06_each_part_that_is_left_out_is_missed() {
    let all = ["(request-target)", "host", "date", "digest"];
    check_post(&cavage(&all.join(" "), "", "")).unwrap();
    for left_out in all {
        let rest: Vec<&str> = all.into_iter().filter(|name| *name != left_out).collect();
        let refused = check_post(&cavage(&rest.join(" "), "", ""));
        assert_eq!(refused, Err(SignatureError::Uncovered(left_out)));
    }
    check_post(&message(&[METHOD, TARGET, CONTENT], GOOD)).unwrap();
    for (components, left_out) in [
        (&[TARGET, CONTENT], "@method"),
        (&[METHOD, CONTENT], "@target-uri"),
        (&[METHOD, TARGET], "content-digest"),
    ] {
        let refused = check_post(&message(components, GOOD));
        assert_eq!(refused, Err(SignatureError::Uncovered(left_out)));
    }
    let undated = format!(";keyid=\"{KEY_ID}\"");
    let refused = check_post(&message(&[METHOD, TARGET, CONTENT], &undated));
    assert_eq!(refused, Err(SignatureError::Uncovered("created")));
}

#[test]
fn f06_the_target_may_be_signed_in_parts_but_whole() {
    let authority = ("@authority", "here.test");
    for parts in [
        vec![METHOD, CONTENT, authority, ("@path", "/inbox"), ("@query", "?a=b%20c")],
        vec![METHOD, CONTENT, authority, ("@request-target", PATH), ("@scheme", "https")],
        vec![METHOD, CONTENT, ("host", ""), ("@request-target", PATH)],
    ] {
        check_post(&message(&parts, GOOD)).unwrap();
    }
    for parts in [
        vec![METHOD, CONTENT, authority, ("@path", "/inbox")],
        vec![METHOD, CONTENT, ("@request-target", PATH)],
        vec![METHOD, CONTENT, authority, ("@query", "?a=b%20c")],
    ] {
        let refused = check_post(&message(&parts, GOOD));
        assert_eq!(refused, Err(SignatureError::Uncovered("@target-uri")));
    }
}

#[test]
fn f06_one_changed_byte_is_noticed() {
    for scheme in BOTH {
        let headers = post(scheme);
        for at in 0..BODY.len() {
            let mut body = BODY.to_vec();
            body[at] ^= 1;
            let refused = check_at(&Method::POST, PATH, &headers, Some(&body), NOW);
            assert_eq!(refused, Err(SignatureError::Digest));
        }
        let refused = check_at(&Method::POST, PATH, &headers, None, NOW);
        assert_eq!(refused, Err(SignatureError::Digest));
        let moved = check_at(&Method::POST, "/inbox?a=c", &headers, Some(BODY), NOW);
        assert_eq!(moved, Err(SignatureError::Wrong));
        let other = check_at(&Method::PUT, PATH, &headers, Some(BODY), NOW);
        assert_eq!(other, Err(SignatureError::Wrong));
    }
    for name in ["date", "content-type"] {
        let mut headers = post(Scheme::Cavage);
        set(&mut headers, name, "Wed, 01 May 2024 10:20:31 GMT");
        assert_eq!(check_post(&headers), Err(SignatureError::Wrong));
    }
}

#[test]
fn f06_a_signature_for_another_host_is_worth_nothing_here() {
    let elsewhere = Url::parse("https://victim.test/inbox?a=b%20c").unwrap();
    for scheme in BOTH {
        let headers =
            KEY.0.sign_post(&elsewhere, crate::MEDIA_TYPE, BODY, &HeaderMap::new(), scheme, NOW);
        assert_eq!(check_post(&headers), Err(SignatureError::Malformed("host")));
        let mut renamed = headers.clone();
        set(&mut renamed, "host", "here.test");
        assert_eq!(check_post(&renamed), Err(SignatureError::Wrong));
    }
    let mut headers = post(Scheme::Cavage);
    set(&mut headers, "host", "user@here.test");
    assert_eq!(check_post(&headers), Err(SignatureError::Malformed("host")));
    set(&mut headers, "host", "HERE.test:443");
    assert_eq!(check_post(&headers), Err(SignatureError::Wrong), "known, but not as signed");
    for scheme in BOTH {
        let mut headers = post(scheme);
        headers.remove("host");
        check_post(&headers).unwrap();
    }
}

#[test]
fn f07_the_time_of_a_signature_is_bounded() {
    for scheme in BOTH {
        let headers = post(scheme);
        let at =
            |offset: i64| check_at(&Method::POST, PATH, &headers, Some(BODY), NOW.plus(-offset));
        assert_eq!(at(-13 * HOUR), Err(SignatureError::Time));
        assert_eq!(at(2 * HOUR), Err(SignatureError::Time));
        at(-30 * MINUTE).unwrap();
        at(30 * MINUTE).unwrap();
    }
    let signed = "(request-target) (created) (expires) host digest";
    let moments = format!("created={},expires={},", NOW.seconds(), NOW.seconds() + 60);
    let headers = cavage(signed, "algorithm=\"hs2019\",", &moments);
    check_post(&headers).unwrap();
    let late = check_at(&Method::POST, PATH, &headers, Some(BODY), NOW.plus(61_000));
    assert_eq!(late, Err(SignatureError::Time));
    let expired = format!("{GOOD};expires=1714558829");
    let late = check_post(&message(&[METHOD, TARGET, CONTENT], &expired));
    assert_eq!(late, Err(SignatureError::Time));
}

#[test]
fn spellings_of_other_servers_are_read() {
    let usual = "(request-target) host date digest";
    check_post(&cavage(usual, "algorithm=\"hs2019\",", "")).unwrap();
    check_post(&cavage(usual, "algorithm=\"RSA-SHA256\",", "")).unwrap();
    check_post(&cavage(usual, "algorithm=\"rsa-sha256\", ", " ")).unwrap();
    // Names of headers in any case are signed in lower case.
    let mut headers = cavage("(request-target) host date digest", "", "");
    let spelled = text(&headers, "signature")
        .replace("host date digest", "Host Date Digest")
        .replace("keyId", "KeyID")
        .replace(",signature", " , Signature");
    set(&mut headers, "signature", &spelled);
    check_post(&headers).unwrap();
    // The query left out, as old peers do.
    let bare = Url::parse("https://here.test/inbox").unwrap();
    let headers =
        KEY.0.sign_post(&bare, crate::MEDIA_TYPE, BODY, &HeaderMap::new(), Scheme::Cavage, NOW);
    check_post(&headers).unwrap();
    // Several digests, the right one among them.
    let mut headers = post(Scheme::Cavage);
    let both = format!("SHA-512=AAAA,{}", text(&headers, "digest"));
    set(&mut headers, "digest", &both);
    assert_eq!(check_post(&headers), Err(SignatureError::Wrong), "read, but not as signed");
}

#[test]
fn what_cannot_be_read_is_refused() {
    let malformed = |header: &str| {
        let mut headers = post(Scheme::Cavage);
        set(&mut headers, "signature", header);
        check_post(&headers).unwrap_err()
    };
    for header in [
        "",
        "keyId",
        "keyId=\"x",
        "keyId=\"x\\",
        "=\"x\"",
        "keyId=\"x\" \"y\"",
        "keyId=\"x\",keyId=\"y\",signature=\"AA==\"",
        "signature=\"AA==\"",
        "keyId=\"\",signature=\"AA==\"",
        "keyId=\"x\"",
        "keyId=\"x\",headers=\"host host\",signature=\"AA==\"",
    ] {
        assert!(matches!(malformed(header), SignatureError::Malformed(_)), "{header}");
    }
    let long = format!("keyId=\"{}\"", "x".repeat(9_000));
    assert_eq!(malformed(&long), SignatureError::Malformed("too long"));
    let signed = "headers=\"(request-target) host date digest\",signature=\"";
    assert_eq!(
        malformed(&format!("keyId=\"x\",{signed}%%%\"")),
        SignatureError::Malformed("base64")
    );
    assert_eq!(
        malformed(&format!("keyId=\"x\",algorithm=\"hmac-sha256\",{signed}AA==\"")),
        SignatureError::Algorithm
    );
    assert_eq!(malformed(&format!("keyId=\"x\",{signed}AA==\"")), SignatureError::Wrong);
    assert_eq!(
        malformed("keyId=\"x\",signature=\"AA==\""),
        SignatureError::Uncovered("(request-target)")
    );
    // Only hs2019 may use these.
    let moments = format!("created={},", NOW.seconds());
    let signed = "(request-target) (created) host digest";
    let refused = check_post(&cavage(signed, "algorithm=\"rsa-sha256\",", &moments));
    assert!(matches!(refused, Err(SignatureError::Malformed(_))));
    assert_eq!(check_post(&HeaderMap::new()), Err(SignatureError::Missing));
}

#[test]
fn what_rfc_9421_offers_beyond_our_needs_is_refused() {
    let target = [METHOD, TARGET, CONTENT];
    let with = |parameters: &str| check_post(&message(&target, &format!("{GOOD}{parameters}")));
    with(";nonce=\"n\";tag=\"t\";alg=\"rsa-v1_5-sha256\"").unwrap();
    assert_eq!(with(";alg=\"ed25519\""), Err(SignatureError::Algorithm));
    assert_eq!(with(";alg=rsa"), Err(SignatureError::Malformed("parameter")));
    let unknown = check_post(&message(&[METHOD, TARGET, CONTENT, ("@status", "200")], GOOD));
    assert_eq!(unknown, Err(SignatureError::Malformed("an unknown component")));
    let mut headers = message(&target, GOOD);
    let bound = text(&headers, "signature-input").replace("\"@method\"", "\"@method\";req");
    set(&mut headers, "signature-input", &bound);
    assert_eq!(check_post(&headers), Err(SignatureError::Malformed("signature-input")));
}

#[test]
fn of_several_signatures_the_first_that_can_be_checked_counts() {
    let mut headers = message(&[METHOD, TARGET, CONTENT], GOOD);
    let input = format!(
        "ed=(\"@method\");created=1714558830;keyid=\"k\";alg=\"ed25519\", {}",
        text(&headers, "signature-input")
    );
    let bytes = format!("ed=:AAAA:, {}", text(&headers, "signature"));
    set(&mut headers, "signature-input", &input);
    set(&mut headers, "signature", &bytes);
    assert_eq!(check_post(&headers).unwrap().key_id, KEY_ID);
}

#[test]
fn keys_are_spki_or_pkcs1_and_long_enough() {
    let signature = {
        let headers = post(Scheme::Cavage);
        let request = Received {
            method: &Method::POST,
            path_and_query: PATH,
            bases: &[BASE],
            headers: &headers,
        };
        read(request, Some(BODY), NOW).unwrap()
    };
    assert_eq!(KEY.0.public_pem().unwrap(), KEY.1);
    signature.verify(&KEY.1.replace('\n', "\r\n")).unwrap();
    let other = new_key().unwrap();
    assert_eq!(signature.verify(&other.public_pem), Err(SignatureError::Wrong));
    assert_eq!(signature.verify(VECTOR_KEY), Err(SignatureError::Wrong));
    let ed25519 = "-----BEGIN PUBLIC KEY-----\n\
                   MCowBQYDK2VwAyEAJrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=\n\
                   -----END PUBLIC KEY-----";
    let private = KEY.1.replace("PUBLIC", "PRIVATE");
    for bad in ["", "x", &KEY.1[..100], ed25519, &private, &" ".repeat(10_000)] {
        assert_eq!(signature.verify(bad), Err(SignatureError::Key), "{bad}");
    }
    assert!(SigningKey::from_pkcs8(String::new(), b"no key").is_err());
}

/// `test-key-rsa`, RFC 9421 appendix B.1.1: a public key made for tests.
const VECTOR_KEY: &str = "-----BEGIN RSA PUBLIC KEY-----
MIIBCgKCAQEAhAKYdtoeoy8zcAcR874L8cnZxKzAGwd7v36APp7Pv6Q2jdsPBRrw
WEBnez6d0UDKDwGbc6nxfEXAy5mbhgajzrw3MOEt8uA5txSKobBpKDeBLOsdJKFq
MGmXCQvEG7YemcxDTRPxAleIAgYYRjTSd/QBwVW9OwNFhekro3RtlinV0a75jfZg
kne/YiktSvLG34lw2zqXBDTC5NHROUqGTlML4PlNZS5Ri2U4aCNx2rUPRcKIlE0P
uKxI4T+HIaFpv8+rdV6eUgOrB2xeI1dSFFn/nnv5OoZJEIB+VmuKn3DCUcCZSFlQ
PSXSfBDiUGhwOw76WuSSsf1D4b/vLoJ10wIDAQAB
-----END RSA PUBLIC KEY-----";

#[test]
fn the_vector_of_rfc_9421_verifies() {
    // Section 4.3: the signature of a proxy, the only one there with RSA PKCS#1 v1.5. It leaves the
    // query out, so on a request with one it is refused (F06); its own text is checked with the key.
    let mut headers = HeaderMap::new();
    for (name, value) in [
        ("host", "origin.host.internal.example"),
        ("content-type", "application/json"),
        ("content-length", "18"),
        ("forwarded", "for=192.0.2.123;host=example.com;proto=https"),
        (
            "content-digest",
            "sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:",
        ),
        (
            "signature-input",
            "proxy_sig=(\"@method\" \"@authority\" \"@path\" \"content-digest\" \"content-type\" \
             \"content-length\" \"forwarded\");created=1618884480;keyid=\"test-key-rsa\";\
             alg=\"rsa-v1_5-sha256\";expires=1618884540",
        ),
        (
            "signature",
            "proxy_sig=:S6ZzPXSdAMOPjN/6KXfXWNO/f7V6cHm7BXYUh3YD/fRad4BCaRZxP+JH+8XY1I6+8Cy+CM5g92iHgxtRPz+MjniOaYmdkDcnL9cCpXJleXsOckpURl49GwiyUpZ10KHgOEe11sx3G2gxI8S0jnxQB+Pu68U9vVcasqOWAEObtNKKZd8tSFu7LB5YAv0RAGhB8tmpv7sFnIm9y+7X5kXQfi8NMaZaA8i2ZHwpBdg7a6CMfwnnrtflzvZdXAsD3LH2TwevU+/PBPv0B6NMNk93wUs/vfJvye+YuI87HU38lZHowtznbLVdp770I6VHR6WfgS9ddzirrswsE1w5o0LV/g==:",
        ),
    ] {
        set(&mut headers, name, value);
    }
    let request = Received {
        method: &Method::POST,
        path_and_query: "/foo",
        bases: &["https://origin.host.internal.example"],
        headers: &headers,
    };
    let body = Some(br#"{"hello": "world"}"#.as_slice());
    let at = Timestamp(1_618_884_500_000);
    let signature = read(request, body, at).unwrap();
    assert_eq!(signature.key_id, "test-key-rsa");
    signature.verify(VECTOR_KEY).unwrap();
    assert_eq!(signature.verify(&KEY.1), Err(SignatureError::Wrong));

    let late = read(request, body, Timestamp(1_618_884_541_000));
    assert_eq!(late, Err(SignatureError::Time));
    let whole = Received { path_and_query: "/foo?param=Value&Pet=dog", ..request };
    assert_eq!(read(whole, body, at), Err(SignatureError::Uncovered("@target-uri")));
}
