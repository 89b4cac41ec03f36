//! Requests to the CAS server, with bounds on time and bytes and without redirects.

use std::{cell::RefCell, collections::HashMap};

use cas::Call;
use gate::{Body, Breaker, Circuit, Fault};
use js_sys::{Function, Object, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortSignal, Headers, ReadableStream, ReadableStreamDefaultReader, Request, RequestInit, RequestRedirect, Response,
};
use worker::Env;

use crate::moment::clock;

/// Under ten seconds, the life of a ticket at Apereo CAS: a longer wait would end in a refusal.
const TIMEOUT_MS: u32 = 7_500;

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

/// Sends a call to the CAS server `server`, through the binding in `CAS_FETCHER` if there is one.
pub(crate) async fn send(env: &Env, server: &str, call: &Call) -> Result<Body, Fault> {
    let allowed = BREAKERS.with_borrow_mut(|map| map.entry(server.to_owned()).or_default().allows(clock()));
    if !allowed {
        return Err(Fault::CircuitOpen);
    }
    let signal = AbortSignal::timeout_with_u32(TIMEOUT_MS);
    let answer = fetch(env, call, &signal).await.map_err(|_| {
        crate::log::fault(if signal.aborted() { "cas-timeout" } else { "cas-unreachable" });
        if signal.aborted() { Fault::Timeout } else { Fault::Unreachable }
    });
    if let Ok(body) = &answer
        && body.status != 200
    {
        // Only the number: the URL holds a ticket.
        crate::log::fault(&format!("cas-status-{}", body.status));
    }
    BREAKERS.with_borrow_mut(|map| map.entry(server.to_owned()).or_default().record(&answer, clock()));
    answer
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

/// Reads a body up to `limit` bytes and cancels the rest; `None` if the stream fails.
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
