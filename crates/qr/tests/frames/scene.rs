use super::random::Random;

/// The modules of a code, read back from the SVG that this crate draws.
pub(crate) struct Code {
    pub(crate) size: usize,
    dark: Vec<bool>,
    inverted: bool,
}

impl Code {
    pub(crate) fn of(text: &str) -> Self {
        let correction = if text.len() > 200 { qr::Correction::Low } else { qr::Correction::Medium };
        Self::at(text, correction)
    }

    pub(crate) fn at(text: &str, correction: qr::Correction) -> Self {
        let svg = qr::draw_svg(text, &qr::Options { correction, quiet_zone: 0, ..Default::default() }).unwrap();
        Self::of_svg(&svg)
    }

    pub(crate) fn of_svg(svg: &str) -> Self {
        let size: usize = between(svg, "viewBox=\"0 0 ", " ").parse().unwrap();
        let mut dark = vec![false; size * size];
        // `M3 0h2v1h-2z` is two dark modules from (3, 0).
        for run in between(svg, "<path d=\"", "\"").split('M').skip(1) {
            let (x, rest) = run.split_once(' ').unwrap();
            let (y, rest) = rest.split_once('h').unwrap();
            let (length, _) = rest.split_once('v').unwrap();
            let (x, y, length): (usize, usize, usize) =
                (x.parse().unwrap(), y.parse().unwrap(), length.parse().unwrap());
            dark[y * size + x..y * size + x + length].fill(true);
        }
        Self { size, dark, inverted: false }
    }

    pub(crate) fn is_dark(&self, x: usize, y: usize) -> bool {
        self.dark[y * self.size + x]
    }

    pub(crate) fn inverted(mut self) -> Self {
        self.inverted = true;
        self
    }

    /// Replaces the data modules by random ones: patterns and format are intact, but it cannot decode. For versions 2
    /// to 6.
    pub(crate) fn with_random_data(mut self, random: &mut Random) -> Self {
        let size = self.size;
        let far = size - 9..size - 4;
        for y in 0..size {
            for x in 0..size {
                let finder = (x < 9 && (y < 9 || y >= size - 8)) || (x >= size - 8 && y < 9);
                let pattern = finder || x == 6 || y == 6 || (far.contains(&x) && far.contains(&y));
                if !pattern {
                    self.dark[y * size + x] = random.below(2) == 0;
                }
            }
        }
        self
    }

    /// A stain of random rows that the error correction of level M can still repair.
    pub(crate) fn damaged(mut self, random: &mut Random) -> Self {
        let side = (self.size as f32 * 0.17) as usize;
        let (x0, y0) = (random.below(self.size - side - 16) + 9, random.below(self.size - side - 16) + 9);
        for y in y0..y0 + side {
            let light = random.below(2) == 0;
            self.dark[y * self.size + x0..y * self.size + x0 + side].fill(!light);
        }
        self
    }

    /// The grey value at a point in modules; `None` beyond the quiet zone of four modules.
    pub(crate) fn value(&self, u: f32, v: f32) -> Option<f32> {
        let far = self.size as f32;
        if !(-4.0..far + 4.0).contains(&u) || !(-4.0..far + 4.0).contains(&v) {
            return None;
        }
        let inside = u >= 0.0 && v >= 0.0 && u < far && v < far;
        let dark = inside && self.dark[v as usize * self.size + u as usize];
        Some(if dark == self.inverted { 235.0 } else { 20.0 })
    }
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    text.split_once(before).unwrap().1.split_once(after).unwrap().0
}

/// A picture being drawn.
pub(crate) struct Scene {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) values: Vec<f32>,
    /// Curvature of the sheet: 0 is flat, 1 is wrapped around a bottle.
    pub(crate) bend: f32,
    /// Distance of the camera, in widths of the code.
    pub(crate) away: f32,
    /// Pixels of a module of the code placed last.
    pub(crate) module: f32,
    taken: Vec<(f32, f32, f32)>,
}

impl Scene {
    /// A background of random rectangles.
    pub(crate) fn new(width: usize, height: usize, random: &mut Random) -> Self {
        let base = random.between(90.0, 200.0);
        let mut scene = Self {
            width,
            height,
            values: vec![base; width * height],
            bend: 0.0,
            away: 3.0,
            module: 0.0,
            taken: Vec::new(),
        };
        for _ in 0..14 {
            let (w, h) = (20 + random.below(width / 3), 10 + random.below(height / 3));
            let (x, y) = (random.below(width - w), random.below(height - h));
            let value = random.between(20.0, 240.0);
            scene.fill(x, y, w, h, value);
        }
        scene
    }

    /// One value everywhere.
    pub(crate) fn plain(width: usize, height: usize, value: f32) -> Self {
        Self {
            width,
            height,
            values: vec![value; width * height],
            bend: 0.0,
            away: 3.0,
            module: 0.0,
            taken: Vec::new(),
        }
    }

    pub(crate) fn fill(&mut self, x: usize, y: usize, w: usize, h: usize, value: f32) {
        for row in y..(y + h).min(self.height) {
            self.values[row * self.width + x..row * self.width + (x + w).min(self.width)].fill(value);
        }
    }

    /// Places a code near the middle, rotated by `turn` and tilted away from the camera by `tilt`, both in radians.
    pub(crate) fn place(&mut self, code: &Code, module: f32, turn: f32, tilt: f32, random: &mut Random) {
        let reach = module * (code.size as f32 + 8.0) / 2.0;
        let room = |side: usize| (side as f32 / 2.0 - reach).max(0.0) * 0.6;
        let x = self.width as f32 / 2.0 + random.between(-1.0, 1.0) * room(self.width);
        let y = self.height as f32 / 2.0 + random.between(-1.0, 1.0) * room(self.height);
        // The corners of a rotated square reach further: shrink it to fit.
        let diagonal = reach * (turn.sin().abs() + turn.cos().abs());
        let fit = (self.height as f32 / 2.0 / diagonal).min(1.0);
        let axis = random.between(0.0, core::f32::consts::TAU);
        self.draw(code, (x, y), module * fit, turn, tilt, axis);
    }

    /// Places a code where no other is; `false` when there is no room.
    pub(crate) fn place_apart(&mut self, code: &Code, module: f32, turn: f32, random: &mut Random) -> bool {
        let reach = module * (code.size as f32 + 8.0) / 2.0 * 1.35;
        for _ in 0..200 {
            let x = random.between(reach, (self.width as f32 - reach).max(reach + 1.0));
            let y = random.between(reach, (self.height as f32 - reach).max(reach + 1.0));
            if self.taken.iter().all(|&(ox, oy, other)| (x - ox).abs().max((y - oy).abs()) > reach + other) {
                self.taken.push((x, y, reach));
                self.draw(code, (x, y), module, turn, 0.0, 0.0);
                return true;
            }
        }
        false
    }

    pub(crate) fn draw(&mut self, code: &Code, (cx, cy): (f32, f32), module: f32, turn: f32, tilt: f32, axis: f32) {
        const SUB: usize = 4;
        self.module = module;
        let half = code.size as f32 / 2.0;
        // The sheet is tilted about an axis in its own plane.
        let away = self.away * code.size as f32;
        let (sa, ca) = axis.sin_cos();
        let (st, ct) = tilt.sin_cos();
        let (sr, cr) = turn.sin_cos();
        let bend = self.bend;
        let place = move |x: f32, y: f32| {
            let (x, y) = ((x - cx) / module, (y - cy) / module);
            // Intersect the ray through the pixel with the tilted plane, in coordinates with the axis along x.
            let (px, py) = (x * ca + y * sa, -x * sa + y * ca);
            let depth = away / (ct * away - st * py).max(1e-3);
            let (qx, qy) = (px * (1.0 + st * py * depth / away), py * depth);
            let (wx, wy) = (qx * ca - qy * sa, qx * sa + qy * ca);
            let (u, v) = (wx * cr + wy * sr, -wx * sr + wy * cr);
            // Unroll the cylinder about its vertical axis: an apparent offset of sin(a) lies at arc length a.
            let u = if bend.abs() > 1e-3 {
                let radius = half * 2.2 / bend.abs();
                (u / radius).clamp(-1.0, 1.0).asin() * radius
            } else {
                u
            };
            (u + half, v + half)
        };
        let reach = (module * (code.size as f32 + 10.0) * 0.95) as isize;
        let span = |center: f32, side: usize| {
            let center = center as isize;
            (center - reach).clamp(0, side as isize) as usize..(center + reach).clamp(0, side as isize) as usize
        };
        for y in span(cy, self.height) {
            for x in span(cx, self.width) {
                let old = self.values[y * self.width + x];
                let mut sum = 0.0;
                for sy in 0..SUB {
                    for sx in 0..SUB {
                        let offset = |s: usize| (s as f32 + 0.5) / SUB as f32;
                        let (u, v) = place(x as f32 + offset(sx), y as f32 + offset(sy));
                        sum += code.value(u, v).unwrap_or(old);
                    }
                }
                self.values[y * self.width + x] = sum / (SUB * SUB) as f32;
            }
        }
    }

    pub(crate) fn pixels(&self) -> Vec<u8> {
        self.values.iter().map(|v| v.round().clamp(0.0, 255.0) as u8).collect()
    }
}
