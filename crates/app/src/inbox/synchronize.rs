//! Followers synchronisation (FEP-8fcf), as the one who is told: another server says by a digest who here it takes for followers of
//! an account of it. When that is not who follows it as far as this server knows, the list is asked for, and both are
//! brought to agree. So a lost Undo or Reject does not leave somebody reading, for good, what is not for them.
//!
//! Source: <https://codeberg.org/fediverse/fep/src/branch/main/fep/8fcf/fep-8fcf.md>.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use activitypub::{Object, Uri};
use domain::account::Account;
use domain::time::{MINUTE, SECOND};
use domain::{AccountId, RowId, Timestamp};
use http::HeaderMap;
use store::{Conn, accounts, relations, remote_accounts};

use crate::delivery::{self, SYNC_HEADER, followers_digest};
use crate::jobs::{self, Job};
use crate::rates::{Limit, Subject};
use crate::relations::end;
use crate::remote::{Budget, collection_items, local};
use crate::{App, Result};

/// Longest header that is looked at.
const LONGEST: usize = 2_048;
/// Most followers here that are compared; an account with more is left as it is.
const MOST: i64 = 5_000;
/// A yes or no that is on its way arrives first.
const PATIENCE: i64 = MINUTE;
/// Requests for one list: it comes in one page, as a rule.
const BUDGET: u32 = 12;
/// Follows that are ended in one transaction.
const AT_ONCE: usize = 100;
/// Of those who do not follow no more say so for one list when so many have; what is left is said for the next.
const MOST_DENIED: usize = 100;
/// How long one list may take. Profiles and threads of others stand in the same line.
const LONGEST_LIST: Duration = Duration::from_secs(30);
/// How often what is known of an account's followers is looked up because of a header.
const LOOKS: Limit = Limit { name: "headers of followers", most: 20, window: MINUTE };
/// How often the list of one account is asked for.
const LIST: Limit = Limit { name: "list of followers", most: 1, window: PATIENCE };
/// Lists that one domain has this server ask for, however many accounts it has.
const LISTS: Limit = Limit { name: "lists of followers", most: 20, window: 10 * MINUTE };
/// They are asked for one after the other, so that slow ones leave places to others.
const APART: i64 = 10 * SECOND;

/// What another server says of who here follows an account of it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Claim {
    digest: String,
    url: Uri,
}

/// Reads the header of a request that `signer` signed, and queues a comparison when it disagrees with what is known.
///
/// # Errors
/// [`AppError::Store`].
pub(super) async fn look(app: &Arc<App>, signer: &Account, headers: &HeaderMap) -> Result<()> {
    let Some(header) = headers.get(SYNC_HEADER).and_then(|value| value.to_str().ok()) else {
        return Ok(());
    };
    let (id, own) = (signer.id, signer.uri.as_deref().and_then(Uri::parse));
    let Some((collection, claim)) = own.and_then(|own| claim(header, &own)) else {
        return Ok(());
    };
    if app.rates.count(LOOKS, Subject::User(id.0), app.now()).exceeded {
        return Ok(());
    }
    let Some((followers, here)) = known(app, id).await? else { return Ok(()) };
    if collection != followers || agrees(&claim, &here) {
        return Ok(());
    }
    let domain = domain::host::registrable(&claim.url.host());
    if app.rates.count(LIST, Subject::User(id.0), app.now()).exceeded {
        return Ok(());
    }
    let lists = app.rates.count(LISTS, Subject::named(&domain), app.now());
    if lists.exceeded {
        return Ok(());
    }
    let before = i64::from(lists.limit.saturating_sub(lists.remaining).saturating_sub(1));
    let run_at = app.now().plus(PATIENCE + before * APART);
    let job = Job::SyncFollowers { account: id, digest: claim.digest, url: claim.url.to_string() };
    let context = app.clone();
    app.write(move |conn| {
        Box::pin(async move { jobs::enqueue(&context, conn, &job, run_at).await })
    })
    .await
}

/// Runs the job: asks for the list, and acts on it if it is the one that the digest speaks of.
pub(crate) async fn run(app: &Arc<App>, id: AccountId, digest: &str, url: &str) -> Result<()> {
    let Some((_, here)) = known(app, id).await? else { return Ok(()) };
    let Some(url) = Uri::parse(url) else { return Ok(()) };
    let claim = Claim { digest: digest.to_owned(), url };
    if agrees(&claim, &here) {
        return Ok(());
    }
    let most = usize::try_from(MOST).unwrap_or_default();
    let mut budget = Budget::new(BUDGET);
    let items = collection_items(app, &claim.url, most, &mut budget);
    let Ok(items) = tokio::time::timeout(LONGEST_LIST, items).await else { return Ok(()) };
    let items = items?;
    let listed: BTreeSet<String> =
        items.iter().filter_map(Object::id).map(|id| id.as_str().to_owned()).collect();
    // A list that is not whole, or has changed since, proves nothing.
    if followers_digest(listed.iter().map(String::as_str)) != claim.digest {
        return Ok(());
    }
    let gone: Vec<AccountId> =
        here.iter().filter(|(uri, _)| !listed.contains(*uri)).map(|(_, id)| *id).collect();
    let strange: Vec<String> = listed.into_iter().filter(|uri| !here.contains_key(uri)).collect();
    for part in gone.chunks(AT_ONCE) {
        let part = part.to_vec();
        app.write(move |conn| Box::pin(async move { let_go(conn, &part, id).await })).await?;
    }
    let mut denied = 0;
    for part in strange.chunks(AT_ONCE) {
        let (context, part) = (app.clone(), part.to_vec());
        denied += app
            .write(move |conn| Box::pin(async move { deny(&context, conn, &part, id).await }))
            .await?;
        if denied >= MOST_DENIED {
            break;
        }
    }
    Ok(())
}

/// They follow no longer: the other server does not know of it.
async fn let_go(conn: &mut Conn, followers: &[AccountId], account: AccountId) -> Result<()> {
    for follower in followers {
        end(conn, *follower, account).await?;
    }
    Ok(())
}

/// Says of those who do not follow that they do not: once of each, whatever else the list calls them. How many that were.
async fn deny(app: &App, conn: &mut Conn, uris: &[String], account: AccountId) -> Result<usize> {
    let Some(target) = accounts::by_id(conn, account).await? else { return Ok(0) };
    let mut denied = 0;
    for uri in uris {
        let Some(me) = local::local_account(app, conn, uri).await? else { continue };
        if app.urls.actor(&me) != *uri {
            continue;
        }
        let found = relations::relations(conn, me.id, &[account], Timestamp(0)).await?;
        let wants = found
            .into_iter()
            .any(|(_, relation)| relation.following.is_some() || relation.requested.is_some());
        if !wants {
            let row: RowId = app.ids.next();
            delivery::never_followed(app, conn, &me, &target, row).await?;
            denied += 1;
        }
    }
    Ok(denied)
}

/// The followers collection of a remote account, and who here follows it, by ids. `None` when it is not compared.
async fn known(
    app: &Arc<App>,
    id: AccountId,
) -> Result<Option<(String, BTreeMap<String, AccountId>)>> {
    let context = app.clone();
    app.read(move |conn| {
        Box::pin(async move {
            let remote = remote_accounts::by_account(conn, id).await?;
            let Some(followers) = remote.and_then(|remote| remote.followers_uri) else {
                return Ok(None);
            };
            let ids = remote_accounts::local_followers(conn, id, MOST).await?;
            if ids.len() >= usize::try_from(MOST).unwrap_or_default() {
                return Ok(None);
            }
            let here = accounts::by_ids(conn, &ids).await?;
            let here =
                here.iter().map(|account| (context.urls.actor(account), account.id)).collect();
            Ok(Some((followers, here)))
        })
    })
    .await
}

fn agrees(claim: &Claim, here: &BTreeMap<String, AccountId>) -> bool {
    followers_digest(here.keys().map(String::as_str)) == claim.digest
}

/// What the header claims, and of which collection, if it names a place at the account's own origin.
fn claim(header: &str, account: &Uri) -> Option<(String, Claim)> {
    if header.len() > LONGEST {
        return None;
    }
    let fields: BTreeMap<&str, &str> = header
        .split(',')
        .filter_map(|field| {
            let (name, value) = field.trim().split_once('=')?;
            Some((name.trim(), value.trim().strip_prefix('"')?.strip_suffix('"')?))
        })
        .collect();
    let digest = fields.get("digest").filter(|digest| {
        digest.len() == 64 && digest.bytes().all(|byte| byte.is_ascii_hexdigit())
    })?;
    let url = Uri::parse(fields.get("url")?).filter(|url| url.same_origin(account))?;
    let collection = (*fields.get("collectionId")?).to_owned();
    Some((collection, Claim { digest: digest.to_ascii_lowercase(), url }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_claim_names_a_place_of_the_signers_own() {
        let account = Uri::parse("https://a.test/users/bob").unwrap();
        let digest = "0".repeat(64);
        let read = |collection: &str, digest: &str, url: &str| {
            let text = format!("collectionId=\"{collection}\", digest=\"{digest}\",url=\"{url}\"");
            claim(&text, &account)
        };
        let (own, url) = ("https://a.test/users/bob/followers", "https://a.test/sync");
        let (collection, good) = read(own, &digest, url).unwrap();
        assert_eq!(collection, own);
        assert_eq!((good.digest.as_str(), good.url.as_str()), (digest.as_str(), url));
        assert_eq!(read(own, &digest, "https://b.test/sync"), None);
        assert_eq!(read(own, "00", url), None);
        assert_eq!(read(own, &"x".repeat(64), url), None);
        assert_eq!(read(own, &digest, &format!("{url}{}", "y".repeat(LONGEST))), None);
        assert_eq!(claim("", &account), None);
    }
}
