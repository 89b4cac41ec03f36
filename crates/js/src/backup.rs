//! The entry `portcullis/backup`: backups of other apps, read and written.

use backup::{Backup, BackupError, Detected, Entry, Files, Format, Kdf, Locked, MaxCost, Password, Series, Source};
use base::{Context, Secret, UnixMs};
use js_sys::{Array, Object, Reflect, Uint8Array};
use otp::OtpError;
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};

use crate::{
    account::{self, set, whole},
    error::{CallError, thrown},
    random,
};

/// Every app whose files are read.
#[wasm_bindgen(js_name = backupApps)]
pub fn apps() -> Array {
    let record = |app: &&backup::App| {
        let record = app_record(app);
        let password = match app.password {
            Password::Never => "never",
            Password::Maybe => "maybe",
            Password::Always => "always",
        };
        set(&record, "password", password);
        set(&record, "help", app.help);
        JsValue::from(record)
    };
    backup::APPS.iter().map(record).collect()
}

/// Which app wrote a file, and what its password costs.
#[wasm_bindgen(js_name = inspectBackup)]
pub fn inspect(bytes: &JsValue, options: &JsValue) -> Result<JsValue, JsValue> {
    let (bytes, beside) = (file(bytes)?, beside(options)?);
    let (record, kdf) = match detected(&bytes, &beside)? {
        Detected::Plain(backup) => (app_record(backup.app), None),
        Detected::Locked(locked) => (app_record(locked.app), Some(kdf_record(locked.kdf()))),
        Detected::Refused(why) => return Err(thrown!(why)),
    };
    set(&record, "locked", kdf.is_some());
    if let Some(kdf) = kdf {
        set(&record, "kdf", kdf);
    }
    Ok(record.into())
}

/// A small part of what a guess at a file's password costs; how many of them the whole guess is.
#[wasm_bindgen(js_name = sampleBackup)]
pub fn sample(bytes: &JsValue, options: &JsValue) -> Result<f64, JsValue> {
    let (bytes, beside) = (file(bytes)?, beside(options)?);
    match detected(&bytes, &beside)? {
        Detected::Plain(_) => Ok(0.0),
        #[expect(clippy::as_conversions, reason = "a ratio of numbers that were held against bounds")]
        Detected::Locked(locked) => {
            locked.kdf().sample(max_cost(options)?).map(|parts| parts as f64).map_err(|e| thrown!(e))
        }
        Detected::Refused(why) => Err(thrown!(why)),
    }
}

/// What a file holds.
#[wasm_bindgen(js_name = readBackup)]
pub fn read(bytes: &JsValue, options: &JsValue) -> Result<JsValue, JsValue> {
    let (bytes, beside) = (file(bytes)?, beside(options)?);
    let backup = match detected(&bytes, &beside)? {
        Detected::Plain(backup) => backup,
        Detected::Locked(locked) => unlock(&locked, options)?,
        Detected::Refused(why) => return Err(thrown!(why)),
    };
    Ok(backup_record(&backup).into())
}

fn unlock(locked: &Locked, options: &JsValue) -> Result<Backup, JsValue> {
    let password = field(options, "password");
    if password.is_undefined() {
        let error = thrown!(BackupError::NeedsPassword);
        set(error.unchecked_ref(), "app", locked.app.id);
        return Err(error);
    }
    let password = password.as_string().ok_or_else(|| thrown!(CallError::BadArgument))?;
    locked.unlock(&Secret::new(password.into_bytes()), max_cost(options)?).map_err(|e| thrown!(e))
}

fn max_cost(options: &JsValue) -> Result<MaxCost, JsValue> {
    let mut max = MaxCost::HIGHEST;
    if let Some(kib) = number(options, "maxMemoryKib")? {
        #[expect(clippy::as_conversions, reason = "whole, and cut to the range")]
        let kib = kib.min(f64::from(u32::MAX)) as u32;
        max.memory_kib = kib;
    }
    Ok(max)
}

/// What a format loses of these accounts.
#[wasm_bindgen(js_name = backupLosses)]
pub fn losses(format: &JsValue, items: &JsValue) -> Result<Array, JsValue> {
    let losses = backup::losses(format_of(format)?, &sources(items)?);
    Ok(losses_record(&losses))
}

/// Accounts in the format of another app.
#[wasm_bindgen(js_name = writeBackup)]
pub fn write(format: &JsValue, items: &JsValue, options: &JsValue) -> Result<JsValue, JsValue> {
    let format = format_of(format)?;
    let now = UnixMs::from_number(field(options, "nowMs").as_f64().unwrap_or(0.0));
    let mut context = Context::new(now.ok_or_else(|| thrown!(OtpError::BadTime))?, random::seed()?);
    let password = field(options, "password");
    if !password.is_undefined() && !password.is_string() {
        return Err(thrown!(CallError::BadArgument));
    }
    let password = password.as_string().map(|text| Secret::new(text.into_bytes()));
    let written = backup::write(format, &sources(items)?, password.as_ref(), &mut context).map_err(|e| thrown!(e))?;
    let part = |part: &Secret| match format {
        // EXPOSE: the person asked for the codes that hold their secrets.
        Format::Google => JsValue::from(core::str::from_utf8(part.expose()).unwrap_or_default()),
        // EXPOSE: the same for a file.
        _ => Uint8Array::from(part.expose()).into(),
    };
    let record = Object::new();
    set(&record, "parts", written.parts.iter().map(part).collect::<Array>());
    set(&record, "count", count(written.count));
    set(&record, "losses", losses_record(&written.losses));
    Ok(record.into())
}

/// A sealed vault as text.
#[wasm_bindgen(js_name = vaultToText)]
pub fn vault_to_text(vault: &JsValue, address: &JsValue) -> Result<String, JsValue> {
    Ok(backup::armour(&file(vault)?, &text(address)?))
}

/// The sealed vault in a text.
#[wasm_bindgen(js_name = textToVault)]
pub fn text_to_vault(given: &JsValue) -> Result<Uint8Array, JsValue> {
    let vault = backup::unarmour(&text(given)?).ok_or_else(|| thrown!(BackupError::Unknown))?;
    Ok(Uint8Array::from(vault.as_slice()))
}

/// A sealed vault as the texts of QR codes.
#[wasm_bindgen(js_name = vaultToSeries)]
pub fn vault_to_series(vault: &JsValue, vault_id: &JsValue) -> Result<Vec<String>, JsValue> {
    let id = text(vault_id)?;
    let id = u32::from_str_radix(&id, 16).ok().filter(|_| id.len() == 8);
    let id = id.ok_or_else(|| thrown!(CallError::BadArgument))?;
    backup::series(&file(vault)?, id.to_be_bytes()).map_err(|e| thrown!(e))
}

/// The sealed vault in the texts of QR codes, or which are missing.
#[wasm_bindgen(js_name = seriesToVault)]
pub fn series_to_vault(parts: &JsValue) -> Result<JsValue, JsValue> {
    let parts: &Array = parts.dyn_ref().ok_or_else(|| thrown!(CallError::BadArgument))?;
    let mut series = Series::new();
    for (index, part) in parts.iter().enumerate() {
        series.add(&text(&part)?).map_err(|e| {
            let error = thrown!(e);
            set(error.unchecked_ref(), "index", count(index));
            error
        })?;
    }
    let record = Object::new();
    set(&record, "total", count(series.total()));
    set(&record, "missing", series.missing().into_iter().map(|n| JsValue::from(count(n))).collect::<Array>());
    if series.total() > 0 && series.missing().is_empty() {
        let vault = series.finish().map_err(|e| thrown!(e))?;
        set(&record, "vault", Uint8Array::from(vault.as_slice()));
    }
    Ok(record.into())
}

fn app_record(app: &backup::App) -> Object {
    let record = Object::new();
    set(&record, "app", app.id);
    set(&record, "title", app.title);
    record
}

fn kdf_record(kdf: Kdf) -> Object {
    let record = Object::new();
    #[expect(clippy::as_conversions, reason = "what is over 2^53 is refused before any work")]
    let put = |name: &str, value: u64| set(&record, name, value as f64);
    let name = match kdf {
        Kdf::Hash => "hash",
        Kdf::Pbkdf2 { rounds } => {
            put("rounds", rounds);
            "pbkdf2"
        }
        Kdf::AesKdf { rounds } => {
            put("rounds", rounds);
            "aes-kdf"
        }
        Kdf::Scrypt { .. } => "scrypt",
        Kdf::Argon2 { passes, .. } => {
            put("passes", passes);
            "argon2"
        }
    };
    set(&record, "name", name);
    put("memoryKib", kdf.memory_kib());
    record
}

fn backup_record(backup: &Backup) -> Object {
    let record = app_record(backup.app);
    set(&record, "entries", backup.entries.iter().map(entry_record).collect::<Array>());
    let refused = backup.refused.iter().map(|refused| {
        let record = reason(refused.why.code(), &refused.why.sentence());
        set(&record, "issuer", refused.issuer.as_str());
        set(&record, "name", refused.name.as_str());
        if let Some(source) = &refused.source {
            // EXPOSE: the original is for the person to keep.
            set(&record, "source", source.expose());
        }
        record
    });
    set(&record, "refused", refused.collect::<Array>());
    set(&record, "missing", backup.missing.iter().map(|n| JsValue::from(*n)).collect::<Array>());
    set(&record, "passwords", count(backup.passwords));
    set(&record, "withoutCode", count(backup.without_code));
    record
}

fn entry_record(entry: &Entry) -> JsValue {
    let record = Object::new();
    set(&record, "account", account::to_js(&entry.account));
    set(&record, "note", entry.note.as_str());
    set(&record, "tags", entry.tags.iter().map(|tag| JsValue::from(tag.as_str())).collect::<Array>());
    set(&record, "pinned", entry.pinned);
    set(&record, "trashed", entry.trashed);
    let changes = entry.changes.iter().map(|change| reason(change.code(), &change.sentence()));
    set(&record, "changes", changes.collect::<Array>());
    #[expect(clippy::as_conversions, reason = "times and counts stay under 2^53")]
    for (name, number) in [("uses", entry.uses), ("usedMs", entry.used_ms)] {
        if let Some(number) = number {
            set(&record, name, number as f64);
        }
    }
    if let Some(index) = entry.duplicate_of {
        set(&record, "duplicateOf", count(index));
    }
    record.into()
}

fn losses_record(losses: &[(usize, backup::Loss)]) -> Array {
    let record = |(index, loss): &(usize, backup::Loss)| {
        let record = reason(loss.code(), &loss.to_string());
        set(&record, "index", count(*index));
        set(&record, "leftOut", loss.is_left_out());
        JsValue::from(record)
    };
    losses.iter().map(record).collect()
}

fn reason(code: &str, sentence: &str) -> Object {
    let record = Object::new();
    set(&record, "code", code);
    set(&record, "reason", sentence);
    record
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn detected(bytes: &[u8], beside: &[Vec<u8>]) -> Result<Detected, JsValue> {
    let beside: Vec<&[u8]> = beside.iter().map(Vec::as_slice).collect();
    Ok(backup::detect(Files { bytes, beside: &beside }))
}

fn format_of(name: &JsValue) -> Result<Format, JsValue> {
    name.as_string().and_then(|name| Format::named(&name)).ok_or_else(|| thrown!(CallError::BadArgument))
}

fn sources(items: &JsValue) -> Result<Vec<Source>, JsValue> {
    let items: &Array = items.dyn_ref().ok_or_else(|| thrown!(CallError::BadArgument))?;
    let placed = |(index, item): (usize, JsValue)| {
        source(&item).inspect_err(|error| set(error.unchecked_ref(), "index", count(index)))
    };
    items.iter().enumerate().map(placed).collect()
}

fn source(item: &JsValue) -> Result<Source, JsValue> {
    let wrong = || thrown!(CallError::BadArgument);
    let note = field(item, "note");
    let note = if note.is_undefined() { String::new() } else { note.as_string().ok_or_else(wrong)? };
    let tags = field(item, "tags");
    let tags = if tags.is_undefined() { Array::new() } else { tags.dyn_into::<Array>().map_err(|_| wrong())? };
    let tags = tags.iter().map(|tag| tag.as_string().ok_or_else(wrong)).collect::<Result<_, _>>()?;
    let account = account::from_js(&field(item, "account"))?;
    Ok(Source { account, note, tags, pinned: field(item, "pinned").is_truthy() })
}

/// `api.js` has looked that it is one; the class of another frame is another class.
fn file(bytes: &JsValue) -> Result<Vec<u8>, JsValue> {
    let bytes: &Uint8Array = bytes.unchecked_ref();
    // 64 MiB is refused inside; what is far larger does not even come in.
    if bytes.length() > 1 << 27 { Err(thrown!(BackupError::TooLarge)) } else { Ok(bytes.to_vec()) }
}

fn beside(options: &JsValue) -> Result<Vec<Vec<u8>>, JsValue> {
    let list = field(options, "beside");
    if list.is_undefined() {
        return Ok(Vec::new());
    }
    let list: Array = list.dyn_into().map_err(|_| thrown!(CallError::BadArgument))?;
    list.iter().map(|bytes| file(&bytes)).collect()
}

fn field(options: &JsValue, name: &str) -> JsValue {
    if options.is_object() { Reflect::get(options, &name.into()).unwrap_or_default() } else { JsValue::UNDEFINED }
}

fn number(options: &JsValue, name: &str) -> Result<Option<f64>, JsValue> {
    let value = field(options, name);
    if value.is_undefined() {
        return Ok(None);
    }
    whole(&value).map(Some).ok_or_else(|| thrown!(CallError::BadArgument))
}

fn text(value: &JsValue) -> Result<String, JsValue> {
    value.as_string().ok_or_else(|| thrown!(CallError::BadArgument))
}
