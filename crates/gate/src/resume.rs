//! An ask was answered: what follows. The only room from which every other is entered.

use base::Moment;

use crate::{
    answer,
    reply::{AuditEvent, Reply},
    seal::ObjectName,
    step::{AskSign, AskTicket, ReadForm, Step, TicketThen},
    ticket::{Gone, TicketVerdict},
    visit::Visit,
    why::Why,
};

impl<'a> ReadForm<'a> {
    /// Takes the body; `None` when it could not be read.
    pub fn answer(self, body: Option<Vec<u8>>, moment: &mut Moment) -> Step<'a> {
        self.visit.read(self.then, body, moment)
    }
}

impl<'a> AskTicket<'a> {
    /// Takes what it said; a fault is [`TicketVerdict::Unavailable`].
    pub fn answer(self, verdict: TicketVerdict, moment: &mut Moment) -> Step<'a> {
        self.visit.ticket(self.object, self.then, verdict, moment)
    }
}

impl<'a> AskSign<'a> {
    /// Takes the 64 bytes of the signature, or `None`.
    pub fn answer(self, signature: Option<Vec<u8>>, moment: &mut Moment) -> Step<'a> {
        self.visit.signed(self.input, self.then, signature, moment)
    }
}

impl<'a> Visit<'a> {
    /// A ticket's object has answered.
    fn ticket(self, object: ObjectName, then: TicketThen, verdict: TicketVerdict, moment: &mut Moment) -> Step<'a> {
        match then {
            TicketThen::Enter(session, purpose) => self.checked(*session, purpose, verdict, moment),
            TicketThen::Land(flight) => self.landing(*flight, verdict, moment),
            // The reply stands: this browser has lost the cookie. But a session whose object was not told lives on, so
            // the log does not say that it ended; the CAS server's own single logout or its age ends it.
            TicketThen::Answer(planned) => {
                let (mut answer, why) = *planned;
                if let (TicketVerdict::Unavailable, Reply::Answer(_, events)) = (&verdict, &mut answer) {
                    events.retain(|event| !matches!(event, AuditEvent::Ended { .. }));
                }
                Step::Done(answer, why)
            }
            TicketThen::LoggedOut(flight) => match verdict {
                TicketVerdict::Unavailable => self.refuse(Why::StoreUnavailable, moment),
                TicketVerdict::Live(_) | TicketVerdict::Gone(_) => {
                    if let (TicketVerdict::Gone(Gone::Unknown), Some(flight)) = (&verdict, &flight) {
                        self.gate.memory.borrow_mut().missed(flight);
                    }
                    self.gate.memory.borrow_mut().end(&object);
                    Step::Done(Reply::Answer(answer::empty(200), Vec::new()), Why::SingleLogout)
                }
            },
        }
    }
}
