//! What is inside a capsule: lines of JSON, gzipped. One that says what it is, one for each file, for each
//! stretch of a table one with its columns and then one for each row, and one at the end with their number.

use std::io::{BufRead, Read as _, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use sha2::{Digest as _, Sha256};
use store::Value;
use store::identity::Chunk;

use crate::{BackupError, Result};

/// The longest line that is read.
const LONGEST: u64 = 64 * 1024 * 1024;
/// Rows that are handed over at once.
const PAGE: usize = 500;

/// What a capsule says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// Of this format: 1.
    pub capsule: u32,
    /// What made it.
    pub program: String,
    /// When, in milliseconds since 1970.
    pub made_at: i64,
    /// The number of the database's schema.
    pub schema: i64,
    /// The name of the server.
    pub host: String,
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Line {
    File { file: String, base64: String },
    Table { table: String, columns: Vec<String> },
    End { rows: u64 },
    Row(Vec<Json>),
}

/// Writes lines, and takes their sum: what is the same twice has the same.
pub(super) struct Lines<W: Write> {
    out: W,
    sum: Sha256,
    rows: u64,
}

impl<W: Write> Lines<W> {
    pub(super) fn new(mut out: W, head: &Head) -> Result<Self> {
        out.write_all(&json(head)?).map_err(broken)?;
        // The time and the program may change without anything to save.
        let sum = Sha256::new_with_prefix(format!("{} {}\n", head.schema, head.host));
        Ok(Self { out, sum, rows: 0 })
    }

    fn line(&mut self, line: &Line) -> Result<()> {
        let text = json(line)?;
        self.sum.update(&text);
        self.out.write_all(&text).map_err(broken)
    }

    pub(super) fn file(&mut self, name: &str, bytes: &[u8]) -> Result<()> {
        self.line(&Line::File { file: name.to_owned(), base64: STANDARD.encode(bytes) })
    }

    pub(super) fn chunk(&mut self, chunk: Chunk) -> Result<()> {
        self.line(&Line::Table { table: chunk.table, columns: chunk.columns })?;
        for row in chunk.rows {
            self.rows += 1;
            self.line(&Line::Row(row.into_iter().map(of_value).collect()))?;
        }
        Ok(())
    }

    /// The writer, and the sum of all lines.
    pub(super) fn finish(mut self) -> Result<(W, String)> {
        self.line(&Line::End { rows: self.rows })?;
        Ok((self.out, hex::encode(self.sum.finalize())))
    }
}

/// Reads lines.
pub(super) struct Read<R: BufRead> {
    from: R,
    rows: u64,
    table: Option<(String, Vec<String>)>,
    is_over: bool,
}

/// A part of a capsule.
pub(super) enum Part {
    File { name: String, bytes: Vec<u8> },
    Rows(Chunk),
}

impl<R: BufRead> Read<R> {
    pub(super) fn new(mut from: R) -> Result<(Self, Head)> {
        let text = text(&mut from)?;
        let head: Head = serde_json::from_str(&text).map_err(|_| {
            BackupError::Capsule("the capsule holds something else than an identity".into())
        })?;
        if head.capsule != 1 {
            let what = "the capsule was made by a newer program; use that or a newer one";
            return Err(BackupError::Capsule(what.into()));
        }
        Ok((Self { from, rows: 0, table: None, is_over: false }, head))
    }

    /// The next part; None when all of it was there.
    pub(super) fn next(&mut self) -> Result<Option<Part>> {
        let mut rows = Vec::new();
        while !self.is_over {
            match serde_json::from_str(&text(&mut self.from)?).map_err(|_| unreadable())? {
                Line::File { file, base64 } => {
                    let bytes = STANDARD.decode(base64).map_err(|_| unreadable())?;
                    return Ok(Some(Part::File { name: file, bytes }));
                }
                Line::Row(row) => {
                    self.rows += 1;
                    rows.push(row.into_iter().map(to_value).collect::<Result<Vec<_>>>()?);
                    if rows.len() == PAGE {
                        return self.chunk(rows).map(Some);
                    }
                }
                Line::Table { table, columns } => {
                    let full = (!rows.is_empty()).then(|| self.chunk(std::mem::take(&mut rows)));
                    self.table = Some((table, columns));
                    if let Some(chunk) = full {
                        return chunk.map(Some);
                    }
                }
                Line::End { rows: said } => {
                    self.is_over = true;
                    if said != self.rows {
                        return Err(unreadable());
                    }
                }
            }
        }
        if rows.is_empty() { Ok(None) } else { self.chunk(rows).map(Some) }
    }

    fn chunk(&self, rows: Vec<Vec<Value>>) -> Result<Part> {
        let (table, columns) = self.table.clone().ok_or_else(unreadable)?;
        Ok(Part::Rows(Chunk { table, columns, rows }))
    }
}

fn text(from: &mut impl BufRead) -> Result<String> {
    let mut text = String::new();
    from.take(LONGEST).read_line(&mut text).map_err(broken)?;
    if text.ends_with('\n') { Ok(text) } else { Err(unreadable()) }
}

fn json(value: &impl Serialize) -> Result<Vec<u8>> {
    let mut text =
        serde_json::to_vec(value).map_err(|error| BackupError::Library(error.to_string()))?;
    text.push(b'\n');
    Ok(text)
}

fn of_value(value: Value) -> Json {
    match value {
        Value::Int(number) => number.into(),
        Value::Bool(flag) => flag.into(),
        Value::Text(text) => text.into(),
        Value::Blob(bytes) => serde_json::json!({ "base64": STANDARD.encode(bytes) }),
        // Lists are arguments, never what a column holds.
        Value::Null | Value::Ids(_) | Value::Texts(_) => Json::Null,
    }
}

fn to_value(json: Json) -> Result<Value> {
    Ok(match json {
        Json::Null => Value::Null,
        Json::Bool(flag) => Value::Bool(flag),
        Json::Number(number) => Value::Int(number.as_i64().ok_or_else(unreadable)?),
        Json::String(text) => Value::Text(text),
        Json::Object(object) => {
            let text = object.get("base64").and_then(Json::as_str).ok_or_else(unreadable)?;
            Value::Blob(STANDARD.decode(text).map_err(|_| unreadable())?)
        }
        Json::Array(_) => return Err(unreadable()),
    })
}

/// What stands between this and the file says what is wrong with it.
fn broken(error: std::io::Error) -> BackupError {
    BackupError::Capsule(error.to_string())
}

fn unreadable() -> BackupError {
    BackupError::Capsule(
        "the capsule is damaged: a line of it cannot be read, or its end is missing".into(),
    )
}
