//! The gate's own answers. Pages are pure: facts in, text out, escaped when they are compiled.

mod text;

use askama::Template;
use base::{Moment, UnixMs};
use base32ct::{Base32Unpadded, Encoding as _};
use base64ct::{Base64, Encoding as _};
use cas::Ticket;
use sha2::{Digest as _, Sha256};

use crate::{
    decide::Visit,
    head::Caller,
    policy::{Condition, Problem, Rule},
    session::Session,
    step::{Answer, Reply, Step},
    why::Why,
};

pub use text::{LANGUAGE, Text, english};

const CSS: &str = include_str!("page.css");
/// Sends the one form of the page that needs no press of a button.
const JS: &str = "document.getElementById(\"go\").submit()";
/// How soon an automatic client may try again after a 503.
const RETRY_SECS: &str = "10";

/// The hashes by which the content security policy allows the page's own style and script, and nothing else.
pub struct Style {
    css: String,
    js: String,
}

impl Style {
    pub(crate) fn new() -> Self {
        let hash = |text: &str| format!("'sha256-{}'", Base64::encode_string(&Sha256::digest(text.as_bytes())));
        Self { css: hash(CSS), js: hash(JS) }
    }

    fn policy(&self, script: bool, form_action: &str) -> String {
        let script = if script { format!("; script-src {}", self.js) } else { String::new() };
        format!(
            "default-src 'none'; style-src {}{script}; form-action {form_action}; base-uri 'none'; frame-ancestors 'none'",
            self.css
        )
    }
}

struct Form {
    to: String,
    fields: Vec<(&'static str, String)>,
}

enum Action {
    Link(String),
    Form(Form),
    None,
}

#[derive(Template)]
#[template(path = "card.html")]
struct Card<'a> {
    language: &'a str,
    css: &'a str,
    js: &'a str,
    site: &'a str,
    text: Text,
    detail: &'a str,
    action: Action,
    script: bool,
    code: &'a str,
    request: &'a str,
    time: &'a str,
}

impl Card<'_> {
    fn answer(&self, status: u16, style: &Style, form_action: &str) -> Answer {
        let mut answer = empty(status);
        answer.headers.extend([
            ("content-type".into(), "text/html; charset=utf-8".into()),
            ("content-security-policy".into(), style.policy(self.script, form_action)),
            ("x-frame-options".into(), "DENY".into()),
        ]);
        answer.body = self.render().unwrap_or_else(|_| self.text.title.to_owned());
        answer
    }
}

/// An answer without a body. Nothing of the gate's own is kept by a cache, tells where it came from, or is guessed at.
pub(crate) fn empty(status: u16) -> Answer {
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    Answer {
        status,
        headers: vec![
            header("cache-control", "no-store"),
            header("referrer-policy", "no-referrer"),
            header("x-content-type-options", "nosniff"),
        ],
        body: String::new(),
        request: String::new(),
    }
}

pub(crate) fn redirect(status: u16, location: &str, cookies: Vec<String>) -> Answer {
    let mut answer = empty(status);
    answer.headers.push(("location".into(), location.to_owned()));
    answer.headers.extend(cookies.into_iter().map(|cookie| ("set-cookie".to_owned(), cookie)));
    answer
}

pub(crate) fn json(status: u16, body: &str) -> Answer {
    let mut answer = empty(status);
    answer.headers.push(("content-type".into(), "application/json".into()));
    body.clone_into(&mut answer.body);
    answer
}

pub(crate) fn cacheable(answer: &mut Answer, secs: u32) {
    answer.headers.retain(|(name, _)| name != "cache-control");
    answer.headers.push(("cache-control".into(), format!("public, max-age={secs}")));
}

const fn status(why: Why) -> u16 {
    match why {
        Why::BadRequest | Why::AmbiguousPath | Why::CookiesOff | Why::FlightExpired | Why::SingleLogoutUnreadable => {
            400
        }
        Why::LoginRequired | Why::FreshLoginRequired | Why::NothingSent => 401,
        Why::TicketReplayed
        | Why::TicketRefused
        | Why::TicketPoisoned
        | Why::NoRule
        | Why::NotAllowed
        | Why::MissingAttribute
        | Why::LogoutForged
        | Why::SingleLogoutStranger => 403,
        Why::NotFound => 404,
        Why::BadMethod => 405,
        Why::UnknownHost => 421,
        Why::AppUnavailable => 502,
        Why::CasUnavailable | Why::CasTimeout | Why::CasBadAnswer | Why::StoreUnavailable | Why::SigningFailed => 503,
        _ => 200,
    }
}

/// A request that cannot be read, or belongs to no site.
pub(crate) fn unread<'a>(why: Why, style: &Style, moment: &mut Moment) -> Step<'a> {
    let (request, time) = (request_id(moment), readable(moment.now()));
    let card = Card {
        language: LANGUAGE,
        css: CSS,
        js: JS,
        site: "",
        text: english(why),
        detail: "",
        action: Action::None,
        script: false,
        code: why.code(),
        request: &request,
        time: &time,
    };
    let mut answer = card.answer(status(why), style, "'none'");
    answer.request = request;
    Step::Done(Reply::Answer(answer, Vec::new()), why)
}

/// The page of a gate that cannot serve: which setting, never its value.
pub fn unconfigured(problems: &[Problem]) -> Answer {
    let list: Vec<_> = problems.iter().map(|problem| format!("{}: {}", problem.at, problem.what)).collect();
    let card = Card {
        language: LANGUAGE,
        css: CSS,
        js: JS,
        site: "",
        text: Text {
            title: "This gate is not set up.",
            body: "The people who run this site need to set what is named below. Until then nothing is let through.",
            action: "",
        },
        detail: &list.join(" · "),
        action: Action::None,
        script: false,
        code: "NOT_CONFIGURED",
        request: "",
        time: "",
    };
    let mut answer = card.answer(503, &Style::new(), "'none'");
    answer.headers.push(("retry-after".into(), RETRY_SECS.into()));
    answer
}

/// The page that asks before it signs out.
pub(crate) fn logout<'a>(visit: &Visit<'a>) -> Step<'a> {
    let why = Why::LogoutAsked;
    let mut answer =
        visit.card(why, "", logout_form(visit), false, "", "").answer(200, &visit.gate.style, &visit.form_action());
    name_origin(&mut answer);
    Step::Done(Reply::Answer(answer, Vec::new()), why)
}

/// The CAS server's POST, once more from our own site, so that our cookies come with it.
pub(crate) fn post_again<'a>(visit: &Visit<'a>, ticket: &Ticket) -> Step<'a> {
    let why = Why::PostedAgain;
    let fields = vec![("ticket", ticket.as_str().to_owned()), ("again", "1".to_owned())];
    let form = Action::Form(Form { to: visit.target.raw.to_owned(), fields });
    let answer = visit.card(why, "", form, true, "", "").answer(200, &visit.gate.style, &visit.form_action());
    Step::Done(Reply::Answer(answer, Vec::new()), why)
}

/// A browser without Sec-Fetch headers (Safari before 16.4) shows by `Origin` that a form is ours, and under
/// `no-referrer` that says `null`. The addresses of the pages that sign out hold no secret.
fn name_origin(answer: &mut Answer) {
    for (_, value) in answer.headers.iter_mut().filter(|(name, _)| name == "referrer-policy") {
        "same-origin".clone_into(value);
    }
}

fn logout_form(visit: &Visit<'_>) -> Action {
    Action::Form(Form { to: format!("{}{}logout", visit.site.public, crate::path::OWN), fields: Vec::new() })
}

impl<'a> Visit<'a> {
    fn card<'c>(
        &'c self,
        why: Why,
        detail: &'c str,
        action: Action,
        script: bool,
        request: &'c str,
        time: &'c str,
    ) -> Card<'c> {
        let (site, text) = (self.site.host(), english(why));
        Card {
            language: LANGUAGE,
            css: CSS,
            js: JS,
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

    /// Ourselves, and the CAS server, to which a form's answer may redirect.
    fn form_action(&self) -> String {
        let base = self.site.server.base();
        let authority = base.find("://").and_then(|at| base.get(at + 3..)?.find('/').map(|slash| at + 3 + slash));
        format!("'self' {}", authority.and_then(|end| base.get(..end)).unwrap_or(base))
    }

    /// A refusal in the form that the caller understands: a page, or JSON with the code.
    pub(crate) fn refuse(self, why: Why, moment: &mut Moment) -> Step<'a> {
        self.refuse_with(why, "", None, moment)
    }

    /// A refusal at the end of a sign-in: one more try goes to the page that was asked for.
    pub(crate) fn refuse_landing(self, why: Why, detail: &str, page: &str, moment: &mut Moment) -> Step<'a> {
        self.refuse_with(why, detail, Some(page), moment)
    }

    /// A refusal by a rule; what is missing is named, because only the operator can help.
    pub(crate) fn refuse_for(self, why: Why, rule: &Rule, session: &Session, moment: &mut Moment) -> Step<'a> {
        let missing = |condition: &&Condition| session.attribute(&condition.attribute).is_none();
        let name = rule.conditions.iter().find(missing).filter(|_| why == Why::MissingAttribute);
        let detail = name.map(|condition| format!("Attribute: {}", condition.attribute)).unwrap_or_default();
        self.refuse_with(why, &detail, None, moment)
    }

    fn refuse_with(self, why: Why, detail: &str, page: Option<&str>, moment: &mut Moment) -> Step<'a> {
        let status = status(why);
        let request = request_id(moment);
        let home = format!("{}/", self.site.public);
        let own = self.target.touches_own();
        let mut answer = if self.head.caller() == Caller::Script {
            let body = serde_json::json!({
                "error": why.code(),
                "message": why.to_string(),
                "detail": detail,
                "login": home,
                "request": request,
            });
            json(status, &body.to_string())
        } else {
            let action = match why {
                Why::LogoutForged => logout_form(&self),
                Why::SingleLogoutUnreadable | Why::SingleLogoutStranger => Action::None,
                Why::NothingSent | Why::LoginRequired if !own => {
                    Action::Link(format!("{}{}", self.site.public, self.page()))
                }
                Why::StoreUnavailable | Why::SigningFailed | Why::AppUnavailable if !own => {
                    Action::Link(format!("{}{}", self.site.public, self.page()))
                }
                _ => Action::Link(page.map_or_else(|| home.clone(), |page| format!("{}{page}", self.site.public))),
            };
            let time = readable(moment.now());
            self.card(why, detail, action, false, &request, &time).answer(status, &self.gate.style, &self.form_action())
        };
        if status == 401 {
            // A hint for programs: where a person would sign in. Never a redirect, which they would follow blindly.
            answer.headers.push(("location".into(), home));
            answer.headers.push(("www-authenticate".into(), format!("CAS realm=\"{}\"", self.site.host())));
        }
        if matches!(status, 502 | 503) {
            answer.headers.push(("retry-after".into(), RETRY_SECS.into()));
        }
        answer.request = request;
        if why == Why::LogoutForged {
            name_origin(&mut answer);
        }
        if self.dead_cookie {
            let names = &self.site.cookies;
            answer.headers.push(("set-cookie".into(), names.clear(&names.session)));
        }
        Step::Done(Reply::Answer(answer, Vec::new()), why)
    }
}

fn request_id(moment: &mut Moment) -> String {
    Base32Unpadded::encode_string(&moment.draw::<5>())
}

/// `2026-11-24 17:20 UTC`, for the line that people read out to a help desk.
fn readable(time: UnixMs) -> String {
    let secs = time.secs();
    let (days, rest) = (secs / 86_400, secs % 86_400);
    // Civil date from days, Howard Hinnant's algorithm, for days since 1970 only.
    let z = days + 719_468;
    let era = z / 146_097;
    let doe = z % 146_097;
    let yoe = (doe - doe / 1_460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let day = doy - (153 * mp + 2) / 5 + 1;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    let year = yoe + era * 400 + u64::from(month <= 2);
    format!("{year}-{month:02}-{day:02} {:02}:{:02} UTC", rest / 3600, rest % 3600 / 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_is_read_by_people() {
        assert_eq!(readable(UnixMs::from_secs(1_795_447_980)), "2026-11-23 15:33 UTC");
        assert_eq!(readable(UnixMs::from_secs(951_782_400)), "2000-02-29 00:00 UTC");
    }

    #[test]
    fn a_page_is_escaped_and_allows_only_its_own_style() {
        let answer = unconfigured(&[Problem::new("PORTCULLIS_KEYS", "<script>alert(1)</script>")]);
        assert!(!answer.body.contains("<script>"));
        let csp = answer.headers.iter().find(|(name, _)| name == "content-security-policy").unwrap();
        assert!(
            csp.1.starts_with("default-src 'none'; style-src 'sha256-") && csp.1.contains("frame-ancestors 'none'")
        );
    }
}
