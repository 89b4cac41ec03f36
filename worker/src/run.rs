//! The loop of ask, I/O and answer. A failure becomes a verdict, and the core decides its meaning.

use std::{cell::RefCell, net::IpAddr};

use gate::{
    Facts, Instance, Step, Why,
    forward::response::{
        confined_cookie as confine, private_cache_control as privately, public_location, response_header as header,
    },
    page,
};
use wasm_bindgen::prelude::*;
use web_sys::Request;
use worker::Env;

use crate::{
    act, assertion, cas_fetch, config, log,
    moment::{self, instant},
    ticket_do,
};

thread_local! {
    static INSTANCE: RefCell<Instance> = RefCell::default();
}

/// The plan for a request that is forwarded without I/O, or `undefined`.
#[wasm_bindgen]
pub fn decide_fast(head: &str, peer: &str, now_ms: f64) -> Option<String> {
    let gate = config::ready()?;
    let facts = Facts { head, peer: address(peer), open_circuits: &[] };
    let decided = INSTANCE.with_borrow_mut(|instance| gate.decide_fast(instance, facts, instant(now_ms)));
    decided.map(|(forward, _)| forward.encode())
}

/// The id of a cached plan that holds for this request line, or -1. `cache_key` is the peer's address, a line feed, and the
/// cookies.
#[wasm_bindgen]
pub fn cached_decision(line: &str, cache_key: &str, now_ms: f64) -> i32 {
    let plan_id = config::ready().and_then(|gate| {
        INSTANCE.with_borrow(|instance| gate.cached_decision(instance, line, cache_key, instant(now_ms)))
    });
    plan_id.and_then(|number| i32::try_from(number).ok()).unwrap_or(-1)
}

/// Whether headers with this name are removed from requests.
#[wasm_bindgen]
pub fn strips(name: &str) -> bool {
    config::ready().is_none_or(|gate| gate.strips(name))
}

/// The full decision: a `Response`, or a plan for a forwarded request.
///
/// # Errors
/// The platform has no randomness or cannot build a response.
#[wasm_bindgen]
pub async fn decide(request: Request, env: Env, head: String, peer: String) -> Result<JsValue, JsValue> {
    let gate = match config::gate(&env) {
        Ok(gate) => gate,
        Err(answer) => return act::respond(&answer),
    };
    let open_circuits = cas_fetch::open_circuits();
    let mut moment = moment::now()?;
    let facts = Facts { head: &head, peer: address(&peer), open_circuits: &open_circuits };
    let mut step = INSTANCE.with_borrow_mut(|instance| gate.decide(instance, facts, &mut moment));
    loop {
        step = match step {
            Step::Done(reply, why) => return act::act(reply, why, &gate),
            Step::Read(ask) => {
                let body = cas_fetch::read(request.body(), ask.limit() + 1).await;
                INSTANCE.with_borrow_mut(|instance| ask.answer(body, instance, &mut moment))
            }
            Step::Ticket(ask) => {
                let verdict = ticket_do::call(&env, ask.object(), ask.call()).await;
                INSTANCE.with_borrow_mut(|instance| ask.answer(verdict, instance, &mut moment))
            }
            Step::Sign(ask) => {
                let signature = assertion::sign(gate.signing_jwk(), ask.input()).await;
                INSTANCE.with_borrow_mut(|instance| ask.answer(signature, instance, &mut moment))
            }
        }
    }
}

/// The response for a request whose app cannot be reached.
///
/// # Errors
/// The platform cannot build a response.
#[wasm_bindgen]
pub fn app_unavailable(env: Env, head: &str) -> Result<JsValue, JsValue> {
    let gate = match config::gate(&env) {
        Ok(gate) => gate,
        Err(answer) => return act::respond(&answer),
    };
    let facts = Facts { head, peer: None, open_circuits: &[] };
    match gate.app_unavailable(facts, &mut moment::now()?) {
        Step::Done(reply, why) => act::act(reply, why, &gate),
        _ => Err(JsValue::NULL),
    }
}

/// The page after a panic, made by a new instance.
///
/// # Errors
/// The platform cannot build a response.
#[wasm_bindgen]
pub fn internal_error() -> Result<JsValue, JsValue> {
    let answer = page::internal_error(&mut moment::now()?);
    log::answer(Why::InternalError, &answer);
    act::respond(&answer)
}

/// The treatment of a response header: see `gate::forward::response`.
#[wasm_bindgen]
pub fn response_header(name: &str) -> String {
    header(name).as_str().to_owned()
}

/// The public `Location`, or `undefined` if it needs no change.
#[wasm_bindgen]
pub fn location(value: &str, origin_base: &str, public: &str) -> Option<String> {
    public_location(value, origin_base, public)
}

/// The cookie confined to this host, or `undefined` for a reserved name.
#[wasm_bindgen]
pub fn confined_cookie(cookie: &str, cookie_prefix: &str) -> Option<String> {
    confine(cookie, cookie_prefix)
}

/// `Cache-Control` of a personal page.
#[wasm_bindgen]
pub fn private_cache_control(control: &str) -> String {
    privately(control)
}

/// Parses `address`, `address:port` or `[address]:port`.
fn address(peer: &str) -> Option<IpAddr> {
    let without_port = || match peer.strip_prefix('[') {
        Some(rest) => rest.split(']').next(),
        None => peer.rsplit_once(':').map(|(address, _)| address),
    };
    peer.parse().ok().or_else(|| without_port()?.parse().ok())
}
