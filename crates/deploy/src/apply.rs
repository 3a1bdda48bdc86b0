//! `deploy plan`, `apply` and `update`: one way. Settings → Terraform's plan → checked, told, priced → done, if the person
//! agrees → looked at from outside. Each step may be interrupted; the same command goes on.
use std::fs;
use std::time::Duration;

use anyhow::{Context as _, bail};
use serde_json::{Value, json};

use crate::cost::Use;
use crate::deployment::Deployment;
use crate::module;
use crate::plan::{self, Action, Plan};
use crate::prices::Prices;
use crate::release::{self, Named, Release};
use crate::status;
use crate::terraform::Terraform;
use crate::words;

/// The file of a plan, in the folder of the module.
const NEXT: &str = "next.tfplan";

/// In the place of secrets where none is sent.
pub const PLACEHOLDER: &str = "no secret is sent by this plan";

/// How to apply.
#[derive(Clone, Debug, Default)]
pub struct How {
    /// Without asking.
    pub is_agreed: bool,
    /// Do not wait until the instance answers.
    pub is_patient: bool,
    /// Free a lock that an interrupted run left.
    pub unlock: Option<String>,
    /// The program to run there.
    pub release: Named,
}

/// Shows what `apply` would do.
///
/// # Errors
/// What keeps it from being planned, in words.
pub fn plan(
    deployment: &Deployment<'_>,
    named: &Named,
    is_offline: bool,
    as_json: bool,
) -> anyhow::Result<()> {
    let opened = if is_offline { Ok(None) } else { deployment.open() };
    let opened = match opened {
        Ok(opened) => opened,
        // Somebody who never deployed wants to know what it will be, credentials or not.
        Err(error) if !deployment.folder().join("domain").exists() => {
            let first = error.to_string();
            let first = first.lines().next().unwrap_or_default().to_owned();
            if !as_json {
                (deployment.world.say)(&format!(
                    "AWS was not asked ({first}): this is what an empty account would get."
                ));
            }
            None
        }
        Err(error) => return Err(error),
    };
    let prices = Prices::known(&deployment.settings.folder)?;
    let architecture = deployment.settings.architecture;
    let planned = match opened {
        Some(terraform) => {
            let terraform = terraform
                .with_secret("link_secret", PLACEHOLDER.into())
                .with_secret("recovery_key", PLACEHOLDER.into());
            let release = release::choose(named, &deployment.folder(), architecture)?;
            deployment.write_variables(&terraform, &release)?;
            make_plan(deployment, &terraform, &prices, &[])?
        }
        None => {
            let release = match named.file {
                Some(_) => release::choose(named, &deployment.folder(), architecture)?,
                None => release::any(&deployment.folder(), architecture)?,
            };
            plan_from_nothing(deployment, &release, &prices)?
        }
    };
    if as_json {
        let text = serde_json::to_string_pretty(&plan::as_json(&planned))?;
        (deployment.world.say)(&text);
    } else {
        tell(deployment, &planned, &prices);
    }
    Ok(())
}

/// Makes what the settings say.
///
/// # Errors
/// What went wrong, why, and what to do; what is done stays done.
pub fn apply(deployment: &Deployment<'_>, how: &How) -> anyhow::Result<()> {
    let release =
        release::choose(&how.release, &deployment.folder(), deployment.settings.architecture)?;
    let terraform = with_secrets(deployment, deployment.open_or_begin()?)?;
    if let Some(id) = &how.unlock {
        terraform
            .output(&["force-unlock".into(), "-force".into(), id.clone()])
            .map_err(|error| words::explain(&error.to_string()))?;
    }
    deployment.write_variables(&terraform, &release)?;
    let prices = Prices::known(&deployment.settings.folder)?;
    let planned = make_plan(deployment, &terraform, &prices, &[])?;
    tell(deployment, &planned, &prices);
    if planned.changes.is_empty() {
        fs::remove_file(terraform.folder().join(NEXT))?;
    } else {
        if !how.is_agreed && !deployment.world.agrees("Do it?") {
            bail!("nobody agreed: nothing is changed. Say yes, or give --yes.");
        }
        terraform.run("apply", &[NEXT.into()])?;
        fs::remove_file(terraform.folder().join(NEXT))?;
    }
    let outputs = terraform.outputs()?;
    status::tell_names(deployment, &outputs);
    finish(deployment, how, &outputs, None)
}

/// Hands the hosts a new release. They take it by themselves within minutes, and go back by themselves if it is not healthy.
///
/// # Errors
/// As [`apply`]; also when nothing is deployed, or more than the release would change.
pub fn update(deployment: &Deployment<'_>, how: &How) -> anyhow::Result<()> {
    let mut named = how.release.clone();
    if named.file.is_none() {
        named.file = Some(std::env::current_exe().context("where this program is")?);
        named.version = named.version.or_else(|| Some(env!("CARGO_PKG_VERSION").to_owned()));
    }
    let Some(terraform) = deployment.open()? else {
        bail!(
            "nothing is deployed as {} yet: `tuskling deploy apply` does that",
            deployment.environment
        );
    };
    let release = release::choose(&named, &deployment.folder(), deployment.settings.architecture)?;
    let terraform = with_secrets(deployment, terraform)?;
    deployment.write_variables(&terraform, &release)?;
    let planned =
        make_plan(deployment, &terraform, &Prices::known(&deployment.settings.folder)?, &[])?;
    let others: Vec<&str> = planned
        .changes
        .iter()
        .filter(|(address, _)| !address.starts_with("aws_s3_object."))
        .map(|(address, _)| address.as_str())
        .collect();
    if !others.is_empty() {
        bail!(
            "the settings changed as well, which `update` does not touch: {}. Look at `tuskling deploy plan`; `tuskling deploy apply` does both.",
            others.join(", ")
        );
    }
    let releases = planned.changes.values().filter(|action| **action != Action::Remove).count();
    if releases == 0 {
        (deployment.world.say)(&format!(
            "The hosts run {} already, or are about to.",
            release.version
        ));
    } else {
        terraform.run("apply", &[NEXT.into()])?;
        (deployment.world.say)(&format!(
            "{} ({}) is in the bucket. The hosts look every two minutes, switch, and go back by themselves if it is not healthy.",
            release.version, release.sha256
        ));
    }
    fs::remove_file(terraform.folder().join(NEXT))?;
    finish(deployment, how, &terraform.outputs()?, Some(&release))
}

fn with_secrets<'w>(
    deployment: &Deployment<'w>,
    terraform: Terraform<'w>,
) -> anyhow::Result<Terraform<'w>> {
    // The link's secret is written once; at later runs the parameter's version stays, and this is not sent.
    let secret = (deployment.world.secret)();
    Ok(terraform
        .with_secret("link_secret", secret)
        .with_secret("recovery_key", deployment.recovery_key()?))
}

/// Terraform's plan, checked.
///
/// # Errors
/// When it cannot be made, or may not be carried out.
pub fn make_plan(
    deployment: &Deployment<'_>,
    terraform: &Terraform<'_>,
    prices: &Prices,
    more: &[String],
) -> anyhow::Result<Plan> {
    let mut arguments = vec![format!("-out={NEXT}")];
    arguments.extend(more.iter().cloned());
    terraform.run("plan", &arguments)?;
    let shown = terraform.output(&["show".into(), "-json".into(), NEXT.into()])?;
    let value: Value = serde_json::from_str(&shown).context("Terraform's plan")?;
    plan::read(&value, &Use::of(&deployment.settings), &deployment.settings.region, prices)
}

/// What an empty account would get, without asking AWS: zone and image are placeholders.
fn plan_from_nothing(
    deployment: &Deployment<'_>,
    release: &Release,
    prices: &Prices,
) -> anyhow::Result<Plan> {
    let folder = deployment.folder().join("preview");
    module::write(&folder, module::MODULE)?;
    // Without a state; the bucket for it does not exist yet.
    fs::write(folder.join("backend_override.tf"), "terraform {\n  backend \"local\" {}\n}\n")?;
    let terraform = Terraform::new(deployment.world, &folder)
        .with_variable("AWS_ACCESS_KEY_ID", "preview")
        .with_variable("AWS_SECRET_ACCESS_KEY", "preview")
        .with_variable("AWS_SESSION_TOKEN", "")
        .with_secret("link_secret", PLACEHOLDER.into())
        .with_secret("recovery_key", PLACEHOLDER.into());
    terraform.init(&[]).map_err(|said| words::explain(&said))?;
    let mut variables = deployment.variables(release)?;
    variables["api"] = json!("none");
    let settings = &deployment.settings;
    variables["availability_zone"] = json!(
        settings.availability_zone.clone().unwrap_or_else(|| format!("{}a", settings.region))
    );
    variables["ami_id"] = json!(settings.ami_id.clone().unwrap_or_else(|| "ami-00000000".into()));
    variables["zone_id"] = json!(settings.zone_id.clone().unwrap_or_else(|| "Z00000000".into()));
    fs::write(folder.join("terraform.tfvars.json"), format!("{variables:#}\n"))?;
    make_plan(deployment, &terraform, prices, &["-refresh=false".into()])
}

fn tell(deployment: &Deployment<'_>, planned: &Plan, prices: &Prices) {
    let settings = &deployment.settings;
    (deployment.world.say)(&format!(
        "{} as {} in {}, shape {}, {}:",
        deployment.domain,
        deployment.environment,
        settings.region,
        settings.shape.name(),
        settings.architecture.name()
    ));
    for line in plan::in_words(planned) {
        (deployment.world.say)(&line);
    }
    for line in plan::bill_in_words(planned, &settings.region, prices) {
        (deployment.world.say)(&line);
    }
}

/// Waits until the instance answers from outside, and says where it is.
fn finish(
    deployment: &Deployment<'_>,
    how: &How,
    outputs: &Value,
    release: Option<&Release>,
) -> anyhow::Result<()> {
    let world = deployment.world;
    let url = outputs["url"].as_str().context("the outputs of the module name no address")?;
    if !how.is_patient || world.has_custom_endpoint() {
        (world.say)(&format!("Not waiting for {url} to answer; `tuskling deploy status` looks."));
        return Ok(());
    }
    (world.say)(&format!(
        "Waiting for {url}: names, certificate, health. That takes some minutes."
    ));
    let mut last = String::new();
    for _ in 0..90 {
        let look = status::look(world, url, release.map(|release| release.version.as_str()));
        match look {
            Ok(()) => {
                (world.say)(&format!("{url} answers."));
                status::tell_set_up_link(deployment, outputs);
                return Ok(());
            }
            Err(why) if why != last => {
                (world.say)(&format!("  not yet: {why}"));
                last = why;
            }
            Err(_) => {}
        }
        (world.pause)(Duration::from_secs(10));
    }
    bail!(
        "everything is made, and {url} does not answer as it should after 15 minutes: {last}. Are the registrar's name servers \
         those above? `tuskling deploy logs` shows what the hosts say; the same command may be run again."
    )
}
