//! From the data bits of a code to its text (ISO/IEC 18004 section 7.4).

use crate::{
    charset::{self, Charset},
    code::{Code, Segment},
    kanji,
    symbol::Version,
};

pub(crate) const ALPHANUMERIC: &[u8; 45] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
const GROUP_SEPARATOR: u8 = 0x1d;

/// The content of the data codewords of a code. `None` when they are malformed or empty.
pub(crate) fn content(codewords: &[u8], version: Version) -> Option<Code> {
    let mut bits = Bits { bytes: codewords, at: 0 };
    // A multi-byte character may span two segments of one encoding, so they are joined before decoding.
    let mut runs: Vec<(Charset, Vec<u8>)> = Vec::new();
    let mut charset = Charset::Unspecified;
    let mut gs1 = false;
    let size_class = match version.number() {
        0..=9 => 0,
        10..=26 => 1,
        _ => 2,
    };
    while bits.left() >= 4 {
        let mode = bits.take(4)?;
        let mut bytes = Vec::new();
        let mut own = charset;
        match mode {
            0 => break,
            1 => {
                let count = bits.take([10, 12, 14][size_class])?;
                numeric(&mut bits, count, &mut bytes)?;
            }
            2 => {
                let count = bits.take([9, 11, 13][size_class])?;
                alphanumeric(&mut bits, count, gs1, &mut bytes)?;
            }
            3 => {
                // Structured append: part number and parity of the whole. Each part is returned by itself.
                bits.take(16)?;
            }
            4 => {
                let count = bits.take(if size_class == 0 { 8 } else { 16 })?;
                for _ in 0..count {
                    bytes.push(u8::try_from(bits.take(8)?).ok()?);
                }
            }
            5 => gs1 = true,
            7 => charset = Charset::Eci(eci(&mut bits)?),
            8 => {
                let count = bits.take([8, 10, 12][size_class])?;
                for _ in 0..count {
                    bytes.extend(kanji::from_kanji_mode(bits.take(13)?)?);
                }
                own = Charset::Kanji;
            }
            9 => {
                bits.take(8)?;
                gs1 = true;
            }
            _ => return None,
        }
        if matches!(mode, 1 | 2) {
            own = Charset::Digits;
        }
        match runs.last_mut() {
            _ if bytes.is_empty() => {}
            Some((last, run)) if *last == own => run.extend(bytes),
            _ => runs.push((own, bytes)),
        }
    }
    let japanese = runs.iter().any(|(charset, _)| *charset == Charset::Kanji);
    let segments: Vec<Segment> =
        runs.into_iter().map(|(charset, bytes)| charset::segment(bytes, charset, japanese)).collect();
    (!segments.is_empty()).then_some(Code { segments })
}

fn numeric(bits: &mut Bits<'_>, mut count: u32, text: &mut Vec<u8>) -> Option<()> {
    while count > 0 {
        let digits = count.min(3);
        let value = bits.take([4, 7, 10][digits as usize - 1])?;
        if value >= [10, 100, 1000][digits as usize - 1] {
            return None;
        }
        for place in (0..digits).rev() {
            text.push(b'0' + (value / 10_u32.pow(place) % 10) as u8);
        }
        count -= digits;
    }
    Some(())
}

fn alphanumeric(bits: &mut Bits<'_>, mut count: u32, gs1: bool, text: &mut Vec<u8>) -> Option<()> {
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
    // In GS1 codes `%%` is a percent sign and `%` a field separator (section 7.4.8.3).
    let mut rest = bytes.as_slice();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if gs1 && byte == b'%' {
            if let Some((b'%', after)) = rest.split_first() {
                rest = after;
                text.push(b'%');
            } else {
                text.push(GROUP_SEPARATOR);
            }
        } else {
            text.push(byte);
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
