//! Checks the dependencies of the workspace's crates, from `cargo metadata`.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{Found, Report, files};
use crate::run::{Outcome, cargo, quiet};

pub(crate) const HOST: &str = "x86_64-unknown-linux-gnu";
pub(crate) const WASM: &str = "wasm32-unknown-unknown";

/// The crates of this workspace that each crate may depend on. Every crate must be listed.
const ALLOWED: &[(&str, &[&str])] = &[
    ("base", &[]),
    ("json-derive", &[]),
    ("json", &["base", "json-derive"]),
    ("otp", &["base"]),
    ("backup", &["base", "otp"]),
    ("cas", &["base", "json"]),
    ("qr", &["base"]),
    ("vault", &["base", "otp"]),
    ("gate", &["base", "cas", "json", "otp", "qr"]),
    ("js", &["backup", "base", "cas", "otp", "qr", "vault"]),
    ("portcullis-worker", &["base", "cas", "gate", "json", "otp", "qr"]),
    ("vectors", &[]),
    ("xtask", &[]),
];

/// Crates without a clock, randomness, I/O or logger, in all their dependencies.
const PURE: &[&str] = &["base", "json", "otp", "backup", "cas", "qr", "vault", "gate"];
const IMPURE: &[&str] = &[
    "getrandom",
    "rand",
    "wasm-bindgen",
    "js-sys",
    "web-sys",
    "worker",
    "log",
    "tracing",
    "tokio",
    "chrono",
    "time",
    "reqwest",
];

/// Packages that only some crates may use: (package, crates that must use it, crates that may).
const RESTRICTED: &[(&str, &[&str], &[&str])] = &[
    ("hmac", &["otp"], &["backup", "gate", "vault"]),
    ("sha1", &["otp"], &["backup", "vault"]),
    ("wasm-bindgen", &["js", "portcullis-worker"], &[]),
    ("js-sys", &["js", "portcullis-worker"], &[]),
    ("web-sys", &["portcullis-worker"], &[]),
    ("getrandom", &["js", "portcullis-worker"], &[]),
    ("serde-wasm-bindgen", &["js"], &[]),
    ("wasm-bindgen-test", &["js"], &[]),
    ("subtle", &["base", "otp"], &["backup"]),
    ("zeroize", &["base", "vault"], &["backup", "gate", "js", "otp"]),
    ("argon2", &["vault"], &["backup"]),
    ("chacha20poly1305", &["vault", "gate"], &[]),
    ("roxmltree", &["cas"], &[]),
];

/// The output of `cargo metadata`.
pub(crate) struct Metadata(Value);

/// A crate of the dependency graph, ours or another's.
pub(crate) struct Package<'a> {
    pub(crate) name: &'a str,
    pub(crate) licence: Option<&'a str>,
    id: &'a str,
    ours: bool,
    folder: &'a str,
}

impl Metadata {
    pub(crate) fn read(target: &str) -> Outcome<Self> {
        let mut command = cargo();
        command.args(["metadata", "--format-version", "1", "--locked", "--all-features", "--filter-platform", target]);
        let json = quiet("cargo metadata", &mut command)?;
        serde_json::from_slice(&json).map(Self).map_err(|e| format!("cargo metadata: {e}"))
    }

    /// The packages of the resolved graph, without those that the target does not need.
    pub(crate) fn packages(&self) -> Vec<Package<'_>> {
        let needed: BTreeSet<&str> = self.nodes().filter_map(|node| word(node, "id")).collect();
        let list = self.0.get("packages").and_then(Value::as_array).into_iter().flatten();
        list.filter_map(|package| {
            Some(Package {
                name: word(package, "name")?,
                licence: word(package, "license"),
                id: word(package, "id").filter(|id| needed.contains(id))?,
                ours: package.get("source").is_some_and(Value::is_null),
                folder: word(package, "manifest_path")?.strip_suffix("/Cargo.toml")?,
            })
        })
        .collect()
    }

    fn nodes(&self) -> impl Iterator<Item = &Value> {
        self.0.pointer("/resolve/nodes").and_then(Value::as_array).into_iter().flatten()
    }

    /// For each crate, by id, its dependencies: (id, whether for tests only).
    fn graph(&self) -> BTreeMap<&str, Vec<(&str, bool)>> {
        let edges = |node: &'_ Value| -> Vec<(String, bool)> {
            let deps = node.get("deps").and_then(Value::as_array).into_iter().flatten();
            deps.filter_map(|dep| {
                let kinds = dep.get("dep_kinds").and_then(Value::as_array)?;
                Some((word(dep, "pkg")?.to_owned(), kinds.iter().all(|k| word(k, "kind") == Some("dev"))))
            })
            .collect()
        };
        let ids: BTreeMap<String, &str> =
            self.nodes().filter_map(|n| word(n, "id")).map(|id| (id.to_owned(), id)).collect();
        self.nodes()
            .filter_map(|node| {
                let to = edges(node).into_iter().filter_map(|(id, dev)| ids.get(&id).map(|id| (*id, dev))).collect();
                Some((word(node, "id")?, to))
            })
            .collect()
    }
}

fn word<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    value.get(key).and_then(Value::as_str)
}

pub(crate) fn dependencies() -> Found {
    let mut wrong = Vec::new();
    for target in [HOST, WASM] {
        let metadata = Metadata::read(target)?;
        let packages = metadata.packages();
        let by_id: BTreeMap<&str, &Package> = packages.iter().map(|p| (p.id, p)).collect();
        let graph = metadata.graph();
        for package in packages.iter().filter(|p| p.ours) {
            let edges = graph.get(package.id).into_iter().flatten();
            let to = edges.filter_map(|(id, dev)| by_id.get(id).filter(|p| p.ours).map(|p| (p.name, *dev)));
            wrong.extend(forbidden(package.name, to));
            if PURE.contains(&package.name) {
                wrong.extend(impure(package.name, package.id, &graph, &by_id));
            }
        }
    }
    wrong.sort();
    wrong.dedup();
    Ok(Report::new(
        "Reverse the dependency, move the code, or pass the value in. The table is in crates/xtask/src/check/tree.rs.",
        wrong,
    ))
}

fn forbidden<'a>(from: &str, to: impl Iterator<Item = (&'a str, bool)>) -> Vec<String> {
    let Some((_, allowed)) = ALLOWED.iter().find(|(name, _)| *name == from) else {
        return vec![format!("{from} is not in the table of dependencies")];
    };
    to.filter(|(name, dev)| !(allowed.contains(name) || *dev && *name == "vectors"))
        .map(|(name, _)| format!("{from} -> {name}"))
        .collect()
}

/// The impure packages that a pure crate depends on, each as the path to it.
fn impure(
    name: &str,
    id: &str,
    graph: &BTreeMap<&str, Vec<(&str, bool)>>,
    by_id: &BTreeMap<&str, &Package>,
) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut seen = BTreeSet::new();
    let mut open = vec![(id, name.to_owned())];
    while let Some((id, path)) = open.pop() {
        for (next, dev) in graph.get(id).into_iter().flatten().filter(|(_, dev)| !dev) {
            let Some(package) = by_id.get(next).filter(|_| !dev && seen.insert(*next)) else { continue };
            let path = format!("{path} -> {}", package.name);
            if IMPURE.contains(&package.name) {
                wrong.push(path.clone());
            }
            open.push((next, path));
        }
    }
    wrong
}

pub(crate) fn restricted() -> Found {
    let metadata = Metadata::read(WASM)?;
    let packages = metadata.packages();
    let by_id: BTreeMap<&str, &Package> = packages.iter().map(|p| (p.id, p)).collect();
    let graph = metadata.graph();
    let mut wrong = Vec::new();
    let mut users: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for package in packages.iter().filter(|p| p.ours) {
        let names = graph.get(package.id).into_iter().flatten().filter_map(|(id, _)| by_id.get(id)).map(|p| p.name);
        names.for_each(|name| {
            users.entry(name).or_default().insert(package.name);
        });
    }
    for (package, must, may) in RESTRICTED {
        let users = users.get(package).cloned().unwrap_or_default();
        for user in must.iter().filter(|user| !users.contains(*user)) {
            wrong.push(format!("{user} does not depend on {package}"));
        }
        for user in users.iter().filter(|user| !must.contains(user) && !may.contains(user) && **user != "xtask") {
            wrong.push(format!("{user} depends on {package}, which belongs to {}", must.join(" and ")));
        }
        for user in must.iter().filter(|user| users.contains(*user)) {
            let folder = packages.iter().find(|p| p.ours && p.name == *user).map_or("", |p| p.folder);
            if !uses(folder, package)? {
                wrong.push(format!("{user} depends on {package} but does not use it"));
            }
        }
    }
    Ok(Report::new(
        "Use the package only in its crates (the table is in crates/xtask/src/check/tree.rs), or remove the dependency.",
        wrong,
    ))
}

/// Whether any source of the crate names the package.
fn uses(folder: &str, package: &str) -> Outcome<bool> {
    let root = crate::run::root();
    let folder =
        folder.strip_prefix(&*root.to_string_lossy()).unwrap_or(folder).trim_start_matches('/').to_owned() + "/";
    let path = package.replace('-', "_") + "::";
    let sources = files::files(|p| p.starts_with(&folder) && p.ends_with(".rs"))?;
    Ok(sources.iter().any(|file| names(&file.text, &path)))
}

/// Whether the text contains this path, other than as the end of a longer one.
fn names(text: &str, path: &str) -> bool {
    text.match_indices(path).any(|(at, _)| {
        let before = text.get(..at).and_then(|t| t.chars().next_back());
        !before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | ':'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dependency_must_be_allowed() {
        type Row<'a> = (&'a str, &'a [(&'a str, bool)], &'a [&'a str]);
        let rows: [Row<'_>; 6] = [
            ("vault", &[("base", false), ("otp", false)], &[]),
            ("otp", &[("vault", false)], &["otp -> vault"]),
            ("otp", &[("vault", true)], &["otp -> vault"]),
            ("otp", &[("vectors", true)], &[]),
            ("otp", &[("vectors", false)], &["otp -> vectors"]),
            ("newcomer", &[], &["newcomer is not in the table of dependencies"]),
        ];
        for (from, to, expect) in rows {
            assert_eq!(forbidden(from, to.iter().copied()), expect, "{from} {to:?}");
        }
    }

    #[test]
    fn a_pure_crate_has_no_impure_dependency() {
        let package = |name, id| Package { name, licence: None, id, ours: false, folder: "" };
        let (a, b, c) = (package("otp", "1"), package("helper", "2"), package("getrandom", "3"));
        let by_id = BTreeMap::from([("1", &a), ("2", &b), ("3", &c)]);
        let graph = BTreeMap::from([("1", vec![("2", false)]), ("2", vec![("3", false)])]);
        assert_eq!(impure("otp", "1", &graph, &by_id), ["otp -> helper -> getrandom"]);
        let graph = BTreeMap::from([("1", vec![("2", true)]), ("2", vec![("3", false)])]);
        assert!(impure("otp", "1", &graph, &by_id).is_empty(), "dev-dependencies may be impure");
    }

    #[test]
    fn a_package_is_named_by_its_path() {
        assert!(names("use hmac::Mac;", "hmac::"));
        assert!(names("(hmac::Mac)", "hmac::"));
        assert!(!names("use my_hmac::Mac;", "hmac::"));
        assert!(!names("use crate::hmac::Mac;", "hmac::"));
    }
}
