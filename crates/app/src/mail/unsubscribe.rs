//! Ending mails about a kind of notification by one press in the mail program (RFC 8058), without signing
//! in. The link carries a code that only this server can make, for one account and one kind: whoever has
//! the mail can end such mails, and do nothing else.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::AccountId;
use domain::notification::NotificationKind;
use domain::secret::Secret;
use store::{settings, users};

use super::choices;
use crate::{App, AppError, Result};

/// Where the secret is kept.
const SECRET: &str = "unsubscribe_secret";

/// The path of the link that ends such mails.
pub(super) async fn path(app: &App, account: AccountId, kind: NotificationKind) -> Result<String> {
    let code = hmac::sign(&key(app).await?, text(account, kind).as_bytes());
    let code = URL_SAFE_NO_PAD.encode(code.as_ref());
    Ok(format!("/mail/unsubscribe/{account}/{}/{code}", kind.name()))
}

/// Which mails a link is about; `None` when it is none of this server's.
///
/// # Errors
/// [`AppError::Store`].
pub async fn check(
    app: &App,
    account: &str,
    kind: &str,
    code: &str,
) -> Result<Option<(AccountId, NotificationKind)>> {
    let parts = account.parse::<AccountId>().ok().zip(NotificationKind::parse(kind));
    let (Some((account, kind)), Ok(code)) = (parts, URL_SAFE_NO_PAD.decode(code)) else {
        return Ok(None);
    };
    let is_ours = hmac::verify(&key(app).await?, text(account, kind).as_bytes(), &code).is_ok();
    Ok(is_ours.then_some((account, kind)))
}

/// Ends mails of that kind for that account; doing it again changes nothing.
///
/// # Errors
/// [`AppError::NotFound`] when the account is gone, [`AppError::Store`].
pub async fn end(app: &App, account: AccountId, kind: NotificationKind) -> Result<()> {
    let wanted = app
        .read(move |conn| {
            Box::pin(async move {
                users::by_account(conn, account).await?.ok_or(AppError::NotFound)?;
                choices::of(conn, account).await
            })
        })
        .await?;
    let kinds = wanted.kinds.iter().copied().filter(|one| *one != kind).collect();
    choices::change(app, account, choices::Choices { kinds, ..wanted }).await
}

fn text(account: AccountId, kind: NotificationKind) -> String {
    format!("unsubscribe {account} {}", kind.name())
}

/// Made by whoever needs it first.
async fn key(app: &App) -> Result<hmac::Key> {
    let known = app.read(|conn| {
        Box::pin(async move { Ok::<_, AppError>(settings::get(conn, SECRET).await?) })
    });
    let secret = match known.await? {
        Some(secret) => secret,
        None => {
            let fresh = Secret::generate(app.random.as_ref()).reveal().to_owned();
            app.write(move |conn| {
                Box::pin(async move {
                    Ok::<_, AppError>(settings::get_or_set(conn, SECRET, &fresh).await?)
                })
            })
            .await?
        }
    };
    Ok(hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()))
}
