//! Writing what the server says of itself.

use std::path::PathBuf;
use std::sync::Arc;

use domain::Timestamp;
use domain::permission::Permission;
use media::{Focus, Purpose};
use store::{Conn, StoreError, accounts, settings};

use super::about::{BANNER, CONTACT, DESCRIPTION, EMAIL, EXTENDED, PRIVACY_KEY, TERMS, written_at};
use crate::access::Me;
use crate::dashboard::allow;
use crate::uploads::{self, Kept};
use crate::{App, AppError, setup};

/// Longest description, in characters.
const LONGEST_DESCRIPTION: usize = 500;
/// Longest of the long texts.
const LONGEST_TEXT: usize = 20_000;

/// What becomes of the wide picture.
#[derive(Clone, Debug, Default)]
pub enum Banner {
    /// It stays.
    #[default]
    Same,
    /// The usual one is shown again.
    None,
    /// A received file; the caller removes it afterwards if it is still there.
    New(PathBuf),
}

/// What the server is to say of itself. An empty long text is none.
#[derive(Clone, Debug, Default)]
#[expect(missing_docs, reason = "the names are those of `About`")]
pub struct Facts {
    pub title: String,
    pub description: String,
    pub extended: String,
    pub privacy: String,
    pub terms: String,
    pub contact_email: String,
    /// Name of an account here; empty is the owner.
    pub contact: String,
    pub banner: Banner,
}

/// A field that cannot be taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// Name of the field in [`Facts`].
    pub field: &'static str,
    /// What is wrong with it, as a sentence.
    pub words: String,
}

/// Why nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// Fields cannot be taken.
    #[error("{}", .0.iter().map(|wrong| wrong.words.as_str()).collect::<Vec<_>>().join(" "))]
    Wrong(Vec<Wrong>),
    /// Anything else.
    #[error(transparent)]
    Other(#[from] AppError),
}

impl From<StoreError> for WriteError {
    fn from(error: StoreError) -> Self {
        Self::Other(error.into())
    }
}

/// Writes what the server says of itself. From then on the settings file is not asked for it.
///
/// # Errors
/// [`WriteError::Wrong`] names every field that cannot be taken; then nothing is written.
pub async fn write(app: &Arc<App>, me: &Me, facts: Facts) -> Result<(), WriteError> {
    allow(me, Permission::ManageSettings)?;
    let wrong = check(&facts);
    if !wrong.is_empty() {
        return Err(WriteError::Wrong(wrong));
    }
    let banner = match &facts.banner {
        Banner::Same | Banner::None => None,
        Banner::New(path) => Some(picture(app, path).await?),
    };
    let (context, now) = (app.clone(), app.now());
    app.write(move |conn| {
        Box::pin(async move {
            check_contact(conn, &facts.contact).await?;
            settings::set(conn, setup::TITLE, facts.title.trim()).await?;
            settings::set(conn, DESCRIPTION, facts.description.trim()).await?;
            settings::set(conn, EMAIL, facts.contact_email.trim()).await?;
            settings::set(conn, CONTACT, name(&facts.contact)).await?;
            for (key, text) in
                [(EXTENDED, &facts.extended), (PRIVACY_KEY, &facts.privacy), (TERMS, &facts.terms)]
            {
                keep_text(conn, key, text.trim(), now).await?;
            }
            keep_banner(&context, conn, &facts.banner, banner).await
        })
    })
    .await
}

fn name(typed: &str) -> &str {
    typed.trim().trim_start_matches('@')
}

fn check(facts: &Facts) -> Vec<Wrong> {
    let mut wrong = Vec::new();
    let mut say = |field, words: String| wrong.push(Wrong { field, words });
    let length = |text: &str| text.trim().chars().count();
    if facts.title.trim().is_empty() {
        say("title", "Give the server a name.".to_owned());
    }
    let texts = [
        ("title", &facts.title, setup::LONGEST_TITLE),
        ("description", &facts.description, LONGEST_DESCRIPTION),
        ("extended", &facts.extended, LONGEST_TEXT),
        ("privacy", &facts.privacy, LONGEST_TEXT),
        ("terms", &facts.terms, LONGEST_TEXT),
    ];
    for (field, text, most) in texts {
        if length(text) > most {
            say(field, format!("This is longer than {most} characters; shorten it."));
        }
    }
    let email = facts.contact_email.trim();
    if !email.is_empty() && !domain::account::email_is_acceptable(email) {
        say("contact_email", "This is no mail address, as name@example.org.".to_owned());
    }
    wrong
}

async fn check_contact(conn: &mut Conn, typed: &str) -> Result<(), WriteError> {
    let name = name(typed);
    if name.is_empty() {
        return Ok(());
    }
    let found = accounts::by_handle(conn, name, None).await?;
    if found.is_some_and(|account| account.suspended_at.is_none()) {
        return Ok(());
    }
    let words = "Nobody here has that name. Write the part before the @, or leave it empty for \
                 the owner.";
    Err(WriteError::Wrong(vec![Wrong { field: "contact", words: words.to_owned() }]))
}

/// A text that stays the same keeps its date.
async fn keep_text(
    conn: &mut Conn,
    key: &str,
    text: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let former = settings::get(conn, key).await?;
    if former.as_deref().unwrap_or_default() == text {
        return Ok(());
    }
    if text.is_empty() {
        settings::remove(conn, &written_at(key)).await?;
        settings::remove(conn, key).await?;
        return Ok(());
    }
    settings::set(conn, key, text).await?;
    settings::set(conn, &written_at(key), &now.0.to_string()).await
}

async fn picture(app: &Arc<App>, path: &std::path::Path) -> Result<Kept, WriteError> {
    let refuse = |error: AppError| match error {
        AppError::Invalid(words) | AppError::Unprocessable(words) => {
            WriteError::Wrong(vec![Wrong { field: "banner", words: format!("{words}.") }])
        }
        other => WriteError::Other(other),
    };
    let processed = {
        let _place = uploads::place(app)?;
        let work = app.processor.process_image(path, Purpose::Header, Focus::default());
        work.await.map_err(|error| refuse(uploads::refuse("Picture", error)))?
    };
    let file = (processed.original.path.clone(), Some(processed.original.media_type));
    Ok(uploads::keep(app, vec![file]).await?)
}

async fn keep_banner(
    app: &App,
    conn: &mut Conn,
    banner: &Banner,
    kept: Option<Kept>,
) -> Result<(), WriteError> {
    if matches!(banner, Banner::Same) {
        return Ok(());
    }
    let former = settings::get(conn, BANNER).await?;
    match kept {
        Some(kept) => {
            kept.settle(conn).await?;
            let key = kept.keys.first().map(String::as_str).unwrap_or_default();
            settings::set(conn, BANNER, key).await?;
        }
        None => drop(settings::remove(conn, BANNER).await?),
    }
    Ok(uploads::remove_later(app, conn, former.into_iter().collect()).await?)
}
