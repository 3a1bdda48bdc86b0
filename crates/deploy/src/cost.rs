//! The monthly bill: an inventory and an expected use, priced by the table. Pure. What it does not know it says, so that a
//! total is never silently too small.
use config::{Deploy, Shape};
use serde_json::{Value, json};

use crate::inventory::{self, Inventory};
use crate::prices::Prices;

/// Hours of a month, as AWS counts.
const HOURS: f64 = 730.0;
/// Alarms that cost nothing.
const FREE_ALARMS: u64 = 10;

/// How hosts are paid for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Terms {
    /// By the hour, without a promise.
    OnDemand,
    /// For a year, paid by the month.
    SavingsPlan,
    /// What nobody else wants at the moment.
    Spot,
}

/// What is used in a month beyond what exists. The same for every design that is compared.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Use {
    /// Gigabytes of media.
    pub media_gb: f64,
    /// Gigabytes of backups.
    pub backup_gb: f64,
    /// Gigabytes to the internet.
    pub traffic_gb: f64,
    /// Mails.
    pub mails: f64,
    /// Objects written.
    pub puts: f64,
    /// Objects read.
    pub gets: f64,
}

impl Use {
    /// What the settings expect.
    #[must_use]
    pub fn of(settings: &Deploy) -> Self {
        Self {
            media_gb: f64::from(settings.expected_media_gb),
            backup_gb: f64::from(settings.expected_backup_gb),
            traffic_gb: f64::from(settings.expected_traffic_gb),
            mails: f64::from(settings.expected_mails),
            puts: 20_000.0,
            gets: 100_000.0,
        }
    }
}

/// One line of a bill.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// What it is for.
    pub what: String,
    /// US dollars a month.
    pub usd: f64,
    /// Whether its price is from a price list.
    pub is_verified: bool,
}

/// A month's bill.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Bill {
    /// Its lines.
    pub lines: Vec<Line>,
    /// What is not in it, because its price is not known.
    pub unknown: Vec<String>,
}

impl Bill {
    /// The sum; none when a price is missing.
    #[must_use]
    pub fn total(&self) -> Option<f64> {
        // Not sum(): that of nothing is -0.
        self.unknown.is_empty().then(|| self.lines.iter().fold(0.0, |sum, line| sum + line.usd))
    }
}

/// Prices what exists and what is used.
#[must_use]
pub fn bill(
    inventory: &Inventory,
    used: &Use,
    terms: Terms,
    region: &str,
    prices: &Prices,
) -> Bill {
    let mut writer = Writer { bill: Bill::default(), region, prices };
    for host in &inventory.hosts {
        let terms = if host.is_spot { Terms::Spot } else { terms };
        let (key, words) = match terms {
            Terms::OnDemand => ("od", "on demand"),
            Terms::SavingsPlan => ("sp1y-no-upfront", "savings plan"),
            Terms::Spot => ("spot", "Spot"),
        };
        let item = format!("{} {key}", host.instance_type);
        writer.add(&format!("{}: {}, {words}", host.role, host.instance_type), "ec2", &item, HOURS);
    }
    for disk in &inventory.disks {
        let words = format!("disk ({}): {} GB {}", disk.role, disk.gigabytes, disk.kind);
        writer.add(&words, "ebs", &format!("{} storage", disk.kind), number(disk.gigabytes));
    }
    fixed(&mut writer, inventory);
    variable(&mut writer, inventory, used);
    writer.bill
}

/// What costs by the hour or the month.
fn fixed(writer: &mut Writer<'_>, inventory: &Inventory) {
    let addresses = number(inventory.addresses);
    writer.some("public IPv4 address", "vpc", "public IPv4 address", addresses * HOURS);
    writer.some("DNS zone", "route53", "hosted zone", number(inventory.zones));
    let alarms = number(inventory.alarms.saturating_sub(FREE_ALARMS));
    writer.some(
        "alarms beyond the ten free ones",
        "cloudwatch",
        "standard alarm after 10 free",
        alarms,
    );
    writer.some("disk snapshots", "ebs", "snapshot standard", number(inventory.snapshot_gigabytes));
    let balancers = number(inventory.load_balancers);
    writer.some("load balancer", "elb", "ALB", balancers * HOURS);
    writer.some("load balancer: capacity in use", "elb", "ALB LCU", balancers * HOURS * 0.1);
    writer.some("NAT gateway", "vpc", "NAT gateway", number(inventory.nat_gateways) * HOURS);
    for (kind, gigabytes) in &inventory.databases {
        writer.add(
            &format!("database: {kind}"),
            "rds",
            &format!("postgres {kind} single-AZ"),
            HOURS,
        );
        writer.add(&format!("database: {gigabytes} GB"), "rds", "gp3 storage", number(*gigabytes));
    }
}

/// What costs by use.
fn variable(writer: &mut Writer<'_>, inventory: &Inventory, used: &Use) {
    let Use { media_gb, backup_gb, traffic_gb, mails, puts, gets } = *used;
    writer.some(&format!("media: {media_gb} GB in S3"), "s3", "standard", media_gb);
    writer.some(
        &format!("backups: {backup_gb} GB in S3, Glacier Instant Retrieval"),
        "s3",
        "glacier-ir",
        backup_gb,
    );
    writer.some(&format!("S3: {puts} objects written"), "s3", "PUT COPY POST LIST", puts / 1000.0);
    writer.some(&format!("S3: {gets} objects read"), "s3", "GET and other", gets / 1000.0);
    let free = writer
        .prices
        .find("transfer", "free allowance per month, all regions together", writer.region)
        .map_or(0.0, |price| price.usd);
    let paid = (traffic_gb - free).max(0.0);
    writer.some(
        &format!("{paid} GB to the internet beyond the free {free}"),
        "transfer",
        "out to internet, first 10 TB",
        paid,
    );
    writer.some(&format!("{mails} mails"), "ses", "outgoing mail", mails / 1000.0);
    // Everything that leaves by a NAT gateway is paid for once more.
    writer.some(
        "NAT gateway: traffic",
        "vpc",
        "NAT gateway data",
        number(inventory.nat_gateways) * traffic_gb,
    );
}

struct Writer<'p> {
    bill: Bill,
    region: &'p str,
    prices: &'p Prices,
}

impl Writer<'_> {
    fn some(&mut self, what: &str, service: &str, item: &str, amount: f64) {
        if amount > 0.0 {
            self.add(what, service, item, amount);
        }
    }

    fn add(&mut self, what: &str, service: &str, item: &str, amount: f64) {
        match self.prices.find(service, item, self.region) {
            Some(price) => self.bill.lines.push(Line {
                what: what.to_owned(),
                usd: price.usd * amount,
                is_verified: price.is_verified(),
            }),
            None => self.bill.unknown.push(what.to_owned()),
        }
    }
}

/// A count as a factor; counts here are far below where that loses anything.
fn number(count: u64) -> f64 {
    u32::try_from(count).map_or(f64::MAX, f64::from)
}

/// A design with its bill on each of the terms.
#[derive(Clone, Debug)]
pub struct Priced {
    /// Its short name.
    pub name: &'static str,
    /// What it is.
    pub words: &'static str,
    /// As it is paid without a promise.
    pub on_demand: Bill,
    /// With a savings plan of a year.
    pub savings_plan: Bill,
    /// On Spot capacity.
    pub spot: Bill,
}

/// Our two shapes and the two that they are compared with, with the same use.
#[must_use]
pub fn compare(settings: &Deploy, region: &str, prices: &Prices) -> Vec<Priced> {
    let used = Use::of(settings);
    let plain = Deploy { spot: false, ..settings.clone() };
    let designs = [
        ("private", "edge and server on two hosts", inventory::of_settings(&plain, Shape::Private)),
        ("single", "edge and server on one host", inventory::of_settings(&plain, Shape::Single)),
        ("seed", "the design this began with: t2.nano and t2.micro", inventory::of_the_seed()),
        ("usual", "load balancer, NAT gateway, RDS", inventory::of_the_usual()),
    ];
    let priced = |(name, words, inventory): (&'static str, &'static str, Inventory)| {
        let on = |terms| bill(&inventory, &used, terms, region, prices);
        Priced {
            name,
            words,
            on_demand: on(Terms::OnDemand),
            savings_plan: on(Terms::SavingsPlan),
            spot: on(Terms::Spot),
        }
    };
    designs.into_iter().map(priced).collect()
}

/// For `--json`: per shape its lines and its total in US dollars a month.
#[must_use]
pub fn as_json(priced: &[Priced], settings: &Deploy, region: &str, prices: &Prices) -> Value {
    let shapes: serde_json::Map<String, Value> = priced
        .iter()
        .map(|one| {
            let mut shape = bill_json(&one.on_demand);
            shape["words"] = json!(one.words);
            shape["what_if"] = json!({
                "savings_plan_1_year": bill_json(&one.savings_plan),
                "spot": bill_json(&one.spot),
            });
            (one.name.to_owned(), shape)
        })
        .collect();
    let used = Use::of(settings);
    json!({
        "region": region,
        "currency": "USD",
        "prices_as_of": prices.as_of(),
        "chosen": settings.shape.name(),
        "assumptions": {
            "hours": HOURS, "media_gb": used.media_gb, "backup_gb": used.backup_gb, "traffic_gb": used.traffic_gb,
            "mails": used.mails, "objects_written": used.puts, "objects_read": used.gets,
        },
        "shapes": shapes,
    })
}

/// A bill as JSON; the total is null when a price is not known.
#[must_use]
pub fn bill_json(bill: &Bill) -> Value {
    let cents = |usd: f64| (usd * 10_000.0).round() / 10_000.0;
    let lines: Vec<Value> = bill
        .lines
        .iter()
        .map(
            |line| json!({"what": line.what, "usd": cents(line.usd), "verified": line.is_verified}),
        )
        .collect();
    json!({"lines": lines, "total_usd": bill.total().map(cents), "not_priced": bill.unknown})
}

/// The comparison as a table in Markdown, as it stands in the README.
#[must_use]
pub fn table(priced: &[Priced], settings: &Deploy, region: &str, prices: &Prices) -> String {
    let seed = priced.iter().find(|one| one.name == "seed").and_then(|one| one.on_demand.total());
    let cell = |bill: &Bill| match (bill.total(), seed) {
        (Some(total), Some(seed)) => format!("{total:.2} ({:.0} %)", total / seed * 100.0),
        (Some(total), None) => format!("{total:.2}"),
        (None, _) => "no price known".to_owned(),
    };
    let used = Use::of(settings);
    let mut text = format!(
        "| $ a month, {region} | on demand | 1-year savings plan | Spot |\n|---|---|---|---|\n"
    );
    for one in priced {
        text.push_str(&format!(
            "| **{}**: {} | {} | {} | {} |\n",
            one.name,
            one.words,
            cell(&one.on_demand),
            cell(&one.savings_plan),
            cell(&one.spot)
        ));
    }
    let source = if prices.own_as_of().is_some() { ", from the price lists of AWS" } else { "" };
    text.push_str(&format!(
        "\nPrices of {}{source}, without tax; 100 % is the seed's own design on demand. Assumed: {} GB of media, {} GB of backups, \
         {} GB to the internet, {} mails, 20,000 objects written and 100,000 read. Savings plans and what is marked \
         unverified in the table of prices are estimates; Spot prices change by the hour.\n",
        prices.as_of(),
        used.media_gb,
        used.backup_gb,
        used.traffic_gb,
        used.mails
    ));
    text
}

#[cfg(test)]
mod tests;
