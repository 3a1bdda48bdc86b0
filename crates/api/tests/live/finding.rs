//! Notifications, conversations and search as clients see them, on both engines.

use super::support::Place;
use serde_json::Value;
use testkit::for_each_engine;

const ALL: &str = "read write follow";

fn ids(list: &Value) -> Vec<String> {
    list.as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn notifications_are_listed_counted_grouped_and_dismissed() {
    for_each_engine(|store| async move {
        let place = Place::on(store).await;
        let (_, alice) = place.user("alice", ALL).await;
        let id = place.post(&alice, "status=hello").await;
        for name in ["bob", "carol"] {
            let (_, token) = place.user(name, ALL).await;
            place.talk.post(&format!("/api/v1/statuses/{id}/favourite"), &token, "").await;
            place.post(&token, "status=@alice+hi").await;
        }
        let get = |path: &'static str| {
            let (talk, alice) = (place.talk.clone(), alice.clone());
            async move {
                let answer = talk.get(path, &alice).await;
                assert_eq!(answer.status, 200, "{path}: {}", answer.text);
                answer.json()
            }
        };
        let list = get("/api/v1/notifications").await;
        assert_eq!(ids(&list).len(), 4);
        assert_eq!(list[0]["type"], "mention");
        assert!(list[0]["status"]["id"].is_string());
        let kind = |list: &Value| list[0]["type"].as_str().unwrap().to_owned();
        let favourites = get("/api/v1/notifications?types[]=favourite&types[]=nonsense").await;
        assert_eq!((ids(&favourites).len(), kind(&favourites)), (2, "favourite".into()));
        assert_eq!(ids(&get("/api/v1/notifications?exclude_types[]=mention").await).len(), 2);
        assert_eq!(get("/api/v1/notifications/unread_count").await["count"], 4);
        assert_eq!(get("/api/v1/notifications/unread_count?limit=3").await["count"], 3);
        let page = get("/api/v2/notifications?expand_accounts=partial_avatars").await;
        let groups = page["notification_groups"].as_array().unwrap();
        assert_eq!(groups.len(), 3, "{page}");
        let group = groups.iter().find(|group| group["type"] == "favourite").unwrap();
        assert_eq!(group["notifications_count"], 2);
        assert_eq!(group["sample_account_ids"].as_array().unwrap().len(), 2);
        assert_eq!(group["status_id"], id.as_str());
        assert!(group["most_recent_notification_id"].is_i64());
        assert_eq!(page["statuses"].as_array().unwrap().len(), 3);
        assert_eq!(
            page["accounts"].as_array().unwrap().len()
                + page["partial_accounts"].as_array().unwrap().len(),
            2
        );
        assert_eq!(get("/api/v2/notifications/unread_count").await["count"], 3);
        let alone = get("/api/v2/notifications?grouped_types[]=follow").await;
        assert_eq!(alone["notification_groups"].as_array().unwrap().len(), 4);
        let key = group["group_key"].as_str().unwrap();
        let shown = place.talk.get(&format!("/api/v2/notifications/{key}"), &alice).await.json();
        assert_eq!(shown["notification_groups"][0]["notifications_count"], 2);
        let path = format!("/api/v2/notifications/{key}/accounts");
        assert_eq!(ids(&place.talk.get(&path, &alice).await.json()).len(), 2);
        place.talk.post(&format!("/api/v2/notifications/{key}/dismiss"), &alice, "").await;
        let left = ids(&get("/api/v1/notifications").await);
        assert_eq!(left.len(), 2);
        place.talk.post(&format!("/api/v1/notifications/{}/dismiss", left[0]), &alice, "").await;
        let gone = place.talk.get(&format!("/api/v1/notifications/{}", left[0]), &alice).await;
        assert_eq!(gone.status, 404);
        place.talk.post("/api/v1/notifications/clear", &alice, "").await;
        assert!(ids(&get("/api/v1/notifications").await).is_empty());
    })
    .await;
}

#[tokio::test]
async fn what_the_policy_keeps_back_waits_as_requests() {
    for_each_engine(|store| async move {
        let place = Place::on(store).await;
        let (_, alice) = place.user("alice", ALL).await;
        let (_, bob) = place.user("bob", ALL).await;
        place.post(&bob, "status=@alice+psst&visibility=direct").await;
        let list = place.talk.get("/api/v1/notifications", &alice).await.json();
        assert!(ids(&list).is_empty(), "private mentions out of nowhere are kept back: {list}");
        let all = place.talk.get("/api/v1/notifications?include_filtered=true", &alice).await;
        assert_eq!(ids(&all.json()).len(), 1);
        let policy = place.talk.get("/api/v2/notifications/policy", &alice).await.json();
        assert_eq!(policy["for_private_mentions"], "filter");
        assert_eq!(policy["summary"]["pending_requests_count"], 1);
        let requests = place.talk.get("/api/v1/notifications/requests", &alice).await.json();
        assert_eq!(requests[0]["account"]["username"], "bob");
        assert_eq!(requests[0]["notifications_count"], "1");
        assert!(requests[0]["last_status"].is_object());
        let path =
            format!("/api/v1/notifications/requests/{}", requests[0]["id"].as_str().unwrap());
        assert_eq!(place.talk.get(&path, &alice).await.status, 200);
        assert_eq!(place.talk.get(&path, &bob).await.status, 404, "somebody else's");
        assert_eq!(place.talk.post(&format!("{path}/accept"), &bob, "").await.status, 404);
        assert_eq!(place.talk.post(&format!("{path}/accept"), &alice, "").await.status, 200);
        let list = place.talk.get("/api/v1/notifications", &alice).await.json();
        assert_eq!(ids(&list).len(), 1);
        place.post(&bob, "status=@alice+again&visibility=direct").await;
        let list = place.talk.get("/api/v1/notifications", &alice).await.json();
        assert_eq!(ids(&list).len(), 2, "accepted for good");
        let policy = place
            .talk
            .send("PATCH", "/api/v2/notifications/policy", &alice, "for_not_following=drop")
            .await
            .json();
        assert_eq!(policy["for_not_following"], "drop");
        let (_, carol) = place.user("carol", ALL).await;
        place.post(&carol, "status=@alice+hello").await;
        let all = place.talk.get("/api/v1/notifications?include_filtered=true", &alice).await;
        assert_eq!(ids(&all.json()).len(), 2, "dropped, not kept back");
        let wrong = place
            .talk
            .send("PUT", "/api/v2/notifications/policy", &alice, "for_not_following=x")
            .await;
        assert_eq!(wrong.status, 422);
        let old = place.talk.get("/api/v1/notifications/policy", &alice).await.json();
        assert_eq!(old["filter_not_following"], true);
    })
    .await;
}

#[tokio::test]
async fn conversations_follow_direct_statuses() {
    for_each_engine(|store| async move {
        let place = Place::on(store).await;
        let (_, alice) = place.user("alice", ALL).await;
        let (_, bob) = place.user("bob", ALL).await;
        let (_, carol) = place.user("carol", ALL).await;
        let list = |token: &str| {
            let (talk, token) = (place.talk.clone(), token.to_owned());
            async move { talk.get("/api/v1/conversations", &token).await.json() }
        };
        place.post(&bob, "status=@alice+public").await;
        assert!(ids(&list(&alice).await).is_empty(), "only direct ones");
        let first = place.post(&bob, "status=@alice+one&visibility=direct").await;
        let form = format!("status=@bob+two&visibility=direct&in_reply_to_id={first}");
        let second = place.post(&alice, &form).await;
        let (theirs, mine) = (list(&bob).await, list(&alice).await);
        assert_eq!((ids(&theirs).len(), ids(&mine).len()), (1, 1));
        assert_eq!((&theirs[0]["unread"], &mine[0]["unread"]), (&true.into(), &false.into()));
        assert_eq!(theirs[0]["last_status"]["id"], second.as_str());
        assert_eq!(theirs[0]["accounts"][0]["username"], "alice");
        assert!(ids(&list(&carol).await).is_empty());
        let path = format!("/api/v1/conversations/{}", theirs[0]["id"].as_str().unwrap());
        let read = place.talk.post(&format!("{path}/read"), &bob, "").await.json();
        assert_eq!(read["unread"], false);
        let unread = place.talk.post(&format!("{path}/unread"), &bob, "").await.json();
        assert_eq!(unread["unread"], true);
        assert_eq!(place.talk.post(&format!("{path}/read"), &alice, "").await.status, 404);
        // With other people it is another conversation.
        let form = format!("status=@bob+@carol+three&visibility=direct&in_reply_to_id={second}");
        place.post(&alice, &form).await;
        assert_eq!(ids(&list(&bob).await).len(), 2);
        let pages = place.talk.get("/api/v1/conversations?limit=1", &bob).await;
        assert!(pages.headers["link"].to_str().unwrap().contains("max_id="));
        // Deleting the newest status steps back to the one before.
        place.talk.send("DELETE", &format!("/api/v1/statuses/{second}"), &alice, "").await;
        assert!(
            list(&bob)
                .await
                .as_array()
                .unwrap()
                .iter()
                .all(|one| one["last_status"]["id"] != second.as_str())
        );
        assert_eq!(place.talk.send("DELETE", &path, &bob, "").await.status, 200);
        assert_eq!(place.talk.send("DELETE", &path, &bob, "").await.status, 404);
        assert_eq!(ids(&list(&bob).await).len(), 1);
    })
    .await;
}

#[tokio::test]
async fn search_finds_what_the_searcher_may_see_and_nothing_else() {
    for_each_engine(|store| async move {
        let place = Place::on(store).await;
        let (_, alice) = place.user("alice", ALL).await;
        let (_, bob) = place.user("bob", ALL).await;
        let (_, carol) = place.user("carol", ALL).await;
        let own = place.post(&alice, "status=Crème+brûlée+recipe").await;
        let named = place.post(&bob, "status=@alice+brulee+for+you&visibility=direct").await;
        let other = place.post(&bob, "status=brulee+in+public+%23dessert").await;
        let find = |token: &str, query: &str| {
            let (talk, token) = (place.talk.clone(), token.to_owned());
            let path = format!("/api/v2/search?{query}");
            async move {
                let answer = talk.get(&path, &token).await;
                assert_eq!(answer.status, 200, "{path}: {}", answer.text);
                answer.json()
            }
        };
        let found = find(&alice, "q=BRULEE").await;
        assert_eq!(ids(&found["statuses"]), [named.clone(), own.clone()], "newest first");
        place.talk.post(&format!("/api/v1/statuses/{other}/favourite"), &alice, "").await;
        let found = find(&alice, "q=brul&type=statuses").await;
        assert_eq!(ids(&found["statuses"]), [other.clone(), named, own.clone()]);
        assert!(ids(&find(&carol, "q=brulee").await["statuses"]).is_empty());
        assert!(ids(&find("", "q=brulee").await["statuses"]).is_empty());
        place
            .talk
            .send("PUT", &format!("/api/v1/statuses/{own}"), &alice, "status=東京タワー")
            .await;
        place.work().await;
        assert_eq!(
            ids(&find(&alice, "q=%E4%BA%AC%E3%82%BF").await["statuses"]),
            std::slice::from_ref(&own)
        );
        assert!(!ids(&find(&alice, "q=recipe").await["statuses"]).contains(&own));
        let found = find(&alice, "q=%23dess").await;
        assert_eq!(found["hashtags"][0]["name"], "dessert");
        assert_eq!(find(&alice, "q=@bo").await["accounts"][0]["username"], "bob");
        let base = "http://localhost:3000";
        let found = find(&alice, &format!("q={base}/@bob&resolve=true")).await;
        assert_eq!(found["accounts"][0]["username"], "bob");
        let found = find(&alice, &format!("q={base}/@bob/{other}")).await;
        assert_eq!(ids(&found["statuses"]), std::slice::from_ref(&other));
        place.talk.send("DELETE", &format!("/api/v1/statuses/{own}"), &alice, "").await;
        assert!(ids(&find(&alice, "q=%E6%9D%B1%E4%BA%AC").await["statuses"]).is_empty());
        for (path, status) in [
            ("/api/v2/search?q=a&resolve=true", 401),
            ("/api/v2/search?q=a&offset=5", 401),
            ("/api/v2/search?q=a&limit=-1", 400),
            ("/api/v2/search", 400),
            ("/api/v1/search?q=a", 404),
        ] {
            assert_eq!(place.talk.get(path, "").await.status, status, "{path}");
        }
    })
    .await;
}

#[tokio::test]
async fn p06_search_syntax_is_taken_literally() {
    for_each_engine(|store| async move {
        let place = Place::on(store).await;
        let (_, alice) = place.user("alice", ALL).await;
        let (_, odd) = place.user("under_score", ALL).await;
        let id = place.post(&alice, "status=cats+and+dogs").await;
        let get = |path: String| {
            let (talk, alice) = (place.talk.clone(), alice.clone());
            async move {
                let answer = talk.get(&path, &alice).await;
                assert_eq!(answer.status, 200, "{path}: {}", answer.text);
                answer.json()
            }
        };
        let encode =
            |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        for text in [
            "\"",
            "'",
            "\\",
            "%",
            "_",
            "!",
            "*",
            "(",
            ")",
            "cats OR",
            "cats NOT dogs",
            "NEAR(cats dogs)",
            "tokens:cats",
            "cats*dogs",
            "a'; DROP TABLE statuses; --",
            "' | 'x",
            "cats & | !",
            ":*",
            "cats\u{0}dogs",
            "^cats",
            "{cats}",
            "\u{FFFD}\u{202E}",
        ] {
            get(format!("/api/v2/search?q={}", encode(text))).await;
            get(format!("/api/v1/accounts/search?q={}", encode(text))).await;
        }
        // A zero byte is left out, so that this asks for nothing.
        assert_eq!(place.talk.get("/api/v2/search?q=%00", &alice).await.status, 400);
        let found = get(format!("/api/v2/search?q={}", encode("\"cats\" & (dogs)*"))).await;
        assert_eq!(ids(&found["statuses"]), [id]);
        for wild in ["%", "under%", "unde_", "a_ice"] {
            let found = get(format!("/api/v1/accounts/search?q={}", encode(wild))).await;
            assert!(ids(&found).is_empty(), "{wild} is no pattern: {found}");
        }
        assert_eq!(ids(&get("/api/v1/accounts/search?q=under_".into()).await).len(), 1);
        drop(odd);
    })
    .await;
}
