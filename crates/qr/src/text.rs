//! From the data bits of a code to its text (ISO/IEC 18004 section 7.4).

use crate::{kanji, symbol::Version};

pub(crate) const ALPHANUMERIC: &[u8; 45] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
const GROUP_SEPARATOR: u8 = 0x1d;

/// How the bytes of a segment are to be understood.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Charset {
    /// The code does not say.
    Unsaid,
    Latin1,
    ShiftJis,
    Utf8,
    /// Named by the code, but not one that we know.
    Unknown,
}

impl Charset {
    /// By the number of an extended channel interpretation.
    fn of_eci(number: u32) -> Self {
        match number {
            0..=3 => Self::Latin1,
            20 => Self::ShiftJis,
            26 | 27 | 170 => Self::Utf8,
            _ => Self::Unknown,
        }
    }
}

/// The text of the data codewords of a code. `None` when they break the rules, which only a misread code does.
///
/// Bytes in no text's encoding (encrypted codes are seen in the wild) give no text for their segment rather than a
/// made-up one.
pub(crate) fn text(codewords: &[u8], version: Version) -> Option<String> {
    let mut bits = Bits { bytes: codewords, at: 0 };
    let mut text = String::new();
    let mut pending = Vec::new();
    let mut charset = Charset::Unsaid;
    let mut gs1 = false;
    let size_class = match version.number() {
        0..=9 => 0,
        10..=26 => 1,
        _ => 2,
    };
    while bits.left() >= 4 {
        let mode = bits.take(4)?;
        // Bytes of neighbouring segments may share a character.
        if mode != 4 {
            flush(&mut pending, charset, &mut text);
        }
        match mode {
            0 => break,
            1 => {
                let count = bits.take([10, 12, 14][size_class])?;
                numeric(&mut bits, count, &mut text)?;
            }
            2 => {
                let count = bits.take([9, 11, 13][size_class])?;
                alphanumeric(&mut bits, count, gs1, &mut text)?;
            }
            3 => {
                // Structured append: which part this is, and a parity of the whole. Each part is given by itself.
                bits.take(16)?;
            }
            4 => {
                let count = bits.take(if size_class == 0 { 8 } else { 16 })?;
                for _ in 0..count {
                    pending.push(u8::try_from(bits.take(8)?).ok()?);
                }
            }
            5 => gs1 = true,
            7 => charset = Charset::of_eci(eci(&mut bits)?),
            8 => {
                let count = bits.take([8, 10, 12][size_class])?;
                for _ in 0..count {
                    let value = bits.take(13)?;
                    text.push(kanji::of_qr(value)?);
                }
            }
            9 => {
                bits.take(8)?;
                gs1 = true;
            }
            _ => return None,
        }
    }
    flush(&mut pending, charset, &mut text);
    Some(text)
}

fn numeric(bits: &mut Bits<'_>, mut count: u32, text: &mut String) -> Option<()> {
    while count > 0 {
        let digits = count.min(3);
        let value = bits.take([4, 7, 10][digits as usize - 1])?;
        if value >= [10, 100, 1000][digits as usize - 1] {
            return None;
        }
        for place in (0..digits).rev() {
            text.push(char::from_digit(value / 10_u32.pow(place) % 10, 10)?);
        }
        count -= digits;
    }
    Some(())
}

fn alphanumeric(bits: &mut Bits<'_>, mut count: u32, gs1: bool, text: &mut String) -> Option<()> {
    let mut bytes = Vec::new();
    while count > 0 {
        if count == 1 {
            bytes.push(*ALPHANUMERIC.get(bits.take(6)? as usize)?);
            break;
        }
        let value = bits.take(11)? as usize;
        bytes.push(*ALPHANUMERIC.get(value / 45)?);
        bytes.push(ALPHANUMERIC[value % 45]);
        count -= 2;
    }
    // In GS1 codes a doubled percent sign is one, and a single one separates fields (section 7.4.8.3).
    let mut rest = bytes.as_slice();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if gs1 && byte == b'%' {
            if let Some((b'%', after)) = rest.split_first() {
                rest = after;
                text.push('%');
            } else {
                text.push(char::from(GROUP_SEPARATOR));
            }
        } else {
            text.push(char::from(byte));
        }
    }
    Some(())
}

fn eci(bits: &mut Bits<'_>) -> Option<u32> {
    let first = bits.take(8)?;
    match first {
        0x00..=0x7f => Some(first),
        0x80..=0xbf => Some((first & 0x3f) << 8 | bits.take(8)?),
        0xc0..=0xdf => Some((first & 0x1f) << 16 | bits.take(16)?),
        _ => None,
    }
}

/// Adds what the collected bytes say to the text.
fn flush(pending: &mut Vec<u8>, charset: Charset, text: &mut String) {
    let bytes = core::mem::take(pending);
    let latin = || bytes.iter().map(|&b| char::from(b));
    let decoded = match charset {
        Charset::Utf8 => String::from_utf8(bytes).ok(),
        Charset::Latin1 => Some(latin().collect()),
        Charset::ShiftJis => kanji::shift_jis(&bytes),
        // The standard says Latin-1; the world writes UTF-8, and Shift JIS in Japan.
        Charset::Unsaid => core::str::from_utf8(&bytes)
            .map(str::to_owned)
            .ok()
            .or_else(|| if no_controls(&bytes) { guess(&bytes) } else { None }),
        Charset::Unknown => bytes.is_ascii().then(|| latin().collect()),
    };
    text.push_str(&decoded.unwrap_or_default());
}

fn guess(bytes: &[u8]) -> Option<String> {
    let latin = !bytes.iter().any(|b| (0x80..0xa0).contains(b));
    let japanese = kanji::shift_jis(bytes);
    // Letters with accents stand alone among ASCII; Japanese comes in runs of lead and trail bytes.
    let high = bytes.iter().filter(|b| !b.is_ascii()).count();
    match japanese {
        Some(text) if !latin || high * 2 > bytes.len() => Some(text),
        _ => latin.then(|| bytes.iter().map(|&b| char::from(b)).collect()),
    }
}

fn no_controls(bytes: &[u8]) -> bool {
    !bytes.iter().any(|&b| b < 0x20 && !matches!(b, b'\t' | b'\n' | b'\r' | 0x1b | 0x1c..=0x1f))
}

struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Bits<'_> {
    fn left(&self) -> usize {
        self.bytes.len() * 8 - self.at
    }

    fn take(&mut self, count: usize) -> Option<u32> {
        if count > self.left() {
            return None;
        }
        let mut value = 0;
        for at in self.at..self.at + count {
            value = value << 1 | u32::from(self.bytes[at / 8] >> (7 - at % 8) & 1);
        }
        self.at += count;
        Some(value)
    }
}
