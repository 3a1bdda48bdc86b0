//! Account security: password, address, browsers and apps.

use app::AppError;
use app::access;
use axum::extract::State;
use domain::TokenId;
use http::{StatusCode, Uri};

use super::answer::{Answer, Refusal, private_with, redirect, with_cookie};
use super::member::{Member, member, password_error};
use super::posted::{Fields, Posted};
use super::present::moment;
use super::security_keys::key_view;
use super::visitor::{browser_cookie, session_cookie};
use super::{Shared, site, visitor::Visitor};
use crate::pages::{GrantView, Problem, SecurityPage, SessionView};
use crate::paths;
use crate::security::PagePolicy;

const SHORTEST: u32 = access::password::SHORTEST as u32;

pub(super) async fn form(State(app): State<Shared>, visitor: Visitor, uri: Uri) -> Answer {
    let member = match member(&visitor, paths::SECURITY) {
        Ok(member) => member,
        Err(answer) => return *answer,
    };
    let notice = match Fields::of_query(&uri).text("done").as_str() {
        "password" => Some(crate::t().your_password_is_changed_everything),
        "email" => Some(crate::t().a_link_is_on_its_way),
        "session" => Some(crate::t().signed_out_there),
        "key" => Some(crate::t().your_security_key_is_added),
        "key_removed" => Some(crate::t().the_security_key_is_removed),
        "app" => Some(crate::t().the_app_has_no_access_any),
        _ => None,
    };
    show(&app, &visitor, &member, StatusCode::OK, notice, None).await
}

/// Mastodon's address of the list of apps.
pub(super) async fn apps() -> Answer {
    redirect(paths::SECURITY)
}

async fn show(
    app: &Shared,
    visitor: &Visitor,
    member: &Member,
    status: StatusCode,
    notice: Option<&str>,
    error: Option<String>,
) -> Answer {
    let me = &member.browser.me;
    let standing = access::second_factor(app, me.id()).await?;
    let keys = access::security_keys(app, me.id()).await?;
    let open = access::overview(app, me.id(), &member.session).await?;
    let site = site(app).await?;
    let key = visitor.form_key(app);
    let page = SecurityPage {
        site: &site,
        csrf_token: key.token,
        username: me.account.username.clone(),
        email: me.user.email.clone(),
        notice: notice.map(str::to_owned),
        error,
        two_factor: standing.is_on,
        codes_left: standing.codes_left,
        keys: keys.into_iter().map(key_view).collect(),
        sessions: open.sessions.into_iter().map(session_view).collect(),
        apps: open.apps.into_iter().map(grant_view).collect(),
        shortest_password: SHORTEST,
        may_invite: access::may_invite(me),
    };
    Ok(with_cookie(private_with(status, &page, &PagePolicy::default())?, key.cookie))
}

fn session_view(session: access::OpenSession) -> SessionView {
    let name = session.user_agent;
    SessionView {
        id: session.id,
        name: if name.is_empty() { crate::t().a_browser_without_a_name.into() } else { name },
        created: moment(session.created_at),
        last_used: moment(session.last_used_at),
        is_this: session.is_this,
    }
}

fn grant_view(grant: access::Grant) -> GrantView {
    GrantView {
        id: grant.id.to_string(),
        name: grant.app.unwrap_or_else(|| crate::t().made_on_the_command_line.into()),
        scopes: grant.scopes.to_string(),
        created: moment(grant.created_at),
        last_used: grant.last_used_at.map(moment),
    }
}

pub(super) async fn password(State(app): State<Shared>, posted: Posted) -> Answer {
    let Posted { visitor, fields } = posted;
    let member = match member(&visitor, paths::SECURITY) {
        Ok(member) => member,
        Err(answer) => return *answer,
    };
    let (old, new) = (fields.text("current_password"), fields.text("password"));
    let me = &member.browser.me;
    match access::change_password(&app, me, old, new, member.from.clone()).await {
        Ok(Ok(signed_in)) => {
            let answer = redirect(&format!("{}?done=password", paths::SECURITY))?;
            let answer = with_cookie(answer, session_cookie(&app, &signed_in.secret));
            Ok(with_cookie(answer, browser_cookie(&app, &signed_in.browser)))
        }
        Ok(Err(limited)) => Err(Refusal::limited(limited)),
        Err(AppError::Invalid(why)) => refuse(&app, &visitor, &member, &why).await,
        Err(error) => Err(error.into()),
    }
}

async fn refuse(app: &Shared, visitor: &Visitor, member: &Member, why: &str) -> Answer {
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    show(app, visitor, member, status, None, Some(crate::language::sentence(why))).await
}

pub(super) async fn email(State(app): State<Shared>, posted: Posted) -> Answer {
    let Posted { visitor, fields } = posted;
    let member = match member(&visitor, paths::SECURITY) {
        Ok(member) => member,
        Err(answer) => return *answer,
    };
    let me = &member.browser.me;
    let password = fields.text("email_password");
    if let Some(why) = password_error(&app, me, password, &member.from).await? {
        return refuse(&app, &visitor, &member, &why).await;
    }
    match access::change_email(&app, me, fields.text("email")).await {
        Ok(Ok(())) => redirect(&format!("{}?done=email", paths::SECURITY)),
        Ok(Err(limited)) => Err(Refusal::limited(limited)),
        Err(AppError::Invalid(why)) => refuse(&app, &visitor, &member, &why).await,
        Err(error) => Err(error.into()),
    }
}

pub(super) async fn end_session(State(app): State<Shared>, posted: Posted) -> Answer {
    let Posted { visitor, fields } = posted;
    let member = match member(&visitor, paths::SECURITY) {
        Ok(member) => member,
        Err(answer) => return *answer,
    };
    let me = member.browser.me.id();
    match fields.text("id").as_str() {
        "others" => access::end_other_sessions(&app, me, &member.session).await?,
        id => access::end_session(&app, me, id.to_owned()).await?,
    }
    redirect(&format!("{}?done=session", paths::SECURITY))
}

pub(super) async fn revoke(State(app): State<Shared>, posted: Posted) -> Answer {
    let Posted { visitor, fields } = posted;
    let member = match member(&visitor, paths::SECURITY) {
        Ok(member) => member,
        Err(answer) => return *answer,
    };
    let id = fields.text("id").parse().map_err(|_| Refusal::new(Problem::NotFound))?;
    access::revoke_grant(&app, member.browser.me.id(), TokenId(id)).await?;
    redirect(&format!("{}?done=app", paths::SECURITY))
}
