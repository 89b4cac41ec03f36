//! The typed policy: what people write is checked once, and nothing that is not understood goes through.

mod explain;
mod raw;
mod rule;
mod tree;

use std::net::IpAddr;

use cas::{Format, LoginParams, Protocol};
use sha2::{Digest as _, Sha256};

use self::tree::Tree;

pub use self::{
    explain::explain,
    raw::{OneOrMany, RawAccess, RawHeader, RawOriginAuth, RawPolicy, RawRule},
    rule::{Access, Condition, Met, Pattern, Rule, rule_for},
};

/// Eight hours of work and a bit.
const ABSOLUTE_SECS: u64 = 10 * 3600;
/// A long lunch.
const IDLE_SECS: u64 = 2 * 3600;
/// A revocation is felt within a minute.
const REVALIDATE_SECS: u64 = 60;
/// A short outage of the store signs nobody out.
const GRACE_SECS: u64 = 900;
/// Time to read, think and press the button after the password.
const FRESH_SECS: u64 = 300;
/// What common web servers take in one header, with room for the others.
const HEADER_CAP_BYTES: usize = 4096;

/// What is wrong in a policy: where, and what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The key, as a path into the file.
    pub at: String,
    /// One sentence.
    pub what: String,
}

impl Problem {
    pub(crate) fn new(at: impl Into<String>, what: impl Into<String>) -> Self {
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
        let tree: Tree = if text.trim_start().starts_with('{') {
            serde_json::from_str(text).map_err(|e| vec![Problem::new(format!("line {}", e.line()), e.to_string())])?
        } else {
            toml::from_str(text).map_err(|e| vec![Problem::new(place(text, &e), e.message().to_owned())])?
        };
        let raw: RawPolicy = serde_json::from_value(tree.0).map_err(|e| vec![Problem::new("policy", e.to_string())])?;
        let hash = data_encoding::HEXLOWER.encode(&Sha256::digest(text.as_bytes()));
        let mut policy = Self::try_from(raw)?;
        policy.hash = hash.get(..12).unwrap_or_default().to_owned();
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

impl TryFrom<RawPolicy> for Policy {
    type Error = Vec<Problem>;

    fn try_from(raw: RawPolicy) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        let revalidate_secs = raw.session.revalidate_secs.unwrap_or(REVALIDATE_SECS);
        let grace_secs = raw.session.revalidate_grace_secs.unwrap_or(GRACE_SECS);
        let idle_secs = raw.session.idle_secs.unwrap_or(IDLE_SECS);
        let absolute_secs = raw.session.absolute_secs.unwrap_or(ABSOLUTE_SECS);
        if idle_secs < revalidate_secs.saturating_mul(2) || idle_secs == 0 {
            problems.push(Problem::new(
                "session.idle_secs",
                "must be at least twice revalidate_secs, by which use is seen",
            ));
        }
        if absolute_secs < idle_secs || absolute_secs > 31 * 86_400 {
            problems.push(Problem::new("session.absolute_secs", "must be at least idle_secs, and at most 31 days"));
        }
        let sites =
            raw.site.into_iter().enumerate().filter_map(|(at, site)| read_site(at, site, &mut problems)).collect();
        let everything = || Rule {
            patterns: vec![Pattern::Folder(String::new())],
            hosts: Vec::new(),
            methods: Vec::new(),
            access: Access::Login,
            conditions: Vec::new(),
            origin: None,
            strip_prefix: false,
            cache: false,
            revalidate_secs,
            grace_secs,
        };
        let rules = match raw.rule {
            None => vec![everything()],
            Some(rules) => {
                if rules.is_empty() {
                    problems.push(Problem::new(
                        "rule",
                        "the list is empty, so nothing could be opened; leave it out to want a sign-in everywhere",
                    ));
                }
                rules
                    .into_iter()
                    .enumerate()
                    .map(|(at, rule)| read_rule(at, rule, everything(), &mut problems))
                    .collect()
            }
        };
        let headers = match raw.headers {
            None => default_headers(),
            Some(map) => {
                map.into_iter().filter_map(|(name, header)| read_header(name, header, &mut problems)).collect()
            }
        };
        let header_cap_bytes = raw.header_cap_bytes.unwrap_or(HEADER_CAP_BYTES);
        if !(64..=16_384).contains(&header_cap_bytes) {
            problems.push(Problem::new("header_cap_bytes", "must be 64 to 16384"));
        }
        let pairs = raw.login_params.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let login_params = LoginParams::new(pairs).unwrap_or_else(|e| {
            problems.push(Problem::new("login_params", e.to_string()));
            LoginParams::default()
        });
        let slo_sources = raw
            .slo
            .sources
            .iter()
            .filter_map(|text| {
                let network = Network::parse(text);
                if network.is_none() {
                    problems.push(Problem::new("slo.sources", format!("\"{text}\" is no address or network")));
                }
                network
            })
            .collect();
        if problems.is_empty() {
            Ok(Self {
                sites,
                rules,
                idle_secs,
                absolute_secs,
                revalidate_secs,
                grace_secs,
                headers,
                header_cap_bytes,
                login_params,
                slo_sources,
                slo_secret_path_only: raw.slo.secret_path_only,
                protocol: match raw.cas.protocol {
                    Some(raw::RawProtocol::Cas1) => Protocol::Cas1,
                    Some(raw::RawProtocol::Cas2) => Protocol::Cas2,
                    Some(raw::RawProtocol::Cas3) | None => Protocol::Cas3,
                },
                format: match raw.cas.format {
                    Some(raw::RawFormat::Json) => Format::Json,
                    Some(raw::RawFormat::Xml) | None => Format::Xml,
                },
                origin_auth: raw.origin_auth,
                hash: String::new(),
            })
        } else {
            Err(problems)
        }
    }
}

fn default_headers() -> Vec<HeaderRule> {
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

fn read_site(at: usize, raw: raw::RawSite, problems: &mut Vec<Problem>) -> Option<SitePolicy> {
    let Some(public) = base_url(&raw.public_url) else {
        problems.push(Problem::new(
            format!("site[{at}].public_url"),
            "must be https://host or http://localhost, without a path",
        ));
        return None;
    };
    let origin = Origin::parse(&raw.origin)
        .map_err(|what| problems.push(Problem::new(format!("site[{at}].origin"), what)))
        .ok()?;
    let id = raw.id.unwrap_or_else(|| host_of(&public).to_owned());
    if id.is_empty() || id.len() > 100 {
        problems.push(Problem::new(format!("site[{at}].id"), "must be 1 to 100 characters"));
    }
    if raw.cas_url.is_none() && raw.cas_validate_url.is_some() {
        problems.push(Problem::new(format!("site[{at}].cas_validate_url"), "needs cas_url beside it"));
    }
    Some(SitePolicy { id, public, origin, cas: raw.cas_url.map(|url| (url, raw.cas_validate_url)) })
}

fn read_rule(at: usize, raw: RawRule, base: Rule, problems: &mut Vec<Problem>) -> Rule {
    let mut say = |key: &str, what: String| problems.push(Problem::new(format!("rule[{at}].{key}"), what));
    let paths = raw.path.into_vec();
    if paths.is_empty() {
        say("path", "names no path".into());
    }
    let mut patterns = Vec::new();
    for path in &paths {
        match read_pattern(path) {
            Ok(pattern) => patterns.push(pattern),
            Err(what) => say("path", format!("\"{path}\" {what}")),
        }
    }
    let methods: Vec<String> = raw.methods.unwrap_or_default();
    if methods.iter().any(|method| method.is_empty() || !method.bytes().all(|b| b.is_ascii_uppercase() || b == b'-')) {
        say("methods", "are written in capitals".into());
    }
    let access = match (raw.access, raw.max_age_secs) {
        (RawAccess::Fresh, age) => Access::Fresh { max_age_secs: age.unwrap_or(FRESH_SECS) },
        (other, Some(_)) => {
            say("max_age_secs", "is for access = \"fresh\"".into());
            if other == RawAccess::Public { Access::Public } else { Access::Login }
        }
        (RawAccess::Public, None) => Access::Public,
        (RawAccess::Optional, None) => Access::Optional,
        (RawAccess::Login, None) => Access::Login,
    };
    let mut conditions = Vec::new();
    for (attribute, values) in raw.require.unwrap_or_default() {
        let values = values.into_vec();
        if values.is_empty() || attribute.is_empty() {
            say("require", "an attribute needs a name and at least one value".into());
        }
        conditions.push(Condition { attribute, values });
    }
    if !conditions.is_empty() && matches!(access, Access::Public | Access::Optional) {
        say("require", "is for access = \"login\" or \"fresh\"".into());
    }
    let cache = raw.cache.unwrap_or(false);
    if cache && access != Access::Public {
        say("cache", "is for access = \"public\" alone: a personal page belongs in no shared cache".into());
    }
    let origin = match raw.origin.as_deref().map(Origin::parse) {
        Some(Ok(origin)) => Some(origin),
        Some(Err(what)) => {
            say("origin", what);
            None
        }
        None => None,
    };
    let strip_prefix = raw.strip_prefix.unwrap_or(false);
    if strip_prefix && !patterns.iter().all(|pattern| matches!(pattern, Pattern::Folder(folder) if !folder.is_empty()))
    {
        say("strip_prefix", "wants paths of the form /folder/*".into());
    }
    Rule {
        patterns,
        hosts: raw.hosts.unwrap_or_default(),
        methods,
        access,
        conditions,
        origin,
        strip_prefix,
        cache,
        revalidate_secs: raw.revalidate_secs.unwrap_or(base.revalidate_secs),
        grace_secs: raw.revalidate_grace_secs.unwrap_or(base.grace_secs),
    }
}

fn read_pattern(path: &str) -> Result<Pattern, &'static str> {
    let (plain, folder) = match path.strip_suffix("/*") {
        Some(folder) => (folder, true),
        None => (path, false),
    };
    if !path.starts_with('/') {
        return Err("must begin with /");
    }
    if plain.bytes().any(|b| {
        matches!(b, b'*' | b'?' | b'#' | b'^' | b'$' | b'|' | b'(' | b')' | b'[' | b']' | b'\\' | b'%' | b';')
            || b <= b' '
    }) {
        return Err("may end in /*, but is no pattern otherwise: no *, ?, ;, % or regular expression elsewhere");
    }
    if plain == "/.portcullis" || plain.starts_with(crate::path::OWN) {
        return Err("is the gate's own");
    }
    let whole = if plain.is_empty() { "/" } else { plain };
    let normal = crate::path::Target::parse(whole).is_some_and(|target| target.normal() == whole.as_bytes());
    if !normal {
        return Err("is not in its simplest form: no doubled slash, no dot segment");
    }
    Ok(if folder { Pattern::Folder(plain.to_owned()) } else { Pattern::Exact(plain.to_owned()) })
}

fn read_header(name: String, raw: RawHeader, problems: &mut Vec<Problem>) -> Option<HeaderRule> {
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

/// Scheme and authority without a slash at the end; `None` for anything more or less.
pub(crate) fn base_url(text: &str) -> Option<String> {
    let text = text.strip_suffix('/').unwrap_or(text);
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"))?;
    let plain =
        |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'-' | b':' | b'[' | b']' | b'_');
    (!rest.is_empty() && rest.bytes().all(plain)).then(|| text.to_owned())
}

/// Host and port of a base address.
pub(crate) fn host_of(base: &str) -> &str {
    base.split_once("://").map_or(base, |(_, host)| host)
}

/// An address or a network in CIDR notation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    bits: u32,
}

impl Network {
    /// `192.0.2.1`, `192.0.2.0/24`, `2001:db8::/32`.
    pub fn parse(text: &str) -> Option<Self> {
        let (address, bits) = text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
        let address: IpAddr = address.parse().ok()?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Some(most), |bits| bits.parse().ok()).filter(|bits| *bits <= most)?;
        Some(Self { address, bits })
    }

    /// Whether the address is in it.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address) {
            (IpAddr::V4(net), IpAddr::V4(one)) => {
                (u32::from(net) ^ u32::from(one)).checked_shr(32 - self.bits).unwrap_or(0) == 0
            }
            (IpAddr::V6(net), IpAddr::V6(one)) => {
                (u128::from(net) ^ u128::from(one)).checked_shr(128 - self.bits).unwrap_or(0) == 0
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests;
