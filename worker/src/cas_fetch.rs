//! Requests to the CAS server, with bounds on time and bytes and without redirects.

use std::{
    cell::RefCell,
    collections::HashMap,
    future::{Future as _, poll_fn},
    pin::pin,
    task::Poll,
    time::Duration,
};

use cas::Call;
use gate::{Body, BodyFault, Breaker, Circuit, Fault};
use js_sys::{Function, Object, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortSignal, Headers, ReadableStream, ReadableStreamDefaultReader, Request, RequestInit, RequestRedirect, Response,
};
use worker::{Delay, Env};

use crate::moment::clock;

/// Under ten seconds, the life of a ticket at Apereo CAS: a longer wait would end in a refusal.
const TIMEOUT_MS: u32 = 7_500;

/// How long an answer to a made-up ticket is waited for: the person is waiting already.
const PROBE_MS: u32 = 2_000;

thread_local! {
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
/// stays silent too often, `probe` tells whether the server is away.
pub(crate) async fn send(env: &Env, server: &str, call: &Call, probe: &Call) -> Result<Body, Fault> {
    let allowed = BREAKERS.with_borrow_mut(|map| map.entry(server.to_owned()).or_default().allows(clock()));
    if !allowed {
        return Err(Fault::CircuitOpen);
    }
    let answer = ask(env, call, TIMEOUT_MS).await;
    if let Ok(body) = &answer
        && body.status != 200
    {
        // Only the number: the URL holds a ticket.
        crate::log::fault(&format!("cas-status-{}", body.status));
    }
    let is_probed = BREAKERS.with_borrow_mut(|map| map.entry(server.to_owned()).or_default().record(&answer, clock()));
    if is_probed {
        let probed = ask(env, probe, PROBE_MS).await;
        BREAKERS.with_borrow_mut(|map| map.entry(server.to_owned()).or_default().probed(&probed, clock()));
    }
    answer
}

async fn ask(env: &Env, call: &Call, timeout_ms: u32) -> Result<Body, Fault> {
    let signal = AbortSignal::timeout_with_u32(timeout_ms);
    fetch(env, call, &signal).await.map_err(|_| {
        crate::log::fault(if signal.aborted() { "cas-timeout" } else { "cas-unreachable" });
        if signal.aborted() { Fault::Timeout } else { Fault::Unreachable }
    })
}

async fn fetch(env: &Env, call: &Call, signal: &AbortSignal) -> Result<Body, JsValue> {
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
    let response: Response = JsFuture::from(promise).await?.dyn_into()?;
    let bytes = read(response.body(), cas::answer::MAX_ANSWER_BYTES + 1).await;
    match bytes {
        Some(bytes) => Ok(Body { status: response.status(), bytes }),
        None => Err(JsValue::NULL),
    }
}

/// The same for a request's body, the whole of which may take so many seconds.
pub(crate) async fn read_within(body: Option<ReadableStream>, limit: usize, secs: u64) -> Result<Vec<u8>, BodyFault> {
    let mut reading = pin!(read(body, limit));
    let mut late = pin!(Delay::from(Duration::from_secs(secs)));
    poll_fn(|context| {
        if let Poll::Ready(bytes) = reading.as_mut().poll(context) {
            return Poll::Ready(bytes.ok_or(BodyFault::Broken));
        }
        late.as_mut().poll(context).map(|()| Err(BodyFault::Late))
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
