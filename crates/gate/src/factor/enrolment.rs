//! An enrolment: one factor of a person.

use base::{Secret, UnixMs};
use base64ct::{Base64UrlUnpadded, Encoding as _};
use hmac::{Hmac, KeyInit as _, Mac as _};
use json::{FromJson, ToJson};
use sha2::Sha256;

use super::{sealed::Sealed, token::HotpCredential, totp::TotpCredential};
use crate::policy::demand::Kind;

/// Life of an enrolment that is not confirmed, in seconds.
pub const PENDING_SECS: u64 = 30 * 60;
/// How long a change waits that a weaker factor paid for, in seconds.
pub const WAIT_SECS: u64 = 72 * 3600;

/// The state of an enrolment.
#[derive(Clone, Debug, PartialEq, Eq, ToJson, FromJson)]
pub enum State {
    /// Begun, and not usable until it is confirmed in the same session.
    Pending(Pending),
    /// In use.
    Active,
    /// Confirmed, and not usable before this time, because a weaker factor paid for it.
    Held {
        /// In seconds.
        from_secs: u64,
        /// The enrolment that paid for it; when that one is lost or removed, this one is dropped.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        by: String,
    },
    /// Imported without its counter, and not usable before a resynchronisation.
    Unsynchronised,
    /// Lost, or its counter went back. Another factor can resume it.
    Suspended {
        /// In seconds.
        since_secs: u64,
    },
}

/// The data of a pending enrolment.
#[derive(Clone, Debug, PartialEq, Eq, ToJson, FromJson)]
#[serde(deny_unknown_fields)]
pub struct Pending {
    /// The session in which it was begun.
    pub sid: String,
    /// When, in seconds.
    pub since_secs: u64,
    /// What allowed it to begin; judged again when it is confirmed.
    pub bound_by: BoundBy,
    /// The challenge of a passkey, spent by the first answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub challenge: Option<String>,
}

/// What allowed an enrolment.
#[derive(Clone, Debug, PartialEq, Eq, ToJson, FromJson)]
pub enum BoundBy {
    /// The person had no factor, and the policy lets those enrol.
    First,
    /// A factor of this kind paid for it.
    Paid {
        /// Its kind.
        kind: Kind,
        /// When, in seconds.
        at_secs: u64,
        /// The enrolment that was given.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        by: String,
    },
    /// An invitation of an operator.
    Invited {
        /// Its id.
        id: String,
        /// Its end, in seconds.
        until_secs: u64,
    },
    /// An operator's import.
    Imported,
}

/// The credential of a factor. Each kind has its own type, so that a code of one kind is never accepted for another.
#[derive(Clone, Debug, PartialEq, Eq, ToJson, FromJson)]
pub enum Credential {
    /// Codes by the clock.
    Totp(TotpCredential),
    /// Codes by a counter.
    Hotp(HotpCredential),
    /// A passkey.
    Passkey(PasskeyCredential),
}

/// A registered passkey. Binary values are base64url.
#[derive(Clone, Debug, Default, PartialEq, Eq, ToJson, FromJson)]
#[serde(deny_unknown_fields)]
pub struct PasskeyCredential {
    /// The credential's id; empty while it is pending.
    pub id: String,
    /// The key in COSE.
    pub public_key: String,
    /// The relying party's id at the registration.
    pub rp_id: String,
    /// The counter.
    pub sign_count: u32,
    /// When it last changed, in seconds.
    pub counted_secs: u64,
    /// Whether it can be copied to other devices.
    pub backup_eligible: bool,
    /// Whether it has been.
    pub backup_state: bool,
    /// The model of the authenticator, for a name only.
    pub aaguid: String,
}

/// One factor.
#[derive(Clone, Debug, PartialEq, Eq, ToJson, FromJson)]
#[serde(deny_unknown_fields)]
pub struct Enrolment {
    /// Its id, random.
    pub id: String,
    /// What the person calls it.
    pub label: String,
    /// Its kind.
    pub kind: Kind,
    /// Its state.
    pub state: State,
    /// Its credential.
    pub credential: Credential,
    /// When it was confirmed, in seconds.
    pub created_secs: u64,
    /// When it was used last, in seconds.
    pub used_secs: u64,
    /// The kind that paid for it, if one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bound_by: Option<Kind>,
}

impl Enrolment {
    /// Whether it may be used.
    pub const fn is_usable(&self, now: UnixMs) -> bool {
        match self.state {
            State::Active => true,
            State::Held { from_secs, .. } => from_secs <= now.secs(),
            State::Pending(_) | State::Unsynchronised | State::Suspended { .. } => false,
        }
    }

    /// Whether the person has a factor because of it, usable or not. A suspended, delayed or unreadable factor also prevents
    /// an enrolment with only the password.
    pub const fn counts(&self) -> bool {
        !matches!(self.state, State::Pending(_))
    }

    /// Whether it is confirmed and not yet in use.
    pub const fn is_held(&self) -> bool {
        matches!(self.state, State::Held { .. })
    }

    /// The strength that a payment for changes must have because of it. A suspended factor counts for 72 more hours.
    pub fn strength(&self, now: UnixMs) -> Option<u8> {
        let recent =
            matches!(self.state, State::Suspended { since_secs } if now.secs() < since_secs.saturating_add(WAIT_SECS));
        (self.is_usable(now) || recent).then(|| self.kind.strength())
    }

    /// The data of a pending enrolment of this session that has not expired.
    pub fn pending(&self, sid: &str, now: UnixMs) -> Option<&Pending> {
        match &self.state {
            State::Pending(pending) if pending.sid == sid && !pending.is_over(now) => Some(pending),
            _ => None,
        }
    }

    /// The shared secret, if it has one.
    pub const fn secret(&self) -> Option<&Sealed> {
        match &self.credential {
            Credential::Totp(totp) => Some(&totp.secret),
            Credential::Hotp(hotp) => Some(&hotp.secret),
            Credential::Passkey(_) => None,
        }
    }
}

impl Pending {
    /// Whether its time is over.
    pub const fn is_over(&self, now: UnixMs) -> bool {
        now.secs() >= self.since_secs.saturating_add(PENDING_SECS)
    }
}

/// The fingerprint by which the secret of a removed enrolment is recognised, so that an import does not restore it. `handle`
/// is the person's.
pub fn fingerprint(handle: &str, secret: &Secret) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(handle.as_bytes()) else { return String::new() };
    // EXPOSE: into the hash.
    mac.update(secret.expose());
    Base64UrlUnpadded::encode_string(mac.finalize().into_bytes().get(..12).unwrap_or_default())
}
