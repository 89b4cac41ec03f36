//! Values that are wiped on drop, like `zeroize::Zeroizing`. That one is inlined wherever a value is dropped; one
//! function for each type instead saves 15 kB of wasm.

use core::ops::{Deref, DerefMut};

use zeroize::Zeroize;

/// Wiped on drop.
#[derive(Default)]
pub(crate) struct Zeroizing<T: Zeroize>(T);

impl<T: Zeroize> Zeroizing<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self(value)
    }
}

impl<T: Zeroize> Deref for Zeroizing<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: Zeroize> DerefMut for Zeroizing<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

impl<T: Zeroize> Drop for Zeroizing<T> {
    #[inline(never)]
    fn drop(&mut self) {
        self.0.zeroize();
    }
}
