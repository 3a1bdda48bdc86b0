//! `tuskling doctor`: looks at everything that an operator would look at, and says of each thing what it
//! is, why that matters and what to do. It changes nothing, whether `serve` runs or not.

mod backups;
mod database;
mod machine;
mod outside;

use std::path::Path;

use config::Config;
use serde_json::json;

use crate::cli::Doctor;
use crate::commands::say;
use crate::{context, logs};

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    /// As it should be.
    Good,
    /// Worth a look; it works without.
    Hint,
    /// Something does not work, or data could be lost.
    Wrong,
}

/// What was found out about one thing.
#[derive(Clone, Debug)]
struct Finding {
    about: &'static str,
    level: Level,
    what: String,
    remedy: Option<String>,
}

impl Finding {
    fn good(about: &'static str, what: impl Into<String>) -> Self {
        Self { about, level: Level::Good, what: what.into(), remedy: None }
    }

    fn hint(about: &'static str, what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { about, level: Level::Hint, what: what.into(), remedy: Some(remedy.into()) }
    }

    fn wrong(about: &'static str, what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { about, level: Level::Wrong, what: what.into(), remedy: Some(remedy.into()) }
    }
}

/// Looks, and prints what was found.
///
/// # Errors
/// When something is wrong: the lines on stdout say what.
pub async fn run(file: Option<&Path>, json: bool, arguments: &Doctor) -> anyhow::Result<()> {
    let findings = match settings(file, arguments) {
        Ok(config) => {
            logs::start(&config.log, json)?;
            examine(&config, file).await
        }
        Err(error) => vec![Finding::wrong(
            "configuration",
            format!("{error:#}"),
            "Mend the setting; `tuskling config example` explains each one",
        )],
    };
    show(&findings, arguments.json)?;
    match findings.iter().filter(|finding| finding.level == Level::Wrong).count() {
        0 => Ok(()),
        1 => anyhow::bail!("one thing is wrong"),
        many => anyhow::bail!("{many} things are wrong"),
    }
}

fn settings(file: Option<&Path>, arguments: &Doctor) -> anyhow::Result<Config> {
    let mut config = context::load_config(file)?;
    context::apply_data(&mut config, &arguments.data);
    config.validate()?;
    config.server.address()?;
    Ok(config)
}

async fn examine(config: &Config, file: Option<&Path>) -> Vec<Finding> {
    let mut findings = vec![Finding::good("configuration", "can be read and makes sense")];
    findings.extend(machine::folders(&config.server.data));
    // Without its folder everything behind it would only say the same again.
    let has_data = findings.iter().all(|finding| finding.level != Level::Wrong);
    let mut config = config.clone();
    let mut newest = None;
    if has_data {
        let looked = database::look(&mut config).await;
        newest = looked.newest;
        findings.extend(looked.findings);
        findings.extend(machine::room(&config));
    }
    findings.push(machine::clock(newest));
    let is_local = config.server.address().is_ok_and(|address| address.is_local);
    findings.extend(backups::look(&config, file, is_local).await);
    findings.extend(outside::look(&config).await);
    findings
}

fn show(findings: &[Finding], as_json: bool) -> anyhow::Result<()> {
    let word = |level| match level {
        Level::Good => "ok",
        Level::Hint => "hint",
        Level::Wrong => "wrong",
    };
    if as_json {
        let list: Vec<_> = findings
            .iter()
            .map(|finding| {
                json!({
                    "about": finding.about,
                    "level": word(finding.level),
                    "what": finding.what,
                    "remedy": finding.remedy,
                })
            })
            .collect();
        let ok = findings.iter().all(|finding| finding.level != Level::Wrong);
        say(&serde_json::to_string_pretty(&json!({ "ok": ok, "findings": list }))?);
        return Ok(());
    }
    for finding in findings {
        say(&format!("{:<6} {}: {}", word(finding.level), finding.about, finding.what));
        if let Some(remedy) = &finding.remedy {
            say(&format!("       {remedy}"));
        }
    }
    Ok(())
}
