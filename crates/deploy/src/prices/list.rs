//! Reads the public price lists of AWS as they arrive, and keeps the few prices that the table has. Pure, and bounded: the list of
//! one service has hundreds of megabytes, of which one line at a time is held.
//!
//! Format: "Reading a price list file" and "Understanding CSV files" of the AWS Billing user guide (Price List Bulk API): some lines
//! about the file, a line of column names that begins with `SKU`, then one line a price.
use std::collections::BTreeMap;

use super::fields;

/// The longest line; those of AWS have some thousand letters.
const LONGEST: usize = 64 * 1024;

/// How an item of the table is found in the lists.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// Service and item, as in the table.
    pub key: (String, String),
    /// The list, `AmazonEC2`.
    pub offer: &'static str,
    /// Column `usageType` without the letters of the region before it.
    pub usage: String,
    /// Column `operation`, where one usage type is sold for several purposes.
    pub operation: Option<&'static str>,
    /// Column `Unit`, any of these.
    pub units: &'static [&'static str],
    /// How many of the list's units are one of the table's.
    pub factor: f64,
}

/// A price as the list has it.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// In US dollars, for the table's unit.
    pub usd: f64,
}

/// What was found of one rule: a price, or why what was found is none.
pub type Outcome = Result<Found, String>;

/// The outcomes by service and item.
pub type Everything = BTreeMap<(String, String), Outcome>;

const HOUR: &[&str] = &["Hrs", "Hours", "hours", "Hour"];
const GB_MONTH: &[&str] = &["GB-Mo", "GB-month"];
const GB: &[&str] = &["GB"];
const REQUESTS: &[&str] = &["Requests"];

/// The rules for the items of the table: `ec2` ones by their type, the others by name.
#[must_use]
pub fn rule(service: &str, item: &str) -> Option<Rule> {
    let plain = |offer, usage: &str, units| Rule {
        key: (service.to_owned(), item.to_owned()),
        offer,
        usage: usage.to_owned(),
        operation: None,
        units,
        factor: 1.0,
    };
    let thousand = |rule| Rule { factor: 1000.0, ..rule };
    let for_the = |operation, rule| Rule { operation: Some(operation), ..rule };
    if service == "ec2" {
        let kind = item.strip_suffix(" od")?;
        let rule = plain("AmazonEC2", &format!("BoxUsage:{kind}"), HOUR);
        // Linux without a licence, and nothing installed.
        return Some(for_the("RunInstances", rule));
    }
    if let Some(kind) =
        item.strip_prefix("postgres ").and_then(|rest| rest.strip_suffix(" single-AZ"))
    {
        let rule = plain("AmazonRDS", &format!("InstanceUsage:{kind}"), HOUR);
        return Some(for_the("CreateDBInstance:0014", rule));
    }
    const BALANCER: &str = "LoadBalancing:Application";
    Some(match (service, item) {
        ("ebs", "gp3 storage") => plain("AmazonEC2", "EBS:VolumeUsage.gp3", GB_MONTH),
        ("ebs", "gp2 storage") => plain("AmazonEC2", "EBS:VolumeUsage.gp2", GB_MONTH),
        ("ebs", "snapshot standard") => plain("AmazonEC2", "EBS:SnapshotUsage", GB_MONTH),
        ("vpc", "public IPv4 address") => plain("AmazonVPC", "PublicIPv4:InUseAddress", HOUR),
        ("vpc", "NAT gateway") => {
            for_the("NatGateway", plain("AmazonEC2", "NatGateway-Hours", HOUR))
        }
        ("vpc", "NAT gateway data") => {
            for_the("NatGateway", plain("AmazonEC2", "NatGateway-Bytes", GB))
        }
        ("elb", "ALB") => for_the(BALANCER, plain("AWSELB", "LoadBalancerUsage", HOUR)),
        ("elb", "ALB LCU") => for_the(BALANCER, plain("AWSELB", "LCUUsage", &["LCU-Hrs"])),
        ("s3", "standard") => plain("AmazonS3", "TimedStorage-ByteHrs", GB_MONTH),
        ("s3", "standard-ia") => plain("AmazonS3", "TimedStorage-SIA-ByteHrs", GB_MONTH),
        ("s3", "glacier-ir") => plain("AmazonS3", "TimedStorage-GIR-ByteHrs", GB_MONTH),
        ("s3", "PUT COPY POST LIST") => thousand(plain("AmazonS3", "Requests-Tier1", REQUESTS)),
        ("s3", "GET and other") => thousand(plain("AmazonS3", "Requests-Tier2", REQUESTS)),
        ("transfer", "out to internet, first 10 TB") => {
            plain("AWSDataTransfer", "DataTransfer-Out-Bytes", GB)
        }
        ("rds", "gp3 storage") => plain("AmazonRDS", "RDS:GP3-Storage", GB_MONTH),
        ("route53", "hosted zone") => plain("AmazonRoute53", "HostedZone", &["HostedZone"]),
        ("ses", "outgoing mail") => {
            thousand(plain("AmazonSES", "Recipients", &["Count", "Emails", "Recipients"]))
        }
        ("cloudwatch", "standard alarm after 10 free") => {
            plain("AmazonCloudWatch", "CW:AlarmMonitorUsage", &["Alarms"])
        }
        _ => return None,
    })
}

/// A list that is being read.
pub struct Reader<'r> {
    rules: Vec<&'r Rule>,
    columns: Option<Columns>,
    rest: Vec<u8>,
    published: String,
    found: Everything,
}

/// Where the columns stand that matter.
struct Columns {
    term: usize,
    starting: usize,
    unit: usize,
    price: usize,
    currency: usize,
    usage: usize,
    operation: usize,
    place: Option<usize>,
}

impl<'r> Reader<'r> {
    /// For the list of one service.
    #[must_use]
    pub fn new(rules: Vec<&'r Rule>) -> Self {
        let (published, found) = (String::new(), BTreeMap::new());
        Self { rules, columns: None, rest: Vec::new(), published, found }
    }

    /// Takes the next piece, wherever it was cut.
    ///
    /// # Errors
    /// When this is no price list.
    pub fn take(&mut self, piece: &[u8]) -> Result<(), String> {
        let mut piece = piece;
        while let Some(end) = piece.iter().position(|byte| *byte == b'\n') {
            let (head, tail) = piece.split_at(end);
            self.hold(head)?;
            let line = std::mem::take(&mut self.rest);
            self.line(&line)?;
            piece = tail.strip_prefix(b"\n").unwrap_or(tail);
        }
        self.hold(piece)
    }

    /// The day of the list, and what was found.
    ///
    /// # Errors
    /// When the list ended before its first price.
    pub fn finish(mut self) -> Result<(String, Everything), String> {
        let line = std::mem::take(&mut self.rest);
        self.line(&line)?;
        if self.columns.is_none() {
            return Err("it has no line of column names: it is no price list".into());
        }
        Ok((self.published, self.found))
    }

    fn hold(&mut self, piece: &[u8]) -> Result<(), String> {
        if self.rest.len() + piece.len() > LONGEST {
            return Err(format!("a line has more than {LONGEST} bytes: it is no price list"));
        }
        self.rest.extend_from_slice(piece);
        Ok(())
    }

    fn line(&mut self, line: &[u8]) -> Result<(), String> {
        let line = String::from_utf8_lossy(line);
        let line = line.trim_end_matches('\r');
        let Some(columns) = &self.columns else {
            let values = fields(line);
            match values.first().map(String::as_str) {
                Some("SKU") => self.columns = Some(Columns::of(&values)?),
                Some("Publication Date") => {
                    let day = values.get(1).and_then(|date| date.get(..10)).unwrap_or_default();
                    day.clone_into(&mut self.published);
                }
                _ => {}
            }
            return Ok(());
        };
        // Nearly every line is of something else: that is seen without taking it apart.
        if !self.rules.iter().any(|rule| line.contains(rule.usage.as_str())) {
            return Ok(());
        }
        let values = fields(line);
        for rule in self.rules.iter().filter(|rule| columns.is_about(&values, rule)) {
            let outcome = columns.price(&values, rule);
            let known = self.found.remove(&rule.key);
            self.found.insert(rule.key.clone(), merged(known, outcome));
        }
        Ok(())
    }
}

/// One price, told twice, is one; two are none.
fn merged(known: Option<Outcome>, next: Outcome) -> Outcome {
    match (known, next) {
        (None, next) => next,
        (Some(Ok(one)), Ok(other)) if (one.usd - other.usd).abs() > f64::EPSILON => {
            Err(format!("the list has two prices, {} and {} $", one.usd, other.usd))
        }
        (Some(Err(why)), _) | (_, Err(why)) => Err(why),
        (Some(known), _) => known,
    }
}

impl Columns {
    fn of(names: &[String]) -> Result<Self, String> {
        let find = |name: &str| {
            names
                .iter()
                .position(|one| one.eq_ignore_ascii_case(name))
                .ok_or_else(|| format!("it has no column {name:?}: has its format changed?"))
        };
        Ok(Self {
            term: find("TermType")?,
            starting: find("StartingRange")?,
            unit: find("Unit")?,
            price: find("PricePerUnit")?,
            currency: find("Currency")?,
            usage: find("usageType")?,
            operation: find("operation")?,
            place: find("Location Type").ok(),
        })
    }

    /// Whether a line has the price of this: on demand, in the region itself, from the first unit on.
    fn is_about(&self, values: &[String], rule: &Rule) -> bool {
        let value = |at: usize| values.get(at).map_or("", String::as_str);
        let usage = value(self.usage);
        // `EUW3-BoxUsage:t4g.nano`; in us-east-1, and for what is sold everywhere, without letters before.
        let is_usage = usage == rule.usage
            || usage.strip_suffix(rule.usage.as_str()).is_some_and(|letters| {
                letters.strip_suffix('-').is_some_and(|region| {
                    (2..=5).contains(&region.len())
                        && region
                            .bytes()
                            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
                })
            });
        is_usage
            && value(self.term) == "OnDemand"
            && matches!(value(self.starting), "" | "0")
            && rule.operation.is_none_or(|operation| value(self.operation) == operation)
            && self.place.is_none_or(|at| !value(at).contains("Zone"))
    }

    fn price(&self, values: &[String], rule: &Rule) -> Outcome {
        let value = |at: usize| values.get(at).map_or("", String::as_str);
        let (currency, unit, text) = (value(self.currency), value(self.unit), value(self.price));
        if currency != "USD" {
            return Err(format!("its price is in {currency:?}, not in USD"));
        }
        if !rule.units.contains(&unit) {
            return Err(format!("its price is by {unit:?}, not by {}", rule.units.join(" or ")));
        }
        match text.parse::<f64>() {
            Ok(usd) if usd.is_finite() && usd > 0.0 => Ok(Found { usd: usd * rule.factor }),
            _ => Err(format!("{text:?} is no price")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As the user guide of AWS Billing shows a file of the Bulk API, with the columns that matter and some that do not.
    const HEAD: &str = "\"FormatVersion\",\"v1.0\"\n\"Disclaimer\",\"This pricing list is for informational purposes only.\"\n\
        \"Publication Date\",\"2026-11-25T08:12:00Z\"\n\"Version\",\"20261125081200\"\n\"OfferCode\",\"AmazonEC2\"\n\
        \"SKU\",\"OfferTermCode\",\"TermType\",\"PriceDescription\",\"StartingRange\",\"EndingRange\",\"Unit\",\"PricePerUnit\",\
        \"Currency\",\"Location Type\",\"usageType\",\"operation\"\n";

    fn line(
        term: &str,
        from: &str,
        unit: &str,
        price: &str,
        currency: &str,
        usage: &str,
        operation: &str,
    ) -> String {
        format!(
            "\"A1\",\"JRTC\",\"{term}\",\"$ a, b\",\"{from}\",\"Inf\",\"{unit}\",\"{price}\",\"{currency}\",\"AWS Region\",\"{usage}\",\"{operation}\"\n"
        )
    }

    fn read(text: &str, piece: usize) -> Result<(String, Everything), String> {
        let rules: Vec<Rule> =
            [("ec2", "t4g.nano od"), ("ebs", "gp3 storage"), ("vpc", "NAT gateway")]
                .iter()
                .map(|(service, item)| rule(service, item).unwrap())
                .collect();
        let mut reader = Reader::new(rules.iter().collect());
        for piece in text.as_bytes().chunks(piece) {
            reader.take(piece)?;
        }
        reader.finish()
    }

    fn nano(text: &str) -> Option<Outcome> {
        let (_, mut found) = read(&format!("{HEAD}{text}"), 1000).unwrap();
        found.remove(&("ec2".to_owned(), "t4g.nano od".to_owned()))
    }

    #[test]
    fn prices_are_found_wherever_the_file_is_cut() {
        let good =
            line("OnDemand", "0", "Hrs", "0.0047", "USD", "EUW3-BoxUsage:t4g.nano", "RunInstances");
        let disk = line("OnDemand", "0", "GB-Mo", "0.0928", "USD", "EUW3-EBS:VolumeUsage.gp3", "");
        for piece in [1, 7, 4096] {
            let (day, found) = read(&format!("{HEAD}{good}{disk}"), piece).unwrap();
            assert_eq!(day, "2026-11-25");
            let prices: Vec<f64> = found.values().map(|one| one.as_ref().unwrap().usd).collect();
            assert_eq!(prices, [0.0928, 0.0047]);
        }
    }

    #[test]
    fn what_is_sold_for_another_purpose_is_another_thing() {
        for other in [
            line("Reserved", "0", "Hrs", "0.003", "USD", "EUW3-BoxUsage:t4g.nano", "RunInstances"),
            line(
                "OnDemand",
                "0",
                "Hrs",
                "0.01",
                "USD",
                "EUW3-BoxUsage:t4g.nano",
                "RunInstances:0010",
            ),
            line(
                "OnDemand",
                "0",
                "Hrs",
                "0.01",
                "USD",
                "EUW3-DedicatedUsage:t4g.nano",
                "RunInstances",
            ),
            line(
                "OnDemand",
                "10240",
                "Hrs",
                "0.01",
                "USD",
                "EUW3-BoxUsage:t4g.nano",
                "RunInstances",
            ),
            line(
                "OnDemand",
                "0",
                "Hrs",
                "0.01",
                "USD",
                "EUW3-BoxUsage:t4g.nano.more",
                "RunInstances",
            ),
            line(
                "OnDemand",
                "0",
                "Hrs",
                "0.01",
                "USD",
                "EUW3-BOS1-BoxUsage:t4g.nano",
                "RunInstances",
            ),
            line("OnDemand", "0", "Hrs", "0.01", "USD", "BOS1-BoxUsage:t4g.nano", "RunInstances")
                .replace("AWS Region", "AWS Local Zone"),
        ] {
            assert_eq!(nano(&other), None, "{other}");
        }
        let own =
            line("OnDemand", "0", "Hrs", "0.0042", "USD", "BoxUsage:t4g.nano", "RunInstances");
        assert_eq!(nano(&own), Some(Ok(Found { usd: 0.0042 })), "us-east-1 has no letters before");
    }

    #[test]
    fn what_is_no_price_says_why() {
        let with = |unit: &str, price: &str, currency: &str| {
            nano(&line(
                "OnDemand",
                "0",
                unit,
                price,
                currency,
                "EUW3-BoxUsage:t4g.nano",
                "RunInstances",
            ))
            .unwrap()
            .unwrap_err()
        };
        assert!(with("Hrs", "0.03", "CNY").contains("CNY"));
        assert!(with("Quarter", "0.03", "USD").contains("Quarter"));
        for price in ["0", "0.0000000000", "-1", "NaN", "inf", "", "much"] {
            assert!(with("Hrs", price, "USD").contains("no price"), "{price}");
        }
        let one = |price| {
            line("OnDemand", "0", "Hrs", price, "USD", "EUW3-BoxUsage:t4g.nano", "RunInstances")
        };
        assert_eq!(
            nano(&format!("{}{}", one("0.0047"), one("0.0047"))).unwrap().unwrap().usd,
            0.0047
        );
        assert!(
            nano(&format!("{}{}{}", one("0.0047"), one("0.0048"), one("0.0048"))).unwrap().is_err()
        );
    }

    #[test]
    fn what_is_no_price_list_is_said_and_never_held() {
        assert!(read("<html>\nsorry\n</html>\n", 10).unwrap_err().contains("no price list"));
        assert!(read("\"SKU\",\"Unit\"\n", 10).unwrap_err().contains("column"));
        assert!(read(&"x".repeat(LONGEST + 1), 4096).unwrap_err().contains("no price list"));
        assert!(read("", 10).is_err());
    }

    #[test]
    fn every_price_of_the_table_that_a_bill_needs_can_be_looked_up() {
        for item in ["gp3 storage", "gp2 storage", "snapshot standard"] {
            assert!(rule("ebs", item).is_some());
        }
        assert!(rule("ec2", "t4g.nano spot").is_none(), "the lists have no Spot prices");
        assert_eq!(rule("s3", "GET and other").unwrap().factor, 1000.0);
    }
}
