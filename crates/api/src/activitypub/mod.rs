//! What other servers read: actors, statuses, collections. One address has two forms: the document,
//! and for browsers the page, to which they are sent on. What a document says is made by
//! [`app::documents`].

mod accept;
mod answer;
mod inbox;
mod question;

use app::AppError;
use app::documents::{self, RepliesPage, Wanted};
use axum::extract::State;
use axum::response::Response;
use domain::ConversationId;

use crate::routes::{Access, Route, get};
use crate::{ApiError, Shared};
use accept::Form;
pub(crate) use question::Question;

pub use inbox::ReceivedAt;
pub use question::{Arrived, negotiate};

/// What the rest of a path below `/users/{name}` names.
type OfAccount = (&'static str, fn(&Question) -> Option<Wanted>);

const OF_ACCOUNTS: &[OfAccount] = &[
    ("/users/{name}", |_| Some(Wanted::Actor)),
    ("/users/{name}/outbox", |question| Some(Wanted::Outbox(question.page()))),
    ("/users/{name}/followers", |question| Some(Wanted::Followers(question.page()))),
    ("/users/{name}/following", |question| Some(Wanted::Following(question.page()))),
    ("/users/{name}/collections/featured", |_| Some(Wanted::Featured)),
    ("/users/{name}/collections/tags", |_| Some(Wanted::Tags)),
    ("/users/{name}/followers_synchronization", |_| Some(Wanted::FollowersThere)),
    ("/users/{name}/quote_authorizations/{id}", |question| question.id().map(Wanted::QuoteStamp)),
    ("/users/{name}/statuses/{id}", |question| question.id().map(Wanted::Status)),
    ("/users/{name}/statuses/{id}/activity", |question| question.id().map(Wanted::Activity)),
    ("/users/{name}/statuses/{id}/replies", |question| {
        question.id().map(|id| Wanted::Replies(id, replies_page(question)))
    }),
    ("/users/{name}/statuses/{id}/likes", |question| question.id().map(Wanted::Likes)),
    ("/users/{name}/statuses/{id}/shares", |question| question.id().map(Wanted::Shares)),
];

pub(crate) fn routes() -> Vec<Route> {
    let mut routes = vec![
        get("/actor", Access::Open, instance_actor),
        get("/contexts/{id}", Access::Open, thread),
    ];
    routes.extend(inbox::routes());
    routes.extend(OF_ACCOUNTS.iter().map(|(path, wanted)| {
        get(path, Access::Open, move |State(app): State<Shared>, question: Question| async move {
            of_account(&app, &question, *wanted).await
        })
    }));
    routes
}

async fn instance_actor(State(app): State<Shared>, question: Question) -> Response {
    if question.form == Form::Page {
        return answer::to_page(&app, &format!("{}/about", app.urls.base));
    }
    let found = documents::instance_actor(&app).await;
    answer::respond(&app, found.map_err(ApiError::from))
}

async fn thread(State(app): State<Shared>, question: Question) -> Response {
    let found = match question.number() {
        Some(id) => {
            let above = question.flag("page").then(|| question.cursor("min_id").unwrap_or(0));
            documents::thread(&app, question.asked(), ConversationId(id), above).await
        }
        None => Err(AppError::NotFound),
    };
    answer::respond(&app, found.map_err(ApiError::from))
}

async fn of_account(
    app: &Shared,
    question: &Question,
    wanted: fn(&Question) -> Option<Wanted>,
) -> Response {
    let wanted = wanted(question);
    if question.form == Form::Page {
        return answer::to_page(app, &page_of(app, question));
    }
    let found = match wanted {
        Some(wanted) => documents::of_account(app, question.asked(), &question.name, wanted).await,
        None => Err(AppError::NotFound),
    };
    answer::respond(app, found.map_err(ApiError::from))
}

/// The page of what is asked for. Whether it is there, the page says.
fn page_of(app: &Shared, question: &Question) -> String {
    let profile = app.urls.local_profile(&question.plain_name());
    match question.id() {
        Some(id) => format!("{profile}/{id}"),
        None => profile,
    }
}

fn replies_page(question: &Question) -> Option<RepliesPage> {
    question.flag("page").then(|| RepliesPage {
        others: question.flag("only_other_accounts"),
        above: question.cursor("min_id").unwrap_or(0),
    })
}
