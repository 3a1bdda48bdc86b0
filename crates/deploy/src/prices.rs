//! What AWS asks for things: a table in the repository with date and source of each row. Reads it, and nothing else.
use std::collections::BTreeMap;

use anyhow::{Context as _, bail};

/// The table that this program was built with.
const BUILT_IN: &str = include_str!("../prices.csv");

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
        !self.source.starts_with("unverified") && self.as_of != "recall"
    }
}

/// All prices, by service, item and region.
#[derive(Debug)]
pub struct Prices {
    rows: BTreeMap<(String, String, String), Price>,
    as_of: String,
}

impl Prices {
    /// Those of the repository.
    ///
    /// # Errors
    /// When the table is damaged, which a test excludes.
    pub fn built_in() -> anyhow::Result<Self> {
        Self::read(BUILT_IN)
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
        Ok(Self { rows, as_of: newest })
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
