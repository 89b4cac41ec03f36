//! Bearers for machine clients: a service ticket for this very address, from the CAS server's REST API, buys one.

use base::Moment;
use base64ct::{Base64UrlUnpadded, Encoding as _};
use cas::{AnswerError, Expect, ServiceUrl, Ticket, answer::read};

use crate::{
    http::{answer, bearer::TOKEN_PREFIX, form::Form, path::INTERNAL_PREFIX},
    request::{
        context::RequestContext,
        reply::{AuditEvent, Reply},
        step::{AskValidate, MAX_TOKEN_FORM_BYTES, ReadForm, ReadThen, Step, ValidateFault},
    },
    state::{
        bearer::{BEARER_SECS, Bearer},
        ticket::{Body, Fault},
    },
    why::Why,
};

/// `POST token`. A browser is refused before anything is read: any site could send one here with a ticket.
pub(super) fn asked<'a>(context: RequestContext<'a>, moment: &mut Moment) -> Step<'a> {
    if !context.site.token {
        return context.refuse(Why::NotFound, moment);
    }
    let of_browsers = |(name, _): &(&str, &str)| {
        let name = name.to_ascii_lowercase();
        name == "cookie" || name == "origin" || name.starts_with("sec-fetch-")
    };
    if context.head.headers().iter().any(of_browsers) {
        return context.refuse(Why::TokenForbidden, moment);
    }
    Step::Read(ReadForm { context, then: ReadThen::Token })
}

/// The form is here. The CAS server's single use of a ticket is the claim, so no object is asked.
pub(crate) fn posted<'a>(context: RequestContext<'a>, body: Option<&[u8]>, moment: &mut Moment) -> Step<'a> {
    let Some(form) = body.and_then(|body| Form::parse(body, MAX_TOKEN_FORM_BYTES)) else {
        return context.refuse(Why::BadRequest, moment);
    };
    // The CAS server sends a single logout to the address of each ticket. A bearer hears none.
    if form.has("logoutRequest") {
        return Step::Done(Reply::Answer(answer::empty(200), Vec::new()), Why::SingleLogout);
    }
    let app = form.last("app").map_or_else(|| context.site.id.clone(), std::borrow::Cow::into_owned);
    let knows = context.site.id == app || context.gate.policy.rules.iter().any(|rule| rule.app.as_ref() == Some(&app));
    let ticket = form.last("ticket").and_then(|ticket| Ticket::parse_odd(&ticket));
    let Some(ticket @ Ticket::Service(_)) = ticket.filter(|_| knows) else {
        return context.refuse(Why::BadRequest, moment);
    };
    let Ok(service) = ServiceUrl::parse(&format!("{}{INTERNAL_PREFIX}token", context.site.public)) else {
        return context.refuse(Why::BadRequest, moment);
    };
    let server = &context.site.server;
    Step::Validate(AskValidate {
        call: server.validate(&ticket, &service, false),
        others: server.validate_elsewhere(&ticket, &service, false),
        ticket: context.ticket_name(&ticket),
        app,
        context,
    })
}

/// The CAS server has answered.
pub(crate) fn validated<'a>(
    context: RequestContext<'a>,
    (ticket, app): (crate::keys::seal::ObjectName, String),
    answer: Result<Body, ValidateFault>,
    moment: &mut Moment,
) -> Step<'a> {
    let body = match answer {
        Ok(body) => body,
        Err(ValidateFault::Busy) => return context.refuse(Why::TokenBusy, moment),
        Err(ValidateFault::Cas(Fault::Timeout)) => return context.refuse(Why::CasTimeout, moment),
        Err(ValidateFault::Cas(Fault::Unreachable | Fault::CircuitOpen)) => {
            return context.refuse(Why::CasUnavailable, moment);
        }
    };
    let mut expect = Expect::new(context.site.server.protocol());
    expect.notations.clone_from(&context.gate.policy.notations);
    let assertion = match read(body.status, &body.bytes, &expect) {
        Ok(assertion) => expect.notations.spread(assertion),
        Err(AnswerError::InternalError | AnswerError::BadStatus) => return context.refuse(Why::CasUnavailable, moment),
        Err(error) => {
            let why = if error.is_refusal() { Why::TicketRefused } else { Why::CasBadAnswer };
            return context.refuse(why, moment).noting(AuditEvent::SignInFailed { code: error.code().to_owned() });
        }
    };
    let now = moment.now();
    let known = |name: &str| context.gate.attributes.iter().any(|known| known == name);
    let kept = assertion.attributes.iter().filter(|(name, _)| known(name));
    let mut attributes: Vec<_> = kept.map(|(name, values)| (name.to_owned(), values.to_vec())).collect();
    context.gate.policy.values.apply(&mut attributes);
    let sid = Base64UrlUnpadded::encode_string(&moment.draw::<16>());
    let event = AuditEvent::SignedIn { session: sid.clone(), person: context.audit_id(&assertion.user, now) };
    let bearer = Bearer { app, ticket, sid, user: assertion.user, attributes, born_secs: now.secs() };
    let Some(sealed) = bearer.seal(context.site, &context.gate.keyring, moment) else {
        return context.refuse(Why::SigningFailed, moment);
    };
    let body = json::object(&[
        ("access_token", &format!("{TOKEN_PREFIX}{sealed}")),
        ("expires_in", &BEARER_SECS),
        ("token_type", &"Bearer"),
    ]);
    Step::Done(Reply::Answer(answer::json(200, &body), vec![event]), Why::TokenIssued)
}
