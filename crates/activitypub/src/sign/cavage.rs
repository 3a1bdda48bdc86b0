//! draft-cavage-http-signatures-12, the receiving side: the `Signature` header, what it must cover,
//! and the text that was signed.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::Timestamp;

use super::{Received, Scheme, Signature, SignatureError, digest, moment};

/// Longest header that is read: a signature of 8192 bits in base64 has 1,368 characters.
const LONGEST: usize = 8 * 1_024;
/// Most headers that may be signed.
const MOST_HEADERS: usize = 32;

/// See [`super::read`].
pub(super) fn read(
    request: Received<'_>,
    body: Option<&[u8]>,
    now: Timestamp,
) -> Result<Signature, SignatureError> {
    let header = header(request)?;
    let parameters = Parameters::parse(header)?;
    let needs_digest = request.needs_digest(body);
    parameters.check_coverage(needs_digest)?;
    parameters.check_time(request, now)?;
    let destinations = request.destinations()?;
    if needs_digest {
        digest::check_digest(&request.header("digest")?, body.unwrap_or_default())?;
    }
    let bytes =
        STANDARD.decode(&parameters.signature).map_err(|_| SignatureError::Malformed("base64"))?;

    let mut readings = Vec::new();
    let (path, query) = request.path_and_query();
    for destination in destinations {
        readings.push(parameters.text(request, &destination.authority, request.path_and_query)?);
        if query.is_some() {
            // Old peers sign the path alone.
            readings.push(parameters.text(request, &destination.authority, path)?);
        }
    }
    readings.dedup();
    Ok(Signature { key_id: parameters.key_id, scheme: Scheme::Cavage, bytes, readings })
}

fn header(request: Received<'_>) -> Result<&str, SignatureError> {
    let mut values = request.headers.get_all("signature").iter();
    let value = values.next().ok_or(SignatureError::Missing)?;
    if values.next().is_some() {
        return Err(SignatureError::Malformed("more than one"));
    }
    let value = value.to_str().map_err(|_| SignatureError::Malformed("not ASCII"))?;
    if value.len() > LONGEST {
        return Err(SignatureError::Malformed("too long"));
    }
    Ok(value)
}

/// The parameters of the header.
struct Parameters {
    key_id: String,
    signature: String,
    is_hs2019: bool,
    headers: Vec<String>,
    created: Option<String>,
    expires: Option<String>,
}

impl Parameters {
    fn parse(header: &str) -> Result<Self, SignatureError> {
        let mut pairs = pairs(header)?;
        let mut take = |name: &str| {
            pairs.iter().position(|(key, _)| key == name).map(|at| pairs.swap_remove(at).1)
        };
        let is_hs2019 = match take("algorithm").map(|name| name.to_ascii_lowercase()).as_deref() {
            Some("rsa-sha256") => false,
            None | Some("hs2019") => true,
            Some(_) => return Err(SignatureError::Algorithm),
        };
        // The draft's default when nothing is listed.
        let listed = take("headers").unwrap_or_else(|| "(created)".to_owned());
        let headers: Vec<String> =
            listed.split_ascii_whitespace().map(str::to_ascii_lowercase).collect();
        let repeated = headers
            .iter()
            .enumerate()
            .any(|(at, name)| headers.iter().take(at).any(|before| before == name));
        if headers.len() > MOST_HEADERS || repeated {
            return Err(SignatureError::Malformed("headers"));
        }
        Ok(Self {
            key_id: take("keyid").filter(|id| !id.is_empty()).ok_or(NO_KEY)?,
            signature: take("signature").ok_or(SignatureError::Malformed("no signature"))?,
            is_hs2019,
            headers,
            created: take("created"),
            expires: take("expires"),
        })
    }

    fn covers(&self, name: &str) -> bool {
        self.headers.iter().any(|header| header == name)
    }

    /// F06: method and target, host, time, and the body when there is one.
    fn check_coverage(&self, needs_digest: bool) -> Result<(), SignatureError> {
        for name in ["(request-target)", "host"] {
            if !self.covers(name) {
                return Err(SignatureError::Uncovered(name));
            }
        }
        if !self.covers("date") && !self.covers("(created)") {
            return Err(SignatureError::Uncovered("date"));
        }
        if needs_digest && !self.covers("digest") {
            return Err(SignatureError::Uncovered("digest"));
        }
        Ok(())
    }

    fn check_time(&self, request: Received<'_>, now: Timestamp) -> Result<(), SignatureError> {
        let expires = self.expires.as_deref().map(from_seconds).transpose()?;
        if self.covers("(created)") {
            let created = self.created.as_deref().ok_or(SignatureError::Malformed("created"))?;
            moment::check(from_seconds(created)?, expires, now)?;
        }
        if self.covers("date") {
            let date = moment::parse_http_date(&request.header("date")?)
                .ok_or(SignatureError::Malformed("date"))?;
            moment::check(date, expires, now)?;
        }
        Ok(())
    }

    /// The text that was signed (§2.3).
    fn text(
        &self,
        request: Received<'_>,
        host: &str,
        target: &str,
    ) -> Result<String, SignatureError> {
        let mut lines = Vec::with_capacity(self.headers.len());
        for name in &self.headers {
            let value = match name.as_str() {
                "(request-target)" => {
                    format!("{} {target}", request.method.as_str().to_ascii_lowercase())
                }
                "(created)" => self.moment(self.created.as_deref())?,
                "(expires)" => self.moment(self.expires.as_deref())?,
                "host" => request.header("host").unwrap_or_else(|_| host.to_owned()),
                name => request.header(name)?,
            };
            lines.push(format!("{name}: {value}"));
        }
        Ok(lines.join("\n"))
    }

    /// §2.3: these two may not stand beside an algorithm that names its hash.
    fn moment(&self, value: Option<&str>) -> Result<String, SignatureError> {
        value
            .filter(|_| self.is_hs2019)
            .map(str::to_owned)
            .ok_or(SignatureError::Malformed("created or expires"))
    }
}

const NO_KEY: SignatureError = SignatureError::Malformed("no keyId");

fn from_seconds(text: &str) -> Result<Timestamp, SignatureError> {
    // The draft allows a fraction.
    let whole = text.split('.').next().unwrap_or_default();
    whole
        .parse()
        .ok()
        .and_then(moment::from_seconds)
        .ok_or(SignatureError::Malformed("created or expires"))
}

/// `name="value"` or `name=value`, separated by commas, with or without spaces; names in lower case.
/// A name that stands twice is refused: two readers could read it differently.
fn pairs(header: &str) -> Result<Vec<(String, String)>, SignatureError> {
    let mut found: Vec<(String, String)> = Vec::new();
    let mut rest = header.trim();
    while !rest.is_empty() {
        let (name, after) = rest.split_once('=').ok_or(SignatureError::Malformed("parameter"))?;
        let name = name.trim().to_ascii_lowercase();
        let after = after.trim_start();
        let (value, after) = match after.strip_prefix('"') {
            Some(quoted) => quoted_string(quoted)?,
            None => {
                let end = after.find(',').unwrap_or(after.len());
                let (value, after) = after.split_at(end);
                (value.trim_end().to_owned(), after)
            }
        };
        let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if !is_name || found.iter().any(|(known, _)| *known == name) || found.len() >= 16 {
            return Err(SignatureError::Malformed("parameter"));
        }
        found.push((name, value));
        let after = after.trim_start();
        rest = match after.strip_prefix(',') {
            Some(next) => next.trim_start(),
            None if after.is_empty() => after,
            None => return Err(SignatureError::Malformed("parameter")),
        };
    }
    Ok(found)
}

/// A quoted string (RFC 9110 §5.6.4) whose opening mark was taken, and what follows it.
fn quoted_string(text: &str) -> Result<(String, &str), SignatureError> {
    let mut value = String::new();
    let mut letters = text.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return Ok((value, text.get(at + 1..).unwrap_or_default())),
            '\\' => match letters.next() {
                Some((_, escaped)) => value.push(escaped),
                None => break,
            },
            other => value.push(other),
        }
    }
    Err(SignatureError::Malformed("quotes"))
}
