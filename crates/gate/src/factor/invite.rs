//! Invitations of an operator, sealed on the operator's own machine. The person's record spends them.

use base::{Moment, UnixMs};

use super::call::Invitation;
use crate::keys::seal::{Keyring, ObjectName, Purpose, Scope};

/// Life of an invitation, in seconds.
pub const INVITATION_SECS: u64 = 24 * 3600;

impl Invitation {
    /// A new one, for this person.
    pub fn new(person: ObjectName, moment: &mut Moment) -> Self {
        let id = super::record::random(moment);
        Self { id, person, until_secs: moment.now().plus_secs(INVITATION_SECS).secs() }
    }

    /// Seals it. The person's object is part of it, so the site need not be.
    pub fn seal(&self, keys: &Keyring, tenant: &str, moment: &mut Moment) -> Option<String> {
        keys.seal(Purpose::Invitation, Scope { tenant, host: "" }, self, moment)
    }

    /// Opens one that was typed or pasted; `None` for one of another tenant, and after its end.
    pub fn open(keys: &Keyring, tenant: &str, text: &str, now: UnixMs) -> Option<Self> {
        let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        let invitation: Self = keys.open(Purpose::Invitation, Scope { tenant, host: "" }, &text)?;
        (now.secs() < invitation.until_secs).then_some(invitation)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::seal::IdKey;

    #[test]
    fn f28_an_invitation_opens_for_its_tenant_and_for_a_day() {
        let keys = Keyring::parse(&"A".repeat(43)).unwrap();
        let person = IdKey::parse(&"E".repeat(43)).unwrap().person("uni", "main", "ann");
        let mut moment = Moment::new(UnixMs::from_secs(1_000), [7; 32]);
        let invitation = Invitation::new(person, &mut moment);
        let text = invitation.seal(&keys, "uni", &mut moment).unwrap();
        let open = |tenant, text: &str, secs| Invitation::open(&keys, tenant, text, UnixMs::from_secs(secs));
        let pasted = format!(" {}\n{} ", &text[..40], &text[40..]);
        assert_eq!(open("uni", &pasted, 1_000 + 86_399), Some(invitation));
        assert_eq!(open("uni", &text, 1_000 + 86_400), None);
        assert_eq!(open("other", &text, 1_000), None);
        assert_eq!(open("uni", &text[1..], 1_000), None);
        let other = Keyring::parse(&"I".repeat(43)).unwrap();
        assert_eq!(Invitation::open(&other, "uni", &text, UnixMs::from_secs(1_000)), None);
    }
}
