//! The addresses of our pages, in one place: the router and the templates must agree on them.
//! Names follow Mastodon's where clients or people may know them by heart.

/// The front page.
pub const FRONT: &str = "/";
/// What this server is, its rules and whom to ask.
pub const ABOUT: &str = "/about";
/// What becomes of what people give the server.
pub const PRIVACY: &str = "/privacy-policy";
/// On which terms the server may be used.
pub const TERMS: &str = "/terms-of-service";
/// Where pages of other servers send people of this one.
pub const INTERACTION: &str = "/authorize_interaction";
/// Sign-in form (GET) and its target (POST).
pub const SIGN_IN: &str = "/auth/sign_in";
/// Form for the code after the password (GET) and its target (POST).
pub const SECOND_FACTOR: &str = "/auth/second_factor";
/// Target of what a security key answered instead of the code.
pub const SECOND_FACTOR_KEY: &str = "/auth/second_factor/key";
/// Ends the session (POST or DELETE).
pub const SIGN_OUT: &str = "/auth/sign_out";
/// Reached from the mail that confirms an address.
pub const CONFIRMATION: &str = "/auth/confirmation";
/// Sign-up form (GET) and its target (POST); shows the closed notice to those who may not.
pub const SIGN_UP: &str = "/auth/sign_up";
/// Beginning of the address of an invite.
pub const INVITE: &str = "/invite/";
/// Password, address, second factor, browsers and apps of the account.
pub const SECURITY: &str = "/settings/security";
/// Target of the form that changes the password.
pub const SECURITY_PASSWORD: &str = "/settings/security/password";
/// Target of the form that changes the address.
pub const SECURITY_EMAIL: &str = "/settings/security/email";
/// Target of the forms that sign browsers out.
pub const SECURITY_SESSION: &str = "/settings/security/session";
/// Target of the forms that take tokens back.
pub const SECURITY_APP: &str = "/settings/security/app";
/// Where Mastodon lists apps that have access.
pub const AUTHORIZED_APPS: &str = "/oauth/authorized_applications";
/// The second factor: how it stands (GET), a new secret (POST).
pub const TWO_FACTOR: &str = "/settings/two_factor";
/// Target of the first code.
pub const TWO_FACTOR_CONFIRM: &str = "/settings/two_factor/confirm";
/// Target of the form that switches the second factor off.
pub const TWO_FACTOR_OFF: &str = "/settings/two_factor/off";
/// Adding a security key: the password is asked for (GET, POST).
pub const SECURITY_KEYS: &str = "/settings/security_keys";
/// Target of what a new key answered.
pub const SECURITY_KEYS_ADD: &str = "/settings/security_keys/add";
/// Asks before a key is removed (GET), and removes it (POST).
pub const SECURITY_KEYS_REMOVE: &str = "/settings/security_keys/remove";
/// The link in a mail that ends such mails (GET asks, POST does it).
pub const UNSUBSCRIBE: &str = "/mail/unsubscribe/{account}/{kind}/{code}";
/// What somebody is told by mail (GET), and its target (POST).
pub const MAIL_CHOICES: &str = "/settings/mail";
/// Invites (GET), a new one (POST).
pub const INVITES: &str = "/settings/invites";
/// Target of the forms that end invites.
pub const INVITES_REMOVE: &str = "/settings/invites/remove";
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

// The client of those who are signed in.

/// Home timeline: where signing in leads.
pub const HOME: &str = "/home";
/// Notifications.
pub const NOTIFICATIONS: &str = "/notifications";
/// Private mentions by conversation.
pub const CONVERSATIONS: &str = "/conversations";
/// Public posts of this server.
pub const LOCAL: &str = "/public/local";
/// Public posts of all known servers.
pub const FEDERATED: &str = "/public";
/// Search.
pub const SEARCH: &str = "/search";
/// Bookmarked posts.
pub const BOOKMARKS: &str = "/bookmarks";
/// Favourites.
pub const FAVOURITES: &str = "/favourites";
/// Lists.
pub const LISTS: &str = "/lists";
/// Followed hashtags.
pub const FOLLOWED_TAGS: &str = "/followed_tags";
/// People who ask to follow.
pub const FOLLOW_REQUESTS: &str = "/follow_requests";
/// Filters.
pub const FILTERS: &str = "/filters";
/// Writing a post.
pub const COMPOSE: &str = "/compose";
/// Posts that wait for their time.
pub const SCHEDULED: &str = "/scheduled";
/// Where uploads of a post that is being written go.
pub const COMPOSE_MEDIA: &str = "/compose/media";
/// What a half-typed mention, hashtag or emoji could become.
pub const SUGGEST: &str = "/compose/suggest";
/// Events for open pages.
pub const STREAM: &str = "/live";
/// Everything there is, for small screens.
pub const MENU: &str = "/menu";
/// Settings.
pub const SETTINGS: &str = "/settings";
/// Profile of the person.
pub const SETTINGS_PROFILE: &str = "/settings/profile";
/// Preferences for posting.
pub const SETTINGS_PREFERENCES: &str = "/settings/preferences";
/// Notifications on this device.
pub const SETTINGS_PUSH: &str = "/settings/push";
/// The worker that shows them.
pub const WORKER: &str = "/worker.js";
/// Moving, and leaving.
pub const SETTINGS_ACCOUNT: &str = "/settings/account";
/// Lists of accounts in and out.
pub const SETTINGS_DATA: &str = "/settings/data";
/// The owner's dashboard.
pub const DASHBOARD: &str = "/dashboard";
/// What the server says of itself.
pub const DASHBOARD_ABOUT: &str = "/dashboard/about";
/// House rules.
pub const DASHBOARD_RULES: &str = "/dashboard/rules";
/// Announcements.
pub const DASHBOARD_ANNOUNCEMENTS: &str = "/dashboard/announcements";
/// Custom emoji.
pub const DASHBOARD_EMOJI: &str = "/dashboard/emoji";
