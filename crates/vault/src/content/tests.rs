use base::UnixMs;
use serde_json::{Value as Json, json};

use super::*;

fn context() -> Context {
    Context::new(UnixMs::from_secs(1), [1; 32])
}

fn first() -> Json {
    json!({
        "version": 1,
        "slots": [{"id": "0303030303030303", "addedMs": 1, "provedMs": 2}],
        "entries": [{
            "id": "00".repeat(16), "account": {"kind": "totp", "secret": "JBSWY3DPEHPK3PXP", "issuer": "", "name": "ann"},
            "note": "", "tags": ["b"], "icon": "", "pinned": false, "addedMs": 1, "changedMs": 1,
        }],
    })
}

fn second() -> Json {
    let mut content = first();
    let later = json!({"deep": [1, true, null, "t", {"list": [[]]}]});
    content["version"] = json!(3);
    content["needs"] = json!(2);
    content["vaultId"] = json!("c0".repeat(16));
    content["tags"] = json!(["c", "a"]);
    content["deleted"] = json!([{"id": "77".repeat(16), "ms": 5, "later": later}]);
    content["backups"] = json!([{"place": "file", "ms": 5, "marks": ["00-11"], "later": later}]);
    for place in ["/later", "/slots/0/label", "/entries/0/uses", "/entries/0/account/later"] {
        let (parent, name) = place.rsplit_once('/').unwrap();
        content.pointer_mut(parent).unwrap()[name] = later.clone();
    }
    content
}

fn again(content: &mut Content) -> Json {
    serde_json::from_slice(content.written(&mut context()).expose()).unwrap()
}

#[test]
fn what_a_later_version_wrote_is_written_back() {
    let mut content = Content::read(&second().to_string(), 2).ok().unwrap();
    assert_eq!(content.tags(), ["c", "a", "b"], "the list, then what only an entry names");
    assert_eq!(again(&mut content), second());
}

#[test]
fn a_change_leaves_alone_what_it_does_not_know() {
    let mut content = Content::read(&second().to_string(), 2).ok().unwrap();
    let id = content.entries[0].id;
    let edit = crate::Change::from_json(&json!({"do": "edit", "id": id, "name": "bob"}).to_string()).unwrap();
    assert!(crate::apply::apply(&mut content, edit, &mut context()).is_ok());
    let mut wanted = second();
    // This one computes, so the record is spelt out whole.
    wanted["entries"][0]["account"] = json!({"kind": "totp", "secret": "JBSWY3DPEHPK3PXP", "issuer": "", "name": "bob",
        "algorithm": "SHA1", "digits": 6, "periodSecs": 30, "later": second()["later"]});
    wanted["entries"][0]["changedMs"] = json!(1000);
    assert_eq!(again(&mut content), wanted);
}

#[test]
fn format_1_is_read_strictly_and_written_as_format_2() {
    let mut content = Content::read(&first().to_string(), 1).ok().unwrap();
    let written = again(&mut content);
    assert_eq!((&written["version"], &written["needs"]), (&json!(2), &json!(2)));
    assert_eq!(written["entries"], first()["entries"]);
    assert_eq!(written["vaultId"].as_str().map(str::len), Some(32));
    assert_eq!(written["vaultId"], again(&mut content)["vaultId"], "drawn once");
    for place in ["/later", "/slots/0/label", "/entries/0/restoredMs", "/entries/0/account/later"] {
        let (parent, name) = place.rsplit_once('/').unwrap();
        let mut content = first();
        content.pointer_mut(parent).unwrap()[name] = json!(1);
        assert_eq!(Content::read(&content.to_string(), 1).err(), Some(VaultError::BadContent), "{place}");
    }
}

#[test]
fn what_was_removed_for_good_is_remembered() {
    let mut content = Content::read(&second().to_string(), 2).ok().unwrap();
    let id = content.entries[0].id;
    for verb in ["trash", "remove"] {
        let change = crate::Change::from_json(&json!({"do": verb, "id": id}).to_string()).unwrap();
        assert!(crate::apply::apply(&mut content, change, &mut context()).is_ok());
    }
    assert_eq!(again(&mut content)["deleted"][1], json!({"id": "00".repeat(16), "ms": 1000}));
}
