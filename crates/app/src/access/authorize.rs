//! The authorisation request: what an app asks for, whether that is in order, and the code that a
//! person's consent gives it (RFC 6749 §4.1, RFC 7636).

use domain::AccountId;
use domain::scope::Scopes;
use domain::secret::Secret;
use store::access::{self, Code};

use super::apps::{Client, client_of};
use super::grant::OAuthError;
use crate::{App, Result};

/// The address that means "show me the code".
pub const OUT_OF_BAND: &str = "urn:ietf:wg:oauth:2.0:oob";
/// Longest `state` taken and given back, in bytes.
const LONGEST_STATE: usize = 4096;

/// The parameters of an authorisation request as they came.
#[derive(Clone, Debug, Default)]
pub struct AuthorizeRequest {
    /// Must be `code`.
    pub response_type: Option<String>,
    /// Which app.
    pub client_id: Option<String>,
    /// Where the code goes; must be registered, character by character.
    pub redirect_uri: Option<String>,
    /// What is asked for; `read` when missing.
    pub scope: Option<String>,
    /// Given back unchanged.
    pub state: Option<String>,
    /// PKCE.
    pub code_challenge: Option<String>,
    /// Must be `S256` with a challenge.
    pub code_challenge_method: Option<String>,
}

/// A request that is in order.
#[derive(Clone, Debug)]
pub struct Authorization {
    /// The app.
    pub client: Client,
    /// Where the answer goes.
    pub redirect_uri: String,
    /// What it asks for.
    pub scopes: Scopes,
    /// Given back unchanged.
    pub state: Option<String>,
    /// PKCE challenge (S256).
    pub challenge: Option<String>,
}

impl Authorization {
    /// The answer's address with these parameters and the state. The registered address stays as
    /// it was written.
    #[must_use]
    pub fn answer(&self, parameters: &[(&str, &str)]) -> String {
        let state = self.state.as_deref().map(|state| ("state", state));
        let query = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(parameters.iter().copied().chain(state))
            .finish();
        let joint = if self.redirect_uri.contains('?') { '&' } else { '?' };
        format!("{}{joint}{query}", self.redirect_uri)
    }

    /// Whether the code is shown instead of sent.
    #[must_use]
    pub fn is_out_of_band(&self) -> bool {
        self.redirect_uri == OUT_OF_BAND
    }
}

/// Checks a request. A bad one is shown to the person and never sent on, because anybody can
/// register an app and would have an open redirect (M10).
///
/// # Errors
/// [`OAuthError`].
pub async fn check(app: &App, request: AuthorizeRequest) -> Result<Authorization, OAuthError> {
    let client_id = request.client_id.unwrap_or_default();
    let client = client_of(app, &client_id).await?.ok_or(OAuthError::InvalidClient)?;
    let redirect_uri = match request.redirect_uri {
        Some(given) if client.redirect_uris.contains(&given) => given,
        Some(_) => return Err(OAuthError::InvalidRedirect),
        None => match client.redirect_uris.as_slice() {
            [only] => only.clone(),
            _ => return Err(OAuthError::InvalidRedirect),
        },
    };
    if request.response_type.as_deref() != Some("code") {
        return Err(OAuthError::UnsupportedResponseType);
    }
    let wanted = request.scope.unwrap_or_default();
    let wanted = if wanted.trim().is_empty() { "read" } else { wanted.as_str() };
    let scopes = Scopes::parse(wanted).map_err(|_| OAuthError::InvalidScope)?;
    if !scopes.within(&client.scopes) {
        return Err(OAuthError::InvalidScope);
    }
    if request.state.as_ref().is_some_and(|state| state.len() > LONGEST_STATE) {
        return Err(OAuthError::InvalidRequest("state is too long"));
    }
    let challenge = challenge(request.code_challenge, request.code_challenge_method.as_deref())?;
    Ok(Authorization { client, redirect_uri, scopes, state: request.state, challenge })
}

/// Only S256: `plain` protects from nothing, and is what a missing method means.
fn challenge(given: Option<String>, method: Option<&str>) -> Result<Option<String>, OAuthError> {
    let Some(given) = given.filter(|given| !given.is_empty()) else {
        return match method {
            None | Some("" | "S256") => Ok(None),
            Some(_) => Err(OAuthError::InvalidRequest("code_challenge_method must be S256")),
        };
    };
    if method != Some("S256") {
        return Err(OAuthError::InvalidRequest("code_challenge_method must be S256"));
    }
    let is_digest = given.len() == 43
        && given.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    if !is_digest {
        return Err(OAuthError::InvalidRequest("code_challenge is no SHA-256 in base64url"));
    }
    Ok(Some(given))
}

/// Whether this person has granted this app exactly these scopes before.
///
/// # Errors
/// [`crate::AppError::Store`].
pub async fn is_granted(
    app: &App,
    account: AccountId,
    authorization: &Authorization,
) -> Result<bool> {
    let (client, wanted) = (authorization.client.id, authorization.scopes.clone());
    app.read(move |conn| {
        Box::pin(async move {
            let granted = access::granted(conn, client, account).await?;
            Ok(granted.iter().any(|scopes| scopes.within(&wanted) && wanted.within(scopes)))
        })
    })
    .await
}

/// A person consents: the code for the app.
///
/// # Errors
/// [`crate::AppError::Store`].
pub async fn authorize(
    app: &App,
    account: AccountId,
    authorization: &Authorization,
) -> Result<Secret> {
    let secret = Secret::generate(app.random.as_ref());
    let hash = secret.hash();
    let code = Code {
        app_id: authorization.client.id,
        account_id: account,
        redirect_uri: authorization.redirect_uri.clone(),
        scopes: authorization.scopes.clone(),
        challenge: authorization.challenge.clone(),
        created_at: app.now(),
        used_at: None,
        token_id: None,
    };
    app.write(move |conn| {
        Box::pin(
            async move { Ok::<_, crate::AppError>(access::insert_code(conn, &hash, &code).await?) },
        )
    })
    .await?;
    Ok(secret)
}

/// The name of the app that a fresh code is for.
///
/// # Errors
/// [`crate::AppError::Store`].
pub async fn client_of_code(app: &App, code: &Secret) -> Result<Option<String>> {
    let hash = code.hash();
    app.read(move |conn| {
        Box::pin(async move {
            let Some(code) = access::code_unlocked(conn, &hash).await? else { return Ok(None) };
            Ok(access::app_by_id(conn, code.app_id).await?.map(|client| client.name))
        })
    })
    .await
}
