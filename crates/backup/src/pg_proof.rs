//! Reads a dump of PostgreSQL as `pg_restore` writes it out, without a database: how many rows each table
//! has, and whether the keys in it sign. A scratch database would need rights that a server should not have.
//! <https://www.postgresql.org/docs/current/sql-copy.html#SQL-COPY-FILE-FORMATS>

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Stdio;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use store::actor_keys::LocalKey;
use store::settings;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, BufReader};
use tokio::process::Command;

use crate::check::KeyCheck;
use crate::manifest::Manifest;
use crate::{BackupError, Result, pg};

/// The longest row that is read: far above the longest post.
const LONGEST: u64 = 64 * 1024 * 1024;
/// Complaints that are collected.
const MOST: usize = 50;

/// What is wrong with a dump, against what the snapshot says of it.
///
/// # Errors
/// [`BackupError::Program`] when `pg_restore` is missing or cannot read it to its end.
pub(crate) async fn problems(
    dump: &Path,
    manifest: &Manifest,
    key_check: &KeyCheck,
) -> Result<Vec<String>> {
    let mut command = Command::new("pg_restore");
    command.args(["--data-only", "--file", "-"]).arg(dump).stdout(Stdio::piped());
    let mut scan = Scan::new(key_check.clone());
    pg::finish_reading(&mut command, "pg_restore", |pipe| read(pipe, &mut scan)).await?;
    let mut problems = manifest.differences(&scan.rows);
    problems.extend(scan.finish());
    Ok(problems)
}

async fn read(pipe: impl AsyncRead + Unpin, scan: &mut Scan) -> Result<()> {
    let mut pipe = BufReader::with_capacity(256 * 1024, pipe);
    let mut line = Vec::new();
    let failed =
        |error: std::io::Error| BackupError::Program(format!("pg_restore was lost: {error}"));
    while (&mut pipe).take(LONGEST).read_until(b'\n', &mut line).await.map_err(failed)? > 0 {
        if line.pop() != Some(b'\n') {
            return Err(BackupError::Unproven(vec!["the dump ends in the middle of a row".into()]));
        }
        scan.line(&line);
        line.clear();
    }
    Ok(())
}

struct Scan {
    key_check: KeyCheck,
    table: Option<(String, Vec<String>)>,
    rows: BTreeMap<String, i64>,
    problems: Vec<String>,
    instance: (Option<String>, Option<String>),
}

impl Scan {
    fn new(key_check: KeyCheck) -> Self {
        Self {
            key_check,
            table: None,
            rows: BTreeMap::new(),
            problems: Vec::new(),
            instance: (None, None),
        }
    }

    fn line(&mut self, line: &[u8]) {
        let Some((table, columns)) = &self.table else {
            self.table = begin(line);
            if let Some((table, _)) = &self.table {
                self.rows.insert(table.clone(), 0);
            }
            return;
        };
        if line == br"\." {
            self.table = None;
            return;
        }
        if let Some(rows) = self.rows.get_mut(table) {
            *rows += 1;
        }
        match table.as_str() {
            "actor_keys" => {
                let row = Row { columns, line };
                let Some(private) = row.get("private_key") else { return };
                let private = private.strip_prefix("\\x").and_then(|text| hex::decode(text).ok());
                let key = LocalKey {
                    key_id: row.get("key_id").unwrap_or_default(),
                    public_pem: row.get("public_key").unwrap_or_default(),
                    private: private.unwrap_or_default(),
                };
                self.judge(&key);
            }
            "settings" => {
                let row = Row { columns, line };
                match row.get("name").as_deref() {
                    Some(settings::INSTANCE_PRIVATE) => self.instance.0 = row.get("value"),
                    Some(settings::INSTANCE_PUBLIC) => self.instance.1 = row.get("value"),
                    _ => {}
                }
            }
            _ => {}
        }
    }

    fn judge(&mut self, key: &LocalKey) {
        if let Err(why) = (self.key_check)(key)
            && self.problems.len() < MOST
        {
            self.problems.push(format!("{}: {why}", key.key_id));
        }
    }

    fn finish(mut self) -> Vec<String> {
        if let (Some(private), public) = std::mem::take(&mut self.instance) {
            let private = STANDARD.decode(private).unwrap_or_default();
            let public_pem = public.unwrap_or_default();
            let key_id = "the server's own actor".to_owned();
            self.judge(&LocalKey { key_id, public_pem, private });
        }
        self.problems
    }
}

/// The table and its columns, when this line is what rows come after.
fn begin(line: &[u8]) -> Option<(String, Vec<String>)> {
    let line = std::str::from_utf8(line).ok()?;
    let (table, columns) = line.strip_prefix("COPY public.")?.split_once(" (")?;
    let columns = columns.strip_suffix(") FROM stdin;")?;
    let plain = |name: &str| name.trim_matches('"').to_owned();
    Some((plain(table), columns.split(", ").map(plain).collect()))
}

struct Row<'r> {
    columns: &'r [String],
    line: &'r [u8],
}

impl Row<'_> {
    /// A column as text; None for NULL.
    fn get(&self, name: &str) -> Option<String> {
        let at = self.columns.iter().position(|column| column == name)?;
        let field = self.line.split(|byte| *byte == b'\t').nth(at)?;
        (field != br"\N").then(|| unescaped(field))
    }
}

fn unescaped(field: &[u8]) -> String {
    let mut bytes = Vec::with_capacity(field.len());
    let mut rest = field.iter().copied();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'\\' => match rest.next() {
                Some(b'n') => b'\n',
                Some(b'r') => b'\r',
                Some(b't') => b'\t',
                Some(b'b') => 8,
                Some(b'f') => 12,
                Some(b'v') => 11,
                Some(other) => other,
                None => b'\\',
            },
            byte => byte,
        });
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    const DUMP: &str = r#"--
COPY public.actor_keys (account_id, key_id, private_key, public_key) FROM stdin;
7	a#main-key	\\x010203	line\nline
8	b#main-key	\N	remote
\.

COPY public.settings (name, "value") FROM stdin;
instance_key_private	BAUG
instance_key_public	own
\.
COPY public.follows (id) FROM stdin;
\.
"#;

    #[tokio::test]
    async fn rows_are_counted_and_keys_are_tried() {
        let check: KeyCheck =
            Arc::new(|key| Err(format!("{:?} {:?}", key.private, key.public_pem)));
        let mut scan = Scan::new(check);
        read(DUMP.as_bytes(), &mut scan).await.unwrap();
        let rows: Vec<(&str, i64)> =
            scan.rows.iter().map(|(table, rows)| (table.as_str(), *rows)).collect();
        assert_eq!(rows, [("actor_keys", 2), ("follows", 0), ("settings", 2)]);
        let tried =
            ["a#main-key: [1, 2, 3] \"line\\nline\"", "the server's own actor: [4, 5, 6] \"own\""];
        assert_eq!(scan.finish(), tried);
        let mut scan = Scan::new(Arc::new(|_| Ok(())));
        assert!(read(&DUMP.as_bytes()[..150], &mut scan).await.is_err());
    }
}
