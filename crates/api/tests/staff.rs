//! What staff sees and does: accounts, reports, who may not sign up, hashtags, numbers.
#![expect(clippy::unwrap_used, reason = "a test stops where its tools fail")]

use app::accounts::NewAccount;
use domain::AccountId;
use domain::account::Role;
use http::StatusCode;
use serde_json::{Value, json};
use store::Store;
use testkit::{Answer, Server, Talk, for_each_engine};

/// A server with staff of each role and somebody who is not.
struct Scene {
    server: Server,
    talk: Talk,
    owner: String,
    moderator: String,
    moderator_id: AccountId,
    mallory: AccountId,
    mallory_token: String,
}

const ALL: &str = "read write follow push admin:read admin:write";

impl Scene {
    async fn on(store: Store) -> Self {
        Self::with(store, |_| {}).await
    }

    async fn with(store: Store, change: impl FnOnce(&mut config::Config)) -> Self {
        let server = Server::with(store, change);
        let talk = Talk::to(api::router(server.app.clone()));
        let owner = with_role(&server, "owner", Role::Owner, true).await;
        let moderator_id = with_role(&server, "moderator", Role::Moderator, true).await;
        let mallory = server.account("mallory").await.id;
        Self {
            owner: server.token(owner, ALL).await,
            moderator: server.token(moderator_id, ALL).await,
            mallory_token: server.token(mallory, ALL).await,
            server,
            talk,
            moderator_id,
            mallory,
        }
    }

    async fn account(&self, id: AccountId) -> Value {
        self.talk.get(&format!("/api/v1/admin/accounts/{id}"), &self.owner).await.json()
    }

    async fn act(&self, token: &str, id: AccountId, form: &str) -> Answer {
        self.talk.post(&format!("/api/v1/admin/accounts/{id}/action"), token, form).await
    }

    async fn undo(&self, token: &str, id: AccountId, verb: &str) -> Answer {
        self.talk.post(&format!("/api/v1/admin/accounts/{id}/{verb}"), token, "").await
    }
}

async fn with_role(server: &Server, name: &str, role: Role, approved: bool) -> AccountId {
    let new = NewAccount {
        username: name.to_owned(),
        email: format!("{name}@localhost"),
        password: testkit::PASSWORD.to_owned(),
        role,
        confirmed: true,
        approved,
        locale: "en".to_owned(),
    };
    app::accounts::create(&server.app, new).await.unwrap().0.id
}

#[tokio::test]
async fn a02_staff_decides_over_lesser_roles_only() {
    for_each_engine(|store| async move {
        let scene = Scene::on(store).await;
        let admin = with_role(&scene.server, "admin", Role::Admin, true).await;
        let admin_token = scene.server.token(admin, ALL).await;
        for (token, whom, status) in [
            (&scene.mallory_token, scene.moderator_id, 403),
            (&scene.moderator, scene.mallory, 200),
            (&scene.moderator, scene.moderator_id, 403),
            (&scene.moderator, admin, 403),
            (&admin_token, scene.moderator_id, 200),
            (&admin_token, admin, 403),
            (&scene.owner, admin, 200),
        ] {
            let answer = scene.act(token, whom, "type=silence").await;
            assert_eq!(answer.status, status, "{whom}: {}", answer.text);
            let lifted = scene.undo(token, whom, "unsilence").await;
            assert_eq!(lifted.status, status, "{whom}: {}", lifted.text);
        }
        // Deleting for good is not for moderators.
        scene.act(&scene.moderator, scene.mallory, "type=suspend").await;
        let place = format!("/api/v1/admin/accounts/{}", scene.mallory);
        assert_eq!(scene.talk.send("DELETE", &place, &scene.moderator, "").await.status, 403);
        assert_eq!(scene.talk.send("DELETE", &place, &admin_token, "").await.status, 200);
        assert_eq!(scene.talk.get(&place, &scene.owner).await.status, 404);
    })
    .await;
}

#[tokio::test]
async fn each_deed_has_its_effect_and_is_lifted() {
    for_each_engine(|store| async move {
        let scene = Scene::on(store).await;
        let (talk, id) = (&scene.talk, scene.mallory);
        let posted =
            talk.post("/api/v1/statuses", &scene.mallory_token, "status=hello").await.json();
        let place = format!("/api/v1/statuses/{}", posted["id"].as_str().unwrap());

        assert_eq!(scene.act(&scene.owner, id, "type=nonsense").await.status, 422);
        assert_eq!(scene.act(&scene.owner, id, "type=sensitive").await.json(), json!({}));
        assert_eq!(scene.account(id).await["sensitized"], true);
        assert_eq!(talk.get(&place, "").await.json()["sensitive"], true);
        assert_eq!(scene.undo(&scene.owner, id, "unsensitive").await.json()["sensitized"], false);
        assert_eq!(talk.get(&place, "").await.json()["sensitive"], false);

        scene.act(&scene.owner, id, "type=silence").await;
        assert_eq!(talk.get("/api/v1/timelines/public", "").await.json(), json!([]));
        assert_eq!(scene.undo(&scene.owner, id, "unsilence").await.json()["silenced"], false);
        assert_eq!(talk.get("/api/v1/timelines/public", "").await.json()[0]["id"], posted["id"]);

        scene.act(&scene.owner, id, "type=disable").await;
        let home = talk.get("/api/v1/timelines/home", &scene.mallory_token).await;
        assert_eq!(home.status, StatusCode::FORBIDDEN);
        assert_eq!(home.json()["error"], "Your login is currently disabled");
        assert_eq!(scene.undo(&scene.owner, id, "enable").await.json()["disabled"], false);
        let home = talk.get("/api/v1/timelines/home", &scene.mallory_token).await;
        assert_eq!(home.status, 200);

        assert_eq!(scene.undo(&scene.owner, id, "unsuspend").await.status, 403, "is not suspended");
        scene.act(&scene.owner, id, "type=suspend").await;
        assert_eq!(talk.get(&place, "").await.status, 404);
        let home = talk.get("/api/v1/timelines/home", &scene.mallory_token).await;
        assert_eq!(home.status, StatusCode::UNAUTHORIZED, "a03: tokens end");
        assert_eq!(scene.undo(&scene.owner, id, "unsuspend").await.json()["suspended"], false);
        assert_eq!(talk.get(&place, "").await.status, 200);
    })
    .await;
}

#[tokio::test]
async fn a_warning_reaches_its_reader_with_its_text() {
    for_each_engine(|store| async move {
        let scene = Scene::on(store).await;
        scene.act(&scene.moderator, scene.mallory, "type=none&text=Be+kind").await;
        let told = scene.talk.get("/api/v1/notifications", &scene.mallory_token).await.json();
        assert_eq!(told[0]["type"], "moderation_warning");
        let warning = &told[0]["moderation_warning"];
        assert_eq!((&warning["action"], &warning["text"]), (&json!("none"), &json!("Be kind")));
        assert_eq!(warning["target_account"]["username"], "mallory");
        let grouped = scene.talk.get("/api/v2/notifications", &scene.mallory_token).await.json();
        let group = &grouped["notification_groups"][0];
        assert_eq!(group["moderation_warning"]["text"], "Be kind");
    })
    .await;
}

#[tokio::test]
async fn accounts_are_found_by_what_is_known_of_them() {
    for_each_engine(|store| async move {
        let scene = Scene::on(store).await;
        let waiting = with_role(&scene.server, "waiting", Role::Member, false).await;
        scene.act(&scene.owner, scene.mallory, "type=silence").await;
        let names = async |path: &str| -> Vec<String> {
            let answer = scene.talk.get(path, &scene.owner).await;
            assert_eq!(answer.status, 200, "{path}: {}", answer.text);
            let list = answer.json();
            let list = list.as_array().unwrap();
            list.iter().map(|one| one["username"].as_str().unwrap().to_owned()).collect()
        };
        let (v1, v2) = ("/api/v1/admin/accounts", "/api/v2/admin/accounts");
        assert_eq!(names(v1).await, ["waiting", "mallory", "moderator", "owner"]);
        for (path, found) in [
            (format!("{v1}?pending=true"), vec!["waiting"]),
            (format!("{v2}?status=pending"), vec!["waiting"]),
            (format!("{v1}?silenced=1"), vec!["mallory"]),
            (format!("{v2}?status=silenced&origin=local"), vec!["mallory"]),
            (format!("{v2}?origin=remote"), vec![]),
            (format!("{v1}?staff=true"), vec!["moderator", "owner"]),
            (format!("{v2}?permissions=staff"), vec!["moderator", "owner"]),
            (format!("{v2}?role_ids[]=1"), vec!["moderator"]),
            (format!("{v1}?username=MAL"), vec!["mallory"]),
            (format!("{v1}?username=%25"), vec![]),
            // More than SQLite takes as a pattern.
            (format!("{v1}?username={}", "x".repeat(60_000)), vec![]),
            (format!("{v2}?email={}", "%25".repeat(20_000)), vec![]),
            (format!("{v1}?email=owner@"), vec!["owner"]),
            (format!("{v1}?ip=192.0.2.1"), vec![]),
            (format!("{v1}?by_domain=elsewhere.test"), vec![]),
            (format!("{v1}?limit=1"), vec!["waiting"]),
        ] {
            assert_eq!(names(&path).await, found, "{path}");
        }
        assert_eq!(scene.talk.get(&format!("{v2}?status=x"), &scene.owner).await.status, 400);
        let first = scene.talk.get(&format!("{v2}?limit=1&origin=local"), &scene.owner).await;
        let link = first.headers["link"].to_str().unwrap();
        assert!(
            link.contains(&format!("max_id={waiting}")) && link.contains("origin=local"),
            "{link}"
        );
        let shown = scene.account(scene.moderator_id).await;
        assert_eq!(
            (&shown["email"], &shown["role"]["name"]),
            (&json!("moderator@localhost"), &json!("Moderator"))
        );
        assert_eq!((&shown["confirmed"], &shown["approved"]), (&json!(true), &json!(true)));
    })
    .await;
}

#[tokio::test]
async fn who_waits_is_let_in_or_turned_down() {
    for_each_engine(|store| async move {
        let scene = Scene::on(store).await;
        let waiting = with_role(&scene.server, "waiting", Role::Member, false).await;
        let other = with_role(&scene.server, "other", Role::Member, false).await;
        let token = scene.server.token(waiting, ALL).await;
        let home = scene.talk.get("/api/v1/timelines/home", &token).await;
        assert_eq!(home.json()["error"], "Your login is currently pending approval");
        assert_eq!(scene.undo(&scene.moderator, waiting, "approve").await.json()["approved"], true);
        assert_eq!(scene.talk.get("/api/v1/timelines/home", &token).await.status, 200);
        assert_eq!(scene.undo(&scene.moderator, waiting, "approve").await.status, 403);
        assert_eq!(scene.undo(&scene.moderator, waiting, "reject").await.status, 403);
        assert_eq!(scene.undo(&scene.moderator, other, "reject").await.json()["username"], "other");
        assert_eq!(scene.account(other).await["error"], "Record not found");
    })
    .await;
}

#[tokio::test]
async fn a_report_is_shown_worked_on_and_settled() {
    for_each_engine(|store| async move {
        let rules = |config: &mut config::Config| config.instance.rules = vec!["Be kind".into()];
        let scene = Scene::with(store, rules).await;
        let talk = &scene.talk;
        let alice = scene.server.account("alice").await;
        let a = scene.server.token(alice.id, ALL).await;
        let posted =
            talk.post("/api/v1/statuses", &scene.mallory_token, "status=insult").await.json();
        let form = format!(
            "account_id={}&status_ids[]={}&comment=rude&category=violation&rule_ids[]=1",
            scene.mallory,
            posted["id"].as_str().unwrap()
        );
        let made = talk.post("/api/v1/reports", &a, &form).await.json();
        let id = made["id"].as_str().unwrap().to_owned();
        let told = talk.get("/api/v1/notifications?types[]=admin.report", &scene.moderator).await;
        assert_eq!(told.json()[0]["report"]["id"], made["id"], "{}", told.text);
        assert_eq!(told.json()[0]["report"]["target_account"]["username"], "mallory");

        let place = format!("/api/v1/admin/reports/{id}");
        let shown = talk.get(&place, &scene.moderator).await.json();
        assert_eq!(shown["account"]["username"], "alice");
        assert_eq!(shown["target_account"]["email"], "mallory@localhost");
        assert_eq!(shown["statuses"][0]["id"], posted["id"]);
        assert_eq!(shown["rules"][0]["text"], "Be kind");
        assert_eq!(
            (&shown["assigned_account"], &shown["action_taken"]),
            (&Value::Null, &json!(false))
        );

        let step = async |verb: &str| {
            talk.post(&format!("{place}/{verb}"), &scene.moderator, "").await.json()
        };
        assert_eq!(step("assign_to_self").await["assigned_account"]["username"], "moderator");
        assert_eq!(step("unassign").await["assigned_account"], Value::Null);
        let closed = step("resolve").await;
        assert_eq!(closed["action_taken_by_account"]["username"], "moderator");
        let list = async |query: &str| {
            let list = talk.get(&format!("/api/v1/admin/reports{query}"), &scene.moderator).await;
            list.json().as_array().unwrap().len()
        };
        assert_eq!((list("").await, list("?resolved=true").await), (0, 1));
        assert_eq!(step("reopen").await["action_taken"], false);
        assert_eq!((list("").await, list("?resolved=true").await), (1, 0));
        assert_eq!(list(&format!("?account_id={}", alice.id)).await, 1);
        assert_eq!(list(&format!("?account_id={}", scene.mallory)).await, 0);
        assert_eq!(list(&format!("?target_account_id={}", scene.mallory)).await, 1);
        let spam = talk.send("PUT", &place, &scene.moderator, "category=spam").await.json();
        assert_eq!((&spam["category"], &spam["rules"]), (&json!("spam"), &json!([])));
        assert_eq!(talk.send("PUT", &place, &scene.moderator, "category=x").await.status, 422);
        assert_eq!(
            talk.send("PUT", &place, &scene.moderator, "category=violation&rule_ids[]=9")
                .await
                .status,
            422
        );

        // A deed settles what was reported.
        assert_eq!(
            scene
                .act(&scene.moderator, alice.id, &format!("type=none&report_id={id}"))
                .await
                .status,
            404
        );
        scene.act(&scene.moderator, scene.mallory, "type=silence&text=enough").await;
        assert_eq!((list("").await, list("?resolved=true").await), (0, 1));
        assert_eq!(talk.get(&place, &scene.mallory_token).await.status, 403);
    })
    .await;
}

async fn sign_up(scene: &Scene, app_token: &str, name: &str, email: &str) -> Answer {
    let form = format!(
        "username={name}&email={email}&password={}&agreement=true&locale=en",
        testkit::PASSWORD.replace(' ', "+")
    );
    scene.talk.post("/api/v1/accounts", app_token, &form).await
}

async fn open_scene(store: Store) -> (Scene, String) {
    let open = |config: &mut config::Config| {
        config.registrations.mode = config::RegistrationsMode::Open;
        config.registrations.confirm_email = false;
    };
    let scene = Scene::with(store, open).await;
    let form = "client_name=x&redirect_uris=urn:ietf:wg:oauth:2.0:oob&scopes=read+write";
    let client = scene.talk.post("/api/v1/apps", "", form).await.json();
    let text = |name: &str| client[name].as_str().unwrap().to_owned();
    let grant = format!(
        "grant_type=client_credentials&scope=read+write&client_id={}&client_secret={}",
        text("client_id"),
        text("client_secret")
    );
    let token = scene.talk.post("/oauth/token", "", &grant).await.json();
    let token = token["access_token"].as_str().unwrap().to_owned();
    (scene, token)
}

#[tokio::test]
async fn mail_addresses_that_are_shut_out_do_not_sign_up() {
    for_each_engine(|store| async move {
        let (scene, token) = open_scene(store).await;
        let talk = &scene.talk;
        let (domains, hashes) =
            ("/api/v1/admin/email_domain_blocks", "/api/v1/admin/canonical_email_blocks");
        let made = talk.post(domains, &scene.owner, "domain=Junk.test").await.json();
        assert_eq!(made["domain"], "junk.test");
        assert_eq!(made["history"].as_array().unwrap().len(), 7);
        assert_eq!(talk.post(domains, &scene.owner, "domain=junk.test").await.status, 422);
        assert_eq!(talk.post(domains, &scene.owner, "domain=no+domain").await.status, 422);
        assert_eq!(talk.post(domains, &scene.moderator, "domain=a.test").await.status, 403);
        talk.post(domains, &scene.owner, "domain=maybe.test&allow_with_approval=true").await;
        assert_eq!(talk.get(domains, &scene.owner).await.json().as_array().unwrap().len(), 2);

        let refused = sign_up(&scene, &token, "a1", "a@mx.junk.test").await;
        assert_eq!(refused.status, 422);
        assert_eq!(refused.json()["details"]["email"][0]["error"], "ERR_BLOCKED");
        let waits = sign_up(&scene, &token, "a2", "a@maybe.test").await.json();
        let waits = waits["access_token"].as_str().unwrap().to_owned();
        let home = talk.get("/api/v1/timelines/home", &waits).await;
        assert_eq!(home.json()["error"], "Your login is currently pending approval");
        let place = format!("{domains}/{}", made["id"].as_str().unwrap());
        assert_eq!(talk.get(&place, &scene.owner).await.json(), made);
        assert_eq!(talk.send("DELETE", &place, &scene.owner, "").await.json(), json!({}));
        assert_eq!(sign_up(&scene, &token, "a3", "a@mx.junk.test").await.status, 200);

        // One mailbox has many spellings.
        let made = talk.post(hashes, &scene.owner, "email=Some.One@mail.test").await.json();
        assert_eq!(made["canonical_email_hash"].as_str().unwrap().len(), 64);
        assert_eq!(talk.post(hashes, &scene.owner, "canonical_email_hash=x").await.status, 422);
        let tested =
            talk.post(&format!("{hashes}/test"), &scene.owner, "email=someone%2Bx@mail.test").await;
        assert_eq!(tested.json()[0]["id"], made["id"]);
        let refused = sign_up(&scene, &token, "a4", "someone%2Bnew@mail.test").await;
        assert_eq!(refused.json()["details"]["email"][0]["error"], "ERR_TAKEN");
        talk.send(
            "DELETE",
            &format!("{hashes}/{}", made["id"].as_str().unwrap()),
            &scene.owner,
            "",
        )
        .await;
        assert_eq!(sign_up(&scene, &token, "a4", "someone%2Bnew@mail.test").await.status, 200);

        // Who is suspended does not come back with the same mailbox, until that is lifted.
        scene.act(&scene.owner, scene.mallory, "type=suspend").await;
        assert_eq!(sign_up(&scene, &token, "a5", "mallory%2B2@localhost").await.status, 422);
        scene.undo(&scene.owner, scene.mallory, "unsuspend").await;
        assert_eq!(sign_up(&scene, &token, "a5", "mallory%2B2@localhost").await.status, 200);
    })
    .await;
}

#[tokio::test]
async fn networks_are_kept_from_signing_up_or_away() {
    for_each_engine(|store| async move {
        let (scene, token) = open_scene(store).await;
        let (talk, place) = (&scene.talk, "/api/v1/admin/ip_blocks");
        // In these tests nobody has an address but 0.0.0.0.
        let own = talk.post(place, &scene.owner, "ip=0.0.0.0/8&severity=no_access").await;
        assert_eq!(own.status, 422, "{}", own.text);
        for bad in [
            "ip=x&severity=no_access",
            "ip=192.0.2.0/24&severity=x",
            "ip=192.0.2.0/33&severity=no_access",
            "",
        ] {
            assert_eq!(talk.post(place, &scene.owner, bad).await.status, 422, "{bad}");
        }
        let made = talk
            .post(
                place,
                &scene.owner,
                "ip=0.0.0.0/8&severity=sign_up_requires_approval&comment=odd",
            )
            .await
            .json();
        assert_eq!((&made["ip"], &made["expires_at"]), (&json!("0.0.0.0/8"), &Value::Null));
        let waits = sign_up(&scene, &token, "b1", "b1@mail.test").await.json();
        let home =
            talk.get("/api/v1/timelines/home", waits["access_token"].as_str().unwrap()).await;
        assert_eq!(home.json()["error"], "Your login is currently pending approval");

        let one = format!("{place}/{}", made["id"].as_str().unwrap());
        let changed = talk
            .send("PUT", &one, &scene.owner, "severity=sign_up_block&expires_in=3600")
            .await
            .json();
        assert_eq!(
            (&changed["severity"], &changed["comment"]),
            (&json!("sign_up_block"), &json!("odd"))
        );
        assert_eq!(sign_up(&scene, &token, "b2", "b2@mail.test").await.status, 403);
        assert_eq!(
            talk.post(place, &scene.owner, "ip=0.0.0.0/8&severity=sign_up_block").await.status,
            422
        );
        scene.server.clock.advance(2 * domain::time::HOUR);
        assert_eq!(
            sign_up(&scene, &token, "b2", "b2@mail.test").await.status,
            200,
            "its time ended"
        );
        assert_eq!(talk.send("DELETE", &one, &scene.owner, "").await.json(), json!({}));

        // An address is noted at sign-up, shown to staff and forgotten in time (V08).
        let found =
            talk.get("/api/v1/admin/accounts?ip=0.0.0.0&username=b2", &scene.owner).await.json();
        assert_eq!(found[0]["ips"][0]["ip"], "0.0.0.0");
        // Whoever may not come at all gets nothing.
        let row = store::shut_out::Network {
            id: domain::RowId(7),
            network: "0.0.0.0".into(),
            severity: "no_access".into(),
            comment: String::new(),
            expires_at: None,
            created_at: scene.server.app.now(),
        };
        let put = scene.server.app.store.write(move |conn| {
            Box::pin(async move { store::shut_out::put_network(conn, &row).await })
        });
        put.await.unwrap();
        scene.server.clock.advance(domain::time::MINUTE);
        let frame = axum::middleware::from_fn_with_state(scene.server.app.clone(), api::frame);
        let talk = Talk::to(api::router(scene.server.app.clone()).layer(frame));
        assert_eq!(talk.get("/api/v1/timelines/public", "").await.status, 403);
        assert_eq!(talk.get(place, &scene.owner).await.status, 403);
    })
    .await;
}

#[tokio::test]
async fn a_hashtag_that_staff_does_not_want_is_neither_posted_nor_found() {
    for_each_engine(|store| async move {
        let scene = Scene::on(store).await;
        let talk = &scene.talk;
        let posted =
            talk.post("/api/v1/statuses", &scene.mallory_token, "status=%23Junk").await.json();
        let list = talk.get("/api/v1/admin/tags", &scene.moderator).await.json();
        assert_eq!((&list[0]["name"], &list[0]["usable"]), (&json!("Junk"), &json!(true)));
        let place = format!("/api/v1/admin/tags/{}", list[0]["id"].as_str().unwrap());
        assert_eq!(
            talk.send("PUT", &place, &scene.mallory_token, "usable=false").await.status,
            403
        );
        assert_eq!(
            talk.send("PUT", &place, &scene.moderator, "display_name=other").await.status,
            422
        );
        let form = "usable=false&listable=false&display_name=JUNK";
        let changed = talk.send("PUT", &place, &scene.moderator, form).await.json();
        assert_eq!((&changed["usable"], &changed["listable"]), (&json!(false), &json!(false)));
        assert_eq!(talk.get(&place, &scene.moderator).await.json()["name"], "JUNK");
        let refused =
            talk.post("/api/v1/statuses", &scene.mallory_token, "status=again+%23junk").await;
        assert_eq!(refused.status, 422);
        assert!(refused.text.contains("disallowed hashtag: JUNK"), "{}", refused.text);
        let edit = format!("/api/v1/statuses/{}", posted["id"].as_str().unwrap());
        assert_eq!(
            talk.send("PUT", &edit, &scene.mallory_token, "status=%23junk+more").await.status,
            422
        );
        let found =
            talk.get("/api/v2/search?q=junk&type=hashtags", &scene.mallory_token).await.json();
        assert_eq!(found["hashtags"], json!([]));
    })
    .await;
}

#[tokio::test]
async fn numbers_are_counted_by_day_and_ranked() {
    for_each_engine(|store| async move {
        let scene = Scene::on(store).await;
        let talk = &scene.talk;
        let posted = talk.post("/api/v1/statuses", &scene.mallory_token, "status=%23party").await.json();
        let like = format!("/api/v1/statuses/{}/favourite", posted["id"].as_str().unwrap());
        talk.post(&like, &scene.owner, "").await;
        let day = scene.server.app.now().date();
        let tag = talk.get("/api/v1/tags/party", &scene.owner).await.json()["id"].as_str().unwrap().to_owned();
        let period = format!("start_at={day}&end_at={day}");
        let form = format!(
            "keys[]=new_users&keys[]=interactions&keys[]=tag_uses&keys[]=nonsense&keys[]=instance_statuses&tag_uses[id]={tag}\
             &instance_statuses[domain]=elsewhere.test&{period}"
        );
        let found = talk.post("/api/v1/admin/measures", &scene.moderator, &form).await;
        assert_eq!(found.status, 200, "{}", found.text);
        let found = found.json();
        let totals: Vec<(&str, &str)> = found
            .as_array()
            .unwrap()
            .iter()
            .map(|one| (one["key"].as_str().unwrap(), one["total"].as_str().unwrap()))
            .collect();
        assert_eq!(totals, [("new_users", "3"), ("interactions", "1"), ("tag_uses", "1"), ("instance_statuses", "0")]);
        assert_eq!(found[0]["data"], json!([{ "date": format!("{day}T00:00:00.000Z"), "value": "3" }]));
        assert_eq!(found[0]["previous_total"], "0");
        let form = format!("keys[]=servers&keys[]=space_usage&keys[]=software_versions&keys[]=languages&{period}");
        let found = talk.post("/api/v1/admin/dimensions", &scene.moderator, &form).await.json();
        assert_eq!(found[0]["data"][0], json!({ "key": "localhost:3000", "human_key": "localhost:3000", "value": "1" }));
        assert_eq!(found[1]["data"][0]["unit"], "bytes");
        let versions = |found: &serde_json::Value| {
            let entries = found[2]["data"].as_array().unwrap().iter();
            entries.map(|one| (one["key"].clone(), one["value"].clone())).collect::<Vec<_>>()
        };
        assert_eq!(versions(&found).len(), 2, "no backups are made here");
        let now = scene.server.app.now();
        scene.server.app.backups.told_by(move || {
            Some(app::backups::Report { saved_at: Some(now), ..app::backups::Report::default() })
        });
        let form = format!("keys[]=servers&keys[]=space_usage&keys[]=software_versions&{period}");
        let found = talk.post("/api/v1/admin/dimensions", &scene.moderator, &form).await.json();
        assert_eq!(versions(&found)[2], (json!("backup"), json!(now.rfc3339())));
        assert_eq!(versions(&found)[3], (json!("backup_proof"), json!("never")));
        let form = format!("frequency=month&{period}");
        let found = talk.post("/api/v1/admin/retention", &scene.moderator, &form).await.json();
        assert_eq!((&found[0]["frequency"], &found[0]["data"][0]["value"]), (&json!("month"), &json!("3")));
        assert_eq!(found[0]["data"][0]["rate"], 1.0);
        for bad in ["keys[]=new_users", "start_at=2020-01-01&end_at=2025-01-01", "start_at=x&end_at=y"] {
            assert_eq!(talk.post("/api/v1/admin/measures", &scene.moderator, bad).await.status, 400, "{bad}");
        }
        assert_eq!(talk.post("/api/v1/admin/measures", &scene.mallory_token, &period).await.status, 403);
    })
    .await;
}
