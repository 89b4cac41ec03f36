//! From three finder patterns to a perspective map of the whole code, the most reliable method first.

use crate::{
    code::Code,
    decode::Decoded,
    effort::Effort,
    geometry::{Perspective, Point, point},
    gray::Gray,
    order::{ranked, within},
    sample::{Samples, timing},
    symbol::Version,
    triple::Corner,
};

/// Below this score of the timing patterns there is no code of that size.
const LEAST_TIMING: f32 = 0.25;

/// A code that was read.
pub(crate) struct Read {
    pub(crate) code: Code,
    /// Its corners, clockwise from the top left.
    pub(crate) corners: [Point; 4],
}

/// The result of one attempt to read a code.
pub(crate) enum Outcome {
    Read(Read),
    /// Error correction fails although nearly every module is certain. Another pass would fail too.
    Undecodable([Point; 4]),
    /// The fixed patterns match, but some modules are uncertain.
    Uncertain([Point; 4]),
    Nothing,
}

impl Outcome {
    fn or_else(self, next: impl FnOnce() -> Self) -> Self {
        match self {
            Self::Read(_) | Self::Undecodable(_) => self,
            Self::Nothing => next(),
            Self::Uncertain(_) => match next() {
                Self::Nothing => self,
                other => other,
            },
        }
    }
}

/// Tries to read the code of three finder patterns.
pub(crate) fn read(gray: &Gray<'_>, corner: &Corner, effort: &Effort, thorough: bool) -> Outcome {
    let maps: Vec<(f32, Version, Perspective)> = corner
        .versions()
        .into_iter()
        .filter_map(|version| {
            let maps = Frame { gray, corner, version, effort }.rough();
            let score = |map: &Perspective| timing(gray, map, version, corner.inverted);
            let scored = maps.into_iter().flatten().map(|map| (score(&map), version, map));
            scored.max_by(|a, b| a.0.total_cmp(&b.0))
        })
        .filter(|(score, ..)| *score >= LEAST_TIMING)
        .collect();
    let best = ranked(maps.iter().map(|map| -map.0)).into_iter().take(if thorough { 3 } else { 2 });
    best.fold(Outcome::Nothing, |outcome, i| match outcome {
        // Patterns match only under the right version, so any other outcome ends the search.
        Outcome::Nothing => Frame { gray, corner, version: maps[i].1, effort }.read(&maps[i].2, thorough),
        done => done,
    })
}

/// A candidate: three finder patterns and an assumed version.
struct Frame<'a> {
    gray: &'a Gray<'a>,
    corner: &'a Corner,
    version: Version,
    effort: &'a Effort,
}

impl Frame<'_> {
    fn size(&self) -> f32 {
        self.version.size() as f32
    }

    /// The centres of the three finder patterns, in modules and in pixels.
    fn anchors(&self) -> [(Point, Point); 3] {
        let far = self.size() - 3.5;
        [
            (point(3.5, 3.5), self.corner.top_left.center),
            (point(far, 3.5), self.corner.top_right.center),
            (point(3.5, far), self.corner.bottom_left.center),
        ]
    }

    fn map_with(&self, module: Point, pixel: Point) -> Option<Perspective> {
        let [a, b, c] = self.anchors();
        let map = Perspective::fit(&[a, b, c, (module, pixel)])?;
        map.is_sane(self.size()).then_some(map)
    }

    /// Maps that need no alignment pattern: the fourth corner is the intersection of the sides of the outer finder
    /// patterns.
    fn rough(&self) -> [Option<Perspective>; 3] {
        let (right, left) = (&self.corner.top_right, &self.corner.bottom_left);
        let far = self.size() - 3.5;
        let parallelogram = right.center + left.center - self.corner.top_left.center;
        let turn = right.down.cross(left.right);
        let crossing = if turn.abs() > 0.2 * right.down.length() * left.right.length() {
            right.center + right.down * ((left.center - right.center).cross(left.right) / turn)
        } else {
            parallelogram
        };
        // A larger offset comes from a badly measured direction, not from perspective.
        let span = (right.center - left.center).length();
        let fourth = if (crossing - parallelogram).length() < 0.4 * span { crossing } else { parallelogram };
        let near = self.map_with(point(far, far), fourth).or_else(|| self.map_with(point(far, far), parallelogram));
        let steep = self.corner.is_steep();
        [near, steep.then(|| self.map_with(point(far, far), crossing)).flatten(), steep.then(|| self.joint()).flatten()]
    }

    /// The least-squares map of the corners of all three finder patterns.
    fn joint(&self) -> Option<Perspective> {
        let mut pairs = Vec::new();
        for ((module, _), pose) in
            self.anchors().into_iter().zip([&self.corner.top_left, &self.corner.top_right, &self.corner.bottom_left])
        {
            for (x, y) in [(-2.5, -2.5), (2.5, -2.5), (-2.5, 2.5), (2.5, 2.5)] {
                pairs.push((module + point(x, y), pose.at(x, y)));
            }
        }
        Perspective::fit(&pairs).filter(|map| map.is_sane(self.size()))
    }

    fn read(&self, rough: &Perspective, thorough: bool) -> Outcome {
        let aligned = self.aligned(rough, 2.5 + 0.12 * self.size() / 4.0);
        let first = aligned.unwrap_or(*rough);
        let plain = self.decode(&first, false).or_else(|| self.decode_bent(&first, false));
        match plain {
            Outcome::Read(_) | Outcome::Undecodable(_) => plain,
            // The map is right; only the sampling can improve.
            Outcome::Uncertain(_) if thorough => {
                plain.or_else(|| self.decode(&first, true)).or_else(|| self.decode_bent(&first, true))
            }
            Outcome::Uncertain(_) => plain,
            Outcome::Nothing => {
                let better = self.climb(&first);
                let retried = self.decode(&better, thorough).or_else(|| self.decode_bent(&better, thorough));
                if !thorough {
                    return retried;
                }
                retried.or_else(|| {
                    // The alignment pattern may have been a false match: start from the map without it.
                    let other = self.climb(rough);
                    self.decode(&other, true).or_else(|| self.decode_bent(&other, true))
                })
            }
        }
    }

    fn decode(&self, map: &Perspective, thorough: bool) -> Outcome {
        let place = |x: usize, y: usize| map.map(point(x as f32 + 0.5, y as f32 + 0.5));
        self.decode_at(place, map, thorough)
    }

    fn decode_at(&self, place: impl Fn(usize, usize) -> Point, map: &Perspective, thorough: bool) -> Outcome {
        let Some(samples) = Samples::take(self.gray, self.version, self.corner.inverted, self.effort, place) else {
            return Outcome::Nothing;
        };
        let size = self.size();
        let corners = || [(0.0, 0.0), (size, 0.0), (size, size), (0.0, size)].map(|(x, y)| map.map(point(x, y)));
        match samples.decode(self.effort, thorough) {
            Decoded::Code(code) => Outcome::Read(Read { code, corners: corners() }),
            Decoded::Undecodable => Outcome::Undecodable(corners()),
            Decoded::Uncertain => Outcome::Uncertain(corners()),
            Decoded::Nothing => Outcome::Nothing,
        }
    }

    /// The map through the bottom right alignment pattern, searched for within `reach` modules.
    fn aligned(&self, rough: &Perspective, reach: f32) -> Option<Perspective> {
        if self.version.number() == 1 {
            return None;
        }
        let module = point(self.size() - 6.5, self.size() - 6.5);
        let pixel = self.alignment(rough, module, reach)?;
        self.map_with(module, pixel)
    }

    /// The centre in pixels of the alignment pattern that matches best near its expected place.
    fn alignment(&self, map: &Perspective, module: Point, reach: f32) -> Option<Point> {
        let (right, down) = map.steps(module);
        let expected = map.map(module);
        let contrast =
            self.corner.top_left.contrast.min(self.corner.top_right.contrast).min(self.corner.bottom_left.contrast);
        let mut best = (0.35 * contrast, None);
        let score_at = |dx: f32, dy: f32, least: f32| {
            let center = expected + right * dx + down * dy;
            let at = |x: f32, y: f32| {
                let value = self.gray.at(center + right * x + down * y);
                if self.corner.inverted { 255.0 - value } else { value }
            };
            let middle = at(0.0, 0.0);
            let mut light = 0.0;
            for (x, y) in
                [(-1.0, -1.0), (0.0, -1.0), (1.0, -1.0), (-1.0, 0.0), (1.0, 0.0), (-1.0, 1.0), (0.0, 1.0), (1.0, 1.0)]
            {
                light += at(x, y);
            }
            // Most places end here. The full score rarely exceeds this partial one.
            if light / 8.0 - middle < least {
                return 0.0;
            }
            let mut dark = 4.0 * middle;
            for i in [-2.0, -1.0, 0.0, 1.0, 2.0] {
                dark += at(i, -2.0) + at(i, 2.0);
            }
            for i in [-1.0, 0.0, 1.0] {
                dark += at(-2.0, i) + at(2.0, i);
            }
            light / 8.0 - dark / 20.0
        };
        let steps = (reach * 2.0).round() as i16;
        let tried = 2 * usize::from(steps.unsigned_abs()) + 1;
        if !self.effort.spend(tried * tried * 9 + 49 * 25) {
            return None;
        }
        for iy in -steps..=steps {
            for ix in -steps..=steps {
                let (dx, dy) = (f32::from(ix) * 0.5, f32::from(iy) * 0.5);
                let score = score_at(dx, dy, best.0) - 0.03 * contrast * (dx * dx + dy * dy).sqrt();
                if score > best.0 {
                    best = (score, Some((dx, dy)));
                }
            }
        }
        // Refine to the centre of the plateau: the mean of the nearby places, weighted by their scores.
        let (dx, dy) = best.1?;
        let peak = score_at(dx, dy, f32::MIN);
        let (mut sum, mut sx, mut sy) = (0.0, 0.0, 0.0);
        for iy in -3_i8..=3 {
            for ix in -3_i8..=3 {
                let (ex, ey) = (dx + f32::from(ix) * 0.2, dy + f32::from(iy) * 0.2);
                let weight = (score_at(ex, ey, f32::MIN) - 0.6 * peak).max(0.0);
                sum += weight;
                sx += weight * ex;
                sy += weight * ey;
            }
        }
        if sum <= 0.0 {
            return None;
        }
        Some(expected + right * (sx / sum) + down * (sy / sum))
    }

    /// Decodes a sheet that is not flat: each alignment pattern found shifts the modules around it.
    fn decode_bent(&self, map: &Perspective, thorough: bool) -> Outcome {
        let lines = self.version.alignments();
        if lines.len() < 3 {
            return Outcome::Nothing;
        }
        let count = lines.len();
        let last = count - 1;
        let mut shifts: Vec<Option<Point>> = vec![None; count * count];
        // Row by row from the top left; each is searched for at the mean shift of its left and upper neighbours.
        for j in 0..count {
            for i in 0..count {
                let module = point(lines[i] as f32 + 0.5, lines[j] as f32 + 0.5);
                if (i == 0 || i == last) && (j == 0 || j == last) && !(i == last && j == last) {
                    shifts[j * count + i] = Some(point(0.0, 0.0));
                    continue;
                }
                let near = [(i > 0).then(|| j * count + i - 1), (j > 0).then(|| (j - 1) * count + i)];
                let known: Vec<Point> = near.into_iter().flatten().filter_map(|n| shifts[n]).collect();
                let guess = known.iter().fold(point(0.0, 0.0), |sum, &p| sum + p * (1.0 / known.len() as f32));
                let expected = map.map(module);
                shifts[j * count + i] = self
                    .alignment_near(map, module, guess)
                    .map(|found| found - expected)
                    .or((!known.is_empty()).then_some(guess));
            }
        }
        let shift = |i: usize, j: usize| shifts[j * count + i].unwrap_or_default();
        let cell = |at: usize| {
            let i = lines.iter().skip(1).take(last - 1).filter(|&&line| at > line).count();
            let span = (lines[i + 1] - lines[i]) as f32;
            (i, within((at as f32 - lines[i] as f32) / span, -0.3, 1.3))
        };
        let place = |x: usize, y: usize| {
            let ((i, fx), (j, fy)) = (cell(x), cell(y));
            let upper = shift(i, j) * (1.0 - fx) + shift(i + 1, j) * fx;
            let lower = shift(i, j + 1) * (1.0 - fx) + shift(i + 1, j + 1) * fx;
            map.map(point(x as f32 + 0.5, y as f32 + 0.5)) + upper * (1.0 - fy) + lower * fy
        };
        self.decode_at(place, map, thorough)
    }

    fn alignment_near(&self, map: &Perspective, module: Point, guess: Point) -> Option<Point> {
        let (right, down) = map.steps(module);
        let turn = right.cross(down);
        if turn.abs() < 1e-3 {
            return None;
        }
        // The guess in modules.
        let shifted = module + point(guess.cross(down) / turn, right.cross(guess) / turn);
        self.alignment(map, shifted, 1.5)
    }

    /// Hill climbing: moves the four corners by fractions of a module while the match of the fixed patterns improves.
    fn climb(&self, start: &Perspective) -> Perspective {
        let size = self.size();
        let marks = self.marks();
        let from = [point(0.0, 0.0), point(size, 0.0), point(0.0, size), point(size, size)];
        let mut to = from.map(|p| start.map(p));
        let mut best = (self.score(start, &marks), *start);
        // The far corner has no finder pattern, so it is the least certain and moves furthest.
        'passes: for pass in 0..5_u8 {
            let scale = 0.7_f32.powi(i32::from(pass));
            for corner in [3, 1, 2, 0, 3] {
                let (right, down) = best.1.steps(from[corner]);
                let length = if corner == 3 { 0.8 } else { 0.4 } * scale;
                for (dx, dy) in [(1.0, 0.0), (-1.0, 0.0), (0.0, 1.0), (0.0, -1.0)] {
                    if !self.effort.spend(marks.len()) {
                        break 'passes;
                    }
                    let old = to[corner];
                    to[corner] = old + right * (dx * length) + down * (dy * length);
                    let pairs: [(Point, Point); 4] = core::array::from_fn(|i| (from[i], to[i]));
                    let tried = Perspective::fit(&pairs)
                        .filter(|map| map.is_sane(size))
                        .map(|map| (self.score(&map, &marks), map));
                    match tried {
                        Some(tried) if tried.0 > best.0 => best = tried,
                        _ => to[corner] = old,
                    }
                }
            }
        }
        best.1
    }

    /// Points of the fixed patterns, and whether they are light. They lie off the module centres, so that a shift in
    /// any direction lowers the score.
    fn marks(&self) -> Vec<(Point, bool)> {
        let patterns = self.version.patterns();
        let mark = |&(x, y, light): &(usize, usize, bool)| {
            let near = if (x / 2 + y / 2).is_multiple_of(2) { 0.25 } else { 0.75 };
            (point(x as f32 + near, y as f32 + near), light)
        };
        patterns.iter().map(mark).collect()
    }

    fn score(&self, map: &Perspective, marks: &[(Point, bool)]) -> f32 {
        let (mut light, mut dark, mut lights, mut darks) = (0.0, 0.0, 1e-3, 1e-3);
        for &(p, is_light) in marks {
            let value = self.gray.at(map.map(p));
            if is_light {
                light += value;
                lights += 1.0;
            } else {
                dark += value;
                darks += 1.0;
            }
        }
        let score = light / lights - dark / darks;
        if self.corner.inverted { -score } else { score }
    }
}
