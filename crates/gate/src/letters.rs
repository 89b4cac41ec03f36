//! Bytes as letters and back (RFC 4648), without padding. The crate that does this for all alphabets there are costs the
//! Worker 8 kB of gzip; it is what the tests hold this to.

/// How many bits a letter has, and which letters there are, in their order.
pub(crate) struct Alphabet {
    bits: u32,
    letters: &'static [u8],
}

/// Base64 for addresses and cookies.
pub(crate) const BASE64URL: Alphabet =
    Alphabet { bits: 6, letters: b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_" };
/// Base32 in lower case, for what people read and CAS servers compare.
pub(crate) const BASE32: Alphabet = Alphabet { bits: 5, letters: b"abcdefghijklmnopqrstuvwxyz234567" };
/// Hexadecimal, in lower case.
pub(crate) const HEX: Alphabet = Alphabet { bits: 4, letters: b"0123456789abcdef" };

impl Alphabet {
    /// The letters of these bytes.
    pub(crate) fn encode(&self, bytes: &[u8]) -> String {
        let mut out = String::with_capacity(bytes.len() * 2);
        let (mut held, mut bits) = (0_usize, 0);
        let mut push = |value: usize| out.extend(self.letters.get(value).copied().map(char::from));
        let mask = self.letters.len() - 1;
        for byte in bytes {
            held = held << 8 | usize::from(*byte);
            bits += 8;
            while bits >= self.bits {
                bits -= self.bits;
                push(held >> bits & mask);
            }
            held &= 0xff;
        }
        if bits > 0 {
            push(held << (self.bits - bits) & mask);
        }
        out
    }

    /// The bytes of these letters; `None` for any other letter, and for a text that no bytes have.
    pub(crate) fn decode(&self, text: &str) -> Option<Vec<u8>> {
        let mut values = [u8::MAX; 256];
        for (value, letter) in (0_u8..).zip(self.letters) {
            *values.get_mut(usize::from(*letter))? = value;
        }
        let mut out = Vec::with_capacity(text.len());
        let (mut held, mut bits) = (0_u32, 0);
        for letter in text.bytes() {
            let value = *values.get(usize::from(letter)).filter(|value| **value != u8::MAX)?;
            held = held << self.bits | u32::from(value);
            bits += self.bits;
            if bits >= 8 {
                bits -= 8;
                out.push(u8::try_from(held >> bits).ok()?);
                held &= (1 << bits) - 1;
            }
        }
        // A whole letter too many, or bits that belong to no byte.
        (bits < self.bits && held == 0).then_some(out)
    }
}

#[cfg(test)]
mod tests {
    use data_encoding::{BASE32_NOPAD, BASE64URL_NOPAD, Encoding, HEXLOWER};
    use proptest::prelude::*;

    use super::*;

    fn peer(alphabet: &Alphabet) -> Encoding {
        match alphabet.bits {
            6 => BASE64URL_NOPAD,
            5 => {
                let mut lower = BASE32_NOPAD.specification();
                lower.symbols = lower.symbols.to_ascii_lowercase();
                lower.encoding().unwrap()
            }
            _ => HEXLOWER,
        }
    }

    proptest! {
        #[test]
        fn bytes_are_written_and_read_as_elsewhere(bytes: Vec<u8>) {
            for alphabet in [BASE64URL, BASE32, HEX] {
                let text = alphabet.encode(&bytes);
                prop_assert_eq!(&text, &peer(&alphabet).encode(&bytes));
                prop_assert_eq!(alphabet.decode(&text), Some(bytes.clone()));
            }
        }

        #[test]
        fn texts_are_taken_and_refused_as_elsewhere(text in "[A-Za-z0-9_=é-]{0,6}|[a-z2-7]{0,17}|[0-9a-f]{0,9}") {
            for alphabet in [BASE64URL, BASE32, HEX] {
                prop_assert_eq!(alphabet.decode(&text), peer(&alphabet).decode(text.as_bytes()).ok(), "{}", text);
            }
        }
    }
}
