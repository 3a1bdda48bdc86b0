//! The rights the child takes from itself, without unsafe code.
//!
//! Held by the kernel: address space, processor seconds, bytes per written file, no core dump, no
//! new privileges, no tracing by its own user, and a limit on open files that counts those already
//! open. With that limit at 0 nothing can be opened any more: no path, no socket, no pipe, and no
//! dynamically linked program can start. Root may raise limits again: a server does not run as root.
//!
//! Not held here: system calls are not filtered and there is no Landlock (both need unsafe code or a
//! crate this room does not have); the service unit of the server adds what it can. ffmpeg keeps a
//! few open files, so only its own protocol list keeps it from the network.

use std::io;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::protocol::Resources;

pub(super) fn enter(resources: &Resources) -> io::Result<()> {
    limit(Resource::Core, 0, 0)?;
    limit(Resource::As, resources.memory, resources.memory)?;
    // The soft limit ends the process with its own signal, the hard one for good.
    limit(Resource::Cpu, resources.cpu_seconds, resources.cpu_seconds.saturating_add(2))?;
    limit(Resource::Fsize, resources.file_bytes, resources.file_bytes)?;
    #[cfg(target_os = "linux")]
    {
        rustix::thread::set_no_new_privs(true)?;
        rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable)?;
    }
    limit(Resource::Nofile, resources.open_files, resources.open_files)
}

/// Lowers a limit; one that is lower already stays.
fn limit(resource: Resource, soft: u64, hard: u64) -> io::Result<()> {
    let ceiling = getrlimit(resource).maximum.unwrap_or(u64::MAX);
    let new = Rlimit { current: Some(soft.min(ceiling)), maximum: Some(hard.min(ceiling)) };
    setrlimit(resource, new).map_err(io::Error::from)
}
