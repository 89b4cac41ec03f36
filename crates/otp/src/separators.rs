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
        [first @ 0xe1..=0xef, second @ 0x80..=0xbf, third @ 0x80..=0xbf, ..] => {
            // Compares code points, because that takes half the code of comparing bytes.
            let number = u32::from(*first & 15) << 12 | u32::from(second & 63) << 6 | u32::from(third & 63);
            match number {
                0x1680 | 0x180e | 0x2000..=0x200f | 0x2028..=0x202f | 0x205f..=0x2064 | 0x2066..=0x2069 => 3,
                0x3000 | 0xfeff => 3,
                // The second is the minus sign.
                0x2010..=0x2015 | 0x2212 | 0xfe58 | 0xfe63 | 0xff0d => 3 | DASH,
                _ => 0,
            }
        }
        _ => 0,
    }
}
