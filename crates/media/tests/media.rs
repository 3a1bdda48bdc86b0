//! Video and sound. What needs ffmpeg is skipped, with a word, on a machine without it.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test stops where its tools fail, and says what it skips"
)]

mod support;

use std::path::{Path, PathBuf};
use std::process::Command;

use support::{Bench, contains, moving_gif};
use tuskling_media::{Dimensions, MediaError, MediaKind, MediaType, Refusal};

/// A bench with the tools of this machine, if it has them.
async fn with_tools() -> Option<Bench> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let bench = Bench::with(|settings| *settings = settings.clone().with_tools_from(&path)).await;
    if !bench.has_tools {
        println!("skipped: this machine has no ffmpeg");
        return None;
    }
    Some(bench)
}

/// Makes a file with ffmpeg.
fn made(folder: &Path, name: &str, arguments: &str) -> PathBuf {
    let path = folder.join(name);
    let mut command = Command::new("ffmpeg");
    command.args(["-v", "error", "-y"]).args(arguments.split_whitespace()).arg(&path);
    assert!(command.status().unwrap().success(), "{arguments}");
    path
}

const PICTURE: &str = "-f lavfi -i testsrc=size=320x200:rate=25:duration=1";
const SOUND: &str = "-f lavfi -i sine=frequency=440:duration=1";

#[tokio::test]
async fn m06_a_phone_video_loses_its_place_and_gets_a_poster() {
    let Some(bench) = with_tools().await else { return };
    let arguments = format!(
        "{PICTURE} {SOUND} -pix_fmt yuv420p -c:v libx264 -c:a aac -metadata location=+48.8584+002.2945/ -metadata title=holiday"
    );
    let path = made(bench.folder.path(), "a.mov", &arguments);
    assert!(contains(&std::fs::read(&path).unwrap(), b"+48.8584"));
    let done = bench.processor.process_attachment(&path).await.unwrap();
    assert_eq!((done.kind, done.original.media_type), (MediaKind::Video, MediaType::Mp4));
    assert_eq!(done.original.dimensions, Some(Dimensions { width: 320, height: 200 }));
    let bytes = std::fs::read(&done.original.path).unwrap();
    assert!(!contains(&bytes, b"48.8584") && !contains(&bytes, b"holiday"));
    assert_eq!(done.original.bytes, bytes.len() as u64);
    let small = done.small.as_ref().unwrap();
    assert_eq!(small.media_type, MediaType::Jpeg);
    assert_eq!(small.dimensions, Some(Dimensions { width: 320, height: 200 }));
    assert!(done.blurhash.is_some());
    let meta = serde_json::to_value(done.meta()).unwrap();
    let original = &meta["original"];
    assert_eq!(original["frame_rate"], "25/1");
    assert_eq!(original["size"], "320x200");
    assert!((original["duration"].as_f64().unwrap() - 1.0).abs() < 0.2);
    assert!(original["bitrate"].as_u64().unwrap() > 1000);
    drop(done);
    assert_eq!(bench.leftovers(), 0);
}

#[tokio::test]
async fn what_browsers_do_not_play_is_converted() {
    let Some(bench) = with_tools().await else { return };
    let path = made(bench.folder.path(), "b.mp4", &format!("{PICTURE} -c:v mpeg4"));
    let done = bench.processor.process_attachment(&path).await.unwrap();
    assert_eq!((done.kind, done.original.media_type), (MediaKind::Video, MediaType::Mp4));
    let details = done.details.as_ref().unwrap();
    assert_eq!(details.video_codec.as_deref(), Some("h264"));
    assert_eq!(details.audio_codec, None);
}

#[tokio::test]
async fn sounds_keep_their_streams_and_lose_their_tags() {
    let Some(bench) = with_tools().await else { return };
    let cases = [
        ("c.mp3", "-c:a libmp3lame", MediaType::Mp3),
        ("c.ogg", "-c:a libvorbis", MediaType::OggAudio),
        ("c.flac", "", MediaType::Flac),
        ("c.wav", "", MediaType::Wav),
        ("c.m4a", "-c:a aac", MediaType::M4a),
        ("c.aac", "-c:a aac", MediaType::Aac),
        ("c.webm", "-c:a libopus", MediaType::OggAudio),
    ];
    for (name, codec, expected) in cases {
        let arguments = format!("{SOUND} -metadata title=secret {codec}");
        let path = made(bench.folder.path(), name, &arguments);
        let done = bench.processor.process_attachment(&path).await.unwrap();
        assert_eq!((done.kind, done.original.media_type), (MediaKind::Audio, expected), "{name}");
        assert!(!contains(&std::fs::read(&done.original.path).unwrap(), b"secret"), "{name}");
        assert!(done.small.is_none() && done.original.dimensions.is_none());
        let seconds = done.details.as_ref().unwrap().duration.unwrap();
        assert!((seconds - 1.0).abs() < 0.2, "{name} {seconds}");
    }
}

#[tokio::test]
async fn a_moving_gif_becomes_a_silent_video() {
    let Some(bench) = with_tools().await else { return };
    let done = bench.attachment(&moving_gif(41, 31, 5)).await.unwrap();
    assert_eq!((done.kind, done.original.media_type), (MediaKind::Gifv, MediaType::Mp4));
    assert_eq!(done.original.dimensions, Some(Dimensions { width: 40, height: 30 }));
    assert!(done.small.is_some() && done.blurhash.is_some());
    assert_eq!(done.details.as_ref().unwrap().audio_codec, None);
}

#[tokio::test]
async fn too_many_pixels_or_frames_a_second_are_refused() {
    let Some(bench) = with_tools().await else { return };
    let cases = [
        (
            "-f lavfi -i color=size=4096x2304:rate=1:duration=1 -c:v libx264 -preset ultrafast",
            Refusal::TooManyPixels { width: 4096, height: 2304 },
        ),
        ("-f lavfi -i color=size=64x64:rate=200:duration=1 -c:v libx264", Refusal::FrameRate),
    ];
    for (arguments, expected) in cases {
        let path = made(bench.folder.path(), "d.mp4", arguments);
        match bench.processor.process_attachment(&path).await {
            Err(MediaError::Refused(refusal)) => assert_eq!(refusal, expected),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn m08_broken_and_lying_media_are_refused_with_tools() {
    let Some(bench) = with_tools().await else { return };
    let whole = made(bench.folder.path(), "e.mp4", &format!("{PICTURE} -pix_fmt yuv420p"));
    let whole = std::fs::read(whole).unwrap();
    // The index of this file stands at its end.
    assert!(matches!(bench.refusal(&whole[..whole.len() / 2]).await, Refusal::Damaged(_)));
    let playlist = b"\0\0\0\x18ftypisom\0\0\0\0isom#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n";
    assert!(matches!(bench.refusal(playlist).await, Refusal::Damaged(_)));
    assert!(matches!(bench.refusal(b"fLaC\0\0\0\x22").await, Refusal::Damaged(_)));
    assert!(bench.attachment(&whole).await.is_ok());
    assert_eq!(bench.leftovers(), 0);
}

#[tokio::test]
async fn m08_a_tool_out_of_memory_is_an_answer() {
    let Some(_) = with_tools().await else { return };
    let path = std::env::var_os("PATH").unwrap_or_default();
    let bench = Bench::with(|settings| {
        *settings = settings.clone().with_tools_from(&path);
        settings.limits.tool_memory = 24 << 20;
    })
    .await;
    let sound = made(bench.folder.path(), "f.wav", SOUND);
    let refused = bench.processor.process_attachment(&sound).await.unwrap_err();
    assert!(refused.is_refusal(), "{refused:?}");
}

#[tokio::test]
async fn without_tools_media_are_stored_as_what_their_bytes_are() {
    let bench = Bench::new().await;
    let flac = b"fLaC\0\0\0\x22 and so on";
    let done = bench.attachment(flac).await.unwrap();
    assert_eq!((done.kind, done.original.media_type), (MediaKind::Audio, MediaType::Flac));
    assert_eq!(std::fs::read(&done.original.path).unwrap(), flac);
    assert_eq!(serde_json::to_value(done.meta()).unwrap(), serde_json::json!({}));
    assert!(done.small.is_none() && done.details.is_none());
}

#[tokio::test]
async fn m06_a_phone_video_loses_its_place_without_tools_too() {
    let Some(tools) = with_tools().await else { return };
    let bench = Bench::new().await;
    let arguments = format!(
        "{PICTURE} {SOUND} -pix_fmt yuv420p -c:v libx264 -c:a aac -metadata location=+48.8584+002.2945/"
    );
    let path = made(bench.folder.path(), "g.mov", &arguments);
    let done = bench.processor.process_attachment(&path).await.unwrap();
    assert_eq!((done.kind, done.original.media_type), (MediaKind::Video, MediaType::QuickTime));
    assert_eq!(done.original.dimensions, Some(Dimensions { width: 320, height: 200 }));
    let seconds = done.details.as_ref().unwrap().duration.unwrap();
    assert!((seconds - 1.0).abs() < 0.2);
    assert!(!contains(&std::fs::read(&done.original.path).unwrap(), b"48.8584"));
    // What is left is still the same video.
    let played = tools.processor.process_attachment(&done.original.path).await.unwrap();
    assert_eq!(played.details.unwrap().video_codec.as_deref(), Some("h264"));

    let sound = made(bench.folder.path(), "h.mp4", &format!("{SOUND} -c:a aac"));
    let done = bench.processor.process_attachment(&sound).await.unwrap();
    assert_eq!((done.kind, done.original.media_type), (MediaKind::Audio, MediaType::M4a));
}

#[tokio::test]
async fn p05_a_cut_video_without_tools_is_refused() {
    let bench = Bench::new().await;
    let refused = bench.refusal(b"\0\0\0\x18ftypisom\0\0\0\0isommp42\0\0\xff\xffmdat").await;
    assert!(matches!(refused, Refusal::Damaged(_)));
}
