//! What people do with each other: follow, mute, block, answer a request, report; and lists of accounts.

use app::access::{Deed, count_deed};
use app::relations::{self, Circle, FollowChanges};
use app::reports::NewReport;
use app::{Listed, domain_blocks};
use axum::extract::{Path, State};
use domain::account::Account;
use domain::filter::FilterContext;
use domain::{AccountId, StatusId};
use http::{StatusCode, Uri};

use super::frame::frame;
use super::member::{Member, Sent};
use super::paging::{self, links};
use super::show::{Eye, post_path, profile_path};
use crate::pages::Problem;
use crate::pages::client::{HistoryPage, PeoplePage, PersonRow, Place, ReportPage, VersionView};
use crate::paths;
use crate::routes::answer::{Answer, Refusal, private, private_with, redirect};
use crate::routes::posted::Fields;
use crate::routes::return_to::local_path;
use crate::routes::{Shared, present};
use crate::security::PagePolicy;

fn number(text: &str) -> Result<AccountId, Refusal> {
    text.parse().map_err(|_| Refusal::new(Problem::NotFound))
}

pub(super) async fn act(State(app): State<Shared>, Path(id): Path<String>, sent: Sent) -> Answer {
    let id = number(&id)?;
    perform(&app, &sent, id).await?;
    redirect(sent.back())
}

async fn perform(app: &Shared, sent: &Sent, id: AccountId) -> Result<(), Refusal> {
    let me = &sent.member.me;
    let change = |changes| relations::follow(app, me, id, changes);
    let boosts = |show| FollowChanges { show_boosts: Some(show), ..FollowChanges::default() };
    let notify = |tell| FollowChanges { notify: Some(tell), ..FollowChanges::default() };
    match sent.fields.text("do").as_str() {
        "follow" => {
            count_deed(app, me.id(), Deed::Follow).map_err(Refusal::limited)?;
            change(FollowChanges::default()).await?
        }
        "unfollow" => relations::unfollow(app, me, id).await?,
        "show_boosts" => change(boosts(true)).await?,
        "hide_boosts" => change(boosts(false)).await?,
        "notify" => change(notify(true)).await?,
        "unnotify" => change(notify(false)).await?,
        "mute" => {
            let seconds = sent.fields.text("seconds").parse().unwrap_or(0);
            relations::mute(app, me, id, true, seconds).await?
        }
        "unmute" => relations::unmute(app, me, id).await?,
        "block" => relations::block(app, me, id).await?,
        "unblock" => relations::unblock(app, me, id).await?,
        "dismiss" => relations::remove_follower(app, me, id).await?,
        "accept" => relations::authorize(app, me, id).await?,
        "reject" => relations::reject(app, me, id).await?,
        "note" => relations::note(app, me, id, sent.fields.text("note")).await?,
        "block_domain" | "unblock_domain" => return domain(app, sent, id).await,
        _ => return Err(Refusal::new(Problem::BadRequest)),
    };
    Ok(())
}

/// Everybody of the account's server.
async fn domain(app: &Shared, sent: &Sent, id: AccountId) -> Result<(), Refusal> {
    let account = app::accounts::show(app, id).await?;
    let domain = account.domain.ok_or(Refusal::new(Problem::BadRequest))?;
    let me = &sent.member.me;
    if sent.fields.text("do") == "block_domain" {
        domain_blocks::block(app, me, &domain).await?;
    } else {
        domain_blocks::unblock(app, me.id(), &domain).await?;
    }
    Ok(())
}

/// What is particular to a list of accounts.
struct People {
    title: String,
    back: String,
    empty: &'static str,
    path: String,
    tabs: Vec<(String, &'static str, bool)>,
    deeds: Vec<(&'static str, &'static str)>,
}

async fn answer(
    app: &Shared,
    member: &Member,
    people: People,
    page: &app::Page,
    listed: Vec<Listed<Account>>,
) -> Answer {
    let cursors: Vec<i64> = listed.iter().map(|entry| entry.cursor).collect();
    let links = links(&people.path, page, &cursors);
    let eye = Eye { app, me: &member.me, context: FilterContext::Account };
    let row = |entry: &Listed<Account>| row(&eye, &entry.item, people.deeds.clone());
    let rows = listed.iter().map(row).collect();
    private(&PeoplePage {
        frame: frame(app, member, Place::Elsewhere).await?,
        title: people.title,
        back: people.back,
        empty: people.empty,
        tabs: people.tabs,
        people: rows,
        newer_url: links.newer,
        older_url: links.older,
    })
}

/// An account in a list.
pub(super) fn row(
    eye: &Eye<'_>,
    account: &Account,
    deeds: Vec<(&'static str, &'static str)>,
) -> PersonRow {
    let about = present::profile(eye.app, account).bio_text;
    PersonRow {
        id: account.id.to_string(),
        account: eye.account(account),
        about: about.chars().take(160).collect(),
        deeds: if account.id == eye.me.id() { Vec::new() } else { deeds },
    }
}

pub(super) async fn followers(
    State(app): State<Shared>,
    Path(id): Path<String>,
    member: Member,
    uri: Uri,
) -> Answer {
    circle(&app, &member, number(&id)?, Circle::Followers, &uri).await
}

pub(super) async fn following(
    State(app): State<Shared>,
    Path(id): Path<String>,
    member: Member,
    uri: Uri,
) -> Answer {
    circle(&app, &member, number(&id)?, Circle::Following, &uri).await
}

async fn circle(app: &Shared, member: &Member, of: AccountId, which: Circle, uri: &Uri) -> Answer {
    let account = app::accounts::show(app, of).await?;
    let page = paging::page(&Fields::of_query(uri));
    let own = of == member.id();
    let hidden = account.hide_collections && !own;
    let listed = if hidden {
        Vec::new()
    } else {
        relations::circle(app, of, which, Some(member.id()), page).await?
    };
    let is_followers = matches!(which, Circle::Followers);
    let paths = [format!("/people/{of}/followers"), format!("/people/{of}/following")];
    let [followers, following] = paths;
    let people = People {
        title: present::account(app, &account).display_name,
        back: profile_path(&account),
        empty: if hidden {
            crate::t().this_person_does_not_show_whom
        } else {
            crate::t().nobody_yet
        },
        path: if is_followers { followers.clone() } else { following.clone() },
        tabs: vec![
            (followers, crate::t().followers, is_followers),
            (following, crate::t().following, !is_followers),
        ],
        deeds: match (own, is_followers) {
            (true, true) => vec![("dismiss", crate::t().remove)],
            (true, false) => vec![("unfollow", crate::t().unfollow)],
            (false, _) => Vec::new(),
        },
    };
    answer(app, member, people, &page, listed).await
}

pub(super) async fn requests(State(app): State<Shared>, member: Member, uri: Uri) -> Answer {
    let page = paging::page(&Fields::of_query(&uri));
    let me = member.id();
    let listed = relations::circle(&app, me, Circle::Requests, Some(me), page).await?;
    let people = People {
        title: crate::t().follow_requests.into(),
        back: paths::NOTIFICATIONS.into(),
        empty: crate::t().nobody_waits_for_your_answer,
        path: paths::FOLLOW_REQUESTS.into(),
        tabs: Vec::new(),
        deeds: vec![("accept", crate::t().accept), ("reject", crate::t().reject)],
    };
    answer(&app, &member, people, &page, listed).await
}

pub(super) async fn muted(State(app): State<Shared>, member: Member, uri: Uri) -> Answer {
    let page = paging::page(&Fields::of_query(&uri));
    let listed = relations::muted(&app, member.id(), page).await?;
    let listed = listed
        .into_iter()
        .map(|entry| Listed { cursor: entry.cursor, item: entry.item.account })
        .collect();
    let people = People {
        title: crate::t().muted.into(),
        back: paths::SETTINGS.into(),
        empty: crate::t().you_mute_nobody,
        path: "/mutes".into(),
        tabs: shut_out(true),
        deeds: vec![("unmute", crate::t().unmute)],
    };
    answer(&app, &member, people, &page, listed).await
}

pub(super) async fn blocked(State(app): State<Shared>, member: Member, uri: Uri) -> Answer {
    let page = paging::page(&Fields::of_query(&uri));
    let me = member.id();
    let listed = relations::circle(&app, me, Circle::Blocks, Some(me), page).await?;
    let people = People {
        title: crate::t().blocked.into(),
        back: paths::SETTINGS.into(),
        empty: crate::t().you_block_nobody,
        path: "/blocks".into(),
        tabs: shut_out(false),
        deeds: vec![("unblock", crate::t().unblock)],
    };
    answer(&app, &member, people, &page, listed).await
}

fn shut_out(muted: bool) -> Vec<(String, &'static str, bool)> {
    vec![("/mutes".into(), crate::t().muted, muted), ("/blocks".into(), crate::t().blocked, !muted)]
}

/// Who favourited or boosted a post.
pub(super) async fn of_post(
    State(app): State<Shared>,
    Path(id): Path<String>,
    member: Member,
    uri: Uri,
) -> Answer {
    let id: StatusId = id.parse().map_err(|_| Refusal::new(Problem::NotFound))?;
    let view = app::statuses::show(&app, id, Some(member.id())).await?;
    let query = Fields::of_query(&uri);
    let page = paging::page(&query);
    let boosts = query.text("who") == "boosts";
    let viewer = Some(member.id());
    let listed = if boosts {
        app::statuses::boosters(&app, id, viewer, page).await?
    } else {
        app::statuses::favouriters(&app, id, viewer, page).await?
    };
    let path = format!("/posts/{id}/people");
    let of_boosts = format!("{path}?who=boosts");
    let people = People {
        title: crate::t().who_liked_it.into(),
        back: post_path(&view),
        empty: crate::t().nobody_yet,
        path: if boosts { of_boosts.clone() } else { path.clone() },
        tabs: vec![(path, crate::t().favourites, !boosts), (of_boosts, crate::t().boosts, boosts)],
        deeds: Vec::new(),
    };
    answer(&app, &member, people, &page, listed).await
}

/// Versions of a post.
pub(super) async fn history(
    State(app): State<Shared>,
    Path(id): Path<String>,
    member: Member,
) -> Answer {
    let id: StatusId = id.parse().map_err(|_| Refusal::new(Problem::NotFound))?;
    let view = app::statuses::show(&app, id, Some(member.id())).await?;
    let versions = app::statuses::history(&app, id, Some(member.id())).await?;
    let version = |version: app::statuses::Version| VersionView {
        written: present::moment(version.created_at),
        warning: version.spoiler_text,
        content_html: domain::text::shown(&version.content).into_owned(),
        options: version.poll_options.unwrap_or_default(),
        media: version.media.len(),
    };
    private(&HistoryPage {
        frame: frame(&app, &member, Place::Elsewhere).await?,
        back: post_path(&view),
        versions: versions.into_iter().rev().map(version).collect(),
        language: view.status.language.clone(),
    })
}

pub(super) async fn report_form(
    State(app): State<Shared>,
    Path(id): Path<String>,
    member: Member,
    uri: Uri,
) -> Answer {
    let query = Fields::of_query(&uri);
    let words = Words { post: query.text("post"), ..Words::default() };
    report_page(&app, &member, number(&id)?, words).await
}

#[derive(Default)]
struct Words {
    post: String,
    comment: String,
    error: Option<String>,
    back: Option<String>,
}

async fn report_page(app: &Shared, member: &Member, id: AccountId, words: Words) -> Answer {
    let account = app::accounts::show(app, id).await?;
    let eye = Eye { app, me: &member.me, context: FilterContext::Account };
    let status = match words.post.parse() {
        Ok(post) => app::statuses::show(app, post, Some(member.id())).await.ok(),
        Err(_) => None,
    };
    let status = status.filter(|view| view.status.account_id == id);
    let code =
        if words.error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let mut shown = status.as_ref().map(|view| eye.whole(view));
    if let Some(status) = &mut shown {
        status.actions = None;
    }
    let page = ReportPage {
        frame: frame(app, member, Place::Elsewhere).await?,
        account: eye.account(&account),
        id: id.to_string(),
        status: shown,
        is_remote: !account.is_local(),
        rules: app::house_rules::current(app)
            .await?
            .into_iter()
            .map(|rule| (rule.id.to_string(), rule.text))
            .collect(),
        comment: words.comment,
        error: words.error,
        back: words.back.unwrap_or_else(|| profile_path(&account)),
    };
    private_with(code, &page, &PagePolicy::default())
}

pub(super) async fn report(
    State(app): State<Shared>,
    Path(id): Path<String>,
    sent: Sent,
) -> Answer {
    let id = number(&id)?;
    let fields = &sent.fields;
    let me = sent.member.id();
    count_deed(&app, me, Deed::Report).map_err(Refusal::limited)?;
    let rules: Vec<String> = fields.all("rule").map(str::to_owned).collect();
    let new = NewReport {
        statuses: fields.text("post").parse().into_iter().collect(),
        comment: fields.text("comment"),
        category: Some(fields.text("category")).filter(|name| !name.is_empty()),
        rules,
        forward: fields.has("forward"),
    };
    match app::reports::report(&app, me, id, new).await {
        Ok(_) => {
            if fields.has("block") {
                relations::block(&app, &sent.member.me, id).await?;
            }
            redirect(sent.back())
        }
        Err(app::AppError::Invalid(why)) => {
            let words = Words {
                post: fields.text("post"),
                comment: fields.text("comment"),
                error: Some(crate::language::sentence(&why)),
                back: local_path(&app, &fields.text("back")),
            };
            report_page(&app, &sent.member, id, words).await
        }
        Err(error) => Err(error.into()),
    }
}
