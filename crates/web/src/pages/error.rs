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
            Self::BadRequest => crate::t().this_request_cannot_be_read,
            Self::Forbidden => crate::t().this_is_not_for_you_to,
            Self::NotFound => crate::t().there_is_nothing_here,
            Self::Gone => crate::t().this_is_gone,
            Self::Unprocessable => crate::t().that_did_not_go_through,
            Self::TooManyRequests(_) => crate::t().a_little_slower_please,
            Self::Internal => crate::t().something_broke_on_our_side,
            Self::Unavailable => crate::t().we_are_busy_right_now,
        }
    }

    fn explanation(self) -> &'static str {
        match self {
            Self::BadRequest => crate::t().something_in_the_address_or_in,
            Self::Forbidden => crate::t().you_may_not_do_this_or,
            Self::NotFound => crate::t().the_page_may_have_been_removed,
            Self::Gone => crate::t().it_was_here_once_and_its,
            Self::Unprocessable => crate::t().what_was_sent_is_incomplete_or,
            Self::TooManyRequests(_) => crate::t().there_were_many_requests_from_you,
            Self::Internal => crate::t().it_is_not_your_fault_and,
            Self::Unavailable => crate::t().the_server_has_more_to_do,
        }
    }

    fn advice(self) -> String {
        match self {
            Self::BadRequest => crate::t().go_back_and_try_once_more.into(),
            Self::Forbidden => crate::t().go_back_load_the_page_again.into(),
            Self::NotFound => crate::t().check_the_address_or_start_from.into(),
            Self::Gone => crate::t().you_can_look_for_other_posts.into(),
            Self::Unprocessable => crate::t().go_back_load_the_page_again.into(),
            Self::TooManyRequests(None) => crate::t().wait_a_few_minutes_then_try.into(),
            Self::TooManyRequests(Some(seconds)) => crate::t().try_again_in(in_words(seconds)),
            Self::Internal => crate::t().try_again_in_a_moment_if.into(),
            Self::Unavailable => crate::t().try_again_in_a_moment.into(),
        }
    }
}

fn in_words(seconds: u32) -> String {
    match seconds {
        0..=1 => crate::t().a_second.to_owned(),
        2..=90 => crate::t().seconds(seconds),
        _ => crate::t().minutes(seconds.div_ceil(60)),
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
