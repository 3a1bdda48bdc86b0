//! Search, lists and hashtags.

use app::lists::{self, Changes};
use app::search::Query;
use app::{AppError, Page, tags};
use axum::extract::{Path, State};
use domain::filter::FilterContext;
use domain::list::RepliesPolicy;
use domain::{AccountId, ListId};
use http::{StatusCode, Uri};

use super::frame::frame;
use super::member::{Member, Sent};
use super::paging::{self, links};
use super::people::row;
use super::show::{Eye, post_path, profile_path};
use super::timelines::encoded;
use crate::pages::Problem;
use crate::pages::client::{ListChoicePage, ListEditPage, ListsPage, Place, SearchPage, TagsPage};
use crate::paths;
use crate::routes::Shared;
use crate::routes::answer::{Answer, Refusal, private, private_with, redirect};
use crate::routes::posted::Fields;
use crate::security::PagePolicy;
use crate::view::TextField;

/// Found things of each kind.
const FOUND: i64 = 20;

pub(super) async fn search(State(app): State<Shared>, member: Member, uri: Uri) -> Answer {
    let text = Fields::of_query(&uri).text("q").trim().to_owned();
    let eye = Eye { app: &app, me: &member.me, context: FilterContext::Public };
    let found = if text.is_empty() {
        app::search::Found::default()
    } else {
        let query = Query {
            text: text.clone(),
            accounts: true,
            tags: true,
            statuses: true,
            resolve: true,
            following: false,
            by: None,
            below: i64::MAX,
            above: 0,
            limit: FOUND,
            offset: 0,
        };
        app::search::search(&app, Some(member.id()), query).await?
    };
    // An address leads to the thing itself.
    let is_address = text.starts_with("https://") || text.starts_with("http://");
    if is_address && let Some(to) = only_one(&found) {
        return redirect(&to);
    }
    private(&SearchPage {
        people: found.accounts.iter().map(|account| row(&eye, account, Vec::new())).collect(),
        tags: found
            .tags
            .iter()
            .map(|tag| (tag.display_name.clone(), format!("/tags/{}", encoded(&tag.name))))
            .collect(),
        statuses: eye.statuses(&found.statuses),
        frame: frame(&app, &member, Place::Search).await?,
        query: text,
    })
}

fn only_one(found: &app::search::Found) -> Option<String> {
    match (found.accounts.as_slice(), found.statuses.as_slice()) {
        ([account], []) => Some(profile_path(account)),
        ([], [view]) => Some(post_path(view)),
        _ => None,
    }
}

pub(super) async fn all_lists(State(app): State<Shared>, member: Member) -> Answer {
    lists_page(&app, &member, TextField::default()).await
}

async fn lists_page(app: &Shared, member: &Member, title: TextField) -> Answer {
    let lists = lists::all(app, member.id()).await?;
    let status =
        if title.error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let page = ListsPage {
        frame: frame(app, member, Place::Lists).await?,
        lists: lists.into_iter().map(|list| (list.id.to_string(), list.title)).collect(),
        title,
    };
    private_with(status, &page, &PagePolicy::default())
}

pub(super) async fn make_list(State(app): State<Shared>, sent: Sent) -> Answer {
    let title = sent.fields.text("title");
    let changes = Changes { title: Some(title.clone()), ..Changes::default() };
    match lists::create(&app, sent.member.id(), changes).await {
        Ok(list) => redirect(&format!("/lists/{}/edit", list.id)),
        Err(AppError::Invalid(why)) => {
            let field = TextField::with_error(title, crate::language::sentence(&why));
            lists_page(&app, &sent.member, field).await
        }
        Err(error) => Err(error.into()),
    }
}

fn list_id(text: &str) -> Result<ListId, Refusal> {
    text.parse().map_err(|_| Refusal::new(Problem::NotFound))
}

pub(super) async fn list_form(
    State(app): State<Shared>,
    Path(id): Path<String>,
    member: Member,
) -> Answer {
    list_page(&app, &member, list_id(&id)?, None).await
}

async fn list_page(
    app: &Shared,
    member: &Member,
    id: ListId,
    wrong: Option<(String, String)>,
) -> Answer {
    let list = lists::show(app, member.id(), id).await?;
    let members = lists::members(app, member.id(), id, Page::newest(200)).await?;
    let eye = Eye { app, me: &member.me, context: FilterContext::Account };
    let remove = || vec![("remove", crate::t().remove)];
    let status = if wrong.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let page = ListEditPage {
        frame: frame(app, member, Place::Lists).await?,
        id: id.to_string(),
        title: match wrong {
            Some((typed, why)) => TextField::with_error(typed, why),
            None => TextField::new(list.title),
        },
        replies: list.replies_policy.name(),
        exclusive: list.exclusive,
        members: members.iter().map(|entry| row(&eye, &entry.item, remove())).collect(),
    };
    private_with(status, &page, &PagePolicy::default())
}

pub(super) async fn change_list(
    State(app): State<Shared>,
    Path(id): Path<String>,
    sent: Sent,
) -> Answer {
    let id = list_id(&id)?;
    let (owner, fields) = (sent.member.id(), &sent.fields);
    let person = || fields.text("person").parse::<AccountId>().into_iter().collect::<Vec<_>>();
    match fields.text("do").as_str() {
        "delete" => {
            lists::delete(&app, owner, id).await?;
            return redirect(paths::LISTS);
        }
        "remove" => lists::remove(&app, owner, id, person()).await?,
        "add" => lists::add(&app, owner, id, person()).await?,
        _ => {
            let title = fields.text("title");
            let policy = RepliesPolicy::parse(&fields.text("replies")).unwrap_or_default();
            let changes = Changes {
                title: Some(title.clone()),
                replies_policy: Some(policy.name().to_owned()),
                exclusive: Some(fields.has("exclusive")),
            };
            match lists::change(&app, owner, id, changes).await {
                Ok(_) => return redirect(&format!("/lists/{id}")),
                Err(AppError::Invalid(why)) => {
                    let wrong = Some((title, crate::language::sentence(&why)));
                    return list_page(&app, &sent.member, id, wrong).await;
                }
                Err(error) => return Err(error.into()),
            }
        }
    }
    redirect(sent.back())
}

/// In which lists somebody is.
pub(super) async fn choose_lists(
    State(app): State<Shared>,
    Path(id): Path<String>,
    member: Member,
) -> Answer {
    let id: AccountId = id.parse().map_err(|_| Refusal::new(Problem::NotFound))?;
    let account = app::accounts::show(&app, id).await?;
    let all = lists::all(&app, member.id()).await?;
    let inside = lists::with_member(&app, member.id(), id).await?;
    let eye = Eye { app: &app, me: &member.me, context: FilterContext::Account };
    private(&ListChoicePage {
        frame: frame(&app, &member, Place::Lists).await?,
        person: row(&eye, &account, Vec::new()),
        lists: all
            .into_iter()
            .map(|list| {
                let is_in = inside.iter().any(|one| one.id == list.id);
                (list.id.to_string(), list.title, is_in)
            })
            .collect(),
    })
}

pub(super) async fn followed_tags(State(app): State<Shared>, member: Member, uri: Uri) -> Answer {
    let page = paging::page(&Fields::of_query(&uri));
    tags_page(&app, &member, page, TextField::default()).await
}

async fn tags_page(app: &Shared, member: &Member, page: Page, name: TextField) -> Answer {
    let listed = tags::followed(app, member.id(), page).await?;
    let cursors: Vec<i64> = listed.iter().map(|entry| entry.cursor).collect();
    let status =
        if name.error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let show =
        |tag: &tags::TagView| (tag.display_name.clone(), format!("/tags/{}", encoded(&tag.name)));
    let page = TagsPage {
        frame: frame(app, member, Place::Elsewhere).await?,
        tags: listed.iter().map(|entry| show(&entry.item)).collect(),
        name,
        older_url: links(paths::FOLLOWED_TAGS, &page, &cursors).older,
    };
    private_with(status, &page, &PagePolicy::default())
}

/// Follows the hashtag that was typed.
pub(super) async fn follow_typed(State(app): State<Shared>, sent: Sent) -> Answer {
    let typed = sent.fields.text("name");
    let name = typed.trim().trim_start_matches('#');
    match tags::follow(&app, sent.member.id(), name).await {
        Ok(_) => redirect(paths::FOLLOWED_TAGS),
        Err(AppError::NotFound) => {
            let why = crate::t().a_hashtag_is_letters_digits_and;
            let field = TextField::with_error(typed, why);
            tags_page(&app, &sent.member, Page::newest(paging::LENGTH), field).await
        }
        Err(AppError::Invalid(why)) => {
            let field = TextField::with_error(typed, crate::language::sentence(&why));
            tags_page(&app, &sent.member, Page::newest(paging::LENGTH), field).await
        }
        Err(error) => Err(error.into()),
    }
}

pub(super) async fn follow_tag(
    State(app): State<Shared>,
    Path(name): Path<String>,
    sent: Sent,
) -> Answer {
    let me = sent.member.id();
    if sent.fields.text("do") == "follow" {
        tags::follow(&app, me, &name).await?;
    } else {
        tags::unfollow(&app, me, &name).await?;
    }
    redirect(sent.back())
}
