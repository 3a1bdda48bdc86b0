//! `/api/v1/instance`

use app::house_rules;
use app::instance;
use app::push;
use axum::Json;
use axum::extract::{Path, State};

use crate::entity::instance::{
    Activity, DomainBlock, Facts, Language, LongText, Rule, TermsOfService, V1Instance,
};
use crate::entity::{Empty, Render};
use crate::routes::{Access, Route, get};
use crate::{ApiError, Shared};

pub(crate) fn routes() -> Vec<Route> {
    let open = |path, handler| get(path, Access::Open, handler);
    vec![
        get("/api/v1/instance", Access::Open, show),
        get("/api/v1/instance/rules", Access::Open, rules),
        get("/api/v1/instance/peers", Access::Open, peers),
        get("/api/v1/instance/activity", Access::Open, activity),
        get("/api/v1/instance/domain_blocks", Access::Open, domain_blocks),
        open("/api/v1/instance/terms_of_service", terms),
        get("/api/v1/instance/terms_of_service/{date}", Access::Open, terms_of),
        get("/api/v1/instance/extended_description", Access::Open, extended_description),
        get("/api/v1/instance/privacy_policy", Access::Open, privacy_policy),
        get("/api/v1/instance/languages", Access::Open, languages),
        get("/api/v1/instance/translation_languages", Access::Open, translation_languages),
    ]
}

/// Loads what both versions show, and hands it to the one that renders.
pub(crate) async fn facts<T>(
    app: &Shared,
    render: impl FnOnce(&Facts<'_>) -> T,
) -> Result<T, ApiError> {
    let about = instance::about(app).await?;
    let counts = instance::counts(app).await?;
    let vapid_key = push::server_key(app).await?;
    let rules = house_rules::current(app).await?;
    Ok(render(&Facts {
        about: &about,
        rules: &rules,
        counts,
        config: &app.config,
        vapid_key: &vapid_key,
    }))
}

async fn show(State(app): State<Shared>) -> Result<Json<V1Instance>, ApiError> {
    let render = Render::new(&app);
    facts(&app, |facts| V1Instance::render(facts, &render)).await.map(Json)
}

async fn rules(State(app): State<Shared>) -> Result<Json<Vec<Rule>>, ApiError> {
    Ok(Json(Rule::all(&house_rules::current(&app).await?)))
}

async fn peers(State(app): State<Shared>) -> Result<Json<Vec<String>>, ApiError> {
    Ok(Json(instance::peers(&app).await?))
}

async fn activity(State(app): State<Shared>) -> Result<Json<Vec<Activity>>, ApiError> {
    let weeks = instance::activity(&app).await?;
    Ok(Json(weeks.iter().map(Activity::render).collect()))
}

async fn domain_blocks(State(app): State<Shared>) -> Result<Json<Vec<DomainBlock>>, ApiError> {
    Ok(Json(DomainBlock::all(&app::domain_rules::list(&app).await?)))
}

/// The terms as they are now; former ones are not kept.
async fn terms(State(app): State<Shared>) -> Result<Json<TermsOfService>, ApiError> {
    let terms = instance::about(&app).await?.terms.ok_or_else(ApiError::not_found)?;
    Ok(Json(TermsOfService::render(&terms, &app.urls)))
}

async fn terms_of(
    State(app): State<Shared>,
    Path(date): Path<String>,
) -> Result<Json<TermsOfService>, ApiError> {
    let terms = instance::about(&app).await?.terms.ok_or_else(ApiError::not_found)?;
    if TermsOfService::day(&terms) != date {
        return Err(ApiError::not_found());
    }
    Ok(Json(TermsOfService::render(&terms, &app.urls)))
}

/// A text that nobody wrote: it stands here since the epoch began.
fn unwritten(text: &str) -> instance::Text {
    instance::Text { text: text.to_owned(), written_at: domain::Timestamp(0) }
}

async fn extended_description(State(app): State<Shared>) -> Result<Json<LongText>, ApiError> {
    let about = instance::about(&app).await?;
    let extended = about.extended.unwrap_or_else(|| unwritten(&about.description));
    Ok(Json(LongText::render(&extended, &app.urls)))
}

async fn privacy_policy(State(app): State<Shared>) -> Result<Json<LongText>, ApiError> {
    let privacy = instance::about(&app).await?.privacy;
    let privacy = privacy.unwrap_or_else(|| unwritten(instance::PRIVACY));
    Ok(Json(LongText::render(&privacy, &app.urls)))
}

async fn languages() -> Json<Vec<Language>> {
    Json(LANGUAGES.iter().map(|(code, name)| Language { code, name }).collect())
}

async fn translation_languages() -> Json<Empty> {
    Json(Empty {})
}

/// Languages that clients offer for posts, by their own names.
const LANGUAGES: &[(&str, &str)] = &[
    ("ar", "العربية"),
    ("bg", "Български"),
    ("bn", "বাংলা"),
    ("ca", "Català"),
    ("cs", "Čeština"),
    ("cy", "Cymraeg"),
    ("da", "Dansk"),
    ("de", "Deutsch"),
    ("el", "Ελληνικά"),
    ("en", "English"),
    ("eo", "Esperanto"),
    ("es", "Español"),
    ("et", "Eesti"),
    ("eu", "Euskara"),
    ("fa", "فارسی"),
    ("fi", "Suomi"),
    ("fr", "Français"),
    ("ga", "Gaeilge"),
    ("gd", "Gàidhlig"),
    ("gl", "Galego"),
    ("he", "עברית"),
    ("hi", "हिन्दी"),
    ("hr", "Hrvatski"),
    ("hu", "Magyar"),
    ("hy", "Հայերեն"),
    ("id", "Bahasa Indonesia"),
    ("is", "Íslenska"),
    ("it", "Italiano"),
    ("ja", "日本語"),
    ("ka", "ქართული"),
    ("kk", "Қазақша"),
    ("ko", "한국어"),
    ("lt", "Lietuvių"),
    ("lv", "Latviešu"),
    ("ms", "Bahasa Melayu"),
    ("nl", "Nederlands"),
    ("nn", "Norsk nynorsk"),
    ("no", "Norsk"),
    ("pl", "Polski"),
    ("pt", "Português"),
    ("ro", "Română"),
    ("ru", "Русский"),
    ("sk", "Slovenčina"),
    ("sl", "Slovenščina"),
    ("sq", "Shqip"),
    ("sr", "Српски"),
    ("sv", "Svenska"),
    ("ta", "தமிழ்"),
    ("te", "తెలుగు"),
    ("th", "ไทย"),
    ("tr", "Türkçe"),
    ("uk", "Українська"),
    ("ur", "اردو"),
    ("vi", "Tiếng Việt"),
    ("zh", "中文"),
];
