//! RFC 9421, the receiving side. Of several signatures the first that this server can check is
//! taken; components with parameters are not known and refused.

use domain::Timestamp;

use super::request::Base;
use super::structured::{self, Components, Item};
use super::{Received, Scheme, Signature, SignatureError, digest, moment};

/// See [`super::read`].
pub(super) fn read(
    request: Received<'_>,
    body: Option<&[u8]>,
    now: Timestamp,
) -> Result<Signature, SignatureError> {
    let inputs = structured::component_dictionary(&request.header("signature-input")?)
        .ok_or(SignatureError::Malformed("signature-input"))?;
    if !request.headers.contains_key("signature") {
        return Err(SignatureError::Missing);
    }
    let signatures = structured::byte_dictionary(&request.header("signature")?)
        .ok_or(SignatureError::Malformed("signature"))?;
    let destinations = request.destinations()?;

    let mut refused = SignatureError::Missing;
    for (label, components) in inputs {
        let Some((_, bytes)) = signatures.iter().find(|(name, _)| *name == label) else {
            continue;
        };
        match one(request, body, now, &destinations, &components) {
            Ok((key_id, readings)) => {
                let bytes = bytes.clone();
                return Ok(Signature { key_id, scheme: Scheme::Rfc9421, bytes, readings });
            }
            Err(error) if refused == SignatureError::Missing => refused = error,
            Err(_) => {}
        }
    }
    Err(refused)
}

/// Checks one of the signatures; its key id and what it signs.
fn one(
    request: Received<'_>,
    body: Option<&[u8]>,
    now: Timestamp,
    destinations: &[Base],
    components: &Components,
) -> Result<(String, Vec<String>), SignatureError> {
    let key_id = text(components, "keyid")?
        .filter(|id| !id.is_empty())
        .ok_or(SignatureError::Malformed("no keyid"))?;
    // Left out, the key decides: ours are all RSA.
    if text(components, "alg")?.is_some_and(|name| name != "rsa-v1_5-sha256") {
        return Err(SignatureError::Algorithm);
    }
    let needs_digest = request.needs_digest(body);
    check_coverage(request, components, needs_digest)?;
    let created = seconds(components, "created")?.ok_or(SignatureError::Uncovered("created"))?;
    moment::check(created, seconds(components, "expires")?, now)?;
    if needs_digest {
        let header = request.header("content-digest")?;
        digest::check_content_digest(&header, body.unwrap_or_default())?;
    }
    let mut readings = Vec::new();
    for destination in destinations {
        readings.push(base(request, destination, components)?);
    }
    readings.dedup();
    Ok((key_id.to_owned(), readings))
}

/// F06: method, the whole target, and the body when there is one. The target may be signed in parts.
fn check_coverage(
    request: Received<'_>,
    components: &Components,
    needs_digest: bool,
) -> Result<(), SignatureError> {
    let covers = |name: &str| components.names.iter().any(|known| known == name);
    if !covers("@method") {
        return Err(SignatureError::Uncovered("@method"));
    }
    let (_, query) = request.path_and_query();
    let path = covers("@path") && (query.is_none() || covers("@query"));
    let host = covers("@authority") || covers("host");
    if !covers("@target-uri") && !(host && (covers("@request-target") || path)) {
        return Err(SignatureError::Uncovered("@target-uri"));
    }
    if needs_digest && !covers("content-digest") {
        return Err(SignatureError::Uncovered("content-digest"));
    }
    Ok(())
}

/// The text that was signed (RFC 9421 §2.5).
fn base(
    request: Received<'_>,
    destination: &Base,
    components: &Components,
) -> Result<String, SignatureError> {
    let mut text = String::new();
    for name in &components.names {
        let value = match name.strip_prefix('@') {
            Some(derived) => derived_value(request, destination, derived)?,
            None if name.bytes().any(|byte| byte.is_ascii_uppercase()) => return Err(UNKNOWN),
            None => request.header(name)?,
        };
        text.push_str(&format!("\"{name}\": {value}\n"));
    }
    text.push_str(&format!("\"@signature-params\": {}", components.written));
    Ok(text)
}

const UNKNOWN: SignatureError = SignatureError::Malformed("an unknown component");

/// Derived components (RFC 9421 §2.2).
fn derived_value(
    request: Received<'_>,
    destination: &Base,
    name: &str,
) -> Result<String, SignatureError> {
    let (path, query) = request.path_and_query();
    let Base { scheme, authority } = destination;
    Ok(match name {
        "method" => request.method.as_str().to_owned(),
        "target-uri" => format!("{scheme}://{authority}{}", request.path_and_query),
        "authority" => authority.clone(),
        "scheme" => scheme.clone(),
        "request-target" => request.path_and_query.to_owned(),
        "path" => path.to_owned(),
        "query" => format!("?{}", query.unwrap_or_default()),
        _ => return Err(UNKNOWN),
    })
}

fn parameter<'c>(components: &'c Components, name: &str) -> Option<&'c Item> {
    components.parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value)
}

fn text<'c>(components: &'c Components, name: &str) -> Result<Option<&'c str>, SignatureError> {
    match parameter(components, name) {
        None => Ok(None),
        Some(Item::Text(text)) => Ok(Some(text)),
        Some(_) => Err(SignatureError::Malformed("parameter")),
    }
}

fn seconds(components: &Components, name: &str) -> Result<Option<Timestamp>, SignatureError> {
    match parameter(components, name) {
        None => Ok(None),
        Some(Item::Integer(seconds)) => {
            moment::from_seconds(*seconds).map(Some).ok_or(SignatureError::Malformed("parameter"))
        }
        Some(_) => Err(SignatureError::Malformed("parameter")),
    }
}
