//! What each change does, and what it refuses.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

use base::{Context, UnixMs};
use proptest::prelude::*;
use serde_json::{Value, json};
use vault::{
    Applied, Change, ChangeError, Cost, EntryId, KdfParams, Locked, NewSlot, Passkey, RecoveryKey, SlotKey, SlotKind,
    Vault, VaultError,
};

const NOW: UnixMs = UnixMs::from_millis(1_795_000_000_000);
const SECRET: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

fn context(seed: u8) -> Context {
    Context::new(NOW, [seed; 32])
}

fn key(byte: u8) -> SlotKey {
    SlotKey::new(&[byte; 32])
}

fn device(byte: u8) -> NewSlot {
    NewSlot { kind: SlotKind::Device, key: key(byte) }
}

fn empty() -> Vault {
    Vault::create(&[device(1)], &mut context(1)).unwrap()
}

fn apply(vault: &mut Vault, change: Value) -> Result<Applied, ChangeError> {
    let seed = u8::try_from(vault.entries().len() + vault.trash().len()).unwrap();
    vault.apply(Change::from_json(&change.to_string()).unwrap(), &mut context(100 + seed))
}

/// A vault with these names, in this order.
fn with(names: &[&str]) -> (Vault, Vec<String>) {
    let mut vault = empty();
    let ids = names.iter().map(|name| {
        apply(&mut vault, json!({"do": "add", "account": {"secret": SECRET, "name": name}})).unwrap().id.to_string()
    });
    let ids = ids.collect();
    (vault, ids)
}

fn names(vault: &Vault) -> String {
    vault.entries().iter().map(|view| view.name).collect::<Vec<_>>().join(" ")
}

fn undo(vault: &mut Vault, applied: Applied) {
    vault.apply(applied.undo.unwrap(), &mut context(9)).unwrap();
}

fn reopened(vault: &mut Vault, slot: &SlotKey) -> Vault {
    let locked = Locked::parse(&vault.seal(&mut context(3)).unwrap()).unwrap();
    let id = locked.slots()[0].id;
    locked.unlock(id, slot).map_err(|(_, e)| e).unwrap()
}

#[test]
fn every_change_can_be_taken_back() {
    let rows = [
        ("pin", json!({"do": "pin", "id": 2, "pinned": true}), "c a b d"),
        ("move to the front", json!({"do": "move", "id": 3, "before": 0}), "d a b c"),
        ("move to the end", json!({"do": "move", "id": 0, "before": null}), "b c d a"),
        ("move where it is", json!({"do": "move", "id": 1, "before": 1}), "a b c d"),
        ("trash", json!({"do": "trash", "id": 1}), "a c d"),
        ("edit", json!({"do": "edit", "id": 1, "name": "B", "note": "n", "tags": ["t"]}), "a B c d"),
        ("add", json!({"do": "add", "account": {"secret": SECRET, "name": "e"}}), "a b c d e"),
    ];
    for (name, mut change, expect) in rows {
        let (mut vault, ids) = with(&["a", "b", "c", "d"]);
        for field in ["id", "before"] {
            if let Some(at) = change[field].as_u64() {
                change[field] = json!(ids[usize::try_from(at).unwrap()]);
            }
        }
        let applied = apply(&mut vault, change).unwrap();
        assert_eq!(names(&vault), expect, "{name}");
        undo(&mut vault, applied);
        assert_eq!(names(&vault), "a b c d", "{name}, taken back");
        assert_eq!(vault.entries()[1].note, "", "{name}, taken back");
    }
}

#[test]
fn a_refused_change_changes_nothing() {
    let long = "x".repeat(10_001);
    let rows = [
        ("no such entry", json!({"do": "pin", "id": "00".repeat(16), "pinned": true}), "VAULT_NO_ENTRY"),
        ("before no such entry", json!({"do": "move", "id": 0, "before": "00".repeat(16)}), "VAULT_NO_ENTRY"),
        ("restore what is not in the bin", json!({"do": "restore", "id": 0}), "VAULT_NOT_IN_THE_BIN"),
        ("remove what is not in the bin", json!({"do": "remove", "id": 0}), "VAULT_NOT_IN_THE_BIN"),
        ("spend what goes by the clock", json!({"do": "spend", "id": 0}), "VAULT_NOT_COUNTED"),
        ("a note too long", json!({"do": "edit", "id": 0, "note": long}), "VAULT_TEXT_TOO_LONG"),
        ("too many tags", json!({"do": "edit", "id": 0, "tags": vec!["t"; 33]}), "VAULT_TEXT_TOO_LONG"),
        ("no secret", json!({"do": "add", "account": {"secret": ""}}), "OTP_NO_SECRET"),
        ("a bad letter", json!({"do": "add", "account": {"secret": "JBSW1"}}), "OTP_BAD_BASE32"),
        ("11 digits", json!({"do": "add", "account": {"secret": SECRET, "digits": 11}}), "OTP_BAD_DIGITS"),
        ("no period", json!({"do": "add", "account": {"secret": SECRET, "periodSecs": 0}}), "OTP_BAD_PERIOD"),
        (
            "8 digits of Steam",
            json!({"do": "add", "account": {"kind": "steam", "secret": SECRET, "digits": 8}}),
            "OTP_BAD_DIGITS",
        ),
        (
            "a counter by the clock",
            json!({"do": "add", "account": {"secret": SECRET, "counter": 1}}),
            "OTP_NOT_COUNTED",
        ),
        (
            "mOTP without a PIN",
            json!({"do": "add", "account": {"kind": "motp", "secret": "e3152afee62599c8"}}),
            "OTP_NO_PIN",
        ),
        ("an edit to a bad account", json!({"do": "edit", "id": 0, "account": {"secret": ""}}), "OTP_NO_SECRET"),
    ];
    for (name, mut change, code) in rows {
        let (mut vault, ids) = with(&["a", "b"]);
        if change["id"] == 0 {
            change["id"] = json!(ids[0]);
        }
        let before = serde_json::to_value(vault.entries()).unwrap();
        assert_eq!(apply(&mut vault, change).err().unwrap().code(), code, "{name}");
        assert_eq!(serde_json::to_value(vault.entries()).unwrap(), before, "{name}");
    }
}

#[test]
fn a_change_with_a_misspelt_field_is_refused() {
    for change in [
        json!({"do": "pin", "id": "00".repeat(16), "pined": true}),
        json!({"do": "add", "account": {"secret": SECRET, "period": 60}}),
        json!({"do": "pin", "id": "00".repeat(16), "pinned": true, "note": "n"}),
        json!({"do": "pin", "id": "00".repeat(16)}),
        json!({"do": "trash"}),
        json!({"do": "empty"}),
    ] {
        assert_eq!(Change::from_json(&change.to_string()).err(), Some(VaultError::BadChange), "{change}");
    }
}

#[test]
fn the_bin_keeps_until_it_is_emptied() {
    let (mut vault, ids) = with(&["a", "b"]);
    apply(&mut vault, json!({"do": "trash", "id": ids[0]})).unwrap();
    assert_eq!(apply(&mut vault, json!({"do": "trash", "id": ids[0]})).err(), Some(VaultError::InTheBin.into()));
    assert_eq!(vault.codes_at(NOW).len(), 1);
    let mut vault = reopened(&mut vault, &key(1));
    assert_eq!(vault.trash()[0].name, "a");
    assert!(apply(&mut vault, json!({"do": "remove", "id": ids[0]})).unwrap().undo.is_none());
    assert!(vault.trash().is_empty());
    assert_eq!(names(&vault), "b");
}

#[test]
fn a_counter_moves_before_its_code_is_seen() {
    let mut vault = empty();
    let account = json!({"kind": "hotp", "secret": SECRET});
    let id = apply(&mut vault, json!({"do": "add", "account": account})).unwrap().id;
    assert!(vault.codes_at(NOW).is_empty());
    // RFC 4226 appendix D.
    for (counter, code) in ["755224", "287082", "359152"].into_iter().enumerate() {
        let applied = apply(&mut vault, json!({"do": "spend", "id": id})).unwrap();
        assert_eq!(applied.code.as_deref(), Some(code));
        assert!(applied.undo.is_none());
        vault = reopened(&mut vault, &key(1));
        assert_eq!(vault.entries()[0].counter, Some(u64::try_from(counter).unwrap() + 1));
    }
    let last = json!({"kind": "hotp", "secret": SECRET, "counter": 9_007_199_254_740_991_u64});
    apply(&mut vault, json!({"do": "edit", "id": id, "account": last})).unwrap();
    assert_eq!(apply(&mut vault, json!({"do": "spend", "id": id})).err().unwrap().code(), "OTP_BAD_COUNTER");
}

#[test]
fn codes_come_with_their_time_and_the_next_one() {
    let (vault, _) = with(&["a"]);
    let row = &vault.codes_at(UnixMs::from_millis(59_999))[0];
    // RFC 4226 appendix D, counters 1 and 2.
    assert_eq!((row.text.as_str(), row.next.as_str()), ("287082", "359152"));
    assert_eq!((row.valid_from_ms, row.valid_until_ms), (30_000, 60_000));
}

#[test]
fn no_view_and_no_undo_holds_a_secret() {
    let (mut vault, ids) = with(&["a"]);
    let shown = serde_json::to_string(&vault.entries()).unwrap();
    assert!(!shown.contains(SECRET), "in the list");
    let change = json!({"do": "edit", "id": ids[0], "account": {"secret": "JBSWY3DPEHPK3PXP", "name": "b"}});
    let applied = apply(&mut vault, change).unwrap();
    assert!(applied.undo.is_none(), "an undo of this edit would hold the old secret");
    assert_eq!(vault.codes_at(UnixMs::from_secs(59))[0].text, "996554");
}

#[test]
fn a_secret_leaves_by_name_only() {
    let (mut vault, ids) = with(&["ann"]);
    let id = EntryId::parse(&ids[0]).unwrap();
    let account = serde_json::to_value(vault.export_account(id).unwrap()).unwrap();
    assert_eq!(account["secret"], SECRET);
    let uri = vault.export_uri(id).unwrap();
    let same = otp::Account::from_uri(core::str::from_utf8(uri.expose()).unwrap()).unwrap();
    assert!(same.secret.ct_eq(b"12345678901234567890"));
    apply(&mut vault, json!({"do": "trash", "id": ids[0]})).unwrap();
    assert!(vault.export_uri(id).is_ok(), "what is in the bin can still be taken out");
}

#[test]
fn duplicates_are_found_by_secret_and_kind() {
    let (mut vault, ids) = with(&["a", "b"]);
    apply(&mut vault, json!({"do": "add", "account": {"secret": "JBSWY3DPEHPK3PXP"}})).unwrap();
    apply(&mut vault, json!({"do": "trash", "id": ids[1]})).unwrap();
    let rows = [
        ("the same, spelt otherwise", json!({"secret": SECRET.to_lowercase(), "issuer": "Other", "digits": 8}), 2),
        ("the same secret of another kind", json!({"kind": "hotp", "secret": SECRET}), 0),
        ("another secret", json!({"secret": "GEZDGNBVGY3TQOJQ"}), 0),
    ];
    for (name, account, expect) in rows {
        let found = vault.duplicates_of(&vault::account_from_json(&account.to_string()).unwrap()).unwrap();
        assert_eq!(found.len(), expect, "{name}");
    }
}

#[test]
fn slots_come_and_go() {
    let mut vault = empty();
    let first = vault.slots()[0].info.id;
    assert_eq!(vault.remove_slot(first), Err(VaultError::LastSlot));
    let paper = RecoveryKey::make(&mut context(5));
    let recovery = NewSlot { kind: SlotKind::Recovery, key: paper.slot_key() };
    let second = vault.add_slot(&recovery, &mut context(6)).unwrap();
    assert_eq!(vault.slots()[1].proved, None, "not yet saved");
    assert_eq!(vault.prove_slot(second, &key(1), NOW), Ok(false));
    assert_eq!(vault.slots()[1].proved, None);
    assert_eq!(vault.prove_slot(second, &paper.slot_key(), NOW), Ok(true));
    vault.remove_slot(first).unwrap();
    let mut vault = reopened(&mut vault, &paper.slot_key());
    assert_eq!(vault.slots()[0].proved, Some(NOW));
    assert_eq!(vault.remove_slot(first), Err(VaultError::NoSlot));
    for _ in 1..16 {
        vault.add_slot(&device(2), &mut context(7)).unwrap();
    }
    assert_eq!(vault.add_slot(&device(2), &mut context(8)).err(), Some(VaultError::TooManySlots));
    assert_eq!(Vault::create(&[], &mut context(1)).err(), Some(VaultError::LastSlot));
}

#[test]
fn a_weak_passphrase_slot_is_never_made() {
    for (memory_kib, passes, code) in
        [(19 * 1024 - 1, 2, VaultError::KdfTooWeak), (1 << 21, 2, VaultError::KdfTooCostly)]
    {
        let kind = SlotKind::Passphrase(KdfParams { cost: Cost { memory_kib, passes }, salt: [0; 16] });
        let made = Vault::create(&[NewSlot { kind, key: key(1) }], &mut context(1));
        assert_eq!(made.err(), Some(code));
    }
}

#[test]
fn a_new_master_key_shuts_out_whoever_kept_the_old_one() {
    let mut vault = empty();
    let old = vault.seal(&mut context(2)).unwrap();
    vault.replace_slots(&[device(2)], &mut context(4)).unwrap();
    let new = vault.seal(&mut context(5)).unwrap();
    // The old slot with the new body: what somebody with an old copy and its key would try.
    let locked = Locked::parse(&new).unwrap();
    let id = locked.slots()[0].id;
    let (locked, why) = locked.unlock(id, &key(1)).err().unwrap();
    assert_eq!(why, VaultError::WrongKey);
    assert!(locked.unlock(id, &key(2)).is_ok(), "a locked vault survives a wrong key");
    assert!(Locked::parse(&old).is_ok());
    assert_eq!(vault.generation(), 2);
}

#[test]
fn what_is_stored_can_be_opened_again_without_any_key() {
    let (mut vault, ids) = with(&["a", "b"]);
    let stored = vault.seal(&mut context(2)).unwrap();
    apply(&mut vault, json!({"do": "trash", "id": ids[0]})).unwrap();
    vault.add_slot(&device(2), &mut context(3)).unwrap();
    let before = vault.reopen(&Locked::parse(&stored).unwrap()).unwrap();
    assert_eq!((names(&before).as_str(), before.slots().len(), before.generation()), ("a b", 1, 1));
    vault.replace_slots(&[device(2)], &mut context(4)).unwrap();
    assert_eq!(vault.reopen(&Locked::parse(&stored).unwrap()).err(), Some(VaultError::Tampered), "another master key");
    let other = Vault::create(&[device(1)], &mut context(5)).unwrap();
    assert_eq!(other.reopen(&Locked::parse(&stored).unwrap()).err(), Some(VaultError::Tampered), "another vault");
}

#[test]
fn the_vault_counts_what_no_backup_holds() {
    let (mut vault, ids) = with(&["a", "b"]);
    let hotp = json!({"do": "add", "account": {"kind": "hotp", "secret": SECRET, "name": "c"}});
    let counter = apply(&mut vault, hotp).unwrap().id.to_string();
    let count = |vault: &Vault| vault.not_in_backup().len();
    assert_eq!(count(&vault), 3, "never backed up");
    vault.note_backup("file", None, NOW).unwrap();
    let mut vault = reopened(&mut vault, &key(1));
    assert_eq!((count(&vault), vault.backups()[0].held), (0, 3), "remembered, encrypted");
    for no_change in [
        json!({"do": "pin", "id": ids[0], "pinned": true}),
        json!({"do": "move", "id": ids[0], "before": null}),
        json!({"do": "spend", "id": counter}),
        json!({"do": "trash", "id": ids[1]}),
        json!({"do": "restore", "id": ids[1]}),
    ] {
        apply(&mut vault, no_change.clone()).unwrap();
        assert_eq!(count(&vault), 0, "{no_change}");
    }
    for (change, name) in
        [(json!({"note": "n"}), "note"), (json!({"name": "z"}), "name"), (json!({"tags": ["t"]}), "tags")]
    {
        let mut edit = json!({"do": "edit", "id": ids[0]});
        edit[name] = change[name].clone();
        let undo_this = apply(&mut vault, edit).unwrap();
        assert_eq!(count(&vault), 1, "{name}");
        undo(&mut vault, undo_this);
        assert_eq!(count(&vault), 0, "{name}, taken back");
    }
    apply(&mut vault, json!({"do": "add", "account": {"secret": "JBSWY3DPEHPK3PXP", "name": "new"}})).unwrap();
    assert_eq!(count(&vault), 1);
    let new = vault.not_in_backup()[0];
    apply(&mut vault, json!({"do": "trash", "id": new})).unwrap();
    assert_eq!(count(&vault), 0, "what is in the bin is missed by nobody");
}

#[test]
fn a_backup_that_was_opened_counts_too_whichever_vault_it_is_of() {
    let (other, _) = with(&["a", "b"]);
    let (mut vault, _) = with(&["b", "c"]);
    vault.note_backup("opened", Some(&other), NOW).unwrap();
    let missing: Vec<_> = vault.not_in_backup();
    assert_eq!(missing, [vault.entries()[1].id]);
    vault.note_backup("file", None, NOW).unwrap();
    vault.note_backup("opened", Some(&empty()), NOW).unwrap();
    assert!(vault.not_in_backup().is_empty(), "an empty backup takes nothing from another");
    vault.replace_slots(&[device(2)], &mut context(4)).unwrap();
    assert_eq!(vault.not_in_backup().len(), 2, "older backups open by the keys that were replaced");
}

#[test]
fn a_restored_counter_is_marked_until_it_was_used_on_another_day() {
    let mut vault = empty();
    let account = json!({"kind": "hotp", "secret": SECRET});
    let id = apply(&mut vault, json!({"do": "add", "account": account, "restored": true})).unwrap().id;
    let spend = |vault: &mut Vault, now: u64| {
        let change = Change::from_json(&json!({"do": "spend", "id": id}).to_string()).unwrap();
        vault.apply(change, &mut Context::new(UnixMs::from_millis(now), [1; 32])).unwrap();
        vault.entries()[0].restored_ms
    };
    assert_eq!(spend(&mut vault, NOW.millis() + 1000), Some(NOW.millis()));
    assert_eq!(spend(&mut vault, NOW.millis() + 86_400_000), None);
    let again = apply(&mut vault, json!({"do": "add", "account": account, "restored": true})).unwrap().id;
    apply(&mut vault, json!({"do": "edit", "id": again, "account": account})).unwrap();
    assert_eq!(vault.entries()[1].restored_ms, None, "a counter that was set is not behind");
}

#[test]
fn what_cannot_be_computed_is_taken_with_its_source_alone() {
    let mut vault = empty();
    let account = json!({"secret": "", "issuer": "Odd", "name": "ann"});
    let source = "{\"kind\":\"odd\"}";
    assert_eq!(apply(&mut vault, json!({"do": "add", "account": account})).err().unwrap().code(), "OTP_NO_SECRET");
    let id = apply(&mut vault, json!({"do": "add", "account": account, "source": source, "trashed": true})).unwrap().id;
    let vault = reopened(&mut vault, &key(1));
    assert!(vault.codes_at(NOW).is_empty() && vault.entries().is_empty());
    assert!(vault.trash()[0].has_source);
    assert!(!serde_json::to_string(&vault.trash()).unwrap().contains("odd"), "it may hold the secret");
    assert_eq!(vault.export_source(id).unwrap().map(vault::SecretText::expose), Some(source));
    assert_eq!(vault.export_uri(id).err(), Some(VaultError::BadAccount));
}

#[test]
fn groups_have_an_order_of_their_own() {
    let (mut vault, ids) = with(&["a"]);
    apply(&mut vault, json!({"do": "edit", "id": ids[0], "tags": ["work"]})).unwrap();
    assert_eq!(vault.tags(), ["work"]);
    vault.set_tags(vec!["empty".into(), "work".into()]).unwrap();
    assert_eq!(reopened(&mut vault, &key(1)).tags(), ["empty", "work"]);
    assert_eq!(vault.set_tags(vec!["x".repeat(65)]), Err(VaultError::TextTooLong));
}

/// Whether a way in remains that has opened the vault and is no passkey.
fn is_sure(vault: &Vault) -> bool {
    vault.slots().iter().any(|slot| match slot.info.kind {
        SlotKind::Passphrase(_) | SlotKind::Device => true,
        SlotKind::Recovery => slot.proved.is_some(),
        SlotKind::Passkey(_) => false,
    })
}

fn new_slot(kind: u8, byte: u8) -> NewSlot {
    let passkey = Passkey { salt: [byte; 32], credential_id: vec![byte; 8], rp_id: "codes.example.org".into() };
    let kind = match kind {
        0 => SlotKind::Device,
        1 => SlotKind::Recovery,
        2 => SlotKind::Passkey(passkey),
        _ => SlotKind::Passphrase(KdfParams { cost: Cost::LEAST, salt: [byte; 16] }),
    };
    NewSlot { kind, key: key(byte) }
}

#[test]
fn the_last_sure_way_in_stays() {
    let mut vault = empty();
    let first = vault.slots()[0].info.id;
    let paper = vault.add_slot(&new_slot(1, 2), &mut context(5)).unwrap();
    vault.add_slot(&new_slot(2, 3), &mut context(6)).unwrap();
    assert_eq!(vault.remove_slot(first), Err(VaultError::LastProved), "nobody has typed the paper back");
    assert_eq!(vault.prove_slot(paper, &key(2), NOW), Ok(true));
    vault.remove_slot(first).unwrap();
    assert_eq!(vault.remove_slot(paper), Err(VaultError::LastProved), "a passkey alone");
}

#[test]
fn ticks_are_kept_and_make_no_backup_old() {
    let (mut vault, _) = with(&["a"]);
    vault.note_backup("file", None, NOW).unwrap();
    vault.set_ticks_json(&json!({"ticks": ["GitHub", "PayPal"]}).to_string()).unwrap();
    let mut vault = reopened(&mut vault, &key(1));
    assert_eq!(vault.ticks(), ["GitHub", "PayPal"]);
    assert!(vault.not_in_backup().is_empty());
    assert_eq!(vault.set_ticks_json(&json!({"ticks": ["x".repeat(65)]}).to_string()), Err(VaultError::TextTooLong));
    assert_eq!(vault.set_ticks_json(&json!({"ticks": [5]}).to_string()), Err(VaultError::BadChange));
    vault.set_ticks_json(&json!({"ticks": []}).to_string()).unwrap();
    assert!(reopened(&mut vault, &key(1)).ticks().is_empty());
}

#[test]
fn a_passkey_is_a_way_in_and_its_prf_no_key_by_itself() {
    let mut vault = empty();
    let passkey = Passkey { salt: [5; 32], credential_id: vec![1; 64], rp_id: "codes.example.org".into() };
    let new = |passkey: &Passkey| NewSlot { kind: SlotKind::Passkey(passkey.clone()), key: key(7) };
    let id = vault.add_slot(&new(&passkey), &mut context(6)).unwrap();
    assert_eq!(vault.prove_slot(id, &key(8), NOW), Ok(false));
    let locked = Locked::parse(&vault.seal(&mut context(3)).unwrap()).unwrap();
    assert_eq!(locked.slots()[1].kind, SlotKind::Passkey(passkey.clone()));
    assert!(locked.unlock(id, &key(7)).is_ok());
    for bad in [
        Passkey { credential_id: Vec::new(), ..passkey.clone() },
        Passkey { credential_id: vec![1; 1024], ..passkey.clone() },
        Passkey { rp_id: String::new(), ..passkey.clone() },
        Passkey { rp_id: "x".repeat(254), ..passkey },
    ] {
        assert_eq!(vault.add_slot(&new(&bad), &mut context(6)).err(), Some(VaultError::BadPasskey));
    }
}

#[test]
fn lengths_and_bytes_tell_nothing() {
    let (mut one, _) = with(&["a"]);
    let (mut ten, _) = with(&["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"]);
    let (one, ten) = (one.seal(&mut context(1)).unwrap(), ten.seal(&mut context(1)).unwrap());
    assert_eq!(one.len(), ten.len());
    for word in [SECRET, "totp", "account", "SHA1"] {
        assert!(!one.windows(word.len()).any(|w| w == word.as_bytes()), "{word} stands in the clear");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Adding, removing and proving ways in, in any order, never takes the last sure one.
    #[test]
    fn no_order_of_changes_locks_anybody_out(steps in proptest::collection::vec((0_u8..3, any::<u8>(), 0_u8..4), 1..40)) {
        let mut vault = empty();
        let mut keys = vec![(vault.slots()[0].info.id, 1)];
        for (place, (step, pick, kind)) in (2_u8..).zip(steps) {
            let slots = vault.slots();
            let slot = &slots[usize::from(pick) % slots.len()].info;
            match step {
                0 => keys.extend(vault.add_slot(&new_slot(kind, place), &mut context(place)).map(|id| (id, place))),
                1 => drop(vault.remove_slot(slot.id)),
                _ => {
                    let own = keys.iter().find(|(id, _)| *id == slot.id).unwrap().1;
                    assert_eq!(vault.prove_slot(slot.id, &key(own), NOW), Ok(true));
                }
            }
            prop_assert!(is_sure(&vault));
        }
    }

    /// Whatever was put in comes out, and the same content never gives the same bytes twice.
    #[test]
    fn sealing_and_opening_gives_the_same(
        texts in proptest::collection::vec((".{0,40}", ".{0,40}", ".{0,80}", any::<bool>()), 0..12),
        seed: u8,
    ) {
        let mut vault = empty();
        for (issuer, name, note, pinned) in &texts {
            let account = json!({"secret": SECRET, "issuer": issuer, "name": name});
            let change = json!({"do": "add", "account": account, "note": note, "tags": [note], "pinned": pinned});
            match apply(&mut vault, change) {
                Ok(_) | Err(ChangeError::Vault(VaultError::TextTooLong) | ChangeError::Account(_)) => {}
                Err(other) => prop_assert!(false, "{}", other.code()),
            }
        }
        let before = serde_json::to_value(vault.entries()).unwrap();
        let bytes = [vault.seal(&mut context(seed)).unwrap(), vault.seal(&mut context(seed.wrapping_add(1))).unwrap()];
        prop_assert_ne!(&bytes[0], &bytes[1]);
        for (generation, file) in (1..).zip(bytes) {
            let locked = Locked::parse(&file).unwrap();
            prop_assert_eq!(locked.generation(), generation);
            let id = locked.slots()[0].id;
            let again = locked.unlock(id, &key(1)).map_err(|(_, e)| e).unwrap();
            prop_assert_eq!(&serde_json::to_value(again.entries()).unwrap(), &before);
        }
    }

    /// One changed byte anywhere, checksum made right or not, is never opened and never panics.
    #[test]
    fn no_changed_byte_is_opened(at: prop::sample::Index, to: u8, resum: bool) {
        let (mut vault, _) = with(&["a"]);
        let good = vault.seal(&mut context(1)).unwrap();
        let mut file = good.clone();
        let at = at.index(file.len() - if resum { 32 } else { 0 });
        prop_assume!(file[at] != to);
        file[at] = to;
        if resum {
            use sha2::Digest;
            let end = file.len() - 32;
            let sum = sha2::Sha256::digest(&file[..end]);
            file[end..].copy_from_slice(&sum);
        }
        let opened = Locked::parse(&file).is_ok_and(|locked| {
            let slots = locked.slots();
            slots.first().is_some_and(|slot| locked.unlock(slot.id, &key(1)).is_ok())
        });
        prop_assert!(!opened, "byte {at} of {}", file.len());
    }

    #[test]
    fn bytes_of_any_kind_never_panic(bytes: Vec<u8>, begin: bool) {
        let file = if begin { [b"PTCVAULT", bytes.as_slice()].concat() } else { bytes };
        prop_assert!(Locked::parse(&file).is_err());
    }
}
