//! `tuskling restore --capsule`: a server that others know, without the big backup.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Cursor};
use std::path::Path;

use ::backup::restore::CONFIG_FOLDER;
use ::backup::{BackupError, Setup, capsule};
use anyhow::Context as _;
use domain::Timestamp;

use crate::cli::Restore;
use crate::commands::restore::leave_nothing_of;
use crate::commands::say;
use crate::context;

/// Runs it.
///
/// # Errors
/// In words for the person at the terminal.
pub async fn run(
    config: &config::Config,
    setup: &Setup,
    file: &Path,
    arguments: &Restore,
) -> anyhow::Result<()> {
    let opener = opener(setup, arguments)?;
    let capsule = capsule(setup, file).await?;
    let is_new = !setup.data.exists();
    let open = || async {
        let opened = context::open_as_it_is(config).await;
        opened.map_err(|error| BackupError::Program(format!("{error:#}")))
    };
    let check = context::key_check();
    let restored = capsule::restore(setup, capsule, &opener, open, &check, arguments.force).await;
    if restored.is_err() && is_new {
        leave_nothing_of(setup);
    }
    let restored = restored?;
    say(&format!(
        "{} is back as others knew it on {}: {} rows, {} keys sign. Posts, media and what was written since are not in a capsule.",
        restored.head.host,
        Timestamp(restored.head.made_at).rfc3339(),
        restored.rows,
        restored.keys
    ));
    let aside = setup.data.join(CONFIG_FOLDER);
    say(&format!("The old settings and secrets are in {}.", aside.display()));
    say(&format!("Start it with its old name: tuskling serve --data {}", setup.data.display()));
    Ok(())
}

fn opener(setup: &Setup, arguments: &Restore) -> anyhow::Result<capsule::Opener> {
    let Some(path) = &arguments.identity else {
        return Ok(capsule::Opener::Password(setup.config.password()?));
    };
    let text = fs::read_to_string(path)
        .with_context(|| format!("the key in {} cannot be read", path.display()))?;
    let identities = capsule::Identity::parse_all(&text);
    anyhow::ensure!(
        !identities.is_empty(),
        "{} holds no key of age: a line that begins with AGE-SECRET-KEY-1",
        path.display()
    );
    Ok(capsule::Opener::Identities(identities))
}

async fn capsule(setup: &Setup, file: &Path) -> anyhow::Result<Box<dyn BufRead + Send>> {
    if file == Path::new("latest") {
        let setup = setup.clone();
        let bytes = tokio::task::spawn_blocking(move || capsule::newest(&setup)).await??;
        return Ok(Box::new(Cursor::new(bytes)));
    }
    let opened = File::open(file)
        .with_context(|| format!("the capsule {} cannot be read", file.display()))?;
    Ok(Box::new(BufReader::new(opened)))
}
