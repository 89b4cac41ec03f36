//! The entry `portcullis/vault`: the handle of an open vault, and what leads to one.

use base::{Context, UnixMs};
use js_sys::{Array, JSON, Object, Reflect, Uint8Array};
use otp::OtpError;
use vault::{
    BackupInfo, Change, ChangeError, EntryId, Locked, NewSlot, Passkey, RecoveryKey, SlotId, SlotInfo, SlotKey,
    SlotKind, VaultError,
};
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};

use crate::{
    error::{CallError, thrown},
    kdf_params, random,
    records::to_js,
};

/// An open vault.
#[wasm_bindgen]
pub struct Vault(vault::Vault);

/// A new, empty vault.
#[wasm_bindgen(js_name = createVault)]
pub fn create(slots: &JsValue, now_ms: f64) -> Result<Vault, JsValue> {
    vault::Vault::create(&new_slots(slots)?, &mut context(now_ms)?).map(Vault).map_err(refused)
}

/// What the bytes of a vault tell without a key.
#[wasm_bindgen(js_name = readLocked)]
pub fn read_locked(bytes: &[u8]) -> Result<JsValue, JsValue> {
    let locked = Locked::parse(bytes).map_err(refused)?;
    let slots: Array = locked.slots().iter().map(|slot| JsValue::from(slot_record(slot))).collect();
    let info = Object::new();
    set(&info, "slots", &slots);
    set(&info, "generation", &number(locked.generation()).into());
    set(&info, "format", &locked.format().into());
    Ok(info.into())
}

/// Opens a vault.
#[wasm_bindgen]
pub fn unlock(bytes: &[u8], slot_id: &str, key: &[u8]) -> Result<Vault, JsValue> {
    let locked = Locked::parse(bytes).map_err(refused)?;
    let (slot, key) = (SlotId::parse(slot_id).map_err(refused)?, SlotKey::try_from(key).map_err(refused)?);
    locked.unlock(slot, &key).map(Vault).map_err(|(_, why)| refused(why))
}

/// 32 fresh bytes for a device slot.
#[wasm_bindgen(js_name = makeDeviceKey)]
pub fn make_device_key() -> Result<Uint8Array, JsValue> {
    // EXPOSE: the key is what was asked for.
    Ok(Uint8Array::from(SlotKey::make(&mut context(0.0)?).expose().as_slice()))
}

/// A fresh recovery key, as printed.
#[wasm_bindgen(js_name = makeRecoveryKey)]
pub fn make_recovery_key() -> Result<String, JsValue> {
    // EXPOSE: the key is what was asked for.
    let text = RecoveryKey::make(&mut context(0.0)?).text().expose().to_vec();
    String::from_utf8(text).map_err(|_| thrown!(CallError::Broken))
}

/// The slot key of a recovery key as typed.
#[wasm_bindgen(js_name = recoveryKeyBytes)]
pub fn recovery_key_bytes(typed: &str) -> Result<Uint8Array, JsValue> {
    let key = RecoveryKey::parse(typed).map_err(refused)?;
    // EXPOSE: the key is what was asked for.
    Ok(Uint8Array::from(key.slot_key().expose().as_slice()))
}

#[wasm_bindgen]
impl Vault {
    /// The live entries as the list shows them.
    pub fn entries(&self) -> Result<JsValue, JsValue> {
        to_js(&self.0.entries())
    }

    /// The bin.
    pub fn trash(&self) -> Result<JsValue, JsValue> {
        to_js(&self.0.trash())
    }

    /// Applies one change.
    pub fn apply(&mut self, change: &JsValue, now_ms: f64) -> Result<JsValue, JsValue> {
        let mut context = context(now_ms)?;
        let change = Change::from_json(&json(change)?).map_err(ChangeError::Vault);
        let applied = change.and_then(|change| self.0.apply(change, &mut context)).map_err(|e| match e {
            ChangeError::Vault(e) => refused(e),
            ChangeError::Account(e) => account_refused(e),
        })?;
        to_js(&applied)
    }

    /// The codes of all live entries that go by the clock.
    #[wasm_bindgen(js_name = codesAt)]
    pub fn codes_at(&self, now_ms: f64) -> Result<JsValue, JsValue> {
        to_js(&self.0.codes_at(time(now_ms)?))
    }

    /// Entries with this account's secret and kind.
    #[wasm_bindgen(js_name = duplicatesOf)]
    pub fn duplicates_of(&self, account: &JsValue) -> Result<JsValue, JsValue> {
        let account = vault::account_from_json(&json(account)?).map_err(refused)?;
        to_js(&self.0.duplicates_of(&account).map_err(account_refused)?)
    }

    /// The whole account.
    #[wasm_bindgen(js_name = exportAccount)]
    pub fn export_account(&self, id: &str) -> Result<JsValue, JsValue> {
        let id = EntryId::parse(id).map_err(refused)?;
        to_js(&self.0.export_account(id).map_err(refused)?)
    }

    /// The account as an address.
    #[wasm_bindgen(js_name = exportUri)]
    pub fn export_uri(&self, id: &str) -> Result<String, JsValue> {
        let uri = EntryId::parse(id).and_then(|id| self.0.export_uri(id)).map_err(refused)?;
        // EXPOSE: the address is what was asked for.
        String::from_utf8(uri.expose().to_vec()).map_err(|_| thrown!(CallError::Broken))
    }

    /// The entry as another app wrote it.
    #[wasm_bindgen(js_name = exportSource)]
    pub fn export_source(&self, id: &str) -> Result<Option<String>, JsValue> {
        let id = EntryId::parse(id).map_err(refused)?;
        // EXPOSE: the text is what was asked for.
        Ok(self.0.export_source(id).map_err(refused)?.map(|source| source.expose().to_owned()))
    }

    /// The person's groups.
    pub fn tags(&self) -> Vec<String> {
        self.0.tags()
    }

    /// Gives the groups their order.
    #[wasm_bindgen(js_name = setTags)]
    pub fn set_tags(&mut self, tags: &JsValue) -> Result<(), JsValue> {
        let record = Object::new();
        set(&record, "tags", tags);
        self.0.set_tags_json(&json(&record)?).map_err(refused)
    }

    /// The services that were ticked off.
    pub fn ticks(&self) -> Vec<String> {
        self.0.ticks().to_vec()
    }

    /// Ticks off these services.
    #[wasm_bindgen(js_name = setTicks)]
    pub fn set_ticks(&mut self, ticks: &JsValue) -> Result<(), JsValue> {
        let record = Object::new();
        set(&record, "ticks", ticks);
        self.0.set_ticks_json(&json(&record)?).map_err(refused)
    }

    /// Remembers what a backup of this vault holds.
    #[wasm_bindgen(js_name = noteBackup)]
    pub fn note_backup(&mut self, place: &str, now_ms: f64) -> Result<(), JsValue> {
        self.0.note_backup(place, None, time(now_ms)?).map_err(refused)
    }

    /// Remembers what a backup holds that was opened.
    #[wasm_bindgen(js_name = noteOpened)]
    pub fn note_opened(&mut self, place: &str, backup: &Self, now_ms: f64) -> Result<(), JsValue> {
        self.0.note_backup(place, Some(&backup.0), time(now_ms)?).map_err(refused)
    }

    /// The backups that are remembered.
    pub fn backups(&self) -> Array {
        let record = |backup: &BackupInfo<'_>| {
            let record = Object::new();
            set(&record, "place", &backup.place.into());
            set(&record, "ms", &number(backup.ms).into());
            set(&record, "held", &u32::try_from(backup.held).unwrap_or(u32::MAX).into());
            JsValue::from(record)
        };
        self.0.backups().iter().map(record).collect()
    }

    /// The entries that are in no backup as they are now.
    #[wasm_bindgen(js_name = notInBackup)]
    pub fn not_in_backup(&self) -> Result<JsValue, JsValue> {
        to_js(&self.0.not_in_backup())
    }

    /// Another copy of this vault, opened by the key of this one.
    pub fn reopen(&self, bytes: &[u8]) -> Result<Self, JsValue> {
        let locked = Locked::parse(bytes).map_err(refused)?;
        self.0.reopen(&locked).map(Self).map_err(refused)
    }

    /// The name of this vault.
    #[wasm_bindgen(getter)]
    pub fn id(&self) -> Option<String> {
        self.0.id()
    }

    /// The bytes to store.
    pub fn seal(&mut self) -> Result<Uint8Array, JsValue> {
        let bytes = self.0.seal(&mut context(0.0)?).map_err(refused)?;
        Ok(Uint8Array::from(bytes.as_slice()))
    }

    /// The generation last read or sealed.
    #[wasm_bindgen(getter)]
    pub fn generation(&self) -> f64 {
        number(self.0.generation())
    }

    /// The ways in.
    pub fn slots(&self) -> Array {
        let record = |slot: &vault::OpenSlot| {
            let record = slot_record(&slot.info);
            set(&record, "addedMs", &number(slot.added.millis()).into());
            if let Some(proved) = slot.proved {
                set(&record, "provedMs", &number(proved.millis()).into());
            }
            JsValue::from(record)
        };
        self.0.slots().iter().map(record).collect()
    }

    /// Adds a way in.
    #[wasm_bindgen(js_name = addSlot)]
    pub fn add_slot(&mut self, slot: &JsValue, now_ms: f64) -> Result<String, JsValue> {
        let id = self.0.add_slot(&new_slot(slot)?, &mut context(now_ms)?).map_err(refused)?;
        Ok(id.to_string())
    }

    /// Takes a way in away.
    #[wasm_bindgen(js_name = removeSlot)]
    pub fn remove_slot(&mut self, id: &str) -> Result<(), JsValue> {
        SlotId::parse(id).and_then(|id| self.0.remove_slot(id)).map_err(refused)
    }

    /// A new master key and new ways in.
    #[wasm_bindgen(js_name = replaceSlots)]
    pub fn replace_slots(&mut self, slots: &JsValue, now_ms: f64) -> Result<Vec<String>, JsValue> {
        let ids = self.0.replace_slots(&new_slots(slots)?, &mut context(now_ms)?).map_err(refused)?;
        Ok(ids.iter().map(ToString::to_string).collect())
    }

    /// Whether the key opens the slot.
    #[wasm_bindgen(js_name = proveSlot)]
    pub fn prove_slot(&mut self, id: &str, key: &[u8], now_ms: f64) -> Result<bool, JsValue> {
        let (id, key) = (SlotId::parse(id).map_err(refused)?, SlotKey::try_from(key).map_err(refused)?);
        self.0.prove_slot(id, &key, time(now_ms)?).map_err(refused)
    }
}

/// What goes in goes in as JSON: the vault reads JSON anyway, and a second reader would be 30 kB more.
fn json(value: &JsValue) -> Result<String, JsValue> {
    let text = JSON::stringify(value).map_err(|_| thrown!(CallError::BadArgument))?;
    text.as_string().ok_or_else(|| thrown!(CallError::BadArgument))
}

fn refused(error: VaultError) -> JsValue {
    let thrown = thrown!(error);
    if let VaultError::RecoveryKeyTypo { group } = error {
        let group = u32::try_from(group).unwrap_or(0);
        let _ = Reflect::set(&thrown, &"group".into(), &group.into());
    }
    thrown
}

fn account_refused(error: OtpError) -> JsValue {
    let thrown = thrown!(error);
    if let Some(at) = error.at().and_then(|at| u32::try_from(at).ok()) {
        let _ = Reflect::set(&thrown, &"at".into(), &at.into());
    }
    thrown
}

fn time(now_ms: f64) -> Result<UnixMs, JsValue> {
    UnixMs::from_number(now_ms).ok_or_else(|| thrown!(OtpError::BadTime))
}

fn context(now_ms: f64) -> Result<Context, JsValue> {
    Ok(Context::new(time(now_ms)?, random::seed()?))
}

fn number(value: u64) -> f64 {
    #[expect(clippy::as_conversions, reason = "times and generations stay under 2^53")]
    let number = value as f64;
    number
}

fn set(object: &Object, name: &str, value: &JsValue) {
    // Setting a property of an object of ours cannot fail.
    let _ = Reflect::set(object, &name.into(), value);
}

fn slot_record(slot: &SlotInfo) -> Object {
    let record = Object::new();
    set(&record, "id", &slot.id.to_string().into());
    let kind = match &slot.kind {
        SlotKind::Passphrase(params) => {
            set(&record, "kdf", &kdf_params::to_js(params));
            "passphrase"
        }
        SlotKind::Recovery => "recovery",
        SlotKind::Device => "device",
        SlotKind::Passkey(passkey) => {
            let about = Object::new();
            set(&about, "salt", &Uint8Array::from(passkey.salt.as_slice()));
            set(&about, "credentialId", &Uint8Array::from(passkey.credential_id.as_slice()));
            set(&about, "rpId", &passkey.rp_id.as_str().into());
            set(&record, "passkey", &about);
            "passkey"
        }
    };
    set(&record, "kind", &kind.into());
    record
}

fn new_slots(slots: &JsValue) -> Result<Vec<NewSlot>, JsValue> {
    let slots: &Array = slots.dyn_ref().ok_or_else(|| thrown!(CallError::BadArgument))?;
    slots.iter().map(|slot| new_slot(&slot)).collect()
}

fn new_slot(slot: &JsValue) -> Result<NewSlot, JsValue> {
    let field = |name: &str| field(slot, name);
    let kind = match field("kind").as_string().as_deref() {
        Some("passphrase") => SlotKind::Passphrase(kdf_params::from_js(&field("kdf"))?),
        Some("recovery") => SlotKind::Recovery,
        Some("device") => SlotKind::Device,
        Some("passkey") => SlotKind::Passkey(passkey(&field("passkey"))?),
        _ => return Err(thrown!(CallError::BadArgument)),
    };
    let key = base::Secret::new(bytes(field("key")));
    // EXPOSE: a slot takes the bytes over; this copy is wiped.
    Ok(NewSlot { kind, key: SlotKey::try_from(key.expose()).map_err(refused)? })
}

fn passkey(about: &JsValue) -> Result<Passkey, JsValue> {
    let wrong = || thrown!(CallError::BadArgument);
    Ok(Passkey {
        salt: bytes(field(about, "salt")).try_into().map_err(|_| wrong())?,
        credential_id: bytes(field(about, "credentialId")),
        rp_id: field(about, "rpId").as_string().ok_or_else(wrong)?,
    })
}

fn field(of: &JsValue, name: &str) -> JsValue {
    if of.is_object() { Reflect::get(of, &name.into()).unwrap_or_default() } else { JsValue::UNDEFINED }
}

/// `api.js` has checked the type: another realm has another class.
fn bytes(value: JsValue) -> Vec<u8> {
    let bytes: Uint8Array = value.unchecked_into();
    bytes.to_vec()
}
