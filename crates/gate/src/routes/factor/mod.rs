//! The pages of the second factor: giving, enrolling and changing factors.
//!
//! Each request calls the same objects in turn: the session's object (the session must live), the anchor (once an instance), and the
//! person's object. Where a factor was given, the session's object then raises the session.

mod act;
mod pages;
mod read;

use base::Moment;

pub(crate) use self::act::{answered, go_on, listed, raised, revalidated};
use crate::{
    factor::AnchorVerdict,
    http::{answer, head::Caller},
    login::begin,
    request::{
        context::RequestContext,
        factor::{Act, After, FactorFlow, FactorGet, FactorPost, Stage},
        reply::{AuditEvent, Reply},
        step::{AskTicket, ReadForm, ReadThen, Step, TicketThen},
    },
    state::{Instance, ticket::TicketCall},
    why::Why,
};

/// Below `/.portcullis/`.
const ASK: &str = "factor";
const ME: &str = "factor/me";

/// The page of this path; the path is what follows `factor`.
pub(super) fn get(path: Option<&str>) -> Option<FactorGet> {
    Some(match path {
        None => FactorGet::Ask,
        Some("enrol") => FactorGet::Enrol,
        Some("me") => FactorGet::Me,
        Some("change") => FactorGet::Change,
        Some("resync") => FactorGet::Resync,
        Some(_) => return None,
    })
}

/// The form of this path.
pub(super) fn post(path: Option<&str>) -> Option<FactorPost> {
    Some(match path? {
        "code" => FactorPost::Code,
        "recovery" => FactorPost::Recovery,
        "passkey" => FactorPost::Passkey,
        "enrol" => FactorPost::Enrol,
        "confirm" => FactorPost::Confirm,
        "change" => FactorPost::Change,
        "end" => FactorPost::End,
        "cancel" => FactorPost::Cancel,
        "pair" => FactorPost::Pair,
        "letin" => FactorPost::LetIn,
        "resync" => FactorPost::Resync,
        _ => return None,
    })
}

/// A rule asks for a factor: a page is sent to give one, a program is told where a person does.
pub(crate) fn ask<'a>(context: RequestContext<'a>, why: Why, cookie: Option<String>, moment: &mut Moment) -> Step<'a> {
    if why != Why::FactorRequired || context.head.caller() != Caller::Page {
        return context.refuse(why, moment);
    }
    let location = pages::address(context.site, ASK, &context.page());
    let cookies = cookie.into_iter().collect();
    Step::Done(Reply::Answer(answer::redirect(303, &location, cookies), Vec::new()), Why::FactorAsked)
}

/// A page of the second factor is opened.
pub(super) fn opened<'a>(
    context: RequestContext<'a>,
    at: FactorGet,
    instance: &mut Instance,
    moment: &mut Moment,
) -> Step<'a> {
    if !context.gate.has_factors() {
        return context.refuse(Why::NotFound, moment);
    }
    // A script of the app could read a fetched page.
    if context.head.caller() != Caller::Page {
        return context.refuse(Why::FactorRequired, moment);
    }
    let Some((act, page)) = read::opened(at, context.target.query) else {
        return context.refuse(Why::BadRequest, moment);
    };
    let (context, session) = context.with_session(instance, moment.now());
    match session {
        Some(session) => revalidate(context, flow(act, page, session)),
        None => begin::start(context, None, moment),
    }
}

/// A form of the second factor was sent.
pub(crate) fn posted<'a>(
    context: RequestContext<'a>,
    at: FactorPost,
    body: Option<&[u8]>,
    instance: &mut Instance,
    moment: &mut Moment,
) -> Step<'a> {
    let Some(form) = body.and_then(read::form) else { return context.refuse(Why::BadRequest, moment) };
    let (context, session) = context.with_session(instance, moment.now());
    let Some(session) = session else { return context.refuse(Why::NothingSent, moment) };
    let token = form.last("token").unwrap_or_default();
    if !context.head.is_from(&context.site.public) || !context.is_form_of(&session, &token) {
        return context.refuse(Why::FactorForged, moment);
    }
    match read::posted(at, &form) {
        Some((act, page)) => {
            revalidate(context, FactorFlow { invitation: read::invitation(&form), ..flow(act, page, session) })
        }
        None => context.refuse(Why::BadRequest, moment),
    }
}

/// The body of a form is needed.
pub(super) fn read_form<'a>(context: RequestContext<'a>, at: FactorPost, moment: &mut Moment) -> Step<'a> {
    if !context.gate.has_factors() {
        return context.refuse(Why::NotFound, moment);
    }
    // Before the body is read: a stranger's form costs nothing.
    if !context.head.is_from(&context.site.public) {
        return context.refuse(Why::FactorForged, moment);
    }
    Step::Read(ReadForm { context, then: ReadThen::Factor(at) })
}

fn flow(act: Act, page: String, session: crate::state::session::Session) -> FactorFlow {
    FactorFlow {
        act,
        stage: Stage::Menu,
        page,
        session,
        cookies: Vec::new(),
        error: None,
        menu: None,
        listed: Vec::new(),
        invitation: None,
        after: After::Page,
    }
}

/// An ended session gives no factor and changes none, so its object is asked each time.
fn revalidate(context: RequestContext<'_>, flow: FactorFlow) -> Step<'_> {
    Step::Ticket(AskTicket {
        object: flow.session.object.clone(),
        call: TicketCall::touch(&flow.session),
        then: TicketThen::Factor(Box::new(flow)),
        context,
    })
}

/// The anchor has answered.
///
/// # Errors
/// The reply, where a setting changed or the anchor cannot be reached.
pub(crate) fn anchored<'a>(
    context: RequestContext<'a>,
    verdict: &AnchorVerdict,
    instance: &mut Instance,
    moment: &mut Moment,
) -> Result<RequestContext<'a>, Box<Step<'a>>> {
    match verdict {
        AnchorVerdict::Same { people, .. } => {
            instance.people = Some(*people);
            Ok(context)
        }
        AnchorVerdict::Changed(changed) => {
            let event = AuditEvent::FactorIdentityChanged { code: changed.code() };
            Err(Box::new(context.refuse(Why::FactorIdentityChanged, moment).noting(event)))
        }
        AnchorVerdict::Unavailable => Err(Box::new(context.refuse(Why::StoreUnavailable, moment))),
    }
}
