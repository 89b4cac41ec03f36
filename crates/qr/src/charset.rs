//! Which encoding bytes are in: as the code names it by an extended channel interpretation (AIM ECI, part 3), or as
//! the bytes allow.

use crate::{code::Segment, kanji};

/// What a code says of the encoding of its bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Charset {
    /// Nothing.
    Unsaid,
    /// Numeric and alphanumeric mode: ASCII, whatever the code says of its bytes.
    Digits,
    /// Kanji mode, which has one encoding.
    Kanji,
    /// The number of an extended channel interpretation.
    Eci(u32),
}

/// The labels of the encodings 4 to 35 that the platform decodes.
fn label(eci: u32) -> Option<&'static str> {
    Some(match eci {
        4 => "iso-8859-2",
        5 => "iso-8859-3",
        6 => "iso-8859-4",
        7 => "iso-8859-5",
        8 => "iso-8859-6",
        9 => "iso-8859-7",
        10 => "iso-8859-8",
        11 => "iso-8859-9",
        12 => "iso-8859-10",
        13 => "iso-8859-11",
        15 => "iso-8859-13",
        16 => "iso-8859-14",
        17 => "iso-8859-15",
        18 => "iso-8859-16",
        21 => "windows-1250",
        22 => "windows-1251",
        23 => "windows-1252",
        24 => "windows-1256",
        25 => "utf-16be",
        28 => "big5",
        29 | 31 => "gbk",
        30 => "euc-kr",
        32 => "gb18030",
        33 => "utf-16le",
        _ => return None,
    })
}

/// The segment of these bytes. `japanese` says that the code has a segment in Kanji mode too.
pub(crate) fn segment(bytes: Vec<u8>, charset: Charset, japanese: bool) -> Segment {
    let utf8 = || core::str::from_utf8(&bytes).ok().map(str::to_owned);
    let (text, encoding) = match charset {
        Charset::Digits => (None, None),
        Charset::Kanji | Charset::Eci(20) => shift_jis(&bytes),
        // The standard says Latin-1; the world writes UTF-8, and Shift JIS in Japan.
        Charset::Unsaid => match utf8() {
            Some(text) => (Some(text), None),
            None if is_shift_jis(&bytes, japanese) => shift_jis(&bytes),
            None => (None, None),
        },
        Charset::Eci(0..=3) => (None, None),
        Charset::Eci(number) => (utf8(), if bytes.is_ascii() && !is_wide(number) { None } else { label(number) }),
    };
    Segment { text: text.unwrap_or_else(|| latin1(&bytes)), bytes, encoding }
}

fn shift_jis(bytes: &[u8]) -> (Option<String>, Option<&'static str>) {
    let text = kanji::single_bytes(bytes);
    let encoding = if text.is_none() { Some("shift_jis") } else { None };
    (text, encoding)
}

/// Whether ASCII bytes are something else than ASCII there.
fn is_wide(eci: u32) -> bool {
    matches!(eci, 25 | 33)
}

fn latin1(bytes: &[u8]) -> String {
    bytes.iter().map(|&b| char::from(b)).collect()
}

/// Whether bytes are Shift JIS by their form, and that rather than Latin-1. Letters with accents stand alone among ASCII;
/// Japanese comes in words.
fn is_shift_jis(bytes: &[u8], japanese: bool) -> bool {
    if !kanji::is_shift_jis(bytes) {
        return false;
    }
    if bytes.iter().any(|&b| b < 0x20 && !matches!(b, b'\t' | b'\n' | b'\r' | 0x1b | 0x1c..=0x1f)) {
        return false;
    }
    let high = bytes.iter().filter(|b| !b.is_ascii()).count();
    japanese
        // Controls in Latin-1, lead bytes in Shift JIS.
        || bytes.iter().any(|b| (0x80..0xa0).contains(b))
        || (sounds(bytes) && (high > 1 && high * 2 > bytes.len() || has_words(bytes, high)))
}

/// Whether there is a word of three half-width katakana, or of two and none stands alone.
fn has_words(bytes: &[u8], high: usize) -> bool {
    let words = || bytes.split(|&b| !is_kana(b)).map(<[u8]>::len);
    let together: usize = words().filter(|&length| length >= 2).sum();
    words().any(|length| length >= 3) || (together > 0 && together == high)
}

/// The bytes of half-width katakana: also the signs and most of the capital letters with accents of Latin-1.
fn is_kana(byte: u8) -> bool {
    (0xa6..=0xdf).contains(&byte)
}

/// Whether every voicing mark stands after a syllable that can be voiced, and every long vowel and small letter after a
/// syllable. In Latin-1 these are `Þ`, `ß`, `°` and signs such as `§`, `©`, `«`.
fn sounds(bytes: &[u8]) -> bool {
    let mut before = 0;
    bytes.iter().all(|&byte| {
        let fits = match byte {
            0xde => matches!(before, 0xb3 | 0xb6..=0xc4 | 0xca..=0xce),
            0xdf => matches!(before, 0xca..=0xce),
            0xa7..=0xb0 => is_kana(before),
            _ => true,
        };
        before = byte;
        fits
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unsaid(bytes: &[u8]) -> String {
        segment(bytes.to_vec(), Charset::Unsaid, false).text
    }

    #[test]
    fn words_of_katakana_beside_ascii() {
        assert_eq!(unsaid(b"\xd2\xd3\xd8\xb0QR https://example.org/"), "ﾒﾓﾘｰQR https://example.org/");
        assert_eq!(unsaid(b"https://example.org/ \xb6\xb7\xde\xc3\xbd\xc4 robin"), "https://example.org/ ｶｷﾞﾃｽﾄ robin");
        assert_eq!(unsaid(b"https://example.org/ \xd2\xd3"), "https://example.org/ ﾒﾓ");
        let kanji = segment(b"\x93\xfa\x96\x7b".to_vec(), Charset::Unsaid, false);
        assert_eq!(kanji.encoding, Some("shift_jis"));
    }

    #[test]
    fn letters_and_signs_of_latin1() {
        for text in [
            "Stra\u{df}e 5",
            "20 \u{b0}C",
            "\u{ab}\u{c4}rger\u{bb}",
            "\u{c5}",
            "Caf\u{e9}",
            "\u{a9} 2026 \u{d6}l",
            "GR\u{dc}\u{df}E",
        ] {
            assert_eq!(unsaid(&text.chars().map(|c| c as u8).collect::<Vec<_>>()), text);
        }
    }

    #[test]
    fn a_kanji_segment_is_a_sign_of_shift_jis() {
        assert_eq!(segment(b"\xc41".to_vec(), Charset::Unsaid, true).text, "ﾄ1");
        assert_eq!(segment(b"\xc41".to_vec(), Charset::Unsaid, false).text, "Ä1");
    }

    #[test]
    fn the_platform_decodes_what_the_code_names() {
        let cyrillic = segment(b"\xcf".to_vec(), Charset::Eci(22), false);
        assert_eq!((cyrillic.encoding, cyrillic.text.as_str()), (Some("windows-1251"), "Ï"));
        assert_eq!(segment(b"robin".to_vec(), Charset::Eci(22), false).encoding, None);
        assert_eq!(segment(b"\0r".to_vec(), Charset::Eci(25), false).encoding, Some("utf-16be"));
    }

    #[test]
    fn bytes_that_are_no_text_are_still_given() {
        for charset in [Charset::Unsaid, Charset::Eci(20), Charset::Eci(26), Charset::Eci(500), Charset::Eci(899)] {
            let bytes = b"\x01\xff\x93".to_vec();
            let segment = segment(bytes.clone(), charset, false);
            assert_eq!((segment.bytes, segment.text.as_str()), (bytes, "\u{1}\u{ff}\u{93}"));
        }
    }
}
