//! The Worker's settings, read once an instance.

use std::{cell::RefCell, rc::Rc};

use gate::{Answer, Gate, Settings, page, policy::Problem, state::shelf::Shelves};
use js_sys::Reflect;
use wasm_bindgen::prelude::*;

use crate::kv::Env;

#[wasm_bindgen(raw_module = "./policy.mjs")]
unsafe extern "C" {
    /// The policy that the build put into the bundle, in JSON; empty for none.
    #[wasm_bindgen(thread_local_v2, js_name = default)]
    static BUNDLED_POLICY: String;
}

thread_local! {
    static GATE: RefCell<Option<Rc<Gate>>> = const { RefCell::new(None) };
}

/// The variable with the number of objects that hold the logins.
const SHELVES: &str = "TICKET_OBJECTS";
/// Bindings of the objects of the second factor.
const OBJECTS: [&str; 3] = ["PERSONS", "DIRECTORY", "ANCHOR"];

/// The gate, if this instance has configured it.
pub(crate) fn ready() -> Option<Rc<Gate>> {
    GATE.with_borrow(Clone::clone)
}

/// The binding in `CAS_FETCHER`, if set.
pub(crate) fn cas_fetcher(env: &Env) -> Option<String> {
    env.text("CAS_FETCHER")
}

/// Where the objects of people live, in `PORTCULLIS_JURISDICTION`; by default where the platform decides.
pub(crate) fn jurisdiction(env: &Env) -> Option<String> {
    env.text("PORTCULLIS_JURISDICTION")
}

/// How logins are spread over objects, by `TICKET_OBJECTS`. [`gate`] refuses what cannot be read.
pub(crate) fn shelves(env: &Env) -> Shelves {
    env.text(SHELVES).and_then(|text| Shelves::parse(&text)).unwrap_or_default()
}

/// The policy in JSON, of the variable or of the bundle.
pub(crate) fn policy(env: &Env) -> String {
    let own = env.text("POLICY").unwrap_or_default();
    if own.trim().is_empty() { BUNDLED_POLICY.with(Clone::clone) } else { own }
}

/// Whether the Worker has a binding of this name.
pub(crate) fn is_bound(env: &Env, name: &str) -> bool {
    Reflect::get(env, &name.into()).is_ok_and(|binding| binding.is_object())
}

/// The configured gate, or the page that lists its problems.
pub(crate) fn gate(env: &Env) -> Result<Rc<Gate>, Box<Answer>> {
    if let Some(gate) = ready() {
        return Ok(gate);
    }
    let text = |name: &str| env.text(name).unwrap_or_default();
    let [cas_url, cas_validate_url, public_url, origin_url] =
        ["CAS_URL", "CAS_VALIDATE_URL", "PUBLIC_URL", "ORIGIN_URL"].map(text);
    let binding_addresses = text("BINDING_ADDRESSES");
    let [keys, id_key, signing_keys] = ["PORTCULLIS_KEYS", "PORTCULLIS_ID_KEY", "PORTCULLIS_SIGNING_KEYS"].map(text);
    let [slo_secret, origin_secret, metrics_token, policy] =
        ["PORTCULLIS_SLO_SECRET", "PORTCULLIS_ORIGIN_SECRET", "PORTCULLIS_METRICS_TOKEN", "POLICY"].map(text);
    let [portal_url, authenticator_url] = ["PORTAL_URL", "AUTHENTICATOR_URL"].map(text);
    let [adopt, peer] = ["PORTCULLIS_ADOPT", "PEER"].map(text);
    let jurisdiction = jurisdiction(env).unwrap_or_default();
    let bundled_policy = BUNDLED_POLICY.with(Clone::clone);
    let cas_fetcher_name = cas_fetcher(env).unwrap_or_default();
    let settings = Settings {
        cas_url: &cas_url,
        cas_validate_url: &cas_validate_url,
        cas_fetcher: &cas_fetcher_name,
        public_url: &public_url,
        origin_url: &origin_url,
        binding_addresses: &binding_addresses,
        keys: &keys,
        id_key: &id_key,
        signing_keys: &signing_keys,
        slo_secret: &slo_secret,
        origin_secret: &origin_secret,
        metrics_token: &metrics_token,
        portal_url: &portal_url,
        authenticator_url: &authenticator_url,
        jurisdiction: &jurisdiction,
        bundled_policy: &bundled_policy,
        adopt: &adopt,
        peer: &peer,
        policy: &policy,
    };
    let checked = Gate::new(&settings).and_then(|gate| {
        let fetcher = cas_fetcher(env).map(|name| ("CAS_FETCHER", name));
        let named = gate.bindings().map(|name| ("ORIGIN_URL or the policy", name.to_owned())).chain(fetcher);
        let people = OBJECTS.map(|name| ("factor in the policy", name.to_owned()));
        let named = named.chain(people.into_iter().filter(|_| gate.has_factors()));
        let spread = Shelves::parse(&text(SHELVES)).is_none();
        let spread = spread.then(|| Problem::new(SHELVES, "is a number from 1 to 256, or absent"));
        let absent = named.filter(|(_, name)| !is_bound(env, name));
        let problems: Vec<_> = absent
            .map(|(at, name)| Problem::new(at, format!("binding {name} does not exist in this Worker")))
            .chain(spread)
            .collect();
        if problems.is_empty() { Ok(gate) } else { Err(problems) }
    });
    match checked {
        Ok(gate) => {
            let gate = Rc::new(gate);
            GATE.with_borrow_mut(|kept| *kept = Some(Rc::clone(&gate)));
            Ok(gate)
        }
        Err(problems) => {
            for problem in &problems {
                crate::log::problem(problem);
            }
            Err(Box::new(page::unconfigured(&problems)))
        }
    }
}
