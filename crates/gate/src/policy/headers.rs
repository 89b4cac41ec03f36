//! The map from attributes to identity headers.

use super::{HeaderRule, Problem, RawHeader};

/// The map of a policy without `[headers]`.
pub(super) fn usual() -> Vec<HeaderRule> {
    let header = |name: &str, from: &[&str], list| HeaderRule {
        name: name.to_owned(),
        from: from.iter().map(|name| (*name).to_owned()).collect(),
        list,
    };
    vec![
        header("Remote-Email", &["mail", "email"], false),
        header("Remote-Groups", &["groups", "memberOf", "group"], true),
        header("Remote-Name", &["displayName", "name", "cn"], false),
    ]
}

pub(super) fn read(name: String, raw: RawHeader, problems: &mut Vec<Problem>) -> Option<HeaderRule> {
    let token = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
    let lower = name.to_ascii_lowercase();
    if name.is_empty() || name.len() > 64 || !name.bytes().all(token) {
        problems.push(Problem::new(format!("headers.{name}"), "a header's name is letters, digits and - only"));
        return None;
    }
    let kept = [
        "remote-user",
        "host",
        "cookie",
        "authorization",
        "content-length",
        "content-type",
        "connection",
        "upgrade",
        "te",
    ];
    let ours = ["x-forwarded-", "x-portcullis-", "sec-", "cf-", "content-", "proxy-", "transfer-"];
    if kept.contains(&lower.as_str()) || ours.iter().any(|prefix| lower.starts_with(prefix)) {
        problems.push(Problem::new(format!("headers.{name}"), "this header has a meaning of its own"));
        return None;
    }
    let (from, list) = match raw {
        RawHeader::First(from) => (from.into_vec(), false),
        RawHeader::List(raw) => (raw.from.into_vec(), raw.list),
    };
    if from.is_empty() {
        problems.push(Problem::new(format!("headers.{name}"), "names no attribute"));
    }
    Some(HeaderRule { name, from, list })
}
