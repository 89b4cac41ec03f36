//! JSON (RFC 8259) as values: one bounded reader for all apps instead of a derived one for each. Strings are wiped on
//! drop, because files of password managers are full of passwords.

use alloc::{borrow::ToOwned, string::String, vec::Vec};

use base::JsonWriter;

use crate::wipe::Zeroizing;

use crate::BackupError;

/// Deeper than the nesting of any export.
const MAX_DEPTH: u32 = 64;
/// Enough for ten thousand accounts of a hundred values each.
const MAX_VALUES: u32 = 1_000_000;

/// A value. Numbers are integers: a fraction or an exponent is ignored, because no export has a meaningful one.
pub(crate) enum Value {
    Null,
    Bool(bool),
    Number(i64),
    Text(Zeroizing<String>),
    List(Vec<Self>),
    Object(Vec<(String, Self)>),
}

static NULL: Value = Value::Null;

impl Value {
    /// Reads a whole document.
    pub(crate) fn read(text: &str) -> Result<Self, BackupError> {
        let mut reader = Reader { rest: text.as_bytes(), left: MAX_VALUES };
        let value = reader.value(MAX_DEPTH)?;
        reader.space();
        if reader.rest.is_empty() { Ok(value) } else { Err(BackupError::Damaged) }
    }

    /// The field of an object; the last one of duplicates, as in JavaScript.
    #[inline(never)]
    pub(crate) fn get(&self, name: &str) -> &Self {
        self.fields().iter().rev().find(|(known, _)| known == name).map_or(&NULL, |(_, value)| value)
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.fields().iter().any(|(known, _)| known == name)
    }

    /// The first of these fields that exists and is not null.
    #[inline(never)]
    pub(crate) fn any(&self, names: &[&str]) -> &Self {
        names.iter().map(|name| self.get(name)).find(|value| !matches!(value, Self::Null)).unwrap_or(&NULL)
    }

    pub(crate) fn fields(&self) -> &[(String, Self)] {
        if let Self::Object(fields) = self { fields } else { &[] }
    }

    #[inline(never)]
    pub(crate) fn list(&self) -> &[Self] {
        if let Self::List(list) = self { list } else { &[] }
    }

    /// The string; empty for other values.
    #[inline(never)]
    pub(crate) fn text(&self) -> &str {
        if let Self::Text(text) = self { text } else { "" }
    }

    /// The trimmed string, owned; empty for other values.
    #[inline(never)]
    pub(crate) fn owned(&self) -> String {
        self.text().trim().to_owned()
    }

    /// An integer, also from a string.
    #[inline(never)]
    pub(crate) fn int(&self) -> Option<i64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Text(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    /// A boolean, also from a string or number.
    #[inline(never)]
    pub(crate) fn bool(&self) -> bool {
        match self {
            Self::Bool(bool) => *bool,
            Self::Number(number) => *number != 0,
            Self::Text(text) => text.trim().eq_ignore_ascii_case("true") || text.trim() == "1",
            _ => false,
        }
    }

    pub(crate) fn is_object(&self) -> bool {
        matches!(self, Self::Object(_))
    }

    pub(crate) fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The bytes of a list of numbers. Java writes signed bytes.
    #[inline(never)]
    pub(crate) fn bytes(&self) -> Option<Zeroizing<Vec<u8>>> {
        let byte = |value: &Self| match value {
            Self::Number(number @ -128..=255) => number.to_le_bytes().first().copied(),
            _ => None,
        };
        let Self::List(list) = self else { return None };
        list.iter().map(byte).collect::<Option<Vec<u8>>>().map(Zeroizing::new)
    }

    /// Writes the value as JSON, to keep an entry that cannot be imported. Fields with a text over `longest` are left out.
    pub(crate) fn write(&self, pen: &mut JsonWriter, longest: usize) {
        match self {
            Self::Null => pen.raw("null"),
            Self::Bool(bool) => pen.bool(*bool),
            Self::Number(number) => pen.number(*number),
            Self::Text(text) => pen.text(text),
            Self::List(list) => pen.list(|pen| list.iter().for_each(|value| value.write(pen, longest))),
            Self::Object(fields) => pen.object(|pen| {
                for (name, value) in fields.iter().filter(|(_, value)| value.text().len() <= longest) {
                    value.write(pen.name(name), longest);
                }
            }),
        }
    }
}

/// More digits than any whole number that is used.
const MAX_PLACES: i64 = 20;

struct Reader<'t> {
    rest: &'t [u8],
    left: u32,
}

type Read<T> = Result<T, BackupError>;

impl Reader<'_> {
    fn space(&mut self) {
        self.rest = self.rest.trim_ascii_start();
    }

    fn next(&mut self) -> Read<u8> {
        let (first, rest) = self.rest.split_first().ok_or(BackupError::Damaged)?;
        self.rest = rest;
        Ok(*first)
    }

    fn eat(&mut self, byte: u8) -> bool {
        self.space();
        let rest = self.rest.strip_prefix(&[byte]);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn word(&mut self, word: &[u8], value: Value) -> Read<Value> {
        self.rest = self.rest.strip_prefix(word).ok_or(BackupError::Damaged)?;
        Ok(value)
    }

    fn value(&mut self, depth: u32) -> Read<Value> {
        let inside = depth.checked_sub(1).ok_or(BackupError::Hostile)?;
        self.left = self.left.checked_sub(1).ok_or(BackupError::TooLarge)?;
        self.space();
        match self.rest.first().ok_or(BackupError::Damaged)? {
            b'n' => self.word(b"null", Value::Null),
            b't' => self.word(b"true", Value::Bool(true)),
            b'f' => self.word(b"false", Value::Bool(false)),
            b'"' => self.string().map(Value::Text),
            b'[' => {
                let mut list = Vec::new();
                self.items(b'[', b']', |reader| {
                    list.push(reader.value(inside)?);
                    Ok(())
                })?;
                Ok(Value::List(list))
            }
            b'{' => {
                let mut fields = Vec::new();
                self.items(b'{', b'}', |reader| {
                    reader.space();
                    let mut name = reader.string()?;
                    if !reader.eat(b':') {
                        return Err(BackupError::Damaged);
                    }
                    fields.push((core::mem::take(&mut *name), reader.value(inside)?));
                    Ok(())
                })?;
                Ok(Value::Object(fields))
            }
            _ => self.number().map(Value::Number),
        }
    }

    fn items(&mut self, open: u8, close: u8, mut item: impl FnMut(&mut Self) -> Read<()>) -> Read<()> {
        self.eat(open);
        if self.eat(close) {
            return Ok(());
        }
        loop {
            item(self)?;
            if self.eat(close) {
                return Ok(());
            }
            if !self.eat(b',') {
                return Err(BackupError::Damaged);
            }
        }
    }

    fn number(&mut self) -> Read<i64> {
        let length =
            self.rest.iter().take_while(|b| matches!(b, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E')).count();
        let (digits, rest) = self.rest.split_at_checked(length).ok_or(BackupError::Damaged)?;
        self.rest = rest;
        let (sign, digits) = digits.strip_prefix(b"-").map_or((1, digits), |digits| (-1, digits));
        if !digits.first().is_some_and(u8::is_ascii_digit) {
            return Err(BackupError::Damaged);
        }
        let mut parts = digits.splitn(2, |byte| matches!(byte, b'e' | b'E'));
        let mantissa = parts.next().unwrap_or_default();
        let exponent = parts.next().map_or(Some(0), |text| str::from_utf8(text).ok()?.parse().ok());
        let exponent: i64 = exponent.ok_or(BackupError::Damaged)?;
        let whole = mantissa.iter().take_while(|byte| **byte != b'.').count();
        // The places before the point, wherever the exponent moves it; what is behind it is cut off.
        let places = exponent.saturating_add_unsigned(whole.try_into().unwrap_or(u64::MAX)).clamp(0, MAX_PLACES);
        let mut digits = mantissa.iter().filter(|byte| **byte != b'.');
        let digit = |_| digits.next().map_or(Ok(0), |byte| char::from(*byte).to_digit(10).ok_or(BackupError::Damaged));
        (0..places)
            .map(digit)
            .try_fold(0_i64, |sum, digit| Ok(sum.saturating_mul(10).saturating_add(sign * i64::from(digit?))))
    }

    fn string(&mut self) -> Read<Zeroizing<String>> {
        if self.next()? != b'"' {
            return Err(BackupError::Damaged);
        }
        // The decoded string is never longer than its JSON, so it never reallocates, which would leave an unwiped copy.
        let mut text = Zeroizing::new(Vec::with_capacity(self.length()));
        loop {
            match self.next()? {
                b'"' => break,
                b'\\' => {
                    let char = self.escape()?;
                    text.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes());
                }
                byte => text.push(byte),
            }
        }
        match String::from_utf8(core::mem::take(&mut *text)) {
            Ok(text) => Ok(Zeroizing::new(text)),
            Err(_) => Err(BackupError::Damaged),
        }
    }

    fn length(&self) -> usize {
        let mut escaped = false;
        let ends = |byte: &u8| {
            let ends = *byte == b'"' && !escaped;
            escaped = *byte == b'\\' && !escaped;
            ends
        };
        self.rest.iter().position(ends).unwrap_or(0)
    }

    fn escape(&mut self) -> Read<char> {
        Ok(match self.next()? {
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let first = self.hex()?;
                let mut code = first;
                if (0xD800..0xDC00).contains(&first) {
                    let before = self.rest;
                    if let Some(rest) = self.rest.strip_prefix(b"\\u") {
                        self.rest = rest;
                        match self.hex()?.checked_sub(0xDC00) {
                            Some(low @ 0..0x400) => code = 0x1_0000 + ((first - 0xD800) << 10) + low,
                            _ => self.rest = before,
                        }
                    }
                }
                char::from_u32(code).unwrap_or('\u{fffd}')
            }
            byte @ (b'"' | b'\\' | b'/' | b'\'') => char::from(byte),
            _ => return Err(BackupError::Damaged),
        })
    }

    fn hex(&mut self) -> Read<u32> {
        let mut code = 0;
        for _ in 0..4 {
            code = code << 4 | char::from(self.next()?).to_digit(16).ok_or(BackupError::Damaged)?;
        }
        Ok(code)
    }
}
