//! Bytes of a wasm as a line of printable ASCII that gzip shortens like the bytes themselves, within 2 %.
//!
//! One character for one byte keeps what repeats in the wasm visible to gzip: base64 shifts the bits and costs 27 %, and
//! in hexadecimal each byte costs two symbols, 12 %. There are not enough characters for all bytes, so the [`COMMON`] most
//! frequent ones have one of their own, and the others a `}` or `~` before theirs. In front stand 64 hexadecimal digits
//! that say which bytes are the common ones. `crates/js/npm/load/bytes.js` reads it.
//!
//! Quotes, backslashes and `<` are left out, so that no bundler, minifier or HTML page has anything to escape.

const COMMON: usize = 90;

pub(crate) fn packed(bytes: &[u8]) -> String {
    let mut counts = [0_usize; 256];
    for byte in bytes {
        counts[usize::from(*byte)] += 1;
    }
    let mut order: Vec<u8> = (0..=255).collect();
    order.sort_by_key(|byte| std::cmp::Reverse(counts[usize::from(*byte)]));
    let (common, rare) = order.split_at_mut(COMMON);
    common.sort_unstable();
    rare.sort_unstable();

    let letters: Vec<char> = (' '..='|').filter(|letter| !"\"<\\".contains(*letter)).collect();
    assert_eq!(letters.len(), COMMON);
    let mut words = vec![String::new(); 256];
    for (place, byte) in common.iter().chain(&*rare).enumerate() {
        let prefix = ["", "}", "~"][place / COMMON];
        words[usize::from(*byte)] = format!("{prefix}{}", letters[place % COMMON]);
    }
    let mask = (0..=255_u8).collect::<Vec<_>>();
    let mask = mask.chunks(4).map(|four| {
        let digit = four.iter().rev().fold(0, |digit, byte| digit << 1 | u8::from(common.contains(byte)));
        format!("{digit:x}")
    });
    mask.chain(bytes.iter().map(|byte| words[usize::from(*byte)].clone())).collect()
}
