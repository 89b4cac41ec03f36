//! The whole life of one ticket: claimed, validated, live, ended. One object owns it, so whatever happens in parallel
//! happens there one after the other.

use base::UnixMs;
use cas::{AnswerError, Call, Expect, Protocol, answer};
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};

use crate::{
    keys::seal::ObjectName,
    state::session::{Lifetimes, Session},
};

/// A tombstone outlives every ticket: five minutes is what CAS 3.0 section 3.1.1 recommends at most.
const TOMBSTONE_SECS: u64 = 24 * 3600;
/// A ticket that the CAS server refused cannot become good. It is remembered for parallel replays only, so that a stranger
/// who makes up tickets fills no store.
const REFUSED_SECS: u64 = 600;

/// What is asked of a ticket's object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TicketCall {
    /// Claim the ticket, validate it, and become the session.
    Redeem(Box<Redeem>),
    /// Is the session live? This counts as use.
    Touch,
    /// End the session. A sender that proved itself leaves a tombstone even where there is nothing yet.
    End {
        /// Whether the sender proved more than knowing the ticket.
        proven: bool,
    },
}

/// All that the object needs for a login.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Redeem {
    /// The validation; its address holds the ticket, so this has no derived `Debug`.
    #[serde(flatten)]
    pub call: Call,
    /// Whether the password must have been asked for.
    pub renew: bool,
    /// The protocol whose answer is expected. Read by number too, as the release before this one wrote it.
    #[serde(deserialize_with = "protocol")]
    pub protocol: Protocol,
    /// The CAS server, as failures of it are counted.
    pub server: String,
    /// The object's own name.
    pub object: ObjectName,
    /// The session's public id.
    pub sid: String,
    /// The attributes to keep.
    #[serde(rename = "keep")]
    pub attribute_allow_list: Vec<String>,
    /// How long it lives.
    pub lifetimes: Lifetimes,
}

fn protocol<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Protocol, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written {
        Name(Protocol),
        Number(u8),
    }
    match Written::deserialize(deserializer)? {
        Written::Name(protocol) => Ok(protocol),
        Written::Number(1) => Ok(Protocol::Cas1),
        Written::Number(2) => Ok(Protocol::Cas2),
        Written::Number(3) => Ok(Protocol::Cas3),
        Written::Number(_) => Err(D::Error::custom("no such CAS protocol")),
    }
}

impl core::fmt::Debug for Redeem {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Redeem").field("object", &self.object).field("renew", &self.renew).finish_non_exhaustive()
    }
}

/// What comes back, whatever was asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TicketVerdict {
    /// The session is live.
    Live(Session),
    /// There is none.
    Gone(Gone),
    /// The object could not be reached.
    Unavailable,
}

/// Why there is no session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Gone {
    /// There never was one.
    Unknown,
    /// The ticket was used before.
    Used,
    /// The session was ended.
    Ended,
    /// Its lifetime is over.
    Expired,
    /// It was ended while the ticket was being validated.
    #[serde(rename = "Poisoned")]
    EndedDuringValidation,
    /// The CAS server says no; the code of `cas::AnswerError`.
    Refused(String),
    /// The CAS server's answer cannot be used; the code of `cas::AnswerError`.
    BadAnswer(String),
    /// The CAS server could not be asked.
    Fault(Fault),
}

/// What can go wrong on the way to the CAS server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Fault {
    /// No connection, or one that broke.
    Unreachable,
    /// No answer in time, after the ticket was sent.
    Timeout,
    /// Not asked at all, because it failed several times just now.
    #[serde(rename = "Resting")]
    CircuitOpen,
}

/// What the object remembers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TicketRecord {
    /// The ticket is being validated.
    Claimed {
        /// Since when.
        secs: u64,
    },
    /// The session is live.
    Live {
        /// All of it.
        session: Session,
        /// How long it lives.
        lifetimes: Lifetimes,
    },
    /// Nothing more comes of this ticket.
    Ended {
        /// Since when.
        secs: u64,
    },
    /// The CAS server did not accept this ticket.
    Refused {
        /// Since when.
        secs: u64,
    },
}

impl TicketRecord {
    /// When nothing is lost if all of this is forgotten.
    pub fn forget_at(&self) -> UnixMs {
        match self {
            Self::Claimed { secs } | Self::Ended { secs } => UnixMs::from_secs(*secs).plus_secs(TOMBSTONE_SECS),
            Self::Refused { secs } => UnixMs::from_secs(*secs).plus_secs(REFUSED_SECS),
            Self::Live { session, lifetimes } => session.born().plus_secs(lifetimes.absolute_secs + TOMBSTONE_SECS),
        }
    }

    /// Takes one call. The record may change; it must be kept before anything else is done.
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
            // A stranger's logout creates nothing; the CAS server's own leaves a tombstone for a ticket yet to come.
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

/// What an object does next.
#[must_use]
#[derive(Debug)]
pub enum TicketStep {
    /// This is the answer.
    Done(TicketVerdict),
    /// The CAS server must be asked.
    Validate(Validate),
}

/// A validation that waits for the CAS server's answer.
#[must_use]
#[derive(Debug)]
pub struct Validate {
    redeem: Box<Redeem>,
}

/// What the CAS server said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Body {
    /// The HTTP status.
    pub status: u16,
    /// At most one byte more than `cas::answer::MAX_ANSWER_BYTES`.
    pub bytes: Vec<u8>,
}

impl Validate {
    /// What to send, without following redirects.
    pub fn call(&self) -> &Call {
        &self.redeem.call
    }

    /// The CAS server, as failures of it are counted.
    pub fn server(&self) -> &str {
        &self.redeem.server
    }

    /// Takes the answer. `record` is what is kept now, which may have changed while the CAS server was asked.
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
