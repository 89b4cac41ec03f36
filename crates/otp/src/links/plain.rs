use alloc::string::String;

use zeroize::Zeroizing;

use super::find::begins;

/// Undoes the escapes of HTML, JSON and shells: `&amp;`, `\u0026`, `\/`, `\&`.
///
/// Only escapes of the characters that delimit an address or a text, and of the no-break space, are undone.
pub(super) fn plain(text: &str) -> Zeroizing<String> {
    let mut out = Zeroizing::new(String::with_capacity(text.len()));
    let mut rest = text;
    while let Some(at) = rest.find(['&', '\\']) {
        let (before, escaped) = rest.split_at(at);
        out.push_str(before);
        match escape(escaped) {
            // An ampersand may be escaped more than once: `&amp;amp;`.
            Some(('&', len)) => {
                let mut after = escaped.get(len..).unwrap_or_default();
                while let Some(inner) = after.strip_prefix("amp;") {
                    after = inner;
                }
                out.push('&');
                rest = after;
            }
            Some((letter, len)) => {
                out.push(letter);
                rest = escaped.get(len..).unwrap_or_default();
            }
            None => {
                let (letter, after) = escaped.split_at(1);
                out.push_str(letter);
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

/// The character that an escape stands for, and the escape's length.
fn escape(text: &str) -> Option<(char, usize)> {
    const NAMED: [(&str, char); 7] = [
        ("&amp;", '&'),
        ("&quot;", '"'),
        ("&apos;", '\''),
        ("&lt;", '<'),
        ("&gt;", '>'),
        ("&nbsp;", '\u{a0}'),
        ("&equals;", '='),
    ];
    if let Some((name, letter)) = NAMED.iter().find(|(name, _)| begins(text, name)) {
        return Some((*letter, name.len()));
    }
    if let Some(number) = text.strip_prefix("&#") {
        let (digits, _) = number.split_once(';').filter(|(digits, _)| digits.len() <= 7)?;
        let code = match digits.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16),
            None => digits.parse(),
        };
        let letter = char::from_u32(code.ok()?).filter(|letter| *letter >= ' ')?;
        return Some((letter, digits.len().saturating_add(3)));
    }
    if let Some(unicode) = text.strip_prefix("\\u00") {
        let code = u32::from_str_radix(unicode.get(..2)?, 16).ok()?;
        return Some((char::from_u32(code).filter(|letter| ('!'..='~').contains(letter))?, 6));
    }
    let letter = text.strip_prefix('\\')?.chars().next()?;
    "/?&=:%#\"'".contains(letter).then_some((letter, 2))
}
