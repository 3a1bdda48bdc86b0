//! What sections that name a bucket of S3 share.

use std::path::PathBuf;

use crate::ConfigError;

/// A bucket, and what its keys begin with: empty, or without a slash at its ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// Its name.
    pub name: String,
    /// The beginning of all keys.
    pub prefix: String,
}

impl Bucket {
    /// Reads `s3://BUCKET/PREFIX`; nothing when the text does not begin so.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn parse(text: &str) -> Result<Option<Self>, String> {
        let Some(rest) = text.strip_prefix("s3://") else { return Ok(None) };
        let (name, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let prefix = prefix.trim_matches('/');
        let plain = |part: &str| {
            part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
                && !part.starts_with('.')
                && !part.is_empty()
        };
        if !plain(name) || !(prefix.is_empty() || prefix.split('/').all(plain)) {
            return Err(format!("{text:?} is no s3://BUCKET/PREFIX of plain letters"));
        }
        Ok(Some(Self { name: name.into(), prefix: prefix.into() }))
    }
}

/// Refuses a secret that is given twice.
pub(super) fn only_one(
    key: &'static str,
    text: &Option<String>,
    file: &Option<PathBuf>,
) -> Result<(), ConfigError> {
    if text.is_some() && file.is_some() {
        let problem = "is given beside the value itself; keep one of them".into();
        return Err(ConfigError::Invalid { key, problem });
    }
    Ok(())
}

/// A secret given as it is or in a file. Line ends behind it do not count.
pub(super) fn read_secret(
    text: &Option<String>,
    file: &Option<PathBuf>,
) -> Result<Option<String>, ConfigError> {
    let secret = match (text, file) {
        (Some(text), _) => text.clone(),
        (None, Some(path)) => std::fs::read_to_string(path)
            .map_err(|cause| ConfigError::Unreadable { path: path.clone(), cause })?,
        (None, None) => return Ok(None),
    };
    let secret = secret.trim_end_matches(['\r', '\n']);
    Ok((!secret.is_empty()).then(|| secret.to_owned()))
}

/// Key id and secret, both or none. `name` is the key to complain of.
pub(super) fn keys(
    name: &'static str,
    id: &Option<String>,
    secret: &Option<String>,
    file: &Option<PathBuf>,
) -> Result<Option<(String, String)>, ConfigError> {
    match (id, read_secret(secret, file)?) {
        (Some(id), Some(secret)) => Ok(Some((id.clone(), secret))),
        (None, None) => Ok(None),
        _ => Err(ConfigError::Invalid {
            key: name,
            problem: "key id and secret belong together; set both or none".into(),
        }),
    }
}
