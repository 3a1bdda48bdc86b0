//! The front page, the page about the server, and what stands in for sign-up.

use app::health::Figures;
use axum::extract::State;
use config::RegistrationsMode;

use super::answer::{Answer, public, redirect};
use super::visitor::Visitor;
use super::{Shared, present, site};
use crate::pages::{AboutPage, FrontPage, InstanceStats, Registrations, Rule};
use crate::paths;
use crate::view::AccountView;

/// For those who are signed in, the front page is their home timeline.
pub(super) async fn front(State(app): State<Shared>, visitor: Visitor) -> Answer {
    if visitor.browser.is_some() {
        return redirect(paths::HOME);
    }
    let site = site(&app).await?;
    public(&FrontPage {
        site: &site,
        description: app.config.instance.description.clone(),
        stats: stats(&app::health::figures(&app).await?),
        registrations: registrations(&app),
        contact: contact(&app).await?,
    })
}

pub(super) async fn about(State(app): State<Shared>) -> Answer {
    let site = site(&app).await?;
    let instance = &app.config.instance;
    let rule = |text: &String| Rule { text: text.clone(), hint: String::new() };
    public(&AboutPage {
        site: &site,
        description: instance.description.clone(),
        extended_html: String::new(),
        rules: instance.rules.iter().map(rule).collect(),
        stats: stats(&app::health::figures(&app).await?),
        registrations: registrations(&app),
        contact: contact(&app).await?,
        contact_email: Some(instance.contact_email.clone()).filter(|text| !text.is_empty()),
    })
}

fn stats(figures: &Figures) -> InstanceStats {
    InstanceStats {
        accounts: present::number(figures.users),
        statuses: present::number(figures.statuses),
        servers: 0,
    }
}

fn registrations(app: &Shared) -> Registrations {
    match app.config.registrations.mode {
        RegistrationsMode::Open => Registrations::Open,
        RegistrationsMode::Approval => Registrations::Approval,
        RegistrationsMode::Closed => Registrations::Closed,
    }
}

async fn contact(app: &Shared) -> app::Result<Option<AccountView>> {
    let account = app::setup::contact(app).await?;
    Ok(account.map(|account| present::account(app, &account)))
}
