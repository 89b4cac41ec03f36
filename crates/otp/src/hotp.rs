use crate::{
    Code, OtpError, Typed,
    hmac::{Algorithm, truncated},
    number::{Digits, HotpCounter, LookAhead},
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

    /// The code of one counter (RFC 4226 section 5.3).
    pub fn code(&self, key: &[u8], counter: HotpCounter) -> Code {
        let value = truncated(self.algorithm, key, counter.value());
        Code::render(value.into(), b"0123456789", self.digits.count())
    }

    /// The counter whose code was typed: `next`, or up to `look_ahead` later (RFC 4226 section 7.2 and 7.4).
    ///
    /// A match is the last counter used, so the caller stores [`HotpMatch::next`] and a code works once.
    pub fn verify(&self, key: &[u8], typed: &Typed, next: HotpCounter, look_ahead: LookAhead) -> Option<HotpMatch> {
        self.find(next, look_ahead, |counter| typed.matches(&self.code(key, counter)))
    }

    /// Where two codes in a row were typed, up to `look_ahead` after `next` (RFC 4226 section 7.4, resynchronisation).
    ///
    /// Two codes are far harder to guess than one, so `reach` may be much larger than a look-ahead: at most 1,000.
    pub fn resync(&self, key: &[u8], typed: [&Typed; 2], next: HotpCounter, reach: u16) -> Option<HotpMatch> {
        let [first, second] = typed;
        let mut before = false;
        let mut found = None;
        for by in 0..=u64::from(reach.min(1000)).saturating_add(1) {
            let Ok(counter) = next.plus(by) else { break };
            let code = self.code(key, counter);
            if before && second.matches(&code) && found.is_none() {
                found = HotpMatch::new(counter, by);
            }
            before = first.matches(&code);
        }
        found
    }

    fn find(&self, next: HotpCounter, reach: LookAhead, fits: impl Fn(HotpCounter) -> bool) -> Option<HotpMatch> {
        let mut found = None;
        for by in 0..=u64::from(reach.steps()) {
            let Ok(counter) = next.plus(by) else { break };
            if fits(counter) && found.is_none() {
                found = HotpMatch::new(counter, by);
            }
        }
        found
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

impl HotpMatch {
    /// `None` when the account's counters are used up, because then nothing can be stored.
    fn new(counter: HotpCounter, by: u64) -> Option<Self> {
        let next = counter.plus(1).map_err(|_: OtpError| ()).ok()?;
        Some(Self { counter, next, skipped: u16::try_from(by).ok()? })
    }
}
