//! The form of Shift JIS (JIS X 0208 appendix 1). The table of its characters is the platform's: it would be a sixth of
//! the reader.

/// Whether two bytes are in a row of the table that has characters: rows 1 to 8, the vendors' row 13, and 16 to 84.
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

/// The two bytes of a character of Kanji mode from its 13 bits (ISO/IEC 18004 section 7.4.6). `None` where no character is.
pub(crate) fn of_qr(value: u32) -> Option<[u8; 2]> {
    let value = ((value / 0xc0) << 8) | (value % 0xc0);
    let code = u16::try_from(value + if value + 0x8140 <= 0x9ffc { 0x8140 } else { 0xc140 }).ok()?;
    let [lead, trail] = code.to_be_bytes();
    is_double(lead, trail).then_some([lead, trail])
}

/// Whether the bytes are Shift JIS by their form.
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

/// The text of bytes that are ASCII and half-width katakana alone: one byte a character, in their order.
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
    fn kanji_of_the_standard() {
        // ISO/IEC 18004 section 7.4.6: the two examples 0x935f and 0xe4aa.
        assert_eq!(of_qr(0x0d9f), Some([0x93, 0x5f]));
        assert_eq!(of_qr(0x1aaa), Some([0xe4, 0xaa]));
    }

    #[test]
    fn shift_jis_of_every_kind() {
        assert!(is_shift_jis(b"QR \x93\xfa\x96\x7b \x83\x65\x82\xcc \xb1\xdf"));
        assert!(is_shift_jis(b"\x87\x40\xea\xa4"));
        assert_eq!(single_bytes(b"QR \xb1\xdf"), Some("QR ｱﾟ".to_owned()));
        assert_eq!(single_bytes(b"\x93\xfa"), None);
    }

    #[test]
    fn what_is_no_shift_jis() {
        assert!(!is_shift_jis(b"\x93"), "half a character");
        assert!(!is_shift_jis(b"\x93\x20"), "no trail byte");
        assert!(!is_shift_jis(b"\xa0"), "no lead byte");
        assert!(!is_shift_jis(b"\xfc\xfc"), "past the table");
    }

    /// The form against the table of another implementation.
    #[test]
    fn all_characters_have_the_form() {
        for (lead, trail) in (0x81..=0xfc_u8).flat_map(|lead| (0x40..=0xfc_u8).map(move |trail| (lead, trail))) {
            let bytes = [lead, trail];
            let text = encoding_rs::SHIFT_JIS.decode_without_bom_handling_and_without_replacement(&bytes);
            // Past row 84 come the extensions of vendors, which Kanji mode cannot write.
            if !(0xa1..=0xdf).contains(&lead) && bytes <= [0xea, 0xa4] && text.is_some() {
                assert!(is_double(lead, trail), "{bytes:x?} is {text:?}");
            }
        }
    }
}
