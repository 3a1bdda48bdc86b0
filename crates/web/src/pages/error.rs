//! Errors as people see them: what happened and what to do next. Causes belong in the log.

use askama::Template;
use http::StatusCode;

use super::Site;

/// Why there is no page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Problem {
    /// 400.
    BadRequest,
    /// 403.
    Forbidden,
    /// 404; also for everything the viewer may not see.
    NotFound,
    /// 410.
    Gone,
    /// 422.
    Unprocessable,
    /// 429, with the seconds to wait if known.
    TooManyRequests(Option<u32>),
    /// 500.
    Internal,
    /// 503.
    Unavailable,
}

impl Problem {
    /// The status code to send.
    pub fn status(self) -> StatusCode {
        match self {
            Self::BadRequest => StatusCode::BAD_REQUEST,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Gone => StatusCode::GONE,
            Self::Unprocessable => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooManyRequests(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::BadRequest => "This request cannot be read",
            Self::Forbidden => "This is not for you to open",
            Self::NotFound => "There is nothing here",
            Self::Gone => "This is gone",
            Self::Unprocessable => "That did not go through",
            Self::TooManyRequests(_) => "A little slower, please",
            Self::Internal => "Something broke on our side",
            Self::Unavailable => "We are busy right now",
        }
    }

    fn explanation(self) -> &'static str {
        match self {
            Self::BadRequest => {
                "Something in the address or in what your app sent is missing or wrong."
            }
            Self::Forbidden => {
                "You may not do this, or the page you came from was open for too long."
            }
            Self::NotFound => {
                "The page may have been removed, the address may have a typing mistake, or it is not public."
            }
            Self::Gone => "It was here once and its author removed it for good.",
            Self::Unprocessable => {
                "What was sent is incomplete or no longer valid. Nothing was changed."
            }
            Self::TooManyRequests(_) => "There were many requests from you in a short time.",
            Self::Internal => "It is not your fault, and nothing half-done was kept.",
            Self::Unavailable => "The server has more to do than it can manage at this moment.",
        }
    }

    fn advice(self) -> String {
        match self {
            Self::BadRequest => {
                "Go back and try once more. If an app sent you here, tell its makers.".into()
            }
            Self::Forbidden => "Go back, load the page again and try once more.".into(),
            Self::NotFound => "Check the address, or start from the front page.".into(),
            Self::Gone => "You can look for other posts on the author's profile.".into(),
            Self::Unprocessable => "Go back, load the page again and try once more.".into(),
            Self::TooManyRequests(None) => "Wait a few minutes, then try again.".into(),
            Self::TooManyRequests(Some(seconds)) => format!("Try again in {}.", in_words(seconds)),
            Self::Internal => {
                "Try again in a moment. If it stays, tell the owner of this server.".into()
            }
            Self::Unavailable => "Try again in a moment.".into(),
        }
    }
}

fn in_words(seconds: u32) -> String {
    match seconds {
        0..=1 => "a second".into(),
        2..=90 => format!("{seconds} seconds"),
        _ => format!("{} minutes", seconds.div_ceil(60)),
    }
}

/// An error page.
#[derive(Debug, Clone, Template)]
#[template(path = "error.html")]
pub struct ErrorPage<'a> {
    /// The server.
    pub site: &'a Site,
    /// What went wrong.
    pub problem: Problem,
    /// A more exact sentence that is safe to show, as for a bad authorisation request.
    pub detail: Option<String>,
    /// Lets the owner find the cause in the log.
    pub request_id: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_times_are_rounded_up() {
        assert_eq!(in_words(0), "a second");
        assert_eq!(in_words(90), "90 seconds");
        assert_eq!(in_words(121), "3 minutes");
        assert!(Problem::TooManyRequests(Some(300)).advice().contains("5 minutes"));
    }
}
