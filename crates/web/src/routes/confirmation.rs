//! The link that confirms a mail address.

use app::AppError;
use app::access::{self, Confirmed};
use axum::extract::State;
use domain::secret::Secret;
use http::Uri;

use super::Shared;
use super::answer::{Answer, Refusal, redirect};
use super::posted::Fields;
use crate::pages::Problem;
use crate::paths;

pub(super) async fn confirm(State(app): State<Shared>, uri: Uri) -> Answer {
    let token = Secret::from_outside(Fields::of_query(&uri).text("token"));
    match access::confirm(&app, &token).await {
        Ok(what) => {
            let done = match what {
                Confirmed::In => "confirmed",
                Confirmed::Waiting => "waiting",
                Confirmed::Changed => "changed",
            };
            redirect(&format!("{}?done={done}", paths::SIGN_IN))
        }
        Err(AppError::NotFound) => {
            Err(Refusal::because(Problem::NotFound, crate::t().that_link_has_expired_or_was))
        }
        Err(error) => Err(error.into()),
    }
}
