//! What the media room says about a file, in the words clients know.

use media::{Exhausted, MediaError, Refusal};

use crate::AppError;

const MIB: u64 = 1024 * 1024;

/// The refusal of the file in the parameter `field` (`File`, `Avatar`, …). When the fault is ours
/// it is an internal error.
pub(crate) fn refuse(field: &str, error: MediaError) -> AppError {
    let refusal = match error {
        MediaError::Refused(refusal) => refusal,
        MediaError::Stopped(Exhausted::Memory | Exhausted::Output) => Refusal::TooMuchMemory,
        MediaError::Stopped(Exhausted::Time | Exhausted::Crash) => {
            Refusal::Damaged("it cannot be decoded".to_owned())
        }
        MediaError::Disk(source) if source.kind() == std::io::ErrorKind::StorageFull => {
            return AppError::Store(store::StoreError::Full);
        }
        MediaError::Disk(_) | MediaError::Helper(_) => {
            return AppError::Internal(error.to_string());
        }
    };
    match refusal {
        Refusal::Unsupported(_) => {
            AppError::invalid(format!("{field} content type is invalid, {field} is invalid"))
        }
        Refusal::TooManyBytes(most) => AppError::invalid(format!(
            "{field} file size must be less than {}",
            if most >= MIB { format!("{} MB", most / MIB) } else { format!("{} KB", most / 1024) }
        )),
        Refusal::Empty => AppError::invalid(format!("{field} can't be blank")),
        Refusal::TooManyPixels { .. }
        | Refusal::TooManyFrames(_)
        | Refusal::FrameRate
        | Refusal::TooMuchMemory => AppError::Unprocessable(capitalised(&refusal.to_string())),
        Refusal::Polyglot(_) | Refusal::Damaged(_) => {
            AppError::Unprocessable("File type of uploaded media could not be verified".to_owned())
        }
    }
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_are_the_clients_and_faults_are_ours() {
        let said = |error: MediaError| refuse("File", error).to_string();
        assert_eq!(
            said(Refusal::Unsupported("text/html".into()).into()),
            "Validation failed: File content type is invalid, File is invalid"
        );
        assert_eq!(
            said(Refusal::TooManyBytes(16 * MIB).into()),
            "Validation failed: File file size must be less than 16 MB"
        );
        assert_eq!(
            said(Refusal::TooManyPixels { width: 65_535, height: 2 }.into()),
            "Images of 65535x2 pixels are not supported"
        );
        let ours = refuse("File", MediaError::Helper("gone".into()));
        assert!(matches!(ours, AppError::Internal(_)));
    }
}
