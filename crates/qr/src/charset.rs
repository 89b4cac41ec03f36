//! The encoding of a segment: the one that the code names by an extended channel interpretation (AIM ECI, part 3), or
//! one guessed from the bytes.

use crate::{code::Segment, kanji};

/// The encoding that a code declares for its bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Charset {
    /// The code declares none.
    Unspecified,
    /// Numeric and alphanumeric mode: always ASCII, whatever the code declares for byte mode.
    Digits,
    /// Kanji mode, which has one encoding.
    Kanji,
    /// The number of an extended channel interpretation.
    Eci(u32),
}

/// The WHATWG labels of the ECI numbers 4 to 33 that need a table.
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

/// Makes a segment from its bytes. `japanese`: the code also has a segment in Kanji mode.
pub(crate) fn segment(bytes: Vec<u8>, charset: Charset, japanese: bool) -> Segment {
    let utf8 = || core::str::from_utf8(&bytes).ok().map(str::to_owned);
    let (text, encoding) = match charset {
        Charset::Digits => (None, None),
        Charset::Kanji | Charset::Eci(20) => shift_jis(&bytes),
        // The standard's default is Latin-1, but encoders write UTF-8, and Japanese ones Shift JIS.
        Charset::Unspecified => match utf8() {
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

/// UTF-16, where bytes below 0x80 are not ASCII characters.
fn is_wide(eci: u32) -> bool {
    matches!(eci, 25 | 33)
}

fn latin1(bytes: &[u8]) -> String {
    bytes.iter().map(|&b| char::from(b)).collect()
}

/// Whether bytes are more likely Shift JIS than Latin-1. Accented Latin letters mostly occur one at a time among ASCII;
/// Japanese occurs in runs.
fn is_shift_jis(bytes: &[u8], japanese: bool) -> bool {
    if !kanji::is_shift_jis(bytes) {
        return false;
    }
    if bytes.iter().any(|&b| b < 0x20 && !matches!(b, b'\t' | b'\n' | b'\r' | 0x1b | 0x1c..=0x1f)) {
        return false;
    }
    let high = bytes.iter().filter(|b| !b.is_ascii()).count();
    japanese
        // Control characters in Latin-1, lead bytes in Shift JIS.
        || bytes.iter().any(|b| (0x80..0xa0).contains(b))
        || (is_katakana_spelling(bytes) && (high > 1 && high * 2 > bytes.len() || has_words(bytes, high)))
}

/// Whether there is a run of three half-width katakana, or runs of two and no single one.
fn has_words(bytes: &[u8], high: usize) -> bool {
    let words = || bytes.split(|&b| !is_kana(b)).map(<[u8]>::len);
    let together: usize = words().filter(|&length| length >= 2).sum();
    words().any(|length| length >= 3) || (together > 0 && together == high)
}

/// A byte of half-width katakana. In Latin-1 the same bytes are signs and most accented capital letters.
fn is_kana(byte: u8) -> bool {
    (0xa6..=0xdf).contains(&byte)
}

/// Whether every voicing mark follows a syllable that can be voiced, and every long vowel and small letter follows a
/// syllable. In Latin-1 these bytes are `Þ`, `ß`, `°` and signs such as `§`, `©`, `«`.
fn is_katakana_spelling(bytes: &[u8]) -> bool {
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

    fn guessed(bytes: &[u8]) -> String {
        segment(bytes.to_vec(), Charset::Unspecified, false).text
    }

    #[test]
    fn katakana_runs_among_ascii_are_shift_jis() {
        assert_eq!(guessed(b"\xd2\xd3\xd8\xb0QR https://example.org/"), "ﾒﾓﾘｰQR https://example.org/");
        assert_eq!(guessed(b"https://example.org/ \xb6\xb7\xde\xc3\xbd\xc4 robin"), "https://example.org/ ｶｷﾞﾃｽﾄ robin");
        assert_eq!(guessed(b"https://example.org/ \xd2\xd3"), "https://example.org/ ﾒﾓ");
        let kanji = segment(b"\x93\xfa\x96\x7b".to_vec(), Charset::Unspecified, false);
        assert_eq!(kanji.encoding, Some("shift_jis"));
    }

    #[test]
    fn accented_letters_and_signs_are_latin1() {
        for text in [
            "Stra\u{df}e 5",
            "20 \u{b0}C",
            "\u{ab}\u{c4}rger\u{bb}",
            "\u{c5}",
            "Caf\u{e9}",
            "\u{a9} 2026 \u{d6}l",
            "GR\u{dc}\u{df}E",
        ] {
            assert_eq!(guessed(&text.chars().map(|c| c as u8).collect::<Vec<_>>()), text);
        }
    }

    #[test]
    fn a_kanji_segment_makes_the_byte_segments_shift_jis() {
        assert_eq!(segment(b"\xc41".to_vec(), Charset::Unspecified, true).text, "ﾄ1");
        assert_eq!(segment(b"\xc41".to_vec(), Charset::Unspecified, false).text, "Ä1");
    }

    #[test]
    fn a_declared_encoding_with_a_table_is_left_to_the_platform() {
        let cyrillic = segment(b"\xcf".to_vec(), Charset::Eci(22), false);
        assert_eq!((cyrillic.encoding, cyrillic.text.as_str()), (Some("windows-1251"), "Ï"));
        assert_eq!(segment(b"robin".to_vec(), Charset::Eci(22), false).encoding, None);
        assert_eq!(segment(b"\0r".to_vec(), Charset::Eci(25), false).encoding, Some("utf-16be"));
    }

    #[test]
    fn undecodable_bytes_are_given_as_latin1() {
        for charset in [Charset::Unspecified, Charset::Eci(20), Charset::Eci(26), Charset::Eci(500), Charset::Eci(899)]
        {
            let bytes = b"\x01\xff\x93".to_vec();
            let segment = segment(bytes.clone(), charset, false);
            assert_eq!((segment.bytes, segment.text.as_str()), (bytes, "\u{1}\u{ff}\u{93}"));
        }
    }
}
