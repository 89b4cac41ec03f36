//! The Durable Object of one person. The core decides on the record as text; nothing is awaited between its reading and writing.

use std::{cell::RefCell, collections::HashMap};

use base::UnixMs;
use gate::{
    Gate, ObjectName,
    factor::{
        PersonCall, PersonStep, PersonVerdict, Written,
        directory::{self, DirectoryCall},
        wire::{PersonPost, Send, errands},
    },
};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;
use web_sys::{Request, Response};

use crate::{
    config, directory_do,
    kv::{Env, ObjectState, ObjectStorage},
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
/// The time after which a delivery counts as given up, in seconds: when its object is evicted, nobody drops it.
const GIVEN_UP_SECS: u64 = 120;
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
    let (verdict, written) = apply(&gate, &storage, &post).await?;
    let Some(written) = written else { return object::verdict(&verdict) };
    if written.waits && !matches!(send(&gate, &storage, &env, &post).await, Ok(true)) {
        log::fault("person-errands");
        wake(&storage, &post, clock().plus_secs(RETRY_SECS)).await?;
    }
    if let Some(day) = written.used_day {
        let told = async move {
            let used = DirectoryCall::Used(post.object.clone(), day);
            directory_do::is_answered(&env, directory::shard(&post.object), &used).await;
            Ok(JsValue::UNDEFINED)
        };
        ctx.wait_until(&future_to_promise(told));
    }
    object::verdict(&verdict)
}

/// Sets the alarm, with the call that it makes.
async fn wake(storage: &ObjectStorage, post: &PersonPost, at: UnixMs) -> Result<(), JsValue> {
    let told = PersonPost { call: PersonCall::Told(u64::MAX), ..post.clone() };
    storage.write(ERRAND, &json::to_string(&told))?;
    storage.wake_at(at).await
}

/// Handles one call: verifies a signature if the core asks for it, saves the record, and sets the alarm that it needs.
async fn apply(
    gate: &Gate,
    storage: &ObjectStorage,
    post: &PersonPost,
) -> Result<(PersonVerdict, Option<Written>), JsValue> {
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
    if let Some(written) = &record {
        storage.write(RECORD, &written.text)?;
        if let Some(due) = written.due {
            wake(storage, post, due).await?;
        }
    }
    Ok((verdict, record))
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

/// Makes the changes that are due and delivers the errands; `false` if one was not answered.
async fn deliver(storage: &ObjectStorage, env: &Env) -> Result<bool, JsValue> {
    let Some(post) = storage.read(ERRAND)? else { return Ok(true) };
    // No errand has the number in this call, so it only makes the changes that are due.
    let post: PersonPost = json::from_str(&post).map_err(|_| JsValue::from_str("unreadable post"))?;
    let gate = config::gate(env).map_err(|_| JsValue::from_str("no gate"))?;
    apply(&gate, storage, &post).await?;
    send(&gate, storage, env, &post).await
}

thread_local! {
    /// Objects of this instance that deliver now, and since when.
    static SENDING: RefCell<HashMap<String, UnixMs>> = RefCell::default();
}

/// One delivery of an object, until it is dropped.
struct Sending<'a>(&'a str, UnixMs);

impl<'a> Sending<'a> {
    /// `None` while another one runs: a row of the directory could overtake a later one.
    fn begin(object: &'a ObjectName, now: UnixMs) -> Option<Self> {
        let object = object.as_str();
        SENDING.with_borrow_mut(|all| {
            all.retain(|_, since| now < since.plus_secs(GIVEN_UP_SECS));
            if all.contains_key(object) {
                return None;
            }
            all.insert(object.to_owned(), now);
            Some(Self(object, now))
        })
    }
}

impl Drop for Sending<'_> {
    fn drop(&mut self) {
        // A later one may run since this one counted as given up.
        SENDING.with_borrow_mut(|all| all.get(self.0) == Some(&self.1) && all.remove(self.0).is_some());
    }
}

/// Delivers the errands; `false` if one was not answered, or another delivery runs.
async fn send(gate: &Gate, storage: &ObjectStorage, env: &Env, post: &PersonPost) -> Result<bool, JsValue> {
    let Some(_sending) = Sending::begin(&post.object, clock()) else { return Ok(false) };
    let mut all = true;
    for (id, send) in errands(storage.read(RECORD)?.as_deref().unwrap_or_default(), &post.object, clock()) {
        let is_answered = match send {
            Send::Ticket(object, call) => ticket_do::is_answered(env, &object, &call).await,
            Send::Directory(shard, call) => directory_do::is_answered(env, shard, &call).await,
        };
        if is_answered {
            apply(gate, storage, &PersonPost { call: PersonCall::Told(id), ..post.clone() }).await?;
        }
        all &= is_answered;
    }
    Ok(all)
}
