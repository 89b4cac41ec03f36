//! The acts of the second factor, from ask to ask.

use base::Moment;

use super::{pages, portal, site};
use crate::{
    factor::{
        PersonCall, PersonVerdict, Raise,
        call::{Begin, Confirm, Proof, Purpose, Visit},
        directory::{self, DirectoryCall, DirectoryVerdict},
        portal::PortalRequest,
        record::{Change, random},
        verdict::{Menu, Passed, Refusal},
    },
    http::answer,
    login::begin,
    policy::{
        cas_factors::CasAsked,
        demand::{Demand, Given, Kind},
    },
    request::{
        context::RequestContext,
        factor::{Act, After, FactorFlow, Stage},
        reply::{AuditEvent, Reply},
        step::{
            AnchorThen, AskAnchor, AskDirectory, AskPerson, AskTicket, DirectoryThen, PersonThen, Step, TicketThen,
        },
    },
    state::{
        Instance,
        raise::PortalLink,
        session::Session,
        ticket::{TicketCall, TicketVerdict},
    },
    why::Why,
};

/// Greatest age of the sign-in that a first enrolment begins in, in seconds. The object takes it for two minutes more.
const ENROLMENT_SECS: u64 = 180;
/// How long a factor is good for a deed on the person's own page, in seconds, as the object judges it.
const RECENT_SECS: u64 = 300;
/// The time in which a login that asked for the CAS server's factor is not repeated, in seconds: it was not given.
const ASKED_SECS: u64 = 60;
/// Life of the cookie of a known device, in seconds.
const DEVICE_SECS: u64 = crate::factor::device::KNOWN_SECS;

/// The session's object has answered.
pub(crate) fn revalidated<'a>(
    context: RequestContext<'a>,
    flow: FactorFlow,
    verdict: TicketVerdict,
    instance: &mut Instance,
    moment: &mut Moment,
) -> Step<'a> {
    match verdict {
        TicketVerdict::Live(session) if session.sid == flow.session.sid && session.until_secs.is_none() => {
            let session = context.with_names(session).or_as_before(&flow.session);
            let flow = FactorFlow { session, ..flow };
            match seal(&context, flow, instance, moment) {
                Some(flow) => go_on(context, flow, instance, moment),
                None => context.refuse(Why::SigningFailed, moment),
            }
        }
        // Another tab has raised the session: the browser has its new cookie already.
        TicketVerdict::Live(session) if session.sid == flow.session.sid => to_page(&context, flow, Why::FactorGiven),
        TicketVerdict::Gone(_) => ended(context, &flow, instance, moment),
        TicketVerdict::Live(_) | TicketVerdict::Superseded => signed_out(context, &flow, moment),
        TicketVerdict::Remembered
        | TicketVerdict::Elsewhere(_)
        | TicketVerdict::Ended(..)
        | TicketVerdict::EndedFrom(_)
        | TicketVerdict::Inherited(..)
        | TicketVerdict::NotRaised
        | TicketVerdict::Replaced(_)
        | TicketVerdict::Spent
        | TicketVerdict::Unavailable => context.refuse(Why::StoreUnavailable, moment),
    }
}

/// The session's object says that it has ended.
fn ended<'a>(context: RequestContext<'a>, flow: &FactorFlow, instance: &mut Instance, moment: &mut Moment) -> Step<'a> {
    instance.ended.insert(&flow.session.object, context.gate.policy.ended_secs(), moment.now());
    signed_out(context, flow, moment)
}

/// The session is over: a page signs in, and a form is lost.
fn signed_out<'a>(context: RequestContext<'a>, flow: &FactorFlow, moment: &mut Moment) -> Step<'a> {
    let context = RequestContext { clear_cookie: true, ..context };
    if matches!(flow.act, Act::Back(..)) {
        // The answer was for the session that is over.
        begin::start_for(context, &flow.page, moment)
    } else if context.head.method == "GET" {
        begin::start(context, None, moment)
    } else {
        context.refuse(Why::NothingSent, moment)
    }
}

/// Seals the session into its cookie, in place of an earlier one.
fn seal(
    context: &RequestContext<'_>,
    flow: FactorFlow,
    instance: &mut Instance,
    moment: &mut Moment,
) -> Option<FactorFlow> {
    let names = &context.site.cookies;
    let sealed = flow.session.seal(context.site, &context.gate.keyring, moment)?;
    instance.cache.remember(&context.site.id, &sealed, flow.session.clone());
    let mut cookies = flow.cookies;
    cookies.retain(|cookie| !cookie.starts_with(&format!("{}=", names.session)));
    cookies.push(names.set(&names.session, &sealed, None));
    Some(FactorFlow { cookies, ..flow })
}

/// Continues with a live session: asks the anchor if this instance has not done so, then the person's object.
pub(crate) fn go_on<'a>(
    context: RequestContext<'a>,
    flow: FactorFlow,
    instance: &mut Instance,
    moment: &mut Moment,
) -> Step<'a> {
    if let (None, Some(identity)) = (instance.people, &context.gate.identity) {
        return Step::Anchor(AskAnchor {
            call: context.gate.anchor_call(identity),
            then: AnchorThen::Factor(Box::new(flow)),
            context,
        });
    }
    call(context, flow, moment)
}

/// Makes the call of this stage to the person's object.
fn call<'a>(context: RequestContext<'a>, flow: FactorFlow, moment: &mut Moment) -> Step<'a> {
    let (context, flow) = match &flow.act {
        Act::Back(rid, text) => {
            let (rid, text) = (rid.clone(), text.clone());
            return site::answered(context, flow, (&rid, &text), moment);
        }
        act if act.asks() && context.is_handover(&flow.page) && flow.error.is_none() => {
            match portal::go_on(context, flow, moment) {
                Ok(step) => return step,
                Err(left) => *left,
            }
        }
        // The button of a page without a request.
        Act::Continue => return to_page(&context, flow, Why::FactorGiven),
        _ => (context, flow),
    };
    let direct =
        matches!(flow.act, Act::Continue | Act::Ask(_) | Act::EnrolPage | Act::Enrol(..) | Act::ChangePage(..));
    let is_menu = matches!(flow.stage, Stage::Menu) && (direct || flow.error.is_some());
    let session = flow.session.clone();
    let invitation = match &flow.invitation {
        None => None,
        Some(text) => match context.invitation(text, moment.now()) {
            Some(invitation) => Some(invitation),
            None => return pages::denied(context, flow, Refusal::InvitationOver, None, moment),
        },
    };
    let post = context.person_post(&session, &flow.listed, |visit| {
        if is_menu {
            return PersonCall::Offer(visit);
        }
        match &flow.act {
            Act::Ask(_) | Act::Continue => PersonCall::Challenge(visit, Purpose::SignIn { remember: false }),
            Act::ChangePage(change, _) => PersonCall::Challenge(visit, Purpose::Pay(change.clone())),
            Act::Check(None, proof, remember) => {
                PersonCall::Check(visit, Purpose::SignIn { remember: *remember }, proof.clone())
            }
            Act::Check(Some(change), proof, _) => PersonCall::Check(visit, Purpose::Pay(change.clone()), proof.clone()),
            Act::EnrolPage | Act::ResyncPage(_) | Act::Hand(_) | Act::Back(..) => PersonCall::Offer(visit),
            Act::Enrol(begin, label) => PersonCall::Begin(Visit { invitation, ..visit }, begin.clone(), label.clone()),
            Act::Confirm(id, _, how) => PersonCall::Confirm(visit, id.clone(), how.clone()),
            Act::Me => PersonCall::View(visit),
            Act::End(sid) => PersonCall::End(visit, sid.clone()),
            Act::Cancel(id) => PersonCall::Cancel(visit, id.clone()),
            Act::Seen => PersonCall::Seen(visit),
            Act::Pair => PersonCall::Pair(visit),
            Act::LetIn(letters) => PersonCall::LetIn(visit, letters.clone()),
            Act::Resync(id, first, second) => PersonCall::Resync(visit, id.clone(), first.clone(), second.clone()),
        }
    });
    match post {
        Ok(post) => Step::Person(AskPerson { post, then: PersonThen::Factor(Box::new(flow)), context }),
        Err(why) => context.refuse(why, moment),
    }
}

/// The person's object has answered.
pub(crate) fn answered<'a>(
    context: RequestContext<'a>,
    flow: FactorFlow,
    verdict: PersonVerdict,
    instance: &mut Instance,
    moment: &mut Moment,
) -> Step<'a> {
    match verdict {
        PersonVerdict::Menu(menu) => offered(context, flow, *menu, instance, moment),
        PersonVerdict::Options(options) => pages::passkey(context, flow, &options),
        PersonVerdict::Passed(passed) => raise(context, flow, *passed, moment),
        PersonVerdict::Show(show) => pages::show(context, flow, show, moment),
        PersonVerdict::Enrolled { codes, passed: Some(passed), .. } => {
            raise(context, FactorFlow { after: After::Codes(codes), ..flow }, *passed, moment)
        }
        PersonVerdict::Enrolled { .. } | PersonVerdict::Changed { .. } => to_me(&context, flow, Why::FactorChanged),
        PersonVerdict::Codes { codes, from_secs } => {
            let from_secs = (from_secs > moment.now().secs()).then_some(from_secs);
            pages::codes(context, flow, &codes, from_secs)
        }
        // The factor for the change was given; the enrolment that it is for begins.
        PersonVerdict::Paid => match flow.act {
            // A token's seed is typed after it.
            Act::Check(Some(Change::Add(Kind::Token)), ..) => pages::enrol(context, flow, true),
            Act::Check(Some(Change::Add(kind)), ..) => {
                let begin = if kind == Kind::Passkey { Begin::Passkey } else { Begin::App };
                call(context, FactorFlow { act: Act::Enrol(begin, String::new()), stage: Stage::Act, ..flow }, moment)
            }
            _ => to_me(&context, flow, Why::FactorChanged),
        },
        PersonVerdict::Letters(letters) => pages::letters(context, flow, &letters),
        PersonVerdict::Page(view) => pages::me(context, flow, &view),
        PersonVerdict::Wait { until_secs } => waits(context, flow, until_secs, moment),
        PersonVerdict::Refused(refusal) => {
            refused(context, flow, refusal, instance, moment).noting(AuditEvent::FactorRefused { code: refusal.code() })
        }
        PersonVerdict::Unreadable { kid } => {
            context.refuse(Why::SecretUnreadable, moment).noting(AuditEvent::KeyMissing { kid })
        }
        PersonVerdict::Lost(_) => context.refuse(Why::FactorRecordLost, moment),
        PersonVerdict::Done => done(context, flow, instance, moment),
        PersonVerdict::Unavailable => context.refuse(Why::StoreUnavailable, moment),
    }
}

/// The person's object has listed the kinds that can be given.
fn offered<'a>(
    context: RequestContext<'a>,
    flow: FactorFlow,
    menu: Menu,
    instance: &mut Instance,
    moment: &mut Moment,
) -> Step<'a> {
    let now = moment.now();
    let known = flow.session.clone().with_enrolled(Some(menu.enrolled));
    let known = known.with_person(menu.only_passkey, menu.grace_until_secs);
    let Some(flow) = seal(&context, FactorFlow { session: known, ..flow }, instance, moment) else {
        return context.refuse(Why::SigningFailed, moment);
    };
    let (asked, exempts) = context.asked_for(&flow.page, &flow.session, now);
    let demand = &asked.demand;
    match &flow.act {
        // News came after the factor: the person sees that there are some before the site has its answer.
        Act::Hand(_) => match flow.request.clone() {
            Some(request) => pages::go_on(context, FactorFlow { menu: Some(menu), ..flow }, &request),
            None => context.refuse(Why::FlightExpired, moment),
        },
        Act::ResyncPage(id) => {
            let id = id.clone();
            pages::token(context, flow, ("resync", &id, false), None)
        }
        // At the portal, a factor that does not count for another site any more is asked for again.
        Act::Ask(_)
            if flow.error.is_none()
                && !context.is_handover(&flow.page)
                && !pays_on_own_page(&flow, now)
                && is_met(&context, &flow, now) =>
        {
            to_page(&context, flow, Why::FactorGiven)
        }
        // The site itself asks the CAS server for its factor: one that is given at the portal raises no session here.
        Act::Ask(_) if !menu.enrolled && (exempts || context.is_beside_portal()) => {
            ask_directory(context, flow, moment)
        }
        // The portal has no way to the CAS server's factor.
        Act::Ask(_)
            if context.is_beside_portal()
                && takes_cas_alone(&menu, demand)
                && asks_cas(&context, &flow, CasAsked::ForPage, now) =>
        {
            begin::start_factor(context, CasAsked::ForPage, moment)
        }
        Act::Ask(_) if context.is_beside_portal() => site::request(context, flow, moment),
        Act::Ask(_) | Act::Continue if menu.enrolled => {
            if let Some(given) =
                menu.remembered.clone().filter(|given| demand.is_met(core::slice::from_ref(given), now).is_ok())
            {
                return remembered(context, flow, given, moment);
            }
            let kinds = usable(&menu, |kind| demand.takes(kind));
            let by_cas = context.gate.portal.is_none()
                && !menu.only_passkey
                && demand.takes(Kind::Cas)
                && asks_cas(&context, &flow, CasAsked::ForPage, now);
            let kinds = kinds.into_iter().chain(by_cas.then_some(Kind::Cas)).collect();
            choose(context, flow, menu, kinds, moment)
        }
        Act::ChangePage(..) | Act::Check(Some(_), ..) if menu.enrolled => {
            let kinds = usable(&menu, |_| true);
            choose(context, flow, menu, kinds, moment)
        }
        Act::Check(None, ..) if menu.enrolled => {
            // After a wrong answer, the same page again.
            let kinds = usable(&menu, |kind| demand.takes(kind));
            choose(context, flow, menu, kinds, moment)
        }
        Act::EnrolPage | Act::Enrol(..) if menu.enrolled => match flow.act {
            Act::Enrol(..) => call(context, FactorFlow { stage: Stage::Act, ..flow }, moment),
            _ => pages::enrol(context, flow, true),
        },
        // An absent record alone allows no enrolment: it may be lost, and the directory may list a factor.
        _ => {
            let least = context.gate.policy.factor.as_ref().map_or(0, |factor| factor.people_at_least);
            if instance.people.is_none_or(|people| people < least) {
                return context.refuse(Why::FactorRecordLost, moment);
            }
            ask_directory(context, flow, moment)
        }
    }
}

/// A remembered device stands in for a factor: the session is raised by it, unless it was already.
fn remembered<'a>(context: RequestContext<'a>, flow: FactorFlow, given: Given, moment: &mut Moment) -> Step<'a> {
    if let Some(request) = flow.request.clone().filter(|_| flow.session.given.contains(&given)) {
        let deed = matches!(flow.act, Act::Continue);
        return portal::hand(context, flow, (request, given), deed, moment);
    }
    raise(context, flow, Passed { given, device: None, codes_left: None }, moment)
}

fn ask_directory<'a>(context: RequestContext<'a>, flow: FactorFlow, moment: &mut Moment) -> Step<'a> {
    let person = match context.visit(&flow.session, &[]) {
        Ok((person, _)) => person,
        Err(why) => return context.refuse(why, moment),
    };
    Step::Directory(AskDirectory {
        shard: directory::shard(&person),
        call: DirectoryCall::Find(person),
        then: DirectoryThen::Factor(Box::new(flow)),
        context,
    })
}

/// The directory has answered for a person without a factor.
pub(crate) fn listed<'a>(
    context: RequestContext<'a>,
    flow: FactorFlow,
    verdict: &DirectoryVerdict,
    moment: &mut Moment,
) -> Step<'a> {
    let (asked, exempts) = context.asked_for(&flow.page, &flow.session, moment.now());
    let opens = !context.is_portal() && matches!(flow.act, Act::Ask(_)) && asked.demand.takes(Kind::Cas);
    let wanted = if opens { CasAsked::ForPage } else { CasAsked::ForEnrolment };
    match verdict {
        DirectoryVerdict::Row(Some(row)) if !row.kinds.is_empty() => context.refuse(Why::FactorRecordLost, moment),
        DirectoryVerdict::Row(_) if exempts && matches!(flow.act, Act::Ask(_)) => {
            to_page(&context, flow, Why::FactorGiven)
        }
        // The CAS server's own factor, which opens the page or pays for a first enrolment.
        DirectoryVerdict::Row(_)
            if (opens || !context.is_beside_portal()) && asks_cas(&context, &flow, wanted, moment.now()) =>
        {
            begin::start_factor(context, wanted, moment)
        }
        DirectoryVerdict::Row(_) if context.is_beside_portal() => site::request(context, flow, moment),
        // A first factor needs a password that was just typed, so it is asked for before the page.
        DirectoryVerdict::Row(_)
            if context.head.method == "GET" && !flow.session.is_fresh(ENROLMENT_SECS, moment.now()) =>
        {
            begin::start_fresh_own(context, moment)
        }
        DirectoryVerdict::Row(_) => match flow.act {
            Act::Enrol(..) => call(context, FactorFlow { stage: Stage::Act, ..flow }, moment),
            _ => pages::enrol(context, flow, false),
        },
        DirectoryVerdict::Counted { .. } | DirectoryVerdict::Done | DirectoryVerdict::Unavailable => {
            context.refuse(Why::StoreUnavailable, moment)
        }
    }
}

/// Whether a login is begun that asks for the CAS server's factor: the policy names it, and this login has not just asked for it.
fn asks_cas(context: &RequestContext<'_>, flow: &FactorFlow, wanted: CasAsked, now: base::UnixMs) -> bool {
    let secs = if wanted == CasAsked::ForEnrolment { ENROLMENT_SECS } else { ASKED_SECS };
    let has_asked = flow.session.asked >= wanted && flow.session.is_fresh(secs, now);
    context.head.method == "GET" && context.gate.policy.cas_factors.login.is_some() && !has_asked
}

/// Whether the page accepts the CAS server's factor, and none of those that the person has here.
fn takes_cas_alone(menu: &Menu, demand: &Demand) -> bool {
    !menu.only_passkey && demand.takes(Kind::Cas) && usable(menu, |kind| demand.takes(kind)).is_empty()
}

/// The kinds that the person has, of those that are taken, with recovery codes last.
fn usable(menu: &Menu, takes: impl Fn(Kind) -> bool) -> Vec<Kind> {
    let recovery = (menu.codes_left > 0).then_some(Kind::Recovery);
    menu.kinds.iter().copied().chain(recovery).filter(|kind| takes(*kind)).collect()
}

/// Whether the person's own page has asked for a recent factor, and this one is older.
fn pays_on_own_page(flow: &FactorFlow, now: base::UnixMs) -> bool {
    let at = flow.session.last_given().filter(|given| !given.remembered).and_then(|given| given.at_secs);
    flow.page == pages::internal(super::ME) && at.is_none_or(|at| now.secs() >= at.saturating_add(RECENT_SECS))
}

fn is_met(context: &RequestContext<'_>, flow: &FactorFlow, now: base::UnixMs) -> bool {
    let (asked, _) = context.asked_for(&flow.page, &flow.session, now);
    flow.session.meets_demand(&asked.demand, context.cas_given(&flow.session).as_ref(), now).is_ok()
}

/// Shows the page for the chosen kind, or the one that was used last. A passkey needs a challenge first.
fn choose<'a>(
    context: RequestContext<'a>,
    flow: FactorFlow,
    menu: Menu,
    kinds: Vec<Kind>,
    moment: &mut Moment,
) -> Step<'a> {
    let wanted = match &flow.act {
        Act::Ask(way) | Act::ChangePage(_, way) => *way,
        Act::Check(_, Proof::Passkey(_), _) => Some(Kind::Passkey),
        Act::Check(_, Proof::Recovery(_), _) => Some(Kind::Recovery),
        _ => None,
    };
    let Some(kind) = wanted.filter(|kind| kinds.contains(kind)).or_else(|| kinds.first().copied()) else {
        return pages::no_kind(context, flow, moment);
    };
    if kind == Kind::Cas {
        return begin::start_factor(context, CasAsked::ForPage, moment);
    }
    let flow = FactorFlow { menu: Some(Menu { kinds, ..menu }), ..flow };
    if kind == Kind::Passkey {
        // The challenge of the page that is shown again belongs to the same purpose.
        let act = match flow.act {
            Act::Check(None, ..) => Act::Ask(Some(Kind::Passkey)),
            Act::Check(Some(change), ..) => Act::ChangePage(change, Some(Kind::Passkey)),
            other => other,
        };
        let mut error = flow.error;
        let flow = FactorFlow { act, stage: Stage::Act, error: None, ..flow };
        return match call(context, flow, moment) {
            Step::Person(mut ask) => {
                if let PersonThen::Factor(flow) = &mut ask.then {
                    flow.error = error.take();
                }
                Step::Person(ask)
            }
            other => other,
        };
    }
    pages::code(context, flow, kind)
}

/// At the portal, a session's own factor ends with it, and so do the factors of the sessions that it raised.
fn portal_link(context: &RequestContext<'_>, session: &Session) -> Option<PortalLink> {
    let (person, _) = context.visit(session, &[]).ok().filter(|_| context.is_portal())?;
    Some(PortalLink { person, sid: session.sid.clone() })
}

/// A factor was given: the session's object raises the session.
fn raise<'a>(context: RequestContext<'a>, flow: FactorFlow, passed: Passed, moment: &mut Moment) -> Step<'a> {
    let names = &context.site.cookies;
    let mut cookies = flow.cookies;
    cookies.extend(passed.device.map(|device| names.set(&names.device, &device, Some(DEVICE_SECS))));
    let raised = Some(passed.given.clone());
    let raise = Raise {
        rid: PortalRequest::rid(moment),
        sid: flow.session.sid.clone(),
        given: passed.given,
        portal: portal_link(&context, &flow.session),
        cookie_id: random(moment),
    };
    Step::Ticket(AskTicket {
        object: flow.session.object.clone(),
        call: TicketCall::Raise(Box::new(raise)),
        then: TicketThen::Raised(Box::new(FactorFlow { cookies, raised, ..flow })),
        context,
    })
}

/// The session's object has answered to a raise.
pub(crate) fn raised<'a>(
    context: RequestContext<'a>,
    flow: FactorFlow,
    verdict: TicketVerdict,
    instance: &mut Instance,
    moment: &mut Moment,
) -> Step<'a> {
    match verdict {
        TicketVerdict::Live(session) if session.sid == flow.session.sid => {
            let session = context.with_names(session).or_as_before(&flow.session).with_enrolled(Some(true));
            let session = match session.last_given().cloned() {
                Some(given) => session.paused_for(&given, moment.now()),
                None => session,
            };
            let kind = session.last_given().map_or("", |given: &Given| given.kind.word());
            let event = AuditEvent::FactorGiven { session: session.sid.clone(), kind };
            let Some(mut flow) = seal(&context, FactorFlow { session, ..flow }, instance, moment) else {
                return context.refuse(Why::SigningFailed, moment);
            };
            let after = core::mem::replace(&mut flow.after, After::Page);
            let step = match after {
                After::Codes(codes) if !codes.is_empty() => pages::codes(context, flow, &codes, None),
                // A factor that does not meet the request ends on a page that says what does.
                _ if context.is_handover(&flow.page) => handed(context, flow, moment),
                _ if matches!(flow.act, Act::Back(..)) && !is_met(&context, &flow, moment.now()) => {
                    let demand = context.asked_for(&flow.page, &flow.session, moment.now()).0.demand;
                    pages::not_enough(context, flow, &demand)
                }
                _ if is_met(&context, &flow, moment.now()) => to_page(&context, flow, Why::FactorGiven),
                // The page asks for another kind or age: its own page says so.
                _ => {
                    let act = Act::Ask(None);
                    call(context, FactorFlow { act, stage: Stage::Menu, error: None, ..flow }, moment)
                }
            };
            step.noting(event)
        }
        TicketVerdict::Gone(_) => ended(context, &flow, instance, moment),
        // The answer raised the session before, in this browser, which has its new cookie: the one of this flow is from before.
        TicketVerdict::Spent if matches!(flow.act, Act::Back(..)) => {
            to_page(&context, FactorFlow { cookies: Vec::new(), ..flow }, Why::FactorGiven)
        }
        TicketVerdict::Live(_)
        | TicketVerdict::Spent
        | TicketVerdict::Ended(..)
        | TicketVerdict::EndedFrom(_)
        | TicketVerdict::Inherited(..)
        | TicketVerdict::NotRaised
        | TicketVerdict::Replaced(_)
        | TicketVerdict::Superseded => context.refuse(Why::FactorNotRaised, moment),
        TicketVerdict::Remembered | TicketVerdict::Elsewhere(_) | TicketVerdict::Unavailable => {
            context.refuse(Why::StoreUnavailable, moment)
        }
    }
}

/// The portal's session was raised for a site's request.
fn handed<'a>(context: RequestContext<'a>, flow: FactorFlow, moment: &mut Moment) -> Step<'a> {
    let Some(request) = flow.request.clone() else {
        return context.refuse(Why::FlightExpired, moment);
    };
    let meets = |given: &Given| request.want.is_met(core::slice::from_ref(given), moment.now()).is_ok();
    let Some(given) = flow.raised.clone().filter(meets) else {
        return pages::not_enough(context, flow, &request.want);
    };
    // A remembered device did it by itself.
    let deed = !matches!(flow.act, Act::Ask(_));
    portal::hand(context, flow, (request, given), deed, moment)
}

/// The throttle refused: nothing was compared.
fn waits<'a>(context: RequestContext<'a>, flow: FactorFlow, until_secs: u64, moment: &mut Moment) -> Step<'a> {
    match flow.act {
        Act::Check(..) => pages::wait(context, flow, until_secs),
        _ => context.refuse(Why::FactorWait, moment),
    }
}

/// The person's object refuses.
fn refused<'a>(
    context: RequestContext<'a>,
    flow: FactorFlow,
    refusal: Refusal,
    instance: &mut Instance,
    moment: &mut Moment,
) -> Step<'a> {
    match (refusal, &flow.act) {
        (Refusal::SessionEnded, _) => {
            instance.ended.insert(&flow.session.object, context.gate.policy.ended_secs(), moment.now());
            signed_out(context, &flow, moment)
        }
        // Shows the page again, with the error beside its field.
        (
            Refusal::WrongCode
            | Refusal::PasskeyRefused
            | Refusal::PasskeyCounter
            | Refusal::ChallengeOver
            | Refusal::OnlyPasskey,
            Act::Check(..),
        ) => {
            let act = match flow.act {
                Act::Check(change, Proof::Code { .. }, remember) if refusal == Refusal::OnlyPasskey => {
                    Act::Check(change, Proof::Passkey(String::new()), remember)
                }
                other => other,
            };
            call(context, FactorFlow { act, stage: Stage::Menu, error: Some(refusal), ..flow }, moment)
        }
        (Refusal::WrongCode, Act::Confirm(id, Kind::App, _)) => {
            let id = id.clone();
            pages::confirm_again(context, flow, &id)
        }
        (Refusal::WrongCode, Act::Confirm(id, _, how)) => {
            let (id, timed) = (id.clone(), matches!(how, Confirm::Code(_)));
            pages::token(context, flow, ("confirm", &id, timed), Some(refusal))
        }
        (Refusal::WrongCode, Act::Resync(id, ..)) => {
            let id = id.clone();
            pages::token(context, flow, ("resync", &id, false), Some(refusal))
        }
        // A factor must be given first: for this change, or to see the page.
        (Refusal::NeedsFactor, Act::Enrol(begin, _)) => {
            let kind = match begin {
                Begin::App => Kind::App,
                Begin::Passkey => Kind::Passkey,
                Begin::Token { .. } => Kind::Token,
            };
            let act = Act::ChangePage(Change::Add(kind), None);
            call(context, FactorFlow { act, stage: Stage::Menu, ..flow }, moment)
        }
        (Refusal::NeedsFactor, Act::Me | Act::End(_) | Act::Cancel(_) | Act::Seen | Act::LetIn(_)) => {
            let page = pages::internal(super::ME);
            let location = pages::address(context.site, super::ASK, &page);
            let reply = Reply::Answer(answer::redirect(303, &location, flow.cookies), Vec::new());
            Step::Done(reply, Why::FactorAsked)
        }
        // A first factor needs a password that was just typed, or the CAS server's factor.
        (Refusal::NeedsFreshLogin | Refusal::NeedsCasFactor, Act::Enrol(..)) if context.head.method == "POST" => {
            let location = pages::address(context.site, "factor/enrol", &flow.page);
            pages::denied(context, flow, refusal, Some(&location), moment)
        }
        _ => pages::denied(context, flow, refusal, None, moment),
    }
}

/// The act is done.
fn done<'a>(context: RequestContext<'a>, flow: FactorFlow, instance: &mut Instance, moment: &mut Moment) -> Step<'a> {
    match &flow.act {
        Act::Hand(given) => {
            let given = given.clone();
            portal::answer(context, flow, given, moment)
        }
        Act::End(sid) if sid.as_ref().is_none_or(|sid| *sid == flow.session.sid) => {
            instance.ended.insert(&flow.session.object, context.gate.policy.ended_secs(), moment.now());
            let names = &context.site.cookies;
            let cookies = vec![names.clear(&names.session), names.clear(&names.device)];
            let location = format!("{}/", context.site.public);
            let person = context.audit_id(&flow.session.user, moment.now());
            let events = vec![AuditEvent::Ended { session: flow.session.sid.clone(), person }];
            Step::Done(Reply::Answer(answer::redirect(303, &location, cookies), events), Why::LoggedOut)
        }
        _ => to_me(&context, flow, Why::FactorChanged),
    }
}

/// Redirects to the page that was asked for.
fn to_page<'a>(context: &RequestContext<'a>, flow: FactorFlow, why: Why) -> Step<'a> {
    let location = format!("{}{}", context.site.public, flow.page);
    pages::redirect(&location, flow.cookies, why)
}

/// Redirects to the person's own page.
fn to_me<'a>(context: &RequestContext<'a>, flow: FactorFlow, why: Why) -> Step<'a> {
    let location = format!("{}{}", context.site.public, pages::internal(super::ME));
    pages::redirect(&location, flow.cookies, why)
}
