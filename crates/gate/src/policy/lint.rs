//! All that is wrong in a policy at once, each with its line and a suggestion: for `check-policy`, never in the Worker.

use serde_json::Value;
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{Policy, Problem, RawPolicy, source};
use crate::http::address::host_of;

/// More than anyone repairs at once; it also ends the search where a placeholder does not help.
const MAX_PROBLEMS: usize = 100;
/// Edits by which a key or a word may be misspelt.
const MAX_EDITS: usize = 3;

/// What is wrong with a policy, in the order of its lines; nothing for one that [`Policy::parse`] takes.
pub fn lint(text: &str) -> Vec<Problem> {
    let is_json = text.trim_start().starts_with('{');
    if !is_json {
        let (_, errors) = DeTable::parse_recoverable(text);
        if !errors.is_empty() {
            return errors.iter().map(|error| syntax(text, error)).collect();
        }
    }
    let mut tree = match source::tree(text) {
        Ok(tree) => tree,
        Err(problem) => return vec![problem],
    };
    let (mut problems, mut places) = (Vec::new(), Vec::new());
    let raw = loop {
        match serde_path_to_error::deserialize::<_, RawPolicy>(&tree) {
            Ok(raw) => break Some(raw),
            Err(error) => {
                let path = error.path().clone();
                let (problem, place, repaired) = judged(&path, &error.into_inner().to_string(), &mut tree);
                // A placeholder that is wrong itself is nobody's mistake.
                if !places.contains(&place) {
                    problems.push(problem);
                }
                places.push(place);
                if !repaired || places.len() == MAX_PROBLEMS {
                    break None;
                }
            }
        }
    };
    if let Some(raw) = raw {
        let found = match Policy::try_from(raw) {
            Ok(policy) => {
                let known: Vec<_> = policy.sites.iter().map(|site| host_of(&site.public)).collect();
                if known.is_empty() { Vec::new() } else { policy.unknown_hosts(&known) }
            }
            Err(found) => found,
        };
        // A placeholder for a wrong value is not judged.
        problems.extend(found.into_iter().filter(|problem| !places.iter().any(|place| problem.at.starts_with(place))));
    }
    if !is_json && let Ok(table) = DeTable::parse(text) {
        for problem in &mut problems {
            problem.line = problem.line.or_else(|| Some(line_of(text, table.get_ref(), &problem.at)));
        }
    }
    problems.sort_by_key(|problem| problem.line);
    problems
}

fn syntax(text: &str, error: &toml::de::Error) -> Problem {
    let line = error.span().map(|span| line_at(text, span.start));
    Problem { line, ..Problem::new("", error.message().to_owned()) }
}

fn line_at(text: &str, at: usize) -> usize {
    text.get(..at).map_or(1, |before| before.matches('\n').count() + 1)
}

/// What serde's message says in words of ours, and the place that it is about. There the tree is repaired, so that the next
/// problem shows; `false` where that is not possible.
fn judged(path: &serde_path_to_error::Path, message: &str, tree: &mut Value) -> (Problem, String, bool) {
    let at = path.to_string();
    let words: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    let (given, known) = words.split_first().map_or(("", &[][..]), |(given, known)| (*given, known));
    if message.starts_with("missing field") {
        let what = format!("the key `{given}` is missing");
        let repaired = placeholder(&at, given).is_some_and(|value| insert(tree, &at, given, value));
        let place = format!("{at}.{given}");
        return (Problem::new(at, what), place, repaired);
    }
    let what = if message.starts_with("unknown field") {
        let near = suggestion(given, known).unwrap_or_else(|| format!("; known are {}", known.join(", ")));
        format!("there is no such key here{near}")
    } else if message.starts_with("unknown variant") {
        let near = suggestion(given, known).unwrap_or_default();
        format!("\"{given}\" is none of {}{near}", known.join(", "))
    } else if message.contains("untagged enum OneOrMany") {
        "must be a text, or a list of texts".into()
    } else if message.contains("untagged enum RawHeader") {
        "must be a text, a list of texts, or { from = …, list = true }".into()
    } else {
        let plain = message.replace("u64", "a whole number").replace("usize", "a whole number");
        plain.replace("a sequence", "a list").replace("a map", "a table")
    };
    let repaired = repair(tree, &at);
    (Problem::new(at.clone(), what), at, repaired)
}

/// The known word that was meant, if one is near. A word of which less than half is right is another word.
fn suggestion(given: &str, known: &[&str]) -> Option<String> {
    let (edits, word) = known.iter().map(|word| (strsim::osa_distance(given, word), *word)).min()?;
    (edits <= MAX_EDITS && edits * 2 < word.len()).then(|| format!("; did you mean `{word}`?"))
}

/// A value that is good for a required key, so that the rest can be read.
fn placeholder(table: &str, key: &str) -> Option<Value> {
    Some(match key {
        "path" => "/".into(),
        "access" => "login".into(),
        "public_url" => "https://placeholder.invalid".into(),
        "origin" => "zone".into(),
        "from" => serde_json::json!(["placeholder"]),
        "list" => true.into(),
        "header" => "x-placeholder".into(),
        "values" if table == "cas.mfa_attribute" => "placeholder".into(),
        "values" => serde_json::json!({ "placeholder": "placeholder" }),
        "factor" => "off".into(),
        "handler" | "name" => "placeholder".into(),
        _ => return None,
    })
}

/// Puts a placeholder in the place of a wrong value, or takes it out.
fn repair(tree: &mut Value, at: &str) -> bool {
    let (parent, last) = at.rsplit_once('.').unwrap_or(("", at));
    let Some(table) = node(tree, parent).and_then(Value::as_object_mut) else { return false };
    match placeholder(parent, last) {
        Some(value) if table.get(last).is_some_and(|given| *given != value) => {
            table.insert(last.to_owned(), value).is_some()
        }
        _ => table.remove(last).is_some(),
    }
}

fn insert(tree: &mut Value, at: &str, key: &str, value: Value) -> bool {
    let table = node(tree, if at == "." { "" } else { at }).and_then(Value::as_object_mut);
    table.is_some_and(|table| table.insert(key.to_owned(), value).is_none())
}

/// The parts of `rule[0].path`: names and numbers.
fn parts(at: &str) -> impl Iterator<Item = &str> {
    at.split(['.', '[', ']']).filter(|part| !part.is_empty())
}

fn node<'t>(tree: &'t mut Value, at: &str) -> Option<&'t mut Value> {
    parts(at).try_fold(tree, |value, part| match value {
        Value::Array(list) => list.get_mut(part.parse::<usize>().ok()?),
        Value::Object(table) => table.get_mut(part),
        _ => None,
    })
}

/// The line of a key; that of the nearest table around it where the key is missing.
fn line_of(text: &str, table: &DeTable<'_>, at: &str) -> usize {
    let mut place = 0;
    let mut table = Some(table);
    let mut list: Option<&toml::de::DeArray<'_>> = None;
    for part in parts(at) {
        let value: Option<&Spanned<DeValue<'_>>> = match (table, list) {
            (Some(table), _) => {
                let entry = table.iter().find(|(key, _)| key.get_ref() == part);
                // The line of the key, as the value may begin further down.
                place = entry.map_or(place, |(key, _)| key.span().start);
                entry.map(|(_, value)| value)
            }
            (None, Some(list)) => {
                let value = part.parse::<usize>().ok().and_then(|at| list.get(at));
                place = value.map_or(place, |value| value.span().start);
                value
            }
            (None, None) => None,
        };
        (table, list) = match value.map(Spanned::get_ref) {
            Some(DeValue::Table(inner)) => (Some(inner), None),
            Some(DeValue::Array(inner)) => (None, Some(inner)),
            _ => (None, None),
        };
    }
    line_at(text, place)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<String> {
        lint(text)
            .into_iter()
            .map(|problem| format!("{} {}: {}", problem.line.unwrap_or(0), problem.at, problem.what))
            .collect()
    }

    #[test]
    fn every_problem_is_told_at_once_with_its_line_and_a_suggestion() {
        let text = "orign_auth = \"mtls\"\n\n[session]\nidle = 5\nabsolute_secs = \"ten hours\"\n\n[[rule]]\npaths = \"/a\"\naccess = \"pubic\"\n\n\
                    [[rule]]\npath = \"/x/../y\"\nacess = \"login\"\n\n[headers]\nRemote-Groups = { form = \"a\", list = true }\nRemote-User = \"uid\"\n";
        assert_eq!(
            told(text),
            [
                "1 orign_auth: there is no such key here; did you mean `origin_auth`?",
                "4 session.idle: there is no such key here; known are idle_secs, absolute_secs, revalidate_secs, revalidate_grace_secs, max_socket_age_secs, clear_site_data",
                "5 session.absolute_secs: invalid type: string \"ten hours\", expected a whole number",
                "7 rule[0]: the key `path` is missing",
                "8 rule[0].paths: there is no such key here; did you mean `path`?",
                "9 rule[0].access: \"pubic\" is none of public, optional, login, fresh; did you mean `public`?",
                "11 rule[1]: the key `access` is missing",
                "12 rule[1].path: \"/x/../y\" is not in its simplest form: no doubled slash, no dot segment",
                "13 rule[1].acess: there is no such key here; did you mean `access`?",
                "16 headers.Remote-Groups: must be a text, a list of texts, or { from = …, list = true }",
                "17 headers.Remote-User: this header has a meaning of its own",
            ]
        );
    }

    #[test]
    fn what_follows_a_missing_key_is_told_too() {
        let last = "\n[[rule]]\npath = \"/x/../y\"\naccess = \"login\"\n";
        let factor = "\n[factor]\nmode = \"off\"\ntenant_id = \"t\"\ncas_id = \"c\"\nuser_key = \"cas:user\"";
        for (text, missing) in [
            ("[[site]]\norigin = \"zone\"", "1 site[0]: the key `public_url` is missing"),
            ("[[site]]\npublic_url = \"https://a\"", "1 site[0]: the key `origin` is missing"),
            ("[attributes.group]\nunmapped = \"keep\"", "1 attributes.group: the key `values` is missing"),
            (
                &format!("[cas.mfa_attribute]\nname = \"acr\"{factor}"),
                "1 cas.mfa_attribute: the key `values` is missing",
            ),
            (
                &format!("[cas.mfa_attribute]\nvalues = \"mfa\"{factor}"),
                "1 cas.mfa_attribute: the key `name` is missing",
            ),
            ("[peer]\nheader = \"X-Real-IP\"", "1 peer: the key `from` is missing"),
            ("factor = \"required\"\n# a word, no table", "1 factor: invalid type: string \"required\""),
            ("[peer]\nfrom = [\"10.0.0.1\"]", "1 peer: the key `header` is missing"),
        ] {
            let rest = " rule[0].path: \"/x/../y\" is not in its simplest form: no doubled slash, no dot segment";
            let told = told(&format!("{text}{last}"));
            assert!(
                matches!(told.as_slice(), [first, second] if first.starts_with(missing) && second.ends_with(rest)),
                "{text}: {told:?}"
            );
        }
    }

    #[test]
    fn a_short_word_is_no_misspelling_of_another() {
        let told = told("[[rule]]\npath = \"/\"\naccess = \"login\"\nxyz = 1");
        assert!(
            matches!(told.as_slice(), [one] if one.starts_with("4 rule[0].xyz: there is no such key here; known are path, ")),
            "{told:?}"
        );
    }

    #[test]
    fn broken_toml_and_json_say_where() {
        assert_eq!(told("a = \nb = 1\nc = [").len(), 2, "{:?}", told("a = \nb = 1\nc = ["));
        assert!(told("a = 1\nb = \n").iter().all(|problem| problem.starts_with("2 ")));
        assert!(told("{\"rule\":").first().is_some_and(|problem| problem.contains("line 1")));
        assert_eq!(told("{\"rules\":[]}"), ["0 rules: there is no such key here; did you mean `rule`?"]);
    }

    #[test]
    fn a_good_policy_has_no_problem() {
        for text in ["", "{}", "[[rule]]\npath = \"/*\"\naccess = \"login\""] {
            assert_eq!(told(text), [""; 0], "{text}");
        }
    }
}
