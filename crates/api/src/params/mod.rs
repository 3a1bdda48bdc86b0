//! Parameters arrive as query, form, multipart or JSON, on any endpoint, nested as Rails nests
//! them. All become one tree, and the tree becomes the handler's struct, forgivingly: `"1"` is a
//! number and true.

mod lenient;
mod multipart;
mod path;
mod tree;

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use http::{StatusCode, header};
use serde::Deserialize as _;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{ApiError, Shared};

use multipart::Files;
pub(crate) use multipart::{File, Upload};
pub(crate) use path::{Id, Ids, Part};

/// Largest body that is not an upload.
const BODY: usize = 1024 * 1024;

/// The parameters of a request as a struct. Files in them are refused; see [`Upload`].
pub(crate) struct Params<T>(pub T);

/// Two groups of parameters of one request, each read by its own struct.
pub(crate) struct Both<A, B>(pub A, pub B);

/// What can be read from the tree of parameters.
pub(crate) trait FromTree: Sized {
    fn from_tree(tree: &Value) -> Result<Self, ApiError>;

    /// Which parameters it reads.
    #[cfg(test)]
    fn shape() -> crate::description::Shape;
}

impl<T: DeserializeOwned> FromTree for T {
    fn from_tree(tree: &Value) -> Result<Self, ApiError> {
        lenient::from_tree(tree).map_err(|error| ApiError::bad_request(error.to_string()))
    }

    #[cfg(test)]
    fn shape() -> crate::description::Shape {
        crate::description::shape_of::<T>()
    }
}

impl<A: FromTree, B: FromTree> FromTree for Both<A, B> {
    fn from_tree(tree: &Value) -> Result<Self, ApiError> {
        Ok(Self(A::from_tree(tree)?, B::from_tree(tree)?))
    }

    #[cfg(test)]
    fn shape() -> crate::description::Shape {
        A::shape().with(B::shape())
    }
}

impl<T: FromTree> FromRequest<Shared> for Params<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, shared: &Shared) -> Result<Self, ApiError> {
        let (params, _) = multipart::read(request, shared, Files::Refused).await?;
        Ok(Self(params))
    }
}

/// Tells a parameter that is there, though null, from one that is missing: with `#[serde(default,
/// deserialize_with = "present")]` on an `Option<Option<T>>`.
pub(crate) fn present<'de, T, D>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    T: serde::Deserialize<'de>,
    D: serde::Deserializer<'de>,
{
    Option::<T>::deserialize(deserializer).map(Some)
}

/// Reads a query or form into the tree. What is no UTF-8 is refused, not repaired.
fn add_pairs(tree: &mut Value, text: &[u8]) -> Result<(), ApiError> {
    for (count, pair) in
        text.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()).enumerate()
    {
        if count >= tree::MOST_PARAMETERS {
            return Err(ApiError::bad_request("Too many parameters"));
        }
        let mut halves = pair.splitn(2, |byte| *byte == b'=');
        let name = decode(halves.next().unwrap_or_default())?;
        let value = decode(halves.next().unwrap_or_default())?;
        tree::insert(tree, &name, Value::String(value)).map_err(ApiError::bad_request)?;
    }
    Ok(())
}

/// One half of a pair: plus signs are spaces, then percent escapes.
fn decode(text: &[u8]) -> Result<String, ApiError> {
    let spaced: Vec<u8> =
        text.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    percent_encoding::percent_decode(&spaced)
        .decode_utf8()
        .map(std::borrow::Cow::into_owned)
        .map_err(|_| ApiError::bad_request("A parameter is not valid UTF-8"))
}

/// Reads a JSON body into the tree; its keys win over the query's.
fn add_json(tree: &mut Value, body: &[u8]) -> Result<(), ApiError> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Ok(());
    }
    let parsed: Value = serde_json::from_slice(body)
        .map_err(|_| ApiError::bad_request("The request body is not valid JSON"))?;
    match parsed {
        Value::Object(entries) => {
            if let Value::Object(target) = tree {
                target.extend(entries);
            }
            Ok(())
        }
        Value::Null => Ok(()),
        _ => Err(ApiError::bad_request("The request body must be a JSON object")),
    }
}

/// The kind of a body, by its Content-Type.
enum Kind {
    Json,
    Multipart,
    Form,
}

fn kind(request: &Request) -> Kind {
    let content_type = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
        .to_ascii_lowercase();
    if content_type.starts_with("application/json") || content_type.contains("+json") {
        Kind::Json
    } else if content_type.starts_with("multipart/form-data") {
        Kind::Multipart
    } else {
        Kind::Form
    }
}

async fn read_body(request: Request) -> Result<Bytes, ApiError> {
    let declared = request
        .headers()
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.parse::<usize>().ok());
    let too_large =
        || ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "The request body is too large");
    if declared.is_some_and(|length| length > BODY) {
        return Err(too_large());
    }
    axum::body::to_bytes(request.into_body(), BODY).await.map_err(|_| too_large())
}
