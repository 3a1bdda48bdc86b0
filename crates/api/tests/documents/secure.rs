//! Where everybody must sign, where only some are spoken with, and where nobody is.

use app::domain_rules::{self, Change, Severity};
use testkit::for_each_engine;

use crate::cast::Cast;

const PATHS: &[&str] = &[
    "/users/author",
    "/users/author/outbox",
    "/users/author/outbox?page=true",
    "/users/author/followers",
    "/users/author/following",
    "/users/author/collections/featured",
    "/users/author/collections/tags",
    "/users/nobody",
    "/users/author/statuses/1",
    "/contexts/1",
];

pub fn change(domain: &str, severity: Severity) -> Change {
    Change {
        domain: domain.into(),
        severity,
        reject_media: false,
        reject_reports: false,
        obfuscate: false,
        private_comment: String::new(),
        public_comment: String::new(),
    }
}

#[tokio::test]
async fn v04_in_secure_mode_everything_but_the_instance_actor_needs_a_signature() {
    for_each_engine(|store| async move {
        let cast = Cast::with(store, |config| config.federation.secure_mode = true).await;
        for path in PATHS {
            let answer = cast.get("nobody", path).await;
            assert_eq!(answer.status, 401, "{path}");
            assert_eq!(answer.headers["vary"], "Accept, Signature", "{path}");
            assert_eq!(answer.headers["cache-control"], "private, no-store", "{path}");
        }
        assert_eq!(cast.get("nobody", "/actor").await.status, 200);
        for path in &PATHS[..7] {
            assert_eq!(cast.get("stranger", path).await.status, 200, "{path}");
        }
        // A browser is sent to the page and learns nothing here.
        assert_eq!(cast.unsigned("/users/author", "text/html").await.status, 302);
    })
    .await;
}

#[tokio::test]
async fn v04_a_suspended_domain_reads_nothing() {
    for secure in [false, true] {
        for_each_engine(|store| async move {
            let cast = Cast::with(store, |config| config.federation.secure_mode = secure).await;
            let rule = change("peer.test", Severity::Suspend);
            domain_rules::set(&cast.server.app, rule).await.unwrap();
            for path in PATHS {
                assert_eq!(cast.get("follower", path).await.status, 403, "{path}");
            }
            domain_rules::remove(&cast.server.app, "peer.test").await.unwrap();
            let host = change(&cast.peer.host, Severity::Suspend);
            domain_rules::set(&cast.server.app, host).await.unwrap();
            assert_eq!(cast.get("follower", "/users/author").await.status, 403);
            assert_eq!(cast.get("follower", "/actor").await.status, 200);
        })
        .await;
    }
}

#[tokio::test]
async fn where_only_allowed_domains_are_spoken_with_others_read_nothing() {
    for_each_engine(|store| async move {
        let cast = Cast::with(store, |config| config.federation.allow_list = true).await;
        assert_eq!(cast.get("nobody", "/users/author").await.status, 401);
        assert_eq!(cast.get("stranger", "/users/author").await.status, 403);
        for domain in ["peer.test", &cast.peer.host] {
            domain_rules::allow(&cast.server.app, domain).await.unwrap();
        }
        assert_eq!(cast.get("stranger", "/users/author").await.status, 200);
    })
    .await;
}

#[tokio::test]
async fn without_federation_there_is_nothing_for_servers() {
    for_each_engine(|store| async move {
        let cast = Cast::with(store, |config| config.federation.enabled = false).await;
        let finger = "/.well-known/webfinger?resource=acct:author@localhost:3000";
        for path in PATHS.iter().chain(&["/actor", finger]) {
            assert_eq!(cast.get("stranger", path).await.status, 404, "{path}");
        }
    })
    .await;
}
