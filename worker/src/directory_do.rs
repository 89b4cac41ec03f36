//! The Durable Objects of the directory. Each has the rows of some people, one a key.

use gate::factor::{
    directory::{DirectoryCall, DirectoryVerdict, shards},
    errand::DirectoryRow,
    tally::Tally,
};
use wasm_bindgen::prelude::*;
use web_sys::{Request, Response};

use crate::{
    kv::{Env, ObjectState},
    log,
    object::{self, called},
};

/// Binding of the namespace.
const DIRECTORY: &str = "DIRECTORY";

/// Calls an object of the directory; any failure is the verdict `Unavailable`.
pub(crate) async fn call(env: &Env, shard: &str, call: &DirectoryCall) -> DirectoryVerdict {
    object::call_within(env, DIRECTORY, shard, call).await.unwrap_or_else(|_| {
        log::fault("directory-object");
        DirectoryVerdict::Unavailable
    })
}

/// Whether the object has taken an errand of a person's object.
pub(crate) async fn is_answered(env: &Env, shard: &str, errand: &DirectoryCall) -> bool {
    call(env, shard, errand).await != DirectoryVerdict::Unavailable
}

/// Everybody with a factor, counted; `None` if an object could not be reached.
pub(crate) async fn count(env: &Env) -> Option<Tally> {
    let mut tally = Tally::default();
    for shard in shards() {
        if !tally.join(call(env, shard, &DirectoryCall::Count).await) {
            return None;
        }
    }
    Some(tally)
}

/// Handles one call to an object of the directory.
///
/// # Errors
/// The storage fails; the caller turns it into a verdict.
#[wasm_bindgen]
pub async fn directory(request: Request, ctx: ObjectState) -> Result<Response, JsValue> {
    let call: DirectoryCall = called(&request).await?;
    let storage = ctx.storage();
    let verdict = match call {
        DirectoryCall::Put(person, row) => {
            match row.write() {
                Some(text) => storage.write(person.as_str(), &text)?,
                None => storage.remove(person.as_str())?,
            }
            DirectoryVerdict::Done
        }
        DirectoryCall::Used(person, day) => {
            let row = storage.read(person.as_str())?.and_then(|text| DirectoryRow::used(&text, day));
            if let Some(text) = row {
                storage.write(person.as_str(), &text)?;
            }
            DirectoryVerdict::Done
        }
        DirectoryCall::Find(person) => DirectoryRow::read(storage.read(person.as_str())?.as_deref()),
        DirectoryCall::Count => {
            let mut tally = Tally::default();
            storage.each(|text| tally.add(text))?;
            tally.verdict()
        }
    };
    object::verdict(&verdict)
}
