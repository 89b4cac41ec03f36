//! Which three finder patterns may belong to one code.

use crate::{
    binarise::Bits,
    finder::{Finder, reach},
    geometry::{Point, point},
    gray::Gray,
    order::{ranked, within},
    pose::Pose,
    symbol::Version,
};

/// Three finder patterns, by their indices, with the one at the corner first.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Triple {
    pub(crate) corner: usize,
    pub(crate) right: usize,
    pub(crate) down: usize,
    /// How far from a square's half: zero is perfect.
    strain: f32,
}

/// The triples that may be codes, the most likely first, at most `most`.
pub(crate) fn triples(finders: &[Finder], most: usize) -> Vec<Triple> {
    let mut found: Vec<Triple> = Vec::new();
    for (i, a) in finders.iter().enumerate() {
        for (j, b) in finders.iter().enumerate().skip(i + 1) {
            if !alike(a, b) {
                continue;
            }
            for (k, c) in finders.iter().enumerate().skip(j + 1) {
                if alike(a, c) && alike(b, c) {
                    found.extend(triple(finders, [i, j, k]));
                }
            }
        }
    }
    ranked(found.iter().map(|t| t.strain)).into_iter().take(most).map(|i| found[i]).collect()
}

fn alike(a: &Finder, b: &Finder) -> bool {
    a.inverted == b.inverted && a.module < 2.2 * b.module && b.module < 2.2 * a.module
}

fn triple(finders: &[Finder], [i, j, k]: [usize; 3]) -> Option<Triple> {
    let side = |a: usize, b: usize| (finders[a].center - finders[b].center).length();
    // The corner faces the longest side.
    let (corner, mut right, mut down) =
        [(i, j, k), (j, i, k), (k, i, j)].into_iter().max_by(|a, b| side(a.1, a.2).total_cmp(&side(b.1, b.2)))?;
    let mut to_right = finders[right].center - finders[corner].center;
    let mut to_down = finders[down].center - finders[corner].center;
    if to_right.cross(to_down) < 0.0 {
        (right, down) = (down, right);
        (to_right, to_down) = (to_down, to_right);
    }
    let (width, height) = (to_right.length(), to_down.length());
    let skew = to_right.dot(to_down) / (width * height).max(1e-3);
    let module = (finders[i].module + finders[j].module + finders[k].module) / 3.0;
    // `module` is too large by up to the square root of two, and the smallest code has 14 modules between its patterns.
    let modules = width.max(height) / module;
    let uneven = width.max(height) / width.min(height).max(1e-3);
    if skew.abs() > 0.75 || uneven > 3.0 || !(8.0..=200.0).contains(&modules) {
        return None;
    }
    let sizes = [i, j, k].map(|n| finders[n].module);
    let spread = sizes.iter().copied().fold(0.0, f32::max) / sizes.iter().copied().fold(f32::MAX, f32::min).max(1e-3);
    Some(Triple { corner, right, down, strain: skew.abs() + (uneven - 1.0) + (spread - 1.0) * 0.5 })
}

/// The finder patterns of one code in their exact places.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Corner {
    pub(crate) top_left: Pose,
    pub(crate) top_right: Pose,
    pub(crate) bottom_left: Pose,
    pub(crate) inverted: bool,
}

impl Corner {
    /// `None` when one of the three is no finder pattern after all.
    pub(crate) fn settle(gray: &Gray<'_>, bits: &Bits, finders: &[Finder], triple: &Triple) -> Option<Self> {
        let [corner, right, down] = [triple.corner, triple.right, triple.down].map(|i| &finders[i]);
        let to_right = right.center - corner.center;
        let to_down = down.center - corner.center;
        let inverted = corner.inverted;
        let pose = |finder: &Finder| {
            Pose {
                center: finder.center,
                right: step(bits, finder, to_right),
                down: step(bits, finder, to_down),
                contrast: 0.0,
            }
            .settle(gray, inverted)
        };
        Some(Self { top_left: pose(corner)?, top_right: pose(right)?, bottom_left: pose(down)?, inverted })
    }

    /// The versions that the distances allow, the likeliest first.
    pub(crate) fn versions(&self) -> Vec<Version> {
        // Along a line in perspective the count of modules is the distance over the geometric mean of the modules at its
        // ends, exactly.
        let count = |a: &Pose, b: &Pose, step: fn(&Pose) -> Point| {
            (b.center - a.center).length() / (step(a).length() * step(b).length()).sqrt().max(1e-3)
        };
        let across = count(&self.top_left, &self.top_right, |p| p.right);
        let along = count(&self.top_left, &self.bottom_left, |p| p.down);
        if across > along * 1.4 || along > across * 1.4 {
            return Vec::new();
        }
        let exact = (across.midpoint(along) + 7.0 - 17.0) / 4.0;
        let nearest = exact.round();
        let side = if exact > nearest { 1.0 } else { -1.0 };
        // The error grows with the size.
        let order = [nearest, nearest + side, nearest - side, nearest + 2.0 * side];
        let reach = if exact > 12.0 { 4 } else { 3 };
        order
            .into_iter()
            .take(reach)
            .filter(|n| *n >= 1.0 && *n <= 40.0)
            .filter_map(|n| Version::of_size(17 + 4 * n as usize))
            .collect()
    }
}

/// Whether the squares are there in the grey picture too, whatever way they are turned.
pub(crate) fn is_real(gray: &Gray<'_>, bits: &Bits, finder: &Finder) -> bool {
    [(1.0, 0.0), (0.924, 0.383), (0.707, 0.707), (0.383, 0.924)].into_iter().any(|(x, y)| {
        let (right, down) = (step(bits, finder, point(x, y)), step(bits, finder, point(-y, x)));
        Pose { center: finder.center, right, down, contrast: 0.0 }.settle(gray, finder.inverted).is_some()
    })
}

/// One module along a direction, measured through the finder pattern.
fn step(bits: &Bits, finder: &Finder, direction: Point) -> Point {
    let unit = direction * (1.0 / direction.length().max(1e-3));
    let length = match (reach(bits, finder, unit), reach(bits, finder, unit * -1.0)) {
        (Some(ahead), Some(behind)) => (ahead + behind) / 7.0,
        (Some(half), None) | (None, Some(half)) => half / 3.5,
        (None, None) => finder.module,
    };
    unit * within(length, finder.module * 0.4, finder.module * 2.0)
}
