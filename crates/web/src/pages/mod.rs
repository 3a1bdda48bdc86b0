//! One struct a page; `render()` (askama) gives the HTML. Fields are what the page shows, already
//! decided by the caller: no page asks who may see what.
//!
//! Every page carries the [`Site`] it belongs to. Form targets and links come from `paths`.

pub mod client;
mod consent;
mod error;
mod feed;
mod instance;
mod interaction;
mod password;
mod preview;
mod profile;
mod security;
mod security_keys;
mod set_up;
mod sign_in;
mod sign_up;
mod status;
mod tag;

pub use consent::{ClientApp, CodePage, ConsentPage, ReturnTo};
pub use error::{ErrorPage, Problem};
pub use feed::{AtomPage, Feed, FeedEntry, RssPage};
pub use instance::{AboutPage, FrontPage, InstanceStats, Registrations, Rule, TextPage};
pub use interaction::InteractionPage;
pub use password::{
    NewPasswordPage, PasswordChangedPage, PasswordResetRequestPage, PasswordResetSentPage,
};
pub use preview::{LinkPreview, PreviewImage};
pub use profile::ProfilePage;
pub use security::{
    GrantView, MailChoice, MailChoicesPage, RecoveryCodesPage, SecondFactorPage, SecurityPage,
    SessionView, SetupPicture, TwoFactorPage, TwoFactorState, UnsubscribePage,
};
pub use security_keys::{
    AddKeyPage, AddKeyState, KeyOfferView, KeyQuestionView, KeyView, RemoveKeyPage,
};
pub use set_up::{SetUpDonePage, SetUpPage};
pub use sign_in::{SignInPage, SignUpClosedPage};
pub use sign_up::{InviteView, InvitesPage, SignUpDonePage, SignUpPage};
pub use status::StatusPage;
pub use tag::TagPage;

/// What all pages of one server share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// The server's title.
    pub title: String,
    /// Host and, if unusual, port, as it stands in handles: what people type into an app.
    pub domain: String,
    /// Scheme and host without a slash at the end, for absolute links.
    pub base_url: String,
    /// Version of tuskling, shown in the footer.
    pub version: String,
}

impl Site {
    /// The full address of a path on this server; full web addresses stay as they are, and what is
    /// neither becomes the front page.
    pub fn absolute(&self, address: &str) -> String {
        match crate::view::href(address) {
            "#" => self.base_url.clone(),
            path if path.starts_with('/') => format!("{}{path}", self.base_url),
            full => full.to_owned(),
        }
    }
}
