//! Decisions cached for one client and rule, so that the next request costs no parsing of its headers.
//!
//! Everything that can differ between two requests is decided anew: site, path, method and so the rule, every age, an
//! ended session, the life of the assertion. The key is the whole text of the cookies. A number would be shorter, but a new
//! instance could give it to another client.

use base::UnixMs;

use super::{
    destination,
    row::{Row, row},
};
use crate::{
    forward::request::Forward,
    policy::{Rule, strip::is_stripped},
    request::{context::RequestContext, gate::Gate, reply::Facts},
    state::{
        Instance,
        cache::{Cache, CachedDecision, CachedSession},
        session::Session,
    },
};

/// Longer `Cookie` headers are not cached: forged cookies must not fill an instance's memory.
const MAX_COOKIE_BYTES: usize = 8192;

impl Gate {
    /// The plan id under which [`Gate::decide_fast`] decided for this client, if that decision holds for a request with
    /// this first line too. The cache key is the peer's address, a line feed, and the `Cookie` header; where the policy has a
    /// [`peer`](crate::policy::PeerHeader), a space and the value of that header come after the address. Names of other
    /// headers are not looked at: see [`Gate::request_header`].
    pub fn cached_decision(&self, instance: &Instance, line: &str, cache_key: &str, now: UnixMs) -> Option<usize> {
        let context = self.context(Facts { head: line, peer: None, open_circuits: &[] }).ok()?;
        // Whether a page asks is in headers that are not here, so a ticket is left to the full decision.
        if context.ticket_in_query() {
            return None;
        }
        let (Row::Public(at, _) | Row::Session(at, _)) = row(&context) else { return None };
        let mut decisions = instance.cache.decisions(cache_key);
        let decision = decisions.find(|decision| decision.rule == at && decision.site == context.site.id)?;
        let holds = decision.session.as_ref().is_none_or(|session| {
            session.valid_until_revalidation.contains(&now.secs())
                && !instance.ended.contains(&session.object)
                && !instance.ended.makes_due_since(session.revalidated)
                && instance.cache.assertion(&session.key, &decision.site, &session.app, now) == Some(&session.assertion)
        });
        if holds { plan_id(&context, at) } else { None }
    }

    /// What becomes of a request's header of this name, whatever its value and whoever sends it.
    pub fn request_header(&self, name: &str) -> RequestHeader {
        // Whether it holds a bearer of ours is in its value.
        if name.eq_ignore_ascii_case("authorization") && self.has_bearers() {
            return RequestHeader::Decide;
        }
        let is_worker = name.eq_ignore_ascii_case("service-worker") && self.has_factors();
        if destination::is_judged(name) || is_worker {
            RequestHeader::Decide
        } else if is_stripped(name, &self.policy) {
            RequestHeader::Strip
        } else {
            RequestHeader::Keep
        }
    }
}

/// What becomes of a request's header where a cached decision holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestHeader {
    /// It goes on.
    Keep,
    /// It is removed.
    Strip,
    /// The request needs a decision of its own.
    Decide,
}

impl RequestHeader {
    /// A stable word, for an adapter.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::Strip => "strip",
            Self::Decide => "decide",
        }
    }
}

/// One number for each rule of each site: one client may visit two sites with the same cookies, or with none.
fn plan_id(context: &RequestContext<'_>, at: usize) -> Option<usize> {
    let site = context.gate.sites.iter().position(|site| site.id == context.site.id)?;
    Some(site * context.gate.policy.rules.len() + at)
}

/// Caches a decision that can hold for the client's next request, and gives its plan an id.
pub(super) fn cache_decision(
    context: &RequestContext<'_>,
    (at, rule): (usize, &Rule),
    session: Option<(&Session, &str)>,
    forward: &mut Forward,
    cache: &mut Cache,
) {
    let mut cookies = context.head.headers().iter().filter(|(name, _)| name.eq_ignore_ascii_case("cookie"));
    let (first, more) = (cookies.next().map_or("", |(_, value)| value), cookies.next());
    // A fresh login and a factor age without revalidation, and a folder that is cut off depends on the path.
    let ages = session.is_some_and(|(session, _)| context.ages(rule, session));
    let lasting = rule.requirement.fresh.is_none() && !ages && !rule.strip_prefix;
    // As `request_header` says: the next request's `Authorization` may be a bearer of ours.
    let authorization = context.gate.has_bearers() && context.head.header("authorization").is_some();
    let once = context.ticket_in_query() || more.is_some() || authorization;
    if first.len() > MAX_COOKIE_BYTES || !lasting || once {
        return;
    }
    let session = session.map(|(session, assertion)| CachedSession {
        object: session.object.clone(),
        key: session.assertion_key(),
        assertion: assertion.to_owned(),
        app: context.app(rule).to_owned(),
        revalidated: session.revalidated_at(),
        valid_until_revalidation: {
            let valid = session.valid_until_revalidation(context.gate.lifetimes(), rule.revalidate_secs);
            valid.start..valid.end.min(context.exempt_until(rule, session).unwrap_or(u64::MAX))
        },
    });
    let mut peer = context.platform_peer.map_or_else(String::new, |peer| peer.to_string());
    // Two clients behind one proxy differ in its header alone, and the plan names the client to the app.
    if let Some(header) = &context.gate.policy.peer {
        let values = context.head.headers().iter().filter(|(name, _)| name.eq_ignore_ascii_case(header.name()));
        let values: Vec<_> = values.map(|(_, value)| *value).collect();
        peer = format!("{peer} {}", values.join(", "));
    }
    let decision = CachedDecision { site: context.site.id.clone(), rule: at, session };
    cache.cache_decision(format!("{peer}\n{first}"), decision);
    forward.plan_id = plan_id(context, at);
}
