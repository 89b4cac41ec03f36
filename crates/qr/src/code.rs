//! What a code says: bytes in the order of its segments, and their text.

/// A QR code that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Code {
    /// Its content in order; neighbouring bytes of one encoding are one segment. Never empty, and no segment is.
    pub segments: Vec<Segment>,
}

/// A part of a code's content in one encoding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// The bytes as the code holds them; digits and letters of the denser modes as ASCII, Kanji mode as Shift JIS.
    pub bytes: Vec<u8>,
    /// Their text. Where [`encoding`](Self::encoding) is given, only a substitute: UTF-8 when the bytes are that, else Latin-1.
    pub text: String,
    /// The label (WHATWG Encoding, section 4.2) of the encoding that the code names and this crate has no table for: the
    /// platform's `TextDecoder` gives the text, and where it refuses the bytes the substitute stands.
    pub encoding: Option<&'static str>,
}

impl Code {
    /// All bytes of the code.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        self.segments.iter().flat_map(|segment| segment.bytes.iter().copied()).collect()
    }

    /// The text without the platform's help: substitutes stand for the segments that name an `encoding`.
    #[must_use]
    pub fn text(&self) -> String {
        self.segments.iter().map(|segment| segment.text.as_str()).collect()
    }
}
