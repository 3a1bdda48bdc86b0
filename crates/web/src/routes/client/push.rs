//! Notifications on this device: the push subscription of the browser's session, and the worker that
//! shows them.

use std::collections::BTreeMap;

use app::AppError;
use app::push::{self, NewSubscription, Wanted};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::secret::Secret;
use http::{StatusCode, Uri, header};

use super::frame::frame;
use super::member::{Member, Sent};
use crate::assets;
use crate::language::Words;
use crate::pages::Problem;
use crate::pages::client::{Place, SettingsPushPage};
use crate::paths;
use crate::routes::Shared;
use crate::routes::answer::{Answer, Refusal, private, private_with, redirect};
use crate::routes::posted::Fields;
use crate::security::PagePolicy;

/// Kinds of notifications: name in a subscription, words, wanted unless said otherwise.
const KINDS: &[(&str, Words, bool)] = &[
    ("mention", |t| t.mentions_and_replies, true),
    ("follow", |t| t.new_followers, true),
    ("follow_request", |t| t.requests_to_follow, true),
    ("reblog", |t| t.boosts_of_my_posts, true),
    ("favourite", |t| t.favourites_of_my_posts, true),
    ("quote", |t| t.quotes_of_my_posts, true),
    ("status", |t| t.new_posts_of_people_i_asked, true),
    ("poll", |t| t.polls_that_have_ended, true),
    ("update", |t| t.changes_of_posts_i_boosted, false),
    ("quoted_update", |t| t.changes_of_posts_i_quoted, false),
];

/// Kinds for those who look after the server.
const STAFF_KINDS: &[(&str, Words, bool)] =
    &[("admin.sign_up", |t| t.new_accounts_here, false), ("admin.report", |t| t.reports, true)];

/// The worker stands at the root, so that it may open every page. It is asked for anew each time.
pub(super) async fn worker() -> Response {
    let Some(asset) = assets::lookup("worker.js") else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let headers = [
        (header::CONTENT_TYPE, asset.content_type),
        (header::CACHE_CONTROL, "no-cache"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'"),
    ];
    (headers, asset.bytes).into_response()
}

pub(super) async fn form(State(app): State<Shared>, member: Member, uri: Uri) -> Answer {
    let mut page = page(&app, &member).await?;
    page.notice = match Fields::of_query(&uri).text("done").as_str() {
        "on" => Some(crate::t().this_browser_will_tell_you),
        "saved" => Some(crate::t().saved),
        "off" => Some(crate::t().this_browser_will_not_tell_you),
        _ => None,
    };
    private(&page)
}

fn session(member: &Member) -> Result<Secret, Refusal> {
    member.visitor.session.clone().ok_or(Refusal::new(Problem::Forbidden))
}

async fn page(app: &Shared, member: &Member) -> Result<SettingsPushPage, Refusal> {
    let known = push::of_browser(app, member.id(), &session(member)?).await?;
    let kinds = kinds(member).map(|(name, words, usual)| {
        let on = known.as_ref().map_or(usual, |one| one.wanted.alerts.get(name) == Some(&true));
        (name, words(crate::t()), on)
    });
    Ok(SettingsPushPage {
        frame: frame(app, member, Place::Settings).await?,
        notice: None,
        error: None,
        server_key: push::server_key(app).await?,
        kinds: kinds.collect(),
        policy: known.as_ref().map_or_else(|| "all".to_owned(), |one| one.wanted.policy.clone()),
        is_on: known.is_some(),
    })
}

fn kinds(member: &Member) -> impl Iterator<Item = (&'static str, Words, bool)> + use<> {
    let is_staff = member.me.user.role > domain::account::Role::Member;
    let more = if is_staff { STAFF_KINDS } else { &[] };
    KINDS.iter().chain(more).copied()
}

pub(super) async fn submit(State(app): State<Shared>, sent: Sent) -> Answer {
    let (fields, me) = (&sent.fields, sent.member.id());
    let session = session(&sent.member)?;
    let done = match fields.text("do").as_str() {
        "on" => {
            let new = NewSubscription {
                endpoint: fields.text("endpoint"),
                p256dh: fields.text("p256dh"),
                auth: fields.text("auth"),
                standard: true,
                wanted: wanted(&sent),
            };
            push::subscribe_browser(&app, me, &session, new).await.map(|()| "on")
        }
        "change" => push::change_browser(&app, me, &session, wanted(&sent)).await.map(|()| "saved"),
        "off" => push::unsubscribe_browser(&app, me, &session).await.map(|()| "off"),
        _ => return Err(Refusal::new(Problem::BadRequest)),
    };
    match done {
        Ok(done) => redirect(&format!("{}?done={done}", paths::SETTINGS_PUSH)),
        Err(AppError::Invalid(why)) => {
            let mut page = page(&app, &sent.member).await?;
            page.error = Some(crate::language::sentence(&why));
            private_with(StatusCode::UNPROCESSABLE_ENTITY, &page, &PagePolicy::default())
        }
        Err(error) => Err(error.into()),
    }
}

fn wanted(sent: &Sent) -> Wanted {
    let ticked: Vec<&str> = sent.fields.all("kind").collect();
    let alerts: BTreeMap<String, bool> =
        kinds(&sent.member).map(|(name, _, _)| (name.to_owned(), ticked.contains(&name))).collect();
    Wanted { alerts, policy: sent.fields.get("policy").unwrap_or_else(|| "all".to_owned()) }
}
