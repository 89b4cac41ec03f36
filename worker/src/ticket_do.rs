//! The Durable Object of one login, or of many: each login has a record of its own.

use gate::{
    ObjectName, TicketCall, TicketRecord, TicketStep, TicketVerdict,
    state::{
        shelf::{OWN_KEY, kept_until, next_sweep},
        stored,
    },
};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Request, Response};

use crate::{
    cas_fetch, config,
    kv::{Env, ObjectState, ObjectStorage},
    log,
    moment::clock,
    object::{self, ADDRESS, called},
};

/// Binding of the namespace.
const TICKETS: &str = "TICKETS";
/// Records that are looked at in one go by a sweep.
const STEP: u32 = 200;

/// Calls the object with this name; any failure is the verdict `Unavailable`.
pub(crate) async fn call(env: &Env, object: &ObjectName, call: &TicketCall) -> TicketVerdict {
    let (name, key) = config::shelves(env).place(object);
    object::call(env, TICKETS, (&name, key), call).await.unwrap_or_else(|_| {
        log::fault("ticket-object");
        TicketVerdict::Unavailable
    })
}

/// The platform's object of a login, and the address to call there, one a line.
#[wasm_bindgen]
pub fn ticket_place(env: &Env, object: &str) -> Option<String> {
    let login = ObjectName::parse(object)?;
    let (name, key) = config::shelves(env).place(&login);
    Some(format!("{name}\n{ADDRESS}{key}"))
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
pub async fn ticket(request: Request, ctx: ObjectState, env: Env) -> Result<Response, JsValue> {
    let call: TicketCall = called(&request).await?;
    let url = request.url();
    let shelf = Shelf { storage: ctx.storage(), key: url.strip_prefix(ADDRESS).unwrap_or_default() };
    let mut step = shelf.change(|record| TicketRecord::apply(record, call, clock())).await?;
    let verdict = loop {
        step = match step {
            TicketStep::Done(verdict) => break verdict,
            TicketStep::Validate(ask) => {
                let answer = cas_fetch::send(&env, ask.server(), (ask.call(), ask.others()), ask.probes()).await;
                // While the CAS server was asked, a logout may have come.
                shelf.change(|record| ask.answer(answer, record, clock())).await?
            }
        }
    };
    object::verdict(&verdict)
}

/// One record of an object.
struct Shelf<'u> {
    storage: ObjectStorage,
    /// Empty for a login with an object of its own.
    key: &'u str,
}

impl Shelf<'_> {
    /// Loads the record, changes it, and saves it with an alarm for its deletion. Nothing is awaited between these, so a ticket is
    /// claimed once, and no record is stored without its alarm.
    async fn change<T>(&self, change: impl FnOnce(&mut Option<TicketRecord>) -> T) -> Result<T, JsValue> {
        let key = if self.key.is_empty() { OWN_KEY } else { self.key };
        let text = self.storage.read(key)?;
        let unreadable = || JsValue::from_str("unreadable record");
        let mut record: Option<TicketRecord> =
            text.map(|text| stored::read(&text).ok_or_else(unreadable)).transpose()?;
        let before = record.clone();
        let done = change(&mut record);
        if let Some(record) = record.filter(|after| before.as_ref() != Some(after)) {
            let text = stored::write(&record);
            let alarm = match (self.key, &before) {
                // An alarm is billed like a row, so one that stands is not set again.
                ("", Some(before)) if before.forget_at() == record.forget_at() => None,
                ("", _) => Some(record.forget_at()),
                (_, None) => Some(next_sweep(clock())),
                (_, Some(_)) => None,
            };
            let set = alarm.map(|at| self.storage.set_wake_at(at));
            self.storage.write(key, &text)?;
            if let Some(set) = set {
                JsFuture::from(set).await?;
            }
        }
        Ok(done)
    }
}

/// Deletes the records whose time is over.
///
/// # Errors
/// The storage fails; the platform calls again.
#[wasm_bindgen]
pub async fn ticket_alarm(ctx: ObjectState) -> Result<(), JsValue> {
    let storage = ctx.storage();
    let mut after = String::new();
    let mut next = None;
    loop {
        let (now, mut over, mut seen, mut last) = (clock(), Vec::new(), 0, String::new());
        storage.each_after(&after, STEP, |key, text| {
            seen += 1;
            match kept_until(text, now) {
                // Many records have one alarm, which comes again and again.
                Some(until) => next = Some(if key == OWN_KEY { until } else { next_sweep(now) }),
                None => over.push(key.to_owned()),
            }
            last.clear();
            last.push_str(key);
        })?;
        after = last;
        for key in over {
            storage.remove(&key)?;
        }
        if seen < STEP {
            break;
        }
        JsFuture::from(cas_fetch::wait(0)).await?; // calls come first
    }
    let mut is_empty = true;
    storage.each_after("", 1, |_, _| is_empty = false)?;
    // While a sweep waits, a login may begin.
    match next {
        None if is_empty => storage.clear().await,
        next => storage.wake_at(next.unwrap_or_else(|| next_sweep(clock()))).await,
    }
}
