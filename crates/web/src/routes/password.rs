//! A forgotten password: asking for the mail, choosing a new one.

use app::AppError;
use app::access;
use axum::extract::State;
use domain::secret::Secret;
use http::{StatusCode, Uri};

use super::answer::{Answer, Refusal, private, private_with, with_cookie};
use super::posted::{Fields, Posted};
use super::visitor::{Visitor, no_session_cookie};
use super::{Shared, site};
use crate::pages::{
    NewPasswordPage, PasswordChangedPage, PasswordResetRequestPage, PasswordResetSentPage,
};
use crate::security::PagePolicy;
use crate::view::TextField;

const SHORTEST: u32 = access::password::SHORTEST as u32;

pub(super) async fn ask(State(app): State<Shared>, visitor: Visitor) -> Answer {
    request_page(&app, &visitor, StatusCode::OK, None).await
}

async fn request_page(
    app: &Shared,
    visitor: &Visitor,
    status: StatusCode,
    notice: Option<String>,
) -> Answer {
    let site = site(app).await?;
    let key = visitor.form_key(app);
    let page = PasswordResetRequestPage {
        site: &site,
        csrf_token: key.token,
        email: TextField::default(),
        notice,
    };
    Ok(with_cookie(private_with(status, &page, &PagePolicy::default())?, key.cookie))
}

/// The answer is the same whether the address is known or not (A09).
pub(super) async fn send(State(app): State<Shared>, visitor: Visitor, posted: Posted) -> Answer {
    let email: String = posted.fields.text("email").chars().take(320).collect();
    access::request_reset(&app, email, visitor.address).await?.map_err(Refusal::limited)?;
    let site = site(&app).await?;
    let folder = app::mail::folder(&app).filter(|_| app.urls.is_local);
    let folder = folder.map(|folder| folder.display().to_string());
    private(&PasswordResetSentPage { site: &site, valid_minutes: 60, mail_folder: folder })
}

pub(super) async fn edit(State(app): State<Shared>, visitor: Visitor, uri: Uri) -> Answer {
    let token = Fields::of_query(&uri).text("token");
    new_password_page(&app, &visitor, token, None).await
}

async fn new_password_page(
    app: &Shared,
    visitor: &Visitor,
    token: String,
    error: Option<String>,
) -> Answer {
    let owner = access::reset_owner(app, &Secret::from_outside(token.as_str())).await?;
    let Some(owner) = owner else { return expired(app, visitor).await };
    let site = site(app).await?;
    let key = visitor.form_key(app);
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let page = NewPasswordPage {
        site: &site,
        csrf_token: key.token,
        username: owner.username,
        reset_token: token,
        password_error: error,
        shortest_password: SHORTEST,
    };
    Ok(with_cookie(private_with(status, &page, &PagePolicy::default())?, key.cookie))
}

async fn expired(app: &Shared, visitor: &Visitor) -> Answer {
    let notice = crate::t().that_link_has_expired_ask_anew;
    request_page(app, visitor, StatusCode::NOT_FOUND, Some(notice.into())).await
}

pub(super) async fn change(State(app): State<Shared>, posted: Posted) -> Answer {
    let Posted { visitor, fields } = posted;
    let (token, password) = (fields.text("token"), fields.text("password"));
    if password != fields.text("password_confirmation") {
        let error = Some(crate::t().the_two_passwords_differ.into());
        return new_password_page(&app, &visitor, token, error).await;
    }
    let secret = Secret::from_outside(token.as_str());
    match access::reset_password(&app, &secret, password, visitor.address).await {
        Ok(Err(limited)) => Err(Refusal::limited(limited)),
        Ok(Ok(())) => {
            let site = site(&app).await?;
            Ok(with_cookie(private(&PasswordChangedPage { site: &site })?, no_session_cookie(&app)))
        }
        Err(AppError::NotFound) => expired(&app, &visitor).await,
        Err(AppError::Invalid(why)) => {
            new_password_page(&app, &visitor, token, Some(crate::language::sentence(&why))).await
        }
        Err(error) => Err(error.into()),
    }
}
