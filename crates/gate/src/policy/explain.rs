//! Explains the decision for a request in words, for `npm run check-policy`.

use std::fmt::Write as _;

use super::{Policy, RuleMatch, rule_for};
use crate::http::path::Target;

/// Explains the decision for `METHOD URL`: the rule that matches and its requirements.
pub fn explain(policy: &Policy, method: &str, url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let (host, target) = match rest.find('/') {
        Some(at) => rest.split_at(at),
        None => (rest, "/"),
    };
    let Some(target) = Target::parse(target) else {
        return "400: the address cannot be read (BAD_REQUEST).\n".into();
    };
    // Typed by a person; HTTP methods are in capitals.
    let method = &method.to_ascii_uppercase();
    if crate::http::head::is_forbidden_method(method) {
        return "405: no page is asked in that way (BAD_METHOD).\n".into();
    }
    let scheme = url.split_once("://").map_or("https", |(scheme, _)| scheme);
    let site = crate::http::address::base_url(&format!("{scheme}://{host}"));
    if !policy.sites.is_empty() && !policy.sites.iter().any(|known| Some(&known.public) == site.as_ref()) {
        return "421: the host is that of no site (UNKNOWN_HOST).\n".into();
    }
    let closed =
        policy.sites.iter().find(|known| Some(&known.public) == site.as_ref()).and_then(|site| site.closed.as_ref());
    let host = site.as_deref().map_or(host, crate::http::address::host_of);
    let mut out = String::new();
    let normal = String::from_utf8_lossy(target.normal()).into_owned();
    if normal != target.raw {
        let _ = writeln!(out, "The path is decided on as {normal}.");
    }
    if target.may_be_internal() {
        out.push_str("The path is the gate's own; no rule is asked.\n");
        return out;
    }
    if let Some(text) = closed {
        let _ = writeln!(out, "503: the whole site is closed (CLOSED): {text}");
        return out;
    }
    for (at, rule) in policy.rules.iter().enumerate() {
        let misfit = rule.misfit(host, method, target.normal());
        let told = misfit.as_ref().map_or_else(|| "fits".to_owned(), |why| format!("no, {why}"));
        let _ = writeln!(out, "Rule {} ({}): {told}.", at + 1, rule.describe());
        if misfit.is_none() {
            break; // The rules below it are not read.
        }
    }
    match rule_for(&policy.rules, host, method, &target) {
        RuleMatch::None => out.push_str("403: no rule covers it (NO_RULE).\n"),
        RuleMatch::Ambiguous => {
            out.push_str("400: an app could read this path as another one with a stricter rule (AMBIGUOUS_PATH).\n")
        }
        RuleMatch::Rule(at, rule) => {
            let _ = writeln!(out, "Rule {} decides: {}.", at + 1, rule.describe());
            if let Some(text) = &rule.closed {
                let _ = writeln!(out, "503: it is closed (CLOSED): {text}");
                return out;
            }
            let wants = match (rule.requirement.login, rule.requirement.fresh, rule.identity) {
                (false, _, false) => "Everybody gets in; no name is passed on (PUBLIC).".to_owned(),
                (false, _, true) => "Everybody gets in; the name of who is signed in is passed on (LIVE_SESSION or ANONYMOUS).".to_owned(),
                (true, None, _) => "A sign-in is needed: a page is sent to sign in (LOGIN_STARTED), a program gets 401 (LOGIN_REQUIRED).".to_owned(),
                (true, Some(secs), _) => format!("A sign-in not older than {secs} s is needed (FRESH_LOGIN_STARTED or 401 FRESH_LOGIN_REQUIRED)."),
            };
            let _ = writeln!(out, "{wants}");
            if let (Some(factor), Some(asked)) = (&policy.factor, &rule.requirement.factor) {
                let more = if factor.when.is_empty() { "" } else { "; factor.when may ask for more" };
                let observed = if factor.observe { " (only observed)" } else { "" };
                let _ = writeln!(
                    out,
                    "Second factor: {}{observed}{more} (FACTOR_ASKED, or 401 FACTOR_REQUIRED for a program).",
                    super::compare::words(asked)
                );
            }
            for condition in &rule.conditions {
                let _ = writeln!(
                    out,
                    "Attribute {} must be one of: {} (else 403 NOT_ALLOWED; 403 MISSING_ATTRIBUTE when it is absent).",
                    condition.attribute,
                    condition.values.join(", ")
                );
            }
            let names = policy.headers.iter().map(|header| header.name.as_str());
            let set: Vec<_> = core::iter::once("Remote-User").chain(names).collect();
            let what =
                if rule.identity { "set for who is signed in, and removed from the client's" } else { "removed" };
            let _ = writeln!(out, "Identity headers are {what}: {}, and those of other products.", set.join(", "));
        }
    }
    out
}
