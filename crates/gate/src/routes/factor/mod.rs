//! The pages of the second factor: giving, enrolling and changing factors.
//!
//! Each request calls the same objects in turn: the session's object (the session must live), the anchor (once an instance), and the
//! person's object. Where a factor was given, the session's object then raises the session.

mod act;
mod pages;
mod portal;
mod read;
mod site;

use base::Moment;

pub(crate) use self::act::{answered, go_on, listed, raised, revalidated};
use crate::{
    factor::AnchorVerdict,
    http::{answer, head::Caller},
    login::{begin, kept_form},
    policy::Rule,
    request::{
        context::RequestContext,
        factor::{Act, After, FactorFlow, FactorGet, FactorPost, Stage},
        reply::{AuditEvent, Reply},
        step::{AskTicket, ReadForm, ReadThen, Step, TicketThen},
    },
    state::{Instance, session::Session, ticket::TicketCall},
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
        Some("ask") => FactorGet::Request,
        Some(path) if path.starts_with("ask/") => FactorGet::Handover,
        Some(path) if path.starts_with("back/") => FactorGet::Back,
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
        "seen" => FactorPost::Seen,
        "resync" => FactorPost::Resync,
        "continue" => FactorPost::Continue,
        _ => return None,
    })
}

/// A rule asks for a factor: a page is sent to give one, a form is kept where the rule says so, a program is told where a person
/// gives one.
pub(crate) fn ask<'a>(
    context: RequestContext<'a>,
    rule: &Rule,
    (session, cookie): (Session, Option<String>),
    why: Why,
    moment: &mut Moment,
) -> Step<'a> {
    match context.head.caller() {
        Caller::Page if why == Why::FactorRequired => {}
        // Nobody's form is kept until a first factor is enrolled: that takes a new login.
        Caller::Submit if why == Why::FactorRequired && session.enrolled != Some(false) => {
            return kept_form::at_factor(context, rule, session, moment);
        }
        _ => return context.refuse(why, moment),
    }
    let mut cookie = cookie;
    // The age of the login is judged now, because the factor may take longer. A cookie from before a raise must not be renewed.
    if rule.requirement.fresh.is_some() && session.until_secs.is_none() {
        let names = &context.site.cookies;
        match session.asked_now(moment.now()).seal(context.site, &context.gate.keyring, moment) {
            Some(sealed) => cookie = Some(names.set(&names.session, &sealed, None)),
            None => return context.refuse(Why::SigningFailed, moment),
        }
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
    // A script of the app could read a fetched page, and an answer of the portal is for a person who looks at it.
    if context.head.caller() != Caller::Page {
        return context.refuse(Why::FactorRequired, moment);
    }
    match at {
        FactorGet::Request if context.is_portal() => return portal::requested(context, moment),
        FactorGet::Handover if context.is_portal() => {}
        FactorGet::Back if context.is_beside_portal() => return site::returned(context, instance, moment),
        FactorGet::Request | FactorGet::Handover | FactorGet::Back => return context.refuse(Why::NotFound, moment),
        FactorGet::Ask => {}
        _ => {
            if let Some(portal) = context.gate.portal.as_ref().filter(|_| !context.is_portal()) {
                let location = format!("{}{}", portal.public, context.target.raw);
                return pages::redirect(&location, Vec::new(), Why::FactorAsked);
            }
        }
    }
    let Some((act, page)) = read::opened(at, &context.target) else {
        return context.refuse(Why::BadRequest, moment);
    };
    let (context, session) = context.with_session(instance, moment.now());
    match session {
        Some(session) => revalidate(flow(&context, act, page, session, moment), context),
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
            let flow = flow(&context, act, page, session, moment);
            revalidate(FactorFlow { invitation: read::invitation(&form), ..flow }, context)
        }
        None => context.refuse(Why::BadRequest, moment),
    }
}

/// The body of a form is needed.
pub(super) fn read_form<'a>(context: RequestContext<'a>, at: FactorPost, moment: &mut Moment) -> Step<'a> {
    if !is_served_here(&context, at) {
        return context.refuse(Why::NotFound, moment);
    }
    // Before the body is read: a stranger's form costs nothing.
    if !context.head.is_from(&context.site.public) {
        return context.refuse(Why::FactorForged, moment);
    }
    Step::Read(ReadForm { context, then: ReadThen::Factor(at) })
}

/// Whether this host takes the form: with a portal, the portal alone does.
fn is_served_here(context: &RequestContext<'_>, at: FactorPost) -> bool {
    let here = !context.is_beside_portal() && (context.is_portal() || at != FactorPost::Continue);
    context.gate.has_factors() && here
}

fn flow(context: &RequestContext<'_>, act: Act, page: String, session: Session, moment: &Moment) -> FactorFlow {
    FactorFlow {
        request: context.handover(&page, moment.now()),
        raised: None,
        idle_secs: moment.now().secs_since(session.revalidated_at()),
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
fn revalidate(flow: FactorFlow, context: RequestContext<'_>) -> Step<'_> {
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
        AnchorVerdict::Deployed(_) | AnchorVerdict::Unavailable => {
            Err(Box::new(context.refuse(Why::StoreUnavailable, moment)))
        }
    }
}
