//! What a Terraform plan means: checked against what we ever make, told in words, priced before and after. Pure.
use std::collections::BTreeMap;

use anyhow::bail;
use serde_json::{Value, json};

use crate::cost::{self, Bill, Terms, Use};
use crate::inventory::{self, Side};
use crate::prices::Prices;

/// Everything that the module makes (D09). Whatever else a plan holds is refused: a NAT gateway, a load balancer, …
const OURS: &[&str] = &[
    "aws_budgets_budget",
    "aws_cloudwatch_metric_alarm",
    "aws_default_security_group",
    "aws_ebs_volume",
    "aws_eip",
    "aws_eip_association",
    "aws_iam_instance_profile",
    "aws_iam_role",
    "aws_iam_role_policy",
    "aws_iam_role_policy_attachment",
    "aws_instance",
    "aws_internet_gateway",
    "aws_network_interface",
    "aws_route",
    "aws_route53_record",
    "aws_route53_zone",
    "aws_route_table",
    "aws_route_table_association",
    "aws_s3_bucket",
    "aws_s3_bucket_lifecycle_configuration",
    "aws_s3_bucket_ownership_controls",
    "aws_s3_bucket_policy",
    "aws_s3_bucket_public_access_block",
    "aws_s3_bucket_server_side_encryption_configuration",
    "aws_s3_bucket_versioning",
    "aws_s3_object",
    "aws_s3_object_copy",
    "aws_security_group",
    "aws_ses_domain_dkim",
    "aws_ses_domain_identity",
    "aws_ses_domain_mail_from",
    "aws_sns_topic",
    "aws_sns_topic_subscription",
    "aws_ssm_parameter",
    "aws_subnet",
    "aws_volume_attachment",
    "aws_vpc",
    "aws_vpc_endpoint",
    "aws_vpc_security_group_egress_rule",
    "aws_vpc_security_group_ingress_rule",
];

/// What outlives hosts, and `destroy` (D08).
pub const KEPT: &[&str] = &["aws_ebs_volume", "aws_eip", "aws_route53_zone", "aws_s3_bucket"];

/// What happens to one resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    /// It is made.
    Make,
    /// It is changed where it is.
    Change,
    /// It is removed and made anew.
    Replace,
    /// It is removed.
    Remove,
}

impl Action {
    fn of(change: &Value) -> Option<Self> {
        let actions: Vec<&str> =
            change["actions"].as_array()?.iter().filter_map(Value::as_str).collect();
        match actions.as_slice() {
            ["create"] => Some(Self::Make),
            ["update"] => Some(Self::Change),
            ["delete"] => Some(Self::Remove),
            ["create", "delete"] | ["delete", "create"] => Some(Self::Replace),
            _ => None,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Make => "make",
            Self::Change => "change",
            Self::Replace => "replace",
            Self::Remove => "remove",
        }
    }
}

/// A plan that passed the checks.
#[derive(Debug)]
pub struct Plan {
    /// What happens, by address.
    pub changes: BTreeMap<String, Action>,
    /// The bill of what is there.
    pub before: Bill,
    /// The bill of what will be.
    pub after: Bill,
}

/// Reads and checks a plan as `terraform show -json` gives it.
///
/// # Errors
/// When it holds what we never make, or would lose what must be kept.
pub fn read(plan: &Value, used: &Use, region: &str, prices: &Prices) -> anyhow::Result<Plan> {
    let mut changes = BTreeMap::new();
    for resource in plan["resource_changes"].as_array().into_iter().flatten() {
        if resource["mode"] != "managed" {
            continue;
        }
        let address = resource["address"].as_str().unwrap_or("?").to_owned();
        let kind = resource["type"].as_str().unwrap_or("?");
        check(&address, kind, &resource["change"])?;
        if let Some(action) = Action::of(&resource["change"]) {
            changes.insert(address, action);
        }
    }
    let nothing =
        Use { media_gb: 0.0, backup_gb: 0.0, traffic_gb: 0.0, mails: 0.0, puts: 0.0, gets: 0.0 };
    let price = |side, used: &Use| {
        cost::bill(&inventory::of_plan(plan, side), used, Terms::OnDemand, region, prices)
    };
    let is_there = inventory::of_plan(plan, Side::Before) != inventory::Inventory::default();
    Ok(Plan {
        changes,
        before: price(Side::Before, if is_there { used } else { &nothing }),
        after: price(Side::After, used),
    })
}

fn check(address: &str, kind: &str, change: &Value) -> anyhow::Result<()> {
    if !OURS.contains(&kind) {
        bail!(
            "Refused: the plan holds {address}, which is nothing that tuskling makes. Look for a file in the module that is not ours."
        );
    }
    let is_public = |value: &Value| {
        [
            "block_public_acls",
            "block_public_policy",
            "ignore_public_acls",
            "restrict_public_buckets",
        ]
        .iter()
        .any(|name| value[*name] == false)
    };
    if kind == "aws_s3_bucket_public_access_block" && is_public(&change["after"]) {
        bail!(
            "Refused: {address} would let the public into a bucket. Files reach the public through the edge only."
        );
    }
    let action = Action::of(change);
    if KEPT.contains(&kind) && matches!(action, Some(Action::Replace | Action::Remove)) {
        bail!(
            "Refused: this would {} {address}, which holds what cannot be brought back. Put the old settings back.",
            action.map_or("touch", Action::word)
        );
    }
    if kind == "aws_ebs_volume"
        && let (Some(before), Some(after)) =
            (change["before"]["size"].as_u64(), change["after"]["size"].as_u64())
        && after < before
    {
        bail!(
            "Refused: a disk cannot shrink, and deploy.data_volume_gb goes from {before} to {after}. Put {before} back."
        );
    }
    Ok(())
}

/// The plan in words.
#[must_use]
pub fn in_words(plan: &Plan) -> Vec<String> {
    if plan.changes.is_empty() {
        return vec!["Nothing to do: everything is as the settings say.".into()];
    }
    let mut lines = Vec::new();
    for action in [Action::Make, Action::Change, Action::Replace, Action::Remove] {
        let addresses: Vec<&str> = plan
            .changes
            .iter()
            .filter(|(_, one)| **one == action)
            .map(|(address, _)| address.as_str())
            .collect();
        if addresses.is_empty() {
            continue;
        }
        lines.push(format!("To {} ({}):", action.word(), addresses.len()));
        lines.extend(grouped(&addresses));
    }
    let is_replaced = |address: &str| plan.changes.get(address) == Some(&Action::Replace);
    if is_replaced("aws_instance.edge") || is_replaced("aws_instance.app[0]") {
        lines.push("A host is replaced: the instance is away for some minutes; address and data volume stay.".into());
    }
    lines
}

/// Addresses by what they are for, a line each.
fn grouped(addresses: &[&str]) -> Vec<String> {
    const GROUPS: &[(&str, &[&str])] = &[
        ("hosts", &["aws_instance"]),
        ("disks", &["aws_ebs_volume", "aws_volume_attachment"]),
        ("public address", &["aws_eip"]),
        (
            "network",
            &[
                "aws_vpc",
                "aws_subnet",
                "aws_route.",
                "aws_route_table",
                "aws_internet_gateway",
                "aws_network_interface",
                "aws_security_group",
                "aws_default_security_group",
            ],
        ),
        ("buckets and what is in them", &["aws_s3_"]),
        ("names (DNS)", &["aws_route53_"]),
        ("mail", &["aws_ses_"]),
        ("rights", &["aws_iam_"]),
        ("secrets", &["aws_ssm_"]),
        ("alarms", &["aws_cloudwatch_", "aws_sns_", "aws_budgets_"]),
    ];
    let mut lines = Vec::new();
    let mut seen = 0;
    for (words, beginnings) in GROUPS {
        let of_group: Vec<&str> = addresses
            .iter()
            .copied()
            .filter(|one| beginnings.iter().any(|begin| one.starts_with(begin)))
            .collect();
        seen += of_group.len();
        match of_group.as_slice() {
            [] => {}
            few if few.len() <= 4 => lines.push(format!("  {words}: {}", few.join(", "))),
            many => lines.push(format!("  {words}: {} resources", many.len())),
        }
    }
    if seen < addresses.len() {
        lines.push(format!("  other: {} resources", addresses.len() - seen));
    }
    lines
}

/// The bill, before and after, a line each.
#[must_use]
pub fn bill_in_words(plan: &Plan, region: &str, prices: &Prices) -> Vec<String> {
    let mut lines = vec![format!(
        "A month in {region}, in US dollars without tax, prices of {}:",
        prices.as_of()
    )];
    let amount = |bill: &Bill, what: &str| -> f64 {
        bill.lines.iter().filter(|line| line.what == what).map(|line| line.usd).sum()
    };
    let mut seen = Vec::new();
    for line in plan.after.lines.iter().chain(&plan.before.lines) {
        if !seen.contains(&line.what) {
            seen.push(line.what.clone());
            let mark = if line.is_verified { ' ' } else { '~' };
            let (before, after) =
                (amount(&plan.before, &line.what), amount(&plan.after, &line.what));
            lines.push(format!("  {before:>8.2} → {after:>8.2} {mark} {}", line.what));
        }
    }
    for unknown in &plan.after.unknown {
        lines.push(format!("         ? → price not known   {unknown}"));
    }
    let total =
        |bill: &Bill| bill.total().map_or_else(|| "?".to_owned(), |total| format!("{total:.2}"));
    lines.push(format!("  {:>8} → {:>8}   in all", total(&plan.before), total(&plan.after)));
    lines.push("  ~ an estimate: the price is from memory or a rule of thumb. Traffic and storage are as [deploy] expects them.".into());
    lines
}

/// The plan for programs.
#[must_use]
pub fn as_json(plan: &Plan) -> Value {
    let changes: Vec<Value> = plan
        .changes
        .iter()
        .map(|(address, action)| json!({"address": address, "action": action.word()}))
        .collect();
    json!({"changes": changes, "before": cost::bill_json(&plan.before), "after": cost::bill_json(&plan.after)})
}

#[cfg(test)]
mod tests;
