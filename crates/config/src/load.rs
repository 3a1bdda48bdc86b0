//! Reads the configuration file and lays the environment over it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

use crate::Config;

/// Why the configuration cannot be used. The text is for the person who wrote it.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file named on the command line cannot be read.
    #[error(
        "cannot read the configuration file {path}: {cause}. Check the path given with --config."
    )]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        cause: std::io::Error,
    },
    /// The file is no TOML, or a key is unknown or has the wrong type.
    #[error("{origin}: {cause}")]
    Malformed {
        /// The file or variable.
        origin: String,
        /// What the parser said.
        cause: String,
    },
    /// A value that cannot work.
    #[error("{key}: {problem}")]
    Invalid {
        /// `section.key`.
        key: &'static str,
        /// What is wrong and what to write instead.
        problem: String,
    },
}

/// Where settings come from.
#[derive(Debug, Default)]
pub struct Sources {
    /// A file that must exist.
    pub file: Option<PathBuf>,
    /// Files of which the first that exists is taken, when `file` is not given.
    pub usual_files: Vec<PathBuf>,
    /// The environment, or the part of it that begins with `TUSKLING_`.
    pub environment: BTreeMap<String, String>,
}

/// Beginnings of variables with our prefix that are no settings: they steer tests, and where `deploy` finds Terraform's plugins.
const NOT_SETTINGS: &[&str] = &[
    "TUSKLING_TEST_",
    "TUSKLING_BIN",
    "TUSKLING_KILL_",
    "TUSKLING_FUZZ_",
    "TUSKLING_OUTAGE_",
    "TUSKLING_SLOW_",
    "TUSKLING_TF_",
];

/// Reads the file, if there is one, and the variables `TUSKLING_SECTION_KEY`. The result is not
/// validated yet: flags may still change it.
///
/// # Errors
/// [`ConfigError`] when a source cannot be read or understood.
pub fn load(sources: &Sources) -> Result<Config, ConfigError> {
    let (origin, mut table) = read_file(sources)?;
    for (name, text) in &sources.environment {
        if let Some(setting) = name.strip_prefix("TUSKLING_")
            && !NOT_SETTINGS.iter().any(|beginning| name.starts_with(beginning))
        {
            overlay(&mut table, name, setting, text)?;
        }
    }
    Config::deserialize_from(table).map_err(|cause| ConfigError::Malformed { origin, cause })
}

impl Config {
    fn deserialize_from(table: Table) -> Result<Self, String> {
        table.try_into().map_err(|error| error.to_string())
    }
}

fn read_file(sources: &Sources) -> Result<(String, Table), ConfigError> {
    let path = match &sources.file {
        Some(path) => Some(path.clone()),
        None => sources.usual_files.iter().find(|path| path.exists()).cloned(),
    };
    let Some(path) = path else { return Ok(("the environment".into(), Table::new())) };
    let text = read_text(&path)?;
    let table = text.parse::<Table>().map_err(|cause| ConfigError::Malformed {
        origin: path.display().to_string(),
        cause: cause.to_string(),
    })?;
    Ok((path.display().to_string(), table))
}

fn read_text(path: &Path) -> Result<String, ConfigError> {
    std::fs::read_to_string(path)
        .map_err(|cause| ConfigError::Unreadable { path: path.to_owned(), cause })
}

/// Puts one variable in its place. The type follows from the default value of the key: a key that
/// has none by default is text.
fn overlay(table: &mut Table, name: &str, setting: &str, text: &str) -> Result<(), ConfigError> {
    let malformed = |cause: String| ConfigError::Malformed { origin: name.to_owned(), cause };
    let defaults =
        Table::try_from(Config::default()).map_err(|error| malformed(error.to_string()))?;
    let setting = setting.to_ascii_lowercase();
    let Some((section, key)) = defaults.keys().find_map(|section| {
        let key = setting.strip_prefix(section.as_str())?.strip_prefix('_')?;
        (!key.is_empty()).then(|| (section.clone(), key.to_owned()))
    }) else {
        let known = defaults.keys().cloned().collect::<Vec<_>>().join(", ");
        return Err(malformed(format!("no such section; the sections are {known}")));
    };
    let default = defaults.get(&section).and_then(|table| table.get(&key));
    let value = match default {
        Some(Value::Integer(_)) => Value::Integer(
            text.parse().map_err(|_| malformed(format!("{text:?} is no whole number")))?,
        ),
        Some(Value::Boolean(_)) => Value::Boolean(match text {
            "true" | "1" | "on" | "yes" => true,
            "false" | "0" | "off" | "no" => false,
            _ => return Err(malformed(format!("{text:?} is neither true nor false"))),
        }),
        Some(Value::Array(_)) => Value::Array(
            text.split(',').map(|item| Value::String(item.trim().to_owned())).collect(),
        ),
        _ => Value::String(text.to_owned()),
    };
    let place = table.entry(section).or_insert_with(|| Value::Table(Table::new()));
    if let Value::Table(place) = place {
        place.insert(key, value);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Rate, RegistrationsMode};

    fn from_environment(pairs: &[(&str, &str)]) -> Result<Config, ConfigError> {
        let environment = pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        load(&Sources { environment, ..Sources::default() })
    }

    #[test]
    fn variables_name_sections_and_keys() {
        let config = from_environment(&[
            ("TUSKLING_LIMITS_RATE", "off"),
            ("TUSKLING_REGISTRATIONS_MODE", "open"),
            ("TUSKLING_REGISTRATIONS_CONFIRM_EMAIL", "false"),
            ("TUSKLING_INSTANCE_TITLE", "Ours"),
            ("TUSKLING_LIMITS_STATUS_CHARACTERS", "1000"),
            ("UNRELATED", "x"),
        ])
        .unwrap();
        assert_eq!(config.limits.rate, Rate::Off);
        assert_eq!(config.registrations.mode, RegistrationsMode::Open);
        assert!(!config.registrations.confirm_email);
        assert_eq!(config.instance.title, "Ours");
        assert_eq!(config.limits.status_characters, 1000);
    }

    #[test]
    fn unknown_names_and_wrong_types_are_errors() {
        for (name, value) in [
            ("TUSKLING_NOWHERE_X", "1"),
            ("TUSKLING_LIMITS_NOTHING", "1"),
            ("TUSKLING_LIMITS_STATUS_CHARACTERS", "many"),
            ("TUSKLING_REGISTRATIONS_CONFIRM_EMAIL", "perhaps"),
        ] {
            assert!(from_environment(&[(name, value)]).is_err(), "{name}={value}");
        }
    }
}
