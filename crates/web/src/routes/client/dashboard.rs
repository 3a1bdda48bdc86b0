//! For those who look after the server: room, jobs, deliveries, rules about others, reports. Who may
//! see it is decided by `app::dashboard`.

use app::dashboard::{self, Room, require};
use app::domain_rules::{self, Change, Rule, Severity};
use app::moderation::{
    self, Action, Change as ReportChange, Lift, Measure, ReportCase, ReportFilter,
};
use axum::extract::{Path, State};
use axum::response::IntoResponse;
use domain::JobId;
use domain::account::Role;
use domain::filter::FilterContext;
use http::{StatusCode, Uri, header};

use super::frame::frame;
use super::member::{Member, Sent};
use super::paging::{self, links};
use super::people::row;
use super::show::Eye;
use crate::pages::Problem;
use crate::pages::client::{
    DashboardPage, DomainsPage, HostRow, JobRow, Place, ReportRow, ReportsPage, RuleRow, WorkPage,
    bars,
};
use crate::paths;
use crate::routes::answer::{Answer, Refusal, private, private_with, redirect};
use crate::routes::posted::Fields;
use crate::routes::{Shared, present};
use crate::security::PagePolicy;
use crate::view::{Moment, count};

/// Bytes as people read them.
pub(super) fn bytes(number: i64) -> String {
    let number = present::number(number);
    for (name, size) in [("GB", 1_000_000_000_u64), ("MB", 1_000_000), ("kB", 1_000)] {
        if number >= size {
            return format!("{}.{} {name}", number / size, number % size * 10 / size);
        }
    }
    format!("{number} B")
}

/// What so many bytes cost a month, at thousandths of a dollar for a gigabyte.
fn money(bytes: u64, gigabyte_month: u32) -> Option<String> {
    let thousandths = u128::from(bytes) * u128::from(gigabyte_month) / 1_000_000_000;
    match (gigabyte_month, bytes, thousandths / 10) {
        (0, _, _) => None,
        (_, 0, _) => Some("0 $".to_owned()),
        (_, _, 0) => Some(crate::t().less_than_a_cent.to_owned()),
        (_, _, cents) => Some(format!("{}.{:02} $", cents / 100, cents % 100)),
    }
}

/// Bytes, and what they cost a month.
fn priced(number: i64, price: u32) -> String {
    match money(present::number(number), price) {
        Some(money) => crate::t().money_a_month(bytes(number), money),
        None => bytes(number),
    }
}

fn rooms(rooms: &[Room<String>], price: u32) -> Vec<(String, u64, String)> {
    let word = |kind: &str| match kind {
        "image" => crate::t().pictures,
        "gifv" => crate::t().animations,
        "video" => crate::t().videos,
        "audio" => crate::t().sound,
        _ => crate::t().other,
    };
    let show = |room: &Room<String>| {
        let files = crate::t().files_count(present::number(room.files));
        let value = format!("{files}, {}", priced(room.bytes, price));
        (word(&room.of).to_owned(), present::number(room.bytes), value)
    };
    rooms.iter().map(show).collect()
}

pub(super) async fn overview(State(app): State<Shared>, member: Member) -> Answer {
    let storage = dashboard::storage(&app, &member.me).await?;
    let price = app.config.budget.gigabyte_month;
    let figures = app::health::figures(&app).await?;
    let counts = app::instance::counts(&app).await?;
    let mut weeks = app::instance::activity(&app).await?;
    weeks.sort_by_key(|week| week.start);
    let week = |week: &app::instance::Week| {
        let number = present::number(week.statuses);
        let day = Moment::from_unix_milliseconds(week.start.0).day;
        let value = crate::t().posts_count(number);
        (crate::t().week_of(day), number, value)
    };
    let account = |(account, size): &(domain::account::Account, i64)| {
        (format!("@{}", account.acct()), present::number(*size), priced(*size, price))
    };
    let host = |room: &Room<String>| {
        (room.of.clone(), present::number(room.bytes), priced(room.bytes, price))
    };
    let total = storage.own.iter().chain(&storage.cache).map(|room| present::number(room.bytes));
    let money = money(total.sum(), price);
    let bound = i64::try_from(storage.cache_bound).unwrap_or(i64::MAX);
    let number = |value: i64| count(&present::number(value));
    private(&DashboardPage {
        frame: frame(&app, &member, Place::Dashboard).await?,
        figures: vec![
            (number(figures.users), crate::t().accounts_noun(figures.users)),
            (number(figures.users_month), crate::t().here_this_month),
            (number(figures.statuses), crate::t().posts_noun(figures.statuses)),
            (number(counts.domains), crate::t().servers_noun(counts.domains)),
            (number(figures.jobs - figures.set_aside), crate::t().jobs_waiting),
            (number(figures.deliveries), crate::t().deliveries_waiting),
        ],
        weeks: bars(weeks.iter().map(week).collect()),
        own: bars(rooms(&storage.own, price)),
        cache: bars(rooms(&storage.cache, price)),
        cache_hosts: bars(storage.cache_hosts.iter().map(host).collect()),
        cache_accounts: bars(storage.cache_accounts.iter().map(account).collect()),
        money,
        state: super::state::cards(&app, &member).await?,
        cache_bound: bytes(bound),
        accounts: bars(storage.accounts.iter().map(account).collect()),
        reports: dashboard::open_reports(&app).await?,
        failed: present::number(figures.set_aside),
        backups: super::backups::card(&app),
    })
}

pub(super) async fn work(State(app): State<Shared>, member: Member, uri: Uri) -> Answer {
    let work = dashboard::work(&app, &member.me).await?;
    let waiting = |(kind, count): &(String, i64)| {
        let number = present::number(*count);
        (kind.replace('_', " "), number, number.to_string())
    };
    let notice = match Fields::of_query(&uri).text("done").as_str() {
        "again" => Some(crate::t().it_is_tried_again_now.to_owned()),
        "discarded" => Some(crate::t().it_is_gone.to_owned()),
        "deliver" => Some(crate::t().deliveries_to_that_server_are_tried.to_owned()),
        _ => None,
    };
    private(&WorkPage {
        frame: frame(&app, &member, Place::Dashboard).await?,
        waiting: bars(work.waiting.iter().map(waiting).collect()),
        failed: work
            .aside
            .into_iter()
            .map(|job| JobRow {
                id: job.id.to_string(),
                kind: job.kind.replace('_', " "),
                attempts: job.attempts,
                error: job.error.unwrap_or_else(|| crate::t().it_ended_the_process.to_owned()),
                made: present::moment(job.created_at),
            })
            .collect(),
        hosts: work
            .hosts
            .into_iter()
            .map(|host| HostRow {
                host: host.host,
                waiting: host.waiting,
                since: present::moment(host.since),
                next: present::moment(host.next_try_at),
                reason: host.reason.unwrap_or_else(|| crate::t().not_tried_yet.to_owned()),
                is_lost: host.unreachable_since.is_some(),
            })
            .collect(),
        notice,
    })
}

pub(super) async fn do_work(State(app): State<Shared>, sent: Sent) -> Answer {
    let (me, fields) = (&sent.member.me, &sent.fields);
    let job = || -> Result<JobId, Refusal> {
        fields.text("job").parse().map_err(|_| Refusal::new(Problem::NotFound))
    };
    let done = match fields.text("do").as_str() {
        "again" => {
            dashboard::try_again(&app, me, job()?).await?;
            "again"
        }
        "discard" => {
            dashboard::discard(&app, me, job()?).await?;
            "discarded"
        }
        "deliver" => {
            dashboard::deliver_now(&app, me, &fields.text("host")).await?;
            "deliver"
        }
        _ => return Err(Refusal::new(Problem::BadRequest)),
    };
    redirect(&format!("{}/work?done={done}", paths::DASHBOARD))
}

pub(super) async fn domains(State(app): State<Shared>, member: Member) -> Answer {
    domains_page(&app, &member, String::new(), None).await
}

async fn domains_page(
    app: &Shared,
    member: &Member,
    domain: String,
    error: Option<String>,
) -> Answer {
    require(&member.me, Role::Admin)?;
    let rules = domain_rules::list(app).await?;
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let page = DomainsPage {
        frame: frame(app, member, Place::Dashboard).await?,
        rules: rules.iter().map(rule).collect(),
        domain,
        error,
    };
    private_with(status, &page, &PagePolicy::default())
}

fn rule(rule: &Rule) -> RuleRow {
    let mut words = vec![match rule.severity {
        Severity::Suspend => crate::t().cut_off,
        Severity::Silence => crate::t().limited_seen_by_followers_only,
        Severity::Noop => crate::t().let_in_word,
    }];
    if rule.reject_media {
        words.push(crate::t().no_files);
    }
    if rule.reject_reports {
        words.push(crate::t().no_reports);
    }
    RuleRow {
        domain: rule.domain.clone(),
        words: words.join(", "),
        comment: rule.public_comment.clone(),
        private_comment: rule.private_comment.clone(),
    }
}

pub(super) async fn change_domains(State(app): State<Shared>, sent: Sent) -> Answer {
    require(&sent.member.me, Role::Admin)?;
    let fields = &sent.fields;
    let domain = fields.text("domain").trim().to_lowercase();
    let result = match fields.text("do").as_str() {
        "remove" => domain_rules::remove(&app, &domain).await.map(drop),
        "set" => {
            let change = Change {
                domain: domain.clone(),
                severity: Severity::parse(&fields.text("severity")).unwrap_or(Severity::Suspend),
                reject_media: fields.has("reject_media"),
                reject_reports: fields.has("reject_reports"),
                obfuscate: fields.has("obfuscate"),
                private_comment: fields.text("private_comment"),
                public_comment: fields.text("public_comment"),
            };
            domain_rules::set(&app, change).await.map(drop)
        }
        "import" => import(&app, &sent).await,
        _ => return Err(Refusal::new(Problem::BadRequest)),
    };
    match result {
        Ok(()) => redirect(&format!("{}/domains", paths::DASHBOARD)),
        Err(app::AppError::Invalid(why)) => {
            domains_page(&app, &sent.member, domain, Some(crate::language::sentence(&why))).await
        }
        Err(error) => Err(error.into()),
    }
}

/// Rules from a file in the format of Mastodon's export.
async fn import(app: &Shared, sent: &Sent) -> app::Result<()> {
    let Some(file) = sent.files.first() else {
        return Err(app::AppError::invalid("choose a file first"));
    };
    let text = super::data::text_of(file).await?;
    match domain_rules::import(app, &text).await? {
        domain_rules::Import::Done { .. } => Ok(()),
        domain_rules::Import::Refused(wrong) => {
            let first = wrong
                .first()
                .map(|(line, why)| crate::t().line_number(line, crate::language::reason(why)));
            Err(app::AppError::invalid(first.unwrap_or_else(|| "nothing was read".into())))
        }
    }
}

pub(super) async fn export_domains(State(app): State<Shared>, member: Member) -> Answer {
    require(&member.me, Role::Admin)?;
    let text = domain_rules::export(&app).await?;
    Ok(super::data::csv("domain_blocks", text).into_response())
}

pub(super) async fn reports(State(app): State<Shared>, member: Member, uri: Uri) -> Answer {
    require(&member.me, Role::Moderator)?;
    let query = Fields::of_query(&uri);
    let open = query.text("show") != "done";
    let page = paging::page(&query);
    let filter = ReportFilter { closed: !open, by: None, about: None };
    let found = moderation::reports(&app, filter, page).await?;
    let eye = Eye { app: &app, me: &member.me, context: FilterContext::Account };
    let cursors: Vec<i64> = found.iter().map(|case| case.report.id).collect();
    let path = format!("{}/reports", paths::DASHBOARD);
    let path = if open { path } else { format!("{path}?show=done") };
    private(&ReportsPage {
        frame: frame(&app, &member, Place::Dashboard).await?,
        open,
        reports: found.iter().map(|case| report_row(&eye, case)).collect(),
        older_url: links(&path, &page, &cursors).older,
    })
}

fn report_row(eye: &Eye<'_>, case: &ReportCase) -> ReportRow {
    let report = &case.report;
    let target = &case.about.account;
    ReportRow {
        id: report.id.to_string(),
        target: row(eye, target, Vec::new()),
        by: Some(eye.account(&case.by.account)),
        category: report.category.clone(),
        comment: report.comment.clone(),
        came: present::moment(report.created_at),
        statuses: case
            .statuses
            .iter()
            .map(|view| {
                let mut shown = eye.whole(view);
                shown.actions = None;
                shown.id = format!("{}-{}", report.id, shown.id);
                shown
            })
            .collect(),
        is_suspended: target.suspended_at.is_some(),
    }
}

pub(super) async fn settle(
    State(app): State<Shared>,
    Path(id): Path<String>,
    sent: Sent,
) -> Answer {
    let me = &sent.member.me;
    require(me, Role::Moderator)?;
    let id: i64 = id.parse().map_err(|_| Refusal::new(Problem::NotFound))?;
    let about = moderation::report(&app, id).await?.about.account.id;
    match sent.fields.text("do").as_str() {
        "settle" => drop(moderation::change(&app, me, id, ReportChange::Resolve).await?),
        "reopen" => drop(moderation::change(&app, me, id, ReportChange::Reopen).await?),
        "suspend" => {
            let action =
                Action { measure: Measure::Suspend, report: Some(id), text: String::new() };
            moderation::act(&app, me, about, action).await?;
        }
        "unsuspend" => drop(moderation::lift(&app, me, about, Lift::Suspended).await?),
        _ => return Err(Refusal::new(Problem::BadRequest)),
    }
    redirect(sent.back())
}

/// A file for programs: never shown as a page.
pub(super) fn attachment(name: &str) -> [(header::HeaderName, String); 3] {
    [
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
        (header::CACHE_CONTROL, "private, no-store".to_owned()),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
    ]
}

#[cfg(test)]
mod tests {
    use super::{bytes, money};

    #[test]
    fn money_is_estimated_in_cents() {
        assert_eq!(money(10_000_000_000, 93).as_deref(), Some("0.93 $"));
        assert_eq!(money(150_000_000_000, 93).as_deref(), Some("13.95 $"));
        assert_eq!(money(5_000, 93).as_deref(), Some("less than 0.01 $"));
        assert_eq!(money(0, 93).as_deref(), Some("0 $"));
        assert_eq!(money(10_000_000_000, 0), None);
        assert!(money(u64::MAX, u32::MAX).is_some());
    }

    #[test]
    fn bytes_are_read_by_people() {
        assert_eq!(bytes(999), "999 B");
        assert_eq!(bytes(1_560), "1.5 kB");
        assert_eq!(bytes(2_000_000_000), "2.0 GB");
        assert_eq!(bytes(-5), "0 B");
    }
}
