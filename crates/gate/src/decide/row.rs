//! The top of the decision table, from the request alone.

use crate::{
    http::head::{Caller, is_forbidden_method},
    policy::{Access, Rule, RuleMatch, rule_for},
    request::context::RequestContext,
    why::Why,
};

/// What the table says of a request, before a session is looked for.
pub(super) enum Row<'a> {
    /// Nobody can be served this.
    Refuse(Why),
    /// A path of the gate's own.
    Internal(&'a str),
    /// A page with a ticket in its address.
    StripTicket,
    /// This rule decides, and is open to everybody.
    Public(usize, &'a Rule),
    /// This rule decides, and asks for a session.
    Session(usize, &'a Rule),
}

/// The one reading of a request: the full decision, the fast one and the cached one differ in what they do with it.
pub(super) fn row<'a>(context: &RequestContext<'a>) -> Row<'a> {
    // An app that echoes a request (Apache does by default) would show what we add to it: the secret of the origin.
    if is_forbidden_method(context.head.method) {
        return Row::Refuse(Why::BadMethod);
    }
    if context.target.may_be_internal() {
        return context.target.internal_path().map_or(Row::Refuse(Why::AmbiguousPath), Row::Internal);
    }
    let rules = &context.gate.policy.rules;
    let (at, rule) = match rule_for(rules, context.site.host(), context.head.method, &context.target) {
        RuleMatch::Rule(at, rule) => (at, rule),
        RuleMatch::None => return Row::Refuse(Why::NoRule),
        RuleMatch::Ambiguous => return Row::Refuse(Why::AmbiguousPath),
    };
    if context.head.caller() == Caller::Page && context.ticket_in_query() {
        return Row::StripTicket;
    }
    if rule.access == Access::Public { Row::Public(at, rule) } else { Row::Session(at, rule) }
}
