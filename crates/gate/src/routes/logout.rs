//! Signing out.

use base::{Moment, UnixMs};
use cas::ServiceUrl;

use crate::{
    http::answer,
    request::{
        context::RequestContext,
        refuse,
        reply::{AuditEvent, Reply},
        step::{AskTicket, Step, TicketThen},
    },
    state::{Instance, ticket::TicketCall},
    why::Why,
};

pub(super) fn opened<'a>(context: RequestContext<'a>, instance: &mut Instance, moment: &mut Moment) -> Step<'a> {
    if context.head.is_own_navigation() { log_out(context, instance, moment.now()) } else { refuse::logout(&context) }
}

pub(super) fn pressed<'a>(context: RequestContext<'a>, instance: &mut Instance, moment: &mut Moment) -> Step<'a> {
    if context.head.is_from(&context.site.public) {
        log_out(context, instance, moment.now())
    } else {
        context.refuse(Why::LogoutForged, moment)
    }
}

/// Ends the session, and redirects to the CAS server's logout.
fn log_out<'a>(context: RequestContext<'a>, instance: &mut Instance, now: UnixMs) -> Step<'a> {
    let names = &context.site.cookies;
    let service = ServiceUrl::parse(&format!("{}/", context.site.public)).ok();
    let location = context.site.server.logout_url(service.as_ref());
    let cookies = vec![names.clear(&names.session), names.clear(&names.passive_checked)];
    let answer = answer::redirect(303, &location, cookies);
    let (context, session) = context.with_session(instance, now);
    match session {
        None => Step::Done(Reply::Answer(answer, Vec::new()), Why::LoggedOut),
        Some(session) => {
            instance.ended.insert(&session.object);
            let reply = Reply::Answer(answer, vec![AuditEvent::Ended { session: session.sid }]);
            Step::Ticket(AskTicket {
                object: session.object,
                call: TicketCall::End { proven: true },
                then: TicketThen::Reply(Box::new((reply, Why::LoggedOut))),
                context,
            })
        }
    }
}
