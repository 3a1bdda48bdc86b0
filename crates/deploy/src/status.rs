//! `deploy status` and `logs`: what is deployed, and whether it answers.
use std::process::Command;

use anyhow::{Context as _, bail};
use serde_json::{Value, json};

use crate::deployment::Deployment;
use crate::world::World;

/// Tells what is deployed; as JSON for programs.
///
/// # Errors
/// When the state cannot be read, or the instance does not answer.
pub fn run(deployment: &Deployment<'_>, as_json: bool) -> anyhow::Result<()> {
    let world = deployment.world;
    let terraform = deployment.open()?;
    let outputs =
        terraform.map(|terraform| terraform.outputs()).transpose()?.unwrap_or_else(|| json!({}));
    let url = outputs["url"].as_str();
    let answers = match url {
        // An emulator's hosts are none.
        Some(url) if !world.has_custom_endpoint() => Some(look(world, url, None)),
        _ => None,
    };
    let problem = answers.as_ref().and_then(|answers| answers.as_ref().err());
    if as_json {
        let value = json!({
            "environment": deployment.environment,
            "domain": deployment.domain,
            "deployed": url.is_some(),
            "url": url,
            "address": outputs["address"],
            "hosts": outputs["hosts"],
            "buckets": outputs["buckets"],
            "data_volume": outputs["data_volume"],
            "release": outputs["release"],
            "state_bucket": deployment.state_bucket(),
            "answers": answers.as_ref().map(Result::is_ok),
            "problem": problem,
        });
        (world.say)(&serde_json::to_string_pretty(&value)?);
    } else {
        show(deployment, &outputs);
    }
    match problem {
        Some(problem) => bail!(
            "it does not answer as it should: {problem}. `tuskling deploy logs` shows what the hosts say."
        ),
        None => Ok(()),
    }
}

fn show(deployment: &Deployment<'_>, outputs: &Value) {
    let say = deployment.world.say;
    let text = |name: &str| outputs[name].as_str().unwrap_or("?").to_owned();
    if outputs["url"].is_null() {
        say(&format!(
            "Nothing is deployed as {}. `tuskling deploy apply` does that.",
            deployment.environment
        ));
        return;
    }
    say(&format!("{} as {} at {}", text("url"), deployment.environment, text("address")));
    let release = &outputs["release"];
    say(&format!(
        "  release: {}, {}",
        release["version"].as_str().unwrap_or("?"),
        release["sha256"].as_str().unwrap_or("?")
    ));
    for (what, words) in [("hosts", "host"), ("buckets", "bucket")] {
        for (name, id) in outputs[what].as_object().into_iter().flatten() {
            say(&format!("  {words} {name}: {}", id.as_str().unwrap_or("?")));
        }
    }
    say(&format!("  data volume: {}", text("data_volume")));
    say(&format!("  state: {}", deployment.state_bucket()));
}

/// Whether the instance answers as it should, with this release if one is named.
///
/// # Errors
/// What is not yet right.
pub fn look(world: &World<'_>, url: &str, version: Option<&str>) -> Result<(), String> {
    match (world.probe)(&format!("{url}/ready"))? {
        (200, _) => {}
        (status, _) => return Err(format!("{url}/ready is answered with {status}")),
    }
    let Some(version) = version else { return Ok(()) };
    let (status, body) = (world.probe)(&format!("{url}/api/v2/instance"))?;
    let instance: Value = serde_json::from_str(&body).unwrap_or_default();
    let runs = instance["version"].as_str().unwrap_or_default();
    if status == 200 && runs.contains(version) {
        return Ok(());
    }
    Err(format!(
        "it runs {runs:?}, not yet {version}; if that stays so, the hosts have gone back to it"
    ))
}

/// What must be told to a registrar or another DNS provider.
pub fn tell_names(deployment: &Deployment<'_>, outputs: &Value) {
    let say = deployment.world.say;
    let servers: Vec<&str> = outputs["name_servers"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    if !servers.is_empty() {
        say(&format!(
            "Name servers of {}, for its registrar: {}",
            deployment.domain,
            servers.join(", ")
        ));
    }
    if deployment.settings.dns == config::DnsKind::External {
        say("Records for your DNS provider:");
        for record in outputs["records"].as_array().into_iter().flatten() {
            let part = |name: &str| record[name].as_str().unwrap_or("?").to_owned();
            say(&format!("  {:<6} {}  {}", part("type"), part("name"), part("value")));
        }
    }
    say(&format!("Public address: {}", outputs["address"].as_str().unwrap_or("?")));
}

/// The owner's one-time link, which the server left where only the owner's credentials read it.
pub fn tell_set_up_link(deployment: &Deployment<'_>, outputs: &Value) {
    let Some(parameter) = outputs["set_up_link_parameter"].as_str() else { return };
    let arguments = [
        "ssm",
        "get-parameter",
        "--with-decryption",
        "--output",
        "text",
        "--query",
        "Parameter.Value",
        "--region",
        &deployment.settings.region,
        "--name",
        parameter,
    ];
    let link =
        Command::new("aws").args(arguments).output().ok().filter(|output| output.status.success());
    let link = link.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    match link {
        Some(link) if link.starts_with("https://") => {
            (deployment.world.say)(&format!("Make your owner account: {link}"))
        }
        _ => (deployment.world.say)(&format!(
            "The link for your owner account: aws {}",
            arguments.join(" ")
        )),
    }
}

/// The words of a host, by Session Manager.
///
/// # Errors
/// When there is no such host, or the AWS command line is not installed.
pub fn logs(deployment: &Deployment<'_>, host: Option<&str>) -> anyhow::Result<()> {
    let Some(terraform) = deployment.open()? else {
        bail!("nothing is deployed as {}", deployment.environment)
    };
    let outputs = terraform.outputs()?;
    let hosts = outputs["hosts"].as_object().cloned().unwrap_or_default();
    let names: Vec<&str> = hosts.keys().map(String::as_str).collect();
    let host = host.or_else(|| names.iter().copied().find(|name| *name != "edge"));
    let id = host.and_then(|host| hosts.get(host)).and_then(Value::as_str);
    let Some(id) = id else {
        bail!("there is no host {}; there is: {}", host.unwrap_or("yet"), names.join(", "))
    };
    let units = ["tuskling", "tuskling-edge", "tuskling-nat", "tuskling-update"]
        .map(|unit| format!("-u {unit}"))
        .join(" ");
    let arguments = [
        "ssm".to_owned(),
        "start-session".into(),
        "--region".into(),
        deployment.settings.region.clone(),
        "--target".into(),
        id.to_owned(),
        "--document-name".into(),
        "AWS-StartInteractiveCommand".into(),
        "--parameters".into(),
        format!("command=\"sudo journalctl -n 200 -f {units}\""),
    ];
    let status = Command::new("aws").args(&arguments).status().with_context(|| {
        format!(
            "the AWS command line with its Session Manager plugin is not installed. With both, this shows the log: aws {}",
            arguments.join(" ")
        )
    })?;
    if status.success() { Ok(()) } else { bail!("the session ended with {status}") }
}
