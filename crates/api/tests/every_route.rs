//! Every route of the table, asked with every single scope, with an app's token, with none and with one
//! that was taken back (A02). The table is the only place that says who may call what.

use api::Access;
use app::accounts::NewAccount;
use domain::account::Role;
use domain::scope::Scopes;
use testkit::{Server, Talk, for_each_engine};

/// An address of this route, with ids of nothing.
fn place(path: &str) -> String {
    let part = |part: &str| if part.starts_with('{') { "0".to_owned() } else { part.to_owned() };
    path.split('/').map(part).collect::<Vec<_>>().join("/")
}

/// Streams do not end; `streaming` has tests of its own.
fn is_stream(path: &str) -> bool {
    path.starts_with("/api/v1/streaming")
}

#[tokio::test]
async fn a02_each_route_opens_to_its_own_scopes_only() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        let talk = Talk::to(api::router(server.app.clone()));
        let owner = NewAccount {
            username: "owner".into(),
            email: "owner@localhost".into(),
            password: testkit::PASSWORD.into(),
            role: Role::Owner,
            confirmed: true,
            approved: true,
            locale: "en".into(),
        };
        let owner = app::accounts::create(&server.app, owner).await.unwrap().0.id;
        let mut tokens = Vec::new();
        for scope in domain::scope::ALL {
            tokens.push((Scopes::parse(scope).unwrap(), server.token(owner, scope).await));
        }
        // The table is the same on both engines: on the slower one each route is asked with the scopes
        // that open it and some others.
        let step = if server.app.store.is_shared() { 9 } else { 1 };
        let table = api::table();
        let routes = table.iter().filter(|route| !is_stream(route.path));
        for (number, route) in routes.enumerate() {
            let named = |held: &Scopes| route.access.scopes().iter().any(|scope| held.allow(scope));
            let mut asked = tokens.iter().enumerate();
            let asked =
                asked.by_ref().filter(|(at, (held, _))| (at + number) % step == 0 || named(held));
            for (_, (held, token)) in asked {
                let answer = talk.send(route.method, &place(route.path), token, "").await;
                let said = format!("{} {} with {held}: {}", route.method, route.path, answer.text);
                assert!(!answer.status.is_server_error(), "{said}");
                let needed = route.access.scopes();
                let opens = needed.is_empty() || needed.iter().any(|scope| held.allow(scope));
                let is_refused = answer.text.contains("outside the authorized scopes");
                assert_eq!(is_refused, !opens && route.access != Access::Open, "{said}");
                assert!(!is_refused || answer.status == 403, "{said}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a02_each_route_tells_people_from_apps_and_nobody() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        let talk = Talk::to(api::router(server.app.clone()));
        let everything = domain::scope::ALL.join(" ");
        let scopes = Scopes::parse(&everything).unwrap();
        let client = app::access::NewApp {
            name: "x".into(),
            website: None,
            redirect_uris: vec!["urn:ietf:wg:oauth:2.0:oob".into()],
            scopes: everything.clone(),
        };
        let client = app::access::register(&server.app, client).await.unwrap().client.id;
        let made =
            app::access::create_token(&server.app, None, Some(client), scopes).await.unwrap();
        let of_app = made.secret.reveal().to_owned();
        let alice = server.account("alice").await.id;
        let revoked = server.token(alice, &everything).await;
        app::access::set_password(&server.app, alice, "another password".into()).await.unwrap();
        for route in api::table().iter().filter(|route| !is_stream(route.path)) {
            let ask =
                async |token: &str| talk.send(route.method, &place(route.path), token, "").await;
            let (nobody, app, gone, made_up) =
                (ask("").await, ask(&of_app).await, ask(&revoked).await, ask("made-up").await);
            let said = format!("{} {}", route.method, route.path);
            for answer in [&nobody, &app, &gone, &made_up] {
                assert!(!answer.status.is_server_error(), "{said}: {}", answer.text);
            }
            let needs_token = !matches!(route.access, Access::Open | Access::Optional(_));
            if needs_token {
                assert_eq!(nobody.status, 401, "{said}");
            }
            if route.access != Access::Open {
                assert_eq!((gone.status.as_u16(), made_up.status.as_u16()), (401, 401), "{said}");
                assert!(
                    gone.text.contains("The access token was revoked"),
                    "{said}: {}",
                    gone.text
                );
            }
            let needs_person = matches!(route.access, Access::User(_) | Access::Admin(..));
            if needs_person {
                assert_eq!(app.status, 422, "{said}");
                let text = "This method requires an authenticated user";
                assert!(app.text.contains(text), "{said}: {}", app.text);
            }
        }
    })
    .await;
}
