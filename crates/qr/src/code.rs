//! The content of a code: its segments in order, as bytes and as text.

/// A QR code that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Code {
    /// Its content in order. Neighbouring bytes of one encoding form one segment. Neither the list nor a segment is
    /// empty.
    pub segments: Vec<Segment>,
}

/// A part of a code's content in one encoding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// The bytes: byte mode as stored, numeric and alphanumeric mode as ASCII, Kanji mode as Shift JIS.
    pub bytes: Vec<u8>,
    /// Their text. When [`encoding`](Self::encoding) is `Some`, this is a fallback: UTF-8 if the bytes are valid, else
    /// Latin-1.
    pub text: String,
    /// The label (WHATWG Encoding, section 4.2) of an encoding that needs a table, which this crate does not carry.
    /// Decode
    /// `bytes` with the platform's `TextDecoder`, and use `text` if it refuses them.
    pub encoding: Option<&'static str>,
}

impl Code {
    /// All bytes of the code.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        self.segments.iter().flat_map(|segment| segment.bytes.iter().copied()).collect()
    }

    /// The text without a `TextDecoder`: segments with an `encoding` contribute their fallback.
    #[must_use]
    pub fn text(&self) -> String {
        self.segments.iter().map(|segment| segment.text.as_str()).collect()
    }
}
