//! Keeping a form over a sign-in: sealed to its person, site and path, and sent again on a click of that person alone.

use base::Moment;

use super::way;
use crate::{
    http::{cookie, path::INTERNAL_PREFIX},
    keys::seal::Purpose,
    page::{Button, Script},
    policy::Rule,
    request::{
        context::RequestContext,
        refuse,
        step::{ReadForm, ReadThen, Step},
    },
    state::{
        flight::{Flight, Kept, kept_name},
        kept_form::{FormLogin, KeptForm, MAX_FORM_BYTES},
        session::Session,
    },
    why::Why,
};

/// A form came, and a sign-in is needed first.
pub(crate) fn submitted<'a>(context: RequestContext<'a>, rule: &Rule, moment: &mut Moment) -> Step<'a> {
    let at = context.gate.policy.place_of(rule);
    match (at, owner(&context)) {
        (Some(at), Some(session)) if rule.keep_post && may_be_kept(&context) => {
            Step::Read(ReadForm { context, then: ReadThen::KeepForm(at, Box::new(session), Why::FormKept) })
        }
        _ => context.refuse(Why::NothingSent, moment),
    }
}

/// A form came in this live session, and a factor is needed first.
pub(crate) fn at_factor<'a>(
    context: RequestContext<'a>,
    rule: &Rule,
    session: Session,
    moment: &mut Moment,
) -> Step<'a> {
    match context.gate.policy.place_of(rule) {
        Some(at) if rule.keep_post && may_be_kept(&context) => {
            Step::Read(ReadForm { context, then: ReadThen::KeepForm(at, Box::new(session), Why::FormKeptForFactor) })
        }
        _ => context.refuse(Why::FactorRequired, moment),
    }
}

/// Whether the head is that of a form of this site, short enough to keep.
fn may_be_kept(context: &RequestContext<'_>) -> bool {
    let kind = context.head.header("content-type").unwrap_or_default();
    let (kind, parameter) = kind.split_once(';').map_or((kind, ""), |(kind, rest)| (kind, rest));
    let is_utf8 = matches!(parameter.trim().to_ascii_lowercase().as_str(), "" | "charset=utf-8");
    let length = context.head.header("content-length").and_then(|length| length.parse::<usize>().ok());
    kind.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded")
        && is_utf8
        && length.is_none_or(|length| length <= MAX_FORM_BYTES)
        && context.head.is_from(&context.site.public)
}

/// The session of the form's owner. It need not be live, but the cookie must name one person.
fn owner(context: &RequestContext<'_>) -> Option<Session> {
    let name = context.site.cookies.session.as_str();
    let mut values = cookie::pairs(context.head.headers()).filter(|(known, _)| *known == name).map(|(_, value)| value);
    let value = values.next()?;
    if values.any(|other| other != value) {
        return None;
    }
    Session::open(context.site, &context.gate.keyring, value)
}

/// The body is here: a page keeps it sealed, and its link begins the sign-in, or leads to the page that asks for the factor.
pub(crate) fn keep<'a>(
    context: RequestContext<'a>,
    (at, session, why): (usize, &Session, Why),
    body: Option<&[u8]>,
    moment: &mut Moment,
) -> Step<'a> {
    let is_live = why == Why::FormKeptForFactor;
    let name = kept_name(moment);
    let page = context.page();
    let form = body.and_then(|body| KeptForm::read(name.clone(), &page, body, (context.site, session), moment.now()));
    let sealed = form.and_then(|form| context.gate.keyring.seal(Purpose::Form, context.site.scope(), &form, moment));
    let Some(sealed) = sealed else {
        return context.refuse(if is_live { Why::FactorRequired } else { Why::NothingSent }, moment);
    };
    if is_live {
        let Some(proof) = proof(&context, (&name, Some(at)), session, moment) else {
            return context.refuse(Why::SigningFailed, moment);
        };
        let link =
            Button::Keep { to: format!("{}{INTERNAL_PREFIX}kept/{proof}", context.site.public), name, value: sealed };
        return refuse::step_page(&context, why, "", (link, Some(Script::KeepForm)), Vec::new());
    }
    let renew = context.gate.policy.rules.get(at).is_some_and(|rule| rule.requirement.fresh.is_some());
    let flight = way::flight(&context, "/", moment);
    let flight = Flight { renew, kept: Some(Kept::Form(name.clone())), rule: Some(at), ..flight };
    match way::way(&context, &flight, moment) {
        Ok((to, cookies)) => {
            let link = Button::Keep { to, name, value: sealed };
            refuse::step_page(&context, why, "", (link, Some(Script::KeepForm)), cookies)
        }
        Err(why) => context.refuse(why, moment),
    }
}

/// The proof in the address after the login that this session came from the login for which the form of this name was kept, under
/// the rule with this index.
pub(super) fn proof(
    context: &RequestContext<'_>,
    (name, rule): (&str, Option<usize>),
    session: &Session,
    moment: &mut Moment,
) -> Option<String> {
    let login = FormLogin { name: name.to_owned(), object: session.object.clone(), rule };
    context.gate.keyring.seal(Purpose::FormLogin, context.site.scope(), &login, moment)
}
