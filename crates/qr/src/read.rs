use crate::{
    binarise::{self, Bits},
    finder,
    geometry::{Point, point},
    gray::Gray,
    image::{ReadError, check},
    locate,
    triple::{Corner, triples},
};

/// The text of every QR code in a grey picture (one byte a pixel, row by row, 0 black, 255 white), each text once.
///
/// An empty list says that nothing was found: that is not an error. A text is given only when its error correction
/// held (ISO/IEC 18004 section 7.5), never a guess. A code that holds bytes in no known encoding gives an empty text.
///
/// # Errors
/// [`ReadError::WrongLength`] when `luma` is not `width * height` bytes, [`ReadError::Empty`] without pixels,
/// [`ReadError::TooLarge`] over [`MAX_PIXELS`](crate::MAX_PIXELS).
pub fn read(luma: &[u8], width: u32, height: u32) -> Result<Vec<String>, ReadError> {
    let (width, height) = check(luma.len(), 1, width, height)?;
    let mut reader = Reader::default();
    reader.look(Gray::new(luma, width, height));
    Ok(reader.found.into_iter().map(|found| found.text).fold(Vec::new(), |mut texts, text| {
        if !texts.contains(&text) {
            texts.push(text);
        }
        texts
    }))
}

#[derive(Default)]
struct Reader {
    /// What was read, with its corners in pixels of the whole picture.
    found: Vec<locate::Read>,
    /// Middles of finder patterns that were tried together in vain.
    failed: Vec<[Point; 3]>,
}

/// Where a picture lies in the whole one.
#[derive(Clone, Copy)]
struct View {
    origin: Point,
    scale: f32,
}

impl View {
    fn whole(self, p: Point) -> Point {
        self.origin + p * self.scale
    }
}

impl Reader {
    fn look(&mut self, full: Gray<'_>) {
        let view = View { origin: point(0.0, 0.0), scale: 1.0 };
        self.pass(&full, &binarise::adaptive(&full, 24), view, 2, false);
        let half = full.half();
        self.pass(&half, &binarise::adaptive(&half, 14), View { scale: 2.0, ..view }, 1, false);
        let quarter = half.half();
        self.pass(&quarter, &binarise::adaptive(&quarter, 10), View { scale: 4.0, ..view }, 1, false);
        if self.found.is_empty() {
            self.pass(&full, &binarise::adaptive(&full, 24), view, 1, true);
            let soft = full.blurred();
            self.pass(&soft, &binarise::adaptive(&soft, 16), view, 1, true);
            self.pass(&half, &binarise::adaptive(&half, 14), View { scale: 2.0, ..view }, 1, true);
            self.pass(&quarter, &binarise::adaptive(&quarter, 10), View { scale: 4.0, ..view }, 1, true);
            let double = full.double();
            self.pass(&double, &binarise::adaptive(&double, 16), View { scale: 0.5, ..view }, 1, true);
        }
    }

    fn pass(&mut self, gray: &Gray<'_>, bits: &Bits, view: View, step: usize, thorough: bool) {
        let mut finders = finder::find(bits, step);
        finders.retain(|finder| !self.found.iter().any(|read| covers(&read.corners, view.whole(finder.center))));
        finders.truncate(40);
        let mut used = vec![false; finders.len()];
        for triple in triples(&finders, 60) {
            let members = [triple.corner, triple.right, triple.down];
            if members.iter().any(|&i| used[i]) {
                continue;
            }
            let Some(corner) = Corner::settle(gray, bits, &finders, &triple) else { continue };
            if let Some(mut read) = locate::read(gray, &corner, thorough) {
                read.corners = read.corners.map(|p| view.whole(p));
                for (i, finder) in finders.iter().enumerate() {
                    used[i] |= covers(&read.corners, view.whole(finder.center));
                }
                self.found.push(read);
            }
        }
    }
}

/// Whether a point lies within a convex quadrilateral given clockwise.
fn covers(corners: &[Point; 4], p: Point) -> bool {
    (0..4).all(|i| (corners[(i + 1) % 4] - corners[i]).cross(p - corners[i]) >= 0.0)
}
