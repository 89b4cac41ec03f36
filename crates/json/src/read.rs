//! Reading. It says of an error only that it is there: nobody sees more of the texts that programs exchange.

use core::fmt;
use std::{borrow::Cow, collections::BTreeMap};

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

type Outcome<T> = Result<T, JsonError>;

/// A value that can be read from JSON. It is read in place, so that the fields of a struct are a table of references: the loop
/// over the members of an object is compiled once, for all types.
pub trait FromJson {
    /// A value to read into. It means nothing.
    fn blank() -> Self
    where
        Self: Sized;

    /// Reads the next value of a text into this one.
    ///
    /// # Errors
    /// It is no JSON or not of this type. This one is then of no use.
    fn read(&mut self, from: &mut Reader<'_>) -> Outcome<()>;
}

/// Reads a whole text.
///
/// # Errors
/// It is no JSON, is deeper than 100 levels, holds a number that is no whole number of 64 bits where one is wanted, or is not of this
/// type.
pub fn from_str<T: FromJson>(text: &str) -> Outcome<T> {
    let mut value = T::blank();
    whole(text, &mut value).map(|()| value)
}

fn whole(text: &str, value: &mut dyn FromJson) -> Outcome<()> {
    let mut reader = Reader::new(text);
    value.read(&mut reader)?;
    if reader.peek().is_some() { Err(JsonError) } else { Ok(()) }
}

/// A text, and how far it is read.
pub struct Reader<'t> {
    text: &'t str,
    at: usize,
    depth: u8,
}

impl<'t> Reader<'t> {
    pub(crate) const fn new(text: &'t str) -> Self {
        Self { text, at: 0, depth: 0 }
    }

    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// The next byte that is no white space. It stays.
    pub(crate) fn peek(&mut self) -> Option<u8> {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.byte() {
            self.at += 1;
        }
        self.byte()
    }

    pub(crate) fn expect(&mut self, byte: u8) -> Outcome<()> {
        if self.peek() != Some(byte) {
            return Err(JsonError);
        }
        self.at += 1;
        Ok(())
    }

    pub(crate) fn literal(&mut self, word: &str) -> Outcome<()> {
        let rest = self.text.get(self.at..).ok_or(JsonError)?;
        if !rest.starts_with(word) {
            return Err(JsonError);
        }
        self.at += word.len();
        Ok(())
    }

    pub(crate) fn open(&mut self, byte: u8) -> Outcome<()> {
        self.depth += 1;
        if self.depth > MAX_DEPTH { Err(JsonError) } else { self.expect(byte) }
    }

    /// Goes on to the next member; `false` at the end, which is read. `first` is of the list or object.
    pub(crate) fn another(&mut self, first: &mut bool, end: u8) -> Outcome<bool> {
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

    /// The name of a member, and its colon.
    pub(crate) fn name(&mut self) -> Outcome<Cow<'t, str>> {
        let name = self.string()?;
        self.expect(b':')?;
        Ok(name)
    }

    /// A text.
    ///
    /// # Errors
    /// There is none.
    pub fn string(&mut self) -> Outcome<Cow<'t, str>> {
        self.expect(b'"')?;
        let mut out = String::new();
        loop {
            let from = self.at;
            while self.byte().is_some_and(|byte| !matches!(byte, b'"' | b'\\' | 0..=0x1f)) {
                self.at += 1;
            }
            let plain = self.text.get(from..self.at).ok_or(JsonError)?;
            let end = self.byte().ok_or(JsonError)?;
            self.at += 1;
            match end {
                b'"' if out.is_empty() => return Ok(Cow::Borrowed(plain)),
                b'"' => {
                    out.push_str(plain);
                    return Ok(Cow::Owned(out));
                }
                b'\\' => {
                    out.push_str(plain);
                    out.push(self.escape()?);
                }
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
    pub(crate) fn digits(&mut self) -> Outcome<&'t str> {
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

    fn unsigned(&mut self) -> Outcome<u64> {
        self.digits()?.parse().map_err(|_| JsonError)
    }

    fn signed(&mut self) -> Outcome<i64> {
        self.digits()?.parse().map_err(|_| JsonError)
    }

    pub(crate) fn boolean(&mut self) -> Outcome<bool> {
        let value = self.peek() == Some(b't');
        self.literal(if value { "true" } else { "false" })?;
        Ok(value)
    }

    pub(crate) fn skip(&mut self) -> Outcome<()> {
        let mut first = true;
        match self.peek().ok_or(JsonError)? {
            b'"' => self.string().map(drop),
            b'{' => {
                self.open(b'{')?;
                while self.another(&mut first, b'}')? {
                    self.name()?;
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

    /// Reads an object into the values of these names. `strict`: another name is refused. `needed` has a bit for each name that must
    /// be there. None may be there twice.
    ///
    /// # Errors
    /// There is no such object.
    pub fn fields(
        &mut self,
        names: &[&str],
        strict: bool,
        needed: u64,
        values: &mut [&mut dyn FromJson],
    ) -> Outcome<()> {
        self.open(b'{')?;
        let (mut first, mut seen) = (true, 0_u64);
        while self.another(&mut first, b'}')? {
            let name = self.name()?;
            let known = names.iter().position(|known| *known == name);
            match known.and_then(|at| Some((at, values.get_mut(at)?))) {
                Some((at, value)) => {
                    let bit = 1 << at;
                    if seen & bit != 0 {
                        return Err(JsonError);
                    }
                    seen |= bit;
                    value.read(self)?;
                }
                None if strict => return Err(JsonError),
                None => self.skip()?,
            }
        }
        if needed & !seen == 0 { Ok(()) } else { Err(JsonError) }
    }

    /// Reads a list of just these values.
    ///
    /// # Errors
    /// There is no such list.
    pub fn list(&mut self, values: &mut [&mut dyn FromJson]) -> Outcome<()> {
        self.open(b'[')?;
        let mut first = true;
        for value in values {
            if !self.another(&mut first, b']')? {
                return Err(JsonError);
            }
            value.read(self)?;
        }
        if self.another(&mut first, b']')? { Err(JsonError) } else { Ok(()) }
    }

    /// Reads the name of a variant: its place in the list, and whether a content follows.
    ///
    /// # Errors
    /// There is none of these names.
    pub fn variant(&mut self, names: &[&str]) -> Outcome<(usize, bool)> {
        let content = self.peek() == Some(b'{');
        if content {
            self.open(b'{')?;
        }
        let name = self.string()?;
        if content {
            self.expect(b':')?;
        }
        let at = names.iter().position(|known| *known == name).ok_or(JsonError)?;
        Ok((at, content))
    }

    /// Reads the content of a variant without one.
    ///
    /// # Errors
    /// There is one.
    pub fn unit(&mut self, content: bool) -> Outcome<()> {
        if content {
            self.peek();
            self.literal("null")?;
        }
        Ok(())
    }

    /// Before the content of a variant with one.
    ///
    /// # Errors
    /// There is none.
    pub const fn content(&self, content: bool) -> Outcome<()> {
        if content { Ok(()) } else { Err(JsonError) }
    }

    /// After the content of a variant.
    ///
    /// # Errors
    /// There is more.
    pub fn end_variant(&mut self, content: bool) -> Outcome<()> {
        if content {
            self.expect(b'}')?;
            self.depth -= 1;
        }
        Ok(())
    }

    /// Reads a value, or stays where it is.
    pub fn attempt(&mut self, value: &mut dyn FromJson) -> bool {
        let (at, depth) = (self.at, self.depth);
        let read = value.read(self).is_ok();
        if !read {
            (self.at, self.depth) = (at, depth);
        }
        read
    }

    /// Reads `null`, if it is next.
    ///
    /// # Errors
    /// There is another word.
    fn null(&mut self) -> Outcome<bool> {
        let is_null = self.peek() == Some(b'n');
        if is_null {
            self.literal("null")?;
        }
        Ok(is_null)
    }
}

impl FromJson for String {
    fn blank() -> Self {
        Self::new()
    }

    fn read(&mut self, from: &mut Reader<'_>) -> Outcome<()> {
        *self = from.string()?.into_owned();
        Ok(())
    }
}

impl FromJson for bool {
    fn blank() -> Self {
        false
    }

    fn read(&mut self, from: &mut Reader<'_>) -> Outcome<()> {
        from.peek();
        *self = from.boolean()?;
        Ok(())
    }
}

macro_rules! numbers {
    ($read:ident: $($number:ident)+) => {$(
        impl FromJson for $number {
            fn blank() -> Self {
                0
            }

            fn read(&mut self, from: &mut Reader<'_>) -> Outcome<()> {
                *self = from.$read()?.try_into().map_err(|_| JsonError)?;
                Ok(())
            }
        }
    )+};
}

numbers! { unsigned: u8 u16 u32 u64 usize }
numbers! { signed: i8 i32 i64 }

impl<T: FromJson> FromJson for Option<T> {
    fn blank() -> Self {
        None
    }

    fn read(&mut self, from: &mut Reader<'_>) -> Outcome<()> {
        *self = None;
        if from.null()? { Ok(()) } else { self.insert(T::blank()).read(from) }
    }
}

impl<T: FromJson> FromJson for Box<T> {
    fn blank() -> Self {
        Self::new(T::blank())
    }

    fn read(&mut self, from: &mut Reader<'_>) -> Outcome<()> {
        (**self).read(from)
    }
}

impl<T: FromJson> FromJson for Vec<T> {
    fn blank() -> Self {
        Self::new()
    }

    fn read(&mut self, from: &mut Reader<'_>) -> Outcome<()> {
        self.clear();
        from.open(b'[')?;
        let mut first = true;
        while from.another(&mut first, b']')? {
            self.push(T::blank());
            if let Some(last) = self.last_mut() {
                last.read(from)?;
            }
        }
        Ok(())
    }
}

impl<T: FromJson> FromJson for BTreeMap<String, T> {
    fn blank() -> Self {
        Self::new()
    }

    /// As serde: of two members of one name, the last.
    fn read(&mut self, from: &mut Reader<'_>) -> Outcome<()> {
        self.clear();
        from.open(b'{')?;
        let mut first = true;
        while from.another(&mut first, b'}')? {
            let name = from.name()?.into_owned();
            let mut value = T::blank();
            value.read(from)?;
            self.insert(name, value);
        }
        Ok(())
    }
}

macro_rules! tuples {
    ($(($($name:ident)+))+) => {$(
        impl<$($name: FromJson),+> FromJson for ($($name,)+) {
            fn blank() -> Self {
                ($($name::blank(),)+)
            }

            fn read(&mut self, from: &mut Reader<'_>) -> Outcome<()> {
                #[allow(non_snake_case, reason = "one name for a type and its value")]
                let ($($name,)+) = self;
                from.list(&mut [$($name as &mut dyn FromJson),+])
            }
        }
    )+};
}

tuples! { (A B) (A B C) (A B C D) }
