//! Quotes by people here of what is elsewhere (FEP-044f, F15).

use serde_json::{Value, json};

use crate::scene::{Scene, each};

fn object_of(activities: &[Value]) -> &Value {
    &activities.last().unwrap()["object"]
}

async fn quotes_count(scene: &Scene, uri: &str) -> i64 {
    scene.known(uri).await.unwrap()["quotes_count"].as_i64().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn f15_a_quote_by_somebody_here_is_shown_while_the_quoted_side_allows_it() {
    each(async |scene| {
        let bob = scene.peer.actor("bob").await;
        scene.follow(&bob).await;
        let mut original = scene.peer.note(&bob, 1, "<p>original</p>");
        let anybody =
            json!({ "automaticApproval": "https://www.w3.org/ns/activitystreams#Public" });
        original["interactionPolicy"] = json!({ "canQuote": anybody });
        scene.deliver(&bob, &bob.activity(1, "Create", &original)).await;
        scene.deliver(&bob, &bob.activity(2, "Follow", &json!(scene.alice_id()))).await;
        let uri = original["id"].as_str().unwrap();
        let target = scene.known(uri).await.unwrap()["id"].as_str().unwrap().to_owned();

        let (id, own) = scene.status("look", &format!("&quoted_status_id={target}")).await;
        let path = format!("/api/v1/statuses/{id}");
        assert_eq!(
            scene.get(&path).await["quote"],
            json!({ "state": "pending", "quoted_status": null })
        );
        assert_eq!(quotes_count(&scene, uri).await, 0);
        let told = scene.sent("Create");
        assert_eq!(object_of(&told)["quote"], uri);
        assert_eq!(object_of(&told)["quoteAuthorization"], Value::Null);
        let request = scene.sent("QuoteRequest").pop().unwrap();
        assert_eq!(request["instrument"]["quote"], uri);

        let stamp = scene.peer.url("/stamp");
        let document = json!({
            "@context": [
                "https://www.w3.org/ns/activitystreams",
                { "QuoteAuthorization": "https://w3id.org/fep/044f#QuoteAuthorization" },
            ],
            "type": "QuoteAuthorization",
            "id": stamp,
            "attributedTo": bob.id,
            "interactingObject": own,
            "interactionTarget": uri,
        });
        scene.peer.serve("/stamp", &document);
        let mut accept = bob.activity(3, "Accept", &request);
        accept["result"] = json!(stamp);
        scene.deliver(&bob, &accept).await;
        let shown = scene.get(&path).await;
        assert_eq!(shown["quote"]["state"], "accepted");
        assert_eq!(shown["quote"]["quoted_status"]["uri"], uri);
        assert_eq!(quotes_count(&scene, uri).await, 1);
        assert_eq!(object_of(&scene.sent("Update"))["quoteAuthorization"], stamp);
        // Somebody who quotes the quote names what that quotes.
        let (outer, _) = scene.status("again", &format!("&quoted_status_id={id}")).await;
        let inner = |outer: &Value| outer["quote"]["quoted_status"]["quote"].clone();
        let outer = format!("/api/v1/statuses/{outer}");
        assert_eq!(inner(&scene.get(&outer).await)["quoted_status_id"], target.as_str());

        scene.deliver(&bob, &bob.activity(4, "Delete", &json!(stamp))).await;
        assert_eq!(
            scene.get(&path).await["quote"],
            json!({ "state": "revoked", "quoted_status": null })
        );
        assert_eq!(
            inner(&scene.get(&outer).await),
            json!({ "state": "revoked", "quoted_status_id": null })
        );
        assert_eq!(quotes_count(&scene, uri).await, 0);
        assert_eq!(object_of(&scene.sent("Update"))["quoteAuthorization"], Value::Null);

        let (id, _) = scene.status("once more", &format!("&quoted_status_id={target}")).await;
        let request = scene.sent("QuoteRequest").pop().unwrap();
        scene.deliver(&bob, &bob.activity(5, "Reject", &request)).await;
        assert_eq!(
            scene.get(&format!("/api/v1/statuses/{id}")).await["quote"],
            json!({ "state": "rejected", "quoted_status": null })
        );
        assert_eq!(quotes_count(&scene, uri).await, 0);
    })
    .await;
}
