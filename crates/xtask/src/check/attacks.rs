//! Compares the catalogue of attacks with the tests. Every id in a test name is in the catalogue. Every row of the
//! catalogue has a test, or a `later` that says what it waits for. A row with tests may say in `missing` which part of it has none.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{Found, Report, files};

const LIST: &str = "tests/vectors/attacks.json";

pub(crate) fn run() -> Found {
    let mut wrong = Vec::new();
    let list = files::files(|path| path == LIST)?;
    let list = list.first().map_or("[]", |file| file.text.as_str());
    let rows: Vec<Value> = serde_json::from_str(list).map_err(|e| format!("{LIST}: {e}"))?;
    let mut listed = BTreeMap::new();
    let mut in_part = Vec::new();
    for row in &rows {
        let word = |key: &str| row.get(key).and_then(Value::as_str).unwrap_or_default();
        let id = word("id").to_owned();
        if word("input").is_empty() || word("right").is_empty() {
            wrong.push(format!("{LIST}: {id} needs `input` and `right`"));
        }
        if id_of(&id.to_ascii_lowercase()).as_ref() != Some(&id) {
            wrong.push(format!("{LIST}: `{id}` is not an id"));
        }
        let later = row.get("later").is_some();
        if later && word("later").is_empty() {
            wrong.push(format!("{LIST}: {id}: `later` must say what the row waits for"));
        }
        if let Some(missing) = row.get("missing") {
            if later || missing.as_str().is_none_or(str::is_empty) {
                wrong.push(format!("{LIST}: {id}: `missing` must say which part of the row has no test"));
            }
            in_part.push(format!("{id} ({})", word("missing")));
        }
        if listed.insert(id.clone(), later).is_some() {
            wrong.push(format!("{LIST}: {id} is listed twice"));
        }
    }
    let mut held: BTreeMap<String, String> = BTreeMap::new();
    let tests = |path: &str| {
        let code = [".rs", ".mjs", ".py", ".json"].iter().any(|ending| path.ends_with(ending));
        code && path != LIST
            && !path.starts_with("crates/xtask/")
            && ["tests/", "crates/", "worker/", "www/"].iter().any(|folder| path.starts_with(folder))
    };
    for file in files::files(tests)? {
        for id in ids(&file.path, &file.text) {
            held.entry(id).or_insert_with(|| file.path.clone());
        }
    }
    let waiting = listed.iter().filter(|(_, later)| **later).count();
    for (id, later) in &listed {
        if !later && !held.contains_key(id) {
            wrong.push(format!("{LIST}: no test is named after {id}"));
        }
    }
    wrong.extend(
        held.iter()
            .filter(|(id, _)| !listed.contains_key(*id))
            .map(|(id, path)| format!("{path}: {id} is not in {LIST}")),
    );
    let remedy = "Begin the test's name with the id (`x04_…`), or give a vector row `\"id\": \"X4\"`, or give the row a `later`.";
    let mut report = Report::new(remedy, wrong);
    report.remarks.push(format!("{} attacks have tests, {waiting} wait", listed.len() - waiting));
    if !in_part.is_empty() {
        report.remarks.push(format!("in part: {}", in_part.join(", ")));
    }
    let done = listed.iter().filter(|(id, later)| **later && held.contains_key(*id));
    report.remarks.extend(done.map(|(id, _)| format!("{id} has a test now: remove its `later` from {LIST}")));
    Ok(report)
}

/// The ids in a file's test names and rows.
fn ids(path: &str, text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    if path.ends_with(".json") {
        // `"id": "X4"`, wherever a row has it.
        for rest in text.split("\"id\"").skip(1) {
            let value = rest.trim_start().strip_prefix(':').map(str::trim_start).and_then(|v| v.strip_prefix('"'));
            let value = value.and_then(|v| v.split('"').next()).unwrap_or_default();
            found.extend(value.split([',', ' ']).filter_map(|id| id_of(&id.to_ascii_lowercase()).filter(|i| i == id)));
        }
        return found;
    }
    // `fn x04_…` in Rust, `test("x04_…"` or a row's `id: "X4"` in JavaScript.
    for quote in ["fn ", "\"", "'", "`"] {
        for rest in text.split(quote).skip(1) {
            let name: String = rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
            if let Some((id, rest)) = name.split_once('_') {
                found.extend(id_of(id).filter(|_| !rest.is_empty() && id.len() >= 3));
            }
        }
    }
    for rest in text.split("id: \"").skip(1) {
        let id = rest.split('"').next().unwrap_or_default();
        found.extend(id_of(&id.to_ascii_lowercase()).filter(|i| i == id));
    }
    found
}

/// Normalises an id: `x04` and `x4` are `X4`. The letters, in the order below: sign-in, XML, JWT, proxies, logout,
/// headers, access, open redirects, gateway mode, time, factors, data, caches.
fn id_of(word: &str) -> Option<String> {
    let (letter, number) = word.split_at_checked(1)?;
    let known = "sxjplhaogtfdk".contains(letter);
    let digits = (1..=2).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit());
    let number: u8 = number.parse().ok()?;
    (known && digits && number > 0).then(|| format!("{}{number}", letter.to_ascii_uppercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_found_in_names_and_rows() {
        let rows = [
            ("a.rs", "fn x04_only_the_direct_child() {} fn other_x05_name() {}", vec!["X4"]),
            ("a.rs", "fn h10() {} fn sha1_of() {} fn t0_is() {}", vec![]),
            ("a.mjs", "test(\"s11_fifty_at_once\", …); test('l09_x', …); it(`k01_y`)", vec!["K1", "L9", "S11"]),
            ("a.mjs", "{ id: \"G3\", name: \"tabs\" }", vec!["G3"]),
            (
                "a.json",
                "[{\"id\": \"X4\"}, {\"id\":\"S3\"}, {\"id\": \"not one\"}, {\"id\": \"00ff\"}]",
                vec!["S3", "X4"],
            ),
        ];
        for (path, text, expect) in rows {
            assert_eq!(ids(path, text).into_iter().collect::<Vec<_>>(), expect, "{text}");
        }
    }

    #[test]
    fn an_id_has_one_spelling() {
        let rows = [
            ("x04", Some("X4")),
            ("x4", Some("X4")),
            ("s11", Some("S11")),
            ("x", None),
            ("q1", None),
            ("x004", None),
            ("x0", None),
        ];
        for (word, expect) in rows {
            assert_eq!(id_of(word).as_deref(), expect, "{word}");
        }
    }
}
