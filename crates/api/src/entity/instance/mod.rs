//! What the server says of itself, in both versions.

mod configuration;
mod texts;

use app::domain_rules::Severity;
use app::house_rules;
use app::instance::{About, Counts, Week};
use config::{Config, RegistrationsMode};
use serde::Serialize;

use super::{Account, Empty, Render};
use configuration::{Configuration, V1Configuration};
pub(crate) use texts::{Language, LongText, TermsOfService};

/// The version of Mastodon whose API this is; clients read the numbers up to the first other
/// character.
pub(crate) const VERSION: &str =
    concat!("4.5.0 (compatible; tuskling ", env!("CARGO_PKG_VERSION"), ")");

/// What the rendering of an instance needs.
pub(crate) struct Facts<'a> {
    pub about: &'a About,
    pub rules: &'a [house_rules::Rule],
    pub counts: Counts,
    pub config: &'a Config,
    pub vapid_key: &'a str,
}

/// A week; numbers are text, as Mastodon writes them.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Activity {
    week: String,
    statuses: String,
    logins: String,
    registrations: String,
}

impl Activity {
    pub fn render(week: &Week) -> Self {
        Self {
            week: week.start.seconds().to_string(),
            statuses: week.statuses.to_string(),
            logins: week.logins.to_string(),
            registrations: week.registrations.to_string(),
        }
    }
}

/// <https://docs.joinmastodon.org/entities/Instance_DomainBlock/>
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct DomainBlock {
    domain: String,
    digest: String,
    severity: &'static str,
    comment: String,
}

impl DomainBlock {
    /// The rules that people notice, the hardest first.
    pub fn all(rules: &[app::domain_rules::Rule]) -> Vec<Self> {
        let mut shown: Vec<_> =
            rules.iter().filter(|rule| rule.severity != Severity::Noop).collect();
        shown.sort_by_key(|rule| std::cmp::Reverse(rule.severity));
        shown.into_iter().map(Self::render).collect()
    }

    fn render(rule: &app::domain_rules::Rule) -> Self {
        Self {
            domain: if rule.obfuscate { starred(&rule.domain) } else { rule.domain.clone() },
            digest: app::domain_rules::digest(&rule.domain),
            severity: rule.severity.name(),
            comment: rule.public_comment.clone(),
        }
    }
}

/// A name with stars in its middle half; the dots stay.
fn starred(domain: &str) -> String {
    let length = domain.chars().count();
    let edge = length / 4;
    let hide = |(at, letter): (usize, char)| {
        let is_edge = at <= edge || at >= length - edge;
        if is_edge || letter == '.' { letter } else { '*' }
    };
    domain.chars().enumerate().map(hide).collect()
}

/// <https://docs.joinmastodon.org/entities/Rule/>
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Rule {
    pub(super) id: String,
    text: String,
    hint: String,
    translations: Empty,
}

impl Rule {
    /// The house rules, in order.
    pub fn all(rules: &[house_rules::Rule]) -> Vec<Self> {
        let render = |rule: &house_rules::Rule| Self {
            id: rule.id.to_string(),
            text: rule.text.clone(),
            hint: rule.hint.clone(),
            translations: Empty {},
        };
        rules.iter().map(render).collect()
    }
}

/// <https://docs.joinmastodon.org/entities/Instance/>
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct V2Instance {
    domain: String,
    title: String,
    version: &'static str,
    source_url: String,
    description: String,
    usage: Usage,
    thumbnail: Thumbnail,
    /// There is one icon, which stands on the pages only.
    icon: Vec<Empty>,
    languages: Vec<String>,
    configuration: Configuration,
    registrations: SignUps,
    api_versions: ApiVersions,
    contact: Contact,
    rules: Vec<Rule>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Usage {
    users: ActiveUsers,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct ActiveUsers {
    active_month: i64,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Thumbnail {
    url: String,
    blurhash: Option<String>,
    versions: Empty,
    description: Option<String>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct SignUps {
    enabled: bool,
    approval_required: bool,
    reason_required: bool,
    message: Option<String>,
    min_age: Option<i64>,
    url: Option<String>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct ApiVersions {
    mastodon: i64,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Contact {
    email: String,
    account: Option<Account>,
}

impl V2Instance {
    pub fn render(facts: &Facts<'_>, render: &Render<'_>) -> Self {
        let (about, config, base) = (facts.about, facts.config, render.urls.base.as_str());
        let mode = config.registrations.mode;
        Self {
            domain: render.urls.domain.clone(),
            title: about.title.clone(),
            version: VERSION,
            // The page that says what this server runs; clients insist on an address.
            source_url: format!("{base}/about"),
            description: about.description.clone(),
            usage: Usage { users: ActiveUsers { active_month: facts.counts.active_month } },
            thumbnail: Thumbnail {
                url: thumbnail(about, render),
                blurhash: None,
                versions: Empty {},
                description: None,
            },
            icon: Vec::new(),
            languages: config.instance.languages.clone(),
            configuration: Configuration::render(facts, render),
            registrations: SignUps {
                enabled: mode != RegistrationsMode::Closed,
                approval_required: mode == RegistrationsMode::Approval,
                reason_required: mode == RegistrationsMode::Approval,
                message: message(config),
                min_age: None,
                url: None,
            },
            api_versions: ApiVersions { mastodon: 7 },
            contact: Contact {
                email: about.contact_email.clone(),
                account: contact(about, render),
            },
            rules: Rule::all(facts.rules),
        }
    }
}

/// <https://docs.joinmastodon.org/entities/V1_Instance/>
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct V1Instance {
    uri: String,
    title: String,
    short_description: String,
    description: String,
    email: String,
    version: &'static str,
    urls: V1Urls,
    stats: Stats,
    thumbnail: String,
    languages: Vec<String>,
    registrations: bool,
    approval_required: bool,
    invites_enabled: bool,
    configuration: V1Configuration,
    contact_account: Option<Account>,
    rules: Vec<Rule>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct V1Urls {
    streaming_api: String,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Stats {
    user_count: i64,
    status_count: i64,
    domain_count: i64,
}

impl V1Instance {
    pub fn render(facts: &Facts<'_>, render: &Render<'_>) -> Self {
        let (about, config) = (facts.about, facts.config);
        let mode = config.registrations.mode;
        Self {
            uri: render.urls.domain.clone(),
            title: about.title.clone(),
            short_description: about.description.clone(),
            description: about.description.clone(),
            email: about.contact_email.clone(),
            version: VERSION,
            urls: V1Urls { streaming_api: render.urls.streaming.clone() },
            stats: Stats {
                user_count: facts.counts.users,
                status_count: facts.counts.statuses,
                domain_count: facts.counts.domains,
            },
            thumbnail: thumbnail(about, render),
            languages: config.instance.languages.clone(),
            registrations: mode != RegistrationsMode::Closed,
            approval_required: mode == RegistrationsMode::Approval,
            invites_enabled: false,
            configuration: V1Configuration::render(config),
            contact_account: contact(about, render),
            rules: Rule::all(facts.rules),
        }
    }
}

fn thumbnail(about: &About, render: &Render<'_>) -> String {
    match &about.banner {
        Some(key) => render.urls.file(key),
        None => format!("{}/assets/header.png", render.urls.base),
    }
}

fn message(config: &Config) -> Option<String> {
    let text = config.registrations.closed_message.as_str();
    (config.registrations.mode == RegistrationsMode::Closed && !text.is_empty())
        .then(|| text.to_owned())
}

fn contact(about: &About, render: &Render<'_>) -> Option<Account> {
    about.contact.as_ref().map(|account| Account::render(account, render))
}
