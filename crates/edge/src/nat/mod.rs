//! NAT for networks that have no way out of their own: forwarding in the kernel and one nftables
//! table that belongs to us alone.
//!
//! Every verb runs once and ends; nothing here stays in memory. Whatever is loaded is read back and
//! compared with what was asked, because a NAT that only looks started is the worst kind. Rules of
//! others are never touched. Called by `tuskling edge nat`.

mod cidr;
mod kernel;
mod loaded;
mod nft;
mod rules;

pub use cidr::{Cidr, CidrError};
pub use kernel::{Forwarding, Tracked};
pub use loaded::{Counted, Counters, Loaded};

/// Networks that a plan may name; more is a mistake.
const MOST_SOURCES: usize = 64;

/// What is asked: these networks leave by this interface under its address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    sources: Vec<Cidr>,
    interface: String,
}

/// Why NAT is not as asked. The text is for the person at the terminal or the journal.
#[derive(Debug, thiserror::Error)]
pub enum NatError {
    /// The plan makes no sense.
    #[error("{0}")]
    Plan(String),
    /// This process may not change the network.
    #[error(
        "changing the network needs CAP_NET_ADMIN, which this process does not have; run it as \
         root or by the unit tuskling-nat.service"
    )]
    NotPermitted,
    /// The program `nft` is not there.
    #[error("the program nft is missing; install the package nftables")]
    NoNft,
    /// `nft` refused something.
    #[error("nft could not {doing}: {said}")]
    Nft {
        /// What it was asked.
        doing: &'static str,
        /// What it said.
        said: String,
    },
    /// A file of the kernel could not be read or written.
    #[error("{path}: {cause}; is /proc/sys writable here?")]
    Kernel {
        /// The file.
        path: String,
        /// What the system said.
        cause: std::io::Error,
    },
    /// Everything was accepted, but what the kernel holds is something else.
    #[error(
        "the rules were loaded, but the kernel holds others: {}; look at `nft list table inet {}`",
        .0.join("; "),
        rules::TABLE
    )]
    NotAsAsked(Vec<String>),
}

/// What `up` had to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Done {
    /// The rules were there already, with their counters.
    Unchanged,
    /// They were loaded now.
    Loaded,
}

/// What is there.
#[derive(Clone, Debug)]
pub struct Status {
    /// Our table, if it is loaded.
    pub loaded: Option<Loaded>,
    /// Whether the kernel passes packets on.
    pub forwarding: Forwarding,
    /// Connections that the kernel follows, if it says so.
    pub tracked: Option<Tracked>,
    /// What is not as it has to be; empty when all is well.
    pub problems: Vec<String>,
}

impl Plan {
    /// Checks what was asked. Networks inside other named networks are dropped.
    ///
    /// # Errors
    /// [`NatError::Plan`] when there is no source, there are too many, or the name of the interface
    /// cannot be one.
    pub fn new(sources: &[Cidr], interface: &str) -> Result<Self, NatError> {
        if sources.is_empty() {
            let what = "name the networks to translate: --source 10.0.1.0/24";
            return Err(NatError::Plan(what.into()));
        }
        if sources.len() > MOST_SOURCES {
            let what = format!("{} networks are too many, {MOST_SOURCES} fit", sources.len());
            return Err(NatError::Plan(what));
        }
        if !kernel::may_be_interface(interface) {
            return Err(NatError::Plan(format!("{interface:?} is no name of an interface")));
        }
        Ok(Self { sources: Cidr::widest(sources), interface: interface.to_owned() })
    }

    /// The networks, sorted, none inside another.
    #[must_use]
    pub fn sources(&self) -> &[Cidr] {
        &self.sources
    }

    /// The interface that packets leave by.
    #[must_use]
    pub fn interface(&self) -> &str {
        &self.interface
    }

    fn has(&self, family: cidr::Family) -> bool {
        self.sources.iter().any(|source| source.family() == family)
    }
}

/// The interface of the default route, for a plan that names none: names of interfaces differ
/// between instances and kernels.
///
/// # Errors
/// [`NatError::Plan`] when there is no default route.
pub fn default_interface() -> Result<String, NatError> {
    kernel::default_interface().ok_or_else(|| {
        let what = "there is no default route, so the interface to the internet is not known; \
            name it with --interface";
        NatError::Plan(what.into())
    })
}

/// Makes the kernel translate as `plan` says. Run again with the same plan it changes nothing and
/// the counters go on; another plan replaces the rules in one step and the counters go on too.
///
/// # Errors
/// [`NatError`]; the rules that were there before are there still unless the text says otherwise.
pub async fn up(plan: &Plan) -> Result<Done, NatError> {
    kernel::require_capability()?;
    if !kernel::interfaces()?.iter().any(|name| name == plan.interface()) {
        let known = kernel::interfaces()?.join(", ");
        let what = format!("there is no interface {}; there are: {known}", plan.interface());
        return Err(NatError::Plan(what));
    }
    let before = nft::list().await?.map(|listing| Loaded::read(&listing));
    let done = match &before {
        Some(loaded) if loaded.problems(plan).is_empty() => Done::Unchanged,
        _ => {
            let counters = before.map(|loaded| loaded.counters).unwrap_or_default();
            let script = rules::script(plan, &counters);
            nft::check(&script).await?;
            nft::load(&script).await?;
            Done::Loaded
        }
    };
    // After the rules, so that there is no moment in which packets pass without them.
    kernel::forward(plan.has(cidr::Family::V4), plan.has(cidr::Family::V6), plan.interface())?;
    let status = status(Some(plan)).await?;
    if status.problems.is_empty() { Ok(done) } else { Err(NatError::NotAsAsked(status.problems)) }
}

/// Removes our table; false when it was not there. Forwarding stays as it is, since others may need
/// it.
///
/// # Errors
/// [`NatError`]
pub async fn down() -> Result<bool, NatError> {
    kernel::require_capability()?;
    if nft::list().await?.is_none() {
        return Ok(false);
    }
    nft::load(&rules::removal()).await?;
    Ok(true)
}

/// What is loaded, compared with `plan`, or, without one, with what our table itself names.
///
/// # Errors
/// [`NatError`]
pub async fn status(plan: Option<&Plan>) -> Result<Status, NatError> {
    kernel::require_capability()?;
    let loaded = nft::list().await?.map(|listing| Loaded::read(&listing));
    let forwarding = kernel::forwarding()?;
    let mut problems = Vec::new();
    match &loaded {
        None => problems.push("the rules are not loaded".to_owned()),
        Some(loaded) => {
            let own = loaded.plan();
            match plan.or(own.as_ref()) {
                Some(plan) => {
                    problems.extend(loaded.problems(plan));
                    problems.extend(forwarding.problems(plan));
                }
                None => problems.push("the table names no network or no interface".to_owned()),
            }
        }
    }
    Ok(Status { loaded, forwarding, tracked: kernel::tracked(), problems })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_needs_networks_and_the_name_of_an_interface() {
        let source: Cidr = "10.0.1.0/24".parse().unwrap();
        assert!(Plan::new(&[source], "ens5").is_ok());
        assert!(Plan::new(&[], "ens5").is_err());
        assert!(Plan::new(&[source; MOST_SOURCES + 1], "ens5").is_err());
        for name in ["", "a/b", "..", "a b", "sixteen-letters-", "é", "a\"b"] {
            assert!(Plan::new(&[source], name).is_err(), "{name:?}");
        }
    }
}
