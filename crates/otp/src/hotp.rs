use crate::{
    Algorithm, Code, Key, Typed,
    number::{Digits, HotpCounter, LookAhead},
    numbers::{HOTP, code, find},
};

/// Counter-based codes (RFC 4226). Key and counter are arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hotp {
    /// The hash under the HMAC; RFC 4226 defines SHA-1 only; addresses name others.
    pub algorithm: Algorithm,
    /// The length of a code.
    pub digits: Digits,
}

impl Hotp {
    /// SHA-1 and six digits, the defaults of an address.
    pub const DEFAULT: Self = Self { algorithm: Algorithm::Sha1, digits: Digits::SIX };

    /// The greatest `reach` of [`Hotp::resync`].
    pub const MAX_REACH: u16 = 1000;

    /// The code of one counter (RFC 4226 section 5.3).
    pub fn code(&self, key: &[u8], counter: HotpCounter) -> Code {
        code(&self.numbers(counter), &Key { secret: key, pin: &[] }, counter.value())
    }

    /// The counter of the typed code, from `next` to `look_ahead` later (RFC 4226 sections 7.2 and 7.4).
    ///
    /// The caller stores [`HotpMatch::next`], so that a code works once and a counter never decreases.
    pub fn verify(&self, key: &[u8], typed: &Typed, next: HotpCounter, look_ahead: LookAhead) -> Option<HotpMatch> {
        self.ahead(key, None, typed, next, look_ahead.steps().into())
    }

    /// Resynchronisation by two consecutive codes, the first up to `reach` after `next` (RFC 4226 section 7.4).
    ///
    /// Two codes are far harder to guess than one, so `reach` may be larger than a look-ahead: up to
    /// [`Hotp::MAX_REACH`], to which larger values are reduced.
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
        // The greatest counter is never used, because it has no successor to store.
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

/// The counter of a typed code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HotpMatch {
    /// The counter of the (last) typed code.
    pub counter: HotpCounter,
    /// The counter to store, and to expect the next time.
    pub next: HotpCounter,
    /// The number of skipped counters.
    pub skipped: u16,
}
