//! The request to the app: headers removed, headers set, address rewritten.

use std::{collections::BTreeMap, fmt::Write as _, net::IpAddr};

use super::{address::app_hosts, watch::Watch};
use crate::{
    http::{cookie, head::Head, path::Target},
    keys::seal::OriginKey,
    policy::{BrowserCache, Origin, Policy, Rule, site::Site, strip::is_stripped},
    state::session::Session,
    why::Why,
};

/// The plan for a forwarded request and its response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forward {
    /// The site's id, for counts.
    pub site_id: String,
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
    /// Who may keep the answer.
    pub keep: Keep,
    /// The app's scheme and host, as the request is sent to it.
    pub origin_base: String,
    /// Hosts by which the app may call itself: see [`Addresses`](super::address::Addresses).
    pub app_hosts: String,
    /// The folder that was cut off.
    pub prefix: String,
    /// Scheme and host that people type.
    pub public: String,
    /// Prefix of our cookies' names, which an app may not set.
    pub cookie_prefix: String,
    /// What may end a WebSocket or an event stream.
    pub watch: Option<Watch>,
    /// Names of truncated headers.
    pub truncated: Vec<String>,
    /// Cache key of this plan within one client; reuse only when [`Gate::cached_decision`](crate::Gate::cached_decision)
    /// returns it, with `origin_base` and the path and query of the new request as the address.
    pub plan_id: Option<usize>,
}

/// Who may keep an app's answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// Whoever the app says.
    Anybody,
    /// No shared cache. Nobody's name went to the app.
    Private,
    /// No shared cache, and a browser as said: somebody's name went to the app.
    Personal(BrowserCache),
}

impl Keep {
    /// A stable word, for an adapter; the first is empty.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Anybody => "",
            Self::Private | Self::Personal(BrowserCache::App) => "private",
            Self::Personal(BrowserCache::RevalidatePages) => "revalidate-pages",
            Self::Personal(BrowserCache::Revalidate) => "revalidate",
            Self::Personal(BrowserCache::NoStore) => "no-store",
        }
    }

    /// How a browser keeps the answer, by the word of [`Keep::as_str`]. An unknown word is the strictest.
    pub fn browser_cache(word: &str) -> BrowserCache {
        match word {
            "private" => BrowserCache::App,
            "revalidate-pages" => BrowserCache::RevalidatePages,
            "revalidate" => BrowserCache::Revalidate,
            _ => BrowserCache::NoStore,
        }
    }
}

impl Forward {
    /// For the adapter: twelve lines, then a line for each change (`-name`, `=name value`, `+cookie`). No value has a line
    /// break in it, because each is encoded or came from a header. `p` after the plan's id marks a person's.
    pub fn encode(&self, why: Why) -> String {
        let origin = match &self.origin {
            Origin::Binding(name) => name.as_str(),
            Origin::Url(_) => "",
            Origin::Zone => "*",
        };
        let mut out = String::with_capacity(1024);
        let person = if matches!(self.keep, Keep::Personal(_)) { "p" } else { "" };
        let plan_id = self.plan_id.map_or_else(String::new, |number| format!("{number}{person}"));
        let watch = self.watch.as_ref().map_or_else(String::new, Watch::encode);
        for line in [
            origin,
            &self.url,
            self.keep.as_str(),
            &self.origin_base,
            &self.public,
            &self.cookie_prefix,
            &plan_id,
            &self.app_hosts,
            &self.prefix,
            &watch,
            why.code(),
            &self.site_id,
        ] {
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

/// Scheme and host by which an app is called. One behind a binding has none of its own, and is called by the public one.
pub(crate) fn base<'w>(origin: &'w Origin, site: &'w Site) -> &'w str {
    match origin {
        Origin::Url(base) => base,
        Origin::Binding(_) | Origin::Zone => &site.public,
    }
}

/// The request's way to the app.
pub(crate) struct ForwardBuilder<'w, 'a> {
    pub(crate) policy: &'w Policy,
    pub(crate) origin_key: Option<&'w OriginKey>,
    pub(crate) site: &'w Site,
    pub(crate) head: &'w Head<'a>,
    pub(crate) target: &'w Target<'a>,
    pub(crate) rule: &'w Rule,
    pub(crate) peer: Option<IpAddr>,
    /// When the session's factor becomes too old for the rule, in seconds since 1970.
    pub(crate) factor_until: Option<u64>,
    /// Whether the session is let in because its person has no factor.
    pub(crate) exempt: bool,
    /// Whether `Authorization` is for the gate, and never for an app.
    pub(crate) has_bearer: bool,
    /// Where the apps behind bindings listen, as far as it is known.
    pub(crate) binding_addresses: &'w BTreeMap<String, String>,
}

impl ForwardBuilder<'_, '_> {
    fn origin(&self) -> &Origin {
        self.rule.origin.as_ref().unwrap_or(&self.site.origin)
    }

    fn base(&self) -> &str {
        base(self.origin(), self.site)
    }

    /// The address at which the app itself listens, where it is known.
    fn own_address(&self) -> Option<&str> {
        match self.origin() {
            Origin::Url(base) => Some(base),
            Origin::Binding(name) => self.binding_addresses.get(name).map(String::as_str),
            Origin::Zone => None,
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
            site_id: self.site.id.clone(),
            url: self.url(),
            strip: self.strip(),
            set: Vec::new(),
            cookies: Vec::new(),
            keep: match session {
                Some(_) => Keep::Personal(self.rule.browser_cache),
                None if self.rule.cache => Keep::Anybody,
                None => Keep::Private,
            },
            origin_base: self.base().to_owned(),
            app_hosts: app_hosts(self.own_address(), &self.site.public),
            prefix: self.prefix().to_owned(),
            public: self.site.public.clone(),
            cookie_prefix: self.site.cookies.session.clone(),
            watch: Watch::of(self.policy, self.rule, session, (self.factor_until, self.exempt)),
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
            .filter(|name| is_stripped(name, policy) || self.has_bearer && name.eq_ignore_ascii_case("authorization"))
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
        if let Some(key) = self.origin_key {
            set("x-portcullis-origin", &key.value(&self.origin().to_string()));
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

/// Printable ASCII without `%` (and without `,` in a list) stays; everything else becomes `%XX` of its UTF-8.
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

    /// The word goes through the adapter and comes back; what is unknown is kept nowhere.
    #[test]
    fn who_may_keep_an_answer_has_a_stable_word() {
        let personal = [
            ("private", BrowserCache::App),
            ("revalidate-pages", BrowserCache::RevalidatePages),
            ("revalidate", BrowserCache::Revalidate),
            ("no-store", BrowserCache::NoStore),
        ];
        for (word, cache) in personal {
            assert_eq!(Keep::Personal(cache).as_str(), word);
            assert_eq!(Keep::browser_cache(word), cache);
        }
        assert_eq!([Keep::Anybody, Keep::Private].map(Keep::as_str), ["", "private"]);
        assert_eq!(Keep::browser_cache("anything"), BrowserCache::NoStore);
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
