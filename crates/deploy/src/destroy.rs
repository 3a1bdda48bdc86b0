//! `deploy destroy`: removes the hosts and everything around them, keeps what cannot be brought back (buckets, address, data
//! volume, zone) and says what that costs. With `--purge` it removes that, too.
use std::fs;

use anyhow::{Context as _, bail};

use crate::apply::{PLACEHOLDER, make_plan};
use crate::deployment::Deployment;
use crate::module;
use crate::plan::{self, Action};
use crate::prices::Prices;
use crate::release;
use crate::terraform::Terraform;

/// Removes.
///
/// # Errors
/// When nothing is deployed, nobody agrees, or AWS says no; the same command goes on.
pub fn run(deployment: &Deployment<'_>, is_purge: bool, is_agreed: bool) -> anyhow::Result<()> {
    let Some(terraform) = deployment.open()? else {
        (deployment.world.say)(&format!(
            "Nothing is deployed as {}: nothing to remove.",
            deployment.environment
        ));
        return Ok(());
    };
    let terraform = terraform
        .with_secret("link_secret", PLACEHOLDER.into())
        .with_secret("recovery_key", PLACEHOLDER.into());
    deployment.write_variables(
        &terraform,
        &release::any(&deployment.folder(), deployment.settings.architecture)?,
    )?;
    if is_purge {
        purge(deployment, &terraform, is_agreed)
    } else {
        remove(deployment, &terraform, is_agreed)
    }
}

fn remove(
    deployment: &Deployment<'_>,
    terraform: &Terraform<'_>,
    is_agreed: bool,
) -> anyhow::Result<()> {
    let say = deployment.world.say;
    let there = state(terraform)?;
    let (kept, going): (Vec<&str>, Vec<&str>) =
        there.iter().map(String::as_str).partition(|address| is_kept(address));
    let prices = Prices::known(&deployment.settings.folder)?;
    if going.is_empty() {
        say("The hosts are gone already.");
    } else {
        let mut arguments = vec!["-destroy".to_owned()];
        arguments.extend(going.iter().map(|address| format!("-target={address}")));
        let planned = make_plan(deployment, terraform, &prices, &arguments)?;
        let made = planned.changes.values().filter(|action| **action != Action::Remove).count();
        if made > 0 {
            bail!(
                "the plan to remove would also change {made} resources, which cannot be right: nothing is done"
            );
        }
        for line in plan::in_words(&planned) {
            say(&line);
        }
        say(
            "Kept: buckets with media and backups, the data volume, the public address, the DNS zone. `tuskling deploy apply` brings the instance back on them.",
        );
        if !is_agreed
            && !deployment.world.agrees(&format!("Remove the hosts of {}?", deployment.domain))
        {
            bail!("nobody agreed: nothing is removed. Say yes, or give --yes.");
        }
        terraform.run("apply", &["next.tfplan".into()])?;
        fs::remove_file(terraform.folder().join("next.tfplan"))?;
    }
    tell_what_stays(deployment, &kept, &prices);
    Ok(())
}

fn purge(
    deployment: &Deployment<'_>,
    terraform: &Terraform<'_>,
    is_agreed: bool,
) -> anyhow::Result<()> {
    let say = deployment.world.say;
    say(&format!(
        "This removes everything of {}: database, uploads, ALL BACKUPS, the address, the DNS zone. Nobody can bring it back.",
        deployment.domain
    ));
    if !is_agreed {
        let typed = (deployment.world.ask)(&format!("Type {} to go on: ", deployment.domain));
        if typed.as_deref().map(str::trim) != Some(&deployment.domain) {
            bail!("that was not {}: nothing is removed", deployment.domain);
        }
    }
    let override_file = terraform.folder().join(module::PURGE.0);
    fs::write(&override_file, module::PURGE.1)?;
    let done = purge_all(terraform);
    fs::remove_file(&override_file)?;
    done?;
    say(&format!(
        "Gone. What is left is the history of the state, in the bucket {}, for cents; empty and remove it in the AWS console.",
        deployment.state_bucket()
    ));
    Ok(())
}

fn purge_all(terraform: &Terraform<'_>) -> anyhow::Result<()> {
    // That a bucket may go with what is in it must be in the state before it goes.
    let there = state(terraform)?;
    let lifted: Vec<String> = there
        .iter()
        .filter(|address| {
            address.starts_with("aws_s3_bucket.") || address.starts_with("aws_route53_zone.")
        })
        .map(|address| format!("-target={address}"))
        .collect();
    if !lifted.is_empty() {
        let mut arguments = vec!["-auto-approve".to_owned()];
        arguments.extend(lifted);
        terraform.run("apply", &arguments)?;
    }
    terraform.run("destroy", &["-auto-approve".into()])
}

/// Addresses of everything that is managed.
fn state(terraform: &Terraform<'_>) -> anyhow::Result<Vec<String>> {
    let listed =
        terraform.output(&["state".into(), "list".into()]).context("the state cannot be read")?;
    Ok(listed.lines().filter(|line| !line.starts_with("data.")).map(str::to_owned).collect())
}

/// What stays, and what belongs to it.
fn is_kept(address: &str) -> bool {
    let kept =
        ["aws_s3_", "aws_eip.", "aws_ebs_volume.", "aws_route53_zone.", "aws_ssm_parameter."];
    kept.iter().any(|begin| address.starts_with(begin))
}

fn tell_what_stays(deployment: &Deployment<'_>, kept: &[&str], prices: &Prices) {
    let settings = &deployment.settings;
    let find = |service: &str, item: &str| {
        prices.find(service, item, &settings.region).map_or(0.0, |price| price.usd)
    };
    let has = |begin: &str| kept.iter().any(|address| address.starts_with(begin));
    let lines = [
        (has("aws_eip."), 730.0 * find("vpc", "public IPv4 address"), "the public address"),
        (
            has("aws_ebs_volume."),
            f64::from(settings.data_volume_gb) * find("ebs", "gp3 storage"),
            "the data volume",
        ),
        (has("aws_route53_zone."), find("route53", "hosted zone"), "the DNS zone"),
        (
            has("aws_s3_bucket."),
            f64::from(settings.expected_media_gb + settings.expected_backup_gb)
                * find("s3", "standard"),
            "media and backups, as expected in [deploy]",
        ),
    ];
    (deployment.world.say)("What is kept goes on to cost, in US dollars a month:");
    let mut total = 0.0;
    for (_, usd, what) in lines.iter().filter(|(is_there, _, _)| *is_there) {
        total += usd;
        (deployment.world.say)(&format!("  {usd:>6.2} {what}"));
    }
    (deployment.world.say)(&format!(
        "  {total:>6.2} in all. `tuskling deploy destroy --purge` ends that, with all data."
    ));
}
