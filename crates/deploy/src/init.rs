//! `deploy init`: the few questions, and the section of tuskling.toml that follows from the answers.
use std::fs;
use std::path::Path;

use anyhow::{Context as _, bail};
use config::Config;

use crate::deployment::recovery_key;
use crate::prices::Prices;
use crate::world::World;

/// What is known before anything is asked: from flags.
#[derive(Clone, Debug, Default)]
pub struct Answers {
    /// The name of the instance.
    pub domain: Option<String>,
    /// The AWS region.
    pub region: Option<String>,
    /// private or single.
    pub shape: Option<String>,
    /// arm64 or `x86_64`.
    pub architecture: Option<String>,
    /// Mail address of the owner.
    pub contact: Option<String>,
    /// new, existing or external.
    pub dns: Option<String>,
}

/// Asks what no flag answered, and writes the section `[deploy]` to the end of the file.
///
/// # Errors
/// When there is a section already, an answer cannot be used, or the file cannot be written. Then nothing is written.
pub fn run(answers: &Answers, file: &Path, world: &World<'_>) -> anyhow::Result<()> {
    let before = match fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", file.display())),
    };
    if before.lines().any(|line| line.trim() == "[deploy]") {
        bail!(
            "{} has a section [deploy] already: change it there, then `tuskling deploy plan`",
            file.display()
        );
    }
    let regions = Prices::built_in()?.regions().join(", ");
    let domain =
        answer(world, answers.domain.as_ref(), "Name of the instance (social.example)", None)?;
    let region = answer(
        world,
        answers.region.as_ref(),
        &format!("AWS region ({regions})"),
        Some("eu-west-3"),
    )?;
    let shape = answer(
        world,
        answers.shape.as_ref(),
        "Shape: private (two hosts) or single (one host)",
        Some("private"),
    )?;
    let contact = answer(
        world,
        answers.contact.as_ref(),
        "Your mail address, for alarms and certificates",
        None,
    )?;
    let dns = answer(
        world,
        answers.dns.as_ref(),
        "DNS: new zone, existing zone, or external provider",
        Some("new"),
    )?;
    let own = if std::env::consts::ARCH == "aarch64" { "arm64" } else { "x86_64" };
    let architecture = answers.architecture.clone().unwrap_or_else(|| own.to_owned());
    let pairs = [
        ("domain", &domain),
        ("region", &region),
        ("shape", &shape),
        ("architecture", &architecture),
        ("contact", &contact),
        ("dns", &dns),
    ];
    let mut section = String::from("[deploy]\n");
    for (key, value) in pairs {
        if value.contains(['"', '\\', '\n']) {
            bail!("{key}: {value:?} cannot be right");
        }
        section.push_str(&format!("{key} = \"{value}\"\n"));
    }
    let gap = if before.is_empty() || before.ends_with("\n\n") { "" } else { "\n" };
    let part = file.with_extension("toml.part");
    fs::write(&part, format!("{before}{gap}{section}"))
        .with_context(|| format!("cannot write {}", part.display()))?;
    if let Err(error) = check(&part) {
        fs::remove_file(&part)?;
        return Err(error);
    }
    fs::rename(&part, file)?;
    (world.say)(&format!("Written to {}.", file.display()));
    recovery_key(&config::Deploy::default().recovery_key_file, world)?;
    (world.say)(
        "Next: `tuskling deploy plan` shows what will be made and what it costs; `tuskling deploy apply` makes it.",
    );
    Ok(())
}

/// The whole file must be one that every command can read.
fn check(file: &Path) -> anyhow::Result<()> {
    let read = config::load(&config::Sources {
        file: Some(file.to_owned()),
        ..config::Sources::default()
    });
    let config: Config = read?;
    config.validate()?;
    Ok(())
}

fn answer(
    world: &World<'_>,
    given: Option<&String>,
    question: &str,
    usual: Option<&str>,
) -> anyhow::Result<String> {
    if let Some(given) = given {
        return Ok(given.clone());
    }
    let shown = usual.map(|usual| format!(" [{usual}]")).unwrap_or_default();
    let answer =
        (world.ask)(&format!("{question}{shown}: ")).map(|answer| answer.trim().to_owned());
    match (answer, usual) {
        (Some(answer), _) if !answer.is_empty() => Ok(answer),
        (_, Some(usual)) => Ok(usual.to_owned()),
        _ => {
            bail!("nobody answered: {question}. Answer, or give it as a flag (--help names them).")
        }
    }
}
