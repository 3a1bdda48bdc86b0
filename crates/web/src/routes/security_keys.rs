//! Adding and removing security keys.

use app::AppError;
use app::access::{self, KeyOffer, KeyQuestion, KnownKey, NewKey, SecurityKey};
use axum::extract::State;
use domain::RowId;
use http::{StatusCode, Uri};

use super::answer::{Answer, Refusal, private_with, redirect, with_cookie};
use super::member::{Member, member, password_error};
use super::posted::{Fields, Posted};
use super::present::moment;
use super::visitor::Visitor;
use super::{Shared, site};
use crate::language::sentence;
use crate::pages::{
    AddKeyPage, AddKeyState, KeyOfferView, KeyQuestionView, KeyView, Problem, RemoveKeyPage,
};
use crate::paths;
use crate::security::PagePolicy;
use crate::view::TextField;

pub(super) async fn form(State(app): State<Shared>, visitor: Visitor) -> Answer {
    let member = match member(&visitor, paths::SECURITY_KEYS) {
        Ok(member) => member,
        Err(answer) => return *answer,
    };
    show(&app, &visitor, &member, state(&app, &member).await?, None).await
}

async fn state(app: &Shared, member: &Member) -> app::Result<AddKeyState> {
    let is_on = access::second_factor(app, member.browser.me.id()).await?.is_on;
    Ok(if is_on { AddKeyState::Password } else { AddKeyState::NeedsCodes })
}

/// A question for a new key, for whoever knows the password.
pub(super) async fn begin(State(app): State<Shared>, posted: Posted) -> Answer {
    let Posted { visitor, fields } = posted;
    let member = match member(&visitor, paths::SECURITY_KEYS) {
        Ok(member) => member,
        Err(answer) => return *answer,
    };
    let me = &member.browser.me;
    let password = fields.text("current_password");
    if let Some(why) = password_error(&app, me, password, &member.from).await? {
        return show(&app, &visitor, &member, state(&app, &member).await?, Some(why)).await;
    }
    match access::begin_security_key(&app, &me.account, &member.session).await {
        Ok(made) => {
            let state = AddKeyState::Key(offer(made, TextField::default()));
            show(&app, &visitor, &member, state, None).await
        }
        Err(AppError::Invalid(why)) => {
            show(&app, &visitor, &member, state(&app, &member).await?, Some(why)).await
        }
        Err(error) => Err(error.into()),
    }
}

/// The key's answer.
pub(super) async fn add(State(app): State<Shared>, posted: Posted) -> Answer {
    let Posted { visitor, fields } = posted;
    let member = match member(&visitor, paths::SECURITY_KEYS) {
        Ok(member) => member,
        Err(answer) => return *answer,
    };
    let new = NewKey {
        name: fields.text("name"),
        client_data: fields.text("client_data"),
        attestation: fields.text("attestation"),
        transports: fields.text("transports"),
    };
    let me = &member.browser.me;
    match access::add_security_key(&app, me.id(), &member.session, new).await {
        Ok(()) => redirect(&format!("{}?done=key", paths::SECURITY)),
        Err(AppError::Invalid(why)) => {
            let again = access::pending_security_key(&app, &me.account, &member.session).await?;
            let state = AddKeyState::Key(offer(again, TextField::new(fields.text("name"))));
            show(&app, &visitor, &member, state, Some(why)).await
        }
        // It took too long, or was done in another window.
        Err(AppError::NotFound) => redirect(paths::SECURITY_KEYS),
        Err(error) => Err(error.into()),
    }
}

async fn show(
    app: &Shared,
    visitor: &Visitor,
    member: &Member,
    state: AddKeyState,
    error: Option<String>,
) -> Answer {
    let site = site(app).await?;
    let key = visitor.form_key(app);
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let page = AddKeyPage {
        site: &site,
        csrf_token: key.token,
        username: member.browser.me.account.username.clone(),
        state,
        error: error.map(|why| sentence(&why)),
    };
    Ok(with_cookie(private_with(status, &page, &PagePolicy::default())?, key.cookie))
}

/// Asks before a key is removed.
pub(super) async fn ask(State(app): State<Shared>, visitor: Visitor, uri: Uri) -> Answer {
    let member = match member(&visitor, paths::SECURITY) {
        Ok(member) => member,
        Err(answer) => return *answer,
    };
    confirm(&app, &visitor, &member, &Fields::of_query(&uri).text("id"), None).await
}

/// Removes a key, for whoever knows the password.
pub(super) async fn remove(State(app): State<Shared>, posted: Posted) -> Answer {
    let Posted { visitor, fields } = posted;
    let member = match member(&visitor, paths::SECURITY) {
        Ok(member) => member,
        Err(answer) => return *answer,
    };
    let text = fields.text("id");
    let id = RowId(text.parse().map_err(|_| Refusal::new(Problem::NotFound))?);
    let me = &member.browser.me;
    let password = fields.text("current_password");
    if let Some(why) = password_error(&app, me, password, &member.from).await? {
        return confirm(&app, &visitor, &member, &text, Some(why)).await;
    }
    access::remove_security_key(&app, me.id(), id, &member.session).await?;
    redirect(&format!("{}?done=key_removed", paths::SECURITY))
}

async fn confirm(
    app: &Shared,
    visitor: &Visitor,
    member: &Member,
    id: &str,
    error: Option<String>,
) -> Answer {
    let me = &member.browser.me;
    let keys = access::security_keys(app, me.id()).await?;
    let found = keys.into_iter().find(|key| key.id.to_string() == id);
    let found = found.ok_or(Refusal::new(Problem::NotFound))?;
    let site = site(app).await?;
    let key = visitor.form_key(app);
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let page = RemoveKeyPage {
        site: &site,
        csrf_token: key.token,
        username: me.account.username.clone(),
        key: key_view(found),
        error: error.map(|why| sentence(&why)),
    };
    Ok(with_cookie(private_with(status, &page, &PagePolicy::default())?, key.cookie))
}

/// A key in the list.
pub(super) fn key_view(key: SecurityKey) -> KeyView {
    KeyView {
        id: key.id.to_string(),
        name: key.name,
        created: moment(key.created_at),
        last_used: key.last_used_at.map(moment),
    }
}

/// What the script asks at sign-in.
pub(super) fn question_view(question: KeyQuestion) -> KeyQuestionView {
    KeyQuestionView {
        party: question.party,
        challenge: question.challenge,
        known: known(&question.known),
    }
}

fn offer(made: KeyOffer, name: TextField) -> KeyOfferView {
    KeyOfferView {
        question: KeyQuestionView {
            party: made.party,
            challenge: made.challenge,
            known: known(&made.known),
        },
        handle: made.handle,
        account: made.name,
        name,
    }
}

fn known(keys: &[KnownKey]) -> String {
    let one = |key: &KnownKey| format!("{}:{}", key.credential, key.transports);
    keys.iter().map(one).collect::<Vec<_>>().join(" ")
}
