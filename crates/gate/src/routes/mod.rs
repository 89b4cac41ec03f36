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
        context::RequestContext,
        step::{Callback, ReadForm, ReadThen, Step},
    },
    state::{Instance, flight::FlightId},
    why::Why,
};

/// Below `/.portcullis/`.
pub(crate) fn internal<'a>(
    context: RequestContext<'a>,
    path: &'a str,
    instance: &mut Instance,
    moment: &mut Moment,
) -> Step<'a> {
    let method = context.head.method;
    let reading = matches!(method, "GET" | "HEAD");
    if let Some(rest) = path.strip_prefix("cas/") {
        let (id, is_retry) = rest.strip_suffix("/again").map_or((rest, false), |id| (id, true));
        return match (FlightId::parse(id), method) {
            (Some(id), "GET") => callback::returned(context, Callback { id, is_retry }, instance, moment),
            (Some(id), "POST") => Step::Read(ReadForm { context, then: ReadThen::Callback(Callback { id, is_retry }) }),
            (Some(_), _) => context.refuse(Why::BadMethod, moment),
            (None, _) => context.refuse(Why::NotFound, moment),
        };
    }
    if let Some(secret) = path.strip_prefix("slo/") {
        let good = context.gate.slo_secret.as_ref().is_some_and(|known| known.ct_eq(secret.as_bytes()));
        return match (good, method) {
            (true, "POST") => Step::Read(ReadForm { context, then: ReadThen::SecretLogout }),
            _ => context.refuse(Why::NotFound, moment),
        };
    }
    match (path, method) {
        ("logout", "GET") => logout::opened(context, instance, moment),
        ("logout", "POST") => logout::pressed(context, instance, moment),
        ("whoami", _) if reading => whoami::asked(context, instance, moment),
        ("health", _) if reading => health::answer(&context),
        ("jwks.json", _) if reading => jwks::answer(&context),
        ("logout" | "whoami" | "health" | "jwks.json", _) => context.refuse(Why::BadMethod, moment),
        _ => context.refuse(Why::NotFound, moment),
    }
}
