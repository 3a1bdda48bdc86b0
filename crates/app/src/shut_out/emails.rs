//! Mail addresses: whole domains, and single ones of which only a hash is kept.

use domain::{AccountId, RowId, host};
use store::shut_out::{self, EmailDomain, EmailHash};
use store::{Conn, Page, users};

use crate::{App, AppError, Result};

/// What is said of an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Nothing.
    Fine,
    /// It may come in if staff lets it.
    NeedsApproval,
    /// Its domain is shut out.
    Domain,
    /// It was somebody's who is shut out.
    Person,
}

/// What is said of an address that wants to sign up.
pub(crate) async fn judge(conn: &mut Conn, email: &str) -> Result<Verdict> {
    if let Some(canonical) = canonical(email)
        && shut_out::hash_of(conn, &hashed(&canonical)).await?.is_some()
    {
        return Ok(Verdict::Person);
    }
    let Some((_, domain)) = email.trim().rsplit_once('@') else { return Ok(Verdict::Fine) };
    let Some(domain) = host::normal(domain) else { return Ok(Verdict::Fine) };
    let rules = shut_out::domains_named(conn, &host::covering(&domain)).await?;
    Ok(match rules.iter().map(|rule| rule.allow_with_approval).min() {
        None => Verdict::Fine,
        Some(true) => Verdict::NeedsApproval,
        Some(false) => Verdict::Domain,
    })
}

/// One spelling of all addresses that reach the same mailbox at the large providers: lower case, no
/// dots and nothing behind a plus in the part before the `@`.
fn canonical(email: &str) -> Option<String> {
    let email = email.trim().to_lowercase();
    let (name, domain) = email.rsplit_once('@')?;
    let name = name.split('+').next().unwrap_or(name).replace('.', "");
    (!name.is_empty() && !domain.is_empty()).then(|| format!("{name}@{domain}"))
}

fn hashed(canonical: &str) -> String {
    crate::domain_rules::digest(canonical)
}

/// The address of a suspended person opens no other account; lifting that gives it back.
pub(crate) async fn follow_suspension(
    app: &App,
    conn: &mut Conn,
    account: AccountId,
    suspended: bool,
) -> Result<()> {
    if !suspended {
        return Ok(shut_out::drop_hash_of(conn, account).await?);
    }
    let Some(user) = users::by_account(conn, account).await? else { return Ok(()) };
    let Some(canonical) = canonical(&user.email) else { return Ok(()) };
    let new = EmailHash { id: app.ids.next(), hash: hashed(&canonical), account: Some(account) };
    shut_out::add_hash(conn, &new, app.now()).await?;
    Ok(())
}

/// Domains that are shut out, newest first.
///
/// # Errors
/// [`AppError::Store`].
pub async fn domains(app: &App, page: Page) -> Result<Vec<EmailDomain>> {
    app.read(move |conn| Box::pin(async move { Ok(shut_out::domains(conn, &page).await?) })).await
}

/// One of them.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn domain(app: &App, id: RowId) -> Result<EmailDomain> {
    app.read(move |conn| {
        Box::pin(async move { shut_out::domain(conn, id).await?.ok_or(AppError::NotFound) })
    })
    .await
}

/// Shuts one out.
///
/// # Errors
/// [`AppError::Invalid`] for what is no domain, and for one that is shut out already.
pub async fn add_domain(app: &App, name: &str, allow_with_approval: bool) -> Result<EmailDomain> {
    let typed = name.trim().trim_start_matches('@');
    let domain = host::normal(typed).filter(|name| name.contains('.') || name == "localhost");
    let domain = domain.ok_or_else(|| AppError::invalid("Domain is not a valid domain name"))?;
    let new =
        EmailDomain { id: app.ids.next(), domain, allow_with_approval, created_at: app.now() };
    let row = new.clone();
    let is_new = app
        .write(move |conn| {
            Box::pin(async move { Ok::<_, AppError>(shut_out::add_domain(conn, &row).await?) })
        })
        .await?;
    if is_new { Ok(new) } else { Err(AppError::invalid("Domain has already been taken")) }
}

/// Lets one in again.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn drop_domain(app: &App, id: RowId) -> Result<()> {
    app.write(move |conn| {
        Box::pin(async move {
            if shut_out::drop_domain(conn, id).await? { Ok(()) } else { Err(AppError::NotFound) }
        })
    })
    .await
}

/// Single addresses that are shut out, newest first.
///
/// # Errors
/// [`AppError::Store`].
pub async fn hashes(app: &App, page: Page) -> Result<Vec<EmailHash>> {
    app.read(move |conn| Box::pin(async move { Ok(shut_out::hashes(conn, &page).await?) })).await
}

/// One of them.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn hash(app: &App, id: RowId) -> Result<EmailHash> {
    app.read(move |conn| {
        Box::pin(async move { shut_out::hash(conn, id).await?.ok_or(AppError::NotFound) })
    })
    .await
}

/// Those that an address falls under.
///
/// # Errors
/// [`AppError::Store`].
pub async fn hashes_of(app: &App, email: &str) -> Result<Vec<EmailHash>> {
    let Some(canonical) = canonical(email) else { return Ok(Vec::new()) };
    app.read(move |conn| {
        Box::pin(async move {
            let found = shut_out::hash_of(conn, &hashed(&canonical)).await?;
            Ok(found.into_iter().collect())
        })
    })
    .await
}

/// Shuts an address out, given as itself or as the hash that another server uses.
///
/// # Errors
/// [`AppError::Invalid`] for what is neither, and for one that is shut out already.
pub async fn add_hash(app: &App, email: Option<&str>, hash: Option<&str>) -> Result<EmailHash> {
    let is_hash = |text: &&str| text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit());
    let hash = match (email.and_then(canonical), hash.filter(is_hash)) {
        (Some(canonical), _) => hashed(&canonical),
        (None, Some(hash)) => hash.to_ascii_lowercase(),
        (None, None) => return Err(AppError::invalid("Canonical email hash can't be blank")),
    };
    let (new, now) = (EmailHash { id: app.ids.next(), hash, account: None }, app.now());
    let row = new.clone();
    let is_new = app
        .write(move |conn| {
            Box::pin(async move { Ok::<_, AppError>(shut_out::add_hash(conn, &row, now).await?) })
        })
        .await?;
    let taken = || AppError::invalid("Canonical email hash has already been taken");
    if is_new { Ok(new) } else { Err(taken()) }
}

/// Lets an address in again.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn drop_hash(app: &App, id: RowId) -> Result<()> {
    app.write(move |conn| {
        Box::pin(async move {
            if shut_out::drop_hash(conn, id).await? { Ok(()) } else { Err(AppError::NotFound) }
        })
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::canonical;

    #[test]
    fn one_mailbox_has_one_spelling() {
        let one = Some("someone@mail.test".to_owned());
        for spelling in ["someone@mail.test", "Some.One+x@Mail.test", " some.one+a+b@mail.test "] {
            assert_eq!(canonical(spelling), one, "{spelling}");
        }
        for none in ["", "no", "@mail.test", "+x@mail.test", "a@"] {
            assert_eq!(canonical(none), None, "{none:?}");
        }
    }
}
