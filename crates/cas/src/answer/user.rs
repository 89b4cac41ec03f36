#[cfg(not(feature = "nfc"))]
use std::sync::OnceLock;

use super::AnswerError;

const MAX_USER_BYTES: usize = 1024;

/// The user name, trimmed and in Unicode normalisation form C, so that two encodings of the same letters are one user.
pub(crate) fn read(text: &str) -> Result<String, AnswerError> {
    let text = text.trim_ascii();
    if text.is_empty() {
        return Err(AnswerError::NoUser);
    }
    if text.len() > MAX_USER_BYTES || text.chars().any(is_unseen) {
        return Err(AnswerError::BadUser);
    }
    if text.is_ascii() { Ok(text.to_owned()) } else { normalised(text) }
}

#[cfg(feature = "nfc")]
#[expect(clippy::unnecessary_wraps, reason = "the platform's may be missing")]
fn normalised(text: &str) -> Result<String, AnswerError> {
    Ok(icu_normalizer::ComposingNormalizerBorrowed::new_nfc().normalize(text).into_owned())
}

/// The platform's normalisation.
#[cfg(not(feature = "nfc"))]
static PLATFORM: OnceLock<fn(&str) -> String> = OnceLock::new();

/// Sets the platform's normalisation to form C, which is a pure function like the tables that it stands for. The first one stays. With
/// tables of its own, the crate does not need it.
pub fn normalise_by(platform: fn(&str) -> String) {
    #[cfg(not(feature = "nfc"))]
    PLATFORM.get_or_init(|| platform);
    #[cfg(feature = "nfc")]
    let _ = platform;
}

/// A name that cannot be normalised is refused: it could be another spelling of another person's.
#[cfg(not(feature = "nfc"))]
fn normalised(text: &str) -> Result<String, AnswerError> {
    PLATFORM.get().map(|platform| platform(text)).ok_or(AnswerError::BadUser)
}

/// Whether a character is invisible and may change how a name is read: controls, line separators, direction marks, zero-width
/// characters, tags and other invisible formatting.
pub fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn x11_a_name_is_trimmed_normalised_or_refused() {
        assert_eq!(read(" \tann\r\n").as_deref(), Ok("ann"));
        assert_eq!(read("Zoe\u{308}").as_deref(), Ok("Zo\u{eb}"), "one person, one spelling");
        assert_eq!(read("ann archer").as_deref(), Ok("ann archer"));
        for empty in ["", " ", "\n\t "] {
            assert_eq!(read(empty), Err(AnswerError::NoUser));
        }
        for bad in [
            "a\nb",
            "a\rb",
            "a\0",
            "a\u{7f}",
            "a\u{85}b",
            "\u{202e}nna",
            "a\u{200b}nn",
            "a\u{2066}b",
            "ann\u{feff}",
            "a\u{2028}b",
        ] {
            assert_eq!(read(bad), Err(AnswerError::BadUser), "{bad:?}");
        }
        assert_eq!(read(&"a".repeat(MAX_USER_BYTES)).map(|user| user.len()), Ok(MAX_USER_BYTES));
        assert_eq!(read(&"a".repeat(4096)), Err(AnswerError::BadUser));
    }

    proptest! {
        #[test]
        fn reading_twice_changes_nothing(text: String) {
            if let Ok(user) = read(&text) {
                prop_assert_eq!(read(&user), Ok(user));
            }
        }
    }
}
