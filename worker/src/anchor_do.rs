//! The Durable Object that remembers the settings that must never change. Its name is constant: a name made with a key would
//! change with the key.

use gate::factor::{
    AnchorCall, AnchorRecord, AnchorVerdict,
    anchor::{MAX_POLICY_BYTES, NAME, policy_seen},
};
use wasm_bindgen::prelude::*;
use web_sys::{Request, Response};

use crate::{
    config, directory_do,
    kv::{Env, ObjectState, ObjectStorage},
    log,
    moment::clock,
    object::{self, RECORD, called},
};

/// Binding of the namespace.
const ANCHOR: &str = "ANCHOR";
/// Storage key of the policy that an instance had last, beside the record.
const POLICY: &str = "policy";
/// How often people are counted, in seconds.
const COUNT_SECS: u64 = 86_400;

/// Calls the anchor; any failure is the verdict `Unavailable`.
pub(crate) async fn call(env: &Env, call: &AnchorCall) -> AnchorVerdict {
    object::call_within(env, ANCHOR, NAME, call).await.unwrap_or_else(|_| {
        log::fault("anchor-object");
        AnchorVerdict::Unavailable
    })
}

/// Tells the anchor which policy this instance has, and logs that it is another one than before. An installation without the objects
/// of the second factor has none to tell.
///
/// # Errors
/// None: what fails is in the log.
#[wasm_bindgen]
pub async fn policy_deployed(env: Env) -> Result<(), JsValue> {
    let Some(gate) = config::ready().filter(|_| config::is_bound(&env, ANCHOR)) else { return Ok(()) };
    let policy = config::policy(&env);
    if policy.len() > MAX_POLICY_BYTES {
        log::fault("policy-too-long-to-compare");
        return Ok(());
    }
    if let AnchorVerdict::Deployed(Some(change)) = call(&env, &AnchorCall::Deployed(policy)).await {
        log::policy_changed(&gate, change);
    }
    Ok(())
}

/// Handles one call to the object.
///
/// # Errors
/// The storage fails; the caller turns it into a verdict.
#[wasm_bindgen]
pub async fn anchor(request: Request, ctx: ObjectState) -> Result<Response, JsValue> {
    let call: AnchorCall = called(&request).await?;
    let storage = ctx.storage();
    let was_there = storage.read(RECORD)?.is_some();
    let verdict = apply(&storage, call)?;
    if !was_there && storage.read(RECORD)?.is_some() {
        storage.wake_at(clock().plus_secs(COUNT_SECS)).await?;
    }
    object::verdict(&verdict)
}

fn apply(storage: &ObjectStorage, call: AnchorCall) -> Result<AnchorVerdict, JsValue> {
    if let AnchorCall::Deployed(policy) = &call {
        let (change, keeps) = policy_seen(storage.read(POLICY)?.as_deref(), policy);
        if keeps {
            storage.write(POLICY, policy)?;
        }
        return Ok(AnchorVerdict::Deployed(change));
    }
    let (verdict, record) = AnchorRecord::apply(storage.read(RECORD)?.as_deref(), call);
    if let Some(record) = record {
        storage.write(RECORD, &record)?;
    }
    Ok(verdict)
}

/// Counts the people in the directory, once a day.
///
/// # Errors
/// The storage fails; the platform calls again.
#[wasm_bindgen]
pub async fn anchor_alarm(ctx: ObjectState, env: Env) -> Result<(), JsValue> {
    let storage = ctx.storage();
    storage.wake_at(clock().plus_secs(COUNT_SECS)).await?;
    if let Some(tally) = directory_do::count(&env).await {
        let _ = apply(&storage, tally.told())?;
    }
    Ok(())
}
