//! Single logout by the back channel (CAS 3.0 section 2.3.3).

use base::Moment;
use cas::{LogoutRequest, SessionIndex};

use crate::{
    http::answer,
    keys::seal::ObjectName,
    policy::Network,
    request::{
        context::RequestContext,
        reply::Reply,
        step::{AskTicket, Step, TicketThen},
    },
    state::{
        Instance,
        flight::FlightId,
        ticket::{Gone, TicketCall, TicketVerdict},
    },
    why::Why,
};

/// Handles a body on the secret path, whose knowledge proves the CAS server.
pub(crate) fn secret<'a>(
    context: RequestContext<'a>,
    body: Option<&[u8]>,
    instance: &Instance,
    moment: &mut Moment,
) -> Step<'a> {
    single_logout(context, body.unwrap_or_default(), true, None, instance, moment)
}

/// Handles a body on the path of a flight, the address that CAS servers send single logouts to.
pub(super) fn on_flight<'a>(
    context: RequestContext<'a>,
    body: &[u8],
    flight: &FlightId,
    instance: &Instance,
    moment: &mut Moment,
) -> Step<'a> {
    let proven = is_allowed_source(&context);
    let closed = context.gate.policy.slo_secret_path_only || !context.gate.policy.slo_sources.is_empty() && !proven;
    if closed {
        return context.refuse(Why::SingleLogoutStranger, moment);
    }
    single_logout(context, body, proven, Some(flight), instance, moment)
}

fn is_allowed_source(context: &RequestContext<'_>) -> bool {
    context.peer.is_some_and(|peer| context.gate.policy.slo_sources.iter().any(|net: &Network| net.contains(peer)))
}

fn single_logout<'a>(
    context: RequestContext<'a>,
    body: &[u8],
    proven: bool,
    flight: Option<&FlightId>,
    instance: &Instance,
    moment: &mut Moment,
) -> Step<'a> {
    // A forged flight has no session, and a lookup would make workerd keep a file for the object.
    let pointless = flight.is_some_and(|id| {
        !id.is_ours(&context.gate.id_key, context.site) || !instance.cache.may_try_unknown_logout(id.as_str())
    });
    match LogoutRequest::read(body).map(|request| request.session) {
        Ok(_) if pointless => Step::Done(Reply::Answer(answer::empty(200), Vec::new()), Why::SingleLogout),
        Ok(SessionIndex::Ticket(ticket)) => Step::Ticket(AskTicket {
            object: context.object(&ticket),
            call: TicketCall::End { proven },
            then: TicketThen::ConfirmLogout(flight.map(|id| id.as_str().to_owned())),
            context,
        }),
        // The gate never requests proxy-granting tickets.
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
    flight: Option<&str>,
    verdict: &TicketVerdict,
    instance: &mut Instance,
    moment: &mut Moment,
) -> Step<'a> {
    match verdict {
        TicketVerdict::Unavailable => context.refuse(Why::StoreUnavailable, moment),
        TicketVerdict::Live(_) | TicketVerdict::Gone(_) => {
            if let (TicketVerdict::Gone(Gone::Unknown), Some(flight)) = (verdict, flight) {
                instance.cache.count_unknown_logout(flight);
            }
            instance.ended.insert(object);
            Step::Done(Reply::Answer(answer::empty(200), Vec::new()), Why::SingleLogout)
        }
    }
}
