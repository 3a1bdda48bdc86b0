//! The rules about domains: which one counts for a host.

use domain::{RowId, Timestamp};
use store::StoreError;
use store::domain_rules::{self, Rule, Severity};
use testkit::for_each_engine;

fn rule(id: i64, domain: &str, severity: Severity) -> Rule {
    Rule {
        id: RowId(id),
        domain: domain.into(),
        severity,
        reject_media: false,
        reject_reports: false,
        obfuscate: false,
        private_comment: String::new(),
        public_comment: String::new(),
        created_at: Timestamp(0),
    }
}

#[tokio::test]
async fn f12_a_rule_counts_for_every_spelling_and_everything_below() {
    for_each_engine(|store| async move {
        store
            .write(|conn| {
                Box::pin(async move {
                    let rules = [
                        rule(1, "bad.test", Severity::Suspend),
                        rule(2, "loud.bad.test", Severity::Silence),
                        rule(3, "xn--bcher-kva.test", Severity::Silence),
                        rule(4, "odd.test:8443", Severity::Suspend),
                        rule(5, "fine.bad.test", Severity::Noop),
                        rule(6, "quiet.test", Severity::Silence),
                        rule(7, "worse.quiet.test", Severity::Suspend),
                    ];
                    for rule in &rules {
                        domain_rules::set(conn, rule).await?;
                    }
                    for (host, expected) in [
                        ("bad.test", Some(Severity::Suspend)),
                        ("BAD.test.", Some(Severity::Suspend)),
                        ("bad.test:8443", Some(Severity::Suspend)),
                        ("a.b.bad.test", Some(Severity::Suspend)),
                        // A rule below lifts none above.
                        ("loud.bad.test", Some(Severity::Suspend)),
                        ("very.LOUD.bad.test", Some(Severity::Suspend)),
                        ("fine.bad.test", Some(Severity::Suspend)),
                        ("quiet.test", Some(Severity::Silence)),
                        ("a.worse.quiet.test", Some(Severity::Suspend)),
                        ("bücher.test", Some(Severity::Silence)),
                        ("odd.test:8443", Some(Severity::Suspend)),
                        ("odd.test", None),
                        ("notbad.test", None),
                        ("bad.test.example", None),
                        ("ba/d.test", None),
                        ("test", None),
                        ("", None),
                    ] {
                        let found = domain_rules::severity_of(conn, host).await?;
                        assert_eq!(found, expected, "{host:?}");
                    }
                    let hosts = ["fine.bad.test", "quiet.test", "worse.quiet.test"];
                    let suspended =
                        domain_rules::suspended_of(conn, &hosts.map(String::from)).await?;
                    assert_eq!(suspended, ["fine.bad.test", "worse.quiet.test"]);
                    assert!(domain_rules::rejects_media(conn, "fine.bad.test").await?);
                    Ok::<_, StoreError>(())
                })
            })
            .await
            .unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_rule_is_changed_in_its_place_and_removed() {
    for_each_engine(|store| async move {
        store
            .write(|conn| {
                Box::pin(async move {
                    domain_rules::set(conn, &rule(1, "bad.test", Severity::Noop)).await?;
                    assert!(!domain_rules::rejects_media(conn, "bad.test").await?);
                    assert!(!domain_rules::rejects_reports(conn, "bad.test").await?);
                    let changed =
                        Rule { reject_media: true, ..rule(2, "bad.test", Severity::Noop) };
                    domain_rules::set(conn, &changed).await?;
                    let all = domain_rules::all(conn).await?;
                    assert_eq!(all, [Rule { id: RowId(1), ..changed }]);
                    assert!(domain_rules::rejects_media(conn, "cdn.bad.test").await?);
                    domain_rules::set(conn, &rule(3, "bad.test", Severity::Suspend)).await?;
                    assert!(domain_rules::rejects_media(conn, "bad.test").await?);
                    assert!(domain_rules::rejects_reports(conn, "bad.test").await?);
                    assert!(domain_rules::remove(conn, "bad.test").await?);
                    assert!(!domain_rules::remove(conn, "bad.test").await?);
                    assert_eq!(domain_rules::severity_of(conn, "bad.test").await?, None);

                    domain_rules::allow(conn, RowId(5), "good.test", Timestamp(1)).await?;
                    domain_rules::allow(conn, RowId(6), "good.test", Timestamp(2)).await?;
                    assert_eq!(domain_rules::allowed(conn).await?.len(), 1);
                    assert!(domain_rules::is_allowed(conn, "GOOD.test.").await?);
                    assert!(!domain_rules::is_allowed(conn, "below.good.test").await?);
                    assert!(!domain_rules::is_allowed(conn, "good.test:81").await?);
                    assert!(domain_rules::disallow(conn, "good.test").await?);
                    Ok::<_, StoreError>(())
                })
            })
            .await
            .unwrap();
    })
    .await;
}
