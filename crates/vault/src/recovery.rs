use base::{Context, Secret};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::{SlotKey, VaultError};

const PURPOSE: &[u8] = b"portcullis/vault/recovery-key/v1";
/// Crockford's base32: no I, L, O or U, so that what is read from paper has one spelling.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const GROUPS: usize = 7;
const DATA_PER_GROUP: usize = 4;

/// A key to print: 16 random bytes as seven groups of five characters. The last character of each group checks the
/// group, and the last 12 bits check the whole, so that a slip of the pen is found and named before it is tried.
pub struct RecoveryKey(Zeroizing<[u8; 16]>);

impl RecoveryKey {
    /// A fresh one.
    pub fn make(context: &mut Context) -> Self {
        Self(Zeroizing::new(context.draw()))
    }

    /// As typed: upper or lower case, any spaces and hyphens, `O` for `0`, `I` and `L` for `1`.
    ///
    /// # Errors
    /// `RecoveryKeyLength`, or `RecoveryKeyTypo` with the group that is wrong; the last group when only the whole is.
    pub fn parse(typed: &str) -> Result<Self, VaultError> {
        let mut values = Zeroizing::new(Vec::with_capacity(GROUPS * (DATA_PER_GROUP + 1)));
        for c in typed.chars().filter(|c| !c.is_whitespace() && !matches!(c, '-' | '\u{2010}'..='\u{2015}')) {
            let group = values.len() / (DATA_PER_GROUP + 1) + 1;
            if group > GROUPS {
                return Err(VaultError::RecoveryKeyLength);
            }
            values.push(value(c).ok_or(VaultError::RecoveryKeyTypo { group })?);
        }
        if values.len() != GROUPS * (DATA_PER_GROUP + 1) {
            return Err(VaultError::RecoveryKeyLength);
        }
        // 140 bits: 128 of the key, then 12 of the check.
        let (mut bits, mut tail, mut seen) = (Zeroizing::new(0_u128), 0_u16, 0);
        for (index, group) in values.chunks_exact(DATA_PER_GROUP + 1).enumerate() {
            let (data, check) = group.split_at(DATA_PER_GROUP);
            if check != [group_check(index, data)] {
                return Err(VaultError::RecoveryKeyTypo { group: index + 1 });
            }
            for bit in data.iter().flat_map(|v| [v >> 4, v >> 3, v >> 2, v >> 1, *v]).map(|v| v & 1) {
                if seen < 128 {
                    *bits = (*bits << 1) | u128::from(bit);
                } else {
                    tail = (tail << 1) | u16::from(bit);
                }
                seen += 1;
            }
        }
        let key = Self(Zeroizing::new(bits.to_be_bytes()));
        if key.whole_check() == tail { Ok(key) } else { Err(VaultError::RecoveryKeyTypo { group: GROUPS }) }
    }

    /// As printed: `"7KQ2M-…"`, 41 characters.
    pub fn text(&self) -> Secret {
        let mut values = Zeroizing::new(Vec::with_capacity(GROUPS * DATA_PER_GROUP));
        let mut pending = 0_u32;
        let mut held = 0_u32;
        let check = self.whole_check();
        let nibbles = self.0.iter().flat_map(|b| [b >> 4, b & 15]);
        let tail = [check >> 8, (check >> 4) & 15, check & 15].map(|v| u8::try_from(v & 15).unwrap_or(0));
        for nibble in nibbles.chain(tail) {
            pending = (pending << 4) | u32::from(nibble);
            held += 4;
            if held >= 5 {
                held -= 5;
                values.push(u8::try_from(pending >> held).unwrap_or(0) & 31);
                pending &= (1 << held) - 1;
            }
        }
        let mut text = Vec::with_capacity(GROUPS * (DATA_PER_GROUP + 2));
        for (index, data) in values.chunks_exact(DATA_PER_GROUP).enumerate() {
            if index > 0 {
                text.push(b'-');
            }
            text.extend(data.iter().map(|&v| letter(v)));
            text.push(letter(group_check(index, data)));
        }
        Secret::new(text)
    }

    /// The key of a recovery slot: SHA-256 of the purpose and the 16 bytes, which are random enough to need no stretching.
    pub fn slot_key(&self) -> SlotKey {
        SlotKey::new(&Sha256::new().chain_update(PURPOSE).chain_update(self.0.as_slice()).finalize().into())
    }

    fn whole_check(&self) -> u16 {
        let hash =
            Sha256::new().chain_update(PURPOSE).chain_update(b"/check").chain_update(self.0.as_slice()).finalize();
        match hash.as_slice() {
            [a, b, ..] => u16::from_be_bytes([*a, *b]) >> 4,
            _ => 0,
        }
    }
}

/// The check of one group: five bits of a hash of where it stands and what it says.
fn group_check(index: usize, data: &[u8]) -> u8 {
    let place = u8::try_from(index).unwrap_or(u8::MAX);
    let hash =
        Sha256::new().chain_update(PURPOSE).chain_update(b"/group").chain_update([place]).chain_update(data).finalize();
    hash.first().map_or(0, |b| b >> 3)
}

fn letter(value: u8) -> u8 {
    ALPHABET.get(usize::from(value & 31)).copied().unwrap_or(b'0')
}

fn value(c: char) -> Option<u8> {
    let c = match c.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        c => c,
    };
    ALPHABET.iter().position(|&l| char::from(l) == c).and_then(|at| u8::try_from(at).ok())
}

#[cfg(test)]
mod tests {
    use base::UnixMs;
    use proptest::prelude::*;

    use super::*;

    fn key(seed: [u8; 32]) -> RecoveryKey {
        RecoveryKey::make(&mut Context::new(UnixMs::from_secs(0), seed))
    }

    fn text(key: &RecoveryKey) -> String {
        String::from_utf8(key.text().expose().to_vec()).unwrap()
    }

    proptest! {
        #[test]
        fn what_is_printed_can_be_typed(seed: [u8; 32]) {
            let made = key(seed);
            let printed = text(&made);
            prop_assert_eq!(printed.len(), 41);
            let sloppy = printed.to_lowercase().replace('-', "  ").replace('0', "o").replace('1', "l");
            for typed in [printed, sloppy] {
                let parsed = RecoveryKey::parse(&typed).unwrap();
                prop_assert_eq!(parsed.0.as_slice(), made.0.as_slice());
            }
        }

        #[test]
        fn typing_anything_never_panics(typed: String) {
            let _ = RecoveryKey::parse(&typed).map(|k| k.slot_key());
        }

        /// One wrong character passes the group's five bits in one of 32 cases, and then the whole's twelve catch it.
        #[test]
        fn one_slip_is_found(seed: [u8; 32], at in 0_usize..35, other in 0_usize..32) {
            let printed = text(&key(seed)).replace('-', "");
            let mut typed = printed.clone().into_bytes();
            typed[at] = ALPHABET[other];
            let typed = String::from_utf8(typed).unwrap();
            prop_assume!(typed != printed);
            let slip = matches!(RecoveryKey::parse(&typed), Err(VaultError::RecoveryKeyTypo { .. }));
            prop_assert!(slip);
        }
    }

    #[test]
    fn a_slip_is_named_by_its_group() {
        let printed = text(&key([7; 32]));
        let groups: Vec<&str> = printed.split('-').collect();
        for wrong in 0..GROUPS {
            let mut groups = groups.clone();
            groups[wrong] = "0000U";
            assert_eq!(
                RecoveryKey::parse(&groups.join("-")).err(),
                Some(VaultError::RecoveryKeyTypo { group: wrong + 1 }),
                "U is in no recovery key"
            );
        }
        for length in ["", "ABCDE", &printed[..40], &format!("{printed}0")] {
            assert_eq!(RecoveryKey::parse(length).err(), Some(VaultError::RecoveryKeyLength));
        }
    }
}
