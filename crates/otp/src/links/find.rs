use alloc::vec::Vec;

/// The schemes of links, the longer before what is their end.
const SCHEMES: [&str; 5] = ["apple-otpauth", "otpauth-migration", "otpauth", "motp", "steam"];
/// What follows a scheme, raw or as a setting of another address has it.
const MARKS: [&str; 2] = ["://", "%3A%2F%2F"];

/// Where a link begins.
#[derive(Clone, Copy)]
pub(super) struct Start<'t> {
    /// The text from the scheme on, to the next link or the end.
    pub(super) text: &'t str,
    /// What stands before the scheme.
    pub(super) before: &'t str,
    /// Whether the link is a value of another address and percent-encoded as a whole.
    pub(super) encoded: bool,
}

/// Every place where a link begins. A scheme begins a link whatever stands before it, so that no part of a link, its key
/// least of all, can become a part of the one before.
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

/// The next place of an ASCII word, in whatever case.
fn find(text: &str, word: &str, from: usize) -> Option<usize> {
    let rest = text.as_bytes().get(from..)?;
    let at = rest.windows(word.len()).position(|window| window.eq_ignore_ascii_case(word.as_bytes()))?;
    Some(from.saturating_add(at))
}

/// Whether a text begins with an ASCII word, in whatever case.
pub(super) fn begins(text: &str, word: &str) -> bool {
    text.as_bytes().get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word.as_bytes()))
}

fn ends(text: &str, word: &str) -> bool {
    let start = text.len().checked_sub(word.len());
    start.and_then(|start| text.as_bytes().get(start..)).is_some_and(|end| end.eq_ignore_ascii_case(word.as_bytes()))
}
