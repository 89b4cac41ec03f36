//! The typed policy: checked once, and refused as a whole when any part is not understood.

mod attributes;
pub mod cas_factors;
mod compare;
mod condition;
pub mod demand;
mod deployment;
mod explain;
pub mod factor;
mod headers;
mod lint;
mod login_ask;
pub mod naming;
mod network;
mod pages;
mod peer;
mod portal;
mod raw;
mod read;
mod read_factor;
mod requirement;
mod rule;
pub mod site;
mod source;
pub(crate) mod strip;
mod tree;

use core::fmt;

use cas::{Format, Notations, Protocol};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use self::{cas_factors::CasFactors, factor::FactorPolicy, site::Site};
use crate::http::address::{base_url, host_of};

pub use self::{
    attributes::AttributeValues,
    compare::losses,
    condition::Condition,
    deployment::{Deployment, UNSEEN, deployment},
    explain::explain,
    lint::lint,
    login_ask::LoginAsk,
    network::Network,
    pages::Pages,
    peer::PeerHeader,
    portal::{check_portal, portal_problems},
    raw::{OneOrMany, RawAccess, RawHeader, RawOriginAuth, RawPolicy, RawRule},
    requirement::Requirement,
    rule::{BrowserCache, Pattern, Rule, RuleMatch, rule_for},
    source::canonical,
};

/// A problem in a policy or a setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The key as a path into the file (`rule[0].path`), or the name of a variable.
    pub at: String,
    /// The problem in one sentence.
    pub what: String,
    /// The line in the file, counted from 1, if known.
    pub line: Option<usize>,
}

impl Problem {
    /// A problem at a key, on an unknown line.
    pub fn new(at: impl Into<String>, what: impl Into<String>) -> Self {
        Self { at: at.into(), what: what.into(), line: None }
    }
}

/// The place of an app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Scheme and authority, without a slash at the end.
    Url(String),
    /// A binding of the Worker (service, static assets, private network). The app sees the public host.
    Binding(String),
    /// The zone's own origin, behind a Route.
    Zone,
}

impl fmt::Display for Origin {
    /// As the policy writes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Url(base) => f.write_str(base),
            Self::Binding(name) => write!(f, "binding:{name}"),
            Self::Zone => f.write_str("zone"),
        }
    }
}

impl Origin {
    /// Reads `https://host`, `binding:NAME` or `zone`.
    ///
    /// # Errors
    /// A sentence about the accepted forms.
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

/// One site: a public address and the app behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SitePolicy {
    /// Its name in assertions and logs.
    pub id: String,
    /// Public scheme, host and port, without a trailing slash.
    pub public: String,
    /// The app.
    pub origin: Origin,
    /// Address and validation address of its own CAS server.
    pub cas: Option<(String, Option<String>)>,
    /// The sentence of a closed site.
    pub closed: Option<String>,
    /// Whether machine clients get bearers.
    pub token: bool,
}

/// One identity header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeaderRule {
    /// Its name, as sent to the app.
    pub name: String,
    /// The first of these attributes that the session has.
    pub from: Vec<String>,
    /// Whether all values are sent, separated by commas.
    pub list: bool,
}

/// A checked policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Sites of the policy; empty when the Worker's variables make the only one.
    pub sites: Vec<SitePolicy>,
    /// Rules: the first that matches decides; without a match the request is refused.
    pub rules: Vec<Rule>,
    /// Longest time without a request, in seconds.
    pub idle_secs: u64,
    /// Longest life of a session, in seconds.
    pub absolute_secs: u64,
    /// `session.revalidate_secs`, for `whoami`.
    pub revalidate_secs: u64,
    /// `session.revalidate_grace_secs`, for `whoami`.
    pub grace_secs: u64,
    /// Greatest age of a WebSocket or an event stream, in seconds.
    pub max_socket_age_secs: Option<u64>,
    /// Identity headers besides `Remote-User`.
    pub headers: Vec<HeaderRule>,
    /// Greatest length of one identity header, in bytes.
    pub header_cap_bytes: usize,
    /// More names that no client may send, as [`strip::canonical`] spells them; beginnings end in `*`.
    pub strip_headers: Vec<String>,
    /// Names of other products that a client may send, as [`strip::canonical`] spells them.
    pub pass_headers: Vec<String>,
    /// Whether a sign-out asks the browser to empty its cache of the host.
    pub clear_site_data: bool,
    /// What sign-ins ask of the CAS server's login page.
    pub login_ask: LoginAsk,
    /// Networks that may send single logouts; empty for all.
    pub slo_sources: Vec<Network>,
    /// Whether single logouts are accepted on the secret path only.
    pub slo_secret_path_only: bool,
    /// Protocol of the CAS servers.
    pub protocol: Protocol,
    /// Requested form of their answers.
    pub format: Format,
    /// Notations of attributes that are read beside the protocol's own.
    pub notations: Notations,
    /// The second factor, where the policy has any.
    pub factor: Option<FactorPolicy>,
    /// The factors of the CAS server that count.
    pub cas_factors: CasFactors,
    /// How the app recognises requests of the gate; `check-policy` warns of `None`.
    pub origin_auth: Option<RawOriginAuth>,
    /// The operator's name and logo.
    pub pages: Pages,
    /// User names that no app may see; `None` where the policy does not say.
    pub deny_users: Option<Vec<String>>,
    /// Names that replace attribute values.
    pub values: AttributeValues,
    /// Whether machine clients get bearers at the site that the Worker's variables make.
    pub token: bool,
    /// The proxies that name the client's address.
    pub peer: Option<PeerHeader>,
    /// [`short_hash`] of the policy as canonical JSON.
    pub hash: String,
}

/// What `POLICY` must be: a Worker without a reader of TOML is a tenth smaller.
const NOT_JSON: &str = "is not JSON. Write the policy to worker/policy.toml, which the build puts into the bundle, \
                        or set POLICY to what `npm run check-policy -- policy.toml --json` prints";

/// Of a text whose keys or values are not understood. Only the command has the words for what is wrong.
const UNREADABLE: &str = "is not understood: `npm run check-policy -- FILE` says what is wrong";

/// Accounts that many apps have: an app that trusts the name alone gives them to a CAS user of that name.
const LOCAL_ACCOUNTS: [&str; 4] = ["admin", "administrator", "root", "system"];

impl Policy {
    /// Reads a policy as people write it: in TOML, or in JSON when it begins with `{`. An empty text is the strictest policy:
    /// every page requires a login. The Worker has no reader of TOML: see [`Self::from_json`].
    ///
    /// # Errors
    /// The problems; [`lint`] finds more of them at once.
    pub fn parse(text: &str) -> Result<Self, Vec<Problem>> {
        source::tree(text).map_err(|problem| vec![problem]).and_then(Self::from_tree)
    }

    /// Reads a policy as the Worker gets it: in JSON, as [`canonical`] writes it. An empty text is the strictest policy.
    ///
    /// # Errors
    /// The problems. A text in TOML is one, and the sentence says how to convert it.
    pub fn from_json(text: &str) -> Result<Self, Vec<Problem>> {
        let text = match text.trim_start() {
            "" => "{}",
            json if json.starts_with('{') => json,
            _ => return Err(vec![Problem::new("POLICY", NOT_JSON)]),
        };
        let unreadable = |_| vec![Problem::new("policy", UNREADABLE)];
        let mut tree: json::Value = json::from_str(text).map_err(unreadable)?;
        tree::canonical(&mut tree).map_err(unreadable)?;
        let canonical = json::to_string(&tree);
        Self::checked(json::from_str(&canonical).map_err(unreadable)?, &canonical)
    }

    fn from_tree(tree: Value) -> Result<Self, Vec<Problem>> {
        let canonical = tree.to_string();
        let raw: RawPolicy = serde_json::from_value(tree).map_err(|e| vec![Problem::new("policy", e.to_string())])?;
        Self::checked(raw, &canonical)
    }

    /// The hash is over the canonical form, so that order, comments and the format (TOML or JSON) do not matter.
    fn checked(raw: RawPolicy, canonical: &str) -> Result<Self, Vec<Problem>> {
        let mut policy = Self::try_from(raw)?;
        let known: Vec<_> = policy.sites.iter().map(|site| host_of(&site.public)).collect();
        let strange = if known.is_empty() { Vec::new() } else { policy.unknown_hosts(&known) };
        if !strange.is_empty() {
            return Err(strange);
        }
        policy.hash = short_hash([canonical]);
        Ok(policy)
    }

    /// Settings that are allowed and rarely intended.
    pub fn warnings(&self) -> Vec<Problem> {
        let mut warnings = Vec::new();
        if self.origin_auth.is_none() {
            warnings.push(Problem::new(
                "origin_auth",
                "is not said: how does the app know that a request came through the gate? \
                 Say unreachable, mtls, secret-header or assertion",
            ));
        }
        let whole = |rule: &Rule| !rule.identity && rule.patterns.contains(&Pattern::Folder(String::new()));
        if let Some(at) = self.rules.iter().position(whole) {
            warnings.push(Problem::new(format!("rule[{at}].path"), "opens the whole site to everybody"));
        }
        for (at, name) in self.pass_headers.iter().enumerate() {
            warnings.push(Problem::new(
                format!("pass_headers[{at}]"),
                format!("lets every client send {name}: an app that takes it for a name signs in whoever says so"),
            ));
        }
        if self.login_ask.asks_for_factor {
            let what = "ask for a factor and guard no page, because the person can change the address: say factor or require at the rules";
            warnings.push(Problem::new("login_params", what));
        }
        if let Some(factor) = &self.factor {
            let by_name = factor.naming.user_key == naming::UserKey::CasUser;
            if by_name && factor.enrolling == factor::Enrolling::Open {
                warnings.push(Problem::new(
                    "factor.user_key",
                    "is the user name, and enrolment is open: where the CAS server takes several spellings of a name, name an attribute that never changes",
                ));
            }
            if factor.observe {
                warnings.push(Problem::new("factor.mode", "is observe: nobody is asked for a factor"));
            }
            if !self.cas_factors.classes.is_empty() {
                warnings.push(Problem::new(
                    "cas.mfa",
                    "counts only where the CAS server releases its authentication attributes to this gate: see that its registry does",
                ));
            }
        }
        if self.slo_sources.is_empty() && !self.slo_secret_path_only {
            warnings.push(Problem::new(
                "slo",
                "whoever knows a used ticket can end its session; slo.sources or slo.secret_path_only tighten that",
            ));
        }
        match &self.deny_users {
            None => warnings.push(Problem::new(
                "deny_users",
                format!(
                    "is not said: a CAS user named {} gets that local account in an app that goes by the name alone",
                    LOCAL_ACCOUNTS.join(", ")
                ),
            )),
            Some(names) => warnings.extend(
                LOCAL_ACCOUNTS
                    .iter()
                    .filter(|name| !names.is_empty() && !names.iter().any(|known| known.eq_ignore_ascii_case(name)))
                    .map(|name| {
                        Problem::new("deny_users", format!("does not name {name}, a local account of many apps"))
                    }),
            ),
        }
        let unused = self.values.names().filter(|name| !self.attributes().iter().any(|used| used == name));
        warnings
            .extend(unused.map(|name| Problem::new(format!("attributes.{name}"), "is used by no header and no rule")));
        if self.peer.as_ref().is_some_and(PeerHeader::trusts_this_machine) {
            warnings.push(Problem::new("peer.from", "holds this machine: any process here can then claim any address"));
        }
        warnings
    }

    /// The place of one of the rules.
    pub(crate) fn place_of(&self, rule: &Rule) -> Option<usize> {
        self.rules.iter().position(|known| core::ptr::eq(known, rule))
    }

    /// What a sign-in asks of the CAS server's login page, begun at the rule of this place.
    pub(crate) fn login_ask(&self, place: Option<usize>) -> &LoginAsk {
        place.and_then(|at| self.rules.get(at)?.login_ask.as_ref()).unwrap_or(&self.login_ask)
    }

    /// Whether no app may see a user of this name. Without regard to case, because some apps compare names so.
    pub(crate) fn denies(&self, user: &str) -> bool {
        self.deny_users.iter().flatten().any(|name| name.eq_ignore_ascii_case(user))
    }

    /// Rules for hosts outside of `known`: they would never match, and a weaker rule below them would decide.
    pub(crate) fn unknown_hosts(&self, known: &[&str]) -> Vec<Problem> {
        let strange = |(at, rule): (usize, &Rule)| {
            let host = rule.hosts.iter().find(|host| !known.contains(&host.as_str()))?;
            Some(Problem::new(format!("rule[{at}].hosts"), format!("\"{host}\" is the host of no site")))
        };
        self.rules.iter().enumerate().filter_map(strange).collect()
    }

    /// How long the ending of a session matters to an instance: the longest that any rule lets one live without a look.
    pub fn ended_secs(&self) -> u64 {
        let own = self.revalidate_secs.saturating_add(self.grace_secs);
        let rules = self.rules.iter().map(|rule| rule.revalidate_secs.saturating_add(rule.grace_secs));
        rules.max().unwrap_or(0).max(own).saturating_add(60)
    }

    /// What lets one app pass for another: two origins with one name in assertions, or a rule's own origin without any.
    pub(crate) fn app_problems(&self, sites: &[Site]) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut named: Vec<(&str, &Origin)> = sites.iter().map(|site| (site.id.as_str(), &site.origin)).collect();
        for (at, rule) in self.rules.iter().enumerate() {
            let Some(origin) = &rule.origin else { continue };
            let host = |site: &&Site| rule.hosts.is_empty() || rule.hosts.iter().any(|host| host == site.host());
            match &rule.app {
                None if sites.iter().filter(host).any(|site| site.origin != *origin) => {
                    let what = "is missing: this origin is another app than the site's, and an assertion must name one of them";
                    problems.push(Problem::new(format!("rule[{at}].app"), what));
                }
                None => {}
                Some(app) => {
                    if named.iter().any(|(known, other)| known == app && *other != origin) {
                        let what = format!(
                            "\"{app}\" is the name of another origin: that app could use this one's assertions"
                        );
                        problems.push(Problem::new(format!("rule[{at}].app"), what));
                    }
                    named.push((app, origin));
                }
            }
        }
        problems
    }

    /// The apps that rules name.
    pub(crate) fn rule_origins(&self) -> impl Iterator<Item = &Origin> {
        self.rules.iter().filter_map(|rule| rule.origin.as_ref())
    }

    /// Whether anybody is asked for a second factor.
    pub fn asks_for_factors(&self) -> bool {
        self.asks(|_| true)
    }

    /// Whether anybody is asked for a second factor on this host.
    pub fn asks_at(&self, host: &str) -> bool {
        self.asks(|rule| rule.hosts.is_empty() || rule.hosts.iter().any(|known| known == host))
    }

    fn asks(&self, here: impl Fn(&Rule) -> bool) -> bool {
        let Some(factor) = self.factor.as_ref().filter(|factor| !factor.observe) else { return false };
        let asks = |asked: &factor::Asked| asked.mode != factor::Mode::Off;
        let when = factor.when.iter().any(|when| asks(&when.asked));
        self.rules.iter().filter(|rule| here(rule)).any(|rule| {
            let own = rule.requirement.factor.as_ref();
            rule.identity && (when || own.is_some_and(asks))
        })
    }

    /// Names of the attributes by which the second factor is judged: who the person is, of whom one is asked, and what the CAS
    /// server did.
    fn factor_attributes(&self) -> Vec<String> {
        let Some(factor) = &self.factor else { return Vec::new() };
        let mut names: Vec<String> = ["surrogateEnabled", "surrogatePrincipal"].map(str::to_owned).into();
        if let naming::UserKey::Attribute(name) = &factor.naming.user_key {
            names.push(name.clone());
        }
        names.extend(factor.when.iter().flat_map(|when| when.conditions.iter()).map(|known| known.attribute.clone()));
        names.extend(self.cas_factors.attributes());
        names
    }

    /// Names of the attributes that rules and headers use: a session keeps only these.
    pub fn attributes(&self) -> Vec<String> {
        let headers = self.headers.iter().flat_map(|header| header.from.iter());
        let rules = self.rules.iter().flat_map(|rule| rule.conditions.iter().map(|condition| &condition.attribute));
        let mut names: Vec<_> = headers.chain(rules).cloned().collect();
        names.extend(self.factor_attributes());
        base::order::sort_long(&mut names, |one, next| one < next);
        names.dedup();
        names
    }
}

/// The first twelve hexadecimal digits of the SHA-256 of these texts, each with its length in 64 bits: a command of an operator and the
/// Worker, whose pointers have 32, must agree.
pub(crate) fn short_hash<'t>(texts: impl IntoIterator<Item = &'t str>) -> String {
    let mut hash = Sha256::new();
    for text in texts {
        hash.update(u64::try_from(text.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(text.as_bytes());
    }
    hash.finalize().iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests;
