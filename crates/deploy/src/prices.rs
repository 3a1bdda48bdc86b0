//! What AWS asks for things: a table in the repository with date and source of each row, and one of the person's own before it, where
//! `deploy cost --refresh` made one. Reads them, and nothing else.
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

pub mod list;

use list::Rule;

/// The table that this program was built with.
const BUILT_IN: &str = include_str!("../prices.csv");

/// How a source begins that is from memory or a rule of thumb.
pub const UNVERIFIED: &str = "unverified";
/// The first line of a table.
const NAMES: &str = "service,item,region,unit,price_usd,as_of,source";

/// What a savings plan of a year without payment in advance leaves of a price on demand, about.
const SAVINGS_PLAN: f64 = 0.63;

/// One price.
#[derive(Clone, Debug, PartialEq)]
pub struct Price {
    /// In US dollars.
    pub usd: f64,
    /// For what: an hour, a GB-month, …
    pub unit: String,
    /// When it was looked up; `recall` for those from memory.
    pub as_of: String,
    /// Where it is from.
    pub source: String,
}

impl Price {
    /// Whether it came from a price list, and not from memory or a rule of thumb.
    #[must_use]
    pub fn is_verified(&self) -> bool {
        !self.source.starts_with(UNVERIFIED) && self.as_of != "recall"
    }
}

/// Service, item, region.
type Key = (String, String, String);

/// All prices, by service, item and region.
#[derive(Debug)]
pub struct Prices {
    rows: BTreeMap<Key, Price>,
    as_of: String,
    /// Those that are the person's own.
    own: BTreeSet<Key>,
}

impl Prices {
    /// Those of the repository.
    ///
    /// # Errors
    /// When the table is damaged, which a test excludes.
    pub fn built_in() -> anyhow::Result<Self> {
        Self::read(BUILT_IN)
    }

    /// Those of the repository, and before them those that this person looked up, unless the program knows newer ones.
    ///
    /// # Errors
    /// When the person's table is damaged; then it says so, and what to do.
    pub fn known(folder: &Path) -> anyhow::Result<Self> {
        let mut prices = Self::built_in()?;
        let file = Self::file(folder);
        let text = match fs::read_to_string(&file) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(prices),
            Err(error) => {
                return Err(error).with_context(|| format!("cannot read {}", file.display()));
            }
        };
        let own = Self::read(&text).with_context(|| {
            format!("the prices in {} are damaged; remove the file, then `tuskling deploy cost --refresh` makes it anew", file.display())
        })?;
        for (key, price) in own.rows {
            let is_older = prices
                .rows
                .get(&key)
                .is_some_and(|known| known.is_verified() && known.as_of > price.as_of);
            if !is_older {
                prices.put(key, price);
            }
        }
        Ok(prices)
    }

    /// Where a person's own prices are, below the folder of the deployment.
    #[must_use]
    pub fn file(folder: &Path) -> PathBuf {
        folder.join("prices.csv")
    }

    /// Reads a table with the columns service, item, region, unit, `price_usd`, `as_of`, source. A row without a price says
    /// that the thing is not sold there.
    ///
    /// # Errors
    /// The number of the line that cannot be read.
    pub fn read(text: &str) -> anyhow::Result<Self> {
        let mut rows = BTreeMap::new();
        let mut newest = String::new();
        for (number, line) in text.lines().enumerate().skip(1).filter(|(_, line)| !line.is_empty())
        {
            let [service, item, region, unit, usd, as_of, source]: [String; 7] = fields(line)
                .try_into()
                .map_err(|_| anyhow::anyhow!("line {}: a price has seven fields", number + 1))?;
            if usd.is_empty() {
                continue;
            }
            let usd: f64 =
                usd.parse().with_context(|| format!("line {}: {usd:?} is no price", number + 1))?;
            if !usd.is_finite() || usd < 0.0 {
                bail!("line {}: {usd} is no price", number + 1);
            }
            if as_of.starts_with("20") && as_of > newest {
                newest.clone_from(&as_of);
            }
            rows.insert((service, item, region), Price { usd, unit, as_of, source });
        }
        Ok(Self { rows, as_of: newest, own: BTreeSet::new() })
    }

    /// The things that have a price somewhere, as service and item.
    pub fn items(&self) -> impl Iterator<Item = (String, String)> {
        self.rows.keys().map(|(service, item, _)| (service.clone(), item.clone()))
    }

    /// Takes a price of the lists of a day.
    pub fn replace(&mut self, rule: &Rule, region: &str, usd: f64, day: &str) {
        let (service, item) = &rule.key;
        let key = (service.clone(), item.clone(), region.to_owned());
        // The unit of an item is the same everywhere.
        let unit = self
            .rows
            .iter()
            .find(|((of, name, _), _)| of == service && name == item)
            .map_or("hour", |(_, price)| price.unit.as_str())
            .to_owned();
        let source = format!("AWS price list {} of {day}", rule.offer);
        self.put(key, Price { usd, unit, as_of: day.to_owned(), source });
    }

    /// Estimates anew, after prices on demand changed, what a savings plan makes of them: the lists that are read have none.
    pub fn estimate_savings_plans(&mut self, region: &str) {
        const KIND: &str = " sp1y-no-upfront";
        let on_demand: Vec<(String, f64, String)> = self
            .rows
            .iter()
            .filter(|(key, _)| key.0 == "ec2" && key.2 == region && self.own.contains(*key))
            .filter_map(|((_, item, _), price)| {
                Some((item.strip_suffix(" od")?.to_owned(), price.usd, price.as_of.clone()))
            })
            .collect();
        for (kind, usd, as_of) in on_demand {
            let source = format!("{UNVERIFIED}: on-demand x {SAVINGS_PLAN}");
            let price = Price { usd: usd * SAVINGS_PLAN, unit: "hour".into(), as_of, source };
            self.put(("ec2".into(), format!("{kind}{KIND}"), region.to_owned()), price);
        }
    }

    /// The person's own rows, as a table.
    #[must_use]
    pub fn own_rows(&self) -> String {
        let mut text = format!("{NAMES}\n");
        for key in &self.own {
            let Some(price) = self.rows.get(key) else { continue };
            let usd = price.usd.to_string();
            let row = [&key.0, &key.1, &key.2, &price.unit, &usd, &price.as_of, &price.source];
            let row: Vec<String> = row.into_iter().map(|field| quoted(field)).collect();
            text.push_str(&row.join(","));
            text.push('\n');
        }
        text
    }

    /// The newest date of the person's own prices; none without any.
    #[must_use]
    pub fn own_as_of(&self) -> Option<&str> {
        self.own.iter().filter_map(|key| Some(self.rows.get(key)?.as_of.as_str())).max()
    }

    fn put(&mut self, key: Key, price: Price) {
        if price.as_of.starts_with("20") && price.as_of > self.as_of {
            self.as_of.clone_from(&price.as_of);
        }
        self.own.insert(key.clone());
        self.rows.insert(key, price);
    }

    /// The price of a thing in a region; none where it is not sold or not known.
    #[must_use]
    pub fn find(&self, service: &str, item: &str, region: &str) -> Option<&Price> {
        self.rows.get(&(service.to_owned(), item.to_owned(), region.to_owned()))
    }

    /// The date of the newest price.
    #[must_use]
    pub fn as_of(&self) -> &str {
        &self.as_of
    }

    /// The regions of which prices are known.
    #[must_use]
    pub fn regions(&self) -> Vec<&str> {
        let mut regions: Vec<&str> =
            self.rows.keys().map(|(_, _, region)| region.as_str()).collect();
        regions.sort_unstable();
        regions.dedup();
        regions
    }
}

/// The fields of a line of CSV (RFC 4180), without line breaks inside quotes.
fn fields(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut is_quoted = false;
    let mut letters = line.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' if is_quoted && letters.peek() == Some(&'"') => {
                letters.next();
                push(&mut fields, '"');
            }
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => fields.push(String::new()),
            _ => push(&mut fields, letter),
        }
    }
    fields
}

/// A field as CSV wants it.
fn quoted(field: &str) -> String {
    if field.contains([',', '"', '\n']) {
        return format!("\"{}\"", field.replace('"', "\"\""));
    }
    field.to_owned()
}

fn push(fields: &mut [String], letter: char) {
    if let Some(last) = fields.last_mut() {
        last.push(letter);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_the_repository_is_whole() {
        let prices = Prices::built_in().unwrap();
        assert!(prices.as_of() >= "2026-11-23");
        for region in prices.regions() {
            for (service, item) in [
                ("ec2", "t4g.nano od"),
                ("ec2", "t4g.nano sp1y-no-upfront"),
                ("ec2", "t4g.nano spot"),
                ("ebs", "gp3 storage"),
                ("vpc", "public IPv4 address"),
                ("route53", "hosted zone"),
            ] {
                assert!(
                    prices.find(service, item, region).is_some(),
                    "{service} {item} in {region}"
                );
            }
        }
        assert!(prices.find("ec2", "t2.nano od", "eu-north-1").is_none(), "not sold there");
    }

    #[test]
    fn quotes_and_damage() {
        assert_eq!(fields("a,\"b, \"\"c\"\"\",d"), ["a", "b, \"c\"", "d"]);
        for bad in
            ["h\na,b\n", "h\na,b,c,d,much,e,f\n", "h\na,b,c,d,-1,e,f\n", "h\na,b,c,d,inf,e,f\n"]
        {
            assert!(Prices::read(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_price_from_memory_says_so() {
        let prices = Prices::built_in().unwrap();
        assert!(prices.find("ec2", "t4g.nano od", "eu-west-3").unwrap().is_verified());
        assert!(
            !prices.find("ec2", "t4g.nano sp1y-no-upfront", "eu-west-3").unwrap().is_verified()
        );
        assert!(!prices.find("ses", "outgoing mail", "eu-west-3").unwrap().is_verified());
    }
}
