//! Files in age's format: sealed by a password or for somebody's public key, opened by stock `age` as
//! well (`docs/decisions/0017-…`). Written and read as a stream.
//! <https://github.com/C2SP/C2SP/blob/main/age.md>

use std::io::{self, BufRead, Read, Write};

use aws_lc_rs::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::agreement::{PrivateKey, UnparsedPublicKey, X25519, agree};
use aws_lc_rs::{hkdf, hmac};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use bech32::Bech32;
use bech32::primitives::decode::CheckedHrpstring;
use domain::Random;

const VERSION: &str = "age-encryption.org/v1";
const BY_KEY: &str = "X25519";
const BY_KEY_INFO: &[u8] = b"age-encryption.org/v1/X25519";
const BY_PASSWORD: &str = "scrypt";
const BY_PASSWORD_INFO: &[u8] = b"age-encryption.org/v1/scrypt";
/// 2^15: 32 MiB, what the key of the repository takes; a small machine has that beside a server. `age`
/// reads how much was taken from the file.
const LOG_N: u8 = 15;
/// The most that is taken to open a file: `age` itself writes 18.
const MOST_LOG_N: u8 = 20;
/// Bytes that are sealed as one.
const CHUNK: usize = 64 * 1024;
/// What the seal adds to each.
const TAG: usize = 16;
/// The longest head that is read.
const LONGEST_HEAD: usize = 64 * 1024;

type Key = [u8; 32];

/// A public key: who has the other half can open the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipient(Key);

/// The other half.
#[derive(Clone)]
pub struct Identity(Key);

/// For whom a file is sealed.
pub enum Lock<'l> {
    /// Whoever knows the password.
    Password(&'l str),
    /// Each of these.
    Recipients(&'l [Recipient]),
}

/// Who wants to open one.
pub enum Opener {
    /// Somebody with a password.
    Password(String),
    /// Somebody with the private halves of keys.
    Identities(Vec<Identity>),
}

impl Recipient {
    /// Reads `age1…`, as `age-keygen` prints it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        of_bech32(text, "age").map(Self)
    }
}

impl Identity {
    /// Reads the file that `age-keygen` writes: keys, and comments.
    #[must_use]
    pub fn parse_all(text: &str) -> Vec<Self> {
        let lines = text.lines().map(str::trim);
        lines.filter_map(|line| of_bech32(line, "age-secret-key-").map(Self)).collect()
    }
}

fn of_bech32(text: &str, kind: &str) -> Option<Key> {
    let read = CheckedHrpstring::new::<Bech32>(text).ok()?;
    let bytes: Vec<u8> = read.byte_iter().collect();
    let is_kind = read.hrp().lowercase_char_iter().eq(kind.chars());
    if is_kind { bytes.try_into().ok() } else { None }
}

/// Seals what is written.
pub struct Writer<W: Write> {
    out: W,
    chunks: Chunks,
    waiting: Vec<u8>,
}

impl<W: Write> Writer<W> {
    /// Writes the head.
    ///
    /// # Errors
    /// Of `out`; also when there is nobody to seal it for.
    pub fn new(mut out: W, lock: &Lock<'_>, random: &dyn Random) -> io::Result<Self> {
        let mut file_key = [0; 16];
        random.fill(&mut file_key);
        let mut head = format!("{VERSION}\n");
        match lock {
            Lock::Password(password) => head.push_str(&for_password(&file_key, password, random)?),
            Lock::Recipients([]) => return Err(failed("nobody could open it")),
            Lock::Recipients(recipients) => {
                for recipient in *recipients {
                    head.push_str(&for_key(&file_key, recipient, random)?);
                }
            }
        }
        head.push_str("---");
        let mac = hmac::sign(&mac_key(&file_key)?, head.as_bytes());
        out.write_all(format!("{head} {}\n", BASE64.encode(mac)).as_bytes())?;
        let mut nonce = [0; 16];
        random.fill(&mut nonce);
        out.write_all(&nonce)?;
        let chunks = Chunks::new(&derive(&file_key, &nonce, b"payload")?)?;
        Ok(Self { out, chunks, waiting: Vec::with_capacity(CHUNK + TAG) })
    }

    /// Writes what is left, and the sign that nothing follows.
    ///
    /// # Errors
    /// Of what it writes to.
    pub fn finish(mut self) -> io::Result<W> {
        self.put(true)?;
        self.out.flush()?;
        Ok(self.out)
    }

    fn put(&mut self, is_last: bool) -> io::Result<()> {
        let nonce = self.chunks.next(is_last);
        self.chunks
            .key
            .seal_in_place_append_tag(nonce, Aad::empty(), &mut self.waiting)
            .map_err(|_| failed("cannot be sealed"))?;
        self.out.write_all(&self.waiting)?;
        self.waiting.clear();
        Ok(())
    }
}

impl<W: Write> Write for Writer<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // A full chunk waits until it is known whether something follows.
        if self.waiting.len() == CHUNK && !bytes.is_empty() {
            self.put(false)?;
        }
        let (taken, _) = bytes.split_at(bytes.len().min(CHUNK - self.waiting.len()));
        self.waiting.extend_from_slice(taken);
        Ok(taken.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Opens what is read.
pub struct Reader<R: BufRead> {
    from: R,
    chunks: Chunks,
    open: io::Cursor<Vec<u8>>,
    is_first: bool,
    is_over: bool,
}

impl<R: BufRead> Reader<R> {
    /// Reads the head.
    ///
    /// # Errors
    /// When it is no such file, or this is not who it was sealed for; the text says which.
    pub fn new(mut from: R, opener: &Opener) -> io::Result<Self> {
        let head = Head::read(&mut from)?;
        let file_key = head.file_key(opener)?;
        hmac::verify(&mac_key(&file_key)?, head.text.as_bytes(), &head.mac)
            .map_err(|_| damaged("its head was changed"))?;
        let mut nonce = [0; 16];
        from.read_exact(&mut nonce).map_err(|_| damaged("it ends after its head"))?;
        let chunks = Chunks::new(&derive(&file_key, &nonce, b"payload")?)?;
        Ok(Self { from, chunks, open: io::Cursor::default(), is_first: true, is_over: false })
    }

    fn next(&mut self) -> io::Result<()> {
        let mut bytes = Vec::with_capacity(CHUNK + TAG);
        let whole = u64::try_from(CHUNK + TAG).unwrap_or(u64::MAX);
        (&mut self.from).take(whole).read_to_end(&mut bytes)?;
        let is_last = self.from.fill_buf()?.is_empty();
        let length = bytes.len().checked_sub(TAG).ok_or_else(|| damaged("it is cut short"))?;
        // Only a file with nothing in it has a chunk with nothing in it.
        if length == 0 && !self.is_first {
            return Err(damaged("it is cut short"));
        }
        let nonce = self.chunks.next(is_last);
        let opened = self.chunks.key.open_in_place(nonce, Aad::empty(), &mut bytes);
        opened.map_err(|_| damaged("it is cut short or was changed"))?;
        bytes.truncate(length);
        self.open = io::Cursor::new(bytes);
        (self.is_first, self.is_over) = (false, is_last);
        Ok(())
    }
}

impl<R: BufRead> Read for Reader<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            let read = self.open.read(into)?;
            if read > 0 || self.is_over || into.is_empty() {
                return Ok(read);
            }
            self.next()?;
        }
    }
}

/// The key of the content, and how many chunks it has sealed or opened.
struct Chunks {
    key: LessSafeKey,
    count: u64,
}

impl Chunks {
    fn new(key: &Key) -> io::Result<Self> {
        Ok(Self { key: aead(key)?, count: 0 })
    }

    /// Eleven bytes of the count and one that says whether it is the last one. No count comes twice
    /// under one key, which is made for one file.
    fn next(&mut self, is_last: bool) -> Nonce {
        let mut nonce = [0; 12];
        for (place, byte) in nonce.iter_mut().skip(3).zip(self.count.to_be_bytes()) {
            *place = byte;
        }
        if let Some(end) = nonce.last_mut() {
            *end = is_last.into();
        }
        self.count += 1;
        Nonce::assume_unique_for_key(nonce)
    }
}

/// The part before the content.
struct Head {
    /// All of it up to what the code is made of.
    text: String,
    stanzas: Vec<Stanza>,
    mac: Vec<u8>,
}

/// The key of the file, locked for one.
struct Stanza {
    words: Vec<String>,
    body: Vec<u8>,
}

impl Head {
    fn read(from: &mut impl BufRead) -> io::Result<Self> {
        let mut text = String::new();
        let mut stanzas: Vec<Stanza> = Vec::new();
        let mut last = None;
        loop {
            let line = line(from, LONGEST_HEAD.saturating_sub(text.len()))?;
            if text.is_empty() && line != VERSION {
                return Err(failed("is no file of age's"));
            }
            if let Some(mac) = line.strip_prefix("--- ") {
                text.push_str("---");
                let mac = BASE64.decode(mac).map_err(|_| damaged("its head cannot be read"))?;
                return Ok(Self { text, stanzas, mac });
            }
            if let Some(words) = line.strip_prefix("-> ") {
                let words = words.split(' ').map(str::to_owned).collect();
                stanzas.push(Stanza { words, body: Vec::new() });
                last = Some(String::new());
            } else if let Some(body) = &mut last {
                body.push_str(&line);
                // A line of less than 64 letters ends it.
                if line.len() < 64 {
                    let bytes =
                        BASE64.decode(&*body).map_err(|_| damaged("its head cannot be read"))?;
                    if let Some(stanza) = stanzas.last_mut() {
                        stanza.body = bytes;
                    }
                    last = None;
                }
            } else if !text.is_empty() {
                return Err(damaged("its head cannot be read"));
            }
            text.push_str(&line);
            text.push('\n');
        }
    }

    fn file_key(&self, opener: &Opener) -> io::Result<[u8; 16]> {
        let of_kind = |kind: &'static str| {
            let stanzas = self.stanzas.iter();
            stanzas.filter(move |stanza| stanza.words.first().is_some_and(|word| word == kind))
        };
        match opener {
            Opener::Password(password) => {
                let Some(stanza) = of_kind(BY_PASSWORD).next() else {
                    return Err(failed(
                        "was sealed for keys: name the file of one with --identity",
                    ));
                };
                open_by_password(stanza, password)
            }
            Opener::Identities(identities) => {
                let mut pairs = of_kind(BY_KEY).flat_map(|stanza| {
                    identities.iter().filter_map(move |identity| open_by_key(stanza, identity))
                });
                pairs.next().ok_or_else(|| failed("was not sealed for this key"))
            }
        }
    }
}

/// A line of the head without its end.
fn line(from: &mut impl BufRead, most: usize) -> io::Result<String> {
    let mut bytes = Vec::new();
    let most = u64::try_from(most).unwrap_or(u64::MAX);
    from.take(most).read_until(b'\n', &mut bytes)?;
    if bytes.pop() != Some(b'\n') {
        return Err(failed("is no file of age's"));
    }
    String::from_utf8(bytes).map_err(|_| failed("is no file of age's"))
}

fn for_password(file_key: &[u8; 16], password: &str, random: &dyn Random) -> io::Result<String> {
    let mut salt = [0; 16];
    random.fill(&mut salt);
    let body = wrap(file_key, &password_key(password, &salt, LOG_N)?)?;
    Ok(format!("-> {BY_PASSWORD} {} {LOG_N}\n{body}\n", BASE64.encode(salt)))
}

fn open_by_password(stanza: &Stanza, password: &str) -> io::Result<[u8; 16]> {
    let [_, salt, log_n] = stanza.words.as_slice() else {
        return Err(damaged("its head cannot be read"));
    };
    let salt = BASE64.decode(salt).map_err(|_| damaged("its head cannot be read"))?;
    let log_n: u8 = log_n.parse().map_err(|_| damaged("its head cannot be read"))?;
    if salt.len() != 16 || !(1..=MOST_LOG_N).contains(&log_n) {
        return Err(failed("asks for more memory than its password is given"));
    }
    let key = password_key(password, &salt, log_n)?;
    unwrap(&stanza.body, &key).ok_or_else(|| failed("is not opened by this password"))
}

fn password_key(password: &str, salt: &[u8], log_n: u8) -> io::Result<Key> {
    let salt = [BY_PASSWORD_INFO, salt].concat();
    let params = scrypt::Params::new(log_n, 8, 1).map_err(io::Error::other)?;
    let mut key = [0; 32];
    scrypt::scrypt(password.as_bytes(), &salt, &params, &mut key).map_err(io::Error::other)?;
    Ok(key)
}

fn for_key(file_key: &[u8; 16], to: &Recipient, random: &dyn Random) -> io::Result<String> {
    let mut secret = [0; 32];
    random.fill(&mut secret);
    let private = private(&secret)?;
    let share: Key = public(&private)?;
    let key = shared(&private, &to.0, &[share, to.0].concat())
        .ok_or_else(|| failed("a recipient's key cannot be used"))?;
    let body = wrap(file_key, &key)?;
    Ok(format!("-> {BY_KEY} {}\n{body}\n", BASE64.encode(share)))
}

fn open_by_key(stanza: &Stanza, identity: &Identity) -> Option<[u8; 16]> {
    let [_, share] = stanza.words.as_slice() else { return None };
    let share: Key = BASE64.decode(share).ok()?.try_into().ok()?;
    let private = private(&identity.0).ok()?;
    let own = public(&private).ok()?;
    unwrap(&stanza.body, &shared(&private, &share, &[share, own].concat())?)
}

fn private(secret: &Key) -> io::Result<PrivateKey> {
    PrivateKey::from_private_key(&X25519, secret).map_err(|_| failed("a key cannot be used"))
}

fn public(private: &PrivateKey) -> io::Result<Key> {
    let public = private.compute_public_key().map_err(|_| failed("a key cannot be used"))?;
    public.as_ref().try_into().map_err(|_| failed("a key cannot be used"))
}

fn shared(private: &PrivateKey, theirs: &Key, salt: &[u8]) -> Option<Key> {
    let theirs = UnparsedPublicKey::new(&X25519, theirs);
    agree(private, theirs, (), |secret| derive(secret, salt, BY_KEY_INFO).map_err(|_| ())).ok()
}

fn mac_key(file_key: &[u8; 16]) -> io::Result<hmac::Key> {
    Ok(hmac::Key::new(hmac::HMAC_SHA256, &derive(file_key, &[], b"header")?))
}

fn derive(secret: &[u8], salt: &[u8], info: &[u8]) -> io::Result<Key> {
    let made = hkdf::Salt::new(hkdf::HKDF_SHA256, salt).extract(secret);
    let mut key = [0; 32];
    made.expand(&[info], hkdf::HKDF_SHA256)
        .and_then(|made| made.fill(&mut key))
        .map_err(|_| failed("no key can be derived"))?;
    Ok(key)
}

fn aead(key: &Key) -> io::Result<LessSafeKey> {
    let key = UnboundKey::new(&CHACHA20_POLY1305, key).map_err(|_| failed("cannot be sealed"))?;
    Ok(LessSafeKey::new(key))
}

/// Locks the key of a file with a key that locks nothing else, so that its nonce may be zero.
fn wrap(file_key: &[u8; 16], key: &Key) -> io::Result<String> {
    let mut body = file_key.to_vec();
    aead(key)?
        .seal_in_place_append_tag(Nonce::assume_unique_for_key([0; 12]), Aad::empty(), &mut body)
        .map_err(|_| failed("cannot be sealed"))?;
    Ok(BASE64.encode(body))
}

fn unwrap(body: &[u8], key: &Key) -> Option<[u8; 16]> {
    let mut body = body.to_vec();
    let nonce = Nonce::assume_unique_for_key([0; 12]);
    let opened = aead(key).ok()?.open_in_place(nonce, Aad::empty(), &mut body).ok()?;
    (*opened).try_into().ok()
}

fn failed(what: &str) -> io::Error {
    io::Error::other(format!("the capsule {what}"))
}

fn damaged(what: &str) -> io::Error {
    failed(&format!("is damaged: {what}"))
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};

    use domain::random::testing::Seeded;

    use super::*;

    fn sealed(bytes: &[u8], lock: &Lock<'_>) -> Vec<u8> {
        let mut writer = Writer::new(Vec::new(), lock, &Seeded::new(3)).unwrap();
        writer.write_all(bytes).unwrap();
        writer.finish().unwrap()
    }

    fn opened(bytes: &[u8], opener: &Opener) -> io::Result<Vec<u8>> {
        let mut found = Vec::new();
        Reader::new(bytes, opener)?.read_to_end(&mut found)?;
        Ok(found)
    }

    fn by(password: &str) -> Opener {
        Opener::Password(password.into())
    }

    #[test]
    fn what_was_sealed_is_opened_whatever_its_length() {
        for length in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK] {
            let bytes = vec![7; length];
            let file = sealed(&bytes, &Lock::Password("a phrase"));
            assert_eq!(opened(&file, &by("a phrase")).unwrap(), bytes, "{length}");
        }
    }

    #[test]
    fn another_password_a_change_and_a_missing_end_are_refused() {
        let file = sealed(&vec![7; 2 * CHUNK], &Lock::Password("a phrase"));
        let error = opened(&file, &by("another")).unwrap_err().to_string();
        assert!(error.contains("not opened by this password"), "{error}");
        for place in [30, 60, 140, file.len() / 2, file.len() - 1] {
            let mut changed = file.clone();
            changed[place] ^= 1;
            assert!(opened(&changed, &by("a phrase")).is_err(), "{place}");
        }
        for end in [0, 10, 100, 200, file.len() - CHUNK - TAG, file.len() - 1] {
            assert!(opened(&file[..end], &by("a phrase")).is_err(), "{end}");
        }
        let longer = [file.as_slice(), b"more"].concat();
        assert!(opened(&longer, &by("a phrase")).is_err());
        let head = "age-encryption.org/v1\n-> scrypt AAAAAAAAAAAAAAAAAAAAAA 40\nAAAA\n--- AAAA\n";
        let error = opened(head.as_bytes(), &by("x")).unwrap_err().to_string();
        assert!(error.contains("more memory"), "{error}");
    }

    /// Runs a program of `age`; none where it is not installed (`make test` installs it).
    fn age(program: &str, arguments: &[&str], input: &[u8]) -> Option<Vec<u8>> {
        let mut child = Command::new(program)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .ok()?;
        let mut pipe = child.stdin.take().unwrap();
        let input = input.to_vec();
        let feeder = std::thread::spawn(move || pipe.write_all(&input));
        let output = child.wait_with_output().unwrap();
        feeder.join().unwrap().unwrap();
        assert!(output.status.success(), "{program} {arguments:?}");
        Some(output.stdout)
    }

    #[test]
    fn stock_age_opens_what_is_sealed_for_its_key_and_the_other_way_round() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        let path = path.to_str().unwrap();
        if age("age-keygen", &["-o", path], b"").is_none() {
            return;
        }
        let text = std::fs::read_to_string(path).unwrap();
        let public = text.lines().find_map(|line| line.strip_prefix("# public key: ")).unwrap();
        let bytes = vec![42; 3 * CHUNK + 5];
        let recipients = [Recipient::parse(public).unwrap()];
        let file = sealed(&bytes, &Lock::Recipients(&recipients));
        assert_eq!(age("age", &["--decrypt", "-i", path], &file).unwrap(), bytes);
        let theirs = age("age", &["--encrypt", "-r", public], &bytes).unwrap();
        let opener = Opener::Identities(Identity::parse_all(&text));
        assert_eq!(opened(&theirs, &opener).unwrap(), bytes);
        assert_eq!(opened(&file, &opener).unwrap(), bytes);
        assert!(opened(&file, &by("a password")).unwrap_err().to_string().contains("--identity"));
        assert_eq!(Recipient::parse("age1nothing"), None);
    }
}
