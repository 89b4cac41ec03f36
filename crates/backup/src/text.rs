//! The text encodings of exports.

use alloc::{string::String, vec::Vec};

use crate::wipe::Zeroizing;

/// Text that is wiped on drop.
pub(crate) type Wiped = Zeroizing<String>;

/// The text of a file: UTF-8 with or without a byte order mark, or UTF-16 with one. `None` for binary data.
#[inline(never)]
pub(crate) fn decode(bytes: &[u8]) -> Option<Wiped> {
    let wide = |rest: &[u8], unit: fn([u8; 2]) -> u16| {
        let units = rest.as_chunks::<2>().0.iter().map(|pair| unit(*pair));
        Some(Zeroizing::new(char::decode_utf16(units).map(|c| c.unwrap_or('\u{fffd}')).collect()))
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => wide(rest, u16::from_be_bytes),
        _ => {
            let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
            let head = bytes.get(..4096).unwrap_or(bytes);
            if head.contains(&0) {
                return None;
            }
            // A few invalid bytes are a name in an old code page, which must not lose the file. Binary data has more.
            let text = String::from_utf8_lossy(bytes);
            let broken = text.chars().take(4096).filter(|c| *c == '\u{fffd}').count();
            (broken <= head.len() / 32).then(|| Zeroizing::new(text.into_owned()))
        }
    }
}

/// The texts before and after the first `mark`, which is not empty. Over bytes, because the search for a text in `str` brings 8 kB of
/// gzip along: two searches, and a panic that prints a character by Unicode's tables.
#[inline(never)]
pub(crate) fn split_once<'t>(text: &'t str, mark: &str) -> Option<(&'t str, &'t str)> {
    let at = text.as_bytes().windows(mark.len().max(1)).position(|bytes| bytes == mark.as_bytes())?;
    Some((text.get(..at)?, text.get(at + mark.len()..)?))
}

/// Whether `mark` is in the text.
pub(crate) fn has(text: &str, mark: &str) -> bool {
    split_once(text, mark).is_some()
}

/// Decodes base64 (RFC 4648 sections 4 and 5) in either alphabet, padded or not, with white space.
#[inline(never)]
pub(crate) fn base64(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let mut out = Zeroizing::new(Vec::with_capacity(text.len() / 4 * 3 + 3));
    let (mut bits, mut held, mut ended) = (0_u32, 0_u32, false);
    for byte in text.bytes() {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'=' => {
                ended = true;
                continue;
            }
            b' ' | b'\t' | b'\r' | b'\n' => continue,
            _ => return None,
        };
        if ended {
            return None;
        }
        bits = bits << 6 | u32::from(value);
        held += 6;
        if held >= 8 {
            held -= 8;
            out.push((bits >> held).to_le_bytes()[0]);
        }
    }
    (held < 6).then_some(out)
}

/// Base64 with padding.
pub(crate) fn to_base64(bytes: &[u8]) -> Wiped {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = Zeroizing::new(String::with_capacity(bytes.len().div_ceil(3) * 4));
    for chunk in bytes.chunks(3) {
        let byte = |at: usize| u32::from(chunk.get(at).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for (at, shift) in [18, 12, 6, 0].into_iter().enumerate() {
            let letter = usize::try_from(bits >> shift & 63).ok().and_then(|place| LETTERS.get(place));
            text.push(if at > chunk.len() { '=' } else { letter.copied().map_or('A', char::from) });
        }
    }
    text
}

/// Decodes hexadecimal in either case.
#[inline(never)]
pub(crate) fn hex(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(text.as_bytes().to_vec());
    let len = otp::base32::decode_hex_in_place(&mut bytes).ok()?.len();
    bytes.truncate(len);
    Some(bytes)
}

/// Encodes lower-case hexadecimal.
#[inline(never)]
pub(crate) fn to_hex(bytes: &[u8]) -> Wiped {
    let mut text = Zeroizing::new(String::with_capacity(bytes.len() * 2));
    for nibble in bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]) {
        text.push(char::from_digit(nibble.into(), 16).unwrap_or('0'));
    }
    text
}

/// Percent-decoding (RFC 3986 section 2.1); invalid UTF-8 becomes U+FFFD.
#[inline(never)]
pub(crate) fn unescape(text: &str, plus_is_space: bool) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        let pair = after.get(..2).and_then(|pair| core::str::from_utf8(pair).ok());
        let pair = pair.and_then(|pair| u8::from_str_radix(pair, 16).ok());
        match (first, pair) {
            (b'%', Some(byte)) => {
                out.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            (b'+', _) if plus_is_space => out.push(b' '),
            _ => out.push(*first),
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}
