//! Registering apps and recognising them again.

use domain::scope::Scopes;
use domain::secret::Secret;
use store::access;

use super::authorize::OUT_OF_BAND;
use super::grant::OAuthError;
use crate::{App, AppError, Result};

/// A registered app, as stored.
pub use store::access::App as Client;

/// Longest name, in characters.
const LONGEST_NAME: usize = 60;
/// Longest address, in bytes.
const LONGEST_ADDRESS: usize = 2000;
/// Most redirect addresses.
const MOST_ADDRESSES: usize = 50;
/// Schemes that run or show something instead of leading somewhere.
const FORBIDDEN: &[&str] = &["data", "javascript", "vbscript", "file", "blob", "about"];

/// What an app says of itself.
#[derive(Clone, Debug)]
pub struct NewApp {
    /// Its name.
    pub name: String,
    /// Where codes may be sent.
    pub redirect_uris: Vec<String>,
    /// The most it may ask for; empty is `read`.
    pub scopes: String,
    /// Its page.
    pub website: Option<String>,
}

/// An app that was just registered: the only moment its secret is known.
#[derive(Debug)]
pub struct Registered {
    /// What was stored.
    pub client: Client,
    /// Hand it to the app.
    pub secret: Secret,
}

/// Registers an app.
///
/// # Errors
/// [`AppError::Invalid`] for a name, address or scope that cannot be taken.
pub async fn register(app: &App, new: NewApp) -> Result<Registered> {
    let name = new.name.trim().to_owned();
    if name.is_empty() {
        return Err(AppError::invalid("Application name can't be blank"));
    }
    if name.chars().count() > LONGEST_NAME {
        return Err(AppError::invalid(format!(
            "Application name is too long (maximum is {LONGEST_NAME} characters)"
        )));
    }
    check_redirect_uris(&new.redirect_uris)?;
    let scopes = if new.scopes.trim().is_empty() { "read" } else { new.scopes.as_str() };
    let scopes = Scopes::parse(scopes)
        .map_err(|_| AppError::invalid("Scopes doesn't match configured on the server."))?;
    let secret = Secret::generate(app.random.as_ref());
    let client = Client {
        id: app.ids.next(),
        client_id: Secret::generate(app.random.as_ref()).reveal().to_owned(),
        secret_hash: secret.hash(),
        name,
        website: website(new.website)?,
        redirect_uris: new.redirect_uris,
        scopes,
        created_at: app.now(),
    };
    let row = client.clone();
    app.write(move |conn| Box::pin(async move { access::insert_app(conn, &row).await }))
        .await
        .map_err(AppError::Store)?;
    Ok(Registered { client, secret })
}

fn website(text: Option<String>) -> Result<Option<String>> {
    let Some(text) = text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let is_web = url::Url::parse(&text).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
    if !is_web || text.len() > LONGEST_ADDRESS {
        return Err(AppError::invalid("Website is invalid"));
    }
    Ok(Some(text))
}

fn check_redirect_uris(addresses: &[String]) -> Result<()> {
    if addresses.is_empty() {
        return Err(AppError::invalid("Redirect URI can't be blank"));
    }
    if addresses.len() > MOST_ADDRESSES {
        return Err(AppError::invalid("Redirect URI is too long"));
    }
    for address in addresses {
        check_redirect_uri(address)
            .map_err(|why| AppError::invalid(format!("Redirect URI {why}")))?;
    }
    Ok(())
}

/// An absolute address without a fragment (RFC 6749 §3.1.2). It is compared and sent back as it
/// was written, so nothing may stand in it that a header cannot carry.
fn check_redirect_uri(address: &str) -> Result<(), &'static str> {
    if address == OUT_OF_BAND {
        return Ok(());
    }
    if address.len() > LONGEST_ADDRESS {
        return Err("is too long");
    }
    if !address.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err("must be an absolute URI.");
    }
    let Ok(url) = url::Url::parse(address) else { return Err("must be an absolute URI.") };
    if url.fragment().is_some() {
        return Err("cannot contain a fragment.");
    }
    if FORBIDDEN.contains(&url.scheme()) {
        return Err("is forbidden by the server.");
    }
    if matches!(url.scheme(), "http" | "https") && url.host_str().is_none_or(str::is_empty) {
        return Err("must be an absolute URI.");
    }
    Ok(())
}

/// The app with these credentials.
///
/// # Errors
/// [`OAuthError::InvalidClient`] when there is none.
pub async fn verify_client(
    app: &App,
    client_id: &str,
    secret: &Secret,
) -> Result<Client, OAuthError> {
    let client = client_of(app, client_id).await?.ok_or(OAuthError::InvalidClient)?;
    // Hashes of 256 random bits are compared: time tells nothing about the secret.
    if client.secret_hash != secret.hash() {
        return Err(OAuthError::InvalidClient);
    }
    Ok(client)
}

/// The app with this client id.
///
/// # Errors
/// [`AppError::Store`].
pub async fn client_of(app: &App, client_id: &str) -> Result<Option<Client>> {
    let client_id = client_id.to_owned();
    app.read(move |conn| {
        Box::pin(async move { Ok(access::app_by_client(conn, &client_id).await?) })
    })
    .await
}

/// The app with this row id.
///
/// # Errors
/// [`AppError::NotFound`] when it is gone.
pub async fn client_by_id(app: &App, id: domain::AppId) -> Result<Client> {
    app.read(move |conn| {
        Box::pin(async move { access::app_by_id(conn, id).await?.ok_or(AppError::NotFound) })
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::check_redirect_uri;

    #[test]
    fn redirect_addresses_of_real_clients_are_taken_and_dangerous_ones_are_not() {
        for good in [
            "urn:ietf:wg:oauth:2.0:oob",
            "https://client.test/callback?x=1",
            "http://localhost:5000",
            "icecubesapp://",
            "mastodon-android-auth://callback",
            "com.app:/callback",
        ] {
            assert_eq!(check_redirect_uri(good), Ok(()), "{good}");
        }
        for bad in [
            "",
            "callback",
            "/callback",
            "javascript:alert(1)",
            "JavaScript:alert(1)",
            "data:text/html,x",
            "vbscript:x",
            "https://a.test/#x",
            "https://a.test/ b",
            "https://a.test/\r\nX: y",
            "https://",
        ] {
            assert!(check_redirect_uri(bad).is_err(), "{bad:?}");
        }
    }
}
