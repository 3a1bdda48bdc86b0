//! What is built, against what Mastodon sends (`federation.md` §4–§7).

use domain::Timestamp;
use serde_json::{Value, json};

use super::*;
use crate::{Activity, Audience, NoteKind, Object, PUBLIC, QuotePolicy, Replies, Verb};

fn uri(text: &str) -> Uri {
    Uri::parse(text).unwrap()
}

fn read(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn minimal(id: &str) -> Note {
    let bytes = json!({"id": id, "type": "Note", "attributedTo": "https://a.test/users/alice"});
    match crate::parse::object(bytes.to_string().as_bytes()) {
        Ok(Object::Note(note)) => *note,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_post_is_a_note_as_mastodon_sends_it() {
    let note = Note {
        content: Some("<p>Hi</p>".into()),
        language: Some("en".into()),
        published: Some(Timestamp(1_714_558_830_120)),
        audience: Audience {
            to: vec![PUBLIC.into()],
            cc: vec!["https://a.test/users/alice/followers".into()],
        },
        mentions: vec![crate::MentionTag {
            href: uri("https://b.test/users/bob"),
            name: Some("@bob@b.test".into()),
        }],
        hashtags: vec![crate::HashtagTag {
            name: "Rust".into(),
            href: Some(uri("https://a.test/tags/rust")),
        }],
        replies: Some(Replies {
            id: Some(uri("https://a.test/1/replies")),
            items: vec![],
            next: Some(uri("https://a.test/1/replies?page=true")),
        }),
        likes: Some((Some(uri("https://a.test/1/likes")), Some(3))),
        quote: Some(uri("https://b.test/2")),
        quote_policy: QuotePolicy { automatic: vec![PUBLIC.into()], manual: vec![] },
        ..minimal("https://a.test/1")
    };
    let built = read(&super::note(&note));
    let mut fields = built.clone();
    assert_eq!(fields["@context"][0], "https://www.w3.org/ns/activitystreams");
    fields.as_object_mut().unwrap().remove("@context");
    assert_eq!(
        fields,
        json!({
            "id": "https://a.test/1",
            "type": "Note",
            "attributedTo": "https://a.test/users/alice",
            "to": [PUBLIC],
            "cc": ["https://a.test/users/alice/followers"],
            "content": "<p>Hi</p>",
            "contentMap": {"en": "<p>Hi</p>"},
            "sensitive": false,
            "published": "2024-05-01T10:20:30.120Z",
            "tag": [
                {"type": "Mention", "href": "https://b.test/users/bob", "name": "@bob@b.test"},
                {"type": "Hashtag", "href": "https://a.test/tags/rust", "name": "#Rust"},
            ],
            "replies": {
                "id": "https://a.test/1/replies",
                "type": "Collection",
                "first": {
                    "type": "CollectionPage",
                    "next": "https://a.test/1/replies?page=true",
                    "partOf": "https://a.test/1/replies",
                    "items": [],
                },
            },
            "likes": {"id": "https://a.test/1/likes", "type": "Collection", "totalItems": 3},
            "quote": "https://b.test/2",
            "quoteUri": "https://b.test/2",
            "_misskey_quote": "https://b.test/2",
            "interactionPolicy": {"canQuote": {"automaticApproval": [PUBLIC]}},
        })
    );
}

#[test]
fn every_word_of_a_document_stands_in_its_context() {
    let words = |text: &str| {
        let built = read(text);
        let context = built["@context"].as_array().unwrap().clone();
        let map = context.iter().find_map(Value::as_object).unwrap().clone();
        map.keys().cloned().collect::<Vec<String>>()
    };
    let of_notes = words(&super::note(&minimal("https://a.test/1")));
    for word in ["votersCount", "blurhash", "focalPoint", "quote", "canQuote", "Emoji", "Hashtag"] {
        assert!(of_notes.iter().any(|known| known == word), "{word}");
    }
    let stamp = QuoteStamp {
        id: uri("https://a.test/q"),
        attributed_to: uri("https://a.test/users/alice"),
        interacting_object: uri("https://b.test/2"),
        interaction_target: uri("https://a.test/1"),
    };
    assert!(words(&quote_stamp(&stamp)).iter().any(|word| word == "interactingObject"));
}

#[test]
fn a_context_stands_on_the_outside_only() {
    let author = uri("https://a.test/users/alice");
    let note = minimal("https://a.test/1");
    let activity =
        Activity::new(Verb::Create, author.clone(), Object::Note(Box::new(note.clone())));
    let built = super::activity(&activity);
    assert_eq!(built.matches("@context").count(), 1);
    assert!(built.contains("toot:votersCount"));
    let plain = Activity::new(Verb::Follow, author, Object::Link(uri("https://b.test/users/bob")));
    assert_eq!(
        read(&super::activity(&plain)),
        json!({
            "@context": "https://www.w3.org/ns/activitystreams",
            "type": "Follow",
            "actor": "https://a.test/users/alice",
            "object": "https://b.test/users/bob",
        })
    );
}

#[test]
fn a_vote_has_a_name_and_no_content() {
    let vote = Note {
        name: Some("Yes".into()),
        in_reply_to: Some(uri("https://b.test/poll")),
        audience: Audience { to: vec!["https://b.test/users/bob".into()], cc: vec![] },
        ..minimal("https://a.test/votes/1")
    };
    let built = read(&super::note(&vote));
    assert_eq!(built["name"], "Yes");
    assert!(built.get("content").is_none());
    assert!(built.get("contentMap").is_none());
}

#[test]
fn a_poll_is_a_question() {
    let mut note = minimal("https://a.test/1");
    note.kind = NoteKind::Question;
    note.poll = Some(crate::Question {
        options: vec![("Yes".into(), 2), ("No".into(), 0)],
        multiple: true,
        end_time: Some(Timestamp(1_714_558_830_000)),
        closed: None,
        voters_count: Some(2),
    });
    let built = read(&super::note(&note));
    assert_eq!(built["type"], "Question");
    assert_eq!(
        built["anyOf"][0],
        json!({"type": "Note", "name": "Yes", "replies": {"type": "Collection", "totalItems": 2}})
    );
    assert_eq!(built["endTime"], "2024-05-01T10:20:30.000Z");
    assert_eq!(built["votersCount"], 2);
    assert!(built.get("oneOf").is_none());
}

#[test]
fn an_actor_has_one_key_and_its_addresses() {
    let bytes = json!({
        "id": "https://a.test/users/alice",
        "type": "Person",
        "preferredUsername": "alice",
        "inbox": "https://a.test/users/alice/inbox",
        "endpoints": {"sharedInbox": "https://a.test/inbox"},
        "attachment": [{"type": "PropertyValue", "name": "Site", "value": "<a>x</a>"}],
        "publicKey": {
            "id": "https://a.test/users/alice#main-key",
            "owner": "https://a.test/users/alice",
            "publicKeyPem": "-----BEGIN PUBLIC KEY-----",
        },
    });
    let actor = crate::parse::actor(bytes.to_string().as_bytes()).unwrap();
    let built = read(&super::actor(&actor));
    assert_eq!(built["publicKey"], bytes["publicKey"]);
    assert_eq!(built["endpoints"], bytes["endpoints"]);
    assert_eq!(built["attachment"], bytes["attachment"]);
    assert_eq!(built["tag"], json!([]));
    assert_eq!(built["manuallyApprovesFollowers"], false);
    assert!(built.get("discoverable").is_none());
    assert_eq!(built["@context"][1], "https://w3id.org/security/v1");
}

#[test]
fn collections_say_what_they_hide() {
    let whole = Collection {
        id: Some(uri("https://a.test/c")),
        is_ordered: true,
        total: Some(0),
        ..Collection::default()
    };
    assert_eq!(read(&collection(&whole))["orderedItems"], json!([]));
    let hidden = Collection { total: Some(7), ..whole.clone() };
    let built = read(&collection(&hidden));
    assert_eq!(built["totalItems"], 7);
    assert!(built.get("orderedItems").is_none());
    let paged = Collection { first: Some(uri("https://a.test/c?page=1")), ..hidden };
    assert_eq!(read(&collection(&paged))["first"], "https://a.test/c?page=1");
    let page = Collection {
        is_page: true,
        items: vec![Object::Hashtag(crate::HashtagTag { name: "Rust".into(), href: None })],
        ..whole
    };
    let built = read(&collection(&page));
    assert_eq!(built["type"], "OrderedCollectionPage");
    assert_eq!(built["orderedItems"], json!([{"type": "Hashtag", "name": "#Rust"}]));
    assert_eq!(built["@context"][1]["Hashtag"], "as:Hashtag");
}

#[test]
fn a_tombstone_is_all_that_is_left() {
    assert_eq!(
        read(&tombstone(&uri("https://a.test/1"))),
        json!({
            "@context": "https://www.w3.org/ns/activitystreams",
            "id": "https://a.test/1",
            "type": "Tombstone",
        })
    );
}
