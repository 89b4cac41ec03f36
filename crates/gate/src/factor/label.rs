//! Names that people give to their factors and devices.

/// Longest label, in letters.
const MAX_LETTERS: usize = 40;

/// Cleans a label: trims it, cuts it at 40 letters, and removes characters that could change the text around it on a page.
pub(crate) fn label(text: &str) -> String {
    let kept = text.chars().filter(|c| !is_format(*c)).map(|c| if c.is_whitespace() { ' ' } else { c });
    let kept: String = kept.collect();
    kept.trim().chars().take(MAX_LETTERS).collect::<String>().trim_end().to_owned()
}

/// Control, format and bidirectional characters, and noncharacters.
fn is_format(c: char) -> bool {
    c.is_control() && !c.is_whitespace()
        || matches!(u32::from(c),
            0xad | 0x61c | 0x34f | 0x180e | 0x200b..=0x200f | 0x202a..=0x202e | 0x2060..=0x206f | 0xfeff | 0xfff0..=0xffff
            | 0xe0000..=0xe0fff)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_stays_within_its_place() {
        for (text, want) in [
            ("  my phone \n", "my phone"),
            ("a\u{202e}b\u{200f}c\0d\u{feff}", "abcd"),
            ("tab\there", "tab here"),
            ("Schlüssel 🔑", "Schlüssel 🔑"),
            ("", ""),
            ("\u{2066}", ""),
        ] {
            assert_eq!(label(text), want, "{text:?}");
        }
        assert_eq!(label(&"ä".repeat(100)).chars().count(), 40);
    }
}
