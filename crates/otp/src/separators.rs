//! Separators between the groups of a code or a secret: white space of any kind, dashes, and the invisible characters
//! that web pages and PDF files insert (zero-width spaces, word joiners, direction marks).

/// The bits of [`separator`]'s result that hold the length in bytes.
pub(crate) const LEN: usize = 3;
/// Set in the result for a hyphen, dash or minus sign, which is a sign when it precedes a number.
pub(crate) const DASH: usize = 4;

/// The UTF-8 separator at an index: its length in bytes, 1 to 3, with [`DASH`] for a dash; 0 for none.
#[inline(never)]
pub(crate) fn separator(text: &[u8], at: usize) -> usize {
    match text.get(at..).unwrap_or_default() {
        [b'\t'..=b'\r' | b' ', ..] => 1,
        [b'-', ..] => 1 | DASH,
        // U+0085 next line, U+00A0 no-break space, U+00AD soft hyphen
        [0xc2, 0x85 | 0xa0 | 0xad, ..] => 2,
        // U+2000 to U+200F; U+2028 to U+202F; U+205F to U+2064, U+2066 to U+2069
        [0xe2, 0x80, 0x80..=0x8f | 0xa8..=0xaf, ..] | [0xe2, 0x81, 0x9f..=0xa4 | 0xa6..=0xa9, ..] => 3,
        // U+1680, U+180E, U+3000, U+FEFF
        [0xe1, 0x9a, 0x80, ..] | [0xe1, 0xa0, 0x8e, ..] | [0xe3, 0x80, 0x80, ..] | [0xef, 0xbb, 0xbf, ..] => 3,
        // U+2010 to U+2015; U+2212 minus; U+FE58, U+FE63, U+FF0D
        [0xe2, 0x80, 0x90..=0x95, ..]
        | [0xe2, 0x88, 0x92, ..]
        | [0xef, 0xb9, 0x98 | 0xa3, ..]
        | [0xef, 0xbc, 0x8d, ..] => 3 | DASH,
        _ => 0,
    }
}
