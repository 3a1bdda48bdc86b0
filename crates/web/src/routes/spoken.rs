//! In which language a request is answered: the person's own, if somebody is signed in (`visitor::admit` knows); else what
//! the browser asks for; else English.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use domain::account::User;

use crate::language::{Language, accepted, speaking, switch_to};

/// Answers in the language that the browser likes best.
pub(super) async fn choose(request: Request, next: Next) -> Response {
    let language = accepted(request.headers()).unwrap_or_default();
    speaking(language, next.run(request)).await
}

/// Goes on in the language that the person chose, if there is a catalogue of it: apps may have asked for any.
pub(super) fn prefer_that_of(user: &User) {
    if let Some(language) = Language::of(&user.locale) {
        switch_to(language);
    }
}
