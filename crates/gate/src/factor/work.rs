//! The state of one call.

use base::{Moment, UnixMs};

use super::{
    call::{PersonEnv, Purpose, Visit},
    enrolment::PasskeyCredential,
    record::PersonRecord,
    verdict::{PersonVerdict, Refusal},
    webauthn::Verify,
};
use crate::policy::demand::Given;

/// How long a factor that was given is good for cancelling a change, in seconds.
const RECENT_SECS: u64 = 300;

/// A record, and the environment of the call.
pub(super) struct Work<'a> {
    pub(super) record: PersonRecord,
    pub(super) env: PersonEnv<'a>,
    pub(super) moment: &'a mut Moment,
}

/// The result of a call: a verdict, or an ask.
#[allow(clippy::large_enum_variant, reason = "one lives at a time")]
pub(super) enum Outcome {
    Verdict(PersonVerdict),
    Ask(Verify, Then),
}

/// The continuation of an ask.
pub(super) enum Then {
    /// A passkey was used.
    Check(Visit, Purpose, Asserted),
    /// A passkey was made, for this enrolment.
    Confirm(Visit, String, Box<PasskeyCredential>),
}

/// An assertion whose signature is being verified.
pub(super) struct Asserted {
    pub(super) enrolment: String,
    pub(super) sign_count: u32,
    pub(super) backup_state: bool,
    pub(super) verified: bool,
}

impl From<PersonVerdict> for Outcome {
    fn from(verdict: PersonVerdict) -> Self {
        Self::Verdict(verdict)
    }
}

impl From<Refusal> for PersonVerdict {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl Work<'_> {
    pub(super) const fn now(&self) -> UnixMs {
        self.moment.now()
    }

    /// The factor that was given in this session, not by a remembered device.
    pub(super) fn given(&mut self, visit: &Visit) -> Result<Given, PersonVerdict> {
        let given = self.record.session(&visit.sid).and_then(|session| session.given.clone());
        given.filter(|given| !given.remembered).ok_or_else(|| Refusal::NeedsFactor.into())
    }

    /// The same, not older than five minutes.
    pub(super) fn given_recently(&mut self, visit: &Visit) -> Result<Given, PersonVerdict> {
        let now = self.now().secs();
        let given = self.given(visit)?;
        let recent = given.at_secs.is_some_and(|at| now < at.saturating_add(RECENT_SECS));
        if recent { Ok(given) } else { Err(Refusal::NeedsFactor.into()) }
    }
}
