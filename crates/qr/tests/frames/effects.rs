use super::{random::Random, scene::Scene};

impl Scene {
    /// Gaussian blur, `sigma` in pixels.
    pub(crate) fn blur(&mut self, sigma: f32) {
        let reach = (sigma * 3.0).ceil() as isize;
        let kernel: Vec<f32> = (-reach..=reach).map(|i| (-(i * i) as f32 / (2.0 * sigma * sigma)).exp()).collect();
        let whole: f32 = kernel.iter().sum();
        let (width, height) = (self.width as isize, self.height as isize);
        for (dx, dy) in [(1, 0), (0, 1)] {
            let old = self.values.clone();
            for y in 0..height {
                for x in 0..width {
                    let mut sum = 0.0;
                    for (i, k) in kernel.iter().enumerate() {
                        let i = i as isize - reach;
                        let (px, py) = ((x + i * dx).clamp(0, width - 1), (y + i * dy).clamp(0, height - 1));
                        sum += k * old[(py * width + px) as usize];
                    }
                    self.values[(y * width + x) as usize] = sum / whole;
                }
            }
        }
    }

    pub(crate) fn noise(&mut self, deviation: f32, random: &mut Random) {
        for value in &mut self.values {
            *value = (*value + deviation * random.normal()).clamp(0.0, 255.0);
        }
    }

    /// Scales the contrast by `factor` and moves mid-grey to `mean`.
    pub(crate) fn contrast(&mut self, factor: f32, mean: f32) {
        for value in &mut self.values {
            *value = mean + (*value - 128.0) * factor;
        }
    }

    /// A shadow over one side and a lamp over another.
    pub(crate) fn light(&mut self, strength: f32, random: &mut Random) {
        let angle = random.between(0.0, core::f32::consts::TAU);
        let (sin, cos) = angle.sin_cos();
        let half = self.width.max(self.height) as f32 / 2.0;
        let edge = random.between(-0.5, 0.5);
        for y in 0..self.height {
            for x in 0..self.width {
                let t =
                    ((x as f32 - self.width as f32 / 2.0) * cos + (y as f32 - self.height as f32 / 2.0) * sin) / half;
                let shadow = if t > edge { 0.25 } else { 0.0 };
                let factor = 1.0 - strength * (0.5 - 0.5 * t).clamp(0.0, 1.0) - strength * shadow;
                self.values[y * self.width + x] *= factor.max(0.05);
            }
        }
    }

    /// The moiré of a screen's pixel grid in a camera.
    pub(crate) fn screen(&mut self, random: &mut Random) {
        let pitch = random.between(1.1, 2.9);
        let angle = random.between(-0.15, 0.15);
        let depth = random.between(0.2, 0.55);
        let (sin, cos) = angle.sin_cos();
        for y in 0..self.height {
            for x in 0..self.width {
                let (px, py) = (x as f32 * cos + y as f32 * sin, y as f32 * cos - x as f32 * sin);
                let wave = |p: f32| 0.5 + 0.5 * (p / pitch * core::f32::consts::TAU).sin();
                let lit = 1.0 - depth * (0.6 * wave(px) + 0.4 * wave(py));
                let value = &mut self.values[y * self.width + x];
                *value = 12.0 + *value * lit;
            }
        }
    }

    /// JPEG quantisation: an 8x8 DCT whose coefficients are rounded, in steps of `step` at the lowest frequency.
    pub(crate) fn jpeg(&mut self, step: f32) {
        let basis: Vec<f32> = (0..64)
            .map(|i| {
                let (k, n) = (i / 8, i % 8);
                let scale: f32 = if k == 0 { (1.0_f32 / 8.0).sqrt() } else { 0.5 };
                scale * ((2 * n + 1) as f32 * k as f32 * core::f32::consts::PI / 16.0).cos()
            })
            .collect();
        for by in 0..self.height / 8 {
            for bx in 0..self.width / 8 {
                let at = |x: usize, y: usize| (by * 8 + y) * self.width + bx * 8 + x;
                let mut rows = [0.0_f32; 64];
                for y in 0..8 {
                    for k in 0..8 {
                        rows[y * 8 + k] = (0..8).map(|n| self.values[at(n, y)] * basis[k * 8 + n]).sum();
                    }
                }
                let mut block = [0.0_f32; 64];
                for l in 0..8 {
                    for k in 0..8 {
                        let value: f32 = (0..8).map(|n| rows[n * 8 + k] * basis[l * 8 + n]).sum();
                        let quantum = step * (1.0 + 0.35 * (k + l) as f32);
                        block[l * 8 + k] = if k + l == 0 { value } else { (value / quantum).round() * quantum };
                    }
                }
                for l in 0..8 {
                    for n in 0..8 {
                        rows[l * 8 + n] = (0..8).map(|k| block[l * 8 + k] * basis[k * 8 + n]).sum();
                    }
                }
                for y in 0..8 {
                    for n in 0..8 {
                        self.values[at(n, y)] = (0..8).map(|l| rows[l * 8 + n] * basis[l * 8 + y]).sum();
                    }
                }
            }
        }
    }

    /// Rows of short dark bars, like printed text from afar.
    pub(crate) fn lines_of_text(&mut self, random: &mut Random) {
        self.values.fill(225.0);
        let mut y = 12;
        while y + 12 < self.height {
            let mut x = 20 + random.below(20);
            while x + 12 < self.width {
                let letter = 2 + random.below(8);
                for row in y..y + 9 {
                    for column in x..x + letter {
                        if random.below(3) > 0 {
                            self.values[row * self.width + column] = 30.0;
                        }
                    }
                }
                x += letter + 2 + 6 * usize::from(random.below(6) == 0);
            }
            y += 15;
        }
    }

    /// Stripes of random widths, like a bar code.
    pub(crate) fn bars(&mut self, random: &mut Random) {
        let mut x = 0;
        while x < self.width {
            let wide = 2 + random.below(14);
            if random.below(2) == 0 {
                for y in 0..self.height {
                    let end = (x + wide).min(self.width);
                    self.values[y * self.width + x..y * self.width + end].fill(25.0);
                }
            }
            x += wide;
        }
    }
}
