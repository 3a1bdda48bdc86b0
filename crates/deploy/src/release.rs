//! The program that hosts run: which file, which version, which hash, built for which processor. A copy stays in the folder of
//! the deployment, so that later plans need no file.
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use config::Architecture;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// A release on this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    /// Its version.
    pub version: String,
    /// SHA-256 of the file, in hexadecimal digits.
    pub sha256: String,
    /// The file.
    pub file: PathBuf,
}

/// A file that the person names.
#[derive(Clone, Debug, Default)]
pub struct Named {
    /// The program.
    pub file: Option<PathBuf>,
    /// Its version.
    pub version: Option<String>,
    /// The hash that it must have.
    pub sha256: Option<String>,
}

/// The release to deploy: the file that is named, else the one of the last time, else this program itself.
///
/// # Errors
/// In words: no file, the wrong processor, another hash.
pub fn choose(named: &Named, folder: &Path, architecture: Architecture) -> anyhow::Result<Release> {
    let kept = folder.join("release.json");
    if named.file.is_none()
        && named.version.is_none()
        && let Ok(text) = fs::read_to_string(&kept)
    {
        let value: Value = serde_json::from_str(&text)
            .with_context(|| format!("{} is damaged", kept.display()))?;
        let release = Release {
            version: value["version"].as_str().unwrap_or_default().to_owned(),
            sha256: value["sha256"].as_str().unwrap_or_default().to_owned(),
            file: folder.join("release"),
        };
        if release.file.is_file() && machine_of(&release.file)? == Some(architecture) {
            return Ok(release);
        }
    }
    take_in(named, folder, architecture)
}

/// Where any release does, since none is sent: the one of the last time, else this program, else an empty file.
///
/// # Errors
/// When the folder cannot be written.
pub fn any(folder: &Path, architecture: Architecture) -> anyhow::Result<Release> {
    if let Ok(release) = choose(&Named::default(), folder, architecture) {
        return Ok(release);
    }
    let file = folder.join("no-release");
    fs::create_dir_all(folder)?;
    fs::write(&file, "")?;
    let sha256 = hash(&file)?;
    Ok(Release { version: "none".into(), sha256, file })
}

fn take_in(named: &Named, folder: &Path, architecture: Architecture) -> anyhow::Result<Release> {
    let own_program = std::env::current_exe().context("where this program is")?;
    let file = named.file.clone().unwrap_or_else(|| own_program.clone());
    let is_own = named.file.is_none();
    match machine_of(&file)? {
        Some(machine) if machine == architecture => {}
        machine => {
            let what =
                machine.map_or(
                    "no program for Linux on arm64 or x86_64",
                    |machine| match machine {
                        Architecture::Arm64 => "a program for arm64",
                        Architecture::X86 => "a program for x86_64",
                    },
                );
            bail!(
                "{} is {what}, and the hosts are {}. Name a file built for them with --release FILE --release-version V (for arm64, \
                 in the source: make release-arm64), or set deploy.architecture in tuskling.toml.",
                file.display(),
                architecture.name()
            );
        }
    }
    let version = match (&named.version, is_own) {
        (Some(version), _) => version.clone(),
        (None, true) => env!("CARGO_PKG_VERSION").to_owned(),
        (None, false) => bail!("say which version {} is: --release-version 1.2.3", file.display()),
    };
    let fits = |letter: char| letter.is_ascii_alphanumeric() || ".+_-".contains(letter);
    if version.is_empty()
        || version.len() > 64
        || !version.chars().all(fits)
        || !version.starts_with(|first: char| first.is_ascii_alphanumeric())
    {
        bail!("{version:?} is no version; write one like 1.2.3");
    }
    let sha256 = hash(&file)?;
    if let Some(wanted) = &named.sha256
        && !wanted.eq_ignore_ascii_case(&sha256)
    {
        bail!(
            "{} has the SHA-256 {sha256}, not {wanted}: it is damaged or another file. Nothing is uploaded; get it again.",
            file.display()
        );
    }
    fs::create_dir_all(folder)?;
    let copy = folder.join("release");
    let part = folder.join("release.part");
    fs::copy(&file, &part).with_context(|| format!("cannot copy {}", file.display()))?;
    fs::rename(&part, &copy)?;
    let note = json!({"version": version, "sha256": sha256});
    fs::write(folder.join("release.json"), format!("{note}\n"))?;
    Ok(Release { version, sha256, file: copy })
}

/// The processor of an ELF program; none for other files (System V ABI, `e_machine`).
fn machine_of(file: &Path) -> anyhow::Result<Option<Architecture>> {
    let mut head = [0; 20];
    let mut opened = fs::File::open(file)
        .with_context(|| format!("the release {} cannot be read", file.display()))?;
    if opened.read_exact(&mut head).is_err() {
        return Ok(None);
    }
    Ok(match (&head[..4], head[18], head[19]) {
        (b"\x7fELF", 0xb7, 0) => Some(Architecture::Arm64),
        (b"\x7fELF", 0x3e, 0) => Some(Architecture::X86),
        _ => None,
    })
}

fn hash(file: &Path) -> anyhow::Result<String> {
    let mut opened = fs::File::open(file)?;
    let mut hasher = Sha256::new();
    std::io::copy(&mut opened, &mut hasher)?;
    Ok(hex::encode(hasher.finalize()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn program(folder: &Path, machine: u8) -> PathBuf {
        let mut bytes = vec![0; 64];
        bytes[..4].copy_from_slice(b"\x7fELF");
        bytes[18] = machine;
        let file = folder.join(format!("program-{machine}"));
        fs::write(&file, bytes).unwrap();
        file
    }

    #[test]
    fn d07_a_release_has_version_and_hash_and_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let kept = folder.path().join("kept");
        let file = Some(program(folder.path(), 0xb7));
        let named = Named { file: file.clone(), version: Some("1.2.3".into()), sha256: None };
        let first = choose(&named, &kept, Architecture::Arm64).unwrap();
        assert_eq!(first.sha256.len(), 64);
        assert_eq!(choose(&Named::default(), &kept, Architecture::Arm64).unwrap(), first);
        let wrong = Named { sha256: Some("0".repeat(64)), ..named };
        assert!(
            choose(&wrong, &kept, Architecture::Arm64)
                .unwrap_err()
                .to_string()
                .contains("Nothing is uploaded")
        );
        let nameless = Named { file, ..Named::default() };
        assert!(
            choose(&nameless, &kept, Architecture::Arm64)
                .unwrap_err()
                .to_string()
                .contains("--release-version")
        );
    }

    #[test]
    fn a_program_for_another_processor_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let kept = folder.path().join("kept");
        let named = |file| Named { file: Some(file), version: Some("1".into()), sha256: None };
        let intel = named(program(folder.path(), 0x3e));
        let error = choose(&intel, &kept, Architecture::Arm64).unwrap_err().to_string();
        assert!(error.contains("a program for x86_64, and the hosts are arm64"), "{error}");
        let text = folder.path().join("text");
        fs::write(&text, "hello").unwrap();
        assert!(
            choose(&named(text), &kept, Architecture::Arm64)
                .unwrap_err()
                .to_string()
                .contains("no program")
        );
        assert!(choose(&named(folder.path().join("none")), &kept, Architecture::X86).is_err());
        assert!(!kept.exists(), "nothing is kept of what is refused");
    }
}
