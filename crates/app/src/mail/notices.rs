//! Telling people what happened to their account, so that they notice when it was not them.

use domain::{AccountId, Timestamp};
use serde::{Deserialize, Serialize};
use store::{Conn, accounts, users};

use super::letter::{Letter, Part};
use crate::jobs::{Job, enqueue};
use crate::{App, AppError, Result};

/// What happened to an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "what")]
pub enum Notice {
    /// Somebody signed in from a browser that had not signed in before.
    NewBrowser {
        /// What it calls itself.
        agent: String,
        /// Where from.
        address: String,
        /// When.
        at: Timestamp,
    },
    /// The password was changed.
    PasswordChanged,
    /// Another address is used from now on; this goes to the one before.
    EmailChanged {
        /// The address before.
        before: String,
    },
    /// Codes are asked for from now on.
    SecondFactorOn,
    /// Codes are asked for no more.
    SecondFactorOff,
    /// A security key lets in beside the password from now on.
    KeyAdded {
        /// What its owner calls it.
        name: String,
    },
    /// A security key lets in no more.
    KeyRemoved {
        /// What its owner called it.
        name: String,
    },
    /// A security key has signed less often than was known of it; it did not let in.
    KeyCopied {
        /// What its owner calls it.
        name: String,
    },
    /// Staff let the account in.
    Approved,
}

/// Queues a notice in the caller's transaction.
pub(crate) async fn tell(
    app: &App,
    conn: &mut Conn,
    account: AccountId,
    notice: Notice,
) -> Result<()> {
    enqueue(app, conn, &Job::MailNotice { account, notice }, app.now()).await
}

/// The job: sends a notice.
///
/// # Errors
/// [`AppError::Busy`] when another try may help.
pub(crate) async fn notify(app: &App, account: AccountId, notice: &Notice) -> Result<()> {
    let found = app
        .read(move |conn| {
            Box::pin(async move {
                let account = accounts::by_id(conn, account).await?;
                let Some(account) = account else { return Ok::<_, AppError>(None) };
                let user = users::by_account(conn, account.id).await?;
                Ok(user.map(|user| (account, user)))
            })
        })
        .await?;
    let Some((account, user)) = found else { return Ok(()) };
    let to = match notice {
        Notice::EmailChanged { before } => before.clone(),
        // Nobody has shown that the address is theirs.
        _ if user.confirmed_at.is_none() => return Ok(()),
        _ => user.email,
    };
    let (subject, mut parts) = words(notice);
    let (name, domain) = (&account.username, &app.urls.domain);
    parts.insert(0, Part::Text(format!("Hello @{name},")));
    super::send(
        app,
        Letter { to, subject: format!("{subject} on {domain}"), parts, unsubscribe: None },
    )
    .await
}

fn words(notice: &Notice) -> (&'static str, Vec<Part>) {
    let text = |text: &str| Part::Text(text.to_owned());
    let password = || {
        vec![
            text(
                "If that was not you, choose a new password now: it ends everything that is open.",
            ),
            Part::Link { label: "Choose a new password", path: "/auth/password/new".into() },
        ]
    };
    let with = |first: Part, rest: Vec<Part>| [vec![first], rest].concat();
    match notice {
        Notice::NewBrowser { agent, address, at } => {
            let agent: String = agent.chars().filter(|letter| !letter.is_control()).collect();
            let line = format!(
                "somebody signed in to your account from a browser that had not done so before.\n\n\
                 When: {} UTC\nFrom: {address}\nBrowser: {agent}",
                at.rfc3339().get(..16).unwrap_or_default().replace('T', " ")
            );
            ("A new sign-in", with(Part::Text(line), password()))
        }
        Notice::PasswordChanged => {
            let line = text("the password of your account was changed.");
            ("Your password was changed", with(line, password()))
        }
        Notice::EmailChanged { .. } => {
            let line = text(
                "another address is used for your account from now on; this one gets no more mail. If that \
                 was not you, write to the people who run this server.",
            );
            let about = Part::Link { label: "Who runs this server", path: "/about".into() };
            ("Your address was changed", vec![line, about])
        }
        Notice::SecondFactorOn => {
            let line = text("signing in to your account needs a code from now on.");
            ("Two-factor sign-in is on", with(line, password()))
        }
        Notice::SecondFactorOff => {
            let line = text("signing in to your account needs no code any more.");
            ("Two-factor sign-in is off", with(line, password()))
        }
        Notice::KeyAdded { name } => {
            let line = format!("the security key \"{name}\" was added to your account.");
            ("A security key was added", with(Part::Text(line), password()))
        }
        Notice::KeyRemoved { name } => {
            let line = format!("the security key \"{name}\" was removed from your account.");
            ("A security key was removed", with(Part::Text(line), password()))
        }
        Notice::KeyCopied { name } => {
            let line = format!(
                "somebody who knows your password used the security key \"{name}\", or a copy of it: it has \
                 signed less often than we know of. It did not let them in. Sign in with a code and \
                 remove the key."
            );
            ("A security key may have been copied", with(Part::Text(line), password()))
        }
        Notice::Approved => {
            let sign_in = Part::Link { label: "Sign in", path: "/auth/sign_in".into() };
            ("You are in", vec![text("your account was approved: welcome."), sign_in])
        }
    }
}
