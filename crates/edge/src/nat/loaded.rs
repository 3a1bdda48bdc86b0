//! What the kernel holds, read from nft's JSON, and how it differs from a plan.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use serde_json::Value;

use super::Plan;
use super::cidr::{Cidr, Family};
use super::rules::{self, CHAINS, LEAVING, Rule};

/// Our table as the kernel holds it.
#[derive(Clone, Debug, Default)]
pub struct Loaded {
    sources: Vec<Cidr>,
    interface: Option<String>,
    /// What passed.
    pub counters: Counters,
    chains: Vec<Chain>,
    rules: Vec<Found>,
    /// Parts that nobody here made.
    strange: Vec<String>,
}

/// Packets and bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// Packets; for translation the first packet of each connection.
    pub packets: u64,
    /// Bytes.
    pub bytes: u64,
}

/// What each rule has counted, by its comment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counters(BTreeMap<String, Counted>);

#[derive(Clone, Debug, PartialEq)]
struct Chain {
    name: String,
    kind: String,
    hook: String,
    priority: i64,
    policy: String,
}

#[derive(Clone, Debug)]
struct Found {
    chain: String,
    comment: String,
    expressions: Vec<Value>,
}

impl Counters {
    /// What the rule with this comment has counted.
    pub(super) fn of(&self, comment: &str) -> Counted {
        self.0.get(comment).copied().unwrap_or_default()
    }

    /// What one kind of rule (`translated`, `out`, `back`, `unasked`) has counted for `IPv4` or
    /// `IPv6`.
    #[must_use]
    pub fn of_kind(&self, family: &str, kind: &str) -> Counted {
        self.of(&format!("tuskling {family} {kind}"))
    }
}

impl Loaded {
    /// Reads a listing of our table. What is not understood makes it differ from every plan.
    pub(super) fn read(listing: &Value) -> Self {
        let mut loaded = Self::default();
        let parts = listing.get("nftables").and_then(Value::as_array);
        for part in parts.into_iter().flatten().filter_map(Value::as_object) {
            for (kind, body) in part {
                match kind.as_str() {
                    "metainfo" | "table" => {}
                    "set" => loaded.read_set(body),
                    "chain" => loaded.chains.push(Chain::read(body)),
                    "rule" => loaded.read_rule(body),
                    other => loaded.strange.push(format!("a {other} that is not ours")),
                }
            }
        }
        loaded.sources.sort();
        loaded
    }

    /// The networks it translates.
    #[must_use]
    pub fn sources(&self) -> &[Cidr] {
        &self.sources
    }

    /// The interface that they leave by.
    #[must_use]
    pub fn interface(&self) -> Option<&str> {
        self.interface.as_deref()
    }

    /// The plan that it was made from, as far as that can be seen.
    pub(super) fn plan(&self) -> Option<Plan> {
        Plan::new(&self.sources, self.interface()?).ok()
    }

    /// What is not as `plan` asks, in words.
    pub(super) fn problems(&self, plan: &Plan) -> Vec<String> {
        let mut problems = self.strange.clone();
        if self.sources != plan.sources() {
            let shown = |all: &[Cidr]| {
                let all: Vec<String> = all.iter().map(Cidr::to_string).collect();
                if all.is_empty() { "none".to_owned() } else { all.join(", ") }
            };
            let (is, asked) = (shown(&self.sources), shown(plan.sources()));
            problems.push(format!("the networks are {is} instead of {asked}"));
        }
        let chains: Vec<Chain> = CHAINS.iter().map(Chain::expected).collect();
        let is_missing = |chain: &&Chain| !self.chains.contains(chain);
        for chain in chains.iter().filter(is_missing) {
            problems.push(format!("the chain {} is missing or hooked elsewhere", chain.name));
        }
        let expected = rules::rules(plan.interface());
        for rule in &expected {
            if !self.rules.iter().any(|found| found.does(rule)) {
                problems.push(format!("the rule \"{}\" is missing or another", rule.comment));
            }
        }
        if problems.is_empty() && !self.has_order_of(&expected) {
            problems.push("there are more rules, or in another order".to_owned());
        }
        problems
    }

    fn has_order_of(&self, expected: &[Rule]) -> bool {
        CHAINS.iter().all(|(chain, ..)| {
            let found = self.rules.iter().filter(|rule| rule.chain == *chain);
            let asked = expected.iter().filter(|rule| rule.chain == *chain);
            found.map(|rule| &rule.comment).eq(asked.map(|rule| &rule.comment))
        }) && self.rules.len() == expected.len()
    }

    fn read_set(&mut self, set: &Value) {
        let name = text(set, "name");
        let family = [Family::V4, Family::V6].into_iter().find(|f| rules::set_name(*f) == name);
        let Some(family) = family else {
            self.strange.push(format!("a set {name} that is not ours"));
            return;
        };
        for element in set.get("elem").and_then(Value::as_array).into_iter().flatten() {
            match network(element).filter(|network| network.family() == family) {
                Some(network) => self.sources.push(network),
                None => self.strange.push(format!("{element} among the networks")),
            }
        }
    }

    fn read_rule(&mut self, rule: &Value) {
        let mut expressions =
            rule.get("expr").and_then(Value::as_array).cloned().unwrap_or_default();
        let found = Found {
            chain: text(rule, "chain"),
            comment: text(rule, "comment"),
            expressions: {
                expressions.retain(|expression| expression.get("counter").is_none());
                expressions
            },
        };
        let all = rule.get("expr").and_then(Value::as_array).into_iter().flatten();
        for counter in all.filter_map(|expression| expression.get("counter")) {
            let number = |name: &str| counter.get(name).and_then(Value::as_u64).unwrap_or(0);
            let counted = Counted { packets: number("packets"), bytes: number("bytes") };
            self.counters.0.insert(found.comment.clone(), counted);
        }
        if found.chain == LEAVING && self.interface.is_none() {
            self.interface = found.interface();
        }
        self.rules.push(found);
    }
}

impl Found {
    /// Whether this is `rule`. The words of each statement are compared, not its shape: versions of
    /// nft print lists differently.
    fn does(&self, rule: &Rule) -> bool {
        let verdict = Value::Object([(rule.verdict.to_owned(), Value::Null)].into_iter().collect());
        let expected = rule.expressions.iter().chain([&verdict]);
        self.comment == rule.comment
            && self.chain == rule.chain
            && self.expressions.len() == rule.expressions.len() + 1
            && self.expressions.iter().zip(expected).all(|(is, asked)| words(is) == words(asked))
    }

    fn interface(&self) -> Option<String> {
        self.expressions.iter().find_map(|expression| {
            let is = expression.get("match")?;
            (is.pointer("/left/meta/key")?.as_str()? == "oifname")
                .then(|| is.get("right").and_then(Value::as_str).map(str::to_owned))?
        })
    }
}

impl Chain {
    fn read(chain: &Value) -> Self {
        Self {
            name: text(chain, "name"),
            kind: text(chain, "type"),
            hook: text(chain, "hook"),
            priority: chain.get("prio").and_then(Value::as_i64).unwrap_or(i64::MIN),
            policy: text(chain, "policy"),
        }
    }

    fn expected((name, kind, hook, priority): &(&str, &str, &str, i64)) -> Self {
        let own = |text: &str| text.to_owned();
        Self {
            name: own(name),
            kind: own(kind),
            hook: own(hook),
            priority: *priority,
            policy: own("accept"),
        }
    }
}

/// Every key and every text in a statement; `set` is only a wrapper around lists.
fn words(value: &Value) -> BTreeSet<String> {
    fn gather(value: &Value, words: &mut BTreeSet<String>) {
        match value {
            Value::Object(fields) => {
                for (key, value) in fields {
                    if key != "set" {
                        words.insert(key.clone());
                    }
                    gather(value, words);
                }
            }
            Value::Array(items) => items.iter().for_each(|item| gather(item, words)),
            Value::String(text) => {
                words.insert(text.clone());
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
    let mut all = BTreeSet::new();
    gather(value, &mut all);
    all
}

/// An element of a set: nft prints single addresses bare.
fn network(element: &Value) -> Option<Cidr> {
    if let Some(address) = element.as_str() {
        let address: IpAddr = address.parse().ok()?;
        return Cidr::new(address, if address.is_ipv4() { 32 } else { 128 });
    }
    let prefix = element.get("prefix")?;
    let length = u8::try_from(prefix.get("len")?.as_u64()?).ok()?;
    Cidr::new(prefix.get("addr")?.as_str()?.parse().ok()?, length)
}

fn text(value: &Value, field: &str) -> String {
    value.get(field).and_then(Value::as_str).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(sources: &[&str], interface: &str) -> Plan {
        let sources: Vec<Cidr> = sources.iter().map(|text| text.parse().unwrap()).collect();
        Plan::new(&sources, interface).unwrap()
    }

    /// What nft would print after loading this plan: its commands without the first two.
    fn listing(plan: &Plan, counters: &Counters) -> Value {
        let script: Value = serde_json::from_str(&rules::script(plan, counters)).unwrap();
        let commands = script["nftables"].as_array().unwrap();
        let parts = commands.iter().skip(2).map(|command| command["add"].clone());
        serde_json::json!({ "nftables": parts.collect::<Vec<_>>() })
    }

    #[test]
    fn what_was_loaded_is_what_was_asked_and_its_counters_are_read() {
        let plan = plan(&["10.0.1.0/24", "10.0.2.7/32", "fd00:1::/64"], "ens5");
        let counted = Counted { packets: 7, bytes: 420 };
        let counters = Counters([("tuskling IPv6 back".to_owned(), counted)].into());
        let loaded = Loaded::read(&listing(&plan, &counters));
        assert_eq!(loaded.problems(&plan), Vec::<String>::new());
        assert_eq!(loaded.plan(), Some(plan));
        assert_eq!(loaded.counters.of_kind("IPv6", "back"), counted);
        assert_eq!(loaded.counters.of_kind("IPv4", "back"), Counted::default());
    }

    #[test]
    fn every_rule_that_is_gone_or_changed_is_missed() {
        let plan = plan(&["10.0.1.0/24"], "ens5");
        let whole = listing(&plan, &Counters::default());
        let count = whole["nftables"].as_array().unwrap().len();
        for gone in 1..count {
            let mut less = whole.clone();
            let removed = less["nftables"].as_array_mut().unwrap().remove(gone);
            let is_empty_set = removed["set"]["name"] == "sources6";
            let problems = Loaded::read(&less).problems(&plan);
            assert!(is_empty_set || !problems.is_empty(), "{removed} was not missed");
        }
        let changed = whole.to_string().replace("masquerade", "accept");
        let loaded = Loaded::read(&serde_json::from_str(&changed).unwrap());
        assert!(!loaded.problems(&plan).is_empty());
    }

    #[test]
    fn another_interface_network_or_part_is_a_difference() {
        let asked = plan(&["10.0.1.0/24"], "ens5");
        for other in [plan(&["10.0.1.0/24"], "ens6"), plan(&["10.0.2.0/24"], "ens5")] {
            let loaded = Loaded::read(&listing(&other, &Counters::default()));
            assert!(!loaded.problems(&asked).is_empty(), "{other:?}");
        }
        let mut more = listing(&asked, &Counters::default());
        let twin = more["nftables"].as_array().unwrap().last().unwrap().clone();
        more["nftables"].as_array_mut().unwrap().push(twin);
        assert!(!Loaded::read(&more).problems(&asked).is_empty());
    }
}
