//! The pages after a sign-in that take the kept address or form from the browser's tab.

use base::{Moment, UnixMs};

use super::factor;

use crate::{
    http::form::Form as Posted,
    http::path::{INTERNAL_PREFIX, Target},
    keys::seal::Purpose,
    page::{Button, Form, Script, readable},
    policy::{RuleMatch, rule_for},
    request::{
        context::RequestContext,
        factor::FactorNeed,
        refuse,
        step::{AskTicket, ReadForm, ReadThen, Step, TicketThen},
    },
    state::{
        Instance,
        kept_form::{FormLogin, KeptForm, MAX_KEPT_FORM_BYTES},
        session::Session,
        ticket::{TicketCall, TicketVerdict},
    },
    why::Why,
};

/// `spa/<name>`: a constant page that goes to the address which this tab kept. Where it kept none, the address in the fragment
/// becomes a link: anybody can link to this page, and a request that follows at once looks like one of the site's own.
pub(super) fn address<'a>(context: &RequestContext<'a>) -> Step<'a> {
    let home = Button::Link(format!("{}/", context.site.public));
    refuse::step_page(context, Why::KeptAddress, "", (home, Some(Script::KeptAddress)), Vec::new())
}

/// `GET kept/<proof>`: a page that hands in the kept form. Where its rule asks for a factor, that comes first: the form stays in the
/// tab until it can be sent.
pub(super) fn fetched<'a>(
    context: RequestContext<'a>,
    proof: &str,
    instance: &mut Instance,
    moment: &mut Moment,
) -> Step<'a> {
    let Some(login) = open_proof(&context, proof) else { return context.refuse(Why::FormDropped, moment) };
    let (context, session) = context.with_session(instance, moment.now());
    let rule = login.rule.and_then(|at| context.gate.policy.rules.get(at));
    if let (Some(rule), Some(session)) = (rule, session)
        && let FactorNeed::Unmet(why @ Why::FactorRequired, _) = context.factor_need(rule, &session, moment.now())
    {
        return factor::ask(context, rule, (session, None), why, moment);
    }
    let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let fields = vec![field("proof", proof), field("name", &login.name), field("kept", "")];
    let to = format!("{}{INTERNAL_PREFIX}kept", context.site.public);
    let form = Button::Form(Form { to, fields, blanks: Vec::new() });
    refuse::step_page(&context, Why::FormFetched, "", (form, Some(Script::KeptForm)), Vec::new())
}

/// `POST kept`.
pub(super) fn posted<'a>(context: RequestContext<'a>, moment: &mut Moment) -> Step<'a> {
    if context.head.is_from(&context.site.public) {
        Step::Read(ReadForm { context, then: ReadThen::KeptForm })
    } else {
        context.refuse(Why::FormDropped, moment)
    }
}

fn open_proof(context: &RequestContext<'_>, proof: &str) -> Option<FormLogin> {
    context.gate.keyring.open(Purpose::FormLogin, context.site.scope(), proof)
}

/// The kept form is here.
pub(crate) fn handed_in<'a>(
    context: RequestContext<'a>,
    body: Option<&[u8]>,
    instance: &mut Instance,
    moment: &mut Moment,
) -> Step<'a> {
    let posted = body.and_then(|body| Posted::parse(body, MAX_KEPT_FORM_BYTES));
    let field = |name: &str| posted.as_ref().and_then(|form| form.last(name));
    let login = field("proof").and_then(|proof| open_proof(&context, &proof));
    let form: Option<KeptForm> =
        field("kept").and_then(|sealed| context.gate.keyring.open(Purpose::Form, context.site.scope(), &sealed));
    let now = moment.now();
    let (context, session) = context.with_session(instance, now);
    let (Some(form), Some(session)) = (form, session) else { return context.refuse(Why::FormDropped, moment) };
    if !login.is_some_and(|login| form.is_for(&login, (context.site, &session), now)) {
        return context.refuse(Why::FormDropped, moment);
    }
    let due =
        session.needs_revalidation(context.gate.policy.revalidate_secs, now) || instance.ended.makes_due(&session);
    if due {
        return Step::Ticket(AskTicket {
            object: session.object.clone(),
            call: TicketCall::touch(&session),
            then: TicketThen::KeptForm(Box::new((session, form))),
            context,
        });
    }
    ask(context, &session, &form, moment)
}

/// The session's object has answered.
pub(crate) fn revalidated<'a>(
    context: RequestContext<'a>,
    old: &Session,
    form: &KeptForm,
    verdict: TicketVerdict,
    moment: &mut Moment,
) -> Step<'a> {
    match verdict {
        TicketVerdict::Live(session) if session.sid == old.sid => {
            let session = context.with_names(session).or_as_before(old);
            ask(context, &session, form, moment)
        }
        TicketVerdict::Unavailable => context.refuse(Why::StoreUnavailable, moment),
        _ => context.refuse(Why::FormDropped, moment),
    }
}

/// Asks the person whether to send the form, under a rule that keeps forms and that the session meets.
fn ask<'a>(context: RequestContext<'a>, session: &Session, form: &KeptForm, moment: &mut Moment) -> Step<'a> {
    let allowed = Target::parse(&form.page).is_some_and(|target| {
        match rule_for(&context.gate.policy.rules, context.site.host(), "POST", &target) {
            RuleMatch::Rule(_, rule) => {
                rule.keep_post && rule.closed.is_none() && context.allowed(rule, session, moment.now()).is_ok()
            }
            RuleMatch::None | RuleMatch::Ambiguous => false,
        }
    });
    if !allowed {
        return context.refuse(Why::FormDropped, moment);
    }
    let time = readable(UnixMs::from_secs(form.secs));
    let detail = format!("{} · {time} · {}", form.page, form.fields.len());
    let (mut fields, mut blanks) = (Vec::new(), Vec::new());
    for (name, value) in &form.fields {
        match value {
            Some(value) => fields.push((name.clone(), value.clone())),
            None => blanks.push(name.clone()),
        }
    }
    let button = Button::Form(Form { to: format!("{}{}", context.site.public, form.page), fields, blanks });
    refuse::step_page(&context, Why::FormAsked, &detail, (button, None), Vec::new())
}
