//! What the server says of itself: name, rules, limits, numbers. Numbers are counted at most every
//! five minutes.

mod counts;

use domain::account::Account;
use store::{accounts, settings, users};

pub use counts::{Cache, Counts, Week, activity, counts};

use crate::{App, AppError, Result};

/// Name and contact, as they are now.
#[derive(Clone, Debug)]
pub struct About {
    /// The name: a setting, or the configured one.
    pub title: String,
    /// One or two sentences, plain text.
    pub description: String,
    /// Who answers for the server.
    pub contact: Option<Account>,
}

/// Name and contact of this server.
///
/// # Errors
/// [`AppError::Store`].
pub async fn about(app: &App) -> Result<About> {
    let configured = app.config.instance.contact_account.clone();
    let (title, description) =
        (app.config.instance.title.clone(), app.config.instance.description.clone());
    app.read(move |conn| {
        Box::pin(async move {
            let contact = if configured.is_empty() {
                match users::first_owner(conn).await? {
                    Some(id) => accounts::by_id(conn, id).await?,
                    None => None,
                }
            } else {
                accounts::by_handle(conn, configured.trim_start_matches('@'), None).await?
            };
            Ok(About {
                title: settings::get(conn, "instance_title").await?.unwrap_or(title),
                description: settings::get(conn, "instance_description")
                    .await?
                    .unwrap_or(description),
                contact: contact.filter(|account| account.suspended_at.is_none()),
            })
        })
    })
    .await
}

/// The other servers that are known.
///
/// # Errors
/// [`AppError::Store`].
pub async fn peers(app: &App) -> Result<Vec<String>> {
    app.read(|conn| Box::pin(async move { Ok(store::instance::peers(conn).await?) })).await
}

/// The local account that a WebFinger resource names: `acct:name@domain` or one of its addresses.
///
/// # Errors
/// [`AppError::NotFound`] when it names nobody here.
pub async fn resolve(app: &App, resource: &str) -> Result<Account> {
    let name = local_name(app, resource).ok_or(AppError::NotFound)?.to_owned();
    app.read(move |conn| {
        Box::pin(
            async move { accounts::by_handle(conn, &name, None).await?.ok_or(AppError::NotFound) },
        )
    })
    .await
}

fn local_name<'r>(app: &App, resource: &'r str) -> Option<&'r str> {
    if let Some(path) = resource.strip_prefix(app.urls.base.as_str()) {
        let name = path.strip_prefix("/@").or_else(|| path.strip_prefix("/users/"))?;
        return (!name.contains('/')).then_some(name);
    }
    let handle = resource.strip_prefix("acct:").unwrap_or(resource).trim_start_matches('@');
    let (name, domain) = handle.split_once('@')?;
    let base_host = app.urls.base.split_once("://").map_or("", |(_, host)| host);
    let here = app.urls.is_here(Some(domain)) || domain.eq_ignore_ascii_case(base_host);
    here.then_some(name)
}
