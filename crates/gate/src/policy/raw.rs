//! The policy as people write it. Unknown keys are refused, so that a misspelt rule never goes unnoticed.

use std::collections::BTreeMap;

use serde::Deserialize;

/// The whole file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RawPolicy {
    /// The sites; without any, one site from the Worker's own variables.
    pub site: Vec<RawSite>,
    /// Rules, the first that fits decides. Without the key, every page wants a sign-in.
    pub rule: Option<Vec<RawRule>>,
    /// Lifetimes.
    pub session: RawSession,
    /// Which attributes become which request header.
    pub headers: Option<BTreeMap<String, RawHeader>>,
    /// Greatest length of one identity header, in bytes.
    pub header_cap_bytes: Option<usize>,
    /// Passed on to the CAS server's login page.
    pub login_params: BTreeMap<String, String>,
    /// Single logout.
    pub slo: RawSlo,
    /// How to speak with the CAS server.
    pub cas: RawCas,
    /// How the app knows that a request came through the gate.
    pub origin_auth: Option<RawOriginAuth>,
}

/// One site: what people type, and the app behind it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawSite {
    /// Its name in assertions (`aud`) and logs; the public host by default.
    pub id: Option<String>,
    /// Scheme, host and port that people type.
    pub public_url: String,
    /// `https://…`, `binding:NAME` or `zone`.
    pub origin: String,
    /// Its CAS server, where it is not the Worker's.
    pub cas_url: Option<String>,
    /// That CAS server as the Worker reaches it.
    pub cas_validate_url: Option<String>,
}

/// One rule.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawRule {
    /// `/exact` or `/folder/*`.
    pub path: OneOrMany,
    /// Public hosts (with port) for which the rule is; all when absent.
    pub hosts: Option<Vec<String>>,
    /// Methods for which the rule is; all when absent.
    pub methods: Option<Vec<String>>,
    /// Who may come in.
    pub access: RawAccess,
    /// Attribute conditions: each named attribute must have one of the values, exactly.
    pub require: Option<BTreeMap<String, OneOrMany>>,
    /// With `fresh`: greatest age of the sign-in.
    pub max_age_secs: Option<u64>,
    /// Another app than the site's.
    pub origin: Option<String>,
    /// Whether the folder of `path` is cut off before the app sees it (`X-Forwarded-Prefix` names it).
    pub strip_prefix: Option<bool>,
    /// With `public`: whether shared caches may keep what the app says they may.
    pub cache: Option<bool>,
    /// As in `[session]`, for this rule.
    pub revalidate_secs: Option<u64>,
    /// As in `[session]`, for this rule.
    pub revalidate_grace_secs: Option<u64>,
}

/// Who may come in.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "lowercase")]
pub enum RawAccess {
    /// Everybody; nobody's name is passed on.
    Public,
    /// Everybody; the name of who is signed in is passed on.
    Optional,
    /// Who is signed in.
    Login,
    /// Who signed in lately, for this.
    Fresh,
}

/// Lifetimes, in seconds.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RawSession {
    /// Without any request.
    pub idle_secs: Option<u64>,
    /// In all.
    pub absolute_secs: Option<u64>,
    /// How long a session is believed before it is looked up again.
    pub revalidate_secs: Option<u64>,
    /// How long a session outlives an unreachable store.
    pub revalidate_grace_secs: Option<u64>,
}

/// One identity header.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum RawHeader {
    /// The first of these attributes that there is; its first value.
    First(OneOrMany),
    /// The same with all its values.
    List(RawHeaderList),
}

/// A header that holds a list.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawHeaderList {
    /// The first of these attributes that there is.
    pub from: OneOrMany,
    /// All values, apart by commas; a comma in a value is `%2C`.
    pub list: bool,
}

/// Single logout.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RawSlo {
    /// Addresses or networks from which single logouts are taken; from everywhere when empty.
    pub sources: Vec<String>,
    /// Whether single logouts are taken on the secret path alone.
    pub secret_path_only: bool,
}

/// How to speak with the CAS server.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RawCas {
    /// `cas1`, `cas2` or `cas3`.
    pub protocol: Option<RawProtocol>,
    /// `xml` or `json`.
    pub format: Option<RawFormat>,
}

/// The protocol's version.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RawProtocol {
    Cas1,
    Cas2,
    Cas3,
}

/// The form of answers.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RawFormat {
    Xml,
    Json,
}

/// How the app knows that a request came through the gate.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum RawOriginAuth {
    /// Nothing else can reach the app.
    Unreachable,
    /// By the gate's client certificate.
    Mtls,
    /// By a header that holds `PORTCULLIS_ORIGIN_SECRET`.
    SecretHeader,
    /// By the signed assertion.
    Assertion,
}

/// One text or a list.
#[derive(Clone, Debug, Deserialize)]
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
