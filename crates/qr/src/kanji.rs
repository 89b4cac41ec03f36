//! The byte structure of Shift JIS (JIS X 0208 appendix 1). Its character table is left to the platform's
//! `TextDecoder`, because it would be a sixth of the WebAssembly.

/// Whether two bytes lie in a row that has characters: rows 1 to 8, the vendor row 13, and 16 to 84.
fn is_double(lead: u8, trail: u8) -> bool {
    let rows = match lead {
        0x81..=0x84 | 0x89..=0x9f | 0xe0..=0xe9 => 0x40..=0xfc,
        0x87 => 0x40..=0x9e,
        0xea => 0x40..=0xa4,
        0x88 => 0x9f..=0xfc,
        _ => return false,
    };
    trail != 0x7f && rows.contains(&trail)
}

/// The Shift JIS bytes of a 13-bit Kanji mode value (ISO/IEC 18004 section 7.4.6). `None` where the table has no
/// character.
pub(crate) fn from_kanji_mode(value: u32) -> Option<[u8; 2]> {
    let value = ((value / 0xc0) << 8) | (value % 0xc0);
    let code = u16::try_from(value + if value + 0x8140 <= 0x9ffc { 0x8140 } else { 0xc140 }).ok()?;
    let [lead, trail] = code.to_be_bytes();
    is_double(lead, trail).then_some([lead, trail])
}

/// Whether the bytes have the structure of Shift JIS.
pub(crate) fn is_shift_jis(bytes: &[u8]) -> bool {
    let mut rest = bytes;
    while let Some((&byte, after)) = rest.split_first() {
        rest = match (byte, after) {
            (0..=0x80 | 0xa1..=0xdf, _) => after,
            (lead, [trail, after @ ..]) if is_double(lead, *trail) => after,
            _ => return false,
        };
    }
    true
}

/// The text of ASCII and half-width katakana, whose bytes map to characters without a table. `None` for other bytes.
pub(crate) fn single_bytes(bytes: &[u8]) -> Option<String> {
    bytes
        .iter()
        .map(|&byte| match byte {
            0..=0x7f => Some(char::from(byte)),
            0xa1..=0xdf => char::from_u32(0xff61 + u32::from(byte) - 0xa1),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kanji_mode_examples_of_the_standard() {
        // ISO/IEC 18004 section 7.4.6: the two examples 0x935f and 0xe4aa.
        assert_eq!(from_kanji_mode(0x0d9f), Some([0x93, 0x5f]));
        assert_eq!(from_kanji_mode(0x1aaa), Some([0xe4, 0xaa]));
    }

    #[test]
    fn shift_jis_is_recognised() {
        assert!(is_shift_jis(b"QR \x93\xfa\x96\x7b \x83\x65\x82\xcc \xb1\xdf"));
        assert!(is_shift_jis(b"\x87\x40\xea\xa4"));
        assert_eq!(single_bytes(b"QR \xb1\xdf"), Some("QR ｱﾟ".to_owned()));
        assert_eq!(single_bytes(b"\x93\xfa"), None);
    }

    #[test]
    fn other_bytes_are_not_shift_jis() {
        assert!(!is_shift_jis(b"\x93"), "half a character");
        assert!(!is_shift_jis(b"\x93\x20"), "no trail byte");
        assert!(!is_shift_jis(b"\xa0"), "no lead byte");
        assert!(!is_shift_jis(b"\xfc\xfc"), "past the table");
    }

    #[test]
    fn every_character_of_another_decoder_is_in_range() {
        for (lead, trail) in (0x81..=0xfc_u8).flat_map(|lead| (0x40..=0xfc_u8).map(move |trail| (lead, trail))) {
            let bytes = [lead, trail];
            let text = encoding_rs::SHIFT_JIS.decode_without_bom_handling_and_without_replacement(&bytes);
            // Past row 84 come vendor extensions, which Kanji mode cannot encode.
            if !(0xa1..=0xdf).contains(&lead) && bytes <= [0xea, 0xa4] && text.is_some() {
                assert!(is_double(lead, trail), "{bytes:x?} is {text:?}");
            }
        }
    }
}
