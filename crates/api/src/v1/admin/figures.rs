//! Numbers for staff.

use std::collections::HashMap;

use app::figures::{self, Frequency, Stretch, Subject, Wanted};
use axum::Json;
use axum::extract::State;
use domain::Timestamp;
use domain::permission::Permission;
use serde::Deserialize;
use serde_json::Value;

use crate::entity::{AdminCohort, AdminDimension, AdminMeasure};
use crate::params::{Both, Params};
use crate::routes::{Access, Route, post};
use crate::{ApiError, Shared};

pub(crate) fn routes() -> Vec<Route> {
    const READ: Access = Access::Admin(Permission::ViewDashboard, &["admin:read"]);
    vec![
        post("/api/v1/admin/measures", READ, measures),
        post("/api/v1/admin/dimensions", READ, dimensions),
        post("/api/v1/admin/retention", READ, retention),
    ]
}

/// Most numbers at a time.
const MOST: usize = 20;

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    keys: Vec<String>,
    #[serde(default)]
    start_at: Option<String>,
    #[serde(default)]
    end_at: Option<String>,
    #[serde(default)]
    limit: Option<i64>,
    #[serde(default)]
    frequency: Option<String>,
}

/// What each key is about: `tag_uses[id]`, `instance_accounts[domain]`, ….
type About = HashMap<String, Value>;

impl Asked {
    fn stretch(&self) -> Result<Stretch, ApiError> {
        let time = |text: &Option<String>, name: &str| {
            let read = text.as_deref().and_then(Timestamp::parse);
            read.ok_or_else(|| ApiError::bad_request(format!("{name} is missing or no date")))
        };
        let (start, end) = (time(&self.start_at, "start_at")?, time(&self.end_at, "end_at")?);
        Ok(figures::stretch(start, end)?)
    }

    fn wanted(&self, about: &About) -> Vec<Wanted> {
        let wanted = |key: &String| Wanted { subject: subject(key, about), key: key.clone() };
        self.keys.iter().take(MOST).map(wanted).collect()
    }
}

fn subject(key: &str, about: &About) -> Subject {
    let about = about.get(key);
    let text = |name: &str| match about.and_then(|about| about.get(name)) {
        Some(Value::String(text)) => Some(text.clone()),
        Some(Value::Number(number)) => Some(number.to_string()),
        _ => None,
    };
    if let Some(id) = text("id").and_then(|id| id.parse().ok()) {
        return Subject::Tag(id);
    }
    match text("domain") {
        Some(name) => Subject::Server(domain::host::normal(&name).unwrap_or(name)),
        None => Subject::All,
    }
}

async fn measures(
    State(app): State<Shared>,
    Params(Both(asked, about)): Params<Both<Asked, About>>,
) -> Result<Json<Vec<AdminMeasure>>, ApiError> {
    let found = figures::measures(&app, asked.wanted(&about), asked.stretch()?).await?;
    Ok(Json(found.iter().map(AdminMeasure::render).collect()))
}

async fn dimensions(
    State(app): State<Shared>,
    Params(Both(asked, about)): Params<Both<Asked, About>>,
) -> Result<Json<Vec<AdminDimension>>, ApiError> {
    let limit = asked.limit.unwrap_or(10).clamp(1, 100);
    let found = figures::dimensions(&app, asked.wanted(&about), asked.stretch()?, limit).await?;
    Ok(Json(found.iter().map(AdminDimension::render).collect()))
}

async fn retention(
    State(app): State<Shared>,
    Params(asked): Params<Asked>,
) -> Result<Json<Vec<AdminCohort>>, ApiError> {
    let frequency = match asked.frequency.as_deref() {
        None | Some("day") => Frequency::Day,
        Some("month") => Frequency::Month,
        Some(_) => return Err(ApiError::bad_request("frequency is neither day nor month")),
    };
    let found = figures::retention(&app, asked.stretch()?, frequency).await?;
    Ok(Json(found.iter().map(|cohort| AdminCohort::render(cohort, frequency)).collect()))
}
