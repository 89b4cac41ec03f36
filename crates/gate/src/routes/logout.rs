//! Signing out.

use base::{Moment, UnixMs};
use cas::ServiceUrl;

use crate::{
    http::answer,
    request::{
        context::Visit,
        refuse,
        reply::{AuditEvent, Reply},
        step::{AskTicket, Step, TicketThen},
    },
    state::{session::Session, ticket::TicketCall},
    why::Why,
};

pub(super) fn opened<'a>(visit: Visit<'a>, moment: &mut Moment) -> Step<'a> {
    if visit.head.is_own_navigation() { log_out(visit, moment.now()) } else { refuse::logout(&visit) }
}

pub(super) fn pressed<'a>(visit: Visit<'a>, moment: &mut Moment) -> Step<'a> {
    if visit.head.is_from(&visit.site.public) {
        log_out(visit, moment.now())
    } else {
        visit.refuse(Why::LogoutForged, moment)
    }
}

/// Ends the session here, then everywhere at the CAS server.
fn log_out(visit: Visit<'_>, now: UnixMs) -> Step<'_> {
    let names = &visit.site.cookies;
    let service = ServiceUrl::parse(&format!("{}/", visit.site.public)).ok();
    let location = visit.site.server.logout_url(service.as_ref());
    let cookies = vec![names.clear(&names.session), names.clear(&names.asked)];
    let answer = answer::redirect(303, &location, cookies);
    visit.with_session(now, |visit, session: Option<Session>| match session {
        None => Step::Done(Reply::Answer(answer, Vec::new()), Why::LoggedOut),
        Some(session) => {
            visit.gate.memory.borrow_mut().end(&session.object);
            let reply = Reply::Answer(answer, vec![AuditEvent::Ended { session: session.sid }]);
            Step::Ticket(AskTicket {
                object: session.object,
                call: TicketCall::End { proven: true },
                then: TicketThen::Answer(Box::new((reply, Why::LoggedOut))),
                visit,
            })
        }
    })
}
