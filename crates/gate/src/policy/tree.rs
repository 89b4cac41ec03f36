//! TOML and JSON as one tree, so that one reader serves both. A duplicate key is refused: either value may be the
//! intended one.

use core::fmt;

use json::JsonError;
use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Value};

/// The parsed text of a policy.
pub(super) struct Tree(pub(super) Value);

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TreeVisitor).map(Self)
    }
}

struct TreeVisitor;

impl<'de> Visitor<'de> for TreeVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, a whole number, true or false, a list or a table")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(Tree(value)) = list.next_element()? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut table: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some((key, Tree(value))) = table.next_entry::<String, Tree>()? {
            if map.insert(key, value).is_some() {
                return Err(A::Error::custom("a key stands twice"));
            }
        }
        Ok(Value::Object(map))
    }
}

/// The same of JSON alone, for the Worker, which has no serde: the same text becomes the same canonical text, or neither is taken.
pub(super) fn canonical(value: &mut json::Value) -> Result<(), JsonError> {
    match value {
        json::Value::Null => Err(JsonError),
        json::Value::Bool(_) | json::Value::Text(_) => Ok(()),
        json::Value::Number(digits) => {
            let whole = digits.parse().map(|number: u64| number.to_string());
            *digits = whole.or_else(|_| digits.parse().map(|number: i64| number.to_string())).map_err(|_| JsonError)?;
            Ok(())
        }
        json::Value::List(values) => values.iter_mut().try_for_each(canonical),
        json::Value::Map(members) => {
            base::order::sort_long(members, |(one, _), (next, _)| one < next);
            if members.iter().zip(members.iter().skip(1)).any(|((one, _), (next, _))| one == next) {
                return Err(JsonError);
            }
            members.iter_mut().try_for_each(|(_, value)| canonical(value))
        }
    }
}
