//! What there is most of.

use domain::Timestamp;
use store::figures::{self, Ranking, Stretch, Subject};

use super::Wanted;
use crate::backups::Report;
use crate::{App, AppError, Result};

/// A ranking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dimension {
    /// Mastodon's name of it.
    pub key: String,
    /// Its entries, the greatest first.
    pub entries: Vec<Entry>,
}

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its name for programs.
    pub key: String,
    /// Its name for people.
    pub name: String,
    /// How much, or which version.
    pub value: String,
    /// Set for bytes.
    pub is_bytes: bool,
}

/// Those of these rankings that are known, in order.
///
/// # Errors
/// [`AppError::Store`].
pub async fn dimensions(
    app: &App,
    wanted: Vec<Wanted>,
    stretch: Stretch,
    limit: i64,
) -> Result<Vec<Dimension>> {
    let own_name = app.urls.domain.clone();
    let database = app.store.version().await?;
    let backups = app.backups.report();
    app.read(move |conn| {
        Box::pin(async move {
            let mut found = Vec::new();
            for Wanted { key, subject } in wanted {
                let entries = match (key.as_str(), &subject) {
                    ("space_usage", Subject::All) => space(figures::bytes(conn).await?),
                    ("software_versions", Subject::All) => versions(&database, backups.as_ref()),
                    // Which app somebody signed up with is not kept.
                    ("sources", Subject::All) => Vec::new(),
                    _ => {
                        let Some(what) = ranking(&key, &subject) else { continue };
                        let rows = figures::ranked(conn, what, stretch, &subject, limit).await?;
                        rows.into_iter().map(|row| entry(row, what, &own_name)).collect()
                    }
                };
                found.push(Dimension { key, entries });
            }
            Ok::<_, AppError>(found)
        })
    })
    .await
}

fn ranking(key: &str, subject: &Subject) -> Option<Ranking> {
    Some(match (key, subject) {
        ("languages", Subject::All) => Ranking::UserLanguages,
        ("servers", Subject::All) => Ranking::Servers,
        ("tag_servers", Subject::Tag(_)) => Ranking::TagServers,
        ("tag_languages", Subject::Tag(_)) => Ranking::TagLanguages,
        ("instance_accounts", Subject::Server(_)) => Ranking::ServerAccounts,
        ("instance_languages", Subject::Server(_)) => Ranking::ServerLanguages,
        _ => return None,
    })
}

fn entry((name, value): (String, i64), what: Ranking, own_name: &str) -> Entry {
    let is_server = matches!(what, Ranking::Servers | Ranking::TagServers);
    let key = match (name.is_empty(), is_server) {
        (true, true) => own_name.to_owned(),
        (true, false) => "und".to_owned(),
        (false, _) => name,
    };
    Entry { name: key.clone(), key, value: value.to_string(), is_bytes: false }
}

fn space((own, cached): (i64, i64)) -> Vec<Entry> {
    let entry = |key: &str, name: &str, bytes: i64| Entry {
        key: key.to_owned(),
        name: name.to_owned(),
        value: bytes.to_string(),
        is_bytes: true,
    };
    vec![
        entry("media", "Media of this server", own),
        entry("cache", "Media of other servers", cached),
    ]
}

fn versions(database: &str, backups: Option<&Report>) -> Vec<Entry> {
    let entry = |key: &str, name: &str, value: &str| Entry {
        key: key.to_owned(),
        name: name.to_owned(),
        value: value.to_owned(),
        is_bytes: false,
    };
    let mut entries = vec![
        entry("tuskling", "tuskling", env!("CARGO_PKG_VERSION")),
        entry("database", "Database", database),
    ];
    // Apps show whatever stands in this list, so the owner sees it where they look already.
    if let Some(report) = backups {
        let time =
            |at: Option<Timestamp>| at.map_or_else(|| "never".to_owned(), Timestamp::rfc3339);
        let proved_at = report.proof.as_ref().map(|proof| proof.at);
        entries.push(entry("backup", "Last saved", &time(report.saved_at)));
        entries.push(entry("backup_proof", "Last proved restore", &time(proved_at)));
    }
    entries
}
