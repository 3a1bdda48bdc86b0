//! What documents of other servers become. The documents and where their shapes come from:
//! `crates/testkit/foreign/README.md`.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use activitypub::{Activity, Actor, ActorKind, Note, NoteKind, Object, PUBLIC, Uri, Verb, parse};
use domain::status::Visibility;
use domain::text::{clean, is_clean, strip};

macro_rules! foreign {
    ($path:literal) => {
        include_bytes!(concat!("../../testkit/foreign/", $path)).as_slice()
    };
}

fn actor(bytes: &[u8]) -> Actor {
    let actor = parse::actor(bytes).unwrap();
    assert_eq!(parse::object(bytes).unwrap(), Object::Actor(Box::new(actor.clone())));
    actor
}

fn note(bytes: &[u8]) -> Note {
    match parse::object(bytes).unwrap() {
        Object::Note(note) => *note,
        other => panic!("{other:?}"),
    }
}

/// An activity and the post in it.
fn with_note(bytes: &[u8]) -> (Activity, Note) {
    let activity = parse::activity(bytes).unwrap();
    match &activity.object {
        Object::Note(note) => (activity.clone(), (**note).clone()),
        other => panic!("{other:?}"),
    }
}

fn text(uri: Option<&Uri>) -> &str {
    uri.map_or("", Uri::as_str)
}

#[test]
fn mastodon() {
    let alice = actor(foreign!("mastodon/person.json"));
    assert_eq!(alice.preferred_username, "alice");
    assert_eq!(alice.fields[0].0, "Blog");
    assert_eq!(alice.public_keys[0].id.as_str(), "https://mastodon.example/users/alice#main-key");
    assert_eq!(text(alice.shared_inbox.as_ref()), "https://mastodon.example/inbox");
    assert_eq!((alice.emojis.len(), alice.hashtags.len()), (1, 1));
    assert_eq!(alice.attribution_domains, ["blog.example"]);
    assert_eq!((alice.discoverable, alice.indexable, alice.memorial), (Some(true), true, false));

    let (create, note) = with_note(foreign!("mastodon/create_note_with_quote.json"));
    assert_eq!(create.verb, Verb::Create);
    assert_eq!(note.audience.visibility(None), Visibility::Public);
    assert_eq!(note.language.as_deref(), Some("en"));
    assert_eq!(text(note.quote.as_ref()), "https://other.example/users/bob/statuses/9");
    assert!(note.quote_authorization.is_some());
    assert_eq!(note.quote_policy.automatic, [PUBLIC]);
    assert_eq!(note.attachments[0].focal_point, Some((0.25, -0.5)));
    assert_eq!(note.attachments[0].description.as_deref(), Some("A red train"));
    assert_eq!(note.mentions[0].name.as_deref(), Some("@bob@other.example"));
    let replies = note.replies.unwrap();
    assert_eq!((replies.items.len(), replies.next.is_some()), (1, true));
    assert_eq!(note.likes.unwrap().1, Some(4));
    let html = clean(note.content.as_deref().unwrap());
    assert!(html.starts_with("<p class=\"quote-inline\">RE: <a href="), "{html}");

    let (update, question) = with_note(foreign!("mastodon/update_question.json"));
    assert_eq!((update.verb, question.kind), (Verb::Update, NoteKind::Question));
    let poll = question.poll.unwrap();
    assert_eq!(poll.options, [("Steam".to_owned(), 2), ("Electric".to_owned(), 1)]);
    assert_eq!((poll.multiple, poll.voters_count, poll.closed.is_some()), (false, Some(3), true));
    assert_eq!((question.summary.as_deref(), question.sensitive), (Some("Trains"), true));

    let flag = parse::activity(foreign!("mastodon/flag.json")).unwrap();
    assert_eq!((flag.objects.len(), flag.content.as_deref()), (2, Some("Please look")));
    let jrd = parse::jrd(foreign!("mastodon/webfinger.json")).unwrap();
    assert_eq!(jrd.subject, "alice@mastodon.example");
    assert_eq!(jrd.actor, Some(alice.id));
    assert!(jrd.subscribe.unwrap().contains("{uri}"));
}

#[test]
fn gotosocial() {
    let carol = actor(foreign!("gotosocial/person.json"));
    assert_eq!(carol.public_keys[0].id.as_str(), "https://gts.example/users/carol/main-key");
    assert_eq!(carol.icon.unwrap().description.as_deref(), Some("A crab"));
    assert_eq!((carol.fields.len(), carol.hashtags.len()), (1, 1), "single values are lists");
    let keys = parse::keys(foreign!("gotosocial/main_key.json")).unwrap();
    assert_eq!(keys, carol.public_keys);
    assert!(parse::actor(foreign!("gotosocial/main_key.json")).is_err(), "a stub is no actor");

    let (create, note) = with_note(foreign!("gotosocial/create_note_with_policy.json"));
    assert_eq!(create.audience.visibility(None), Visibility::Public);
    assert_eq!(note.audience.cc, ["https://gts.example/users/carol/followers"]);
    assert_eq!(note.quote_policy.automatic, ["https://gts.example/users/carol"]);
    assert_eq!(note.quote_policy.manual, [PUBLIC]);
    assert_eq!(note.published, domain::Timestamp::parse("2024-07-01T08:00:00Z"));
    assert_eq!(note.summary, None);
}

#[test]
fn pleroma() {
    let dave = actor(foreign!("pleroma/person.json"));
    assert_eq!((dave.discoverable, dave.manually_approves_followers), (Some(false), true));
    assert_eq!(dave.emojis[0].shortcode, "cat");

    let (_, note) = with_note(foreign!("pleroma/create_note.json"));
    assert_eq!(note.attachments[0].url.as_str(), "https://pleroma.example/media/pic.png");
    assert_eq!(note.attachments[0].media_type.as_deref(), Some("image/png"));
    assert_eq!((note.mentions.len(), note.hashtags.len()), (1, 0), "a bare string is no tag");
    assert_eq!((note.language, note.sensitive), (None, false));
    assert_eq!(note.source.unwrap(), ("so **true** @alice".into(), "text/markdown".into()));
    assert!(note.in_reply_to.is_some() && note.context.is_some());

    let react = parse::activity(foreign!("pleroma/emoji_react.json")).unwrap();
    assert_eq!((react.verb, react.content.as_deref()), (Verb::EmojiReact, Some("🦀")));
}

#[test]
fn misskey() {
    let erin = actor(foreign!("misskey/person.json"));
    assert_eq!((erin.name, erin.summary, erin.image), (None, None, None));
    assert_eq!(erin.public_keys.len(), 1);

    let (_, note) = with_note(foreign!("misskey/create_quote.json"));
    assert_eq!(text(note.quote.as_ref()), "https://mastodon.example/users/alice/statuses/1101");
    assert_eq!(note.source.unwrap().1, "text/x.misskeymarkdown");
    assert_eq!(note.emojis[0].shortcode, "ok_hand");

    let like = parse::activity(foreign!("misskey/like_reaction.json")).unwrap();
    assert_eq!((like.verb, like.content.as_deref()), (Verb::Like, Some(":ok_hand:")));
    assert_eq!(like.emojis.len(), 1);
}

#[test]
fn lemmy() {
    let group = actor(foreign!("lemmy/group.json"));
    assert_eq!((group.kind, group.name.as_deref()), (ActorKind::Group, Some("Trains")));

    let announce = parse::activity(foreign!("lemmy/announce_create_page.json")).unwrap();
    assert_eq!((announce.verb, announce.actor), (Verb::Announce, group.id));
    let Object::Activity(create) = announce.object else { panic!("not passed on") };
    assert_eq!(
        (&create.verb, create.actor.as_str()),
        (&Verb::Create, "https://lemmy.example/u/frank")
    );
    let Object::Note(page) = create.object else { panic!("not embedded") };
    assert_eq!((page.kind, page.name.as_deref()), (NoteKind::Page, Some("A new train")));
    assert_eq!(page.language.as_deref(), Some("de"));
    let files: Vec<_> = page
        .attachments
        .iter()
        .map(|file| (file.url.as_str(), file.media_type.as_deref()))
        .collect();
    assert_eq!(
        files,
        [
            ("https://news.example/train", Some("text/html; charset=utf-8")),
            ("https://lemmy.example/pictrs/image/thumb.jpg", Some("image/jpeg")),
        ]
    );

    let comment = note(foreign!("lemmy/comment.json"));
    assert_eq!(text(comment.in_reply_to.as_ref()), "https://lemmy.example/post/29");
    assert_eq!(comment.audience.visibility(None), Visibility::Public);
    let message = note(foreign!("lemmy/private_message.json"));
    assert_eq!(message.audience.visibility(None), Visibility::Direct);
    assert_eq!(message.content.as_deref(), Some("<p>a *test* &lt;3</p>"));

    let announce = parse::activity(foreign!("lemmy/announce_undo_like.json")).unwrap();
    let Object::Activity(undo) = announce.object else { panic!("not passed on") };
    let Object::Activity(like) = undo.object else { panic!("not embedded") };
    assert_eq!((undo.verb, like.verb), (Verb::Undo, Verb::Like));
}

#[test]
fn peertube() {
    let video = note(foreign!("peertube/video.json"));
    assert_eq!((video.kind, video.name.as_deref()), (NoteKind::Video, Some("A microkernel")));
    assert_eq!(video.attributed_to.as_str(), "https://peertube.example/accounts/heidi");
    assert_eq!(text(video.url.as_ref()), "https://peertube.example/videos/watch/3f2b");
    assert_eq!(video.content.as_deref(), Some("<p>A **talk**</p><p>with &lt;tags&gt;</p>"));
    let [file] = video.attachments.as_slice() else { panic!("{:?}", video.attachments) };
    assert_eq!(file.url.as_str(), "https://peertube.example/hls/720.mp4");
    assert_eq!((file.width, file.height), (Some(1280), Some(720)));
    assert_eq!(text(file.preview.as_ref()), "https://peertube.example/previews/l.jpg");
    assert_eq!(
        (video.hashtags[0].name.as_str(), video.language.as_deref()),
        ("kernels", Some("en"))
    );
    let (likes, total) = video.likes.unwrap();
    assert_eq!((likes.is_some(), total), (true, None));
}

#[test]
fn wordpress() {
    let ivan = actor(foreign!("wordpress/person.json"));
    assert_eq!(ivan.webfinger.as_deref(), Some("ivan@blog.example"));
    assert_eq!(ivan.fields.len(), 1, "the link beside is no row");
    assert!(ivan.icon.is_some());

    let (_, article) = with_note(foreign!("wordpress/create_article.json"));
    assert_eq!((article.kind, article.name.as_deref()), (NoteKind::Article, Some("On maps")));
    assert_eq!(article.language.as_deref(), Some("en"));
    let files: Vec<&str> = article.attachments.iter().map(|file| file.url.as_str()).collect();
    assert_eq!(files, ["https://blog.example/u/1.jpg", "https://blog.example/u/cover.jpg"]);
    assert_eq!(
        clean(article.content.as_deref().unwrap()),
        "<p><strong>Why</strong></p><p>Because.</p>"
    );
    assert_eq!(strip(article.summary.as_deref().unwrap()), "A short one");
}

#[test]
fn pixelfed() {
    let (_, post) = with_note(foreign!("pixelfed/create_note.json"));
    assert_eq!((post.kind, post.attachments.len()), (NoteKind::Note, 6));
    assert_eq!(post.attachments[0].description.as_deref(), Some("Stickers on glass"));
    assert_eq!(post.attachments[1].description, None);
    assert!(post.attachments[0].blurhash.is_some());
    let boost = parse::activity(foreign!("pixelfed/announce.json")).unwrap();
    assert_eq!(boost.verb, Verb::Announce);
    assert!(matches!(boost.object, Object::Link(_)));
    assert_eq!(boost.published, domain::Timestamp::parse("2023-10-30T12:44:35Z"));
}

#[test]
fn mobilizon() {
    let group = actor(foreign!("mobilizon/group.json"));
    assert!(group.public_keys[0].pem.contains("RSA PUBLIC KEY"));
    let (create, event) = with_note(foreign!("mobilizon/create_event.json"));
    assert_eq!(create.actor.as_str(), "https://mobilizon.example/@leo");
    assert_eq!((event.kind, event.name.as_deref()), (NoteKind::Event, Some("Map evening")));
    assert_eq!(event.attributed_to, group.id);
    assert_eq!(event.language.as_deref(), Some("fr"));
    assert_eq!(event.attachments.len(), 2);
}

#[test]
fn streams_funkwhale_writefreely_gnusocial() {
    let mia = actor(foreign!("streams/person.json"));
    assert_eq!(mia.also_known_as.len(), 1);
    assert_eq!(
        mia.public_keys[0].id.as_str(),
        "https://streams.example/channel/mia?operation=getkey"
    );
    assert!(mia.fields.is_empty() && mia.hashtags.is_empty());

    let nils = actor(foreign!("funkwhale/person.json"));
    assert_eq!(text(nils.url.as_ref()), "https://funkwhale.example/@nils");
    let audio = note(foreign!("funkwhale/audio.json"));
    assert_eq!((audio.kind, &audio.attributed_to), (NoteKind::Audio, &nils.id));
    assert_eq!(audio.attachments[0].media_type.as_deref(), Some("audio/mpeg"));
    assert!(audio.attachments[0].preview.is_some());
    assert_eq!(text(audio.url.as_ref()), "https://funkwhale.example/library/tracks/7");

    let olga = actor(foreign!("writefreely/person.json"));
    assert_eq!(olga.shared_inbox, None);
    let admin = actor(foreign!("gnusocial/person.json"));
    assert!(admin.public_keys[0].id.as_str().ends_with("#public-key"));
}

#[test]
fn m01_html_of_every_server_is_clean_afterwards() {
    for bytes in [
        foreign!("mastodon/create_note_with_quote.json"),
        foreign!("misskey/create_quote.json"),
        foreign!("pleroma/create_note.json"),
        foreign!("pixelfed/create_note.json"),
        foreign!("wordpress/create_article.json"),
        foreign!("mobilizon/create_event.json"),
    ] {
        let (_, note) = with_note(bytes);
        let html = clean(note.content.as_deref().unwrap());
        assert!(is_clean(&html) && !html.is_empty(), "{html}");
    }
}
