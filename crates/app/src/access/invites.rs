//! Invites: codes that let people in who could not sign up otherwise, so many and so long as whoever
//! made them says.

use domain::account::Role;
use domain::secret::Secret;
use domain::time::DAY;
use domain::{AccountId, RowId, Timestamp};
use store::{Conn, invites};

pub use store::invites::Invite;

use super::authenticate::Me;
use crate::{App, AppError, Result};

/// Most invites at once.
const MOST: i64 = 500;
/// Most uses of one.
const MOST_USES: i64 = 10_000;
/// Longest life, in days.
const MOST_DAYS: i64 = 366;
/// Characters of a code: 71 bits.
const LENGTH: usize = 12;

/// What an invite is good for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Terms {
    /// How many may come by it.
    pub most_uses: Option<i64>,
    /// For how many days.
    pub days: Option<i64>,
}

/// Whether this person may make invites.
#[must_use]
pub fn may_invite(me: &Me) -> bool {
    match me.user.role {
        Role::Moderator | Role::Admin | Role::Owner => true,
        Role::Member => false,
    }
}

/// Makes an invite; `by` is nobody for the command line.
///
/// # Errors
/// [`AppError::Invalid`] for terms that cannot be, [`AppError::Conflict`] when there are too many.
pub async fn invite(app: &App, by: Option<AccountId>, terms: Terms) -> Result<Invite> {
    let within = |value: Option<i64>, most: i64| value.is_none_or(|one| (1..=most).contains(&one));
    if !within(terms.most_uses, MOST_USES) {
        return Err(AppError::invalid(format!("Uses must be between 1 and {MOST_USES}")));
    }
    if !within(terms.days, MOST_DAYS) {
        return Err(AppError::invalid(format!("Days must be between 1 and {MOST_DAYS}")));
    }
    let now = app.now();
    let new = Invite {
        id: app.ids.next(),
        code: code(app),
        account_id: by,
        most_uses: terms.most_uses,
        uses: 0,
        expires_at: terms.days.map(|days| now.plus(days * DAY)),
        created_at: now,
    };
    app.write(move |conn| {
        Box::pin(async move {
            if invites::count(conn).await? >= MOST {
                let text = format!("There are {MOST} invites already; remove some first");
                return Err(AppError::Conflict(text));
            }
            invites::insert(conn, &new).await?;
            Ok(new)
        })
    })
    .await
}

/// Letters and digits of a random secret.
fn code(app: &App) -> String {
    let mut code = String::new();
    while code.len() < LENGTH {
        let secret = Secret::generate(app.random.as_ref());
        let plain = secret.reveal().chars().filter(char::is_ascii_alphanumeric);
        code.extend(plain.take(LENGTH - code.len()));
    }
    code
}

/// The address that an invite is passed on by.
#[must_use]
pub fn address(app: &App, invite: &Invite) -> String {
    format!("{}/invite/{}", app.urls.base, invite.code)
}

/// The newest invites, those that are over among them for a while.
///
/// # Errors
/// [`AppError::Store`].
pub async fn invitations(app: &App) -> Result<Vec<Invite>> {
    app.read(|conn| Box::pin(async move { Ok(invites::all(conn).await?) })).await
}

/// Ends an invite.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn withdraw_invite(app: &App, code: String) -> Result<()> {
    app.write(move |conn| {
        Box::pin(async move {
            let there = invites::remove(conn, &code).await?;
            if there { Ok(()) } else { Err(AppError::NotFound) }
        })
    })
    .await
}

/// Whether a code lets somebody in at this moment.
///
/// # Errors
/// [`AppError::Store`].
pub async fn invite_works(app: &App, code: &str) -> Result<bool> {
    let (code, now) = (code.to_owned(), app.now());
    app.read(move |conn| Box::pin(async move { Ok(working(conn, &code, now).await?.is_some()) }))
        .await
}

pub(super) async fn working(conn: &mut Conn, code: &str, now: Timestamp) -> Result<Option<RowId>> {
    let found = invites::by_code(conn, code).await?;
    let is_good = |invite: &Invite| {
        invite.most_uses.is_none_or(|most| invite.uses < most)
            && invite.expires_at.is_none_or(|end| end > now)
    };
    Ok(found.filter(is_good).map(|invite| invite.id))
}
