use alloc::vec::Vec;

/// The schemes of links. A scheme that ends with another one comes before it.
const SCHEMES: [&str; 5] = ["apple-otpauth", "otpauth-migration", "otpauth", "motp", "steam"];
/// The text after a scheme: raw, or percent-encoded in the query of another address.
const MARKS: [&str; 2] = ["://", "%3A%2F%2F"];

/// The start of a link.
#[derive(Clone, Copy)]
pub(super) struct Start<'t> {
    /// The text from the scheme to the next link or the end.
    pub(super) text: &'t str,
    /// The text before the scheme.
    pub(super) before: &'t str,
    /// Whether the link is percent-encoded as a whole, as the query value of another address.
    pub(super) encoded: bool,
}

/// The starts of all links. A scheme always starts a new link, whatever precedes it, so that a secret can never become
/// part of the link before.
pub(super) fn starts(text: &str) -> Vec<Start<'_>> {
    let mut places: Vec<(usize, bool)> = Vec::new();
    for (mark, encoded) in MARKS.into_iter().zip([false, true]) {
        let mut from = 0;
        while let Some(at) = find(text, mark, from) {
            from = at.saturating_add(mark.len());
            let before = text.get(..at).unwrap_or_default();
            let scheme = SCHEMES.into_iter().find(|scheme| ends(before, scheme));
            if let Some(scheme) = scheme {
                places.push((at.saturating_sub(scheme.len()), encoded));
            }
        }
    }
    places.sort_unstable();
    let ends = places.iter().skip(1).map(|(at, _)| *at).chain([text.len()]);
    let start = |((at, encoded), end): (&(usize, bool), usize)| {
        Some(Start { text: text.get(*at..end)?, before: text.get(..*at)?, encoded: *encoded })
    };
    places.iter().zip(ends).filter_map(start).collect()
}

/// The index of the next occurrence of an ASCII word, ignoring case.
fn find(text: &str, word: &str, from: usize) -> Option<usize> {
    let rest = text.as_bytes().get(from..)?;
    let at = rest.windows(word.len()).position(|window| window.eq_ignore_ascii_case(word.as_bytes()))?;
    Some(from.saturating_add(at))
}

/// Whether a text begins with an ASCII word, ignoring case.
pub(super) fn begins(text: &str, word: &str) -> bool {
    text.as_bytes().get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word.as_bytes()))
}

fn ends(text: &str, word: &str) -> bool {
    let start = text.len().checked_sub(word.len());
    start.and_then(|start| text.as_bytes().get(start..)).is_some_and(|end| end.eq_ignore_ascii_case(word.as_bytes()))
}
