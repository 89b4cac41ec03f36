//! Encodes a wasm as a line of printable ASCII that gzip compresses as well as the bytes themselves, within 2 %.
//!
//! One character for one byte lets gzip find the repetitions: base64 shifts the bits and costs 27 %, hexadecimal uses
//! two symbols a byte and costs 12 %. There are not enough characters for all byte values, so the [`COMMON`] most
//! frequent ones get one character each, and the others a character with `}` or `~` before it. The line begins with 64
//! hexadecimal digits: a bit mask of the common values. `crates/js/npm/load/bytes.js` decodes it.
//!
//! The alphabet has no quotes, backslashes and `<`, so that no bundler, minifier or HTML page needs to escape anything.

use std::collections::BTreeMap;

const COMMON: usize = 90;

pub(crate) fn packed(bytes: &[u8]) -> String {
    let mut counts: BTreeMap<u8, usize> = (0..=255).map(|byte| (byte, 0)).collect();
    for byte in bytes {
        counts.entry(*byte).and_modify(|count| *count += 1);
    }
    let mut order: Vec<_> = counts.into_iter().collect();
    order.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let (common, rare) = order.split_at_mut(COMMON);
    common.sort_unstable();
    rare.sort_unstable();

    let letters = (' '..='|').filter(|letter| !"\"<\\".contains(*letter));
    let prefixed = |prefix: &'static str| letters.clone().map(move |letter| format!("{prefix}{letter}"));
    let places = prefixed("").chain(prefixed("}")).chain(prefixed("~"));
    let words: BTreeMap<u8, String> = common.iter().chain(&*rare).map(|(byte, _)| *byte).zip(places).collect();

    let alone = |byte: u8| words.get(&byte).is_some_and(|word| word.len() == 1);
    let mask = (0..=255_u8).step_by(4).map(|first| {
        let digit = (first..=first + 3).rev().fold(0, |digit, byte| digit << 1 | u8::from(alone(byte)));
        format!("{digit:x}")
    });
    mask.chain(bytes.iter().filter_map(|byte| words.get(byte).cloned())).collect()
}
