//! What this server does with whole domains: rules against some, and the list of those that are
//! spoken with when only they are. A rule for a domain is one for every port of it and for every
//! domain below it; the hardest of the rules that cover a host counts (F12).

use domain::{RowId, Timestamp, host};

use crate::engine::{Cell, Column, Conn, FromRow, Result, Row, Value};
use crate::page::Page;
use crate::{args, statements};

macro_rules! columns {
    () => {
        "id, domain, severity, reject_media, reject_reports, obfuscate, private_comment, public_comment, created_at"
    };
}

statements! {
    SET = "INSERT INTO domain_rules (id, domain, severity, reject_media, reject_reports, obfuscate, private_comment, public_comment, created_at) \
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT (domain) DO UPDATE SET severity = excluded.severity, \
        reject_media = excluded.reject_media, reject_reports = excluded.reject_reports, obfuscate = excluded.obfuscate, \
        private_comment = excluded.private_comment, public_comment = excluded.public_comment";
    REMOVE = "DELETE FROM domain_rules WHERE domain = ?1";
    ALL = concat!("SELECT ", columns!(), " FROM domain_rules ORDER BY domain");
    BY_ID = concat!("SELECT ", columns!(), " FROM domain_rules WHERE id = ?1");
    PAGE = concat!("SELECT ", columns!(), " FROM domain_rules WHERE id < ?1 AND id > ?2 ORDER BY id DESC LIMIT ?3");
    PAGE_OLDEST = concat!("SELECT ", columns!(), " FROM domain_rules WHERE id < ?1 AND id > ?2 ORDER BY id LIMIT ?3");
    ALLOWED_PAGE = "SELECT id, domain, created_at FROM domain_allows WHERE id < ?1 AND id > ?2 ORDER BY id DESC LIMIT ?3";
    ALLOWED_OLDEST = "SELECT id, domain, created_at FROM domain_allows WHERE id < ?1 AND id > ?2 ORDER BY id LIMIT ?3";
    ALLOWED_BY_ID = "SELECT id, domain, created_at FROM domain_allows WHERE id = ?1";
    ALLOWED_BY_NAME = "SELECT id, domain, created_at FROM domain_allows WHERE domain = ?1";
    COVERING = concat!("SELECT ", columns!(), " FROM domain_rules WHERE domain IN_LIST(?1)");
    ALLOW = "INSERT INTO domain_allows (id, domain, created_at) VALUES (?1, ?2, ?3) ON CONFLICT (domain) DO NOTHING";
    DISALLOW = "DELETE FROM domain_allows WHERE domain = ?1";
    ALLOWED = "SELECT id, domain, created_at FROM domain_allows ORDER BY domain";
    IS_ALLOWED = "SELECT 1 FROM domain_allows WHERE domain = ?1";
    ALLOWED_OF = "SELECT domain FROM domain_allows WHERE domain IN_LIST(?1)";
}

/// How hard a rule is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Nothing but what the other fields say.
    Noop,
    /// Its accounts are limited: shown to their followers only.
    Silence,
    /// Nothing comes from there, nothing goes there.
    Suspend,
}

impl Severity {
    /// The severity of that name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "noop" => Some(Self::Noop),
            "silence" => Some(Self::Silence),
            "suspend" => Some(Self::Suspend),
            _ => None,
        }
    }

    /// Its name, Mastodon's.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Noop => "noop",
            Self::Silence => "silence",
            Self::Suspend => "suspend",
        }
    }
}

impl From<Severity> for Value {
    fn from(severity: Severity) -> Self {
        severity.name().into()
    }
}

impl Column for Severity {
    fn from_cell(cell: Cell<'_>) -> Result<Self, String> {
        let text = String::from_cell(cell)?;
        Self::parse(&text).ok_or_else(|| format!("{text:?} is no severity"))
    }
}

/// A rule about a domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its id.
    pub id: RowId,
    /// Which domain, as [`host::normal`] spells it.
    pub domain: String,
    /// How hard.
    pub severity: Severity,
    /// Its pictures and files are not fetched.
    pub reject_media: bool,
    /// Its reports are dropped.
    pub reject_reports: bool,
    /// The public list shows its name with stars in it.
    pub obfuscate: bool,
    /// For staff.
    pub private_comment: String,
    /// For everybody.
    pub public_comment: String,
    /// When it was made.
    pub created_at: Timestamp,
}

impl FromRow for Rule {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get()?,
            domain: row.get()?,
            severity: row.get()?,
            reject_media: row.get()?,
            reject_reports: row.get()?,
            obfuscate: row.get()?,
            private_comment: row.get()?,
            public_comment: row.get()?,
            created_at: row.get()?,
        })
    }
}

/// A domain that is spoken with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allowed {
    /// Its id.
    pub id: RowId,
    /// Which.
    pub domain: String,
    /// Since when.
    pub created_at: Timestamp,
}

impl FromRow for Allowed {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self { id: row.get()?, domain: row.get()?, created_at: row.get()? })
    }
}

/// The rules that cover a host: its own and those of the domains above it, the nearest first. What
/// is no host has none.
async fn covering(conn: &mut Conn, host: &str) -> Result<Vec<Rule>> {
    let Some(host) = host::normal(host) else { return Ok(Vec::new()) };
    let names = host::covering(&host);
    let mut rules: Vec<Rule> = conn.query(&COVERING, args![names.as_slice()]).await?;
    rules.sort_by_key(|rule| names.iter().position(|name| *name == rule.domain));
    Ok(rules)
}

/// The rule that counts for a host: the hardest of those that cover it, so that a rule for a domain
/// below cannot lift one above (F12); of equally hard ones the nearest.
///
/// # Errors
/// [`crate::StoreError`] of the engine, as for every function here.
pub async fn rule_for(conn: &mut Conn, host: &str) -> Result<Option<Rule>> {
    let rules = covering(conn, host).await?;
    // Of equal ones the last is taken.
    Ok(rules.into_iter().rev().max_by_key(|rule| rule.severity))
}

/// How hard the rule for a host is; `None` without one, and for one that only says something of
/// files or reports.
///
/// # Errors
/// See [`rule_for`].
pub async fn severity_of(conn: &mut Conn, host: &str) -> Result<Option<Severity>> {
    let severity = rule_for(conn, host).await?.map(|rule| rule.severity);
    Ok(severity.filter(|severity| *severity != Severity::Noop))
}

/// Those of these hosts, in normal form, that nothing goes to.
///
/// # Errors
/// See [`rule_for`].
pub async fn suspended_of(conn: &mut Conn, hosts: &[String]) -> Result<Vec<String>> {
    let names: Vec<String> = hosts.iter().flat_map(|host| host::covering(host)).collect();
    let rules: Vec<Rule> = conn.query(&COVERING, args![names]).await?;
    let is_suspended = |host: &&String| {
        let names = host::covering(host);
        rules.iter().any(|rule| rule.severity == Severity::Suspend && names.contains(&rule.domain))
    };
    Ok(hosts.iter().filter(is_suspended).cloned().collect())
}

/// Those of these hosts, in normal form, that were allowed.
///
/// # Errors
/// See [`rule_for`].
pub async fn allowed_of(conn: &mut Conn, hosts: &[String]) -> Result<Vec<String>> {
    conn.column(&ALLOWED_OF, args![hosts]).await
}

/// Whether files of this host are not fetched.
///
/// # Errors
/// See [`rule_for`].
pub async fn rejects_media(conn: &mut Conn, host: &str) -> Result<bool> {
    let rules = covering(conn, host).await?;
    Ok(rules.iter().any(|rule| rule.reject_media || rule.severity == Severity::Suspend))
}

/// Whether reports of this host are dropped.
///
/// # Errors
/// See [`rule_for`].
pub async fn rejects_reports(conn: &mut Conn, host: &str) -> Result<bool> {
    let rules = covering(conn, host).await?;
    Ok(rules.iter().any(|rule| rule.reject_reports || rule.severity == Severity::Suspend))
}

/// Makes a rule, or changes the one that its domain has: then that keeps its id and its date.
///
/// # Errors
/// See [`rule_for`].
pub async fn set(conn: &mut Conn, rule: &Rule) -> Result<()> {
    conn.send(
        &SET,
        args![
            rule.id,
            &rule.domain,
            rule.severity,
            rule.reject_media,
            rule.reject_reports,
            rule.obfuscate,
            &rule.private_comment,
            &rule.public_comment,
            rule.created_at
        ],
    )
    .await
}

/// Removes the rule of exactly this domain.
///
/// # Errors
/// See [`rule_for`].
pub async fn remove(conn: &mut Conn, domain: &str) -> Result<bool> {
    Ok(conn.execute(&REMOVE, args![domain]).await? > 0)
}

/// Every rule, by domain.
///
/// # Errors
/// See [`rule_for`].
pub async fn all(conn: &mut Conn) -> Result<Vec<Rule>> {
    conn.query(&ALL, args![]).await
}

/// The rule with this id.
///
/// # Errors
/// See [`rule_for`].
pub async fn by_id(conn: &mut Conn, id: RowId) -> Result<Option<Rule>> {
    conn.optional(&BY_ID, args![id]).await
}

/// Names a domain that is spoken with.
///
/// # Errors
/// See [`rule_for`].
pub async fn allow(conn: &mut Conn, id: RowId, domain: &str, now: Timestamp) -> Result<bool> {
    Ok(conn.execute(&ALLOW, args![id, domain, now]).await? > 0)
}

/// Takes that back.
///
/// # Errors
/// See [`rule_for`].
pub async fn disallow(conn: &mut Conn, domain: &str) -> Result<bool> {
    Ok(conn.execute(&DISALLOW, args![domain]).await? > 0)
}

/// Every domain that is spoken with, by name.
///
/// # Errors
/// See [`rule_for`].
pub async fn allowed(conn: &mut Conn) -> Result<Vec<Allowed>> {
    conn.query(&ALLOWED, args![]).await
}

/// Whether exactly this host was allowed: a name below it is somebody else's.
///
/// # Errors
/// See [`rule_for`].
pub async fn is_allowed(conn: &mut Conn, host: &str) -> Result<bool> {
    let Some(host) = host::normal(host) else { return Ok(false) };
    Ok(conn.scalar::<i64>(&IS_ALLOWED, args![host]).await?.is_some())
}

/// Rules by when they were made, newest first.
///
/// # Errors
/// See [`rule_for`].
pub async fn page(conn: &mut Conn, page: &Page) -> Result<Vec<Rule>> {
    page.of_all(conn, (&PAGE, &PAGE_OLDEST)).await
}

/// Domains that are spoken with by when they were named, newest first.
///
/// # Errors
/// See [`rule_for`].
pub async fn allowed_page(conn: &mut Conn, page: &Page) -> Result<Vec<Allowed>> {
    page.of_all(conn, (&ALLOWED_PAGE, &ALLOWED_OLDEST)).await
}

/// The domain that is spoken with, by its id.
///
/// # Errors
/// See [`rule_for`].
pub async fn allowed_by_id(conn: &mut Conn, id: RowId) -> Result<Option<Allowed>> {
    conn.optional(&ALLOWED_BY_ID, args![id]).await
}

/// The same by exactly this name.
///
/// # Errors
/// See [`rule_for`].
pub async fn allowed_by_name(conn: &mut Conn, domain: &str) -> Result<Option<Allowed>> {
    conn.optional(&ALLOWED_BY_NAME, args![domain]).await
}
