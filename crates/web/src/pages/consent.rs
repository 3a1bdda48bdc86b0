//! The page that asks a person whether an app may use the account, and the page that shows the code
//! to apps that cannot be sent back to.

use askama::Template;
use url::Url;

use super::Site;
use crate::{
    scopes::ScopeGroup,
    security::PagePolicy,
    view::{AccountView, Website},
};

/// The app that asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientApp {
    /// Name as registered: chosen by the app, not checked by anyone.
    pub name: String,
    /// Its web site, if it gave a proper one.
    pub website: Option<Website>,
}

/// Where the answer goes, shown so that a person can notice a wrong place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReturnTo {
    /// A web site; the host in full.
    Website(String),
    /// An app on this device, by its address scheme.
    App(String),
    /// Nowhere: a code is shown to copy.
    Code,
}

impl ReturnTo {
    /// Reads a registered redirect address.
    pub fn parse(redirect_uri: &str) -> Self {
        if redirect_uri.starts_with("urn:ietf:wg:oauth:2.0:oob") {
            return Self::Code;
        }
        if let Some(site) = Website::parse(redirect_uri) {
            return Self::Website(site.host);
        }
        let scheme = Url::parse(redirect_uri).map(|url| url.scheme().to_owned());
        Self::App(scheme.unwrap_or_else(|_| redirect_uri.to_owned()))
    }
}

/// Authorise or deny.
#[derive(Debug, Clone, Template)]
#[template(path = "consent.html")]
pub struct ConsentPage<'a> {
    /// The server.
    pub site: &'a Site,
    /// Anti-forgery token of the session.
    pub csrf_token: String,
    /// Who asks.
    pub app: ClientApp,
    /// Whose account it is about.
    pub account: AccountView,
    /// What it could do, from `scopes::describe`.
    pub scopes: Vec<ScopeGroup>,
    /// The redirect address of this request.
    pub redirect_uri: String,
    /// The request's other parameters, sent back as hidden fields (`client_id`, `scope`, `state`,
    /// `code_challenge`, …). Do not repeat `redirect_uri`.
    pub request: Vec<(String, String)>,
}

impl ConsentPage<'_> {
    /// The policy for this page: its form leads to the app.
    pub fn policy(&self) -> PagePolicy {
        PagePolicy::default().with_form_target(&self.redirect_uri)
    }

    fn return_to(&self) -> ReturnTo {
        ReturnTo::parse(&self.redirect_uri)
    }
}

/// Shows the code of the out-of-band flow.
#[derive(Debug, Clone, Template)]
#[template(path = "code.html")]
pub struct CodePage<'a> {
    /// The server.
    pub site: &'a Site,
    /// Name of the app that waits for the code.
    pub app_name: String,
    /// The code.
    pub code: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn m10_the_place_to_return_to_is_named() {
        assert_eq!(ReturnTo::parse("urn:ietf:wg:oauth:2.0:oob"), ReturnTo::Code);
        assert_eq!(
            ReturnTo::parse("https://good.test@b.test/cb"),
            ReturnTo::Website("b.test".into())
        );
        assert_eq!(ReturnTo::parse("icecubesapp://"), ReturnTo::App("icecubesapp".into()));
    }
}
