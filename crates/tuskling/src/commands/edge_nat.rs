//! `tuskling edge nat …`: address translation for networks without a way out of their own. Each verb
//! runs once and ends; at boot the unit `tuskling-nat.service` runs `up`.

use std::path::Path;

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use edge::nat::{self, Cidr, Counted, Done, NatError, Plan, Status};
use serde_json::{Value, json};

use crate::commands::say;
use crate::context;

/// `tuskling edge nat`
#[derive(Debug, Subcommand)]
pub enum Nat {
    /// Let the named networks out by this machine's address, and nothing in that they did not ask for.
    Up(Asked),
    /// Remove the rules that `up` made.
    Down,
    /// Show whether the rules are there, and what they counted. Exit 1 when something is missing.
    Status {
        /// As JSON.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        asked: Asked,
    },
}

/// Which networks leave where.
#[derive(Debug, Args)]
pub struct Asked {
    /// A network behind this machine, IPv4 or IPv6; several may be named.
    #[arg(
        long,
        value_name = "CIDR",
        num_args = 1..,
        value_delimiter = ',',
        env = "TUSKLING_EDGE_NAT_SOURCES"
    )]
    source: Vec<Cidr>,
    /// The interface to the internet [default: that of the default route].
    #[arg(long, value_name = "NAME", env = "TUSKLING_EDGE_NAT_INTERFACE")]
    interface: Option<String>,
}

/// The two kinds of addresses, as the rules name them.
const FAMILIES: [&str; 2] = ["IPv4", "IPv6"];
/// What is counted, as the rules name it, and the words for it.
const KINDS: [(&str, &str); 4] = [
    ("translated", "connections"),
    ("out", "out"),
    ("back", "back"),
    ("unasked", "dropped on the way in"),
];

/// Runs the verb.
///
/// # Errors
/// In words for the person at the terminal.
pub async fn run(verb: Nat, config: Option<&Path>) -> anyhow::Result<()> {
    match verb {
        Nat::Up(asked) => up(&asked.or_configured(config)?).await,
        Nat::Down => {
            say(if nat::down().await? {
                "NAT is down. Forwarding stays as it is; other software may need it."
            } else {
                "NAT was not up."
            });
            Ok(())
        }
        Nat::Status { json, asked } => status(&asked.or_configured(config)?, json).await,
    }
}

async fn up(asked: &Asked) -> anyhow::Result<()> {
    let plan = asked.plan()?;
    let done = nat::up(&plan).await?;
    let again = match done {
        Done::Unchanged => ", as before",
        Done::Loaded => "",
    };
    let sources = listed(plan.sources());
    say(&format!("NAT is up{again}: {sources} leave by {}.", plan.interface()));
    Ok(())
}

impl Asked {
    /// What the command line and its two variables say, or else the configuration, which is read
    /// only then: early at boot it need not be there.
    fn or_configured(self, file: Option<&Path>) -> anyhow::Result<Self> {
        if !self.source.is_empty() {
            return Ok(self);
        }
        let edge = context::load_config(file)?.edge;
        let read = |text: &String| {
            text.parse::<Cidr>().with_context(|| format!("edge.nat_sources: {text:?}"))
        };
        let source = edge.nat_sources.iter().map(read).collect::<anyhow::Result<_>>()?;
        Ok(Self { source, interface: self.interface.or(edge.nat_interface) })
    }

    fn plan(&self) -> Result<Plan, NatError> {
        let interface = match &self.interface {
            Some(name) => name.clone(),
            None => nat::default_interface()?,
        };
        Plan::new(&self.source, &interface)
    }

    /// What to compare with; nothing when nothing was named.
    fn compared(&self) -> Result<Option<Plan>, NatError> {
        let is_named = !self.source.is_empty();
        is_named.then(|| self.plan()).transpose()
    }
}

async fn status(asked: &Asked, as_json: bool) -> anyhow::Result<()> {
    let plan = asked.compared()?;
    let status = nat::status(plan.as_ref()).await?;
    if as_json {
        let text = serde_json::to_string_pretty(&value(&status)).context("the status as JSON")?;
        say(&text);
    } else {
        show(&status);
    }
    if status.loaded.is_none() {
        bail!("NAT is not up; `tuskling edge nat up` starts it");
    }
    if !status.problems.is_empty() {
        bail!("NAT is not as asked: {}", status.problems.join("; "));
    }
    Ok(())
}

fn show(status: &Status) {
    if let Some(loaded) = &status.loaded {
        let interface = loaded.interface().unwrap_or("?");
        say(&format!("NAT is up: {} leave by {interface}", listed(loaded.sources())));
        for family in FAMILIES {
            let counted = KINDS.map(|(kind, words)| {
                let Counted { packets, bytes } = loaded.counters.of_kind(family, kind);
                match kind {
                    "translated" => format!("{packets} {words}"),
                    _ => format!("{packets} packets ({bytes} bytes) {words}"),
                }
            });
            say(&format!("  {family}: {}", counted.join(", ")));
        }
    }
    let on = |is_on: bool| if is_on { "on" } else { "off" };
    let (v4, v6) = (on(status.forwarding.v4), on(status.forwarding.v6));
    say(&format!("  forwarding: IPv4 {v4}, IPv6 {v6}"));
    if let Some(tracked) = status.tracked {
        say(&format!("  connections followed: {} of at most {}", tracked.count, tracked.most));
    }
}

fn value(status: &Status) -> Value {
    let counters = status.loaded.as_ref().map(|loaded| {
        let of = |family| {
            let counted = KINDS.map(|(kind, _)| {
                let Counted { packets, bytes } = loaded.counters.of_kind(family, kind);
                (kind.to_owned(), json!({"packets": packets, "bytes": bytes}))
            });
            Value::Object(counted.into_iter().collect())
        };
        json!({"ipv4": of("IPv4"), "ipv6": of("IPv6")})
    });
    let sources = status
        .loaded
        .as_ref()
        .map(|loaded| loaded.sources().iter().map(ToString::to_string).collect::<Vec<_>>());
    json!({
        "up": status.loaded.is_some(),
        "matches": status.problems.is_empty(),
        "problems": status.problems,
        "sources": sources,
        "interface": status.loaded.as_ref().and_then(|loaded| loaded.interface()),
        "forwarding": {"ipv4": status.forwarding.v4, "ipv6": status.forwarding.v6},
        "counters": counters,
        "tracked": status.tracked.map(|tracked| json!({
            "connections": tracked.count,
            "most": tracked.most,
        })),
    })
}

fn listed(sources: &[Cidr]) -> String {
    sources.iter().map(Cidr::to_string).collect::<Vec<_>>().join(", ")
}
