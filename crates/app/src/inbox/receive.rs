//! The door: signature, signer and room are looked at, then the activity is queued, and only then
//! acknowledged. Nothing here waits for another host but the one whose key is asked for.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use activitypub::sign::{self, Received as Request, Signature, SignatureError};
use activitypub::{Activity, Object, Uri, Verb, parse};
use domain::Timestamp;
use domain::account::Account;
use domain::time::{DAY, MINUTE, SECOND};
use sha2::{Digest, Sha256};
use store::jobs::Lane;
use store::{Conn, accounts};

use super::{Post, Received, synchronize};
use crate::rates::{Limit, Subject};
use crate::remote::{policy, signer};
use crate::{App, AppError, Result};

/// Most activities that wait, of one host and in all (R09).
const MOST_OF_HOST: i64 = 5_000;
const MOST: i64 = 50_000;

/// For how long the edge keeps deliveries at most.
const KEPT: i64 = 3 * DAY;

/// How many activities wait, in all and of each host, counted anew once a second at most: in
/// between, what comes is added and what is done is not seen.
#[derive(Default)]
pub struct Waiting(Mutex<HashMap<String, (i64, Timestamp)>>);

/// Stands for all hosts.
const ALL: &str = "";
/// Most hosts whose numbers are remembered.
const MOST_COUNTED: usize = 4_096;

impl Waiting {
    /// The number, unless it must be counted anew.
    fn get(&self, host: &str, now: Timestamp) -> Option<i64> {
        let counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (count, at) = counted.get(host)?;
        (0..SECOND).contains(&now.since(*at)).then_some(*count)
    }

    /// One more was queued.
    fn one_more(&self, host: &str) {
        let mut counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for name in [ALL, host] {
            if let Some((count, _)) = counted.get_mut(name) {
                *count += 1;
            }
        }
    }

    fn set(&self, host: &str, count: i64, now: Timestamp) {
        let mut counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if counted.len() >= MOST_COUNTED {
            counted.retain(|_, (_, at)| (0..SECOND).contains(&now.since(*at)));
        }
        if counted.len() < MOST_COUNTED {
            counted.insert(host.to_owned(), (count, now));
        }
    }
}

/// Takes an activity: size, digest, signature and signer are checked, then it is queued.
///
/// # Errors
/// [`AppError::Unauthorized`] for the signature, [`AppError::BadRequest`] for the body,
/// [`AppError::Forbidden`] for a blocked domain, [`AppError::Busy`] when too much waits or the key
/// cannot be asked for.
pub async fn receive(app: &Arc<App>, post: Post<'_>) -> Result<()> {
    if !app.config.federation.enabled {
        return Err(AppError::Forbidden("This server does not federate".into()));
    }
    let base = app.urls.base.as_str();
    let request = Request {
        method: post.method,
        path_and_query: post.path_and_query,
        bases: &[base],
        headers: post.headers,
    };
    let judged_at = judged_at(app.now(), post.received_at);
    let signature = sign::read(request, Some(post.body), judged_at).map_err(refused)?;
    let activity = parse::activity(post.body)
        .map_err(|error| AppError::BadRequest(format!("The activity cannot be read: {error}")))?;
    let key_id = Uri::parse(&signature.key_id)
        .ok_or_else(|| AppError::BadRequest("The key id is no address".into()))?;
    let host = key_id.host();
    let look = look(app, &activity, &host, &signature.key_id).await?;
    if look.is_farewell_of_stranger {
        return Ok(());
    }
    if look.waiting.0 >= MOST || look.waiting.1 >= MOST_OF_HOST {
        return Err(AppError::Busy("Too much waits to be done; try again later".into()));
    }
    let admitted = look.signer.as_ref().filter(|_| look.is_admitted).map(|(known, _)| known.id);
    let signer = verify(app, &signature, look.signer, post.from).await?;
    if admitted != Some(signer.id) {
        admit(app, &signer).await?;
    }
    let is_forwarded = is_forwarded(&activity, &signer)?;
    queue(app, post.body, &activity, host, is_forwarded).await?;
    if !is_forwarded {
        // The activity is taken whatever becomes of this.
        if let Err(error) = synchronize::look(app, &signer, post.headers).await {
            tracing::warn!(%error, "followers were not compared");
        }
    }
    Ok(())
}

/// When the age of a signature counts: what waited at the edge has not become older by that.
fn judged_at(now: Timestamp, received_at: Option<Timestamp>) -> Timestamp {
    received_at.filter(|at| (0..=KEPT).contains(&now.since(*at))).unwrap_or(now)
}

/// What is known here before a signature is believed.
struct Look {
    /// An account that was never seen here says that it is gone or changed: nothing to do, and
    /// nobody to ask for the key (federation.md §3).
    is_farewell_of_stranger: bool,
    /// How many activities wait, in all and of the host.
    waiting: (i64, i64),
    /// Whose key is named, and the key.
    signer: Option<(Account, String)>,
    /// That account may do things here.
    is_admitted: bool,
}

/// Looks everything up that must be known, in one go. Refuses hosts that this server has nothing to
/// do with.
async fn look(app: &Arc<App>, activity: &Activity, host: &str, key_id: &str) -> Result<Look> {
    let now = app.now();
    let counted = (app.inbox.get(ALL, now), app.inbox.get(host, now));
    let hosts = (host.to_owned(), activity.actor.host());
    let key_id = key_id.to_owned();
    let concerns_itself = activity.object.id() == Some(&activity.actor)
        && matches!(activity.verb, Verb::Delete | Verb::Update);
    let leaver = concerns_itself.then(|| activity.actor.as_str().to_owned());
    let context = app.clone();
    let look = app
        .read(move |conn| {
            Box::pin(async move {
                let app = context.as_ref();
                let mut known = policy::Known::default();
                known.refuse_closed(app, conn, &hosts.0).await?;
                known.refuse_closed(app, conn, &hosts.1).await?;
                let is_farewell_of_stranger = match leaver {
                    Some(uri) => accounts::by_uri(conn, &uri).await?.is_none(),
                    None => false,
                };
                let waiting = count(conn, counted, &hosts.0).await?;
                let signer = signer::find(conn, &key_id).await?;
                let is_admitted = match &signer {
                    Some((account, _)) => known.is_admitted(app, conn, account).await?,
                    None => false,
                };
                Ok::<_, AppError>(Look { is_farewell_of_stranger, waiting, signer, is_admitted })
            })
        })
        .await?;
    for (name, known, number) in
        [(ALL, counted.0, look.waiting.0), (host, counted.1, look.waiting.1)]
    {
        if known.is_none() {
            app.inbox.set(name, number, now);
        }
    }
    Ok(look)
}

/// The numbers of those that wait, counted where they are not known.
async fn count(
    conn: &mut Conn,
    known: (Option<i64>, Option<i64>),
    host: &str,
) -> Result<(i64, i64)> {
    let all = match known.0 {
        Some(known) => known,
        None => store::jobs::waiting(conn, Lane::Inbox).await?,
    };
    let of_host = match known.1 {
        Some(known) => known,
        None => store::jobs::waiting_of(conn, Lane::Inbox, host, MOST_OF_HOST).await?,
    };
    Ok((all, of_host))
}

/// Signatures that nobody made, from one address, after which no other server is asked because of it
/// for a while: otherwise anybody could have this server ask a third one, one question a key id (F09).
const FORGERIES: Limit = Limit { name: "forged signatures", most: 30, window: 5 * MINUTE };

/// Whose signature it is. This machine's own addresses are not counted: a reverse proxy here speaks
/// for everybody.
async fn verify(
    app: &Arc<App>,
    signature: &Signature,
    known: Option<(Account, String)>,
    from: Option<IpAddr>,
) -> Result<Account> {
    let subject = from.filter(|from| !from.to_canonical().is_loopback()).map(Subject::address);
    let Some(subject) = subject else {
        return signer::signer_from(app, signature, known).await;
    };
    if app.rates.is_exceeded(FORGERIES, subject, app.now()) {
        return signer::check(signature, known);
    }
    let found = signer::signer_from(app, signature, known).await;
    if matches!(found, Err(AppError::Unauthorized(_))) {
        // Counting is all that is wanted here.
        let _ = app.rates.count(FORGERIES, subject, app.now());
    }
    found
}

fn refused(error: SignatureError) -> AppError {
    match error {
        SignatureError::Malformed(_) => AppError::BadRequest(error.to_string()),
        other => AppError::Unauthorized(other.to_string()),
    }
}

/// A suspended signer is refused, whatever it sends (F13).
async fn admit(app: &Arc<App>, signer: &Account) -> Result<()> {
    let (context, signer) = (app.clone(), signer.clone());
    app.read(move |conn| {
        Box::pin(async move { policy::check_account(&context, conn, &signer).await })
    })
    .await
}

/// The signer is the actor (F05). What another server passes on says only where to look: it must be
/// something that its own origin can be asked for (F10).
fn is_forwarded(activity: &Activity, signer: &Account) -> Result<bool> {
    if signer.uri.as_deref() == Some(activity.actor.as_str()) {
        return Ok(false);
    }
    let of_signer = signer.uri.as_deref().and_then(Uri::parse);
    let is_elsewhere = of_signer.is_some_and(|own| !own.same_origin(&activity.actor));
    let can_be_asked_for = matches!(activity.verb, Verb::Create | Verb::Update | Verb::Delete)
        && !matches!(activity.object, Object::Actor(_))
        && activity
            .object
            .id()
            .is_some_and(|id| id.same_origin(&activity.actor) && *id != activity.actor);
    if is_elsewhere && can_be_asked_for {
        return Ok(true);
    }
    Err(AppError::Unauthorized("The signature is not by the actor of the activity".into()))
}

async fn queue(
    app: &Arc<App>,
    body: &[u8],
    activity: &Activity,
    host: String,
    is_forwarded: bool,
) -> Result<()> {
    let body = std::str::from_utf8(body)
        .map_err(|_| AppError::BadRequest("The activity is no text".into()))?
        .to_owned();
    let hash = hash(activity, &body, is_forwarded);
    let subject = subject(activity).map(|uri| uri.as_str().to_owned());
    let of_host = host.clone();
    app.door.take(app, Received { body, host, hash, is_forwarded, subject }).await?;
    app.inbox.one_more(&of_host);
    Ok(())
}

/// What an activity makes, changes or takes back.
fn subject(activity: &Activity) -> Option<&Uri> {
    match activity.verb {
        Verb::Create | Verb::Update | Verb::Delete | Verb::Undo => activity.object.id(),
        _ => activity.id.as_ref(),
    }
}

/// Names an activity. The actor is part of it, so that nobody can use up the id of somebody else's;
/// so is whether it was passed on.
fn hash(activity: &Activity, body: &str, is_forwarded: bool) -> String {
    let mut hasher = Sha256::new();
    hasher.update(if is_forwarded { "forwarded\n" } else { "\n" });
    hasher.update(activity.actor.as_str());
    hasher.update("\n");
    hasher.update(activity.id.as_ref().map_or(body, Uri::as_str));
    hex::encode(hasher.finalize())
}
