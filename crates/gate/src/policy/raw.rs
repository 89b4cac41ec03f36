//! The policy as written. Unknown keys are refused, so that a misspelt one is noticed.

use std::collections::BTreeMap;

use json::FromJson;
use serde::Deserialize;

use super::{
    demand::Kind,
    factor::{Mode, UserVerification},
};

/// The whole file.
#[derive(Debug, Default, Deserialize, FromJson)]
#[serde(deny_unknown_fields, default)]
pub struct RawPolicy {
    /// Sites; without any, the Worker's variables make one.
    pub site: Vec<RawSite>,
    /// Rules, the first that matches decides. Without the key, every page requires a login.
    pub rule: Option<Vec<RawRule>>,
    /// Lifetimes.
    pub session: RawSession,
    /// The map from attributes to identity headers.
    pub headers: Option<BTreeMap<String, RawHeader>>,
    /// Greatest length of one identity header, in bytes.
    pub header_cap_bytes: Option<usize>,
    /// More headers that no client may send to an app: names, or beginnings as `prefix-*`, in any spelling.
    pub strip_headers: Vec<String>,
    /// Headers of other products' names that clients may send to an app all the same.
    pub pass_headers: Vec<String>,
    /// Passed on to the CAS server's login page.
    pub login_params: BTreeMap<String, String>,
    /// Single logout.
    pub slo: RawSlo,
    /// Protocol of the CAS servers.
    pub cas: RawCas,
    /// The second factor.
    pub factor: Option<RawFactor>,
    /// How the app recognises requests of the gate.
    pub origin_auth: Option<RawOriginAuth>,
    /// The gate's own pages.
    pub pages: RawPages,
    /// User names that no app may see, because they are accounts of the apps themselves.
    pub deny_users: Option<Vec<String>>,
    /// Names that replace attribute values in rules and headers.
    pub attributes: BTreeMap<String, RawAttribute>,
    /// Whether machine clients get bearers, at the site that the Worker's variables make.
    pub token: bool,
    /// A proxy in front of the gate that names the client's address.
    pub peer: Option<RawPeer>,
}

/// The gate's own pages.
#[derive(Debug, Default, Deserialize, FromJson)]
#[serde(deny_unknown_fields, default)]
pub struct RawPages {
    /// The operator's name.
    pub name: Option<String>,
    /// The operator's logo: a `data:` address of a PNG or SVG.
    pub logo: Option<String>,
}

/// Names that replace the values of one attribute.
#[derive(Debug, Deserialize, FromJson)]
#[serde(deny_unknown_fields)]
pub struct RawAttribute {
    /// The name that stands for a whole value.
    pub values: BTreeMap<String, String>,
    /// Whether other values stay; by default they are removed.
    pub unmapped: Option<RawUnmapped>,
}

/// The treatment of a value that the map lacks.
#[derive(Clone, Copy, Debug, Deserialize, FromJson, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum RawUnmapped {
    /// It is removed.
    Drop,
    /// It stays.
    Keep,
}

/// A proxy in front of the gate.
#[derive(Debug, Deserialize, FromJson)]
#[serde(deny_unknown_fields)]
pub struct RawPeer {
    /// The header in which the proxy names the client's address.
    pub header: String,
    /// Addresses or networks of the proxies.
    pub from: Vec<String>,
}

/// One site: a public address and the app behind it.
#[derive(Debug, Deserialize, FromJson)]
#[serde(deny_unknown_fields)]
pub struct RawSite {
    /// Its name in assertions (`aud`) and logs; the public host by default.
    pub id: Option<String>,
    /// Public scheme, host and port.
    pub public_url: String,
    /// `https://…`, `binding:NAME` or `zone`.
    pub origin: String,
    /// Its own CAS server, instead of the Worker's.
    pub cas_url: Option<String>,
    /// Address at which the Worker reaches that CAS server, if it differs; or several of that server.
    pub cas_validate_url: Option<OneOrMany>,
    /// Whether machine clients get bearers for a service ticket.
    #[serde(default)]
    pub token: bool,
    /// If present, the site answers 503 with this sentence, at most 300 characters.
    pub closed: Option<String>,
}

/// One rule.
#[derive(Debug, Deserialize, FromJson)]
#[serde(deny_unknown_fields)]
pub struct RawRule {
    /// `/exact` or `/folder/*`.
    pub path: OneOrMany,
    /// Public hosts (with port) that the rule applies to; all when absent.
    pub hosts: Option<Vec<String>>,
    /// Methods that the rule applies to; all when absent.
    pub methods: Option<Vec<String>>,
    /// Who has access.
    pub access: RawAccess,
    /// Attribute conditions: each named attribute must have one of the values, exactly.
    pub require: Option<BTreeMap<String, OneOrMany>>,
    /// With `fresh`: greatest age of the sign-in.
    pub max_age_secs: Option<u64>,
    /// An app instead of the site's.
    pub origin: Option<String>,
    /// That app's name in assertions (`aud`); needed beside an `origin` of its own.
    pub app: Option<String>,
    /// Whether the folder of `path` is cut off before the app sees it (`X-Forwarded-Prefix` names it).
    pub strip_prefix: Option<bool>,
    /// With `public`: whether shared caches may store what the app allows them.
    pub cache: Option<bool>,
    /// `app`: browsers keep personal answers as the app says, without asking again each time.
    pub browser_cache: Option<RawBrowserCache>,
    /// No browser keeps personal answers, so that Back does not show them after a sign-out.
    pub no_store: Option<bool>,
    /// Whether a WebSocket or an event stream of a signed-in person is closed when the session ends.
    pub close_on_revoke: Option<bool>,
    /// As in `[session]`, for this rule.
    pub revalidate_secs: Option<u64>,
    /// `session.revalidate_grace_secs` for this rule.
    pub revalidate_grace_secs: Option<u64>,
    /// Whether the address's fragment survives a sign-in, for apps that keep their place in it.
    pub spa: Option<bool>,
    /// Whether a form that meets no session is kept in the browser and may be sent after the sign-in.
    pub keep_post: Option<bool>,
    /// If present, the rule's pages answer 503 with this sentence, at most 300 characters.
    pub closed: Option<String>,
    /// Added to `login_params` of the policy for sign-ins that begin here; they guard nothing.
    #[serde(default)]
    pub login_params: BTreeMap<String, String>,
    /// Whether a second factor is asked for here; as `factor.mode` says when absent.
    pub factor: Option<RawMode>,
    /// The kinds that count here.
    pub factor_kinds: Option<Vec<Kind>>,
    /// Greatest age of the factor.
    pub factor_max_age_secs: Option<u64>,
    /// Whether a remembered device is enough.
    pub factor_remembered: Option<bool>,
}

/// The second factor.
#[derive(Debug, Default, Deserialize, FromJson)]
#[serde(deny_unknown_fields, default)]
pub struct RawFactor {
    /// For rules without `factor`; `observe` notes who would be asked, and asks nobody.
    pub mode: Option<RawFactorMode>,
    /// The kinds that count.
    pub kinds: Option<Vec<Kind>>,
    /// Greatest age of the factor.
    pub max_age_secs: Option<u64>,
    /// Whether a remembered device is enough.
    pub remembered: bool,
    /// More for some people, or from some places.
    pub when: Vec<RawWhen>,
    /// Until this day, nobody without a factor is asked for one.
    pub grace_until: Option<String>,
    /// So many days from the first sign-in of each person of whom a rule requires a factor, that person is not asked without one.
    pub grace_days: Option<u64>,
    /// `open`, `until DATE`, `network` or `invited` (the default).
    pub enrolment: Option<String>,
    /// Networks for `enrolment = "network"`.
    pub networks: Vec<String>,
    /// Networks of shared computers.
    pub shared: Vec<String>,
    /// The attribute that names people, or `cas:user`.
    pub user_key: Option<String>,
    /// With `cas:user`: characters of user names beside ASCII letters and digits.
    pub user_chars: Option<String>,
    /// With `cas:user`: realms of the CAS server.
    pub realms: Vec<String>,
    /// The tenant's id; never changes.
    pub tenant_id: Option<String>,
    /// The CAS server's id; never changes.
    pub cas_id: Option<String>,
    /// The name that authenticators show; the host by default.
    pub issuer: Option<String>,
    /// Whether passkeys must verify the person; `preferred` by default.
    pub verification: Option<UserVerification>,
    /// How long a device is remembered: 1 to 90 days; without it none is.
    pub remember_days: Option<u64>,
    /// With a portal: how long a factor that was given there counts for other sites; 28800 by default.
    pub reuse_secs: Option<u64>,
    /// First enrolments are closed while the directory counts fewer people.
    pub people_at_least: u64,
    /// `trusted`: the app may register a service worker beside the pages of the factor.
    pub service_worker: Option<RawServiceWorker>,
    /// The `acr` of a session with a factor; `mfa` by default.
    pub acr: Option<String>,
}

/// More for some people, or from some places.
#[derive(Debug, Deserialize, FromJson)]
#[serde(deny_unknown_fields)]
pub struct RawWhen {
    /// Attribute conditions; an absent attribute counts as met.
    #[serde(default)]
    pub require: BTreeMap<String, OneOrMany>,
    /// It applies outside of these networks.
    #[serde(default)]
    pub outside: Vec<String>,
    /// Whether a factor is asked for.
    pub factor: RawMode,
    /// The kinds that count.
    pub kinds: Option<Vec<Kind>>,
    /// Greatest age of the factor.
    pub max_age_secs: Option<u64>,
    /// Whether a remembered device is enough.
    #[serde(default)]
    pub remembered: bool,
}

/// Whether a factor is asked for.
#[derive(Clone, Copy, Debug, Deserialize, FromJson, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum RawMode {
    /// Never.
    Off,
    /// From people who have a factor.
    Offered,
    /// From everybody.
    Required,
}

/// The same for the whole policy.
#[derive(Clone, Copy, Debug, Deserialize, FromJson, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum RawFactorMode {
    /// It is noted who would be asked.
    Observe,
    /// Never.
    Off,
    /// From people who have a factor.
    Offered,
    /// From everybody.
    Required,
}

/// Whether the app may register a service worker.
#[derive(Clone, Copy, Debug, Deserialize, FromJson, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum RawServiceWorker {
    /// It may.
    Trusted,
}

impl From<RawMode> for Mode {
    fn from(raw: RawMode) -> Self {
        match raw {
            RawMode::Off => Self::Off,
            RawMode::Offered => Self::Offered,
            RawMode::Required => Self::Required,
        }
    }
}

/// Who says how long a browser keeps a personal answer.
#[derive(Clone, Copy, Debug, Deserialize, FromJson, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum RawBrowserCache {
    /// The app.
    App,
}

/// Who has access.
#[derive(Clone, Copy, Debug, Deserialize, FromJson, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum RawAccess {
    /// Everybody; the app receives no identity.
    Public,
    /// Everybody; the app receives the identity of a signed-in person.
    Optional,
    /// Signed-in people.
    Login,
    /// People who entered their password recently.
    Fresh,
}

/// Lifetimes, in seconds.
#[derive(Debug, Default, Deserialize, FromJson)]
#[serde(deny_unknown_fields, default)]
pub struct RawSession {
    /// Longest time without a request.
    pub idle_secs: Option<u64>,
    /// Longest life.
    pub absolute_secs: Option<u64>,
    /// Time between revalidations.
    pub revalidate_secs: Option<u64>,
    /// Stale grace while the store cannot be reached.
    pub revalidate_grace_secs: Option<u64>,
    /// Greatest age of a WebSocket or an event stream; none when absent.
    pub max_socket_age_secs: Option<u64>,
    /// Whether a sign-out asks the browser to empty its cache of this host (`Clear-Site-Data: "cache"`).
    pub clear_site_data: bool,
}

/// One identity header.
#[derive(Debug, Deserialize, FromJson)]
#[serde(untagged)]
pub enum RawHeader {
    /// The first of these attributes that the session has; its first value.
    First(OneOrMany),
    /// The same with all values.
    List(RawHeaderList),
}

/// A header that holds a list.
#[derive(Debug, Deserialize, FromJson)]
#[serde(deny_unknown_fields)]
pub struct RawHeaderList {
    /// The first of these attributes that the session has.
    pub from: OneOrMany,
    /// All values, separated by commas; a comma in a value becomes `%2C`.
    pub list: bool,
}

/// Single logout.
#[derive(Debug, Default, Deserialize, FromJson)]
#[serde(deny_unknown_fields, default)]
pub struct RawSlo {
    /// Addresses or networks that may send single logouts; empty for all.
    pub sources: Vec<String>,
    /// Whether single logouts are accepted on the secret path only.
    pub secret_path_only: bool,
}

/// Protocol of the CAS servers.
#[derive(Debug, Default, Deserialize, FromJson)]
#[serde(deny_unknown_fields, default)]
pub struct RawCas {
    /// `cas1`, `cas2` or `cas3`.
    pub protocol: Option<RawProtocol>,
    /// `xml` or `json`.
    pub format: Option<RawFormat>,
    /// Factors of an Apereo CAS server that count, by the value of `authnContextClass`.
    pub mfa: BTreeMap<String, RawCasFactor>,
    /// An attribute of another kind of CAS server that says that a factor was given.
    pub mfa_attribute: Option<RawMappedAttribute>,
    /// Notations of attributes that are read beside the protocol's own; none unless named.
    pub attributes: RawNotations,
}

/// Notations of attributes.
#[derive(Debug, Default, Deserialize, FromJson)]
#[serde(deny_unknown_fields, default)]
pub struct RawNotations {
    /// Notations by elements.
    pub elements: Vec<RawElements>,
    /// Attributes whose text `[a, b]` is a list.
    pub lists: Vec<String>,
    /// Attributes whose text is JSON, or YAML as Ruby writes it.
    pub encoded: Vec<String>,
}

/// A notation by elements.
#[derive(Clone, Copy, Debug, Deserialize, FromJson, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum RawElements {
    /// `<cas:attribute name="mail" value="…"/>` in the block.
    Inline,
    /// The same beside the block.
    NameValue,
    /// `<cas:mail>` beside the user.
    Children,
}

/// A factor of an Apereo CAS server.
#[derive(Debug, Deserialize, FromJson)]
#[serde(deny_unknown_fields)]
pub struct RawCasFactor {
    /// Its handler among `successfulAuthenticationHandlers`.
    pub handler: String,
    /// The methods in the assertion.
    #[serde(default)]
    pub amr: Vec<String>,
    /// Whether the gate asks for it by `authn_method`; by default where it is the only one.
    pub ask: Option<bool>,
}

/// An attribute that says that a factor was given.
#[derive(Debug, Deserialize, FromJson)]
#[serde(deny_unknown_fields)]
pub struct RawMappedAttribute {
    /// Its name.
    pub name: String,
    /// Its values.
    pub values: OneOrMany,
    /// The methods in the assertion.
    #[serde(default)]
    pub amr: Vec<String>,
}

/// The protocol's version.
#[derive(Clone, Copy, Debug, Deserialize, FromJson)]
#[serde(rename_all = "lowercase")]
pub enum RawProtocol {
    Cas1,
    Cas2,
    Cas3,
}

/// The form of answers.
#[derive(Clone, Copy, Debug, Deserialize, FromJson)]
#[serde(rename_all = "lowercase")]
pub enum RawFormat {
    Xml,
    Json,
}

/// How the app recognises requests of the gate.
#[derive(Clone, Copy, Debug, Deserialize, FromJson, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum RawOriginAuth {
    /// The network lets only the gate reach the app.
    Unreachable,
    /// By the gate's client certificate.
    Mtls,
    /// By a header whose value is derived from `PORTCULLIS_ORIGIN_SECRET` for this app.
    SecretHeader,
    /// By the signed assertion.
    Assertion,
}

/// One text or a list.
#[derive(Clone, Debug, Deserialize, FromJson)]
#[serde(untagged)]
pub enum OneOrMany {
    /// One.
    One(String),
    /// Several.
    Many(Vec<String>),
}

impl OneOrMany {
    /// All of them.
    pub fn into_vec(self) -> Vec<String> {
        match self {
            Self::One(text) => vec![text],
            Self::Many(list) => list,
        }
    }
}
