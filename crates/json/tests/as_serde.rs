//! What is written is what serde_json writes, and what is read is what serde_json reads: but structs from objects alone, and whole
//! numbers alone.

use std::collections::BTreeMap;

use json::{FromJson, Ignored, ToJson, Value, from_str, to_string};
use proptest::prelude::*;
use serde::{Deserialize, Serialize};

fn is_zero(number: &u64) -> bool {
    *number == 0
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToJson, FromJson)]
enum Shape {
    Dot,
    Text(String),
    Pair(u8, Option<bool>),
    Named {
        at: i64,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        maybe: Option<String>,
        more: Vec<Shape>,
    },
    Map(BTreeMap<String, u64>),
    #[serde(rename = "Other")]
    Renamed(Box<Record>),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToJson, FromJson)]
#[serde(deny_unknown_fields)]
struct Record {
    one: u64,
    #[serde(rename = "t", default, skip_serializing_if = "String::is_empty")]
    two: String,
    #[serde(default, skip_serializing_if = "is_zero")]
    r#type: u64,
    word: Word,
    pairs: Vec<(String, u64)>,
    #[serde(default)]
    three: Option<Word>,
    #[serde(skip)]
    local: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToJson, FromJson)]
#[serde(rename_all = "kebab-case")]
enum Word {
    Plain,
    TwoWords,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToJson, FromJson)]
#[serde(transparent)]
struct Inner(String);

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToJson, FromJson)]
#[serde(rename_all = "camelCase", default)]
struct Loose {
    first_name: Option<String>,
    last_name: String,
    count: u32,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToJson, FromJson)]
#[serde(untagged)]
enum OneOrMany {
    One(Inner),
    Many(Vec<String>),
}

#[derive(Clone, Debug, PartialEq, Serialize, ToJson)]
#[serde(rename_all = "kebab-case", tag = "event")]
enum Event {
    SignedIn { session: String },
    SignedOut { session: String, after: u64 },
}

fn words() -> impl Strategy<Value = Word> {
    prop_oneof![Just(Word::Plain), Just(Word::TwoWords)]
}

fn records() -> impl Strategy<Value = Record> {
    let pairs = prop::collection::vec((any::<String>(), any::<u64>()), 0..3);
    let three = prop::option::of(words());
    (any::<u64>(), any::<String>(), 0_u64..2, words(), pairs, three)
        .prop_map(|(one, two, r#type, word, pairs, three)| Record { one, two, r#type, word, pairs, three, local: None })
}

fn shapes() -> impl Strategy<Value = Shape> {
    let leaf = prop_oneof![
        Just(Shape::Dot),
        any::<String>().prop_map(Shape::Text),
        (any::<u8>(), any::<Option<bool>>()).prop_map(|(one, two)| Shape::Pair(one, two)),
        prop::collection::btree_map(any::<String>(), any::<u64>(), 0..3).prop_map(Shape::Map),
        records().prop_map(|record| Shape::Renamed(Box::new(record))),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        let more = prop::collection::vec(inner, 0..3);
        (any::<i64>(), any::<Option<String>>(), more).prop_map(|(at, maybe, more)| Shape::Named { at, maybe, more })
    })
}

/// The same of both readers: a value, or none.
fn same<T: FromJson + for<'de> Deserialize<'de> + PartialEq + core::fmt::Debug>(text: &str) -> Option<T> {
    let ours = from_str::<T>(text).ok();
    assert_eq!(ours, serde_json::from_str(text).ok(), "{text}");
    ours
}

proptest! {
    #[test]
    fn what_is_written_is_what_serde_writes_and_is_read_again(shape in shapes(), pretty in any::<bool>()) {
        let text = to_string(&shape);
        prop_assert_eq!(&text, &serde_json::to_string(&shape).unwrap());
        let text = if pretty { serde_json::to_string_pretty(&shape).unwrap() } else { text };
        prop_assert_eq!(from_str::<Shape>(&text), Ok(shape));
        prop_assert_eq!(to_string(&from_str::<Value>(&text).unwrap()), serde_json::to_string(&from_str::<Shape>(&text).unwrap()).unwrap());
    }

    /// A text that was written, with a piece put in another's place, is read by both alike.
    #[test]
    fn a_changed_text_is_read_as_serde_reads_it(record in records(), at in any::<prop::sample::Index>(), len in 0_usize..4, piece in prop::sample::select(vec![
        "", "\"", ",", "{", "}", "[", "]", ":", "null", "0", "-1", "1", "\"t\":\"\"", "\"one\":1,", "\"two\":1,", "\"plain\"", "{\"plain\":null}", " ",
    ])) {
        let text = serde_json::to_string(&Shape::Renamed(Box::new(record))).unwrap();
        let chars: Vec<char> = text.chars().collect();
        let at = at.index(chars.len());
        let changed: String = chars[..at].iter().chain(piece.chars().collect::<Vec<_>>().iter()).chain(chars.get(at + len..).unwrap_or_default()).collect();
        // serde reads a struct from a list, too; the pieces make none of six members.
        same::<Shape>(&changed);
    }

    /// Pieces of JSON in any order: what this reader takes, serde_json takes, and the same.
    #[test]
    fn it_takes_nothing_that_serde_json_refuses(pieces in prop::collection::vec(prop::sample::select(vec![
        "{", "}", "[", "]", ":", ",", "\"a\"", "\"\\u00e9\"", "\"\\ud83d\\ude00\"", "\"\\ud83d\"", "\"\u{1}\"", "1", "-1", "01", "1.5", "1e2", "-", "true",
        "nul", "null", " ", "\n", "\"", "x", "18446744073709551616",
    ]), 0..9)) {
        let text = pieces.concat();
        let read = from_str::<Value>(&text);
        let ignored = serde_json::from_str::<serde::de::IgnoredAny>(&text).is_ok() && !text.contains("ud83d\"");
        prop_assert_eq!(read.is_ok(), ignored, "{}", text);
        prop_assert_eq!(from_str::<Ignored>(&text).is_ok(), ignored, "{}", text);
        if let Some(value) = read.ok().filter(|value| !value.has_double()) {
            let again: serde_json::Value = serde_json::from_str(&to_string(&value)).unwrap();
            prop_assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap(), again, "{}", text);
        }
    }
}

#[test]
fn a_struct_is_an_object_with_its_keys_alone() {
    let head = r#""word":"plain","pairs":[]"#;
    assert!(same::<Record>(&format!(r#" {{ "one" : 1 , {head} }} "#)).is_some());
    assert!(same::<Record>(&format!(r#"{{"t":"x","one":1,{head},"three":null}}"#)).is_some());
    assert!(same::<Record>(&format!(r#"{{"\u006fne":1,{head},"three":"two-words"}}"#)).is_some());
    for wrong in [
        format!(r#"{{"one":1,{head},"four":1}}"#), // unknown
        format!(r#"{{"one":1,{head},"local":1}}"#),
        format!(r#"{{"one":1,"one":2,{head}}}"#), // twice
        format!(r#"{{"one":1,{head},"three":null,"three":null}}"#),
        format!(r#"{{"one":1,"\u006fne":2,{head}}}"#),
        format!("{{{head}}}"),
        format!(r#"{{"one":-1,{head}}}"#),
        format!(r#"{{"one":1.0,{head}}}"#),
        format!(r#"{{"one":"1",{head}}}"#),
        format!(r#"{{"one":1,{head},}}"#),
        format!(r#"{{"one":1,{head}}}x"#),
        format!(r#"{{"one":1,{head}"#),
        format!("{{one:1,{head}}}"),
        String::new(),
        "null".into(),
    ] {
        assert_eq!(same::<Record>(&wrong), None, "{wrong}");
    }
    assert_eq!(from_str::<Record>(r#"[1,"",0,"plain",[],null]"#).ok(), None, "serde reads a list");
    let more = r#"{"a":[1.5e3,{"b":[]},"\u00e9",null,true],"lastName":"x","z":{}}"#;
    assert_eq!(same(more), Some(Loose { last_name: "x".into(), ..Loose::default() }));
    assert_eq!(same("{}"), Some(Loose::default()));
}

#[test]
fn the_ways_of_an_enum() {
    for text in [
        r#""Dot""#,
        r#"{"Dot":null}"#,
        r#"{"Text":"a"}"#,
        r#"{"Pair":[1,null]}"#,
        r#"{"Named":{"at":-1,"more":[]}}"#,
        r#"{"Map":{"a":1,"a":2}}"#,
        r#"{ "Map" : { } } "#,
    ] {
        assert!(same::<Shape>(text).is_some(), "{text}");
    }
    for text in [
        r#""Text""#,
        r#""dot""#,
        r#"{"Dot":1}"#,
        r#"{"Renamed":null}"#,
        r#"{"Text":"a","Dot":null}"#,
        r#"{"Text":null}"#,
        r#"{"Pair":[1]}"#,
        r#"{"Pair":[256,null]}"#,
        r#"{"Pair":[1,true,2]}"#,
        r#"{"Named":{"at":1}}"#,
        r#"{"Text":"a""#,
        "{}",
        "1",
    ] {
        assert_eq!(same::<Shape>(text), None, "{text}");
    }
    assert_eq!(same(r#""a""#), Some(OneOrMany::One(Inner("a".into()))));
    assert_eq!(same(r#"["a","b"]"#), Some(OneOrMany::Many(vec!["a".into(), "b".into()])));
    assert_eq!(same::<OneOrMany>(r#"["a",1]"#), None);
    assert_eq!(same::<Word>(r#""two-words""#), Some(Word::TwoWords));
    for event in [
        Event::SignedIn { session: "\u{7f}\u{1}\n\"\\ü".into() },
        Event::SignedOut { session: String::new(), after: u64::MAX },
    ] {
        assert_eq!(to_string(&event), serde_json::to_string(&event).unwrap());
    }
    let loose = Loose { first_name: Some("a".into()), last_name: "b".into(), count: 3 };
    assert_eq!(to_string(&loose), serde_json::to_string(&loose).unwrap());
}

#[test]
fn a_deep_text_is_refused() {
    let deep = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
    let read = |levels| (from_str::<Value>(&deep(levels)).is_ok(), from_str::<Ignored>(&deep(levels)).is_ok());
    assert_eq!(read(100), (true, true));
    assert_eq!(read(101), (false, false));
    assert_eq!(read(100_000), (false, false));
}

#[test]
fn many_beside_each_other_are_not_deep() {
    let words = vec![Word::TwoWords; 1_000];
    assert_eq!(same(&serde_json::to_string(&words).unwrap()), Some(words));
}

#[test]
fn a_string_is_read_with_each_escape_and_no_half_of_a_pair() {
    for (text, want) in [
        (r#""\"\\\/\b\f\n\r\t""#, Some("\"\\/\u{8}\u{c}\n\r\t")),
        (r#""\u00e9\ud83d\ude00\udbff\udfff""#, Some("\u{e9}\u{1f600}\u{10ffff}")),
        (r#""\ud83d\ue000""#, None),
        (r#""\ud83d\udbff""#, None),
        (r#""\ude00""#, None),
        (r#""\x""#, None),
    ] {
        assert_eq!(from_str::<String>(text).ok().as_deref(), want, "{text}");
    }
}

#[test]
fn members_of_one_name_are_seen_at_any_depth() {
    for (text, wanted) in
        [(r#"{"a":1,"b":1}"#, false), (r#"[{"a":1},{"a":1}]"#, false), (r#"{"b":[{"a":1,"a":2}]}"#, true)]
    {
        assert_eq!(from_str::<Value>(text).unwrap().has_double(), wanted, "{text}");
    }
}
