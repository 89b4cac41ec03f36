//! The life of one ticket: claimed, validated, live, ended. One object owns it and handles its calls one after the other, so
//! parallel requests cannot redeem it twice.

use base::UnixMs;
use cas::{AnswerError, Call, Expect, Protocol, answer};
use serde::{Deserialize, Serialize};

use crate::{
    keys::seal::ObjectName,
    state::session::{Lifetimes, Session},
};

/// Life of a tombstone in seconds. It outlives every ticket: CAS 3.0 section 3.1.1 recommends five minutes at most.
const TOMBSTONE_SECS: u64 = 24 * 3600;
/// Life of the record of a refused ticket in seconds. It only serves parallel replays, so that forged tickets do not fill the
/// store.
const REFUSED_SECS: u64 = 600;

/// A call to a ticket's object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TicketCall {
    /// Claim the ticket, validate it, and become the session.
    Redeem(Box<Redeem>),
    /// Revalidate the session. This counts as use.
    Touch,
    /// End the session. A proven sender leaves a tombstone even before the ticket is redeemed.
    End {
        /// Whether the sender proved more than knowledge of the ticket.
        proven: bool,
    },
}

/// Input of the object for a login. The call's address holds the ticket, so `Debug` is not derived.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Redeem {
    /// The validation to send.
    pub call: Call,
    /// Whether the login must have asked for the password.
    pub renew: bool,
    /// The protocol of the answer.
    pub protocol: Protocol,
    /// Base address of the CAS server, the key of its circuit.
    pub server: String,
    /// Name of the object itself.
    pub object: ObjectName,
    /// Public id of the session.
    pub sid: String,
    /// Names of the attributes that the session keeps.
    #[serde(rename = "keep")]
    pub attribute_allow_list: Vec<String>,
    /// Lifetimes of the session.
    pub lifetimes: Lifetimes,
}

impl core::fmt::Debug for Redeem {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Redeem").field("object", &self.object).field("renew", &self.renew).finish_non_exhaustive()
    }
}

/// The result of a call to a ticket's object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TicketVerdict {
    /// The session is live.
    Live(Session),
    /// There is no session.
    Gone(Gone),
    /// The object could not be reached.
    Unavailable,
}

/// Why there is no session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Gone {
    /// The object has no record.
    Unknown,
    /// The ticket was used before.
    Used,
    /// The session was ended.
    Ended,
    /// Its lifetime is over.
    Expired,
    /// The session was ended during the validation.
    #[serde(rename = "Poisoned")]
    EndedDuringValidation,
    /// The CAS server refused the ticket; the code of `cas::AnswerError`.
    Refused(String),
    /// The CAS server's answer cannot be used; the code of `cas::AnswerError`.
    BadAnswer(String),
    /// The CAS server could not be asked.
    Fault(Fault),
}

/// A failure to reach the CAS server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Fault {
    /// The connection failed or broke.
    Unreachable,
    /// No answer in time, after the ticket was sent.
    Timeout,
    /// Not asked: the circuit is open.
    #[serde(rename = "Resting")]
    CircuitOpen,
}

/// The record of a ticket's object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TicketRecord {
    /// The ticket is being validated.
    Claimed {
        /// Begin of this state, in seconds since the epoch.
        secs: u64,
    },
    /// The session is live.
    Live {
        /// The session with all its attributes.
        session: Session,
        /// Its lifetimes.
        lifetimes: Lifetimes,
    },
    /// A tombstone: the ticket is used up or its session ended.
    Ended {
        /// Begin of this state, in seconds since the epoch.
        secs: u64,
    },
    /// The CAS server did not accept this ticket.
    Refused {
        /// Begin of this state, in seconds since the epoch.
        secs: u64,
    },
}

impl TicketRecord {
    /// The time from which the record may be deleted.
    pub fn forget_at(&self) -> UnixMs {
        match self {
            Self::Claimed { secs } | Self::Ended { secs } => UnixMs::from_secs(*secs).plus_secs(TOMBSTONE_SECS),
            Self::Refused { secs } => UnixMs::from_secs(*secs).plus_secs(REFUSED_SECS),
            Self::Live { session, lifetimes } => session.born().plus_secs(lifetimes.absolute_secs + TOMBSTONE_SECS),
        }
    }

    /// Handles one call. The changed record must be saved before anything else is done.
    pub fn apply(record: &mut Option<Self>, call: TicketCall, now: UnixMs) -> TicketStep {
        let secs = now.secs();
        let gone = |why| TicketStep::Done(TicketVerdict::Gone(why));
        match (call, record.take()) {
            (TicketCall::Redeem(redeem), None) => {
                *record = Some(Self::Claimed { secs });
                TicketStep::Validate(Validate { redeem })
            }
            (TicketCall::Redeem(_), known) => {
                *record = known;
                gone(Gone::Used)
            }
            (TicketCall::Touch, Some(Self::Live { session, lifetimes })) => {
                if session.is_alive(lifetimes, now) {
                    let session = session.revalidated(now);
                    *record = Some(Self::Live { session: session.clone(), lifetimes });
                    TicketStep::Done(TicketVerdict::Live(session))
                } else {
                    *record = Some(Self::Ended { secs });
                    gone(Gone::Expired)
                }
            }
            (TicketCall::Touch, Some(ended @ (Self::Ended { .. } | Self::Refused { .. }))) => {
                *record = Some(ended);
                gone(Gone::Ended)
            }
            (TicketCall::Touch, known) => {
                *record = known;
                gone(Gone::Unknown)
            }
            // An unproven logout creates no record: forged tickets must not fill the store.
            (TicketCall::End { proven: false }, None) => gone(Gone::Unknown),
            (TicketCall::End { .. }, Some(ended @ (Self::Ended { .. } | Self::Refused { .. }))) => {
                *record = Some(ended);
                gone(Gone::Ended)
            }
            (TicketCall::End { .. }, _) => {
                *record = Some(Self::Ended { secs });
                gone(Gone::Ended)
            }
        }
    }
}

/// The next step of an object.
#[must_use]
#[derive(Debug)]
pub enum TicketStep {
    /// The verdict to return.
    Done(TicketVerdict),
    /// The ticket must be validated.
    Validate(Validate),
}

/// A pending validation.
#[must_use]
#[derive(Debug)]
pub struct Validate {
    redeem: Box<Redeem>,
}

/// The response of the CAS server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Body {
    /// The HTTP status.
    pub status: u16,
    /// The body, cut one byte after `cas::answer::MAX_ANSWER_BYTES`.
    pub bytes: Vec<u8>,
}

impl Validate {
    /// The request to send. Redirects must not be followed.
    pub fn call(&self) -> &Call {
        &self.redeem.call
    }

    /// Base address of the CAS server, the key of its circuit.
    pub fn server(&self) -> &str {
        &self.redeem.server
    }

    /// Takes the response. `record` must be loaded again after the request: a logout may have changed it meanwhile.
    pub fn answer(self, answer: Result<Body, Fault>, record: &mut Option<TicketRecord>, now: UnixMs) -> TicketStep {
        let redeem = *self.redeem;
        if !matches!(record, Some(TicketRecord::Claimed { .. })) {
            return TicketStep::Done(TicketVerdict::Gone(Gone::EndedDuringValidation));
        }
        let verdict = match answer {
            Err(fault) => Err(Gone::Fault(fault)),
            Ok(body) => {
                let mut expect = Expect::new(redeem.protocol);
                expect.renew = redeem.renew;
                answer::read(body.status, &body.bytes, &expect).map_err(|error| match error {
                    AnswerError::InternalError | AnswerError::BadStatus => Gone::Fault(Fault::Unreachable),
                    error if error.is_refusal() => Gone::Refused(error.code().to_owned()),
                    error => Gone::BadAnswer(error.code().to_owned()),
                })
            }
        };
        TicketStep::Done(match verdict {
            Ok(assertion) => {
                let kept = |(name, values): (&str, &[String])| (name.to_owned(), values.to_vec());
                let attributes = assertion
                    .attributes
                    .iter()
                    .filter(|(name, _)| redeem.attribute_allow_list.iter().any(|known| known == name))
                    .map(kept);
                let session =
                    Session::new(redeem.object, redeem.sid, assertion.user, attributes.collect(), redeem.renew, now);
                *record = Some(TicketRecord::Live { session: session.clone(), lifetimes: redeem.lifetimes });
                TicketVerdict::Live(session)
            }
            Err(gone) => {
                let secs = now.secs();
                let refused = matches!(gone, Gone::Refused(_));
                *record = Some(if refused { TicketRecord::Refused { secs } } else { TicketRecord::Ended { secs } });
                TicketVerdict::Gone(gone)
            }
        })
    }
}

#[cfg(test)]
mod tests;
