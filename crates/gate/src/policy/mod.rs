//! The typed policy: what people write is checked once, and nothing that is not understood goes through.

mod explain;
mod headers;
mod network;
mod raw;
mod read;
mod rule;
pub mod site;
mod tree;

use cas::{Format, LoginParams, Protocol};
use sha2::{Digest as _, Sha256};

use crate::http::address::{base_url, host_of};

pub use self::{
    explain::explain,
    network::Network,
    raw::{OneOrMany, RawAccess, RawHeader, RawOriginAuth, RawPolicy, RawRule},
    rule::{Access, Condition, Pattern, Rule, RuleMatch, rule_for},
};

/// What is wrong in a policy: where, and what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The key, as a path into the file.
    pub at: String,
    /// One sentence.
    pub what: String,
}

impl Problem {
    /// What is wrong, and at which key.
    pub fn new(at: impl Into<String>, what: impl Into<String>) -> Self {
        Self { at: at.into(), what: what.into() }
    }
}

/// Where a site's app is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Scheme and authority, without a slash at the end.
    Url(String),
    /// A binding of the Worker: a service, static assets, a private network. The app sees the public host.
    Binding(String),
    /// The zone's own origin, behind a Route.
    Zone,
}

impl Origin {
    /// Reads `https://host`, `binding:NAME` or `zone`.
    ///
    /// # Errors
    /// A sentence that says what it should be.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text == "zone" {
            return Ok(Self::Zone);
        }
        if let Some(name) = text.strip_prefix("binding:") {
            let good =
                !name.is_empty() && name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
            return if good {
                Ok(Self::Binding(name.to_owned()))
            } else {
                Err("a binding's name is A-Z, 0-9 and _".into())
            };
        }
        base_url(text).map(Self::Url).ok_or_else(|| {
            "must be https://host (or http://host), binding:NAME, or zone; the path is the request's own".to_owned()
        })
    }
}

/// One site: what people type, and the app behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SitePolicy {
    /// Its name in assertions and logs.
    pub id: String,
    /// Scheme, host and port that people type, without a slash at the end.
    pub public: String,
    /// The app.
    pub origin: Origin,
    /// Its CAS server, where it is not the Worker's.
    pub cas: Option<(String, Option<String>)>,
}

/// One identity header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeaderRule {
    /// Its name, as sent to the app.
    pub name: String,
    /// The first of these attributes that there is.
    pub from: Vec<String>,
    /// Whether all values are sent, apart by commas.
    pub list: bool,
}

/// A checked policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// The sites that the policy names; may be none.
    pub sites: Vec<SitePolicy>,
    /// The rules; the first that fits decides, and what none fits is refused.
    pub rules: Vec<Rule>,
    /// Longest time without a request, in seconds.
    pub idle_secs: u64,
    /// Longest life of a session, in seconds.
    pub absolute_secs: u64,
    /// As of `[session]`, for the gate's own pages.
    pub revalidate_secs: u64,
    /// As of `[session]`, for the gate's own pages.
    pub grace_secs: u64,
    /// Identity headers besides `Remote-User`.
    pub headers: Vec<HeaderRule>,
    /// Greatest length of one of them, in bytes.
    pub header_cap_bytes: usize,
    /// For the CAS server's login page.
    pub login_params: LoginParams,
    /// From where single logouts are taken; from everywhere when empty.
    pub slo_sources: Vec<Network>,
    /// Whether single logouts are taken on the secret path alone.
    pub slo_secret_path_only: bool,
    /// What the CAS servers speak.
    pub protocol: Protocol,
    /// In which form they are to answer.
    pub format: Format,
    /// How the app knows that a request came through the gate; `None` is a warning of `check-policy`.
    pub origin_auth: Option<RawOriginAuth>,
    /// The first twelve hexadecimal digits of the SHA-256 of the text, for `health` and the log.
    pub hash: String,
}

impl Policy {
    /// Reads a policy in TOML, or in JSON when it begins with `{`. Nothing at all is the strictest policy: every page of
    /// one site wants a sign-in.
    ///
    /// # Errors
    /// All that is wrong with it.
    pub fn parse(text: &str) -> Result<Self, Vec<Problem>> {
        let tree: tree::Tree = if text.trim_start().starts_with('{') {
            serde_json::from_str(text).map_err(|e| vec![Problem::new(format!("line {}", e.line()), e.to_string())])?
        } else {
            toml::from_str(text).map_err(|e| vec![Problem::new(place(text, &e), e.message().to_owned())])?
        };
        let raw: RawPolicy = serde_json::from_value(tree.0).map_err(|e| vec![Problem::new("policy", e.to_string())])?;
        let hash = Sha256::digest(text.as_bytes()).iter().take(6).map(|byte| format!("{byte:02x}")).collect();
        let mut policy = Self::try_from(raw)?;
        let known: Vec<_> = policy.sites.iter().map(|site| host_of(&site.public)).collect();
        let strange = if known.is_empty() { Vec::new() } else { policy.unknown_hosts(&known) };
        if !strange.is_empty() {
            return Err(strange);
        }
        policy.hash = hash;
        Ok(policy)
    }

    /// What is allowed, but seldom meant.
    pub fn warnings(&self) -> Vec<Problem> {
        let mut warnings = Vec::new();
        if self.origin_auth.is_none() {
            warnings.push(Problem::new(
                "origin_auth",
                "is not said: how does the app know that a request came through the gate? \
                 Say unreachable, mtls, secret-header or assertion",
            ));
        }
        let whole =
            |rule: &Rule| rule.access == Access::Public && rule.patterns.contains(&Pattern::Folder(String::new()));
        if let Some(at) = self.rules.iter().position(whole) {
            warnings.push(Problem::new(format!("rule[{at}].path"), "opens the whole site to everybody"));
        }
        if self.slo_sources.is_empty() && !self.slo_secret_path_only {
            warnings.push(Problem::new(
                "slo",
                "whoever knows a used ticket can end its session; slo.sources or slo.secret_path_only tighten that",
            ));
        }
        warnings
    }

    /// Rules for hosts that are none of `known`: such a rule would never fit, and a laxer one below it would decide.
    pub(crate) fn unknown_hosts(&self, known: &[&str]) -> Vec<Problem> {
        let strange = |(at, rule): (usize, &Rule)| {
            let host = rule.hosts.iter().find(|host| !known.contains(&host.as_str()))?;
            Some(Problem::new(format!("rule[{at}].hosts"), format!("\"{host}\" is the host of no site")))
        };
        self.rules.iter().enumerate().filter_map(strange).collect()
    }

    /// The apps that rules name.
    pub(crate) fn rule_origins(&self) -> impl Iterator<Item = &Origin> {
        self.rules.iter().filter_map(|rule| rule.origin.as_ref())
    }

    /// The attributes that rules and headers name: a session keeps these and no others.
    pub fn attributes(&self) -> Vec<String> {
        let headers = self.headers.iter().flat_map(|header| header.from.iter());
        let rules = self.rules.iter().flat_map(|rule| rule.conditions.iter().map(|condition| &condition.attribute));
        let mut names: Vec<_> = headers.chain(rules).cloned().collect();
        names.sort();
        names.dedup();
        names
    }
}

fn place(text: &str, error: &toml::de::Error) -> String {
    let line =
        error.span().and_then(|span| text.get(..span.start)).map_or(1, |before| before.matches('\n').count() + 1);
    format!("line {line}")
}

#[cfg(test)]
mod tests;
