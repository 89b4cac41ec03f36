use crate::separators::{LEN, separator};

/// The shortest text that is accepted as a secret without a link around it: 10 bytes in base32.
const MIN_KEY: usize = 16;

/// Where a secret ends when words may follow it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// The whole text is the secret.
    Whole,
    /// The secret ends at this byte; words follow.
    At(usize),
    /// The text after the secret could be part of it.
    Unclear,
}

/// Where the secret at the start of a text ends. Secrets are written in one piece, or in groups of one length with a
/// shorter last one, in capitals or in lower case throughout.
pub(super) fn end(text: &str) -> End {
    let mut groups = groups(text);
    let Some((_, mut end, first)) = groups.next() else { return End::Whole };
    let (mut letters, mut last) = (first.len(), first.len() < 2);
    for (_, group_end, group) in groups {
        if group.trim_matches('=').is_empty() {
            end = group_end;
            continue;
        }
        if !is_base32(group) || case(group).is_some_and(|new| case(first).is_some_and(|old| old != new)) {
            return if letters < MIN_KEY { End::Whole } else { End::At(end) };
        }
        // After a first group of full length, a group without digits is a word.
        let word = first.len() >= MIN_KEY && !group.bytes().any(|b| b.is_ascii_digit());
        if last || word || group.len() > first.len() {
            return if letters < MIN_KEY { End::Whole } else { End::Unclear };
        }
        last = group.len() < first.len();
        letters = letters.saturating_add(group.len());
        end = group_end;
    }
    End::Whole
}

/// The number of characters before the end of the first group, as the position of an unclear end.
pub(super) fn first_end(text: &str) -> usize {
    let end = groups(text).next().map_or(0, |(_, end, _)| end);
    text.get(..end).unwrap_or_default().chars().count()
}

/// Whether a text is a secret and nothing else.
pub(super) fn is_key(text: &str) -> bool {
    let padding = |group: &&str| !group.trim_end_matches('=').is_empty();
    let mut sizes =
        groups(text).map(|(.., group)| group).filter(padding).map(|group| group.trim_end_matches('=').len());
    let Some(first) = sizes.next() else { return false };
    let (mut letters, mut last) = (first, first);
    for size in sizes {
        if last != first || size > first {
            return false;
        }
        (letters, last) = (letters.saturating_add(size), size);
    }
    letters >= MIN_KEY && end(text) == End::Whole && groups(text).all(|(.., group)| is_base32(group))
}

fn is_base32(group: &str) -> bool {
    group.trim_end_matches('=').bytes().all(|b| b.is_ascii_alphabetic() || (b'2'..=b'7').contains(&b))
}

/// Whether the letters are capitals; `None` for mixed case or no letters.
fn case(group: &str) -> Option<bool> {
    let mut letters = group.bytes().filter(u8::is_ascii_alphabetic).map(|b| b.is_ascii_uppercase());
    let first = letters.next()?;
    letters.all(|capital| capital == first).then_some(first)
}

/// The groups between separators, each with its start and end.
fn groups(text: &str) -> impl Iterator<Item = (usize, usize, &str)> {
    let bytes = text.as_bytes();
    let mut at = 0_usize;
    core::iter::from_fn(move || {
        loop {
            match separator(bytes, at) {
                0 => break,
                separated => at = at.saturating_add(separated & LEN),
            }
        }
        let start = at;
        while at < bytes.len() && separator(bytes, at) == 0 {
            at = at.saturating_add(1);
        }
        text.get(start..at).filter(|group| !group.is_empty()).map(|group| (start, at, group))
    })
}
