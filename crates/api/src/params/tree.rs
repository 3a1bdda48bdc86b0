//! Puts `a[b][]=c` where it belongs in a tree of JSON values.

use serde_json::{Map, Value};

/// More parameters than any client sends.
pub(super) const MOST_PARAMETERS: usize = 1000;
/// Deeper than any client nests.
const DEEPEST: usize = 6;

/// An empty tree.
pub(super) fn empty() -> Value {
    Value::Object(Map::new())
}

/// Puts a value under a name such as `poll[options][]`.
pub(super) fn insert(tree: &mut Value, name: &str, value: Value) -> Result<(), String> {
    let path = split(name)?;
    place(tree, &path, value);
    Ok(())
}

/// `a[b][]` as its steps `a`, `b` and the empty one that appends.
fn split(name: &str) -> Result<Vec<&str>, String> {
    let (first, mut rest) = match name.find('[') {
        Some(at) if at > 0 => name.split_at(at),
        _ => (name, ""),
    };
    let mut path = vec![first];
    while let Some((step, after)) = rest.strip_prefix('[').and_then(|inner| inner.split_once(']')) {
        path.push(step);
        rest = after;
        if path.len() > DEEPEST {
            return Err("The parameters are nested too deeply".into());
        }
    }
    Ok(path)
}

fn place(node: &mut Value, path: &[&str], value: Value) {
    let Some((step, rest)) = path.split_first() else {
        *node = value;
        return;
    };
    if step.is_empty() {
        append(node, rest, value);
    } else {
        if !node.is_object() {
            *node = Value::Object(Map::new());
        }
        if let Value::Object(entries) = node {
            place(entries.entry((*step).to_owned()).or_insert(Value::Null), rest, value);
        }
    }
}

/// `a[]` appends; `a[][b]` fills the last entry until it has a `b`.
fn append(node: &mut Value, rest: &[&str], value: Value) {
    if !node.is_array() {
        *node = Value::Array(Vec::new());
    }
    let Value::Array(entries) = node else { return };
    if let (Some(key), Some(Value::Object(last))) = (rest.first(), entries.last())
        && !last.contains_key(*key)
    {
        if let Some(last) = entries.last_mut() {
            place(last, rest, value);
        }
        return;
    }
    let mut entry = Value::Null;
    place(&mut entry, rest, value);
    entries.push(entry);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn tree(pairs: &[(&str, &str)]) -> Value {
        let mut tree = empty();
        for (name, value) in pairs {
            insert(&mut tree, name, Value::String((*value).to_owned())).unwrap();
        }
        tree
    }

    #[test]
    fn names_nest_as_rails_nests_them() {
        assert_eq!(
            tree(&[
                ("status", "hi"),
                ("poll[options][]", "a"),
                ("poll[options][]", "b"),
                ("poll[expires_in]", "300")
            ]),
            json!({"status": "hi", "poll": {"options": ["a", "b"], "expires_in": "300"}})
        );
        assert_eq!(
            tree(&[("fields_attributes[0][name]", "n"), ("fields_attributes[0][value]", "v")]),
            json!({"fields_attributes": {"0": {"name": "n", "value": "v"}}})
        );
        assert_eq!(
            tree(&[("k[][a]", "1"), ("k[][b]", "2"), ("k[][a]", "3")]),
            json!({"k": [{"a": "1", "b": "2"}, {"a": "3"}]})
        );
    }

    #[test]
    fn p02_deep_nesting_is_refused() {
        assert!(insert(&mut empty(), &format!("a{}", "[b]".repeat(50)), Value::Null).is_err());
        assert!(insert(&mut empty(), "[", Value::Null).is_ok());
    }
}
