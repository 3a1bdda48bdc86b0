//! Making, changing and removing whole filters, in both versions of the API: the older one knows
//! filters with a single keyword, and names them by it.

use std::sync::Arc;

use domain::filter::{Filter, FilterAction, FilterContext, FilterKeyword};
use domain::{AccountId, FilterId, RowId, Timestamp};
use store::{Conn, filters};

use super::{LONGEST_TITLE, changed, check_keyword, check_room, own};
use crate::{App, AppError, Result};

/// What a client sends of a filter; what is `None` stays as it is.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// Its name.
    pub title: Option<String>,
    /// Names of contexts.
    pub contexts: Option<Vec<String>>,
    /// Name of the action.
    pub action: Option<String>,
    /// Seconds until it ends; `Some(None)` is never.
    pub expires_in: Option<Option<i64>>,
    /// Keywords to add, change and remove.
    pub keywords: Vec<KeywordChange>,
}

/// What a client sends of a keyword.
#[derive(Clone, Debug, Default)]
pub struct KeywordChange {
    /// Which; `None` is a new one.
    pub id: Option<RowId>,
    /// The word.
    pub keyword: Option<String>,
    /// Only as a word of its own.
    pub whole_word: Option<bool>,
    /// Take it away.
    pub remove: bool,
}

/// Makes a filter.
///
/// # Errors
/// [`AppError::Invalid`].
pub async fn create(app: &Arc<App>, owner: AccountId, changes: Changes) -> Result<Filter> {
    let mut filter = Filter {
        id: app.ids.next(),
        account_id: owner,
        title: String::new(),
        contexts: Vec::new(),
        action: FilterAction::Warn,
        expires_at: None,
        keywords: Vec::new(),
        statuses: Vec::new(),
    };
    apply(&mut filter, &changes, app.now())?;
    let context = app.clone();
    let made = app
        .write(move |conn| {
            Box::pin(async move {
                check_room(conn, owner, 1, 0).await?;
                filters::insert(conn, &filter).await?;
                write_keywords(&context, conn, &filter, &changes.keywords).await?;
                own(conn, owner, filter.id).await
            })
        })
        .await?;
    changed(app, owner).await;
    Ok(made)
}

/// Changes a filter.
///
/// # Errors
/// [`AppError::Invalid`], [`AppError::NotFound`].
pub async fn change(
    app: &Arc<App>,
    owner: AccountId,
    id: FilterId,
    changes: Changes,
) -> Result<Filter> {
    let context = app.clone();
    let filter = app
        .write(move |conn| {
            Box::pin(async move {
                let mut filter = own(conn, owner, id).await?;
                apply(&mut filter, &changes, context.now())?;
                filters::update(conn, &filter).await?;
                write_keywords(&context, conn, &filter, &changes.keywords).await?;
                own(conn, owner, id).await
            })
        })
        .await?;
    changed(app, owner).await;
    Ok(filter)
}

/// Removes a filter.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn delete(app: &App, owner: AccountId, id: FilterId) -> Result<()> {
    app.write(move |conn| {
        Box::pin(async move {
            let gone = filters::delete(conn, owner, id).await?;
            if gone { Ok(()) } else { Err(AppError::NotFound) }
        })
    })
    .await?;
    changed(app, owner).await;
    Ok(())
}

/// Makes a filter with one keyword, whose name is the keyword; the id to use is the keyword's.
///
/// # Errors
/// [`AppError::Invalid`].
pub async fn create_single(
    app: &Arc<App>,
    owner: AccountId,
    mut changes: Changes,
    keyword: KeywordChange,
) -> Result<Filter> {
    let phrase = keyword.keyword.clone().unwrap_or_default();
    changes.title = Some(phrase.chars().take(LONGEST_TITLE).collect());
    changes.keywords = vec![keyword];
    create(app, owner, changes).await
}

/// Changes a filter by its keyword. What would change the filter's other keywords too is refused.
///
/// # Errors
/// [`AppError::Invalid`], [`AppError::NotFound`].
pub async fn change_single(
    app: &Arc<App>,
    owner: AccountId,
    id: RowId,
    changes: Changes,
    mut keyword: KeywordChange,
) -> Result<Filter> {
    let context = app.clone();
    keyword.id = Some(id);
    let filter = app
        .write(move |conn| {
            Box::pin(async move {
                let mut filter =
                    filters::of_keyword(conn, owner, id).await?.ok_or(AppError::NotFound)?;
                let before = filter.clone();
                apply(&mut filter, &changes, context.now())?;
                if before.keywords.len() > 1 && before != filter {
                    return Err(AppError::invalid(
                        "These parameters cannot be changed from this application because they apply to more than one filter keyword. Use a more recent application or the web interface.",
                    ));
                }
                filters::update(conn, &filter).await?;
                write_keywords(&context, conn, &filter, &[keyword]).await?;
                own(conn, owner, filter.id).await
            })
        })
        .await?;
    changed(app, owner).await;
    Ok(filter)
}

/// Removes a keyword, and its filter when that has no other.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn delete_single(app: &App, owner: AccountId, id: RowId) -> Result<()> {
    app.write(move |conn| {
        Box::pin(async move {
            let filter = filters::of_keyword(conn, owner, id).await?.ok_or(AppError::NotFound)?;
            filters::delete_keyword(conn, filter.id, id).await?;
            if filter.keywords.len() <= 1 {
                filters::delete(conn, owner, filter.id).await?;
            }
            Ok::<_, AppError>(())
        })
    })
    .await?;
    changed(app, owner).await;
    Ok(())
}

/// Lays the changes over the filter and checks what comes out.
fn apply(filter: &mut Filter, changes: &Changes, now: Timestamp) -> Result<()> {
    if let Some(title) = &changes.title {
        filter.title = title.trim().to_owned();
    }
    if filter.title.is_empty() {
        return Err(AppError::invalid("Title can't be blank"));
    }
    if filter.title.chars().count() > LONGEST_TITLE {
        return Err(AppError::invalid(format!(
            "Title is too long (maximum is {LONGEST_TITLE} characters)"
        )));
    }
    if let Some(names) = &changes.contexts {
        let mut contexts = names
            .iter()
            .map(|name| FilterContext::parse(name))
            .collect::<Option<Vec<_>>>()
            .unwrap_or_default();
        contexts.sort();
        contexts.dedup();
        filter.contexts = contexts;
    }
    if filter.contexts.is_empty() {
        return Err(AppError::invalid("Context None or invalid context supplied"));
    }
    if let Some(name) = &changes.action {
        filter.action = FilterAction::parse(name)
            .ok_or_else(|| AppError::invalid("Action is not included in the list"))?;
    }
    if let Some(seconds) = changes.expires_in {
        filter.expires_at =
            seconds.map(|seconds| now.plus(seconds.clamp(0, MOST_SECONDS).saturating_mul(1000)));
    }
    Ok(())
}

/// A hundred years: later times are not written by calendars.
const MOST_SECONDS: i64 = 100 * 366 * 86_400;

async fn write_keywords(
    app: &App,
    conn: &mut Conn,
    filter: &Filter,
    changes: &[KeywordChange],
) -> Result<()> {
    let added = changes.iter().filter(|change| change.id.is_none() && !change.remove).count();
    check_room(conn, filter.account_id, 0, i64::try_from(added).unwrap_or(i64::MAX / 2)).await?;
    for change in changes {
        match (change.id, change.remove) {
            (None, true) => {}
            (Some(id), true) => {
                filters::delete_keyword(conn, filter.id, id).await?;
            }
            (None, false) => {
                let keyword = FilterKeyword {
                    id: app.ids.next(),
                    keyword: check_keyword(change.keyword.as_deref().unwrap_or_default())?,
                    whole_word: change.whole_word.unwrap_or(true),
                };
                filters::add_keyword(conn, filter.id, &keyword).await?;
            }
            (Some(id), false) => {
                let known = filter.keywords.iter().find(|keyword| keyword.id == id);
                let mut keyword = known.ok_or(AppError::NotFound)?.clone();
                if let Some(word) = &change.keyword {
                    keyword.keyword = check_keyword(word)?;
                }
                keyword.whole_word = change.whole_word.unwrap_or(keyword.whole_word);
                filters::update_keyword(conn, filter.id, &keyword).await?;
            }
        }
    }
    Ok(())
}
