//! Bytes of a wasm as a line of printable ASCII that gzip shortens like the bytes themselves, within 2 %.
//!
//! One character for one byte keeps what repeats in the wasm visible to gzip: base64 shifts the bits and costs 27 %, and
//! in hexadecimal each byte costs two symbols, 12 %. There are not enough characters for all bytes, so the [`COMMON`] most
//! frequent ones have one of their own, and the others a `}` or `~` before theirs. In front stand 64 hexadecimal digits
//! that say which bytes are the common ones. `crates/js/npm/load/bytes.js` reads it.
//!
//! Quotes, backslashes and `<` are left out, so that no bundler, minifier or HTML page has anything to escape.

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
