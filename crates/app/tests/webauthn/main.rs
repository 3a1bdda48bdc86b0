//! Security keys: what the specification and a key in software say, and what neither would.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod checks;
mod fuzz;
mod vectors;

use app::access::webauthn::RelyingParty;

/// The server of the specification's examples.
fn party() -> RelyingParty {
    RelyingParty { id: "example.org".into(), origin: "https://example.org".into() }
}
