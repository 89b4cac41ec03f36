//! Checks all dependencies against `.deny.toml`: the crates of `Cargo.lock`, the packages of the npm lock files, and
//! the Python requirements of the tests.

use serde_json::Value;
use toml::Table;

use super::{
    Found, Report, files, spdx,
    tree::{self, Metadata},
};
use crate::run::{Outcome, root, text};

struct Policy {
    licences: Vec<String>,
    exceptions: Vec<(String, Vec<String>)>,
    npm_licences: Vec<String>,
    registries: Vec<String>,
    banned: Vec<(String, String)>,
}

pub(crate) fn run() -> Found {
    let policy = Policy::read(&text(&root().join(".deny.toml"))?)?;
    let mut wrong = Vec::new();
    for target in [tree::HOST, tree::WASM] {
        crates(&policy, &Metadata::read(target)?, &mut wrong);
    }
    lock(&policy, &text(&root().join("Cargo.lock"))?, &mut wrong);
    for file in files::files(|path| files::name(path) == "package-lock.json")? {
        npm(&policy, &file, &mut wrong)?;
    }
    for file in files::files(|path| files::name(path) == "requirements.txt")? {
        requirements(&file, &mut wrong);
    }
    wrong.sort();
    wrong.dedup();
    Ok(Report::new("Choose another package, or give the reason for an exception in .deny.toml.", wrong))
}

impl Policy {
    fn read(text: &str) -> Outcome<Self> {
        let table: Table = text.parse().map_err(|e| format!(".deny.toml: {e}"))?;
        let at = |path: [&str; 2]| table.get(path[0]).and_then(|t| t.get(path[1]));
        let strings = |path: [&str; 2]| -> Outcome<Vec<String>> {
            let list =
                at(path).and_then(toml::Value::as_array).ok_or(format!(".deny.toml: {} is missing", path.join(".")))?;
            list.iter()
                .map(|v| v.as_str().map(str::to_owned).ok_or(format!(".deny.toml: {}", path.join("."))))
                .collect()
        };
        let rows = |path: [&str; 2]| at(path).and_then(toml::Value::as_array).cloned().unwrap_or_default();
        let word =
            |row: &toml::Value, key: &str| row.get(key).and_then(toml::Value::as_str).unwrap_or_default().to_owned();
        let exceptions = rows(["licenses", "exceptions"]);
        let exceptions = exceptions.iter().map(|row| {
            let allow = row.get("allow").and_then(toml::Value::as_array).cloned().unwrap_or_default();
            (word(row, "crate"), allow.iter().filter_map(|v| v.as_str().map(str::to_owned)).collect())
        });
        let banned = rows(["bans", "deny"]);
        Ok(Self {
            licences: strings(["licenses", "allow"])?,
            exceptions: exceptions.collect(),
            npm_licences: strings(["npm", "allow"])?,
            registries: strings(["sources", "allow-registry"])?,
            banned: banned.iter().map(|row| (word(row, "crate"), word(row, "reason"))).collect(),
        })
    }
}

fn crates(policy: &Policy, metadata: &Metadata, wrong: &mut Vec<String>) {
    for package in metadata.packages() {
        let (name, licence) = (package.name, package.licence.unwrap_or("no licence"));
        let mut allowed = policy.licences.clone();
        allowed.extend(policy.exceptions.iter().filter(|(c, _)| c == name).flat_map(|(_, more)| more.clone()));
        if !spdx::holds(licence, &allowed) {
            wrong.push(format!("crate {name}: {licence}"));
        }
        if let Some((_, reason)) = policy.banned.iter().find(|(banned, _)| banned == name) {
            wrong.push(format!("crate {name} is banned: {reason}"));
        }
    }
}

/// Every crate of the lock file, including those of other platforms, comes from an allowed registry.
fn lock(policy: &Policy, lock: &str, wrong: &mut Vec<String>) {
    let sources = lock.lines().filter_map(|line| line.strip_prefix("source = "));
    for source in sources.map(|s| s.trim_matches('"')) {
        let registry = source.strip_prefix("registry+").unwrap_or(source);
        if !policy.registries.iter().any(|allowed| allowed == registry) {
            wrong.push(format!("Cargo.lock: {source}"));
        }
    }
}

fn npm(policy: &Policy, file: &files::File, wrong: &mut Vec<String>) -> Outcome {
    let lock: Value = serde_json::from_str(&file.text).map_err(|e| format!("{}: {e}", file.path))?;
    let packages = lock.get("packages").and_then(Value::as_object).ok_or(format!("{}: no packages", file.path))?;
    for (place, package) in packages.iter().filter(|(place, _)| !place.is_empty()) {
        let word = |key: &str| package.get(key).and_then(Value::as_str);
        if package.get("link").and_then(Value::as_bool) == Some(true) {
            continue;
        }
        let name = place.rsplit("node_modules/").next().unwrap_or(place);
        match word("license") {
            Some(licence) if spdx::holds(licence, &policy.npm_licences) => {}
            licence => wrong.push(format!("{}: {name}: {}", file.path, licence.unwrap_or("no licence"))),
        }
        if word("resolved").is_some() {
            wrong.push(format!("{}: {name} names a host; the lock file must work with any registry", file.path));
        }
        if word("integrity").is_none() {
            wrong.push(format!("{}: {name} has no integrity hash", file.path));
        }
    }
    Ok(())
}

/// Every requirement has an exact version and a hash, and none has a URL.
fn requirements(file: &files::File, wrong: &mut Vec<String>) {
    let joined = file.text.replace("\\\n", " ");
    for line in joined.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if !line.contains("==") || !line.contains("--hash=sha256:") || line.contains("://") {
            let name = line.split([' ', '=']).next().unwrap_or_default();
            wrong.push(format!("{}: {name} is not pinned with a hash", file.path));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy() -> Policy {
        let text = r#"
            [licenses]
            allow = ["MIT"]
            exceptions = [{ crate = "odd", allow = ["Zlib"] }]
            [sources]
            allow-registry = ["https://example.org/index"]
            [npm]
            allow = ["MIT"]
            [bans]
            deny = [{ crate = "bad", reason = "it is" }]
        "#;
        Policy::read(text).expect("a policy")
    }

    fn found(check: impl Fn(&mut Vec<String>)) -> usize {
        let mut wrong = Vec::new();
        check(&mut wrong);
        wrong.len()
    }

    #[test]
    fn crates_from_other_sources_fail() {
        let rows = [
            ("source = \"registry+https://example.org/index\"", 0),
            ("source = \"registry+https://elsewhere.example/index\"", 1),
            ("source = \"git+https://example.org/index\"", 1),
        ];
        for (lock_file, expect) in rows {
            assert_eq!(found(|wrong| lock(&policy(), lock_file, wrong)), expect, "{lock_file}");
        }
    }

    #[test]
    fn npm_packages_without_licence_or_hash_fail() {
        let rows = [
            (r#"{"license":"MIT","integrity":"sha512-x"}"#, 0),
            (r#"{"license":"GPL-3.0","integrity":"sha512-x"}"#, 1),
            (r#"{"integrity":"sha512-x"}"#, 1),
            (r#"{"license":"MIT"}"#, 1),
            (r#"{"license":"MIT","integrity":"sha512-x","resolved":"https://example.org/x.tgz"}"#, 1),
            (r#"{"link":true}"#, 0),
        ];
        for (package, expect) in rows {
            let text = format!(r#"{{"packages":{{"":{{}},"node_modules/x":{package}}}}}"#);
            let file = files::File { path: "package-lock.json".into(), text };
            assert_eq!(found(|wrong| npm(&policy(), &file, wrong).expect("a lock file")), expect, "{package}");
        }
    }

    #[test]
    fn requirements_without_hash_fail() {
        let rows = [
            ("# a comment\nx==1 \\\n    --hash=sha256:00\n", 0),
            ("x==1\n", 1),
            ("x>=1 --hash=sha256:00\n", 1),
            ("x==1 @ https://example.org/x.whl --hash=sha256:00\n", 1),
        ];
        for (text, expect) in rows {
            let file = files::File { path: "requirements.txt".into(), text: text.into() };
            assert_eq!(found(|wrong| requirements(&file, wrong)), expect, "{text}");
        }
    }
}
