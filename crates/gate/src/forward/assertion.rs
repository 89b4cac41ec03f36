//! The claims of the signed assertion and its header.

use base::UnixMs;

use crate::{
    policy::{demand::Given, site::Site},
    state::session::Session,
};

/// The header that carries the signed assertion.
pub(crate) const ASSERTION: &str = "x-portcullis-assertion";

/// The claims of the signed assertion (RFC 7519 section 4): made once a session, level and re-check, never for one request.
/// `cas` is the factor of the CAS server, `acr` the class of a session with a factor (OpenID Connect Core section 2).
pub(crate) fn claims(
    site: &Site,
    app: &str,
    (session, cas, acr): (&Session, Option<&Given>, Option<&str>),
    now: UnixMs,
    life_secs: u64,
) -> String {
    #[derive(json::ToJson)]
    struct Claims<'a> {
        iss: &'a str,
        aud: &'a str,
        sub: &'a str,
        sid: &'a str,
        iat: u64,
        exp: u64,
        auth_time: u64,
        #[serde(skip_serializing_if = "Option::is_none")]
        factor_time: Option<u64>,
        acr: &'a str,
        amr: Vec<&'a str>,
    }
    let all = || session.given.iter().chain(cas);
    let real = || all().filter(|given| !given.remembered);
    let has_factor = real().next().is_some();
    let mut amr = Vec::new();
    for method in all().filter(|given| !given.remembered || !has_factor).flat_map(Given::amr) {
        if !amr.contains(&method) {
            amr.push(method);
        }
    }
    if amr.is_empty() {
        amr.push("cas");
    }
    let claims = Claims {
        iss: &site.public,
        aud: app,
        sub: &session.user,
        sid: &session.sid,
        iat: now.secs(),
        exp: now.plus_secs(life_secs).secs(),
        auth_time: session.born().secs(),
        factor_time: real().filter_map(|given| given.at_secs).max(),
        acr: if has_factor { acr.unwrap_or("mfa") } else { "login" },
        amr,
    };
    json::to_string(&claims)
}
