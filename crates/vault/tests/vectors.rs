//! One test for each row of `tests/vectors/vault/`.
#![allow(clippy::expect_used, clippy::panic, reason = "a test may panic")]

use base::Secret;
use data_encoding::{BASE64, HEXLOWER};
use libtest_mimic::{Arguments, Failed, Trial};
use serde_json::Value;
use vault::{Cost, KdfParams, Locked, MaxCost, RecoveryKey, SlotId, SlotKey, SlotKind, Vault, VaultError};
use vectors::vault::{self as rows, Given, Open, Recovery, Stretch};

fn main() {
    let mut trials = Vec::new();
    for row in rows::open() {
        trials.push(Trial::test(format!("open: {}", row.name), move || open(&row)));
    }
    for row in rows::recovery() {
        trials.push(Trial::test(format!("recovery key: {}", row.name), move || recovery(&row)));
    }
    for row in rows::stretch() {
        trials.push(Trial::test(format!("passphrase: {}", row.name), move || stretch(&row)));
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

fn open(row: &Open) -> Result<(), Failed> {
    let file = BASE64.decode(row.file.as_bytes())?;
    let got = unlock(&file, &row.given);
    match (&row.expect, &row.refuse, got) {
        (Some(expect), None, Ok(vault)) => {
            same("entries", &Value::Array(stored(&vault)), &Value::Array(shown_like(&expect.entries)))
        }
        (None, Some(code), Err(error)) => same("code", &error.code(), &code.as_str()),
        (_, _, Ok(_)) => Err("opened, which it must not".into()),
        (_, _, Err(error)) => Err(format!("{}: {error}", error.code()).into()),
    }
}

fn unlock(file: &[u8], given: &Given) -> Result<Vault, VaultError> {
    let locked = Locked::parse(file)?;
    let of_kind = |wanted: fn(&SlotKind) -> bool| {
        locked.slots().into_iter().find(|slot| wanted(&slot.kind)).ok_or(VaultError::NoSlot)
    };
    let (id, key): (SlotId, SlotKey) = match given {
        Given::Passphrase(text) => {
            let slot = of_kind(|kind| matches!(kind, SlotKind::Passphrase(_)))?;
            let SlotKind::Passphrase(params) = &slot.kind else { return Err(VaultError::NoSlot) };
            (slot.id, vault::stretch(&Secret::from(text.as_bytes()), params, MaxCost::default())?)
        }
        Given::RecoveryKey(typed) => {
            (of_kind(|kind| matches!(kind, SlotKind::Recovery))?.id, RecoveryKey::parse(typed)?.slot_key())
        }
        Given::DeviceKey(hex) => {
            let key = HEXLOWER.decode(hex.as_bytes()).map_err(|_| VaultError::KeyLength)?;
            (of_kind(|kind| matches!(kind, SlotKind::Device))?.id, SlotKey::try_from(key.as_slice())?)
        }
        Given::PasskeyPrf(hex) => {
            let key = HEXLOWER.decode(hex.as_bytes()).map_err(|_| VaultError::KeyLength)?;
            (of_kind(|kind| matches!(kind, SlotKind::Passkey(_)))?.id, SlotKey::try_from(key.as_slice())?)
        }
    };
    locked.unlock(id, &key).map_err(|(_, error)| error)
}

/// What the vault holds, in the shape of the file's content: list and bin, by id, each with its whole account.
fn stored(vault: &Vault) -> Vec<Value> {
    let mut all: Vec<Value> = vault
        .entries()
        .iter()
        .chain(&vault.trash())
        .map(|view| {
            let mut entry = serde_json::to_value(view).expect("a view is JSON");
            let account = vault.export_account(view.id).expect("the entry is there");
            let account = serde_json::to_value(account).expect("an account is JSON");
            let fields = entry.as_object_mut().expect("a view is an object");
            for name in account.as_object().expect("an account is an object").keys() {
                fields.remove(name);
            }
            if fields.remove("hasSource").is_some() {
                // EXPOSE: compared with the row.
                let source = vault.export_source(view.id).expect("the entry is there").map(|source| source.expose());
                fields.insert("source".into(), source.into());
            }
            fields.insert("account".into(), account);
            entry
        })
        .collect();
    all.sort_by_key(|entry| entry["id"].as_str().map(str::to_owned));
    all
}

fn shown_like(entries: &[Value]) -> Vec<Value> {
    let mut all = entries.to_vec();
    // What no version knows is kept and not shown: `content.rs` tests that it is written back.
    for entry in &mut all {
        let fields = entry.as_object_mut().expect("an entry is an object");
        fields.retain(|name, _| name != "later" && name != "uses");
        fields["account"].as_object_mut().expect("an account is an object").remove("later");
    }
    all.sort_by_key(|entry| entry["id"].as_str().map(str::to_owned));
    all
}

fn recovery(row: &Recovery) -> Result<(), Failed> {
    match (&row.slot_key, &row.refuse, RecoveryKey::parse(&row.typed)) {
        (Some(key), None, Ok(got)) => same("slot key", &HEXLOWER.encode(got.slot_key().expose()), key),
        (None, Some(code), Err(error)) => {
            same("code", &error.code(), &code.as_str())?;
            let group = if let VaultError::RecoveryKeyTypo { group } = error { Some(group) } else { None };
            same("group", &group, &row.group)
        }
        (_, _, Ok(_)) => Err("read, which it must not".into()),
        (_, _, Err(error)) => Err(error.code().into()),
    }
}

fn stretch(row: &Stretch) -> Result<(), Failed> {
    let salt = HEXLOWER.decode(row.salt.as_bytes())?.try_into().map_err(|_| "a salt has 16 bytes")?;
    let params = KdfParams { cost: Cost { memory_kib: row.memory_kib, passes: row.passes }, salt };
    let got = vault::stretch(&Secret::from(row.passphrase.as_bytes()), &params, MaxCost::default());
    match (&row.key, &row.refuse, got) {
        (Some(key), None, Ok(got)) => same("key", &HEXLOWER.encode(got.expose()), key),
        (None, Some(code), Err(error)) => same("code", &error.code(), &code.as_str()),
        (_, _, Ok(_)) => Err("stretched, which it must not".into()),
        (_, _, Err(error)) => Err(error.code().into()),
    }
}

fn same<T: PartialEq + core::fmt::Debug>(what: &str, got: &T, expect: &T) -> Result<(), Failed> {
    if got == expect { Ok(()) } else { Err(format!("{what}: got {got:?}, expected {expect:?}").into()) }
}
