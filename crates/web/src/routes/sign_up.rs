//! Making an account on the page.

use app::access::{self, Problem, SignUp, SignUpError};
use axum::extract::State;
use config::RegistrationsMode;
use http::{StatusCode, Uri};

use super::answer::{Answer, Refusal, private, private_with, public, redirect, with_cookie};
use super::posted::{Fields, Posted};
use super::visitor::Visitor;
use super::{Shared, site};
use crate::pages::{SignUpClosedPage, SignUpDonePage, SignUpPage, Site};
use crate::paths;
use crate::security::PagePolicy;
use crate::view::TextField;

const SHORTEST: u32 = access::password::SHORTEST as u32;

pub(super) async fn form(State(app): State<Shared>, visitor: Visitor, uri: Uri) -> Answer {
    if visitor.browser.is_some() {
        return redirect(paths::FRONT);
    }
    let invite = Fields::of_query(&uri).text("invite");
    let works = !invite.is_empty() && access::invite_works(&app, &invite).await?;
    if app.config.registrations.mode == RegistrationsMode::Closed && !works {
        return closed(&app, !invite.is_empty()).await;
    }
    let site = site(&app).await?;
    let kept = if works { invite.clone() } else { String::new() };
    let mut page = blank(&app, &site, kept).await?;
    page.notice = works.then(|| crate::t().your_invite_works.to_owned());
    if !works && !invite.is_empty() {
        page.error = Some(crate::t().that_invite_is_used_up_over.into());
    }
    show(&app, &visitor, StatusCode::OK, page).await
}

async fn closed(app: &Shared, had_invite: bool) -> Answer {
    let site = site(app).await?;
    let words = app.config.registrations.closed_message.clone();
    let words = Some(words).filter(|text| !text.is_empty());
    let over = crate::t().that_invite_is_used_up_over.to_owned();
    let message = if had_invite { Some(over) } else { words };
    public(&SignUpClosedPage { site: &site, message })
}

async fn blank<'s>(app: &Shared, site: &'s Site, invite: String) -> app::Result<SignUpPage<'s>> {
    let rules = app::house_rules::current(app).await?;
    let rules = rules.into_iter().map(|rule| rule.text).collect();
    let asks = app.config.registrations.mode == RegistrationsMode::Approval;
    Ok(SignUpPage {
        site,
        csrf_token: String::new(),
        by_staff: asks && invite.is_empty(),
        invite,
        rules,
        username: TextField::default(),
        email: TextField::default(),
        password: TextField::default(),
        reason: TextField::default(),
        agreed: false,
        agreement_error: None,
        notice: None,
        error: None,
        shortest_password: SHORTEST,
    })
}

async fn show(
    app: &Shared,
    visitor: &Visitor,
    status: StatusCode,
    mut page: SignUpPage<'_>,
) -> Answer {
    let key = visitor.form_key(app);
    page.csrf_token = key.token;
    Ok(with_cookie(private_with(status, &page, &PagePolicy::default())?, key.cookie))
}

pub(super) async fn submit(State(app): State<Shared>, posted: Posted) -> Answer {
    let Posted { visitor, fields } = posted;
    let username = fields.text("username").trim().trim_start_matches('@').to_owned();
    let form = SignUp {
        username: username.clone(),
        email: fields.text("email").trim().to_owned(),
        password: fields.text("password"),
        agreement: fields.get("agreement").is_some(),
        locale: crate::language::spoken().code().into(),
        reason: fields.text("reason"),
        invite: fields.text("invite"),
        address: visitor.address,
    };
    let invited = !form.invite.is_empty();
    let rules = &app.config.registrations;
    match access::sign_up_by_page(&app, form).await {
        Ok(()) => {
            let site = site(&app).await?;
            let folder = app::mail::folder(&app).filter(|_| app.urls.is_local);
            private(&SignUpDonePage {
                site: &site,
                username,
                confirm_email: rules.confirm_email,
                by_staff: rules.mode == RegistrationsMode::Approval && !invited,
                mail_folder: folder.map(|folder| folder.display().to_string()),
            })
        }
        Err(SignUpError::Closed) => closed(&app, invited).await,
        Err(SignUpError::Limited(limited)) => Err(Refusal::limited(limited)),
        Err(SignUpError::Invalid(problems)) => {
            let site = site(&app).await?;
            let page = blamed(blank(&app, &site, fields.text("invite")).await?, &fields, &problems);
            show(&app, &visitor, StatusCode::UNPROCESSABLE_ENTITY, page).await
        }
        // Somebody else was faster with the name or the address.
        Err(SignUpError::App(app::AppError::Invalid(why))) => {
            let site = site(&app).await?;
            let mut page = blamed(blank(&app, &site, fields.text("invite")).await?, &fields, &[]);
            page.error = Some(crate::language::sentence(&why));
            show(&app, &visitor, StatusCode::UNPROCESSABLE_ENTITY, page).await
        }
        Err(SignUpError::App(error)) => Err(error.into()),
    }
}

/// The form as it was filled in, with what is wrong beside each field.
fn blamed<'s>(mut page: SignUpPage<'s>, fields: &Fields, problems: &[Problem]) -> SignUpPage<'s> {
    page.username.value = fields.text("username");
    page.email.value = fields.text("email");
    page.reason.value = fields.text("reason");
    page.agreed = fields.get("agreement").is_some();
    for problem in problems {
        let sentence = Some(crate::t().it_is(crate::language::reason(&problem.description)));
        match problem.field {
            "username" => page.username.error = sentence,
            "email" => page.email.error = sentence,
            "password" => page.password.error = sentence,
            "reason" => page.reason.error = sentence,
            "agreement" => page.agreement_error = Some(crate::t().they_have_to_be_accepted.into()),
            "invite_code" => {
                page.error =
                    Some(crate::t().the_invite_is(crate::language::reason(&problem.description)))
            }
            _ => page.error = sentence,
        }
    }
    page
}
