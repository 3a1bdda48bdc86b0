//! What the processor needs to know of the machine, and the limits all media live under.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::time::Duration;

const MIB: u64 = 1024 * 1024;

/// Where the helpers are and how much they may use.
#[derive(Debug, Clone)]
pub struct MediaSettings {
    /// The program to re-execute as `PROGRAM media-child`; in a server, itself (`/proc/self/exe` stays
    /// right when the file is replaced by an update). It must call [`crate::child::main`] before it
    /// starts any thread.
    pub helper_exe: PathBuf,
    /// The `ffmpeg` program, if the machine has one.
    pub ffmpeg: Option<PathBuf>,
    /// The `ffprobe` program, if the machine has one.
    pub ffprobe: Option<PathBuf>,
    /// A folder for work in progress; best on the file system of the object store, so that results
    /// are moved and not copied.
    pub scratch: PathBuf,
    /// The limits.
    pub limits: MediaLimits,
}

impl MediaSettings {
    /// Looks for `ffmpeg` and `ffprobe` in the folders of a `PATH` variable. Only absolute folders
    /// count. Both are needed; one alone is as good as none.
    pub fn with_tools_from(mut self, path_variable: &OsStr) -> Self {
        let find = |name: &str| {
            std::env::split_paths(path_variable)
                .filter(|folder| folder.is_absolute())
                .map(|folder| folder.join(name))
                .find(|program| program.is_file())
        };
        (self.ffmpeg, self.ffprobe) = (find("ffmpeg"), find("ffprobe"));
        self
    }
}

/// The limits of a file and of the child that decodes it.
#[derive(Debug, Clone)]
pub struct MediaLimits {
    /// Bytes of an image file.
    pub image_bytes: u64,
    /// Bytes of a video or audio file.
    pub media_bytes: u64,
    /// Bytes of a custom emoji.
    pub emoji_bytes: u64,
    /// Pixels of an image whose decoder can shrink while it reads (JPEG, PNG).
    pub image_pixels: u64,
    /// Pixels of any other image, or of one canvas of an animation.
    pub whole_pixels: u64,
    /// Frames of an animation.
    pub frames: u32,
    /// Address space of the image child.
    pub child_memory: u64,
    /// Processor seconds of the image child.
    pub child_cpu_seconds: u64,
    /// How long the parent waits for the image child.
    pub child_wait: Duration,
    /// Address space of ffmpeg and ffprobe.
    pub tool_memory: u64,
    /// Processor seconds of one ffmpeg run.
    pub tool_cpu_seconds: u64,
    /// How long the parent waits for one ffmpeg run.
    pub tool_wait: Duration,
    /// Pixels of a video frame.
    pub video_pixels: u64,
    /// Frames a second of a video.
    pub video_frame_rate: f64,
}

impl Default for MediaLimits {
    fn default() -> Self {
        Self {
            image_bytes: 16 * MIB,
            media_bytes: 99 * MIB,
            emoji_bytes: 256 * 1024,
            image_pixels: 33_177_600,
            whole_pixels: 16 * 1024 * 1024,
            frames: 2_000,
            child_memory: 256 * MIB,
            child_cpu_seconds: 20,
            child_wait: Duration::from_secs(30),
            tool_memory: 1024 * MIB,
            tool_cpu_seconds: 600,
            tool_wait: Duration::from_secs(900),
            video_pixels: 3840 * 2160,
            video_frame_rate: 120.0,
        }
    }
}
