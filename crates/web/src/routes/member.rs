//! Pages for people who are signed in: who it is, and the way to the sign-in page for those who are not.

use app::AppError;
use app::access::{self, Browser, Me, Whence};
use domain::secret::Secret;

use super::Shared;
use super::answer::{Answer, Refusal, redirect};
use super::visitor::Visitor;
use crate::paths;

/// Somebody who is signed in.
pub(super) struct Member {
    pub browser: Browser,
    pub session: Secret,
    pub from: Whence,
}

/// Who is signed in; else the answer that leads to the sign-in page and back to `path`.
pub(super) fn member(visitor: &Visitor, path: &str) -> Result<Member, Box<Answer>> {
    let (Some(browser), Some(session)) = (&visitor.browser, &visitor.session) else {
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("return_to", path)
            .finish();
        return Err(Box::new(redirect(&format!("{}?{query}", paths::SIGN_IN))));
    };
    Ok(Member { browser: browser.clone(), session: session.clone(), from: visitor.whence() })
}

/// Asks for the password before something that a thief would do: what is wrong with it, if anything.
///
/// # Errors
/// Too many tries.
pub(super) async fn password_error(
    app: &Shared,
    me: &Me,
    password: String,
    from: &Whence,
) -> Result<Option<String>, Refusal> {
    match access::confirm_password(app, me, password, from).await {
        Ok(Ok(())) => Ok(None),
        Ok(Err(limited)) => Err(Refusal::limited(limited)),
        Err(AppError::Invalid(why)) => Ok(Some(why)),
        Err(error) => Err(error.into()),
    }
}
