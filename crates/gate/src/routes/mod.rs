//! The gate's own paths, below `/.portcullis/`: one route a file.

pub(crate) mod callback;
mod health;
mod jwks;
mod logout;
pub(crate) mod slo;
pub(crate) mod whoami;

use base::Moment;

use crate::{
    request::{
        context::Visit,
        step::{Callback, ReadForm, ReadThen, Step},
    },
    state::flight::FlightId,
    why::Why,
};

/// Below `/.portcullis/`.
pub(crate) fn own<'a>(visit: Visit<'a>, path: &'a str, moment: &mut Moment) -> Step<'a> {
    let method = visit.head.method;
    let reading = matches!(method, "GET" | "HEAD");
    if let Some(rest) = path.strip_prefix("cas/") {
        let (id, again) = rest.strip_suffix("/again").map_or((rest, false), |id| (id, true));
        return match (FlightId::parse(id), method) {
            (Some(id), "GET") => callback::returned(visit, Callback { id, again }, moment),
            (Some(id), "POST") => Step::Read(ReadForm { visit, then: ReadThen::Callback(Callback { id, again }) }),
            (Some(_), _) => visit.refuse(Why::BadMethod, moment),
            (None, _) => visit.refuse(Why::NotFound, moment),
        };
    }
    if let Some(secret) = path.strip_prefix("slo/") {
        let good = visit.gate.slo_secret.as_ref().is_some_and(|known| known.ct_eq(secret.as_bytes()));
        return match (good, method) {
            (true, "POST") => Step::Read(ReadForm { visit, then: ReadThen::SecretLogout }),
            _ => visit.refuse(Why::NotFound, moment),
        };
    }
    match (path, method) {
        ("logout", "GET") => logout::opened(visit, moment),
        ("logout", "POST") => logout::pressed(visit, moment),
        ("whoami", _) if reading => whoami::asked(visit, moment),
        ("health", _) if reading => health::answer(&visit),
        ("jwks.json", _) if reading => jwks::answer(&visit),
        ("logout" | "whoami" | "health" | "jwks.json", _) => visit.refuse(Why::BadMethod, moment),
        _ => visit.refuse(Why::NotFound, moment),
    }
}
