//! A look-up against lists of the test's own, in the form of those of AWS.
use std::cell::RefCell;
use std::collections::BTreeMap;

use super::*;
use crate::prices::Price;

const PARIS: &str = "eu-west-3";

/// Lists by service, as one would be published; and what was said.
struct Lists {
    by_offer: BTreeMap<&'static str, String>,
    said: RefCell<Vec<String>>,
}

impl Lists {
    /// All that the rules of the table look for, at the prices of the table, changed by `change`.
    fn of_the_table(change: impl Fn(&Rule, f64) -> String) -> Self {
        let prices = Prices::built_in().unwrap();
        let mut by_offer: BTreeMap<&'static str, String> = BTreeMap::new();
        for rule in rules(&Deploy::default(), &prices) {
            let list = by_offer.entry(rule.offer).or_insert_with(|| {
                "\"FormatVersion\",\"v1.0\"\n\"Publication Date\",\"2026-11-25T08:12:00Z\"\n\
                 \"SKU\",\"TermType\",\"StartingRange\",\"Unit\",\"PricePerUnit\",\"Currency\",\"usageType\",\"operation\"\n"
                    .into()
            });
            let Some(price) = prices.find(&rule.key.0, &rule.key.1, PARIS) else { continue };
            list.push_str(&format!(
                "\"A\",\"OnDemand\",\"0\",\"{}\",\"{}\",\"USD\",\"EUW3-{}\",\"{}\"\n",
                rule.units[0],
                change(&rule, price.usd / rule.factor),
                rule.usage,
                rule.operation.unwrap_or_default()
            ));
        }
        Self { by_offer, said: RefCell::default() }
    }

    fn refresh(&self, folder: &Path, is_agreed: bool) -> Result<(), String> {
        let settings = Deploy { folder: folder.to_owned(), ..Deploy::default() };
        let world = World {
            say: &|line| self.said.borrow_mut().push(line.to_owned()),
            ask: &|_| None,
            probe: &|_| Err("nobody is asked".into()),
            stream: &|url, take| {
                let list = self.by_offer.iter().find(|(offer, _)| url.contains(*offer));
                let (_, text) = list.ok_or("it is answered with 404")?;
                text.as_bytes().chunks(100).try_for_each(take)
            },
            secret: &|| "no secret".into(),
            pause: &|_| {},
            variable: &|_| None,
        };
        run(&settings, PARIS, is_agreed, &world).map_err(|error| error.to_string())
    }

    fn said(&self) -> String {
        self.said.borrow().join("\n")
    }
}

fn price(folder: &Path, service: &str, item: &str) -> Price {
    Prices::known(folder).unwrap().find(service, item, PARIS).unwrap().clone()
}

#[test]
fn a_look_up_dates_prices_and_takes_new_ones() {
    let folder = tempfile::tempdir().unwrap();
    let lists = Lists::of_the_table(|rule, usd| {
        if rule.key.1 == "t4g.nano od" { "0.0050".into() } else { usd.to_string() }
    });
    lists.refresh(folder.path(), false).unwrap();
    let nano = price(folder.path(), "ec2", "t4g.nano od");
    assert_eq!((nano.usd, nano.as_of.as_str()), (0.005, "2026-11-25"));
    assert!(nano.is_verified() && nano.source.contains("AmazonEC2"));
    assert!(lists.said().contains("t4g.nano od: 0.0047 $ → 0.005 $"), "{}", lists.said());
    // What was from memory now has a source; thousands are thousands.
    let get = price(folder.path(), "s3", "GET and other");
    assert!((get.usd - 0.00042).abs() < 1e-12 && get.is_verified());
    assert!(price(folder.path(), "ses", "outgoing mail").is_verified());
    // What a savings plan makes of it is estimated anew, and says so.
    let plan = price(folder.path(), "ec2", "t4g.nano sp1y-no-upfront");
    assert!((plan.usd - 0.00315).abs() < 1e-9 && !plan.is_verified());
    // What no list has, and other regions, are as before.
    assert!(price(folder.path(), "ec2", "t4g.nano spot").usd > 0.0);
    let known = Prices::known(folder.path()).unwrap();
    assert_eq!(known.as_of(), "2026-11-25");
    assert_eq!(known.find("ec2", "t4g.nano od", "us-east-1").unwrap().as_of, "2026-11-23");
}

#[test]
fn a_leap_is_taken_only_when_somebody_agrees() {
    let folder = tempfile::tempdir().unwrap();
    for (leap, usd) in [("0.5", 0.5), ("0.0001", 0.0001)] {
        let lists = Lists::of_the_table(|rule, usd| {
            if rule.key.1 == "t4g.nano od" { leap.into() } else { usd.to_string() }
        });
        let refused = lists.refresh(folder.path(), false).unwrap_err();
        assert!(refused.contains("not plausible") && refused.contains("--yes"), "{refused}");
        assert!(lists.said().contains("! ec2 t4g.nano od"), "{}", lists.said());
        assert!(!Prices::file(folder.path()).exists(), "nothing is written");
        lists.refresh(folder.path(), true).unwrap();
        assert_eq!(price(folder.path(), "ec2", "t4g.nano od").usd, usd);
        fs::remove_file(Prices::file(folder.path())).unwrap();
    }
}

#[test]
fn what_is_no_price_stays_as_it_was_even_when_somebody_agrees() {
    let folder = tempfile::tempdir().unwrap();
    let lists = Lists::of_the_table(|rule, usd| {
        if rule.key.1 == "t4g.nano od" { "0.0000000000".into() } else { usd.to_string() }
    });
    assert!(lists.refresh(folder.path(), false).is_err());
    lists.refresh(folder.path(), true).unwrap();
    assert_eq!(price(folder.path(), "ec2", "t4g.nano od").as_of, "2026-11-23");
    assert_eq!(price(folder.path(), "ec2", "t4g.micro od").as_of, "2026-11-25");
}

#[test]
fn lists_without_any_of_ours_change_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut lists = Lists::of_the_table(|_, usd| usd.to_string());
    for text in lists.by_offer.values_mut() {
        *text = text.lines().take(3).map(|line| format!("{line}\n")).collect();
    }
    assert!(lists.refresh(folder.path(), true).unwrap_err().contains("none of our prices"));
    lists.by_offer.remove("AmazonS3");
    assert!(lists.refresh(folder.path(), true).unwrap_err().contains("404"));
    assert!(!Prices::file(folder.path()).exists());
}

#[test]
fn a_damaged_table_is_said_and_an_older_one_gives_way() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(Prices::file(folder.path()), "service\nec2,nothing\n").unwrap();
    let said = format!("{:#}", Prices::known(folder.path()).unwrap_err());
    assert!(said.contains("remove the file") && said.contains("line 2"), "{said}");
    let old = "service,item,region,unit,price_usd,as_of,source\nec2,t4g.nano od,eu-west-3,hour,9,2024-01-01,long ago\n";
    fs::write(Prices::file(folder.path()), old).unwrap();
    assert_eq!(price(folder.path(), "ec2", "t4g.nano od").as_of, "2026-11-23");
}

#[test]
fn only_the_name_of_a_region_becomes_part_of_an_address() {
    for bad in ["", "../../etc", "EU", "eu west", "https://x"] {
        assert!(check_region(bad).is_err(), "{bad:?}");
    }
    assert!(check_region("ap-northeast-1").is_ok());
}
