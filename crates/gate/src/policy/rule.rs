//! Rules, and the match of a request.

use super::{Condition, LoginAsk, Origin, Requirement, factor::Mode};
use crate::http::path::Target;

/// A path pattern of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pattern {
    /// This path alone.
    Exact(String),
    /// This folder with and without its trailing slash, and all paths below. Empty for the whole site.
    Folder(String),
}

/// How a path is compared with a pattern.
#[derive(Clone, Copy)]
enum Reading {
    /// Byte for byte.
    Exact,
    /// Without regard to case and a trailing slash, as Express and ASP.NET route by default.
    Loose,
}

impl Pattern {
    fn fits_loosely(&self, path: &[u8]) -> bool {
        let bare = |path: &'_ [u8]| path.strip_suffix(b"/").map_or(path.len(), <[u8]>::len);
        match self {
            Self::Exact(exact) => {
                let exact = exact.as_bytes();
                let (one, other) = (exact.get(..bare(exact)), path.get(..bare(path)));
                matches!((one, other), (Some(one), Some(other)) if one.eq_ignore_ascii_case(other))
            }
            Self::Folder(folder) => path.split_at_checked(folder.len()).is_some_and(|(head, rest)| {
                head.eq_ignore_ascii_case(folder.as_bytes()) && (rest.is_empty() || rest.starts_with(b"/"))
            }),
        }
    }

    pub(super) fn fits(&self, path: &[u8]) -> bool {
        match self {
            Self::Exact(exact) => path == exact.as_bytes(),
            Self::Folder(folder) => {
                path.strip_prefix(folder.as_bytes()).is_some_and(|rest| rest.is_empty() || rest.starts_with(b"/"))
            }
        }
    }
}

/// How a browser keeps a personal answer, so that the next person at it is not shown it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BrowserCache {
    /// Pages, JSON and PDF are asked for again each time.
    #[default]
    RevalidatePages,
    /// Every answer is asked for again each time.
    Revalidate,
    /// As the app says.
    App,
    /// No answer is kept.
    NoStore,
}

/// One rule of the policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    pub(super) patterns: Vec<Pattern>,
    pub(super) hosts: Vec<String>,
    pub(super) methods: Vec<String>,
    /// The requirement on the login.
    pub requirement: Requirement,
    /// Whether the app receives the identity of a signed-in person.
    pub identity: bool,
    /// Conditions on attributes; all must hold.
    pub conditions: Vec<Condition>,
    /// An app instead of the site's.
    pub origin: Option<Origin>,
    /// Its name in assertions, where it is not the site's id.
    pub app: Option<String>,
    /// Whether the folder is cut off before the app sees the path.
    pub strip_prefix: bool,
    /// Whether shared caches may keep answers.
    pub cache: bool,
    /// How long browsers may keep personal answers.
    pub browser_cache: BrowserCache,
    /// Whether a WebSocket or an event stream ends with the session.
    pub close_on_revoke: bool,
    /// How long a session is believed, in seconds.
    pub revalidate_secs: u64,
    /// Stale grace: time after a due revalidation during which an unreachable store is tolerated, in seconds.
    pub grace_secs: u64,
    /// Whether the fragment of an address survives a sign-in.
    pub spa: bool,
    /// Whether a form survives a sign-in.
    pub keep_post: bool,
    /// The sentence of a closed rule.
    pub closed: Option<String>,
    /// What sign-ins that begin here ask for, where it is not what the policy says.
    pub login_ask: Option<LoginAsk>,
}

impl Rule {
    /// Whether a person who was not asked for a factor at the CAS server may be refused here.
    pub(super) fn proves_a_factor(&self, observes: bool) -> bool {
        let required = self.requirement.factor.as_ref().is_some_and(|asked| asked.mode == Mode::Required);
        !self.conditions.is_empty() || required && !observes
    }

    fn fits(&self, host: &str, method: &str, path: &[u8], reading: Reading) -> bool {
        (self.hosts.is_empty() || self.hosts.iter().any(|known| known == host))
            && (self.methods.is_empty() || self.methods.iter().any(|known| known == method))
            && self.patterns.iter().any(|pattern| match reading {
                Reading::Exact => pattern.fits(path),
                Reading::Loose => pattern.fits_loosely(path),
            })
    }

    /// Whether its hosts, methods and paths match; earlier rules are not considered. An empty host matches only rules for all hosts.
    pub(super) fn decides(&self, host: &str, method: &str, path: &str) -> bool {
        (self.hosts.is_empty() || self.hosts.iter().any(|known| known == host))
            && (self.methods.is_empty() || self.methods.iter().any(|known| known == method))
            && self.patterns.iter().any(|pattern| pattern.fits(path.as_bytes()))
    }

    /// Why it does not match this request: the first reason, for [`explain`](super::explain()).
    pub(super) fn misfit(&self, host: &str, method: &str, path: &[u8]) -> Option<String> {
        if !self.hosts.is_empty() && !self.hosts.iter().any(|known| known == host) {
            return Some(format!("it is for the host {}", self.hosts.join(", ")));
        }
        let read_as = if method == "HEAD" { "GET" } else { method };
        if !self.methods.is_empty() && !self.methods.iter().any(|known| known == read_as) {
            return Some(format!("it is for the method {}", self.methods.join(", ")));
        }
        let other = !self.patterns.iter().any(|pattern| pattern.fits(path));
        other.then(|| "the path is another".to_owned())
    }

    /// The folder to remove from this path.
    pub fn prefix(&self, raw: &str) -> Option<&str> {
        if !self.strip_prefix {
            return None;
        }
        self.patterns.iter().find_map(|pattern| match pattern {
            Pattern::Folder(folder) if pattern.fits(raw.as_bytes()) => Some(folder.as_str()),
            _ => None,
        })
    }

    /// Whether this rule, matched by another reading of the path, lets `other` decide: it is no stricter, and has the same app.
    fn no_stricter_than(&self, other: &Self) -> bool {
        self.conditions.is_empty()
            && self.closed.is_none()
            && self.origin == other.origin
            && !self.requirement.login
            && (other.identity || !self.identity)
            && !self.asks_more_for_the_name_than(other)
    }

    /// Whether an optional page passes the name only of a session with a factor that `other` would pass it without.
    fn asks_more_for_the_name_than(&self, other: &Self) -> bool {
        self.identity
            && !self.requirement.login
            && other.identity
            && other.requirement.is_weaker_than(&self.requirement)
    }

    /// Whether the same app's page is better protected under this rule than under `other`.
    fn asks_more_than(&self, other: &Self) -> bool {
        self.origin == other.origin
            && (self.closed.is_some() && other.closed.is_none()
                || self.asks_more_of_a_login_than(other)
                || self.asks_more_for_the_name_than(other))
    }

    fn asks_more_of_a_login_than(&self, other: &Self) -> bool {
        self.requirement.login
            && (other.requirement.is_weaker_than(&self.requirement)
                || !self.conditions.iter().all(|condition| other.conditions.contains(condition)))
    }

    /// Paths and methods, for [`explain`](super::explain()).
    pub fn describe(&self) -> String {
        let paths: Vec<_> = self
            .patterns
            .iter()
            .map(|pattern| match pattern {
                Pattern::Exact(exact) => exact.clone(),
                Pattern::Folder(folder) => format!("{folder}/*"),
            })
            .collect();
        let methods = if self.methods.is_empty() { String::new() } else { format!(" ({})", self.methods.join(", ")) };
        format!("{}{methods}", paths.join(", "))
    }
}

/// The match of a request among the rules.
#[derive(Debug, PartialEq, Eq)]
pub enum RuleMatch<'a> {
    /// This rule, with its index.
    Rule(usize, &'a Rule),
    /// No rule.
    None,
    /// Another reading of the path meets a stricter rule.
    Ambiguous,
}

/// The first rule that matches the normalised path, unless another reading of the same bytes meets a stricter one.
pub fn rule_for<'a>(rules: &'a [Rule], host: &str, method: &str, target: &Target<'_>) -> RuleMatch<'a> {
    // The headers of a HEAD response reveal what GET returns.
    let method = if method == "HEAD" { "GET" } else { method };
    let find = |path: &[u8], reading| rules.iter().enumerate().find(|(_, rule)| rule.fits(host, method, path, reading));
    let Some((at, rule)) = find(target.normal(), Reading::Exact) else { return RuleMatch::None };
    let stricter = |path: &[u8]| match find(path, Reading::Exact) {
        Some((other_at, other)) => other_at != at && !other.no_stricter_than(rule),
        None => true,
    };
    let asks_more = |path: &[u8]| find(path, Reading::Loose).is_some_and(|(_, other)| other.asks_more_than(rule));
    let other = |path: &[u8]| stricter(path) || asks_more(path);
    if asks_more(target.normal()) || target.others().any(other) {
        RuleMatch::Ambiguous
    } else {
        RuleMatch::Rule(at, rule)
    }
}
