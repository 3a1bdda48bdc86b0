//! From what somebody typed to what is stored: HTML, mentioned accounts, hashtags, language.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use domain::account::Account;
use domain::status::Format;
use domain::text::{self, LinkStyle, Mentioned, Piece, Render};
use domain::{AccountId, TagId};
use store::{Conn, accounts, relations};

use crate::urls::Urls;
use crate::{App, Result};

/// A text that was understood.
pub(super) struct Composed {
    /// Safe HTML.
    pub content: String,
    /// Accounts that the text mentions, in order, without those the author blocks.
    pub mentioned: Vec<Account>,
    /// Hashtags: an id to use when new, the folded name, the spelling.
    pub tags: Vec<(TagId, String, String)>,
}

/// Most handles of one text that are asked for, and how long all of that may take.
const MOST_ASKED: usize = 10;
const PATIENCE: Duration = Duration::from_secs(5);

/// Makes accounts of other servers that a text names known, as far as they can be found in time:
/// before the transaction that understands it. What is not found stays plain text.
pub(super) async fn find_strangers(app: &Arc<App>, text: &str) {
    let mut handles: Vec<Handle> = Vec::new();
    for piece in text::parse(text) {
        if let Piece::Mention { username, domain: Some(domain), .. } = piece {
            let handle = key(&app.urls, username, Some(domain));
            if handle.1.is_some() && !handles.contains(&handle) && handles.len() < MOST_ASKED {
                handles.push(handle);
            }
        }
    }
    if handles.is_empty() {
        return;
    }
    let asked = tokio::time::timeout(PATIENCE, async {
        for (name, domain) in &handles {
            let domain = domain.as_deref().unwrap_or_default();
            if let Err(error) = crate::remote::by_handle(app, name, domain).await {
                tracing::debug!(%domain, %error, "a mentioned account was not found");
            }
        }
    });
    if asked.await.is_err() {
        tracing::debug!("looking for mentioned accounts took too long");
    }
}

/// Understands a text. Accounts that are not known here stay plain text.
pub(super) async fn compose(
    app: &App,
    conn: &mut Conn,
    (text, format): (&str, Format),
    author: AccountId,
) -> Result<Composed> {
    let runs = match format {
        Format::Plain => vec![text.to_owned()],
        Format::Markdown => text::markdown_runs(text),
    };
    let pieces: Vec<Piece<'_>> = runs.iter().flat_map(|run| text::parse(run)).collect();
    let found = find_mentions(&app.urls, conn, &pieces, author).await?;
    let resolve = |name: &str, domain: Option<&str>| {
        found.get(&key(&app.urls, name, domain)).map(|account| mentioned(&app.urls, account))
    };
    let context = Render { base: &app.urls.base, resolve: &resolve, links: LinkStyle::Status };
    let content = match format {
        Format::Plain => text::render(text, &context),
        Format::Markdown => text::render_markdown(text, &context),
    };
    let mut accounts: Vec<Account> = Vec::new();
    for piece in &pieces {
        if let Piece::Mention { username, domain, .. } = piece
            && let Some(account) = found.get(&key(&app.urls, username, *domain))
            && !accounts.iter().any(|known| known.id == account.id)
        {
            accounts.push(account.clone());
        }
    }
    Ok(Composed { content, mentioned: accounts, tags: tags(app, &pieces) })
}

/// How HTML shows a mentioned account.
fn mentioned(urls: &Urls, account: &Account) -> Mentioned {
    Mentioned {
        username: account.username.clone(),
        domain: account.domain.clone(),
        url: urls.profile(account),
    }
}

type Handle = (String, Option<String>);

fn key(urls: &Urls, name: &str, domain: Option<&str>) -> Handle {
    let domain = if urls.is_here(domain) { None } else { domain.map(str::to_lowercase) };
    (name.to_lowercase(), domain)
}

async fn find_mentions(
    urls: &Urls,
    conn: &mut Conn,
    pieces: &[Piece<'_>],
    author: AccountId,
) -> Result<HashMap<Handle, Account>> {
    let mut found = HashMap::new();
    for piece in pieces {
        let Piece::Mention { username, domain, .. } = piece else { continue };
        let handle = key(urls, username, *domain);
        if found.contains_key(&handle) {
            continue;
        }
        let account = accounts::by_handle(conn, &handle.0, handle.1.as_deref()).await?;
        if let Some(account) = account.filter(|account| account.suspended_at.is_none())
            && !relations::is_blocking(conn, author, account.id).await?
        {
            found.insert(handle, account);
        }
    }
    Ok(found)
}

fn tags(app: &App, pieces: &[Piece<'_>]) -> Vec<(TagId, String, String)> {
    let mut tags: Vec<(TagId, String, String)> = Vec::new();
    for piece in pieces {
        if let Piece::Hashtag(spelling) = piece
            && let Some(name) = text::fold_tag(spelling)
            && !tags.iter().any(|(_, known, _)| *known == name)
        {
            tags.push((app.ids.next(), name, (*spelling).to_owned()));
        }
    }
    tags
}

/// The language that a text seems to be in, when that is fairly certain: ISO 639-1.
pub(super) fn guess_language(text: &str) -> Option<String> {
    let info = whatlang::detect(text).filter(whatlang::Info::is_reliable)?;
    let code = match info.lang() {
        whatlang::Lang::Eng => "en",
        whatlang::Lang::Deu => "de",
        whatlang::Lang::Fra => "fr",
        whatlang::Lang::Spa => "es",
        whatlang::Lang::Ita => "it",
        whatlang::Lang::Por => "pt",
        whatlang::Lang::Nld => "nl",
        whatlang::Lang::Pol => "pl",
        whatlang::Lang::Rus => "ru",
        whatlang::Lang::Ukr => "uk",
        whatlang::Lang::Jpn => "ja",
        whatlang::Lang::Cmn => "zh",
        whatlang::Lang::Kor => "ko",
        whatlang::Lang::Tur => "tr",
        whatlang::Lang::Swe => "sv",
        whatlang::Lang::Fin => "fi",
        whatlang::Lang::Ces => "cs",
        whatlang::Lang::Ara => "ar",
        _ => return None,
    };
    Some(code.to_owned())
}
