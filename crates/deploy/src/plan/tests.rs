//! Plans that pass and plans that are refused.
use config::Deploy;

use super::*;

fn change(kind: &str, name: &str, actions: &[&str], before: &Value, after: &Value) -> Value {
    json!({"mode": "managed", "type": kind, "name": name, "address": format!("{kind}.{name}"),
        "change": {"actions": actions, "before": before, "after": after}})
}

fn read_all(changes: &[Value]) -> anyhow::Result<Plan> {
    let plan = json!({"resource_changes": changes});
    read(&plan, &Use::of(&Deploy::default()), "eu-west-3", &Prices::built_in().unwrap())
}

fn refusal(one: Value) -> String {
    read_all(&[one]).unwrap_err().to_string()
}

#[test]
fn d09_what_we_never_make_is_refused() {
    for kind in
        ["aws_nat_gateway", "aws_lb", "aws_db_instance", "aws_iam_user", "aws_iam_access_key"]
    {
        assert!(
            refusal(change(kind, "x", &["create"], &Value::Null, &json!({})))
                .contains("nothing that tuskling makes"),
            "{kind}"
        );
    }
    let open = json!({"block_public_acls": true, "block_public_policy": false});
    assert!(
        refusal(change(
            "aws_s3_bucket_public_access_block",
            "all",
            &["create"],
            &Value::Null,
            &open
        ))
        .contains("the public")
    );
}

#[test]
fn d08_what_must_be_kept_is_neither_removed_nor_replaced() {
    for kind in KEPT {
        for actions in [&["delete"][..], &["delete", "create"], &["create", "delete"]] {
            assert!(
                refusal(change(kind, "x", actions, &json!({}), &json!({}))).contains("Refused"),
                "{kind} {actions:?}"
            );
        }
    }
    let smaller =
        change("aws_ebs_volume", "data", &["update"], &json!({"size": 10}), &json!({"size": 4}));
    assert!(refusal(smaller).contains("cannot shrink"));
}

#[test]
fn the_bill_stands_before_and_after() {
    let host = |kind: &str| json!({"instance_type": kind, "root_block_device": [{"volume_type": "gp3", "volume_size": 8}]});
    let plan = read_all(&[
        change("aws_instance", "edge", &["update"], &host("t4g.nano"), &host("t4g.micro")),
        change("aws_eip", "edge", &["no-op"], &json!({}), &json!({})),
    ])
    .unwrap();
    let grown = plan.after.total().unwrap() - plan.before.total().unwrap();
    assert!((grown - 730.0 * 0.0047).abs() < 1e-6, "{grown}");
    assert_eq!(plan.changes.len(), 1);
    let words = bill_in_words(&plan, "eu-west-3", &Prices::built_in().unwrap()).join("\n");
    assert!(words.contains("edge: t4g.micro, on demand") && words.contains("in all"), "{words}");
    assert!(in_words(&plan).join("\n").contains("hosts: aws_instance.edge"));
}

#[test]
fn an_empty_plan_says_so() {
    let plan = read_all(&[]).unwrap();
    assert_eq!(in_words(&plan), ["Nothing to do: everything is as the settings say."]);
    assert_eq!(plan.before.total(), Some(0.0));
}
