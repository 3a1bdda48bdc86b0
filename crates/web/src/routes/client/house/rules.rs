//! House rules: adding, writing, ordering, removing.

use app::AppError;
use app::dashboard::allow;
use app::house_rules::{self, Change, Way};
use axum::extract::State;
use domain::RowId;
use domain::permission::Permission;
use http::StatusCode;

use super::sentence;
use crate::pages::Problem;
use crate::pages::client::{HouseRuleRow, HouseRulesPage, Place};
use crate::paths;
use crate::routes::Shared;
use crate::routes::answer::{Answer, Refusal, private, private_with, redirect};
use crate::routes::client::frame::frame;
use crate::routes::client::member::{Member, Sent};
use crate::security::PagePolicy;
use crate::view::TextField;

pub(super) async fn form(State(app): State<Shared>, member: Member) -> Answer {
    private(&page(&app, &member).await?)
}

async fn page(app: &Shared, member: &Member) -> Result<HouseRulesPage, Refusal> {
    allow(&member.me, Permission::ManageRules)?;
    let rules = house_rules::current(app).await?;
    let row = |rule: house_rules::Rule| HouseRuleRow {
        id: rule.id.to_string(),
        said: rule.text.clone(),
        said_more: rule.hint.clone(),
        text: TextField::new(rule.text),
        hint: rule.hint,
    };
    Ok(HouseRulesPage {
        frame: frame(app, member, Place::Dashboard).await?,
        rules: rules.into_iter().map(row).collect(),
        text: TextField::default(),
        hint: String::new(),
    })
}

pub(super) async fn submit(State(app): State<Shared>, sent: Sent) -> Answer {
    let fields = &sent.fields;
    let (text, hint) = (fields.text("text"), fields.text("hint"));
    let id = || -> Result<RowId, Refusal> {
        fields.text("rule").parse().map_err(|_| Refusal::new(Problem::NotFound))
    };
    let change = match fields.text("do").as_str() {
        "add" => Change::Add { text, hint },
        "write" => Change::Write { id: id()?, text, hint },
        "up" => Change::Move { id: id()?, way: Way::Up },
        "down" => Change::Move { id: id()?, way: Way::Down },
        "remove" => Change::Remove { id: id()? },
        _ => return Err(Refusal::new(Problem::BadRequest)),
    };
    match house_rules::change(&app, &sent.member.me, change).await {
        Ok(()) => redirect(paths::DASHBOARD_RULES),
        Err(AppError::Invalid(why)) => again(&app, &sent, &why).await,
        Err(error) => Err(error.into()),
    }
}

/// The page with what was typed, and what is wrong beside it.
async fn again(app: &Shared, sent: &Sent, why: &str) -> Answer {
    let fields = &sent.fields;
    let mut page = page(app, &sent.member).await?;
    let field = TextField::with_error(fields.text("text"), sentence(why));
    let hint = fields.text("hint");
    match page.rules.iter_mut().find(|rule| rule.id == fields.text("rule")) {
        Some(rule) => (rule.text, rule.hint) = (field, hint),
        None => (page.text, page.hint) = (field, hint),
    }
    private_with(StatusCode::UNPROCESSABLE_ENTITY, &page, &PagePolicy::default())
}
