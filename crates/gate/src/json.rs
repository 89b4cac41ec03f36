//! Reads JSON (RFC 8259) into a type. serde's derives are compiled once for each type and each reader, so the reader decides how
//! large they become: this one reads structs from objects alone, knows no fractions, and says of an error only that it is there.

use core::fmt;

use serde::{
    Deserializer, de,
    de::{DeserializeOwned, DeserializeSeed, EnumAccess, MapAccess, SeqAccess, VariantAccess, Visitor},
    forward_to_deserialize_any,
};

/// Objects and lists inside each other. A deeper text is refused, because its reading could overflow the stack.
const MAX_DEPTH: u8 = 100;

/// The text is no JSON, or not of the wanted type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JsonError;

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no JSON of the expected form")
    }
}

impl core::error::Error for JsonError {}

impl de::Error for JsonError {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }

    // The defaults of these make sentences, each with its formatting.
    fn invalid_type(_: de::Unexpected<'_>, _: &dyn de::Expected) -> Self {
        Self
    }

    fn invalid_value(_: de::Unexpected<'_>, _: &dyn de::Expected) -> Self {
        Self
    }

    fn invalid_length(_: usize, _: &dyn de::Expected) -> Self {
        Self
    }

    fn unknown_variant(_: &str, _: &'static [&'static str]) -> Self {
        Self
    }

    fn unknown_field(_: &str, _: &'static [&'static str]) -> Self {
        Self
    }

    fn missing_field(_: &'static str) -> Self {
        Self
    }

    fn duplicate_field(_: &'static str) -> Self {
        Self
    }
}

type Outcome<T> = Result<T, JsonError>;

/// Reads a whole text.
///
/// # Errors
/// It is no JSON, is deeper than 100 levels, holds a number that is no whole number of 64 bits where one is wanted, or is not of this
/// type.
pub fn from_str<T: DeserializeOwned>(text: &str) -> Outcome<T> {
    let mut reader = Reader { text, at: 0, depth: 0 };
    let value = T::deserialize(&mut reader)?;
    if reader.peek().is_some() { Err(JsonError) } else { Ok(value) }
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    depth: u8,
}

enum Number {
    Positive(u64),
    Negative(i64),
}

impl Reader<'_> {
    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// The next byte that is no white space. It stays.
    fn peek(&mut self) -> Option<u8> {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.byte() {
            self.at += 1;
        }
        self.byte()
    }

    fn expect(&mut self, byte: u8) -> Outcome<()> {
        if self.peek() != Some(byte) {
            return Err(JsonError);
        }
        self.at += 1;
        Ok(())
    }

    fn literal(&mut self, word: &str) -> Outcome<()> {
        let rest = self.text.get(self.at..).ok_or(JsonError)?;
        if !rest.starts_with(word) {
            return Err(JsonError);
        }
        self.at += word.len();
        Ok(())
    }

    fn open(&mut self, byte: u8) -> Outcome<()> {
        self.depth += 1;
        if self.depth > MAX_DEPTH { Err(JsonError) } else { self.expect(byte) }
    }

    /// Goes on to the next member; `false` at the end, which is read. `first` is of the list or object.
    fn another(&mut self, first: &mut bool, end: u8) -> Outcome<bool> {
        if self.peek() == Some(end) {
            self.at += 1;
            self.depth -= 1;
            return Ok(false);
        }
        if !core::mem::replace(first, false) {
            self.expect(b',')?;
        }
        Ok(true)
    }

    fn string(&mut self) -> Outcome<String> {
        self.expect(b'"')?;
        let mut out = String::new();
        loop {
            let from = self.at;
            while self.byte().is_some_and(|byte| !matches!(byte, b'"' | b'\\' | 0..=0x1f)) {
                self.at += 1;
            }
            out.push_str(self.text.get(from..self.at).ok_or(JsonError)?);
            let end = self.byte().ok_or(JsonError)?;
            self.at += 1;
            match end {
                b'"' => return Ok(out),
                b'\\' => out.push(self.escape()?),
                _ => return Err(JsonError), // a control character
            }
        }
    }

    fn escape(&mut self) -> Outcome<char> {
        let letter = self.byte().ok_or(JsonError)?;
        self.at += 1;
        Ok(match letter {
            b'"' | b'\\' | b'/' => char::from(letter),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let first = self.hex()?;
                let code = if (0xd800..0xdc00).contains(&first) {
                    self.literal("\\u")?;
                    let second = self.hex()?.checked_sub(0xdc00).filter(|low| *low < 0x400).ok_or(JsonError)?;
                    0x1_0000 + ((first - 0xd800) << 10) + second
                } else {
                    first
                };
                char::from_u32(code).ok_or(JsonError)?
            }
            _ => return Err(JsonError),
        })
    }

    fn hex(&mut self) -> Outcome<u32> {
        let digits = self.text.get(self.at..self.at + 4).ok_or(JsonError)?;
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(JsonError);
        }
        self.at += 4;
        u32::from_str_radix(digits, 16).map_err(|_| JsonError)
    }

    /// The text of a number, as the grammar has it.
    fn digits(&mut self) -> Outcome<&str> {
        self.peek();
        let from = self.at;
        let run = |reader: &mut Self| {
            let begin = reader.at;
            while reader.byte().is_some_and(|byte| byte.is_ascii_digit()) {
                reader.at += 1;
            }
            if reader.at == begin { Err(JsonError) } else { Ok(()) }
        };
        if self.byte() == Some(b'-') {
            self.at += 1;
        }
        if self.byte() == Some(b'0') {
            self.at += 1;
        } else {
            run(self)?;
        }
        if self.byte() == Some(b'.') {
            self.at += 1;
            run(self)?;
        }
        if let Some(b'e' | b'E') = self.byte() {
            self.at += 1;
            if let Some(b'+' | b'-') = self.byte() {
                self.at += 1;
            }
            run(self)?;
        }
        self.text.get(from..self.at).ok_or(JsonError)
    }

    fn number(&mut self) -> Outcome<Number> {
        let digits = self.digits()?;
        let negative = || digits.parse().map(Number::Negative).map_err(|_| JsonError);
        if digits.starts_with('-') { negative() } else { digits.parse().map(Number::Positive).map_err(|_| JsonError) }
    }

    fn boolean(&mut self) -> Outcome<bool> {
        let value = self.peek() == Some(b't');
        self.literal(if value { "true" } else { "false" })?;
        Ok(value)
    }

    fn skip(&mut self) -> Outcome<()> {
        let mut first = true;
        match self.peek().ok_or(JsonError)? {
            b'"' => self.string().map(drop),
            b'{' => {
                self.open(b'{')?;
                while self.another(&mut first, b'}')? {
                    self.string()?;
                    self.expect(b':')?;
                    self.skip()?;
                }
                Ok(())
            }
            b'[' => {
                self.open(b'[')?;
                while self.another(&mut first, b']')? {
                    self.skip()?;
                }
                Ok(())
            }
            b't' | b'f' => self.boolean().map(drop),
            b'n' => self.literal("null"),
            _ => self.digits().map(drop),
        }
    }
}

impl<'de> Deserializer<'de> for &mut Reader<'_> {
    type Error = JsonError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Outcome<V::Value> {
        match self.peek().ok_or(JsonError)? {
            b'"' => visitor.visit_string(self.string()?),
            b'{' => self.deserialize_map(visitor),
            b'[' => self.deserialize_seq(visitor),
            b't' | b'f' => visitor.visit_bool(self.boolean()?),
            b'n' => {
                self.literal("null")?;
                visitor.visit_unit()
            }
            _ => self.deserialize_u64(visitor),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Outcome<V::Value> {
        if self.peek() != Some(b'n') {
            return visitor.visit_some(self);
        }
        self.literal("null")?;
        visitor.visit_none()
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Outcome<V::Value> {
        visitor.visit_bool(self.boolean()?)
    }

    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Outcome<V::Value> {
        match self.number()? {
            Number::Positive(value) => visitor.visit_u64(value),
            Number::Negative(value) => visitor.visit_i64(value),
        }
    }

    fn deserialize_i64<V: Visitor<'de>>(self, visitor: V) -> Outcome<V::Value> {
        self.deserialize_u64(visitor)
    }

    fn deserialize_u32<V: Visitor<'de>>(self, visitor: V) -> Outcome<V::Value> {
        self.deserialize_u64(visitor)
    }

    fn deserialize_u8<V: Visitor<'de>>(self, visitor: V) -> Outcome<V::Value> {
        self.deserialize_u64(visitor)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Outcome<V::Value> {
        visitor.visit_string(self.string()?)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Outcome<V::Value> {
        visitor.visit_str(&self.string()?)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Outcome<V::Value> {
        visitor.visit_str(&self.string()?)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Outcome<V::Value> {
        self.open(b'[')?;
        let mut members = Members { reader: self, first: true, over: false };
        let value = visitor.visit_seq(&mut members)?;
        members.finish(b']')?;
        Ok(value)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Outcome<V::Value> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(self, _: &'static str, _: usize, visitor: V) -> Outcome<V::Value> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Outcome<V::Value> {
        self.open(b'{')?;
        let mut members = Members { reader: self, first: true, over: false };
        let value = visitor.visit_map(&mut members)?;
        members.finish(b'}')?;
        Ok(value)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Outcome<V::Value> {
        self.deserialize_map(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Outcome<V::Value> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Outcome<V::Value> {
        if self.peek() == Some(b'"') {
            return visitor.visit_enum(Variant { reader: self, has_content: false });
        }
        self.open(b'{')?;
        let value = visitor.visit_enum(Variant { reader: &mut *self, has_content: true })?;
        self.expect(b'}')?;
        self.depth -= 1;
        Ok(value)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Outcome<V::Value> {
        self.skip()?;
        visitor.visit_unit()
    }

    forward_to_deserialize_any! { i8 i16 i32 u16 f32 f64 char bytes byte_buf unit unit_struct }
}

/// The members of a list or an object.
struct Members<'r, 't> {
    reader: &'r mut Reader<'t>,
    first: bool,
    over: bool,
}

impl Members<'_, '_> {
    fn another(&mut self, end: u8) -> Outcome<bool> {
        self.over = self.over || !self.reader.another(&mut self.first, end)?;
        Ok(!self.over)
    }

    /// A visitor of a tuple does not ask for the end.
    fn finish(mut self, end: u8) -> Outcome<()> {
        if self.another(end)? { Err(JsonError) } else { Ok(()) }
    }
}

impl<'de> SeqAccess<'de> for &mut Members<'_, '_> {
    type Error = JsonError;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Outcome<Option<S::Value>> {
        if self.another(b']')? { seed.deserialize(&mut *self.reader).map(Some) } else { Ok(None) }
    }
}

impl<'de> MapAccess<'de> for &mut Members<'_, '_> {
    type Error = JsonError;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Outcome<Option<S::Value>> {
        if !self.another(b'}')? {
            return Ok(None);
        }
        // A key that is no string is no JSON, whatever type the map has.
        if self.reader.peek() != Some(b'"') {
            return Err(JsonError);
        }
        seed.deserialize(&mut *self.reader).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Outcome<S::Value> {
        self.reader.expect(b':')?;
        seed.deserialize(&mut *self.reader)
    }
}

/// One variant of an enum: a text alone, or an object with its content.
struct Variant<'r, 't> {
    reader: &'r mut Reader<'t>,
    has_content: bool,
}

impl<'de> EnumAccess<'de> for Variant<'_, '_> {
    type Error = JsonError;
    type Variant = Self;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Outcome<(S::Value, Self)> {
        let variant = seed.deserialize(&mut *self.reader)?;
        if self.has_content {
            self.reader.expect(b':')?;
        }
        Ok((variant, self))
    }
}

impl<'de> VariantAccess<'de> for Variant<'_, '_> {
    type Error = JsonError;

    fn unit_variant(self) -> Outcome<()> {
        if self.has_content {
            self.reader.peek().ok_or(JsonError).and_then(|_| self.reader.literal("null"))
        } else {
            Ok(())
        }
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Outcome<S::Value> {
        if self.has_content { seed.deserialize(self.reader) } else { Err(JsonError) }
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Outcome<V::Value> {
        if self.has_content { self.reader.deserialize_seq(visitor) } else { Err(JsonError) }
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], visitor: V) -> Outcome<V::Value> {
        if self.has_content { self.reader.deserialize_map(visitor) } else { Err(JsonError) }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use serde::{Deserialize, Serialize};
    use serde_json::Value;

    use super::*;

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    enum Shape {
        Dot,
        Text(String),
        Pair(u8, Option<bool>),
        Named { at: i64, more: Vec<Shape> },
        Map(BTreeMap<String, u64>),
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Strict {
        one: u64,
        #[serde(default)]
        two: Option<String>,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    struct Loose {
        one: u64,
    }

    fn shapes() -> impl Strategy<Value = Shape> {
        let leaf = prop_oneof![
            Just(Shape::Dot),
            any::<String>().prop_map(Shape::Text),
            (any::<u8>(), any::<Option<bool>>()).prop_map(|(one, two)| Shape::Pair(one, two)),
            prop::collection::btree_map(any::<String>(), any::<u64>(), 0..3).prop_map(Shape::Map),
        ];
        leaf.prop_recursive(3, 12, 3, |inner| {
            (any::<i64>(), prop::collection::vec(inner, 0..3)).prop_map(|(at, more)| Shape::Named { at, more })
        })
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(shape in shapes(), pretty in any::<bool>()) {
            let text = if pretty { serde_json::to_string_pretty(&shape) } else { serde_json::to_string(&shape) }.unwrap();
            prop_assert_eq!(from_str::<Shape>(&text), Ok(shape));
        }

        /// Pieces of JSON in any order: what this reader takes, serde_json takes, and the same.
        #[test]
        fn it_takes_nothing_that_serde_json_refuses(pieces in prop::collection::vec(prop::sample::select(vec![
            "{", "}", "[", "]", ":", ",", "\"a\"", "\"\\u00e9\"", "\"\\ud83d\\ude00\"", "\"\\ud83d\"", "\"\u{1}\"", "1", "-1", "01", "1.5", "1e2", "-", "true",
            "nul", "null", " ", "\n", "\"", "x", "18446744073709551616",
        ]), 0..9)) {
            let text = pieces.concat();
            if let Ok(value) = from_str::<Value>(&text) {
                prop_assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value, "{}", text);
            }
            let ignored = from_str::<de::IgnoredAny>(&text).is_ok();
            prop_assert_eq!(ignored, serde_json::from_str::<de::IgnoredAny>(&text).is_ok() && !text.contains("ud83d\""), "{}", text);
        }
    }

    #[test]
    fn a_struct_is_an_object_with_its_keys_alone() {
        let strict = |text: &str| from_str::<Strict>(text).ok();
        assert_eq!(strict(r#" { "one" : 1 } "#), Some(Strict { one: 1, two: None }));
        assert_eq!(strict(r#"{"two":null,"one":1}"#), Some(Strict { one: 1, two: None }));
        for wrong in [
            r#"{"one":1,"three":1}"#, // unknown
            r#"{"one":1,"one":2}"#,   // twice
            r#"{}"#,
            r#"{"one":-1}"#,
            r#"{"one":1.0}"#,
            r#"{"one":"1"}"#,
            r#"{"one":1,}"#,
            r#"{"one":1}x"#,
            r#"{"one":1"#,
            r#"{one:1}"#,
            r#"[1]"#,
            "",
        ] {
            assert_eq!(strict(wrong), None, "{wrong}");
        }
        let more = r#"{"a":[1.5e3,{"b":[]},"\u00e9",null,true],"one":7,"z":{}}"#;
        assert_eq!(from_str::<Loose>(more), Ok(Loose { one: 7 }), "unknown values of every kind are passed over");
    }

    #[test]
    fn a_deep_text_is_refused() {
        let deep = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
        let read =
            |levels| (from_str::<Value>(&deep(levels)).is_ok(), from_str::<de::IgnoredAny>(&deep(levels)).is_ok());
        assert_eq!(read(100), (true, true));
        assert_eq!(read(101), (false, false));
        assert_eq!(read(100_000), (false, false));
    }
}
