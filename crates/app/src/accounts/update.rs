//! A person changes their profile: texts, switches, defaults for new statuses, picture and banner.

use std::path::PathBuf;
use std::sync::Arc;

use domain::account::{Account, ProfileField, User};
use domain::status::{Format, Visibility};
use domain::time::SECOND;
use media::{Focus, Purpose};
use store::{Conn, StoreError, accounts, users};

use super::links;
use crate::access::Me;
use crate::jobs::{Job, enqueue};
use crate::uploads::{self, Kept};
use crate::{App, AppError, Result};

/// Others hear of changes a moment later, all of that moment at once.
const SETTLES: i64 = 5 * SECOND;
const DISPLAY_NAME: usize = 30;
const NOTE: usize = 500;
const FIELDS: usize = 4;
const FIELD: usize = 255;
const PICTURE_DESCRIPTION: usize = 1500;

/// What is to be changed; `None` stays as it is.
#[derive(Clone, Debug, Default)]
#[expect(missing_docs, reason = "the names are those of the account and the user")]
pub struct Changes {
    pub display_name: Option<String>,
    pub note: Option<String>,
    pub locked: Option<bool>,
    pub bot: Option<bool>,
    pub discoverable: Option<bool>,
    pub indexable: Option<bool>,
    pub hide_collections: Option<bool>,
    /// Names and values of the profile table; rows without either are left out.
    pub fields: Option<Vec<(String, String)>>,
    pub avatar: Picture,
    pub avatar_description: Option<String>,
    pub header: Picture,
    pub header_description: Option<String>,
    pub default_visibility: Option<String>,
    pub default_sensitive: Option<bool>,
    /// Empty for none.
    pub default_language: Option<String>,
    pub default_quote_policy: Option<String>,
    /// A media type.
    pub default_format: Option<String>,
    /// The language of the interface.
    pub locale: Option<String>,
}

/// What becomes of a picture.
#[derive(Clone, Debug, Default)]
pub enum Picture {
    /// It stays.
    #[default]
    Same,
    /// The default one is shown again.
    None,
    /// A received file; the caller removes it afterwards if it is still there.
    New(PathBuf),
}

/// A value that breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Mastodon's name of the value.
    pub field: &'static str,
    /// Mastodon's code, such as `ERR_TOO_LONG`.
    pub code: &'static str,
    /// What is wrong, to follow the name of the value.
    pub description: String,
}

/// Why a profile was not changed.
#[derive(Debug, thiserror::Error)]
pub enum UpdateError {
    /// Values break rules.
    #[error("Validation failed: {}", sentences(.0))]
    Problems(Vec<Problem>),
    /// Anything else.
    #[error(transparent)]
    Other(#[from] AppError),
}

impl From<StoreError> for UpdateError {
    fn from(error: StoreError) -> Self {
        Self::Other(error.into())
    }
}

fn sentences(problems: &[Problem]) -> String {
    let sentence = |problem: &Problem| {
        let name = problem.field.replace('_', " ");
        let mut letters = name.chars();
        let first = letters.next().map(|first| first.to_ascii_uppercase());
        let name: String = first.into_iter().chain(letters).collect();
        format!("{name} {}", problem.description)
    };
    problems.iter().map(sentence).collect::<Vec<_>>().join(", ")
}

/// Changes the profile. Former pictures are removed after the commit.
///
/// # Errors
/// [`UpdateError::Problems`] names every value that breaks a rule; pictures are refused like
/// uploads.
pub async fn update(app: &Arc<App>, me: &Me, changes: Changes) -> Result<Me, UpdateError> {
    let problems = problems(&changes);
    if !problems.is_empty() {
        return Err(UpdateError::Problems(problems));
    }
    let pictures = Pictures {
        avatar: picture(app, &changes.avatar, Purpose::Avatar).await?,
        header: picture(app, &changes.header, Purpose::Header).await?,
    };
    let (context, id) = (app.clone(), me.id());
    app.write(move |conn| {
        Box::pin(async move {
            let account = accounts::locked(conn, id).await?.ok_or(AppError::NotFound)?;
            let user = users::by_account(conn, id).await?.ok_or(AppError::NotFound)?;
            let mut me = Me { account, user };
            apply_texts(&mut me.account, &changes);
            apply_defaults(&mut me.user, &changes);
            let unused = pictures.apply(conn, &mut me.account).await?;
            accounts::update_profile(conn, &me.account).await?;
            users::set_defaults(conn, &me.user).await?;
            uploads::remove_later(&context, conn, unused).await?;
            let told = Job::TellProfile { account: id };
            enqueue(&context, conn, &told, context.now().plus(SETTLES)).await?;
            if changes.fields.is_some() {
                links::queue(&context, conn, &me.account).await?;
            }
            Ok(me)
        })
    })
    .await
}

/// The new pictures, in the store but not yet referred to.
struct Pictures {
    avatar: Replacement,
    header: Replacement,
}

enum Replacement {
    Same,
    None,
    Stored(Kept),
}

async fn picture(app: &Arc<App>, picture: &Picture, purpose: Purpose) -> Result<Replacement> {
    let path = match picture {
        Picture::Same => return Ok(Replacement::Same),
        Picture::None => return Ok(Replacement::None),
        Picture::New(path) => path,
    };
    let field = if purpose == Purpose::Avatar { "Avatar" } else { "Header" };
    let processed = {
        let _place = uploads::place(app)?;
        let work = app.processor.process_image(path, purpose, Focus::default());
        work.await.map_err(|error| uploads::refuse(field, error))?
    };
    let file = (processed.original.path.clone(), Some(processed.original.media_type));
    Ok(Replacement::Stored(uploads::keep(app, vec![file]).await?))
}

impl Pictures {
    /// Answers with the keys that nothing refers to afterwards.
    async fn apply(self, conn: &mut Conn, account: &mut Account) -> Result<Vec<String>> {
        let mut unused = Vec::new();
        for (replacement, key) in
            [(self.avatar, &mut account.avatar), (self.header, &mut account.header)]
        {
            let now = match replacement {
                Replacement::Same => continue,
                Replacement::None => None,
                Replacement::Stored(kept) => {
                    kept.settle(conn).await?;
                    kept.keys.into_iter().next()
                }
            };
            unused.extend(std::mem::replace(key, now));
        }
        Ok(unused)
    }
}

fn apply_texts(account: &mut Account, changes: &Changes) {
    let text = |to: &mut String, from: &Option<String>| {
        if let Some(from) = from {
            from.trim().clone_into(to);
        }
    };
    let flag = |to: &mut bool, from: Option<bool>| *to = from.unwrap_or(*to);
    text(&mut account.display_name, &changes.display_name);
    text(&mut account.note, &changes.note);
    text(&mut account.avatar_description, &changes.avatar_description);
    text(&mut account.header_description, &changes.header_description);
    flag(&mut account.locked, changes.locked);
    flag(&mut account.bot, changes.bot);
    flag(&mut account.discoverable, changes.discoverable);
    flag(&mut account.indexable, changes.indexable);
    flag(&mut account.hide_collections, changes.hide_collections);
    if matches!(changes.avatar, Picture::None) {
        account.avatar_description.clear();
    }
    if matches!(changes.header, Picture::None) {
        account.header_description.clear();
    }
    if let Some(fields) = &changes.fields {
        account.fields = new_fields(fields, &account.fields);
    }
}

fn new_fields(fields: &[(String, String)], former: &[ProfileField]) -> Vec<ProfileField> {
    let field = |(name, value): (&str, &str)| ProfileField {
        name: name.to_owned(),
        value: value.to_owned(),
        verified_at: None,
    };
    let mut fields: Vec<ProfileField> = filled(fields).map(field).collect();
    links::keep_verified(&mut fields, former);
    fields
}

fn filled(fields: &[(String, String)]) -> impl Iterator<Item = (&str, &str)> {
    fields
        .iter()
        .map(|(name, value)| (name.trim(), value.trim()))
        .filter(|(name, value)| !name.is_empty() || !value.is_empty())
}

fn apply_defaults(user: &mut User, changes: &Changes) {
    if let Some(visibility) = changes.default_visibility.as_deref().and_then(Visibility::parse) {
        user.default_visibility = visibility;
    }
    if let Some(sensitive) = changes.default_sensitive {
        user.default_sensitive = sensitive;
    }
    if let Some(language) = &changes.default_language {
        user.default_language = Some(language.trim().to_owned()).filter(|code| !code.is_empty());
    }
    if let Some(policy) = &changes.default_quote_policy {
        user.default_quote_policy.clone_from(policy);
    }
    if let Some(format) = changes.default_format.as_deref().and_then(Format::parse) {
        user.default_format = format;
    }
    if let Some(locale) = &changes.locale {
        user.locale.clone_from(locale);
    }
}

/// Everything that breaks a rule, looked at before any picture is.
fn problems(changes: &Changes) -> Vec<Problem> {
    let mut found = Vec::new();
    let lengths = [
        ("display_name", &changes.display_name, DISPLAY_NAME),
        ("avatar_description", &changes.avatar_description, PICTURE_DESCRIPTION),
        ("header_description", &changes.header_description, PICTURE_DESCRIPTION),
    ];
    for (field, text, most) in lengths {
        if text.as_ref().is_some_and(|text| text.trim().chars().count() > most) {
            found.push(too_long(field, most));
        }
    }
    if changes.note.as_ref().is_some_and(|note| domain::text::length(note.trim(), "") > NOTE) {
        found.push(too_long("note", NOTE));
    }
    if let Some(fields) = &changes.fields {
        found.extend(field_problems(fields));
    }
    let visibility = changes.default_visibility.as_deref();
    let known =
        |name: &str| Visibility::parse(name).is_some_and(|known| known != Visibility::Direct);
    if visibility.is_some_and(|name| !known(name)) {
        found.push(not_in_list("default_privacy"));
    }
    if changes.default_language.as_ref().is_some_and(|code| !is_language(code)) {
        found.push(not_in_list("default_language"));
    }
    let policy = changes.default_quote_policy.as_deref();
    if policy.is_some_and(|name| !["public", "followers", "nobody"].contains(&name)) {
        found.push(not_in_list("default_quote_policy"));
    }
    if changes.locale.as_ref().is_some_and(|code| code.is_empty() || !is_language(code)) {
        found.push(not_in_list("locale"));
    }
    if changes.default_format.as_deref().is_some_and(|name| Format::parse(name).is_none()) {
        found.push(not_in_list("default_content_type"));
    }
    found
}

fn field_problems(fields: &[(String, String)]) -> Option<Problem> {
    if filled(fields).count() > FIELDS {
        return Some(Problem {
            field: "fields",
            code: "ERR_TOO_LONG",
            description: format!("are too many (maximum is {FIELDS})"),
        });
    }
    let long = |text: &str| text.chars().count() > FIELD;
    if filled(fields).any(|(name, value)| long(name) || long(value)) {
        return Some(Problem {
            field: "fields",
            code: "ERR_TOO_LONG",
            description: format!("have a name or value over {FIELD} characters"),
        });
    }
    filled(fields).any(|(name, _)| name.is_empty()).then(|| Problem {
        field: "fields",
        code: "ERR_BLANK",
        description: "contain values with missing labels".to_owned(),
    })
}

fn is_language(code: &str) -> bool {
    code.is_empty()
        || ((2..=16).contains(&code.len())
            && code.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'))
}

fn too_long(field: &'static str, most: usize) -> Problem {
    let description = format!("is too long (maximum is {most} characters)");
    Problem { field, code: "ERR_TOO_LONG", description }
}

fn not_in_list(field: &'static str) -> Problem {
    let description = "is not included in the list".to_owned();
    Problem { field, code: "ERR_INCLUSION", description }
}
