//! `tuskling domain …`: rules about whole domains. A running server takes a change up at once; what
//! follows for accounts that are known is done by its jobs.

use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, bail};
use app::App;
use app::domain_rules::{self, Change, Import};
use serde_json::json;

use crate::cli::{Data, Domain};
use crate::commands::{say, say_error};
use crate::context;

/// Runs the verb.
///
/// # Errors
/// In words for the person at the terminal.
pub async fn run(config: config::Config, verb: Domain) -> anyhow::Result<()> {
    let app = open(config, data_of(&verb)).await?;
    let result = act(&app, verb).await;
    app.store.close().await;
    result
}

fn data_of(verb: &Domain) -> &Data {
    match verb {
        Domain::Block { data, .. }
        | Domain::Unblock { data, .. }
        | Domain::Allow { data, .. }
        | Domain::List { data, .. }
        | Domain::Import { data, .. }
        | Domain::Export { data } => data,
    }
}

async fn open(mut config: config::Config, data: &Data) -> anyhow::Result<Arc<App>> {
    context::apply_data(&mut config, data);
    context::open(config).await
}

async fn act(app: &Arc<App>, verb: Domain) -> anyhow::Result<()> {
    match verb {
        Domain::Block {
            domain,
            severity,
            reject_media,
            reject_reports,
            obfuscate,
            comment,
            public_comment,
            data: _,
        } => {
            let change = Change {
                domain,
                severity: severity.into(),
                reject_media,
                reject_reports,
                obfuscate,
                private_comment: comment,
                public_comment,
            };
            let rule = domain_rules::set(app, change).await?;
            say(&format!("{}: {}", rule.domain, rule.severity.name()));
        }
        Domain::Unblock { domain, data: _ } => match domain_rules::remove(app, &domain).await {
            Ok(rule) => say(&format!("{}: no rule any more", rule.domain)),
            Err(app::AppError::NotFound) => {
                bail!("there is no rule for {domain:?}; `tuskling domain list` shows them")
            }
            Err(error) => return Err(error.into()),
        },
        Domain::Allow { domain, undo: false, data: _ } => {
            domain_rules::allow(app, &domain).await?;
            say(&format!("{domain}: allowed"));
            if !app.config.federation.allow_list {
                say(
                    "This counts once federation.allow_list is on; now every domain is spoken with.",
                );
            }
        }
        Domain::Allow { domain, undo: true, data: _ } => {
            if !domain_rules::disallow(app, &domain).await? {
                bail!("{domain:?} was not allowed; `tuskling domain list` shows who is");
            }
            say(&format!("{domain}: not allowed any more"));
        }
        Domain::List { json, data: _ } => list(app, json).await?,
        Domain::Import { file, data: _ } => import(app, &file).await?,
        Domain::Export { data: _ } => say(domain_rules::export(app).await?.trim_end()),
    }
    Ok(())
}

async fn list(app: &App, json: bool) -> anyhow::Result<()> {
    let (rules, allowed) = (domain_rules::list(app).await?, domain_rules::allowed(app).await?);
    if json {
        let rules: Vec<_> = rules
            .iter()
            .map(|rule| {
                json!({
                    "domain": rule.domain,
                    "severity": rule.severity.name(),
                    "reject_media": rule.reject_media,
                    "reject_reports": rule.reject_reports,
                    "obfuscate": rule.obfuscate,
                    "private_comment": rule.private_comment,
                    "public_comment": rule.public_comment,
                    "created_at": rule.created_at.rfc3339(),
                })
            })
            .collect();
        let allowed: Vec<_> = allowed.iter().map(|allowed| &allowed.domain).collect();
        say(&serde_json::to_string_pretty(&json!({ "rules": rules, "allowed": allowed }))?);
        return Ok(());
    }
    for rule in rules {
        let more = [(rule.reject_media, " no media"), (rule.reject_reports, " no reports")];
        let more: String = more.iter().filter(|(is_on, _)| *is_on).map(|(_, text)| *text).collect();
        say(&format!("{:<8} {}{more}", rule.severity.name(), rule.domain));
    }
    for allowed in allowed {
        say(&format!("{:<8} {}", "allowed", allowed.domain));
    }
    Ok(())
}

async fn import(app: &Arc<App>, file: &Path) -> anyhow::Result<()> {
    match domain_rules::import(app, &read(file)?).await? {
        Import::Done { changed, same } => {
            say(&format!("{changed} rules taken over, {same} were there already."));
            Ok(())
        }
        Import::Refused(lines) => {
            for (line, why) in &lines {
                say_error(&anyhow::anyhow!("line {line}: {why}"));
            }
            bail!("nothing was taken over: {} lines are wrong", lines.len())
        }
    }
}

/// The most bytes that are read; the use case refuses what is longer than a list may be.
const MOST: u64 = 11 * 1024 * 1024;

fn read(file: &Path) -> anyhow::Result<String> {
    let mut text = String::new();
    if file == Path::new("-") {
        std::io::stdin().lock().take(MOST).read_to_string(&mut text)?;
    } else {
        let opened = std::fs::File::open(file).with_context(|| file.display().to_string())?;
        let read = opened.take(MOST).read_to_string(&mut text);
        read.with_context(|| format!("{} is no text", file.display()))?;
    }
    Ok(text)
}
