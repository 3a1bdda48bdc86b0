//! Who is asking, and what they may do: tokens, passwords, apps, sessions, sign-up.

mod apps;
mod authenticate;
mod authorize;
mod confirm;
mod grant;
pub(crate) mod limits;
pub mod password;
mod prove;
mod reset;
mod session;
mod sign_up;
mod token;

pub use apps::{Client, NewApp, Registered, client_by_id, client_of, register, verify_client};
pub use authenticate::{AccessError, Caller, Me, authenticate};
pub use authorize::{
    Authorization, AuthorizeRequest, OUT_OF_BAND, authorize, check, client_of_code, is_granted,
};
pub(crate) use confirm::send_confirmation;
pub use confirm::{confirm, resend};
pub use grant::{OAuthError, Redeem, client_credentials, redeem, revoke};
pub use limits::{Deed, Limited, deed as count_deed, page as count_page};
pub use password::set as set_password;
pub use prove::prove;
pub(crate) use reset::send_reset;
pub use reset::{LinkOwner, request_reset, reset_owner, reset_password};
pub use session::{
    Browser, SESSION_DAYS, SignIn, SignInError, SignedIn, resume, sign_in, sign_out,
};
pub(crate) use session::{begin, end_all};
pub use sign_up::{Problem, SignUp, SignUpError, sign_up};
pub use token::{NewToken, create_token};
