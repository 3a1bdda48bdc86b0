//! The consent page and its answers (RFC 6749 §4.1).

use app::access::{self, Authorization, AuthorizeRequest, Browser, OAuthError};
use axum::extract::State;
use domain::secret::Secret;
use http::{StatusCode, Uri};

use super::answer::{Answer, Refusal, private, private_with, redirect, with_cookie};
use super::posted::{Fields, Posted};
use super::visitor::Visitor;
use super::{Shared, present, site};
use crate::pages::{ClientApp, CodePage, ConsentPage, Problem};
use crate::view::Website;
use crate::{paths, scopes};

/// The parameters that the form sends back.
const KEPT: &[&str] =
    &["response_type", "client_id", "scope", "state", "code_challenge", "code_challenge_method"];

/// The request as it came.
pub(super) fn request(fields: &Fields) -> AuthorizeRequest {
    AuthorizeRequest {
        response_type: fields.get("response_type"),
        client_id: fields.get("client_id"),
        redirect_uri: fields.get("redirect_uri"),
        // Mastodon takes both names.
        scope: fields.get("scope").or_else(|| fields.get("scopes")),
        state: fields.get("state"),
        code_challenge: fields.get("code_challenge"),
        code_challenge_method: fields.get("code_challenge_method"),
    }
}

impl From<OAuthError> for Refusal {
    fn from(error: OAuthError) -> Self {
        match error {
            OAuthError::App(error) => error.into(),
            other => Self::because(Problem::BadRequest, other.to_string()),
        }
    }
}

pub(super) async fn form(State(app): State<Shared>, visitor: Visitor, uri: Uri) -> Answer {
    let fields = Fields::of_query(&uri);
    let authorization = access::check(&app, request(&fields)).await?;
    let Some(browser) = &visitor.browser else {
        let here = format!("{}?{}", paths::AUTHORIZE, uri.query().unwrap_or_default());
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("return_to", &here)
            .finish();
        return redirect(&format!("{}?{query}", paths::SIGN_IN));
    };
    let forced = matches!(fields.text("force_login").as_str(), "true" | "1");
    if !forced && access::is_granted(&app, browser.me.id(), &authorization).await? {
        return grant(&app, browser, &authorization).await;
    }
    consent(&app, &visitor, browser, &fields, authorization).await
}

async fn consent(
    app: &Shared,
    visitor: &Visitor,
    browser: &Browser,
    fields: &Fields,
    authorization: Authorization,
) -> Answer {
    let site = site(app).await?;
    let key = visitor.form_key(app);
    let kept = |name: &&str| fields.get(name).map(|value| ((*name).to_owned(), value));
    let page = ConsentPage {
        site: &site,
        csrf_token: key.token,
        app: ClientApp {
            name: authorization.client.name.clone(),
            website: authorization.client.website.as_deref().and_then(Website::parse),
        },
        account: present::account(app, &browser.me.account),
        scopes: scopes::describe(&authorization.scopes.iter().collect::<Vec<_>>()),
        redirect_uri: authorization.redirect_uri,
        request: KEPT.iter().filter_map(kept).collect(),
    };
    let policy = page.policy();
    Ok(with_cookie(private_with(StatusCode::OK, &page, &policy)?, key.cookie))
}

pub(super) async fn decide(State(app): State<Shared>, posted: Posted) -> Answer {
    let agreed = posted.fields.text("decision") == "authorise";
    answer(&app, posted, agreed).await
}

pub(super) async fn deny(State(app): State<Shared>, posted: Posted) -> Answer {
    answer(&app, posted, false).await
}

async fn answer(app: &Shared, posted: Posted, agreed: bool) -> Answer {
    let authorization = access::check(app, request(&posted.fields)).await?;
    let Some(browser) = &posted.visitor.browser else {
        return Err(Refusal::because(Problem::Forbidden, crate::t().you_are_not_signed_in_any));
    };
    if agreed {
        return grant(app, browser, &authorization).await;
    }
    if authorization.is_out_of_band() {
        return Err(Refusal::because(
            Problem::Forbidden,
            crate::t().you_have_denied_access_the_app,
        ));
    }
    redirect(&authorization.answer(&[
        ("error", "access_denied"),
        ("error_description", "The resource owner or authorization server denied the request."),
    ]))
}

async fn grant(app: &Shared, browser: &Browser, authorization: &Authorization) -> Answer {
    let code: Secret = access::authorize(app, browser.me.id(), authorization).await?;
    if authorization.is_out_of_band() {
        return redirect(&format!("{}?code={}", paths::AUTHORIZE_NATIVE, code.reveal()));
    }
    redirect(&authorization.answer(&[("code", code.reveal())]))
}

/// Shows the code to somebody whose app cannot be sent back to. The code stands in the address, as
/// clients expect, and in nothing that is stored.
pub(super) async fn native(State(app): State<Shared>, visitor: Visitor, uri: Uri) -> Answer {
    if visitor.browser.is_none() {
        return Err(Refusal::new(Problem::Forbidden));
    }
    let code = Fields::of_query(&uri).text("code");
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    if code.is_empty() || code.len() > 64 || !code.bytes().all(plain) {
        return Err(Refusal::new(Problem::BadRequest));
    }
    let name = access::client_of_code(&app, &Secret::from_outside(code.as_str())).await?;
    let site = site(&app).await?;
    private(&CodePage {
        site: &site,
        app_name: name.unwrap_or_else(|| crate::t().the_app.into()),
        code,
    })
}
