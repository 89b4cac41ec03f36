//! Percent-encoding (RFC 3986 section 2.1) for every URL that this crate writes or reads.

use std::borrow::Cow;

const HEX: &[u8; 16] = b"0123456789ABCDEF";

/// Everything but the unreserved characters (RFC 3986 section 2.3) becomes `%XX` of its UTF-8 bytes, so that the value
/// stays one query parameter at any server, and `+` is never taken for a space.
pub fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for b in text.bytes() {
        if b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(b));
        } else {
            out.push('%');
            for nibble in [b >> 4, b & 15] {
                out.push(HEX.get(usize::from(nibble)).copied().map_or('0', char::from));
            }
        }
    }
    out
}

/// Decodes `%XX` once and leaves `+` alone. `None` for a `%` without two hexadecimal digits, or bytes that are not
/// UTF-8.
pub fn decode(text: &str) -> Option<Cow<'_, str>> {
    decode_with(text, false)
}

/// Decodes a value of an `application/x-www-form-urlencoded` body or query: as [`decode`], and `+` is a space.
pub fn decode_form(text: &str) -> Option<Cow<'_, str>> {
    decode_with(text, true)
}

/// Whether each `%` is followed by two hexadecimal digits.
pub fn is_well_formed(text: &str) -> bool {
    text.split('%').skip(1).all(|rest| hex_pair(rest.as_bytes()).is_some())
}

fn decode_with(text: &str, plus_is_space: bool) -> Option<Cow<'_, str>> {
    if !(text.contains('%') || plus_is_space && text.contains('+')) {
        return Some(Cow::Borrowed(text));
    }
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&b, tail)) = rest.split_first() {
        rest = tail;
        match b {
            b'%' => {
                out.push(hex_pair(tail)?);
                rest = tail.get(2..)?;
            }
            b'+' if plus_is_space => out.push(b' '),
            _ => out.push(b),
        }
    }
    String::from_utf8(out).ok().map(Cow::Owned)
}

fn hex_pair(bytes: &[u8]) -> Option<u8> {
    let digit = |at: usize| match bytes.get(at).copied() {
        Some(b @ b'0'..=b'9') => Some(b - b'0'),
        Some(b @ b'a'..=b'f') => Some(b - b'a' + 10),
        Some(b @ b'A'..=b'F') => Some(b - b'A' + 10),
        _ => None,
    };
    Some(digit(0)? << 4 | digit(1)?)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn encodes_all_but_unreserved_characters() {
        assert_eq!(encode("https://a.b/c?d=e&f=%20+é~_-"), "https%3A%2F%2Fa.b%2Fc%3Fd%3De%26f%3D%2520%2B%C3%A9~_-");
    }

    #[test]
    fn decode_refuses_malformed_escapes_and_utf8() {
        for bad in ["%", "%4", "%zz", "a%4", "%ff", "%+1", "%e9"] {
            assert_eq!(decode(bad), None, "{bad}");
        }
        assert_eq!(decode("a+b%20c%C3%a9").as_deref(), Some("a+b cé"));
        assert_eq!(decode_form("a+b%2Bc").as_deref(), Some("a b+c"));
    }

    proptest! {
        #[test]
        fn decoding_undoes_encoding(text: String) {
            let encoded = encode(&text);
            prop_assert!(encoded.is_ascii() && is_well_formed(&encoded));
            prop_assert_eq!(decode(&encoded), Some(Cow::Borrowed(text.as_str())));
            prop_assert_eq!(decode_form(&encoded), Some(Cow::Borrowed(text.as_str())));
        }

        #[test]
        fn decoding_never_panics(text: String) {
            prop_assert!(decode(&text).is_none() || is_well_formed(&text));
        }
    }
}
