//! Rules about domains as people see them, and WebFinger.

use app::domain_rules::{self, Change, Severity};
use testkit::for_each_engine;

use crate::cast::Cast;
use crate::secure::change;

#[tokio::test]
async fn people_see_the_rules_and_not_what_is_starred_out() {
    for_each_engine(|store| async move {
        let cast = Cast::on(store).await;
        let app = &cast.server.app;
        for rule in [
            change("quiet.test", Severity::Silence),
            change("noop.test", Severity::Noop),
            Change {
                obfuscate: true,
                public_comment: "spam".into(),
                private_comment: "secret".into(),
                ..change("a-bad-place.test", Severity::Suspend)
            },
        ] {
            domain_rules::set(app, rule).await.unwrap();
        }
        let answer = cast.talk.get("/api/v1/instance/domain_blocks", "").await;
        let listed = answer.json();
        assert_eq!(listed.as_array().unwrap().len(), 2, "{}", answer.text);
        assert_eq!(listed[0]["severity"], "suspend");
        assert_eq!(listed[0]["comment"], "spam");
        assert_eq!(listed[0]["digest"], domain_rules::digest("a-bad-place.test").as_str());
        assert_eq!(listed[0]["domain"], "a-bad******.test");
        assert_eq!(listed[1]["domain"], "quiet.test");
        assert!(!answer.text.contains("secret"));
    })
    .await;
}

#[tokio::test]
async fn webfinger_answers_for_both_hosts_and_for_the_server() {
    for_each_engine(|store| async move {
        let cast = Cast::with(store, |config| {
            config.server.domain = Some("handles.test".into());
            config.server.url = Some("http://web.handles.test".into());
        })
        .await;
        let ask = |resource: &str| {
            let path = format!("/.well-known/webfinger?resource={resource}");
            let cast = &cast;
            async move { cast.talk.get(&path, "").await }
        };
        for resource in [
            "acct:author@handles.test",
            "acct:author@web.handles.test",
            "acct:AUTHOR@Handles.Test",
            "@author@handles.test",
            "http://web.handles.test/@author",
            "http://web.handles.test/users/author",
        ] {
            let answer = ask(resource).await;
            let jrd = activitypub::parse::jrd(answer.text.as_bytes()).unwrap();
            assert_eq!(jrd.subject, "author@handles.test", "{resource}");
            assert_eq!(jrd.actor.unwrap().as_str(), "http://web.handles.test/users/author");
            let subscribe = "http://web.handles.test/authorize_interaction?uri={uri}";
            assert_eq!(jrd.subscribe.as_deref(), Some(subscribe));
        }
        for resource in [
            "acct:handles.test@handles.test",
            "acct:handles.test@web.handles.test",
            "acct:web.handles.test@web.handles.test",
            "http://web.handles.test/actor",
        ] {
            let answer = ask(resource).await;
            let jrd = activitypub::parse::jrd(answer.text.as_bytes()).unwrap();
            assert_eq!(jrd.subject, "handles.test@handles.test", "{resource}");
            assert_eq!(jrd.actor.unwrap().as_str(), "http://web.handles.test/actor");
        }
        for resource in ["acct:author@elsewhere.test", "author", "http://handles.test.evil/@author"]
        {
            assert_eq!(ask(resource).await.status, 404, "{resource}");
        }
        app::accounts::suspend(&cast.server.app, cast.author.id, true).await.unwrap();
        assert_eq!(ask("acct:author@handles.test").await.status, 410);
    })
    .await;
}
