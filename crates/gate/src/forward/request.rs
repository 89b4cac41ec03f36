//! The request to the app: headers removed, headers set, address rewritten.

use std::{fmt::Write as _, net::IpAddr};

use crate::{
    http::{cookie, head::Head, path::Target},
    policy::{Origin, Policy, Rule, site::Site},
    state::session::Session,
};

/// The plan for a forwarded request and its response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forward {
    /// The app.
    pub origin: Origin,
    /// The address. Path and query are forwarded byte for byte, except a stripped prefix or ticket.
    pub url: String,
    /// Names of headers to remove, spelt as the client sent them.
    pub strip: Vec<String>,
    /// Headers to set.
    pub set: Vec<(String, String)>,
    /// `Set-Cookie` values to add to the response.
    pub cookies: Vec<String>,
    /// Whether the response is personal and must stay out of shared caches.
    pub private: bool,
    /// Scheme and host of the app, mapped to `public` in `Location`.
    pub origin_base: String,
    /// Public scheme and host.
    pub public: String,
    /// Prefix of our cookies' names, which an app may not set.
    pub cookie_prefix: String,
    /// Names of truncated headers.
    pub truncated: Vec<String>,
    /// Cache key of this plan within one client; reuse only when [`Gate::cached_decision`](crate::Gate::cached_decision)
    /// returns it, with `origin_base` and the path and query of the new request as the address.
    pub plan_id: Option<usize>,
}

impl Forward {
    /// The plan as text for the adapter: seven lines, then one line a change (`-name`, `=name value`, `+cookie`). No value
    /// has a line feed, because each is encoded or came from a header.
    pub fn encode(&self) -> String {
        let origin = match &self.origin {
            Origin::Binding(name) => name.as_str(),
            Origin::Url(_) => "",
            Origin::Zone => "*",
        };
        let mut out = String::with_capacity(1024);
        let private = if self.private { "private" } else { "" };
        let plan_id = self.plan_id.map_or_else(String::new, |number| number.to_string());
        for line in [origin, &self.url, private, &self.origin_base, &self.public, &self.cookie_prefix, &plan_id] {
            out.push_str(line);
            out.push('\n');
        }
        let mut line = |parts: &[&str]| {
            parts.iter().for_each(|part| out.push_str(part));
            out.push('\n');
        };
        self.strip.iter().for_each(|name| line(&["-", name]));
        self.set.iter().for_each(|(name, value)| line(&["=", name, " ", value]));
        self.cookies.iter().for_each(|cookie| line(&["+", cookie]));
        out.pop();
        out
    }
}

/// Builds a [`Forward`].
pub(crate) struct ForwardBuilder<'w, 'a> {
    pub(crate) policy: &'w Policy,
    pub(crate) origin_secret: Option<&'w str>,
    pub(crate) site: &'w Site,
    pub(crate) head: &'w Head<'a>,
    pub(crate) target: &'w Target<'a>,
    pub(crate) rule: &'w Rule,
    pub(crate) peer: Option<IpAddr>,
}

impl ForwardBuilder<'_, '_> {
    fn origin(&self) -> &Origin {
        self.rule.origin.as_ref().unwrap_or(&self.site.origin)
    }

    /// Scheme and host of the app. An app behind a binding is called by its public address.
    fn base(&self) -> &str {
        match self.origin() {
            Origin::Url(base) => base,
            Origin::Binding(_) | Origin::Zone => &self.site.public,
        }
    }

    /// The folder to remove from the path.
    fn prefix(&self) -> &str {
        self.rule.prefix(self.target.raw).unwrap_or_default()
    }

    fn url(&self) -> String {
        let path = self.target.raw.strip_prefix(self.prefix()).unwrap_or(self.target.raw);
        let slash = if path.starts_with('/') { "" } else { "/" };
        // A ticket in an app's log could be replayed.
        let ticket = self.target.query.and_then(cas::query::only_ticket);
        let query = match (self.target.query, ticket) {
            (Some(query), Some(ticket)) => cas::query::without_ticket(query, &ticket),
            (query, _) => query.map(str::to_owned),
        };
        let query = query.map_or(String::new(), |query| format!("?{query}"));
        format!("{}{slash}{path}{query}", self.base())
    }

    /// Builds the plan with or without an identity. The caller adds the assertion.
    pub(crate) fn forward(&self, session: Option<&Session>) -> Forward {
        let mut forward = Forward {
            url: self.url(),
            strip: self.strip(),
            set: Vec::new(),
            cookies: Vec::new(),
            private: session.is_some() || !self.rule.cache,
            origin_base: self.base().to_owned(),
            public: self.site.public.clone(),
            cookie_prefix: self.site.cookies.session.clone(),
            truncated: Vec::new(),
            plan_id: None,
            origin: self.origin().clone(),
        };
        self.set_cookie_header(&mut forward);
        self.set_forwarded(&mut forward, self.prefix());
        if let Some(session) = session {
            self.set_identity(&mut forward, session);
        }
        forward
    }

    fn strip(&self) -> Vec<String> {
        let policy = self.policy;
        self.head
            .headers()
            .iter()
            .map(|(name, _)| *name)
            .filter(|name| is_stripped(name, policy))
            .map(str::to_owned)
            .collect()
    }

    fn set_cookie_header(&self, forward: &mut Forward) {
        match cookie::without_ours(&self.site.cookies, self.head.headers()) {
            Some(rest) if rest.is_empty() => forward.strip.push("cookie".into()),
            Some(rest) => forward.set.push(("cookie".into(), rest)),
            None => {}
        }
    }

    fn set_forwarded(&self, forward: &mut Forward, prefix: &str) {
        let (scheme, host) = self.site.public.split_once("://").unwrap_or_default();
        let mut set = |name: &str, value: &str| forward.set.push((name.to_owned(), value.to_owned()));
        set("x-forwarded-host", host);
        set("x-forwarded-proto", scheme);
        if let Some(peer) = self.peer {
            set("x-forwarded-for", &peer.to_string());
        }
        if !prefix.is_empty() {
            set("x-forwarded-prefix", prefix);
        }
        if let Some(secret) = self.origin_secret {
            set("x-portcullis-origin", secret);
        }
    }

    fn set_identity(&self, forward: &mut Forward, session: &Session) {
        let cap = self.policy.header_cap_bytes;
        forward.set.push(("remote-user".into(), encode_value(&session.user, false)));
        for header in &self.policy.headers {
            let Some(values) = header.from.iter().find_map(|name| session.attribute(name)) else { continue };
            let mut text = String::new();
            let mut cut = false;
            for value in values.iter().take(if header.list { usize::MAX } else { 1 }) {
                let encoded = encode_value(value, header.list);
                let comma = usize::from(!text.is_empty());
                // Truncate between values: half a name may be another group's.
                if text.len() + comma + encoded.len() > cap {
                    cut = true;
                    break;
                }
                if comma == 1 {
                    text.push(',');
                }
                text.push_str(&encoded);
            }
            let name = header.name.to_ascii_lowercase();
            if cut {
                forward.truncated.push(header.name.clone());
            }
            if !text.is_empty() {
                forward.set.push((name, text));
            }
        }
        if !forward.truncated.is_empty() {
            forward.set.push(("x-portcullis-truncated".into(), forward.truncated.join(",")));
        }
    }
}

/// Whether a header of this name is removed: it would claim an identity, a source address or another request line. Every
/// spelling counts, because some servers treat `-`, `_` and `.` alike.
pub(crate) fn is_stripped(name: &str, policy: &Policy) -> bool {
    const PREFIXES: [&str; 6] = ["remote-", "x-remote-", "x-forwarded-", "x-portcullis-", "cas-", "x-cas-"];
    const NAMES: [&str; 27] = [
        "remote",
        "proxy", // CGI makes HTTP_PROXY of it, by which programs send their own requests elsewhere (CVE-2016-5385)
        "forwarded",
        "via-portcullis",
        "x-real-ip",
        "x-client-ip",
        "x-cluster-client-ip",
        "true-client-ip",
        "cf-connecting-ip",
        "cf-connecting-ipv6",
        "cf-pseudo-ipv4",
        "cf-ipcountry",
        "cf-visitor",
        "cf-ray",
        "cf-ew-via",
        "x-original-url",
        "x-original-uri",
        "x-original-host",
        "x-rewrite-url",
        "x-original-method",
        "x-host",
        "x-user",
        "x-forwarded",
        "connection",
        "te",
        "proxy-authorization",
        "proxy-connection",
    ];
    const METHODS: [&str; 3] = ["x-http-method", "x-http-method-override", "x-method-override"];
    let first = name.as_bytes().first().map(u8::to_ascii_lowercase);
    // This runs for every header of every request, so most names are told apart by their first byte.
    let interesting = matches!(first, Some(b'r' | b'x' | b'c' | b'f' | b't' | b'v' | b'p'))
        || policy.headers.iter().any(|header| header.name.as_bytes().first().map(u8::to_ascii_lowercase) == first)
        || first.is_none_or(|b| !b.is_ascii_alphanumeric());
    if !interesting {
        return false;
    }
    let plain: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' }).collect();
    let plain = plain.trim_start_matches('-');
    PREFIXES.iter().any(|prefix| plain.starts_with(prefix))
        || NAMES.contains(&plain)
        || METHODS.contains(&plain)
        || policy.headers.iter().any(|header| {
            let known = header.name.to_ascii_lowercase();
            let bare = plain.trim_end_matches('-');
            bare == known || bare.strip_prefix("x-") == Some(&known) || bare.strip_prefix("http-") == Some(&known)
        })
}

/// Percent-encodes everything but printable ASCII without `%` (and without `,` in a list).
fn encode_value(text: &str, list: bool) -> String {
    let last = text.len().saturating_sub(1);
    let mut out = String::with_capacity(text.len());
    for (at, b) in text.bytes().enumerate() {
        let edge = b == b' ' && (at == 0 || at == last);
        if (b' '..=b'~').contains(&b) && b != b'%' && !(list && b == b',') && !edge {
            out.push(char::from(b));
        } else {
            let _ = write!(out, "%{b:02X}"); // Writing to a text cannot fail.
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn h02_values_are_encoded_so_that_they_cannot_split_or_join() {
        assert_eq!(encode_value("ann\r\nX: 1", false), "ann%0D%0AX: 1");
        assert_eq!(encode_value("Doe, John", false), "Doe, John");
        assert_eq!(encode_value("admin,user", true), "admin%2Cuser");
        assert_eq!(encode_value("Zoë 100%", false), "Zo%C3%AB 100%25");
        assert_eq!(encode_value(" a ", false), "%20a%20");
    }

    proptest! {
        #[test]
        fn h02_encoding_is_reversible(text: String, list: bool) {
            let encoded = encode_value(&text, list);
            prop_assert!(encoded.bytes().all(|b| (b' '..=b'~').contains(&b)));
            let decoded = cas::percent::decode(&encoded).map(std::borrow::Cow::into_owned);
            prop_assert_eq!(decoded, Some(text));
        }
    }
}
