//! What is kept of other servers has a bound.

use domain::Timestamp;
use store::StoreError;
use store::hosts::{self, Host};

#[tokio::test]
async fn o08_of_a_hundred_thousand_failing_hosts_fifty_thousand_stay() {
    // The statements are the same on the other engine, where this would take a minute.
    let database = testkit::TestDatabase::sqlite().await;
    let kept = database
        .store
        .write(|conn| {
            Box::pin(async move {
                for number in 0..100_000_i64 {
                    let host = Host {
                        name: format!("dead{number}.test"),
                        failures: 1,
                        failed_days: 1,
                        ..Host::default()
                    };
                    let now = Timestamp(number);
                    hosts::failed(conn, &host, now.plus(1_000), now).await?;
                }
                hosts::sweep(conn, Timestamp(0), 50_000).await?;
                let names = ["dead0.test", "dead49999.test", "dead50000.test", "dead99999.test"];
                hosts::of(conn, names.map(str::to_owned).to_vec()).await
            })
        })
        .await
        .map_err(|error: StoreError| error)
        .unwrap();
    let mut names: Vec<&str> = kept.iter().map(|host| host.name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["dead50000.test", "dead99999.test"]);
}
