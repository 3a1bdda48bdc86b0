//! OAuth from registration to revocation, through the pages a person sees.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod browser;

use browser::{Browser, encode, location, parameter, whole};
use domain::secret::sha256_base64url;
use domain::time::MINUTE;
use http::StatusCode;
use serde_json::Value;
use testkit::{Answer, PASSWORD, Server, Talk, for_each_engine};

const CALLBACK: &str = "app://callback";
const VERIFIER: &str = "a-verifier-of-at-least-forty-three-characters-long";

struct Client {
    id: String,
    secret: String,
}

async fn register(talk: &Talk, redirect_uris: &str, scopes: &str) -> Client {
    let form = encode(
        [("client_name", "T"), ("redirect_uris", redirect_uris), ("scopes", scopes)].into_iter(),
    );
    let answer = talk.post("/api/v1/apps", "", &form).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    let app = answer.json();
    let text = |name: &str| app[name].as_str().unwrap().to_owned();
    Client { id: text("client_id"), secret: text("client_secret") }
}

fn request(client: &Client, more: &[(&str, &str)]) -> String {
    let usual = [
        ("response_type", "code"),
        ("client_id", client.id.as_str()),
        ("redirect_uri", CALLBACK),
        ("scope", "read write"),
    ];
    let usual = usual.into_iter().filter(|(name, _)| !more.iter().any(|(key, _)| key == name));
    format!("/oauth/authorize?{}", encode(usual.chain(more.iter().copied())))
}

/// Consents to a request and gives the address that the browser is sent to.
async fn consent(browser: &mut Browser, request: &str) -> String {
    let page = browser.get(request).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    location(&browser.submit(&page, "/oauth/authorize", &[("decision", "authorise")]).await)
}

async fn redeem(talk: &Talk, client: &Client, code: &str, more: &[(&str, &str)]) -> Answer {
    let usual = [
        ("grant_type", "authorization_code"),
        ("client_id", client.id.as_str()),
        ("client_secret", client.secret.as_str()),
        ("code", code),
        ("redirect_uri", CALLBACK),
    ];
    let usual = usual.into_iter().filter(|(name, _)| !more.iter().any(|(key, _)| key == name));
    talk.post("/oauth/token", "", &encode(usual.chain(more.iter().copied()))).await
}

fn assert_oauth_error(answer: &Answer, status: u16, code: &str) {
    assert_eq!(answer.status.as_u16(), status, "{}", answer.text);
    assert_eq!(answer.json()["error"], code);
    assert!(answer.json()["error_description"].is_string());
}

async fn who(talk: &Talk, token: &str) -> StatusCode {
    talk.get("/api/v1/accounts/verify_credentials", token).await.status
}

/// A server with `alice` signed in.
async fn signed_in(store: store::Store) -> (Server, Browser, Talk) {
    let server = Server::on(store);
    server.account("alice").await;
    let mut browser = Browser::at(&server);
    assert_eq!(location(&browser.sign_in("alice", PASSWORD).await), "/home");
    let talk = whole(&server);
    (server, browser, talk)
}

#[tokio::test]
async fn a_client_gets_a_token_through_sign_in_and_consent() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        server.account("alice").await;
        let talk = whole(&server);
        let client = register(&talk, CALLBACK, "read write").await;
        let mut browser = Browser::at(&server);
        let challenge = sha256_base64url(VERIFIER.as_bytes());
        let address = request(
            &client,
            &[
                ("state", "a b&c=d"),
                ("code_challenge", &challenge),
                ("code_challenge_method", "S256"),
            ],
        );

        let sign_in = location(&browser.get(&address).await);
        assert!(sign_in.starts_with("/auth/sign_in?return_to="), "{sign_in}");
        let page = browser.get(&sign_in).await;
        let policy = page.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("form-action 'self' app:;"), "{policy}");
        let form = [("login", "alice@localhost"), ("password", PASSWORD)];
        let back = location(&browser.submit(&page, "/auth/sign_in", &form).await);
        assert_eq!(back, address);

        let answer = consent(&mut browser, &back).await;
        assert!(answer.starts_with("app://callback?code="), "{answer}");
        assert_eq!(parameter(&answer, "state").as_deref(), Some("a b&c=d"));
        let code = parameter(&answer, "code").unwrap();
        let token = redeem(&talk, &client, &code, &[("code_verifier", VERIFIER)]).await;
        assert_eq!(token.status, StatusCode::OK, "{}", token.text);
        assert_eq!(token.headers["cache-control"], "private, no-store");
        let token: Value = token.json();
        assert_eq!(token["token_type"], "Bearer");
        assert_eq!(token["scope"], "read write");
        assert_eq!(token["created_at"], 1_750_000_000);
        let secret = token["access_token"].as_str().unwrap();
        let me = talk.get("/api/v1/accounts/verify_credentials", secret).await;
        assert_eq!(me.json()["username"], "alice");
        let app = talk.get("/api/v1/apps/verify_credentials", secret).await.json();
        assert_eq!(app["redirect_uris"], serde_json::json!([CALLBACK]));
        assert!(app.get("client_secret").is_none());
    })
    .await;
}

#[tokio::test]
async fn an_app_that_was_granted_the_same_before_is_sent_on_at_once() {
    for_each_engine(|store| async move {
        let (_server, mut browser, talk) = signed_in(store).await;
        let client = register(&talk, CALLBACK, "read write").await;
        let code = parameter(&consent(&mut browser, &request(&client, &[])).await, "code").unwrap();
        assert_eq!(redeem(&talk, &client, &code, &[]).await.status, StatusCode::OK);

        let again = location(&browser.get(&request(&client, &[("state", "s")])).await);
        assert!(again.starts_with("app://callback?code="), "{again}");
        assert_eq!(parameter(&again, "state").as_deref(), Some("s"));
        let forced = browser.get(&request(&client, &[("force_login", "true")])).await;
        assert_eq!(forced.status, StatusCode::OK);
        let less = browser.get(&request(&client, &[("scope", "read")])).await;
        assert_eq!(less.status, StatusCode::OK, "other scopes are asked for anew");
    })
    .await;
}

#[tokio::test]
async fn a_person_may_deny_and_a_code_may_be_shown() {
    for_each_engine(|store| async move {
        let (_server, mut browser, talk) = signed_in(store).await;
        let oob = "urn:ietf:wg:oauth:2.0:oob";
        let client = register(&talk, &format!("{CALLBACK}\n{oob}"), "read write").await;
        let page = browser.get(&request(&client, &[("state", "s")])).await;
        let form = [("decision", "deny")];
        let denied = location(&browser.submit(&page, "/oauth/authorize", &form).await);
        assert_eq!(parameter(&denied, "error").as_deref(), Some("access_denied"));
        assert_eq!(parameter(&denied, "state").as_deref(), Some("s"));
        assert_eq!(parameter(&denied, "code"), None);

        let shown = consent(&mut browser, &request(&client, &[("redirect_uri", oob)])).await;
        let code = parameter(&shown, "code").unwrap();
        let page = browser.get(&shown).await;
        assert!(page.text.contains(&code), "{}", page.text);
        let token = redeem(&talk, &client, &code, &[("redirect_uri", oob)]).await;
        assert_eq!(token.status, StatusCode::OK, "{}", token.text);
    })
    .await;
}

#[tokio::test]
async fn a01_a_code_works_once_and_its_reuse_ends_the_token() {
    for_each_engine(|store| async move {
        let (_server, mut browser, talk) = signed_in(store).await;
        let client = register(&talk, CALLBACK, "read write").await;
        let code = parameter(&consent(&mut browser, &request(&client, &[])).await, "code").unwrap();
        let token = redeem(&talk, &client, &code, &[]).await.json();
        let token = token["access_token"].as_str().unwrap();
        assert_eq!(who(&talk, token).await, StatusCode::OK);

        assert_oauth_error(&redeem(&talk, &client, &code, &[]).await, 400, "invalid_grant");
        assert_eq!(who(&talk, token).await, StatusCode::UNAUTHORIZED);
    })
    .await;
}

#[tokio::test]
async fn a01_a_code_is_bound_to_client_address_time_and_verifier() {
    for_each_engine(|store| async move {
        let (server, mut browser, talk) = signed_in(store).await;
        let both = format!("{CALLBACK} {CALLBACK}/longer");
        let client = register(&talk, &both, "read write").await;
        let other = register(&talk, &both, "read write").await;
        let challenge = sha256_base64url(VERIFIER.as_bytes());
        let pkce = [("code_challenge", challenge.as_str()), ("code_challenge_method", "S256")];
        let address = request(&client, &pkce);
        let code = parameter(&consent(&mut browser, &address).await, "code").unwrap();
        let good = ("code_verifier", VERIFIER);
        let longer = format!("{CALLBACK}/longer");
        for wrong in [
            &[][..],
            &[("code_verifier", "another-verifier-that-does-not-fit-the-challenge")],
            &[good, ("redirect_uri", longer.as_str())],
            &[good, ("redirect_uri", "app://callbac")],
            &[good, ("code", "nonsense")],
            &[good, ("client_id", &other.id), ("client_secret", &other.secret)],
        ] {
            let answer = redeem(&talk, &client, &code, wrong).await;
            assert_oauth_error(&answer, 400, "invalid_grant");
        }
        let stolen = redeem(&talk, &client, &code, &[good, ("client_secret", &other.secret)]).await;
        assert_oauth_error(&stolen, 401, "invalid_client");
        server.clock.advance(10 * MINUTE + 1);
        assert_oauth_error(&redeem(&talk, &client, &code, &[good]).await, 400, "invalid_grant");
    })
    .await;
}

#[tokio::test]
async fn a01_a_bad_request_is_shown_and_never_sent_on() {
    for_each_engine(|store| async move {
        let (_server, mut browser, talk) = signed_in(store).await;
        let client = register(&talk, CALLBACK, "read").await;
        let challenge = sha256_base64url(b"x");
        for bad in [
            &[("redirect_uri", "app://callback/longer"), ("scope", "read")][..],
            &[("redirect_uri", "https://b.test/"), ("scope", "read")],
            &[("client_id", "nobody"), ("scope", "read")],
            &[("response_type", "token"), ("scope", "read")],
            &[("scope", "read write")],
            &[("scope", "nonsense")],
            &[("scope", "read"), ("code_challenge", &challenge)],
            &[
                ("scope", "read"),
                ("code_challenge", &challenge),
                ("code_challenge_method", "plain"),
            ],
            &[("scope", "read"), ("code_challenge", "short"), ("code_challenge_method", "S256")],
        ] {
            let answer = browser.get(&request(&client, bad)).await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{bad:?}");
            assert!(answer.headers.get("location").is_none());
        }
    })
    .await;
}

#[tokio::test]
async fn a01_what_the_form_sends_back_is_checked_again() {
    for_each_engine(|store| async move {
        let (_server, mut browser, talk) = signed_in(store).await;
        let client = register(&talk, CALLBACK, "read").await;
        let page = browser.get(&request(&client, &[("scope", "read")])).await;
        for tampered in [("redirect_uri", "https://b.test/"), ("scope", "read write")] {
            let form = [("decision", "authorise"), tampered];
            let answer = browser.submit(&page, "/oauth/authorize", &form).await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{tampered:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn tokens_of_apps_themselves_and_what_the_token_endpoint_refuses() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        let talk = whole(&server);
        let client = register(&talk, CALLBACK, "read write:accounts").await;
        let ask = |fields: Vec<(&'static str, String)>| {
            let talk = talk.clone();
            async move {
                let fields = fields.iter().map(|(name, value)| (*name, value.as_str()));
                talk.post("/oauth/token", "", &encode(fields)).await
            }
        };
        let with = |grant: &str, more: &[(&'static str, &str)]| {
            let mut fields = vec![
                ("grant_type", grant.to_owned()),
                ("client_id", client.id.clone()),
                ("client_secret", client.secret.clone()),
            ];
            fields.extend(more.iter().map(|(name, value)| (*name, (*value).to_owned())));
            fields
        };
        let token = ask(with("client_credentials", &[("scope", "write:accounts")])).await;
        assert_eq!(token.status, StatusCode::OK, "{}", token.text);
        assert_eq!(token.json()["scope"], "write:accounts");
        let default = ask(with("client_credentials", &[])).await.json();
        assert_eq!(default["scope"], "read");
        let secret = default["access_token"].as_str().unwrap();
        assert_eq!(talk.get("/api/v1/apps/verify_credentials", secret).await.status, 200);
        assert_eq!(who(&talk, secret).await, StatusCode::UNPROCESSABLE_ENTITY);

        let more = ask(with("client_credentials", &[("scope", "push")])).await;
        assert_oauth_error(&more, 400, "invalid_scope");
        for grant in ["password", "refresh_token", "implicit"] {
            assert_oauth_error(&ask(with(grant, &[])).await, 400, "unsupported_grant_type");
        }
        assert_oauth_error(&ask(with("", &[])).await, 400, "invalid_request");
        let nobody = talk.post("/oauth/token", "", "grant_type=client_credentials").await;
        assert_oauth_error(&nobody, 401, "invalid_client");
    })
    .await;
}

#[tokio::test]
async fn apps_with_bad_values_are_refused() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        let talk = whole(&server);
        for bad in [
            "redirect_uris=app://x",
            "client_name=T",
            "client_name=T&redirect_uris=javascript:alert(1)",
            "client_name=T&redirect_uris=data:text/html,x",
            "client_name=T&redirect_uris=app://x&scopes=nonsense",
            "client_name=T&redirect_uris=app://x&website=javascript:alert(1)",
        ] {
            let answer = talk.post("/api/v1/apps", "", bad).await;
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{bad}");
            let text = answer.json()["error"].as_str().unwrap().to_owned();
            assert!(text.starts_with("Validation failed: "), "{text}");
        }
        let several = "client_name=T&redirect_uris[]=app://x&redirect_uris[]=https://a.test/cb";
        let app = talk.post("/api/v1/apps", "", several).await.json();
        assert_eq!(app["redirect_uris"], serde_json::json!(["app://x", "https://a.test/cb"]));
        assert_eq!(app["redirect_uri"], "app://x\nhttps://a.test/cb");
        assert_eq!(app["scopes"], serde_json::json!(["read"]));
        assert_eq!(app["client_secret_expires_at"], 0);
    })
    .await;
}

#[tokio::test]
async fn a03_a_revoked_token_ends_at_once_and_only_its_app_may_revoke_it() {
    for_each_engine(|store| async move {
        let (_server, mut browser, talk) = signed_in(store).await;
        let client = register(&talk, CALLBACK, "read write").await;
        let other = register(&talk, CALLBACK, "read write").await;
        let code = parameter(&consent(&mut browser, &request(&client, &[])).await, "code").unwrap();
        let token = redeem(&talk, &client, &code, &[]).await.json();
        let token = token["access_token"].as_str().unwrap();
        let revoke = |by: &Client| {
            let fields =
                [("client_id", by.id.as_str()), ("client_secret", &by.secret), ("token", token)];
            let (talk, form) = (talk.clone(), encode(fields.into_iter()));
            async move { talk.post("/oauth/revoke", "", &form).await }
        };
        assert_oauth_error(&revoke(&other).await, 403, "unauthorized_client");
        assert_eq!(who(&talk, token).await, StatusCode::OK);
        for _ in 0..2 {
            let answer = revoke(&client).await;
            assert_eq!((answer.status, answer.text.as_str()), (StatusCode::OK, "{}"));
        }
        let refused = talk.get("/api/v1/accounts/verify_credentials", token).await;
        assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
        assert_eq!(refused.json()["error"], "The access token was revoked");
    })
    .await;
}

#[tokio::test]
async fn a03_password_change_and_suspension_end_every_way_in() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        let talk = whole(&server);
        for (name, suspend) in [("alice", false), ("bob", true)] {
            let account = server.account(name).await;
            let token = server.token(account.id, "read").await;
            let client = register(&talk, CALLBACK, "read write").await;
            let mut browser = Browser::at(&server);
            browser.sign_in(name, PASSWORD).await;
            let sent = consent(&mut browser, &request(&client, &[])).await;
            let code = parameter(&sent, "code").unwrap();
            assert_eq!(who(&talk, &token).await, StatusCode::OK);

            if suspend {
                app::accounts::suspend(&server.app, account.id, true).await.unwrap();
            } else {
                let new = "another long password".to_owned();
                app::access::set_password(&server.app, account.id, new).await.unwrap();
            }
            assert_eq!(who(&talk, &token).await, StatusCode::UNAUTHORIZED);
            let late = redeem(&talk, &client, &code, &[]).await;
            assert_oauth_error(&late, 400, "invalid_grant");
            let again = location(&browser.get(&request(&client, &[])).await);
            assert!(again.starts_with("/auth/sign_in"), "the session has ended: {again}");
        }
    })
    .await;
}

#[tokio::test]
async fn userinfo_and_metadata_say_what_openid_clients_need() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        let talk = whole(&server);
        let alice = server.account("alice").await;
        let token = server.token(alice.id, "profile").await;
        let info = talk.get("/oauth/userinfo", &token).await.json();
        assert_eq!(info["iss"], "http://localhost:3000/");
        assert_eq!(info["preferred_username"], "alice");
        assert_eq!(info["sub"], "http://localhost:3000/users/alice");
        assert_eq!(talk.post("/oauth/userinfo", &token, "").await.json(), info);
        let metadata = talk.get("/.well-known/oauth-authorization-server", "").await.json();
        assert_eq!(metadata["code_challenge_methods_supported"], serde_json::json!(["S256"]));
        assert_eq!(metadata["token_endpoint"], "http://localhost:3000/oauth/token");
    })
    .await;
}
