//! The thread that writes: whatever waits goes to the disk together, and nobody is answered before
//! it is there.

use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

use tokio::sync::{mpsc, oneshot};

use super::order::Place;
use super::segment::Segment;
use super::{Shared, SpoolError};

/// Deliveries that go to the disk together, and about their bytes.
const TOGETHER: usize = 64;
const BYTES_TOGETHER: usize = 2 * 1024 * 1024;

/// One delivery that waits to be written.
pub(super) struct Job {
    pub(super) sender: String,
    pub(super) received: SystemTime,
    pub(super) record: Vec<u8>,
    pub(super) written: oneshot::Sender<Result<(), SpoolError>>,
}

/// Where it writes.
pub(super) struct Writer {
    pub(super) shared: Arc<Shared>,
    pub(super) folder: PathBuf,
    pub(super) segment_bytes: u64,
    pub(super) next_id: u64,
    pub(super) open: Option<Open>,
}

/// The segment that is written to.
pub(super) struct Open {
    id: u64,
    file: Arc<std::fs::File>,
    /// Bytes and records that are certain.
    bytes: u64,
    records: u32,
}

impl Writer {
    /// Writes until nobody can send any more.
    pub(super) fn run(mut self, mut jobs: mpsc::Receiver<Job>) {
        while let Some(first) = jobs.blocking_recv() {
            let (mut bytes, mut batch) = (first.record.len(), vec![first]);
            while batch.len() < TOGETHER && bytes < BYTES_TOGETHER {
                let Ok(next) = jobs.try_recv() else { break };
                bytes += next.record.len();
                batch.push(next);
            }
            self.write(batch);
        }
    }

    fn write(&mut self, batch: Vec<Job>) {
        let failed = match self.append(&batch) {
            Ok(places) => {
                for (job, place) in batch.into_iter().zip(places) {
                    self.shared.arrived(&job.sender, place, job.record.len());
                    let _ = job.written.send(Ok(()));
                }
                return;
            }
            Err(failed) => failed,
        };
        for job in batch {
            self.shared.release(&job.sender, job.record.len());
            let _ = job.written.send(Err(failed.again()));
        }
    }

    /// Writes all of it and waits for the disk.
    fn append(&mut self, batch: &[Job]) -> Result<Vec<Place>, SpoolError> {
        self.shared.may_write()?;
        let mut open = match self.open.take() {
            Some(open) if open.bytes < self.segment_bytes => open,
            _ => self.create().map_err(SpoolError::no_room)?,
        };
        let (mut places, mut end) = (Vec::new(), open.bytes);
        for (job, number) in batch.iter().zip(open.records..) {
            let received = job.received;
            places.push(Place { segment: open.id, number, offset: end, received });
            end = end.saturating_add(job.record.len() as u64);
        }
        if let Err(error) = write_all(&open, batch) {
            // The segment is left alone from here on: its tail may be torn. The next delivery
            // begins another, so that a disk that has room again needs no restart (R04).
            self.shared.leave(open.id);
            return Err(SpoolError::no_room(error));
        }
        if let Err(error) = open.file.sync_data() {
            // What the kernel did with the pages is unknown; trying again would lie (R03).
            return Err(self.shared.fail(&error));
        }
        open.bytes = end;
        open.records = open.records.saturating_add(u32::try_from(batch.len()).unwrap_or(u32::MAX));
        self.shared.grown(open.id, open.bytes);
        self.open = Some(open);
        Ok(places)
    }

    fn create(&mut self) -> io::Result<Open> {
        let id = self.next_id;
        // Used up even when it fails: half of it may be there.
        self.next_id = self.next_id.saturating_add(1);
        let segment = Segment::create(&self.folder, id)?;
        let open = Open { id, file: segment.file.clone(), bytes: segment.bytes, records: 0 };
        self.shared.opened(id, segment);
        Ok(open)
    }
}

fn write_all(open: &Open, batch: &[Job]) -> io::Result<()> {
    let mut file = &*open.file;
    file.seek(SeekFrom::Start(open.bytes))?;
    batch.iter().try_for_each(|job| file.write_all(&job.record))
}
