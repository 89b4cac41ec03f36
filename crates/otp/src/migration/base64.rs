use alloc::{string::String, vec::Vec};

use super::MigrationError;

/// Standard base64 (RFC 4648 section 4), with or without padding. A space is read as an unescaped `+`, and the URL
/// alphabet is accepted.
pub(super) fn decode(text: &[u8]) -> Result<Vec<u8>, MigrationError> {
    let text = text.trim_ascii_end();
    let letters = text.iter().rposition(|b| *b != b'=').map_or(0, |last| last.saturating_add(1));
    let padding = text.len().saturating_sub(letters);
    if padding > 2 || letters % 4 == 1 {
        return Err(MigrationError::BadBase64);
    }
    let mut bytes = Vec::with_capacity(letters);
    let (mut bits, mut held) = (0_u32, 0_u32);
    for letter in text.iter().take(letters) {
        let value = match letter {
            b'A'..=b'Z' => letter.wrapping_sub(b'A'),
            b'a'..=b'z' => letter.wrapping_sub(b'a').wrapping_add(26),
            b'0'..=b'9' => letter.wrapping_sub(b'0').wrapping_add(52),
            b'+' | b' ' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return Err(MigrationError::BadBase64),
        };
        bits = bits << 6 | u32::from(value);
        held = held.wrapping_add(6);
        if held >= 8 {
            held = held.wrapping_sub(8);
            bytes.push((bits >> held).to_le_bytes()[0]);
        }
    }
    Ok(bytes)
}

/// Base64 with padding, percent-encoded where an address needs it.
pub(super) fn encode_escaped(bytes: &[u8], out: &mut String) {
    for chunk in bytes.chunks(3) {
        let byte = |place: usize| u32::from(chunk.get(place).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for place in 0..4_usize {
            if place > chunk.len() {
                out.push_str("%3D");
                continue;
            }
            let value = (bits >> (18_usize.saturating_sub(place.saturating_mul(6))) & 63).to_le_bytes()[0];
            match value {
                0..26 => out.push(char::from(b'A'.wrapping_add(value))),
                26..52 => out.push(char::from(b'a'.wrapping_add(value.wrapping_sub(26)))),
                52..62 => out.push(char::from(b'0'.wrapping_add(value.wrapping_sub(52)))),
                62 => out.push_str("%2B"),
                _ => out.push_str("%2F"),
            }
        }
    }
}
