//! Taking an archive apart. Nothing is written under a name of the archive's own (M04): each file
//! that is wanted gets a number, and a list says which name had it.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek};
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;

use super::tar::{self, wrong};
use super::zip;

/// Largest file that is taken out, beside the list of posts.
const LARGEST: u64 = 512 * 1_024 * 1_024;
/// Largest list of posts.
const LIST: u64 = 4 * 1_024 * 1_024 * 1_024;
/// Whatever is packed, so many times its size may come out, and this much more: pictures hardly
/// shrink, text does by ten.
const TIMES: u64 = 30;
const MORE: u64 = 64 * 1_024 * 1_024;

/// How much is taken out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    /// The two lists.
    Lists,
    /// The media too.
    All,
}

/// What was taken out.
#[derive(Debug, Default)]
pub(super) struct Unpacked {
    files: HashMap<String, PathBuf>,
}

impl Unpacked {
    /// The file of that name.
    pub fn get(&self, name: &str) -> Option<&PathBuf> {
        self.files.get(&wanted(name)?)
    }
}

/// Takes out of an archive (tar, with gzip or without, or zip) what an import needs.
pub(super) fn unpack(archive: &Path, folder: &Path, extent: Extent) -> io::Result<Unpacked> {
    let mut input = File::open(archive)?;
    let length = input.metadata()?.len();
    let mut left = length.saturating_mul(TIMES).saturating_add(MORE);
    let mut unpacked = Unpacked::default();
    let mut take = |name: &str, size: u64, body: &mut dyn Read| {
        let Some(name) = wanted(name) else { return Ok(()) };
        let is_list = !name.contains('/');
        if (!is_list && extent == Extent::Lists) || unpacked.files.contains_key(&name) {
            return Ok(());
        }
        if size > if is_list { LIST } else { LARGEST } {
            return if is_list { Err(wrong("its list of posts is too long")) } else { Ok(()) };
        }
        let path = folder.join(unpacked.files.len().to_string());
        let mut file = File::create_new(&path)?;
        let written = io::copy(&mut body.take(left), &mut file)?;
        left -= written;
        if left == 0 {
            return Err(wrong("it unpacks to far more than it is; it was made to fill disks"));
        }
        unpacked.files.insert(name, path);
        Ok(())
    };
    let mut magic = [0_u8; 4];
    let read = input.read(&mut magic)?;
    input.rewind()?;
    match magic.get(..read).unwrap_or_default() {
        [0x1f, 0x8b, ..] => tar::read(MultiGzDecoder::new(BufReader::new(input)), &mut take)?,
        [b'P', b'K', 3 | 5, _] => zip::read(BufReader::new(input), &mut take)?,
        _ => tar::read(BufReader::new(input), &mut take)?,
    }
    Ok(unpacked)
}

/// The name under which a file is kept: the two lists by their own, media from `media_attachments`
/// on, wherever the archive has put them. Everything else is not wanted.
fn wanted(name: &str) -> Option<String> {
    const MEDIA: &str = "media_attachments/";
    if let Some(at) = name.find(MEDIA) {
        return name.get(at..).map(str::to_owned);
    }
    let last = name.rsplit('/').next()?;
    ["outbox.json", "actor.json"].contains(&last).then(|| last.to_owned())
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn packed(files: &[(&str, Vec<u8>)]) -> Vec<u8> {
        let mut writer = tar::Writer::to(GzEncoder::new(Vec::new(), Compression::best()));
        for (name, bytes) in files {
            let mut from = bytes.as_slice();
            writer.add(name, bytes.len() as u64, 0, &mut from).unwrap();
        }
        writer.finish().unwrap().finish().unwrap()
    }

    fn open(bytes: &[u8]) -> (tempfile::TempDir, io::Result<Unpacked>) {
        let folder = tempfile::tempdir().unwrap();
        let archive = folder.path().join("archive");
        File::create(&archive).unwrap().write_all(bytes).unwrap();
        let inside = folder.path().join("inside");
        std::fs::create_dir(&inside).unwrap();
        let unpacked = unpack(&archive, &inside, Extent::All);
        (folder, unpacked)
    }

    #[test]
    fn m04_no_name_of_an_archive_is_a_path() {
        let bytes = packed(&[
            ("../../outbox.json", b"{}".to_vec()),
            ("/etc/passwd", b"x".to_vec()),
            ("../media_attachments/../../../evil", b"y".to_vec()),
        ]);
        let (folder, unpacked) = open(&bytes);
        let unpacked = unpacked.unwrap();
        let inside = folder.path().join("inside");
        assert_eq!(unpacked.get("outbox.json").unwrap(), &inside.join("0"));
        let names: Vec<_> =
            std::fs::read_dir(&inside).unwrap().map(|e| e.unwrap().file_name()).collect();
        assert_eq!(names.len(), 2, "{names:?}");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
    }

    #[test]
    fn m04_what_was_made_to_fill_disks_is_refused() {
        let bytes = packed(&[
            ("media_attachments/a", vec![0; 80 * 1_024 * 1_024]),
            ("outbox.json", b"{}".to_vec()),
        ]);
        assert!(bytes.len() < 512 * 1_024);
        let (_folder, unpacked) = open(&bytes);
        assert!(unpacked.unwrap_err().to_string().contains("fill disks"));
    }

    #[test]
    fn p05_what_is_no_archive_is_an_error() {
        for bytes in
            [b"".to_vec(), b"PK\x03\x04junk".to_vec(), vec![0x1f, 0x8b, 8, 0], vec![1; 3_000]]
        {
            let (_folder, unpacked) = open(&bytes);
            assert!(unpacked.map_or(true, |found| found.get("outbox.json").is_none()));
        }
    }
}
