//! The operator's name and logo on the gate's pages.

use base64ct::{Base64, Encoding as _};

use super::{Problem, raw::RawPages};

/// Longest name, in letters.
const MAX_NAME_LETTERS: usize = 60;
/// Largest logo, in bytes.
const MAX_LOGO_BYTES: usize = 16 * 1024;
/// The first bytes of a PNG (its specification, section 5.2).
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";

/// The operator's name and logo.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pages {
    /// The name, shown in the place of the host.
    pub name: Option<String>,
    /// A `data:` address for an `<img>`. Never an address of ours, and never inline: there, an SVG could run scripts.
    pub logo: Option<String>,
}

pub(super) fn read(raw: RawPages, problems: &mut Vec<Problem>) -> Pages {
    if let Some(what) = raw.name.as_deref().and_then(name_problem) {
        problems.push(Problem::new("pages.name", what));
    }
    if let Some(what) = raw.logo.as_deref().and_then(logo_problem) {
        problems.push(Problem::new("pages.logo", what));
    }
    Pages { name: raw.name, logo: raw.logo }
}

fn name_problem(name: &str) -> Option<&'static str> {
    let letters = name.chars().count();
    if !(1..=MAX_NAME_LETTERS).contains(&letters) || name.trim() != name {
        return Some("must be 1 to 60 letters, without a blank at either end");
    }
    // Such characters could reverse the text beside the name, or hide a part of it.
    name.chars().any(cas::is_unseen).then_some("holds a control, format or direction character")
}

fn logo_problem(logo: &str) -> Option<&'static str> {
    let forms = "must be data:image/png;base64,… or data:image/svg+xml;base64,…";
    let (is_png, text) =
        match (logo.strip_prefix("data:image/png;base64,"), logo.strip_prefix("data:image/svg+xml;base64,")) {
            (Some(text), _) => (true, text),
            (_, Some(text)) => (false, text),
            (None, None) => return Some(forms),
        };
    if text.len() > MAX_LOGO_BYTES.div_ceil(3) * 4 {
        return Some("is larger than 16 kB");
    }
    let Ok(bytes) = Base64::decode_vec(text) else { return Some("is no base64 after the comma") };
    if bytes.len() > MAX_LOGO_BYTES {
        return Some("is larger than 16 kB");
    }
    let is_svg = || core::str::from_utf8(&bytes).is_ok_and(|text| text.contains("<svg"));
    let good = if is_png { bytes.starts_with(PNG) } else { is_svg() };
    (!good).then_some("holds something else than its type says")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(name: &str, logo: &str) -> Vec<String> {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let mut problems = Vec::new();
        let _ = read(RawPages { name: some(name), logo: some(logo) }, &mut problems);
        problems.into_iter().map(|problem| problem.at).collect()
    }

    #[test]
    fn o06_a_name_cannot_change_the_text_around_it() {
        for good in ["Hochschule Nürnberg", "</title><script>alert(1)</script>", "大学", &"ä".repeat(60)] {
            assert_eq!(problems(good, ""), [""; 0], "{good}: a page escapes it");
        }
        for bad in ["a\u{202e}b", "a\nb", "a\u{200b}", "\u{2066}a", " a", "a ", "\0", &"ä".repeat(61)] {
            assert_eq!(problems(bad, ""), ["pages.name"], "{bad:?}");
        }
        let empty = RawPages { name: Some(String::new()), logo: None };
        let mut found = Vec::new();
        let _ = read(empty, &mut found);
        assert_eq!(found.len(), 1);
    }

    #[test]
    fn o06_a_logo_is_a_png_or_an_svg_of_16_kb() {
        let data = |kind: &str, bytes: &[u8]| format!("data:image/{kind};base64,{}", Base64::encode_string(bytes));
        let png = |bytes: usize| [PNG, &vec![0; bytes - PNG.len()]].concat();
        for good in [
            data("png", &png(16_384)),
            data("svg+xml", b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>"),
        ] {
            assert_eq!(problems("", &good), [""; 0], "{good}");
        }
        for bad in [
            data("png", &png(16_385)),
            data("png", &png(16_387)),
            data("png", b"<svg/>"),
            data("svg+xml", &png(100)),
            data("svg+xml", b"<html/>"),
            data("jpeg", &png(100)),
            "data:image/svg+xml,<svg/>".into(),
            "data:image/png;base64,%%%".into(),
            "data:text/html;base64,PHN2Zy8+".into(),
            "https://cdn.example.org/logo.svg".into(),
            "/logo.svg".into(),
        ] {
            assert_eq!(problems("", &bad), ["pages.logo"], "{bad}");
        }
    }
}
