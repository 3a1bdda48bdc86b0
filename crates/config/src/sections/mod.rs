//! One module a section, and the words that explain each key in the example file.

pub mod backup;
pub mod bucket;
pub mod budget;
pub mod database;
pub mod deploy;
pub mod edge;
pub mod federation;
pub mod instance;
pub mod limits;
pub mod log;
pub mod mail;
pub mod media;
pub mod metrics;
pub mod registrations;
pub mod server;

/// A key: its name, its explanation, and the value shown when there is no default.
type KeyDoc = (&'static str, &'static str, &'static str);

/// For each section its keys.
pub const DOCS: &[(&str, &[KeyDoc])] = &[
    ("server", server::DOCS),
    ("database", database::DOCS),
    ("instance", instance::DOCS),
    ("registrations", registrations::DOCS),
    ("federation", federation::DOCS),
    ("budget", budget::DOCS),
    ("limits", limits::DOCS),
    ("media", media::DOCS),
    ("mail", mail::DOCS),
    ("log", log::DOCS),
    ("metrics", metrics::DOCS),
    ("edge", edge::DOCS),
    ("backup", backup::DOCS),
    ("deploy", deploy::DOCS),
];
