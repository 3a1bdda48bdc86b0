//! Rules about domains: what they do to accounts that are known, and lists of them coming in and
//! going out.
#![expect(clippy::unwrap_used, reason = "a helper of tests fails by panicking")]

use app::domain_rules::{self, Change, Import, Severity};
use domain::account::Account;
use domain::{AccountId, Timestamp};
use store::relations::{self, FollowOptions};
use store::remote_accounts::{self, Described, RemoteAccount};
use store::{Store, StoreError, accounts};
use testkit::{Server, for_each_engine};

fn change(domain: &str, severity: Severity) -> Change {
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

/// An account whose handle is on one domain and whose id on another.
async fn keep(server: &Server, local: &Account, name: &str, domain: &str, host: &str) -> AccountId {
    let (id, now) = (AccountId(server.app.ids.next()), server.app.now());
    let described = Described {
        account: Account {
            id,
            username: name.into(),
            domain: Some(domain.into()),
            uri: Some(format!("https://{host}/{name}")),
            suspended_at: None,
            ..local.clone()
        },
        remote: RemoteAccount {
            account_id: id,
            host: host.into(),
            kind: "person".into(),
            inbox: format!("https://{host}/inbox"),
            shared_inbox: None,
            outbox: None,
            followers_uri: None,
            following_uri: None,
            featured_uri: None,
            featured_tags_uri: None,
            moved_to_uri: None,
            also_known_as: Vec::new(),
            attribution_domains: Vec::new(),
            fetched_at: now,
            backfilled_at: None,
        },
        keys: Vec::new(),
    };
    let (here, rows) = (local.id, [server.app.ids.next(), server.app.ids.next()]);
    let kept = server.app.store.write(move |conn| {
        Box::pin(async move {
            let id = remote_accounts::upsert(conn, &described, now).await?;
            for (row, pair) in rows.into_iter().zip([(here, id), (id, here)]) {
                relations::follow(conn, row, pair, &FollowOptions::default(), now).await?;
                accounts::count_follow(conn, pair.0, pair.1, 1).await?;
            }
            Ok::<_, StoreError>(id)
        })
    });
    kept.await.unwrap()
}

async fn state(store: &Store, id: AccountId) -> (Option<Timestamp>, Option<Timestamp>, i64, i64) {
    let found = store
        .read(move |conn| Box::pin(async move { accounts::by_id(conn, id).await }))
        .await
        .unwrap()
        .unwrap();
    (found.suspended_at, found.silenced_at, found.following_count, found.followers_count)
}

#[tokio::test]
async fn a_suspended_domain_is_cut_off_and_let_in_again() {
    for_each_engine(|store| async move {
        let server = Server::on(store.clone());
        let local = server.account("alice").await;
        let there = keep(&server, &local, "a", "bad.test", "bad.test").await;
        let below = keep(&server, &local, "b", "sub.bad.test:81", "sub.bad.test:81").await;
        let split = keep(&server, &local, "c", "vanity.test", "bad.test").await;
        let other = keep(&server, &local, "d", "notbad.test", "notbad.test").await;
        assert_eq!(state(&store, local.id).await, (None, None, 4, 4));
        let alone = keep(&server, &local, "e", "bad.test", "bad.test").await;
        app::accounts::suspend(&server.app, alone, true).await.unwrap();
        let by_hand = state(&store, alone).await.0;
        assert!(by_hand.is_some());
        assert_eq!(state(&store, local.id).await, (None, None, 4, 4), "that one was cut off");

        server.clock.advance(60_000);
        let rule = change("BAD.test.", Severity::Suspend);
        let rule = domain_rules::set(&server.app, rule).await.unwrap();
        assert_eq!(rule.domain, "bad.test");
        app::jobs::run_all(&server.app).await.unwrap();
        for id in [there, below, split] {
            assert_eq!(state(&store, id).await, (Some(rule.created_at), None, 0, 0));
        }
        assert_eq!(state(&store, other).await, (None, None, 1, 1));
        assert_eq!(state(&store, local.id).await, (None, None, 1, 1));

        server.clock.advance(60_000);
        domain_rules::set(&server.app, change("bad.test", Severity::Silence)).await.unwrap();
        app::jobs::run_all(&server.app).await.unwrap();
        for id in [there, below, split] {
            assert_eq!(state(&store, id).await, (None, Some(rule.created_at), 0, 0));
        }
        assert_eq!(state(&store, alone).await.0, by_hand);

        domain_rules::remove(&server.app, "bad.test").await.unwrap();
        app::jobs::run_all(&server.app).await.unwrap();
        for id in [there, below, split] {
            assert_eq!(state(&store, id).await, (None, None, 0, 0));
        }
        assert_eq!(state(&store, alone).await.0, by_hand, "what a person did stays");
    })
    .await;
}

#[tokio::test]
async fn a_server_has_no_rule_against_itself() {
    for_each_engine(|store| async move {
        let server = Server::with(store, |config| config.server.domain = Some("a.b.test".into()));
        for domain in ["a.b.test", "A.B.test.", "b.test", "test", "", "ex/ample.test", "a b"] {
            let refused = domain_rules::set(&server.app, change(domain, Severity::Suspend)).await;
            assert!(matches!(refused, Err(app::AppError::Invalid(_))), "{domain:?}");
        }
        assert!(domain_rules::list(&server.app).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_list_is_imported_whole_or_not_at_all() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        let app = &server.app;
        let kept = Change { private_comment: "why".into(), ..change("old.test", Severity::Noop) };
        domain_rules::set(app, kept).await.unwrap();
        let good = "\u{feff}#domain,#severity,#reject_media,#reject_reports,#public_comment,#obfuscate\r\n\
            bad.test,suspend,TRUE,false,\"spam, and\nworse\",true\r\n\
            \r\n\
            BÜCHER.test,silence,false,true,,false\r\n\
            old.test,suspend,,,,\r\n";
        let done = |changed, same| Import::Done { changed, same };
        assert_eq!(domain_rules::import(app, good).await.unwrap(), done(3, 0));
        assert_eq!(domain_rules::import(app, good).await.unwrap(), done(0, 3), "twice is once");
        let rules = domain_rules::list(app).await.unwrap();
        let names: Vec<&str> = rules.iter().map(|rule| rule.domain.as_str()).collect();
        assert_eq!(names, ["bad.test", "old.test", "xn--bcher-kva.test"]);
        assert_eq!(rules[0].public_comment, "spam, and\nworse");
        assert!(rules[0].reject_media && rules[0].obfuscate && !rules[0].reject_reports);
        assert_eq!(rules[1].private_comment, "why");
        // What goes out comes in again.
        let exported = domain_rules::export(app).await.unwrap();
        assert_eq!(domain_rules::import(app, &exported).await.unwrap(), done(0, 3));

        let bad = "#domain,#severity\nnew.test,suspend\nex/ample.test,suspend\nx.test,loud\n\"y.test\n";
        match domain_rules::import(app, bad).await.unwrap() {
            Import::Refused(lines) => {
                let numbers: Vec<usize> = lines.iter().map(|(line, _)| *line).collect();
                assert_eq!(numbers, [3, 4, 5], "{lines:?}");
            }
            Import::Done { .. } => panic!("it was taken"),
        }
        assert_eq!(domain_rules::list(app).await.unwrap().len(), 3, "nothing of it was taken");
        // A bare list is one as well, and its last word counts.
        assert_eq!(domain_rules::import(app, "new.test\nnew.test\n").await.unwrap(), done(1, 0));
    })
    .await;
}
