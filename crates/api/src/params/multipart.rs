//! Requests that may carry files: each file is streamed to the scratch folder, with a limit, and
//! removed when nobody took it.

use std::path::{Path, PathBuf};

use axum::extract::multipart::Field;
use axum::extract::{FromRequest, Multipart, Request};
use http::StatusCode;
use serde_json::Value;
use tokio::io::AsyncWriteExt;

use super::{FromTree, Kind, add_json, add_pairs, kind, read_body, tree};
use crate::{ApiError, Shared};

/// Most text in all fields of a multipart body together.
const TEXT: usize = 1024 * 1024;
/// Most files in one request.
const FILES: usize = 4;

/// The parameters of a request and the files that came with it.
pub(crate) struct Upload<T> {
    /// Everything but the files.
    pub params: T,
    /// The files, by their field's name.
    pub files: Vec<File>,
}

/// A received file. Dropping it removes it from the scratch folder.
pub(crate) struct File {
    /// The field's name.
    pub name: String,
    /// Where it is.
    pub path: PathBuf,
}

impl Drop for File {
    fn drop(&mut self) {
        // Whoever took the file has moved it away; then there is nothing to remove.
        let _ = std::fs::remove_file(&self.path);
    }
}

impl<T: FromTree> FromRequest<Shared> for Upload<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, shared: &Shared) -> Result<Self, ApiError> {
        let (params, files) = read(request, shared, Files::Received).await?;
        Ok(Self { params, files })
    }
}

/// What becomes of files in a body.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Files {
    /// Kept in the scratch folder until the handler has taken them.
    Received,
    /// The request is refused before a byte of them is kept.
    Refused,
}

/// Reads the parameters of a request, and the files that came with it.
pub(super) async fn read<T: FromTree>(
    request: Request,
    shared: &Shared,
    wanted: Files,
) -> Result<(T, Vec<File>), ApiError> {
    let mut tree = tree::empty();
    add_pairs(&mut tree, request.uri().query().unwrap_or_default().as_bytes())?;
    let mut files = Vec::new();
    match kind(&request) {
        Kind::Json => add_json(&mut tree, &read_body(request).await?)?,
        Kind::Form => add_pairs(&mut tree, &read_body(request).await?)?,
        Kind::Multipart => read_parts(request, shared, wanted, &mut tree, &mut files).await?,
    }
    Ok((T::from_tree(&tree)?, files))
}

async fn read_parts(
    request: Request,
    shared: &Shared,
    wanted: Files,
    tree: &mut Value,
    files: &mut Vec<File>,
) -> Result<(), ApiError> {
    let malformed = || ApiError::bad_request("The multipart body is malformed");
    let mut parts = Multipart::from_request(request, shared).await.map_err(|_| malformed())?;
    let (mut text, mut count) = (0, 0);
    while let Some(part) = parts.next_field().await.map_err(|_| malformed())? {
        count += 1;
        if count > tree::MOST_PARAMETERS {
            return Err(ApiError::bad_request("Too many parameters"));
        }
        let name = part.name().unwrap_or_default().to_owned();
        if part.file_name().is_some() {
            if wanted == Files::Refused {
                return Err(ApiError::new(
                    StatusCode::UNPROCESSABLE_ENTITY,
                    "No file is expected here",
                ));
            }
            if files.len() >= FILES {
                return Err(ApiError::bad_request("Too many files"));
            }
            files.push(receive(part, shared, name).await?);
        } else {
            let value = read_text(part, TEXT - text).await?;
            text += value.len();
            tree::insert(tree, &name, Value::String(value)).map_err(ApiError::bad_request)?;
        }
    }
    Ok(())
}

async fn read_text(mut part: Field<'_>, most: usize) -> Result<String, ApiError> {
    let mut bytes = Vec::new();
    while let Some(chunk) =
        part.chunk().await.map_err(|_| ApiError::bad_request("The multipart body is malformed"))?
    {
        if bytes.len() + chunk.len() > most {
            return Err(ApiError::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                "The request body is too large",
            ));
        }
        bytes.extend_from_slice(&chunk);
    }
    String::from_utf8(bytes).map_err(|_| ApiError::bad_request("A field is not valid UTF-8"))
}

/// Streams a file to disk under a name of our own (M05).
async fn receive(mut part: Field<'_>, shared: &Shared, name: String) -> Result<File, ApiError> {
    let most = shared.config.media.video_bytes.max(shared.config.media.image_bytes);
    let folder = shared.scratch();
    let failed = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::StorageFull => {
            ApiError::new(StatusCode::INSUFFICIENT_STORAGE, "The server's disk is full")
        }
        _ => ApiError::from(app::AppError::Internal(format!("an upload cannot be kept: {error}"))),
    };
    tokio::fs::create_dir_all(&folder).await.map_err(failed)?;
    let file = File { name, path: fresh_path(shared, &folder) };
    let mut target = tokio::fs::File::create_new(&file.path).await.map_err(failed)?;
    let mut length: u64 = 0;
    while let Some(chunk) = part
        .chunk()
        .await
        .map_err(|_| ApiError::bad_request("The upload broke off or is malformed"))?
    {
        length += chunk.len() as u64;
        if length > most {
            return Err(ApiError::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                format!("The file is too large; the most is {most} bytes"),
            ));
        }
        target.write_all(&chunk).await.map_err(failed)?;
    }
    target.flush().await.map_err(failed)?;
    Ok(file)
}

fn fresh_path(shared: &Shared, folder: &Path) -> PathBuf {
    let name = domain::secret::Secret::generate(shared.random.as_ref());
    folder.join(format!("upload-{}", name.reveal()))
}
