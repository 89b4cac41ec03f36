//! From a text to the modules of a code (ISO/IEC 18004 section 7).

use crate::{
    reed_solomon,
    symbol::{Correction, Version, format_code, masks},
    text::ALPHANUMERIC,
};

/// The modules of a code, row by row.
pub(crate) struct Modules {
    pub(crate) size: usize,
    pub(crate) dark: Vec<bool>,
}

/// The smallest code that fits the bytes; `None` when they exceed version 40.
pub(crate) fn encode(bytes: &[u8], correction: Correction) -> Option<Modules> {
    let (version, bits) = [1..=9, 10..=26, 27..=40].into_iter().enumerate().find_map(|(class, versions)| {
        let bits = write(bytes, class);
        let version = versions.filter_map(Version::of_number).find(|v| bits.len() <= capacity(*v, correction) * 8)?;
        Some((version, bits))
    })?;
    let codewords = interleaved(&padded(bits, capacity(version, correction)), version, correction);
    Some(drawn(version, correction, &codewords))
}

/// Data codewords of a version.
fn capacity(version: Version, correction: Correction) -> usize {
    let (parity, blocks) = version.blocks(correction);
    version.codewords() - parity * blocks
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Numeric,
    Alphanumeric,
    Byte,
}

const MODES: [Mode; 3] = [Mode::Numeric, Mode::Alphanumeric, Mode::Byte];

impl Mode {
    fn indicator(self) -> usize {
        match self {
            Self::Numeric => 1,
            Self::Alphanumeric => 2,
            Self::Byte => 4,
        }
    }

    /// Bits of the character count. `class`: versions 1 to 9, 10 to 26, 27 to 40 (table 3).
    fn count_bits(self, class: usize) -> usize {
        match self {
            Self::Numeric => [10, 12, 14][class],
            Self::Alphanumeric => [9, 11, 13][class],
            Self::Byte => [8, 16, 16][class],
        }
    }

    /// The cost of a byte in sixths of a bit, so that 10/3 and 11/2 bits are exact. `None` when the mode cannot encode
    /// it.
    fn cost(self, byte: u8) -> Option<usize> {
        match self {
            Self::Numeric => byte.is_ascii_digit().then_some(20),
            Self::Alphanumeric => ALPHANUMERIC.contains(&byte).then_some(33),
            Self::Byte => Some(48),
        }
    }
}

/// The mode of each byte that gives the fewest bits, by dynamic programming. The Base32 secret of an otpauth URI is
/// worth a switch to alphanumeric mode.
fn modes(bytes: &[u8], class: usize) -> Vec<Mode> {
    const NEVER: usize = usize::MAX / 2;
    let head = MODES.map(|mode| (4 + mode.count_bits(class)) * 6);
    let mut costs = head;
    let mut from: Vec<[usize; 3]> = Vec::with_capacity(bytes.len());
    for &byte in bytes {
        let extended: [usize; 3] = core::array::from_fn(|m| MODES[m].cost(byte).map_or(NEVER, |cost| costs[m] + cost));
        // After this byte a segment may end and another begin.
        let mut came = [0, 1, 2];
        costs = extended;
        for to in 0..3 {
            for (end, &cost) in extended.iter().enumerate() {
                let switched = cost.div_ceil(6) * 6 + head[to];
                if end != to && switched < costs[to] {
                    costs[to] = switched;
                    came[to] = end;
                }
            }
        }
        from.push(came);
    }
    // Trace back: `at` is the mode after a byte, `came[at]` the mode that encoded it.
    let mut at = (0..3).min_by_key(|&m| costs[m]).unwrap_or(2);
    let mut modes = vec![Mode::Byte; bytes.len()];
    for (mode, came) in modes.iter_mut().zip(&from).rev() {
        at = came[at];
        *mode = MODES[at];
    }
    modes
}

/// The data bits, one segment for each run of one mode.
fn write(bytes: &[u8], class: usize) -> Vec<bool> {
    let mut bits = Vec::with_capacity(bytes.len() * 8 + 32);
    let modes = modes(bytes, class);
    let mut rest = bytes;
    for run in modes.chunk_by(|a, b| a == b) {
        let (segment, after) = rest.split_at(run.len());
        rest = after;
        let Some(&mode) = run.first() else { continue };
        push(&mut bits, mode.indicator(), 4);
        push(&mut bits, segment.len(), mode.count_bits(class));
        let group = |group: &[u8], base: usize, value: fn(u8) -> usize| {
            group.iter().fold(0, |sum, &byte| sum * base + value(byte))
        };
        match mode {
            Mode::Numeric => {
                for digits in segment.chunks(3) {
                    push(&mut bits, group(digits, 10, |b| usize::from(b - b'0')), 1 + 3 * digits.len());
                }
            }
            Mode::Alphanumeric => {
                for pair in segment.chunks(2) {
                    let value = |b| ALPHANUMERIC.iter().position(|&a| a == b).unwrap_or(0);
                    push(&mut bits, group(pair, 45, value), 1 + 5 * pair.len());
                }
            }
            Mode::Byte => {
                for &byte in segment {
                    push(&mut bits, usize::from(byte), 8);
                }
            }
        }
    }
    bits
}

fn push(bits: &mut Vec<bool>, value: usize, count: usize) {
    bits.extend((0..count).rev().map(|bit| value >> bit & 1 == 1));
}

/// Terminator and padding (section 7.4.10).
fn padded(mut bits: Vec<bool>, codewords: usize) -> Vec<u8> {
    let end = (bits.len() + 4).min(codewords * 8);
    bits.resize(end.next_multiple_of(8), false);
    let (bytes, _) = bits.as_chunks::<8>();
    let written = bytes.iter().map(|byte| byte.iter().fold(0, |value, &bit| value << 1 | u8::from(bit)));
    written.chain([0xec, 0x11].into_iter().cycle()).take(codewords).collect()
}

/// Splits the data into blocks, adds their parity and interleaves both (section 7.6).
fn interleaved(data: &[u8], version: Version, correction: Correction) -> Vec<u8> {
    let (parity, count) = version.blocks(correction);
    let short = data.len() / count;
    let long = data.len() % count;
    let mut rest = data;
    let mut blocks = Vec::with_capacity(count);
    for i in 0..count {
        let (block, after) = rest.split_at(short + usize::from(i >= count - long));
        rest = after;
        blocks.push((block, reed_solomon::parity(block, parity)));
    }
    let mut codewords = Vec::with_capacity(version.codewords());
    for i in 0..=short {
        codewords.extend(blocks.iter().filter_map(|(block, _)| block.get(i)));
    }
    for i in 0..parity {
        codewords.extend(blocks.iter().filter_map(|(_, parity)| parity.get(i)));
    }
    codewords
}

fn drawn(version: Version, correction: Correction, codewords: &[u8]) -> Modules {
    let size = version.size();
    let mut plain = patterns(version);
    let bits = codewords.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1 == 1));
    let places = version.data_places();
    for (&place, bit) in places.iter().zip(bits.chain(core::iter::repeat(false))) {
        plain[place] = bit;
    }
    let masks = masks(size);
    let level = match correction {
        Correction::Medium => 0,
        Correction::Low => 1,
        Correction::High => 2,
        Correction::Quartile => 3,
    };
    // The mask with the lowest penalty (section 7.8.3).
    let mut best = (usize::MAX, Vec::new());
    for mask in 0..8 {
        let mut dark = plain.clone();
        for &place in &places {
            dark[place] ^= masks[place] >> mask & 1 == 1;
        }
        let format = format_code(level << 3 | mask);
        for copy in version.format_places() {
            for (i, place) in copy.into_iter().enumerate() {
                dark[place] = format >> (14 - i) & 1 == 1;
            }
        }
        let penalty = penalty(&dark, size);
        if penalty < best.0 {
            best = (penalty, dark);
        }
    }
    Modules { size, dark: best.1 }
}

/// The function patterns of a version: finder, timing and alignment patterns, the dark module, the version information.
fn patterns(version: Version) -> Vec<bool> {
    let size = version.size();
    let mut dark = vec![false; size * size];
    for i in (8..size - 8).step_by(2) {
        dark[6 * size + i] = true;
        dark[i * size + 6] = true;
    }
    let mut square = |x: usize, y: usize, reach: usize, light: usize| {
        for v in y - reach..=y + reach {
            for u in x - reach..=x + reach {
                dark[v * size + u] = u.abs_diff(x).max(v.abs_diff(y)) != light;
            }
        }
    };
    square(3, 3, 3, 2);
    square(size - 4, 3, 3, 2);
    square(3, size - 4, 3, 2);
    for (x, y) in version.alignment_centres() {
        square(x, y, 2, 1);
    }
    dark[(size - 8) * size + 8] = true;
    if version.number() >= 7 {
        for copy in version.version_places() {
            for (i, place) in copy.into_iter().enumerate() {
                dark[place] = version.information() >> (17 - i) & 1 == 1;
            }
        }
    }
    dark
}

/// The penalty by the four rules of table 11.
fn penalty(dark: &[bool], size: usize) -> usize {
    let mut penalty = 0;
    for vertical in [false, true] {
        for line in 0..size {
            let at = |i: usize| if vertical { dark[i * size + line] } else { dark[line * size + i] };
            let (mut run, mut recent) = (0, 0_u16);
            for i in 0..size {
                run = if i > 0 && at(i) == at(i - 1) { run + 1 } else { 1 };
                if run >= 5 {
                    penalty += if run == 5 { 3 } else { 1 };
                }
                // Resembles a finder pattern with four light modules on one side.
                recent = (recent << 1 | u16::from(at(i))) & 0x7ff;
                if i >= 10 && (recent == 0b101_1101_0000 || recent == 0b000_0101_1101) {
                    penalty += 40;
                }
            }
        }
    }
    for y in 1..size {
        for x in 1..size {
            let corner = dark[y * size + x];
            if [1, size, size + 1].iter().all(|back| dark[y * size + x - back] == corner) {
                penalty += 3;
            }
        }
    }
    let share = dark.iter().filter(|&&d| d).count() * 100 / dark.len();
    penalty + share.abs_diff(50) / 5 * 10
}
