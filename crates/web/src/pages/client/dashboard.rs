//! For those who look after the server. Charts are drawn here, as SVG inside the page.

use askama::Template;

use super::{BackupCard, Frame, PersonRow};
use crate::view::{AccountView, Moment, StatusView};

/// A bar of a chart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bar {
    /// What it stands for.
    pub label: String,
    /// What it says, in words.
    pub value: String,
    /// Its length in thousandths of the longest.
    pub share: u64,
}

/// Bars from labels, numbers and the words for them.
pub fn bars(rows: Vec<(String, u64, String)>) -> Vec<Bar> {
    let most = rows.iter().map(|(_, number, _)| *number).max().unwrap_or(0).max(1);
    let bar = |(label, number, value): (String, u64, String)| Bar {
        label,
        value,
        share: number.saturating_mul(1000) / most,
    };
    rows.into_iter().map(bar).collect()
}

impl Bar {
    /// Its length in per cent, never so short that it cannot be seen.
    pub fn percent(&self) -> String {
        let share = self.share.max(4);
        format!("{}.{}", share / 10, share % 10)
    }

    /// Height of a column that is 100 high.
    pub fn height(&self) -> u64 {
        (self.share / 10).max(1)
    }

    /// Where such a column begins.
    pub fn top(&self) -> u64 {
        100 - self.height()
    }
}

/// The server at a glance.
#[derive(Debug, Clone, Template)]
#[template(path = "client/dashboard.html")]
pub struct DashboardPage {
    /// The frame.
    pub frame: Frame,
    /// Figures: number and what of.
    pub figures: Vec<(String, &'static str)>,
    /// Posts of the last weeks, oldest first.
    pub weeks: Vec<Bar>,
    /// Own uploads by kind.
    pub own: Vec<Bar>,
    /// Cached files of other servers by kind.
    pub cache: Vec<Bar>,
    /// How much the cache may take.
    pub cache_bound: String,
    /// Whose uploads take most.
    pub accounts: Vec<Bar>,
    /// Servers whose files take most of the cache.
    pub cache_hosts: Vec<Bar>,
    /// Accounts elsewhere whose files take most of the cache.
    pub cache_accounts: Vec<Bar>,
    /// All of it in a month, in money; `None` where no price is known.
    pub money: Option<String>,
    /// Certificates and mail.
    pub state: StateCards,
    /// Reports that wait.
    pub reports: i64,
    /// Jobs that failed for good.
    pub failed: u64,
    /// How the backups are.
    pub backups: BackupCard,
}

/// How it stands with certificates and mail.
#[derive(Debug, Clone)]
pub struct StateCards {
    /// People reach the server by plain http.
    pub is_plain: bool,
    /// The edges that were heard.
    pub edges: Vec<EdgeCard>,
    /// Mail.
    pub mail: MailCard,
}

/// An edge and its certificates.
#[derive(Debug, Clone)]
pub struct EdgeCard {
    /// Where it stands.
    pub address: String,
    /// When it was heard.
    pub heard: Moment,
    /// It should have been heard since.
    pub is_away: bool,
    /// Its names.
    pub names: Vec<CertificateRow>,
}

/// A name and its certificate.
#[derive(Debug, Clone)]
pub struct CertificateRow {
    /// The name.
    pub name: String,
    /// There is one.
    pub is_there: bool,
    /// When it ends, where that is known.
    pub ends: Option<Moment>,
    /// When the next one is ordered.
    pub next: Option<Moment>,
    /// What is wrong.
    pub trouble: Option<String>,
}

/// How it stands with mail.
#[derive(Debug, Clone)]
pub struct MailCard {
    /// How it is sent.
    pub way: String,
    /// How many wait.
    pub waiting: u64,
    /// Since when.
    pub since: Option<Moment>,
    /// Why one of them did not go.
    pub reason: Option<String>,
    /// When the last one went or was refused.
    pub last: Option<Moment>,
    /// Why it was refused.
    pub refusal: Option<String>,
}

/// A job that failed for good.
#[derive(Debug, Clone)]
pub struct JobRow {
    /// Its id.
    pub id: String,
    /// What it is.
    pub kind: String,
    /// How often it was tried.
    pub attempts: i64,
    /// Why it failed.
    pub error: String,
    /// When it was made.
    pub made: Moment,
}

/// A host for which deliveries wait.
#[derive(Debug, Clone)]
pub struct HostRow {
    /// Its name.
    pub host: String,
    /// How many wait.
    pub waiting: i64,
    /// Since when.
    pub since: Moment,
    /// When the next try is.
    pub next: Moment,
    /// Why the last one failed.
    pub reason: String,
    /// It has not answered for days.
    pub is_lost: bool,
}

/// What waits and what failed.
#[derive(Debug, Clone, Template)]
#[template(path = "client/dashboard_work.html")]
pub struct WorkPage {
    /// The frame.
    pub frame: Frame,
    /// Waiting jobs by kind.
    pub waiting: Vec<Bar>,
    /// Those that failed for good.
    pub failed: Vec<JobRow>,
    /// Hosts for which deliveries wait.
    pub hosts: Vec<HostRow>,
    /// What was done just now.
    pub notice: Option<String>,
}

/// A rule about another server.
#[derive(Debug, Clone)]
pub struct RuleRow {
    /// Which.
    pub domain: String,
    /// What becomes of it, in words.
    pub words: String,
    /// Said to the public.
    pub comment: String,
    /// Only for those who look after the server.
    pub private_comment: String,
}

/// Rules about other servers.
#[derive(Debug, Clone, Template)]
#[template(path = "client/dashboard_domains.html")]
pub struct DomainsPage {
    /// The frame.
    pub frame: Frame,
    /// The rules.
    pub rules: Vec<RuleRow>,
    /// As typed.
    pub domain: String,
    /// What is wrong.
    pub error: Option<String>,
}

/// A report.
#[derive(Debug, Clone)]
pub struct ReportRow {
    /// Its id.
    pub id: String,
    /// Whom it is about.
    pub target: PersonRow,
    /// Who sent it.
    pub by: Option<AccountView>,
    /// `spam`, `legal`, `violation` or `other`.
    pub category: String,
    /// What the reporter says.
    pub comment: String,
    /// When it came.
    pub came: Moment,
    /// Posts that show why.
    pub statuses: Vec<StatusView>,
    /// The account may not be used any more.
    pub is_suspended: bool,
}

/// Reports.
#[derive(Debug, Clone, Template)]
#[template(path = "client/dashboard_reports.html")]
pub struct ReportsPage {
    /// The frame.
    pub frame: Frame,
    /// Those that wait are shown, not those that are done with.
    pub open: bool,
    /// Newest first.
    pub reports: Vec<ReportRow>,
    /// Link to the page after.
    pub older_url: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_measured_by_the_longest_and_survive_any_number() {
        let row = |number: u64| (String::new(), number, String::new());
        let made = bars(vec![row(0), row(5), row(10)]);
        assert_eq!(made.iter().map(|bar| bar.share).collect::<Vec<_>>(), [0, 500, 1000]);
        assert_eq!(made[0].percent(), "0.4");
        assert_eq!((made[2].height(), made[2].top()), (100, 0));
        assert_eq!(bars(vec![row(u64::MAX)]).first().map(|bar| bar.share > 0), Some(true));
        assert!(bars(Vec::new()).is_empty());
    }
}
