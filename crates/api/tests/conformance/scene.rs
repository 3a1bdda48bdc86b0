//! Somebody who has five of everything that a list can show.

use serde_json::Value;
use store::Store;
use testkit::{Server, Talk};

/// How many entries every list has.
pub const EACH: usize = 5;

pub struct Scene {
    server: Server,
    pub talk: Talk,
    pub me: Person,
    /// A status of mine that everybody did something with.
    pub liked: String,
    /// A list of mine with everybody in it.
    pub list: String,
    /// The group of notifications about it.
    pub group: String,
}

#[derive(Clone)]
pub struct Person {
    pub id: String,
    pub token: String,
}

impl Scene {
    /// Makes all of it, by the API alone.
    pub async fn on(store: Store) -> Self {
        let server = Server::on(store);
        let talk = Talk::to(api::router(server.app.clone()));
        let me = person(&server, "me").await;
        let nothing = String::new();
        let mut scene = Self {
            server,
            talk,
            me,
            liked: nothing.clone(),
            list: nothing.clone(),
            group: nothing,
        };
        let friends = scene.people("friend").await;
        scene.write_statuses().await;
        for friend in &friends {
            scene.befriend(friend).await;
        }
        scene.shut_out().await;
        scene.let_ask().await;
        scene.work().await;
        let groups = scene.get("/api/v2/notifications?grouped_types[]=favourite").await;
        let groups = groups["notification_groups"].as_array().unwrap().clone();
        let group = groups.iter().find(|group| group["type"] == "favourite").unwrap();
        scene.group = text(&group["group_key"]);
        scene
    }

    /// The path of a line of Mastodon's table, with ids that are there.
    pub fn path(&self, path: &str) -> String {
        let (me, status) = (self.me.id.as_str(), self.liked.as_str());
        let id = if path.contains("/statuses/:id/") {
            status
        } else if path.contains("/lists/:id") {
            self.list.as_str()
        } else {
            me
        };
        path.replace(":list_id", &self.list)
            .replace(":hashtag", "counted")
            .replace(":group_key", &self.group)
            .replace(":id", id)
    }

    async fn people(&self, kind: &str) -> Vec<Person> {
        let mut people = Vec::new();
        for number in 0..EACH {
            people.push(person(&self.server, &format!("{kind}{number}")).await);
        }
        people
    }

    async fn work(&self) {
        self.server.clock.advance(1_000);
        app::jobs::run_all(&self.server.app).await.unwrap();
    }

    async fn get(&self, path: &str) -> Value {
        self.talk.get(path, &self.me.token).await.json()
    }

    async fn send(&self, who: &Person, method: &str, path: &str, form: &str) -> Value {
        let answer = self.talk.send(method, path, &who.token, form).await;
        assert!(answer.status.is_success(), "{method} {path} {form}: {}", answer.text);
        answer.json()
    }

    async fn post(&self, who: &Person, path: &str, form: &str) -> Value {
        self.send(who, "POST", path, form).await
    }

    /// Five statuses, each with tag, favourite and bookmark; five later ones; five tags followed.
    async fn write_statuses(&mut self) {
        let me = self.me.clone();
        let list = self.post(&me, "/api/v1/lists", "title=all").await;
        self.list = text(&list["id"]);
        for number in 0..EACH {
            let form = format!("status=number+{number}+%23counted");
            let status = text(&self.post(&me, "/api/v1/statuses", &form).await["id"]);
            for verb in ["favourite", "bookmark"] {
                self.post(&me, &format!("/api/v1/statuses/{status}/{verb}"), "").await;
            }
            let hour = i64::try_from(number).unwrap() + 1;
            let later = self.server.app.now().plus(hour * 3_600_000).rfc3339();
            let form = format!("status=later&scheduled_at={later}");
            self.post(&me, "/api/v1/statuses", &form).await;
            self.post(&me, &format!("/api/v1/tags/followed{number}/follow"), "").await;
            self.liked = status;
            self.work().await;
        }
    }

    /// Follows both ways, and everything that a friend can do with a status.
    async fn befriend(&self, friend: &Person) {
        let me = self.me.clone();
        self.post(friend, &format!("/api/v1/accounts/{}/follow", me.id), "").await;
        self.post(&me, &format!("/api/v1/accounts/{}/follow", friend.id), "").await;
        self.post(&me, &format!("/api/v1/accounts/{}/endorse", friend.id), "").await;
        let member = format!("account_ids[]={}", friend.id);
        self.post(&me, &format!("/api/v1/lists/{}/accounts", self.list), &member).await;
        for verb in ["favourite", "reblog"] {
            self.post(friend, &format!("/api/v1/statuses/{}/{verb}", self.liked), "").await;
        }
        for form in [
            format!("status=well&quoted_status_id={}", self.liked),
            "status=@me+between+us&visibility=direct".to_owned(),
        ] {
            self.post(friend, "/api/v1/statuses", &form).await;
        }
        self.work().await;
    }

    /// Five blocked, five muted, five domains.
    async fn shut_out(&self) {
        for (kind, verb) in [("enemy", "block"), ("bore", "mute")] {
            for person in self.people(kind).await {
                self.post(&self.me, &format!("/api/v1/accounts/{}/{verb}", person.id), "").await;
            }
        }
        for number in 0..EACH {
            let form = format!("domain=bad{number}.test");
            self.post(&self.me, "/api/v1/domain_blocks", &form).await;
        }
    }

    /// Five who ask to follow, and whose mentions are kept back.
    async fn let_ask(&self) {
        let update = "/api/v1/accounts/update_credentials";
        self.send(&self.me, "PATCH", update, "locked=true").await;
        let policy = "/api/v2/notifications/policy";
        self.send(&self.me, "PATCH", policy, "for_not_following=filter").await;
        for stranger in self.people("stranger").await {
            self.post(&stranger, &format!("/api/v1/accounts/{}/follow", self.me.id), "").await;
            self.post(&stranger, "/api/v1/statuses", "status=@me+hello").await;
            self.work().await;
        }
    }
}

async fn person(server: &Server, name: &str) -> Person {
    let account = server.account(name).await;
    Person {
        id: account.id.to_string(),
        token: server.token(account.id, "read write follow").await,
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}
