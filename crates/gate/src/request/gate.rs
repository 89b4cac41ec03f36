//! The configured gate: sites, keys, policy.

use std::collections::BTreeMap;

use base::Secret;
use cas::Server;
use sha2::{Digest as _, Sha256};

use crate::{
    factor::{AnchorCall, Identity},
    http::{
        address::{base_url, host_of, hostname},
        cookie::CookieNames,
        head::Head,
    },
    keys::{
        seal::{IdKey, Keyring, OriginKey},
        signing::SigningKeys,
    },
    page::{Style, Texts},
    policy::{Origin, Policy, Problem, RawOriginAuth, factor::FactorPolicy, portal_problems, short_hash, site::Site},
    state::session::Lifetimes,
};

/// Variables and secrets of the Worker as text; an absent one is empty.
#[derive(Clone, Copy, Default)]
pub struct Settings<'a> {
    /// Base address of the CAS server.
    pub cas_url: &'a str,
    /// Address at which the Worker itself reaches the CAS server, if it differs. Several addresses of one server are separated by
    /// spaces.
    pub cas_validate_url: &'a str,
    /// The binding by which the CAS server is reached; empty for none.
    pub cas_fetcher: &'a str,
    /// Public address of the only site: scheme, host and port.
    pub public_url: &'a str,
    /// The app: `https://…`, `binding:NAME` or `zone`.
    pub origin_url: &'a str,
    /// Where the apps behind bindings listen, where that is known: a JSON object of addresses by binding. An app may
    /// write its own address into redirects.
    pub binding_addresses: &'a str,
    /// Keys for cookies and flights.
    pub keys: &'a str,
    /// Key of the names of objects.
    pub id_key: &'a str,
    /// ES256 JWKs as a JSON list.
    pub signing_keys: &'a str,
    /// Last segment of the secret path for single logout.
    pub slo_secret: &'a str,
    /// Value that the app checks under `origin_auth = "secret-header"`.
    pub origin_secret: &'a str,
    /// Opens `/.portcullis/metrics`: at least 32 printable ASCII characters; empty for no such path.
    pub metrics_token: &'a str,
    /// Public address of a host with the pages of the second factor; empty where they are on the host of the only site that asks for
    /// one.
    pub portal_url: &'a str,
    /// Address of an authenticator to which the enrolment page links; empty for none.
    pub authenticator_url: &'a str,
    /// Where objects live; empty where the platform decides.
    pub jurisdiction: &'a str,
    /// The fingerprint of changed settings that an operator adopts (`npm run adopt`); empty for none.
    pub adopt: &'a str,
    /// How the adapter learns the peer: `socket` in plain workerd, `unknown`, or empty at Cloudflare.
    pub peer: &'a str,
    /// The policy that the build put into the bundle, in JSON; empty for none.
    pub bundled_policy: &'a str,
    /// The policy in the variable `POLICY`, in JSON; must be empty beside a bundled one.
    pub policy: &'a str,
}

/// The portal's id, beside the ids of the sites.
const PORTAL_ID: &str = "portal";

/// The decision maker. It does no I/O, reads no clock and draws no random bytes.
pub struct Gate {
    pub(crate) policy: Policy,
    pub(crate) config_hash: String,
    pub(crate) sites: Vec<Site>,
    /// The host with the pages of the second factor. No app is behind it.
    pub(crate) portal: Option<Site>,
    pub(crate) keyring: Keyring,
    pub(crate) id_key: IdKey,
    pub(crate) signing: SigningKeys,
    pub(crate) slo_secret: Option<Secret>,
    pub(crate) origin_key: Option<OriginKey>,
    /// SHA-256 of the token for the counts.
    pub(crate) metrics_token: Option<[u8; 32]>,
    pub(crate) binding_addresses: BTreeMap<String, String>,
    pub(crate) attributes: Vec<String>,
    /// The identity of these settings for the anchor, where a factor is asked for.
    pub(crate) identity: Option<Identity>,
    /// The fingerprint of an identity that an operator adopts.
    adopts: String,
    pub(crate) authenticator: Option<String>,
    pub(crate) style: Style,
    pub(crate) texts: Texts,
}

impl Gate {
    /// Checks every setting; a gate that exists can serve.
    ///
    /// # Errors
    /// Every wrong setting, by the name of its variable and never with its value.
    pub fn new(settings: &Settings<'_>) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        let policy = read_policy(settings).map_err(|mut list| problems.append(&mut list)).ok();
        let keyring = Keyring::parse(settings.keys)
            .map_err(|e| problems.push(Problem::new("PORTCULLIS_KEYS", e.to_string())))
            .ok();
        let id_key = IdKey::parse(settings.id_key)
            .map_err(|e| problems.push(Problem::new("PORTCULLIS_ID_KEY", e.to_string())))
            .ok();
        let signing = SigningKeys::parse(settings.signing_keys)
            .map_err(|what| problems.push(Problem::new("PORTCULLIS_SIGNING_KEYS", what)))
            .ok();
        let sites = policy.as_ref().map(|policy| read_sites(settings, policy, &mut problems)).unwrap_or_default();
        let binding_addresses = read_addresses(settings.binding_addresses, &mut problems);
        let wants_secret = policy.as_ref().is_some_and(|p| p.origin_auth == Some(RawOriginAuth::SecretHeader));
        if wants_secret && settings.origin_secret.len() < 32 {
            problems
                .push(Problem::new("PORTCULLIS_ORIGIN_SECRET", "origin_auth needs it, with at least 32 characters"));
        }
        if !settings.origin_secret.bytes().all(|b| b.is_ascii_graphic()) {
            problems.push(Problem::new("PORTCULLIS_ORIGIN_SECRET", "must be printable ASCII without spaces"));
        }
        let slo_secret = settings.slo_secret;
        let plain = slo_secret.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
        if !slo_secret.is_empty() && (slo_secret.len() < 32 || !plain) {
            problems.push(Problem::new("PORTCULLIS_SLO_SECRET", "must be at least 32 letters, digits, - or _"));
        }
        if policy.as_ref().is_some_and(|p| p.slo_secret_path_only) && slo_secret.is_empty() {
            problems.push(Problem::new("PORTCULLIS_SLO_SECRET", "slo.secret_path_only needs it"));
        }
        let token = settings.metrics_token;
        if !token.is_empty() && (token.len() < 32 || !token.bytes().all(|b| b.is_ascii_graphic())) {
            problems.push(Problem::new("PORTCULLIS_METRICS_TOKEN", "must be at least 32 printable ASCII characters"));
        }
        let authenticator = base_address(settings.authenticator_url, &mut problems);
        let portal = policy.as_ref().and_then(|policy| read_portal(settings, &sites, policy, &mut problems));
        if let Some(policy) = policy.as_ref().filter(|policy| policy.asks_for_factors()) {
            check_peer(settings, policy, &mut problems);
        }
        match (policy, keyring, id_key, signing) {
            (Some(policy), Some(keyring), Some(id_key), Some(signing)) if problems.is_empty() => Ok(Self {
                binding_addresses,
                config_hash: config_hash(settings, &policy),
                attributes: policy.attributes(),
                identity: identity(&policy, &sites, portal.as_ref(), settings, &id_key),
                adopts: settings.adopt.trim().to_owned(),
                authenticator,
                policy,
                sites,
                portal,
                keyring,
                id_key,
                signing,
                slo_secret: (!slo_secret.is_empty()).then(|| Secret::from(slo_secret.as_bytes())),
                origin_key: wants_secret.then(|| OriginKey::new(settings.origin_secret)),
                metrics_token: (!token.is_empty()).then(|| Sha256::digest(token.as_bytes()).into()),
                style: Style::new(),
                texts: Texts::default(),
            }),
            _ => Err(problems),
        }
    }

    /// A short hash of the policy and of the addresses of the CAS server, the site, the app and the bindings. It is in `health`
    /// and the log.
    pub fn config_hash(&self) -> &str {
        &self.config_hash
    }

    /// The first call to the anchor: an instance's settings, adopted if an operator named them.
    pub(crate) fn anchor_call(&self, identity: &Identity) -> AnchorCall {
        if identity.fingerprint() == self.adopts {
            AnchorCall::Adopt(identity.clone())
        } else {
            AnchorCall::Check(identity.clone())
        }
    }

    /// The fingerprint of the settings that must never change, for an operator who adopts them; `None` without factors.
    pub fn identity_fingerprint(&self) -> Option<String> {
        self.identity.as_ref().map(Identity::fingerprint)
    }

    /// The checked policy.
    pub const fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Whether any site gives out bearers.
    pub(crate) fn has_bearers(&self) -> bool {
        self.sites.iter().any(|site| site.token)
    }

    /// The id of the site that a request's head is for; empty for none.
    pub fn site_id(&self, head: &str) -> &str {
        let host = Head::parse(head).map_or("", |head| head.host);
        self.site_at(host).map_or("", |site| &site.id)
    }

    /// The site with this host, or the portal.
    pub(crate) fn site_at(&self, host: &str) -> Option<&Site> {
        self.sites.iter().chain(&self.portal).find(|site| site.host().eq_ignore_ascii_case(host))
    }

    /// Names of the bindings that serve as apps.
    pub fn bindings(&self) -> impl Iterator<Item = &str> {
        let origins = self.sites.iter().map(|site| &site.origin).chain(self.policy.rule_origins());
        origins.filter_map(|origin| match origin {
            Origin::Binding(name) => Some(name.as_str()),
            Origin::Url(_) | Origin::Zone => None,
        })
    }

    pub(crate) const fn lifetimes(&self) -> Lifetimes {
        Lifetimes { idle_secs: self.policy.idle_secs, absolute_secs: self.policy.absolute_secs }
    }
}

/// One policy decides: with two, an operator could change the one that nobody reads.
fn read_policy(settings: &Settings<'_>) -> Result<Policy, Vec<Problem>> {
    match (settings.bundled_policy, settings.policy.trim()) {
        ("", _) => Policy::from_json(settings.policy),
        (bundled, "") => Policy::from_json(bundled),
        (_, _) => Err(vec![Problem::new(
            "POLICY",
            "stands beside the policy in the bundle (policy.toml): leave one of them out",
        )]),
    }
}

/// The portal. It signs in at the CAS server of the sites, which is one where the policy has a factor.
fn read_portal(settings: &Settings<'_>, sites: &[Site], policy: &Policy, problems: &mut Vec<Problem>) -> Option<Site> {
    let asking: Vec<_> = sites.iter().map(|site| (site.public.as_str(), policy.asks_at(site.host()))).collect();
    problems.append(&mut portal_problems(settings.portal_url, &asking));
    let (public, first) = (base_url(settings.portal_url)?, sites.first()?);
    let mut portal = Vec::new();
    let what = (PORTAL_ID.to_owned(), public.as_str(), Origin::Zone, None, false);
    add_site(&mut portal, what, Some(first.server.clone()), "PORTAL_URL", problems);
    if sites.iter().any(|site| site.id == PORTAL_ID) {
        problems.push(Problem::new("PORTAL_URL", "needs the id \"portal\", which a site has"));
    }
    portal.pop()
}

/// Networks of the policy mean something only where the client's address is known. Plain workerd serves no TLS here, so a site with
/// `https` is behind a proxy, whose address would stand for everybody.
fn check_peer(settings: &Settings<'_>, policy: &Policy, problems: &mut Vec<Problem>) {
    let is_proxied = settings.peer == "socket" && policy.peer.is_none() && settings.public_url.starts_with("https:");
    if policy.factor.as_ref().is_some_and(FactorPolicy::names_networks) && (is_proxied || settings.peer == "unknown") {
        let what = "is missing: the policy names networks for the factor, and a client's address is not known here";
        problems.push(Problem::new("peer", what));
    }
}

/// The settings that the anchor compares. The relying party of passkeys is the host of the pages of the factor.
fn identity(
    policy: &Policy,
    sites: &[Site],
    portal: Option<&Site>,
    settings: &Settings<'_>,
    id_key: &IdKey,
) -> Option<Identity> {
    let factor = policy.factor.as_ref().filter(|_| policy.asks_for_factors())?;
    let site = portal.or_else(|| sites.iter().find(|site| policy.asks_at(site.host())))?;
    let servers = vec![(factor.tenant.clone(), factor.cas.clone())];
    Some(Identity::new(servers, hostname(site.host()), settings.jurisdiction, id_key))
}

/// An address with a path; empty for none.
fn base_address(text: &str, problems: &mut Vec<Problem>) -> Option<String> {
    if text.is_empty() {
        return None;
    }
    let plain = text.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'"' | b'<' | b'>' | b'#' | b'?' | b'\\'));
    if plain && (text.starts_with("https://") || text.starts_with("http://localhost")) {
        return Some(text.to_owned());
    }
    problems.push(Problem::new("AUTHENTICATOR_URL", "must be the address of an authenticator: https://host/path"));
    None
}

fn config_hash(settings: &Settings<'_>, policy: &Policy) -> String {
    let Settings { cas_url, cas_validate_url, cas_fetcher, public_url, origin_url, binding_addresses, .. } = *settings;
    let Settings { portal_url, authenticator_url, jurisdiction, .. } = *settings;
    let addresses = [cas_url, cas_validate_url, public_url, origin_url, binding_addresses];
    let more = [portal_url, authenticator_url, jurisdiction, cas_fetcher];
    short_hash([policy.hash.as_str()].into_iter().chain(addresses).chain(more))
}

fn read_addresses(text: &str, problems: &mut Vec<Problem>) -> BTreeMap<String, String> {
    let mut wrong = |what: &str| problems.push(Problem::new("BINDING_ADDRESSES", what));
    if text.is_empty() {
        return BTreeMap::new();
    }
    let Ok(written) = json::from_str::<BTreeMap<String, String>>(text) else {
        wrong("must be a JSON object: the address of an app by the name of its binding");
        return BTreeMap::new();
    };
    let mut read = BTreeMap::new();
    for (name, address) in written {
        match base_url(&address) {
            Some(base) => {
                read.insert(name, base);
            }
            None => wrong("holds an address that is not http://host or https://host, without a path"),
        }
    }
    read
}

fn read_sites(settings: &Settings<'_>, policy: &Policy, problems: &mut Vec<Problem>) -> Vec<Site> {
    let mut sites: Vec<Site> = Vec::new();
    let default_cas = ("CAS_URL", settings.cas_url, settings.cas_validate_url);
    if policy.sites.is_empty() {
        let public = base_url(settings.public_url);
        let origin = Origin::parse(settings.origin_url);
        let server = read_server(default_cas, policy, problems);
        if public.is_none() {
            problems
                .push(Problem::new("PUBLIC_URL", "must be the address that people type: https://host, without a path"));
        }
        match (public, origin) {
            (Some(public), Ok(origin)) => {
                add_site(
                    &mut sites,
                    (host_of(&public).to_owned(), &public, origin, None, policy.token),
                    server,
                    "PUBLIC_URL",
                    problems,
                );
            }
            (_, Err(what)) => problems.push(Problem::new("ORIGIN_URL", what)),
            (None, Ok(_)) => {}
        }
    }
    for (at, site) in policy.sites.iter().enumerate() {
        let own = format!("site[{at}].cas_url");
        let cas = match &site.cas {
            Some((url, validate)) => (own.as_str(), url.as_str(), validate.as_deref().unwrap_or_default()),
            None => default_cas,
        };
        let server = read_server(cas, policy, problems);
        let what = (site.id.clone(), site.public.as_str(), site.origin.clone(), site.closed.clone(), site.token);
        add_site(&mut sites, what, server, &format!("site[{at}]"), problems);
    }
    let known: Vec<_> = sites.iter().map(Site::host).collect();
    if problems.is_empty() {
        problems.append(&mut policy.unknown_hosts(&known));
        problems.append(&mut policy.app_problems(&sites));
    }
    sites
}

/// `name` is the variable or policy key that a problem is reported under.
fn read_server(
    (name, url, validate_url): (&str, &str, &str),
    policy: &Policy,
    problems: &mut Vec<Problem>,
) -> Option<Server> {
    if url.trim_end_matches('/').ends_with("/login") {
        problems.push(Problem::new(name, "is wanted without /login at its end"));
        return None;
    }
    let validate_name = if name == "CAS_URL" { "CAS_VALIDATE_URL" } else { name };
    Server::new(url, policy.protocol)
        .map(|server| server.answering_in(policy.format))
        .map_err(|e| Problem::new(name, e.to_string()))
        .and_then(|server| {
            if validate_url.is_empty() {
                return Ok(server);
            }
            let mut addresses = validate_url.split_whitespace();
            let first = server.validated_at(addresses.next().unwrap_or_default());
            let all = first.and_then(|server| addresses.try_fold(server, cas::Server::also_validated_at));
            all.map_err(|e| Problem::new(validate_name, e.to_string()))
        })
        .map_err(|problem| problems.push(problem))
        .ok()
}

fn add_site(
    sites: &mut Vec<Site>,
    (id, public, origin, closed, token): (String, &str, Origin, Option<String>, bool),
    server: Option<Server>,
    place: &str,
    problems: &mut Vec<Problem>,
) {
    if !public.starts_with("https://") && !is_loopback(host_of(public)) {
        problems.push(Problem::new(place, "must be https, but for localhost"));
    }
    if sites.iter().any(|site| site.public == public || site.id == id) {
        problems.push(Problem::new(place, "two sites have this address or id"));
    }
    if let Some(server) = server {
        let cookies = CookieNames::new(public);
        sites.push(Site { id, public: public.to_owned(), origin, server, cookies, closed, token });
    }
}

fn is_loopback(host: &str) -> bool {
    let name = host.rsplit_once(':').map_or(host, |(name, port)| if port.ends_with(']') { host } else { name });
    matches!(name, "localhost" | "127.0.0.1" | "[::1]") || name.ends_with(".localhost")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_missing_setting_is_named_and_no_value_is_shown() {
        let settings = Settings { keys: "c2hvcnQ", ..Settings::default() };
        let problems = Gate::new(&settings).err().unwrap();
        let names: Vec<_> = problems.iter().map(|p| p.at.as_str()).collect();
        assert_eq!(
            names,
            ["PORTCULLIS_KEYS", "PORTCULLIS_ID_KEY", "PORTCULLIS_SIGNING_KEYS", "CAS_URL", "PUBLIC_URL", "ORIGIN_URL"]
        );
        assert!(problems.iter().all(|p| !p.what.contains("c2hvcnQ")));
    }

    #[test]
    fn k07_one_policy_decides_the_bundled_one_or_the_variable() {
        let public = r#"{"rule":[{"path":"/*","access":"public"}]}"#;
        let read = |bundled_policy, policy| {
            let policy = read_policy(&Settings { bundled_policy, policy, ..Settings::default() });
            policy.map(|policy| policy.rules.iter().any(|rule| !rule.identity))
        };
        assert_eq!(read("", ""), Ok(false), "the strictest policy");
        assert_eq!(read(public, ""), Ok(true));
        assert_eq!(read("", public), Ok(true));
        for (bundled, variable) in [(public, "{}"), ("{}", public), (public, public)] {
            let problems = read(bundled, variable).unwrap_err();
            assert!(matches!(problems.as_slice(), [one] if one.at == "POLICY"), "{problems:?}");
        }
    }

    #[test]
    fn a08_a_rule_for_a_host_that_is_no_sites_own_or_an_app_with_anothers_name_is_refused() {
        let key = data_encoding::BASE64URL_NOPAD.encode(&[7; 32]);
        let signing = format!(r#"[{{"kty":"EC","crv":"P-256","x":"{key}","y":"{key}","d":"{key}","kid":"k1"}}]"#);
        let problems = |rules: &str| {
            let policy = format!(r#"{{"rule":[{rules}]}}"#);
            let settings = Settings {
                cas_url: "https://cas.example.org/cas",
                public_url: "https://app.example.org",
                origin_url: "binding:APP",
                keys: &key,
                id_key: &key,
                signing_keys: &signing,
                policy: &policy,
                ..Settings::default()
            };
            Gate::new(&settings).err().unwrap_or_default().into_iter().map(|p| p.at).collect::<Vec<_>>()
        };
        let rule = |keys: &str| format!(r#"{{"path":"/*","access":"login",{keys}}}"#);
        for (keys, want) in [
            (r#""hosts":["app.example.org"]"#, &[][..]),
            (r#""hosts":["wiki.example.org"]"#, &["rule[0].hosts"]),
            (r#""origin":"binding:APP""#, &[]),
            (r#""origin":"https://other.example.org""#, &["rule[0].app"]),
            (r#""origin":"https://other.example.org","app":"other""#, &[]),
        ] {
            assert_eq!(problems(&rule(keys)), want, "{keys}");
        }
        let two = |second: &str| {
            let first = rule(r#""origin":"https://other.example.org","app":"other""#);
            problems(&format!("{first},{}", rule(&format!(r#""origin":"{second}","app":"other""#))))
        };
        assert_eq!(two("https://other.example.org"), [""; 0]);
        assert_eq!(two("https://third.example.org"), ["rule[1].app"], "the name of another origin");
    }

    #[test]
    fn the_login_page_is_no_base_address() {
        let settings = Settings { cas_url: "https://cas.example.org/cas/login", ..Settings::default() };
        let problems = Gate::new(&settings).err().unwrap();
        assert!(problems.contains(&Problem::new("CAS_URL", "is wanted without /login at its end")));
    }

    #[test]
    fn x23_plain_http_is_for_this_machine_alone() {
        for (host, want) in
            [("localhost:8787", true), ("127.0.0.1", true), ("[::1]:80", true), ("localhost.evil", false), ("a", false)]
        {
            assert_eq!(is_loopback(host), want, "{host}");
        }
    }
}
