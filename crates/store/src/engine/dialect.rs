//! The only place that knows how the engines' SQL differs.
//!
//! Placeholders are `?1 … ?n`. Named fragments:
//! - `IN_LIST(?1)` after an expression: the argument is a list of ids or texts.
//! - `TEXTS(?1)` as a table: the texts of a list, in a column called `text`.
//! - in migrations: `ID_KEY` (64-bit primary key), `BYTES` (binary column), `NO_ROWID` (a table
//!   that lives in its primary key).
//! - `SEARCH(f, ?1)`: the row `f` of `status_search` matches a query of the form `"word" AND "beg"* NOT "no"`.
//! - `SEARCH_WORDS(?1)`: words separated by single spaces as a value for `status_search.tokens`.
//! - `FOR_UPDATE`: lock the selected row until the transaction ends.

/// An engine's way of writing SQL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// SQLite: one writer at a time.
    Sqlite,
    /// PostgreSQL and what speaks like it.
    Postgres,
}

impl Dialect {
    /// The text for this engine. Literals must hold no question mark and no fragment name.
    pub(crate) fn translate(self, text: &str) -> String {
        let text = self.replace_calls(text, "IN_LIST(", |inner| match self {
            Self::Sqlite => format!("IN (SELECT value FROM json_each({inner}))"),
            Self::Postgres => format!("= ANY({inner})"),
        });
        let text = self.replace_calls(&text, "TEXTS(", |inner| match self {
            Self::Sqlite => format!("(SELECT value AS text FROM json_each({inner}))"),
            Self::Postgres => format!("unnest(CAST({inner} AS TEXT[])) AS texts (text)"),
        });
        let text = self.replace_calls(&text, "SEARCH(", |inner| {
            let (row, query) = inner.split_once(',').unwrap_or((inner, ""));
            match self {
                Self::Sqlite => format!("{row}.status_search MATCH {}", query.trim()),
                // The same query in the other engine's signs; words are letters and digits only.
                Self::Postgres => format!(
                    "{row}.tokens @@ CAST(replace(replace(replace(replace(CAST({} AS TEXT), '\"', ''''), \
                     ' AND ', ' & '), ' NOT ', ' & !'), '*', ':*') AS tsquery)",
                    query.trim()
                ),
            }
        });
        let text = self.replace_calls(&text, "SEARCH_WORDS(", |words| match self {
            Self::Sqlite => words.to_owned(),
            // No parser of the engine looks at them: its locale would decide what a letter is.
            Self::Postgres => format!("array_to_tsvector(string_to_array({words}, ' '))"),
        });
        // Others wait for it until the transaction ends. SQLite has one writer, who need not lock.
        let text = self.replace_calls(&text, "UNTIL_COMMIT(", |number| match self {
            Self::Sqlite => format!("{number} IS NULL"),
            Self::Postgres => format!("pg_advisory_xact_lock({number}) IS NULL"),
        });
        match self {
            Self::Sqlite => text
                .replace("ID_KEY", "INTEGER PRIMARY KEY")
                .replace("BYTES", "BLOB")
                .replace("NO_ROWID", "WITHOUT ROWID")
                .replace("FOR_UPDATE", ""),
            Self::Postgres => dollar_placeholders(
                &text
                    .replace("ID_KEY", "BIGINT PRIMARY KEY")
                    .replace("BYTES", "BYTEA")
                    .replace("NO_ROWID", "")
                    .replace("FOR_UPDATE", "FOR UPDATE"),
            ),
        }
    }

    fn replace_calls(self, text: &str, call: &str, with: impl Fn(&str) -> String) -> String {
        let mut result = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, after)) = rest.split_once(call) {
            let Some((inner, tail)) = after.split_once(')') else { break };
            result.push_str(before);
            result.push_str(&with(inner));
            rest = tail;
        }
        result.push_str(rest);
        result
    }
}

/// The highest number behind a question mark; 0 without any.
pub(crate) fn highest_placeholder(text: &str) -> usize {
    text.split('?')
        .skip(1)
        .filter_map(|after| {
            let digits: String = after.chars().take_while(char::is_ascii_digit).collect();
            digits.parse().ok()
        })
        .max()
        .unwrap_or(0)
}

fn dollar_placeholders(text: &str) -> String {
    text.replace('?', "$")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fragments_become_what_each_engine_speaks() {
        let text = "SELECT a FROM t WHERE id IN_LIST(?2) AND b = ?1 FOR_UPDATE";
        assert_eq!(highest_placeholder(text), 2);
        assert_eq!(
            Dialect::Sqlite.translate(text),
            "SELECT a FROM t WHERE id IN (SELECT value FROM json_each(?2)) AND b = ?1 "
        );
        assert_eq!(
            Dialect::Postgres.translate(text),
            "SELECT a FROM t WHERE id = ANY($2) AND b = $1 FOR UPDATE"
        );
        let text = "SELECT text FROM TEXTS(?1)";
        assert_eq!(
            Dialect::Sqlite.translate(text),
            "SELECT text FROM (SELECT value AS text FROM json_each(?1))"
        );
        assert_eq!(
            Dialect::Postgres.translate(text),
            "SELECT text FROM unnest(CAST($1 AS TEXT[])) AS texts (text)"
        );
    }
}
