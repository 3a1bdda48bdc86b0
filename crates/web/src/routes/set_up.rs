//! The one-time page that makes the owner's account.

use app::AppError;
use app::access;
use app::setup::{self, Owner};
use axum::extract::State;
use domain::secret::Secret;
use http::{StatusCode, Uri};

use super::answer::{Answer, Refusal, private, private_with, with_cookie};
use super::posted::{Fields, Posted};
use super::visitor::{Visitor, browser_cookie, session_cookie};
use super::{Shared, site};
use crate::pages::{Problem, SetUpDonePage, SetUpPage, Site};
use crate::security::PagePolicy;
use crate::view::TextField;

const SHORTEST: u32 = access::password::SHORTEST as u32;

fn closed() -> Refusal {
    Refusal::because(Problem::NotFound, crate::t().this_set_up_link_does_not)
}

pub(super) async fn form(State(app): State<Shared>, visitor: Visitor, uri: Uri) -> Answer {
    let token = Fields::of_query(&uri).text("token");
    if !setup::is_open(&app, &Secret::from_outside(token.as_str())).await? {
        return Err(closed());
    }
    let site = site(&app).await?;
    let page = blank(&site, token);
    show(&app, &visitor, StatusCode::OK, page)
}

fn blank(site: &Site, token: String) -> SetUpPage<'_> {
    SetUpPage {
        site,
        csrf_token: String::new(),
        set_up_token: token,
        username: TextField::default(),
        email: TextField::default(),
        title: TextField::new(site.title.as_str()),
        password_error: None,
        error: None,
        shortest_password: SHORTEST,
    }
}

fn show(app: &Shared, visitor: &Visitor, status: StatusCode, mut page: SetUpPage<'_>) -> Answer {
    let key = visitor.form_key(app);
    page.csrf_token = key.token;
    Ok(with_cookie(private_with(status, &page, &PagePolicy::default())?, key.cookie))
}

pub(super) async fn submit(State(app): State<Shared>, posted: Posted) -> Answer {
    let Posted { visitor, fields } = posted;
    let token = fields.text("token");
    let site_before = site(&app).await?;
    let again = |why: &str| {
        let mut page = blank(&site_before, token.clone());
        page.username.value = fields.text("username");
        page.email.value = fields.text("email");
        page.title.value = fields.text("title");
        blame(&mut page, why);
        page
    };
    if fields.text("password") != fields.text("password_confirmation") {
        let page = again("Password differs from the one below");
        return show(&app, &visitor, StatusCode::UNPROCESSABLE_ENTITY, page);
    }
    let owner = Owner {
        token: Secret::from_outside(token.as_str()),
        username: fields.text("username").trim().trim_start_matches('@').to_owned(),
        email: fields.text("email").trim().to_owned(),
        password: fields.text("password"),
        title: fields.text("title"),
        locale: crate::language::spoken().code().to_owned(),
        from: visitor.whence(),
    };
    let username = owner.username.clone();
    match setup::complete(&app, owner).await {
        Ok(signed_in) => {
            let site = site(&app).await?;
            let page = private(&SetUpDonePage { site: &site, username })?;
            let page = with_cookie(page, session_cookie(&app, &signed_in.secret));
            Ok(with_cookie(page, browser_cookie(&app, &signed_in.browser)))
        }
        Err(AppError::NotFound) => Err(closed()),
        Err(AppError::Invalid(why)) => {
            show(&app, &visitor, StatusCode::UNPROCESSABLE_ENTITY, again(&why))
        }
        Err(error) => Err(error.into()),
    }
}

/// Puts the sentence where it belongs: its first word names the field.
fn blame(page: &mut SetUpPage<'_>, why: &str) {
    let sentence = Some(crate::language::sentence(why));
    match why.split(' ').next() {
        Some("Username") => page.username.error = sentence,
        Some("Email") => page.email.error = sentence,
        Some("Password") => page.password_error = sentence,
        _ => page.error = sentence,
    }
}
