use crate::{
    code::Code,
    effort::Effort,
    geometry::{Point, covers},
    gray::Gray,
    image::{self, ReadError, check},
    locate::{self, Outcome},
    triple::is_real,
    view::View,
};

/// Every QR code in a grey picture (one byte a pixel, row by row, 0 black, 255 white), each content once.
///
/// An empty list says that nothing was found: that is not an error. A code is given only when its error correction
/// held (ISO/IEC 18004 section 7.5), never a guess.
///
/// # Errors
/// [`ReadError::WrongLength`] when `luma` is not `width * height` bytes, [`ReadError::Empty`] without pixels,
/// [`ReadError::TooLarge`] over [`MAX_PIXELS`](crate::MAX_PIXELS).
pub fn read(luma: &[u8], width: u32, height: u32) -> Result<Vec<Code>, ReadError> {
    let (width, height) = check(luma.len(), 1, width, height)?;
    let mut reader = Reader::new(width * height);
    reader.look(Gray::new(luma, width, height), 1.0);
    Ok(reader.found.into_iter().map(|found| found.code).fold(Vec::new(), |mut codes, code| {
        if !codes.contains(&code) {
            codes.push(code);
        }
        codes
    }))
}

/// As [`read`], for the bytes of an `ImageData`: red, green, blue, alpha, not premultiplied. Where the picture is
/// transparent it is laid over white, and when that shows no code, over black.
///
/// # Errors
/// As [`read`].
pub fn read_rgba(rgba: &[u8], width: u32, height: u32) -> Result<Vec<Code>, ReadError> {
    let codes = read(&image::luma_from_rgba(rgba, width, height)?, width, height)?;
    if !codes.is_empty() || image::is_opaque(rgba) {
        return Ok(codes);
    }
    read(&image::luma_over_black(rgba), width, height)
}

/// A picture with more pixels is halved before anything else: no camera's code needs more.
const LARGE: usize = 24 << 20;
/// Up to so many pixels, another view costs little.
const SMALL: usize = 160_000;
/// A picture with a smaller side shows no code of 21 modules.
const LEAST_SIDE: usize = 24;

struct Reader {
    /// What was read, with its corners in pixels of the whole picture.
    found: Vec<locate::Read>,
    /// The corners of codes that are clear to see and say nothing: another look would see the same.
    closed: Vec<[Point; 4]>,
    /// The corners of codes whose patterns a thorough look has met, but not more.
    seen: Vec<[Point; 4]>,
    effort: Effort,
}

impl Reader {
    fn new(pixels: usize) -> Self {
        Self { found: Vec::new(), closed: Vec::new(), seen: Vec::new(), effort: Effort::for_pixels(pixels) }
    }

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
        let settled = !self.found.is_empty() || !self.closed.is_empty();
        if settled && !views.iter().any(|view| self.left(view) >= 3) {
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
        // Codes whose finder patterns run into the page.
        for view in views.iter().skip(usize::from(!small)).take(2) {
            if self.found.is_empty() && self.closed.is_empty() && !self.effort.is_spent() {
                self.read(&view.open(), true);
            }
        }
        let signs = views.iter().map(|view| self.left(view)).max().unwrap_or(0);
        let mut again = |signs_wanted: usize, gray: &dyn Fn() -> Gray<'static>, scale: f32| {
            if self.found.is_empty()
                && (small || signs >= signs_wanted)
                && self.closed.is_empty()
                && !self.effort.is_spent()
            {
                self.read(&View::new(gray(), 12, scale, 1), true);
            }
        };
        again(1, &|| full.gray.blurred(), scale);
        if full.gray.width * full.gray.height <= LARGE / 8 {
            again(2, &|| full.gray.double(), scale / 2.0);
            again(2, &|| full.gray.resized(3, 2), scale * 2.0 / 3.0);
            again(2, &|| full.gray.resized(3, 4), scale * 4.0 / 3.0);
        }
    }

    /// How many finder patterns of a view are real and in no code that was read.
    fn left(&self, view: &View<'_>) -> usize {
        let free = view.finders.iter().filter(|finder| self.is_free(view, finder.center));
        free.filter(|finder| is_real(&view.gray, &view.bits, finder)).count()
    }

    fn is_free(&self, view: &View<'_>, place: Point) -> bool {
        let taken = self.found.iter().map(|read| &read.corners).chain(&self.closed);
        !taken.into_iter().any(|corners| covers(corners, place * view.scale))
    }

    fn read(&mut self, view: &View<'_>, thorough: bool) {
        for corner in &view.corners {
            if [corner.top_left, corner.top_right, corner.bottom_left]
                .iter()
                .any(|pose| !self.is_free(view, pose.center))
            {
                continue;
            }
            match locate::read(&view.gray, corner, &self.effort, thorough) {
                Outcome::Read(mut read) => {
                    read.corners = read.corners.map(|p| p * view.scale);
                    self.found.push(read);
                }
                Outcome::Closed(corners) => self.closed.push(corners.map(|p| p * view.scale)),
                Outcome::Seen(corners) if thorough => {
                    let corners = corners.map(|p| p * view.scale);
                    let middle = (corners[0] + corners[2]) * 0.5;
                    // A third look would hardly see more than two.
                    if self.seen.iter().any(|seen| covers(seen, middle)) {
                        self.closed.push(corners);
                    } else {
                        self.seen.push(corners);
                    }
                }
                Outcome::Seen(_) | Outcome::Nothing => {}
            }
        }
    }
}
