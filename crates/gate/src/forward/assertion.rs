//! The claims of the signed assertion and its header.

use base::UnixMs;

use crate::{policy::site::Site, state::session::Session};

/// The header that carries the signed assertion.
pub(crate) const ASSERTION: &str = "x-portcullis-assertion";

/// What the signed assertion says: made once a session and re-check, never for one request.
pub(crate) fn claims(site: &Site, app: &str, session: &Session, now: UnixMs, life_secs: u64) -> String {
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
        aud: app,
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
