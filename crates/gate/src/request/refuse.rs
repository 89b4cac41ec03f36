//! Refusals: a reason as a page, or as JSON for a program.

use base::Moment;
use cas::Ticket;

use crate::{
    http::{
        answer::{Answer, json},
        head::{Caller, Head},
    },
    page::{
        Button, CLOSED_RETRY_SECS, CSS, Card, Form, Language, RETRY_SECS, Script, readable, request_id, without_site,
    },
    policy::{Condition, Rule},
    request::{context::RequestContext, gate::Gate, reply::Reply, step::Step},
    state::session::Session,
    why::{Action, Why},
};

/// Refuses a request that cannot be parsed or belongs to no site.
pub(crate) fn unread<'a>(why: Why, gate: &Gate, head: &str, moment: &mut Moment) -> Step<'a> {
    let (request, time) = (request_id(moment), readable(moment.now()));
    let head = Head::parse(head);
    let language = Language::accepted(head.as_ref().and_then(|head| head.header("accept-language")));
    let card = without_site((&gate.texts, language, &gate.policy.pages), why, "", (&request, &time));
    let mut answer = card.answer(why.status(), &gate.style, "'none'");
    answer.request = request;
    Step::Done(Reply::Answer(answer, Vec::new()), why)
}

/// The page that asks for confirmation before it signs out.
pub(crate) fn logout<'a>(context: &RequestContext<'a>) -> Step<'a> {
    let why = Why::LogoutAsked;
    let mut answer = context.card(why, "", logout_form(context), None, "", "").answer(
        200,
        &context.gate.style,
        &context.form_action(),
    );
    name_origin(&mut answer);
    Step::Done(Reply::Answer(answer, Vec::new()), why)
}

/// A page that submits the CAS server's POST again from our own site, so that the browser adds our cookies.
pub(crate) fn repost<'a>(context: &RequestContext<'a>, ticket: &Ticket) -> Step<'a> {
    let why = Why::PostedAgain;
    let fields = vec![("ticket".to_owned(), ticket.as_str().to_owned()), ("again".to_owned(), "1".to_owned())];
    let form = Button::Form(Form { to: context.target.raw.to_owned(), fields, blanks: Vec::new() });
    let answer = context.card(why, "", form, Some(Script::Submit), "", "").answer(
        why.status(),
        &context.gate.style,
        &context.form_action(),
    );
    Step::Done(Reply::Answer(answer, Vec::new()), why)
}

/// A page that is one step of a login, without a request id for the help desk.
pub(crate) fn step_page<'a>(
    context: &RequestContext<'a>,
    why: Why,
    detail: &str,
    (button, script): (Button, Option<Script>),
    cookies: Vec<String>,
) -> Step<'a> {
    let mut answer = context.card(why, detail, button, script, "", "").answer(
        why.status(),
        &context.gate.style,
        &context.form_action(),
    );
    answer.headers.extend(cookies.into_iter().map(|cookie| ("set-cookie".to_owned(), cookie)));
    name_origin(&mut answer);
    Step::Done(Reply::Answer(answer, Vec::new()), why)
}

/// A browser without Sec-Fetch headers (Safari before 16.4) proves by `Origin` that a form is ours, and under
/// `no-referrer` it sends `null` there. The addresses of these pages hold no secret.
fn name_origin(answer: &mut Answer) {
    for (_, value) in answer.headers.iter_mut().filter(|(name, _)| name == "referrer-policy") {
        "same-origin".clone_into(value);
    }
}

fn logout_form(context: &RequestContext<'_>) -> Button {
    Button::Form(Form {
        to: format!("{}{}logout", context.site.public, crate::http::path::INTERNAL_PREFIX),
        fields: Vec::new(),
        blanks: Vec::new(),
    })
}

impl<'a> RequestContext<'a> {
    fn card<'c>(
        &'c self,
        why: Why,
        detail: &'c str,
        action: Button,
        script: Option<Script>,
        request: &'c str,
        time: &'c str,
    ) -> Card<'c> {
        let language = Language::accepted(self.head.header("accept-language"));
        let (site, text) = (self.site.host(), self.gate.texts.text(language, why));
        Card {
            language,
            css: CSS,
            pages: &self.gate.policy.pages,
            site,
            text,
            detail,
            action,
            script,
            code: why.code(),
            request,
            time,
        }
    }

    /// `form-action` of our pages: this site, and the CAS server that the response may redirect to.
    pub(crate) fn form_action(&self) -> String {
        let base = self.site.server.base();
        let authority = base.find("://").and_then(|at| base.get(at + 3..)?.find('/').map(|slash| at + 3 + slash));
        format!("'self' {}", authority.and_then(|end| base.get(..end)).unwrap_or(base))
    }

    /// Refuses with a page for a person and with JSON for a program.
    pub(crate) fn refuse(self, why: Why, moment: &mut Moment) -> Step<'a> {
        self.refuse_with(why, "", None, moment)
    }

    /// Refuses at the end of a login; the page's link leads to the page that the login was for.
    pub(crate) fn refuse_login(self, why: Why, detail: &str, page: &str, moment: &mut Moment) -> Step<'a> {
        self.refuse_with(why, detail, Some(page), moment)
    }

    /// Refuses a page that the operator has closed, with the operator's sentence. A session stays.
    pub(crate) fn refuse_closed(self, text: &str, moment: &mut Moment) -> Step<'a> {
        self.refuse_with(Why::Closed, text, None, moment)
    }

    /// Refuses by a rule. A missing attribute is named, because only the operator can add it.
    pub(crate) fn refuse_for(self, why: Why, rule: &Rule, session: &Session, moment: &mut Moment) -> Step<'a> {
        let missing = |condition: &&Condition| session.attribute(&condition.attribute).is_none();
        let name = rule.conditions.iter().find(missing).filter(|_| why == Why::MissingAttribute);
        let detail = name.map(|condition| format!("Attribute: {}", condition.attribute)).unwrap_or_default();
        self.refuse_with(why, &detail, None, moment)
    }

    fn refuse_with(self, why: Why, detail: &str, page: Option<&str>, moment: &mut Moment) -> Step<'a> {
        let status = why.status();
        let request = request_id(moment);
        // Leads to the page on which a person gives the factor.
        let home = if why == Why::FactorRequired {
            let page = if self.target.may_be_internal() { "/".to_owned() } else { self.page() };
            let page = cas::percent::encode(&page);
            format!("{}{}factor?page={page}", self.site.public, crate::http::path::INTERNAL_PREFIX)
        } else {
            format!("{}/", self.site.public)
        };
        let mut answer = if self.head.caller() == Caller::Script {
            let body = json::object(&[
                ("detail", &detail),
                ("error", &why.code()),
                ("login", &home),
                ("message", &why.to_string()),
                ("request", &request),
            ]);
            json(status, &body)
        } else {
            // A link back to an internal path would repeat the failed call.
            let same_page = (!self.target.may_be_internal()).then(|| self.page());
            let to = |page: Option<&str>| Button::Link(format!("{}{}", self.site.public, page.unwrap_or("/")));
            let action = match why.action() {
                Action::Nothing | Action::Repost => Button::None,
                Action::SignOut => logout_form(&self),
                Action::SamePage => to(same_page.as_deref().or(page)),
                Action::Onward => to(page),
            };
            let time = readable(moment.now());
            self.card(why, detail, action, None, &request, &time).answer(status, &self.gate.style, &self.form_action())
        };
        if status == 401 {
            // Tells a program where a person signs in. A redirect would be followed and its HTML taken for data.
            answer.headers.push(("location".into(), home));
            answer.headers.push(("www-authenticate".into(), format!("CAS realm=\"{}\"", self.site.host())));
        }
        if matches!(status, 502 | 503) {
            let secs = match why {
                Why::Closed => CLOSED_RETRY_SECS,
                Why::TokenBusy => "1",
                _ => RETRY_SECS,
            };
            answer.headers.push(("retry-after".into(), secs.into()));
        }
        answer.request = request;
        if why.action() == Action::SignOut {
            name_origin(&mut answer);
        }
        // `keep_post` reads the form's owner from the ended session's cookie, so a script's request must not clear it before.
        let keeps_forms = self.gate.policy.rules.iter().any(|rule| rule.keep_post);
        let is_kept = keeps_forms && status == 401 && self.head.caller() == Caller::Script;
        if self.clear_cookie && !is_kept {
            let names = &self.site.cookies;
            answer.headers.push(("set-cookie".into(), names.clear(&names.session)));
        }
        Step::Done(Reply::Answer(answer, Vec::new()), why)
    }
}
