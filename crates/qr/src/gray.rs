//! A grey picture, and its scaled and blurred copies.

use std::borrow::Cow;

use crate::{geometry::Point, order::within};

/// Grey pixels, row by row, 0 black. The centre of the first pixel is at (0.5, 0.5), so that coordinates scale by
/// plain multiplication between a picture and its half.
pub(crate) struct Gray<'a> {
    pub(crate) pixels: Cow<'a, [u8]>,
    pub(crate) width: usize,
    pub(crate) height: usize,
}

impl<'a> Gray<'a> {
    pub(crate) fn new(pixels: &'a [u8], width: usize, height: usize) -> Self {
        Self { pixels: Cow::Borrowed(pixels), width, height }
    }

    fn owned(pixels: Vec<u8>, width: usize, height: usize) -> Gray<'static> {
        Gray { pixels: Cow::Owned(pixels), width, height }
    }

    pub(crate) fn row(&self, y: usize) -> &[u8] {
        &self.pixels[y * self.width..(y + 1) * self.width]
    }

    /// Half the width and height; each pixel is the mean of four.
    pub(crate) fn half(&self) -> Gray<'static> {
        let (width, height) = (self.width / 2, self.height / 2);
        let mut pixels = Vec::with_capacity(width * height);
        for y in 0..height {
            let (upper, _) = self.row(2 * y).as_chunks::<2>();
            let (lower, _) = self.row(2 * y + 1).as_chunks::<2>();
            pixels.extend(upper.iter().zip(lower).map(|(u, l)| {
                ((u16::from(u[0]) + u16::from(u[1]) + u16::from(l[0]) + u16::from(l[1]) + 2) >> 2) as u8
            }));
        }
        Self::owned(pixels, width, height)
    }

    /// Twice the width and height, bilinear.
    pub(crate) fn double(&self) -> Gray<'static> {
        let (width, height) = (self.width * 2, self.height * 2);
        let mut pixels = vec![0; width * height];
        for y in 0..height {
            let near = self.row(y / 2);
            let far_y = if y % 2 == 1 { (y / 2 + 1).min(self.height - 1) } else { (y / 2).saturating_sub(1) };
            let far = self.row(far_y);
            let mixed: Vec<u16> = near.iter().zip(far).map(|(&n, &f)| 3 * u16::from(n) + u16::from(f)).collect();
            let out = &mut pixels[y * width..(y + 1) * width];
            for (x, &here) in mixed.iter().enumerate() {
                let left = mixed[x.saturating_sub(1)];
                let right = mixed[(x + 1).min(mixed.len() - 1)];
                out[2 * x] = ((3 * here + left + 8) >> 4) as u8;
                out[2 * x + 1] = ((3 * here + right + 8) >> 4) as u8;
            }
        }
        Self::owned(pixels, width, height)
    }

    /// `times / by` of the width and height, bilinear; for ratios between those of [`half`](Self::half) and
    /// [`double`](Self::double).
    pub(crate) fn resized(&self, times: usize, by: usize) -> Gray<'static> {
        let (width, height) = (self.width * times / by, self.height * times / by);
        // The two source pixels around a target pixel, and the weight of the second in 1/256.
        let place = |i: usize, side: usize| {
            let at = ((2 * i + 1) * by * 128 / times).saturating_sub(128).min((side - 1) * 256);
            (at / 256, (at / 256 + 1).min(side - 1), (at % 256) as u32)
        };
        let columns: Vec<_> = (0..width).map(|x| place(x, self.width)).collect();
        let mut pixels = Vec::with_capacity(width * height);
        for y in 0..height {
            let (upper, lower, down) = place(y, self.height);
            let (upper, lower) = (self.row(upper), self.row(lower));
            pixels.extend(columns.iter().map(|&(left, right, along)| {
                let mix = |row: &[u8]| u32::from(row[left]) * (256 - along) + u32::from(row[right]) * along;
                ((mix(upper) * (256 - down) + mix(lower) * down + 0x8000) >> 16) as u8
            }));
        }
        Self::owned(pixels, width, height)
    }

    /// Blurred by the binomial 3x3 kernel, which removes sensor noise and the pixel grid of a screen.
    pub(crate) fn blurred(&self) -> Gray<'static> {
        let (width, height) = (self.width, self.height);
        let mut pixels = vec![0; width * height];
        let mut column = vec![0_u16; width];
        for y in 0..height {
            let (above, here, below) = (self.row(y.saturating_sub(1)), self.row(y), self.row((y + 1).min(height - 1)));
            for (c, ((&a, &h), &b)) in column.iter_mut().zip(above.iter().zip(here).zip(below)) {
                *c = u16::from(a) + 2 * u16::from(h) + u16::from(b);
            }
            let out = &mut pixels[y * width..(y + 1) * width];
            for (x, o) in out.iter_mut().enumerate() {
                let left = column[x.saturating_sub(1)];
                let right = column[(x + 1).min(width - 1)];
                *o = ((left + 2 * column[x] + right + 8) >> 4) as u8;
            }
        }
        Self::owned(pixels, width, height)
    }

    /// The bilinear value at a point; outside the picture, that of the nearest pixel.
    pub(crate) fn at(&self, p: Point) -> f32 {
        let x = within(p.x - 0.5, 0.0, (self.width - 1) as f32);
        let y = within(p.y - 0.5, 0.0, (self.height - 1) as f32);
        let (x0, y0) = (x as usize, y as usize);
        let (fx, fy) = (x - x0 as f32, y - y0 as f32);
        let right = usize::from(x0 + 1 < self.width);
        let down = if y0 + 1 < self.height { self.width } else { 0 };
        let i = y0 * self.width + x0;
        let value = |i: usize| f32::from(self.pixels[i]);
        let upper = value(i) + (value(i + right) - value(i)) * fx;
        let lower = value(i + down) + (value(i + down + right) - value(i + down)) * fx;
        upper + (lower - upper) * fy
    }

    pub(crate) fn contains(&self, p: Point) -> bool {
        p.x >= 0.0 && p.y >= 0.0 && p.x < self.width as f32 && p.y < self.height as f32
    }
}
