//! The steps of a decision: an ask for the adapter, or the reply.

use base::UnixMs;

use crate::{
    factor::{AnchorCall, directory::DirectoryCall, wire::PersonPost},
    forward::request::Forward,
    keys::seal::ObjectName,
    request::{
        context::{RequestContext, Resource},
        factor::{FactorFlow, FactorPost},
        reply::{AuditEvent, Reply},
    },
    state::{
        flight::{Flight, FlightId},
        kept_form::{KeptForm, MAX_FORM_BYTES, MAX_KEPT_FORM_BYTES},
        session::Session,
        ticket::{Fault, TicketCall},
    },
    why::Why,
};

/// Longest form of the second factor, in bytes: a passkey's answer with its attestation.
pub(crate) const MAX_FACTOR_FORM_BYTES: usize = 100_000;
const OPENER_POLICY: &str = "cross-origin-opener-policy";
/// Longest form of a machine client, in bytes.
pub(crate) const MAX_TOKEN_FORM_BYTES: usize = 1024;

/// Done, or an ask that owns its answer.
#[must_use]
#[allow(clippy::large_enum_variant, reason = "one step lives at a time; on wasm32 they are small enough")]
pub enum Step<'a> {
    /// The reply and its reason.
    Done(Reply, Why),
    /// The body is needed.
    Read(ReadForm<'a>),
    /// A ticket's object is needed.
    Ticket(AskTicket<'a>),
    /// A signature is needed.
    Sign(AskSign<'a>),
    /// A ticket must be validated without an object.
    Validate(AskValidate<'a>),
    /// A person's object is needed.
    Person(AskPerson<'a>),
    /// An object of the directory is needed.
    Directory(AskDirectory<'a>),
    /// The anchor is needed.
    Anchor(AskAnchor<'a>),
}

impl<'a> Step<'a> {
    /// Adds an event for the log: to the reply, or to the ask until there is a reply.
    pub(crate) fn noting(mut self, event: AuditEvent) -> Self {
        match &mut self {
            Self::Done(Reply::Forward(_, events) | Reply::Answer(_, events), _) => events.push(event),
            Self::Read(ReadForm { context, .. }) => context.events.push(event),
            Self::Ticket(AskTicket { context, .. }) => context.events.push(event),
            Self::Sign(AskSign { context, .. }) => context.events.push(event),
            Self::Validate(AskValidate { context, .. }) => context.events.push(event),
            Self::Person(AskPerson { context, .. }) => context.events.push(event),
            Self::Directory(AskDirectory { context, .. }) => context.events.push(event),
            Self::Anchor(AskAnchor { context, .. }) => context.events.push(event),
        }
        self
    }

    /// Continues an answered ask by `then`, and carries its events over to the next step.
    pub(crate) fn after(mut context: RequestContext<'a>, then: impl FnOnce(RequestContext<'a>) -> Self) -> Self {
        let events = core::mem::take(&mut context.events);
        let is_portal = context.is_portal();
        events.into_iter().fold(then(context), Self::noting).isolated(is_portal)
    }

    /// No window of another site keeps a reference to a page of the portal: it would see the addresses of redirects, and so a
    /// site's answer.
    pub(crate) fn isolated(mut self, is_portal: bool) -> Self {
        if let (true, Self::Done(Reply::Answer(answer, _), _)) = (is_portal, &mut self) {
            answer.headers.retain(|(name, _)| name != OPENER_POLICY);
            answer.headers.push((OPENER_POLICY.into(), "same-origin".into()));
        }
        self
    }
}

/// The body of a request is needed.
#[must_use]
pub struct ReadForm<'a> {
    pub(crate) context: RequestContext<'a>,
    pub(crate) then: ReadThen,
}

impl<'a> ReadForm<'a> {
    /// How long the whole body may take, in seconds.
    pub const SECS: u32 = 10;

    /// At most so many bytes; of a longer body, one more is enough.
    pub const fn limit(&self) -> usize {
        match self.then {
            ReadThen::Factor(_) => MAX_FACTOR_FORM_BYTES,
            ReadThen::Callback(_) | ReadThen::SecretLogout => cas::MAX_LOGOUT_BYTES,
            ReadThen::KeepForm(..) => MAX_FORM_BYTES,
            ReadThen::KeptForm => MAX_KEPT_FORM_BYTES,
            ReadThen::Token => MAX_TOKEN_FORM_BYTES,
        }
    }
}

/// Why there is no body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyFault {
    /// It broke off.
    Broken,
    /// It did not come within [`ReadForm::SECS`].
    Late,
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
    /// Name of the object.
    pub const fn object(&self) -> &ObjectName {
        &self.object
    }

    /// The call to make.
    pub const fn call(&self) -> &TicketCall {
        &self.call
    }
}

/// A ticket must be validated: one HTTP request, and at most [`AskValidate::AT_ONCE`] of them at a time in an instance.
#[must_use]
pub struct AskValidate<'a> {
    pub(crate) context: RequestContext<'a>,
    pub(crate) call: cas::Call,
    pub(crate) others: Vec<cas::Call>,
    pub(crate) ticket: ObjectName,
    pub(crate) app: String,
}

impl AskValidate<'_> {
    /// Limit in one instance, because strangers can make up tickets.
    pub const AT_ONCE: usize = 16;

    /// The request to the CAS server, and the same at its other addresses.
    pub fn calls(&self) -> (&cas::Call, &[cas::Call]) {
        (&self.call, &self.others)
    }
}

/// The reason why a ticket was not validated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValidateFault {
    /// There are [`AskValidate::AT_ONCE`] already.
    Busy,
    /// The CAS server could not be asked.
    Cas(Fault),
}

/// An assertion must be signed (ES256).
#[must_use]
pub struct AskSign<'a> {
    pub(crate) context: RequestContext<'a>,
    pub(crate) input: String,
    pub(crate) kid: &'a str,
    pub(crate) then: SignThen,
}

impl<'a> AskSign<'a> {
    /// The private key that signs, as a JWK for WebCrypto.
    pub fn jwk(&self) -> &'a str {
        self.context.gate.signing.private(self.kid)
    }

    /// The signing input: header and claims of a JWT (RFC 7515 section 5.1).
    pub fn input(&self) -> &str {
        &self.input
    }
}

/// A person's object must be asked.
#[must_use]
pub struct AskPerson<'a> {
    pub(crate) context: RequestContext<'a>,
    pub(crate) post: PersonPost,
    pub(crate) then: PersonThen,
}

impl AskPerson<'_> {
    /// Name of the object.
    pub const fn object(&self) -> &ObjectName {
        &self.post.object
    }

    /// The call to make.
    pub const fn post(&self) -> &PersonPost {
        &self.post
    }
}

/// An object of the directory must be asked.
#[must_use]
pub struct AskDirectory<'a> {
    pub(crate) context: RequestContext<'a>,
    pub(crate) call: DirectoryCall,
    pub(crate) shard: &'static str,
    pub(crate) then: DirectoryThen,
}

impl AskDirectory<'_> {
    /// Name of the object.
    pub const fn shard(&self) -> &str {
        self.shard
    }

    /// The call to make.
    pub const fn call(&self) -> &DirectoryCall {
        &self.call
    }
}

/// The anchor must be asked: see [`crate::factor::anchor`].
#[must_use]
pub struct AskAnchor<'a> {
    pub(crate) context: RequestContext<'a>,
    pub(crate) call: AnchorCall,
    pub(crate) then: AnchorThen,
}

impl AskAnchor<'_> {
    /// The call to make.
    pub const fn call(&self) -> &AnchorCall {
        &self.call
    }
}

/// The path of a call-back.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Callback {
    pub(crate) id: FlightId,
    pub(crate) is_retry: bool,
}

/// The continuation of [`ReadForm`].
pub(crate) enum ReadThen {
    /// A posted call-back.
    Callback(Callback),
    /// The secret path of single logout.
    SecretLogout,
    /// A form of the second factor.
    Factor(FactorPost),
    /// A form that meets no session, or no factor (`FormKeptForFactor`), under the rule with this index and from this person.
    KeepForm(usize, Box<Session>, Why),
    /// A kept form, handed in after the sign-in.
    KeptForm,
    /// A ticket for a bearer.
    Token,
}

/// The continuation of [`AskTicket`].
pub(crate) enum TicketThen {
    /// The session was revalidated; authorize the request.
    Authorize(Box<Session>, Resource),
    /// The session was revalidated; then a kept form is asked about.
    KeptForm(Box<(Session, KeptForm)>),
    /// A login ends.
    FinishLogin(Box<Flight>, ObjectName),
    /// The ticket's own object knows where the login is; then the login ends.
    Remembered(Box<(Flight, Session)>),
    /// A session is ended; then these others, and the reply is as planned.
    Reply(Box<(Reply, Why)>, Vec<(ObjectName, String)>),
    /// The session that replaced this one has its link to the portal; then the person hears of it, and the reply is as planned.
    Inherited(Box<(Reply, Why)>, Box<Session>),
    /// A single logout is confirmed: the ticket that it named, and how often it was passed on.
    ConfirmLogout(ObjectName, u8),
    /// The session was revalidated; go on with the second factor.
    Factor(Box<FactorFlow>),
    /// The session was raised.
    Raised(Box<FactorFlow>),
}

/// The continuation of [`AskPerson`].
pub(crate) enum PersonThen {
    /// The session is registered; then the login ends.
    Login(Box<(Flight, Session)>),
    /// A page of the second factor.
    Factor(Box<FactorFlow>),
    /// A session has left the person's list, and the portal's session ends with one that it raised; then these others are ended, and the reply is as planned. A single logout
    /// (`true`) is refused while the object cannot be reached, so that the CAS server repeats it.
    SignedOut(Box<(Reply, Why)>, Vec<(ObjectName, String)>, bool),
}

/// The continuation of [`AskDirectory`].
pub(crate) enum DirectoryThen {
    /// The session is registered, and its person has no factor; then the login ends.
    Login(Box<(Flight, Session)>),
    /// A page of the second factor.
    Factor(Box<FactorFlow>),
}

/// The continuation of [`AskAnchor`].
pub(crate) enum AnchorThen {
    /// Authorize the request, by a session and its new cookie.
    Authorize(Box<(Session, Option<String>)>, (Resource, Why)),
    /// Register the session; then the login ends.
    Login(Box<(Flight, Session)>),
    /// A page of the second factor.
    Factor(Box<FactorFlow>),
}

/// The continuation of [`AskSign`].
pub(crate) struct SignThen {
    pub(crate) forward: Forward,
    pub(crate) why: Why,
    /// Cache key of the assertion: see [`Session::assertion_key`].
    pub(crate) session: String,
    pub(crate) app: String,
    pub(crate) until: UnixMs,
}
