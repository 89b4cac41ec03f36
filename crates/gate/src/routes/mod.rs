//! Internal paths below `/.portcullis/`, one route a file.

pub(crate) mod callback;
pub(crate) mod factor;
mod health;
mod jwks;
pub(crate) mod kept;
mod logout;
mod metrics;
pub(crate) mod slo;
pub(crate) mod token;
pub(crate) mod whoami;

use base::Moment;

use crate::{
    request::{
        context::RequestContext,
        factor::{FactorGet, FactorPost},
        step::{Callback, ReadForm, ReadThen, Step},
    },
    state::{Instance, flight::FlightId},
    why::Why,
};

/// An internal path with its method.
#[derive(Debug, PartialEq, Eq)]
enum Route<'a> {
    /// The browser returns from the CAS server by GET.
    Callback(Callback),
    /// The browser returns by POST, or the CAS server sends a single logout.
    PostedCallback(Callback),
    /// A single logout on the secret path; the secret is not compared yet.
    SecretLogout(&'a str),
    /// The page that asks for confirmation of a logout.
    LogoutPage,
    /// The confirmed logout.
    Logout,
    /// The signed-in person as JSON.
    Whoami,
    /// A page of the second factor.
    Factor(FactorGet),
    /// A form of the second factor.
    FactorForm(FactorPost),
    /// The health check.
    Health,
    /// The public keys of assertions.
    Jwks,
    /// The counts of answers.
    Metrics,
    /// The page that goes to the address that a tab has kept.
    KeptAddress,
    /// The page that hands in the form that a tab has kept.
    FetchKept(&'a str),
    /// The kept form, posted.
    KeptForm,
    /// A bearer for a service ticket.
    Token,
}

/// The route of a path below `/.portcullis/`.
///
/// # Errors
/// `NotFound` for an unknown path, `BadMethod` for a method that the path does not accept.
fn route<'a>(method: &str, path: &'a str) -> Result<Route<'a>, Why> {
    let (front, rest) = path.split_once('/').map_or((path, None), |(front, rest)| (front, Some(rest)));
    match (front, rest, method) {
        ("cas", Some(rest), _) => {
            let (id, is_retry) = rest.strip_suffix("/again").map_or((rest, false), |id| (id, true));
            let callback = Callback { id: FlightId::parse(id).ok_or(Why::NotFound)?, is_retry };
            match method {
                "GET" => Ok(Route::Callback(callback)),
                "POST" => Ok(Route::PostedCallback(callback)),
                _ => Err(Why::BadMethod),
            }
        }
        ("factor", path, "GET") => factor::get(path).map(Route::Factor).ok_or(Why::NotFound),
        ("factor", path, "POST") => factor::post(path).map(Route::FactorForm).ok_or(Why::NotFound),
        // Other methods give `NotFound`, so that a probe cannot tell whether the secret path exists.
        ("slo", Some(secret), "POST") => Ok(Route::SecretLogout(secret)),
        ("logout", None, "GET") => Ok(Route::LogoutPage),
        ("logout", None, "POST") => Ok(Route::Logout),
        ("whoami", None, "GET" | "HEAD") => Ok(Route::Whoami),
        ("health", None, "GET" | "HEAD") => Ok(Route::Health),
        ("jwks.json", None, "GET" | "HEAD") => Ok(Route::Jwks),
        ("spa", Some(name), "GET") if is_kept_name(name) => Ok(Route::KeptAddress),
        ("kept", Some(proof), "GET") => Ok(Route::FetchKept(proof)),
        ("kept", None, "POST") => Ok(Route::KeptForm),
        ("kept", None, _) => Err(Why::BadMethod),
        ("token", None, "POST") => Ok(Route::Token),
        // A ticket in the address is not used.
        ("token", None, _) => Err(Why::BadMethod),
        // As for the secret path: without its token, there is no such page.
        ("metrics", None, "GET") => Ok(Route::Metrics),
        ("logout" | "whoami" | "health" | "jwks.json" | "factor", None, _) => Err(Why::BadMethod),
        _ => Err(Why::NotFound),
    }
}

/// 80 bits in base32: see `kept_name`.
fn is_kept_name(name: &str) -> bool {
    name.len() == 16 && name.bytes().all(|b| b.is_ascii_lowercase() || (b'2'..=b'7').contains(&b))
}

/// Answers a path below `/.portcullis/`.
pub(crate) fn internal<'a>(
    context: RequestContext<'a>,
    path: &'a str,
    instance: &mut Instance,
    moment: &mut Moment,
) -> Step<'a> {
    match route(context.head.method, path) {
        Ok(Route::Callback(at)) => callback::returned(context, at, instance, moment),
        Ok(Route::PostedCallback(at)) => Step::Read(ReadForm { context, then: ReadThen::Callback(at) }),
        Ok(Route::SecretLogout(secret)) => {
            let is_known = context.gate.slo_secret.as_ref().is_some_and(|known| known.ct_eq(secret.as_bytes()));
            if is_known {
                Step::Read(ReadForm { context, then: ReadThen::SecretLogout })
            } else {
                context.refuse(Why::NotFound, moment)
            }
        }
        Ok(Route::LogoutPage) => logout::opened(context, instance, moment),
        Ok(Route::Logout) => logout::pressed(context, instance, moment),
        Ok(Route::Whoami) => whoami::asked(context, instance, moment),
        Ok(Route::Factor(at)) => factor::opened(context, at, instance, moment),
        Ok(Route::FactorForm(at)) => factor::read_form(context, at, moment),
        Ok(Route::Health) => health::answer(&context),
        Ok(Route::Jwks) => jwks::answer(&context),
        Ok(Route::KeptAddress) => kept::address(&context),
        Ok(Route::FetchKept(proof)) => kept::fetched(context, proof, instance, moment),
        Ok(Route::Token) => token::asked(context, moment),
        Ok(Route::KeptForm) => kept::posted(context, moment),
        Ok(Route::Metrics) => metrics::asked(context, moment),
        Err(why) => context.refuse(why, moment),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_path_and_method_has_one_route_or_one_refusal() {
        let id = "a".repeat(26);
        let at = |is_retry| Callback { id: FlightId::parse(&id).unwrap(), is_retry };
        let (callback, retry) = (format!("cas/{id}"), format!("cas/{id}/again"));
        for (method, path, want) in [
            ("GET", callback.as_str(), Ok(Route::Callback(at(false)))),
            ("GET", &retry, Ok(Route::Callback(at(true)))),
            ("POST", &callback, Ok(Route::PostedCallback(at(false)))),
            ("POST", &retry, Ok(Route::PostedCallback(at(true)))),
            ("HEAD", &callback, Err(Why::BadMethod)),
            ("PUT", &retry, Err(Why::BadMethod)),
            ("GET", &callback[..29], Err(Why::NotFound)),
            ("GET", &format!("{callback}/"), Err(Why::NotFound)),
            ("GET", &format!("{callback}/Again"), Err(Why::NotFound)),
            ("PUT", "cas/", Err(Why::NotFound)),
            ("GET", "cas", Err(Why::NotFound)),
            ("POST", "slo/x/y", Ok(Route::SecretLogout("x/y"))),
            ("POST", "slo/", Ok(Route::SecretLogout(""))),
            ("GET", "slo/x", Err(Why::NotFound)),
            ("POST", "slo", Err(Why::NotFound)),
            ("GET", "logout", Ok(Route::LogoutPage)),
            ("POST", "logout", Ok(Route::Logout)),
            ("HEAD", "logout", Err(Why::BadMethod)),
            ("GET", "logout/", Err(Why::NotFound)),
            ("GET", "whoami", Ok(Route::Whoami)),
            ("HEAD", "whoami", Ok(Route::Whoami)),
            ("POST", "whoami", Err(Why::BadMethod)),
            ("GET", "health", Ok(Route::Health)),
            ("HEAD", "health", Ok(Route::Health)),
            ("DELETE", "health", Err(Why::BadMethod)),
            ("GET", "jwks.json", Ok(Route::Jwks)),
            ("HEAD", "jwks.json", Ok(Route::Jwks)),
            ("POST", "jwks.json", Err(Why::BadMethod)),
            ("GET", "jwks", Err(Why::NotFound)),
            ("GET", "spa/abcdefgh234567ab", Ok(Route::KeptAddress)),
            ("GET", "spa/abcdefgh234567a", Err(Why::NotFound)),
            ("GET", "spa/abcdefgh234567a/", Err(Why::NotFound)),
            ("GET", "spa", Err(Why::NotFound)),
            ("POST", "token", Ok(Route::Token)),
            ("GET", "token", Err(Why::BadMethod)),
            ("POST", "token/x", Err(Why::NotFound)),
            ("GET", "kept/x", Ok(Route::FetchKept("x"))),
            ("POST", "kept", Ok(Route::KeptForm)),
            ("GET", "kept", Err(Why::BadMethod)),
            ("POST", "kept/x", Err(Why::NotFound)),
            ("GET", "metrics", Ok(Route::Metrics)),
            ("POST", "metrics", Err(Why::NotFound)),
            ("GET", "metrics/x", Err(Why::NotFound)),
            ("GET", "factor", Ok(Route::Factor(FactorGet::Ask))),
            ("GET", "factor/me", Ok(Route::Factor(FactorGet::Me))),
            ("GET", "factor/code", Err(Why::NotFound)),
            ("POST", "factor", Err(Why::NotFound)),
            ("POST", "factor/code", Ok(Route::FactorForm(FactorPost::Code))),
            ("POST", "factor/code/", Err(Why::NotFound)),
            ("PUT", "factor", Err(Why::BadMethod)),
            ("GET", "", Err(Why::NotFound)),
            ("get", "health", Err(Why::BadMethod)),
        ] {
            assert_eq!(route(method, path), want, "{method} {path}");
        }
    }
}
