//! Activities that took effect are noted in groups, each once.

use domain::Timestamp;
use store::{StoreError, received};
use testkit::for_each_engine;

const FIRST: Timestamp = Timestamp(1_000);
const LATER: Timestamp = Timestamp(2_000);

#[tokio::test]
async fn f08_what_was_noted_keeps_its_time_and_is_known_until_it_is_swept() {
    for_each_engine(|store| async move {
        let noted = |hashes: &[&str]| hashes.iter().map(|hash| (*hash).to_owned()).collect();
        let (early, again): (Vec<String>, Vec<String>) = (noted(&["a", "b"]), noted(&["b", "c"]));
        let known = store
            .write(move |conn| {
                Box::pin(async move {
                    received::note(conn, early, FIRST).await?;
                    received::note(conn, again, LATER).await?;
                    let mut known = Vec::new();
                    for before in [FIRST, LATER] {
                        received::sweep(conn, before).await?;
                        for hash in ["a", "b", "c", "d"] {
                            known.push(received::is_known(conn, hash).await?);
                        }
                    }
                    Ok::<_, StoreError>(known)
                })
            })
            .await
            .unwrap();
        assert_eq!(known, [true, true, true, false, false, false, true, false]);
    })
    .await;
}
