//! The signed-in person as JSON.

use base::Moment;

use crate::{
    http::answer::{self, Answer},
    request::{
        context::{RequestContext, Resource},
        reply::Reply,
        step::{AskTicket, Step, TicketThen},
    },
    state::{Instance, session::Session, ticket::TicketCall},
    why::Why,
};

pub(super) fn asked<'a>(context: RequestContext<'a>, instance: &mut Instance, moment: &mut Moment) -> Step<'a> {
    let revalidate = context.gate.policy.revalidate_secs;
    let now = moment.now();
    let (context, session) = context.with_session(instance, now);
    match session {
        Some(session) if session.needs_revalidation(revalidate, now) || instance.ended.makes_due(&session) => {
            Step::Ticket(AskTicket {
                object: session.object.clone(),
                call: TicketCall::touch(&session),
                then: TicketThen::Authorize(Box::new(session), Resource::Whoami),
                context,
            })
        }
        Some(session) => answer(&session, None),
        None => context.refuse(Why::LoginRequired, moment),
    }
}

/// The answer for a live session. `cookie` is the session's new cookie after a revalidation.
pub(crate) fn answer<'a>(session: &Session, cookie: Option<String>) -> Step<'a> {
    let body = json::object(&[
        ("attributes", &session.attributes.iter().cloned().collect::<std::collections::BTreeMap<_, _>>()),
        ("session", &session.sid),
        ("signedInMs", &session.born().millis()),
        ("user", &session.user),
    ]);
    let mut answer: Answer = answer::json(200, &body);
    answer.headers.extend(cookie.map(|cookie| ("set-cookie".to_owned(), cookie)));
    Step::Done(Reply::Answer(answer, Vec::new()), Why::Whoami)
}
