//! Requests to the CAS server, with bounds on time and bytes and without redirects.

use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    future::{Future as _, poll_fn},
    pin::pin,
    task::Poll,
};

use base::{UnixMs, order::sort_short};
use cas::Call;
use gate::{AskValidate, Body, BodyFault, Breaker, Circuit, Fault, ValidateFault};
use js_sys::{Function, Object, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortSignal, Headers, ReadableStream, ReadableStreamDefaultReader, Request, RequestInit, RequestRedirect, Response,
};

use crate::{kv::Env, moment::clock};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = scheduler)]
    pub(crate) fn wait(millis: u32) -> js_sys::Promise;
}

/// Under ten seconds, the life of a ticket at Apereo CAS: a longer wait would end in a refusal.
const TIMEOUT_MS: u32 = 7_500;

/// How long an answer to a made-up ticket is waited for: the person is waiting already.
const PROBE_MS: u32 = 2_000;

/// After this time, in milliseconds, an error may come from a server that is busy with the ticket.
const EARLY_MS: u64 = 2_000;

/// How long a failed address is tried last, in seconds.
const AWAY_SECS: u64 = 60;

thread_local! {
    /// Number of running validations for machine clients.
    static ASIDE: Cell<usize> = const { Cell::new(0) };
    /// Failed addresses, each with the time until which it is tried last. They come from the configuration, so there are few.
    static AWAY: RefCell<HashMap<String, UnixMs>> = RefCell::new(HashMap::new());
    static BREAKERS: RefCell<HashMap<String, Breaker>> = RefCell::new(HashMap::new());
}

/// Base addresses of the CAS servers whose circuit is open.
pub(crate) fn open_circuits() -> Vec<String> {
    let now = clock();
    BREAKERS.with_borrow(|map| {
        map.iter().filter(|(_, breaker)| breaker.health(now) == Circuit::Open).map(|(name, _)| name.clone()).collect()
    })
}

/// Makes this call of the CAS server `server`, through the binding that `CAS_FETCHER` names, if it names one. Where it
/// stays silent too often, `probes` tell whether the server is away.
pub(crate) async fn send(
    env: &Env,
    server: &str,
    (call, others): (&Call, &[Call]),
    probes: impl Iterator<Item = &Call>,
) -> Result<Body, Fault> {
    let allowed = BREAKERS.with_borrow_mut(|map| map.entry(server.to_owned()).or_default().allows(clock()));
    if !allowed {
        return Err(Fault::CircuitOpen);
    }
    let answer = one_of(env, std::iter::once(call).chain(others), TIMEOUT_MS).await;
    if let Ok(body) = &answer
        && body.status != 200
    {
        // Only the number: the URL holds a ticket.
        crate::log::fault(&format!("cas-status-{}", body.status));
    }
    let is_probed = BREAKERS.with_borrow_mut(|map| map.entry(server.to_owned()).or_default().record(&answer, clock()));
    if is_probed {
        let probed = one_of(env, probes, PROBE_MS).await;
        BREAKERS.with_borrow_mut(|map| map.entry(server.to_owned()).or_default().probed(&probed, clock()));
    }
    answer
}

/// Makes a call for a machine client: it does not count for the circuit, and at most [`AskValidate::AT_ONCE`] run at once.
pub(crate) async fn send_aside(env: &Env, (call, others): (&Call, &[Call])) -> Result<Body, ValidateFault> {
    /// Counts down when the request is dropped, too.
    struct Place;
    impl Drop for Place {
        fn drop(&mut self) {
            ASIDE.with(|aside| aside.set(aside.get().saturating_sub(1)));
        }
    }
    if ASIDE.get() >= AskValidate::AT_ONCE {
        return Err(ValidateFault::Busy);
    }
    ASIDE.set(ASIDE.get() + 1);
    let _place = Place;
    one_of(env, std::iter::once(call).chain(others), TIMEOUT_MS).await.map_err(ValidateFault::Cas)
}

/// Asks the server at one address, and at one other where the first broke off early. The platform does not tell whether the
/// first has read the request, but the ticket is single use there: a second sending cannot sign in twice.
///
/// An address that gave no answer is tried last for some time, also where this ticket goes nowhere else: the next one does.
async fn one_of(env: &Env, calls: impl IntoIterator<Item = &Call>, timeout_ms: u32) -> Result<Body, Fault> {
    let began = clock();
    let mut calls: Vec<&Call> = calls.into_iter().collect();
    let is_away = |call: &Call| AWAY.with_borrow(|away| away.get(address(call)).is_some_and(|until| began < *until));
    sort_short(&mut calls, |one, next| !is_away(one) && is_away(next));
    let mut calls = calls.into_iter();
    let Some(first) = calls.next() else { return Err(Fault::Unreachable) };
    let failed = match ask(env, first, timeout_ms).await {
        Ok(body) => return Ok(body),
        Err(failed) => failed,
    };
    AWAY.with_borrow_mut(|away| away.insert(address(first).to_owned(), clock().plus_secs(AWAY_SECS)));
    let spent = clock().millis_since(began);
    let is_early = failed.fault == Fault::Unreachable && failed.before_head && spent <= EARLY_MS;
    let Some(next) = calls.next().filter(|_| is_early) else { return Err(failed.fault) };
    let rest = u64::from(timeout_ms).saturating_sub(spent);
    ask(env, next, u32::try_from(rest).unwrap_or(timeout_ms)).await.map_err(|failed| failed.fault)
}

/// The address without the query, which holds the ticket.
fn address(call: &Call) -> &str {
    call.url.split('?').next().unwrap_or_default()
}

/// Why there is no answer, and whether its head had come.
struct Failed {
    fault: Fault,
    before_head: bool,
}

async fn ask(env: &Env, call: &Call, timeout_ms: u32) -> Result<Body, Failed> {
    let signal = AbortSignal::timeout_with_u32(timeout_ms);
    let answer = match fetch(env, call, &signal).await {
        Ok(response) => body(&response).await.ok_or(false),
        Err(_) => Err(true),
    };
    answer.map_err(|before_head| {
        crate::log::fault(if signal.aborted() { "cas-timeout" } else { "cas-unreachable" });
        Failed { fault: if signal.aborted() { Fault::Timeout } else { Fault::Unreachable }, before_head }
    })
}

async fn body(response: &Response) -> Option<Body> {
    let bytes = read(response.body(), cas::answer::MAX_ANSWER_BYTES + 1).await?;
    Some(Body { status: response.status(), bytes })
}

async fn fetch(env: &Env, call: &Call, signal: &AbortSignal) -> Result<Response, JsValue> {
    let list = Headers::new()?;
    for (name, value) in &call.headers {
        list.set(name, value)?;
    }
    let init = RequestInit::new();
    init.set_method(&call.method);
    if let Some(body) = &call.body {
        init.set_body(&body.into());
    }
    init.set_redirect(RequestRedirect::Manual);
    init.set_headers(&list);
    init.set_signal(Some(signal));
    let request = Request::new_with_str_and_init(&call.url, &init)?;
    let fetcher: Object = match crate::config::cas_fetcher(env) {
        Some(name) => Reflect::get(env, &name.into())?.dyn_into()?,
        None => js_sys::global(),
    };
    let function: Function = Reflect::get(&fetcher, &"fetch".into())?.dyn_into()?;
    let promise: js_sys::Promise = function.call1(&fetcher, &request)?.dyn_into()?;
    JsFuture::from(promise).await?.dyn_into()
}

/// The same for a request's body, the whole of which may take so many seconds.
pub(crate) async fn read_within(body: Option<ReadableStream>, limit: usize, secs: u32) -> Result<Vec<u8>, BodyFault> {
    let mut reading = pin!(read(body, limit));
    let mut late = pin!(JsFuture::from(wait(secs.saturating_mul(1000))));
    poll_fn(|context| {
        if let Poll::Ready(bytes) = reading.as_mut().poll(context) {
            return Poll::Ready(bytes.ok_or(BodyFault::Broken));
        }
        late.as_mut().poll(context).map(|_| Err(BodyFault::Late))
    })
    .await
}

/// Reads a body up to so many bytes and leaves the rest; `None` when it breaks.
pub(crate) async fn read(body: Option<ReadableStream>, limit: usize) -> Option<Vec<u8>> {
    let Some(body) = body else { return Some(Vec::new()) };
    let reader: ReadableStreamDefaultReader = body.get_reader().dyn_into().ok()?;
    let mut bytes = Vec::new();
    loop {
        let chunk = JsFuture::from(reader.read()).await.ok()?;
        if Reflect::get(&chunk, &"done".into()).ok()?.is_truthy() {
            return Some(bytes);
        }
        let value: Uint8Array = Reflect::get(&chunk, &"value".into()).ok()?.dyn_into().ok()?;
        let room = limit.saturating_sub(bytes.len());
        bytes.extend(value.to_vec().into_iter().take(room));
        if bytes.len() >= limit {
            let _ = reader.cancel();
            return Some(bytes);
        }
    }
}
