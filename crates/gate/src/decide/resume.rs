//! An ask was answered: what follows. The only room from which every other is entered.

use base::Moment;

use super::authorize;
use crate::{
    http::answer,
    keys::seal::ObjectName,
    login::finish,
    request::{
        context::RequestContext,
        reply::{AuditEvent, Reply},
        step::{AskSign, AskTicket, ReadForm, ReadThen, Step, TicketThen},
    },
    routes::{callback, slo},
    state::ticket::{Gone, TicketVerdict},
    why::Why,
};

impl<'a> ReadForm<'a> {
    /// Takes the body; `None` when it could not be read.
    pub fn answer(self, body: Option<Vec<u8>>, moment: &mut Moment) -> Step<'a> {
        let body = body.filter(|body| body.len() <= cas::MAX_LOGOUT_BYTES);
        match self.then {
            ReadThen::SecretLogout => slo::secret(self.context, body.as_deref(), moment),
            ReadThen::Callback(at) => callback::posted(self.context, at, body, moment),
        }
    }
}

impl<'a> AskTicket<'a> {
    /// Takes what it said; a fault is [`TicketVerdict::Unavailable`].
    pub fn answer(self, verdict: TicketVerdict, moment: &mut Moment) -> Step<'a> {
        ticket(self.context, self.object, self.then, verdict, moment)
    }
}

impl<'a> AskSign<'a> {
    /// Takes the 64 bytes of the signature, or `None`.
    pub fn answer(self, signature: Option<Vec<u8>>, moment: &mut Moment) -> Step<'a> {
        authorize::signed(self.context, self.input, self.then, signature, moment)
    }
}

/// A ticket's object has answered.
fn ticket<'a>(
    context: RequestContext<'a>,
    object: ObjectName,
    then: TicketThen,
    verdict: TicketVerdict,
    moment: &mut Moment,
) -> Step<'a> {
    match then {
        TicketThen::Authorize(session, resource) => {
            authorize::revalidated(context, *session, resource, verdict, moment)
        }
        TicketThen::FinishLogin(flight) => finish::ticket_validated(context, *flight, verdict, moment),
        // The reply stands: this browser has lost the cookie. But a session whose object was not told lives on, so
        // the log does not say that it ended; the CAS server's own single logout or its age ends it.
        TicketThen::Reply(planned) => {
            let (mut answer, why) = *planned;
            if let (TicketVerdict::Unavailable, Reply::Answer(_, events)) = (&verdict, &mut answer) {
                events.retain(|event| !matches!(event, AuditEvent::Ended { .. }));
            }
            Step::Done(answer, why)
        }
        TicketThen::ConfirmLogout(flight) => match verdict {
            TicketVerdict::Unavailable => context.refuse(Why::StoreUnavailable, moment),
            TicketVerdict::Live(_) | TicketVerdict::Gone(_) => {
                if let (TicketVerdict::Gone(Gone::Unknown), Some(flight)) = (&verdict, &flight) {
                    context.gate.cache.borrow_mut().count_unknown_logout(flight);
                }
                context.gate.cache.borrow_mut().end(&object);
                Step::Done(Reply::Answer(answer::empty(200), Vec::new()), Why::SingleLogout)
            }
        },
    }
}
