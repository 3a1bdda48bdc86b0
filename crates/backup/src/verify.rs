//! `backup verify`: restores the newest snapshot on trial, checks it, and notes that it came back.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use store::{Location, Store};

use crate::check::{self, KeyCheck};
use crate::local::{Local, Proof};
use crate::manifest::{Engine, Manifest};
use crate::restore::{Which, choose, show};
use crate::setup::Setup;
use crate::snapshot::{blocking, open};
use crate::{BackupError, Result, Target, manifest};

/// The part of the packs whose bytes are read and compared beyond what the snapshot needs.
const SAMPLE_PERCENT: f64 = 5.0;

/// Restores the newest snapshot into scratch space and checks it.
///
/// # Errors
/// [`BackupError::Lost`] and [`BackupError::Unproven`] say what is wrong; the failure is noted.
pub async fn run(setup: &Setup, scratch: Option<PathBuf>, key_check: &KeyCheck) -> Result<Proof> {
    let local = Arc::new(Local::take(&setup.data)?);
    let proof = prove(setup, &local, scratch, key_check).await;
    if let Err(error) = &proof {
        crate::local::note_failure(&local, setup.clock.now(), error);
    }
    let cleared = local.clear_scratch();
    let proof = proof?;
    local.change_state(|state| {
        state.proof = Some(proof.clone());
        state.failure = None;
    })?;
    cleared?;
    // The newest snapshot came back. What older ones need is looked for as well.
    let repo = open(setup, &local).await?;
    let checked = blocking(move || repo.check(SAMPLE_PERCENT)).await;
    if let Err(error) = &checked {
        crate::local::note_failure(&local, setup.clock.now(), error);
    }
    checked.map(|()| proof)
}

async fn prove(
    setup: &Setup,
    local: &Arc<Local>,
    scratch: Option<PathBuf>,
    key_check: &KeyCheck,
) -> Result<Proof> {
    let repo = open(setup, local).await?;
    let folder = match scratch {
        Some(folder) => folder.join(format!("tuskling-proof-{}", std::process::id())),
        None => local.scratch()?.join("proof"),
    };
    crate::local::private_folder(&folder)?;
    let proof = prove_in(setup, &folder, &repo, key_check).await;
    let gone = std::fs::remove_dir_all(&folder).map_err(BackupError::file(&folder));
    let proof = proof?;
    gone.map(|()| proof)
}

async fn prove_in(
    setup: &Setup,
    folder: &Path,
    repo: &Arc<crate::Repo>,
    key_check: &KeyCheck,
) -> Result<Proof> {
    let (repo, to) = (repo.clone(), folder.to_owned());
    let (snapshot, manifest, files) = blocking(move || {
        let snapshot = choose(&repo, &Which::Latest)?;
        let shown = AtomicU64::new(0);
        let place = |path: &std::path::Path| Some(to.join(path));
        let progress = |done: u64, all: u64| show(&shown, "proved", done, all);
        let target = Target { place: &place, progress: &progress };
        let restored = repo.restore(&snapshot, &target)?;
        if !restored.lost.is_empty() {
            return Err(BackupError::Lost(restored.lost));
        }
        let compared = repo.compare(&snapshot, &target)?;
        if !compared.lost.is_empty() {
            return Err(BackupError::Unproven(compared.lost));
        }
        let text = std::fs::read(to.join(manifest::NAME))
            .map_err(BackupError::file(to.join(manifest::NAME)))?;
        let manifest: Manifest = serde_json::from_slice(&text)
            .map_err(|error| BackupError::Unproven(vec![format!("manifest.json: {error}")]))?;
        if manifest.engine == Engine::Sqlite {
            let problems =
                check::sqlite(&to.join(manifest::DATA).join(manifest::SQLITE), &manifest)?;
            if !problems.is_empty() {
                return Err(BackupError::Unproven(problems));
            }
        }
        Ok((snapshot, manifest, restored.files))
    })
    .await?;
    match manifest.engine {
        Engine::Sqlite => {
            let database = folder.join(manifest::DATA).join(manifest::SQLITE);
            let store = Store::open(&Location::Sqlite(database), 1).await?;
            let keys = check::keys(&store, key_check).await;
            store.close().await;
            let (_, problems) = keys?;
            if !problems.is_empty() {
                return Err(BackupError::Unproven(problems));
            }
        }
        Engine::Postgres => {
            let dump = folder.join(manifest::DUMP);
            let problems = crate::pg_proof::problems(&dump, &manifest, key_check).await?;
            if !problems.is_empty() {
                return Err(BackupError::Unproven(problems));
            }
        }
    }
    Ok(Proof {
        id: snapshot.id,
        made_at: snapshot.made_at.0,
        at: setup.clock.now().0,
        rows: manifest.all_rows(),
        files,
    })
}
