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
/// An empty list means that nothing was found; that is not an error. A code is returned only when its error correction
/// succeeds (ISO/IEC 18004 section 7.5).
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

/// As [`read`], for the bytes of an `ImageData` (RGBA, not premultiplied). A transparent picture is composited over
/// white, and if no code is found, over black.
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

/// Modules on a side of the smallest code, version 1 (ISO/IEC 18004 section 6.3.1).
const FEWEST_MODULES: usize = 21;
/// A picture with more pixels is halved first: a code that fills a useful part of it loses nothing.
const LARGE: usize = 24 << 20;
/// Up to this many pixels an extra view is cheap, so none is skipped.
const SMALL: usize = 160_000;
/// Pixels. A smaller side cannot hold the 21 modules of the smallest code with a margin.
const LEAST_SIDE: usize = 24;

struct Reader {
    /// Codes that were read; all corners here are in pixels of the whole picture.
    found: Vec<locate::Read>,
    /// The corners of codes that another pass cannot read either.
    undecodable: Vec<[Point; 4]>,
    /// The corners of codes that a thorough pass left uncertain once.
    uncertain: Vec<[Point; 4]>,
    effort: Effort,
}

impl Reader {
    fn new(pixels: usize) -> Self {
        Self { found: Vec::new(), undecodable: Vec::new(), uncertain: Vec::new(), effort: Effort::for_pixels(pixels) }
    }

    fn look(&mut self, full: Gray<'_>, scale: f32) {
        // No room for a code of one pixel a module; and its smaller copies would have no pixels.
        if full.width.min(full.height) < FEWEST_MODULES {
            return;
        }
        if full.width * full.height > LARGE {
            return self.look(full.half(), 2.0 * scale);
        }
        let small = full.width * full.height <= SMALL;

        // Fast passes, from fine to coarse. Coarser views have less noise, so less contrast is required.
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
        let settled = !self.found.is_empty() || !self.undecodable.is_empty();
        if settled && !views.iter().any(|view| self.unexplained(view) >= 3) {
            return;
        }

        // Thorough passes, with a blurred view first, which has less noise.
        let Some(full) = views.first() else { return };
        if let Some(half) = views.get(1) {
            let soft = View::new(half.gray.blurred(), 8, half.scale, 1);
            self.read(&soft, true);
        }
        for view in &views {
            self.read(view, true);
        }
        // Codes whose finder patterns merge with the page.
        for view in views.iter().skip(usize::from(!small)).take(2) {
            if self.found.is_empty() && self.undecodable.is_empty() && !self.effort.is_spent() {
                self.read(&view.open(), true);
            }
        }
        let finders = views.iter().map(|view| self.unexplained(view)).max().unwrap_or(0);
        let mut extra_pass = |least_finders: usize, gray: &dyn Fn() -> Gray<'static>, scale: f32| {
            if self.found.is_empty()
                && (small || finders >= least_finders)
                && self.undecodable.is_empty()
                && !self.effort.is_spent()
            {
                self.read(&View::new(gray(), 12, scale, 1), true);
            }
        };
        extra_pass(1, &|| full.gray.blurred(), scale);
        if full.gray.width * full.gray.height <= LARGE / 8 {
            extra_pass(2, &|| full.gray.double(), scale / 2.0);
            extra_pass(2, &|| full.gray.resized(3, 2), scale * 2.0 / 3.0);
            extra_pass(2, &|| full.gray.resized(3, 4), scale * 4.0 / 3.0);
        }
    }

    /// The number of real finder patterns of a view outside the codes that are dealt with.
    fn unexplained(&self, view: &View<'_>) -> usize {
        let free = view.finders.iter().filter(|finder| self.is_free(view, finder.center));
        free.filter(|finder| is_real(&view.gray, &view.bits, finder)).count()
    }

    fn is_free(&self, view: &View<'_>, place: Point) -> bool {
        let taken = self.found.iter().map(|read| &read.corners).chain(&self.undecodable);
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
                Outcome::Undecodable(corners) => self.undecodable.push(corners.map(|p| p * view.scale)),
                Outcome::Uncertain(corners) if thorough => {
                    let corners = corners.map(|p| p * view.scale);
                    let middle = (corners[0] + corners[2]) * 0.5;
                    // A third pass would hardly see more than the first two.
                    if self.uncertain.iter().any(|other| covers(other, middle)) {
                        self.undecodable.push(corners);
                    } else {
                        self.uncertain.push(corners);
                    }
                }
                Outcome::Uncertain(_) | Outcome::Nothing => {}
            }
        }
    }
}
