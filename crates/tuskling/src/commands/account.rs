//! `tuskling account …`: works on the data, whether `serve` runs or not.

use std::io::{BufRead, IsTerminal, Write};
use std::sync::Arc;

use anyhow::{Context as _, bail};
use app::App;
use app::accounts::{self, NewAccount};
use domain::account::Account as Row;
use domain::secret::Secret;

use crate::cli::{Account, Alias, Data, Role};
use crate::commands::{account_has, say};
use crate::context;

/// Runs the verb.
///
/// # Errors
/// In words for the person at the terminal.
pub async fn run(config: config::Config, verb: Account) -> anyhow::Result<()> {
    match verb {
        Account::Create { name, email, password, password_stdin, role, data } => {
            let app = open(config, &data).await?;
            let password = if password_stdin { Some(read_password()?) } else { password };
            create(&app, name, email, password, role).await?;
            app.store.close().await;
        }
        Account::List { json, data } => list(&*open(config, &data).await?, json).await?,
        Account::Show { name, json, data } => {
            let app = open(config, &data).await?;
            show(&app, &find(&app, &name).await?, json).await?;
        }
        Account::ResetPassword { name, data } => {
            let app = open(config, &data).await?;
            let account = find(&app, &name).await?;
            let password = made_up_password(&app);
            app::access::set_password(&app, account.id, password.clone()).await?;
            say(&password);
            app.store.close().await;
        }
        Account::ResetSecondFactor { name, data } => {
            let app = open(config, &data).await?;
            let account = find(&app, &name).await?;
            if !app::access::reset_second_factor(&app, account.id).await? {
                bail!("@{name} has no two-factor sign-in");
            }
            say(&format!(
                "@{name} signs in with the password alone; all browsers and apps are out."
            ));
            app.store.close().await;
        }
        Account::Approve { name, data } => {
            let app = open(config, &data).await?;
            let account = find(&app, &name).await?;
            let is_news = app::access::approve(&app, account.id).await?;
            say(&format!("@{name} {}.", if is_news { "is let in" } else { "was in already" }));
            app.store.close().await;
        }
        Account::Suspend { name, undo, data } => {
            let app = open(config, &data).await?;
            let account = find_anywhere(&app, &name).await?;
            accounts::suspend(&app, account.id, !undo).await?;
            say(&format!("@{name} is {}.", if undo { "let in again" } else { "suspended" }));
            app.store.close().await;
        }
        Account::Move { name, to, yes, data } => {
            let app = open(config, &data).await?;
            let account = find(&app, &name).await?;
            confirm(yes, &format!("Move @{name} to {to}? Followers go there; posts stay here."))?;
            let target = accounts::move_to(&app, &account, &to).await?;
            say(&format!("@{name} has moved to {}; followers are told.", target.acct()));
            app.store.close().await;
        }
        Account::RotateKey { name, data, .. } => {
            let app = open(config, &data).await?;
            match name {
                Some(name) => {
                    app::keys::rotate(&app, &find(&app, &name).await?).await?;
                    say(&format!("@{name} signs with a new key; its followers' servers are told."));
                }
                None => {
                    app::keys::rotate_instance(&app).await?;
                    say("The server signs with a new key; others ask for it when they need it.");
                }
            }
            app.store.close().await;
        }
        Account::Alias(verb) => alias(config, verb).await?,
        Account::Has(verb) => account_has::run(config, verb).await?,
        Account::Delete { name, yes, data } => {
            let app = open(config, &data).await?;
            let account = find(&app, &name).await?;
            confirm(yes, &format!("Delete @{name} with all posts and media, for good?"))?;
            accounts::delete(&app, account.id).await?;
            say(&format!("@{name} is deleted."));
            app.store.close().await;
        }
    }
    Ok(())
}

async fn alias(config: config::Config, verb: Alias) -> anyhow::Result<()> {
    match verb {
        Alias::Add { name, handle, data } => {
            let app = open(config, &data).await?;
            let id = accounts::add_alias(&app, &find(&app, &name).await?, &handle).await?;
            say(&format!("@{name} is also {id}"));
            app.store.close().await;
        }
        Alias::Remove { name, handle, data } => {
            let app = open(config, &data).await?;
            let account = find(&app, &name).await?;
            if !accounts::remove_alias(&app, &account, &handle).await? {
                bail!("{handle} is no alias of @{name}; `tuskling account alias list` shows them");
            }
            say(&format!("removed {handle}"));
            app.store.close().await;
        }
        Alias::List { name, json, data } => {
            let app = open(config, &data).await?;
            let names = accounts::other_names(&app, find(&app, &name).await?.id).await?;
            if json {
                say(&serde_json::to_string_pretty(&names)?);
            } else {
                names.iter().for_each(|name| say(name));
            }
        }
    }
    Ok(())
}

pub(super) async fn open(mut config: config::Config, data: &Data) -> anyhow::Result<Arc<App>> {
    context::apply_data(&mut config, data);
    context::open_for_command(config).await
}

pub(super) async fn find(app: &App, name: &str) -> anyhow::Result<Row> {
    accounts::local_by_name(app, name).await?.with_context(|| {
        format!("there is no account {name:?} here; `tuskling account list` shows them")
    })
}

/// The same for accounts of other servers, `name@domain`.
async fn find_anywhere(app: &App, name: &str) -> anyhow::Result<Row> {
    if !name.trim_start_matches('@').contains('@') {
        return find(app, name).await;
    }
    match accounts::by_acct(app, name).await {
        Ok(account) => Ok(account),
        Err(app::AppError::NotFound) => bail!("the account {name:?} is not known here"),
        Err(error) => Err(error.into()),
    }
}

async fn create(
    app: &App,
    name: String,
    email: String,
    password: Option<String>,
    role: Role,
) -> anyhow::Result<()> {
    let made_up = password.is_none();
    let password = password.unwrap_or_else(|| made_up_password(app));
    let new = NewAccount {
        username: name.clone(),
        email,
        password: password.clone(),
        role: role.into(),
        confirmed: true,
        approved: true,
        locale: "en".into(),
    };
    accounts::create(app, new).await?;
    say(&format!("@{name} is ready."));
    if made_up {
        say(&format!("Password: {password}"));
    }
    Ok(())
}

/// 128 random bits, easy enough to type once.
fn made_up_password(app: &App) -> String {
    Secret::generate(app.random.as_ref())
        .reveal()
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .take(22)
        .collect()
}

fn read_password() -> anyhow::Result<String> {
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).context("no password on standard input")?;
    let password = line.trim_end_matches(['\r', '\n']).to_owned();
    if password.is_empty() {
        bail!("no password on standard input; pipe one line into --password-stdin");
    }
    Ok(password)
}

fn confirm(yes: bool, question: &str) -> anyhow::Result<()> {
    if yes {
        return Ok(());
    }
    if !std::io::stdin().is_terminal() {
        bail!("this needs a confirmation; add --yes to do it without a question");
    }
    write!(std::io::stderr(), "{question} [y/N] ")?;
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line)?;
    if !matches!(line.trim(), "y" | "Y" | "yes") {
        bail!("nothing was changed");
    }
    Ok(())
}

async fn list(app: &App, json: bool) -> anyhow::Result<()> {
    let found = accounts::local(app).await?;
    if json {
        let list: Vec<serde_json::Value> =
            found.iter().map(|(account, user)| as_json(account, user)).collect();
        say(&serde_json::to_string_pretty(&list)?);
        return Ok(());
    }
    for (account, user) in found {
        let state = if account.suspended_at.is_some() { "suspended" } else { "active" };
        say(&format!(
            "{:<30} {:<10} {:<10} {:>7} posts  {}",
            account.username,
            user.role.name(),
            state,
            account.statuses_count,
            user.email
        ));
    }
    Ok(())
}

async fn show(app: &App, account: &Row, json: bool) -> anyhow::Result<()> {
    let Some((account, user)) =
        accounts::local(app).await?.into_iter().find(|(other, _)| other.id == account.id)
    else {
        bail!("the account has just been removed");
    };
    let mut value = as_json(&account, &user);
    value["two_factor"] = app::access::second_factor(app, account.id).await?.is_on.into();
    value["security_keys"] = app::access::security_keys(app, account.id).await?.len().into();
    value["reason"] = app::access::sign_up_reason(app, account.id).await?.into();
    if json {
        say(&serde_json::to_string_pretty(&value)?);
        return Ok(());
    }
    if let serde_json::Value::Object(entries) = value {
        for (name, value) in entries {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            say(&format!("{name:<16} {text}"));
        }
    }
    Ok(())
}

fn as_json(account: &Row, user: &domain::account::User) -> serde_json::Value {
    serde_json::json!({
        "username": account.username,
        "id": account.id.to_string(),
        "email": user.email,
        "role": user.role.name(),
        "created_at": account.created_at.rfc3339(),
        "last_seen_at": user.last_seen_at.map(domain::Timestamp::rfc3339),
        "confirmed": user.confirmed_at.is_some(),
        "approved": user.approved,
        "suspended": account.suspended_at.is_some(),
        "statuses": account.statuses_count,
        "followers": account.followers_count,
        "following": account.following_count,
    })
}
