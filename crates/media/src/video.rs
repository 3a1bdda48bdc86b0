//! Video and sound, with the machine's own ffmpeg and ffprobe if there are any.

use std::path::Path;

use crate::error::{MediaError, Refusal};
use crate::processed::Processed;
use crate::processor::Processor;
use crate::types::MediaType;

impl Processor {
    pub(crate) async fn process_media(
        &self,
        _input: &Path,
        media_type: MediaType,
    ) -> Result<Processed, MediaError> {
        Err(Refusal::Unsupported(media_type.mime().to_owned()).into())
    }

    pub(crate) async fn animate(&self, still: Processed) -> Result<Processed, MediaError> {
        Ok(still)
    }
}
