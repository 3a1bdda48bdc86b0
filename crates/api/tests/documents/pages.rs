//! What stands in the documents, and how lists are cut.

use activitypub::{Object, Verb, parse};
use testkit::for_each_engine;

use crate::cast::Cast;

const BASE: &str = "http://localhost:3000";

fn local(uri: &activitypub::Uri) -> String {
    uri.as_str().strip_prefix(BASE).unwrap().to_owned()
}

#[tokio::test]
async fn actors_are_read_as_they_are_written() {
    for_each_engine(|store| async move {
        let cast = Cast::on(store).await;
        let path = "/api/v1/accounts/update_credentials";
        assert_eq!(cast.talk.send("PATCH", path, &cast.token, "note=about+me").await.status, 200);
        let answer = cast.get("nobody", "/users/Author").await;
        assert!(answer.text.contains("about me"));
        assert_eq!(answer.headers["content-type"], "application/activity+json; charset=utf-8");
        let actor = parse::actor(answer.text.as_bytes()).unwrap();
        assert_eq!(actor.id.as_str(), format!("{BASE}/users/author"));
        assert_eq!(actor.public_keys.len(), 1);
        assert_eq!(local(&actor.outbox.unwrap()), "/users/author/outbox");
        let instance = cast.get("nobody", "/actor").await;
        let instance = parse::actor(instance.text.as_bytes()).unwrap();
        assert_eq!(instance.preferred_username, "localhost.3000");
        // Who is blocked can still check who says so.
        assert_eq!(cast.get("blocked", "/users/author").await.status, 200);
        assert_eq!(cast.get("nobody", "/users/nobody").await.status, 404);
        app::accounts::suspend(&cast.server.app, cast.author.id, true).await.unwrap();
        let blank = cast.get("nobody", "/users/author").await;
        let blank = parse::actor(blank.text.as_bytes()).unwrap();
        assert!(blank.suspended && blank.summary.is_none_or(|text| text.is_empty()));
        for path in ["/users/author/outbox", "/users/author/followers", "/users/author/statuses/1"]
        {
            assert_eq!(cast.get("nobody", path).await.status, 403, "{path}");
        }
        app::accounts::delete(&cast.server.app, cast.author.id).await.unwrap();
        for path in ["/users/author", "/users/AUTHOR/outbox", "/users/author/statuses/1"] {
            let answer = cast.get("nobody", path).await;
            assert_eq!(
                (answer.status.as_u16(), answer.json()["type"].as_str()),
                (410, Some("Tombstone")),
                "{path}"
            );
        }
        let finger = "/.well-known/webfinger?resource=acct:author@localhost:3000";
        assert_eq!(cast.get("nobody", finger).await.status, 410);
    })
    .await;
}

#[tokio::test]
async fn an_outbox_is_read_page_by_page() {
    for_each_engine(|store| async move {
        let cast = Cast::on(store).await;
        let mut ids = Vec::new();
        for number in 0..45 {
            cast.server.clock.advance(1_000);
            ids.push(cast.post(&format!("status=number+{number}")).await);
        }
        let whole = cast.get("nobody", "/users/author/outbox").await;
        let whole = parse::collection(whole.text.as_bytes()).unwrap();
        assert_eq!(whole.total, Some(45));
        let mut next = whole.first;
        let (mut seen, mut lengths) = (Vec::new(), Vec::new());
        while let Some(page) = next {
            let answer = cast.get("nobody", &local(&page)).await;
            let page = parse::collection(answer.text.as_bytes()).unwrap();
            lengths.push(page.items.len());
            for item in &page.items {
                let Object::Activity(activity) = item else { panic!("{item:?}") };
                assert_eq!(activity.verb, Verb::Create);
                seen.push(activity.object.id().unwrap().clone());
            }
            next = page.next;
        }
        assert_eq!(lengths, [20, 20, 5]);
        let expected: Vec<_> =
            ids.iter().rev().map(|id| format!("{BASE}/users/author/statuses/{id}")).collect();
        assert_eq!(seen.iter().map(|uri| uri.as_str()).collect::<Vec<_>>(), expected);
        let last = cast.get("nobody", &local(&whole.last.unwrap())).await;
        let last = parse::collection(last.text.as_bytes()).unwrap();
        assert_eq!(last.items.len(), 20, "the oldest");
        let prev = cast.get("nobody", &local(&last.prev.unwrap())).await;
        assert!(prev.text.contains(&ids[20]), "{}", prev.text);
        // P07: cursors that are none are passed over.
        for cursor in ["max_id=-1", "max_id=x", "min_id=99999999999999999999", "page=2&page=3"] {
            let path = format!("/users/author/outbox?page=true&{cursor}");
            assert_eq!(cast.get("nobody", &path).await.status, 200, "{cursor}");
        }
    })
    .await;
}

#[tokio::test]
async fn followers_are_counted_for_all_and_listed_unless_hidden() {
    for_each_engine(|store| async move {
        let cast = Cast::on(store).await;
        cast.follow("stranger").await;
        let whole = cast.get("nobody", "/users/author/followers").await;
        let whole = parse::collection(whole.text.as_bytes()).unwrap();
        assert_eq!((whole.total, whole.items.len()), (Some(2), 0));
        let page = cast.get("nobody", &local(&whole.first.unwrap())).await;
        let page = parse::collection(page.text.as_bytes()).unwrap();
        assert_eq!(page.items.len(), 2);
        let following = cast.get("nobody", "/users/author/following").await;
        assert_eq!(parse::collection(following.text.as_bytes()).unwrap().total, Some(0));
        // Followers of the asker's host: signed only.
        let path = "/users/author/followers_synchronization";
        assert_eq!(cast.get("nobody", path).await.status, 401);
        let there = cast.get("instance", path).await;
        assert_eq!(parse::collection(there.text.as_bytes()).unwrap().items.len(), 2);
        assert_eq!(there.headers["cache-control"], "private, no-store");

        let form = "hide_collections=true";
        let path = "/api/v1/accounts/update_credentials";
        assert_eq!(cast.talk.send("PATCH", path, &cast.token, form).await.status, 200);
        let whole = cast.get("follower", "/users/author/followers").await;
        let whole = parse::collection(whole.text.as_bytes()).unwrap();
        assert_eq!((whole.total, whole.first), (Some(2), None));
        assert_eq!(cast.get("follower", "/users/author/followers?page=true").await.status, 404);
    })
    .await;
}

#[tokio::test]
async fn answers_are_listed_the_authors_first_and_threads_whole() {
    for_each_engine(|store| async move {
        let cast = Cast::on(store).await;
        let other = cast.server.account("other").await;
        let others_token = cast.server.token(other.id, "read write").await;
        let root = cast.post("status=root").await;
        let reply = format!("status=me+too&in_reply_to_id={root}");
        let answer = cast.talk.post("/api/v1/statuses", &others_token, &reply).await;
        let others = answer.json()["id"].as_str().unwrap().to_owned();
        let own = cast.post(&format!("status=and+more&in_reply_to_id={root}")).await;
        let whole = cast.get("nobody", &format!("/users/author/statuses/{root}/replies")).await;
        let whole = parse::collection(whole.text.as_bytes()).unwrap();
        let first = whole.first_page.unwrap();
        let ids = |items: &[Object]| -> Vec<String> {
            items.iter().map(|item| local(item.id().unwrap())).collect()
        };
        assert_eq!(ids(&first.items), [format!("/users/author/statuses/{own}")]);
        let next = cast.get("nobody", &local(&first.next.unwrap())).await;
        let next = parse::collection(next.text.as_bytes()).unwrap();
        assert_eq!(ids(&next.items), [format!("/users/other/statuses/{others}")]);
        assert_eq!(next.next, None);

        let note = cast.get("nobody", &format!("/users/author/statuses/{root}")).await.json();
        let context = note["context"].as_str().unwrap().strip_prefix(BASE).unwrap().to_owned();
        let thread = cast.get("nobody", &context).await;
        let thread = parse::collection(thread.text.as_bytes()).unwrap();
        assert_eq!(local(&thread.attributed_to.unwrap()), "/users/author");
        let page = thread.first_page.unwrap();
        assert_eq!(page.items.len(), 3);
        assert_eq!(page.next, None);
        for absent in ["/contexts/1", "/contexts/x", "/contexts/9223372036854775807"] {
            assert_eq!(cast.get("nobody", absent).await.status, 404, "{absent}");
        }
        // Whom the author blocks does not see the thread either.
        assert_eq!(cast.get("blocked", &context).await.status, 404);
    })
    .await;
}

#[tokio::test]
async fn a_boost_is_an_announce_and_no_note() {
    for_each_engine(|store| async move {
        let cast = Cast::on(store).await;
        let id = cast.post("status=hello").await;
        let path = format!("/api/v1/statuses/{id}/reblog");
        let boost = cast.talk.post(&path, &cast.token, "").await;
        let boost = boost.json()["id"].as_str().unwrap().to_owned();
        let answer = cast.get("nobody", &format!("/users/author/statuses/{boost}")).await;
        assert_eq!(answer.status, 302);
        assert_eq!(
            answer.headers["location"],
            format!("{BASE}/users/author/statuses/{id}").as_str()
        );
        let activity =
            cast.get("nobody", &format!("/users/author/statuses/{boost}/activity")).await;
        let activity = parse::activity(activity.text.as_bytes()).unwrap();
        assert_eq!(activity.verb, Verb::Announce);
        for tail in ["/likes", "/shares", "/replies"] {
            let path = format!("/users/author/statuses/{boost}{tail}");
            assert_eq!(cast.get("nobody", &path).await.status, 404, "{tail}");
        }
        let shares = cast.get("nobody", &format!("/users/author/statuses/{id}/shares")).await;
        assert_eq!(parse::collection(shares.text.as_bytes()).unwrap().total, Some(1));
        // Under another's name it is not there.
        cast.server.account("other").await;
        for tail in ["", "/activity", "/likes"] {
            let path = format!("/users/other/statuses/{id}{tail}");
            assert_eq!(cast.get("nobody", &path).await.status, 404, "{tail}");
        }
        let form = "name=Featured";
        assert_eq!(cast.talk.post("/api/v1/featured_tags", &cast.token, form).await.status, 200);
        let tags = cast.get("nobody", "/users/author/collections/tags").await.json();
        assert_eq!(
            (&tags["totalItems"], &tags["items"][0]["name"]),
            (&1.into(), &"#Featured".into())
        );
    })
    .await;
}

#[tokio::test]
async fn a_quote_carries_the_quoted_authors_permission() {
    for_each_engine(|store| async move {
        let cast = Cast::on(store).await;
        let other = cast.server.account("other").await;
        let token = cast.server.token(other.id, "read write").await;
        let quoted = cast.post("status=quote+me").await;
        let form = format!("status=look&quoted_status_id={quoted}");
        let answer = cast.talk.post("/api/v1/statuses", &token, &form).await;
        let quoting = answer.json()["id"].as_str().unwrap().to_owned();
        let note = cast.get("nobody", &format!("/users/other/statuses/{quoting}")).await.json();
        let path = format!("/users/author/quote_authorizations/{quoting}");
        assert_eq!(note["quote"], format!("{BASE}/users/author/statuses/{quoted}").as_str());
        assert_eq!(note["quoteAuthorization"], format!("{BASE}{path}").as_str());
        let answer = cast.get("stranger", &path).await;
        let Ok(Object::QuoteStamp(stamp)) = parse::object(answer.text.as_bytes()) else {
            panic!("{}", answer.text)
        };
        assert_eq!(local(&stamp.attributed_to), "/users/author");
        assert_eq!(local(&stamp.interacting_object), format!("/users/other/statuses/{quoting}"));
        assert_eq!(local(&stamp.interaction_target), format!("/users/author/statuses/{quoted}"));
        for absent in [
            format!("/users/author/quote_authorizations/{quoted}"),
            format!("/users/other/quote_authorizations/{quoting}"),
            "/users/author/quote_authorizations/1".to_owned(),
        ] {
            assert_eq!(cast.get("nobody", &absent).await.status, 404, "{absent}");
        }
        assert_eq!(cast.get("blocked", &path).await.status, 404);
        let gone = format!("/api/v1/statuses/{quoted}");
        assert_eq!(cast.talk.send("DELETE", &gone, &cast.token, "").await.status, 200);
        assert_eq!(cast.get("nobody", &path).await.status, 404);
    })
    .await;
}
