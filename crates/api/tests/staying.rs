//! Posts that stay on this server, and texts in Markdown.
#![expect(clippy::unwrap_used, reason = "a test stops where its tools fail")]

use serde_json::Value;
use testkit::{Server, Talk, for_each_engine};

struct Scene {
    server: Server,
    talk: Talk,
    author_id: String,
    author: String,
    reader: String,
}

impl Scene {
    fn text<'v>(&self, value: &'v Value) -> &'v str {
        value.as_str().unwrap()
    }

    async fn post(&self, token: &str, form: &str) -> Value {
        let answer = self.talk.post("/api/v1/statuses", token, form).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        app::jobs::run_all(&self.server.app).await.unwrap();
        answer.json()
    }
}

async fn scene(server: Server) -> Scene {
    let talk = Talk::to(api::router(server.app.clone()));
    let author = server.account("author").await;
    let reader = server.account("reader").await;
    Scene {
        author_id: author.id.to_string(),
        author: server.token(author.id, "read write follow").await,
        reader: server.token(reader.id, "read write follow").await,
        talk,
        server,
    }
}

#[tokio::test]
async fn v01_what_stays_here_is_for_people_who_have_an_account_here() {
    for_each_engine(|store| async move {
        let scene = scene(Server::on(store)).await;
        let status =
            scene.post(&scene.author, "status=staying+words+%23staying&local_only=true").await;
        assert_eq!(
            (&status["local_only"], &status["visibility"]),
            (&true.into(), &"public".into())
        );
        let id = scene.text(&status["id"]);
        let boost = format!("/api/v1/statuses/{id}/reblog");
        let boost = scene.talk.post(&boost, &scene.reader, "").await.json();
        assert_eq!(boost["local_only"], true, "a boost stays here as well");
        app::jobs::run_all(&scene.server.app).await.unwrap();
        let reader_id = scene.text(&boost["account"]["id"]).to_owned();
        for path in [
            format!("/api/v1/statuses/{id}"),
            format!("/api/v1/statuses/{id}/context"),
            format!("/api/v1/statuses/{id}/history"),
            format!("/api/v1/statuses/{id}/favourited_by"),
            format!("/api/v1/statuses/{}", scene.text(&boost["id"])),
        ] {
            assert_eq!(scene.talk.get(&path, "").await.status, 404, "{path}");
            assert_eq!(scene.talk.get(&path, &scene.reader).await.status, 200, "{path}");
        }
        for path in [
            format!("/api/v1/accounts/{}/statuses", scene.author_id),
            format!("/api/v1/accounts/{reader_id}/statuses"),
            "/api/v1/timelines/public".into(),
            "/api/v1/timelines/public?local=true".into(),
            "/api/v1/timelines/tag/staying".into(),
            format!("/api/v1/statuses?id[]={id}"),
        ] {
            let shown = |text: &str| text.contains("staying words");
            assert!(!shown(&scene.talk.get(&path, "").await.text), "nobody reads it at {path}");
            assert!(shown(&scene.talk.get(&path, &scene.reader).await.text), "{path}");
        }
    })
    .await;
}

#[tokio::test]
async fn what_answers_quotes_or_changes_something_that_stays_here_stays_too() {
    for_each_engine(|store| async move {
        let scene = scene(Server::on(store)).await;
        let status = scene.post(&scene.author, "status=first&local_only=1").await;
        let id = scene.text(&status["id"]);
        for form in ["in_reply_to_id", "quoted_status_id"] {
            let form = format!("status=more&{form}={id}&local_only=false");
            assert_eq!(scene.post(&scene.reader, &form).await["local_only"], true, "{form}");
        }
        let path = format!("/api/v1/statuses/{id}");
        let edited = scene.talk.send("PUT", &path, &scene.author, "status=second").await.json();
        assert_eq!(
            (&edited["local_only"], &edited["content"]),
            (&true.into(), &"<p>second</p>".into())
        );
        assert_eq!(scene.post(&scene.author, "status=open").await["local_only"], false);
        let later = scene.server.app.now().plus(3_600_000).rfc3339();
        let form = format!("status=later&local_only=true&scheduled_at={later}");
        scene.talk.post("/api/v1/statuses", &scene.author, &form).await;
        scene.server.clock.advance(3_700_000);
        app::jobs::run_all(&scene.server.app).await.unwrap();
        let path = format!("/api/v1/accounts/{}/statuses?limit=1", scene.author_id);
        let newest = scene.talk.get(&path, &scene.author).await.json();
        assert_eq!(
            (&newest[0]["content"], &newest[0]["local_only"]),
            (&"<p>later</p>".into(), &true.into())
        );
    })
    .await;
}

#[tokio::test]
async fn markdown_is_read_where_it_is_asked_for_and_given_back_as_typed() {
    for_each_engine(|store| async move {
        let scene = scene(Server::on(store)).await;
        let typed = "status=**bold**+@reader+%23rust+https://a.test/x+<b>";
        let plain = scene.post(&scene.author, typed).await;
        assert!(scene.text(&plain["content"]).starts_with("<p>**bold** "));
        let status =
            scene.post(&scene.author, &format!("{typed}&content_type=text/markdown")).await;
        let content = scene.text(&status["content"]);
        assert!(
            content.starts_with("<p><strong>bold</strong> <span class=\"h-card\""),
            "{content}"
        );
        assert!(
            content.ends_with("&lt;b&gt;</p>") && content.contains("href=\"https://a.test/x\"")
        );
        assert_eq!(status["mentions"][0]["username"], "reader");
        assert_eq!(status["tags"][0]["name"], "rust");
        let id = scene.text(&status["id"]);
        let path = format!("/api/v1/statuses/{id}");
        let source = scene.talk.get(&format!("{path}/source"), &scene.author).await.json();
        assert_eq!(source["text"], "**bold** @reader #rust https://a.test/x <b>");
        assert_eq!(source["content_type"], "text/markdown");
        let edited = scene.talk.send("PUT", &path, &scene.author, "status=*soft*").await.json();
        assert_eq!(edited["content"], "<p><em>soft</em></p>", "an edit reads as before");
        let form = "status=*soft*&content_type=text/plain";
        let edited = scene.talk.send("PUT", &path, &scene.author, form).await.json();
        assert_eq!(edited["content"], "<p>*soft*</p>", "unless it says otherwise");
        let wrong = scene
            .talk
            .post("/api/v1/statuses", &scene.author, "status=x&content_type=text/html")
            .await;
        assert_eq!(wrong.status, 422);
        let deleted = scene.talk.send("DELETE", &path, &scene.author, "").await.json();
        assert_eq!(
            (&deleted["text"], &deleted["content_type"]),
            (&"*soft*".into(), &"text/plain".into())
        );
    })
    .await;
}

#[tokio::test]
async fn who_always_writes_markdown_says_so_once() {
    for_each_engine(|store| async move {
        let scene = scene(Server::on(store)).await;
        let update = "/api/v1/accounts/update_credentials";
        let form = "source[status_content_type]=text/markdown";
        let me = scene.talk.send("PATCH", update, &scene.author, form).await.json();
        assert_eq!(me["source"]["status_content_type"], "text/markdown");
        let preferences = scene.talk.get("/api/v1/preferences", &scene.author).await.json();
        assert_eq!(preferences["posting:default:content_type"], "text/markdown");
        assert_eq!(
            scene.post(&scene.author, "status=*soft*").await["content"],
            "<p><em>soft</em></p>"
        );
        let form = "source[status_content_type]=text/html";
        assert_eq!(scene.talk.send("PATCH", update, &scene.author, form).await.status, 422);
        let kinds =
            &scene.talk.get("/api/v2/instance", "").await.json()["configuration"]["statuses"];
        assert_eq!(
            kinds["supported_mime_types"],
            serde_json::json!(["text/plain", "text/markdown"])
        );
    })
    .await;
}
