//! The end of a login: the ticket is redeemed, and the session begins.

use base::Moment;
use base64ct::{Base64UrlUnpadded, Encoding as _};
use cas::{ServiceUrl, Ticket};

use super::{begin, kept_form, way};
use crate::{
    factor::{
        AnchorVerdict, PersonCall, PersonVerdict,
        directory::{self, DirectoryCall, DirectoryVerdict},
    },
    http::{answer, path::INTERNAL_PREFIX},
    keys::seal::ObjectName,
    request::{
        context::RequestContext,
        reply::{AuditEvent, Reply},
        step::{
            AnchorThen, AskAnchor, AskDirectory, AskPerson, AskTicket, DirectoryThen, PersonThen, Step, TicketThen,
        },
    },
    state::{
        Instance,
        flight::{Flight, Kept},
        session::Session,
        ticket::{Fault, Gone, Heir, Named, Redeem, TicketCall, TicketVerdict},
    },
    why::Why,
};

/// Time until a passive login is tried again, in seconds.
const PASSIVE_CHECKED_SECS: u64 = 300;

/// Asks the ticket's object to validate it.
pub(crate) fn redeem<'a>(
    context: RequestContext<'a>,
    flight: Flight,
    ticket: &Ticket,
    moment: &mut Moment,
) -> Step<'a> {
    let Ok(service) = ServiceUrl::parse(&flight.service(context.site)) else {
        return context.refuse(Why::BadRequest, moment);
    };
    let object = context.login_object(&flight.id);
    let ticket_name = context.ticket_name(ticket);
    let made_up = Ticket::Service(cas::ServiceTicket::made_up());
    let redeem = Redeem {
        ticket: ticket_name.clone(),
        probe: context.site.server.validate(&made_up, &service, false),
        other_probes: context.site.server.validate_elsewhere(&made_up, &service, false),
        call: context.site.server.validate(ticket, &service, flight.renew),
        others: context.site.server.validate_elsewhere(ticket, &service, flight.renew),
        renew: flight.renew,
        asked: flight.asked,
        protocol: context.site.server.protocol(),
        notations: context.gate.policy.notations.clone(),
        server: context.site.server.base().to_owned(),
        object: object.clone(),
        sid: Base64UrlUnpadded::encode_string(&moment.draw::<16>()),
        place: context.place().map(Box::new),
        attribute_allow_list: context.gate.attributes.clone(),
        lifetimes: context.gate.lifetimes(),
    };
    Step::Ticket(AskTicket {
        object,
        call: TicketCall::Redeem(Box::new(redeem)),
        then: TicketThen::FinishLogin(Box::new(flight), ticket_name),
        context,
    })
}

/// The ticket's own object has written down where its login is; the secret path of single logout knows the ticket alone.
pub(crate) fn remembered<'a>(
    context: RequestContext<'a>,
    flight: &Flight,
    session: Session,
    verdict: &TicketVerdict,
    instance: &mut Instance,
    moment: &mut Moment,
) -> Step<'a> {
    match verdict {
        TicketVerdict::Remembered => register(context, flight.clone(), session, instance, moment),
        // The logout came first. The session has no cookie yet, and gets none.
        TicketVerdict::Gone(_) => {
            let ended = TicketVerdict::Gone(Gone::EndedDuringValidation);
            ticket_validated(context, flight.clone(), session.object, ended, instance, moment)
        }
        TicketVerdict::Live(_)
        | TicketVerdict::Elsewhere(_)
        | TicketVerdict::Ended(..)
        | TicketVerdict::EndedFrom(_)
        | TicketVerdict::Inherited(..)
        | TicketVerdict::NotRaised
        | TicketVerdict::Spent
        | TicketVerdict::Replaced(_)
        | TicketVerdict::Superseded
        | TicketVerdict::Unavailable => context.refuse_login(Why::StoreUnavailable, "", &flight.page, moment),
    }
}

/// The login's object has answered.
pub(crate) fn ticket_validated<'a>(
    context: RequestContext<'a>,
    flight: Flight,
    ticket: ObjectName,
    verdict: TicketVerdict,
    instance: &mut Instance,
    moment: &mut Moment,
) -> Step<'a> {
    let verdict = match verdict {
        TicketVerdict::Live(session) => TicketVerdict::Live(context.with_names(session)),
        other => other,
    };
    match verdict {
        TicketVerdict::Live(session) if context.gate.slo_secret.is_some() => Step::Ticket(AskTicket {
            object: ticket,
            call: TicketCall::Remember { login: session.object.clone(), secs: context.gate.policy.absolute_secs },
            then: TicketThen::Remembered(Box::new((flight, session))),
            context,
        }),
        TicketVerdict::Live(session) => register(context, flight, session, instance, moment),
        TicketVerdict::Remembered
        | TicketVerdict::Elsewhere(_)
        | TicketVerdict::Ended(..)
        | TicketVerdict::EndedFrom(_)
        | TicketVerdict::Inherited(..)
        | TicketVerdict::NotRaised
        | TicketVerdict::Spent
        | TicketVerdict::Replaced(_)
        | TicketVerdict::Superseded
        | TicketVerdict::Unavailable
            if flight.gateway =>
        {
            passive_failed(&context, &flight, Why::StoreUnavailable, moment)
        }
        TicketVerdict::Remembered
        | TicketVerdict::Elsewhere(_)
        | TicketVerdict::Ended(..)
        | TicketVerdict::EndedFrom(_)
        | TicketVerdict::Inherited(..)
        | TicketVerdict::NotRaised
        | TicketVerdict::Spent
        | TicketVerdict::Replaced(_)
        | TicketVerdict::Superseded
        | TicketVerdict::Unavailable => context.refuse_login(Why::StoreUnavailable, "", &flight.page, moment),
        TicketVerdict::Gone(gone) => {
            let why = match &gone {
                Gone::Used | Gone::Unknown | Gone::Ended | Gone::Expired => Why::TicketReplayed,
                Gone::Exhausted => Why::LoginExhausted,
                Gone::EndedDuringValidation => Why::TicketEndedDuringValidation,
                Gone::Refused(_) => Why::TicketRefused,
                Gone::BadAnswer(_) => Why::CasBadAnswer,
                Gone::Fault(Fault::Timeout) => Why::CasTimeout,
                Gone::Fault(Fault::Unreachable | Fault::CircuitOpen) => Why::CasUnavailable,
            };
            let once_more = matches!(
                why,
                Why::TicketReplayed | Why::TicketRefused | Why::TicketEndedDuringValidation | Why::CasTimeout
            );
            let now = moment.now();
            // Only the code: a CAS server may put tickets and addresses into its message.
            let code = match gone {
                Gone::Refused(code) | Gone::BadAnswer(code) => code,
                _ => String::new(),
            };
            // Nobody asked for a sign-in, so nobody is shown that it failed: the page opens without a name.
            if flight.gateway {
                let step = passive_failed(&context, &flight, why, moment);
                return if code.is_empty() { step } else { step.noting(AuditEvent::SignInFailed { code }) };
            }
            let (context, session) = context.with_session(instance, now);
            let step = if let (Some(session), Why::TicketReplayed) = (&session, why) {
                let location = landing(&context, &flight, Some(session), moment);
                let reply = Reply::Answer(answer::redirect(303, &location, Vec::new()), Vec::new());
                Step::Done(reply, Why::AlreadySignedIn)
            } else if once_more && flight.tries == 0 {
                let Flight { renew, asked, rule, ref kept, .. } = flight;
                let new = way::flight(&context, &flight.page, moment);
                let next = Flight { renew, asked, tries: 1, kept: kept.clone(), rule, ..new };
                begin::begin_login(context, &next, why, moment)
            } else {
                let mut sentences = cas::AnswerError::ALL.iter().filter(|_| why == Why::CasBadAnswer);
                let detail = sentences.find(|(known, _)| *known == code).map_or("", |(_, sentence)| sentence);
                context.refuse_login(why, detail, &flight.page, moment)
            };
            if code.is_empty() { step } else { step.noting(AuditEvent::SignInFailed { code }) }
        }
    }
}

/// Where the policy asks for factors, registers the session with its person before its cookie is sent, so that ending all sessions
/// finds this one too.
fn register<'a>(
    context: RequestContext<'a>,
    flight: Flight,
    session: Session,
    instance: &mut Instance,
    moment: &mut Moment,
) -> Step<'a> {
    let Some(identity) = &context.gate.identity else {
        return finish_login(context, &session, &flight, instance, moment);
    };
    if instance.people.is_none() {
        return Step::Anchor(AskAnchor {
            call: context.gate.anchor_call(identity),
            then: AnchorThen::Login(Box::new((flight, session))),
            context,
        });
    }
    match context.person_post(&session, &[], PersonCall::Offer) {
        Ok(post) => Step::Person(AskPerson { post, then: PersonThen::Login(Box::new((flight, session))), context }),
        // The name is unclear: pages that ask for a factor are closed to this session.
        Err(_) => finish_login(context, &session, &flight, instance, moment),
    }
}

/// The anchor has answered. Where a setting changed, pages that ask for no factor stay open, and no person's object is called.
pub(crate) fn anchored<'a>(
    context: RequestContext<'a>,
    flight: Flight,
    session: Session,
    verdict: &AnchorVerdict,
    instance: &mut Instance,
    moment: &mut Moment,
) -> Step<'a> {
    match verdict {
        AnchorVerdict::Same { people, .. } => {
            instance.people = Some(*people);
            register(context, flight, session, instance, moment)
        }
        AnchorVerdict::Changed(changed) => finish_login(context, &session, &flight, instance, moment)
            .noting(AuditEvent::FactorIdentityChanged { code: changed.code() }),
        AnchorVerdict::Deployed(_) | AnchorVerdict::Unavailable => {
            not_registered(context, &flight, Why::StoreUnavailable, moment)
        }
    }
}

/// The person's object has answered.
pub(crate) fn registered<'a>(
    context: RequestContext<'a>,
    flight: &Flight,
    session: Session,
    verdict: PersonVerdict,
    instance: &mut Instance,
    moment: &mut Moment,
) -> Step<'a> {
    match verdict {
        // An absent record alone frees nobody from a factor: it may be lost, and the directory may list one.
        PersonVerdict::Menu(menu) => {
            let session = session.with_person(menu.only_passkey, menu.grace_until_secs);
            known(context, flight, session, menu.enrolled, instance, moment)
        }
        // Pages that ask for no factor stay open; the others say what is wrong.
        PersonVerdict::Lost(_) => finish_login(context, &session, flight, instance, moment),
        PersonVerdict::Refused(refusal) => not_registered(context, flight, Why::TicketEndedDuringValidation, moment)
            .noting(AuditEvent::FactorRefused { code: refusal.code() }),
        _ => not_registered(context, flight, Why::StoreUnavailable, moment),
    }
}

/// The person's object knows whether there is a factor.
fn known<'a>(
    context: RequestContext<'a>,
    flight: &Flight,
    session: Session,
    enrolled: bool,
    instance: &mut Instance,
    moment: &mut Moment,
) -> Step<'a> {
    // An absent record alone frees nobody from a factor: it may be lost, and the directory may list one.
    if enrolled || !context.exempts_anybody(moment.now()) {
        let session = session.with_enrolled(Some(enrolled));
        return finish_login(context, &session, flight, instance, moment);
    }
    match context.visit(&session, &[]) {
        Ok((person, _)) => Step::Directory(AskDirectory {
            shard: directory::shard(&person),
            call: DirectoryCall::Find(person),
            then: DirectoryThen::Login(Box::new((flight.clone(), session))),
            context,
        }),
        Err(_) => finish_login(context, &session, flight, instance, moment),
    }
}

/// The directory has answered for a person without a factor. Where it lists one, or is away, nothing exempts the session.
pub(crate) fn listed<'a>(
    context: RequestContext<'a>,
    flight: &Flight,
    session: Session,
    verdict: &DirectoryVerdict,
    instance: &mut Instance,
    moment: &mut Moment,
) -> Step<'a> {
    let has_none = matches!(verdict, DirectoryVerdict::Row(row) if row.as_ref().is_none_or(|row| row.kinds.is_empty()));
    let session = session.with_enrolled(has_none.then_some(false));
    finish_login(context, &session, flight, instance, moment)
}

fn not_registered<'a>(context: RequestContext<'a>, flight: &Flight, why: Why, moment: &mut Moment) -> Step<'a> {
    if flight.gateway {
        return passive_failed(&context, flight, why, moment);
    }
    context.refuse_login(why, "", &flight.page, moment)
}

/// Sets the session cookie, deletes the flight's, and redirects to the page of the flight. The browser's previous session
/// is ended first.
fn finish_login<'a>(
    context: RequestContext<'a>,
    session: &Session,
    flight: &Flight,
    instance: &mut Instance,
    moment: &mut Moment,
) -> Step<'a> {
    let names = &context.site.cookies;
    let Some(sealed) = session.seal(context.site, &context.gate.keyring, moment) else {
        return context.refuse(Why::SigningFailed, moment);
    };
    instance.cache.remember(&context.site.id, &sealed, session.clone());
    let cookies =
        vec![names.set(&names.session, &sealed, None), names.clear(&format!("{}{}", names.flight, flight.id.as_str()))];
    let location = landing(&context, flight, Some(session), moment);
    let mut events = vec![AuditEvent::SignedIn {
        session: session.sid.clone(),
        person: context.audit_id(&session.user, moment.now()),
    }];
    let old = old_session(&context, &session.object);
    if let Some(old) = &old {
        events.push(AuditEvent::Ended { session: old.sid.clone(), person: context.audit_id(&old.user, moment.now()) });
    }
    let reply = Reply::Answer(answer::redirect(303, &location, cookies), events);
    match old {
        None => Step::Done(reply, Why::SignedIn),
        Some(old) => {
            instance.ended.insert(&old.object, context.gate.policy.ended_secs(), moment.now());
            let call = if old.user == session.user {
                let until_secs = session.born().plus_secs(context.gate.policy.absolute_secs).secs();
                let by = Heir { object: session.object.clone(), sid: session.sid.clone(), until_secs };
                TicketCall::Replace { sid: old.sid, by }
            } else {
                TicketCall::End { of: Named::Session(old.sid), proven: true }
            };
            Step::Ticket(AskTicket {
                object: old.object,
                call,
                then: TicketThen::Reply(Box::new((reply, Why::SignedIn)), Vec::new()),
                context,
            })
        }
    }
}

fn old_session(context: &RequestContext<'_>, new: &ObjectName) -> Option<Session> {
    let session = Session::open(context.site, &context.gate.keyring, context.session_cookie()?)?;
    // A second ticket of one login has replaced the session in its object already.
    (session.object != *new).then_some(session)
}

/// Nobody was signed in at the CAS server: a mark of it, and the page.
pub(crate) fn finish_passive_login<'a>(context: &RequestContext<'a>, flight: &Flight, moment: &mut Moment) -> Step<'a> {
    passive_failed(context, flight, Why::GatewayReturned, moment)
}

/// A passive login came to nothing, for whatever reason: the page opens without a name, and is not tried again for a while.
pub(crate) fn passive_failed<'a>(
    context: &RequestContext<'a>,
    flight: &Flight,
    why: Why,
    moment: &mut Moment,
) -> Step<'a> {
    let names = &context.site.cookies;
    let cookies = vec![
        names.set(&names.passive_checked, "1", Some(PASSIVE_CHECKED_SECS)),
        names.clear(&format!("{}{}", names.flight, flight.id.as_str())),
    ];
    let location = landing(context, flight, None, moment);
    Step::Done(Reply::Answer(answer::redirect(303, &location, cookies), Vec::new()), why)
}

/// Where a login leads: to its page, or to the internal page that takes the kept address or form from the tab.
fn landing(context: &RequestContext<'_>, flight: &Flight, session: Option<&Session>, moment: &mut Moment) -> String {
    let public = &context.site.public;
    match (&flight.kept, session) {
        // The fragment has the page's address, for a browser that kept none. No server and no log sees a fragment.
        (Some(Kept::Address(name)), _) => format!("{public}{INTERNAL_PREFIX}spa/{name}#{}", flight.page),
        (Some(Kept::Form(name)), Some(session)) => {
            match kept_form::proof(context, (name, flight.rule), session, moment) {
                Some(proof) => format!("{public}{INTERNAL_PREFIX}kept/{proof}"),
                None => format!("{public}{}", flight.page),
            }
        }
        _ => format!("{public}{}", flight.page),
    }
}
