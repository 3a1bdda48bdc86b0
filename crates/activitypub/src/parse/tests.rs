//! What is refused, cut and forgiven. Whole documents of other servers are in `tests/foreign.rs`.

use std::time::Instant;

use serde_json::{Value, json};

use super::*;
use crate::{Audience, Note, NoteKind, PUBLIC, Verb};
use domain::status::Visibility;

const ALICE: &str = "https://a.test/users/alice";

fn bytes(value: &Value) -> Vec<u8> {
    value.to_string().into_bytes()
}

fn note_with(extra: Value) -> Note {
    let mut value = json!({"id": "https://a.test/1", "type": "Note", "attributedTo": ALICE});
    value.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    match object(&bytes(&value)) {
        Ok(Object::Note(note)) => *note,
        other => panic!("{other:?}"),
    }
}

fn actor_with(extra: Value) -> Result<Actor, ParseError> {
    let mut value = json!({
        "id": ALICE, "type": "Person", "preferredUsername": "alice", "inbox": "https://a.test/inbox",
    });
    value.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    actor(&bytes(&value))
}

fn activity_with(extra: Value) -> Result<Activity, ParseError> {
    let mut value = json!({"id": "https://a.test/2", "actor": ALICE});
    value.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    activity(&bytes(&value))
}

#[test]
fn p02_depth_width_and_repetition_are_refused_quickly() {
    let deep = ["[".repeat(100_000), "]".repeat(100_000)].concat();
    let deep_object = format!("{{\"a\":{deep}}}");
    let wide = format!("{{\"a\":[{}[]]}}", "[],".repeat(349_000));
    let numbers = format!("{{\"a\":[{}0]}}", "0,".repeat(520_000));
    let names: Vec<String> = (0..80_000).map(|at| format!("\"n{at}\":0")).collect();
    let names = format!("{{{}}}", names.join(","));
    for hostile in [deep, deep_object, wide, numbers, names] {
        let start = Instant::now();
        assert!(activity(hostile.as_bytes()).is_err());
        // The rule says 50 ms; unoptimised code on a busy machine needs more.
        let limit = if cfg!(debug_assertions) { 1_000 } else { 50 };
        assert!(start.elapsed().as_millis() < limit, "{:?}", start.elapsed());
    }
    for twice in [
        r#"{"id":"https://a.test/1","id":"https://b.test/1","type":"Like"}"#,
        r#"{"id":"https://a.test/1","\u0069d":"https://b.test/1","type":"Like"}"#,
        r#"{"a":{"b":1,"b":1}}"#,
    ] {
        let error = activity(twice.as_bytes()).unwrap_err();
        assert!(matches!(&error, ParseError::Json(text) if text.contains("twice")), "{error}");
    }
    for broken in
        ["", "[]", "1", "{", "{} {}", "{\"a\":1e999}", "\u{feff}{}", "nul", "{\"a\":\"\\ud800\"}"]
    {
        assert!(matches!(activity(broken.as_bytes()), Err(ParseError::Json(_))), "{broken}");
    }
    assert!(matches!(activity(b"{\"a\":\"\xff\"}"), Err(ParseError::Json(_))));
    let deepest = format!("{{\"a\":{}{}}}", "[".repeat(63), "]".repeat(63));
    assert!(matches!(activity(deepest.as_bytes()), Err(ParseError::Shape(..))));
}

#[test]
fn f10_words_that_move_things_elsewhere_are_refused() {
    for word in ["@graph", "@included", "@reverse"] {
        let hidden = json!({
            "type": "Like", "actor": ALICE, "object": "https://a.test/1", word: [],
        });
        assert!(matches!(activity(&bytes(&hidden)), Err(ParseError::Shape(..))), "{word}");
        let inside = activity_with(json!({
            "type": "Create",
            "object": {"type": "Note", "id": "https://a.test/1", "attributedTo": ALICE, word: {}},
        }));
        assert_eq!(
            inside.map(|activity| activity.object),
            Ok(Object::Link(crate::Uri::parse("https://a.test/1").unwrap())),
            "what it says is not read, only where it is"
        );
    }
}

#[test]
fn p03_remote_fields_are_cut() {
    let options: Vec<Value> = (0..10_000).map(|at| json!({"name": format!("{at}")})).collect();
    let poll = note_with(json!({"type": "Question", "oneOf": options})).poll.unwrap();
    assert_eq!(poll.options.len(), 500);

    let long = "é".repeat(30_000);
    let rows: Vec<Value> = (0..100)
        .map(|_| json!({"type": "PropertyValue", "name": long, "value": long}))
        .take(2)
        .chain((0..98).map(|_| json!({"type": "PropertyValue", "name": "n", "value": "v"})))
        .collect();
    let aliases: Vec<String> = (0..1_000).map(|at| format!("https://a.test/{at}")).collect();
    let actor = actor_with(json!({
        "name": long, "summary": long, "attachment": rows, "alsoKnownAs": aliases,
        "attributionDomains": vec!["a.test"; 1_000],
    }))
    .unwrap();
    assert_eq!(actor.name.unwrap().chars().count(), 2_048);
    assert_eq!(actor.summary.unwrap().len(), 20 * 1_024);
    assert_eq!(actor.fields.len(), 50);
    assert_eq!(actor.fields[0].1.chars().count(), 2_047);
    assert_eq!(actor.also_known_as.len(), 256);
    assert_eq!(actor.attribution_domains.len(), 256);

    let many = |kind: &str| -> Vec<Value> {
        (0..600)
            .map(|at| {
                json!({
                    "type": kind, "name": format!("n{at}"), "href": "https://a.test/x",
                    "icon": {"url": "https://a.test/i.png"},
                })
            })
            .collect()
    };
    let tags = [many("Hashtag"), many("Mention"), many("Emoji")].concat();
    let files: Vec<Value> =
        (0..40).map(|_| json!({"url": "https://a.test/f", "name": long})).collect();
    let addressed: Vec<String> = (0..5_000).map(|at| format!("https://a.test/{at}")).collect();
    let note = note_with(json!({"tag": tags, "attachment": files, "to": addressed}));
    assert_eq!((note.hashtags.len(), note.mentions.len()), (128, 128));
    assert_eq!(note.attachments.len(), 16);
    assert_eq!(note.attachments[0].description.as_ref().unwrap().chars().count(), 10_000);
    assert_eq!(note.audience.to.len(), 1_000);
    assert_eq!(note_with(json!({"tag": many("Emoji")})).emojis.len(), 128);
}

#[test]
fn f17_addresses_are_http_and_a_missing_audience_is_nobody() {
    let note = note_with(json!({
        "url": "javascript:alert(1)",
        "attachment": [{"url": "data:text/html,x"}, {"url": "https://a.test/f"}],
        "inReplyTo": "file:///etc/passwd",
        "quote": "https://user:secret@a.test/",
        "context": "tag:a.test,2024:x",
    }));
    assert_eq!((note.url, note.in_reply_to, note.quote), (None, None, None));
    assert_eq!(note.attachments.len(), 1);
    assert_eq!(note.context, None);
    assert_eq!(note.conversation.as_deref(), Some("tag:a.test,2024:x"));
    assert_eq!(note.audience.visibility(None), Visibility::Direct);
    for odd in [json!(7), json!({}), json!([[PUBLIC]]), json!("public"), json!({"x": PUBLIC})] {
        let note = note_with(json!({"to": odd}));
        assert_eq!(note.audience, Audience::default());
    }
}

#[test]
fn no_text_holds_nul() {
    let note = note_with(json!({"content": "a\u{0}b", "summary": "\u{0}"}));
    assert_eq!((note.content.as_deref(), note.summary), (Some("ab"), None));
}

#[test]
fn spellings_of_everybody_are_one() {
    for spelling in [json!("as:Public"), json!(["Public"]), json!([PUBLIC]), json!({"id": PUBLIC})]
    {
        let note = note_with(json!({"to": spelling}));
        assert_eq!(note.audience.to, [PUBLIC]);
    }
}

#[test]
fn one_value_and_a_list_of_one_are_the_same() {
    let one = json!({
        "to": PUBLIC,
        "tag": {"type": "Hashtag", "name": "#a"},
        "attachment": {"type": "Image", "url": "https://a.test/f", "mediaType": "image/png"},
        "url": "https://a.test/@alice/1",
    });
    let many: serde_json::Map<String, Value> = one
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, value)| (name.clone(), json!([value])))
        .collect();
    assert_eq!(note_with(one), note_with(many.into()));
}

#[test]
fn required_things_are_required() {
    for (broken, reason) in [
        (json!({"type": "Note", "attributedTo": ALICE}), "id"),
        (json!({"type": "Note", "id": "https://a.test/1"}), "author"),
        (json!({"type": "Note", "id": "acct:alice@a.test", "attributedTo": ALICE}), "id"),
        (json!({"id": "https://a.test/1"}), "type"),
        (json!({"type": "Like", "object": "https://a.test/1"}), "actor"),
        (json!({"type": "Like", "actor": ALICE}), "object"),
        (json!({"type": "Tombstone"}), "id"),
        (json!({"type": "Person", "id": ALICE, "preferredUsername": "a"}), "inbox"),
        (json!({"type": "Person", "id": ALICE, "inbox": "https://a.test/"}), "preferredUsername"),
        (json!({"type": "QuoteAuthorization", "id": "https://a.test/1"}), "attributedTo"),
    ] {
        let error = object(&bytes(&broken)).unwrap_err().to_string();
        assert!(error.contains(reason), "{error} for {broken}");
    }
    for name in ["a b", "a@b", "", "a/b", "<b>"] {
        assert!(actor_with(json!({"preferredUsername": name})).is_err(), "{name}");
    }
    assert!(actor(&bytes(&json!({"type": "Note", "id": ALICE}))).is_err());
    assert!(collection(&bytes(&json!({"type": "Note"}))).is_err());
}

#[test]
fn impossible_times_are_none() {
    for (text, good) in [
        ("2024-05-01T12:20:30+02:00", true),
        ("2024-05-01T10:20:30.123456789Z", true),
        ("2024-05-01T10:20:30-23:00", true),
        ("2024-13-01T10:20:30Z", false),
        ("2024-02-30T10:20:30Z", false),
        ("soon", false),
        ("99999-01-01T00:00:00Z", false),
    ] {
        let note = note_with(json!({"published": text}));
        assert_eq!(note.published.is_some(), good, "{text}");
    }
}

#[test]
fn an_activity_embeds_or_names_its_object() {
    let create = activity_with(json!({
        "type": "Create", "object": {"type": "Note", "id": "https://b.test/1", "attributedTo": "https://b.test/x"},
    }))
    .unwrap();
    assert_eq!(
        create.object.id().unwrap().as_str(),
        "https://b.test/1",
        "authority is for the app"
    );
    assert!(activity_with(json!({"type": "Create", "object": {"type": "Note"}})).is_err());
    let like = activity_with(json!({
        "type": "Like", "object": {"type": "Note", "id": "https://b.test/1"},
    }))
    .unwrap();
    assert!(matches!(like.object, Object::Link(_)), "not whole, but named");
    let update = activity(&bytes(&json!({"type": "Update", "actor": ALICE, "object": {
        "type": "Person", "id": ALICE, "preferredUsername": "alice", "inbox": "https://a.test/i",
    }})))
    .unwrap();
    assert_eq!((update.id, update.verb), (None, Verb::Update));
    assert!(matches!(update.object, Object::Actor(_)));
    let odd = activity_with(json!({"type": "Arrive"})).unwrap();
    assert_eq!((odd.verb, odd.object), (Verb::Other("Arrive".into()), Object::None));
    let own = activity_with(json!({"type": ["http://x.test/Bite", "Like"], "object": ALICE}));
    assert_eq!(own.unwrap().verb, Verb::Like);
}

#[test]
fn activities_nest_only_so_deep() {
    let mut value =
        json!({"type": "Like", "actor": ALICE, "id": "https://a.test/0", "object": ALICE});
    for at in 1..10 {
        value = json!({
            "type": "Announce", "actor": ALICE, "id": format!("https://a.test/{at}"), "object": value,
        });
    }
    let mut inner = activity(&bytes(&value)).unwrap();
    let mut levels = 1;
    while let Object::Activity(next) = inner.object {
        inner = *next;
        levels += 1;
    }
    assert_eq!(levels, 5);
    assert!(matches!(inner.object, Object::Link(_)));
}

#[test]
fn reports_and_reactions_bring_their_text() {
    let flag = activity_with(json!({
        "type": "Flag", "content": "spam", "object": [ALICE, {"id": "https://a.test/1"}, 7],
    }))
    .unwrap();
    assert_eq!(flag.objects.len(), 2);
    assert_eq!(flag.object.id().unwrap().as_str(), ALICE);
    assert_eq!(flag.content.as_deref(), Some("spam"));
    let react = activity_with(json!({
        "type": "Like", "object": ALICE, "_misskey_reaction": ":blob:",
        "tag": [{"type": "Emoji", "name": ":blob:", "icon": {"url": "https://a.test/b.png"}}],
    }))
    .unwrap();
    assert_eq!(react.content.as_deref(), Some(":blob:"));
    assert_eq!(react.emojis[0].shortcode, "blob");
}

#[test]
fn quotes_are_looked_for_in_order() {
    let link = json!([{"type": "Link", "href": "https://b.test/5",
        "mediaType": "application/ld+json; profile=\"https://www.w3.org/ns/activitystreams\""}]);
    let mut fields = json!({
        "quote": "https://b.test/1", "_misskey_quote": "https://b.test/2",
        "quoteUrl": "https://b.test/3", "quoteUri": "https://b.test/4", "tag": link,
    });
    for (at, name) in ["quote", "_misskey_quote", "quoteUrl", "quoteUri", "tag"].iter().enumerate()
    {
        let quote = note_with(fields.clone()).quote.unwrap();
        assert_eq!(quote.as_str(), format!("https://b.test/{}", at + 1));
        fields[*name] = Value::Null;
    }
    assert_eq!(note_with(fields).quote, None);
}

#[test]
fn plain_and_markdown_content_becomes_html() {
    let note = note_with(json!({
        "type": "Video", "mediaType": "text/markdown", "content": "a <b>\r\nc\n\n\n**d**",
    }));
    assert_eq!(note.kind, NoteKind::Video);
    assert_eq!(note.content.as_deref(), Some("<p>a &lt;b&gt;<br>c</p><p>**d**</p>"));
    assert_eq!(note.source.unwrap().1, "text/markdown");
}

#[test]
fn languages_come_from_the_map_or_the_context() {
    let of = |extra| note_with(extra).language;
    assert_eq!(of(json!({"contentMap": {"de-DE": "x"}})).as_deref(), Some("de"));
    assert_eq!(
        of(json!({"content": "ja", "contentMap": {"en": "yes", "de": "ja"}})).as_deref(),
        Some("de")
    );
    assert_eq!(of(json!({"@context": ["x", {"@language": "fr"}]})).as_deref(), Some("fr"));
    assert_eq!(of(json!({"@context": {"@language": "und"}})), None);
    let only_map = note_with(json!({"contentMap": {"en": "<p>x</p>"}}));
    assert_eq!(only_map.content.as_deref(), Some("<p>x</p>"));
}

#[test]
fn keys_stand_in_actors_or_alone() {
    let key = json!({"id": "https://a.test/key", "owner": ALICE, "publicKeyPem": "pem"});
    let alone = keys(&bytes(&key)).unwrap();
    assert_eq!((alone[0].owner.as_str(), alone[0].pem.as_str()), (ALICE, "pem"));
    let stub = json!({"id": ALICE, "type": "Person", "publicKey": [key, {"id": ALICE}]});
    assert_eq!(keys(&bytes(&stub)).unwrap(), alone);
    assert!(keys(&bytes(&json!({"id": ALICE}))).is_err());
    let huge = json!({"id": ALICE, "owner": ALICE, "publicKeyPem": "x".repeat(9_000)});
    assert!(keys(&bytes(&huge)).is_err());
}

#[test]
fn collections_are_read_in_every_shape() {
    let page = json!({"type": "OrderedCollectionPage", "orderedItems": [ALICE, {"id": "https://a.test/1"}, 7],
        "next": "https://a.test/c?p=2", "partOf": {"id": "https://a.test/c"}});
    let read = collection(&bytes(&page)).unwrap();
    assert!(read.is_page && read.is_ordered);
    assert_eq!(read.items.len(), 2);
    assert_eq!(read.part_of.unwrap().as_str(), "https://a.test/c");
    let whole = json!({"type": "Collection", "totalItems": 3, "first": page});
    let read = collection(&bytes(&whole)).unwrap();
    assert_eq!((read.total, read.first), (Some(3), None));
    assert_eq!(read.first_page.unwrap().next.unwrap().as_str(), "https://a.test/c?p=2");
    let ids: Vec<String> = (0..60_000).map(|at| format!("https://a.test/{at}")).collect();
    let huge = json!({"type": "Collection", "items": ids});
    assert_eq!(collection(&bytes(&huge)).unwrap().items.len(), 50_000);
}

#[test]
fn webfinger_answers_are_read() {
    let good = json!({
        "subject": "acct:alice@a.test",
        "links": [
            {"rel": "http://webfinger.net/rel/profile-page", "href": "https://a.test/@alice"},
            {"rel": "self", "type": "text/html", "href": "https://evil.test/"},
            {"rel": "self", "type": "application/activity+json", "href": ALICE},
            {"rel": "http://ostatus.org/schema/1.0/subscribe", "template": "https://a.test/f?u={uri}"},
        ],
    });
    let read = jrd(&bytes(&good)).unwrap();
    assert_eq!(read.subject, "alice@a.test");
    assert_eq!(read.actor.unwrap().as_str(), ALICE);
    assert_eq!(read.subscribe.as_deref(), Some("https://a.test/f?u={uri}"));
    for subject in ["alice@a.test", "acct:alice", "acct:@a.test", "acct:a@b/c", "acct:a b@c", ""] {
        assert!(jrd(&bytes(&json!({"subject": subject}))).is_err(), "{subject}");
    }
    let bare = jrd(&bytes(&json!({"subject": "acct:a@b.test", "links": [
        {"rel": "http://ostatus.org/schema/1.0/subscribe", "template": "javascript:{uri}"},
    ]})))
    .unwrap();
    assert_eq!((bare.actor, bare.subscribe), (None, None));
}

#[test]
fn host_meta_is_xrd_or_json() {
    const TEMPLATE: &str = "https://a.test/.well-known/webfinger?resource={uri}";
    let xrd = format!(
        "<?xml version=\"1.0\"?><XRD xmlns='x'><!-- <Link rel=\"lrdd\" template=\"https://evil.test/{{uri}}\"/> -->\
         <Link rel='other' href=\"x\"/>\n<Link type=\"application/jrd+json\" template = \"{TEMPLATE}\"\n rel=\"lrdd\" /></XRD>"
    );
    assert_eq!(host_meta(xrd.as_bytes()).as_deref(), Some(TEMPLATE));
    let json = json!({"links": [{"rel": "lrdd", "template": TEMPLATE}]});
    assert_eq!(host_meta(&bytes(&json)).as_deref(), Some(TEMPLATE));
    for bad in [
        "",
        "<XRD",
        "<Link rel=\"lrdd\"",
        "<Link rel=\"lrdd\" template=\"https://a.test/\"/>",
        "<Link rel=\"lrdd\" template=\"ftp://a.test/{uri}\"/>",
        "<Link rel=lrdd template={uri}/>",
        "<!-- ",
        "\u{0}",
    ] {
        assert_eq!(host_meta(bad.as_bytes()), None, "{bad}");
    }
}
