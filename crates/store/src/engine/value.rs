//! What goes into a statement and comes out of it.

use domain::*;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, private::BytesMut};

/// An argument.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// SQL NULL.
    Null,
    /// A whole number: id, count, time.
    Int(i64),
    /// True or false.
    Bool(bool),
    /// Text.
    Text(String),
    /// Bytes.
    Blob(Vec<u8>),
    /// A list of ids for `IN_LIST`.
    Ids(Vec<i64>),
    /// A list of texts for `IN_LIST`.
    Texts(Vec<String>),
}

macro_rules! value_from {
    ($($from:ty => |$name:ident| $make:expr;)*) => {$(
        impl From<$from> for Value {
            fn from($name: $from) -> Self { $make }
        }
    )*};
}

value_from! {
    i64 => |v| Self::Int(v);
    i32 => |v| Self::Int(i64::from(v));
    u32 => |v| Self::Int(i64::from(v));
    bool => |v| Self::Bool(v);
    String => |v| Self::Text(v);
    &String => |v| Self::Text(v.clone());
    &str => |v| Self::Text(v.to_owned());
    Vec<u8> => |v| Self::Blob(v);
    Vec<i64> => |v| Self::Ids(v);
    Vec<String> => |v| Self::Texts(v);
    &[String] => |v| Self::Texts(v.to_vec());
    Timestamp => |v| Self::Int(v.0);
    domain::status::Visibility => |v| Self::Int(v.number());
    domain::status::Format => |v| Self::Int(v.number());
    domain::secret::SecretHash => |v| Self::Text(v.0);
    &domain::secret::SecretHash => |v| Self::Text(v.0.clone());
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// What a column holds, borrowed from the row.
#[derive(Clone, Copy, Debug)]
pub enum Cell<'r> {
    /// SQL NULL.
    Null,
    /// A whole number.
    Int(i64),
    /// True or false (PostgreSQL; SQLite gives numbers).
    Bool(bool),
    /// Text.
    Text(&'r str),
    /// Bytes.
    Blob(&'r [u8]),
}

/// A type that a column can be read as.
pub trait Column: Sized {
    /// Reads it.
    ///
    /// # Errors
    /// The text says what was there instead.
    fn from_cell(cell: Cell<'_>) -> Result<Self, String>;
}

impl Column for i64 {
    fn from_cell(cell: Cell<'_>) -> Result<Self, String> {
        match cell {
            Cell::Int(number) => Ok(number),
            other => Err(format!("wanted a number, got {other:?}")),
        }
    }
}

impl Column for bool {
    fn from_cell(cell: Cell<'_>) -> Result<Self, String> {
        match cell {
            Cell::Bool(flag) => Ok(flag),
            Cell::Int(number) => Ok(number != 0),
            other => Err(format!("wanted true or false, got {other:?}")),
        }
    }
}

impl Column for String {
    fn from_cell(cell: Cell<'_>) -> Result<Self, String> {
        match cell {
            Cell::Text(text) => Ok(text.to_owned()),
            other => Err(format!("wanted text, got {other:?}")),
        }
    }
}

impl Column for Vec<u8> {
    fn from_cell(cell: Cell<'_>) -> Result<Self, String> {
        match cell {
            Cell::Blob(bytes) => Ok(bytes.to_vec()),
            other => Err(format!("wanted bytes, got {other:?}")),
        }
    }
}

impl<T: Column> Column for Option<T> {
    fn from_cell(cell: Cell<'_>) -> Result<Self, String> {
        match cell {
            Cell::Null => Ok(None),
            other => T::from_cell(other).map(Some),
        }
    }
}

impl Column for domain::status::Visibility {
    fn from_cell(cell: Cell<'_>) -> Result<Self, String> {
        i64::from_cell(cell).map(Self::from_number)
    }
}

impl Column for domain::status::Format {
    fn from_cell(cell: Cell<'_>) -> Result<Self, String> {
        i64::from_cell(cell).map(Self::from_number)
    }
}

impl Column for Timestamp {
    fn from_cell(cell: Cell<'_>) -> Result<Self, String> {
        i64::from_cell(cell).map(Self)
    }
}

macro_rules! id_columns {
    ($($id:ty),*) => {$(
        impl Column for $id {
            fn from_cell(cell: Cell<'_>) -> Result<Self, String> {
                i64::from_cell(cell).map(Self)
            }
        }
        impl From<$id> for Value {
            fn from(id: $id) -> Self { Self::Int(id.0) }
        }
        impl From<&[$id]> for Value {
            fn from(ids: &[$id]) -> Self { Self::Ids(ids.iter().map(|id| id.0).collect()) }
        }
        impl From<&Vec<$id>> for Value {
            fn from(ids: &Vec<$id>) -> Self { Self::from(ids.as_slice()) }
        }
    )*};
}

id_columns!(
    AccountId,
    AppId,
    TokenId,
    StatusId,
    ConversationId,
    MediaId,
    PollId,
    TagId,
    NotificationId,
    ListId,
    FilterId,
    JobId,
    RowId
);

impl rusqlite::ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
        use rusqlite::types::{ToSqlOutput, Value as Owned, ValueRef};
        Ok(match self {
            Self::Null => ToSqlOutput::Owned(Owned::Null),
            Self::Int(number) => ToSqlOutput::Owned(Owned::Integer(*number)),
            Self::Bool(flag) => ToSqlOutput::Owned(Owned::Integer(i64::from(*flag))),
            Self::Text(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
            Self::Blob(bytes) => ToSqlOutput::Borrowed(ValueRef::Blob(bytes)),
            Self::Ids(ids) => ToSqlOutput::Owned(Owned::Text(json(ids)?)),
            Self::Texts(texts) => ToSqlOutput::Owned(Owned::Text(json(texts)?)),
        })
    }
}

fn json<T: serde::Serialize>(list: &T) -> rusqlite::Result<String> {
    serde_json::to_string(list)
        .map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))
}

type Boxed = Box<dyn std::error::Error + Sync + Send>;

impl ToSql for Value {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Boxed> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Int(number) if *ty == Type::INT4 => i32::try_from(*number)?.to_sql(ty, out),
            Self::Int(number) => number.to_sql(ty, out),
            Self::Bool(flag) => flag.to_sql(ty, out),
            // PostgreSQL stores no NUL; what carries one cannot match anything either.
            Self::Text(text) if text.contains('\0') => {
                text.replace('\0', "\u{FFFD}").to_sql(ty, out)
            }
            Self::Text(text) => text.to_sql(ty, out),
            Self::Blob(bytes) => bytes.to_sql(ty, out),
            Self::Ids(ids) => ids.to_sql(ty, out),
            Self::Texts(texts) => texts.to_sql(ty, out),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    fn to_sql_checked(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Boxed> {
        let fits = match self {
            Self::Null => true,
            Self::Int(_) => [Type::INT8, Type::INT4].contains(ty),
            Self::Bool(_) => *ty == Type::BOOL,
            Self::Text(_) => [Type::TEXT, Type::VARCHAR, Type::UNKNOWN].contains(ty),
            Self::Blob(_) => *ty == Type::BYTEA,
            Self::Ids(_) => *ty == Type::INT8_ARRAY,
            Self::Texts(_) => *ty == Type::TEXT_ARRAY,
        };
        if !fits {
            return Err(format!("cannot give {self:?} where {ty} is wanted").into());
        }
        ToSql::to_sql(self, ty, out)
    }
}

impl<'r> FromSql<'r> for Cell<'r> {
    fn from_sql(ty: &Type, raw: &'r [u8]) -> Result<Self, Boxed> {
        match *ty {
            Type::INT8 => i64::from_sql(ty, raw).map(Self::Int),
            Type::INT4 => i32::from_sql(ty, raw).map(|number| Self::Int(i64::from(number))),
            Type::BOOL => bool::from_sql(ty, raw).map(Self::Bool),
            Type::BYTEA => <&[u8]>::from_sql(ty, raw).map(Self::Blob),
            _ => <&str>::from_sql(ty, raw).map(Self::Text),
        }
    }

    fn from_sql_null(_: &Type) -> Result<Self, Boxed> {
        Ok(Self::Null)
    }

    fn accepts(ty: &Type) -> bool {
        [
            Type::INT8,
            Type::INT4,
            Type::BOOL,
            Type::BYTEA,
            Type::TEXT,
            Type::VARCHAR,
            Type::NAME,
            Type::BPCHAR,
        ]
        .contains(ty)
    }
}
