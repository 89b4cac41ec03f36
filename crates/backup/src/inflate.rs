//! Raw deflate (RFC 1951), read bit by bit: 4 kB of gzip less than `miniz_oxide`, and fast enough for the few megabytes of an export.
//! The tests hold it against that crate.

use alloc::vec::Vec;

use crate::{BackupError, cipher::Bytes, wipe::Zeroizing};

const DAMAGED: BackupError = BackupError::Damaged;

/// Decompresses to at most `most` bytes. Bytes after the last block are ignored.
///
/// # Errors
/// [`BackupError::Hostile`] when there are more than `most` bytes, [`BackupError::Damaged`] for anything else.
#[inline(never)]
pub(crate) fn inflate(packed: &[u8], most: usize) -> Result<Bytes, BackupError> {
    let mut bits = Bits { rest: packed.iter(), held: 0, count: 0 };
    let mut out = Zeroizing::new(Vec::new());
    loop {
        let last = bits.take(1)? == 1;
        match bits.take(2)? {
            0 => stored(&mut bits, &mut out, most)?,
            1 => {
                // Section 3.2.6.
                let mut lengths = [8; 288];
                for (place, len) in lengths.iter_mut().enumerate() {
                    *len = if (144..256).contains(&place) { 9 } else { 8 - u8::from((256..280).contains(&place)) };
                }
                compressed(&mut bits, &mut out, most, &Code::new(&lengths)?, &Code::new(&[5; 30])?)?;
            }
            2 => {
                let (literals, distances) = codes(&mut bits)?;
                compressed(&mut bits, &mut out, most, &literals, &distances)?;
            }
            _ => return Err(DAMAGED),
        }
        if last {
            return Ok(out);
        }
    }
}

struct Bits<'b> {
    rest: core::slice::Iter<'b, u8>,
    held: u32,
    /// How many bits of `held` count: under 8 between calls.
    count: u32,
}

impl Bits<'_> {
    /// The next bits, at most 16, the first one lowest.
    fn take(&mut self, count: u32) -> Result<u32, BackupError> {
        while self.count < count {
            self.held |= u32::from(*self.rest.next().ok_or(DAMAGED)?) << self.count;
            self.count += 8;
        }
        let bits = self.held & !(u32::MAX << count);
        self.held >>= count;
        self.count -= count;
        Ok(bits)
    }

    fn small(&mut self, count: u32) -> Result<usize, BackupError> {
        usize::try_from(self.take(count)?).map_err(|_| DAMAGED)
    }
}

/// A Huffman code, canonical as in section 3.2.2: how many codes have each length, and the symbols in the order of their codes.
struct Code {
    counts: [u32; 16],
    symbols: [u16; 288],
}

impl Code {
    #[inline(never)]
    fn new(lengths: &[u8]) -> Result<Self, BackupError> {
        let mut code = Self { counts: [0; 16], symbols: [0; 288] };
        let mut places = code.symbols.iter_mut();
        let mut left = 1_u32;
        for (len, count) in (0_u8..).zip(&mut code.counts).skip(1) {
            for (symbol, _) in (0_u16..).zip(lengths).filter(|(_, of)| **of == len) {
                *places.next().ok_or(DAMAGED)? = symbol;
                *count += 1;
            }
            // Fails for more codes of a length than exist. A code that stands for no symbol fails when it is read.
            left = (left << 1).checked_sub(*count).ok_or(DAMAGED)?;
        }
        Ok(code)
    }

    #[inline(never)]
    fn next(&self, bits: &mut Bits<'_>) -> Result<u16, BackupError> {
        // The code so far minus the first code of its length, and the place of the first code's symbol.
        let (mut over, mut place) = (0_u32, 0_u32);
        for count in self.counts.iter().skip(1) {
            over = over << 1 | bits.take(1)?;
            if over < *count {
                let place = usize::try_from(place + over).map_err(|_| DAMAGED)?;
                return self.symbols.get(place).copied().ok_or(DAMAGED);
            }
            over -= count;
            place += count;
        }
        Err(DAMAGED)
    }
}

fn stored(bits: &mut Bits<'_>, out: &mut Vec<u8>, most: usize) -> Result<(), BackupError> {
    (bits.held, bits.count) = (0, 0);
    let (len, check) = (bits.take(16)?, bits.take(16)?);
    if len != check ^ 0xffff {
        return Err(DAMAGED);
    }
    for _ in 0..len {
        let byte = bits.rest.next().ok_or(DAMAGED)?;
        push(out, *byte, most)?;
    }
    Ok(())
}

fn push(out: &mut Vec<u8>, byte: u8, most: usize) -> Result<(), BackupError> {
    if out.len() >= most {
        return Err(BackupError::Hostile);
    }
    out.push(byte);
    Ok(())
}

/// Section 3.2.7.
#[inline(never)]
fn codes(bits: &mut Bits<'_>) -> Result<(Code, Code), BackupError> {
    const ORDER: [u8; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
    let (literals, distances, count) = (bits.small(5)? + 257, bits.small(5)? + 1, bits.small(4)? + 4);
    if literals > 286 || distances > 30 {
        return Err(DAMAGED);
    }
    let mut lengths = [0_u8; 19];
    for place in ORDER.iter().take(count) {
        if let (Some(len), Ok(bits)) = (lengths.get_mut(usize::from(*place)), u8::try_from(bits.take(3)?)) {
            *len = bits;
        }
    }
    let code = Code::new(&lengths)?;
    let mut all: Vec<u8> = Vec::with_capacity(320);
    while all.len() < literals + distances {
        let (value, times) = match code.next(bits)? {
            16 => (*all.last().ok_or(DAMAGED)?, 3 + bits.small(2)?),
            17 => (0, 3 + bits.small(3)?),
            18 => (0, 11 + bits.small(7)?),
            len => (u8::try_from(len).map_err(|_| DAMAGED)?, 1),
        };
        all.resize(all.len() + times, value);
    }
    let (one, other) = all.split_at_checked(literals).ok_or(DAMAGED)?;
    // Refuses a repetition beyond the end, and a block without an end-of-block code.
    if other.len() != distances || one.get(256) == Some(&0) {
        return Err(DAMAGED);
    }
    Ok((Code::new(one)?, Code::new(other)?))
}

/// Sections 3.2.3 and 3.2.5. The tables there follow these formulas, but for length 258.
#[inline(never)]
fn compressed(
    bits: &mut Bits<'_>,
    out: &mut Vec<u8>,
    most: usize,
    literals: &Code,
    distances: &Code,
) -> Result<(), BackupError> {
    loop {
        let symbol = literals.next(bits)?;
        if let Ok(byte) = u8::try_from(symbol) {
            push(out, byte, most)?;
            continue;
        }
        let len = match u32::from(symbol) - 257_u32.min(symbol.into()) {
            _ if symbol == 256 => return Ok(()),
            step @ 0..8 => usize::try_from(step).map_err(|_| DAMAGED)? + 3,
            step @ 8..28 => {
                let extra = (step >> 2) - 1;
                usize::try_from((4 | step & 3) << extra).map_err(|_| DAMAGED)? + 3 + bits.small(extra)?
            }
            28 => 258,
            _ => return Err(DAMAGED),
        };
        let distance = match u32::from(distances.next(bits)?) {
            step @ 0..4 => usize::try_from(step).map_err(|_| DAMAGED)? + 1,
            step @ 4..30 => {
                let extra = (step >> 1) - 1;
                usize::try_from((2 | step & 1) << extra).map_err(|_| DAMAGED)? + 1 + bits.small(extra)?
            }
            _ => return Err(DAMAGED),
        };
        let from = out.len().checked_sub(distance).ok_or(DAMAGED)?;
        // One byte after the other: the copy may overlap what it writes.
        for at in from..from + len {
            let byte = out.get(at).copied().ok_or(DAMAGED)?;
            push(out, byte, most)?;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{vec, vec::Vec};

    use miniz_oxide::{deflate::compress_to_vec, inflate::decompress_to_vec_with_limit};
    use proptest::prelude::*;

    use super::{BackupError, inflate};

    const MOST: usize = 1 << 16;

    fn settings() -> ProptestConfig {
        ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(512) }
    }

    /// Bytes with and without repetitions, near and far.
    fn plain() -> impl Strategy<Value = Vec<u8>> {
        let runs = prop::collection::vec((any::<u8>(), 1_usize..400), 0..200);
        let text = prop::collection::vec(prop::sample::select(b"{\"secret\":[ABCDEF]}".to_vec()), 0..20_000);
        prop_oneof![
            prop::collection::vec(any::<u8>(), 0..40_000),
            text,
            runs.prop_map(|runs| runs.into_iter().flat_map(|(byte, times)| vec![byte; times]).collect()),
        ]
    }

    proptest! {
        #![proptest_config(settings())]

        /// Level 0 stores, 1 has the fixed code for short texts, 6 and 10 have codes of their own.
        #[test]
        fn what_the_library_packs_is_unpacked(plain in plain(), level in prop::sample::select(vec![0, 1, 6, 10])) {
            let packed = compress_to_vec(&plain, level);
            prop_assert_eq!(inflate(&packed, plain.len()).map(|out| out.to_vec()), Ok(plain.clone()));
            if let Some(less) = plain.len().checked_sub(1) {
                prop_assert_eq!(inflate(&packed, less).map(|out| out.to_vec()), Err(BackupError::Hostile));
            }
            for cut in [packed.len() / 2, packed.len() - 1] {
                prop_assert!(inflate(&packed[..cut], MOST).is_err());
            }
        }

        /// Unpacks to the same bytes as the library, whenever the library unpacks. Ours may accept a code with a gap, which the
        /// library refuses.
        #[test]
        fn damaged_bytes_end_as_in_the_library(plain in plain(), at: prop::sample::Index, bit in 0_u8..8) {
            let mut packed = compress_to_vec(&plain, 6);
            let at = at.index(packed.len());
            packed[at] ^= 1 << bit;
            if let Ok(out) = decompress_to_vec_with_limit(&packed, MOST) {
                prop_assert_eq!(inflate(&packed, MOST).map(|out| out.to_vec()), Ok(out));
            } else {
                let _ = inflate(&packed, MOST);
            }
        }

        #[test]
        fn any_bytes_end(packed in prop::collection::vec(any::<u8>(), 0..2_000)) {
            if let Ok(out) = inflate(&packed, MOST) {
                prop_assert!(out.len() <= MOST);
            }
        }
    }
}
