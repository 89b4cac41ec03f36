//! What ISO/IEC 18004 fixes for each version: which modules carry data, and how the codewords are cut into blocks.

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

/// The level of error correction, in the order of the tables above.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Level {
    Low,
    Medium,
    Quartile,
    High,
}

/// 1 to 40: the size of a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Version(usize);

impl Version {
    pub(crate) fn of_size(size: usize) -> Option<Self> {
        ((21..=177).contains(&size) && size % 4 == 1).then(|| Self((size - 17) / 4))
    }

    pub(crate) fn number(self) -> usize {
        self.0
    }

    pub(crate) fn size(self) -> usize {
        17 + 4 * self.0
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
    pub(crate) fn blocks(self, level: Level) -> (usize, usize) {
        let row = match level {
            Level::Low => 0,
            Level::Medium => 1,
            Level::Quartile => 2,
            Level::High => 3,
        };
        (usize::from(PARITY[row][self.0 - 1]), usize::from(BLOCKS[row][self.0 - 1]))
    }

    /// Parity codewords that may only detect errors, never correct them (table 9, footnote b): without them a small
    /// block would too often be "corrected" into another text.
    pub(crate) fn detect_only(self, level: Level) -> usize {
        match (self.0, level) {
            (1, Level::Low) => 3,
            (1, Level::Medium) | (2, Level::Low) => 2,
            (1, Level::Quartile | Level::High) | (3, Level::Low) => 1,
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

    /// The centres of the alignment patterns that exist: not those that would lie on a finder pattern.
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
    fn data_modules_of_table_1() {
        let data = |version: usize| Version(version).reserved().iter().filter(|&&r| !r).count();
        assert_eq!(data(1), 208);
        assert_eq!(data(2), 359);
        assert_eq!(data(7), 1568);
        assert_eq!(data(14), 4651);
        assert_eq!(data(40), 29648);
    }
}
