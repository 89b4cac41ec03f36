//! Readers and writers over borrowed bytes, without an allocator and without a panic.
//!
//! Texts are ranges of one block, packed into one number, and the first error is stored instead of returned at each step.
//! In WebAssembly this takes half the code of slices and `?`, and the smallest entry has a size budget.

use crate::OtpError;

/// A range of a [`Block`]: the start in the lower half, the end in the upper half.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Span(u64);

impl Span {
    pub(crate) const fn new(start: u32, end: u32) -> Self {
        let [a, b, c, d] = start.to_le_bytes();
        let [e, f, g, h] = end.to_le_bytes();
        Self(u64::from_le_bytes([a, b, c, d, e, f, g, h]))
    }

    pub(crate) const fn start(self) -> u32 {
        let [a, b, c, d, ..] = self.0.to_le_bytes();
        u32::from_le_bytes([a, b, c, d])
    }

    pub(crate) const fn end(self) -> u32 {
        let [.., a, b, c, d] = self.0.to_le_bytes();
        u32::from_le_bytes([a, b, c, d])
    }

    #[cfg(feature = "wire")]
    pub(crate) const fn len(self) -> u32 {
        self.end().wrapping_sub(self.start())
    }

    pub(crate) const fn is_empty(self) -> bool {
        self.start() >= self.end()
    }
}

/// Bytes that are read and decoded in place, and the first error found in them.
pub(crate) struct Block<'b> {
    pub(crate) bytes: &'b mut [u8],
    pub(crate) fault: Option<OtpError>,
}

impl<'b> Block<'b> {
    pub(crate) const fn new(bytes: &'b mut [u8]) -> Self {
        Self { bytes, fault: None }
    }

    /// Stores the error unless there is one already.
    #[inline(never)]
    pub(crate) fn fail(&mut self, fault: OtpError) {
        if self.fault.is_none() {
            self.fault = Some(fault);
        }
    }

    /// The byte at an index; 0 beyond the end.
    #[inline(never)]
    pub(crate) fn at(&self, at: u32) -> u8 {
        index(at).and_then(|at| self.bytes.get(at)).copied().unwrap_or(0)
    }

    #[inline(never)]
    pub(crate) fn set(&mut self, at: u32, byte: u8) {
        if let Some(place) = index(at).and_then(|at| self.bytes.get_mut(at)) {
            *place = byte;
        }
    }

    /// The bytes of a range; empty when the range lies outside the block.
    pub(crate) fn text(&self, span: Span) -> &[u8] {
        text(self.bytes, span)
    }

    /// The bytes of a range, mutable.
    pub(crate) fn text_mut(&mut self, span: Span) -> &mut [u8] {
        match (index(span.start()), index(span.end())) {
            (Some(start), Some(end)) => self.bytes.get_mut(start..end).unwrap_or_default(),
            _ => &mut [],
        }
    }

    /// The index of the first `byte`; the end of the range when it is absent.
    #[inline(never)]
    pub(crate) fn find(&self, span: Span, byte: u8) -> u32 {
        let mut at = span.start();
        while at < span.end() && self.at(at) != byte {
            at = at.wrapping_add(1);
        }
        at
    }

    /// The range without ASCII white space at its ends.
    #[inline(never)]
    pub(crate) fn trim(&self, span: Span) -> Span {
        let (mut start, mut end) = (span.start(), span.end());
        while start < end && self.at(start).is_ascii_whitespace() {
            start = start.wrapping_add(1);
        }
        while start < end && self.at(end.wrapping_sub(1)).is_ascii_whitespace() {
            end = end.wrapping_sub(1);
        }
        Span::new(start, end)
    }

    /// Compares without regard to ASCII case.
    #[inline(never)]
    pub(crate) fn is(&self, span: Span, word: &[u8]) -> bool {
        let mut at = span.start();
        for byte in word {
            if at >= span.end() || !self.at(at).eq_ignore_ascii_case(byte) {
                return false;
            }
            at = at.wrapping_add(1);
        }
        at == span.end()
    }

    /// The index of the range's text in a list of words separated by spaces; the length of the list when it is absent.
    #[inline(never)]
    pub(crate) fn place(&self, span: Span, words: &[u8]) -> u64 {
        let (mut place, mut at, mut same) = (0_u64, span.start(), true);
        for byte in words {
            if *byte != b' ' {
                same &= at < span.end() && self.at(at).eq_ignore_ascii_case(byte);
                at = at.wrapping_add(1);
                continue;
            }
            if same && at == span.end() {
                return place;
            }
            (place, at, same) = (place.wrapping_add(1), span.start(), true);
        }
        if same && at == span.end() { place } else { place.wrapping_add(1) }
    }

    /// The decimal number in the range, or the default for an empty range. Text that is not a number gives a value above every
    /// allowed one.
    #[inline(never)]
    pub(crate) fn number(&self, span: Span, nothing: u64) -> u64 {
        let mut number = if span.is_empty() { nothing } else { 0 };
        let mut at = span.start();
        while at < span.end() {
            let digit = self.at(at).wrapping_sub(b'0');
            // Every allowed number is below 2^53, so values above 2^59 need not be exact.
            if digit > 9 || number >> 59 != 0 {
                return u64::MAX;
            }
            number = number.wrapping_mul(10).wrapping_add(digit.into());
            at = at.wrapping_add(1);
        }
        number
    }
}

#[inline(never)]
pub(crate) fn text(bytes: &[u8], span: Span) -> &[u8] {
    match (index(span.start()), index(span.end())) {
        (Some(start), Some(end)) => bytes.get(start..end).unwrap_or_default(),
        _ => &[],
    }
}

fn index(at: u32) -> Option<usize> {
    usize::try_from(at).ok()
}

/// Writes from left to right. Bytes beyond the end are dropped and counted.
pub(crate) struct Pen<'o> {
    out: &'o mut [u8],
    len: usize,
}

impl<'o> Pen<'o> {
    pub(crate) const fn new(out: &'o mut [u8]) -> Self {
        Self { out, len: 0 }
    }

    #[inline(never)]
    pub(crate) fn put(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.byte(*byte);
        }
    }

    #[inline(never)]
    pub(crate) fn byte(&mut self, byte: u8) {
        if let Some(place) = self.out.get_mut(self.len) {
            *place = byte;
        }
        self.len = self.len.wrapping_add(1);
    }

    /// A number as an `f64`, which may be negative.
    #[cfg(feature = "wire")]
    #[inline(never)]
    #[expect(clippy::as_conversions, reason = "every number here is under 2^53")]
    pub(crate) fn number(&mut self, number: u64) {
        for byte in (number.cast_signed() as f64).to_le_bytes() {
            self.byte(byte);
        }
    }

    /// The bytes written so far.
    pub(crate) fn written(&self) -> &[u8] {
        self.out.get(..self.len).unwrap_or_default()
    }

    /// The number of bytes written, or `None` when some did not fit.
    pub(crate) const fn finish(&self) -> Option<usize> {
        if self.len > self.out.len() { None } else { Some(self.len) }
    }

    /// `number` in decimal, without leading zeros.
    pub(crate) fn decimal(&mut self, number: u64) {
        let mut power = 1_u64;
        while number / 10 >= power {
            power = power.wrapping_mul(10);
        }
        let mut rest = number;
        while let Some(by) = core::num::NonZeroU64::new(power) {
            self.byte(b'0' | (rest / by).to_le_bytes()[0]);
            rest %= by;
            power /= 10;
        }
    }
}
