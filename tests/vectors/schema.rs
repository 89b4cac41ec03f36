//! The JSON Schema of the policy, for tests.

use serde_json::{Map, Value};

/// Whether a policy that the gate takes, in JSON, fits `worker/policy.schema.json`.
pub fn takes(policy: &str) -> bool {
    let schema = include_str!("../../worker/policy.schema.json");
    let [policy, schema]: [Value; 2] = [policy, schema].map(|text| serde_json::from_str(text).expect("JSON"));
    fits(&policy, &schema, &schema)
}

/// Whether a value fits a schema, which is a part of `whole`. As much of a validator as the policy's schema needs: an unknown word of a
/// schema is an error, so that nothing is passed over.
pub fn fits(value: &Value, schema: &Value, whole: &Value) -> bool {
    schema.as_object().expect("a schema").iter().all(|(word, wants)| match word.as_str() {
        "$schema" | "title" | "description" | "definitions" | "required" if word != "required" => true,
        "required" => wants.as_array().unwrap().iter().all(|key| value.get(key.as_str().unwrap()).is_some()),
        "$ref" => fits(value, whole.pointer(&wants.as_str().unwrap()[1..]).unwrap(), whole),
        "allOf" => wants.as_array().unwrap().iter().all(|one| fits(value, one, whole)),
        "anyOf" => wants.as_array().unwrap().iter().any(|one| fits(value, one, whole)),
        "enum" => wants.as_array().unwrap().contains(value),
        "minimum" => value.as_u64().is_some(),
        "items" => value.as_array().unwrap_or(&Vec::new()).iter().all(|item| fits(item, wants, whole)),
        "type" => match wants.as_str().unwrap() {
            "object" => value.is_object(),
            "array" => value.is_array(),
            "string" => value.is_string(),
            "boolean" => value.is_boolean(),
            "integer" => value.is_i64() || value.is_u64(),
            other => panic!("type {other}"),
        },
        "properties" => value
            .as_object()
            .unwrap_or(&Map::new())
            .iter()
            .all(|(key, inner)| wants.get(key).is_none_or(|schema| fits(inner, schema, whole))),
        "additionalProperties" => value.as_object().unwrap_or(&Map::new()).iter().all(|(key, inner)| {
            let known = schema.get("properties").is_some_and(|known| known.get(key).is_some());
            known || wants.as_bool().unwrap_or_else(|| fits(inner, wants, whole))
        }),
        other => panic!("the validator does not know {other}"),
    })
}
