//! From the modules of a code to its text: format, mask, codewords, error correction (ISO/IEC 18004 section 12).

use crate::{
    order::ranked,
    reed_solomon,
    symbol::{Level, Version},
    text,
};

/// The modules of a code as they were seen.
pub(crate) struct Grid {
    version: Version,
    /// Row by row: how dark a module is. Above zero is dark, and the distance from zero is how sure we are.
    darkness: Vec<f32>,
}

impl Grid {
    /// `darkness` holds the modules of a square of that version.
    pub(crate) fn new(version: Version, darkness: Vec<f32>) -> Option<Self> {
        (darkness.len() == version.size() * version.size()).then_some(Self { version, darkness })
    }

    fn dark(&self, x: usize, y: usize) -> bool {
        self.darkness[y * self.version.size() + x] > 0.0
    }

    /// The same code seen in a mirror.
    fn mirrored(&self) -> Self {
        let size = self.version.size();
        let darkness = (0..size * size).map(|i| self.darkness[i % size * size + i / size]).collect();
        Self { version: self.version, darkness }
    }
}

/// The text of a code, or `None` when its error correction does not hold.
pub(crate) fn decode(grid: &Grid) -> Option<String> {
    upright(grid).or_else(|| upright(&grid.mirrored()))
}

fn upright(grid: &Grid) -> Option<String> {
    if grid.version.number() >= 7 && !version_agrees(grid) {
        return None;
    }
    formats(grid).into_iter().flatten().find_map(|(level, mask)| {
        let codewords = codewords(grid, mask);
        let data = correct(&codewords, grid.version, level)?;
        text::text(&data, grid.version)
    })
}

/// The level and mask that the two copies of the format information name, the surer first.
#[inline(never)]
fn formats(grid: &Grid) -> [Option<(Level, usize)>; 2] {
    let size = grid.version.size();
    let mut first = 0_u16;
    for (x, y) in (0..6).map(|x| (x, 8)).chain([(7, 8), (8, 8), (8, 7)]).chain((0..6).rev().map(|y| (8, y))) {
        first = first << 1 | u16::from(grid.dark(x, y));
    }
    let mut second = 0_u16;
    for (x, y) in (0..7).map(|i| (8, size - 1 - i)).chain((0..8).map(|i| (size - 8 + i, 8))) {
        second = second << 1 | u16::from(grid.dark(x, y));
    }
    let nearest = |seen: u16| (0..32_u16).map(|data| ((format_code(data) ^ seen).count_ones(), data)).min();
    let mut found = [first, second].map(|seen| nearest(seen).filter(|&(distance, _)| distance <= 3));
    if found[1].map_or(u32::MAX, |f| f.0) < found[0].map_or(u32::MAX, |f| f.0) {
        found.swap(0, 1);
    }
    if found[0].map(|f| f.1) == found[1].map(|f| f.1) {
        found[1] = None;
    }
    found.map(|f| {
        f.map(|(_, data)| {
            let level = match data >> 3 {
                0 => Level::Medium,
                1 => Level::Low,
                2 => Level::High,
                _ => Level::Quartile,
            };
            (level, usize::from(data & 7))
        })
    })
}

/// The 15 bits of the format information: BCH(15, 5) under its mask (annex C).
fn format_code(data: u16) -> u16 {
    let mut rest = data << 10;
    for bit in (10..15).rev() {
        if rest >> bit & 1 == 1 {
            rest ^= 0x537 << (bit - 10);
        }
    }
    (data << 10 | rest) ^ 0x5412
}

/// Whether either copy of the version information is near the version that the size says (annex D). The code's
/// words are 8 apart; a misjudged size is noise, about 9 away.
fn version_agrees(grid: &Grid) -> bool {
    let size = grid.version.size();
    let expect = version_code(grid.version.number() as u32);
    let copy = |transposed: bool| {
        (0..18).rev().fold(0_u32, |bits, i| {
            let (x, y) = (size - 11 + i % 3, i / 3);
            bits << 1 | u32::from(if transposed { grid.dark(y, x) } else { grid.dark(x, y) })
        })
    };
    (copy(false) ^ expect).count_ones().min((copy(true) ^ expect).count_ones()) <= 5
}

fn version_code(number: u32) -> u32 {
    let mut rest = number << 12;
    for bit in (12..18).rev() {
        if rest >> bit & 1 == 1 {
            rest ^= 0x1f25 << (bit - 12);
        }
    }
    number << 12 | rest
}

/// Which modules of a code are reversed, in the lowest bit of each byte for mask 0, and so on.
#[inline(never)]
fn masks(size: usize) -> Vec<u8> {
    (0..size * size)
        .map(|i| {
            let (x, y) = (i % size, i / size);
            (0..8).fold(0, |masks, mask| masks | u8::from(masked(mask, x, y)) << mask)
        })
        .collect()
}

fn masked(mask: usize, x: usize, y: usize) -> bool {
    match mask {
        0 => (x + y).is_multiple_of(2),
        1 => y.is_multiple_of(2),
        2 => x.is_multiple_of(3),
        3 => (x + y).is_multiple_of(3),
        4 => (y / 2 + x / 3).is_multiple_of(2),
        5 => x * y % 2 + x * y % 3 == 0,
        6 => (x * y % 2 + x * y % 3).is_multiple_of(2),
        _ => ((x + y) % 2 + x * y % 3).is_multiple_of(2),
    }
}

/// A codeword, and how sure its least sure module is.
#[derive(Clone, Copy)]
struct Codeword {
    value: u8,
    sureness: f32,
}

#[inline(never)]
fn codewords(grid: &Grid, mask: usize) -> Vec<Codeword> {
    let size = grid.version.size();
    let reserved = grid.version.reserved();
    let masks = masks(size);
    let mut codewords = Vec::with_capacity(size * size / 8);
    let (mut value, mut sureness, mut bits) = (0_u8, f32::MAX, 0);
    let mut upwards = true;
    let mut right = size - 1;
    while right > 0 {
        // The vertical timing pattern is no part of any pair of columns.
        if right == 6 {
            right -= 1;
        }
        for i in 0..size {
            let y = if upwards { size - 1 - i } else { i };
            for x in [right, right - 1] {
                let darkness = grid.darkness[y * size + x];
                if !reserved[y * size + x] {
                    value = value << 1 | u8::from((darkness > 0.0) != (masks[y * size + x] >> mask & 1 == 1));
                    sureness = sureness.min(darkness.abs());
                    bits += 1;
                    if bits == 8 {
                        codewords.push(Codeword { value, sureness });
                        (value, sureness, bits) = (0, f32::MAX, 0);
                    }
                }
            }
        }
        upwards = !upwards;
        right = right.saturating_sub(2);
    }
    codewords
}

/// The data codewords in their order, each block corrected.
#[inline(never)]
fn correct(codewords: &[Codeword], version: Version, level: Level) -> Option<Vec<u8>> {
    let (parity, blocks) = version.blocks(level);
    let short = codewords.len() / blocks;
    let long_blocks = codewords.len() % blocks;
    let short_data = short.checked_sub(parity)?;
    let spare = version.detect_only(level);
    let mut data = Vec::with_capacity(codewords.len());
    for block in 0..blocks {
        let is_long = block >= blocks - long_blocks;
        let mut own: Vec<Codeword> = (0..short_data).map(|i| codewords[i * blocks + block]).collect();
        if is_long {
            own.push(codewords[short_data * blocks + block - (blocks - long_blocks)]);
        }
        let data_length = own.len();
        own.extend((0..parity).map(|i| codewords[short_data * blocks + long_blocks + i * blocks + block]));
        let corrected = correct_block(&own, parity, spare)?;
        data.extend_from_slice(&corrected[..data_length]);
    }
    Some(data)
}

fn correct_block(block: &[Codeword], parity: usize, spare: usize) -> Option<Vec<u8>> {
    let values = || block.iter().map(|c| c.value).collect::<Vec<u8>>();
    let mut plain = values();
    if reed_solomon::correct(&mut plain, parity, spare, &[]).is_some() {
        return Some(plain);
    }
    // The doubtful codewords as erasures. A share of the parity stays for detection, so that this never makes a text
    // out of noise: with 8 bytes left over, noise passes once in 2^64.
    let room = parity.checked_sub(8)?;
    let order = ranked(block.iter().map(|codeword| codeword.sureness));
    [room / 2, room].into_iter().find_map(|count| {
        let mut erased = values();
        let spare = if count == room { 8 } else { 6 };
        reed_solomon::correct(&mut erased, parity, spare, order.get(..count)?)?;
        Some(erased)
    })
}
