//! P05: whatever comes from the net, reading it neither panics nor takes long. Documents of other
//! servers are mutated for as long as `TUSKLING_FUZZ_SECONDS` says, two seconds by default; the seed
//! is printed by a failure and taken from `TUSKLING_FUZZ_SEED`.

// By its path: the testkit stands on this crate and on all others.
#[path = "../../testkit/src/fuzz.rs"]
mod mutation;

use activitypub::sign::{self, Received};
use activitypub::{build, parse};
use domain::Timestamp;
use domain::text::{clean, is_clean, strip};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use mutation::fuzz;

const CORPUS: &[&[u8]] = &[
    include_bytes!("../../testkit/foreign/funkwhale/audio.json"),
    include_bytes!("../../testkit/foreign/gotosocial/create_note_with_policy.json"),
    include_bytes!("../../testkit/foreign/gotosocial/person.json"),
    include_bytes!("../../testkit/foreign/lemmy/announce_create_page.json"),
    include_bytes!("../../testkit/foreign/lemmy/announce_undo_like.json"),
    include_bytes!("../../testkit/foreign/mastodon/create_note_with_quote.json"),
    include_bytes!("../../testkit/foreign/mastodon/person.json"),
    include_bytes!("../../testkit/foreign/mastodon/update_question.json"),
    include_bytes!("../../testkit/foreign/mastodon/flag.json"),
    include_bytes!("../../testkit/foreign/misskey/create_quote.json"),
    include_bytes!("../../testkit/foreign/misskey/like_reaction.json"),
    include_bytes!("../../testkit/foreign/mobilizon/create_event.json"),
    include_bytes!("../../testkit/foreign/peertube/video.json"),
    include_bytes!("../../testkit/foreign/pleroma/create_note.json"),
    include_bytes!("../../testkit/foreign/streams/person.json"),
    include_bytes!("../../testkit/foreign/wordpress/create_article.json"),
];

#[test]
fn p05_activities() {
    let words: &[&[u8]] = &[
        b"null",
        b"[]",
        b"{}",
        b"\"\"",
        b"true",
        b"-1",
        b"1e308",
        b"\"Note\"",
        b"\"Question\"",
        b"\"as:Public\"",
        b"\"https://a.test/1\"",
        b"\"\\ud83d\\ude00\"",
        b"[[[[",
        b",\"id\":1",
        b"\"type\":[\"Note\",\"Like\"]",
        b"\"9999-12-31T23:59:60Z\"",
        b"\xff",
        b"\0",
    ];
    fuzz(CORPUS, words, |bytes| {
        // What can be read can be written, and what was written can be read again.
        if let Ok(activity) = parse::activity(bytes) {
            let again = build::activity(&activity);
            assert!(parse::activity(again.as_bytes()).is_ok(), "{again}");
        }
        if let Ok(actor) = parse::actor(bytes) {
            let again = build::actor(&actor);
            assert!(parse::actor(again.as_bytes()).is_ok(), "{again}");
        }
        let _ = parse::object(bytes);
        let _ = parse::keys(bytes);
        if let Ok(collection) = parse::collection(bytes) {
            assert!(parse::collection(build::collection(&collection).as_bytes()).is_ok());
        }
    });
}

#[test]
fn p05_html() {
    let corpus: &[&[u8]] = &[
        b"<p><span class=\"h-card\" translate=\"no\"><a href=\"https://b.test/@bob\" class=\"u-url mention\">@<span>bob</span></a></span></p>",
        b"<h2>T</h2><ol start=3 reversed><li value=\"7\">x</ol><pre>\n<code>a &amp; b</code></pre>",
        b"<table><tr><td><svg><style><img src=x onerror=alert(1)></style></svg></td></tr></table>",
        b"<math><mtext><table><mglyph><style><math><img src onerror=alert(1)></style></mglyph></table>",
        b"<ruby>a<rt>b</rt></ruby><!-- c --><b><p>d</b>e</p><select><option>f",
    ];
    let words: &[&[u8]] = &[
        b"<p>",
        b"</p>",
        b"<b>",
        b"</b>",
        b"<a href=",
        b"javascript:",
        b"\"",
        b"'",
        b">",
        b"<",
        b"/>",
        b"<!--",
        b"-->",
        b"<svg>",
        b"<style>",
        b"</style>",
        b"<template>",
        b"&lt;",
        b"&#x3c;",
        b"=",
        b" onclick=x ",
        b"<table><td>",
        b"<frameset>",
        b"\0",
        b"\xc2\xa0",
        b"<plaintext>",
        b"]]>",
    ];
    fuzz(corpus, words, |bytes| {
        let html = String::from_utf8_lossy(bytes);
        let cleaned = clean(&html);
        assert!(is_clean(&cleaned), "{cleaned:?} from {html:?}");
        assert!(!unknown(&cleaned).contains("<s"), "{cleaned:?} from {html:?}");
        let _ = strip(&html);
        let _ = is_clean(&html);
    });
}

/// Without the elements that begin with an `s` and may stay: no script, style or svg is left.
fn unknown(html: &str) -> String {
    let known = ["<span", "<strong>", "<sub>", "<sup>", "<s>"];
    known.iter().fold(html.to_ascii_lowercase(), |html, known| html.replace(known, ""))
}

#[test]
fn p05_signatures() {
    let corpus: &[&[u8]] = &[
        b"keyId=\"https://a.test/u#main-key\",algorithm=\"rsa-sha256\",headers=\"(request-target) host date digest\",signature=\"c2ln\"",
        b"keyId=\"k\",algorithm=\"hs2019\",created=1714558830,expires=1714558890,headers=\"(request-target) (created) (expires) host digest\",signature=\"c2ln\"",
        b"sig1=(\"@method\" \"@target-uri\" \"content-digest\");created=1714558830;keyid=\"k\";alg=\"rsa-v1_5-sha256\"",
        b"sig1=:c2ln:, sig2=:c2ln:;x=1",
        b"SHA-256=2jmj7l5rSw0yVb/vlWAYkK/YBwk=",
        b"sha-256=:2jmj7l5rSw0yVb/vlWAYkK/YBwk=:",
        b"Wed, 01 May 2024 10:20:30 GMT",
    ];
    let words: &[&[u8]] = &[
        b"\"",
        b",",
        b";",
        b"=",
        b"(",
        b")",
        b":",
        b"\\",
        b" ",
        b"sig1",
        b"99999999999999999999",
        b"\"@query\"",
        b"\"@status\"",
        b"-1",
        b"\t",
        b"=:",
        b"(\"a\";req)",
        b"host",
    ];
    let names = ["signature", "signature-input", "digest", "content-digest", "date", "host"];
    let mut turn = 0_usize;
    fuzz(corpus, words, |bytes| {
        let mut headers = HeaderMap::new();
        headers.insert("host", HeaderValue::from_static("here.test"));
        headers.insert("date", HeaderValue::from_static("Wed, 01 May 2024 10:20:30 GMT"));
        headers.insert("signature", HeaderValue::from_static("sig1=:c2ln:"));
        turn += 1;
        let Ok(value) = HeaderValue::from_bytes(bytes) else { return };
        headers.insert(HeaderName::from_static(names[turn % names.len()]), value);
        for method in [Method::GET, Method::POST] {
            let request = Received {
                method: &method,
                path_and_query: "/inbox?a=b",
                bases: &["https://here.test"],
                headers: &headers,
            };
            if let Ok(signature) = sign::read(request, Some(b"{}"), Timestamp(1_714_558_830_000)) {
                assert!(signature.verify(&String::from_utf8_lossy(bytes)).is_err());
            }
        }
    });
}

#[test]
fn p05_webfinger() {
    let corpus: &[&[u8]] = &[
        include_bytes!("../../testkit/foreign/mastodon/webfinger.json"),
        b"<?xml version=\"1.0\"?><XRD><Link rel=\"lrdd\" template=\"https://a.test/w?r={uri}\"/></XRD>",
        b"application/ld+json; profile=\"https://www.w3.org/ns/activitystreams\"",
    ];
    let words: &[&[u8]] = &[
        b"<!--", b"-->", b"<Link ", b"{uri}", b"acct:", b"@", b"\"", b"'", b">", b"null", b";",
        b"=",
    ];
    fuzz(corpus, words, |bytes| {
        if let Ok(jrd) = parse::jrd(bytes) {
            assert!(jrd.subject.contains('@'));
        }
        if let Some(template) = parse::host_meta(bytes) {
            let lower = template.to_ascii_lowercase();
            assert!(lower.starts_with("http") && template.contains("{uri}"), "{template:?}");
        }
        let _ = parse::is_activity_type(&String::from_utf8_lossy(bytes));
    });
}
