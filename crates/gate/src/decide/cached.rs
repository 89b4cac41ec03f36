//! A pass: what follows from a person's cookies and peer alone, kept so that the next request need not be read whole.
//!
//! Whatever can differ from one request to the next is decided again each time, by the same functions as in the table:
//! site, path, method and with them the rule, every age, an ending, the life of the assertion. A pass is found by the
//! whole text of the cookies that it was made for, never by a number, so that it cannot be taken for another person's.

use base::UnixMs;

use crate::{
    forward::request::{Forward, is_stripped},
    http::head::is_echo,
    policy::{Access, Met, rule_for},
    request::{context::Visit, gate::Gate, reply::Facts},
    state::{
        cache::{Holder, Pass},
        session::Session,
    },
};

/// Longer ones are read each time: whoever makes up cookies must not fill the memory of an instance.
const MAX_COOKIE_BYTES: usize = 8192;

impl Gate {
    /// The number under which what [`Gate::glance`] gave for this bearer holds for the request with this first line too.
    /// The bearer is the peer's address, a line break, and the `Cookie` header. The names of other headers are not looked
    /// at here: see [`Gate::strips`].
    pub fn again(&self, line: &str, bearer: &str, now: UnixMs) -> Option<usize> {
        let visit = self.visit(Facts { head: line, peer: None, resting: &[] }).ok()?;
        if is_echo(visit.head.method) || visit.target.touches_own() || visit.ticket_in_query() {
            return None;
        }
        let rules = &self.policy.rules;
        let Met::Rule(at, _) = rule_for(rules, visit.site.host(), visit.head.method, &visit.target) else {
            return None;
        };
        let memory = self.memory.borrow();
        let pass = memory.passes(bearer).iter().find(|pass| pass.rule == at && pass.site == visit.site.id)?;
        let holds = pass.holder.as_ref().is_none_or(|holder| {
            holder.believed.contains(&now.secs())
                && !memory.has_ended(&holder.object)
                && memory.assertion(&holder.sid, &pass.site, now) == Some(&holder.assertion)
        });
        if holds { number(&visit, at) } else { None }
    }

    /// Whether a header of this name is removed from every request.
    pub fn strips(&self, name: &str) -> bool {
        is_stripped(name, &self.policy)
    }
}

/// One of each rule of each site: the same stranger may come to two sites with the same cookies, or with none.
fn number(visit: &Visit<'_>, at: usize) -> Option<usize> {
    let site = visit.gate.sites.iter().position(|site| site.id == visit.site.id)?;
    Some(site * visit.gate.policy.rules.len() + at)
}

/// Keeps what was decided of this request, where the next one like it can do with that.
pub(super) fn keep_pass(visit: &Visit<'_>, at: usize, session: Option<(&Session, &str)>, forward: &mut Forward) {
    let Some(rule) = visit.gate.policy.rules.get(at) else { return };
    let mut cookies = visit.head.headers().iter().filter(|(name, _)| name.eq_ignore_ascii_case("cookie"));
    let (first, more) = (cookies.next().map_or("", |(_, value)| value), cookies.next());
    // A fresh sign-in grows old by itself, and a folder that is cut off is a matter of the path.
    let lasting = !matches!(rule.access, Access::Fresh { .. }) && !rule.strip_prefix;
    let once = visit.ticket_in_query() || more.is_some();
    if first.len() > MAX_COOKIE_BYTES
        || !lasting
        || once
        || !forward.cookies.is_empty()
        || !forward.truncated.is_empty()
    {
        return;
    }
    let holder = session.map(|(session, assertion)| Holder {
        object: session.object.clone(),
        sid: session.sid.clone(),
        assertion: assertion.to_owned(),
        believed: session.believed(visit.gate.lifetimes(), rule.revalidate_secs),
    });
    let peer = visit.peer.map_or_else(String::new, |peer| peer.to_string());
    let pass = Pass { site: visit.site.id.clone(), rule: at, holder };
    visit.gate.memory.borrow_mut().keep_pass(format!("{peer}\n{first}"), pass);
    forward.pass = number(visit, at);
}
