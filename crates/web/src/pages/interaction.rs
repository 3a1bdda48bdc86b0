//! Somebody of this server stood on a page of another one and wants to follow or answer from here.

use askama::Template;

use super::Site;

/// What to search for.
#[derive(Debug, Clone, Template)]
#[template(path = "interaction.html")]
pub struct InteractionPage<'p> {
    /// The server.
    pub site: &'p Site,
    /// The handle or address; shown, never a link (M10).
    pub address: String,
}
