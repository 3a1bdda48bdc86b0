//! Searching statuses with operators, phrases and exclusions, in scripts with and without spaces.

use super::support::Place;
use testkit::for_each_engine;

const ALL: &str = "read write follow";

#[tokio::test]
async fn v01_operators_narrow_what_the_searcher_may_find() {
    for_each_engine(|store| async move {
        let place = Place::on(store).await;
        let (_, alice) = place.user("alice", ALL).await;
        let (_, bob) = place.user("bob", ALL).await;
        place
            .talk
            .send("PATCH", "/api/v1/accounts/update_credentials", &alice, "indexable=true")
            .await;
        let plain = place.post(&alice, "status=Apple+pie+recipe&language=en").await;
        let linked = place.post(&alice, "status=Pie+of+apples+https://pie.test&language=de").await;
        let poll =
            "status=Which+pie&poll[options][]=apple&poll[options][]=plum&poll[expires_in]=600";
        let polled = place.post(&alice, poll).await;
        let reply = place.post(&bob, &format!("status=@alice+my+pie&in_reply_to_id={plain}")).await;
        let warned =
            place.post(&alice, "status=pie+fight&spoiler_text=food&visibility=unlisted").await;
        let cjk = place.post(&alice, "status=東京都の黒猫").await;
        place.talk.post(&format!("/api/v1/statuses/{linked}/bookmark"), &bob, "").await;

        let find = async |token: &str, q: &str| -> Vec<String> {
            let q: String = url::form_urlencoded::byte_serialize(q.as_bytes()).collect();
            let path = format!("/api/v2/search?type=statuses&limit=40&q={q}");
            let answer = place.talk.get(&path, token).await;
            assert_eq!(answer.status, 200, "{q}: {}", answer.text);
            let found = answer.json();
            let found = found["statuses"].as_array().unwrap();
            found.iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect()
        };
        let all = [&warned, &reply, &polled, &linked, &plain];
        for (q, found) in [
            ("pie", all.to_vec()),
            ("pie -apple", vec![&warned, &reply, &polled, &linked]),
            ("\"apple pie\"", vec![&plain]),
            ("pie -\"apple pie\" from:me", vec![&warned, &polled, &linked]),
            ("pie from:bob", vec![&reply]),
            ("pie -from:bob", vec![&warned, &polled, &linked, &plain]),
            ("pie from:nobody", vec![]),
            ("pie has:poll", vec![&polled]),
            ("pie -has:poll is:reply", vec![&reply]),
            ("pie is:sensitive", vec![&warned]),
            ("pie has:link", vec![&linked]),
            ("pie has:media", vec![]),
            ("pie language:de", vec![&linked]),
            ("pie -language:en from:me", vec![&linked]),
            ("from:me has:poll", vec![&polled]),
            ("from:me -pie", vec![&cjk]),
            ("is:reply in:library", vec![&reply]),
            ("pie before:2000-01-01", vec![]),
            ("pie after:2000-01-01 from:bob", vec![&reply]),
            ("pie in:public", vec![&polled, &linked, &plain]),
            ("東京", vec![&cjk]),
            ("東京都", vec![&cjk]),
            ("猫", vec![&cjk]),
            ("京東", vec![]),
            ("都の黒猫", vec![&cjk]),
            ("黒猫東京", vec![]),
        ] {
            let found: Vec<String> = found.into_iter().cloned().collect();
            assert_eq!(find(&alice, q).await, found, "{q}");
        }
        // What is for others, or only unlisted, is not found by asking for it.
        assert_eq!(
            find(&bob, "pie from:alice").await,
            [polled.clone(), linked.clone(), plain.clone()]
        );
        assert_eq!(find(&bob, "pie in:library").await, [reply.clone(), linked.clone()]);
        place
            .talk
            .send("PATCH", "/api/v1/accounts/update_credentials", &alice, "indexable=false")
            .await;
        assert_eq!(find(&bob, "from:alice").await, [linked]);
        for odd in
            ["\"", "-", "from:", "NOT pie", "pie*", "\" OR \"", ":", "-from:me", "pie NEAR(x)"]
        {
            find(&bob, odd).await;
        }
    })
    .await;
}
