//! A bound on the work for one picture.

use core::cell::Cell;

/// The pixel samples that one picture may still cost. It bounds the time for a picture made to look like many codes.
pub(crate) struct Effort(Cell<usize>);

impl Effort {
    pub(crate) fn for_pixels(pixels: usize) -> Self {
        let small = pixels.min(40_000) * 5 / 2;
        Self(Cell::new(40_000 + small + 2 * pixels.saturating_sub(160_000)))
    }

    /// Takes `samples` from the budget; `false` when there is not enough left.
    pub(crate) fn spend(&self, samples: usize) -> bool {
        let left = self.0.get().checked_sub(samples);
        self.0.set(left.unwrap_or(0));
        left.is_some()
    }

    pub(crate) fn is_spent(&self) -> bool {
        self.0.get() == 0
    }
}
