//! Points, and the map from the plane of a code to the picture.

use core::ops::{Add, Mul, Sub};

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Point {
    pub(crate) x: f32,
    pub(crate) y: f32,
}

pub(crate) const fn point(x: f32, y: f32) -> Point {
    Point { x, y }
}

impl Point {
    pub(crate) fn dot(self, other: Self) -> f32 {
        self.x * other.x + self.y * other.y
    }

    pub(crate) fn cross(self, other: Self) -> f32 {
        self.x * other.y - self.y * other.x
    }

    pub(crate) fn length(self) -> f32 {
        self.dot(self).sqrt()
    }
}

impl Add for Point {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        point(self.x + other.x, self.y + other.y)
    }
}

impl Sub for Point {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        point(self.x - other.x, self.y - other.y)
    }
}

impl Mul<f32> for Point {
    type Output = Self;
    fn mul(self, factor: f32) -> Self {
        point(self.x * factor, self.y * factor)
    }
}

/// A perspective map (homography) from modules of a code to pixels of a picture.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Perspective([f32; 8]);

impl Perspective {
    /// The map from each first point to its second; the least-squares fit for more than four pairs. `None` when the
    /// points are degenerate.
    pub(crate) fn fit(pairs: &[(Point, Point)]) -> Option<Self> {
        // Normalised coordinates keep the normal equations well conditioned.
        let count = pairs.len() as f64;
        let center =
            pairs.iter().fold((0.0, 0.0), |(x, y), (m, _)| (x + f64::from(m.x) / count, y + f64::from(m.y) / count));
        let scale = pairs
            .iter()
            .map(|(m, _)| (f64::from(m.x) - center.0).abs().max((f64::from(m.y) - center.1).abs()))
            .fold(1e-6, f64::max);
        let mut normal = [[0.0_f64; 9]; 8];
        for (from, to) in pairs {
            let u = (f64::from(from.x) - center.0) / scale;
            let v = (f64::from(from.y) - center.1) / scale;
            let (x, y) = (f64::from(to.x), f64::from(to.y));
            for row in [[u, v, 1.0, 0.0, 0.0, 0.0, -u * x, -v * x, x], [0.0, 0.0, 0.0, u, v, 1.0, -u * y, -v * y, y]] {
                for i in 0..8 {
                    for j in 0..9 {
                        normal[i][j] += row[i] * row[j];
                    }
                }
            }
        }
        let s = solve(normal)?;
        // Undo the shift and the scale.
        let (g, h) = (s[6] / scale, s[7] / scale);
        let w = 1.0 - g * center.0 - h * center.1;
        let plane = |a: f64, b: f64, c: f64| {
            let (a, b) = (a / scale, b / scale);
            [a / w, b / w, (c - a * center.0 - b * center.1) / w]
        };
        let x = plane(s[0], s[1], s[2]);
        let y = plane(s[3], s[4], s[5]);
        let map = [x[0], x[1], x[2], y[0], y[1], y[2], g / w, h / w].map(|value| value as f32);
        map.iter().all(|value| value.is_finite()).then_some(Self(map))
    }

    pub(crate) fn map(&self, p: Point) -> Point {
        let m = &self.0;
        let w = m[6] * p.x + m[7] * p.y + 1.0;
        point((m[0] * p.x + m[1] * p.y + m[2]) / w, (m[3] * p.x + m[4] * p.y + m[5]) / w)
    }

    /// Whether the square from the origin to (`size`, `size`) lies wholly on the near side of the horizon, and its
    /// first and last corners map to points within 100,000 pixels.
    pub(crate) fn is_sane(&self, size: f32) -> bool {
        let m = &self.0;
        [(0.0, 0.0), (size, 0.0), (0.0, size), (size, size)].iter().all(|(x, y)| m[6] * x + m[7] * y + 1.0 > 0.1)
            && self.map(point(0.0, 0.0)).length() < 1e5
            && self.map(point(size, size)).length() < 1e5
    }

    /// The steps in pixels of one module right and one down, at a point of the code.
    pub(crate) fn steps(&self, p: Point) -> (Point, Point) {
        let here = self.map(p);
        (self.map(p + point(1.0, 0.0)) - here, self.map(p + point(0.0, 1.0)) - here)
    }
}

/// Gaussian elimination with pivoting of eight equations.
fn solve(mut rows: [[f64; 9]; 8]) -> Option<[f64; 8]> {
    for column in 0..8 {
        let pivot = (column..8).max_by(|&a, &b| rows[a][column].abs().total_cmp(&rows[b][column].abs()))?;
        rows.swap(column, pivot);
        if rows[column][column].abs() < 1e-12 {
            return None;
        }
        let pivot_row = rows[column];
        for row in rows.iter_mut().skip(column + 1) {
            let factor = row[column] / pivot_row[column];
            for (value, &p) in row.iter_mut().zip(&pivot_row).skip(column) {
                *value -= factor * p;
            }
        }
    }
    let mut solution = [0.0; 8];
    for i in (0..8).rev() {
        let known: f64 = (i + 1..8).map(|j| rows[i][j] * solution[j]).sum();
        solution[i] = (rows[i][8] - known) / rows[i][i];
    }
    Some(solution)
}

/// Whether a point lies within a convex quadrilateral given clockwise.
pub(crate) fn covers(corners: &[Point; 4], p: Point) -> bool {
    (0..4).all(|i| (corners[(i + 1) % 4] - corners[i]).cross(p - corners[i]) >= 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_corners_are_met() {
        let pairs = [
            (point(3.5, 3.5), point(100.0, 50.0)),
            (point(41.5, 3.5), point(420.0, 80.0)),
            (point(3.5, 41.5), point(90.0, 390.0)),
            (point(38.5, 38.5), point(460.0, 400.0)),
        ];
        let map = Perspective::fit(&pairs).unwrap();
        for (from, to) in pairs {
            assert!((map.map(from) - to).length() < 0.01, "{from:?} goes to {:?}", map.map(from));
        }
        assert!(map.is_sane(45.0));
    }

    #[test]
    fn points_in_one_line_determine_nothing() {
        let pairs: Vec<_> = (0..4_u8).map(|i| (point(f32::from(i), 0.0), point(f32::from(i), f32::from(i)))).collect();
        assert!(Perspective::fit(&pairs).is_none());
    }
}
