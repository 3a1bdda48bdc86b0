//! The table as nft's JSON: pure, from a plan to the commands that load it in one transaction.
//!
//! JSON instead of nft's language, so that no name has to be quoted and none can be a reserved word.

use std::net::IpAddr;

use serde_json::{Value, json};

use super::Plan;
use super::cidr::{Cidr, Family};
use super::loaded::{Counted, Counters};

/// The name of our table. Nobody else may use it.
pub(super) const TABLE: &str = "tuskling_nat";
const FAMILY: &str = "inet";
/// The chain that translates, and the one that says what may pass.
pub(super) const LEAVING: &str = "leaving";
pub(super) const PASSING: &str = "passing";

/// One rule of ours. `comment` names it in the kernel, so that it is found again.
pub(super) struct Rule {
    pub(super) chain: &'static str,
    pub(super) comment: String,
    /// Without its counter, which stands before the last statement.
    pub(super) expressions: Vec<Value>,
    pub(super) verdict: &'static str,
}

/// The commands that replace whatever our table holds by what `plan` asks, in one transaction.
/// Counters go on from `counters`.
pub(super) fn script(plan: &Plan, counters: &Counters) -> String {
    let table = json!({"table": {"family": FAMILY, "name": TABLE}});
    // Adding first makes the removal work when there is none.
    let mut commands = vec![
        json!({"add": table.clone()}),
        json!({"delete": table.clone()}),
        json!({"add": table}),
    ];
    for family in [Family::V4, Family::V6] {
        commands.push(set(plan, family));
    }
    for (name, kind, hook, priority) in CHAINS {
        commands.push(json!({"add": {"chain": {
            "family": FAMILY, "table": TABLE, "name": name,
            "type": kind, "hook": hook, "prio": priority, "policy": "accept",
        }}}));
    }
    for rule in rules(plan.interface()) {
        let counted = counters.of(&rule.comment);
        commands.push(json!({"add": {"rule": {
            "family": FAMILY, "table": TABLE, "chain": rule.chain,
            "comment": rule.comment.clone(), "expr": rule.with_counter(counted),
        }}}));
    }
    json!({"nftables": commands}).to_string()
}

/// Name, type, hook and priority of our chains: the usual places for translation of sources and for
/// filtering.
pub(super) const CHAINS: [(&str, &str, &str, i64); 2] =
    [(LEAVING, "nat", "postrouting", 100), (PASSING, "filter", "forward", 0)];

/// The command that removes our table and nothing else.
pub(super) fn removal() -> String {
    json!({"nftables": [{"delete": {"table": {"family": FAMILY, "name": TABLE}}}]}).to_string()
}

/// The name of the set of networks of one family.
pub(super) fn set_name(family: Family) -> &'static str {
    match family {
        Family::V4 => "sources4",
        Family::V6 => "sources6",
    }
}

fn set(plan: &Plan, family: Family) -> Value {
    let kind = match family {
        Family::V4 => "ipv4_addr",
        Family::V6 => "ipv6_addr",
    };
    let elements: Vec<Value> =
        plan.sources().iter().filter(|source| source.family() == family).map(element).collect();
    let mut set = json!({
        "family": FAMILY, "table": TABLE, "name": set_name(family),
        "type": kind, "flags": ["interval"],
    });
    if !elements.is_empty() {
        set["elem"] = Value::Array(elements);
    }
    json!({"add": {"set": set}})
}

fn element(source: &Cidr) -> Value {
    let address: IpAddr = source.address();
    json!({"prefix": {"addr": address.to_string(), "len": source.length()}})
}

/// All rules in their order, the same for every plan but for the interface.
pub(super) fn rules(interface: &str) -> Vec<Rule> {
    let mut rules = Vec::new();
    for (family, label, protocol) in [(Family::V4, "IPv4", "ip"), (Family::V6, "IPv6", "ip6")] {
        let ours = format!("@{}", set_name(family));
        let address = |op: &str, field: &str| {
            json!({"match": {
                "op": op,
                "left": {"payload": {"protocol": protocol, "field": field}},
                "right": ours.clone(),
            }})
        };
        let leaves = json!({"match": {
            "op": "==", "left": {"meta": {"key": "oifname"}}, "right": interface,
        }});
        let answers = json!({"match": {
            "op": "in", "left": {"ct": {"key": "state"}}, "right": ["established", "related"],
        }});
        let mut rule = |chain, name: &str, verdict, expressions| {
            let comment = format!("tuskling {label} {name}");
            rules.push(Rule { chain, comment, expressions, verdict });
        };
        // From one of our networks to another nothing is translated.
        let outside = vec![address("==", "saddr"), address("!=", "daddr"), leaves.clone()];
        rule(LEAVING, "translated", "masquerade", outside);
        rule(PASSING, "out", "accept", vec![address("==", "saddr"), leaves]);
        rule(PASSING, "back", "accept", vec![address("==", "daddr"), answers]);
        let unasked = vec![address("==", "daddr"), address("!=", "saddr")];
        rule(PASSING, "unasked", "drop", unasked);
    }
    rules
}

impl Rule {
    fn with_counter(self, counted: Counted) -> Vec<Value> {
        let counter = json!({"counter": {"packets": counted.packets, "bytes": counted.bytes}});
        let verdict = json!({self.verdict: null});
        self.expressions.into_iter().chain([counter, verdict]).collect()
    }
}
