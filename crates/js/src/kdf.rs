//! The entry `portcullis/kdf`: from a passphrase to a slot's key.

use base::{Context, Secret, UnixMs};
use js_sys::{Function, JsString, Uint8Array};
use vault::{Cost, KdfParams, MaxCost};
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};

use crate::{
    error::{CallError, thrown},
    kdf_params, random,
};

/// The key of a passphrase slot.
#[wasm_bindgen]
pub fn stretch(passphrase: &JsValue, kdf: &JsValue, max_memory_kib: Option<f64>) -> Result<Uint8Array, JsValue> {
    let text: &JsString = passphrase.dyn_ref().ok_or_else(|| thrown!(CallError::BadArgument))?;
    let params = kdf_params::from_js(kdf)?;
    let mut max = MaxCost::default();
    if let Some(memory_kib) = max_memory_kib {
        max.memory_kib = kdf_params::whole(memory_kib).ok_or_else(|| thrown!(CallError::BadArgument))?;
    }
    let passphrase = Secret::new(String::from(text.normalize("NFKC")).into_bytes());
    let key = vault::stretch(&passphrase, &params, max).map_err(|e| thrown!(e))?;
    // EXPOSE: the key is what was asked for.
    Ok(Uint8Array::from(key.expose().as_slice()))
}

/// Parameters that take about `target_ms` on this device. `clock` gives milliseconds, such as `performance.now()`.
#[wasm_bindgen]
pub fn calibrate(clock: &Function, target_ms: Option<f64>) -> Result<JsValue, JsValue> {
    let target_ms = kdf_params::whole(target_ms.unwrap_or(1000.0)).ok_or_else(|| thrown!(CallError::BadArgument))?;
    let time = || clock.call0(&JsValue::UNDEFINED)?.as_f64().ok_or_else(|| thrown!(CallError::BadArgument));
    let mut probe = params(Cost::LEAST)?;
    let mut took_micros = u64::MAX;
    // The first round also grows the memory, and compiles: the fastest of three is what unlocking will see.
    for _ in 0..3 {
        let before = time()?;
        vault::stretch(&Secret::from(&b"calibration"[..]), &probe, MaxCost::default()).map_err(|e| thrown!(e))?;
        let micros = ((time()? - before) * 1000.0).clamp(1.0, 1e12);
        #[expect(clippy::as_conversions, reason = "clamped to the range; what is no number counts as 0, the dearest")]
        let micros = micros as u64;
        took_micros = took_micros.min(micros);
    }
    probe.cost = probe.cost.fit(took_micros, target_ms.into());
    Ok(kdf_params::to_js(&probe))
}

/// Parameters of a known cost, with a fresh salt.
#[wasm_bindgen(js_name = kdfParams)]
pub fn kdf_params_of(memory_kib: f64, passes: f64) -> Result<JsValue, JsValue> {
    let whole = |number| kdf_params::whole(number).ok_or_else(|| thrown!(CallError::BadArgument));
    let cost = Cost { memory_kib: whole(memory_kib)?, passes: whole(passes)? };
    cost.check(MaxCost::default()).map_err(|e| thrown!(e))?;
    params(cost).map(|params| kdf_params::to_js(&params))
}

fn params(cost: Cost) -> Result<KdfParams, JsValue> {
    let mut context = Context::new(UnixMs::from_millis(0), random::seed()?);
    Ok(KdfParams { cost, salt: context.draw() })
}
