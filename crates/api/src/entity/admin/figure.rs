//! Numbers for staff.

use app::figures::{Cohort, Dimension, Frequency, Measure};
use serde::Serialize;

/// <https://docs.joinmastodon.org/entities/Admin_Measure/>
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct AdminMeasure {
    key: String,
    unit: Option<String>,
    total: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    previous_total: Option<String>,
    data: Vec<Day>,
}

#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "MeasureDay"))]
struct Day {
    date: String,
    value: String,
}

impl AdminMeasure {
    pub fn render(measure: &Measure) -> Self {
        Self {
            key: measure.key.clone(),
            unit: None,
            total: measure.total.to_string(),
            previous_total: measure.previous.map(|previous| previous.to_string()),
            data: measure
                .days
                .iter()
                .map(|day| Day { date: day.start.rfc3339(), value: day.value.to_string() })
                .collect(),
        }
    }
}

/// <https://docs.joinmastodon.org/entities/Admin_Dimension/>
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct AdminDimension {
    key: String,
    data: Vec<Entry>,
}

#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "DimensionEntry"))]
struct Entry {
    key: String,
    human_key: String,
    value: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    unit: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    human_value: Option<String>,
}

impl AdminDimension {
    pub fn render(dimension: &Dimension) -> Self {
        let entry = |entry: &app::figures::Entry| Entry {
            key: entry.key.clone(),
            human_key: entry.name.clone(),
            value: entry.value.clone(),
            unit: entry.is_bytes.then_some("bytes"),
            human_value: entry.is_bytes.then(|| megabytes(&entry.value)),
        };
        Self { key: dimension.key.clone(), data: dimension.entries.iter().map(entry).collect() }
    }
}

fn megabytes(bytes: &str) -> String {
    let bytes: u64 = bytes.parse().unwrap_or(0);
    format!("{} MB", bytes / 1_000_000)
}

/// <https://docs.joinmastodon.org/entities/Admin_Cohort/>
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct AdminCohort {
    period: String,
    frequency: &'static str,
    data: Vec<Later>,
}

#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Later {
    date: String,
    rate: f64,
    value: String,
}

impl AdminCohort {
    pub fn render(cohort: &Cohort, frequency: Frequency) -> Self {
        let later = |later: &app::figures::Later| Later {
            date: later.period.rfc3339(),
            rate: share(later.value, later.of),
            value: later.value.to_string(),
        };
        Self {
            period: cohort.period.rfc3339(),
            frequency: match frequency {
                Frequency::Day => "day",
                Frequency::Month => "month",
            },
            data: cohort.later.iter().map(later).collect(),
        }
    }
}

/// In thousandths at the finest.
fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 {
        return 0.0;
    }
    let thousandths = u32::try_from(part.saturating_mul(1_000) / whole).unwrap_or(1_000);
    f64::from(thousandths) / 1_000.0
}
