//! Activities that took effect are noted in groups, each once.

use domain::Timestamp;
use store::{StoreError, received};
use testkit::for_each_engine;

const FIRST: Timestamp = Timestamp(1_000);
const LATER: Timestamp = Timestamp(2_000);

fn noted(hashes: &[&str]) -> Vec<String> {
    hashes.iter().map(|hash| (*hash).to_owned()).collect()
}

#[tokio::test]
async fn f08_what_was_noted_keeps_its_time_and_is_known_until_it_is_swept() {
    for_each_engine(|store| async move {
        let (early, again) = (noted(&["a", "b"]), noted(&["b", "c"]));
        let (known, together) = store
            .write(move |conn| {
                Box::pin(async move {
                    received::note(conn, early, FIRST).await?;
                    received::note(conn, again, LATER).await?;
                    let (mut known, mut together) = (Vec::new(), Vec::new());
                    for before in [FIRST, LATER] {
                        received::sweep(conn, before).await?;
                        for hash in ["a", "b", "c", "d"] {
                            known.push(received::is_known(conn, hash).await?);
                        }
                        let mut all = received::known(conn, noted(&["a", "b", "c", "d"])).await?;
                        all.sort_unstable();
                        together.push(all);
                    }
                    Ok::<_, StoreError>((known, together))
                })
            })
            .await
            .unwrap();
        assert_eq!(known, [true, true, true, false, false, false, true, false]);
        assert_eq!(together, [noted(&["a", "b", "c"]), noted(&["c"])]);
    })
    .await;
}
