use core::str;

use base::UnixMs;
use subtle::ConstantTimeEq;

/// The longest code of any kind.
pub const MAX_CODE: usize = 10;

/// One code, as a person reads it, and how long it is good for.
#[derive(Clone, Copy)]
pub struct Code {
    text: [u8; MAX_CODE],
    len: u8,
    valid_until: Option<UnixMs>,
}

impl Code {
    /// Writes `value` in the letters of `alphabet`, the most significant letter first, in `len` places.
    pub(crate) fn render(mut value: u64, alphabet: &[u8], len: u8) -> Self {
        let mut code = Self { text: [0; MAX_CODE], len, valid_until: None };
        let radix = u64::try_from(alphabet.len()).unwrap_or(1).max(1);
        for place in code.text.iter_mut().take(usize::from(len)).rev() {
            let letter = usize::try_from(value % radix).unwrap_or(0);
            *place = alphabet.get(letter).copied().unwrap_or(b'0');
            value /= radix;
        }
        code
    }

    /// The same letters from the last to the first: Steam writes its codes so.
    pub(crate) fn reversed(mut self) -> Self {
        if let Some(text) = self.text.get_mut(..usize::from(self.len)) {
            text.reverse();
        }
        self
    }

    pub(crate) const fn until(mut self, end: UnixMs) -> Self {
        self.valid_until = Some(end);
        self
    }

    /// The code as ASCII.
    pub fn as_bytes(&self) -> &[u8] {
        self.text.get(..usize::from(self.len)).unwrap_or(&[])
    }

    /// The code as text.
    pub fn as_str(&self) -> &str {
        str::from_utf8(self.as_bytes()).unwrap_or("")
    }

    /// When the next code takes its place; none for HOTP, whose codes do not age.
    pub const fn valid_until(&self) -> Option<UnixMs> {
        self.valid_until
    }
}

/// What a person typed as a code: ASCII spaces removed, at most ten ASCII letters or digits left.
///
/// Anything else is not a code and never matches one: no sign, no underscore, no other script's digits.
#[derive(Clone, Copy)]
pub struct Typed {
    text: [u8; MAX_CODE],
    len: u8,
}

impl Typed {
    /// `None` when this cannot be a code of any kind.
    pub fn new(typed: &[u8]) -> Option<Self> {
        let mut this = Self { text: [0; MAX_CODE], len: 0 };
        for byte in typed.iter().filter(|b| **b != b' ') {
            if !byte.is_ascii_alphanumeric() {
                return None;
            }
            *this.text.get_mut(usize::from(this.len))? = byte.to_ascii_lowercase();
            this.len = this.len.saturating_add(1);
        }
        (this.len > 0).then_some(this)
    }

    /// Whether this is that code. The time does not depend on what differs; letters match in either case, because a
    /// code that has letters has them in one case only.
    pub fn matches(&self, code: &Code) -> bool {
        let mut lower = code.text;
        lower.make_ascii_lowercase();
        bool::from(self.text.ct_eq(&lower) & self.len.ct_eq(&code.len))
    }
}
