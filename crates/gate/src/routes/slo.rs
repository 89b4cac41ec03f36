//! Single logout by the back channel (CAS 3.0 section 2.3.3).

use base::Moment;
use cas::{LogoutRequest, SessionIndex};

use crate::{
    factor::{PersonCall, wire::PersonPost},
    http::answer,
    keys::seal::ObjectName,
    policy::Network,
    request::{
        context::RequestContext,
        reply::Reply,
        step::{AskPerson, AskTicket, PersonThen, Step, TicketThen},
    },
    state::{
        Instance,
        flight::FlightId,
        raise::PortalLink,
        session::Session,
        ticket::{Gone, Named, TicketCall, TicketVerdict},
    },
    why::Why,
};

/// How often a logout is passed on to the next session: a browser replaces its session a few times a day, by hand.
const MAX_HOPS: u8 = 8;

/// On the secret path: whoever knows it is the CAS server.
pub(crate) fn secret<'a>(context: RequestContext<'a>, body: Option<&[u8]>, moment: &mut Moment) -> Step<'a> {
    single_logout(context, body.unwrap_or_default(), true, None, moment)
}

/// Handles a body on the path of a flight, the address that CAS servers send single logouts to.
pub(super) fn on_flight<'a>(
    context: RequestContext<'a>,
    body: &[u8],
    flight: &FlightId,
    moment: &mut Moment,
) -> Step<'a> {
    let proven = is_allowed_source(&context);
    let closed = context.gate.policy.slo_secret_path_only || !context.gate.policy.slo_sources.is_empty() && !proven;
    if closed {
        return context.refuse(Why::SingleLogoutStranger, moment);
    }
    single_logout(context, body, proven, Some(flight), moment)
}

fn is_allowed_source(context: &RequestContext<'_>) -> bool {
    context.peer.is_some_and(|peer| context.gate.policy.slo_sources.iter().any(|net: &Network| net.contains(peer)))
}

fn single_logout<'a>(
    context: RequestContext<'a>,
    body: &[u8],
    proven: bool,
    flight: Option<&FlightId>,
    moment: &mut Moment,
) -> Step<'a> {
    // On a flight that nobody began here, no session can have begun either.
    let pointless = flight.is_some_and(|id| !id.is_ours(&context.gate.id_key, context.site));
    match LogoutRequest::read(body).map(|request| request.session) {
        Ok(_) if pointless => Step::Done(Reply::Answer(answer::empty(200), Vec::new()), Why::SingleLogout),
        // Made-up or real, every logout at a flight's address asks the one object of that login. The secret path knows the
        // ticket alone, whose own object leads to the login.
        Ok(SessionIndex::Ticket(ticket)) => {
            let ticket = context.ticket_name(&ticket);
            Step::Ticket(AskTicket {
                object: flight.map_or_else(|| ticket.clone(), |id| context.login_object(id)),
                call: TicketCall::End { of: Named::Ticket(ticket.clone()), proven },
                then: TicketThen::ConfirmLogout(ticket, 0),
                context,
            })
        }
        // No proxy-granting tickets are kept here, so none can be given up.
        Ok(SessionIndex::ProxyGranting(_)) => {
            Step::Done(Reply::Answer(answer::empty(200), Vec::new()), Why::SingleLogout)
        }
        Err(_) => context.refuse(Why::SingleLogoutUnreadable, moment),
    }
}

/// Continues after the object has ended the session. While the store is away the logout is refused, so that the CAS server
/// repeats it.
pub(crate) fn confirm<'a>(
    context: RequestContext<'a>,
    object: &ObjectName,
    (ticket, hops): (ObjectName, u8),
    verdict: TicketVerdict,
    instance: &mut Instance,
    moment: &mut Moment,
) -> Step<'a> {
    match verdict {
        TicketVerdict::Unavailable => context.refuse(Why::StoreUnavailable, moment),
        // A newer session of that person has taken its place in the browser: the logout means that one.
        TicketVerdict::Replaced(heir) if hops < MAX_HOPS => Step::Ticket(AskTicket {
            object: heir.object,
            call: TicketCall::End { of: Named::Heir(heir.sid), proven: true },
            then: TicketThen::ConfirmLogout(ticket, hops + 1),
            context,
        }),
        TicketVerdict::Ended(session, link) => {
            instance.ended.insert(object, context.gate.policy.ended_secs(), moment.now());
            let planned = (Reply::Answer(answer::empty(200), Vec::new()), Why::SingleLogout);
            left(context, &session, link, planned, Vec::new(), true)
        }
        TicketVerdict::EndedFrom(link) => {
            instance.ended.insert(object, context.gate.policy.ended_secs(), moment.now());
            let planned = (Reply::Answer(answer::empty(200), Vec::new()), Why::SingleLogout);
            signed_out(context, link, planned, Vec::new(), true)
        }
        TicketVerdict::Elsewhere(login) if login != *object => Step::Ticket(AskTicket {
            object: login,
            call: TicketCall::End { of: Named::Ticket(ticket.clone()), proven: true },
            then: TicketThen::ConfirmLogout(ticket, hops),
            context,
        }),
        TicketVerdict::Live(_)
        | TicketVerdict::Remembered
        | TicketVerdict::Elsewhere(_)
        | TicketVerdict::NotRaised
        | TicketVerdict::Spent
        | TicketVerdict::Replaced(_)
        | TicketVerdict::Inherited(..)
        | TicketVerdict::Superseded
        | TicketVerdict::Gone(_) => {
            // Only what its object knew is remembered: made-up tickets must push out nobody's ending.
            if verdict == TicketVerdict::Gone(Gone::Ended) {
                instance.ended.insert(object, context.gate.policy.ended_secs(), moment.now());
            }
            Step::Done(Reply::Answer(answer::empty(200), Vec::new()), Why::SingleLogout)
        }
    }
}

/// A session has ended. Where the policy asks for factors, the person's object removes it from the person's list, and ends the session
/// at the portal that its factor came from.
pub(crate) fn left<'a>(
    context: RequestContext<'a>,
    session: &Session,
    link: Option<PortalLink>,
    planned: (Reply, Why),
    others: Vec<(ObjectName, String)>,
    is_single_logout: bool,
) -> Step<'a> {
    let known = context.visit(session, &[]).ok().filter(|_| context.gate.has_factors()).map(|(person, _)| person);
    let (person, portal) = match link {
        Some(link) => (Some(link.person), Some(link.sid)),
        None => (known, None),
    };
    let Some(object) = person else { return end_others(context, planned, others) };
    Step::Person(AskPerson {
        post: PersonPost { object, required: false, call: PersonCall::Left(session.sid.clone(), portal) },
        then: PersonThen::SignedOut(Box::new(planned), others, is_single_logout),
        context,
    })
}

/// Ends the next of these sessions; the reply is as planned.
pub(crate) fn end_others<'a>(
    context: RequestContext<'a>,
    planned: (Reply, Why),
    mut others: Vec<(ObjectName, String)>,
) -> Step<'a> {
    match others.pop() {
        None => Step::Done(planned.0, planned.1),
        Some((object, sid)) => Step::Ticket(AskTicket {
            object,
            call: TicketCall::End { of: Named::Session(sid), proven: true },
            then: TicketThen::Reply(Box::new(planned), others),
            context,
        }),
    }
}

/// A session had ended before whose factor came from the portal: the person's object ends the session there, and lowers the others.
pub(crate) fn signed_out<'a>(
    context: RequestContext<'a>,
    link: PortalLink,
    planned: (Reply, Why),
    others: Vec<(ObjectName, String)>,
    is_single_logout: bool,
) -> Step<'a> {
    Step::Person(AskPerson {
        post: PersonPost { object: link.person, required: false, call: PersonCall::SignedOut(link.sid) },
        then: PersonThen::SignedOut(Box::new(planned), others, is_single_logout),
        context,
    })
}
