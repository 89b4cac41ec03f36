use proptest::prelude::*;

use super::*;

fn write(writer: &mut JsonWriter, value: &serde_json::Value) {
    match value {
        serde_json::Value::String(text) => writer.text(text),
        serde_json::Value::Bool(bool) => writer.bool(*bool),
        serde_json::Value::Array(list) => writer.list(|w| list.iter().for_each(|value| write(w, value))),
        serde_json::Value::Object(fields) => {
            writer.object(|w| fields.iter().for_each(|(name, value)| write(w.name(name), value)));
        }
        other => writer.number(other.as_u64().unwrap()),
    }
}

fn same(ours: &Value, theirs: &serde_json::Value) -> bool {
    match (ours, theirs) {
        (Value::Null, serde_json::Value::Null) => true,
        (Value::Bool(a), serde_json::Value::Bool(b)) => a == b,
        (Value::Number(a), b) => b.as_u64() == Some(*a),
        (Value::Text(a), serde_json::Value::String(b)) => a.as_str() == b,
        (Value::List(a), serde_json::Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::Object(a), serde_json::Value::Object(b)) => {
            a.0.len() == b.len() && a.0.iter().all(|(name, a)| b.get(name.as_str()).is_some_and(|b| same(a, b)))
        }
        _ => false,
    }
}

fn anything() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(Into::into),
        any::<u64>().prop_map(Into::into),
        any::<String>().prop_map(Into::into),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Into::into),
            proptest::collection::btree_map(any::<String>(), inner, 0..6)
                .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn reads_and_writes_what_another_does(value in anything()) {
        let mut writer = JsonWriter::default();
        write(&mut writer, &value);
        let ours = String::from_utf8(writer.finish()).unwrap();
        prop_assert_eq!(&serde_json::from_str::<serde_json::Value>(&ours).unwrap(), &value);
        for text in [ours, value.to_string(), serde_json::to_string_pretty(&value).unwrap()] {
            prop_assert!(same(&read(&text).unwrap(), &value), "{text}");
        }
    }

    /// Where the other reader refuses, so does this one.
    #[test]
    fn never_panics_and_never_reads_more(text in "[\\[\\]{}:,\"\\\\a-f0-9unlrtse\\.\\- \u{1}é]{0,40}") {
        if let Ok(ours) = read(&text) {
            let theirs = serde_json::from_str::<serde_json::Value>(&text);
            prop_assert!(theirs.is_ok_and(|theirs| same(&ours, &theirs)), "{text}");
        }
    }
}

#[test]
fn refusals() {
    let deep = "[".repeat(17) + &"]".repeat(17);
    let rows = [
        ("nothing", ""),
        ("two values", "1 2"),
        ("a name twice", r#"{"a":1,"a":2}"#),
        ("a name twice, spelt otherwise", r#"{"a":1,"\u0061":2}"#),
        ("a comma too many", "[1,]"),
        ("a comma too few", "[1 2]"),
        ("no colon", r#"{"a" 1}"#),
        ("a sign", "-1"),
        ("a fraction", "1.0"),
        ("an exponent", "1e2"),
        ("a zero in front", "01"),
        ("one more than a u64", "18446744073709551616"),
        ("an open text", r#""a"#),
        ("a control character", "\"\u{1}\""),
        ("an unknown escape", r#""\x""#),
        ("half a surrogate pair", r#""\ud800""#),
        ("the other half", r#""\udc00""#),
        ("a pair that is none", r#""\ud800\u0041""#),
        ("cut in an escape", r#""\u00"#),
        ("too deep", &deep),
        ("a byte order mark", "\u{feff}1"),
        ("another space", "\u{a0}1"),
    ];
    for (name, text) in rows {
        assert!(read(text).is_err(), "{name}");
    }
    assert!(matches!(read(r#""\ud83d\udd11""#), Ok(Value::Text(key)) if key.as_str() == "🔑"));
}
