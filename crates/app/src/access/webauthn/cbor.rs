//! Reads CBOR (RFC 8949) as authenticators write it: the canonical form of CTAP 2 (§8 "Message Encoding").
//! Lengths are definite and numbers as short as can be, nothing is tagged, there are no fractions, keys of
//! maps are numbers or texts and stand once, and nothing is nested deeper than four levels.
//!
//! The order of keys is not looked at: browsers put the outermost map together themselves, not all in order.

/// Levels of arrays and maps.
const DEEPEST: usize = 4;
/// Values in all.
const MOST: usize = 256;

/// A value; bytes and texts lie where they came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value<'b> {
    /// A whole number.
    Integer(i64),
    /// Bytes.
    Bytes(&'b [u8]),
    /// Text.
    Text(&'b str),
    /// Values in order.
    Array(Vec<Value<'b>>),
    /// Values by name or number.
    Map(Vec<(Value<'b>, Value<'b>)>),
    /// True or false.
    Bool(bool),
    /// Nothing.
    Null,
}

impl<'b> Value<'b> {
    /// A map's entry by its name.
    pub fn named(&self, name: &str) -> Option<&Self> {
        self.entry(&Value::Text(name))
    }

    /// A map's entry by its number.
    pub fn numbered(&self, number: i64) -> Option<&Self> {
        self.entry(&Value::Integer(number))
    }

    fn entry(&self, wanted: &Value<'_>) -> Option<&Self> {
        let Self::Map(entries) = self else { return None };
        entries.iter().find(|(key, _)| key == wanted).map(|(_, value)| value)
    }

    /// The bytes, if it is bytes.
    pub fn bytes(&self) -> Option<&'b [u8]> {
        match self {
            Self::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// The number, if it is one.
    pub fn integer(&self) -> Option<i64> {
        match self {
            Self::Integer(number) => Some(*number),
            _ => None,
        }
    }
}

/// The value that these bytes are, with nothing after it.
pub(super) fn whole(bytes: &[u8]) -> Option<Value<'_>> {
    first(bytes).filter(|(_, rest)| rest.is_empty()).map(|(value, _)| value)
}

/// The value that these bytes begin with, and what follows.
pub(super) fn first(bytes: &[u8]) -> Option<(Value<'_>, &[u8])> {
    let mut reader = Reader { rest: bytes, left: MOST };
    let value = reader.value(0)?;
    Some((value, reader.rest))
}

struct Reader<'b> {
    rest: &'b [u8],
    /// Values that may still come.
    left: usize,
}

impl<'b> Reader<'b> {
    fn value(&mut self, depth: usize) -> Option<Value<'b>> {
        self.left = self.left.checked_sub(1)?;
        let (initial, rest) = self.rest.split_first()?;
        self.rest = rest;
        let (major, info) = (initial >> 5, initial & 0x1f);
        if major == 7 {
            return simple(info);
        }
        let argument = self.argument(info)?;
        match major {
            0 => Some(Value::Integer(i64::try_from(argument).ok()?)),
            1 => Some(Value::Integer(-1 - i64::try_from(argument).ok()?)),
            2 => Some(Value::Bytes(self.take(argument)?)),
            3 => Some(Value::Text(std::str::from_utf8(self.take(argument)?).ok()?)),
            4 => self.array(argument, inside(depth)?),
            5 => self.map(argument, inside(depth)?),
            // Tags.
            _ => None,
        }
    }

    /// The number behind the initial byte, in its shortest form.
    fn argument(&mut self, info: u8) -> Option<u64> {
        let (length, least) = match info {
            0..=23 => return Some(u64::from(info)),
            24 => (1, 24),
            25 => (2, 1 << 8),
            26 => (4, 1 << 16),
            27 => (8, 1 << 32),
            // Lengths that are not told beforehand, and what is reserved.
            _ => return None,
        };
        let bytes = self.take(length)?;
        let number = bytes.iter().fold(0_u64, |number, byte| (number << 8) | u64::from(*byte));
        (number >= least).then_some(number)
    }

    fn take(&mut self, length: u64) -> Option<&'b [u8]> {
        let (taken, rest) = self.rest.split_at_checked(usize::try_from(length).ok()?)?;
        self.rest = rest;
        Some(taken)
    }

    fn array(&mut self, length: u64, depth: usize) -> Option<Value<'b>> {
        let mut values = Vec::new();
        for _ in 0..length {
            values.push(self.value(depth)?);
        }
        Some(Value::Array(values))
    }

    fn map(&mut self, length: u64, depth: usize) -> Option<Value<'b>> {
        let mut entries: Vec<(Value<'b>, Value<'b>)> = Vec::new();
        for _ in 0..length {
            let key = self.value(depth)?;
            let is_name = matches!(key, Value::Integer(_) | Value::Text(_));
            if !is_name || entries.iter().any(|(known, _)| *known == key) {
                return None;
            }
            let value = self.value(depth)?;
            entries.push((key, value));
        }
        Some(Value::Map(entries))
    }
}

fn inside(depth: usize) -> Option<usize> {
    (depth < DEEPEST).then_some(depth + 1)
}

fn simple(info: u8) -> Option<Value<'static>> {
    match info {
        20 => Some(Value::Bool(false)),
        21 => Some(Value::Bool(true)),
        22 => Some(Value::Null),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(text: &str) -> Vec<u8> {
        hex::decode(text).unwrap()
    }

    /// RFC 8949, appendix A.
    #[test]
    fn values_are_read_as_the_rfc_writes_them() {
        for (text, value) in [
            ("00", Value::Integer(0)),
            ("17", Value::Integer(23)),
            ("1818", Value::Integer(24)),
            ("1903e8", Value::Integer(1_000)),
            ("1a000f4240", Value::Integer(1_000_000)),
            ("1b000000e8d4a51000", Value::Integer(1_000_000_000_000)),
            ("20", Value::Integer(-1)),
            ("3903e7", Value::Integer(-1_000)),
            ("4401020304", Value::Bytes(&[1, 2, 3, 4])),
            ("62c3bc", Value::Text("ü")),
            ("f4", Value::Bool(false)),
            ("f5", Value::Bool(true)),
            ("f6", Value::Null),
            (
                "8201820203",
                Value::Array(vec![
                    Value::Integer(1),
                    Value::Array(vec![Value::Integer(2), Value::Integer(3)]),
                ]),
            ),
            (
                "a201020304",
                Value::Map(vec![
                    (Value::Integer(1), Value::Integer(2)),
                    (Value::Integer(3), Value::Integer(4)),
                ]),
            ),
        ] {
            assert_eq!(whole(&hex(text)), Some(value), "{text}");
        }
    }

    #[test]
    fn p05_what_is_no_canonical_cbor_is_not_read() {
        for (text, why) in [
            ("", "nothing"),
            ("0000", "more than one value"),
            ("1817", "a number longer than needed"),
            ("190017", "two bytes longer than needed"),
            ("1a0000ffff", "four bytes longer than needed"),
            ("1b00000000ffffffff", "eight bytes longer than needed"),
            ("1bffffffffffffffff", "more than 63 bits"),
            ("3bffffffffffffffff", "less than 63 bits"),
            ("5f42010243030405ff", "bytes of unknown length"),
            ("9fff", "an array of unknown length"),
            ("bfff", "a map of unknown length"),
            ("c100", "a tag"),
            ("f97e00", "a fraction"),
            ("fb3ff199999999999a", "a long fraction"),
            ("f7", "undefined"),
            ("f0", "an unassigned simple value"),
            ("ff", "a break"),
            ("1c", "a reserved length"),
            ("61ff", "text that is none"),
            ("44010203", "bytes that are cut off"),
            ("5bffffffffffffffff00", "more bytes than there are"),
            ("9bffffffffffffffff00", "more values than there are"),
            ("a10102a1", "something after a map"),
            ("a2010201020304", "a key twice"),
            ("a1400102", "bytes as a key"),
            ("a18001", "an array as a key"),
            ("8181818180", "five levels"),
        ] {
            assert_eq!(whole(&hex(text)), None, "{why}");
        }
        assert!(whole(&hex("81818180")).is_some(), "four levels");
    }

    #[test]
    fn p05_so_many_values_and_no_more_are_read() {
        let array = |count: u8| {
            let mut bytes = vec![0x98, count];
            bytes.extend(std::iter::repeat_n(0, usize::from(count)));
            bytes
        };
        assert!(whole(&array(255)).is_some());
        let mut nested = vec![0x82];
        nested.extend(array(200));
        nested.extend(array(200));
        assert_eq!(whole(&nested), None);
    }
}
