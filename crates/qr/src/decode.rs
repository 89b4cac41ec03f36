//! From sampled modules to the content of a code: format, mask, codewords, error correction (ISO/IEC 18004 section 12).

use crate::{
    code::Code,
    order::ranked,
    reed_solomon,
    symbol::{Correction, Version, format_code, masked},
    text,
};

/// The sampled modules of a code.
pub(crate) struct Grid {
    version: Version,
    /// Row by row, how dark each module is. Above zero is dark; the magnitude is the confidence.
    darkness: Vec<f32>,
}

impl Grid {
    /// `darkness` holds the modules of a square of that version.
    pub(crate) fn new(version: Version, darkness: Vec<f32>) -> Self {
        debug_assert_eq!(darkness.len(), version.size() * version.size());
        Self { version, darkness }
    }

    /// Classifies a code that did not decode, by its fixed patterns and by its share of uncertain modules.
    fn undecoded(&self) -> Decoded {
        let size = self.version.size();
        let patterns = self.version.patterns();
        let right = patterns.iter().filter(|&&(x, y, light)| (self.darkness[y * size + x] > 0.0) != light).count();
        let mean = self.darkness.iter().map(|d| d.abs()).sum::<f32>() / self.darkness.len() as f32;
        let sure = self.darkness.iter().filter(|d| d.abs() > 0.3 * mean).count();
        if 50 * right >= 49 * patterns.len() && 50 * sure >= 49 * self.darkness.len() {
            Decoded::Undecodable
        } else if 25 * right >= 24 * patterns.len() {
            Decoded::Uncertain
        } else {
            Decoded::Nothing
        }
    }

    /// The mirror image of the code.
    fn mirrored(&self) -> Self {
        let size = self.version.size();
        let darkness = (0..size * size).map(|i| self.darkness[i % size * size + i / size]).collect();
        Self { version: self.version, darkness }
    }
}

/// The result of decoding a grid.
pub(crate) enum Decoded {
    Code(Code),
    /// The fixed patterns match and nearly every module is certain, but error correction fails. Sampling again cannot
    /// help.
    Undecodable,
    /// The fixed patterns match, but some modules are uncertain.
    Uncertain,
    Nothing,
}

/// Decodes a grid, as it is or mirrored.
pub(crate) fn decode(grid: &Grid) -> Decoded {
    let formats = formats(grid);
    if let Some(code) = upright(grid, formats) {
        return Decoded::Code(code);
    }
    // The format information of a mirrored code matches exactly only by chance, so an exact match rules mirroring out.
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

/// The error correction level and mask of a code. `distance`: how many of the 15 bits differ from the nearest valid
/// word.
#[derive(Clone, Copy)]
struct Format {
    distance: u32,
    level: Correction,
    mask: usize,
}

/// The formats of the two copies of the format information, the one with fewer wrong bits first.
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

/// Whether either copy of the version information is near the version that the size implies (annex D). At a misjudged
/// size the 18 bits are noise, and about 9 of them differ.
fn version_agrees(grid: &Grid) -> bool {
    let expect = grid.version.information();
    grid.version.version_places().iter().any(|places| {
        let seen = places.iter().fold(0_u32, |bits, &place| bits << 1 | u32::from(grid.darkness[place] > 0.0));
        (seen ^ expect).count_ones() <= 5
    })
}

/// A codeword, with the confidence of its least certain module.
#[derive(Clone, Copy)]
struct Codeword {
    value: u8,
    confidence: f32,
}

fn codewords(grid: &Grid, places: &[usize], mask: usize) -> Vec<Codeword> {
    let size = grid.version.size();
    let (codewords, _) = places.as_chunks::<8>();
    codewords
        .iter()
        .map(|places| {
            let mut codeword = Codeword { value: 0, confidence: f32::MAX };
            for &place in places {
                let darkness = grid.darkness[place];
                let reversed = masked(mask, place % size, place / size);
                codeword.value = codeword.value << 1 | u8::from((darkness > 0.0) != reversed);
                codeword.confidence = codeword.confidence.min(darkness.abs());
            }
            codeword
        })
        .collect()
}

/// Deinterleaves the blocks, corrects each and returns the data codewords in order.
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
    // Retry with the least certain codewords as erasures. Parity kept for detection stops noise from decoding to a
    // text: with n spare codewords, noise passes about once in 2^(8n).
    let room = parity.checked_sub(8)?;
    let order = ranked(block.iter().map(|codeword| codeword.confidence));
    [room / 2, room].into_iter().find_map(|count| {
        let mut erased = values();
        let spare = if count == room { 8 } else { 6 };
        reed_solomon::correct(&mut erased, parity, spare, order.get(..count)?)?;
        Some(erased)
    })
}
