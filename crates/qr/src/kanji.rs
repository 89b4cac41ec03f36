//! Shift JIS, as browsers read it (WHATWG Encoding, section 12.3), for the rows that a QR code can write.

/// Rows 1 to 84 of JIS X 0208 with the vendors' row 13, as differences between neighbours: all high bytes, then all low
/// bytes, because so it packs best.
static TABLE: &[u8; 2 * CELLS] = include_bytes!("jis0208.bin");
const CELLS: usize = 84 * 94;

/// The character at a place of the table (row * 94 + cell, both from 0).
fn character(place: usize) -> Option<char> {
    let (high, low) = TABLE.split_at(CELLS);
    if place >= CELLS {
        return None;
    }
    let code = high[..=place]
        .iter()
        .zip(low)
        .fold(0_u16, |sum, (&high, &low)| sum.wrapping_add(u16::from_be_bytes([high, low])));
    if code == 0 { None } else { char::from_u32(u32::from(code)) }
}

fn double(lead: u8, trail: u8) -> Option<char> {
    let row = match lead {
        0x81..=0x9f => lead - 0x81,
        0xe0..=0xfc => lead - 0xc1,
        _ => return None,
    };
    let cell = match trail {
        0x40..=0x7e => trail - 0x40,
        0x80..=0xfc => trail - 0x41,
        _ => return None,
    };
    character(usize::from(row) * 188 + usize::from(cell))
}

/// A character of Kanji mode from its 13 bits (ISO/IEC 18004 section 7.4.6).
pub(crate) fn of_qr(value: u32) -> Option<char> {
    let value = ((value / 0xc0) << 8) | (value % 0xc0);
    let code = u16::try_from(value + if value + 0x8140 <= 0x9ffc { 0x8140 } else { 0xc140 }).ok()?;
    let [lead, trail] = code.to_be_bytes();
    double(lead, trail)
}

/// The text of Shift JIS bytes; `None` when they are something else.
pub(crate) fn shift_jis(bytes: &[u8]) -> Option<String> {
    let mut text = String::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        text.push(match byte {
            0..=0x80 => char::from(byte),
            0xa1..=0xdf => char::from_u32(0xff61 + u32::from(byte) - 0xa1)?,
            lead => {
                let (&trail, after) = rest.split_first()?;
                rest = after;
                double(lead, trail)?
            }
        });
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kanji_of_the_standard() {
        // ISO/IEC 18004 section 7.4.6: the two examples 0x935f and 0xe4aa.
        assert_eq!(of_qr(0x0d9f), Some('点'));
        assert_eq!(of_qr(0x1aaa), Some('茗'));
    }

    #[test]
    fn shift_jis_of_every_kind() {
        assert_eq!(shift_jis(b"QR \x93\xfa\x96\x7b \x83\x65\x82\xcc \xb1\xdf"), Some("QR 日本 テの ｱﾟ".to_owned()));
        assert_eq!(shift_jis(b"\x87\x40\xea\xa4"), Some("①熙".to_owned()));
    }

    #[test]
    fn what_is_no_shift_jis() {
        assert_eq!(shift_jis(b"\x93"), None, "half a character");
        assert_eq!(shift_jis(b"\x93\x20"), None, "no trail byte");
        assert_eq!(shift_jis(b"\xa0"), None, "no lead byte");
        assert_eq!(shift_jis(b"\xfc\xfc"), None, "past the table");
    }

    #[test]
    fn the_table_is_whole() {
        assert_eq!((0..CELLS).filter(|&place| character(place).is_some()).count(), 6962);
    }
}
