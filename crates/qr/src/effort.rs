//! A bound on the work for one picture.

use core::cell::Cell;

/// What a picture may still cost, in grey values looked at: a picture of anything ends, whatever it pretends to show.
pub(crate) struct Effort(Cell<usize>);

impl Effort {
    pub(crate) fn for_pixels(pixels: usize) -> Self {
        let small = pixels.min(40_000) * 5 / 2;
        Self(Cell::new(40_000 + small + 2 * pixels.saturating_sub(160_000)))
    }

    /// Takes so much of it; `false` when there is not enough left.
    pub(crate) fn spend(&self, samples: usize) -> bool {
        let left = self.0.get().checked_sub(samples);
        self.0.set(left.unwrap_or(0));
        left.is_some()
    }

    pub(crate) fn is_spent(&self) -> bool {
        self.0.get() == 0
    }
}
