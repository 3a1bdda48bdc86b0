//! Who is asking, and what they may do: tokens, passwords, apps, sessions, sign-up.

mod apps;
mod authenticate;
mod authorize;
mod confirm;
mod email;
mod grant;
mod invites;
pub(crate) mod limits;
mod overview;
pub mod password;
mod reset;
mod second_factor;
mod security_keys;
mod session;
mod sign_up;
mod token;
mod totp;
pub mod webauthn;

pub use apps::{Client, NewApp, Registered, client_by_id, client_of, register, verify_client};
pub use authenticate::{AccessError, Caller, Me, authenticate};
pub use authorize::{
    Authorization, AuthorizeRequest, OUT_OF_BAND, authorize, check, client_of_code, is_granted,
};
pub(crate) use confirm::send_confirmation;
pub use confirm::{Confirmed, confirm, resend};
pub use email::change_email;
pub(crate) use email::send_change;
pub use grant::{OAuthError, Redeem, client_credentials, inspect, redeem, revoke};
pub use invites::{
    Invite, Terms, address as invite_address, invitations, invite, invite_works, may_invite,
    withdraw_invite,
};
pub use limits::{Deed, Limited, deed as count_deed, page as count_page};
pub use overview::{
    OpenSession, Overview, end_other_sessions, end_session, overview, revoke_grant,
};
pub use password::{change as change_password, confirm as confirm_password, set as set_password};
pub(crate) use reset::send_reset;
pub use reset::{LinkOwner, request_reset, reset_owner, reset_password};
pub use second_factor::{
    Enrolment, Standing, awaits_code, disable as disable_second_factor,
    enable as enable_second_factor, enrol as enrol_second_factor, pending as pending_second_factor,
    reset as reset_second_factor, sign_in_by_code, standing as second_factor,
};
pub use security_keys::{
    KeyAnswer, KeyOffer, KeyQuestion, KnownKey, NewKey, SecurityKey, add as add_security_key,
    begin as begin_security_key, list as security_keys, pending as pending_security_key,
    question as key_question, remove as remove_security_key, sign_in_by_key,
};
pub use session::{
    Browser, SESSION_DAYS, SignIn, SignInError, SignedIn, Step, Whence, resume, sign_in, sign_out,
};
pub(crate) use session::{begin, end_all};
pub use sign_up::{
    Problem, SignUp, SignUpError, approve, sign_up, sign_up_by_page, sign_up_reason,
};
pub(crate) use sign_up::{let_in, tell_staff_of_pending};
pub use store::access::Grant;
pub use token::{NewToken, create_token};
