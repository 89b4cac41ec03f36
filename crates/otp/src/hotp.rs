use crate::{
    Algorithm, Code, Key, Typed,
    number::{Digits, HotpCounter, LookAhead},
    numbers::{HOTP, code, find},
};

/// Codes that change with each use (RFC 4226). The key and the counter are handed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hotp {
    /// The hash under the HMAC; RFC 4226 knows SHA-1 only, addresses name others.
    pub algorithm: Algorithm,
    /// How long a code is.
    pub digits: Digits,
}

impl Hotp {
    /// SHA-1, six digits: what an address means that names nothing else.
    pub const DEFAULT: Self = Self { algorithm: Algorithm::Sha1, digits: Digits::SIX };

    /// The farthest that [`Hotp::resync`] looks.
    pub const MAX_REACH: u16 = 1000;

    /// The code of one counter (RFC 4226 section 5.3).
    pub fn code(&self, key: &[u8], counter: HotpCounter) -> Code {
        code(&self.numbers(counter), &Key { secret: key, pin: &[] }, counter.value())
    }

    /// The counter whose code was typed: `next`, or up to `look_ahead` later (RFC 4226 sections 7.2 and 7.4).
    ///
    /// The caller stores [`HotpMatch::next`], so that a code works once and a counter never goes back.
    pub fn verify(&self, key: &[u8], typed: &Typed, next: HotpCounter, look_ahead: LookAhead) -> Option<HotpMatch> {
        self.ahead(key, None, typed, next, look_ahead.steps().into())
    }

    /// Where two codes in a row were typed, the first up to `reach` after `next` (RFC 4226 section 7.4,
    /// resynchronisation).
    ///
    /// Two codes are far harder to guess than one, so `reach` may be larger than a look-ahead: up to
    /// [`Hotp::MAX_REACH`], and more counts as that.
    pub fn resync(&self, key: &[u8], typed: [&Typed; 2], next: HotpCounter, reach: u16) -> Option<HotpMatch> {
        let [first, second] = typed;
        self.ahead(key, Some(first), second, next, reach.min(Self::MAX_REACH).saturating_add(1))
    }

    pub(crate) fn numbers(&self, counter: HotpCounter) -> [u64; 5] {
        [HOTP, self.algorithm.number(), self.digits.count().into(), 0, counter.value()]
    }

    fn ahead(
        &self,
        key: &[u8],
        before: Option<&Typed>,
        typed: &Typed,
        next: HotpCounter,
        reach: u16,
    ) -> Option<HotpMatch> {
        let (key, next) = (Key { secret: key, pin: &[] }, next.value());
        // The last counter of all is never used: nothing could be stored as the next one.
        let last = next.saturating_add(reach.into()).min(HotpCounter::MAX.value().wrapping_sub(1));
        let numbers = self.numbers(HotpCounter::ZERO);
        let counter = find(&numbers, &key, before, typed, [next, last, next])?;
        Some(HotpMatch {
            counter: HotpCounter::new(counter).ok()?,
            next: HotpCounter::new(counter.wrapping_add(1)).ok()?,
            skipped: u16::try_from(counter.wrapping_sub(next)).ok()?,
        })
    }
}

/// Which counter a typed code belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HotpMatch {
    /// The counter of the (last) typed code.
    pub counter: HotpCounter,
    /// The one to store, and to expect the next time: a counter never goes back.
    pub next: HotpCounter,
    /// How many counters were passed over.
    pub skipped: u16,
}
