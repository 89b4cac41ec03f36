//! The Durable Object of one ticket.

use gate::{ObjectName, TicketCall, TicketRecord, TicketStep, TicketVerdict};
use wasm_bindgen::prelude::*;
use web_sys::{Request, Response};
use worker::{Env, State};

use crate::{
    cas_fetch, log,
    moment::clock,
    object::{self, called, load, save},
};

/// Binding of the namespace.
const TICKETS: &str = "TICKETS";

/// Calls the object with this name; any failure is the verdict `Unavailable`.
pub(crate) async fn call(env: &Env, object: &ObjectName, call: &TicketCall) -> TicketVerdict {
    object::call(env, TICKETS, object.as_str(), call).await.unwrap_or_else(|_| {
        log::fault("ticket-object");
        TicketVerdict::Unavailable
    })
}

/// Whether the object has taken an errand of a person's object.
pub(crate) async fn is_answered(env: &Env, object: &ObjectName, errand: &TicketCall) -> bool {
    call(env, object, errand).await != TicketVerdict::Unavailable
}

/// Handles one call to the object.
///
/// # Errors
/// The storage fails; the caller turns it into a verdict.
#[wasm_bindgen]
pub async fn ticket(
    request: Request,
    ctx: worker::worker_sys::DurableObjectState,
    env: Env,
) -> Result<Response, JsValue> {
    let call: TicketCall = called(&request).await?;
    let storage = State::from(ctx).storage();
    let mut record = load(&storage).await?;
    let before = record.clone();
    let mut step = TicketRecord::apply(&mut record, call, clock());
    save(&storage, before.as_ref(), record.as_ref(), TicketRecord::forget_at).await?;
    let verdict = loop {
        step = match step {
            TicketStep::Done(verdict) => break verdict,
            TicketStep::Validate(ask) => {
                let answer = cas_fetch::send(&env, ask.server(), (ask.call(), ask.others()), ask.probe()).await;
                // While the CAS server was asked, a logout may have come.
                let mut record = load(&storage).await?;
                let before = record.clone();
                let step = ask.answer(answer, &mut record, clock());
                save(&storage, before.as_ref(), record.as_ref(), TicketRecord::forget_at).await?;
                step
            }
        }
    };
    object::verdict(&verdict)
}

/// Deletes the record after its time.
///
/// # Errors
/// The storage fails; the platform calls again.
#[wasm_bindgen]
pub async fn ticket_alarm(ctx: worker::worker_sys::DurableObjectState) -> Result<(), JsValue> {
    Ok(State::from(ctx).storage().delete_all().await?)
}
