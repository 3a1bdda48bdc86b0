//! What must not be tried too often: sign-ins, sign-ups and mails, counted by [`crate::rates`].

use std::net::IpAddr;

use config::Rate;
use domain::time::{DAY, HOUR, MINUTE};
use domain::{AccountId, Timestamp};

use crate::App;
use crate::rates::{Limit, Subject};

/// Sign-ins to one account in an hour.
const SIGN_INS_ACCOUNT: u32 = 25;
/// Mails to one address in half an hour.
const MAILS: u32 = 5;

/// Changes of a password in ten minutes, of one account and from one network.
const PASSWORD_CHANGES: u32 = 10;

/// Codes of a second factor that are tried in ten minutes for one account: of a million one fits, three
/// at a time.
const CODES: u32 = 10;

/// Mails asked for by one network in half an hour.
const MAILS_NETWORK: u32 = 10;

/// Too often.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limited {
    /// How many were allowed.
    pub limit: u32,
    /// When the count starts anew.
    pub reset: Timestamp,
}

fn count(app: &App, limit: Limit, subject: Subject) -> Result<(), Limited> {
    if app.config.limits.rate == Rate::Off {
        return Ok(());
    }
    let standing = app.rates.count(limit, subject, app.now());
    if standing.exceeded {
        return Err(Limited { limit: standing.limit, reset: standing.reset });
    }
    Ok(())
}

/// Counts a sign-in from this address.
pub(crate) fn sign_in_from(app: &App, address: IpAddr) -> Result<(), Limited> {
    let most = app.config.limits.sign_ins;
    count(app, Limit { name: "sign-in from", most, window: 5 * MINUTE }, Subject::address(address))
}

/// Counts a sign-in to what was typed as a name, whether there is such an account or not (A09).
pub(crate) fn sign_in_to(app: &App, who: &str) -> Result<(), Limited> {
    let limit = Limit { name: "sign-in to", most: SIGN_INS_ACCOUNT, window: HOUR };
    count(app, limit, Subject::named(who))
}

/// Counts a sign-in to this account, by its name or by its mail address.
pub(crate) fn sign_in_of(app: &App, account: AccountId) -> Result<(), Limited> {
    let limit = Limit { name: "sign-in of", most: SIGN_INS_ACCOUNT, window: HOUR };
    count(app, limit, Subject::User(account.0))
}

/// Counts a mail to this address.
pub(crate) fn mail_to(app: &App, email: &str) -> Result<(), Limited> {
    let limit = Limit { name: "mail to", most: MAILS, window: 30 * MINUTE };
    count(app, limit, Subject::named(&email.trim().to_lowercase()))
}

/// Counts a request for mail from this address.
pub(crate) fn mail_from(app: &App, address: IpAddr) -> Result<(), Limited> {
    let limit = Limit { name: "mail from", most: MAILS_NETWORK, window: 30 * MINUTE };
    count(app, limit, Subject::address(address))
}

/// Counts a try to change a password from this address, with a link or an old password that may be
/// wrong.
pub(crate) fn password_change_from(app: &App, address: IpAddr) -> Result<(), Limited> {
    count(app, password_changes("password change from"), Subject::address(address))
}

/// Counts a change of this account's password.
pub(crate) fn password_change_of(app: &App, account: AccountId) -> Result<(), Limited> {
    count(app, password_changes("password change of"), Subject::User(account.0))
}

fn password_changes(name: &'static str) -> Limit {
    Limit { name, most: PASSWORD_CHANGES, window: 10 * MINUTE }
}

/// Counts a code that is tried for this account.
pub(crate) fn codes_of(app: &App, account: AccountId) -> Result<(), Limited> {
    let limit = Limit { name: "codes of", most: CODES, window: 10 * MINUTE };
    count(app, limit, Subject::User(account.0))
}

/// Counts a page for a visitor: one who is signed in as a user, everybody else by their address, in
/// the same count as their requests to the API without a token.
///
/// # Errors
/// [`Limited`] for one page too many.
pub fn page(app: &App, address: IpAddr, visitor: Option<AccountId>) -> Result<(), Limited> {
    let limits = &app.config.limits;
    let five_minutes = |name, most| Limit { name, most, window: 5 * MINUTE };
    match visitor {
        Some(id) => count(app, five_minutes("user", limits.user), Subject::User(id.0)),
        None => count(app, five_minutes("address", limits.token), Subject::address(address)),
    }
}

/// What costs more than a page, in the same counts as the API's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// An upload.
    Upload,
    /// Deleting or unboosting.
    Delete,
    /// Posting, editing and boosting.
    Post,
    /// Following.
    Follow,
    /// Reporting.
    Report,
}

/// Counts a deed of somebody who is signed in.
///
/// # Errors
/// [`Limited`] for one too many.
pub fn deed(app: &App, who: AccountId, deed: Deed) -> Result<(), Limited> {
    let limits = &app.config.limits;
    let (name, most, window) = match deed {
        Deed::Upload => ("uploads", limits.uploads, 30 * MINUTE),
        Deed::Delete => ("deletions", limits.deletions, 30 * MINUTE),
        Deed::Post => ("statuses", limits.statuses, 3 * HOUR),
        Deed::Follow => ("follows", limits.follows, DAY),
        Deed::Report => ("reports", limits.reports, DAY),
    };
    count(app, Limit { name, most, window }, Subject::User(who.0))
}

/// Counts a sign-up from this address.
pub(crate) fn sign_up_from(app: &App, address: IpAddr) -> Result<(), Limited> {
    let most = app.config.limits.sign_ups;
    count(app, Limit { name: "sign-up from", most, window: 30 * MINUTE }, Subject::address(address))
}
