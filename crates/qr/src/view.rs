//! A picture at one scale: grey, binarised, and the candidates for codes in it.

use crate::{
    binarise::{self, Bits},
    finder::{self, Finder},
    gray::Gray,
    triple::{Corner, is_real, triples},
};

/// The picture at one scale and threshold.
pub(crate) struct View<'a> {
    pub(crate) gray: Gray<'a>,
    pub(crate) bits: Bits,
    pub(crate) finders: Vec<Finder>,
    /// Triples of finder patterns that look like codes.
    pub(crate) corners: Vec<Corner>,
    /// Pixels of the whole picture to a pixel of this view.
    pub(crate) scale: f32,
}

impl<'a> View<'a> {
    pub(crate) fn new(gray: Gray<'a>, least_range: u8, scale: f32, step: usize) -> Self {
        let bits = binarise::adaptive(&gray, least_range);
        Self::of_bits(gray, bits, scale, step, false)
    }

    /// The same view, searched for open finder patterns.
    pub(crate) fn open(&self) -> View<'_> {
        View::of_bits(
            Gray::new(&self.gray.pixels, self.gray.width, self.gray.height),
            self.bits.clone(),
            self.scale,
            1,
            true,
        )
    }

    fn of_bits(gray: Gray<'a>, bits: Bits, scale: f32, step: usize, open: bool) -> Self {
        let mut finders = finder::find(&bits, step, open);
        finders.truncate(60);
        // In a texture nearly all are false, and would make thousands of triples.
        if finders.len() > 6 {
            finders.retain(|finder| is_real(&gray, &bits, finder));
        }
        finders.truncate(30);
        let corners: Vec<Corner> =
            triples(&finders, 60).iter().filter_map(|triple| Corner::settle(&gray, &bits, &finders, triple)).collect();
        Self { gray, bits, finders, corners, scale }
    }
}
