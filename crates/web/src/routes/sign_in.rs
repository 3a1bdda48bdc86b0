//! Signing in and out.

use app::access::{self, AuthorizeRequest, SignIn, SignInError, SignedIn, Step};
use axum::extract::State;
use http::{StatusCode, Uri};

use super::answer::{Answer, private_with, redirect, with_cookie};
use super::posted::{Fields, Posted};
use super::return_to::local_path;
use super::visitor::{Visitor, browser_cookie, half_cookie, no_session_cookie, session_cookie};
use super::{Shared, authorize, site};
use crate::language::reason;
use crate::pages::SignInPage;
use crate::paths;
use crate::security::PagePolicy;

/// What to show on the form beside what was typed.
#[derive(Default)]
struct Words {
    login: String,
    error: Option<String>,
    notice: Option<String>,
}

pub(super) async fn form(State(app): State<Shared>, visitor: Visitor, uri: Uri) -> Answer {
    let query = Fields::of_query(&uri);
    let return_to = local_path(&app, &query.text("return_to"));
    if visitor.browser.is_some() {
        return redirect(return_to.as_deref().unwrap_or(paths::HOME));
    }
    let notice = match query.text("done").as_str() {
        "confirmed" => Some(crate::t().your_address_is_confirmed.to_owned()),
        "waiting" => Some(crate::t().your_address_is_confirmed_the_people.to_owned()),
        "changed" => Some(crate::t().your_new_address_is_confirmed_please.to_owned()),
        _ => None,
    };
    let words = Words { notice, ..Words::default() };
    show(&app, &visitor, StatusCode::OK, return_to, words).await
}

pub(super) async fn submit(State(app): State<Shared>, posted: Posted) -> Answer {
    let Posted { visitor, fields } = posted;
    let return_to = local_path(&app, &fields.text("return_to"));
    let attempt = SignIn {
        login: fields.text("login"),
        password: fields.text("password"),
        from: visitor.whence(),
    };
    let error = match access::sign_in(&app, attempt).await {
        Ok(Step::In(signed_in)) => {
            return enter(&app, &visitor, &signed_in, return_to.as_deref()).await;
        }
        Ok(Step::Code(half)) => {
            let query = url::form_urlencoded::Serializer::new(String::new())
                .append_pair("return_to", return_to.as_deref().unwrap_or_default())
                .finish();
            let answer = redirect(&format!("{}?{query}", paths::SECOND_FACTOR))?;
            return Ok(with_cookie(answer, half_cookie(&app, &half)));
        }
        Err(error) => error,
    };
    let status = match &error {
        SignInError::Wrong => StatusCode::UNPROCESSABLE_ENTITY,
        SignInError::Access(_) => StatusCode::FORBIDDEN,
        SignInError::Limited(_)
        | SignInError::App(_)
        | SignInError::WrongCode
        | SignInError::WrongKey(_)
        | SignInError::CopiedKey
        | SignInError::Expired => return Err(error.into()),
    };
    let words = Words {
        login: fields.text("login"),
        error: Some(reason(&error.to_string())),
        notice: None,
    };
    show(&app, &visitor, status, return_to, words).await
}

/// Lets somebody in who has proven who they are: the session that this browser had before ends.
pub(super) async fn enter(
    app: &Shared,
    visitor: &Visitor,
    signed_in: &SignedIn,
    return_to: Option<&str>,
) -> Answer {
    if let Some(old) = &visitor.session {
        access::sign_out(app, old).await?;
    }
    let answer = redirect(return_to.unwrap_or(paths::HOME))?;
    let answer = with_cookie(answer, session_cookie(app, &signed_in.secret));
    Ok(with_cookie(answer, browser_cookie(app, &signed_in.browser)))
}

/// The form anew, with why.
pub(super) async fn again(
    app: &Shared,
    visitor: &Visitor,
    return_to: Option<String>,
    why: String,
) -> Answer {
    let words = Words { error: Some(why), ..Words::default() };
    show(app, visitor, StatusCode::UNPROCESSABLE_ENTITY, return_to, words).await
}

/// What the page needs when the visitor came from an app: its name, and that the form may lead on to it.
pub(super) async fn awaited(app: &Shared, return_to: Option<&str>) -> (PagePolicy, Option<String>) {
    let policy = PagePolicy::default();
    let Some(request) = return_to.and_then(awaiting) else { return (policy, None) };
    match access::check(app, request).await {
        Ok(authorization) => {
            let policy = policy.with_form_target(&authorization.redirect_uri);
            (policy, Some(authorization.client.name))
        }
        Err(_) => (policy, None),
    }
}

/// When the visitor came from an app, the page names it, and the form may lead on to it.
async fn show(
    app: &Shared,
    visitor: &Visitor,
    status: StatusCode,
    return_to: Option<String>,
    words: Words,
) -> Answer {
    let (policy, app_name) = awaited(app, return_to.as_deref()).await;
    let site = site(app).await?;
    let key = visitor.form_key(app);
    let page = SignInPage {
        site: &site,
        csrf_token: key.token,
        return_to: return_to.unwrap_or_default(),
        login: words.login,
        error: words.error,
        notice: words.notice,
        app_name,
    };
    Ok(with_cookie(private_with(status, &page, &policy)?, key.cookie))
}

/// The authorisation that the visitor will return to.
fn awaiting(return_to: &str) -> Option<AuthorizeRequest> {
    let (path, query) = return_to.split_once('?')?;
    (path == paths::AUTHORIZE).then(|| authorize::request(&Fields::parse(query.as_bytes())))
}

pub(super) async fn leave(State(app): State<Shared>, posted: Posted) -> Answer {
    if let Some(secret) = &posted.visitor.session {
        access::sign_out(&app, secret).await?;
    }
    Ok(with_cookie(redirect(paths::FRONT)?, no_session_cookie(&app)))
}
