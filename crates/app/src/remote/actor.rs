//! Accounts of other servers: asked for one at a time, checked, written as a whole.

use std::sync::Arc;

use activitypub::{Actor, ActorKind, Object, Uri};
use domain::account::{Account, ForeignEmoji, ProfileField};
use domain::{AccountId, Timestamp};
use store::remote_accounts::{self, Described, RemoteAccount};
use store::{Conn, accounts, tombstones};

use super::fetch::{Found, object};
use super::policy::{Standing, standing};
use super::{Budget, attach, forget, known, policy, text, webfinger};
use crate::accounts::links;
use crate::{App, AppError, Result};

/// Longest shown name and name of a profile field, in characters.
const NAME: usize = 2_048;

/// Asks an account's server for it and keeps what it says. Of several that ask for the same one,
/// one does; what failed lately fails at once (F09).
pub(super) async fn fetch(app: &Arc<App>, id: &Uri, budget: &mut Budget) -> Result<Account> {
    let id = id.without_fragment();
    let gate = app.remote.gate(id.as_str());
    let (_held, has_waited) = match gate.try_lock() {
        Ok(held) => (held, false),
        Err(_) => (gate.lock().await, true),
    };
    match app.remote.failure(id.as_str(), app.now()) {
        Some(true) => return Err(AppError::Busy(format!("{} did not answer lately", id.host()))),
        Some(false) => return Err(AppError::NotFound),
        None => {}
    }
    if has_waited && let Some((account, _)) = known(app, &id).await? {
        return Ok(account);
    }
    match fetch_now(app, &id, budget).await {
        Ok(account) => {
            app.remote.note_success(id.as_str(), app.now());
            Ok(account)
        }
        Err(error) => {
            let transient = matches!(error, AppError::Busy(_));
            app.remote.note_failure(id.as_str(), transient, app.now());
            Err(error)
        }
    }
}

async fn fetch_now(app: &Arc<App>, id: &Uri, budget: &mut Budget) -> Result<Account> {
    match object(app, id, budget).await? {
        Found::There(Object::Actor(actor)) => {
            let domain = webfinger::domain_of(app, &actor, budget).await?;
            save(app, *actor, domain).await
        }
        // A server that is being set up anew says this of everybody; who is gone, it says otherwise.
        Found::There(_) | Found::Missing => Err(AppError::NotFound),
        Found::Gone => {
            forget::account_at(app, id).await?;
            Err(AppError::NotFound)
        }
    }
}

/// What an account says of itself in a signed Update. A new name is not believed without WebFinger:
/// then everything is asked for.
pub(crate) async fn save_update(
    app: &Arc<App>,
    account: &Account,
    actor: Actor,
    budget: &mut Budget,
) -> Result<Account> {
    match &account.domain {
        Some(domain) if actor.preferred_username == account.username => {
            save(app, actor, domain.clone()).await
        }
        _ => fetch_now(app, &actor.id, budget).await,
    }
}

async fn save(app: &Arc<App>, actor: Actor, domain: String) -> Result<Account> {
    let context = app.clone();
    app.write(move |conn| {
        Box::pin(async move {
            let app = context.as_ref();
            if tombstones::stands(conn, actor.id.as_str()).await? {
                return Err(AppError::NotFound);
            }
            for host in [actor.id.host(), domain.clone()] {
                if standing(app, conn, &host).await? == Standing::Closed {
                    return Err(AppError::Forbidden("This account is suspended here".into()));
                }
            }
            make_room(app, conn, &actor, &domain).await?;
            let mut described = describe(app, conn, &actor, &domain).await?;
            let before = accounts::by_uri(conn, actor.id.as_str()).await?;
            if let Some(before) = &before {
                links::keep_verified(&mut described.account.fields, &before.fields);
            }
            let id = remote_accounts::upsert(conn, &described, app.now()).await?;
            if before.is_some_and(|before| before.fields != described.account.fields)
                && remote_accounts::has_local_follower(conn, id).await?
            {
                let account = Account { id, ..described.account };
                links::queue(app, conn, &account).await?;
            }
            // The date of the rule, by which lifting it finds the account.
            if let Some(since) = policy::limited_since(conn, &domain).await? {
                remote_accounts::limit(conn, id, since).await?;
            }
            note_move(conn, id, &actor).await?;
            accounts::by_id(conn, id).await?.ok_or(AppError::NotFound)
        })
    })
    .await
}

/// A handle belongs to whom its domain names now. An account that had it before, under another id,
/// is no longer there.
async fn make_room(app: &App, conn: &mut Conn, actor: &Actor, domain: &str) -> Result<()> {
    let before = accounts::by_handle(conn, &actor.preferred_username, Some(domain)).await?;
    match before {
        Some(before) if before.uri.as_deref() != Some(actor.id.as_str()) => {
            if before.suspended_at.is_some() {
                // A suspension does not end by a new id.
                return Err(AppError::Forbidden("This account is suspended here".into()));
            }
            forget::account_now(app, conn, &before).await
        }
        _ => Ok(()),
    }
}

/// Where an account went counts when the other one names it back (F15); what both said last is
/// enough to show it, the move itself is another matter.
async fn note_move(conn: &mut Conn, id: AccountId, actor: &Actor) -> Result<()> {
    let mut to = None;
    if let Some(target) = &actor.moved_to
        && let Some(target) = accounts::by_uri(conn, target.as_str()).await?
        && let Some(remote) = remote_accounts::by_account(conn, target.id).await?
        && remote.also_known_as.iter().any(|alias| alias == actor.id.as_str())
        && target.id != id
    {
        to = Some(target.id);
    }
    let at = remote_accounts::moved_at(conn, id).await?;
    Ok(remote_accounts::set_moved(conn, id, to, at).await?)
}

async fn describe(app: &App, conn: &mut Conn, actor: &Actor, domain: &str) -> Result<Described> {
    let avatar = match &actor.icon {
        Some(icon) => attach::refer(app, conn, &icon.url).await?,
        None => None,
    };
    let header = match &actor.image {
        Some(image) => attach::refer(app, conn, &image.url).await?,
        None => None,
    };
    let emojis = attach::emojis(app, conn, &actor.emojis).await?;
    let id: AccountId = app.ids.next();
    Ok(Described {
        account: account(app, actor, domain, (avatar, header), emojis, id),
        remote: remote(app, actor, id),
        keys: actor
            .public_keys
            .iter()
            // A key counts only where its owner names it, and on the owner's own origin (F04).
            .filter(|key| key.owner == actor.id && key.id.same_origin(&actor.id))
            .map(|key| (key.id.as_str().to_owned(), key.pem.clone()))
            .collect(),
    })
}

fn account(
    app: &App,
    actor: &Actor,
    domain: &str,
    (avatar, header): (Option<String>, Option<String>),
    emojis: Vec<ForeignEmoji>,
    id: AccountId,
) -> Account {
    let description = |picture: Option<&activitypub::Attachment>| {
        let text = picture.and_then(|picture| picture.description.as_deref());
        text::line(text.unwrap_or_default(), crate::uploads::DESCRIPTION)
    };
    Account {
        id,
        username: actor.preferred_username.clone(),
        domain: Some(domain.to_owned()),
        uri: Some(actor.id.as_str().to_owned()),
        url: Some(actor.url.as_ref().unwrap_or(&actor.id).as_str().to_owned()),
        display_name: text::line(actor.name.as_deref().unwrap_or_default(), NAME),
        note: actor.summary.as_deref().map(text::clean).unwrap_or_default(),
        fields: actor
            .fields
            .iter()
            .map(|(name, value)| ProfileField {
                name: text::line(name, NAME),
                value: text::clean(value),
                verified_at: None,
            })
            .collect(),
        avatar,
        avatar_description: description(actor.icon.as_ref()),
        header,
        header_description: description(actor.image.as_ref()),
        locked: actor.manually_approves_followers,
        bot: matches!(actor.kind, ActorKind::Service | ActorKind::Application),
        discoverable: actor.discoverable.unwrap_or(false),
        indexable: actor.indexable,
        hide_collections: false,
        followers_count: 0,
        following_count: 0,
        statuses_count: 0,
        last_status_at: None,
        created_at: actor.published.unwrap_or_else(|| app.now()).clamp(Timestamp(0), app.now()),
        suspended_at: None,
        silenced_at: None,
        sensitized_at: None,
        moved_to: None,
        is_group: actor.kind == ActorKind::Group,
        memorial: actor.memorial,
        emojis,
    }
}

fn remote(app: &App, actor: &Actor, id: AccountId) -> RemoteAccount {
    // What belongs to an actor lies where it lies itself (O09: no mail to others in its name).
    let own = |uri: Option<&Uri>| {
        uri.filter(|uri| uri.same_origin(&actor.id)).map(|uri| uri.as_str().to_owned())
    };
    RemoteAccount {
        account_id: id,
        host: actor.id.host(),
        kind: match actor.kind {
            ActorKind::Person => "person",
            ActorKind::Service => "service",
            ActorKind::Application => "application",
            ActorKind::Group => "group",
            ActorKind::Organization => "organization",
        }
        .to_owned(),
        inbox: spelled(&actor.inbox),
        shared_inbox: actor
            .shared_inbox
            .as_ref()
            .filter(|inbox| inbox.same_origin(&actor.id))
            .map(spelled),
        outbox: own(actor.outbox.as_ref()),
        followers_uri: own(actor.followers.as_ref()),
        following_uri: own(actor.following.as_ref()),
        featured_uri: own(actor.featured.as_ref()),
        featured_tags_uri: own(actor.featured_tags.as_ref()),
        moved_to_uri: actor.moved_to.as_ref().map(|uri| uri.as_str().to_owned()),
        also_known_as: actor.also_known_as.iter().map(|uri| uri.as_str().to_owned()).collect(),
        attribution_domains: actor.attribution_domains.clone(),
        fetched_at: app.now(),
        backfilled_at: None,
    }
}

/// An address as the URL parser writes it: planned deliveries compare its beginning with the host.
fn spelled(uri: &Uri) -> String {
    uri.url().map_or_else(|| uri.to_string(), String::from)
}

/// The account if it may do things here.
pub(super) async fn admitted(app: &Arc<App>, account: Account) -> Result<Account> {
    let context = app.clone();
    app.read(move |conn| {
        Box::pin(async move {
            policy::check_account(&context, conn, &account).await?;
            Ok(account)
        })
    })
    .await
}
