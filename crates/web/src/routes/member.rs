//! Pages for people who are signed in: who it is, and the way to the sign-in page for those who are not.

use app::access::{Browser, Whence};
use domain::secret::Secret;

use super::answer::{Answer, redirect};
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
