//! Filters: words that somebody wants to be warned of or not to see.

use app::filters::{self, Changes, KeywordChange};
use app::{AppError, filters as all_filters};
use axum::extract::{Path, State};
use domain::FilterId;
use domain::filter::{Filter, FilterAction, FilterContext};
use http::StatusCode;

use super::frame::frame;
use super::member::{Member, Sent};
use crate::language::{Words, sentence};
use crate::pages::Problem;
use crate::pages::client::{FilterPage, FilterRow, FiltersPage, Place};
use crate::paths;
use crate::routes::Shared;
use crate::routes::answer::{Answer, Refusal, private, private_with, redirect};
use crate::security::PagePolicy;
use crate::view::TextField;

/// Words of one filter.
const MOST_WORDS: usize = 100;

/// Where a filter holds: what a form calls it, and what a sentence does.
const PLACES: [(FilterContext, Words, Words); 5] = [
    (FilterContext::Home, |t| t.home_and_lists, |t| t.in_home_and_lists),
    (FilterContext::Notifications, |t| t.notifications, |t| t.in_notifications),
    (FilterContext::Public, |t| t.public_timelines, |t| t.in_public_timelines),
    (FilterContext::Thread, |t| t.threads, |t| t.in_threads),
    (FilterContext::Account, |t| t.profiles, |t| t.in_profiles),
];

pub(super) async fn list(State(app): State<Shared>, member: Member) -> Answer {
    let found = all_filters::all(&app, member.id()).await?;
    private(&FiltersPage {
        frame: frame(&app, &member, Place::Elsewhere).await?,
        filters: found.iter().map(row).collect(),
    })
}

fn row(filter: &Filter) -> FilterRow {
    let words: Vec<&str> = filter.keywords.iter().map(|word| word.keyword.as_str()).collect();
    let places: Vec<&str> = PLACES
        .iter()
        .filter(|(place, ..)| filter.contexts.contains(place))
        .map(|(_, _, word)| word(crate::t()))
        .collect();
    let deed = match filter.action {
        FilterAction::Warn => crate::t().warns,
        FilterAction::Hide => crate::t().hides,
        FilterAction::Blur => crate::t().covers_pictures,
    };
    FilterRow {
        id: filter.id.to_string(),
        title: filter.title.clone(),
        words: words.join(", "),
        summary: crate::t().filter_summary(deed, places.join(", ")),
    }
}

/// What a form says.
struct Typed {
    id: Option<FilterId>,
    title: String,
    words: String,
    whole: bool,
    places: Vec<String>,
    action: String,
}

async fn page(app: &Shared, member: &Member, typed: Typed, error: Option<String>) -> Answer {
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let page = FilterPage {
        frame: frame(app, member, Place::Elsewhere).await?,
        id: typed.id.map(|id| id.to_string()),
        title: TextField::new(typed.title),
        words: typed.words,
        whole: typed.whole,
        places: PLACES
            .iter()
            .map(|(place, word, _)| {
                let name = place.name();
                (name, word(crate::t()), typed.places.iter().any(|one| one == name))
            })
            .collect(),
        action: typed.action,
        error,
    };
    private_with(status, &page, &PagePolicy::default())
}

pub(super) async fn new(State(app): State<Shared>, member: Member) -> Answer {
    let typed = Typed {
        id: None,
        title: String::new(),
        words: String::new(),
        whole: true,
        places: PLACES.iter().map(|(place, ..)| place.name().to_owned()).collect(),
        action: FilterAction::Warn.name().to_owned(),
    };
    page(&app, &member, typed, None).await
}

fn number(text: &str) -> Result<FilterId, Refusal> {
    text.parse().map_err(|_| Refusal::new(Problem::NotFound))
}

pub(super) async fn form(
    State(app): State<Shared>,
    Path(id): Path<String>,
    member: Member,
) -> Answer {
    let filter = all_filters::show(&app, member.id(), number(&id)?).await?;
    let words: Vec<&str> = filter.keywords.iter().map(|word| word.keyword.as_str()).collect();
    let typed = Typed {
        id: Some(filter.id),
        words: words.join("\n"),
        whole: filter.keywords.iter().all(|word| word.whole_word),
        places: filter.contexts.iter().map(|place| place.name().to_owned()).collect(),
        action: filter.action.name().to_owned(),
        title: filter.title,
    };
    page(&app, &member, typed, None).await
}

pub(super) async fn create(State(app): State<Shared>, sent: Sent) -> Answer {
    let typed = read(&sent, None);
    let changes = changes(&typed, &[]);
    match filters::create(&app, sent.member.id(), changes).await {
        Ok(_) => redirect(paths::FILTERS),
        Err(error) => again(&app, &sent, typed, error).await,
    }
}

pub(super) async fn change(
    State(app): State<Shared>,
    Path(id): Path<String>,
    sent: Sent,
) -> Answer {
    let (id, me) = (number(&id)?, sent.member.id());
    if sent.fields.text("do") == "delete" {
        filters::delete(&app, me, id).await?;
        return redirect(paths::FILTERS);
    }
    let filter = all_filters::show(&app, me, id).await?;
    let typed = read(&sent, Some(id));
    match filters::change(&app, me, id, changes(&typed, &filter.keywords)).await {
        Ok(_) => redirect(paths::FILTERS),
        Err(error) => again(&app, &sent, typed, error).await,
    }
}

async fn again(app: &Shared, sent: &Sent, typed: Typed, error: AppError) -> Answer {
    match error {
        AppError::Invalid(why) => page(app, &sent.member, typed, Some(sentence(&why))).await,
        other => Err(other.into()),
    }
}

fn read(sent: &Sent, id: Option<FilterId>) -> Typed {
    let fields = &sent.fields;
    Typed {
        id,
        title: fields.text("title"),
        words: fields.text("words"),
        whole: fields.has("whole"),
        places: fields.all("place").map(str::to_owned).collect(),
        action: fields.text("action"),
    }
}

/// Words that are there stay, others come and go.
fn changes(typed: &Typed, known: &[domain::filter::FilterKeyword]) -> Changes {
    let wanted: Vec<&str> = typed
        .words
        .lines()
        .map(str::trim)
        .filter(|word| !word.is_empty())
        .take(MOST_WORDS)
        .collect();
    let kept = known.iter().map(|word| KeywordChange {
        id: Some(word.id),
        keyword: None,
        whole_word: Some(typed.whole),
        remove: !wanted.contains(&word.keyword.as_str()),
    });
    let added = wanted
        .iter()
        .filter(|word| !known.iter().any(|known| known.keyword == **word))
        .map(|word| KeywordChange {
            id: None,
            keyword: Some((*word).to_owned()),
            whole_word: Some(typed.whole),
            remove: false,
        });
    Changes {
        title: Some(typed.title.clone()),
        contexts: Some(typed.places.clone()),
        action: Some(typed.action.clone()),
        expires_in: None,
        keywords: kept.chain(added).collect(),
    }
}
