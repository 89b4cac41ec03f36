//! The constants of ISO/IEC 18004 for each version: which modules carry data, and how codewords are split into blocks.

/// Error correction codewords in each block (table 9), by level L, M, Q, H and version.
const PARITY: [[u8; 40]; 4] = [
    [
        7, 10, 15, 20, 26, 18, 20, 24, 30, 18, 20, 24, 26, 30, 22, 24, 28, 30, 28, 28, 28, 28, 30, 30, 26, 28, 30, 30,
        30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30,
    ],
    [
        10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26, 26, 28, 28, 28, 28, 28, 28, 28,
        28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28,
    ],
    [
        13, 22, 18, 26, 18, 24, 18, 22, 20, 24, 28, 26, 24, 20, 30, 24, 28, 28, 26, 30, 28, 30, 30, 30, 30, 28, 30, 30,
        30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30,
    ],
    [
        17, 28, 22, 16, 22, 28, 26, 26, 24, 28, 24, 28, 22, 24, 24, 30, 28, 28, 26, 28, 30, 24, 30, 30, 30, 30, 30, 30,
        30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30,
    ],
];

/// Blocks of codewords (table 9), by level L, M, Q, H and version.
const BLOCKS: [[u8; 40]; 4] = [
    [
        1, 1, 1, 1, 1, 2, 2, 2, 2, 4, 4, 4, 4, 4, 6, 6, 6, 6, 7, 8, 8, 9, 9, 10, 12, 12, 12, 13, 14, 15, 16, 17, 18,
        19, 19, 20, 21, 22, 24, 25,
    ],
    [
        1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16, 17, 17, 18, 20, 21, 23, 25, 26, 28, 29, 31,
        33, 35, 37, 38, 40, 43, 45, 47, 49,
    ],
    [
        1, 1, 2, 2, 4, 4, 6, 6, 8, 8, 8, 10, 12, 16, 12, 17, 16, 18, 21, 20, 23, 23, 25, 27, 29, 34, 34, 35, 38, 40,
        43, 45, 48, 51, 53, 56, 59, 62, 65, 68,
    ],
    [
        1, 1, 2, 4, 4, 4, 5, 6, 8, 8, 11, 11, 16, 16, 18, 16, 19, 21, 25, 25, 25, 34, 30, 32, 35, 37, 40, 42, 45, 48,
        51, 54, 57, 60, 63, 66, 70, 74, 77, 81,
    ],
];

/// The error correction level: how much of a code may be damaged (ISO/IEC 18004 section 7.5.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Correction {
    /// About 7 % of the codewords: the smallest code, for screens.
    Low,
    /// About 15 %: what most codes use.
    #[default]
    Medium,
    /// About 25 %.
    Quartile,
    /// About 30 %: for paper that will be folded.
    High,
}

/// 1 to 40: the size of a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Version(usize);

impl Version {
    pub(crate) fn of_size(size: usize) -> Option<Self> {
        ((21..=177).contains(&size) && size % 4 == 1).then(|| Self((size - 17) / 4))
    }

    pub(crate) fn of_number(number: usize) -> Option<Self> {
        (1..=40).contains(&number).then_some(Self(number))
    }

    pub(crate) fn number(self) -> usize {
        self.0
    }

    pub(crate) fn size(self) -> usize {
        17 + 4 * self.0
    }

    /// Codewords of data and parity together (table 1).
    pub(crate) fn codewords(self) -> usize {
        let v = self.0;
        let patterns = if v >= 2 { (25 * (v / 7 + 2) - 10) * (v / 7 + 2) - 55 } else { 0 };
        ((16 * v + 128) * v + 64 - patterns - if v >= 7 { 36 } else { 0 }) / 8
    }

    /// Rows and columns of the centres of the alignment patterns (annex E).
    pub(crate) fn alignments(self) -> Vec<usize> {
        if self.0 == 1 {
            return Vec::new();
        }
        let count = self.0 / 7 + 2;
        let step = if self.0 == 32 { 26 } else { (self.0 * 4 + count * 2 + 1) / (count * 2 - 2) * 2 };
        let last = self.size() - 7;
        let mut centres: Vec<usize> = (0..count - 1).map(|i| last - i * step).collect();
        centres.push(6);
        centres.reverse();
        centres
    }

    /// Error correction codewords of a block, and the number of blocks.
    pub(crate) fn blocks(self, level: Correction) -> (usize, usize) {
        let row = match level {
            Correction::Low => 0,
            Correction::Medium => 1,
            Correction::Quartile => 2,
            Correction::High => 3,
        };
        (usize::from(PARITY[row][self.0 - 1]), usize::from(BLOCKS[row][self.0 - 1]))
    }

    /// Parity codewords reserved for detection (table 9, footnote b): without them a small block would too often be
    /// miscorrected to another text.
    pub(crate) fn detect_only(self, level: Correction) -> usize {
        match (self.0, level) {
            (1, Correction::Low) => 3,
            (1, Correction::Medium) | (2, Correction::Low) => 2,
            (1, Correction::Quartile | Correction::High) | (3, Correction::Low) => 1,
            _ => 0,
        }
    }

    /// Whether each module (row by row) belongs to a pattern or an information field rather than to the data.
    pub(crate) fn reserved(self) -> Vec<bool> {
        let size = self.size();
        let mut reserved = vec![false; size * size];
        let mut fill = |x0: usize, y0: usize, width: usize, height: usize| {
            for y in y0..y0 + height {
                reserved[y * size + x0..y * size + x0 + width].fill(true);
            }
        };
        fill(0, 0, 9, 9);
        fill(size - 8, 0, 8, 9);
        fill(0, size - 8, 9, 8);
        fill(0, 6, size, 1);
        fill(6, 0, 1, size);
        if self.0 >= 7 {
            fill(size - 11, 0, 3, 6);
            fill(0, size - 11, 6, 3);
        }
        for (x, y) in self.alignment_centres() {
            fill(x - 2, y - 2, 5, 5);
        }
        reserved
    }

    /// The modules of the finder, separator, alignment and timing patterns: column, row, and whether it is light.
    pub(crate) fn patterns(self) -> Vec<(usize, usize, bool)> {
        let size = self.size();
        let mut modules = Vec::new();
        let mut square = |x: usize, y: usize, reach: usize| {
            for dy in 0..=2 * reach {
                for dx in 0..=2 * reach {
                    let (Some(x), Some(y)) = ((x + dx).checked_sub(reach), (y + dy).checked_sub(reach)) else {
                        continue;
                    };
                    if x < size && y < size {
                        let ring = dx.abs_diff(reach).max(dy.abs_diff(reach));
                        // Ring 4 of a finder pattern is its separator.
                        modules.push((x, y, if reach == 4 { ring == 2 || ring == 4 } else { ring == 1 }));
                    }
                }
            }
        };
        square(3, 3, 4);
        square(size - 4, 3, 4);
        square(3, size - 4, 4);
        for (x, y) in self.alignment_centres() {
            square(x, y, 2);
        }
        for i in 8..size - 8 {
            modules.push((i, 6, i % 2 == 1));
            modules.push((6, i, i % 2 == 1));
        }
        modules
    }

    /// The places of the data bits in order (section 7.7.3): column pairs from the right, alternately upwards and
    /// downwards.
    pub(crate) fn data_places(self) -> Vec<usize> {
        let size = self.size();
        let reserved = self.reserved();
        let mut places = Vec::with_capacity(size * size);
        let mut upwards = true;
        let mut right = size - 1;
        while right > 0 {
            // The column of the vertical timing pattern belongs to no pair.
            if right == 6 {
                right -= 1;
            }
            for i in 0..size {
                let row = if upwards { size - 1 - i } else { i } * size;
                places.extend([row + right, row + right - 1].into_iter().filter(|&place| !reserved[place]));
            }
            upwards = !upwards;
            right = right.saturating_sub(2);
        }
        places
    }

    /// The places of both copies of the format information, the highest bit first (section 7.9).
    pub(crate) fn format_places(self) -> [[usize; 15]; 2] {
        let size = self.size();
        let first = core::array::from_fn(|i| match i {
            0..=5 => 8 * size + i,
            6 => 8 * size + 7,
            7 => 8 * size + 8,
            8 => 7 * size + 8,
            _ => (14 - i) * size + 8,
        });
        let second = core::array::from_fn(|i| if i < 7 { (size - 1 - i) * size + 8 } else { 8 * size + size - 15 + i });
        [first, second]
    }

    /// The places of both copies of the version information, the highest bit first (section 7.10).
    pub(crate) fn version_places(self) -> [[usize; 18]; 2] {
        let size = self.size();
        let place = |i: usize, transposed: bool| {
            let (near, far) = ((17 - i) / 3, size - 11 + (17 - i) % 3);
            if transposed { far * size + near } else { near * size + far }
        };
        [core::array::from_fn(|i| place(i, false)), core::array::from_fn(|i| place(i, true))]
    }

    /// The 18 bits of the version information: BCH(18, 6) (annex D).
    pub(crate) fn information(self) -> u32 {
        let number = self.0 as u32;
        let mut rest = number << 12;
        for bit in (12..18).rev() {
            if rest >> bit & 1 == 1 {
                rest ^= 0x1f25 << (bit - 12);
            }
        }
        number << 12 | rest
    }

    /// The centres of the alignment patterns, without the three that would overlap a finder pattern.
    pub(crate) fn alignment_centres(self) -> impl Iterator<Item = (usize, usize)> {
        let lines = self.alignments();
        let last = lines.last().copied().unwrap_or(0);
        lines
            .clone()
            .into_iter()
            .flat_map(move |y| lines.clone().into_iter().map(move |x| (x, y)))
            .filter(move |&place| ![(6, 6), (6, last), (last, 6)].contains(&place))
    }
}

/// The 15 bits of the format information: BCH(15, 5), masked (annex C).
pub(crate) fn format_code(data: u16) -> u16 {
    let mut rest = data << 10;
    for bit in (10..15).rev() {
        if rest >> bit & 1 == 1 {
            rest ^= 0x537 << (bit - 10);
        }
    }
    (data << 10 | rest) ^ 0x5412
}

/// One byte a module: bit `n` is set where mask `n` inverts it.
pub(crate) fn masks(size: usize) -> Vec<u8> {
    (0..size * size)
        .map(|i| {
            let (x, y) = (i % size, i / size);
            (0..8).fold(0, |masks, mask| masks | u8::from(masked(mask, x, y)) << mask)
        })
        .collect()
}

pub(crate) fn masked(mask: usize, x: usize, y: usize) -> bool {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alignment_patterns_of_annex_e() {
        let centres = |version: usize| Version(version).alignments();
        assert_eq!(centres(1), [0; 0]);
        assert_eq!(centres(2), [6, 18]);
        assert_eq!(centres(7), [6, 22, 38]);
        assert_eq!(centres(19), [6, 30, 58, 86]);
        assert_eq!(centres(32), [6, 34, 60, 86, 112, 138]);
        assert_eq!(centres(36), [6, 24, 50, 76, 102, 128, 154]);
        assert_eq!(centres(40), [6, 30, 58, 86, 114, 142, 170]);
    }

    #[test]
    fn each_data_bit_has_one_place() {
        for version in (1..=40).map(Version) {
            let mut places = version.data_places();
            assert_eq!(places.len() / 8, version.codewords(), "{version:?}");
            let reserved = version.reserved();
            assert!(places.iter().all(|&place| !reserved[place]));
            places.sort_unstable();
            places.dedup();
            assert_eq!(places.len(), reserved.iter().filter(|&&r| !r).count());
        }
    }

    #[test]
    fn data_modules_of_table_1() {
        let data = |version: usize| Version(version).reserved().iter().filter(|&&r| !r).count();
        assert_eq!(data(1), 208);
        assert_eq!(data(2), 359);
        assert_eq!(data(7), 1568);
        assert_eq!(data(14), 4651);
        assert_eq!(data(40), 29648);
    }
}
