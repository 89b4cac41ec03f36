use core::{
    num::{NonZeroU32, NonZeroU64},
    str,
};

use base::UnixMs;
use subtle::ConstantTimeEq;

use crate::separators::{DASH, LEN, separator};

/// The longest code of any kind.
pub const MAX_CODE: usize = 10;

/// One code, as a person reads it, and how long it is good for.
#[derive(Clone, Copy)]
pub struct Code {
    /// ASCII, and zeros after it.
    pub(crate) text: [u8; MAX_CODE],
    len: u8,
    /// Milliseconds since the epoch; 0 for a code that does not age.
    pub(crate) until: u64,
}

/// The letters a code is written in, and which of them comes first.
pub(crate) enum Script {
    /// This many of the digits and then the letters, the most significant first.
    Digits(NonZeroU32),
    /// The small letters, the most significant first.
    Letters,
    /// Steam's own letters (no vowels, no digit that looks like a letter), the least significant first.
    Steam,
}

const ALL: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
const STEAM: &[u8; 26] = b"23456789BCDFGHJKMNPQRTVWXY";
pub(crate) const TEN: NonZeroU32 = NonZeroU32::MIN.saturating_add(9);
pub(crate) const SIXTEEN: NonZeroU32 = NonZeroU32::MIN.saturating_add(15);
const TWENTY_SIX: NonZeroU32 = NonZeroU32::MIN.saturating_add(25);

impl Code {
    /// Writes `value` in `len` places.
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
            // All but Yandex's numbers have 31 bits, and are divided in a third of the time.
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

    /// When the next code takes its place; none for HOTP, whose codes do not age.
    pub const fn valid_until(&self) -> Option<UnixMs> {
        match self.until {
            0 => None,
            millis => Some(UnixMs::from_millis(millis)),
        }
    }
}

/// What a person typed as a code: at most ten ASCII letters or digits.
///
/// White space of any kind and characters that show nothing are left out, dashes between letters or digits too, and
/// full-width digits, which a Japanese keyboard gives, are read as digits. Anything else is not a code and never matches
/// one: no sign, no underscore, no other script's digits.
#[derive(Clone, Copy)]
pub struct Typed {
    text: [u8; MAX_CODE],
    len: u8,
}

impl Typed {
    /// `None` when this cannot be a code of any kind.
    pub fn new(typed: &[u8]) -> Option<Self> {
        let mut this = Self { text: [0; MAX_CODE], len: 0 };
        let (mut at, mut dash) = (0_usize, false);
        while let Some(byte) = typed.get(at).copied() {
            let separated = separator(typed, at);
            at = at.wrapping_add((separated & LEN).max(1));
            if separated != 0 {
                dash |= separated & DASH != 0;
                // In front of everything it is a sign.
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

    /// Whether this is that code. The time does not depend on what differs; letters match in either case, because a
    /// code that has letters has them in one case only.
    pub fn matches(&self, code: &Code) -> bool {
        let lower = code.text.map(|byte| byte.to_ascii_lowercase());
        bool::from(self.text.ct_eq(&lower) & self.len.ct_eq(&code.len))
    }
}
