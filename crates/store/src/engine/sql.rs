//! Statements: one SQL text for both engines, declared once, prepared once a connection.

use std::sync::OnceLock;

use super::dialect::Dialect;

/// A statement of this crate. Only [`statements!`](crate::statements) makes one, so that every
/// statement is in the list that the tests prepare on both engines.
#[derive(Debug)]
pub struct Sql {
    name: &'static str,
    text: &'static str,
    placeholders: OnceLock<usize>,
    sqlite: OnceLock<String>,
    postgres: OnceLock<String>,
}

impl Sql {
    #[doc(hidden)]
    #[must_use]
    pub const fn declare(name: &'static str, text: &'static str) -> Self {
        Self {
            name,
            text,
            placeholders: OnceLock::new(),
            sqlite: OnceLock::new(),
            postgres: OnceLock::new(),
        }
    }

    /// `module::NAME`, for errors and logs.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The text that this engine understands.
    pub(crate) fn text(&self, dialect: Dialect) -> &str {
        let cell = match dialect {
            Dialect::Sqlite => &self.sqlite,
            Dialect::Postgres => &self.postgres,
        };
        cell.get_or_init(|| dialect.translate(self.text))
    }

    /// How many arguments it takes: the highest placeholder number.
    pub(crate) fn placeholders(&self) -> usize {
        *self.placeholders.get_or_init(|| super::dialect::highest_placeholder(self.text))
    }
}

/// Declares the statements of a module, and the list `STATEMENTS` that the tests prepare:
///
/// ```ignore
/// statements! {
///     BY_ID = "SELECT id FROM tags WHERE id = ?1";
/// }
/// ```
#[macro_export]
macro_rules! statements {
    ($($(#[$doc:meta])* $name:ident = $text:expr;)*) => {
        $($(#[$doc])* static $name: $crate::Sql = $crate::Sql::declare(concat!(module_path!(), "::", stringify!($name)), $text);)*
        /// Every statement of this module.
        pub(crate) static STATEMENTS: &[&$crate::Sql] = &[$(&$name),*];
    };
}

/// The arguments of a statement, in order: `args![id, name]`.
#[macro_export]
macro_rules! args {
    ($($value:expr),* $(,)?) => { &[$($crate::Value::from($value)),*] };
}
