//! Counter-based codes (RFC 4226) of a hardware token.

use base::Secret;
use json::{FromJson, ToJson};
use otp::{Algorithm, Digits, Hotp, HotpCounter, LookAhead, Typed};

use super::sealed::Sealed;

/// Look-ahead on a known device.
const LOOK_AHEAD: u32 = 10;
/// Look-ahead on an unknown device. Each counter is another guess for an attacker.
const LOOK_AHEAD_UNKNOWN: u32 = 3;

/// An HOTP credential. Its secret is opened by the caller.
#[derive(Clone, Debug, PartialEq, Eq, ToJson, FromJson)]
#[serde(deny_unknown_fields)]
pub struct HotpCredential {
    /// The shared secret.
    pub secret: Sealed,
    /// `SHA1`, `SHA256` or `SHA512`.
    pub algorithm: String,
    /// Digits of a code.
    pub digits: u32,
    /// The counter of the next code. It never goes back.
    pub next: u64,
}

impl HotpCredential {
    fn settings(&self) -> Option<(Hotp, HotpCounter)> {
        let algorithm = Algorithm::named(&self.algorithm)?;
        Some((Hotp { algorithm, digits: Digits::new(self.digits).ok()? }, HotpCounter::new(self.next).ok()?))
    }

    /// Takes a code, and spends its counter and all earlier ones.
    pub fn take(&mut self, secret: &Secret, typed: &Typed, known_device: bool) -> bool {
        let Some((hotp, next)) = self.settings() else { return false };
        let steps = if known_device { LOOK_AHEAD } else { LOOK_AHEAD_UNKNOWN };
        let Ok(ahead) = LookAhead::new(steps) else { return false };
        // EXPOSE: the key of the codes.
        let Some(found) = hotp.verify(secret.expose(), typed, next, ahead) else { return false };
        self.next = found.next.value();
        true
    }

    /// Resynchronises by two codes in a row (RFC 4226 section 7.4), up to 1,000 later.
    pub fn resync(&mut self, secret: &Secret, typed: [&Typed; 2]) -> bool {
        let Some((hotp, next)) = self.settings() else { return false };
        // EXPOSE: the key of the codes.
        let Some(found) = hotp.resync(secret.expose(), typed, next, Hotp::MAX_REACH) else { return false };
        self.next = found.next.value();
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &[u8] = b"12345678901234567890";

    fn code(counter: u64) -> Typed {
        Typed::new(Hotp::DEFAULT.code(SECRET, HotpCounter::new(counter).unwrap()).as_bytes()).unwrap()
    }

    fn credential(next: u64) -> HotpCredential {
        let secret = json::from_str("\"\"").unwrap();
        HotpCredential { secret, algorithm: "SHA1".into(), digits: 6, next }
    }

    #[test]
    fn f06_a_counter_never_goes_back_and_looks_ahead_as_far_as_the_device_is_known() {
        let secret = Secret::from(SECRET);
        for (counter, known, want) in [
            (5, false, true),
            (8, false, true),
            (9, false, false),
            (9, true, true),
            (15, true, true),
            (16, true, false),
            (4, true, false),
        ] {
            let mut token = credential(5);
            assert_eq!(token.take(&secret, &code(counter), known), want, "{counter} {known}");
            assert_eq!(token.next, if want { counter + 1 } else { 5 });
            assert!(!token.take(&secret, &code(counter), known), "once");
        }
        let mut token = credential(5);
        assert!(!token.resync(&secret, [&code(900), &code(902)]), "not in a row");
        assert!(!token.resync(&secret, [&code(3), &code(4)]), "back");
        assert!(token.resync(&secret, [&code(900), &code(901)]));
        assert_eq!(token.next, 902);
        assert!(!token.resync(&secret, [&code(1_903), &code(1_904)]), "too far");
    }
}
