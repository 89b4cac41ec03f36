//! Fills the pages of the second factor.

use base::{Moment, UnixMs};
use cas::percent;

use super::read;
use crate::{
    factor::{
        call::{Begin, Proof},
        history::Happened,
        label::label,
        portal::PortalRequest,
        record::Change,
        verdict::{Menu, Refusal, Show, View},
    },
    http::{address::hostname, answer, path::INTERNAL_PREFIX},
    page::{
        Language,
        factor::{
            APP_JS, AppPage, BLANK_JS, CodePage, CodesPage, ContinuePage, EnrolPage, FactorRow, Frame, MePage,
            NotePage, PASSKEY_JS, PasskeyPage, TokenPage, answer as page_answer,
        },
        readable,
    },
    policy::{
        demand::{Demand, Kind},
        site::Site,
    },
    request::{
        context::RequestContext,
        factor::{Act, FactorFlow},
        reply::Reply,
        step::Step,
    },
    why::Why,
};

/// One of the gate's own paths.
pub(super) fn internal(path: &str) -> String {
    format!("{INTERNAL_PREFIX}{path}")
}

/// The address of one of the gate's own pages, which leads on to `page`.
pub(super) fn address(site: &Site, path: &str, page: &str) -> String {
    format!("{}{}?page={}", site.public, internal(path), percent::encode(page))
}

/// A redirect that keeps no reference to the window that opened it.
pub(super) fn redirect<'a>(location: &str, cookies: Vec<String>, why: Why) -> Step<'a> {
    let mut answer = answer::redirect(303, location, cookies);
    answer.headers.push(("cross-origin-opener-policy".into(), "same-origin".into()));
    Step::Done(Reply::Answer(answer, Vec::new()), why)
}

const fn by(kind: Kind) -> &'static str {
    match kind {
        Kind::Passkey => "by_passkey",
        Kind::App => "by_app",
        Kind::Token => "by_token",
        Kind::Cas => "by_cas",
        Kind::Recovery => "by_recovery",
    }
}

pub(super) const fn change_key(change: &Change) -> &'static str {
    match change {
        Change::Add(Kind::Passkey) => "change_add-passkey",
        Change::Add(Kind::Token) => "change_add-token",
        Change::Add(_) => "change_add-app",
        Change::Remove(_) => "change_remove",
        Change::Rename(..) => "change_rename",
        Change::Suspend(_) => "change_suspend",
        Change::Resume(_) => "change_resume",
        Change::Codes => "change_codes",
        Change::OnlyPasskey(true) => "change_only-passkey",
        Change::OnlyPasskey(false) => "change_any-kind",
    }
}

const fn news_key(what: Happened) -> &'static str {
    match what {
        Happened::Enrolled => "news_enrolled",
        Happened::Removed => "news_removed",
        Happened::Suspended => "news_suspended",
        Happened::Resumed => "news_resumed",
        Happened::CodesMade => "news_codes",
        Happened::CodeUsed => "news_code_used",
        Happened::OnlyPasskeyOn => "news_only_passkey",
        Happened::OnlyPasskeyOff => "news_any_kind",
        Happened::LetIn => "news_let_in",
        Happened::NewBrowser => "news_browser",
        Happened::Throttled => "news_guesses",
        Happened::CounterStoodStill => "news_counter",
        _ => "news_waits",
    }
}

/// Which site a factor is for, and which sign-in there.
fn handover_line(context: &RequestContext<'_>, request: &PortalRequest) -> String {
    let tongue = Language::accepted(context.head.header("accept-language"));
    let site = context.site_of(request).map_or("", Site::host);
    let time = readable(UnixMs::from_secs(request.born_secs));
    let label = context.gate.texts.label(tongue, "handover_line");
    label.replace("{site}", site).replace("{time}", &time).replace("{browser}", &request.browser)
}

/// The frame of a page of this flow.
fn frame<'f>(context: &'f RequestContext<'_>, flow: &FactorFlow, title: &'f str, why: Why) -> Frame<'f> {
    let tongue = Language::accepted(context.head.header("accept-language"));
    let mut frame = Frame::new(&context.gate.texts, tongue, title, why.code());
    frame.site = context.site.host();
    frame.base = format!("{}{INTERNAL_PREFIX}", context.site.public);
    frame.token = context.form_token(&flow.session);
    frame.page.clone_from(&flow.page);
    frame.line = flow.request.as_ref().map_or_else(String::new, |request| handover_line(context, request));
    frame.news = flow.menu.as_ref().is_some_and(|menu| menu.news > 0);
    frame.changes_wait = flow.menu.as_ref().is_some_and(|menu| menu.changes > 0);
    frame
}

/// The answer with a page, and the new cookies of the flow.
fn shown<'a, T: askama::Template>(
    context: &RequestContext<'_>,
    (request, cookies): (Option<&PortalRequest>, Vec<String>),
    page: &T,
    (language, script): (&str, &str),
    (status, why): (u16, Why),
) -> Step<'a> {
    // At the portal, a form's answer may redirect to the site, which Chromium allows only where the site is listed.
    let site = request.and_then(|request| context.site_of(request));
    let own = &context.site.public;
    let form_action = site.map_or_else(|| own.clone(), |site| format!("{own} {}", site.public));
    let mut answer = page_answer(page, status, (language, script), &form_action);
    answer.headers.extend(cookies.into_iter().map(|cookie| ("set-cookie".to_owned(), cookie)));
    Step::Done(Reply::Answer(answer, Vec::new()), why)
}

/// The change that the factor is given for.
const fn change_of(act: &Act) -> Option<&Change> {
    match act {
        Act::ChangePage(change, _) | Act::Check(Some(change), ..) => Some(change),
        _ => None,
    }
}

/// The text of a refusal; empty for none.
fn error_text(context: &RequestContext<'_>, error: Option<Refusal>) -> String {
    let tongue = Language::accepted(context.head.header("accept-language"));
    error.map_or_else(String::new, |refusal| context.gate.texts.refusal(tongue, refusal.code()).to_owned())
}

/// Links to the other kinds.
fn ways(context: &RequestContext<'_>, flow: &FactorFlow, but: Kind) -> Vec<(&'static str, String)> {
    let kinds = flow.menu.as_ref().map_or(&[][..], |menu: &Menu| menu.kinds.as_slice());
    let others = kinds.iter().filter(|kind| **kind != but);
    let to = |kind: &Kind| {
        let mut href = match change_of(&flow.act) {
            Some(change) => {
                let mut href = address(context.site, "factor/change", &flow.page);
                for (name, value) in read::fields(change) {
                    href.push_str(&format!("&{name}={}", percent::encode(&value)));
                }
                href
            }
            None => address(context.site, super::ASK, &flow.page),
        };
        href.push_str(&format!("&by={}", kind.word()));
        (by(*kind), href)
    };
    others.map(to).collect()
}

/// The status and reason of a page, which may be shown again after a refusal.
const fn outcome(error: Option<Refusal>) -> (u16, Why) {
    match error {
        Some(_) => (Why::FactorRefused.status(), Why::FactorRefused),
        None => (Why::FactorPage.status(), Why::FactorPage),
    }
}

fn remembers(context: &RequestContext<'_>, flow: &FactorFlow) -> bool {
    let factor = context.gate.policy.factor.as_ref();
    change_of(&flow.act).is_none()
        && factor.is_some_and(|factor| {
            factor.remember_secs.is_some() && !crate::policy::factor::is_inside(&factor.shared, context.peer)
        })
}

/// Asks for a code of this kind.
pub(super) fn code<'a>(context: RequestContext<'a>, flow: FactorFlow, kind: Kind) -> Step<'a> {
    let outcome = outcome(flow.error);
    let change = change_of(&flow.act);
    let mut frame = frame(&context, &flow, if change.is_some() { "change_title" } else { "ask_title" }, outcome.1);
    let waits = flow.menu.as_ref().and_then(|menu| menu.wait_secs).filter(|_| kind != Kind::Recovery);
    let mut error = error_text(&context, flow.error);
    if let Some(until) = waits {
        error = format!("{} {}", frame.t("wait_until"), readable(UnixMs::from_secs(until)));
    }
    frame.fields = change.map(read::fields).unwrap_or_default();
    let language = frame.language;
    let page = CodePage {
        action: match (change, kind) {
            (Some(_), _) => "change",
            (None, Kind::Recovery) => "recovery",
            (None, _) => "code",
        },
        body: match kind {
            Kind::Token => "token_body",
            Kind::Recovery => "recovery_body",
            Kind::App | Kind::Passkey | Kind::Cas => "app_body",
        },
        change: change.map_or("", change_key),
        recovery: kind == Kind::Recovery,
        remember: kind != Kind::Recovery && remembers(&context, &flow),
        pair: waits.is_some(),
        error,
        ways: ways(&context, &flow, kind),
        frame,
    };
    shown(&context, (flow.request.as_ref(), flow.cookies), &page, (language, ""), outcome)
}

/// Asks for a passkey.
pub(super) fn passkey<'a>(context: RequestContext<'a>, flow: FactorFlow, options: &str) -> Step<'a> {
    let outcome = outcome(flow.error);
    let change = change_of(&flow.act);
    let mut frame = frame(&context, &flow, if change.is_some() { "change_title" } else { "ask_title" }, outcome.1);
    frame.fields = change.map(read::fields).unwrap_or_default();
    frame.script = PASSKEY_JS;
    let language = frame.language;
    let page = PasskeyPage {
        action: if change.is_some() { "change" } else { "passkey" },
        change: change.map_or("", change_key),
        options,
        make: "",
        button: "use_passkey",
        remember: remembers(&context, &flow),
        error: error_text(&context, flow.error),
        ways: ways(&context, &flow, Kind::Passkey),
        frame,
    };
    shown(&context, (flow.request.as_ref(), flow.cookies), &page, (language, PASSKEY_JS), outcome)
}

/// Asks what to enrol.
pub(super) fn enrol<'a>(context: RequestContext<'a>, flow: FactorFlow, has_factor: bool) -> Step<'a> {
    let frame = frame(&context, &flow, "enrol_title", Why::FactorPage);
    let language = frame.language;
    // A passkey's relying party is a domain name, never an IP address.
    let is_number = hostname(context.site.host()).trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok();
    let asks_invitation = context.gate.policy.factor.as_ref().is_some_and(|factor| {
        factor.enrolling == crate::policy::factor::Enrolling::Invited || !context.gate.policy.cas_factors.is_empty()
    });
    let only_token = matches!(flow.act, Act::Check(..));
    let page = EnrolPage {
        first: !has_factor,
        passkeys: !is_number && !only_token,
        apps: !only_token,
        invitation: asks_invitation && !only_token,
        frame,
    };
    shown(&context, (flow.request.as_ref(), flow.cookies), &page, (language, ""), (200, Why::FactorPage))
}

/// Shows the part of a new factor that is shown once.
pub(super) fn show<'a>(context: RequestContext<'a>, flow: FactorFlow, show: Show, moment: &mut Moment) -> Step<'a> {
    let authenticator = context.gate.authenticator.as_deref().unwrap_or_default();
    match show {
        Show::App { id, address, key } => {
            let mut frame = frame(&context, &flow, "app_title", Why::FactorPage);
            frame.fields = vec![("id", id)];
            frame.script = APP_JS;
            let title = frame.t("qr_title").to_owned();
            let options = qr::Options { title: &title, ..qr::Options::default() };
            let Ok(svg) = qr::draw_svg(&address, &options) else {
                return context.refuse(Why::FactorDenied, moment);
            };
            let language = frame.language;
            let page = AppPage { svg, key: grouped(&key), authenticator, error: String::new(), frame };
            shown(&context, (flow.request.as_ref(), flow.cookies), &page, (language, APP_JS), (200, Why::FactorPage))
        }
        Show::Passkey { id, options } => {
            let mut frame = frame(&context, &flow, "passkey_title", Why::FactorPage);
            frame.fields = vec![("id", id)];
            frame.script = PASSKEY_JS;
            let language = frame.language;
            let page = PasskeyPage {
                action: "confirm",
                change: "",
                options: &options,
                make: "1",
                button: "make_passkey",
                remember: false,
                error: String::new(),
                ways: Vec::new(),
                frame,
            };
            shown(
                &context,
                (flow.request.as_ref(), flow.cookies),
                &page,
                (language, PASSKEY_JS),
                (200, Why::FactorPage),
            )
        }
        Show::Token { id } => {
            let timed = matches!(flow.act, Act::Enrol(Begin::Token { timed: true, .. }, _));
            token(context, flow, ("confirm", &id, timed), None)
        }
    }
}

/// Asks for the codes of a token: one by the clock, two in a row by a counter.
pub(super) fn token<'a>(
    context: RequestContext<'a>,
    flow: FactorFlow,
    (action, id, timed): (&'static str, &str, bool),
    error: Option<Refusal>,
) -> Step<'a> {
    let outcome = outcome(error);
    let mut frame = frame(&context, &flow, "token_title", outcome.1);
    frame.fields = vec![("id", id.to_owned())];
    if timed {
        frame.fields.push(("timed", "1".to_owned()));
    }
    let language = frame.language;
    let page = TokenPage { action, timed, error: error_text(&context, error), frame };
    shown(&context, (flow.request.as_ref(), flow.cookies), &page, (language, ""), outcome)
}

/// The key in groups of four, as people type it.
fn grouped(key: &str) -> String {
    let letters: Vec<char> = key.chars().collect();
    letters.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
}

/// Asks for the first code of a new app again, without its secret.
pub(super) fn confirm_again<'a>(context: RequestContext<'a>, flow: FactorFlow, id: &str) -> Step<'a> {
    let mut frame = frame(&context, &flow, "confirm_again_title", Why::FactorRefused);
    frame.fields = vec![("id", id.to_owned())];
    let language = frame.language;
    let error = error_text(&context, Some(Refusal::WrongCode));
    let page = AppPage { svg: String::new(), key: String::new(), authenticator: "", error, frame };
    shown(&context, (flow.request.as_ref(), flow.cookies), &page, (language, ""), outcome(Some(Refusal::WrongCode)))
}

/// Shows recovery codes, once.
pub(super) fn codes<'a>(
    context: RequestContext<'a>,
    flow: FactorFlow,
    codes: &[String],
    from_secs: Option<u64>,
) -> Step<'a> {
    let mut frame = frame(&context, &flow, "codes_title", Why::FactorPage);
    frame.script = BLANK_JS;
    let language = frame.language;
    let page = CodesPage {
        codes,
        from: from_secs.map_or_else(String::new, |secs| readable(UnixMs::from_secs(secs))),
        onward: format!("{}{}", context.site.public, flow.page),
        frame,
    };
    shown(&context, (flow.request.as_ref(), flow.cookies), &page, (language, BLANK_JS), (200, Why::FactorPage))
}

/// A page with one sentence.
fn note<'a>(
    context: &RequestContext<'a>,
    flow: FactorFlow,
    (title, body, letters): (&str, String, &str),
    (href, button): (String, &'static str),
    (status, why): (u16, Why),
) -> Step<'a> {
    let frame = frame(context, &flow, title, why);
    let language = frame.language;
    let is_error = status >= 400;
    let page = NotePage { body, is_error, letters, href, button, ways: Vec::new(), frame };
    shown(context, (flow.request.as_ref(), flow.cookies), &page, (language, ""), (status, why))
}

/// None of the person's factors counts for this page.
pub(super) fn no_kind<'a>(context: RequestContext<'a>, flow: FactorFlow, _moment: &mut Moment) -> Step<'a> {
    let tongue = Language::accepted(context.head.header("accept-language"));
    let body = context.gate.texts.label(tongue, "no_kind_body").to_owned();
    let href = format!("{}{}", context.site.public, internal(super::ME));
    let denied = (Why::FactorDenied.status(), Why::FactorDenied);
    note(&context, flow, ("no_kind_title", body, ""), (href, "my_page"), denied)
}

/// At the portal: asks before the site has its answer.
pub(super) fn go_on<'a>(context: RequestContext<'a>, flow: FactorFlow, request: &PortalRequest) -> Step<'a> {
    let site = context.site_of(request).map_or("", Site::host);
    let frame = frame(&context, &flow, "continue_title", Why::FactorPage);
    let language = frame.language;
    let (body, button) = (frame.t("continue_body").to_owned(), format!("{} {site}", frame.t("continue_to")));
    let page = ContinuePage { body: &body, button: &button, ways: Vec::new(), frame };
    shown(&context, (flow.request.as_ref(), flow.cookies), &page, (language, ""), (200, Why::FactorPage))
}

/// At the portal: somebody else is signed in here than at the site.
pub(super) fn other_person<'a>(context: RequestContext<'a>, flow: FactorFlow, request: &PortalRequest) -> Step<'a> {
    let tongue = Language::accepted(context.head.header("accept-language"));
    let there = label(&request.shown);
    let body = context.gate.texts.label(tongue, "other_person_body");
    let body = body.replace("{here}", &label(&flow.session.user)).replace("{there}", &there);
    let why = Why::FactorDenied;
    let frame = frame(&context, &flow, "other_person_title", why);
    let language = frame.language;
    let button = context.gate.texts.label(tongue, "other_person_go").replace("{there}", &there);
    let ways = vec![("sign_out", format!("{}{}", context.site.public, internal("logout")))];
    let page = ContinuePage { body: &body, button: &button, ways, frame };
    // The form's answer redirects to the CAS server, from there back, and at last to the site.
    let site = context.site_of(request).map_or("", |site| site.public.as_str());
    let form_action = format!("{} {site}", context.form_action());
    let mut answer = page_answer(&page, why.status(), (language, ""), &form_action);
    answer.headers.extend(flow.cookies.into_iter().map(|cookie| ("set-cookie".to_owned(), cookie)));
    Step::Done(Reply::Answer(answer, Vec::new()), why)
}

/// The factor that was given is none that the page accepts.
pub(super) fn not_enough<'a>(context: RequestContext<'a>, flow: FactorFlow, demand: &Demand) -> Step<'a> {
    let tongue = Language::accepted(context.head.header("accept-language"));
    let t = |key| context.gate.texts.label(tongue, key);
    let kinds: Vec<&str> = [Kind::Passkey, Kind::App, Kind::Token, Kind::Recovery]
        .into_iter()
        .filter(|kind| demand.takes(*kind))
        .map(|kind| t(by(kind)))
        .collect();
    let mut body = format!("{} {}.", t("not_enough_body"), kinds.join(", "));
    if let Some(secs) = demand.max_age_secs {
        body.push_str(&format!(" {} {}.", t("not_enough_age"), secs.div_ceil(60)));
    }
    let own = context.gate.portal.as_ref().unwrap_or(context.site);
    let href = format!("{}{}", own.public, internal(super::ME));
    let denied = (Why::FactorDenied.status(), Why::FactorDenied);
    note(&context, flow, ("no_kind_title", body, ""), (href, "my_page"), denied)
}

/// At a site: the portal's answer came too late. One button asks for another one.
pub(super) fn took_too_long<'a>(context: RequestContext<'a>, flow: FactorFlow) -> Step<'a> {
    let body = error_text(&context, Some(Refusal::ChallengeOver));
    let href = address(context.site, super::ASK, &flow.page);
    let refused = (Why::FactorRefused.status(), Why::FactorRefused);
    note(&context, flow, ("ask_title", body, ""), (href, "back"), refused)
}

/// The letters by which another browser lets this one in.
pub(super) fn letters<'a>(context: RequestContext<'a>, flow: FactorFlow, letters: &str) -> Step<'a> {
    let tongue = Language::accepted(context.head.header("accept-language"));
    let body = context.gate.texts.label(tongue, "letters_body").to_owned();
    let href = address(context.site, super::ASK, &flow.page);
    note(&context, flow, ("letters_title", body, letters), (href, "back"), (200, Why::FactorPage))
}

/// The throttle refused: nothing was compared.
pub(super) fn wait<'a>(context: RequestContext<'a>, flow: FactorFlow, until_secs: u64) -> Step<'a> {
    let tongue = Language::accepted(context.head.header("accept-language"));
    let texts = &context.gate.texts;
    let until = readable(UnixMs::from_secs(until_secs));
    let body = format!("{} {} {until}.", texts.text(tongue, Why::FactorWait).body, texts.label(tongue, "wait_until"));
    let href = match &flow.act {
        // Recovery codes have a throttle of their own.
        Act::Check(_, Proof::Recovery(_), _) => address(context.site, super::ASK, &flow.page),
        _ => format!("{}&by={}", address(context.site, super::ASK, &flow.page), Kind::Recovery.word()),
    };
    let wait = (Why::FactorWait.status(), Why::FactorWait);
    note(&context, flow, ("ask_title", body, ""), (href, "other_ways"), wait)
}

/// A change is refused.
pub(super) fn denied<'a>(
    context: RequestContext<'a>,
    flow: FactorFlow,
    refusal: Refusal,
    again: Option<&str>,
    _moment: &mut Moment,
) -> Step<'a> {
    let body = error_text(&context, Some(refusal));
    let (href, button) = match again {
        Some(href) => (href.to_owned(), "again"),
        None => (format!("{}{}", context.site.public, internal(super::ME)), "my_page"),
    };
    let denied = (Why::FactorDenied.status(), Why::FactorDenied);
    note(&context, flow, ("me_title", body, ""), (href, button), denied)
}

/// The person's page.
pub(super) fn me<'a>(context: RequestContext<'a>, flow: FactorFlow, view: &View) -> Step<'a> {
    let mut frame = frame(&context, &flow, "me_title", Why::FactorPage);
    let own = internal(super::ME);
    frame.page.clone_from(&own);
    let to = |word: &str, id: &str| {
        let id = if id.is_empty() { String::new() } else { format!("&id={}", percent::encode(id)) };
        format!("{}&change={word}{id}", address(context.site, "factor/change", &own))
    };
    let factors = view.factors.iter().map(|factor| {
        let usable = if factor.usable {
            ("me_suspend", to("suspend", &factor.id))
        } else {
            ("me_resume", to("resume", &factor.id))
        };
        let is_held = factor.held_until_secs.is_some();
        let mut links = if is_held { Vec::new() } else { vec![usable] };
        if factor.kind == Kind::Token && !is_held {
            let id = percent::encode(&factor.id);
            links.push(("me_resync", format!("{}&id={id}", address(context.site, "factor/resync", &own))));
        }
        links.push(("me_remove", to("remove", &factor.id)));
        FactorRow {
            id: factor.id.clone(),
            name: factor.label.clone(),
            kind: by(factor.kind),
            from: factor.held_until_secs.map_or_else(String::new, |secs| readable(UnixMs::from_secs(secs))),
            links,
            cancel: is_held,
        }
    });
    let factors: Vec<_> = factors.collect();
    let mut links = vec![("me_add", address(context.site, "factor/enrol", &own))];
    if !factors.is_empty() {
        links.push(("me_new_codes", to("codes", "")));
        let only = if view.only_passkey {
            ("me_any_kind", to("any-kind", ""))
        } else {
            ("me_only_passkey", to("only-passkey", ""))
        };
        if view.only_passkey || view.factors.iter().any(|factor| factor.kind == Kind::Passkey) {
            links.push(only);
        }
    }
    let time = |secs: u64| readable(UnixMs::from_secs(secs));
    let language = frame.language;
    let page = MePage {
        factors,
        codes_left: view.codes_left,
        links,
        changes: view.changes.iter().map(|(id, change, from)| (id.clone(), change_key(change), time(*from))).collect(),
        news: view.news.iter().map(|notice| (news_key(notice.what), notice.label.clone(), time(notice.secs))).collect(),
        sessions: view
            .sessions
            .iter()
            .map(|(sid, site, browser, born)| {
                (sid.clone(), format!("{site}, {browser}"), time(*born), *sid == flow.session.sid)
            })
            .collect(),
        devices: view.devices.iter().map(|(_, name, used, known)| (name.clone(), time(*used), *known)).collect(),
        frame,
    };
    shown(&context, (flow.request.as_ref(), flow.cookies), &page, (language, ""), (200, Why::FactorPage))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_event_that_is_news_has_its_text() {
        let rows = [
            (Happened::Enrolled, "enrolled"),
            (Happened::Removed, "removed"),
            (Happened::Suspended, "suspended"),
            (Happened::Resumed, "resumed"),
            (Happened::CodesMade, "codes"),
            (Happened::CodeUsed, "code_used"),
            (Happened::OnlyPasskeyOn, "only_passkey"),
            (Happened::OnlyPasskeyOff, "any_kind"),
            (Happened::LetIn, "let_in"),
            (Happened::NewBrowser, "browser"),
            (Happened::Throttled, "guesses"),
            (Happened::CounterStoodStill, "counter"),
            (Happened::ChangeWaits, "waits"),
        ];
        for (what, word) in rows {
            assert_eq!(news_key(what), format!("news_{word}"));
        }
    }
}
