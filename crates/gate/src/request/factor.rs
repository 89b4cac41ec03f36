//! The second factor of the current request: the demand, the person, and the calls to the person's object.

use base::{Moment, Secret, UnixMs};

use crate::{
    factor::{
        AnchorVerdict, PersonEnv, PersonRecord, PersonStep, PersonVerdict, anchor,
        call::{Begin, Confirm, Invitation, PersonCall, Proof, Visit},
        person::AskVerify,
        portal::{self, PortalRequest},
        record::Change,
        verdict::Refusal,
        wire::PersonPost,
    },
    http::{
        address::hostname,
        path::{INTERNAL_PREFIX, Target},
    },
    keys::seal::{ObjectName, Purpose},
    policy::{
        Rule, RuleMatch,
        cas_factors::CasAsked,
        demand::{Given, Kind},
        factor::{Asked, FactorPolicy, Mode, is_inside, network_of},
        naming::{Person, PersonUnclear},
        rule_for,
        site::Site,
    },
    request::{context::RequestContext, gate::Gate},
    state::{
        kept_form::FormLogin,
        session::{Place, Session},
    },
    why::Why,
};

/// Longest page to return to, in bytes; the same as in a flight.
const MAX_PAGE_BYTES: usize = 1024;

/// The action of a request to the pages of the second factor.
pub(crate) enum Act {
    /// The page that asks for a factor, by this kind where one was chosen.
    Ask(Option<Kind>),
    /// A proof, to sign in or to pay for a change.
    Check(Option<Change>, Proof, bool),
    /// The page to choose what to enrol.
    EnrolPage,
    /// An enrolment begins, under this name.
    Enrol(Begin, String),
    /// It is confirmed.
    Confirm(String, Kind, Confirm),
    /// The person's own page.
    Me,
    /// The page that names a change and asks for a factor, by this kind where one was chosen.
    ChangePage(Change, Option<Kind>),
    /// One session is ended, or all.
    End(Option<String>),
    /// A delayed change is cancelled.
    Cancel(String),
    /// News are dismissed.
    Seen,
    /// This new browser asks for letters.
    Pair,
    /// A new browser is let in by its letters.
    LetIn(String),
    /// The page to resynchronise a token.
    ResyncPage(String),
    /// A token is resynchronised.
    Resync(String, String, String),
    /// At the portal: the person goes on to the site.
    Continue,
    /// At the portal: this factor is handed over to the site.
    Hand(Given),
    /// At a site: the portal's answer has come for the request with this id.
    Back(String, String),
}

impl Act {
    /// Whether it asks for a factor to sign in by, without having one.
    pub(crate) const fn asks(&self) -> bool {
        matches!(self, Self::Ask(_) | Self::Continue)
    }
}

/// A posted form of the second factor, by its path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FactorPost {
    Code,
    Recovery,
    Passkey,
    Enrol,
    Confirm,
    Change,
    End,
    Cancel,
    Pair,
    LetIn,
    Seen,
    Resync,
    Continue,
}

/// A page of the second factor, by its path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FactorGet {
    Ask,
    Enrol,
    Me,
    Change,
    Resync,
    /// At the portal: a site's request arrives in the query.
    Request,
    /// At the portal: the page of a request that has arrived.
    Handover,
    /// At a site: the portal's answer arrives in the query.
    Back,
}

/// The next call of an act.
pub(crate) enum Stage {
    /// `Offer`: asks the person's object for the kinds that can be given.
    Menu,
    /// The act's own call.
    Act,
}

/// The page after a raise.
pub(crate) enum After {
    /// The page that was asked for.
    Page,
    /// The recovery codes of a first factor, shown once.
    Codes(Vec<String>),
}

/// A request for a page of the second factor, between its asks.
pub(crate) struct FactorFlow {
    pub(crate) act: Act,
    pub(crate) stage: Stage,
    /// Path and query of the page that was asked for.
    pub(crate) page: String,
    pub(crate) session: Session,
    /// New cookies.
    pub(crate) cookies: Vec<String>,
    /// Why the page is shown again.
    pub(crate) error: Option<Refusal>,
    /// The kinds that can be given, and when codes are compared again.
    pub(crate) menu: Option<crate::factor::verdict::Menu>,
    /// The kinds that the directory lists.
    pub(crate) listed: Vec<Kind>,
    /// An invitation, as it was typed.
    pub(crate) invitation: Option<String>,
    pub(crate) after: After,
    /// At the portal: the site's request that the page belongs to.
    pub(crate) request: Option<PortalRequest>,
    /// How long the session was not used before this request, in seconds, by its cookie.
    pub(crate) idle_secs: u64,
    /// The factor that this request gave. An earlier one of the session may count for other sites no more.
    pub(crate) raised: Option<Given>,
}

/// Whether a session meets the factor that a rule asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum FactorNeed {
    /// Nothing.
    Off,
    /// The policy only observes; otherwise a factor would be asked for. `true` if it would be because an attribute is missing.
    Observed(bool),
    /// Nothing, because the person has no factor.
    Exempt,
    /// A factor that is enough was given.
    Met,
    /// A factor is missing, for this reason. `true` if it is asked for because an attribute is missing.
    Unmet(Why, bool),
}

impl FactorNeed {
    /// Whether the anchor must have confirmed the settings first: with other settings, another record was consulted.
    pub(crate) const fn needs_anchor(&self) -> bool {
        matches!(self, Self::Exempt | Self::Met | Self::Unmet(..))
    }

    /// Whether the request may go on, whatever the anchor says.
    pub(crate) const fn is_met(&self) -> bool {
        matches!(self, Self::Off | Self::Observed(_) | Self::Met)
    }

    /// Whether the request may go on.
    pub(crate) const fn is_open(&self) -> bool {
        !matches!(self, Self::Unmet(..))
    }
}

impl Gate {
    /// Whether the policy asks anybody for a second factor. The objects of the second factor must then be bound.
    pub fn has_factors(&self) -> bool {
        self.identity.is_some()
    }

    /// Ids of keys under which the anchor counts people, and which these settings lack.
    pub fn missing_keys<'k>(&self, verdict: &'k AnchorVerdict) -> Vec<&'k str> {
        match verdict {
            AnchorVerdict::Same { kids, .. } => anchor::missing_keys(kids, &self.keyring),
            _ => Vec::new(),
        }
    }

    /// The settings of calls to a person's object.
    fn person_env<'g>(&'g self, factor: &'g FactorPolicy, site: &'g Site, post: &'g PersonPost) -> PersonEnv<'g> {
        PersonEnv {
            keys: &self.keyring,
            tenant: &factor.tenant,
            object: &post.object,
            rp_id: hostname(site.host()),
            origin: &site.public,
            issuer: factor.issuer.as_deref().unwrap_or_else(|| hostname(site.host())),
            verification: factor.verification,
            enrolling: factor.enrolling,
            cas_mapped: !self.policy.cas_factors.is_empty(),
            required: post.required,
            remember_secs: factor.remember_secs,
            grace_secs: factor.grace_secs,
        }
    }

    /// The site whose host has the pages of the second factor.
    pub(crate) fn factor_site(&self) -> Option<&Site> {
        if self.portal.is_some() {
            return self.portal.as_ref();
        }
        self.sites.iter().find(|site| self.policy.asks_at(site.host()))
    }

    /// Handles one call to a person's object. `text` is the stored record. The adapter must not wait for anything between reading
    /// and writing it.
    pub fn person(&self, text: Option<&str>, post: &PersonPost, moment: &mut Moment) -> PersonStep {
        match (&self.policy.factor, self.factor_site()) {
            (Some(factor), Some(site)) => {
                PersonRecord::apply(text, post.call.clone(), self.person_env(factor, site, post), moment)
            }
            _ => PersonStep::Done(PersonVerdict::Unavailable, None),
        }
    }

    /// Continues a call to a person's object after the platform has verified a signature; `valid` is `None` if it failed. `text`
    /// is the record as it is now.
    pub fn person_verified(
        &self,
        ask: AskVerify,
        valid: Option<bool>,
        text: Option<&str>,
        post: &PersonPost,
        moment: &mut Moment,
    ) -> PersonStep {
        match (&self.policy.factor, self.factor_site()) {
            (Some(factor), Some(site)) => ask.answer(valid, text, self.person_env(factor, site, post), moment),
            _ => PersonStep::Done(PersonVerdict::Unavailable, None),
        }
    }
}

impl RequestContext<'_> {
    /// The factor that a rule asks of a session from this address; `None` where none is ever asked for.
    fn asked(&self, rule: &Rule, session: &Session) -> Option<Result<Asked, Why>> {
        let factor = self.gate.policy.factor.as_ref()?;
        let own = rule.requirement.factor.as_ref()?;
        let attributes = |name: &str| session.attribute(name);
        // A policy whose demands could contradict each other is refused, so this only fails closed.
        Some(factor.asked(own, &attributes, self.peer).ok_or(Why::FactorRequired))
    }

    /// Whether a decision by this rule ends with the age of a factor.
    pub(crate) fn ages(&self, rule: &Rule, session: &Session) -> bool {
        self.asked(rule, session).is_some_and(|asked| asked.is_ok_and(|asked| asked.demand.max_age_secs.is_some()))
    }

    /// When the session's factor becomes too old for the rule, in seconds since 1970; `None` where the rule sets no age.
    pub(crate) fn factor_until(&self, rule: &Rule, session: &Session) -> Option<u64> {
        let demand = self.asked(rule, session)?.ok().filter(|asked| asked.mode != Mode::Off)?.demand;
        let max_age_secs = demand.max_age_secs?;
        let cas = self.cas_given(session);
        let given = session.given.iter().chain(&cas).filter(|given| !given.remembered && demand.takes(given.kind));
        given.filter_map(|given| given.at_secs).max().map(|at| at.saturating_add(max_age_secs))
    }

    /// The factor that the CAS server asked for in this login.
    pub(crate) fn cas_given(&self, session: &Session) -> Option<Given> {
        let factors = &self.gate.policy.cas_factors;
        // A relay can ask the CAS server for its factor by itself, and who wants only the passkey is safe from relays.
        if factors.is_empty() || session.only_passkey {
            return None;
        }
        let attributes = |name: &str| session.attribute(name).unwrap_or_default();
        factors.judge(&attributes, session.asked_password(), session.born()).ok()
    }

    /// Whether this login asked for the CAS server's factor in order to enrol. Where the gate cannot ask for it, a fresh one is
    /// enough.
    fn pays(&self, session: &Session) -> bool {
        self.gate.policy.cas_factors.login.is_none() || session.asked == CasAsked::ForEnrolment
    }

    /// Whether the session meets the factor that the rule asks for.
    pub(crate) fn factor_need(&self, rule: &Rule, session: &Session, now: UnixMs) -> FactorNeed {
        let Some(factor) = &self.gate.policy.factor else { return FactorNeed::Off };
        let asked = match self.asked(rule, session) {
            None => return FactorNeed::Off,
            Some(Err(why)) => return FactorNeed::Unmet(why, false),
            Some(Ok(asked)) if asked.mode == Mode::Off => return FactorNeed::Off,
            Some(Ok(asked)) => asked,
        };
        if session.meets_demand(&asked.demand, self.cas_given(session).as_ref(), now).is_ok() {
            return if factor.observe { FactorNeed::Off } else { FactorNeed::Met };
        }
        if factor.observe {
            return FactorNeed::Observed(asked.attribute_missing);
        }
        if self.person(session).is_err() {
            return FactorNeed::Unmet(Why::PersonUnclear, asked.attribute_missing);
        }
        if self.exempts(&asked, session, now) && session.enrolled == Some(false) {
            return FactorNeed::Exempt;
        }
        FactorNeed::Unmet(Why::FactorRequired, asked.attribute_missing)
    }

    /// Whether somebody without a factor is let through.
    fn exempts(&self, asked: &Asked, session: &Session, now: UnixMs) -> bool {
        asked.mode == Mode::Offered || now.secs() < self.grace_until(session)
    }

    /// The end of the grace: the policy's day, or the person's own, in seconds since 1970; 0 without one.
    fn grace_until(&self, session: &Session) -> u64 {
        let Some(factor) = &self.gate.policy.factor else { return 0 };
        let own = factor.grace_secs.map_or(0, |_| session.grace_until_secs);
        factor.grace_until_secs.unwrap_or(0).max(own)
    }

    /// Whether the rule asks for a factor, and the session passes because its person has none.
    pub(crate) fn is_exempt(&self, rule: &Rule, session: &Session) -> bool {
        let asks = || self.asked(rule, session).is_some_and(|asked| asked.is_ok_and(|asked| asked.mode != Mode::Off));
        let observes = self.gate.policy.factor.as_ref().is_none_or(|factor| factor.observe);
        let has_none = session.enrolled == Some(false) && session.given.is_empty();
        !observes && has_none && asks() && self.cas_given(session).is_none()
    }

    /// Until when the session passes the rule without a factor, by the grace alone, in seconds since 1970.
    pub(crate) fn exempt_until(&self, rule: &Rule, session: &Session) -> Option<u64> {
        let asked = self.asked(rule, session)?.ok()?;
        let is_exempt = asked.mode == Mode::Required && session.enrolled == Some(false);
        Some(self.grace_until(session)).filter(|until| is_exempt && *until > 0)
    }

    /// Whether somebody without a factor is let through where one is asked of others.
    pub(crate) fn exempts_anybody(&self, now: UnixMs) -> bool {
        let when = self.gate.policy.factor.iter().flat_map(|factor| factor.when.iter().map(|when| &when.asked));
        let rules = self.gate.policy.rules.iter().filter_map(|rule| rule.requirement.factor.as_ref());
        let factor = self.gate.policy.factor.as_ref();
        let has_grace = factor.is_some_and(|factor| {
            factor.grace_secs.is_some() || factor.grace_until_secs.is_some_and(|until| now.secs() < until)
        });
        rules.chain(when).any(|asked| asked.mode == Mode::Offered || asked.mode == Mode::Required && has_grace)
    }

    /// The rule of a page of this site; of a kept form, the rule that it was posted under.
    fn rule_of(&self, page: &str) -> Option<&Rule> {
        if let Some(proof) = page.strip_prefix(INTERNAL_PREFIX).and_then(|path| path.strip_prefix("kept/")) {
            let login: FormLogin = self.gate.keyring.open(Purpose::FormLogin, self.site.scope(), proof)?;
            return self.gate.policy.rules.get(login.rule?);
        }
        let target = Target::parse(page)?;
        match rule_for(&self.gate.policy.rules, self.site.host(), "GET", &target) {
            RuleMatch::Rule(_, rule) => Some(rule),
            RuleMatch::None | RuleMatch::Ambiguous => None,
        }
    }

    /// At the portal, the site's request that this page belongs to. `None` also for one that is over.
    pub(crate) fn handover(&self, page: &str, now: UnixMs) -> Option<PortalRequest> {
        let factor = self.gate.policy.factor.as_ref().filter(|_| self.is_portal())?;
        let sealed = portal::remembered(&self.site.cookies, self.head.headers(), rid_of(page)?)?;
        let request = PortalRequest::open(&self.gate.keyring, &factor.tenant, &self.site.public, sealed, now)?;
        (request.cas == factor.cas).then_some(request)
    }

    /// The site of a request to the portal.
    pub(crate) fn site_of(&self, request: &PortalRequest) -> Option<&Site> {
        self.gate.sites.iter().find(|site| site.id == request.site)
    }

    /// Whether this is the page of a site's request, which may be over.
    pub(crate) fn is_handover(&self, page: &str) -> bool {
        self.is_portal() && rid_of(page).is_some()
    }

    /// The factor that the page's rule asks for, and whether it lets people without a factor through. Without a rule, any factor.
    pub(crate) fn asked_for(&self, page: &str, session: &Session, now: UnixMs) -> (Asked, bool) {
        if self.is_portal() {
            let demand = self.handover(page, now).map(|request| request.want).unwrap_or_default();
            return (Asked { mode: Mode::Required, demand, ..Asked::default() }, false);
        }
        let asked = self.rule_of(page).and_then(|rule| self.asked(rule, session)).and_then(Result::ok);
        let asked = asked.filter(|asked| asked.mode != Mode::Off);
        let exempts = asked.as_ref().is_some_and(|asked| self.exempts(asked, session, now));
        (asked.unwrap_or(Asked { mode: Mode::Required, ..Asked::default() }), exempts)
    }

    /// Whether a rule requires a factor of this person at all.
    fn requires(&self, session: &Session) -> bool {
        let required = |rule: &Rule| {
            rule.identity
                && self.asked(rule, session).is_some_and(|asked| asked.is_ok_and(|asked| asked.mode == Mode::Required))
        };
        self.gate.policy.rules.iter().any(required)
    }

    /// The person of a session.
    pub(crate) fn person(&self, session: &Session) -> Result<Person, PersonUnclear> {
        let factor = self.gate.policy.factor.as_ref().ok_or(PersonUnclear::AttributeAbsent)?;
        factor.naming.canonical(&session.user, &|name| session.attribute(name).unwrap_or_default())
    }

    /// The person's object, and the visit of this browser.
    pub(crate) fn visit(&self, session: &Session, listed: &[Kind]) -> Result<(ObjectName, Visit), Why> {
        let factor = self.gate.policy.factor.as_ref().ok_or(Why::NotFound)?;
        let person = self.person(session).map_err(|_| Why::PersonUnclear)?;
        let object = self.gate.id_key.person(&factor.tenant, &factor.cas, &person.name);
        let shared = is_inside(&factor.shared, self.peer);
        let device = crate::http::cookie::pairs(self.head.headers())
            .find(|(name, _)| *name == self.site.cookies.device)
            .map(|(_, value)| value.to_owned());
        let visit = Visit {
            sid: session.sid.clone(),
            object: session.object.clone(),
            site: self.site.id.clone(),
            browser: browser(self.head.header("user-agent").unwrap_or_default()).to_owned(),
            shown: session.user.clone(),
            born_secs: session.born().secs(),
            fresh: session.asked_password(),
            device: device.filter(|value| value.len() <= 100),
            shared,
            inside: is_inside(&factor.networks, self.peer),
            surrogate: person.surrogate,
            // A factor that the CAS server asked for on another occasion pays for no enrolment.
            cas: self.cas_given(session).filter(|_| self.pays(session)),
            invitation: None,
            listed: listed.to_vec(),
        };
        Ok((object, visit))
    }

    /// The place of a sign-in, where there is a portal to compare it.
    pub(crate) fn place(&self) -> Option<Place> {
        self.gate.portal.as_ref()?;
        let name = browser(self.head.header("user-agent").unwrap_or_default());
        Some((name.to_owned(), network_of(self.peer)))
    }

    /// Opens an invitation that was typed or pasted.
    pub(crate) fn invitation(&self, text: &str, now: UnixMs) -> Option<Invitation> {
        let tenant = &self.gate.policy.factor.as_ref()?.tenant;
        Invitation::open(&self.gate.keyring, tenant, text, now)
    }

    /// A call to the person's object.
    pub(crate) fn person_post(
        &self,
        session: &Session,
        listed: &[Kind],
        call: impl FnOnce(Visit) -> PersonCall,
    ) -> Result<PersonPost, Why> {
        let (object, visit) = self.visit(session, listed)?;
        Ok(PersonPost { object, required: self.requires(session), call: call(visit) })
    }

    /// The token of this session's forms.
    pub(crate) fn form_token(&self, session: &Session) -> String {
        self.gate.id_key.form_token(&self.site.public, &session.sid)
    }

    /// Whether a form was made for this session.
    pub(crate) fn is_form_of(&self, session: &Session, token: &str) -> bool {
        Secret::from(self.form_token(session).as_bytes()).ct_eq(token.as_bytes())
    }

    /// Whether the request loads a service worker's script that must be refused: the worker would see every code on this host.
    pub(crate) fn is_service_worker(&self) -> bool {
        let trusts = self.gate.policy.factor.as_ref().is_none_or(|factor| factor.trusts_service_worker);
        !trusts
            && self.gate.portal.is_none()
            && self.gate.policy.asks_at(self.site.host())
            && self.head.header("service-worker").is_some_and(|value| value.eq_ignore_ascii_case("script"))
    }
}

/// A page of this site, as a form or a link names it; the first page where it is none.
pub(crate) fn page_of(text: Option<&str>) -> String {
    let is_page = |page: &&str| {
        let starts = page.starts_with('/') && !page.starts_with("//") && !page.starts_with("/\\");
        starts && page.len() <= MAX_PAGE_BYTES && Target::parse(page).is_some()
    };
    text.filter(is_page).unwrap_or("/").to_owned()
}

/// The path of a request's page at the portal, below `/.portcullis/`; the request's id follows.
pub(crate) const HANDOVER: &str = "factor/ask/";

/// The id of the request that a page of the portal belongs to.
fn rid_of(page: &str) -> Option<&str> {
    page.strip_prefix(INTERNAL_PREFIX)?.strip_prefix(HANDOVER).filter(|rid| portal::is_rid(rid))
}

/// The name of a browser for pages, from its user agent. It is a hint for the person. The portal also compares it, beside the
/// network, before it answers a site without a click.
fn browser(agent: &str) -> &'static str {
    let rows = [
        ("Edg", "Edge"),
        ("OPR/", "Opera"),
        ("SamsungBrowser", "Samsung Internet"),
        ("Firefox", "Firefox"),
        ("FxiOS", "Firefox"),
        ("CriOS", "Chrome"),
        ("Chrome", "Chrome"),
        ("Safari", "Safari"),
    ];
    rows.iter().find(|(mark, _)| agent.contains(mark)).map_or("Browser", |(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn o01_a_form_leads_only_to_a_page_of_this_site() {
        for page in ["/", "/a?b=c", "/secret/x"] {
            assert_eq!(page_of(Some(page)), page);
        }
        for page in ["", "a", "//evil.example", "/\\evil.example", "https://evil.example/", "/a\nb", "/a#b"] {
            assert_eq!(page_of(Some(page)), "/", "{page:?}");
        }
        assert_eq!(page_of(Some(&format!("/{}", "a".repeat(1_024)))), "/");
        assert_eq!(page_of(None), "/");
    }
}
