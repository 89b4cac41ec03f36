//! Chooses triples of finder patterns that may belong to one code.

use crate::{
    binarise::Bits,
    finder::{Finder, reach},
    geometry::{Point, point},
    gray::Gray,
    order::{ranked, within},
    pose::Pose,
    symbol::Version,
};

/// Three finder patterns by index; `corner` is the top left one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Triple {
    pub(crate) corner: usize,
    pub(crate) right: usize,
    pub(crate) down: usize,
    /// Whether the largest module is much larger than the smallest.
    is_steep: bool,
    /// Deviation from a right isosceles triangle of equal patterns; zero is perfect.
    deviation: f32,
}

/// Largest ratio of module sizes among three finder patterns: the perspective of a camera one code's width away.
const STEEPEST: f32 = 3.6;
/// Above this ratio the top left pattern need not face the longest side of the triangle.
const STEEP: f32 = 1.7;

/// At most `most` triples that may be codes, the most likely first.
pub(crate) fn triples(finders: &[Finder], most: usize) -> Vec<Triple> {
    let mut found: Vec<Triple> = Vec::new();
    for (i, a) in finders.iter().enumerate() {
        for (j, b) in finders.iter().enumerate().skip(i + 1) {
            if !alike(a, b) {
                continue;
            }
            for (k, c) in finders.iter().enumerate().skip(j + 1) {
                if alike(a, c) && alike(b, c) {
                    found.extend([[i, j, k], [j, i, k], [k, i, j]].into_iter().filter_map(|t| triple(finders, t)));
                }
            }
        }
    }
    ranked(found.iter().map(|t| t.deviation)).into_iter().take(most).map(|i| found[i]).collect()
}

fn alike(a: &Finder, b: &Finder) -> bool {
    a.inverted == b.inverted && a.open == b.open && a.module < STEEPEST * b.module && b.module < STEEPEST * a.module
}

fn triple(finders: &[Finder], [corner, mut right, mut down]: [usize; 3]) -> Option<Triple> {
    let sizes = [corner, right, down].map(|n| finders[n].module);
    let spread = sizes.iter().copied().fold(0.0, f32::max) / sizes.iter().copied().fold(f32::MAX, f32::min).max(1e-3);
    let mut to_right = finders[right].center - finders[corner].center;
    let mut to_down = finders[down].center - finders[corner].center;
    if to_right.cross(to_down) < 0.0 {
        (right, down) = (down, right);
        (to_right, to_down) = (to_down, to_right);
    }
    let (width, height) = (to_right.length(), to_down.length());
    let skew = to_right.dot(to_down) / (width * height).max(1e-3);
    let facing = (to_right - to_down).length();
    if spread < STEEP && (facing < width || facing < height) {
        return None;
    }
    let module = sizes.iter().sum::<f32>() / 3.0;
    // `module` is too large by up to the square root of two, and the smallest code has 14 modules between its patterns.
    let modules = width.max(height) / module;
    let uneven = width.max(height) / width.min(height).max(1e-3);
    if skew.abs() > 0.75 || uneven > STEEPEST || !(8.0..=200.0).contains(&modules) {
        return None;
    }
    let is_steep = spread >= STEEP;
    Some(Triple { corner, right, down, is_steep, deviation: skew.abs() + (uneven - 1.0) + (spread - 1.0) * 0.5 })
}

/// The finder patterns of one code, measured exactly.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Corner {
    pub(crate) top_left: Pose,
    pub(crate) top_right: Pose,
    pub(crate) bottom_left: Pose,
    pub(crate) inverted: bool,
}

impl Corner {
    /// `None` when one of the three proves to be a false pattern.
    pub(crate) fn settle(gray: &Gray<'_>, bits: &Bits, finders: &[Finder], triple: &Triple) -> Option<Self> {
        let [corner, right, down] = [triple.corner, triple.right, triple.down].map(|i| &finders[i]);
        let to_right = right.center - corner.center;
        let to_down = down.center - corner.center;
        let inverted = corner.inverted;
        let pose = |finder: &Finder, right: Point, down: Point| {
            Pose {
                center: finder.center,
                right: step(bits, finder, right),
                down: step(bits, finder, down),
                contrast: 0.0,
            }
            .settle(gray, inverted, finder.open)
        };
        // In steep perspective the two outer sides are not parallel to the inner ones.
        let turns: &[f32] = if triple.is_steep { &[0.0, 0.3, -0.3, 0.6, -0.6] } else { &[0.0] };
        let turned = |p: Point, by: f32| p + point(-p.y, p.x) * by;
        Some(Self {
            top_left: pose(corner, to_right, to_down)?,
            top_right: turns.iter().find_map(|&by| pose(right, to_right, turned(to_down, by)))?,
            bottom_left: turns.iter().find_map(|&by| pose(down, turned(to_right, by), to_down))?,
            inverted,
        })
    }

    /// Whether the largest module is much larger than the smallest.
    pub(crate) fn is_steep(&self) -> bool {
        let areas = [&self.top_left, &self.top_right, &self.bottom_left].map(|pose| pose.right.cross(pose.down).abs());
        let least = areas.iter().copied().fold(f32::MAX, f32::min).max(1e-3);
        areas.iter().copied().fold(0.0, f32::max) > STEEP * STEEP * least
    }

    /// The versions that the distances allow, the most likely first.
    pub(crate) fn versions(&self) -> Vec<Version> {
        // Exact in perspective: modules along a line = distance / geometric mean of the module sizes at its ends.
        let count = |a: &Pose, b: &Pose, step: fn(&Pose) -> Point| {
            (b.center - a.center).length() / (step(a).length() * step(b).length()).sqrt().max(1e-3)
        };
        let across = count(&self.top_left, &self.top_right, |p| p.right);
        let along = count(&self.top_left, &self.bottom_left, |p| p.down);
        // Small modules are measured less exactly, and steep perspective makes some small: allow more error.
        let steep = self.is_steep();
        let most = if steep { 1.8 } else { 1.4 };
        if across > along * most || along > across * most {
            return Vec::new();
        }
        let exact = (across.midpoint(along) + 7.0 - 17.0) / 4.0;
        let nearest = exact.round();
        let side = if exact > nearest { 1.0 } else { -1.0 };
        // The error of the estimate grows with the size, so larger codes get more candidates.
        let order = [nearest, nearest + side, nearest - side, nearest + 2.0 * side, nearest - 2.0 * side];
        let reach = if steep {
            5
        } else if exact > 12.0 {
            4
        } else {
            3
        };
        order
            .into_iter()
            .take(reach)
            .filter(|n| *n >= 1.0 && *n <= 40.0)
            .filter_map(|n| Version::of_size(17 + 4 * n as usize))
            .collect()
    }
}

/// Whether the grey picture confirms the pattern at one of four rotations.
pub(crate) fn is_real(gray: &Gray<'_>, bits: &Bits, finder: &Finder) -> bool {
    [(1.0, 0.0), (0.924, 0.383), (0.707, 0.707), (0.383, 0.924)].into_iter().any(|(x, y)| {
        let (right, down) = (step(bits, finder, point(x, y)), step(bits, finder, point(-y, x)));
        Pose { center: finder.center, right, down, contrast: 0.0 }.settle(gray, finder.inverted, finder.open).is_some()
    })
}

/// The step of one module along a direction, measured across the finder pattern.
fn step(bits: &Bits, finder: &Finder, direction: Point) -> Point {
    let unit = direction * (1.0 / direction.length().max(1e-3));
    let modules = if finder.open { 2.5 } else { 3.5 };
    let length = match (reach(bits, finder, unit), reach(bits, finder, unit * -1.0)) {
        (Some(ahead), Some(behind)) => (ahead + behind) / (2.0 * modules),
        (Some(half), None) | (None, Some(half)) => half / modules,
        (None, None) => finder.module,
    };
    unit * within(length, finder.module * 0.4, finder.module * 2.0)
}
