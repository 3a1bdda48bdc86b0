//! Filters, lists, hashtags, schedules, reports, push and the server's own words, through the API.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use serde_json::Value;
use testkit::{Answer, Server, Talk, for_each_engine};

struct Person {
    id: String,
    token: String,
}

struct House {
    server: Server,
    talk: Talk,
    alice: Person,
    bob: Person,
}

async fn person(server: &Server, name: &str) -> Person {
    let account = server.account(name).await;
    let token = server.token(account.id, "read write follow push").await;
    Person { id: account.id.to_string(), token }
}

impl House {
    async fn on(store: store::Store) -> Self {
        let server = Server::with(store, |config| {
            config.instance.rules = vec!["Be kind".into(), "No spam".into()];
        });
        let talk = Talk::to(api::router(server.app.clone()));
        let (alice, bob) = (person(&server, "alice").await, person(&server, "bob").await);
        Self { server, talk, alice, bob }
    }

    async fn say(&self, who: &Person, form: &str) -> String {
        self.server.clock.advance(10);
        let answer = self.talk.post("/api/v1/statuses", &who.token, form).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        app::jobs::run_all(&self.server.app).await.unwrap();
        text(&answer.json()["id"])
    }

    async fn ok(&self, method: &str, path: &str, who: &Person, form: &str) -> Value {
        let answer = self.talk.send(method, path, &who.token, form).await;
        assert_eq!(answer.status, 200, "{method} {path} {answer:?}");
        answer.json()
    }

    async fn status(&self, method: &str, path: &str, who: &Person, form: &str) -> u16 {
        code(&self.talk.send(method, path, &who.token, form).await)
    }

    async fn ids(&self, path: &str, who: &Person) -> Vec<String> {
        let list = self.ok("GET", path, who, "").await;
        list.as_array().unwrap().iter().map(|entry| text(&entry["id"])).collect()
    }
}

fn code(answer: &Answer) -> u16 {
    answer.status.as_u16()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_status_says_which_filters_of_its_reader_it_hits() {
    for_each_engine(|store| async move {
        let house = House::on(store).await;
        let (alice, bob) = (&house.alice, &house.bob);
        let form = "title=animals&context[]=home&filter_action=hide&expires_in=600\
            &keywords_attributes[][keyword]=cat&keywords_attributes[][whole_word]=true";
        let filter = house.ok("POST", "/api/v2/filters", alice, form).await;
        let hit = house.say(bob, "status=My+CAT").await;
        let miss = house.say(bob, "status=concatenate").await;
        let warned = house.say(bob, "status=x&spoiler_text=a+cat+inside").await;
        let asked = house
            .say(bob, "status=which&poll[options][]=cat&poll[options][]=dog&poll[expires_in]=300")
            .await;
        house.server.clock.advance(10);
        let boost = house.ok("POST", &format!("/api/v1/statuses/{hit}/reblog"), alice, "").await;
        for (id, expected) in [(&hit, 1), (&miss, 0), (&warned, 1), (&asked, 1)] {
            let status = house.ok("GET", &format!("/api/v1/statuses/{id}"), alice, "").await;
            assert_eq!(status["filtered"].as_array().unwrap().len(), expected, "{status}");
        }
        assert_eq!(boost["filtered"][0]["keyword_matches"][0], "cat");
        assert_eq!(boost["reblog"]["filtered"][0]["filter"]["id"], filter["id"]);
        let path = format!("/api/v1/statuses/{hit}");
        assert_eq!(house.ok("GET", &path, bob, "").await["filtered"], Value::Array(vec![]));
        let entry = format!("status_id={miss}");
        let path = format!("/api/v2/filters/{}/statuses", text(&filter["id"]));
        house.ok("POST", &path, alice, &entry).await;
        let named = house.ok("GET", &format!("/api/v1/statuses/{miss}"), alice, "").await;
        assert_eq!(named["filtered"][0]["status_matches"][0], miss.as_str());
        house.server.clock.advance(601_000);
        let later = house.ok("GET", &format!("/api/v1/statuses/{hit}"), alice, "").await;
        assert_eq!(later["filtered"], Value::Array(vec![]), "the filter has ended");
    })
    .await;
}

#[tokio::test]
async fn the_older_filters_are_keywords_of_the_newer() {
    for_each_engine(|store| async move {
        let house = House::on(store).await;
        let alice = &house.alice;
        let form = "phrase=o'r+%25_&context[]=home&irreversible=true&expires_in=60";
        let old = house.ok("POST", "/api/v1/filters", alice, form).await;
        assert_eq!(
            (old["phrase"].as_str(), old["irreversible"].as_bool()),
            (Some("o'r %_"), Some(true))
        );
        let new = house.ok("GET", "/api/v2/filters", alice, "").await;
        assert_eq!(new[0]["keywords"][0]["id"], old["id"]);
        assert_eq!(new[0]["filter_action"], "hide");
        let path = format!("/api/v1/filters/{}", text(&old["id"]));
        let changed = house.ok("PUT", &path, alice, "phrase=x&context[]=thread&expires_in=").await;
        assert_eq!(changed["expires_at"], Value::Null);
        let more = format!("/api/v2/filters/{}/keywords", text(&new[0]["id"]));
        house.ok("POST", &more, alice, "keyword=y").await;
        let refused = house.status("PUT", &path, alice, "phrase=x&context[]=home").await;
        assert_eq!(refused, 422, "the change would concern another keyword");
        house.ok("DELETE", &path, alice, "").await;
        assert_eq!(
            house.ok("GET", "/api/v2/filters", alice, "").await.as_array().unwrap().len(),
            1
        );
    })
    .await;
}

#[tokio::test]
async fn a_list_shows_its_members_and_an_exclusive_one_takes_them_out_of_home() {
    for_each_engine(|store| async move {
        let house = House::on(store).await;
        let (alice, bob) = (&house.alice, &house.bob);
        let list = text(&house.ok("POST", "/api/v1/lists", alice, "title=pals").await["id"]);
        let members = format!("/api/v1/lists/{list}/accounts");
        let form = format!("account_ids[]={}", bob.id);
        assert_eq!(house.status("POST", &members, alice, &form).await, 422, "not followed");
        house.ok("POST", &format!("/api/v1/accounts/{}/follow", bob.id), alice, "").await;
        house.ok("POST", &members, alice, &form).await;
        assert_eq!(house.status("POST", &members, alice, &form).await, 422, "a member already");
        assert_eq!(house.status("POST", &members, alice, "account_ids[]=7").await, 404);
        let said = house.say(bob, "status=hello").await;
        let timeline = format!("/api/v1/timelines/list/{list}");
        assert_eq!(house.ids(&timeline, alice).await, std::slice::from_ref(&said));
        assert_eq!(house.ids("/api/v1/timelines/home", alice).await, std::slice::from_ref(&said));
        let path = format!("/api/v1/lists/{list}");
        let mine = house.say(alice, "status=mine").await;
        let answer = house.say(bob, &format!("status=an+answer&in_reply_to_id={mine}")).await;
        for policy in ["list", "followed", "none"] {
            house.ok("PUT", &path, alice, &format!("replies_policy={policy}")).await;
            let shown = house.ids(&timeline, alice).await;
            assert_eq!(
                shown,
                [answer.clone(), said.clone()],
                "whose list it is sees answers to them"
            );
        }
        for gone in [(alice, mine), (bob, answer)] {
            house.ok("DELETE", &format!("/api/v1/statuses/{}", gone.1), gone.0, "").await;
        }
        house.ok("PUT", &path, alice, "exclusive=true").await;
        assert!(house.ids("/api/v1/timelines/home", alice).await.is_empty());
        house.ok("DELETE", &members, alice, &form).await;
        assert!(house.ids(&timeline, alice).await.is_empty());
        assert_eq!(house.ids("/api/v1/timelines/home", alice).await, [said]);
    })
    .await;
}

#[tokio::test]
async fn p03_long_texts_and_many_things_are_refused() {
    for_each_engine(|store| async move {
        let house = House::on(store).await;
        let alice = &house.alice;
        let long = format!("title={}", "x".repeat(900_000));
        assert_eq!(house.status("POST", "/api/v1/lists", alice, &long).await, 422);
        for number in 0..50 {
            house.ok("POST", "/api/v1/lists", alice, &format!("title=l{number}")).await;
        }
        assert_eq!(house.status("POST", "/api/v1/lists", alice, "title=one+more").await, 422);
        for form in [
            format!("title={}&context[]=home", "x".repeat(257)),
            format!("title=t&context[]=home&keywords_attributes[][keyword]={}", "x".repeat(513)),
            "title=t&context[]=nowhere".into(),
            "title=t&context[]=home&filter_action=explode".into(),
        ] {
            assert_eq!(house.status("POST", "/api/v2/filters", alice, &form).await, 422);
        }
        assert!(house.ids("/api/v2/filters", alice).await.is_empty(), "nothing half-written");
        let report = format!("account_id={}&comment={}", house.bob.id, "x".repeat(1001));
        assert_eq!(house.status("POST", "/api/v1/reports", alice, &report).await, 422);
    })
    .await;
}

#[tokio::test]
async fn p07_dates_far_away_and_wild_cursors_are_refused_or_clamped() {
    for_each_engine(|store| async move {
        let house = House::on(store).await;
        let alice = &house.alice;
        for at in ["9999-12-31T00:00:00Z", "not+a+date", "2025-06-15T15:07:00Z"] {
            let form = format!("status=x&scheduled_at={at}");
            assert_eq!(house.status("POST", "/api/v1/statuses", alice, &form).await, 422, "{at}");
        }
        for path in [
            "/api/v1/followed_tags?limit=1000000000&max_id=-1",
            "/api/v1/domain_blocks?limit=1000000000&min_id=99999999999999999999",
            "/api/v1/scheduled_statuses?limit=-5",
            "/api/v2/suggestions?limit=1000000000&offset=9223372036854775807",
        ] {
            house.ok("GET", path, alice, "").await;
        }
        assert_eq!(house.status("GET", "/api/v1/directory?offset=-1", alice, "").await, 400);
        let form = "title=t&context[]=home&expires_in=9223372036854775807";
        house.ok("POST", "/api/v2/filters", alice, form).await;
    })
    .await;
}

#[tokio::test]
async fn v05_what_is_somebody_elses_is_not_there() {
    for_each_engine(|store| async move {
        let house = House::on(store).await;
        let (alice, bob) = (&house.alice, &house.bob);
        let status = house.say(alice, "status=mine").await;
        let form = "title=t&context[]=home&keywords_attributes[][keyword]=k";
        let filter = house.ok("POST", "/api/v2/filters", alice, form).await;
        let (filter, keyword) = (text(&filter["id"]), text(&filter["keywords"][0]["id"]));
        let entries = format!("/api/v2/filters/{filter}/statuses");
        let entry = house.ok("POST", &entries, alice, &format!("status_id={status}")).await;
        let list = text(&house.ok("POST", "/api/v1/lists", alice, "title=l").await["id"]);
        let tag = text(&house.ok("POST", "/api/v1/featured_tags", alice, "name=t").await["id"]);
        let later = "status=later&scheduled_at=2025-06-16T00:00:00Z";
        let scheduled = text(&house.ok("POST", "/api/v1/statuses", alice, later).await["id"]);
        let mut tried = Vec::new();
        for path in [
            format!("/api/v2/filters/{filter}"),
            format!("/api/v2/filters/keywords/{keyword}"),
            format!("/api/v1/filters/{keyword}"),
            format!("/api/v1/lists/{list}"),
            format!("/api/v1/scheduled_statuses/{scheduled}"),
        ] {
            tried.extend(["GET", "PUT", "DELETE"].map(|method| (method, path.clone())));
        }
        tried.extend([
            ("GET", format!("/api/v2/filters/statuses/{}", text(&entry["id"]))),
            ("DELETE", format!("/api/v2/filters/statuses/{}", text(&entry["id"]))),
            ("GET", format!("/api/v2/filters/{filter}/keywords")),
            ("POST", format!("/api/v2/filters/{filter}/keywords")),
            ("GET", entries.clone()),
            ("POST", entries),
            ("GET", format!("/api/v1/lists/{list}/accounts")),
            ("POST", format!("/api/v1/lists/{list}/accounts")),
            ("DELETE", format!("/api/v1/lists/{list}/accounts")),
            ("GET", format!("/api/v1/timelines/list/{list}")),
            ("DELETE", format!("/api/v1/featured_tags/{tag}")),
        ]);
        let form = format!(
            "title=x&context[]=home&keyword=x&phrase=x&status_id={status}&account_ids[]={}\
             &scheduled_at=2025-06-17T00:00:00Z",
            bob.id
        );
        for (method, path) in tried {
            assert_eq!(house.status(method, &path, bob, &form).await, 404, "{method} {path}");
        }
        let filters = house.ok("GET", "/api/v2/filters", alice, "").await;
        assert_eq!(filters[0]["title"], "t");
        assert_eq!(filters[0]["keywords"][0]["keyword"], "k");
        assert_eq!(house.ids("/api/v1/scheduled_statuses", alice).await, [scheduled]);
    })
    .await;
}

#[tokio::test]
async fn a_followed_hashtag_comes_home_until_it_is_unfollowed() {
    for_each_engine(|store| async move {
        let house = House::on(store).await;
        let (alice, bob) = (&house.alice, &house.bob);
        let before = house.say(bob, "status=%23Rust+before").await;
        house.ok("POST", "/api/v1/tags/rust/follow", alice, "").await;
        let both = house.say(bob, "status=%23rust+%23new+after").await;
        let home = "/api/v1/timelines/home";
        assert_eq!(house.ids(home, alice).await, [both.clone(), before.clone()]);
        let tag = |query: &'static str| house.ids(query, alice);
        assert_eq!(tag("/api/v1/timelines/tag/RUST").await, [both.clone(), before.clone()]);
        assert_eq!(tag("/api/v1/timelines/tag/rust?all[]=new").await, std::slice::from_ref(&both));
        assert_eq!(tag("/api/v1/timelines/tag/rust?none[]=new").await, [before]);
        assert_eq!(
            tag("/api/v1/timelines/tag/nothing?any[]=new").await,
            std::slice::from_ref(&both)
        );
        assert!(tag("/api/v1/timelines/tag/rust?all[]=nothing").await.is_empty());
        let known = house.ok("GET", "/api/v1/tags/rust", alice, "").await;
        assert_eq!(
            (known["following"].as_bool(), known["history"][0]["uses"].as_str()),
            (Some(true), Some("2"))
        );
        house.ok("POST", "/api/v1/tags/rust/unfollow", alice, "").await;
        assert!(house.ids(home, alice).await.is_empty());
        assert!(house.ids("/api/v1/followed_tags", alice).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_scheduled_status_is_posted_once_at_its_time() {
    for_each_engine(|store| async move {
        let house = House::on(store).await;
        let alice = &house.alice;
        let at =
            |minutes: i64| domain::Timestamp(house.server.app.now().0 + minutes * 60_000).rfc3339();
        let form = format!("status=later&visibility=unlisted&scheduled_at={}", at(10));
        let made = house.ok("POST", "/api/v1/statuses", alice, &form).await;
        assert_eq!(made["params"]["text"], "later");
        let path = format!("/api/v1/scheduled_statuses/{}", text(&made["id"]));
        let moved = house.ok("PUT", &path, alice, &format!("scheduled_at={}", at(30))).await;
        assert_eq!(moved["scheduled_at"].as_str(), Some(at(30).as_str()));
        let posts = format!("/api/v1/accounts/{}/statuses", alice.id);
        house.server.clock.advance(29 * 60_000);
        app::jobs::run_all(&house.server.app).await.unwrap();
        assert!(house.ids(&posts, alice).await.is_empty(), "not yet");
        house.server.clock.advance(61_000);
        app::jobs::run_all(&house.server.app).await.unwrap();
        assert_eq!(house.ids(&posts, alice).await.len(), 1);
        assert!(house.ids("/api/v1/scheduled_statuses", alice).await.is_empty());
        app::jobs::run_all(&house.server.app).await.unwrap();
        assert_eq!(house.ids(&posts, alice).await.len(), 1);
        let past =
            house.ok("POST", "/api/v1/statuses", alice, "status=now&scheduled_at=2001-01-01").await;
        assert_eq!(past["content"], "<p>now</p>", "a time that is past posts at once");
    })
    .await;
}

#[tokio::test]
async fn at_most_25_statuses_wait_for_one_day() {
    for_each_engine(|store| async move {
        let house = House::on(store).await;
        let form = "status=x&scheduled_at=2025-06-20T12:00:00Z";
        for _ in 0..25 {
            house.ok("POST", "/api/v1/statuses", &house.alice, form).await;
        }
        assert_eq!(house.status("POST", "/api/v1/statuses", &house.alice, form).await, 422);
        let next_day = "status=x&scheduled_at=2025-06-21T00:00:00Z";
        house.ok("POST", "/api/v1/statuses", &house.alice, next_day).await;
    })
    .await;
}

#[tokio::test]
async fn a_push_subscription_belongs_to_its_token_and_echoes_what_was_sent() {
    for_each_engine(|store| async move {
        let house = House::on(store).await;
        let alice = &house.alice;
        let path = "/api/v1/push/subscription";
        assert_eq!(house.status("GET", path, alice, "").await, 404);
        // 04 and 64 zero bytes; 16 zero bytes.
        let (key, secret) = (format!("BA{}", "A".repeat(85)), "A".repeat(22));
        let form = |endpoint: &str| {
            format!(
                "subscription[endpoint]={endpoint}&subscription[keys][p256dh]={key}\
                 &subscription[keys][auth]={secret}&data[alerts][mention]=true&data[alerts][bogus]=1&data[policy]=followed"
            )
        };
        let made = house.ok("POST", path, alice, &form("https://push.example/1")).await;
        assert_eq!(made["alerts"], serde_json::json!({ "mention": true }));
        let instance = house.ok("GET", "/api/v2/instance", alice, "").await;
        let key = &instance["configuration"]["vapid"]["public_key"];
        assert_eq!(&made["server_key"], key);
        assert_eq!(key.as_str().unwrap().len(), 87, "an uncompressed point of P-256: {key}");
        let again = house.ok("GET", "/api/v2/instance", alice, "").await;
        assert_eq!(&again["configuration"]["vapid"]["public_key"], key, "made once");
        let changed = house.ok("PUT", path, alice, "data[alerts][poll]=false").await;
        assert_eq!(changed["alerts"], serde_json::json!({ "poll": false }));
        assert_eq!(changed["policy"], "followed");
        let again = house.ok("POST", path, alice, &form("https://push.example/2")).await;
        assert_ne!(again["id"], made["id"], "it replaces the one before");
        let account = domain::AccountId(alice.id.parse().unwrap());
        let other = Person {
            id: alice.id.clone(),
            token: house.server.token(account, "push").await,
        };
        assert_eq!(house.status("GET", path, &other, "").await, 404, "another token");
        for bad in ["ftp://push.example/1", "https://user@push.example/", "nothing"] {
            assert_eq!(house.status("POST", path, alice, &form(bad)).await, 422, "{bad}");
        }
        house.ok("DELETE", path, alice, "").await;
        assert_eq!(house.status("GET", path, alice, "").await, 404);
    })
    .await;
}

#[tokio::test]
async fn a_report_takes_only_what_its_author_may_see_of_the_reported() {
    for_each_engine(|store| async move {
        let house = House::on(store).await;
        let (alice, bob) = (&house.alice, &house.bob);
        let theirs = house.say(bob, "status=bad").await;
        let own = house.say(alice, "status=mine").await;
        let hidden = house.say(bob, "status=secret&visibility=direct").await;
        let form = format!("account_id={}&status_ids[]={theirs}&rule_ids[]=2", bob.id);
        let report = house.ok("POST", "/api/v1/reports", alice, &form).await;
        assert_eq!(report["category"], "violation");
        assert_eq!(report["target_account"]["id"], bob.id.as_str());
        for (form, expected) in [
            (format!("account_id={}&status_ids[]={own}", bob.id), 404),
            (format!("account_id={}&status_ids[]={hidden}", bob.id), 404),
            (format!("account_id={}&rule_ids[]=3", bob.id), 422),
            (format!("account_id={}&category=boring", bob.id), 422),
            ("account_id=1".into(), 404),
            (String::new(), 400),
        ] {
            assert_eq!(
                house.status("POST", "/api/v1/reports", alice, &form).await,
                expected,
                "{form}"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn markers_count_how_often_they_were_written() {
    for_each_engine(|store| async move {
        let house = House::on(store).await;
        let alice = &house.alice;
        let path = "/api/v1/markers";
        house.ok("POST", path, alice, "home[last_read_id]=5").await;
        let both = "home[last_read_id]=7&notifications[last_read_id]=9";
        let written = house.ok("POST", path, alice, both).await;
        assert_eq!(written["home"]["version"], 2);
        assert_eq!(written["notifications"]["version"], 1);
        let read = house.ok("GET", "/api/v1/markers?timeline[]=home", alice, "").await;
        assert_eq!(read["home"]["last_read_id"], "7");
        assert_eq!(read["notifications"], Value::Null);
        assert_eq!(house.ok("GET", path, &house.bob, "").await, serde_json::json!({}));
    })
    .await;
}

#[tokio::test]
async fn webfinger_knows_local_accounts_by_handle_and_address() {
    for_each_engine(|store| async move {
        let house = House::on(store).await;
        let ask = |resource: &'static str| house.talk.get(resource, "");
        for known in [
            "/.well-known/webfinger?resource=acct:Alice@localhost:3000",
            "/.well-known/webfinger?resource=http://localhost:3000/@alice",
            "/.well-known/webfinger?resource=http%3A%2F%2Flocalhost%3A3000%2Fusers%2Falice",
        ] {
            let answer = ask(known).await;
            assert_eq!(code(&answer), 200, "{known}");
            assert_eq!(answer.json()["subject"], "acct:alice@localhost:3000");
        }
        for (unknown, expected) in [
            ("/.well-known/webfinger", 400),
            ("/.well-known/webfinger?resource=", 400),
            ("/.well-known/webfinger?resource=acct:alice@elsewhere.example", 404),
            ("/.well-known/webfinger?resource=acct:nobody@localhost:3000", 404),
            ("/.well-known/webfinger?resource=https://localhost:3000/@alice", 404),
        ] {
            assert_eq!(code(&ask(unknown).await), expected, "{unknown}");
        }
    })
    .await;
}
