//! Making, changing and removing rules. What follows from a change for accounts that are known is
//! done by a job.

use std::sync::Arc;

use domain::{RowId, host};
use store::Page;
use store::domain_rules::{self, Allowed, Rule, Severity};

use crate::jobs::{self, Job};
use crate::{App, AppError, Result};

/// A rule as somebody wants it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Which domain, as typed.
    pub domain: String,
    /// How hard.
    pub severity: Severity,
    /// Fetch no files of it.
    pub reject_media: bool,
    /// Drop its reports.
    pub reject_reports: bool,
    /// Show its name with stars in it.
    pub obfuscate: bool,
    /// For staff.
    pub private_comment: String,
    /// For everybody.
    pub public_comment: String,
}

/// Longest comment, in bytes.
const LONGEST_COMMENT: usize = 10_000;

/// Every rule, by domain.
///
/// # Errors
/// [`AppError::Store`].
pub async fn list(app: &App) -> Result<Vec<Rule>> {
    app.read(|conn| Box::pin(async move { Ok(domain_rules::all(conn).await?) })).await
}

/// One rule.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn show(app: &App, id: RowId) -> Result<Rule> {
    app.read(move |conn| {
        Box::pin(async move { domain_rules::by_id(conn, id).await?.ok_or(AppError::NotFound) })
    })
    .await
}

/// Rules by when they were made, newest first.
///
/// # Errors
/// [`AppError::Store`].
pub async fn page(app: &App, page: Page) -> Result<Vec<Rule>> {
    app.read(move |conn| Box::pin(async move { Ok(domain_rules::page(conn, &page).await?) })).await
}

/// The rule that a new one for this domain would repeat or be weaker than: its own, or that of a
/// domain above.
///
/// # Errors
/// [`AppError::Invalid`] for what is no domain.
pub async fn standing_against(app: &App, change: &Change) -> Result<Option<Rule>> {
    let domain = name(app, &change.domain)?;
    let asked = domain.clone();
    let rule = app
        .read(move |conn| {
            Box::pin(async move { Ok::<_, AppError>(domain_rules::rule_for(conn, &asked).await?) })
        })
        .await?;
    Ok(rule.filter(|rule| rule.domain == domain || !is_stricter(change, rule)))
}

fn is_stricter(change: &Change, rule: &Rule) -> bool {
    match change.severity.cmp(&rule.severity) {
        std::cmp::Ordering::Greater => true,
        std::cmp::Ordering::Less => false,
        std::cmp::Ordering::Equal => {
            change.severity == Severity::Suspend
                || ((change.reject_media || !rule.reject_media)
                    && (change.reject_reports || !rule.reject_reports))
        }
    }
}

/// Makes a rule, or changes the one that the domain has.
///
/// # Errors
/// [`AppError::Invalid`] for what is no domain, for this server's own, and for a comment without end.
pub async fn set(app: &Arc<App>, change: Change) -> Result<Rule> {
    let domain = name(app, &change.domain)?;
    set_many(app, vec![change]).await?;
    let rules = list(app).await?;
    rules.into_iter().find(|rule| rule.domain == domain).ok_or(AppError::NotFound)
}

/// The same for several, all of them or none. The answer is how many are new or other than before.
///
/// # Errors
/// See [`set`].
pub async fn set_many(app: &Arc<App>, changes: Vec<Change>) -> Result<usize> {
    let now = app.now();
    let mut wanted = Vec::with_capacity(changes.len());
    for change in changes {
        let id = app.ids.next();
        wanted.push(checked(app, change).map(|rule| Rule { id, created_at: now, ..rule })?);
    }
    let context = app.clone();
    app.write(move |conn| {
        Box::pin(async move {
            let before = domain_rules::all(conn).await?;
            let mut changed = 0;
            for rule in wanted {
                let old = before.iter().find(|old| old.domain == rule.domain);
                let made_at = old.map_or(rule.created_at, |old| old.created_at);
                if old.is_some_and(|old| is_same(old, &rule)) {
                    continue;
                }
                domain_rules::set(conn, &rule).await?;
                let job = Job::ApplyDomainRule { domain: rule.domain, made_at };
                jobs::enqueue(&context, conn, &job, now).await?;
                changed += 1;
            }
            Ok(changed)
        })
    })
    .await
}

/// Removes the rule of exactly this domain; what it did to accounts is lifted.
///
/// # Errors
/// [`AppError::NotFound`] when there is none.
pub async fn remove(app: &Arc<App>, domain: &str) -> Result<Rule> {
    let domain = name(app, domain)?;
    let context = app.clone();
    app.write(move |conn| {
        Box::pin(async move {
            let rules = domain_rules::all(conn).await?;
            let rule = rules.into_iter().find(|rule| rule.domain == domain);
            let rule = rule.ok_or(AppError::NotFound)?;
            domain_rules::remove(conn, &domain).await?;
            let job = Job::ApplyDomainRule { domain, made_at: rule.created_at };
            jobs::enqueue(&context, conn, &job, context.now()).await?;
            Ok(rule)
        })
    })
    .await
}

/// Every domain that is spoken with where only those are.
///
/// # Errors
/// [`AppError::Store`].
pub async fn allowed(app: &App) -> Result<Vec<Allowed>> {
    app.read(|conn| Box::pin(async move { Ok(domain_rules::allowed(conn).await?) })).await
}

/// The same by when they were named, newest first.
///
/// # Errors
/// [`AppError::Store`].
pub async fn allowed_page(app: &App, page: Page) -> Result<Vec<Allowed>> {
    app.read(move |conn| {
        Box::pin(async move { Ok(domain_rules::allowed_page(conn, &page).await?) })
    })
    .await
}

/// One of them.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn show_allowed(app: &App, id: RowId) -> Result<Allowed> {
    app.read(move |conn| {
        Box::pin(
            async move { domain_rules::allowed_by_id(conn, id).await?.ok_or(AppError::NotFound) },
        )
    })
    .await
}

/// One of them by its name, as typed.
///
/// # Errors
/// [`AppError::NotFound`], [`AppError::Invalid`] for what is no domain.
pub async fn allowed_named(app: &App, domain: &str) -> Result<Allowed> {
    let domain = name(app, domain)?;
    app.read(move |conn| {
        Box::pin(async move {
            domain_rules::allowed_by_name(conn, &domain).await?.ok_or(AppError::NotFound)
        })
    })
    .await
}

/// Names such a domain; false when it was named before.
///
/// # Errors
/// [`AppError::Invalid`] for what is no domain.
pub async fn allow(app: &Arc<App>, domain: &str) -> Result<bool> {
    let (domain, id, now) = (name(app, domain)?, app.ids.next(), app.now());
    app.write(move |conn| {
        Box::pin(async move { Ok(domain_rules::allow(conn, id, &domain, now).await?) })
    })
    .await
}

/// Takes that back; false when it was not named.
///
/// # Errors
/// [`AppError::Invalid`] for what is no domain.
pub async fn disallow(app: &Arc<App>, domain: &str) -> Result<bool> {
    let domain = name(app, domain)?;
    app.write(move |conn| Box::pin(async move { Ok(domain_rules::disallow(conn, &domain).await?) }))
        .await
}

fn checked(app: &App, change: Change) -> Result<Rule> {
    if change.private_comment.len().max(change.public_comment.len()) > LONGEST_COMMENT {
        return Err(AppError::invalid("Comment is too long"));
    }
    Ok(Rule {
        id: RowId(0),
        domain: name(app, &change.domain)?,
        severity: change.severity,
        reject_media: change.reject_media,
        reject_reports: change.reject_reports,
        obfuscate: change.obfuscate,
        private_comment: change.private_comment,
        public_comment: change.public_comment,
        created_at: app.now(),
    })
}

/// The domain as it is kept.
pub(super) fn name(app: &App, typed: &str) -> Result<String> {
    let typed = typed.trim().trim_start_matches('@');
    let domain = host::normal(typed)
        .ok_or_else(|| AppError::invalid(format!("Domain {typed:?} is not a valid domain name")))?;
    if host::covering(&app.urls.domain).contains(&domain) {
        return Err(AppError::invalid("Domain is this server's own"));
    }
    Ok(domain)
}

fn is_same(old: &Rule, new: &Rule) -> bool {
    *old == Rule { id: old.id, created_at: old.created_at, ..new.clone() }
}
