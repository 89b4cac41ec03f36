//! The claims of the signed assertion and its header.

use base::UnixMs;

use crate::{policy::site::Site, state::session::Session};

/// The header that carries the signed assertion.
pub(crate) const ASSERTION: &str = "x-portcullis-assertion";

/// The claims as JSON (RFC 7519 section 4). `life_secs` is the time until `exp`.
pub(crate) fn claims(site: &Site, session: &Session, now: UnixMs, life_secs: u64) -> String {
    #[derive(serde::Serialize)]
    struct Claims<'a> {
        iss: &'a str,
        aud: &'a str,
        sub: &'a str,
        sid: &'a str,
        iat: u64,
        exp: u64,
        auth_time: u64,
        acr: &'a str,
        amr: &'a [&'a str],
    }
    let claims = Claims {
        iss: &site.public,
        aud: &site.id,
        sub: &session.user,
        sid: &session.sid,
        iat: now.secs(),
        exp: now.plus_secs(life_secs).secs(),
        auth_time: session.born().secs(),
        acr: session.level.acr(),
        amr: session.level.amr(),
    };
    serde_json::to_string(&claims).unwrap_or_default()
}
