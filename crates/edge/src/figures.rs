//! What the edge counts, and the Prometheus text of it.

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use http::StatusCode;

use crate::Shared;

/// Counters of one edge since its start.
#[derive(Default)]
pub(crate) struct Figures {
    pub connections: Gauge,
    pub accepted: AtomicU64,
    pub refused: AtomicU64,
    pub handshakes_failed: AtomicU64,
    pub requests: AtomicU64,
    pub in_progress: Gauge,
    pub upgraded: Gauge,
    pub limited: AtomicU64,
    pub sent_bytes: AtomicU64,
    pub microseconds: AtomicU64,
    by_class: [AtomicU64; 6],
}

/// A number that goes up and down.
#[derive(Default)]
pub(crate) struct Gauge(AtomicU64);

/// One that a gauge counts, until it is dropped.
pub(crate) struct Counted(Arc<Shared>, fn(&Figures) -> &Gauge);

impl Gauge {
    pub fn get(&self) -> u64 {
        self.0.load(Relaxed)
    }
}

impl Counted {
    pub fn new(shared: &Arc<Shared>, which: fn(&Figures) -> &Gauge) -> Self {
        which(&shared.figures).0.fetch_add(1, Relaxed);
        Self(shared.clone(), which)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.1(&self.0.figures).0.fetch_sub(1, Relaxed);
    }
}

impl Figures {
    pub fn answered(&self, status: StatusCode) {
        let class = usize::from(status.as_u16() / 100);
        if let Some(count) = self.by_class.get(class) {
            count.fetch_add(1, Relaxed);
        }
    }

    /// The text of `/metrics`, without what is known elsewhere.
    pub fn text(&self) -> String {
        let mut text = String::new();
        let mut line = |name: &str, kind: &str, help: &str, value: u64| {
            // Writing into a string cannot fail.
            let _ = writeln!(
                text,
                "# HELP tuskling_edge_{name} {help}\n# TYPE tuskling_edge_{name} {kind}\n\
                 tuskling_edge_{name} {value}"
            );
        };
        let of = |count: &AtomicU64| count.load(Relaxed);
        line("connections", "gauge", "Open client connections.", self.connections.get());
        line("accepted_total", "counter", "Client connections taken.", of(&self.accepted));
        line("refused_total", "counter", "Client connections over a limit.", of(&self.refused));
        let failed = of(&self.handshakes_failed);
        line("handshakes_failed_total", "counter", "TLS handshakes that failed.", failed);
        line("requests_total", "counter", "Requests.", of(&self.requests));
        line("in_progress", "gauge", "Requests being answered.", self.in_progress.get());
        line("websockets", "gauge", "Open WebSockets.", self.upgraded.get());
        line("limited_total", "counter", "Requests over the rate.", of(&self.limited));
        line("sent_bytes_total", "counter", "Bytes of answers.", of(&self.sent_bytes));
        let busy = of(&self.microseconds);
        line("answer_microseconds_total", "counter", "Time of all answers together.", busy);
        let _ = writeln!(
            text,
            "# HELP tuskling_edge_answers_total Answers by class.\n\
             # TYPE tuskling_edge_answers_total counter"
        );
        for (class, count) in self.by_class.iter().enumerate().skip(1) {
            let count = count.load(Relaxed);
            let _ = writeln!(text, "tuskling_edge_answers_total{{class=\"{class}xx\"}} {count}");
        }
        text
    }
}
