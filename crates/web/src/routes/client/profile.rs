//! A profile as its signed-in reader sees it.

use app::relations::Relationship;
use app::timelines::AccountStatuses;
use domain::account::Account;
use domain::filter::FilterContext;
use http::Uri;

use super::frame::frame;
use super::member::Member;
use super::paging::{self, links};
use super::show::{Eye, profile_path};
use crate::pages::Problem;
use crate::pages::client::{Place, ProfilePage, Shelf, Ties};
use crate::routes::answer::{Answer, Refusal, private};
use crate::routes::posted::Fields;
use crate::routes::{Shared, present};
use crate::view::StatusView;

/// `/@name` and `/@name@domain` for somebody who is signed in.
pub(in crate::routes) async fn show(
    app: &Shared,
    member: &Member,
    acct: &str,
    uri: &Uri,
) -> Answer {
    let account = app::accounts::by_acct(app, acct).await?;
    if account.suspended_at.is_some() {
        return Err(Refusal::new(Problem::NotFound));
    }
    let query = Fields::of_query(uri);
    let (shelf, path, wanted) = shelf(&account, &query.text("with"));
    let page = paging::page(&query);
    let viewer = Some(member.id());
    let views = app::timelines::account(app, account.id, wanted, viewer, page).await?;
    let is_first = page == app::Page::newest(page.limit);
    let pinned = if is_first && shelf == Shelf::Posts {
        let wanted = AccountStatuses { pinned: true, ..AccountStatuses::default() };
        app::timelines::account(app, account.id, wanted, viewer, page).await?
    } else {
        Vec::new()
    };
    let cursors: Vec<i64> = views.iter().map(|view| view.status.id.0).collect();
    let links = links(&path, &page, &cursors);
    let eye = Eye { app, me: &member.me, context: FilterContext::Account };
    let mut profile = present::profile(app, &account);
    profile.account = eye.account(&account);
    if let Some(moved) = account.moved_to {
        let target = app::accounts::show(app, moved).await.ok();
        profile.moved_to = target.map(|target| eye.account(&target));
    }
    private(&ProfilePage {
        frame: frame(app, member, Place::Elsewhere).await?,
        profile,
        id: account.id.to_string(),
        domain: account.domain.clone(),
        ties: ties(app, member, &account).await?,
        shelf,
        path: profile_path(&account),
        original_url: (!account.is_local()).then(|| app.urls.profile(&account)),
        pinned: eye
            .statuses(&pinned)
            .into_iter()
            .map(|status| StatusView { pinned: true, ..status })
            .collect(),
        statuses: eye.statuses(&views),
        newer_url: links.newer,
        older_url: links.older,
    })
}

fn shelf(account: &Account, with: &str) -> (Shelf, String, AccountStatuses) {
    let path = profile_path(account);
    let all = AccountStatuses::default();
    match with {
        "replies" => (Shelf::Replies, format!("{path}?with=replies"), all),
        "media" => (
            Shelf::Media,
            format!("{path}?with=media"),
            AccountStatuses { only_media: true, exclude_boosts: true, ..all },
        ),
        _ => (Shelf::Posts, path, AccountStatuses { exclude_replies: true, ..all }),
    }
}

async fn ties(app: &Shared, member: &Member, account: &Account) -> app::Result<Ties> {
    if account.id == member.id() {
        return Ok(Ties { own: true, ..Ties::default() });
    }
    let found = app::relations::relationships(app, member.id(), vec![account.id]).await?;
    Ok(found.into_iter().next().map(|(_, relation)| of_relation(&relation)).unwrap_or_default())
}

fn of_relation(relation: &Relationship) -> Ties {
    let options = relation.following.as_ref().or(relation.requested.as_ref());
    Ties {
        own: false,
        following: relation.following.is_some(),
        requested: relation.requested.is_some(),
        follows_me: relation.followed_by,
        boosts: options.is_none_or(|options| options.show_boosts),
        notify: options.is_some_and(|options| options.notify),
        muting: relation.muting.is_some(),
        blocking: relation.blocking,
        domain_blocking: relation.domain_blocking,
        note: relation.note.clone(),
    }
}
