//! Secrets as text: base32 (RFC 4648 section 6) and hexadecimal.

use crate::{OtpError, bytes::Pen};

/// What is let through beyond RFC 4648. One value, so that every entry and every importer is equally lenient.
#[derive(Clone, Copy, Debug)]
pub struct Leniency {
    /// Small letters count as capital ones.
    pub small_letters: bool,
    /// Passed over wherever they stand: people copy secrets in groups.
    pub separators: &'static [u8],
    /// `=` may follow the last letter, in any number or none.
    pub any_padding: bool,
    /// Bits left over that fill no byte are dropped, whatever they are, even five or more of them: Google's and most
    /// other programs do so, and such secrets are in use.
    pub left_over_bits: bool,
}

/// The leniency of every reader in Portcullis. The look-alikes 0, 1, 8 and 9 are refused, with their position, because
/// only the person knows which letter was meant.
pub const LENIENT: Leniency =
    Leniency { small_letters: true, separators: b" -\t\r\n", any_padding: true, left_over_bits: true };

/// Decodes in place and gives the decoded part.
///
/// # Errors
/// [`OtpError::BadBase32`] with the number of characters before the wrong one.
pub fn decode_in_place<'b>(text: &'b mut [u8], lenient: &Leniency) -> Result<&'b mut [u8], OtpError> {
    let (mut bits, mut held, mut written, mut letters, mut padding) = (0_u32, 0_u32, 0_usize, 0_usize, 0_usize);
    for at in 0..text.len() {
        let byte = text.get(at).copied().unwrap_or(0);
        let upper = if lenient.small_letters { byte.to_ascii_uppercase() } else { byte };
        let value = match upper {
            b'A'..=b'Z' => upper.wrapping_sub(b'A'),
            b'2'..=b'7' => upper.wrapping_sub(b'2').wrapping_add(26),
            b'=' => {
                padding = padding.wrapping_add(1);
                continue;
            }
            _ if lenient.separators.contains(&byte) => continue,
            _ => return Err(OtpError::BadBase32 { at }),
        };
        if padding > 0 {
            return Err(OtpError::BadBase32 { at });
        }
        letters = letters.wrapping_add(1);
        bits = bits << 5 | u32::from(value);
        held = held.wrapping_add(5);
        if held >= 8 {
            held = held.wrapping_sub(8);
            if let Some(place) = text.get_mut(written) {
                *place = (bits >> held).to_le_bytes()[0];
            }
            written = written.wrapping_add(1);
        }
    }
    let whole = lenient.any_padding || letters.wrapping_add(padding).is_multiple_of(8);
    let spare = lenient.left_over_bits || (held < 5 && bits & !(u32::MAX << held) == 0);
    if !(whole && spare) {
        return Err(OtpError::BadBase32 { at: text.len() });
    }
    Ok(text.get_mut(..written).unwrap_or_default())
}

/// Writes `bytes` in capital letters without padding and gives the length; `None` when `out` is too short.
pub fn encode(bytes: &[u8], out: &mut [u8]) -> Option<usize> {
    let (mut bits, mut held, mut pen) = (0_u32, 0_u32, Pen::new(out));
    let mut put = |value: u32| {
        let value = (value & 31).to_le_bytes()[0];
        pen.byte(if value < 26 { b'A'.wrapping_add(value) } else { b'2'.wrapping_sub(26).wrapping_add(value) });
    };
    for byte in bytes {
        bits = bits << 8 | u32::from(*byte);
        held = held.wrapping_add(8);
        while held >= 5 {
            held = held.wrapping_sub(5);
            put(bits >> held);
        }
    }
    if held > 0 {
        put(bits << 5_u32.wrapping_sub(held));
    }
    pen.finish()
}

/// Decodes hexadecimal in place, in either case, and gives the decoded part.
///
/// # Errors
/// [`OtpError::BadHex`] with the number of characters before the wrong one, or before the end when one is missing.
pub fn decode_hex_in_place(text: &mut [u8]) -> Result<&mut [u8], OtpError> {
    let mut byte = 0_u8;
    for at in 0..text.len() {
        let nibble = text.get(at).copied().and_then(nibble).ok_or(OtpError::BadHex { at })?;
        byte = byte << 4 | nibble;
        if let Some(place) = text.get_mut(at / 2) {
            // The first nibble of a pair is written too, and then written over.
            *place = byte;
        }
    }
    let len = text.len();
    if len % 2 == 1 {
        return Err(OtpError::BadHex { at: len });
    }
    Ok(text.get_mut(..len / 2).unwrap_or_default())
}

/// Writes `bytes` in small hexadecimal digits and gives the length; `None` when `out` is too short.
pub fn encode_hex(bytes: &[u8], out: &mut [u8]) -> Option<usize> {
    let mut pen = Pen::new(out);
    for byte in bytes {
        pen.byte(digit(byte >> 4));
        pen.byte(digit(byte & 15));
    }
    pen.finish()
}

/// The value of a hexadecimal digit.
pub(crate) const fn nibble(byte: u8) -> Option<u8> {
    match byte.to_ascii_lowercase() {
        digit @ b'0'..=b'9' => Some(digit.wrapping_sub(b'0')),
        letter @ b'a'..=b'f' => Some(letter.wrapping_sub(b'a' - 10)),
        _ => None,
    }
}

/// The hexadecimal digit of a value under 16.
pub(crate) const fn digit(value: u8) -> u8 {
    value.wrapping_add(if value < 10 { b'0' } else { b'a' - 10 })
}
