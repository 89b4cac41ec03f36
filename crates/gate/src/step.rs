//! The vocabulary between the core, which decides, and an adapter, which does.

use std::net::IpAddr;

use base::Moment;

use crate::{
    decide::{ReadThen, SignThen, TicketThen, Visit},
    forward::Forward,
    seal::ObjectName,
    ticket::{TicketCall, TicketVerdict},
    why::Why,
};

/// What an adapter knows of a request.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// The head as text: see [`Head::parse`](crate::head::Head::parse).
    pub head: &'a str,
    /// The peer as the platform knows it, never from a header of a client.
    pub peer: Option<IpAddr>,
    /// The CAS servers that failed several times just now, by their base address.
    pub resting: &'a [String],
}

/// Done, or an ask that owns its answer.
#[must_use]
#[allow(clippy::large_enum_variant, reason = "one step lives at a time; on wasm32 they are small enough")]
pub enum Step<'a> {
    /// This is the reply.
    Done(Reply, Why),
    /// Read the body, as a form.
    Read(ReadForm<'a>),
    /// Call a ticket's object.
    Ticket(AskTicket<'a>),
    /// Sign an assertion.
    Sign(AskSign<'a>),
}

impl Step<'_> {
    /// The same, with one more thing worth noting, where it is done.
    pub(crate) fn noting(self, event: AuditEvent) -> Self {
        match self {
            Self::Done(Reply::Answer(answer, mut events), why) => {
                events.push(event);
                Self::Done(Reply::Answer(answer, events), why)
            }
            other => other,
        }
    }
}

/// What happens to the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// It goes on to the app.
    Forward(Box<Forward>, Vec<AuditEvent>),
    /// The gate answers itself.
    Answer(Answer, Vec<AuditEvent>),
}

/// An answer of the gate's own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Headers, each `set-cookie` apart.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
    /// What people read out to a help desk, and what the log's line is found by; empty where nothing was refused.
    pub request: String,
}

/// What is worth a line in the log beside the reply itself. Never a ticket, a cookie or a user's name.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case", tag = "event")]
pub enum AuditEvent {
    /// A session began.
    SignedIn {
        /// Its public id.
        session: String,
    },
    /// A session ended.
    Ended {
        /// Its public id, where it is known.
        session: String,
    },
    /// A sign-in came to nothing at the CAS server.
    SignInFailed {
        /// The code of `cas::AnswerError`.
        code: String,
    },
    /// An identity header was cut short.
    Truncated {
        /// Its name.
        header: String,
    },
}

/// The body of a request is needed.
#[must_use]
pub struct ReadForm<'a> {
    pub(crate) visit: Visit<'a>,
    pub(crate) then: ReadThen,
}

impl<'a> ReadForm<'a> {
    /// At most so many bytes; of a longer body, one more is enough.
    pub const fn limit(&self) -> usize {
        cas::MAX_LOGOUT_BYTES
    }

    /// Takes the body; `None` when it could not be read.
    pub fn answer(self, body: Option<Vec<u8>>, moment: &mut Moment) -> Step<'a> {
        self.visit.read(self.then, body, moment)
    }
}

/// A ticket's object must be asked.
#[must_use]
pub struct AskTicket<'a> {
    pub(crate) visit: Visit<'a>,
    pub(crate) object: ObjectName,
    pub(crate) call: TicketCall,
    pub(crate) then: TicketThen,
}

impl<'a> AskTicket<'a> {
    /// Which object.
    pub const fn object(&self) -> &ObjectName {
        &self.object
    }

    /// What to ask it.
    pub const fn call(&self) -> &TicketCall {
        &self.call
    }

    /// Takes what it said; a fault is [`TicketVerdict::Unavailable`].
    pub fn answer(self, verdict: TicketVerdict, moment: &mut Moment) -> Step<'a> {
        self.visit.ticket(self.object, self.then, verdict, moment)
    }
}

/// An assertion must be signed (ES256).
#[must_use]
pub struct AskSign<'a> {
    pub(crate) visit: Visit<'a>,
    pub(crate) input: String,
    pub(crate) then: SignThen,
}

impl<'a> AskSign<'a> {
    /// What to sign: header and claims of a JWT (RFC 7515 section 5.1).
    pub fn input(&self) -> &str {
        &self.input
    }

    /// Takes the 64 bytes of the signature, or `None`.
    pub fn answer(self, signature: Option<Vec<u8>>, moment: &mut Moment) -> Step<'a> {
        self.visit.signed(self.input, self.then, signature, moment)
    }
}
