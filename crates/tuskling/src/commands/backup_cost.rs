//! What backups cost a month on S3, by the prices that this program was built with.

use blob::Asked;
use config::{Backup, Place};
use deploy::prices::Prices;
use serde_json::{Value, json};

/// Minutes of a month of 30 days.
const MONTH: u64 = 30 * 24 * 60;
const GB: f64 = 1e9;

/// What it costs, in US dollars a month.
#[derive(Clone, Debug, PartialEq)]
pub struct Cost {
    region: String,
    as_of: String,
    interval_minutes: u64,
    asked: Asked,
    /// Of the requests, if each look of the month found something to save.
    requests: f64,
    /// Of what the repository takes, if that is known.
    storage: Option<f64>,
}

impl Cost {
    /// For a repository on AWS in a region whose prices are known; none elsewhere. `asked` is what one
    /// run asked for, `stored` what the repository takes.
    pub fn of(config: &Backup, asked: Asked, stored: Option<u64>) -> Option<Self> {
        let Ok(Place::S3 { .. }) = config.place() else { return None };
        if config.s3_endpoint.is_some() {
            return None;
        }
        let prices = Prices::built_in().ok()?;
        let price = |item: &str| Some(prices.find("s3", item, &config.s3_region)?.usd);
        let thousands =
            |count: u64| u32::try_from(count).map_or(f64::from(u32::MAX), f64::from) / 1e3;
        let one = thousands(asked.writes) * price("PUT COPY POST LIST")?
            + thousands(asked.reads) * price("GET and other")?;
        let runs = MONTH.checked_div(config.interval_minutes).unwrap_or(0);
        let storage = match stored {
            Some(bytes) => Some(gigabytes(bytes) * price("standard")?),
            None => None,
        };
        Some(Self {
            region: config.s3_region.clone(),
            as_of: prices.as_of().to_owned(),
            interval_minutes: config.interval_minutes,
            asked,
            requests: one * thousands(runs) * 1e3,
            storage,
        })
    }

    /// In a sentence or two.
    pub fn words(&self) -> String {
        let mut text = format!("On S3 in {}, at the prices of {}: ", self.region, self.as_of);
        if let Some(storage) = self.storage {
            text.push_str(&format!("what is stored costs about {storage:.2} $ a month, "));
        }
        let Asked { writes, reads } = self.asked;
        text.push_str(&format!("one run asked {} times", writes + reads));
        if self.interval_minutes > 0 {
            text.push_str(&format!(
                "; one every {} minutes all month costs at most {:.2} $",
                self.interval_minutes, self.requests
            ));
        }
        text.push('.');
        text
    }

    /// For programs.
    pub fn as_value(&self) -> Value {
        json!({
            "region": self.region,
            "prices_as_of": self.as_of,
            "storage_usd_month": self.storage,
            "requests_usd_month_at_most": self.requests,
            "requests_of_a_run": { "writes": self.asked.writes, "reads": self.asked.reads },
        })
    }
}

fn gigabytes(bytes: u64) -> f64 {
    // Megabytes fit for every repository below four petabytes.
    let megabytes = u32::try_from(bytes / 1_000_000).unwrap_or(u32::MAX);
    f64::from(megabytes) * 1e6 / GB
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(repository: &str, region: &str) -> Backup {
        let (repository, s3_region) = (Some(repository.to_owned()), region.to_owned());
        Backup { repository, s3_region, ..Backup::default() }
    }

    #[test]
    fn r18_five_minute_snapshots_on_s3_are_priced() {
        let asked = Asked { writes: 6, reads: 4 };
        let cost = Cost::of(&at("s3://b/p", "us-east-1"), asked, Some(10_000_000_000)).unwrap();
        // 8,640 runs with six requests at 0.005 $ and four at 0.0004 $ a thousand.
        assert!((cost.requests - 0.273).abs() < 0.01, "{cost:?}");
        assert!((cost.storage.unwrap() - 0.23).abs() < 0.001, "{cost:?}");
        assert!(cost.words().contains("every 5 minutes all month costs at most 0.27 $"));
    }

    #[test]
    fn what_is_not_known_is_not_priced() {
        let asked = Asked::default();
        assert_eq!(Cost::of(&at("/mnt/backups", "us-east-1"), asked, None), None);
        assert_eq!(Cost::of(&at("s3://b/p", "nowhere-1"), asked, None), None);
        let other = Some("https://s3.example.com".to_owned());
        let elsewhere = Backup { s3_endpoint: other, ..at("s3://b/p", "us-east-1") };
        assert_eq!(Cost::of(&elsewhere, asked, None), None);
    }
}
