//! `POST /api/v1/accounts`: signing up through an app.

use app::access::{self, Problem, SignUp, SignUpError};
use axum::extract::State;
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::caller::Token as Caller;
use crate::oauth::{Answer, Origin, Token};
use crate::params::Params;
use crate::routes::{Access, Route, post};
use crate::{ApiError, Shared};

pub(crate) fn routes() -> Vec<Route> {
    vec![post("/api/v1/accounts", Access::App(&["write:accounts"]), create)]
}

#[derive(Deserialize)]
struct CreateParams {
    #[serde(default)]
    username: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    agreement: bool,
    #[serde(default)]
    locale: String,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    invite_code: String,
}

async fn create(
    State(app): State<Shared>,
    Caller(caller): Caller,
    Origin(address): Origin,
    Params(params): Params<CreateParams>,
) -> Result<Answer, ApiError> {
    let Some(through) = caller.token.app_id else {
        return Err(ApiError::new(StatusCode::FORBIDDEN, "This action is not allowed"));
    };
    let form = SignUp {
        username: params.username,
        email: params.email,
        password: params.password,
        agreement: params.agreement,
        locale: params.locale,
        reason: params.reason,
        invite: params.invite_code,
        address,
    };
    let made = access::sign_up(&app, form, through, caller.token.scopes).await?;
    Ok(Token::answer(&made))
}

impl From<SignUpError> for ApiError {
    fn from(error: SignUpError) -> Self {
        match error {
            SignUpError::Closed => Self::new(StatusCode::FORBIDDEN, "This action is not allowed"),
            SignUpError::Invalid(problems) => invalid(&problems),
            SignUpError::Limited(limited) => limited.into(),
            SignUpError::App(error) => error.into(),
        }
    }
}

fn invalid(problems: &[Problem]) -> ApiError {
    let mut details: Map<String, Value> = Map::new();
    let mut sentences = Vec::new();
    for problem in problems {
        sentences.push(format!("{} {}", label(problem.field), problem.description));
        let entry = json!({ "error": problem.code, "description": problem.description });
        match details.entry(problem.field).or_insert_with(|| Value::Array(Vec::new())) {
            Value::Array(list) => list.push(entry),
            _ => continue,
        }
    }
    let text = format!("Validation failed: {}", sentences.join(", "));
    ApiError::with_details(StatusCode::UNPROCESSABLE_ENTITY, &text, Value::Object(details))
}

fn label(field: &str) -> &str {
    match field {
        "username" => "Username",
        "email" => "Email",
        "password" => "Password",
        "agreement" => "Service agreement",
        "reason" => "Reason",
        "invite_code" => "Invite code",
        other => other,
    }
}
