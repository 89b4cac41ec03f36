//! The exact position of a finder pattern: its centre and its two module steps, to a fraction of a pixel.

use crate::{geometry::Point, gray::Gray};

/// A finder pattern as a small affine frame.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pose {
    pub(crate) center: Point,
    /// Pixels from one module to the next, towards the right of the code.
    pub(crate) right: Point,
    /// The same towards its bottom.
    pub(crate) down: Point,
    /// Light minus dark, in grey levels.
    pub(crate) contrast: f32,
}

/// The least share of a finder pattern's edges that must be found. Real patterns, even blurred or noisy, have over nine
/// tenths; textures and noise have about two thirds.
const LEAST_SHARE: f32 = 0.8;
/// Scan lines across the pattern, by their distance from the centre in modules.
const LINES: [f32; 7] = [-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0];
/// Samples per module along a line.
const DENSITY: f32 = 4.0;
/// The first and last sample along a line, counted from the centre.
const SAMPLES: core::ops::RangeInclusive<usize> = 2..=18;

impl Pose {
    /// Moves a rough pose onto the edges of the squares. `None` when too few edges are where a finder pattern has them.
    pub(crate) fn settle(self, gray: &Gray<'_>, inverted: bool, open: bool) -> Option<Self> {
        let mut pose = self;
        let mut share = 0.0;
        // The two centre lines reject most false patterns cheaply.
        let level = pose.level(gray, inverted, open)?;
        if pose.fit(gray, &level, 0.9, false, &[0.0])?.share + pose.fit(gray, &level, 0.9, true, &[0.0])?.share < 1.3 {
            return None;
        }
        // The outermost lines of an open pattern cross no edge that is used.
        let lines = if open { &LINES[1..6] } else { &LINES };
        for window in [0.9, 0.7, 0.5] {
            let level = pose.level(gray, inverted, open)?;
            pose.contrast = level.contrast;
            let across = pose.fit(gray, &level, window, false, lines)?;
            let along = pose.fit(gray, &level, window, true, lines)?;
            share = across.share.min(along.share);
            pose = pose.moved(&across, &along)?;
        }
        (share >= LEAST_SHARE).then_some(pose)
    }

    /// The pixel at (right, down) modules from the centre.
    pub(crate) fn at(&self, right: f32, down: f32) -> Point {
        self.center + self.right * right + self.down * down
    }

    fn level(&self, gray: &Gray<'_>, inverted: bool, open: bool) -> Option<Level> {
        let mean = |places: &[(f32, f32)]| {
            places.iter().map(|&(r, d)| value(gray, self.at(r, d), inverted)).sum::<f32>() / places.len() as f32
        };
        let center = mean(&[(0.0, 0.0), (0.7, 0.0), (-0.7, 0.0), (0.0, 0.7), (0.0, -0.7)]);
        let ring = mean(&[(3.0, 0.0), (-3.0, 0.0), (0.0, 3.0), (0.0, -3.0)]);
        let light = mean(&[
            (2.0, 0.0),
            (-2.0, 0.0),
            (0.0, 2.0),
            (0.0, -2.0),
            (2.0, 2.0),
            (-2.0, 2.0),
            (2.0, -2.0),
            (-2.0, -2.0),
        ]);
        let contrast = light - (center + ring) / 2.0;
        (contrast >= 4.0).then_some(Level { middle: light - contrast / 2.0, contrast, inverted, open })
    }

    /// Finds the edges along one axis and fits `position = shift + stretch * expected + shear * line` to them.
    fn fit(&self, gray: &Gray<'_>, level: &Level, window: f32, along: bool, lines: &[f32]) -> Option<Fit> {
        let mut sums = Sums::default();
        let mut expected = 0_u16;
        for &line in lines {
            let edges: &[f32] = match line.abs() as u8 {
                0 | 1 => &[1.5, 2.5, 3.5],
                2 => &[2.5, 3.5],
                _ => &[3.5],
            };
            let edges = if level.open { &edges[..edges.len() - 1] } else { edges };
            for sign in [-1.0, 1.0] {
                let mut profile = [0.0_f32; 19];
                for i in SAMPLES {
                    let t = sign * i as f32 / DENSITY;
                    let p = if along { self.at(line, t) } else { self.at(t, line) };
                    profile[i] = value(gray, p, level.inverted) - level.middle;
                }
                for &edge in edges {
                    expected += 1;
                    // Outwards: dark to light at 1.5 and 3.5, light to dark at 2.5.
                    let rising = (edge - 2.5).abs() > 0.5;
                    if let Some(t) = crossing(&profile, edge, rising, window) {
                        sums.add(sign * edge, line, sign * t);
                    }
                }
            }
        }
        sums.solve(expected)
    }

    /// Applies the two fits to this pose.
    fn moved(&self, across: &Fit, along: &Fit) -> Option<Self> {
        // position_right = a.shift + a.stretch * u + a.shear * position_down, and the same with the axes swapped.
        let (a, b) = (across, along);
        let w = 1.0 - a.shear * b.shear;
        if w < 0.3 || a.stretch < 0.4 || b.stretch < 0.4 {
            return None;
        }
        let place = |u: f32, v: f32| {
            let (pu, pv) = (a.shift + a.stretch * u, b.shift + b.stretch * v);
            self.at((pu + a.shear * pv) / w, (pv + b.shear * pu) / w)
        };
        let center = place(0.0, 0.0);
        Some(Self { center, right: place(1.0, 0.0) - center, down: place(0.0, 1.0) - center, contrast: self.contrast })
    }
}

struct Level {
    middle: f32,
    contrast: f32,
    inverted: bool,
    open: bool,
}

struct Fit {
    shift: f32,
    stretch: f32,
    shear: f32,
    /// Edges found, as a share of those expected.
    share: f32,
}

/// The grey value, negated for light-on-dark codes. Outside the picture is light, because screenshots are often cropped
/// at the code's edge.
fn value(gray: &Gray<'_>, p: Point, inverted: bool) -> f32 {
    if !gray.contains(p) {
        return 255.0;
    }
    let value = gray.at(p);
    if inverted { 255.0 - value } else { value }
}

/// The zero crossing of the profile in the given direction that is nearest to the expected place, in modules.
fn crossing(profile: &[f32; 19], expected: f32, rising: bool, window: f32) -> Option<f32> {
    let mut best: Option<f32> = None;
    for i in *SAMPLES.start()..*SAMPLES.end() {
        let (a, b) = (profile[i], profile[i + 1]);
        if (a < 0.0) == (b < 0.0) || (a < 0.0) != rising {
            continue;
        }
        let t = (i as f32 + a / (a - b)) / DENSITY;
        if (t - expected).abs() < best.map_or(window, |best| (best - expected).abs()) {
            best = Some(t);
        }
    }
    best
}

/// Sums of the least-squares fit of a plane: expected position `k`, line `s`, measured position `t`.
#[derive(Default)]
struct Sums {
    n: f32,
    k: f32,
    s: f32,
    kk: f32,
    ks: f32,
    ss: f32,
    t: f32,
    kt: f32,
    st: f32,
}

impl Sums {
    fn add(&mut self, k: f32, s: f32, t: f32) {
        self.n += 1.0;
        self.k += k;
        self.s += s;
        self.kk += k * k;
        self.ks += k * s;
        self.ss += s * s;
        self.t += t;
        self.kt += k * t;
        self.st += s * t;
    }

    fn solve(&self, expected: u16) -> Option<Fit> {
        let share = self.n / f32::from(expected);
        if share < 0.3 {
            return None;
        }
        let det3 = |m: [[f32; 3]; 3]| {
            m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1]) - m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0])
                + m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0])
        };
        if self.ss < 1e-3 {
            // One line alone shows no shear.
            return Some(Fit { shift: self.t / self.n, stretch: 1.0, shear: 0.0, share });
        }
        let det = det3([[self.n, self.k, self.s], [self.k, self.kk, self.ks], [self.s, self.ks, self.ss]]);
        if det.abs() < 1e-3 {
            return None;
        }
        let shift = det3([[self.t, self.k, self.s], [self.kt, self.kk, self.ks], [self.st, self.ks, self.ss]]) / det;
        let stretch = det3([[self.n, self.t, self.s], [self.k, self.kt, self.ks], [self.s, self.st, self.ss]]) / det;
        let shear = det3([[self.n, self.k, self.t], [self.k, self.kk, self.kt], [self.s, self.ks, self.st]]) / det;
        Some(Fit { shift, stretch, shear, share })
    }
}
