//! From grey to black and white, by an adaptive threshold.

use crate::gray::Gray;

/// Side of a block of pixels that shares one threshold.
const BLOCK: usize = 8;
/// Blocks to each side whose thresholds are averaged. 16 pixels cover about two modules of a near code, five of a far
/// one.
const REACH: usize = 2;

/// Black and white pixels, 64 to a word, the lowest bit leftmost. A set bit is dark.
#[derive(Clone)]
pub(crate) struct Bits {
    words: Vec<u64>,
    stride: usize,
    pub(crate) width: usize,
    pub(crate) height: usize,
}

impl Bits {
    pub(crate) fn dark(&self, x: usize, y: usize) -> bool {
        self.words[y * self.stride + x / 64] >> (x % 64) & 1 == 1
    }

    pub(crate) fn row(&self, y: usize) -> &[u64] {
        &self.words[y * self.stride..(y + 1) * self.stride]
    }
}

/// Compares every pixel with the mean threshold of the blocks around it. A block whose values vary by less than
/// `least_range` gets no threshold of its own: it would turn noise into edges.
pub(crate) fn adaptive(gray: &Gray<'_>, least_range: u8) -> Bits {
    let columns = gray.width.div_ceil(BLOCK);
    let rows = gray.height.div_ceil(BLOCK);
    let mut own = vec![0_u8; columns * rows];
    for by in 0..rows {
        for bx in 0..columns {
            let (least, greatest) = extremes(gray, bx * BLOCK, by * BLOCK);
            if greatest - least >= least_range {
                own[by * columns + bx] = ((u16::from(least) + u16::from(greatest)) / 2).max(1) as u8;
            }
        }
    }
    let smooth = smoothed(&own, columns, rows);
    threshold(gray, |bx, by| smooth[by * columns + bx])
}

fn extremes(gray: &Gray<'_>, x: usize, y: usize) -> (u8, u8) {
    let (mut least, mut greatest) = (u8::MAX, 0);
    let right = (x + BLOCK).min(gray.width);
    // Every other row suffices, at half the cost.
    for row in (y..(y + BLOCK).min(gray.height)).step_by(2) {
        for &pixel in &gray.row(row)[x..right] {
            least = least.min(pixel);
            greatest = greatest.max(pixel);
        }
    }
    (least, greatest)
}

/// The mean of the thresholds around each block. A block with none nearby takes that of the nearest block in its row.
fn smoothed(own: &[u8], columns: usize, rows: usize) -> Vec<u8> {
    // Separable: sums along rows of blocks first, then down columns.
    let mut across = vec![(0_u32, 0_u32); columns * rows];
    for y in 0..rows {
        let row = &own[y * columns..(y + 1) * columns];
        for (x, sum) in across[y * columns..(y + 1) * columns].iter_mut().enumerate() {
            for &value in &row[x.saturating_sub(REACH)..(x + REACH + 1).min(columns)] {
                sum.0 += u32::from(value);
                sum.1 += u32::from(value > 0);
            }
        }
    }
    let mut smooth = vec![0_u8; columns * rows];
    for y in 0..rows {
        for x in 0..columns {
            let here = u32::from(own[y * columns + x]);
            let (mut sum, mut count) = (2 * here, 2 * u32::from(here > 0));
            for near in y.saturating_sub(REACH)..(y + REACH + 1).min(rows) {
                let (s, c) = across[near * columns + x];
                sum += s;
                count += c;
            }
            smooth[y * columns + x] = sum.checked_div(count).unwrap_or(0) as u8;
        }
    }
    for y in 0..rows {
        let row = &mut smooth[y * columns..(y + 1) * columns];
        for x in 1..columns {
            if row[x] == 0 {
                row[x] = row[x - 1];
            }
        }
        for x in (1..columns).rev() {
            if row[x - 1] == 0 {
                row[x - 1] = row[x];
            }
        }
    }
    smooth
}

fn threshold(gray: &Gray<'_>, level: impl Fn(usize, usize) -> u8) -> Bits {
    let stride = gray.width.div_ceil(64);
    let mut words = vec![0_u64; stride * gray.height];
    for y in 0..gray.height {
        let out = &mut words[y * stride..(y + 1) * stride];
        let (blocks, rest) = gray.row(y).as_chunks::<BLOCK>();
        for (bx, block) in blocks.iter().enumerate() {
            let byte = below(u64::from_le_bytes(*block), level(bx, y / BLOCK));
            out[bx / 8] |= byte << (8 * (bx % 8));
        }
        if !rest.is_empty() {
            let bx = blocks.len();
            let mut block = [u8::MAX; BLOCK];
            block[..rest.len()].copy_from_slice(rest);
            out[bx / 8] |= below(u64::from_le_bytes(block), level(bx, y / BLOCK)) << (8 * (bx % 8));
        }
    }
    Bits { words, stride, width: gray.width, height: gray.height }
}

/// One bit for each of eight bytes: whether it is below the level. Four bytes at a time, each in a 16-bit lane, so that
/// bit 8 of the lane is the borrow of the subtraction.
fn below(bytes: u64, level: u8) -> u64 {
    const LANES: u64 = 0x00ff_00ff_00ff_00ff;
    const CARRY: u64 = 0x0100_0100_0100_0100;
    let level = u64::from(level) * 0x0001_0001_0001_0001;
    let even = !((bytes & LANES | CARRY) - level) & CARRY;
    let odd = !((bytes >> 8 & LANES | CARRY) - level) & CARRY;
    // Bits 8, 24, 40, 56 to bits 0, 2, 4, 6 of the top byte.
    let gather = |lanes: u64| (lanes >> 8).wrapping_mul(0x0001_0004_0010_0040) >> 48 & 0x55;
    gather(even) | gather(odd) << 1
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn below_agrees_with_a_bytewise_compare(bytes in any::<[u8; 8]>(), level in any::<u8>()) {
            let expect = bytes.iter().enumerate().fold(0_u64, |bits, (i, &b)| bits | u64::from(b < level) << i);
            prop_assert_eq!(below(u64::from_le_bytes(bytes), level), expect);
        }

        #[test]
        fn each_pixel_has_its_bit(width in 1_usize..150, height in 1_usize..20, level in any::<u8>(), seed in any::<u8>()) {
            let pixels: Vec<u8> = (0..width * height).map(|i| (i as u8).wrapping_mul(seed)).collect();
            let bits = threshold(&Gray::new(&pixels, width, height), |_, _| level);
            for (i, &pixel) in pixels.iter().enumerate() {
                prop_assert_eq!(bits.dark(i % width, i / width), pixel < level);
            }
        }
    }
}
