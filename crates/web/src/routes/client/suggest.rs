//! What a half-typed mention, hashtag or emoji could become.

use app::search::Query;
use axum::extract::State;
use http::Uri;

use super::member::Member;
use crate::pages::client::{SuggestPart, Suggestion};
use crate::routes::answer::{Answer, private};
use crate::routes::posted::Fields;
use crate::routes::{Shared, present};

/// Most suggestions.
const MOST: usize = 6;
/// Longest word looked for, in characters.
const LONGEST: usize = 64;

pub(super) async fn suggest(State(app): State<Shared>, member: Member, uri: Uri) -> Answer {
    let word: String = Fields::of_query(&uri).text("q").chars().take(LONGEST).collect();
    let mut letters = word.chars();
    let kind = letters.next();
    let rest = letters.as_str();
    let suggestions = match kind {
        Some('@') if !rest.is_empty() => people(&app, &member, rest).await?,
        Some('#') if !rest.is_empty() => tags(&app, &member, rest).await?,
        Some(':') if rest.len() > 1 => emojis(&app, rest),
        _ => Vec::new(),
    };
    private(&SuggestPart { suggestions })
}

fn most() -> i64 {
    i64::try_from(MOST).unwrap_or(6)
}

async fn people(app: &Shared, member: &Member, word: &str) -> app::Result<Vec<Suggestion>> {
    let found =
        app::search::accounts(app, member.id(), word.to_owned(), (false, false), (most(), 0))
            .await?;
    let show = |account: &domain::account::Account| {
        let view = present::account(app, account);
        Suggestion {
            insert: format!("@{}", account.acct()),
            label: view.display_name,
            detail: view.handle,
            picture: Some(view.avatar_url),
        }
    };
    Ok(found.iter().map(show).collect())
}

async fn tags(app: &Shared, member: &Member, word: &str) -> app::Result<Vec<Suggestion>> {
    let query = Query {
        text: word.to_owned(),
        accounts: false,
        tags: true,
        statuses: false,
        resolve: false,
        following: false,
        by: None,
        below: i64::MAX,
        above: 0,
        limit: most(),
        offset: 0,
    };
    let found = app::search::search(app, Some(member.id()), query).await?;
    let show = |tag: app::tags::TagView| Suggestion {
        insert: format!("#{}", tag.display_name),
        label: format!("#{}", tag.display_name),
        detail: String::new(),
        picture: None,
    };
    Ok(found.tags.into_iter().map(show).collect())
}

fn emojis(app: &Shared, word: &str) -> Vec<Suggestion> {
    let catalog = app.emojis.get();
    let word = word.to_lowercase();
    let fits = |code: &str| code.to_lowercase().contains(&word);
    let found = catalog.0.values().filter(|emoji| emoji.visible && fits(&emoji.shortcode));
    found
        .take(MOST)
        .map(|emoji| Suggestion {
            insert: format!(":{}:", emoji.shortcode),
            label: format!(":{}:", emoji.shortcode),
            detail: emoji.category.clone().unwrap_or_default(),
            picture: Some(emoji.static_url.clone()),
        })
        .collect()
}
