use core::{
    num::{NonZeroU32, NonZeroU64},
    str,
};

use base::UnixMs;
use subtle::ConstantTimeEq;

use crate::separators::{DASH, LEN, separator};

/// The longest code of any kind.
pub const MAX_CODE: usize = 10;

/// One code as text, with the end of its validity.
#[derive(Clone, Copy)]
pub struct Code {
    /// ASCII, padded with zero bytes.
    pub(crate) text: [u8; MAX_CODE],
    len: u8,
    /// Milliseconds since the epoch; 0 for a code that does not expire.
    pub(crate) until: u64,
}

/// The alphabet of a code and the order of its characters.
pub(crate) enum Script {
    /// This many of the digits 0-9 then a-z, most significant first.
    Digits(NonZeroU32),
    /// The letters a-z, most significant first.
    Letters,
    /// Steam's alphabet (no vowels, no digit that resembles a letter), least significant first.
    Steam,
}

const ALL: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
const STEAM: &[u8; 26] = b"23456789BCDFGHJKMNPQRTVWXY";
pub(crate) const TEN: NonZeroU32 = NonZeroU32::MIN.saturating_add(9);
pub(crate) const SIXTEEN: NonZeroU32 = NonZeroU32::MIN.saturating_add(15);
const TWENTY_SIX: NonZeroU32 = NonZeroU32::MIN.saturating_add(25);

impl Code {
    /// Writes `value` with `len` characters.
    pub(crate) fn render(mut value: u64, script: &Script, len: u8) -> Self {
        let (letters, radix) = match script {
            Script::Digits(radix) => (ALL.as_slice(), *radix),
            Script::Letters => (ALL.get(10..).unwrap_or_default(), TWENTY_SIX),
            Script::Steam => (STEAM.as_slice(), TWENTY_SIX),
        };
        let mut code = Self { text: [0; MAX_CODE], len, until: 0 };
        for at in 0..usize::from(len) {
            let at =
                if matches!(script, Script::Steam) { at } else { usize::from(len).wrapping_sub(at).wrapping_sub(1) };
            // All values but Yandex's have 31 bits; their division takes a third of the time.
            let quotient = match u32::try_from(value) {
                Ok(value) => u64::from(value / radix),
                Err(_) => value / NonZeroU64::from(radix),
            };
            let letter = value.wrapping_sub(quotient.wrapping_mul(radix.get().into()));
            let letter = usize::try_from(letter).ok().and_then(|letter| letters.get(letter));
            if let (Some(place), Some(letter)) = (code.text.get_mut(at), letter) {
                *place = *letter;
            }
            value = quotient;
        }
        code
    }

    /// The code as ASCII.
    pub fn as_bytes(&self) -> &[u8] {
        self.text.get(..usize::from(self.len)).unwrap_or_default()
    }

    /// The code as text.
    pub fn as_str(&self) -> &str {
        str::from_utf8(self.as_bytes()).unwrap_or_default()
    }

    /// The time of the next code; `None` for HOTP, whose codes do not expire.
    pub const fn valid_until(&self) -> Option<UnixMs> {
        match self.until {
            0 => None,
            millis => Some(UnixMs::from_millis(millis)),
        }
    }
}

/// A typed code: at most ten ASCII letters or digits.
///
/// White space, invisible characters, and dashes between letters or digits are removed. Full-width digits, as a Japanese
/// keyboard types them, are read as digits. Text with any other character (a sign, an underscore, digits of another
/// script) is not a code.
#[derive(Clone, Copy)]
pub struct Typed {
    text: [u8; MAX_CODE],
    len: u8,
}

impl Typed {
    /// `None` when the text cannot be a code of any kind.
    pub fn new(typed: &[u8]) -> Option<Self> {
        let mut this = Self { text: [0; MAX_CODE], len: 0 };
        let (mut at, mut dash) = (0_usize, false);
        while let Some(byte) = typed.get(at).copied() {
            let separated = separator(typed, at);
            at = at.wrapping_add((separated & LEN).max(1));
            if separated != 0 {
                dash |= separated & DASH != 0;
                // A leading dash is a sign, not a separator.
                if dash && this.len == 0 {
                    return None;
                }
                continue;
            }
            let mut letter = byte.to_ascii_lowercase();
            // U+FF10 to U+FF19
            if let Some([0xef, 0xbc, digit @ 0x90..=0x99]) = typed.get(at.wrapping_sub(1)..at.wrapping_add(2)) {
                letter = digit.wrapping_sub(0x90 - b'0');
                at = at.wrapping_add(2);
            }
            if !letter.is_ascii_alphanumeric() {
                return None;
            }
            dash = false;
            *this.text.get_mut(usize::from(this.len))? = letter;
            this.len = this.len.wrapping_add(1);
        }
        (this.len > 0 && !dash).then_some(this)
    }

    /// Compares with a code in time that does not depend on the position of a difference. Letters match in either case,
    /// because every alphabet has letters of one case only.
    pub fn matches(&self, code: &Code) -> bool {
        let lower = code.text.map(|byte| byte.to_ascii_lowercase());
        bool::from(self.text.ct_eq(&lower) & self.len.ct_eq(&code.len))
    }
}
