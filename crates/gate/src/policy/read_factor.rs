//! Checks the parts of a raw policy that concern the second factor.

use std::collections::BTreeMap;

use super::{
    AttributeValues, Condition, LoginAsk, Network, Problem, RawRule, Rule, SitePolicy,
    cas_factors::{CasFactor, CasFactors, MappedAttribute},
    demand::{Demand, Kind, MIN_MAX_AGE_SECS},
    factor::{Asked, Enrolling, FactorPolicy, Mode, When, day},
    naming::{Naming, UserKey},
    raw::{RawCasFactor, RawFactor, RawFactorMode, RawMappedAttribute, RawWhen},
};

/// The `user_key` that takes the user name of the CAS server.
const CAS_USER: &str = "cas:user";
/// The parameter by which Apereo CAS is asked for a factor.
const AUTHN_METHOD: &str = "authn_method";
/// Greatest `remember_days`.
const MAX_REMEMBER_DAYS: u64 = 90;
/// Greatest `grace_days`.
const MAX_GRACE_DAYS: u64 = 90;
/// `reuse_secs` by default, and at most: a working day, and a day.
const REUSE_SECS: u64 = 8 * 3600;
const MAX_REUSE_SECS: u64 = 24 * 3600;
/// Longest id or name.
const MAX_NAME: usize = 64;

/// The factor that rules without keys of their own ask for, and the rest of the table.
pub(super) fn read(raw: Option<RawFactor>, problems: &mut Vec<Problem>) -> (Option<Asked>, Option<FactorPolicy>) {
    let Some(raw) = raw else { return (None, None) };
    let mut say = |key: &str, what: &str| problems.push(Problem::new(format!("factor.{key}"), what));
    let (mode, observe) = match raw.mode {
        Some(RawFactorMode::Off) => (Mode::Off, false),
        Some(RawFactorMode::Offered) => (Mode::Offered, false),
        Some(RawFactorMode::Required) => (Mode::Required, false),
        Some(RawFactorMode::Observe) => (Mode::Required, true),
        None => {
            say("mode", "must be said: observe, off, offered or required");
            (Mode::Off, false)
        }
    };
    let demand = demand(raw.kinds, raw.max_age_secs, raw.remembered, &mut |key, what| say(key, what));
    let user_key = match raw.user_key.as_deref() {
        None | Some("") => {
            say("user_key", "must be said: the attribute that names people, or \"cas:user\"; it has no default");
            UserKey::CasUser
        }
        Some(CAS_USER) => UserKey::CasUser,
        Some(name) => UserKey::Attribute(name.to_owned()),
    };
    if user_key != UserKey::CasUser && (raw.user_chars.is_some() || !raw.realms.is_empty()) {
        say("user_key", "is an attribute, which is taken byte by byte: user_chars and realms are for \"cas:user\"");
    }
    let mut id = |key: &str, value: Option<String>| match value {
        Some(id) if (1..=MAX_NAME).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_graphic()) => id,
        Some(_) => {
            say(key, "must be 1 to 64 characters of ASCII without blanks");
            String::new()
        }
        None => {
            say(key, "must be said, and never change: every person's name is made of it");
            String::new()
        }
    };
    let (tenant, cas) = (id("tenant_id", raw.tenant_id), id("cas_id", raw.cas_id));
    let grace_until_secs = raw.grace_until.as_deref().and_then(|text| {
        let day = day(text);
        if day.is_none() {
            say("grace_until", "must be a day: \"2026-12-31\"");
        }
        day
    });
    if raw.grace_days.is_some_and(|days| !(1..=MAX_GRACE_DAYS).contains(&days)) {
        say("grace_days", "must be 1 to 90");
    }
    if raw.grace_days.is_some() && raw.grace_until.is_some() {
        say("grace_days", "and grace_until say two things: leave one out");
    }
    let enrolling = match raw.enrolment.as_deref() {
        Some("open") => Enrolling::Open,
        Some("network") => Enrolling::Network,
        Some("invited") | None => Enrolling::Invited,
        Some(text) => match text.strip_prefix("until ").and_then(day) {
            Some(secs) => Enrolling::Until(secs),
            None => {
                say("enrolment", "must be open, network, invited, or until and a day: \"until 2026-12-31\"");
                Enrolling::Invited
            }
        },
    };
    if enrolling == Enrolling::Network && raw.networks.is_empty() {
        say("networks", "must name the networks from which people may enrol");
    }
    if raw.remember_days.is_some_and(|days| !(1..=MAX_REMEMBER_DAYS).contains(&days)) {
        say("remember_days", "must be 1 to 90");
    }
    if raw.reuse_secs.is_some_and(|secs| !(60..=MAX_REUSE_SECS).contains(&secs)) {
        say("reuse_secs", "must be 60 to 86400");
    }
    let issuer = raw.issuer;
    if issuer.as_ref().is_some_and(|name| name.is_empty() || name.len() > MAX_NAME || name.contains(':')) {
        say("issuer", "must be 1 to 64 characters without a colon");
    }
    if raw.acr.as_ref().is_some_and(|acr| acr.is_empty() || acr.len() > 255) {
        say("acr", "must be 1 to 255 characters");
    }
    let networks = networks("factor.networks", &raw.networks, problems);
    let shared = self::networks("factor.shared", &raw.shared, problems);
    let when = raw.when.into_iter().enumerate().map(|(at, raw)| read_when(at, raw, problems)).collect();
    let policy = FactorPolicy {
        observe,
        when,
        grace_until_secs,
        grace_secs: raw.grace_days.map(|days| days.saturating_mul(86_400)),
        enrolling,
        networks,
        shared,
        naming: Naming { user_key, realms: raw.realms, user_chars: raw.user_chars },
        tenant,
        cas,
        issuer,
        verification: raw.verification.unwrap_or_default(),
        remember_secs: raw.remember_days.map(|days| days * 86_400),
        reuse_secs: raw.reuse_secs.unwrap_or(REUSE_SECS),
        people_at_least: raw.people_at_least,
        trusts_service_worker: raw.service_worker.is_some(),
        acr: raw.acr,
    };
    (Some(Asked { mode, demand, attribute_missing: false }), Some(policy))
}

fn read_when(at: usize, raw: RawWhen, problems: &mut Vec<Problem>) -> When {
    let place = format!("factor.when[{at}]");
    let outside = networks(&format!("{place}.outside"), &raw.outside, problems);
    let mut say = |key: &str, what: &str| problems.push(Problem::new(format!("{place}.{key}"), what));
    let demand = demand(raw.kinds, raw.max_age_secs, raw.remembered, &mut say);
    let mut conditions = Vec::new();
    for (attribute, values) in raw.require {
        let values = values.into_vec();
        if values.is_empty() || attribute.is_empty() {
            say("require", "an attribute needs a name and at least one value");
        }
        conditions.push(Condition { attribute, values });
    }
    if conditions.is_empty() && raw.outside.is_empty() {
        say("require", "and outside are missing: for everybody, say it in [factor]");
    }
    When { conditions, outside, asked: Asked { mode: raw.factor.into(), demand, attribute_missing: false } }
}

/// The factor that a rule asks for: its own keys, and those of the table for the others.
pub(super) fn of_rule(raw: &RawRule, base: Option<&Asked>, say: &mut dyn FnMut(&str, String)) -> Option<Asked> {
    let has_more = raw.factor_kinds.is_some() || raw.factor_max_age_secs.is_some() || raw.factor_remembered.is_some();
    let is_public = raw.access == super::RawAccess::Public;
    if is_public && (raw.factor.is_some() || has_more) {
        say("factor", "is for people who are signed in, at whom a public rule does not look".into());
        return None;
    }
    let Some(base) = base else {
        if raw.factor.is_some() || has_more {
            say("factor", "needs a table [factor]".into());
        }
        return None;
    };
    let mode = raw.factor.map_or(base.mode, Mode::from);
    if mode == Mode::Off && has_more {
        say("factor", "is off here, so nothing more can be said of it".into());
    }
    let own = demand(
        raw.factor_kinds.clone().or_else(|| Some(base.demand.kinds.clone()).filter(|kinds| !kinds.is_empty())),
        raw.factor_max_age_secs.or(base.demand.max_age_secs),
        raw.factor_remembered.unwrap_or(base.demand.remembered),
        &mut |key, what| say(&format!("factor_{key}"), what.to_owned()),
    );
    Some(Asked { mode, demand: own, attribute_missing: false })
}

fn demand(
    kinds: Option<Vec<Kind>>,
    max_age_secs: Option<u64>,
    remembered: bool,
    say: &mut dyn FnMut(&str, &str),
) -> Demand {
    if kinds.as_ref().is_some_and(Vec::is_empty) {
        say("kinds", "is empty; leave it out for all");
    }
    if max_age_secs.is_some_and(|secs| secs < MIN_MAX_AGE_SECS) {
        say("max_age_secs", "must be at least 120: somebody has to find the telephone and type");
    }
    Demand { kinds: kinds.unwrap_or_default(), max_age_secs, remembered }
}

fn networks(at: &str, texts: &[String], problems: &mut Vec<Problem>) -> Vec<Network> {
    let read = |text: &String| {
        let network = Network::parse(text);
        if network.is_none() {
            problems.push(Problem::new(at, format!("\"{text}\" is no address or network")));
        }
        network
    };
    texts.iter().filter_map(read).collect()
}

/// The factors of the CAS server that count.
pub(super) fn cas(
    mfa: BTreeMap<String, RawCasFactor>,
    attribute: Option<RawMappedAttribute>,
    params: &BTreeMap<String, String>,
    problems: &mut Vec<Problem>,
) -> CasFactors {
    let mut say = |at: String, what: &str| problems.push(Problem::new(at, what));
    let (mut classes, mut asked, is_only) = (Vec::new(), Vec::new(), mfa.len() == 1);
    for (class, raw) in mfa {
        if raw.handler.is_empty() {
            say(
                format!("cas.mfa.{class}.handler"),
                "must name the handler of that factor: a directory can forge the rest",
            );
        }
        if raw.ask.unwrap_or(is_only) {
            asked.push(class.clone());
        }
        classes.push(CasFactor { class, handler: raw.handler, amr: raw.amr });
    }
    let attribute =
        attribute.map(|raw| MappedAttribute { attribute: raw.name, values: raw.values.into_vec(), amr: raw.amr });
    if attribute.as_ref().is_some_and(|mapped| mapped.attribute.is_empty() || mapped.values.is_empty()) {
        say("cas.mfa_attribute".into(), "needs a name and at least one value");
    }
    if asked.len() > 1 {
        say("cas.mfa".into(), "has more than one class with ask = true: a login asks for one");
    }
    let login = asked.pop().map(|class| {
        LoginAsk::over(params, BTreeMap::from([(AUTHN_METHOD.to_owned(), class)])).unwrap_or_else(|e| {
            say("cas.mfa".into(), &e.to_string());
            LoginAsk::default()
        })
    });
    CasFactors { classes, attribute, login }
}

/// Checks rules, the table `[factor]` and attribute maps against each other.
pub(super) fn check(
    rules: &[Rule],
    factor: Option<&FactorPolicy>,
    cas: &CasFactors,
    (sites, values): (&[SitePolicy], &AttributeValues),
    problems: &mut Vec<Problem>,
) {
    let Some(factor) = factor else {
        if !cas.is_empty() {
            problems.push(Problem::new("cas.mfa", "needs a table [factor], which says where a factor counts"));
        }
        return;
    };
    // Any conditions may hold together, so all of them are combined.
    for (at, rule) in rules.iter().enumerate() {
        let Some(own) = &rule.requirement.factor else { continue };
        let whole = factor.when.iter().try_fold(own.clone(), |asked, when| asked.stricter(&when.asked));
        if whole.is_none() {
            let what = "and factor.when name kinds of which neither set holds the other: a person to whom both apply could give none";
            problems.push(Problem::new(format!("rule[{at}].factor_kinds"), what));
        }
    }
    let own = match &factor.naming.user_key {
        UserKey::Attribute(name) => Some(name.clone()),
        UserKey::CasUser => None,
    };
    let taken: Vec<String> = own.into_iter().chain(cas.attributes()).collect();
    if let Some(name) = values.names().find(|name| taken.iter().any(|taken| taken == name)) {
        let what = "is taken as it came, because the second factor is judged by it: it can have no map";
        problems.push(Problem::new(format!("attributes.{name}"), what));
    }
    if let Some(at) = sites.iter().position(|site| site.cas.is_some()) {
        let what = "is another CAS server: with [factor], all sites have one, because a person is named by it";
        problems.push(Problem::new(format!("site[{at}].cas_url"), what));
    }
}
