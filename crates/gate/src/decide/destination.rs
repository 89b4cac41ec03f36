//! Requests that name a second address (WebDAV, RFC 4918 sections 10.3 and 10.4): a rule that opens a page for a request
//! does not open the page to which that request writes.

use base::UnixMs;

use crate::{
    forward::{
        address::split_absolute,
        request::{Forward, base},
    },
    http::path::Target,
    policy::{Origin, Rule, RuleMatch, rule_for},
    request::{context::RequestContext, factor::FactorNeed},
    state::session::Session,
    why::Why,
};

/// Whether a header of this name can change what a request does: such a request is never answered from a cached decision.
pub(super) fn is_judged(name: &str) -> bool {
    ["destination", "if", "transfer-encoding"].iter().any(|known| name.eq_ignore_ascii_case(known))
}

/// Whether a request has such a header.
pub(super) fn is_present(context: &RequestContext<'_>) -> bool {
    context.head.headers().iter().any(|(name, _)| is_judged(name))
}

/// A second address, and what the policy says of it.
struct Second<'a> {
    rule: &'a Rule,
    /// As the app is to read it.
    mapped: String,
}

fn values<'c>(context: &'c RequestContext<'_>, name: &'c str) -> impl Iterator<Item = &'c str> {
    context.head.headers().iter().filter(move |(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| *value)
}

/// Reads an address under this site's host. `None` for one elsewhere, one of the gate's own, one that can be read in two
/// ways, and one of another app.
fn read<'a>(context: &RequestContext<'a>, rule: &Rule, address: &str) -> Option<Second<'a>> {
    let path = match split_absolute(address) {
        Some((authority, path)) if authority.eq_ignore_ascii_case(context.site.host()) => path,
        Some(_) => return None,
        None => address,
    };
    let target = Target::parse(path).filter(|target| !target.may_be_internal())?;
    let rules = &context.gate.policy.rules;
    let RuleMatch::Rule(_, second) = rule_for(rules, context.site.host(), context.head.method, &target) else {
        return None;
    };
    let origin = |rule: &'_ Rule| -> Origin { rule.origin.clone().unwrap_or_else(|| context.site.origin.clone()) };
    if origin(rule) != origin(second) {
        return None;
    }
    let rest = path.strip_prefix(second.prefix(target.raw).unwrap_or_default())?;
    let slash = if rest.starts_with('/') { "" } else { "/" };
    Some(Second { rule: second, mapped: format!("{}{slash}{rest}", base(&origin(second), context.site)) })
}

/// How old a look at the session may be for this rule and for the rule of the second address, and the grace where the session's
/// object cannot be reached; both in seconds.
pub(super) fn look_secs(context: &RequestContext<'_>, rule: &Rule) -> (u64, u64) {
    let second = values(context, "destination").next().and_then(|address| read(context, rule, address));
    let (revalidate, grace) = (rule.revalidate_secs, rule.grace_secs);
    second.map_or((revalidate, grace), |Second { rule, .. }| {
        (revalidate.min(rule.revalidate_secs), grace.min(rule.grace_secs))
    })
}

/// Plans the way to the app, with every second address judged and mapped.
///
/// # Errors
/// [`Why::DestinationRefused`]: the session, or nobody, may not make this request under the second address.
pub(super) fn forward(
    context: &RequestContext<'_>,
    rule: &Rule,
    session: Option<&Session>,
    now: UnixMs,
) -> Result<Forward, Why> {
    let mut forward = context.forward_builder(rule, session).forward(session);
    if !is_present(context) {
        return Ok(forward);
    }
    let mut destinations = values(context, "destination");
    if let Some(address) = destinations.next() {
        let second = read(context, rule, address.trim()).filter(|second| {
            second.rule.closed.is_none()
                && match session {
                    Some(session) if second.rule.identity => passes(context, rule, second.rule, session, now),
                    _ => !second.rule.requirement.login,
                }
        });
        let Some(second) = second.filter(|_| destinations.next().is_none()) else {
            return Err(Why::DestinationRefused);
        };
        forward.set.push(("destination".into(), second.mapped));
    }
    // A condition on another page tells nothing and writes nothing, so its address is mapped and not judged.
    let conditions: Vec<_> = values(context, "if").collect();
    if let [condition] = conditions.as_slice() {
        let mapped = map_condition(context, rule, condition);
        if mapped != *condition {
            forward.set.push(("if".into(), mapped));
        }
    }
    Ok(forward)
}

/// Whether a request in this session's name may be made under the second rule.
fn passes(context: &RequestContext<'_>, rule: &Rule, second: &Rule, session: &Session, now: UnixMs) -> bool {
    let need = context.factor_need(second, session, now);
    // A bearer is one app's, and never enough where a factor is asked.
    let is_enough = match session.bearer_secs {
        Some(_) => {
            matches!(need, FactorNeed::Off | FactorNeed::Observed(_)) && context.app(rule) == context.app(second)
        }
        None => need.is_met(),
    };
    is_enough && context.allowed(second, session, now).is_ok()
}

/// `If: <address> (<token>)` with each address of this site as the app reads it.
fn map_condition(context: &RequestContext<'_>, rule: &Rule, condition: &str) -> String {
    let mut out = String::with_capacity(condition.len());
    let mut rest = condition;
    while let Some((before, tagged)) = rest.split_once('<') {
        let Some((address, after)) = tagged.split_once('>') else { break };
        let mapped = read(context, rule, address).map(|second| second.mapped);
        for part in [before, "<", mapped.as_deref().unwrap_or(address), ">"] {
            out.push_str(part);
        }
        rest = after;
    }
    out.push_str(rest);
    out
}
