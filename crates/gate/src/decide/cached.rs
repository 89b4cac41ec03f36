//! A pass: what follows from a person's cookies and peer alone, kept so that the next request need not be read whole.
//!
//! Whatever can differ from one request to the next is decided again each time, by the same functions as in the table:
//! site, path, method and with them the rule, every age, an ending, the life of the assertion. A pass is found by the
//! whole text of the cookies that it was made for, never by a number, so that it cannot be taken for another person's.

use base::UnixMs;

use crate::{
    forward::request::{Forward, is_stripped},
    http::head::is_forbidden_method,
    policy::{Access, RuleMatch, rule_for},
    request::{context::RequestContext, gate::Gate, reply::Facts},
    state::{
        cache::{CachedDecision, CachedSession},
        session::Session,
    },
};

/// Longer ones are read each time: whoever makes up cookies must not fill the memory of an instance.
const MAX_COOKIE_BYTES: usize = 8192;

impl Gate {
    /// The number under which what [`Gate::decide_fast`] gave for this bearer holds for the request with this first line too.
    /// The bearer is the peer's address, a line break, and the `Cookie` header. The names of other headers are not looked
    /// at here: see [`Gate::strips`].
    pub fn cached_decision(&self, line: &str, cache_key: &str, now: UnixMs) -> Option<usize> {
        let context = self.context(Facts { head: line, peer: None, open_circuits: &[] }).ok()?;
        if is_forbidden_method(context.head.method) || context.target.may_be_internal() || context.ticket_in_query() {
            return None;
        }
        let rules = &self.policy.rules;
        let RuleMatch::Rule(at, _) = rule_for(rules, context.site.host(), context.head.method, &context.target) else {
            return None;
        };
        let cache = self.cache.borrow();
        let decision = cache
            .decisions(cache_key)
            .iter()
            .find(|decision| decision.rule == at && decision.site == context.site.id)?;
        let holds = decision.session.as_ref().is_none_or(|session| {
            session.valid_until_revalidation.contains(&now.secs())
                && !cache.has_ended(&session.object)
                && cache.assertion(&session.sid, &decision.site, now) == Some(&session.assertion)
        });
        if holds { number(&context, at) } else { None }
    }

    /// Whether a header of this name is removed from every request.
    pub fn strips(&self, name: &str) -> bool {
        is_stripped(name, &self.policy)
    }
}

/// One of each rule of each site: the same stranger may come to two sites with the same cookies, or with none.
fn number(context: &RequestContext<'_>, at: usize) -> Option<usize> {
    let site = context.gate.sites.iter().position(|site| site.id == context.site.id)?;
    Some(site * context.gate.policy.rules.len() + at)
}

/// Keeps what was decided of this request, where the next one like it can do with that.
pub(super) fn cache_decision(
    context: &RequestContext<'_>,
    at: usize,
    session: Option<(&Session, &str)>,
    forward: &mut Forward,
) {
    let Some(rule) = context.gate.policy.rules.get(at) else { return };
    let mut cookies = context.head.headers().iter().filter(|(name, _)| name.eq_ignore_ascii_case("cookie"));
    let (first, more) = (cookies.next().map_or("", |(_, value)| value), cookies.next());
    // A fresh sign-in grows old by itself, and a folder that is cut off is a matter of the path.
    let lasting = !matches!(rule.access, Access::Fresh { .. }) && !rule.strip_prefix;
    let once = context.ticket_in_query() || more.is_some();
    if first.len() > MAX_COOKIE_BYTES
        || !lasting
        || once
        || !forward.cookies.is_empty()
        || !forward.truncated.is_empty()
    {
        return;
    }
    let session = session.map(|(session, assertion)| CachedSession {
        object: session.object.clone(),
        sid: session.sid.clone(),
        assertion: assertion.to_owned(),
        valid_until_revalidation: session.valid_until_revalidation(context.gate.lifetimes(), rule.revalidate_secs),
    });
    let peer = context.peer.map_or_else(String::new, |peer| peer.to_string());
    let decision = CachedDecision { site: context.site.id.clone(), rule: at, session };
    context.gate.cache.borrow_mut().cache_decision(format!("{peer}\n{first}"), decision);
    forward.plan_id = number(context, at);
}
