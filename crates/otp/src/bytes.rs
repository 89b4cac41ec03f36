//! Writing into somebody else's bytes, without an allocator and without a panic.

use core::mem;

/// Writes from left to right. What does not fit is not written, and remembered.
pub(crate) struct Pen<'o> {
    out: &'o mut [u8],
    len: usize,
    full: bool,
}

impl<'o> Pen<'o> {
    pub(crate) const fn new(out: &'o mut [u8]) -> Self {
        Self { out, len: 0, full: false }
    }

    pub(crate) fn put(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.byte(*byte);
        }
    }

    pub(crate) fn byte(&mut self, byte: u8) {
        match self.out.get_mut(self.len) {
            Some(place) => {
                *place = byte;
                self.len = self.len.wrapping_add(1);
            }
            None => self.full = true,
        }
    }

    /// Lets somebody else write into what is free.
    pub(crate) fn with(&mut self, write: impl FnOnce(&mut [u8]) -> Option<usize>) {
        match self.out.get_mut(self.len..).and_then(write) {
            Some(written) => self.len = self.len.wrapping_add(written),
            None => self.full = true,
        }
    }

    /// What was written so far.
    pub(crate) fn written(&self) -> &[u8] {
        self.out.get(..self.len).unwrap_or_default()
    }

    /// How much was written, or `None` when not everything fitted.
    pub(crate) const fn finish(&self) -> Option<usize> {
        if self.full { None } else { Some(self.len) }
    }
}

/// The first `len` bytes of `rest`, which then begins after them.
pub(crate) fn take<'b>(rest: &mut &'b mut [u8], len: usize) -> Option<&'b mut [u8]> {
    let (taken, left) = mem::take(rest).split_at_mut_checked(len)?;
    *rest = left;
    Some(taken)
}

/// What stands before the first `at`, and what stands after it; nothing where there is none.
pub(crate) fn cut(text: &[u8], at: u8) -> (&[u8], &[u8]) {
    let place = text.iter().position(|byte| *byte == at).unwrap_or(text.len());
    let (before, after) = text.split_at_checked(place).unwrap_or_default();
    (before, after.get(1..).unwrap_or_default())
}

/// `number` in decimal, without leading zeros.
pub(crate) fn decimal(mut number: u64, out: &mut [u8; 20]) -> &[u8] {
    let mut start = out.len();
    loop {
        start = start.wrapping_sub(1);
        if let Some(place) = out.get_mut(start) {
            *place = b'0' | (number % 10).to_le_bytes()[0];
        }
        number /= 10;
        if number == 0 {
            return out.get(start..).unwrap_or_default();
        }
    }
}

/// The number that stands there in decimal.
pub(crate) fn number(text: &[u8]) -> Option<u64> {
    let mut number: u64 = 0;
    for byte in text {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        number = number.checked_mul(10)?.checked_add(digit.into())?;
    }
    Some(number)
}
