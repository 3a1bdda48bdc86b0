//! Hostile files, through the real child: each is refused with the right word, quickly, and the next
//! honest upload works.

mod support;

use std::time::{Duration, Instant};

use image::{DynamicImage, ImageFormat};
use support::{Bench, encoded, hollow_png, moving_gif, two_halves};
use tuskling_media::{Exhausted, MediaError, Refusal};

fn small_picture() -> Vec<u8> {
    encoded(&two_halves(40, 30), ImageFormat::Png)
}

#[tokio::test]
async fn m08_a_png_that_promises_four_thousand_million_pixels() {
    let bench = Bench::new().await;
    let started = Instant::now();
    for (side, interlaced) in [(65_535, false), (65_535, true), (i32::MAX as u32, false)] {
        let refused = bench.refusal(&hollow_png(side, side, interlaced)).await;
        assert_eq!(refused, Refusal::TooManyPixels { width: side, height: side });
    }
    // Fewer pixels, but all needed at once.
    let refused = bench.refusal(&hollow_png(5700, 5700, true)).await;
    assert_eq!(refused, Refusal::TooManyPixels { width: 5700, height: 5700 });
    assert!(matches!(bench.refusal(&hollow_png(5700, 5700, false)).await, Refusal::Damaged(_)));
    assert!(started.elapsed() < Duration::from_secs(5));
    assert!(bench.attachment(&small_picture()).await.is_ok());
    assert_eq!(bench.leftovers(), 0);
}

#[tokio::test]
async fn m08_a_gif_of_ten_thousand_frames() {
    let bench = Bench::new().await;
    let gif = moving_gif(1, 1, 1);
    let frame_start = gif.windows(2).position(|pair| pair == [0x21, 0xf9]).unwrap();
    let (header, frame) = (&gif[..frame_start], &gif[frame_start..gif.len() - 1]);
    let mut many = header.to_vec();
    (0..10_000).for_each(|_| many.extend(frame));
    many.push(0x3b);
    let started = Instant::now();
    assert_eq!(bench.refusal(&many).await, Refusal::TooManyFrames(2000));
    assert!(started.elapsed() < Duration::from_secs(5));
    assert!(bench.attachment(&gif).await.is_ok());
}

#[tokio::test]
async fn m08_a_gif_canvas_that_does_not_fit() {
    let bench = Bench::new().await;
    let mut gif = moving_gif(1, 1, 1);
    gif[6..10].copy_from_slice(&[0xff; 4]);
    let refused = bench.refusal(&gif).await;
    assert_eq!(refused, Refusal::TooManyPixels { width: 65_535, height: 65_535 });
}

#[tokio::test]
async fn m08_a_progressive_jpeg_over_the_memory_budget() {
    let bench = Bench::new().await;
    // 7000×4000, three full components: 168 MB of coefficients.
    let mut jpeg = b"\xff\xd8\xff\xc2\0\x11\x08\x0f\xa0\x1b\x58\x03".to_vec();
    jpeg.extend(b"\x01\x11\0\x02\x11\0\x03\x11\0");
    jpeg.extend([0; 100]);
    assert_eq!(bench.refusal(&jpeg).await, Refusal::TooMuchMemory);
}

#[tokio::test]
async fn m08_a_child_out_of_memory_is_an_answer_and_the_next_one_works() {
    let hungry = encoded(&two_halves(3000, 3000), ImageFormat::WebP);
    let bench = Bench::with(|settings| settings.limits.child_memory = 32 << 20).await;
    let stopped = bench.attachment(&hungry).await.unwrap_err();
    assert!(matches!(stopped, MediaError::Stopped(Exhausted::Memory)), "{stopped:?}");
    assert!(stopped.is_refusal());
    assert!(bench.attachment(&small_picture()).await.is_ok());
    assert_eq!(bench.leftovers(), 0);
}

#[tokio::test]
async fn m08_a_child_that_never_ends_is_killed() {
    let bench = Bench::with(|settings| {
        settings.helper_exe = "/usr/bin/yes".into();
        settings.limits.child_wait = Duration::from_millis(200);
    })
    .await;
    let stopped = bench.attachment(&small_picture()).await.unwrap_err();
    assert!(matches!(stopped, MediaError::Stopped(Exhausted::Time)), "{stopped:?}");
}

#[tokio::test]
async fn a_helper_that_cannot_start_or_answers_nonsense_is_our_fault() {
    for helper in ["/nonexistent", "/bin/true", "/bin/echo"] {
        let bench = Bench::with(|settings| settings.helper_exe = helper.into()).await;
        let failed = bench.attachment(&small_picture()).await.unwrap_err();
        assert!(matches!(failed, MediaError::Helper(_)) && !failed.is_refusal(), "{failed:?}");
    }
}

#[tokio::test]
async fn m06_names_mean_nothing_and_empty_files_are_refused() {
    let bench = Bench::new().await;
    // Every upload of these tests is called upload.png.
    let html = b"<!DOCTYPE html><html><script>alert(1)</script></html>";
    assert_eq!(bench.refusal(html).await, Refusal::Unsupported("HTML".into()));
    assert_eq!(bench.refusal(b"<svg/>").await, Refusal::Unsupported("SVG".into()));
    assert_eq!(bench.refusal(b"").await, Refusal::Empty);
    let zeros = Refusal::Unsupported("unknown".into());
    assert_eq!(bench.refusal(&[0; 5000]).await, zeros);
}

#[tokio::test]
async fn m06_a_picture_that_is_also_an_archive() {
    let bench = Bench::new().await;
    let mut polyglot = encoded(&two_halves(40, 30), ImageFormat::Jpeg);
    polyglot.extend(b"PK\x05\x06");
    polyglot.extend([0; 18]);
    assert_eq!(bench.refusal(&polyglot).await, Refusal::Polyglot("ZIP".into()));
}

#[tokio::test]
async fn m06_what_hides_after_the_pixels_does_not_survive() {
    let bench = Bench::new().await;
    for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP] {
        let mut bytes = encoded(&two_halves(40, 30), format);
        bytes.extend(b"<script>hidden()</script>");
        if let Ok(done) = bench.attachment(&bytes).await {
            let clean = std::fs::read(&done.original.path).unwrap();
            assert!(!support::contains(&clean, b"hidden"), "{format:?}");
        }
    }
}

#[tokio::test]
async fn p05_cut_and_flipped_files_are_refused_or_read_but_never_our_fault() {
    let bench = Bench::new().await;
    let noise =
        image::RgbImage::from_fn(60, 50, |x, y| image::Rgb([(x * y) as u8, x as u8, y as u8]));
    let noise = DynamicImage::ImageRgb8(noise);
    let mut seeds = vec![moving_gif(60, 50, 3)];
    let formats = [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP, ImageFormat::Gif];
    seeds.extend(formats.map(|format| encoded(&noise, format)));
    for seed in seeds {
        for part in 1..8 {
            let cut = &seed[..seed.len() * part / 8];
            let refused = bench.attachment(cut).await.unwrap_err();
            assert!(refused.is_refusal(), "{refused:?}");
            let mut flipped = seed.clone();
            flipped[seed.len() * part / 8] ^= 0x5a;
            if let Err(error) = bench.attachment(&flipped).await {
                assert!(error.is_refusal(), "{error:?}");
            }
        }
    }
    assert_eq!(bench.leftovers(), 0);
}

#[tokio::test]
async fn leftovers_of_a_former_process_are_swept() {
    let bench = Bench::new().await;
    let scratch = bench.folder.path().join("scratch");
    std::fs::create_dir(scratch.join("work-1-0")).unwrap();
    std::fs::write(scratch.join("work-1-0/original"), b"x").unwrap();
    let again = Bench::with(|settings| settings.scratch = scratch.clone()).await;
    assert_eq!(bench.leftovers(), 0);
    drop(again);
}
