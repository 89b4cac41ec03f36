//! The JSON Schema of the policy, for editors, made from the types that read it: the structs and enums below
//! `crates/gate/src/policy/`. It knows the keys, their types and words. What belongs together is for `check-policy`.

use serde_json::{Map, Value, json};

use crate::run::{Outcome, root, text};

/// The generated file.
pub(crate) const FILE: &str = "worker/policy.schema.json";

/// The sources of the types, and the type of the whole file.
const SOURCES: [&str; 3] = ["raw.rs", "demand.rs", "factor.rs"];
const WHOLE: &str = "RawPolicy";

/// The schema's text.
pub(crate) fn generate() -> Outcome<String> {
    let mut types = Map::new();
    for file in SOURCES {
        read(&text(&root().join("crates/gate/src/policy").join(file))?, &mut types);
    }
    let mut whole = types.remove(WHOLE).ok_or("the policy has no type of its whole")?;
    let mut used = Map::new();
    collect(&whole, &types, &mut used)?;
    let object = whole.as_object_mut().ok_or("the policy is no table")?;
    object.insert("$schema".into(), "http://json-schema.org/draft-07/schema#".into());
    object.insert("title".into(), "The policy of a Portcullis gate".into());
    object.insert("definitions".into(), Value::Object(used));
    serde_json::to_string_pretty(&whole).map(|text| text + "\n").map_err(|e| e.to_string())
}

/// The types that a schema refers to, and those that they refer to.
fn collect(schema: &Value, types: &Map<String, Value>, used: &mut Map<String, Value>) -> Outcome {
    match schema {
        Value::Object(object) => {
            if let Some(name) = object.get("$ref").and_then(Value::as_str).and_then(|path| path.rsplit('/').next())
                && !used.contains_key(name)
            {
                let found = types.get(name).ok_or_else(|| format!("the schema knows no type {name}"))?;
                used.insert(name.to_owned(), found.clone());
                collect(found, types, used)?;
            }
            object.values().try_for_each(|value| collect(value, types, used))
        }
        Value::Array(list) => list.iter().try_for_each(|value| collect(value, types, used)),
        _ => Ok(()),
    }
}

/// A struct or enum that is being read.
#[derive(Default)]
struct Open {
    name: String,
    is_enum: bool,
    docs: String,
    attributes: String,
    fields: Map<String, Value>,
    required: Vec<Value>,
    choices: Vec<Value>,
}

/// Adds the schema of each struct and enum of a source that serde reads.
fn read(source: &str, types: &mut Map<String, Value>) {
    let (mut docs, mut attributes, mut open): (String, String, Option<Open>) = Default::default();
    for line in source.lines().map(str::trim) {
        if let Some(doc) = line.strip_prefix("///") {
            docs = format!("{docs}{doc}").trim().to_owned();
        } else if line.starts_with("#[") {
            attributes += line;
        } else if line == "}" {
            if let Some(open) = open.take() {
                types.insert(open.name.clone(), open.schema());
            }
        } else {
            let (docs, attributes) = (core::mem::take(&mut docs), core::mem::take(&mut attributes));
            if let Some(open) = &mut open {
                open.add(line.trim_end_matches(','), &docs, &attributes);
            } else if attributes.contains("Deserialize")
                && let Some((head, name)) = line.trim_end_matches(" {").rsplit_once(' ')
                && (head.ends_with("struct") || head.ends_with("enum"))
            {
                let (name, is_enum) = (name.to_owned(), head.ends_with("enum"));
                open = Some(Open { name, is_enum, docs, attributes, ..Open::default() });
            }
        }
    }
}

impl Open {
    /// One field, or one variant.
    fn add(&mut self, line: &str, docs: &str, attributes: &str) {
        let renamed = attributes.split_once("rename = \"").and_then(|(_, rest)| rest.split('"').next());
        if self.is_enum {
            let (name, content) = line.split_once('(').unwrap_or((line, ""));
            if name.is_empty() || name.starts_with("//") {
                return;
            }
            self.choices.push(match content.strip_suffix(')') {
                Some(kind) => schema_of(kind),
                None => renamed.map_or_else(|| self.word(name), str::to_owned).into(),
            });
            return;
        }
        let field = line.rsplit_once("pub ").map_or(line, |(_, field)| field);
        let Some((name, kind)) = field.split_once(": ") else { return };
        let name = renamed.unwrap_or(name);
        let optional =
            kind.starts_with("Option<") || attributes.contains("default") || self.attributes.contains("default)");
        if !optional {
            self.required.push(name.into());
        }
        // A reference stands alone in this draft: what is beside it does not count.
        let schema = match schema_of(kind) {
            reference if reference.get("$ref").is_some() => json!({ "allOf": [reference] }),
            plain => plain,
        };
        self.fields.insert(name.to_owned(), described(schema, docs));
    }

    /// A variant as serde writes it.
    fn word(&self, name: &str) -> String {
        let kebab = self.attributes.contains("kebab-case");
        let mut word = String::new();
        for letter in name.chars() {
            if kebab && letter.is_uppercase() && !word.is_empty() {
                word.push('-');
            }
            word.push(letter.to_ascii_lowercase());
        }
        word
    }

    fn schema(self) -> Value {
        let schema = match (self.is_enum, self.choices.iter().all(Value::is_string)) {
            (true, true) => json!({ "enum": self.choices }),
            (true, false) => json!({ "anyOf": self.choices }),
            (false, _) => json!({
                "type": "object", "properties": self.fields, "required": self.required, "additionalProperties": false,
            }),
        };
        described(schema, &self.docs)
    }
}

fn described(mut schema: Value, docs: &str) -> Value {
    if let Some(object) = schema.as_object_mut().filter(|_| !docs.is_empty()) {
        object.insert("description".into(), docs.into());
    }
    schema
}

/// The schema of a Rust type.
fn schema_of(kind: &str) -> Value {
    let inside = |outer: &str| kind.strip_prefix(outer).and_then(|rest| rest.strip_suffix('>'));
    if let Some(kind) = inside("Option<") {
        return schema_of(kind);
    }
    if let Some(kind) = inside("Vec<") {
        return json!({ "type": "array", "items": schema_of(kind) });
    }
    if let Some(kind) = inside("BTreeMap<String, ") {
        return json!({ "type": "object", "additionalProperties": schema_of(kind) });
    }
    match kind {
        "String" => json!({ "type": "string" }),
        "bool" => json!({ "type": "boolean" }),
        "u64" | "usize" => json!({ "type": "integer", "minimum": 0 }),
        name => json!({ "$ref": format!("#/definitions/{name}") }),
    }
}

#[cfg(test)]
mod tests {
    use vectors::schema::fits;

    use super::*;

    fn schema() -> Value {
        serde_json::from_str(&generate().unwrap()).unwrap()
    }

    /// Every policy of the demo, the vectors and the documents.
    fn policies() -> Vec<(String, Value)> {
        let mut policies = Vec::new();
        for file in ["tests/parts/demo_policy.toml", "tests/vectors/gate/policy.toml"] {
            policies.push((file.to_owned(), text(&root().join(file)).unwrap()));
        }
        let document = text(&root().join("worker/docs/policy.md")).unwrap();
        for (at, block) in document.split("```toml\n").skip(1).enumerate() {
            policies.push((format!("policy.md, block {}", at + 1), block.split("```").next().unwrap().to_owned()));
        }
        policies
            .into_iter()
            .map(|(name, text)| (name, serde_json::to_value(text.parse::<toml::Table>().unwrap()).unwrap()))
            .collect()
    }

    /// The paths of all tables, as JSON pointers.
    fn tables(value: &Value, at: &str, found: &mut Vec<String>) {
        match value {
            Value::Object(object) => {
                found.push(at.to_owned());
                object.iter().for_each(|(key, inner)| {
                    tables(inner, &format!("{at}/{}", key.replace('~', "~0").replace('/', "~1")), found)
                });
            }
            Value::Array(list) => {
                list.iter().enumerate().for_each(|(n, inner)| tables(inner, &format!("{at}/{n}"), found))
            }
            _ => {}
        }
    }

    /// Tables whose keys are names that people choose.
    fn is_free(at: &str) -> bool {
        ["/headers", "/login_params", "/attributes", "/require", "/values", "/mfa"].iter().any(|end| at.ends_with(end))
    }

    #[test]
    fn the_known_policies_fit_and_each_misspelt_key_does_not() {
        let schema = schema();
        let (mut policies, mut misspelt) = (policies(), 0);
        assert!(policies.len() > 5, "{}", policies.len());
        for (name, policy) in &mut policies {
            assert!(fits(policy, &schema, &schema), "{name}");
            let mut found = Vec::new();
            tables(policy, "", &mut found);
            for at in found.iter().filter(|at| !is_free(at)) {
                for key in policy.pointer(at).unwrap().as_object().unwrap().keys().cloned().collect::<Vec<_>>() {
                    let mut wrong = policy.clone();
                    let table = wrong.pointer_mut(at).unwrap().as_object_mut().unwrap();
                    let value = table.remove(&key).unwrap();
                    table.insert(format!("{key}s"), value);
                    assert!(!fits(&wrong, &schema, &schema), "{name}: {at}/{key}s");
                    misspelt += 1;
                }
            }
        }
        assert!(misspelt > 40, "{misspelt}");
    }

    #[test]
    fn a08_a_refused_policy_does_not_fit_or_says_why_it_does() {
        let schema = schema();
        for row in vectors::gate::policies() {
            let tree = match row.policy.starts_with('{') {
                true => serde_json::from_str::<Value>(&row.policy).ok(),
                false => row.policy.parse::<toml::Table>().ok().and_then(|table| serde_json::to_value(table).ok()),
            };
            let fit = tree.is_none_or(|tree| fits(&tree, &schema, &schema));
            assert_eq!(fit, row.beyond.is_some(), "{}", row.policy);
        }
    }

    #[test]
    fn a_wrong_type_or_word_does_not_fit() {
        let schema = schema();
        for (policy, fit) in [
            (json!({}), true),
            (json!({ "rule": [{ "path": "/*", "access": "login" }] }), true),
            (
                json!({ "rule": [{ "path": ["/a", "/b/*"], "access": "fresh", "require": { "memberOf": ["a", "b"] } }] }),
                true,
            ),
            (json!({ "rule": [{ "path": "/*", "access": "open" }] }), false),
            (json!({ "rule": [{ "path": "/*" }] }), false),
            (json!({ "rule": [{ "path": 7, "access": "login" }] }), false),
            (json!({ "rule": { "path": "/*", "access": "login" } }), false),
            (json!({ "session": { "idle_secs": "7200" } }), false),
            (json!({ "session": { "idle_secs": -1 } }), false),
            (json!({ "origin_auth": "secret-header" }), true),
            (json!({ "origin_auth": "secretheader" }), false),
            (json!({ "factor": { "kinds": ["passkey"] } }), true),
            (json!({ "factor": { "kinds": ["key"] } }), false),
            (json!({ "headers": { "Remote-Groups": { "from": "memberOf", "list": true } } }), true),
            (json!({ "headers": { "Remote-Groups": { "form": "memberOf", "list": true } } }), false),
        ] {
            assert_eq!(fits(&policy, &schema, &schema), fit, "{policy}");
        }
    }
}
