//! What our documents say, against what jsonld.js 9 (Digital Bazaar) made of the same documents with the contexts that Fedify 2.3
//! carries: the files in `data/linked`.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use activitypub::linked::{self, LinkedError};
use activitypub::sign::{SigningKey, new_key};
use domain::Timestamp;
use serde_json::{Map, Value, json};

fn document(text: &str) -> Map<String, Value> {
    serde_json::from_str(text).unwrap()
}

#[test]
fn documents_mean_what_another_processor_says() {
    for (text, meaning) in [
        (include_str!("data/linked/create.json"), include_str!("data/linked/create.nq")),
        (include_str!("data/linked/poll.json"), include_str!("data/linked/poll.nq")),
        (include_str!("data/linked/actor.json"), include_str!("data/linked/actor.nq")),
        (include_str!("data/linked/delete.json"), include_str!("data/linked/delete.nq")),
        (include_str!("data/linked/undo.json"), include_str!("data/linked/undo.nq")),
    ] {
        assert_eq!(linked::canonical_text(&document(text)).unwrap(), meaning);
    }
}

#[test]
fn a_signature_says_who_and_when_and_leaves_the_rest() {
    let made = new_key().unwrap();
    let key = SigningKey::from_pkcs8("https://a.test/users/alice#main-key".into(), &made.private)
        .unwrap();
    let text = include_str!("data/linked/delete.json");
    let activity = Value::Object(document(text));
    let signed = linked::signed(activity, &key, Timestamp(1_714_558_830_120)).unwrap();
    let mut signed = document(&signed);
    let signature = signed.remove("signature").unwrap();
    assert_eq!(signed, document(text));
    assert_eq!(signature["type"], "RsaSignature2017");
    assert_eq!(signature["creator"], "https://a.test/users/alice#main-key");
    assert_eq!(signature["created"], "2024-05-01T10:20:30.120Z");
    assert_eq!(signature["signatureValue"].as_str().unwrap().len(), 344);
}

#[test]
fn how_often_a_post_was_liked_is_not_signed() {
    let made = new_key().unwrap();
    let key = SigningKey::from_pkcs8("https://a.test/users/alice#main-key".into(), &made.private)
        .unwrap();
    let mut with = document(include_str!("data/linked/create.json"));
    with["object"]["likes"] = json!({"type": "Collection", "totalItems": 3});
    let signed = linked::signed(Value::Object(with), &key, Timestamp(0)).unwrap();
    assert!(!signed.contains("likes"), "{signed}");
}

#[test]
fn who_wants_a_signature() {
    let public = "https://www.w3.org/ns/activitystreams#Public";
    let read = |value: Value, secure| linked::is_wanted(&value, secure);
    for open in
        [json!({"type": "Create", "to": [public]}), json!({"type": "Announce", "cc": public})]
    {
        assert!(read(open.clone(), false), "{open}");
        assert!(!read(open, true), "not from hand to hand in secure mode");
    }
    assert!(!read(
        json!({"type": "Create", "to": ["https://a.test/users/alice/followers"]}),
        false
    ));
    assert!(read(
        json!({"type": "Update", "actor": "https://a.test/u", "object": {"id": "https://a.test/u"}}),
        false
    ));
    assert!(!read(
        json!({"type": "Update", "actor": "https://a.test/u", "object": {"id": "https://a.test/1"}}),
        false
    ));
    assert!(read(json!({"type": "Delete"}), true));
}

#[test]
fn what_is_not_understood_is_not_signed() {
    let with = |part: Value| {
        let mut document = document(include_str!("data/linked/delete.json"));
        document.extend(part.as_object().unwrap().clone());
        linked::canonical_text(&document)
    };
    for part in [
        json!({"surprise": 1}),
        json!({"type": "Surprise"}),
        json!({"@context": "https://elsewhere.test/context"}),
        json!({"@graph": []}),
        json!({"to": "nowhere:at all"}),
        json!({"to": "https://a.test/> <b"}),
    ] {
        assert!(matches!(with(part.clone()), Err(LinkedError::Unknown(_))), "{part}");
    }
}

#[test]
fn many_parts_that_look_alike_end_the_work() {
    let alike: Vec<Value> =
        (0..12).map(|_| json!({"type": "Note", "replies": {"type": "Collection"}})).collect();
    let twin = json!({"type": "Note", "tag": alike});
    let twins = json!({
        "@context": "https://www.w3.org/ns/activitystreams",
        "type": "Note",
        "tag": [twin.clone(), twin],
    });
    let twins = document(&twins.to_string());
    assert_eq!(linked::canonical_text(&twins), Err(LinkedError::TooAlike));
}
