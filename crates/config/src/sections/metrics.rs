//! `[metrics]`: the Prometheus listener, off unless configured.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

use crate::ConfigError;

/// The Prometheus listener.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Metrics {
    /// Loopback address to answer `GET /metrics` on.
    pub listen: Option<SocketAddr>,
}

pub(super) const DOCS: &[(&str, &str, &str)] = &[(
    "listen",
    "Loopback address that answers GET /metrics. Off when not set.",
    "\"127.0.0.1:9100\"",
)];

impl Metrics {
    pub(crate) fn validate(&self) -> Result<(), ConfigError> {
        match self.listen {
            Some(address) if !address.ip().is_loopback() => Err(ConfigError::Invalid {
                key: "metrics.listen",
                problem: format!(
                    "{address} is not on loopback; metrics are not for the network, write 127.0.0.1:PORT"
                ),
            }),
            _ => Ok(()),
        }
    }
}
