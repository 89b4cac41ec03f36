//! The Durable Object of one ticket: its record, its one validation, and its end.

use gate::{ObjectName, TicketCall, TicketRecord, TicketStep, TicketVerdict};
use wasm_bindgen::prelude::*;
use web_sys::{Request, Response};
use worker::{Env, State};

use crate::{
    cas_fetch, log,
    moment::clock,
    object::{self, called, load, save},
};

/// The namespace's binding.
const TICKETS: &str = "TICKETS";

/// Calls the object of this name. Whatever goes wrong on the way is `Unavailable`.
pub(crate) async fn call(env: &Env, object: &ObjectName, call: &TicketCall) -> TicketVerdict {
    object::call(env, TICKETS, object, call).await.unwrap_or_else(|_| {
        log::fault("ticket-object");
        TicketVerdict::Unavailable
    })
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
                let answer = cas_fetch::send(&env, ask.server(), ask.call()).await;
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

/// Forgets everything when nothing can come of it any more.
///
/// # Errors
/// The storage fails; the platform calls again.
#[wasm_bindgen]
pub async fn ticket_alarm(ctx: worker::worker_sys::DurableObjectState) -> Result<(), JsValue> {
    Ok(State::from(ctx).storage().delete_all().await?)
}
