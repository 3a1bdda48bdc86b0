//! The front page, the page about the server, and what stands in for sign-up.

use app::health::Figures;
use axum::extract::State;
use config::RegistrationsMode;
use domain::text::{LinkStyle, Render, render};

use super::answer::{Answer, Refusal, public, redirect};
use super::visitor::Visitor;
use super::{Shared, present, site_called};
use crate::pages::{AboutPage, FrontPage, InstanceStats, Problem, Registrations, Rule, TextPage};
use crate::paths;

/// For those who are signed in, the front page is their home timeline.
pub(super) async fn front(State(app): State<Shared>, visitor: Visitor) -> Answer {
    if visitor.browser.is_some() {
        return redirect(paths::HOME);
    }
    let about = app::instance::about(&app).await?;
    public(&FrontPage {
        site: &site_called(&app, about.title),
        description: about.description,
        stats: stats(&app::health::figures(&app).await?),
        registrations: registrations(&app),
        banner_url: about.banner.map(|key| app.urls.file(&key)),
        contact: about.contact.map(|account| present::account(&app, &account)),
    })
}

pub(super) async fn about(State(app): State<Shared>) -> Answer {
    let about = app::instance::about(&app).await?;
    let rules = app::house_rules::current(&app).await?;
    let rule = |rule: app::house_rules::Rule| Rule { text: rule.text, hint: rule.hint };
    let extended = about.extended.map(|text| html(&app, &text.text));
    public(&AboutPage {
        site: &site_called(&app, about.title),
        description: about.description,
        extended_html: extended.unwrap_or_default(),
        rules: rules.into_iter().map(rule).collect(),
        stats: stats(&app::health::figures(&app).await?),
        registrations: registrations(&app),
        banner_url: about.banner.map(|key| app.urls.file(&key)),
        contact: about.contact.map(|account| present::account(&app, &account)),
        contact_email: Some(about.contact_email).filter(|text| !text.is_empty()),
        has_terms: about.terms.is_some(),
    })
}

pub(super) async fn privacy(State(app): State<Shared>) -> Answer {
    let about = app::instance::about(&app).await?;
    let (text, written) = match about.privacy {
        Some(text) => (text.text, Some(present::moment(text.written_at))),
        None => (crate::language::reason(app::instance::PRIVACY), None),
    };
    public(&TextPage {
        site: &site_called(&app, about.title),
        title: crate::t().privacy_policy,
        path: paths::PRIVACY,
        html: html(&app, &text),
        written,
    })
}

pub(super) async fn terms(State(app): State<Shared>) -> Answer {
    let about = app::instance::about(&app).await?;
    let text = about.terms.ok_or(Refusal::new(Problem::NotFound))?;
    public(&TextPage {
        site: &site_called(&app, about.title),
        title: crate::t().terms_of_service,
        path: paths::TERMS,
        html: html(&app, &text.text),
        written: Some(present::moment(text.written_at)),
    })
}

/// A text of the owner's, typed as plain text.
fn html(app: &Shared, text: &str) -> String {
    let context = Render { base: &app.urls.base, resolve: &|_, _| None, links: LinkStyle::Status };
    render(text, &context)
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
