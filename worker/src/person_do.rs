//! The Durable Object of one person. The core decides on the record as text; nothing is awaited between its reading and writing.

use gate::{
    Gate, ObjectName,
    factor::{
        PersonCall, PersonRecord, PersonStep, PersonVerdict,
        wire::{PersonPost, Send, errands},
    },
};
use wasm_bindgen::prelude::*;
use web_sys::{Request, Response};
use worker::Env;

use crate::{
    config, directory_do,
    kv::{ObjectState, ObjectStorage},
    log,
    moment::{self, clock},
    object::{self, RECORD, called},
    ticket_do,
    verify::verify,
};

/// Binding of the namespace.
const PERSONS: &str = "PERSONS";
/// Storage key of the alarm's call: an alarm does not know its object's name.
const ERRAND: &str = "errand";
/// The wait before errands that were not answered are tried again, in seconds.
const RETRY_SECS: u64 = 30;

/// Calls a person's object; any failure is the verdict `Unavailable`.
pub(crate) async fn call(env: &Env, object: &ObjectName, post: &PersonPost) -> PersonVerdict {
    object::call_within(env, PERSONS, object.as_str(), post).await.unwrap_or_else(|_| {
        log::fault("person-object");
        PersonVerdict::Unavailable
    })
}

/// Handles one call to the object.
///
/// # Errors
/// The storage fails; the caller turns it into a verdict.
#[wasm_bindgen]
pub async fn person(request: Request, ctx: ObjectState, env: Env) -> Result<Response, JsValue> {
    let post: PersonPost = called(&request).await?;
    let gate = config::gate(&env).map_err(|_| JsValue::from_str("no gate"))?;
    let storage = ctx.storage();
    let verdict = apply(&gate, &storage, &post).await?;
    object::verdict(&verdict)
}

/// Handles one call: verifies a signature if the core asks for it, and sets the alarm for errands and delayed changes.
async fn apply(gate: &Gate, storage: &ObjectStorage, post: &PersonPost) -> Result<PersonVerdict, JsValue> {
    let mut moment = moment::now()?;
    let mut step = gate.person(storage.read(RECORD)?.as_deref(), post, &mut moment);
    let (verdict, record) = loop {
        step = match step {
            PersonStep::Done(verdict, record) => break (verdict, record),
            PersonStep::Verify(ask) => {
                storage.write(RECORD, ask.record())?;
                let valid = verify(ask.verify()).await;
                // While the platform verified, another call may have changed the record.
                gate.person_verified(*ask, valid, storage.read(RECORD)?.as_deref(), post, &mut moment)
            }
        };
    };
    if let Some(record) = record {
        storage.write(RECORD, &record)?;
        if let Some(due) = PersonRecord::due(&record, clock()) {
            let told = PersonPost { call: PersonCall::Told(u64::MAX), ..post.clone() };
            storage.write(ERRAND, &serde_json::to_string(&told).map_err(|_| JsValue::from_str("unwritable post"))?)?;
            storage.wake_at(due).await?;
        }
    }
    Ok(verdict)
}

/// Makes the changes that are due, and delivers the errands. It sets itself again until all are answered, because the platform
/// gives up after some failures.
///
/// # Errors
/// The storage fails; the platform calls again.
#[wasm_bindgen]
pub async fn person_alarm(ctx: ObjectState, env: Env) -> Result<(), JsValue> {
    let storage = ctx.storage();
    if !matches!(deliver(&storage, &env).await, Ok(true)) {
        log::fault("person-errands");
        storage.wake_at(clock().plus_secs(RETRY_SECS)).await?;
    }
    Ok(())
}

/// Delivers the errands; `false` if one was not answered.
async fn deliver(storage: &ObjectStorage, env: &Env) -> Result<bool, JsValue> {
    let Some(post) = storage.read(ERRAND)? else { return Ok(true) };
    // No errand has the number in this call, so it only makes the changes that are due.
    let mut post: PersonPost = gate::json::from_str(&post).map_err(|_| JsValue::from_str("unreadable post"))?;
    let gate = config::gate(env).map_err(|_| JsValue::from_str("no gate"))?;
    apply(&gate, storage, &post).await?;
    let mut all = true;
    for (id, send) in errands(storage.read(RECORD)?.as_deref().unwrap_or_default(), &post.object, clock()) {
        let is_answered = match send {
            Send::Ticket(object, call) => ticket_do::is_answered(env, &object, &call).await,
            Send::Directory(shard, call) => directory_do::is_answered(env, shard, &call).await,
        };
        if is_answered {
            post.call = PersonCall::Told(id);
            apply(&gate, storage, &post).await?;
        }
        all &= is_answered;
    }
    Ok(all)
}
