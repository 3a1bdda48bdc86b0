//! Networks that may not sign up, only with approval, or not come here at all. What counts is kept in
//! memory: every request asks.

use std::net::IpAddr;
use std::sync::{Arc, PoisonError, RwLock};

use config::Networks;
use domain::time::SECOND;
use domain::{RowId, Timestamp};
use store::Page;
use store::shut_out::{self, Network};

use crate::{App, AppError, Result};

/// How long what is in memory counts; a change in another process is seen after that.
const KEPT: i64 = 20 * SECOND;
/// Longest comment, in characters.
const LONGEST: usize = 1_000;

/// How far a network is kept away, the mildest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Who signs up from there waits for staff.
    RequiresApproval,
    /// Nobody signs up from there.
    NoSignUp,
    /// Nobody comes from there.
    NoAccess,
}

impl Severity {
    const ALL: [Self; 3] = [Self::RequiresApproval, Self::NoSignUp, Self::NoAccess];

    /// Its name, Mastodon's.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::RequiresApproval => "sign_up_requires_approval",
            Self::NoSignUp => "sign_up_block",
            Self::NoAccess => "no_access",
        }
    }

    /// The severity of that name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|severity| severity.name() == text)
    }
}

/// What is in memory.
#[derive(Default)]
pub struct Known(RwLock<Option<(Timestamp, Arc<Vec<Rule>>)>>);

struct Rule {
    network: Networks,
    severity: Severity,
    expires_at: Option<Timestamp>,
}

/// The hardest rule for an address.
///
/// # Errors
/// [`AppError::Store`].
pub(crate) async fn severity_of(app: &App, address: IpAddr) -> Result<Option<Severity>> {
    let now = app.now();
    let rules = rules(app, now).await?;
    let counts = |rule: &&Rule| {
        rule.expires_at.is_none_or(|end| end > now) && rule.network.contains(address)
    };
    Ok(rules.iter().filter(counts).map(|rule| rule.severity).max())
}

/// Whether nothing that comes from this address is answered. A database that is away lets nobody in and
/// keeps nobody out.
pub async fn is_kept_away(app: &App, address: IpAddr) -> bool {
    let severity = severity_of(app, address).await;
    severity.is_ok_and(|severity| severity == Some(Severity::NoAccess))
}

async fn rules(app: &App, now: Timestamp) -> Result<Arc<Vec<Rule>>> {
    let known = app.networks.0.read().unwrap_or_else(PoisonError::into_inner).clone();
    if let Some((_, rules)) = known.filter(|(at, _)| (0..KEPT).contains(&now.since(*at))) {
        return Ok(rules);
    }
    let found = app
        .read(move |conn| {
            Box::pin(async move { Ok::<_, AppError>(shut_out::standing(conn, now).await?) })
        })
        .await?;
    let rules: Arc<Vec<Rule>> = Arc::new(found.iter().filter_map(rule).collect());
    let mut kept = app.networks.0.write().unwrap_or_else(PoisonError::into_inner);
    *kept = Some((now, rules.clone()));
    Ok(rules)
}

fn rule(row: &Network) -> Option<Rule> {
    let network = config::networks::parse_all("ip", std::slice::from_ref(&row.network)).ok()?;
    let severity = Severity::parse(&row.severity)?;
    Some(Rule { network, severity, expires_at: row.expires_at })
}

fn forget(app: &App) {
    *app.networks.0.write().unwrap_or_else(PoisonError::into_inner) = None;
}

/// Networks, newest first.
///
/// # Errors
/// [`AppError::Store`].
pub async fn networks(app: &App, page: Page) -> Result<Vec<Network>> {
    app.read(move |conn| Box::pin(async move { Ok(shut_out::networks(conn, &page).await?) })).await
}

/// One of them.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn network(app: &App, id: RowId) -> Result<Network> {
    app.read(move |conn| {
        Box::pin(async move { shut_out::network(conn, id).await?.ok_or(AppError::NotFound) })
    })
    .await
}

/// A network as staff wants it kept away.
#[derive(Clone, Debug)]
pub struct NewNetwork {
    /// The one to change; `None` adds one.
    pub id: Option<RowId>,
    /// `192.0.2.0/24`, or one address.
    pub network: String,
    /// How far.
    pub severity: Severity,
    /// Why.
    pub comment: String,
    /// Until when.
    pub expires_at: Option<Timestamp>,
}

/// Adds a network, or changes one. `from` is where whoever does that comes from: nobody locks
/// themselves out.
///
/// # Errors
/// [`AppError::Invalid`] for what is no network, one that is there, and one that holds `from`;
/// [`AppError::NotFound`] when the one to change is gone.
pub async fn put_network(app: &App, new: NewNetwork, from: IpAddr) -> Result<Network> {
    let text = new.network.trim().to_owned();
    let read = config::networks::parse_all("ip", std::slice::from_ref(&text));
    let read = read.map_err(|_| AppError::invalid("IP is not a valid address or network"))?;
    if new.severity == Severity::NoAccess && read.contains(from) {
        let text = "IP includes the address you come from: you would lock yourself out";
        return Err(AppError::invalid(text));
    }
    if new.comment.chars().count() > LONGEST {
        return Err(AppError::invalid(format!("Comment is longer than {LONGEST} characters")));
    }
    let (fresh, now) = (app.ids.next(), app.now());
    let row = app
        .write(move |conn| {
            Box::pin(async move {
                let made = match new.id {
                    Some(id) => shut_out::network(conn, id).await?.ok_or(AppError::NotFound)?,
                    None => Network {
                        id: fresh,
                        network: String::new(),
                        severity: String::new(),
                        comment: String::new(),
                        expires_at: None,
                        created_at: now,
                    },
                };
                let same = shut_out::network_named(conn, &text).await?;
                if same.is_some_and(|same| same.id != made.id) {
                    return Err(AppError::invalid("IP has already been taken"));
                }
                let row = Network {
                    network: text,
                    severity: new.severity.name().to_owned(),
                    comment: new.comment,
                    expires_at: new.expires_at,
                    ..made
                };
                shut_out::put_network(conn, &row).await?;
                Ok(row)
            })
        })
        .await?;
    forget(app);
    Ok(row)
}

/// Removes a network.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn drop_network(app: &App, id: RowId) -> Result<()> {
    app.write(move |conn| {
        Box::pin(async move {
            if shut_out::drop_network(conn, id).await? { Ok(()) } else { Err(AppError::NotFound) }
        })
    })
    .await?;
    forget(app);
    Ok(())
}
