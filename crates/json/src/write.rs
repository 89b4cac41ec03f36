//! Writing. It cannot fail, and puts no spaces.

use std::{borrow::Cow, collections::BTreeMap, rc::Rc};

/// A value that can be written as JSON.
pub trait ToJson {
    /// Writes it.
    fn write(&self, out: &mut Writer);
}

/// The text so far.
#[derive(Default)]
pub struct Writer(String);

/// A value as JSON.
pub fn to_string(value: &dyn ToJson) -> String {
    let mut out = Writer::default();
    value.write(&mut out);
    out.0
}

/// An object of these members as JSON.
pub fn object(members: &[(&str, &dyn ToJson)]) -> String {
    let mut out = Writer::default();
    Members(members).write(&mut out);
    out.0
}

impl Writer {
    /// Writes a text, quoted.
    pub fn text(&mut self, text: &str) {
        self.0.push('"');
        let mut rest = text;
        while let Some(at) = rest.bytes().position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f)) {
            let (before, from) = rest.split_at_checked(at).unwrap_or((rest, ""));
            self.0.push_str(before);
            let mut chars = from.chars();
            if let Some(special) = chars.next() {
                self.escape(special);
            }
            rest = chars.as_str();
        }
        self.0.push_str(rest);
        self.0.push('"');
    }

    fn escape(&mut self, special: char) {
        self.0.push('\\');
        let code = u32::from(special);
        let letter = match code {
            0x08 => 'b',
            0x09 => 't',
            0x0a => 'n',
            0x0c => 'f',
            0x0d => 'r',
            0..=0x1f => {
                self.0.push_str(if code < 0x10 { "u000" } else { "u001" });
                char::from_digit(code & 0xf, 16).unwrap_or('0')
            }
            _ => special,
        };
        self.0.push(letter);
    }

    /// Writes what is JSON already: a number or a word.
    pub fn raw(&mut self, text: &str) {
        self.0.push_str(text);
    }

    fn unsigned(&mut self, mut value: u64) {
        let mut digits = Vec::new();
        loop {
            digits.extend(char::from_digit(u32::try_from(value % 10).unwrap_or(0), 10));
            value /= 10;
            if value == 0 {
                break;
            }
        }
        self.0.extend(digits.into_iter().rev());
    }

    fn signed(&mut self, value: i64) {
        if value < 0 {
            self.raw("-");
        }
        self.unsigned(value.unsigned_abs());
    }

    /// Writes an object. The fields whose bit is set in `absent` are left out.
    pub fn fields(&mut self, names: &[&str], absent: u64, values: &[&dyn ToJson]) {
        self.0.push('{');
        let mut first = true;
        let mut absent = absent;
        for (name, value) in names.iter().zip(values) {
            if absent & 1 == 0 {
                self.next(&mut first);
                self.text(name);
                self.0.push(':');
                value.write(self);
            }
            absent >>= 1;
        }
        self.0.push('}');
    }

    /// Writes a list.
    pub fn list(&mut self, values: &[&dyn ToJson]) {
        self.each(values.iter().copied());
    }

    /// Writes a list.
    fn each<'a>(&mut self, values: impl Iterator<Item = &'a dyn ToJson>) {
        self.0.push('[');
        let mut first = true;
        for value in values {
            self.next(&mut first);
            value.write(self);
        }
        self.0.push(']');
    }

    fn next(&mut self, first: &mut bool) {
        if !core::mem::replace(first, false) {
            self.0.push(',');
        }
    }

    /// Begins a variant that has a content.
    pub fn open_variant(&mut self, name: &str) {
        self.0.push('{');
        self.text(name);
        self.0.push(':');
    }

    /// Ends it.
    pub fn close_variant(&mut self) {
        self.0.push('}');
    }
}

impl ToJson for str {
    fn write(&self, out: &mut Writer) {
        out.text(self);
    }
}

impl ToJson for String {
    fn write(&self, out: &mut Writer) {
        out.text(self);
    }
}

impl ToJson for Cow<'_, str> {
    fn write(&self, out: &mut Writer) {
        out.text(self);
    }
}

impl ToJson for bool {
    fn write(&self, out: &mut Writer) {
        out.raw(if *self { "true" } else { "false" });
    }
}

macro_rules! numbers {
    ($($number:ident)+) => {$(
        impl ToJson for $number {
            fn write(&self, out: &mut Writer) {
                out.unsigned(u64::try_from(*self).unwrap_or_default());
            }
        }
    )+};
}

numbers! { u8 u16 u32 u64 usize }

macro_rules! signed {
    ($($number:ident)+) => {$(
        impl ToJson for $number {
            fn write(&self, out: &mut Writer) {
                out.signed(i64::from(*self));
            }
        }
    )+};
}

signed! { i8 i32 i64 }

impl<T: ToJson + ?Sized> ToJson for &T {
    fn write(&self, out: &mut Writer) {
        (**self).write(out);
    }
}

impl<T: ToJson + ?Sized> ToJson for Box<T> {
    fn write(&self, out: &mut Writer) {
        (**self).write(out);
    }
}

impl<T: ToJson + ?Sized> ToJson for Rc<T> {
    fn write(&self, out: &mut Writer) {
        (**self).write(out);
    }
}

impl<T: ToJson> ToJson for Option<T> {
    fn write(&self, out: &mut Writer) {
        match self {
            Some(value) => value.write(out),
            None => out.raw("null"),
        }
    }
}

impl<T: ToJson> ToJson for [T] {
    fn write(&self, out: &mut Writer) {
        out.0.push('[');
        let mut first = true;
        for value in self {
            out.next(&mut first);
            value.write(out);
        }
        out.0.push(']');
    }
}

impl<T: ToJson> ToJson for Vec<T> {
    fn write(&self, out: &mut Writer) {
        self.as_slice().write(out);
    }
}

impl<T: ToJson, const N: usize> ToJson for [T; N] {
    fn write(&self, out: &mut Writer) {
        self.as_slice().write(out);
    }
}

impl<T: ToJson> ToJson for BTreeMap<String, T> {
    fn write(&self, out: &mut Writer) {
        let mut all: Vec<(&str, &dyn ToJson)> = Vec::with_capacity(self.len());
        for (name, value) in self {
            all.push((name, value));
        }
        Members(&all).write(out);
    }
}

/// An object whose members are made at the place of writing.
pub struct Members<'a>(pub &'a [(&'a str, &'a dyn ToJson)]);

impl ToJson for Members<'_> {
    fn write(&self, out: &mut Writer) {
        out.0.push('{');
        let mut first = true;
        for (name, value) in self.0 {
            out.next(&mut first);
            out.text(name);
            out.0.push(':');
            value.write(out);
        }
        out.0.push('}');
    }
}

macro_rules! tuples {
    ($(($($name:ident)+))+) => {$(
        impl<$($name: ToJson),+> ToJson for ($($name,)+) {
            fn write(&self, out: &mut Writer) {
                #[allow(non_snake_case, reason = "one name for a type and its value")]
                let ($($name,)+) = self;
                out.list(&[$($name as &dyn ToJson),+]);
            }
        }
    )+};
}

tuples! { (A B) (A B C) (A B C D) }
