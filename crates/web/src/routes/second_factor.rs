//! The code or the security key after the password.

use app::access::{self, KeyAnswer, SignInError, SignedIn};
use axum::extract::State;
use http::{StatusCode, Uri};

use super::answer::{Answer, private_with, redirect, with_cookie};
use super::posted::{Fields, Posted};
use super::return_to::local_path;
use super::security_keys::question_view;
use super::sign_in::{self, enter};
use super::visitor::{Visitor, no_half_cookie};
use super::{Shared, site};
use crate::language::reason;
use crate::pages::SecondFactorPage;
use crate::paths;

pub(super) async fn form(State(app): State<Shared>, visitor: Visitor, uri: Uri) -> Answer {
    let return_to = local_path(&app, &Fields::of_query(&uri).text("return_to"));
    let waits = match &visitor.half {
        Some(half) => access::awaits_code(&app, half).await?,
        None => false,
    };
    if !waits {
        return redirect(paths::SIGN_IN);
    }
    show(&app, &visitor, StatusCode::OK, return_to, None).await
}

pub(super) async fn submit(State(app): State<Shared>, posted: Posted) -> Answer {
    let Posted { visitor, fields } = posted;
    let return_to = local_path(&app, &fields.text("return_to"));
    let Some(half) = &visitor.half else { return redirect(paths::SIGN_IN) };
    let tried = access::sign_in_by_code(&app, half, &fields.text("code"), visitor.whence()).await;
    follow(&app, &visitor, return_to, tried).await
}

pub(super) async fn key(State(app): State<Shared>, posted: Posted) -> Answer {
    let Posted { visitor, fields } = posted;
    let return_to = local_path(&app, &fields.text("return_to"));
    let Some(half) = &visitor.half else { return redirect(paths::SIGN_IN) };
    let answer = KeyAnswer {
        credential: fields.text("credential"),
        client_data: fields.text("client_data"),
        authenticator_data: fields.text("authenticator_data"),
        signature: fields.text("signature"),
        handle: fields.text("handle"),
    };
    let tried = access::sign_in_by_key(&app, half, answer, visitor.whence()).await;
    follow(&app, &visitor, return_to, tried).await
}

/// Lets in, or shows what is to be tried next.
async fn follow(
    app: &Shared,
    visitor: &Visitor,
    return_to: Option<String>,
    tried: Result<SignedIn, SignInError>,
) -> Answer {
    let error = match tried {
        Ok(signed_in) => {
            let answer = enter(app, visitor, &signed_in, return_to.as_deref()).await?;
            return Ok(with_cookie(answer, no_half_cookie(app)));
        }
        Err(error) => error,
    };
    let status = match &error {
        SignInError::WrongCode | SignInError::WrongKey(_) | SignInError::CopiedKey => {
            StatusCode::UNPROCESSABLE_ENTITY
        }
        SignInError::Access(_) => StatusCode::FORBIDDEN,
        SignInError::Expired => {
            let answer =
                sign_in::again(app, visitor, return_to, reason(&error.to_string())).await?;
            return Ok(with_cookie(answer, no_half_cookie(app)));
        }
        SignInError::Wrong | SignInError::Limited(_) | SignInError::App(_) => {
            return Err(error.into());
        }
    };
    show(app, visitor, status, return_to, Some(reason(&error.to_string()))).await
}

async fn show(
    app: &Shared,
    visitor: &Visitor,
    status: StatusCode,
    return_to: Option<String>,
    error: Option<String>,
) -> Answer {
    let (policy, app_name) = sign_in::awaited(app, return_to.as_deref()).await;
    let question = match &visitor.half {
        Some(half) => access::key_question(app, half).await?,
        None => None,
    };
    let site = site(app).await?;
    let key = visitor.form_key(app);
    let page = SecondFactorPage {
        site: &site,
        csrf_token: key.token,
        return_to: return_to.unwrap_or_default(),
        error,
        app_name,
        question: question.map(question_view),
    };
    Ok(with_cookie(private_with(status, &page, &policy)?, key.cookie))
}
