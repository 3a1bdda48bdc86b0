//! Four visibilities, six signers, every route that reads.

use testkit::{Answer, for_each_engine};

use crate::cast::{Cast, SIGNERS, VISIBILITIES};

fn may(signer: &str, visibility: &str) -> bool {
    match signer {
        "mentioned" => true,
        "blocked" => false,
        "follower" => visibility != "direct",
        _ => matches!(visibility, "public" | "unlisted"),
    }
}

/// A status of each visibility, each answered by the author with the same, pinned where it can be.
async fn write(cast: &Cast) -> Vec<(&'static str, String)> {
    let mut written = Vec::new();
    for visibility in VISIBILITIES {
        let text =
            format!("visibility={visibility}&status=marker-{visibility}+@mentioned@peer.test");
        let id = cast.post(&text).await;
        let answer = format!("{text}+answer&in_reply_to_id={id}");
        cast.post(&answer).await;
        if visibility != "direct" {
            let path = format!("/api/v1/statuses/{id}/pin");
            assert_eq!(cast.talk.post(&path, &cast.token, "").await.status, 200);
        }
        written.push((visibility, id));
    }
    app::jobs::run_all(&cast.server.app).await.unwrap();
    written
}

#[tokio::test]
async fn v01_a_document_is_for_whom_its_status_is() {
    for_each_engine(|store| async move {
        let cast = Cast::on(store).await;
        let written = write(&cast).await;
        for signer in SIGNERS {
            for (visibility, id) in &written {
                for tail in ["", "/activity", "/replies", "/replies?page=true", "/likes", "/shares"]
                {
                    let path = format!("/users/author/statuses/{id}{tail}");
                    let answer = cast.get(signer, &path).await;
                    let expected = if may(signer, visibility) { 200 } else { 404 };
                    assert_eq!(
                        answer.status, expected,
                        "{signer} {visibility} {tail}: {}",
                        answer.text
                    );
                    let is_kept = answer.headers["cache-control"].to_str().unwrap();
                    let expected = if signer == "nobody" && expected == 200 {
                        "public, max-age=60, stale-while-revalidate=60, stale-if-error=86400"
                    } else {
                        "private, no-store"
                    };
                    assert_eq!(is_kept, expected, "{signer} {visibility} {tail}");
                    assert_eq!(answer.headers["vary"], "Accept");
                }
            }
        }
    })
    .await;
}

#[tokio::test]
async fn v01_what_stays_here_is_no_document_for_anybody() {
    for_each_engine(|store| async move {
        let cast = Cast::on(store).await;
        let text = "status=marker-staying+@mentioned@peer.test&local_only=true";
        let id = cast.post(text).await;
        let path = format!("/api/v1/statuses/{id}/pin");
        assert_eq!(cast.talk.post(&path, &cast.token, "").await.status, 200);
        for signer in SIGNERS {
            for tail in ["", "/activity", "/replies", "/likes", "/shares"] {
                let path = format!("/users/author/statuses/{id}{tail}");
                assert_eq!(cast.get(signer, &path).await.status, 404, "{signer} {tail}");
            }
            for list in ["outbox?page=true", "collections/featured"] {
                let answer = cast.get(signer, &format!("/users/author/{list}")).await;
                assert!(!answer.text.contains("marker-staying"), "{signer} {list}");
            }
        }
        cast.talk.send("DELETE", &format!("/api/v1/statuses/{id}"), &cast.token, "").await;
        let path = format!("/users/author/statuses/{id}");
        assert_eq!(cast.get("nobody", &path).await.status, 404, "nor is there a gravestone");
    })
    .await;
}

#[tokio::test]
async fn v04_a_list_shows_each_signer_its_own_view() {
    for_each_engine(|store| async move {
        let cast = Cast::on(store).await;
        let written = write(&cast).await;
        // In this order: what one saw must not stay for the next.
        for signer in
            ["mentioned", "follower", "blocked", "nobody", "stranger", "instance", "nobody"]
        {
            for path in ["/users/author/outbox?page=true", "/users/author/collections/featured"] {
                let answer = cast.get(signer, path).await;
                for (visibility, _) in &written {
                    let pinned = *visibility != "direct" || !path.contains("featured");
                    let marker = format!("marker-{visibility} ");
                    let expected = may(signer, visibility) && pinned;
                    assert_eq!(
                        answer.text.contains(&marker),
                        expected,
                        "{signer} {path} {visibility}: {}",
                        answer.text
                    );
                }
                assert_eq!(answer.status, if signer == "blocked" { 404 } else { 200 });
            }
            // The answers to an open status: those that the signer may see.
            let (_, id) = &written[0];
            let answer = format!("visibility=private&status=hush&in_reply_to_id={id}");
            let hushed = cast.post(&answer).await;
            let listed = cast.get(signer, &format!("/users/author/statuses/{id}/replies")).await;
            let expected = matches!(signer, "follower");
            assert_eq!(listed.text.contains(&hushed), expected, "{signer}: {}", listed.text);
            let note = cast.get("nobody", &format!("/users/author/statuses/{id}")).await.json();
            let context = note["context"]
                .as_str()
                .unwrap()
                .strip_prefix("http://localhost:3000")
                .unwrap()
                .to_owned();
            let thread = cast.get(signer, &context).await;
            assert_eq!(thread.text.contains(&hushed), expected, "{signer}: {}", thread.text);
        }
    })
    .await;
}

#[tokio::test]
async fn v02_hidden_and_absent_are_the_same() {
    for_each_engine(|store| async move {
        let cast = Cast::on(store).await;
        let written = write(&cast).await;
        let (_, private) = &written[2];
        let essence = |answer: Answer| {
            let mut headers: Vec<_> = answer.headers.into_iter().collect();
            headers.sort_by_key(|(name, _)| name.clone().map(|name| name.to_string()));
            (answer.status, headers, answer.text)
        };
        for signer in ["nobody", "stranger", "blocked", "instance"] {
            for tail in ["", "/activity", "/replies", "/likes", "/shares"] {
                let ask = |id: String| {
                    let path = format!("/users/author/statuses/{id}{tail}");
                    let cast = &cast;
                    async move { essence(cast.get(signer, &path).await) }
                };
                let hidden = ask(private.clone()).await;
                assert_eq!(hidden.0, 404);
                assert_eq!(hidden, ask("12345".into()).await, "{signer} {tail}");
                assert_eq!(hidden, ask("nonsense".into()).await, "{signer} {tail}");
            }
        }
        // Deleted: what all could see leaves a stone, what few could see leaves nothing.
        for (visibility, id) in &written {
            let path = format!("/api/v1/statuses/{id}");
            assert_eq!(cast.talk.send("DELETE", &path, &cast.token, "").await.status, 200);
            let answer = cast.get("nobody", &format!("/users/author/statuses/{id}")).await;
            if matches!(*visibility, "public" | "unlisted") {
                assert_eq!(answer.status, 410);
                assert_eq!(answer.json()["type"], "Tombstone", "{}", answer.text);
            } else {
                assert_eq!(answer.status, 404);
            }
        }
    })
    .await;
}

#[tokio::test]
async fn v04_a_signature_counts_only_while_it_is_good() {
    for_each_engine(|store| async move {
        let cast = Cast::on(store).await;
        let id = cast.post("visibility=private&status=hush").await;
        let path = format!("/users/author/statuses/{id}");
        let now = cast.server.app.now();
        let ask = |change: fn(&mut http::Request<axum::body::Body>)| {
            let mut request = cast.signed("follower", &path, now);
            change(&mut request);
            cast.talk.ask(request)
        };
        assert_eq!(ask(|_| {}).await.status, 200);
        let other_path = ask(|request| {
            *request.uri_mut() = format!("{}/activity", request.uri()).parse().unwrap();
        });
        assert_eq!(other_path.await.status, 404);
        let other_time = ask(|request| {
            request.headers_mut().insert("date", "Sun, 06 Nov 1994 08:49:37 GMT".parse().unwrap());
        });
        assert_eq!(other_time.await.status, 404);
        let other_key = ask(|request| {
            let signature =
                request.headers()["signature"].to_str().unwrap().replace("follower", "mentioned");
            request.headers_mut().insert("signature", signature.parse().unwrap());
        });
        // The same key pair is the mentioned one's as well, but nothing mentions them here.
        assert_eq!(other_key.await.status, 404);
        let garbled = ask(|request| {
            request.headers_mut().insert("signature", "keyId=\"x\"".parse().unwrap());
        });
        assert_eq!(garbled.await.status, 404);
        let stale = cast.signed("follower", &path, now.plus(-13 * domain::time::HOUR));
        assert_eq!(cast.talk.ask(stale).await.status, 404);
        // A bad signature on something open is no signature.
        let open = cast.post("status=hello").await;
        let path = format!("/users/author/statuses/{open}");
        let stale = cast.signed("follower", &path, now.plus(-13 * domain::time::HOUR));
        let answer = cast.talk.ask(stale).await;
        assert_eq!(
            (answer.status.as_u16(), answer.headers["cache-control"].to_str().unwrap()),
            (200, "private, no-store")
        );
    })
    .await;
}
