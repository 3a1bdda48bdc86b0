//! `/api/v1/instance`

use app::house_rules;
use app::instance;
use app::push;
use axum::Json;
use axum::extract::{Path, State};
use domain::text::{LinkStyle, Render as TextRender};
use serde_json::{Value, json};

use crate::entity::Render;
use crate::entity::instance::{Activity, DomainBlock, Facts, Rule, v1_instance};
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

async fn show(State(app): State<Shared>) -> Result<Json<Value>, ApiError> {
    let render = Render::new(&app);
    facts(&app, |facts| v1_instance(facts, &render)).await.map(Json)
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
async fn terms(State(app): State<Shared>) -> Result<Json<Value>, ApiError> {
    let terms = instance::about(&app).await?.terms.ok_or_else(ApiError::not_found)?;
    Ok(Json(terms_json(&app, &terms)))
}

async fn terms_of(
    State(app): State<Shared>,
    Path(date): Path<String>,
) -> Result<Json<Value>, ApiError> {
    let terms = instance::about(&app).await?.terms.ok_or_else(ApiError::not_found)?;
    if day(&terms) != date {
        return Err(ApiError::not_found());
    }
    Ok(Json(terms_json(&app, &terms)))
}

fn day(text: &instance::Text) -> String {
    text.written_at.rfc3339().chars().take(10).collect()
}

/// <https://docs.joinmastodon.org/entities/TermsOfService/>
fn terms_json(app: &Shared, terms: &instance::Text) -> Value {
    json!({
        "effective_date": day(terms),
        "effective": true,
        "content": html(app, &terms.text),
        "succeeded_by": null,
    })
}

/// A text of the server as HTML, with when it was written.
fn text(app: &Shared, text: &instance::Text) -> Value {
    json!({ "updated_at": text.written_at.rfc3339(), "content": html(app, &text.text) })
}

fn html(app: &Shared, text: &str) -> String {
    let context =
        TextRender { base: &app.urls.base, resolve: &|_, _| None, links: LinkStyle::Status };
    domain::text::render(text, &context)
}

/// A text that nobody wrote: it stands here since the epoch began.
fn unwritten(text: &str) -> instance::Text {
    instance::Text { text: text.to_owned(), written_at: domain::Timestamp(0) }
}

async fn extended_description(State(app): State<Shared>) -> Result<Json<Value>, ApiError> {
    let about = instance::about(&app).await?;
    let extended = about.extended.unwrap_or_else(|| unwritten(&about.description));
    Ok(Json(text(&app, &extended)))
}

async fn privacy_policy(State(app): State<Shared>) -> Result<Json<Value>, ApiError> {
    let privacy = instance::about(&app).await?.privacy;
    Ok(Json(text(&app, &privacy.unwrap_or_else(|| unwritten(instance::PRIVACY)))))
}

async fn languages() -> Json<Value> {
    Json(LANGUAGES.iter().map(|(code, name)| json!({ "code": code, "name": name })).collect())
}

async fn translation_languages() -> Json<Value> {
    Json(json!({}))
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
