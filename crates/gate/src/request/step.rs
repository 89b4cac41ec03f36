//! The vocabulary between the core, which decides, and an adapter, which does.

use base::UnixMs;

use crate::{
    forward::request::Forward,
    keys::seal::ObjectName,
    request::{
        context::{RequestContext, Resource},
        reply::{AuditEvent, Reply},
    },
    state::{
        flight::{Flight, FlightId},
        session::Session,
        ticket::TicketCall,
    },
    why::Why,
};

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

impl<'a> Step<'a> {
    /// The same, with one more event for the log: in the reply, or in the ask until there is a reply.
    pub(crate) fn noting(mut self, event: AuditEvent) -> Self {
        match &mut self {
            Self::Done(Reply::Forward(_, events) | Reply::Answer(_, events), _) => events.push(event),
            Self::Read(ReadForm { context, .. }) => context.events.push(event),
            Self::Ticket(AskTicket { context, .. }) => context.events.push(event),
            Self::Sign(AskSign { context, .. }) => context.events.push(event),
        }
        self
    }

    /// Answers an ask by `then`, and hands the events that were noted before on to what follows.
    pub(crate) fn after(mut context: RequestContext<'a>, then: impl FnOnce(RequestContext<'a>) -> Self) -> Self {
        let events = core::mem::take(&mut context.events);
        events.into_iter().fold(then(context), Self::noting)
    }
}

/// The body of a request is needed.
#[must_use]
pub struct ReadForm<'a> {
    pub(crate) context: RequestContext<'a>,
    pub(crate) then: ReadThen,
}

impl<'a> ReadForm<'a> {
    /// At most so many bytes; of a longer body, one more is enough.
    pub const fn limit(&self) -> usize {
        cas::MAX_LOGOUT_BYTES
    }
}

/// A ticket's object must be asked.
#[must_use]
pub struct AskTicket<'a> {
    pub(crate) context: RequestContext<'a>,
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
}

/// An assertion must be signed (ES256).
#[must_use]
pub struct AskSign<'a> {
    pub(crate) context: RequestContext<'a>,
    pub(crate) input: String,
    pub(crate) then: SignThen,
}

impl<'a> AskSign<'a> {
    /// What to sign: header and claims of a JWT (RFC 7515 section 5.1).
    pub fn input(&self) -> &str {
        &self.input
    }
}

/// A flight's path, as called.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Callback {
    pub(crate) id: FlightId,
    pub(crate) is_retry: bool,
}

/// What follows when the body has been read.
pub(crate) enum ReadThen {
    /// The CAS call-back.
    Callback(Callback),
    /// The secret path of single logout.
    SecretLogout,
}

/// What follows when a ticket's object has answered.
pub(crate) enum TicketThen {
    /// The request meets its rule.
    Authorize(Box<Session>, Resource),
    /// A login ends.
    FinishLogin(Box<Flight>),
    /// The session before is ended; then the login ends as planned.
    Reply(Box<(Reply, Why)>),
    /// A single logout is confirmed. It came on this flight, or on the secret path.
    ConfirmLogout(Option<String>),
}

/// What follows when the assertion is signed.
pub(crate) struct SignThen {
    pub(crate) forward: Forward,
    pub(crate) why: Why,
    pub(crate) sid: String,
    pub(crate) until: UnixMs,
}
