//! `deploy cost --refresh`: the prices of one region, looked up in the public price lists of AWS (Price List Bulk API), which anybody
//! may read. What is found becomes a table of the person's own, which stands before the one that the program was built with.
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use config::Deploy;

use crate::prices::Prices;
use crate::prices::list::{self, Everything, Outcome, Reader, Rule};
use crate::world::World;

/// Where AWS publishes them. `AWS_ENDPOINT_URL_PRICING` names another place, in the manner of the AWS tools.
const AWS: &str = "https://pricing.us-east-1.amazonaws.com";
/// A price that became so many times what it was, or so small a part of it, is more likely a mistake.
const LEAP: f64 = 10.0;
/// Those whose list is one for all regions.
const EVERYWHERE: &[&str] = &["AmazonRoute53"];

/// What became of one price.
#[derive(Clone, Debug, PartialEq)]
enum Change {
    Same,
    New(f64),
    /// Not in the list: the old one stays.
    Missing,
    /// So far from the old one that somebody must agree.
    Leap(f64),
    /// In the list, and no price: the old one stays.
    Odd(String),
}

/// Looks up the prices of a region and keeps them.
///
/// # Errors
/// When a list cannot be read, nothing of ours is in it, or a price is implausible and `is_agreed` does not say to go on. Then
/// nothing is written.
pub fn run(
    settings: &Deploy,
    region: &str,
    is_agreed: bool,
    world: &World<'_>,
) -> anyhow::Result<()> {
    check_region(region)?;
    let before = Prices::known(&settings.folder)?;
    let rules = rules(settings, &before);
    let (day, found) = look_up(&rules, region, world)?;
    if found.values().all(Result::is_err) {
        bail!(
            "none of our prices is in the lists for {region}: is it the name of a region? Nothing is changed."
        );
    }
    let changes: Vec<(&Rule, Change)> = rules
        .iter()
        .map(|rule| (rule, change(rule, region, &before, found.get(&rule.key))))
        .collect();
    tell(&changes, region, &before, world);
    let doubtful =
        changes.iter().filter(|(_, one)| matches!(one, Change::Leap(_) | Change::Odd(_))).count();
    if doubtful > 0 && !is_agreed {
        bail!(
            "{doubtful} prices are not plausible (marked ! above), and nothing is changed. If they are right, say --yes: leaps are \
             taken then, and what is no price in US dollars stays as it was."
        );
    }
    let mut table = before;
    for (rule, change) in &changes {
        if let Change::Same | Change::New(_) | Change::Leap(_) = change
            && let Some(Ok(found)) = found.get(&rule.key)
        {
            table.replace(rule, region, found.usd, &day);
        }
    }
    table.estimate_savings_plans(region);
    let file = write(&settings.folder, &table)?;
    (world.say)(&format!(
        "Prices of {region} as of {day} are in {}; remove that file to go back to those of the program.",
        file.display()
    ));
    Ok(())
}

/// It becomes part of an address.
fn check_region(region: &str) -> anyhow::Result<()> {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if region.is_empty() || region.len() > 25 || !region.bytes().all(fits) {
        bail!("{region:?} is no AWS region; write one like eu-west-3");
    }
    Ok(())
}

/// What to look for: all that the table has or says is not sold there, and the types of the settings.
fn rules(settings: &Deploy, prices: &Prices) -> Vec<Rule> {
    let mut wanted: BTreeSet<(String, String)> = prices.items().collect();
    let types = [&settings.edge_instance_type, &settings.app_instance_type];
    for kind in types.into_iter().flatten() {
        wanted.insert(("ec2".to_owned(), format!("{kind} od")));
    }
    wanted.iter().filter_map(|(service, item)| list::rule(service, item)).collect()
}

/// Reads each list once, as it comes. The day is that of the newest.
fn look_up(
    rules: &[Rule],
    region: &str,
    world: &World<'_>,
) -> anyhow::Result<(String, Everything)> {
    let base = (world.variable)("AWS_ENDPOINT_URL_PRICING").filter(|url| !url.is_empty());
    let base = base.as_deref().unwrap_or(AWS).trim_end_matches('/');
    let offers: BTreeSet<&str> = rules.iter().map(|rule| rule.offer).collect();
    let (mut day, mut all) = (String::new(), Everything::new());
    for offer in offers {
        let place = if EVERYWHERE.contains(&offer) { String::new() } else { format!("/{region}") };
        let url = format!("{base}/offers/v1.0/aws/{offer}/current{place}/index.csv");
        let large = if offer == "AmazonEC2" {
            " (some hundred megabytes; nothing of it is kept)"
        } else {
            ""
        };
        (world.say)(&format!("Reading the list of {offer}{large}."));
        let mut reader = Reader::new(rules.iter().filter(|rule| rule.offer == offer).collect());
        let failed = |why: String| {
            anyhow::anyhow!(
                "the price list {url} cannot be read: {why}. Nothing is changed; try again later."
            )
        };
        (world.stream)(&url, &mut |piece| reader.take(piece)).map_err(failed)?;
        let (published, found) = reader.finish().map_err(failed)?;
        if published > day {
            day = published;
        }
        all.extend(found);
    }
    if day.len() != 10 || !day.starts_with("20") {
        bail!(
            "the price lists do not say of which day they are: has their format changed? Nothing is changed."
        );
    }
    Ok((day, all))
}

fn change(rule: &Rule, region: &str, before: &Prices, found: Option<&Outcome>) -> Change {
    let (service, item) = &rule.key;
    let old = before.find(service, item, region).map(|price| price.usd);
    match (found, old) {
        (None, _) => Change::Missing,
        (Some(Err(why)), _) => Change::Odd(why.clone()),
        (Some(Ok(found)), Some(old)) if (found.usd - old).abs() < 1e-9 => Change::Same,
        (Some(Ok(found)), Some(old)) if old > 0.0 => {
            let times = found.usd / old;
            if (1.0 / LEAP..=LEAP).contains(&times) {
                Change::New(found.usd)
            } else {
                Change::Leap(found.usd)
            }
        }
        (Some(Ok(found)), _) => Change::New(found.usd),
    }
}

fn tell(changes: &[(&Rule, Change)], region: &str, before: &Prices, world: &World<'_>) {
    let count = |what: fn(&Change) -> bool| changes.iter().filter(|(_, one)| what(one)).count();
    (world.say)(&format!(
        "{region}: {} prices are as before, {} changed, {} are not in the lists.",
        count(|one| matches!(one, Change::Same)),
        count(|one| matches!(one, Change::New(_) | Change::Leap(_))),
        count(|one| matches!(one, Change::Missing))
    ));
    for (rule, change) in changes {
        let (service, item) = &rule.key;
        let old = before.find(service, item, region);
        let old = old.map_or("not known".to_owned(), |price| format!("{} $", price.usd));
        match change {
            Change::Same => {}
            Change::New(new) => (world.say)(&format!("    {service} {item}: {old} → {new} $")),
            Change::Leap(new) => (world.say)(&format!("  ! {service} {item}: {old} → {new} $")),
            Change::Odd(why) => (world.say)(&format!("  ! {service} {item}: {why}; {old} stays")),
            Change::Missing if old == "not known" => {}
            Change::Missing => {
                (world.say)(&format!("    {service} {item}: not found; {old} stays"))
            }
        }
    }
}

/// In one step, so that nobody reads half a table.
fn write(folder: &Path, table: &Prices) -> anyhow::Result<PathBuf> {
    let file = Prices::file(folder);
    let part = file.with_extension("csv.part");
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    fs::write(&part, table.own_rows())
        .with_context(|| format!("cannot write {}", part.display()))?;
    fs::rename(&part, &file).with_context(|| format!("cannot write {}", file.display()))?;
    Ok(file)
}

#[cfg(test)]
mod tests;
