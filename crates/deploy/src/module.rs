//! The Terraform module, which this program carries with it, so that the binary alone can deploy. Only files are written here;
//! what they say is infra/aws.
use std::fs;
use std::path::Path;

use anyhow::Context as _;

macro_rules! files {
    ($($name:literal),+ $(,)?) => { &[$(($name, include_str!(concat!("../../../infra/aws/", $name)))),+] };
}

/// The module and what it needs.
pub const MODULE: &[(&str, &str)] = files![
    ".terraform.lock.hcl",
    "app.tf",
    "dns.tf",
    "edge.tf",
    "iam.tf",
    "locals.tf",
    "mail.tf",
    "monitoring.tf",
    "network.tf",
    "outputs.tf",
    "storage.tf",
    "templates/host.yaml.tftpl",
    "templates/release",
    "variables.tf",
    "versions.tf",
];

/// The module that makes the bucket of the state.
pub const BOOTSTRAP: &[(&str, &str)] = &[
    (".terraform.lock.hcl", include_str!("../../../infra/aws/bootstrap/.terraform.lock.hcl")),
    ("main.tf", include_str!("../../../infra/aws/bootstrap/main.tf")),
];

/// What lifts the protection of buckets, address and data volume, for `destroy --purge` alone.
pub const PURGE: (&str, &str) =
    ("purge_override.tf", include_str!("../../../infra/aws/templates/purge_override.tf.txt"));

/// Writes files below a folder. Terraform files of an older release of this program go; overrides of the owner's own stay.
///
/// # Errors
/// When the folder cannot be written.
pub fn write(folder: &Path, files: &[(&str, &str)]) -> anyhow::Result<()> {
    fs::create_dir_all(folder)
        .with_context(|| format!("cannot make the folder {}", folder.display()))?;
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let is_ours = files.iter().any(|(known, _)| *known == name);
        let is_purge = name == PURGE.0;
        if name.ends_with(".tf") && !is_ours && (is_purge || !name.ends_with("override.tf")) {
            fs::remove_file(&path)?;
        }
    }
    for (name, text) in files {
        let path = folder.join(name);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        if fs::read_to_string(&path).ok().as_deref() != Some(text) {
            fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_the_module_is_carried() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../infra/aws");
        for place in ["", "templates"] {
            for entry in fs::read_dir(folder.join(place)).unwrap() {
                let path = entry.unwrap().path();
                let name = path.strip_prefix(&folder).unwrap().to_str().unwrap().to_owned();
                let is_wanted = if place.is_empty() {
                    name.ends_with(".tf") && !name.ends_with("override.tf")
                } else {
                    !name.contains("purge")
                };
                if path.is_file() && is_wanted {
                    assert!(MODULE.iter().any(|(known, _)| *known == name), "{name} is missing");
                }
            }
        }
    }

    #[test]
    fn files_of_before_go_and_overrides_stay() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["old.tf", "mine_override.tf", PURGE.0, "terraform.tfstate"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        write(folder.path(), MODULE).unwrap();
        let is_there = |name: &str| folder.path().join(name).exists();
        assert!(!is_there("old.tf") && !is_there(PURGE.0));
        assert!(
            is_there("mine_override.tf")
                && is_there("terraform.tfstate")
                && is_there("templates/release")
        );
    }
}
