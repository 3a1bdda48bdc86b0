//! A server with one person, multipart bodies, and files made in code.

use std::io::Cursor;
use std::path::Path;

use axum::body::Body;
use domain::AccountId;
use http::Request;
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use store::Store;
use testkit::{Answer, Server, Talk};

/// A server, and alice who may do everything.
pub struct House {
    pub server: Server,
    pub talk: Talk,
    pub alice: AccountId,
    pub token: String,
}

/// A part of a multipart body.
pub enum Part<'a> {
    Text(&'a str, &'a str),
    File(&'a str, &'a str, &'a [u8]),
}

impl House {
    pub async fn on(store: Store) -> Self {
        let server = Server::on(store);
        let alice = server.account("alice").await.id;
        let token = server.token(alice, "read write").await;
        let talk = Talk::to(api::router(server.app.clone()));
        Self { server, talk, alice, token }
    }

    pub async fn form(&self, method: &str, path: &str, parts: &[Part<'_>]) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("authorization", format!("Bearer {}", self.token))
            .header("content-type", "multipart/form-data; boundary=cut")
            .body(Body::from(multipart(parts)))
            .unwrap();
        self.talk.ask(request).await
    }

    /// Whether this machine can look into video and sound.
    pub fn has_tools(&self) -> bool {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let has = |name| std::env::split_paths(&path).any(|folder| folder.join(name).is_file());
        has("ffmpeg") && has("ffprobe")
    }

    pub async fn upload(&self, bytes: &[u8]) -> Answer {
        self.form("POST", "/api/v2/media", &[Part::File("file", "upload.png", bytes)]).await
    }

    /// The id of an upload that was taken.
    pub async fn uploaded(&self, bytes: &[u8]) -> String {
        let answer = self.upload(bytes).await;
        assert!(answer.status.is_success(), "{}: {}", answer.status, answer.text);
        answer.json()["id"].as_str().unwrap().to_owned()
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.talk.get(path, &self.token).await
    }

    pub async fn media(&self, id: &str) -> Answer {
        self.get(&format!("/api/v1/media/{id}")).await
    }

    /// Asks for a stored file without a token, with headers.
    pub async fn file(&self, url: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = Request::builder().uri(path_of(url));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.talk.ask(request.body(Body::empty()).unwrap()).await
    }

    pub async fn run_jobs(&self) {
        app::jobs::run_all(&self.server.app).await.unwrap();
    }

    /// How many files the object store holds, half-written ones included.
    pub fn stored(&self) -> usize {
        count(&self.server.data().join("media"))
    }

    /// How many files are on their way.
    pub fn on_their_way(&self) -> usize {
        count(&self.server.data().join("tmp"))
    }
}

/// The path of one of our addresses.
pub fn path_of(url: &str) -> String {
    url.strip_prefix("http://localhost:3000").unwrap_or(url).to_owned()
}

fn count(folder: &Path) -> usize {
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    entries
        .map(|entry| entry.unwrap().path())
        .map(|path| if path.is_dir() { count(&path) } else { 1 })
        .sum()
}

fn multipart(parts: &[Part<'_>]) -> Vec<u8> {
    let mut body = Vec::new();
    for part in parts {
        let (head, bytes): (String, &[u8]) = match part {
            Part::Text(name, text) => (format!("name=\"{name}\""), text.as_bytes()),
            Part::File(name, file, bytes) => {
                (format!("name=\"{name}\"; filename=\"{file}\"\r\nContent-Type: image/png"), bytes)
            }
        };
        body.extend(format!("--cut\r\nContent-Disposition: form-data; {head}\r\n\r\n").bytes());
        body.extend_from_slice(bytes);
        body.extend(b"\r\n");
    }
    body.extend(b"--cut--\r\n");
    body
}

pub fn picture(width: u32, height: u32) -> DynamicImage {
    let colour = |x| if x < width / 2 { Rgb([220, 20, 20]) } else { Rgb([20, 20, 220]) };
    DynamicImage::ImageRgb8(RgbImage::from_fn(width, height, |x, _| colour(x)))
}

pub fn png(width: u32, height: u32) -> Vec<u8> {
    encoded(&picture(width, height), ImageFormat::Png)
}

pub fn encoded(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// A second of silence.
pub fn wav() -> Vec<u8> {
    let samples = vec![0_u8; 16_000];
    let length = u32::try_from(samples.len()).unwrap();
    let mut bytes = b"RIFF".to_vec();
    bytes.extend((length + 36).to_le_bytes());
    bytes.extend(b"WAVEfmt ");
    bytes.extend(16_u32.to_le_bytes());
    bytes.extend(1_u16.to_le_bytes());
    bytes.extend(1_u16.to_le_bytes());
    bytes.extend(8_000_u32.to_le_bytes());
    bytes.extend(16_000_u32.to_le_bytes());
    bytes.extend(2_u16.to_le_bytes());
    bytes.extend(16_u16.to_le_bytes());
    bytes.extend(b"data");
    bytes.extend(length.to_le_bytes());
    bytes.extend(samples);
    bytes
}

/// A JPEG that says where it was taken.
pub fn camera_jpeg() -> Vec<u8> {
    let jpeg = encoded(&picture(60, 40), ImageFormat::Jpeg);
    let exif = b"MM\0\x2a\0\0\0\x08\0\x01\x01\x0f\0\x02\0\0\0\x04SPY\0\0\0\0\0GPSPLACE";
    let mut bytes = jpeg[..2].to_vec();
    bytes.extend([0xff, 0xe1]);
    bytes.extend(u16::try_from(exif.len() + 8).unwrap().to_be_bytes());
    bytes.extend(b"Exif\0\0");
    bytes.extend(exif);
    bytes.extend(&jpeg[2..]);
    bytes
}

/// A PNG whose header promises far more than its data hold.
pub fn hollow_png(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
    let mut header = width.to_be_bytes().to_vec();
    header.extend(height.to_be_bytes());
    header.extend([8, 6, 0, 0, 0]);
    for (name, data) in
        [(b"IHDR", &header[..]), (b"IDAT", b"\x78\x9c\x63\0\0\0\x01\0\x01"), (b"IEND", b"")]
    {
        bytes.extend(u32::try_from(data.len()).unwrap().to_be_bytes());
        bytes.extend(name);
        bytes.extend(data);
        bytes.extend(checksum(&[&name[..], data].concat()).to_be_bytes());
    }
    bytes
}

fn checksum(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| {
            if sum & 1 == 1 { sum >> 1 ^ 0xedb8_8320 } else { sum >> 1 }
        })
    })
}
