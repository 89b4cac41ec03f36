//! Samples the modules of a code from the grey picture.

use crate::{
    decode::{Decoded, Grid, decode},
    effort::Effort,
    geometry::{Perspective, Point, point},
    gray::Gray,
    symbol::Version,
};

/// Radii in modules of the window whose mean is the threshold of a module. The light is assumed even within it.
const WINDOWS: [usize; 2] = [5, 3];
/// Amounts of sharpening to try.
const SHARPEN: [f32; 3] = [0.0, 0.8, 2.5];

/// Grey values at the middles of the modules, row by row.
pub(crate) struct Samples {
    version: Version,
    values: Vec<f32>,
}

impl Samples {
    /// `place` maps a module to its centre in the picture. `None` when the effort is spent.
    pub(crate) fn take(
        gray: &Gray<'_>,
        version: Version,
        inverted: bool,
        effort: &Effort,
        place: impl Fn(usize, usize) -> Point,
    ) -> Option<Self> {
        let size = version.size();
        let places: Vec<Point> = (0..size * size).map(|i| place(i % size, i / size)).collect();
        let step = (places[size * size - 1] - places[0]) * (0.7 / size as f32);
        // Five points a module where modules are large enough; it averages out noise.
        let several = step.length() > 2.5;
        if !effort.spend(places.len() * if several { 5 } else { 1 }) {
            return None;
        }
        let values = places
            .iter()
            .enumerate()
            .map(|(i, &p)| {
                let value = if several {
                    let next = if i % size + 1 < size { places[i + 1] - p } else { p - places[i - 1] };
                    let right = next * 0.22;
                    let down = point(-right.y, right.x);
                    (gray.at(p) + gray.at(p + right) + gray.at(p - right) + gray.at(p + down) + gray.at(p - down)) / 5.0
                } else {
                    gray.at(p)
                };
                if inverted { 255.0 - value } else { value }
            })
            .collect();
        Some(Self { version, values })
    }

    /// Decodes with several amounts of sharpening and windows, until one satisfies the error correction.
    pub(crate) fn decode(&self, effort: &Effort, thorough: bool) -> Decoded {
        let amounts = if thorough { SHARPEN.as_slice() } else { &SHARPEN[..1] };
        let windows = if thorough { WINDOWS.as_slice() } else { &WINDOWS[..1] };
        let mut best = Decoded::Nothing;
        for &amount in amounts {
            let sharp = self.sharpened(amount);
            for &reach in windows {
                if !effort.spend(2 * self.values.len()) {
                    return best;
                }
                match decode(&Grid::new(self.version, darkness(&sharp, self.version.size(), reach))) {
                    Decoded::Nothing => {}
                    Decoded::Uncertain => best = Decoded::Uncertain,
                    done => return done,
                }
            }
        }
        best
    }

    fn sharpened(&self, amount: f32) -> Vec<f32> {
        if amount == 0.0 {
            return self.values.clone();
        }
        let size = self.version.size();
        let value = |x: usize, y: usize| self.values[y * size + x];
        (0..size * size)
            .map(|i| {
                let (x, y) = (i % size, i / size);
                let around = value(x.saturating_sub(1), y)
                    + value((x + 1).min(size - 1), y)
                    + value(x, y.saturating_sub(1))
                    + value(x, (y + 1).min(size - 1));
                self.values[i] + amount * (self.values[i] - around / 4.0)
            })
            .collect()
    }
}

/// How much darker each module is than the mean of the modules within `reach`, by a summed-area table.
fn darkness(values: &[f32], size: usize, reach: usize) -> Vec<f32> {
    let width = size + 1;
    let mut sums = vec![0.0_f32; width * width];
    for y in 0..size {
        let mut row = 0.0;
        for x in 0..size {
            row += values[y * size + x];
            sums[(y + 1) * width + x + 1] = sums[y * width + x + 1] + row;
        }
    }
    (0..size * size)
        .map(|i| {
            let (x, y) = (i % size, i / size);
            let (left, right) = (x.saturating_sub(reach), (x + reach + 1).min(size));
            let (top, bottom) = (y.saturating_sub(reach), (y + reach + 1).min(size));
            let sum = sums[bottom * width + right] - sums[top * width + right] - sums[bottom * width + left]
                + sums[top * width + left];
            sum / ((right - left) * (bottom - top)) as f32 - values[i]
        })
        .collect()
}

/// The match of the two timing patterns: 1 is perfect, 0 is chance (ISO/IEC 18004 section 6.3.5).
pub(crate) fn timing(gray: &Gray<'_>, map: &Perspective, version: Version, inverted: bool) -> f32 {
    let size = version.size();
    let line = |vertical: bool| {
        let values: Vec<f32> = (7..size - 7)
            .map(|i| {
                let (along, across) = (i as f32 + 0.5, 6.5);
                gray.at(map.map(if vertical { point(across, along) } else { point(along, across) }))
            })
            .collect();
        // Against the mean of the two neighbours, so that uneven light does not matter.
        let (mut agree, mut all) = (0.0, 1e-3);
        for (i, window) in values.windows(3).enumerate() {
            let lighter = window[1] - f32::midpoint(window[0], window[2]);
            // The first window's middle is module 8, which is dark.
            let dark = i.is_multiple_of(2) != inverted;
            agree += if dark { -lighter } else { lighter };
            all += lighter.abs();
        }
        agree / all
    };
    f32::midpoint(line(false), line(true))
}
