//! Invites: the page of staff that makes them, and the address that they are passed on by.

use app::AppError;
use app::access::{self, Terms};
use axum::extract::{Path, State};
use http::StatusCode;

use super::answer::{Answer, Refusal, private_with, redirect, with_cookie};
use super::member::member;
use super::posted::Posted;
use super::present::moment;
use super::visitor::Visitor;
use super::{Shared, site};
use crate::pages::{InviteView, InvitesPage, Problem};
use crate::paths;
use crate::security::PagePolicy;

pub(super) async fn form(State(app): State<Shared>, visitor: Visitor) -> Answer {
    match member(&visitor, paths::INVITES) {
        Ok(member) if access::may_invite(&member.browser.me) => {
            show(&app, &visitor, StatusCode::OK, None).await
        }
        Ok(_) => Err(Refusal::new(Problem::Forbidden)),
        Err(answer) => *answer,
    }
}

async fn show(
    app: &Shared,
    visitor: &Visitor,
    status: StatusCode,
    error: Option<String>,
) -> Answer {
    let found = access::invitations(app).await?;
    let site = site(app).await?;
    let key = visitor.form_key(app);
    let page = InvitesPage {
        site: &site,
        csrf_token: key.token,
        error,
        invites: found
            .into_iter()
            .map(|invite| InviteView {
                address: access::invite_address(app, &invite),
                code: invite.code,
                uses: invite.uses,
                most: invite.most_uses,
                ends: invite.expires_at.map(moment),
            })
            .collect(),
    };
    Ok(with_cookie(private_with(status, &page, &PagePolicy::default())?, key.cookie))
}

pub(super) async fn create(State(app): State<Shared>, posted: Posted) -> Answer {
    let Posted { visitor, fields } = posted;
    let me = match member(&visitor, paths::INVITES) {
        Ok(member) if access::may_invite(&member.browser.me) => member.browser.me.id(),
        Ok(_) => return Err(Refusal::new(Problem::Forbidden)),
        Err(answer) => return *answer,
    };
    let number = |name: &str| -> Result<Option<i64>, AppError> {
        match fields.text(name).trim() {
            "" => Ok(None),
            text => text
                .parse()
                .map(Some)
                .map_err(|_| AppError::Invalid(crate::t().no_whole_number(text))),
        }
    };
    let made = async {
        let terms = Terms { most_uses: number("uses")?, days: number("days")? };
        access::invite(&app, Some(me), terms).await
    };
    match made.await {
        Ok(_) => redirect(paths::INVITES),
        Err(AppError::Invalid(why) | AppError::Conflict(why)) => {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            show(&app, &visitor, status, Some(crate::language::sentence(&why))).await
        }
        Err(error) => Err(error.into()),
    }
}

pub(super) async fn remove(State(app): State<Shared>, posted: Posted) -> Answer {
    let Posted { visitor, fields } = posted;
    match member(&visitor, paths::INVITES) {
        Ok(member) if access::may_invite(&member.browser.me) => {}
        Ok(_) => return Err(Refusal::new(Problem::Forbidden)),
        Err(answer) => return *answer,
    }
    access::withdraw_invite(&app, fields.text("code")).await?;
    redirect(paths::INVITES)
}

/// The address of an invite leads to the form.
pub(super) async fn open(Path(code): Path<String>) -> Answer {
    let plain: String = code.chars().filter(char::is_ascii_alphanumeric).take(40).collect();
    redirect(&format!("{}?invite={plain}", paths::SIGN_UP))
}
