//! The subset of Protocol Buffers in the payload: varints and length-delimited fields.

use alloc::vec::Vec;

use super::MigrationError;

/// One field of a message.
pub(super) enum Value<'p> {
    Varint(u64),
    Bytes(&'p [u8]),
}

/// Iterates over the fields of a message. Fields of fixed width and unknown fields are skipped.
pub(super) struct Fields<'p>(pub(super) &'p [u8]);

impl<'p> Fields<'p> {
    /// The number and value of the next field; `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<(u64, Value<'p>)>, MigrationError> {
        while !self.0.is_empty() {
            let key = self.varint()?;
            let number = key >> 3;
            match key & 7 {
                0 => return Ok(Some((number, Value::Varint(self.varint()?)))),
                1 => self.bytes(8).map(drop)?,
                2 => {
                    let len = self.varint()?;
                    return Ok(Some((number, Value::Bytes(self.bytes(len)?))));
                }
                5 => self.bytes(4).map(drop)?,
                _ => return Err(MigrationError::BadPayload),
            }
        }
        Ok(None)
    }

    /// Up to ten bytes: a negative int32 is written as a 64-bit number.
    fn varint(&mut self) -> Result<u64, MigrationError> {
        let mut value = 0;
        for shift in (0..70_u32).step_by(7) {
            let [byte] = self.bytes(1)?.first_chunk().copied().unwrap_or_default();
            // Of the tenth byte only the lowest bit fits; encoders write it as 1.
            value |= u64::from(byte & 0x7f).wrapping_shl(shift);
            if byte < 0x80 {
                return if shift == 63 && byte > 1 { Err(MigrationError::BadPayload) } else { Ok(value) };
            }
        }
        Err(MigrationError::BadPayload)
    }

    fn bytes(&mut self, len: u64) -> Result<&'p [u8], MigrationError> {
        let len = usize::try_from(len).map_err(|_| MigrationError::BadPayload)?;
        let (bytes, rest) = self.0.split_at_checked(len).ok_or(MigrationError::BadPayload)?;
        self.0 = rest;
        Ok(bytes)
    }
}

pub(super) fn put_varint(out: &mut Vec<u8>, number: u8, value: u64) {
    out.push(number << 3);
    varint(out, value);
}

pub(super) fn put_bytes(out: &mut Vec<u8>, number: u8, bytes: &[u8]) {
    out.push(number << 3 | 2);
    varint(out, u64::try_from(bytes.len()).unwrap_or(u64::MAX));
    out.extend_from_slice(bytes);
}

fn varint(out: &mut Vec<u8>, mut value: u64) {
    while value > 0x7f {
        out.push(value.to_le_bytes()[0] | 0x80);
        value >>= 7;
    }
    out.push(value.to_le_bytes()[0]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_as_short_as_it_can_be() {
        let rows: [(u64, &[u8]); 4] = [
            (0, &[0]),
            (127, &[0x7f]),
            (128, &[0x80, 1]),
            (u64::MAX, &[255, 255, 255, 255, 255, 255, 255, 255, 255, 1]),
        ];
        for (number, wanted) in rows {
            let mut out = Vec::new();
            varint(&mut out, number);
            assert_eq!(out, wanted);
        }
    }
}
