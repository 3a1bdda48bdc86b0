//! Moving an account, and leaving. What cannot be taken back asks for the password.

use app::AppError;
use app::accounts;
use axum::extract::State;
use domain::account::Role;
use http::{StatusCode, Uri};

use super::frame::frame;
use super::member::{Member, Sent};
use crate::pages::client::{Place, SettingsAccountPage};
use crate::paths;
use crate::routes::Shared;
use crate::routes::answer::{Answer, Refusal, private, private_with, redirect, with_cookie};
use crate::routes::member::password_error;
use crate::routes::posted::Fields;
use crate::routes::visitor::no_session_cookie;
use crate::security::PagePolicy;
use crate::view::TextField;

/// What was typed and what is wrong with it.
#[derive(Default)]
struct Words {
    notice: Option<String>,
    alias: TextField,
    target: TextField,
    delete_error: Option<String>,
}

pub(super) async fn form(State(app): State<Shared>, member: Member, uri: Uri) -> Answer {
    let notice = match Fields::of_query(&uri).text("done").as_str() {
        "alias" => Some(crate::t().saved_other_servers_are_told_within.to_owned()),
        "moved" => Some(crate::t().your_followers_are_being_told_to.to_owned()),
        _ => None,
    };
    page(&app, &member, Words { notice, ..Words::default() }).await
}

async fn page(app: &Shared, member: &Member, words: Words) -> Answer {
    let is_wrong =
        words.alias.error.is_some() || words.target.error.is_some() || words.delete_error.is_some();
    let moved_to = match member.me.account.moved_to {
        Some(id) => accounts::show(app, id).await.ok().map(|target| format!("@{}", target.acct())),
        None => None,
    };
    let page = SettingsAccountPage {
        frame: frame(app, member, Place::Settings).await?,
        notice: words.notice,
        aliases: accounts::other_names(app, member.id()).await?,
        alias: words.alias,
        target: words.target,
        moved_to,
        delete_error: words.delete_error,
        is_owner: member.me.user.role == Role::Owner,
    };
    if is_wrong {
        return private_with(StatusCode::UNPROCESSABLE_ENTITY, &page, &PagePolicy::default());
    }
    private(&page)
}

pub(super) async fn submit(State(app): State<Shared>, sent: Sent) -> Answer {
    let account = &sent.member.me.account;
    let fields = &sent.fields;
    let done = |what: &str| redirect(&format!("{}?done={what}", paths::SETTINGS_ACCOUNT));
    match fields.text("do").as_str() {
        "add_alias" => {
            let handle = fields.text("alias");
            match accounts::add_alias(&app, account, handle.trim()).await {
                Ok(_) => done("alias"),
                Err(error) => {
                    let alias = TextField::with_error(handle, sentence(error)?);
                    page(&app, &sent.member, Words { alias, ..Words::default() }).await
                }
            }
        }
        "remove_alias" => {
            accounts::remove_alias(&app, account, &fields.text("name")).await?;
            done("alias")
        }
        "move" => leave_for(&app, &sent).await,
        "delete" => delete(&app, &sent).await,
        _ => Err(Refusal::new(crate::pages::Problem::BadRequest)),
    }
}

async fn leave_for(app: &Shared, sent: &Sent) -> Answer {
    let handle = sent.fields.text("target");
    let wrong = |why: String| Words {
        target: TextField::with_error(handle.clone(), why),
        ..Words::default()
    };
    if !proven(app, sent).await? {
        return page(app, &sent.member, wrong(crate::t().the_password_is_wrong.into())).await;
    }
    match accounts::move_to(app, &sent.member.me.account, handle.trim()).await {
        Ok(_) => redirect(&format!("{}?done=moved", paths::SETTINGS_ACCOUNT)),
        Err(error) => {
            let why = sentence(error)?;
            page(app, &sent.member, wrong(why)).await
        }
    }
}

async fn delete(app: &Shared, sent: &Sent) -> Answer {
    let wrong = |why: &str| Words { delete_error: Some(why.to_owned()), ..Words::default() };
    if sent.member.me.user.role == Role::Owner {
        let why = crate::t().you_own_this_server_make_somebody;
        return page(app, &sent.member, wrong(why)).await;
    }
    if sent.fields.text("name") != sent.member.me.account.username {
        return page(app, &sent.member, wrong(crate::t().type_your_user_name_to_be)).await;
    }
    if !proven(app, sent).await? {
        return page(app, &sent.member, wrong(crate::t().the_password_is_wrong)).await;
    }
    accounts::delete(app, sent.member.id()).await?;
    Ok(with_cookie(redirect(paths::FRONT)?, no_session_cookie(app)))
}

async fn proven(app: &Shared, sent: &Sent) -> Result<bool, Refusal> {
    let password = sent.fields.text("password");
    let from = sent.member.visitor.whence();
    Ok(password_error(app, &sent.member.me, password, &from).await?.is_none())
}

/// Why it did not work, for the person.
fn sentence(error: AppError) -> Result<String, Refusal> {
    match error {
        AppError::NotFound => Ok(crate::t().there_is_no_such_account_or.to_owned()),
        AppError::Invalid(why) | AppError::Unprocessable(why) | AppError::Busy(why) => {
            Ok(crate::language::sentence(&why))
        }
        other => Err(other.into()),
    }
}
