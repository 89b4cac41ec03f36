use crate::{
    binarise::{self, Bits},
    finder::{self, Finder},
    geometry::Point,
    gray::Gray,
    image::{ReadError, check},
    locate,
    triple::{Corner, is_real, triples},
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
    reader.look(Gray::new(luma, width, height), 1.0);
    Ok(reader.found.into_iter().map(|found| found.text).fold(Vec::new(), |mut texts, text| {
        if !texts.contains(&text) {
            texts.push(text);
        }
        texts
    }))
}

/// A picture with more pixels is halved before anything else: no camera's code needs more.
const LARGE: usize = 24 << 20;
/// Up to so many pixels, trying everything costs little.
const SMALL: usize = 160_000;
/// A picture with a smaller side shows no code of 21 modules.
const LEAST_SIDE: usize = 24;

/// One way of looking at the picture: at some scale, as black and white by some threshold.
struct View<'a> {
    gray: Gray<'a>,
    bits: Bits,
    finders: Vec<Finder>,
    /// Triples of finder patterns that look like codes.
    corners: Vec<Corner>,
    /// Pixels of the whole picture in one of this.
    scale: f32,
}

impl<'a> View<'a> {
    fn new(gray: Gray<'a>, least_range: u8, scale: f32, step: usize) -> Self {
        let bits = binarise::adaptive(&gray, least_range);
        let mut finders = finder::find(&bits, step);
        finders.truncate(60);
        // In a texture nearly all are accidents, and their triples would be thousands.
        if finders.len() > 6 {
            finders.retain(|finder| is_real(&gray, &bits, finder));
        }
        finders.truncate(30);
        let corners =
            triples(&finders, 60).iter().filter_map(|triple| Corner::settle(&gray, &bits, &finders, triple)).collect();
        Self { gray, bits, finders, corners, scale }
    }
}

#[derive(Default)]
struct Reader {
    /// What was read, with its corners in pixels of the whole picture.
    found: Vec<locate::Read>,
}

impl Reader {
    fn look(&mut self, full: Gray<'_>, scale: f32) {
        if full.width * full.height > LARGE {
            return self.look(full.half(), 2.0 * scale);
        }
        let small = full.width * full.height <= SMALL;

        // Quickly, from fine to coarse. The coarser, the less noise, so the less contrast is asked for.
        let mut views = Vec::new();
        let mut next = Some(View::new(full, 24, scale, if small { 1 } else { 2 }));
        while let Some(view) = next {
            self.read(&view, false);
            let coarser = view.gray.half();
            let range = match views.len() {
                0 => 14,
                1 => 10,
                _ => 8,
            };
            next = (coarser.width.min(coarser.height) >= LEAST_SIDE)
                .then(|| View::new(coarser, range, view.scale * 2.0, 1));
            views.push(view);
        }
        if !self.found.is_empty() && !views.iter().any(|view| self.left(view) >= 3) {
            return;
        }

        // With more care, and without noise.
        let Some(full) = views.first() else { return };
        if let Some(half) = views.get(1) {
            let soft = View::new(half.gray.blurred(), 8, half.scale, 1);
            self.read(&soft, true);
        }
        for view in &views {
            self.read(view, true);
        }
        let signs = views.iter().map(|view| self.left(view)).max().unwrap_or(0);
        if self.found.is_empty() && (small || signs >= 1) {
            self.read(&View::new(full.gray.blurred(), 12, scale, 1), true);
        }
        if self.found.is_empty() && (small || signs >= 2) && full.gray.width * full.gray.height <= LARGE / 8 {
            self.read(&View::new(full.gray.double(), 12, scale / 2.0, 1), true);
        }
    }

    /// How many finder patterns of a view are real and in no code that was read.
    fn left(&self, view: &View<'_>) -> usize {
        let free = view.finders.iter().filter(|finder| self.is_free(view, finder.center));
        free.filter(|finder| is_real(&view.gray, &view.bits, finder)).count()
    }

    fn is_free(&self, view: &View<'_>, place: Point) -> bool {
        !self.found.iter().any(|read| covers(&read.corners, place * view.scale))
    }

    fn read(&mut self, view: &View<'_>, thorough: bool) {
        for corner in &view.corners {
            if [corner.top_left, corner.top_right, corner.bottom_left]
                .iter()
                .any(|pose| !self.is_free(view, pose.center))
            {
                continue;
            }
            if let Some(mut read) = locate::read(&view.gray, corner, thorough) {
                read.corners = read.corners.map(|p| p * view.scale);
                self.found.push(read);
            }
        }
    }
}

/// Whether a point lies within a convex quadrilateral given clockwise.
fn covers(corners: &[Point; 4], p: Point) -> bool {
    (0..4).all(|i| (corners[(i + 1) % 4] - corners[i]).cross(p - corners[i]) >= 0.0)
}
