//! One rule, and which one a request meets.

use super::{Origin, RawAccess};
use crate::http::path::Target;

/// Who may come in under a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Access {
    /// Everybody; nobody's name is passed on.
    Public,
    /// Everybody; the name of who is signed in is passed on.
    Optional,
    /// Who is signed in.
    Login,
    /// Who signed in at most so many seconds ago, with the password asked for again.
    Fresh {
        /// Greatest age of the sign-in, in seconds.
        max_age_secs: u64,
    },
}

impl Access {
    const fn strength(&self) -> RawAccess {
        match self {
            Self::Public => RawAccess::Public,
            Self::Optional => RawAccess::Optional,
            Self::Login => RawAccess::Login,
            Self::Fresh { .. } => RawAccess::Fresh,
        }
    }
}

/// A path as a rule names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pattern {
    /// This path alone.
    Exact(String),
    /// This folder, with and without its slash, and all below it. Empty for the whole site.
    Folder(String),
}

/// How a path is held against a pattern.
#[derive(Clone, Copy)]
enum Reading {
    /// Byte for byte, as the policy means it.
    Exact,
    /// As an app may that takes `/Admin/` for `/admin`, which Express and ASP.NET do unless told otherwise.
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

/// One attribute condition: one of the values, compared exactly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// The attribute.
    pub attribute: String,
    /// Any of these.
    pub values: Vec<String>,
}

/// One rule of the policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    pub(super) patterns: Vec<Pattern>,
    pub(super) hosts: Vec<String>,
    pub(super) methods: Vec<String>,
    /// Who may come in.
    pub access: Access,
    /// All of these must hold.
    pub conditions: Vec<Condition>,
    /// The app, where it is not the site's.
    pub origin: Option<Origin>,
    /// Whether the folder is cut off before the app sees the path.
    pub strip_prefix: bool,
    /// Whether shared caches may keep answers.
    pub cache: bool,
    /// How long a session is believed, in seconds.
    pub revalidate_secs: u64,
    /// How long it outlives an unreachable store, in seconds.
    pub grace_secs: u64,
}

impl Rule {
    fn fits(&self, host: &str, method: &str, path: &[u8], reading: Reading) -> bool {
        (self.hosts.is_empty() || self.hosts.iter().any(|known| known == host))
            && (self.methods.is_empty() || self.methods.iter().any(|known| known == method))
            && self.patterns.iter().any(|pattern| match reading {
                Reading::Exact => pattern.fits(path),
                Reading::Loose => pattern.fits_loosely(path),
            })
    }

    /// The folder that is cut off before the app sees this path.
    pub fn prefix(&self, raw: &str) -> Option<&str> {
        if !self.strip_prefix {
            return None;
        }
        self.patterns.iter().find_map(|pattern| match pattern {
            Pattern::Folder(folder) if pattern.fits(raw.as_bytes()) => Some(folder.as_str()),
            _ => None,
        })
    }

    /// Whether a rule that another reading of the path meets is no obstacle: it is no stricter and leads to the same app.
    fn no_stricter_than(&self, other: &Self) -> bool {
        self.conditions.is_empty()
            && self.origin == other.origin
            && matches!(self.access, Access::Public | Access::Optional)
            && self.access.strength() <= other.access.strength()
    }

    /// Whether the same app's page under this rule is better protected than under `other`.
    fn asks_more_than(&self, other: &Self) -> bool {
        let sooner = matches!((&self.access, &other.access),
            (Access::Fresh { max_age_secs: ours }, Access::Fresh { max_age_secs: theirs }) if ours < theirs);
        self.origin == other.origin
            && matches!(self.access, Access::Login | Access::Fresh { .. })
            && (sooner
                || self.access.strength() > other.access.strength()
                || !self.conditions.iter().all(|condition| other.conditions.contains(condition)))
    }

    /// What `explain` prints.
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

/// Which rule a request meets.
#[derive(Debug, PartialEq, Eq)]
pub enum RuleMatch<'a> {
    /// This one.
    Rule(usize, &'a Rule),
    /// None.
    None,
    /// The path can be read in two ways, and the other one is treated more strictly.
    Ambiguous,
}

/// The first rule that fits the normalised path, unless another reading of the same bytes would be treated more strictly.
pub fn rule_for<'a>(rules: &'a [Rule], host: &str, method: &str, target: &Target<'_>) -> RuleMatch<'a> {
    // HEAD shows what GET shows, so a rule for one is a rule for both.
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
