//! What somebody is told by mail.

use app::access::may_invite;
use app::mail::choices::{self, Choices};
use app::mail::unsubscribe;
use app::notifications::NotificationKind;
use axum::extract::{Path, State};
use domain::AccountId;
use http::Uri;

use super::answer::{Answer, Refusal, private, redirect, with_cookie};
use super::member::member;
use super::posted::{Fields, Posted};
use super::visitor::Visitor;
use super::{Shared, site};
use crate::language::Words;
use crate::pages::{MailChoice, MailChoicesPage, Problem, UnsubscribePage};
use crate::paths;

/// Kinds with the names of their fields, in the order of the page; the last two are for staff.
const KINDS: [(NotificationKind, &str, Words); 9] = [
    (NotificationKind::Mention, "mention", |t| t.somebody_mentions_me),
    (NotificationKind::FollowRequest, "follow_request", |t| t.somebody_asks_to_follow_me),
    (NotificationKind::Follow, "follow", |t| t.somebody_follows_me),
    (NotificationKind::Quote, "quote", |t| t.somebody_quotes_me),
    (NotificationKind::Boost, "boost", |t| t.somebody_boosts_my_post),
    (NotificationKind::Favourite, "favourite", |t| t.somebody_favourites_my_post),
    (NotificationKind::Status, "status", |t| t.somebody_posts_whom_i_asked_to),
    (NotificationKind::SignUp, "sign_up", |t| t.somebody_signs_up_staff),
    (NotificationKind::Report, "report", |t| t.somebody_reports_an_account_staff),
];
const FOR_ALL: usize = 7;

pub(super) async fn form(State(app): State<Shared>, visitor: Visitor, uri: Uri) -> Answer {
    let member = match member(&visitor, paths::MAIL_CHOICES) {
        Ok(member) => member,
        Err(answer) => return *answer,
    };
    let me = &member.browser.me;
    let wanted = choices::show(&app, me.id()).await?;
    let shown = if may_invite(me) { KINDS.len() } else { FOR_ALL };
    let is_saved = Fields::of_query(&uri).text("done") == "saved";
    let site = site(&app).await?;
    let key = visitor.form_key(&app);
    let page = MailChoicesPage {
        site: &site,
        csrf_token: key.token,
        notice: is_saved.then(|| crate::t().saved.to_owned()),
        choices: KINDS
            .iter()
            .take(shown)
            .map(|(kind, name, label)| MailChoice {
                name,
                label: label(crate::t()),
                is_on: wanted.kinds.contains(kind),
            })
            .collect(),
        always: wanted.even_when_here,
    };
    Ok(with_cookie(private(&page)?, key.cookie))
}

pub(super) async fn change(State(app): State<Shared>, posted: Posted) -> Answer {
    let Posted { visitor, fields } = posted;
    let member = match member(&visitor, paths::MAIL_CHOICES) {
        Ok(member) => member,
        Err(answer) => return *answer,
    };
    let is_on = |name: &str| fields.get(name).is_some();
    let kinds = KINDS.iter().filter(|(_, name, _)| is_on(name)).map(|(kind, ..)| *kind).collect();
    let wanted = Choices { kinds, even_when_here: is_on("always") };
    choices::change(&app, member.browser.me.id(), wanted).await?;
    redirect(&format!("{}?done=saved", paths::MAIL_CHOICES))
}

/// What a link of a mail names: account, kind and code.
type Link = Path<(String, String, String)>;

/// The link, opened by a person: it asks, because programs open links too.
pub(super) async fn ask_to_end(State(app): State<Shared>, Path(link): Link) -> Answer {
    let (_, kind) = linked(&app, &link).await?;
    let site = site(&app).await?;
    private(&UnsubscribePage { site: &site, when: words(kind), done: false })
}

/// Pressed in a mail program (RFC 8058) or on the page. No form key: the code in the link is one.
pub(super) async fn end(State(app): State<Shared>, Path(link): Link) -> Answer {
    let (account, kind) = linked(&app, &link).await?;
    unsubscribe::end(&app, account, kind).await?;
    let site = site(&app).await?;
    private(&UnsubscribePage { site: &site, when: words(kind), done: true })
}

async fn linked(
    app: &Shared,
    (account, kind, code): &(String, String, String),
) -> Result<(AccountId, NotificationKind), Refusal> {
    let found = unsubscribe::check(app, account, kind, code).await?;
    found.ok_or(Refusal::new(Problem::NotFound))
}

fn words(kind: NotificationKind) -> &'static str {
    let found = KINDS.iter().find(|(one, ..)| *one == kind);
    found.map_or(crate::t().something_happens, |(_, _, words)| words(crate::t()))
}
