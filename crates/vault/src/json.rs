//! JSON as far as a vault needs it: texts, whole numbers, yes and no, lists and objects. By hand, because a general reader
//! is half the size of the vault, and because every text in here is wiped on drop. The tests hold it against `serde_json`.

use base::JsonWriter;
use zeroize::Zeroizing;

/// Deeper than the content of a vault ever is (`FORMAT.md`, "The content").
const MAX_DEPTH: u8 = 16;

/// Something that is not the JSON that was expected. What exactly is nobody's business: it may hold a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unreadable;

pub(crate) type Read<T> = Result<T, Unreadable>;

/// A value. A text is wiped on drop.
pub(crate) enum Value {
    Null,
    Bool(bool),
    /// 0 to 2^64 - 1, and nothing else: no sign, no fraction, no exponent.
    Number(u64),
    Text(Zeroizing<String>),
    List(Vec<Self>),
    Object(Fields),
}

/// The fields of an object, in their order; no name stands twice.
#[derive(Default)]
pub(crate) struct Fields(Vec<(Zeroizing<String>, Value)>);

impl Fields {
    pub(crate) fn new(fields: Vec<(&str, Value)>) -> Self {
        Self(fields.into_iter().map(|(name, value)| (Zeroizing::new(name.to_owned()), value)).collect())
    }

    /// Fields that were read and not understood, as they were.
    pub(crate) fn write(&self, writer: &mut JsonWriter) {
        for (name, value) in &self.0 {
            value.write(writer.name(name));
        }
    }

    /// Takes a field out. `null` is as good as absent: JavaScript has both.
    pub(crate) fn take(&mut self, name: &str) -> Option<Value> {
        let at = self.0.iter().position(|(n, _)| n.as_str() == name)?;
        Some(self.0.remove(at).1).filter(|value| !matches!(value, Value::Null))
    }

    pub(crate) fn text(&mut self, name: &str) -> Read<Option<Zeroizing<String>>> {
        self.take(name).map(Value::text).transpose()
    }

    /// A text that is no secret.
    pub(crate) fn plain(&mut self, name: &str) -> Read<Option<String>> {
        Ok(self.text(name)?.map(|mut text| core::mem::take(&mut *text)))
    }

    pub(crate) fn number(&mut self, name: &str) -> Read<Option<u64>> {
        let number = |value| if let Value::Number(number) = value { Ok(number) } else { Err(Unreadable) };
        self.take(name).map(number).transpose()
    }

    pub(crate) fn bool(&mut self, name: &str) -> Read<Option<bool>> {
        let bool = |value| if let Value::Bool(bool) = value { Ok(bool) } else { Err(Unreadable) };
        self.take(name).map(bool).transpose()
    }

    pub(crate) fn list(&mut self, name: &str) -> Read<Option<Vec<Value>>> {
        let list = |value| if let Value::List(list) = value { Ok(list) } else { Err(Unreadable) };
        self.take(name).map(list).transpose()
    }

    /// The fields that nobody took, to be written back; refused where the format has no room for them.
    pub(crate) fn kept(self, has_room: bool) -> Read<Self> {
        if has_room { Ok(self) } else { self.end().map(|()| Self::default()) }
    }

    /// Whether every field was taken: an unknown one is refused, never skipped.
    pub(crate) fn end(self) -> Read<()> {
        if self.0.iter().all(|(_, value)| matches!(value, Value::Null)) { Ok(()) } else { Err(Unreadable) }
    }
}

impl Value {
    pub(crate) fn write(&self, writer: &mut JsonWriter) {
        match self {
            Self::Null => writer.null(),
            Self::Bool(bool) => writer.bool(*bool),
            Self::Number(number) => writer.number(*number),
            Self::Text(text) => writer.text(text),
            Self::List(list) => writer.list(|w| list.iter().for_each(|value| value.write(w))),
            Self::Object(fields) => writer.object(|w| fields.write(w)),
        }
    }

    pub(crate) fn text(self) -> Read<Zeroizing<String>> {
        if let Self::Text(text) = self { Ok(text) } else { Err(Unreadable) }
    }

    pub(crate) fn object(self) -> Read<Fields> {
        if let Self::Object(fields) = self { Ok(fields) } else { Err(Unreadable) }
    }
}

/// Reads one value and nothing behind it (RFC 8259).
pub(crate) fn read(json: &str) -> Read<Value> {
    let mut reader = Reader(json.as_bytes());
    let value = reader.value(MAX_DEPTH)?;
    reader.space();
    if reader.0.is_empty() { Ok(value) } else { Err(Unreadable) }
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn space(&mut self) {
        self.0 = self.0.trim_ascii_start();
    }

    fn next(&mut self) -> Read<u8> {
        let (first, rest) = self.0.split_first().ok_or(Unreadable)?;
        self.0 = rest;
        Ok(*first)
    }

    /// Takes this byte, after any space.
    fn eat(&mut self, byte: u8) -> bool {
        self.space();
        let here = self.0.first() == Some(&byte);
        if here {
            self.0 = self.0.get(1..).unwrap_or_default();
        }
        here
    }

    fn word(&mut self, word: &[u8], value: Value) -> Read<Value> {
        self.0 = self.0.strip_prefix(word).ok_or(Unreadable)?;
        Ok(value)
    }

    fn value(&mut self, depth: u8) -> Read<Value> {
        let inside = depth.checked_sub(1).ok_or(Unreadable)?;
        self.space();
        match self.0.first().ok_or(Unreadable)? {
            b'n' => self.word(b"null", Value::Null),
            b't' => self.word(b"true", Value::Bool(true)),
            b'f' => self.word(b"false", Value::Bool(false)),
            b'"' => self.string().map(Value::Text),
            b'[' => self.list(inside).map(Value::List),
            b'{' => self.object(inside).map(Value::Object),
            _ => self.number().map(Value::Number),
        }
    }

    fn list(&mut self, depth: u8) -> Read<Vec<Value>> {
        let mut list = Vec::new();
        self.eat(b'[');
        if self.eat(b']') {
            return Ok(list);
        }
        loop {
            list.push(self.value(depth)?);
            if self.eat(b']') {
                return Ok(list);
            }
            self.comma()?;
        }
    }

    fn object(&mut self, depth: u8) -> Read<Fields> {
        let mut fields = Fields(Vec::new());
        self.eat(b'{');
        if self.eat(b'}') {
            return Ok(fields);
        }
        loop {
            self.space();
            let name = self.string()?;
            if fields.0.iter().any(|(other, _)| *other == name) || !self.eat(b':') {
                return Err(Unreadable);
            }
            fields.0.push((name, self.value(depth)?));
            if self.eat(b'}') {
                return Ok(fields);
            }
            self.comma()?;
        }
    }

    fn comma(&mut self) -> Read<()> {
        if self.eat(b',') { Ok(()) } else { Err(Unreadable) }
    }

    fn number(&mut self) -> Read<u64> {
        let length = self.0.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (digits, rest) = self.0.split_at_checked(length).ok_or(Unreadable)?;
        let goes_on = matches!(rest.first(), Some(b'.' | b'e' | b'E'));
        if digits.is_empty() || goes_on || (length > 1 && digits.first() == Some(&b'0')) {
            return Err(Unreadable);
        }
        self.0 = rest;
        let add = |sum: u64, digit: &u8| sum.checked_mul(10)?.checked_add(u64::from(digit - b'0'));
        digits.iter().try_fold(0, add).ok_or(Unreadable)
    }

    fn string(&mut self) -> Read<Zeroizing<String>> {
        if self.next()? != b'"' {
            return Err(Unreadable);
        }
        // Never longer than it is written, so it never moves and leaves no copy behind.
        let mut text = Zeroizing::new(Vec::with_capacity(self.length()));
        loop {
            match self.next()? {
                b'"' => break,
                b'\\' => {
                    let char = self.escape()?;
                    text.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes());
                }
                0..=0x1F => return Err(Unreadable),
                byte => text.push(byte),
            }
        }
        let text = core::str::from_utf8(&text).map_err(|_| Unreadable)?;
        Ok(Zeroizing::new(text.to_owned()))
    }

    /// How many bytes stand before the closing quote.
    fn length(&self) -> usize {
        let mut escaped = false;
        let ends = |byte: &u8| {
            let ends = *byte == b'"' && !escaped;
            escaped = *byte == b'\\' && !escaped;
            ends
        };
        self.0.iter().position(ends).unwrap_or(0)
    }

    fn escape(&mut self) -> Read<char> {
        Ok(match self.next()? {
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let first = self.hex()?;
                let code = if (0xD800..0xDC00).contains(&first) {
                    let second = if self.next()? == b'\\' && self.next()? == b'u' { self.hex()? } else { 0 };
                    let low = second.checked_sub(0xDC00).filter(|low| *low < 0x400).ok_or(Unreadable)?;
                    0x1_0000 + ((first - 0xD800) << 10) + low
                } else {
                    first
                };
                char::from_u32(code).ok_or(Unreadable)?
            }
            _ => return Err(Unreadable),
        })
    }

    fn hex(&mut self) -> Read<u32> {
        let mut code = 0;
        for _ in 0..4 {
            code = code << 4 | char::from(self.next()?).to_digit(16).ok_or(Unreadable)?;
        }
        Ok(code)
    }
}

#[cfg(test)]
mod tests;
