//! Renewal windows (ARI, RFC 9773) in front of an authority that has none: a directory that names
//! them, and the answers.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::https;
use crate::pebble::Pebble;

const YEAR: Duration = Duration::from_secs(365 * 86_400);

/// What is answered.
#[derive(Clone)]
pub struct Windows {
    start: Arc<Mutex<SystemTime>>,
    asked: Arc<AtomicUsize>,
}

impl Windows {
    /// Stands in front of this authority from now on, and asks for nothing within ten years.
    pub async fn start(pebble: &mut Pebble) -> Self {
        let windows = Self { start: Arc::new(Mutex::new(far())), asked: Arc::default() };
        let directory: Arc<Mutex<serde_json::Value>> = Arc::default();
        let (answering, shown) = (windows.clone(), directory.clone());
        let address = https::serve(pebble, move |request| {
            let is_window = request.starts_with("GET /window/");
            let directory = shown.lock().unwrap().to_string();
            let body = if is_window { answering.window() } else { directory };
            Box::pin(async { (200, body) })
        })
        .await;
        let mut own: serde_json::Value =
            serde_json::from_slice(&pebble.own_directory().await).unwrap();
        own["renewalInfo"] = format!("https://{address}/window").into();
        *directory.lock().unwrap() = own;
        pebble.front = Some(address);
        windows
    }

    /// How often a window was asked for.
    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }

    /// Every certificate is to be renewed at once.
    pub fn ask_for_all_until_now(&self, now: SystemTime) {
        *self.start.lock().unwrap() = now - Duration::from_secs(86_400);
    }

    /// None is to be renewed for ten years.
    pub fn ask_for_nothing(&self) {
        *self.start.lock().unwrap() = far();
    }

    fn window(&self) -> String {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let start = *self.start.lock().unwrap();
        let (start, end) = (written(start), written(start + Duration::from_secs(3_600)));
        format!(r#"{{"suggestedWindow":{{"start":"{start}","end":"{end}"}}}}"#)
    }
}

/// 2050, whatever the test's clock says.
fn far() -> SystemTime {
    UNIX_EPOCH + 80 * YEAR
}

/// `2026-11-25T10:20:30Z`, by the days-to-date arithmetic of the proleptic calendar.
fn written(moment: SystemTime) -> String {
    let seconds = moment.duration_since(UNIX_EPOCH).unwrap().as_secs();
    let (days, rest) = (seconds / 86_400 + 719_468, seconds % 86_400);
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    let (hour, minute, second) = (rest / 3_600, rest % 3_600 / 60, rest % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}
