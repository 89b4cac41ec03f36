//! Recovery codes: ten codes of 80 bits on paper. Each works once, ever.

use base::{Moment, Secret, UnixMs};
use base32ct::{Base32UpperUnpadded, Encoding as _};
use base64ct::{Base64UrlUnpadded, Encoding as _};
use hmac::{Hmac, KeyInit as _, Mac as _};
use json::{FromJson, ToJson};
use sha2::Sha256;

use super::sealed::{Place, Sealed, SecretUnreadable};

/// Codes of one set.
pub const CODES: usize = 10;
const CODE_BYTES: usize = 10;
/// The name of this part of the record in associated data.
const PART: &str = "recovery";
/// Longest text that is read as a code: 16 letters with blanks and dashes.
const MAX_TYPED_BYTES: usize = 64;

/// A set of codes. They are hashed under the person's own key, which is sealed in the record, so that the gate's keys can rotate.
#[derive(Clone, Debug, PartialEq, Eq, ToJson, FromJson)]
#[serde(deny_unknown_fields)]
pub struct RecoveryCodes {
    key: Sealed,
    /// The hash of each code, and when it was used. Used codes stay.
    codes: Vec<(String, Option<u64>)>,
    /// The time from which the set counts, in seconds; later than the time it was made if a weaker factor paid for it.
    pub from_secs: u64,
}

impl RecoveryCodes {
    /// A new set and its codes, which are shown once. `None` if nothing can be sealed.
    pub fn new(place: Place<'_>, from_secs: u64, moment: &mut Moment) -> Option<(Self, Vec<Secret>)> {
        let key = Secret::from(moment.draw::<32>().as_slice());
        let codes: Vec<[u8; CODE_BYTES]> = (0..CODES).map(|_| moment.draw()).collect();
        let hashes = codes.iter().map(|code| Some((hash(&key, code)?, None))).collect::<Option<_>>()?;
        let shown = codes.iter().map(|code| Secret::new(grouped(&Base32UpperUnpadded::encode_string(code)))).collect();
        Some((Self { key: Sealed::seal(&key, place, PART, moment)?, codes: hashes, from_secs }, shown))
    }

    /// Takes a code and spends it in `self`. Returns the number of codes left, or `None` for a wrong or used code.
    ///
    /// # Errors
    /// The person's key cannot be opened.
    pub fn take(&mut self, typed: &str, place: Place<'_>, now: UnixMs) -> Result<Option<usize>, SecretUnreadable> {
        let key = self.key.open(place, PART)?;
        let Some(typed) = read(typed).and_then(|code| hash(&key, &code)) else { return Ok(None) };
        let typed = Secret::new(typed.into_bytes());
        let mut found = None;
        // All are compared, so that the time does not depend on the match.
        for (at, (hash, used)) in self.codes.iter().enumerate() {
            if typed.ct_eq(hash.as_bytes()) && used.is_none() {
                found = Some(at);
            }
        }
        let Some((_, used)) = found.and_then(|at| self.codes.get_mut(at)) else { return Ok(None) };
        *used = Some(now.secs());
        Ok(Some(self.left()))
    }

    /// Codes that are not used.
    pub fn left(&self) -> usize {
        self.codes.iter().filter(|(_, used)| used.is_none()).count()
    }

    /// Seals the key anew, under the first key of the gate.
    ///
    /// # Errors
    /// The key cannot be opened.
    pub fn reseal(&mut self, place: Place<'_>, moment: &mut Moment) -> Result<(), SecretUnreadable> {
        if self.key.kid() == Some(place.keys.kid()) {
            return Ok(());
        }
        let key = self.key.open(place, PART)?;
        if let Some(sealed) = Sealed::seal(&key, place, PART, moment) {
            self.key = sealed;
        }
        Ok(())
    }
}

fn hash(key: &Secret, code: &[u8; CODE_BYTES]) -> Option<String> {
    // EXPOSE: the key of the HMAC.
    let mut mac = Hmac::<Sha256>::new_from_slice(key.expose()).ok()?;
    mac.update(code);
    let whole = mac.finalize().into_bytes();
    Some(Base64UrlUnpadded::encode_string(whole.get(..16)?))
}

/// Four groups of four letters, as on paper.
fn grouped(code: &str) -> Vec<u8> {
    code.as_bytes().chunks(4).collect::<Vec<_>>().join(&b'-')
}

/// Ignores case, blanks and dashes. Reads the digits that base32 lacks as similar letters.
fn read(typed: &str) -> Option<[u8; CODE_BYTES]> {
    if typed.len() > MAX_TYPED_BYTES {
        return None;
    }
    let letters = typed.chars().filter(|c| !c.is_whitespace() && !matches!(c, '-' | '\u{2010}'..='\u{2015}'));
    let text: String = letters
        .map(|c| match c.to_ascii_uppercase() {
            '0' => 'O',
            '1' => 'I',
            '8' => 'B',
            letter => letter,
        })
        .collect();
    Base32UpperUnpadded::decode_vec(&text).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::seal::{IdKey, Keyring};

    fn keys(bytes: &[u8]) -> Keyring {
        let words: Vec<_> = bytes.iter().map(|b| Base64UrlUnpadded::encode_string(&[*b; 32])).collect();
        Keyring::parse(&words.join(",")).unwrap()
    }

    fn text(code: &Secret) -> String {
        String::from_utf8(code.expose().to_vec()).unwrap()
    }

    #[test]
    fn f04_a_code_is_one_persons_and_good_once_in_any_case() {
        let (keys, id) = (keys(&[1]), IdKey::parse(&"A".repeat(43)).unwrap());
        let (ann, bob) = (id.person("t", "c", "ann"), id.person("t", "c", "bob"));
        let place = |object| Place { keys: &keys, tenant: "t", object };
        let mut moment = Moment::new(UnixMs::from_secs(1), [1; 32]);
        let (mut of_ann, codes) = RecoveryCodes::new(place(&ann), 0, &mut moment).unwrap();
        let (mut of_bob, _) = RecoveryCodes::new(place(&bob), 0, &mut moment).unwrap();
        assert_eq!(codes.len(), CODES);
        let (now, first) = (UnixMs::from_secs(9), text(&codes[0]));
        assert_eq!(first.len(), 19);
        assert_eq!(of_bob.take(&first, place(&bob), now), Ok(None), "another person's");
        assert_eq!(
            of_ann.take(&first, place(&bob), now).err().map(|e| e.key_is_there),
            Some(true),
            "moved to another person"
        );
        let loose = format!(" {} ", first.to_lowercase().replace('-', " ").replace('o', "0").replace('i', "1"));
        assert_eq!(of_ann.take(&loose, place(&ann), now), Ok(Some(9)));
        assert_eq!(of_ann.take(&first, place(&ann), now), Ok(None), "used");
        for wrong in ["", "AAAA", "AAAA-AAAA-AAAA-AAAA", "ÄAAA-AAAA-AAAA-AAAA", &"A".repeat(10_000)] {
            assert_eq!(of_ann.take(wrong, place(&ann), now), Ok(None));
        }
        for code in &codes[1..] {
            assert!(of_ann.take(&text(code), place(&ann), now).unwrap().is_some());
        }
        assert_eq!(of_ann.left(), 0);
    }

    #[test]
    fn f49_a_paper_code_outlives_the_keys() {
        let object = IdKey::parse(&"A".repeat(43)).unwrap().person("t", "c", "ann");
        let (old, both, new) = (keys(&[1]), keys(&[2, 1]), keys(&[2]));
        let place = |keys| Place { keys, tenant: "t", object: &object };
        let mut moment = Moment::new(UnixMs::from_secs(1), [1; 32]);
        let (mut set, codes) = RecoveryCodes::new(place(&old), 0, &mut moment).unwrap();
        let now = UnixMs::from_secs(9);
        let lost = set.take(&text(&codes[0]), place(&new), now).unwrap_err();
        assert_eq!((lost.kid, lost.key_is_there), (old.kid().text(), false));
        set.reseal(place(&both), &mut moment).unwrap();
        assert_eq!(set.take(&text(&codes[0]), place(&new), now), Ok(Some(9)));
    }
}
