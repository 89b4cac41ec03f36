//! Writes JSON (RFC 8259) that may hold secrets. Who reads it differs: a vault is strict, and files of other apps are not.

use alloc::{string::String, vec::Vec};

use zeroize::Zeroizing;

/// Writes JSON into bytes that are wiped on drop and when they have to move. It adds the commas; the caller writes one value, and
/// in an object a name before each value.
#[derive(Default)]
pub struct JsonWriter {
    bytes: Zeroizing<Vec<u8>>,
    /// Whether the next thing stands behind another one.
    comma: bool,
}

impl JsonWriter {
    /// What was written.
    pub fn finish(mut self) -> Vec<u8> {
        core::mem::take(&mut *self.bytes)
    }

    /// An object; `fields` writes names and values.
    pub fn object(&mut self, fields: impl FnOnce(&mut Self)) {
        self.inside(b"{", b"}", fields);
    }

    /// A list; `items` writes values.
    pub fn list(&mut self, items: impl FnOnce(&mut Self)) {
        self.inside(b"[", b"]", items);
    }

    /// The name of a field; its value comes next.
    pub fn name(&mut self, name: &str) -> &mut Self {
        self.text(name);
        self.put(b":");
        self.comma = false;
        self
    }

    /// A string.
    pub fn text(&mut self, text: &str) {
        self.begin();
        self.put(b"\"");
        for byte in text.bytes() {
            match byte {
                b'"' | b'\\' => self.put(&[b'\\', byte]),
                0..=0x1F => {
                    let digit = |nibble: u8| b"0123456789abcdef".get(usize::from(nibble)).copied().unwrap_or(b'0');
                    self.put(&[b'\\', b'u', b'0', b'0', digit(byte >> 4), digit(byte & 15)]);
                }
                _ => self.put(&[byte]),
            }
        }
        self.put(b"\"");
    }

    /// A whole number.
    pub fn number(&mut self, number: impl Into<i128>) {
        self.raw(&decimal(number.into()));
    }

    /// `true` or `false`.
    pub fn bool(&mut self, bool: bool) {
        self.raw(if bool { "true" } else { "false" });
    }

    /// `null`.
    pub fn null(&mut self) {
        self.raw("null");
    }

    /// A value that is JSON already.
    pub fn raw(&mut self, json: &str) {
        self.begin();
        self.put(json.as_bytes());
    }

    fn inside(&mut self, open: &[u8], close: &[u8], fill: impl FnOnce(&mut Self)) {
        self.begin();
        self.put(open);
        self.comma = false;
        fill(self);
        self.put(close);
        self.comma = true;
    }

    fn begin(&mut self) {
        if self.comma {
            self.put(b",");
        }
        self.comma = true;
    }

    fn put(&mut self, more: &[u8]) {
        let needed = self.bytes.len() + more.len();
        if needed > self.bytes.capacity() {
            let mut larger = Zeroizing::new(Vec::with_capacity(needed * 2));
            larger.extend_from_slice(&self.bytes);
            self.bytes = larger;
        }
        self.bytes.extend_from_slice(more);
    }
}

/// A number in decimal digits, without the formatter of `core`: 1.5 kB of gzip in a wasm that has no other use for it. At most 20
/// digits are written, more than any number here has.
pub fn decimal(number: i128) -> String {
    let mut text = String::new();
    let mut rest = u64::try_from(number.unsigned_abs()).unwrap_or(u64::MAX);
    while text.is_empty() || rest > 0 {
        text.insert(0, char::from(b'0' + (rest % 10).to_le_bytes()[0]));
        rest /= 10;
    }
    if number < 0 {
        text.insert(0, '-');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{JsonWriter, decimal};

    #[test]
    fn numbers_are_written_as_core_formats_them() {
        for number in
            [0, 1, 9, 10, 99, 12_345, i128::from(i64::MAX), i128::from(i64::MIN), i128::from(u64::MAX), -1, -10]
        {
            assert_eq!(decimal(number), alloc::format!("{number}"));
        }
    }

    #[test]
    fn commas_stand_between_values_alone() {
        let mut writer = JsonWriter::default();
        writer.object(|w| {
            w.name("empty").object(|_| {});
            w.name("list").list(|w| {
                w.number(-1);
                w.list(|_| {});
                w.bool(false);
            });
            w.name("raw").raw("18446744073709551615");
            w.name("null").null();
        });
        assert_eq!(writer.finish(), br#"{"empty":{},"list":[-1,[],false],"raw":18446744073709551615,"null":null}"#);
    }

    #[test]
    fn what_would_end_a_string_is_escaped() {
        let mut writer = JsonWriter::default();
        writer.text("a\"\\\u{0}\u{1f}\u{7f}\u{fc}");
        assert_eq!(writer.finish(), "\"a\\\"\\\\\\u0000\\u001f\u{7f}\u{fc}\"".as_bytes());
    }
}
