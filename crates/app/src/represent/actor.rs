//! Accounts of this server, and the server itself.

use activitypub::{Actor, ActorKind, Attachment, Emoji, PublicKey, Uri};
use domain::account::Account;
use domain::text::{LinkStyle, Render, render};
use store::{accounts, aliases};

use super::uri;
use crate::{App, AppError, Result, keys};

/// A local account.
///
/// # Errors
/// [`AppError::Store`], [`AppError::Internal`] when its key cannot be made or read.
pub async fn actor(app: &App, account: &Account) -> Result<Actor> {
    let key = keys::of_account(app, account).await?;
    let id = app.urls.actor(account);
    let below = |tail: &str| uri(&format!("{id}/{tail}"));
    let elsewhere = elsewhere(app, account).await?;
    let kind = if account.bot { ActorKind::Service } else { ActorKind::Person };
    let blank;
    let account = if account.suspended_at.is_some() {
        blank = blanked(account);
        &blank
    } else {
        account
    };
    let texts = account.fields.iter().flat_map(|field| [&field.name, &field.value]);
    let emojis = emojis(app, [&account.display_name, &account.note].into_iter().chain(texts));
    Ok(Actor {
        kind,
        preferred_username: account.username.clone(),
        webfinger: Some(format!("{}@{}", account.username, app.urls.domain)),
        name: Some(account.display_name.clone()),
        summary: Some(html(app, &account.note, LinkStyle::Status)),
        url: Some(uri(&app.urls.profile(account))?),
        inbox: below("inbox")?,
        shared_inbox: Some(uri(&app.urls.shared_inbox())?),
        outbox: Some(below("outbox")?),
        followers: Some(below("followers")?),
        following: Some(below("following")?),
        featured: Some(below("collections/featured")?),
        featured_tags: Some(below("collections/tags")?),
        icon: picture(app, account.avatar.as_deref(), &account.avatar_description)?,
        image: picture(app, account.header.as_deref(), &account.header_description)?,
        fields: fields(app, account),
        emojis,
        hashtags: Vec::new(),
        manually_approves_followers: account.locked,
        discoverable: Some(account.discoverable),
        indexable: account.indexable,
        memorial: account.memorial,
        suspended: account.suspended_at.is_some(),
        moved_to: elsewhere.moved_to,
        also_known_as: elsewhere.aliases,
        attribution_domains: Vec::new(),
        public_keys: vec![PublicKey {
            id: uri(&key.signing.key_id)?,
            owner: uri(&id)?,
            pem: key.public_pem.clone(),
        }],
        published: Some(account.created_at.midnight()),
        id: uri(&id)?,
    })
}

/// A suspended account is there, so that its key can be found, but nothing of it is shown.
fn blanked(account: &Account) -> Account {
    Account {
        display_name: String::new(),
        note: String::new(),
        fields: Vec::new(),
        avatar: None,
        header: None,
        discoverable: false,
        indexable: false,
        ..account.clone()
    }
}

/// The server's own actor, which signs requests. Whoever verifies one of them reads this: it needs
/// no signature itself.
///
/// # Errors
/// As [`actor`].
pub async fn instance_actor(app: &App) -> Result<Actor> {
    let key = keys::of_instance(app).await?;
    let id = uri(&app.urls.instance_actor())?;
    let below = |tail: &str| uri(&format!("{id}/{tail}"));
    Ok(Actor {
        kind: ActorKind::Application,
        preferred_username: app.urls.instance_name(),
        webfinger: Some(format!("{}@{}", app.urls.instance_name(), app.urls.domain)),
        name: None,
        summary: None,
        url: Some(uri(&format!("{}/about", app.urls.base))?),
        inbox: below("inbox")?,
        shared_inbox: Some(uri(&app.urls.shared_inbox())?),
        outbox: Some(below("outbox")?),
        followers: None,
        following: None,
        featured: None,
        featured_tags: None,
        icon: None,
        image: None,
        fields: Vec::new(),
        emojis: Vec::new(),
        hashtags: Vec::new(),
        manually_approves_followers: true,
        discoverable: None,
        indexable: false,
        memorial: false,
        suspended: false,
        moved_to: None,
        also_known_as: Vec::new(),
        attribution_domains: Vec::new(),
        public_keys: vec![PublicKey {
            id: uri(&key.signing.key_id)?,
            owner: id.clone(),
            pem: key.public_pem.clone(),
        }],
        published: None,
        id,
    })
}

/// The same person under other ids.
struct Elsewhere {
    aliases: Vec<Uri>,
    moved_to: Option<Uri>,
}

async fn elsewhere(app: &App, account: &Account) -> Result<Elsewhere> {
    let (id, moved_to) = (account.id, account.moved_to);
    let (aliases, moved_to) = app
        .read(move |conn| {
            Box::pin(async move {
                let moved_to = match moved_to {
                    Some(target) => accounts::by_id(conn, target).await?,
                    None => None,
                };
                Ok::<_, AppError>((aliases::of(conn, id).await?, moved_to))
            })
        })
        .await?;
    Ok(Elsewhere {
        aliases: aliases.iter().filter_map(|alias| Uri::parse(alias)).collect(),
        moved_to: moved_to.and_then(|target| Uri::parse(&app.urls.actor(&target))),
    })
}

fn picture(app: &App, key: Option<&str>, description: &str) -> Result<Option<Attachment>> {
    let Some(key) = key else { return Ok(None) };
    Ok(Some(Attachment {
        url: uri(&app.urls.file(key))?,
        media_type: media_type(key).map(Into::into),
        description: (!description.is_empty()).then(|| description.to_owned()),
        blurhash: None,
        width: None,
        height: None,
        focal_point: None,
        preview: None,
    }))
}

/// The type that the name of a stored picture tells.
fn media_type(key: &str) -> Option<&'static str> {
    match key.rsplit_once('.')?.1 {
        "png" => Some("image/png"),
        "jpg" | "jpeg" => Some("image/jpeg"),
        "gif" => Some("image/gif"),
        "webp" => Some("image/webp"),
        _ => None,
    }
}

fn fields(app: &App, account: &Account) -> Vec<(String, String)> {
    let cell = |text: &str| {
        // A cell is no paragraph.
        html(app, text, LinkStyle::ProfileField).replace("<p>", "").replace("</p>", "")
    };
    account.fields.iter().map(|field| (field.name.clone(), cell(&field.value))).collect()
}

fn html(app: &App, text: &str, links: LinkStyle) -> String {
    render(text, &Render { base: &app.urls.base, resolve: &|_, _| None, links })
}

/// Custom emoji of this server that stand in these texts.
pub(super) fn emojis<'t>(app: &App, texts: impl Iterator<Item = &'t String>) -> Vec<Emoji> {
    let catalog = app.emojis.get();
    if catalog.0.is_empty() {
        return Vec::new();
    }
    let mut codes: Vec<String> =
        texts.flat_map(|text| domain::text::emoji::shortcodes(text)).collect();
    codes.sort();
    codes.dedup();
    let known = codes.iter().filter_map(|code| catalog.0.get(code));
    known
        .filter_map(|emoji| {
            Some(Emoji {
                id: Uri::parse(&format!("{}/emojis/{}", app.urls.base, emoji.shortcode)),
                shortcode: emoji.shortcode.clone(),
                url: Uri::parse(&emoji.url)?,
                updated: None,
            })
        })
        .collect()
}
