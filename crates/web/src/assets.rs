//! The compiled-in files: one style sheet, one script, the logo and the pictures accounts start with.
//!
//! Pages link them with a content hash, so a browser may keep them for ever and still gets the new
//! ones after an update. Nothing here reads the disk.

use crate::language::{Language, spoken};
use crate::paths;

/// A compiled-in file with what is needed to serve it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asset {
    /// The file's name below `/assets/`.
    pub name: &'static str,
    /// Value for `Content-Type`.
    pub content_type: &'static str,
    /// The file itself.
    pub bytes: &'static [u8],
    hash: u64,
}

const fn asset(name: &'static str, content_type: &'static str, bytes: &'static [u8]) -> Asset {
    Asset { name, content_type, bytes, hash: content_hash(bytes) }
}

const SCRIPT: &str = "text/javascript; charset=utf-8";

static ASSETS: [Asset; 21] = [
    asset("web.css", "text/css; charset=utf-8", include_bytes!("../assets/web.css")),
    asset("web.js", "text/javascript; charset=utf-8", include_bytes!("../assets/web.js")),
    asset("client.css", "text/css; charset=utf-8", include_bytes!("../assets/client.css")),
    asset(ENTRY, SCRIPT, include_bytes!("../assets/client.js")),
    asset("part.js", SCRIPT, include_bytes!("../assets/part.js")),
    asset("live.js", SCRIPT, include_bytes!("../assets/live.js")),
    asset("compose.js", SCRIPT, include_bytes!("../assets/compose.js")),
    asset("attach.js", SCRIPT, include_bytes!("../assets/attach.js")),
    asset("push.js", SCRIPT, include_bytes!("../assets/push.js")),
    asset("worker.js", SCRIPT, include_bytes!("../assets/worker.js")),
    asset("crop.js", SCRIPT, include_bytes!("../assets/crop.js")),
    asset("suggest.js", SCRIPT, include_bytes!("../assets/suggest.js")),
    asset("keys.js", SCRIPT, include_bytes!("../assets/keys.js")),
    asset("security_key.js", SCRIPT, include_bytes!("../assets/security_key.js")),
    asset("viewer.js", SCRIPT, include_bytes!("../assets/viewer.js")),
    asset("when.js", SCRIPT, include_bytes!("../assets/when.js")),
    asset("logo.svg", "image/svg+xml", include_bytes!("../assets/logo.svg")),
    asset("icon-192.png", "image/png", include_bytes!("../assets/icon-192.png")),
    asset("icon-512.png", "image/png", include_bytes!("../assets/icon-512.png")),
    asset(DEFAULT_AVATAR, "image/png", include_bytes!("../assets/avatar.png")),
    asset(DEFAULT_HEADER, "image/png", include_bytes!("../assets/header.png")),
];

/// The script of the client; it asks for the others.
const ENTRY: &str = "client.js";
/// What scripts say, in the language of the address: another file for each.
const TEXTS: &str = "texts.js";
/// The scripts that it asks for.
const MODULES: [&str; 9] = [
    TEXTS,
    "part.js",
    "live.js",
    "compose.js",
    "attach.js",
    "suggest.js",
    "keys.js",
    "viewer.js",
    "when.js",
];

/// Name of the picture of an account without one, 400 × 400.
pub const DEFAULT_AVATAR: &str = "avatar.png";
/// Name of the header picture of an account without one, 1500 × 500.
pub const DEFAULT_HEADER: &str = "header.png";

/// Headers for every asset answer. Pictures are used by web clients on other origins, so they may
/// be read from there; an SVG opened by itself must not run anything.
pub const ASSET_HEADERS: [(&str, &str); 4] = [
    ("x-content-type-options", "nosniff"),
    ("content-security-policy", "default-src 'none'; sandbox"),
    ("cross-origin-resource-policy", "cross-origin"),
    ("access-control-allow-origin", "*"),
];

/// Finds a file by request path (`/assets/web.css`) or bare name (`web.css`), without the query.
pub fn lookup(path: &str) -> Option<Asset> {
    let name = path.strip_prefix(paths::ASSETS).unwrap_or(path);
    ASSETS.iter().find(|asset| asset.name == name).copied()
}

/// The address pages use: path with the content hash as query. Unknown names give the bare path.
pub fn url(name: &str) -> String {
    match lookup(name) {
        Some(asset) => format!("{}{}?v={}", paths::ASSETS, asset.name, asset.version()),
        None => format!("{}{name}", paths::ASSETS),
    }
}

/// The version of all files together.
pub fn version_of_all() -> String {
    let texts = Language::all().map(|language| content_hash(language.script().as_bytes()));
    let hashes = ASSETS.iter().map(|asset| asset.hash).chain(texts);
    let all = hashes.fold(0_u64, |sum, hash| sum.rotate_left(7) ^ hash);
    format!("{all:016x}")
}

/// The address of the client's script. It lies below the version of all files and the language of the
/// page, so that the bare names by which scripts ask for each other lead to the same.
pub fn entry() -> String {
    module(ENTRY)
}

/// The addresses of the scripts that it asks for, so that browsers fetch them at once.
pub fn modules() -> [String; 9] {
    MODULES.map(module)
}

fn module(name: &str) -> String {
    format!("{}{}-{}/{name}", paths::ASSETS, version_of_all(), spoken().code())
}

/// A script below such a folder, and the version that this is if it is the one of now.
pub fn below(folder: &str, name: &str) -> Option<(Asset, Option<String>)> {
    let (version, code) = folder.split_once('-').unwrap_or((folder, ""));
    let asset = if name == TEXTS {
        asset(TEXTS, SCRIPT, Language::of(code).unwrap_or_default().script().as_bytes())
    } else {
        lookup(name)?
    };
    let is_now = version == version_of_all();
    Some((asset, is_now.then(|| asset.version())))
}

impl Asset {
    /// The content hash as it stands in the query `v=`.
    pub fn version(&self) -> String {
        format!("{:016x}", self.hash)
    }

    /// Strong validator for `ETag` and `If-None-Match`, quotes included.
    pub fn etag(&self) -> String {
        format!("\"{:016x}\"", self.hash)
    }

    /// Value for `Cache-Control`: for ever when the request named this very version, else an hour,
    /// because addresses without a hash (in API answers of old) must see updates.
    pub fn cache_control(&self, requested_version: Option<&str>) -> &'static str {
        if requested_version == Some(self.version().as_str()) {
            "public, max-age=31536000, immutable"
        } else {
            "public, max-age=3600"
        }
    }
}

/// FNV-1a, computed while compiling. It tells versions of our own files apart; nobody hostile
/// chooses the bytes, so it need not resist collisions.
const fn content_hash(bytes: &[u8]) -> u64 {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    let mut index = 0;
    while index < bytes.len() {
        hash = (hash ^ bytes[index] as u64).wrapping_mul(0x0000_0100_0000_01b3);
        index += 1;
    }
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_by_path_and_by_name_and_nothing_else() {
        assert_eq!(lookup("/assets/web.css"), lookup("web.css"));
        assert_eq!(
            lookup("web.css").map(|asset| asset.content_type),
            Some("text/css; charset=utf-8")
        );
        for wrong in ["", "/assets/", "../web.css", "/assets/../web.css", "web.css/", "WEB.CSS"] {
            assert_eq!(lookup(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn only_the_hashed_address_is_kept_for_ever() {
        let asset = lookup("web.js").unwrap();
        let version = asset.version();
        assert!(url("web.js").ends_with(&format!("/assets/web.js?v={version}")));
        assert!(asset.cache_control(Some(&version)).contains("immutable"));
        assert!(!asset.cache_control(Some("0")).contains("immutable"));
        assert!(!asset.cache_control(None).contains("immutable"));
        assert_ne!(content_hash(b"a"), content_hash(b"b"));
    }

    #[test]
    fn default_pictures_are_small_pngs_of_the_promised_size() {
        for (name, width, height) in [(DEFAULT_AVATAR, 400u32, 400u32), (DEFAULT_HEADER, 1500, 500)]
        {
            let bytes = lookup(name).unwrap().bytes;
            assert!(bytes.len() < 10_000, "{name} is too big");
            assert_eq!(bytes[..8], *b"\x89PNG\r\n\x1a\n");
            assert_eq!(bytes[16..20], width.to_be_bytes());
            assert_eq!(bytes[20..24], height.to_be_bytes());
        }
    }

    #[test]
    fn style_and_script_fetch_nothing_from_elsewhere() {
        let texts = ASSETS.iter().filter(|asset| asset.content_type.starts_with("text/"));
        for name in texts.map(|asset| asset.name) {
            let text = std::str::from_utf8(lookup(name).unwrap().bytes).unwrap();
            for word in ["http:", "https:", "@import", "eval(", "innerHTML"] {
                assert!(!text.contains(word), "{name} contains {word}");
            }
        }
    }
}
