//! The Durable Object of one ticket: its record, its one validation, and its end.

use gate::{ObjectName, TicketCall, TicketRecord, TicketStep, TicketVerdict};
use wasm_bindgen::prelude::*;
use web_sys::{Request, Response};
use worker::{Env, Method, RequestInit, State, Storage};

use crate::{cas_fetch, log, moment::clock};

/// The record's place in the object's storage.
const RECORD: &str = "record";
/// The namespace's binding.
const TICKETS: &str = "TICKETS";

/// Calls the object of this name. Whatever goes wrong on the way is `Unavailable`.
pub(crate) async fn call(env: &Env, object: &ObjectName, call: &TicketCall) -> TicketVerdict {
    match try_call(env, object, call).await {
        Ok(verdict) => verdict,
        Err(_) => {
            log::fault("ticket-object");
            TicketVerdict::Unavailable
        }
    }
}

async fn try_call(env: &Env, object: &ObjectName, call: &TicketCall) -> worker::Result<TicketVerdict> {
    let stub = env.durable_object(TICKETS)?.id_from_name(object.as_str())?.get_stub()?;
    let mut init = RequestInit::new();
    init.with_method(Method::Post).with_body(Some(serde_json::to_string(call)?.into()));
    let mut response = stub.fetch_with_request(worker::Request::new_with_init("https://ticket/", &init)?).await?;
    response.json().await
}

/// The object's side: one call in, one verdict out.
///
/// # Errors
/// Its storage fails; the caller makes a verdict of it.
#[wasm_bindgen]
pub async fn ticket(
    request: Request,
    ctx: worker::worker_sys::DurableObjectState,
    env: Env,
) -> Result<Response, JsValue> {
    let body = cas_fetch::read(request.body(), 64 * 1024).await.unwrap_or_default();
    let call: TicketCall = serde_json::from_slice(&body).map_err(|_| JsValue::from_str("unreadable call"))?;
    let storage = State::from(ctx).storage();
    let mut record = load(&storage).await?;
    let before = record.clone();
    let mut step = TicketRecord::apply(&mut record, call, clock());
    save(&storage, before.as_ref(), record.as_ref()).await?;
    let verdict = loop {
        step = match step {
            TicketStep::Done(verdict) => break verdict,
            TicketStep::Validate(ask) => {
                let answer = cas_fetch::get(&env, ask.server(), ask.url(), ask.headers()).await;
                // While the CAS server was asked, a logout may have come.
                let mut record = load(&storage).await?;
                let before = record.clone();
                let step = ask.answer(answer, &mut record, clock());
                save(&storage, before.as_ref(), record.as_ref()).await?;
                step
            }
        }
    };
    let text = serde_json::to_string(&verdict).map_err(|_| JsValue::from_str("unwritable verdict"))?;
    Response::new_with_opt_str(Some(&text))
}

/// Forgets everything when nothing can come of it any more.
///
/// # Errors
/// The storage fails; the platform calls again.
#[wasm_bindgen]
pub async fn ticket_alarm(ctx: worker::worker_sys::DurableObjectState) -> Result<(), JsValue> {
    Ok(State::from(ctx).storage().delete_all().await?)
}

async fn load(storage: &Storage) -> Result<Option<TicketRecord>, JsValue> {
    let text: Option<String> = storage.get(RECORD).await?;
    // A record that cannot be read is one of a session that nobody may believe.
    text.map(|text| serde_json::from_str(&text).map_err(|_| JsValue::from_str("unreadable record"))).transpose()
}

async fn save(storage: &Storage, before: Option<&TicketRecord>, after: Option<&TicketRecord>) -> Result<(), JsValue> {
    let Some(after) = after.filter(|after| before != Some(after)) else { return Ok(()) };
    let text = serde_json::to_string(after).map_err(|_| JsValue::from_str("unwritable record"))?;
    storage.put(RECORD, text).await?;
    // An alarm is told how long from now, in milliseconds.
    let wait = after.forget_at().millis_since(clock());
    Ok(storage.set_alarm(i64::try_from(wait).unwrap_or(i64::MAX)).await?)
}
