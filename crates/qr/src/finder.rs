//! Finder patterns: concentric squares whose runs are 1:1:3:1:1 along every line through the centre
//! (ISO/IEC 18004 sections 6.3.3 and 12).

use crate::{
    binarise::Bits,
    geometry::{Point, point},
    order::ranked,
};

/// More than any picture of real codes holds. A texture can give thousands.
const MOST: usize = 400;

/// Something that looks like a finder pattern, in pixels of the picture that was searched.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Finder {
    pub(crate) center: Point,
    /// Pixels of a module, the mean of across and down. Up to 1.4 times too large in a rotated code.
    pub(crate) module: f32,
    /// Light on dark.
    pub(crate) inverted: bool,
    /// Found by its inner squares alone: its outer ring merges with the surroundings.
    pub(crate) open: bool,
    /// Scanned rows that crossed it.
    hits: u16,
}

/// Everything that looks like a finder pattern, from every `step`-th row, most hits first. With `open`, the outer ring
/// may have any width: without a quiet zone, on a page of the colour of the ring, it has no outer edge.
pub(crate) fn find(bits: &Bits, step: usize, open: bool) -> Vec<Finder> {
    let mut finders: Vec<Finder> = Vec::new();
    // Patterns that the current row may still cross.
    let mut live: Vec<usize> = Vec::new();
    let mut edges: Vec<usize> = Vec::new();
    for y in (step / 2..bits.height).step_by(step) {
        edges.clear();
        collect_edges(bits, y, &mut edges);
        live.retain(|&i| finders[i].center.y + 4.0 * finders[i].module >= y as f32);
        let first_dark = bits.dark(0, y);
        for (i, window) in edges.windows(6).enumerate() {
            let run = |k: usize| window[k + 1] - window[k];
            let (ring, middle) = (run(1).max(run(3)), run(2));
            // Most windows end here, so this test is the cheapest.
            if middle < ring || !is_pattern([run(0), run(1), middle, run(3), run(4)], open) {
                continue;
            }
            let inverted = first_dark != i.is_multiple_of(2);
            let here = point((window[2] + window[3]) as f32 / 2.0, y as f32 + 0.5);
            let known = |p: Point, modules: f32| {
                live.iter().copied().find(|&i| finders[i].inverted == inverted && finders[i].covers(p, modules))
            };
            if let Some(i) = known(here, 1.5) {
                finders[i].hits = finders[i].hits.saturating_add(1);
                continue;
            }
            let module = if open { (window[4] - window[1]) as f32 / 5.0 } else { (window[5] - window[0]) as f32 / 7.0 };
            let Some(seen) = cross_check(bits, here.x as usize, y, module, inverted, open) else { continue };
            if let Some(i) = known(seen.center, 2.0) {
                finders[i].hits = finders[i].hits.saturating_add(1);
            } else if finders.len() < MOST {
                live.push(finders.len());
                finders.push(seen);
            }
        }
    }
    // Many rows cross a real pattern, one row an accident of noise.
    finders.retain(|f| f32::from(f.hits) * step as f32 >= 1.2 * f.module);
    ranked(finders.iter().map(|f| -f32::from(f.hits))).into_iter().map(|i| finders[i]).collect()
}

impl Finder {
    /// Whether the point is within so many modules of the middle.
    pub(crate) fn covers(&self, p: Point, modules: f32) -> bool {
        let apart = p - self.center;
        apart.x.abs().max(apart.y.abs()) <= modules * self.module
    }
}

/// Where the colour changes in a row, with both ends of the row.
fn collect_edges(bits: &Bits, y: usize, edges: &mut Vec<usize>) {
    edges.push(0);
    let row = bits.row(y);
    let mut before = row.first().map_or(0, |word| word & 1);
    for (i, &word) in row.iter().enumerate() {
        let mut changes = word ^ (word << 1 | before);
        before = word >> 63;
        while changes != 0 {
            let x = i * 64 + changes.trailing_zeros() as usize;
            if x < bits.width {
                edges.push(x);
            }
            changes &= changes - 1;
        }
    }
    edges.push(bits.width);
}

/// Whether five runs are near 1:1:3:1:1, each within half a module plus half a pixel. With `open`, the outer two need
/// only be at least half a module.
fn is_pattern(runs: [usize; 5], open: bool) -> bool {
    if open {
        let total = runs[1] + runs[2] + runs[3];
        let near = |run: usize| 2 * (5 * run).abs_diff(total) <= total + 5;
        return total >= 5
            && near(runs[1])
            && near(runs[3])
            && 2 * (5 * runs[2]).abs_diff(3 * total) <= 2 * total
            && 10 * runs[0].min(runs[4]) >= total;
    }
    let total: usize = runs.iter().sum();
    // |run - module| <= module / 2 + 1 / 2 in fourteenths of a pixel; for the middle run, 3 * module / 2.
    let near = |run: usize| 2 * (7 * run).abs_diff(total) <= total + 7;
    total >= 7
        && near(runs[0])
        && near(runs[1])
        && near(runs[3])
        && near(runs[4])
        && 2 * (7 * runs[2]).abs_diff(3 * total) <= 3 * total
}

fn cross_check(bits: &Bits, x: usize, y: usize, module: f32, inverted: bool, open: bool) -> Option<Finder> {
    let walk = |dx, dy| Walk { bits, inverted, open, dx, dy };
    let down = walk(0, 1).runs(x, y, module * 2.5)?;
    let across_total = module * if open { 5.0 } else { 7.0 };
    let down_total = down.total();
    if !is_pattern(down.0, open) || down_total * 2.5 < across_total || down_total > across_total * 2.5 {
        return None;
    }
    let middle_y = y as f32 + down.offset();
    let row = (middle_y.max(0.0) as usize).min(bits.height - 1);
    let across = walk(1, 0).runs(x, row, module * 1.5)?;
    if !is_pattern(across.0, open) {
        return None;
    }
    let middle_x = x as f32 + across.offset();
    let column = (middle_x.max(0.0) as usize).min(bits.width - 1);
    // Letters and windows pass so far. Along a diagonal only concentric squares pass.
    let diagonal = |dx| walk(dx, 1).runs(column, row, module * 2.0).is_some_and(|d| is_pattern(d.0, open));
    (diagonal(1) || diagonal(-1)).then_some(Finder {
        center: point(middle_x, middle_y),
        module: (across.total() + down_total) / if open { 10.0 } else { 14.0 },
        inverted,
        open,
        hits: 1,
    })
}

/// Walks from the middle of a pattern both ways along a line.
struct Walk<'a> {
    bits: &'a Bits,
    inverted: bool,
    open: bool,
    dx: isize,
    dy: isize,
}

/// The five runs, the range of those that count, and the steps from the start to the last pixel of that range.
struct Runs([usize; 5], core::ops::Range<usize>, usize);

impl Runs {
    fn total(&self) -> f32 {
        self.0[self.1.clone()].iter().sum::<usize>() as f32
    }

    /// From the near edge of the start pixel to the centre of the pattern.
    fn offset(&self) -> f32 {
        (self.2 + 1) as f32 - self.total() / 2.0
    }
}

impl Walk<'_> {
    fn runs(&self, x: usize, y: usize, module: f32) -> Option<Runs> {
        let limit = module.max(1.0) as usize * 3 + 2;
        let ahead = self.half(x, y, 1, limit)?;
        let behind = self.half(x, y, -1, limit)?;
        let runs = [behind[2], behind[1], behind[0] + ahead[0] - 1, ahead[1], ahead[2]];
        let counted = if self.open { 1..4 } else { 0..5 };
        let reach = ahead[..counted.end - 2].iter().sum::<usize>() - 1;
        Some(Runs(runs, counted, reach))
    }

    /// `None` outside the picture.
    fn is_dark(&self, x: isize, y: isize) -> Option<bool> {
        let (x, y) = (usize::try_from(x).ok()?, usize::try_from(y).ok()?);
        (x < self.bits.width && y < self.bits.height).then(|| self.bits.dark(x, y))
    }

    /// Half of the centre run including the start, then the inner ring, then the outer ring.
    fn half(&self, x: usize, y: usize, sign: isize, limit: usize) -> Option<[usize; 3]> {
        let mut runs = [0; 3];
        let (mut x, mut y) = (x.cast_signed(), y.cast_signed());
        for (i, run) in runs.iter_mut().enumerate() {
            let dark = (i != 1) != self.inverted;
            while self.is_dark(x, y) == Some(dark) {
                *run += 1;
                if *run > limit {
                    // The outer ring of an open pattern has no outer edge.
                    if self.open && i == 2 {
                        return Some(runs);
                    }
                    return None;
                }
                x += sign * self.dx;
                y += sign * self.dy;
            }
            if *run == 0 {
                return None;
            }
        }
        Some(runs)
    }
}

/// Pixels from the centre to the outer edge of the outer ring (of an open pattern: to its inner edge) along a unit
/// vector.
pub(crate) fn reach(bits: &Bits, finder: &Finder, direction: Point) -> Option<f32> {
    let limit = finder.module * 8.0 + 4.0;
    let mut edges = 0;
    let mut t = 0.0;
    while t < limit {
        let p = finder.center + direction * t;
        if p.x < 0.0 || p.y < 0.0 {
            return (edges == 2 && !finder.open).then_some(t);
        }
        let (x, y) = (p.x as usize, p.y as usize);
        if x >= bits.width || y >= bits.height {
            return (edges == 2 && !finder.open).then_some(t);
        }
        if bits.dark(x, y) != ((edges % 2 == 0) != finder.inverted) {
            edges += 1;
            if edges == if finder.open { 2 } else { 3 } {
                return Some(t);
            }
        }
        t += 0.5;
    }
    None
}
