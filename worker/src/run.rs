//! The loop of ask, I/O and answer. A failure becomes a verdict, and the core decides its meaning.

use std::{cell::RefCell, net::IpAddr};

use gate::{
    AppFailure, Facts, Instance, ReadForm, RequestHeader, Step, TicketVerdict, Why,
    forward::{
        address::Addresses,
        request::Keep,
        response::{
            confined_cookie as confine, passes_status as passes, personal_cache_control, response_header as header,
        },
        watch::{
            LEFT_BEHIND, UNREADABLE, Watch, is_event_stream as is_stream, is_left_behind, relayed_close_code as relayed,
        },
    },
    page,
};
use wasm_bindgen::prelude::*;
use web_sys::Request;

use crate::{
    act, anchor_do, assertion, cas_fetch, config, directory_do,
    kv::Env,
    log,
    moment::{self, instant},
    person_do, ticket_do,
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
    decided.map(|(forward, why)| forward.encode(why))
}

/// The id of a cached plan that holds for this request line, or -1. `cache_key` is as for
/// `Gate::cached_decision`.
#[wasm_bindgen]
pub fn cached_decision(line: &str, cache_key: &str, now_ms: f64) -> i32 {
    let plan_id = config::ready().and_then(|gate| {
        INSTANCE.with_borrow(|instance| gate.cached_decision(instance, line, cache_key, instant(now_ms)))
    });
    plan_id.and_then(|number| i32::try_from(number).ok()).unwrap_or(-1)
}

/// The header in which a proxy in front of the gate names the client, empty for none; `undefined` before the settings are read.
#[wasm_bindgen]
pub fn peer_header() -> Option<String> {
    let gate = config::ready()?;
    Some(gate.policy().peer.as_ref().map_or_else(String::new, |peer| peer.name().to_owned()))
}

/// What becomes of a request's header of this name: see `gate::RequestHeader`.
#[wasm_bindgen]
pub fn request_header(name: &str) -> String {
    let kind = config::ready().map_or(RequestHeader::Decide, |gate| gate.request_header(name));
    kind.as_str().to_owned()
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
            Step::Done(reply, why) => return act::act(reply, why, &gate, &head),
            Step::Read(ask) => {
                let body = cas_fetch::read_within(request.body(), ask.limit() + 1, ReadForm::SECS).await;
                INSTANCE.with_borrow_mut(|instance| ask.answer(body, instance, &mut moment))
            }
            Step::Ticket(ask) => {
                let verdict = ticket_do::call(&env, ask.object(), ask.call()).await;
                INSTANCE.with_borrow_mut(|instance| ask.answer(verdict, instance, &mut moment))
            }
            Step::Person(ask) => {
                let verdict = person_do::call(&env, ask.object(), ask.post()).await;
                INSTANCE.with_borrow_mut(|instance| ask.answer(verdict, instance, &mut moment))
            }
            Step::Directory(ask) => {
                let verdict = directory_do::call(&env, ask.shard(), ask.call()).await;
                INSTANCE.with_borrow_mut(|instance| ask.answer(verdict, instance, &mut moment))
            }
            Step::Anchor(ask) => {
                let verdict = anchor_do::call(&env, ask.call()).await;
                log::missing_keys(&gate, &verdict);
                INSTANCE.with_borrow_mut(|instance| ask.answer(verdict, instance, &mut moment))
            }
            Step::Validate(ask) => {
                let answer = cas_fetch::send_aside(&env, ask.calls()).await;
                ask.answer(answer, &mut moment)
            }
            Step::Sign(ask) => {
                let signature = assertion::sign(ask.jwk(), ask.input()).await;
                INSTANCE.with_borrow_mut(|instance| ask.answer(signature, instance, &mut moment))
            }
        }
    }
}

/// The page, or the JSON for a program, in place of an app's answer: the app cannot be reached, or `bad_answer` that is none.
///
/// # Errors
/// The platform cannot build a response.
#[wasm_bindgen]
pub fn app_failed(env: Env, head: &str, bad_answer: bool) -> Result<JsValue, JsValue> {
    let gate = match config::gate(&env) {
        Ok(gate) => gate,
        Err(answer) => return act::respond(&answer),
    };
    let facts = Facts { head, peer: None, open_circuits: &[] };
    let failure = if bad_answer { AppFailure::BadAnswer } else { AppFailure::Unreachable };
    match gate.app_failed(facts, failure, &mut moment::now()?) {
        Step::Done(reply, why) => act::act(reply, why, &gate, head),
        _ => Err(JsValue::NULL),
    }
}

/// After a panic in what is polled later, which no call of `entry.mjs` sees, the glue makes a new instance too.
#[wasm_bindgen(start)]
pub(crate) fn start() {
    wasm_bindgen::handler::set_on_abort(wasm_bindgen::handler::schedule_reinit);
}

/// The first call of each event: after a panic, the glue makes a new instance by it. It has no arguments, see `trap.js`.
#[wasm_bindgen]
pub fn awake() {
    cas::normalise_by(|text| js_sys::JsString::from(text).normalize("NFC").into());
}

/// The page after a panic, made by a new instance.
///
/// # Errors
/// The platform cannot build a response.
#[wasm_bindgen]
pub fn internal_error(accept_language: &str) -> Result<JsValue, JsValue> {
    let answer = page::internal_error(accept_language, &mut moment::now()?);
    log::answer(Why::InternalError, &answer);
    act::respond(&answer)
}

/// The treatment of a response header: see `gate::forward::response`.
#[wasm_bindgen]
pub fn response_header(name: &str) -> String {
    header(name).as_str().to_owned()
}

/// Whether an app's answer of this status is passed on.
#[wasm_bindgen]
pub fn passes_status(status: u16, upgrade: bool) -> bool {
    passes(status, upgrade)
}

/// An address of the app's answer as people know it, or `undefined` when it stays; with `refresh`, the one in a `Refresh`.
#[wasm_bindgen]
pub fn public_address(value: &str, app: &str, public: &str, prefix: &str, refresh: bool) -> Option<String> {
    let addresses = Addresses { app, public, prefix };
    if refresh { addresses.refresh_to_public(value) } else { addresses.to_public(value) }
}

/// The cookie confined to this host, or `undefined` for a reserved name.
#[wasm_bindgen]
pub fn confined_cookie(cookie: &str, cookie_prefix: &str) -> Option<String> {
    confine(cookie, cookie_prefix)
}

/// `Cache-Control` of an answer that no shared cache keeps. `text` is the plan's word, the content type, and the value as it
/// came, one a line.
#[wasm_bindgen]
pub fn cache_control(text: &str) -> String {
    let mut lines = text.splitn(3, '\n');
    let mut line = || lines.next().unwrap_or_default();
    let (word, content_type, control) = (line(), line(), line());
    personal_cache_control(control, content_type, Keep::browser_cache(word))
}

/// Whether an app's answer of this type is an event stream.
#[wasm_bindgen]
pub fn is_event_stream(content_type: &str) -> bool {
    is_stream(content_type)
}

/// What to do with what stays open: see `gate::forward::watch::WatchStep`. `watch` is the plan's word, or what `watch_looked_up` gave.
#[wasm_bindgen]
pub fn watch_step(watch: &str, opened_ms: f64, now_ms: f64) -> String {
    Watch::decode(watch).map_or(UNREADABLE, |watch| watch.step(instant(opened_ms), instant(now_ms))).encode()
}

/// The same watch after a look. `answer` is the object's, or empty where there is none.
#[wasm_bindgen]
pub fn watch_looked_up(watch: &str, answer: &str, now_ms: f64) -> String {
    let Some(mut watch) = Watch::decode(watch) else { return String::new() };
    let verdict = json::from_str(answer).unwrap_or(TicketVerdict::Unavailable);
    // After a panic, a new core may have no settings yet.
    let ended_secs = config::ready().map(|gate| gate.policy().ended_secs());
    INSTANCE.with_borrow_mut(|instance| watch.looked_up(&verdict, instance, ended_secs, instant(now_ms)));
    watch.encode()
}

/// The end of a WebSocket whose client leaves too much unread, or `undefined`.
#[wasm_bindgen]
pub fn left_behind(unread: u32, all: u32) -> Option<String> {
    is_left_behind(unread, all).then(|| LEFT_BEHIND.encode())
}

/// The code by which one end of a WebSocket closes after the other.
#[wasm_bindgen]
pub fn relayed_close_code(code: u16, from_app: bool) -> u16 {
    relayed(code, from_app)
}

/// Parses `address`, `address:port` or `[address]:port`.
fn address(peer: &str) -> Option<IpAddr> {
    let without_port = || match peer.strip_prefix('[') {
        Some(rest) => rest.split(']').next(),
        None => peer.rsplit_once(':').map(|(address, _)| address),
    };
    peer.parse().ok().or_else(|| without_port()?.parse().ok())
}
