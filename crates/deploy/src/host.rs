//! What a host runs besides the program: units, scripts, settings of the system. The program carries them, so that they change
//! together with it; `tuskling deploy host` writes them on a host.
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

/// What a host is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The proxy and the way out.
    Edge,
    /// The server.
    App,
    /// Both.
    Single,
}

struct HostFile {
    path: &'static str,
    mode: u32,
    text: &'static str,
    roles: &'static [Role],
}

const ALL: &[Role] = &[Role::Edge, Role::App, Role::Single];
const SERVER: &[Role] = &[Role::App, Role::Single];
const PROXY: &[Role] = &[Role::Edge, Role::Single];

const FILES: &[HostFile] = &[
    HostFile {
        path: "etc/systemd/system/tuskling.service",
        mode: 0o644,
        text: include_str!("../../../infra/systemd/tuskling.service"),
        roles: SERVER,
    },
    HostFile {
        path: "etc/systemd/system/tuskling-edge.service",
        mode: 0o644,
        text: include_str!("../../../infra/systemd/tuskling-edge.service"),
        roles: PROXY,
    },
    HostFile {
        path: "etc/systemd/system/tuskling-nat.service",
        mode: 0o644,
        text: include_str!("../../../infra/systemd/tuskling-nat.service"),
        roles: &[Role::Edge],
    },
    HostFile {
        path: "etc/systemd/system/tuskling-update.service",
        mode: 0o644,
        text: include_str!("../../../infra/systemd/tuskling-update.service"),
        roles: ALL,
    },
    HostFile {
        path: "etc/systemd/system/tuskling-update.timer",
        mode: 0o644,
        text: include_str!("../../../infra/systemd/tuskling-update.timer"),
        roles: ALL,
    },
    HostFile {
        path: "usr/local/lib/tuskling/release",
        mode: 0o755,
        text: include_str!("../../../infra/aws/templates/release"),
        roles: ALL,
    },
    HostFile {
        path: "usr/local/lib/tuskling/setup",
        mode: 0o755,
        text: include_str!("../../../infra/host/setup"),
        roles: ALL,
    },
    HostFile {
        path: "usr/local/lib/tuskling/healthy",
        mode: 0o755,
        text: include_str!("../../../infra/host/healthy"),
        roles: ALL,
    },
    HostFile {
        path: "usr/local/lib/tuskling/keep-database",
        mode: 0o755,
        text: include_str!("../../../infra/host/keep-database"),
        roles: ALL,
    },
    HostFile {
        path: "etc/systemd/zram-generator.conf",
        mode: 0o644,
        text: include_str!("../../../infra/host/zram-generator.conf"),
        roles: ALL,
    },
    HostFile {
        path: "etc/sysctl.d/60-tuskling.conf",
        mode: 0o644,
        text: include_str!("../../../infra/host/sysctl.conf"),
        roles: ALL,
    },
    HostFile {
        path: "etc/systemd/resolved.conf.d/60-tuskling.conf",
        mode: 0o644,
        text: include_str!("../../../infra/host/resolved.conf"),
        roles: ALL,
    },
    HostFile {
        path: "etc/apt/apt.conf.d/60tuskling",
        mode: 0o644,
        text: include_str!("../../../infra/host/apt.conf"),
        roles: ALL,
    },
];

/// Writes the files of a role below `root`; answers with those that changed. Each takes its place in one step, since the
/// script that calls this is one of them.
///
/// # Errors
/// When a file cannot be written.
pub fn write(root: &Path, role: Role) -> anyhow::Result<Vec<PathBuf>> {
    let mut changed = Vec::new();
    for file in FILES.iter().filter(|file| file.roles.contains(&role)) {
        let path = root.join(file.path);
        if fs::read_to_string(&path).ok().as_deref() == Some(file.text) {
            continue;
        }
        let failed = || format!("cannot write {}", path.display());
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).with_context(failed)?;
        }
        let part = path.with_extension("part");
        fs::write(&part, file.text).with_context(failed)?;
        fs::set_permissions(&part, fs::Permissions::from_mode(file.mode)).with_context(failed)?;
        fs::rename(&part, &path).with_context(failed)?;
        changed.push(path);
    }
    Ok(changed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_gets_its_files_once() {
        let root = tempfile::tempdir().unwrap();
        let first = write(root.path(), Role::App).unwrap();
        assert!(first.iter().any(|path| path.ends_with("tuskling.service")));
        assert!(!root.path().join("etc/systemd/system/tuskling-edge.service").exists());
        let script = root.path().join("usr/local/lib/tuskling/release");
        assert_eq!(fs::metadata(script).unwrap().permissions().mode() & 0o777, 0o755);
        assert_eq!(write(root.path(), Role::App).unwrap(), Vec::<PathBuf>::new());
    }

    #[test]
    fn l03_only_the_edge_of_two_hosts_translates_addresses() {
        for (role, is_there) in [(Role::Edge, true), (Role::Single, false), (Role::App, false)] {
            let root = tempfile::tempdir().unwrap();
            write(root.path(), role).unwrap();
            assert_eq!(
                root.path().join("etc/systemd/system/tuskling-nat.service").exists(),
                is_there,
                "{role:?}"
            );
        }
    }
}
