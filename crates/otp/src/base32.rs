//! Secrets as text: base32 (RFC 4648 section 6) and hexadecimal.

use crate::{
    OtpError,
    bytes::{Block, Pen, Span},
    separators::{LEN, separator},
};

/// The deviations from RFC 4648 that a reader accepts. One value for all readers, so that all accept the same secrets.
#[derive(Clone, Copy, Debug)]
pub struct Leniency {
    /// Letters of either case.
    pub small_letters: bool,
    /// White space, dashes and invisible characters are skipped anywhere: people copy secrets in groups, from web pages
    /// and PDF files.
    pub separators: bool,
    /// `=` may follow the last letter, in any number or none.
    pub any_padding: bool,
    /// Trailing bits that fill no byte are dropped, even five or more of them, as Google Authenticator and most other
    /// programs do. Such secrets are in use.
    pub left_over_bits: bool,
}

/// The leniency of every reader in Portcullis. The digits 0, 1, 8 and 9 are refused with their position, because only the
/// user knows which letter is meant.
pub const LENIENT: Leniency =
    Leniency { small_letters: true, separators: true, any_padding: true, left_over_bits: true };

/// Decodes in place and returns the decoded part.
///
/// # Errors
/// [`OtpError::BadBase32`] with the number of characters before the invalid one.
pub fn decode_in_place<'b>(text: &'b mut [u8], lenient: &Leniency) -> Result<&'b mut [u8], OtpError> {
    whole(text, |block, span| decode(block, span, lenient))
}

/// Decodes hexadecimal in place, in either case and with the separators of [`LENIENT`], and returns the decoded part.
///
/// # Errors
/// [`OtpError::BadHex`] with the number of characters before the invalid one, or before the end when a digit is missing.
pub fn decode_hex_in_place(text: &mut [u8]) -> Result<&mut [u8], OtpError> {
    whole(text, decode_hex)
}

fn whole(text: &mut [u8], decode: impl FnOnce(&mut Block<'_>, Span) -> Span) -> Result<&mut [u8], OtpError> {
    let mut block = Block::new(text);
    let end = u32::try_from(block.bytes.len()).map_err(|_| OtpError::TooLong)?;
    let decoded = decode(&mut block, Span::new(0, end));
    match block.fault {
        Some(fault) => Err(fault),
        None => {
            let len = usize::try_from(decoded.end()).unwrap_or(0);
            Ok(text.get_mut(..len).unwrap_or_default())
        }
    }
}

/// Decodes a range in place and returns its decoded part.
pub(crate) fn decode(block: &mut Block<'_>, span: Span, lenient: &Leniency) -> Span {
    let (mut bits, mut held, mut padding) = (0_u32, 0_u32, 0_usize);
    let (mut at, mut end, mut seen) = (0_usize, 0_usize, 0_usize);
    let text = block.text_mut(span);
    while let Some(byte) = text.get(at).copied() {
        // Lower-case ASCII letters differ from upper-case ones in this bit.
        let letter = byte.wrapping_sub(b'A') & if lenient.small_letters { !0x20 } else { 0xff };
        let digit = byte.wrapping_sub(b'2');
        let mut len = 1;
        if (letter < 26 || digit < 6) && padding == 0 {
            bits = bits << 5 | u32::from(if letter < 26 { letter } else { digit.wrapping_add(26) });
            held = held.wrapping_add(5);
            if held >= 8 {
                held = held.wrapping_sub(8);
                if let Some(place) = text.get_mut(end) {
                    *place = (bits >> held).to_le_bytes()[0];
                }
                end = end.wrapping_add(1);
            }
        } else if byte == b'=' {
            padding = padding.wrapping_add(1);
        } else {
            // Checked last, so that the letters of a secret skip it.
            len = if lenient.separators { separator(text, at) & LEN } else { 0 };
            if len == 0 {
                block.fail(OtpError::BadBase32 { at: seen });
                return span;
            }
        }
        at = at.wrapping_add(len);
        seen = seen.wrapping_add(1);
    }
    let letters = end.wrapping_mul(8).wrapping_add(held.try_into().unwrap_or(0)) / 5;
    let whole = lenient.any_padding || letters.wrapping_add(padding).is_multiple_of(8);
    let spare = lenient.left_over_bits || (held < 5 && bits & !(u32::MAX << held) == 0);
    if !(whole && spare) {
        block.fail(OtpError::BadBase32 { at: seen });
    }
    Span::new(span.start(), span.start().wrapping_add(u32::try_from(end).unwrap_or(0)))
}

/// Decodes a range in place and returns its decoded part.
pub(crate) fn decode_hex(block: &mut Block<'_>, span: Span) -> Span {
    let (mut at, mut end, mut byte, mut seen) = (0_usize, 0_usize, 1_u32, 0_usize);
    let text = block.text_mut(span);
    let mut wrong = false;
    while let Some(letter) = text.get(at).copied() {
        let separated = separator(text, at);
        if separated == 0 {
            let nibble = nibble(letter);
            if nibble > 15 {
                wrong = true;
                break;
            }
            byte = byte << 4 | u32::from(nibble);
            if byte > 0xff {
                if let Some(place) = text.get_mut(end) {
                    *place = byte.to_le_bytes()[0];
                }
                end = end.wrapping_add(1);
                byte = 1;
            }
        }
        at = at.wrapping_add((separated & LEN).max(1));
        seen = seen.wrapping_add(1);
    }
    if wrong || byte > 1 {
        block.fail(OtpError::BadHex { at: seen });
    }
    Span::new(span.start(), span.start().wrapping_add(u32::try_from(end).unwrap_or(0)))
}

/// Writes `bytes` in capital letters without padding and returns the length; `None` when `out` is too short.
pub fn encode(bytes: &[u8], out: &mut [u8]) -> Option<usize> {
    let mut pen = Pen::new(out);
    write(&mut pen, bytes);
    pen.finish()
}

/// Writes `bytes` in lower-case hexadecimal digits and returns the length; `None` when `out` is too short.
pub fn encode_hex(bytes: &[u8], out: &mut [u8]) -> Option<usize> {
    let mut pen = Pen::new(out);
    write_hex(&mut pen, bytes);
    pen.finish()
}

#[inline(never)]
pub(crate) fn write(pen: &mut Pen<'_>, bytes: &[u8]) {
    let (mut bits, mut held) = (0_u32, 0_u32);
    for byte in bytes {
        bits = bits << 8 | u32::from(*byte);
        held = held.wrapping_add(8);
        while held >= 5 {
            held = held.wrapping_sub(5);
            letter(pen, bits >> held);
        }
    }
    if held > 0 {
        letter(pen, bits << 5_u32.wrapping_sub(held));
    }
}

#[inline(never)]
fn letter(pen: &mut Pen<'_>, bits: u32) {
    let value = (bits & 31).to_le_bytes()[0];
    pen.byte(value.wrapping_add(if value < 26 { b'A' } else { b'2' - 26 }));
}

#[inline(never)]
pub(crate) fn write_hex(pen: &mut Pen<'_>, bytes: &[u8]) {
    for byte in bytes {
        pen.byte(digit(byte >> 4));
        pen.byte(digit(byte & 15));
    }
}

/// The value of a hexadecimal digit; over 15 for anything else.
#[inline(never)]
pub(crate) const fn nibble(byte: u8) -> u8 {
    match byte | 0x20 {
        letter @ b'a'..=b'f' => letter.wrapping_sub(b'a' - 10),
        // A digit has the bit already; a character without it lies below the digits.
        _ if byte.wrapping_sub(b'0') < 10 => byte.wrapping_sub(b'0'),
        _ => 16,
    }
}

/// The hexadecimal digit of a value under 16.
pub(crate) const fn digit(value: u8) -> u8 {
    value.wrapping_add(if value < 10 { b'0' } else { b'a' - 10 })
}
