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
    state::{
        Instance,
        ticket::{Named, TicketCall},
    },
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
    let mut answer = answer::redirect(303, &location, cookies);
    // Some browsers lock up for seconds over it, so it is the operator's choice.
    if context.gate.policy.clear_site_data {
        answer.headers.push(("clear-site-data".into(), "\"cache\"".into()));
    }
    // Nobody can tell which of two cookies another site planted, so signing out ends what each of them opens.
    let sessions = context.all_sessions(&mut instance.cache);
    let mut named = Vec::new();
    let mut events = Vec::new();
    for session in sessions {
        instance.ended.insert(&session.object, context.gate.policy.ended_secs(), now);
        let person = context.audit_id(&session.user, now);
        events.push(AuditEvent::Ended { session: session.sid.clone(), person });
        named.push((session.object, session.sid));
    }
    let reply = Reply::Answer(answer, events);
    match named.pop() {
        None => Step::Done(reply, Why::LoggedOut),
        Some((object, sid)) => Step::Ticket(AskTicket {
            object,
            call: TicketCall::End { of: Named::Session(sid), proven: true },
            then: TicketThen::Reply(Box::new((reply, Why::LoggedOut)), named),
            context,
        }),
    }
}
