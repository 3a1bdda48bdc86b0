//! Setting two-factor sign-in up and switching it off.

use app::AppError;
use app::access::{self, Enrolment};
use axum::extract::State;
use http::StatusCode;
use qrcodegen::{QrCode, QrCodeEcc};

use super::answer::{Answer, private, private_with, redirect, with_cookie};
use super::member::{Member, member, password_error};
use super::posted::Posted;
use super::visitor::Visitor;
use super::{Shared, site};
use crate::language::sentence;
use crate::pages::{RecoveryCodesPage, SetupPicture, TwoFactorPage, TwoFactorState};
use crate::paths;
use crate::security::PagePolicy;

/// White around the picture, in dots.
const MARGIN: i32 = 4;

pub(super) async fn form(State(app): State<Shared>, visitor: Visitor) -> Answer {
    let member = match member(&visitor, paths::TWO_FACTOR) {
        Ok(member) => member,
        Err(answer) => return *answer,
    };
    let is_on = access::second_factor(&app, member.browser.me.id()).await?.is_on;
    let state = if is_on { TwoFactorState::On } else { TwoFactorState::Off };
    show(&app, &visitor, &member, state, None).await
}

/// A new secret, for whoever knows the password.
pub(super) async fn begin(State(app): State<Shared>, posted: Posted) -> Answer {
    let Posted { visitor, fields } = posted;
    let member = match member(&visitor, paths::TWO_FACTOR) {
        Ok(member) => member,
        Err(answer) => return *answer,
    };
    let me = &member.browser.me;
    let password = fields.text("current_password");
    if let Some(why) = password_error(&app, me, password, &member.from).await? {
        return show(&app, &visitor, &member, TwoFactorState::Off, Some(why)).await;
    }
    let made = access::enrol_second_factor(&app, &me.account).await?;
    show(&app, &visitor, &member, TwoFactorState::Pending(drawn(made)?), None).await
}

/// The first code: from here on codes are asked for.
pub(super) async fn confirm(State(app): State<Shared>, posted: Posted) -> Answer {
    let Posted { visitor, fields } = posted;
    let member = match member(&visitor, paths::TWO_FACTOR) {
        Ok(member) => member,
        Err(answer) => return *answer,
    };
    let me = &member.browser.me;
    let code = fields.text("code");
    match access::enable_second_factor(&app, me.id(), &code, &member.session).await {
        Ok(codes) => {
            let site = site(&app).await?;
            private(&RecoveryCodesPage { site: &site, codes })
        }
        Err(AppError::Invalid(why)) => {
            let again = access::pending_second_factor(&app, &me.account).await?;
            let state = TwoFactorState::Pending(drawn(again)?);
            show(&app, &visitor, &member, state, Some(why)).await
        }
        Err(error) => Err(error.into()),
    }
}

/// Off again, for whoever knows the password.
pub(super) async fn disable(State(app): State<Shared>, posted: Posted) -> Answer {
    let Posted { visitor, fields } = posted;
    let member = match member(&visitor, paths::TWO_FACTOR) {
        Ok(member) => member,
        Err(answer) => return *answer,
    };
    let me = &member.browser.me;
    let password = fields.text("current_password");
    if let Some(why) = password_error(&app, me, password, &member.from).await? {
        return show(&app, &visitor, &member, TwoFactorState::On, Some(why)).await;
    }
    access::disable_second_factor(&app, me.id(), &member.session).await?;
    redirect(paths::SECURITY)
}

async fn show(
    app: &Shared,
    visitor: &Visitor,
    member: &Member,
    state: TwoFactorState,
    error: Option<String>,
) -> Answer {
    let site = site(app).await?;
    let key = visitor.form_key(app);
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let page = TwoFactorPage {
        site: &site,
        csrf_token: key.token,
        username: member.browser.me.account.username.clone(),
        state,
        error: error.map(|why| sentence(&why)),
    };
    Ok(with_cookie(private_with(status, &page, &PagePolicy::default())?, key.cookie))
}

/// Draws the address, so that a phone reads it from the screen. It is drawn here: the secret goes to
/// nobody else.
fn drawn(made: Enrolment) -> Result<SetupPicture, AppError> {
    let picture = QrCode::encode_text(&made.address, QrCodeEcc::Medium)
        .map_err(|error| AppError::Internal(format!("no picture could be drawn: {error}")))?;
    let mut path = String::new();
    for y in 0..picture.size() {
        for x in (0..picture.size()).filter(|x| picture.get_module(*x, y)) {
            path.push_str(&format!("M{} {}h1v1h-1z", x + MARGIN, y + MARGIN));
        }
    }
    let side = usize::try_from(picture.size() + 2 * MARGIN).unwrap_or_default();
    Ok(SetupPicture { side, path, key: made.key, address: made.address })
}
