//! The addresses of our pages, in one place: the router and the templates must agree on them.
//! Names follow Mastodon's where clients or people may know them by heart.

/// The front page.
pub const FRONT: &str = "/";
/// What this server is, its rules and whom to ask.
pub const ABOUT: &str = "/about";
/// Where pages of other servers send people of this one.
pub const INTERACTION: &str = "/authorize_interaction";
/// Sign-in form (GET) and its target (POST).
pub const SIGN_IN: &str = "/auth/sign_in";
/// Ends the session (POST or DELETE).
pub const SIGN_OUT: &str = "/auth/sign_out";
/// Reached from the mail that confirms an address.
pub const CONFIRMATION: &str = "/auth/confirmation";
/// Sign-up; shows the closed notice unless registrations are open.
pub const SIGN_UP: &str = "/auth/sign_up";
/// Form that asks for a password-reset mail (GET) and its target (POST).
pub const PASSWORD_RESET: &str = "/auth/password/new";
/// Form for the new password, reached from the mail (GET) and its target (POST).
pub const PASSWORD_EDIT: &str = "/auth/password/edit";
/// Consent page (GET) and its target (POST).
pub const AUTHORIZE: &str = "/oauth/authorize";
/// Shows the code to clients without a redirect address.
pub const AUTHORIZE_NATIVE: &str = "/oauth/authorize/native";
/// One-time set-up form (GET) and its target (POST).
pub const SET_UP: &str = "/setup";
/// Prefix of the compiled-in files.
pub const ASSETS: &str = "/assets/";
