//! A reader of CTAP2's canonical CBOR (CTAP 2.1 section 8): definite lengths in the shortest form, no tags, bounded depth.

/// Deepest nesting that is read. Canonical CBOR of CTAP has four levels at most; statements of attestations have a few more.
const MAX_DEPTH: u8 = 8;

/// The bytes are not canonical CBOR, end early, or hold another type than asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotCbor;

/// Reads items one after the other. Nothing is allocated, and each item takes at least one byte, so a length that is a lie
/// costs nothing.
pub struct Reader<'a>(&'a [u8]);

/// Major types (RFC 8949 section 3.1).
const UNSIGNED: u8 = 0;
const NEGATIVE: u8 = 1;
const BYTES: u8 = 2;
const TEXT: u8 = 3;
const ARRAY: u8 = 4;
const MAP: u8 = 5;
const SIMPLE: u8 = 7;

impl<'a> Reader<'a> {
    /// A reader of these bytes.
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// What has not been read.
    pub const fn rest(&self) -> &'a [u8] {
        self.0
    }

    /// An integer (major types 0 and 1).
    ///
    /// # Errors
    /// Another type, or a value that 64 bits do not hold.
    pub fn int(&mut self) -> Result<i64, NotCbor> {
        let (major, value) = self.head()?;
        let value = i64::try_from(value).map_err(|_| NotCbor)?;
        match major {
            UNSIGNED => Ok(value),
            // RFC 8949 section 3.1: -1 minus the value. It cannot overflow, because the value is not negative.
            NEGATIVE => Ok(-1 - value),
            _ => Err(NotCbor),
        }
    }

    /// A byte string.
    ///
    /// # Errors
    /// Another type.
    pub fn bytes(&mut self) -> Result<&'a [u8], NotCbor> {
        match self.head()? {
            (BYTES, len) => self.take(len),
            _ => Err(NotCbor),
        }
    }

    /// A text string.
    ///
    /// # Errors
    /// Another type, or text that is not UTF-8.
    pub fn text(&mut self) -> Result<&'a str, NotCbor> {
        match self.head()? {
            (TEXT, len) => core::str::from_utf8(self.take(len)?).map_err(|_| NotCbor),
            _ => Err(NotCbor),
        }
    }

    /// The number of a map's pairs; the pairs are read next.
    ///
    /// # Errors
    /// Another type.
    pub fn map(&mut self) -> Result<u64, NotCbor> {
        match self.head()? {
            (MAP, pairs) => Ok(pairs),
            _ => Err(NotCbor),
        }
    }

    /// Passes over one item of any type.
    ///
    /// # Errors
    /// The item is not canonical, or nests too deep.
    pub fn skip(&mut self) -> Result<(), NotCbor> {
        self.skip_to(MAX_DEPTH)
    }

    fn skip_to(&mut self, depth: u8) -> Result<(), NotCbor> {
        let (major, value) = self.head()?;
        let items = match major {
            UNSIGNED | NEGATIVE | SIMPLE => 0,
            BYTES => {
                self.take(value)?;
                0
            }
            TEXT => {
                core::str::from_utf8(self.take(value)?).map_err(|_| NotCbor)?;
                0
            }
            ARRAY => value,
            MAP => value.checked_mul(2).ok_or(NotCbor)?,
            _ => return Err(NotCbor),
        };
        if items > 0 {
            let depth = depth.checked_sub(1).ok_or(NotCbor)?;
            for _ in 0..items {
                self.skip_to(depth)?;
            }
        }
        Ok(())
    }

    /// The initial byte and its argument (RFC 8949 section 3), in the shortest form.
    fn head(&mut self) -> Result<(u8, u64), NotCbor> {
        let first = self.array::<1>()?[0];
        let (major, info) = (first >> 5, first & 0x1f);
        if major == SIMPLE {
            // False, true, null and undefined; then floats, whose bytes mean no number here.
            match info {
                20..=23 => {}
                25..=27 => {
                    self.take(1 << (info - 24))?;
                }
                _ => return Err(NotCbor),
            }
            return Ok((major, 0));
        }
        let (value, least) = match info {
            0..=23 => (u64::from(info), 0),
            24 => (u64::from(self.array::<1>()?[0]), 24),
            25 => (u64::from(u16::from_be_bytes(self.array()?)), 1 << 8),
            26 => (u64::from(u32::from_be_bytes(self.array()?)), 1 << 16),
            27 => (u64::from_be_bytes(self.array()?), 1 << 32),
            // Indefinite lengths and reserved values.
            _ => return Err(NotCbor),
        };
        if value < least { Err(NotCbor) } else { Ok((major, value)) }
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], NotCbor> {
        let (head, rest) = self.0.split_first_chunk::<N>().ok_or(NotCbor)?;
        self.0 = rest;
        Ok(*head)
    }

    fn take(&mut self, len: u64) -> Result<&'a [u8], NotCbor> {
        let len = usize::try_from(len).map_err(|_| NotCbor)?;
        let (head, rest) = self.0.split_at_checked(len).ok_or(NotCbor)?;
        self.0 = rest;
        Ok(head)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn skipped(bytes: &[u8]) -> Result<usize, NotCbor> {
        let mut reader = Reader::new(bytes);
        reader.skip().map(|()| reader.rest().len())
    }

    #[test]
    fn only_canonical_items_are_passed_over() {
        for (bytes, want) in [
            (&[0x17_u8][..], Ok(0)),
            (&[0x18, 0x17], Err(NotCbor)),       // 23 in two bytes
            (&[0x18, 0x18], Ok(0)),              // 24
            (&[0x19, 0x00, 0xff], Err(NotCbor)), // 255 in three
            (&[0x1a, 0x00, 0x00, 0xff, 0xff], Err(NotCbor)),
            (&[0x1b, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff], Err(NotCbor)),
            (&[0x43, 1, 2, 3, 4], Ok(1)),
            (&[0x43, 1, 2], Err(NotCbor)),          // ends early
            (&[0x61, 0xff], Err(NotCbor)),          // not UTF-8
            (&[0x5f, 0x41, 1, 0xff], Err(NotCbor)), // indefinite length
            (&[0xc0, 0x00], Err(NotCbor)),          // a tag
            (&[0xa1, 0x01, 0x82, 0xf5, 0xf6], Ok(0)),
            (&[0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], Err(NotCbor)), // a long lie
            (&[0xf9, 0x3c, 0x00], Ok(0)),
            (&[0xe0], Err(NotCbor)),
            (&[], Err(NotCbor)),
        ] {
            assert_eq!(skipped(bytes), want, "{bytes:x?}");
        }
    }

    #[test]
    fn d02_depth_is_bounded() {
        let nested = |depth: usize| [vec![0x81_u8; depth], vec![0x00]].concat();
        assert_eq!(skipped(&nested(8)), Ok(0));
        assert_eq!(skipped(&nested(9)), Err(NotCbor));
        assert_eq!(skipped(&nested(100_000)), Err(NotCbor));
    }

    #[test]
    fn integers_have_64_bits() {
        for (bytes, want) in [
            (&[0x26_u8][..], Ok(-7)),
            (&[0x39, 0x01, 0x00], Ok(-257)),
            (&[0x3b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], Ok(i64::MIN)),
            (&[0x3b, 0x80, 0, 0, 0, 0, 0, 0, 0], Err(NotCbor)),
            (&[0x41, 0], Err(NotCbor)),
        ] {
            assert_eq!(Reader::new(bytes).int(), want, "{bytes:x?}");
        }
    }
}
