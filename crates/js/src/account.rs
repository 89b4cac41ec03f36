//! An account as the plain record that all entries share (`Account` in `npm/otp/index.d.ts`).

use base::Secret;
use js_sys::{Object, Reflect};
use otp::{
    Account, Algorithm, Digits, Hotp, HotpCounter, Otp, OtpError, PeriodSecs, Totp,
    base32::{self, LENIENT},
};
use wasm_bindgen::JsValue;

use crate::error::{CallError, thrown};

/// Sets a property of an object that was just made, which cannot fail.
pub(crate) fn set(object: &Object, name: &str, value: impl Into<JsValue>) {
    put(object, name, &value.into());
}

#[inline(never)]
fn put(object: &Object, name: &str, value: &JsValue) {
    let _ = Reflect::set(object, &name.into(), value);
}

/// The record of an account. It holds the secret: it leaves only where the person reads an export of their own.
pub(crate) fn to_js(account: &Account) -> JsValue {
    let otp = &account.otp;
    let record = Object::new();
    set(&record, "kind", otp.kind().name());
    // EXPOSE: the secret is what an import is for.
    let secret = account.secret.expose();
    let mut text = zeroize::Zeroizing::new(vec![0; secret.len().saturating_mul(2).saturating_add(8)]);
    let len = match otp {
        Otp::Motp => base32::encode_hex(secret, &mut text),
        _ => base32::encode(secret, &mut text),
    };
    let text = text.get(..len.unwrap_or(0)).and_then(|text| core::str::from_utf8(text).ok());
    set(&record, "secret", text.unwrap_or_default());
    set(&record, "issuer", account.issuer.as_str());
    set(&record, "name", account.name.as_str());
    set(&record, "algorithm", otp.algorithm().unwrap_or(Algorithm::Sha1).name());
    set(&record, "digits", otp.digits());
    if let Some(period) = otp.period() {
        set(&record, "periodSecs", period.secs());
    }
    if let Otp::Hotp(_, counter) = otp {
        #[expect(clippy::as_conversions, reason = "at most 2^53 - 1")]
        set(&record, "counter", counter.value() as f64);
    }
    // EXPOSE: as above.
    if let Some(pin) = account.pin.as_ref().and_then(|pin| core::str::from_utf8(pin.expose()).ok()) {
        set(&record, "pin", pin);
    }
    record.into()
}

/// The account in a record. Only the secret must be given.
pub(crate) fn from_js(record: &JsValue) -> Result<Account, JsValue> {
    let field = |name: &str| Reflect::get(record, &name.into()).map_err(|_| thrown!(CallError::BadArgument));
    let text = |name: &str| match field(name)? {
        value if value.is_undefined() => Ok(None),
        value => value.as_string().map(Some).ok_or_else(|| thrown!(CallError::BadArgument)),
    };
    let number = |name: &str, usual: f64| {
        field(name).map(|value| if value.is_undefined() { Some(usual) } else { whole(&value) })
    };

    let kind = text("kind")?;
    let kind = kind.as_deref().unwrap_or("totp");
    let algorithm = match text("algorithm")?.as_deref() {
        None => Algorithm::Sha1,
        Some(name) => Algorithm::named(name).ok_or_else(|| thrown!(OtpError::BadAlgorithm))?,
    };
    let digits = number("digits", 6.0)?.and_then(small).map_or(Err(OtpError::BadDigits), Digits::new);
    let otp = match kind {
        "totp" => {
            let period = number("periodSecs", 30.0)?.and_then(small).map_or(Err(OtpError::BadPeriod), PeriodSecs::new);
            let (digits, period) = (digits.map_err(|e| thrown!(e))?, period.map_err(|e| thrown!(e))?);
            Otp::Totp(Totp { algorithm, digits, period })
        }
        "hotp" => {
            #[expect(clippy::as_conversions, reason = "whole, and from 0 to 2^53 - 1")]
            let counter = number("counter", 0.0)?.map(|n| n as u64).map_or(Err(OtpError::BadCounter), HotpCounter::new);
            let digits = digits.map_err(|e| thrown!(e))?;
            Otp::Hotp(Hotp { algorithm, digits }, counter.map_err(|e| thrown!(e))?)
        }
        "steam" => Otp::Steam,
        "motp" => Otp::Motp,
        "yandex" => Otp::Yandex,
        _ => return Err(thrown!(OtpError::UnknownKind)),
    };
    let secret = text("secret")?.ok_or_else(|| thrown!(CallError::BadArgument))?;
    let mut secret = zeroize::Zeroizing::new(secret.into_bytes());
    let secret = match otp {
        Otp::Motp => base32::decode_hex_in_place(&mut secret),
        _ => base32::decode_in_place(&mut secret, &LENIENT),
    };
    let secret = Secret::from(&*secret.map_err(|e| thrown!(e))?);
    let (issuer, name) = (text("issuer")?.unwrap_or_default(), text("name")?.unwrap_or_default());
    Ok(Account { issuer, name, otp, secret, pin: text("pin")?.map(|pin| Secret::new(pin.into_bytes())) })
}

/// A whole number that every JavaScript number can hold.
pub(crate) fn whole(value: &JsValue) -> Option<f64> {
    value.as_f64().filter(|n| n.fract() == 0.0 && (0.0..=9_007_199_254_740_991.0).contains(n))
}

fn small(number: f64) -> Option<u32> {
    #[expect(clippy::as_conversions, reason = "whole, and in the range of u32")]
    (number <= f64::from(u32::MAX)).then_some(number as u32)
}
