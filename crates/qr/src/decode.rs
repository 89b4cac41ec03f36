//! From the modules of a code to its text: format, mask, codewords, error correction (ISO/IEC 18004 section 12).

use crate::{
    code::Code,
    order::ranked,
    reed_solomon,
    symbol::{Correction, Version, format_code, masked},
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
    pub(crate) fn new(version: Version, darkness: Vec<f32>) -> Self {
        debug_assert_eq!(darkness.len(), version.size() * version.size());
        Self { version, darkness }
    }

    /// What can be said of a code that does not decode, by its fixed patterns and by how many modules are in doubt.
    fn undecoded(&self) -> Decoded {
        let size = self.version.size();
        let patterns = self.version.patterns();
        let right = patterns.iter().filter(|&&(x, y, light)| (self.darkness[y * size + x] > 0.0) != light).count();
        let mean = self.darkness.iter().map(|d| d.abs()).sum::<f32>() / self.darkness.len() as f32;
        let sure = self.darkness.iter().filter(|d| d.abs() > 0.3 * mean).count();
        if 50 * right >= 49 * patterns.len() && 50 * sure >= 49 * self.darkness.len() {
            Decoded::Closed
        } else if 25 * right >= 24 * patterns.len() {
            Decoded::Seen
        } else {
            Decoded::Nothing
        }
    }

    /// The same code seen in a mirror.
    fn mirrored(&self) -> Self {
        let size = self.version.size();
        let darkness = (0..size * size).map(|i| self.darkness[i % size * size + i / size]).collect();
        Self { version: self.version, darkness }
    }
}

/// What came of the modules.
pub(crate) enum Decoded {
    Code(Code),
    /// The patterns are all there and every module is surely light or dark, and yet it is no code: with the same modules
    /// no other try can end otherwise.
    Closed,
    /// The patterns are there, but modules are in doubt.
    Seen,
    Nothing,
}

/// The code that the modules are, when its error correction holds.
pub(crate) fn decode(grid: &Grid) -> Decoded {
    let formats = formats(grid);
    if let Some(code) = upright(grid, formats) {
        return Decoded::Code(code);
    }
    // A mirrored code has another format information, except by chance.
    let exact = formats.iter().flatten().any(|format| format.distance == 0);
    if !exact {
        let mirrored = grid.mirrored();
        if let Some(code) = upright(&mirrored, self::formats(&mirrored)) {
            return Decoded::Code(code);
        }
    }
    if exact { grid.undecoded() } else { Decoded::Nothing }
}

fn upright(grid: &Grid, formats: [Option<Format>; 2]) -> Option<Code> {
    if grid.version.number() >= 7 && !version_agrees(grid) {
        return None;
    }
    let places = grid.version.data_places();
    formats.into_iter().flatten().find_map(|format| {
        let codewords = codewords(grid, &places, format.mask);
        let data = correct(&codewords, grid.version, format.level)?;
        text::content(&data, grid.version)
    })
}

/// The level and mask of a code, and how many of the 15 bits differ from those that name them.
#[derive(Clone, Copy)]
struct Format {
    distance: u32,
    level: Correction,
    mask: usize,
}

/// The level and mask that the two copies of the format information name, the surer first.
#[inline(never)]
fn formats(grid: &Grid) -> [Option<Format>; 2] {
    let [first, second] = grid
        .version
        .format_places()
        .map(|places| places.iter().fold(0_u16, |bits, &place| bits << 1 | u16::from(grid.darkness[place] > 0.0)));
    let nearest = |seen: u16| (0..32_u16).map(|data| ((format_code(data) ^ seen).count_ones(), data)).min();
    let mut found = [first, second].map(|seen| nearest(seen).filter(|&(distance, _)| distance <= 3));
    if found[1].map_or(u32::MAX, |f| f.0) < found[0].map_or(u32::MAX, |f| f.0) {
        found.swap(0, 1);
    }
    if found[0].map(|f| f.1) == found[1].map(|f| f.1) {
        found[1] = None;
    }
    found.map(|f| {
        f.map(|(distance, data)| {
            let level = match data >> 3 {
                0 => Correction::Medium,
                1 => Correction::Low,
                2 => Correction::High,
                _ => Correction::Quartile,
            };
            Format { distance, level, mask: usize::from(data & 7) }
        })
    })
}

/// Whether either copy of the version information is near the version that the size says (annex D). The code's
/// words are 8 apart; a misjudged size is noise, about 9 away.
fn version_agrees(grid: &Grid) -> bool {
    let expect = grid.version.information();
    grid.version.version_places().iter().any(|places| {
        let seen = places.iter().fold(0_u32, |bits, &place| bits << 1 | u32::from(grid.darkness[place] > 0.0));
        (seen ^ expect).count_ones() <= 5
    })
}

/// A codeword, and how sure its least sure module is.
#[derive(Clone, Copy)]
struct Codeword {
    value: u8,
    sureness: f32,
}

fn codewords(grid: &Grid, places: &[usize], mask: usize) -> Vec<Codeword> {
    let size = grid.version.size();
    let (codewords, _) = places.as_chunks::<8>();
    codewords
        .iter()
        .map(|places| {
            let mut codeword = Codeword { value: 0, sureness: f32::MAX };
            for &place in places {
                let darkness = grid.darkness[place];
                let reversed = masked(mask, place % size, place / size);
                codeword.value = codeword.value << 1 | u8::from((darkness > 0.0) != reversed);
                codeword.sureness = codeword.sureness.min(darkness.abs());
            }
            codeword
        })
        .collect()
}

/// The data codewords in their order, each block corrected.
#[inline(never)]
fn correct(codewords: &[Codeword], version: Version, level: Correction) -> Option<Vec<u8>> {
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
