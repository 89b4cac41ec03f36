//! Finds import cycles. Imports are read from the text of `use` declarations and paths.

use std::collections::{BTreeMap, BTreeSet};

use super::{Found, Report, files};
use crate::run::Outcome;

/// For each module, the modules that it imports.
pub(crate) type Graph = BTreeMap<String, BTreeSet<String>>;

/// One Rust module: its path from the crate's root (`""` is the root), and its code without comments and tests.
pub(crate) struct Module {
    pub(crate) path: String,
    pub(crate) code: String,
}

pub(crate) fn run() -> Found {
    let mut wrong = Vec::new();
    for krate in crates()? {
        let modules = modules(&krate)?;
        let graph = rust_graph(&modules);
        let mut found = cycles(&without_parents(&graph));
        found.extend(cycles(&folders(&graph)));
        found.dedup();
        wrong.extend(found.into_iter().map(|cycle| format!("{krate}: {cycle}")));
    }
    for folder in ["www/src/", "worker/src/"] {
        let script = |path: &str| {
            let ending = [".ts", ".tsx", ".js", ".mjs"].iter().any(|ending| path.ends_with(ending));
            path.starts_with(folder) && ending && !path.contains(".test.")
        };
        wrong.extend(cycles(&script_graph(&files::files(script)?)));
    }
    Ok(Report::new("Move the type or function that both sides need into a module below them.", wrong))
}

/// The source folders of all crates: those with a `lib.rs` or `main.rs`.
fn crates() -> Outcome<Vec<String>> {
    let roots = files::paths(|path| path.ends_with("/src/lib.rs") || path.ends_with("/src/main.rs"))?;
    let mut folders: Vec<_> =
        roots.iter().filter_map(|path| path.rsplit_once('/')).map(|(folder, _)| folder.to_owned()).collect();
    folders.dedup();
    Ok(folders)
}

/// The modules of the sources in this folder.
pub(crate) fn modules(folder: &str) -> Outcome<Vec<Module>> {
    let prefix = format!("{folder}/");
    let sources = files::files(|path| {
        path.starts_with(&prefix) && path.ends_with(".rs") && !path.ends_with("/tests.rs") && !path.contains("/bin/")
    })?;
    Ok(sources
        .iter()
        .map(|file| Module { path: module_path(file.path.trim_start_matches(&prefix)), code: code(&file.text) })
        .collect())
}

fn module_path(file: &str) -> String {
    let path = file.trim_end_matches(".rs");
    let path = path.strip_suffix("/mod").unwrap_or(path);
    if matches!(path, "lib" | "main") { String::new() } else { path.replace('/', "::") }
}

fn code(text: &str) -> String {
    let shipped = text.split("\n#[cfg(test)]\nmod tests").next().unwrap_or(text);
    shipped.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n")
}

/// Imports between the modules of one crate. A re-exported name counts as imported from where it is defined, and a
/// re-export is no import. Otherwise every `mod.rs` would form a cycle with its submodules.
pub(crate) fn rust_graph(modules: &[Module]) -> Graph {
    let known: BTreeSet<&str> = modules.iter().map(|module| module.path.as_str()).collect();
    let mut exports: BTreeMap<(String, String), String> = BTreeMap::new();
    let mut uses: Vec<(&str, String)> = Vec::new();
    for module in modules {
        for (public, path) in use_paths(&module.code) {
            let Some(path) = absolute(&path, &module.path, &known) else { continue };
            let name = path.rsplit("::").next().unwrap_or_default().to_owned();
            if public {
                exports.insert((module.path.clone(), name), path);
            } else {
                uses.push((&module.path, path));
            }
        }
        for path in plain_paths(&module.code) {
            uses.extend(absolute(&path, &module.path, &known).map(|path| (module.path.as_str(), path)));
        }
    }
    let mut graph: Graph = modules.iter().map(|module| (module.path.clone(), BTreeSet::new())).collect();
    for (from, path) in uses {
        let to = definer(&path, &known, &exports);
        if to != from
            && let Some(edges) = graph.get_mut(from)
        {
            edges.insert(to);
        }
    }
    graph
}

/// Removes the imports between a module and its submodules: they are one module in several files.
fn without_parents(graph: &Graph) -> Graph {
    let is_in = |inner: &str, outer: &str| outer.is_empty() || inner.starts_with(&format!("{outer}::"));
    let kept = |from: &str, to: &str| !is_in(from, to) && !is_in(to, from);
    graph.iter().map(|(from, to)| (from.clone(), to.iter().filter(|to| kept(from, to)).cloned().collect())).collect()
}

/// The graph of top-level modules. A cycle between two of them may run through different files.
fn folders(graph: &Graph) -> Graph {
    let folder = |module: &str| module.split("::").next().unwrap_or_default().to_owned();
    let mut whole = Graph::new();
    for (from, to) in graph.iter().filter(|(from, _)| !from.is_empty()) {
        let edges = to.iter().map(|to| folder(to)).filter(|to| *to != folder(from) && !to.is_empty());
        whole.entry(folder(from)).or_default().extend(edges);
    }
    whole
}

/// The module that defines the item at an absolute path.
fn definer(path: &str, known: &BTreeSet<&str>, exports: &BTreeMap<(String, String), String>) -> String {
    let mut path = path.to_owned();
    for _ in 0..8 {
        let module = longest(&path, known);
        let rest = path.get(module.len()..).unwrap_or_default().trim_start_matches("::");
        let name = rest.split("::").next().unwrap_or_default();
        match exports.get(&(module.clone(), name.to_owned())) {
            Some(target) if !name.is_empty() && *target != path => path.clone_from(target),
            _ => return module,
        }
    }
    longest(&path, known)
}

fn longest(path: &str, known: &BTreeSet<&str>) -> String {
    let mut module = path;
    while !known.contains(module) {
        module = module.rsplit_once("::").map_or("", |(front, _)| front);
        if module.is_empty() {
            break;
        }
    }
    module.to_owned()
}

/// The path from the crate's root; `None` for a path into another crate.
fn absolute(path: &str, here: &str, known: &BTreeSet<&str>) -> Option<String> {
    let mut base = here.to_owned();
    let mut rest = path;
    if let Some(after) = rest.strip_prefix("crate::") {
        return Some(after.to_owned());
    }
    let mut relative = false;
    loop {
        if let Some(after) = rest.strip_prefix("super::") {
            base = base.rsplit_once("::").map_or_else(String::new, |(front, _)| front.to_owned());
            rest = after;
        } else if let Some(after) = rest.strip_prefix("self::") {
            rest = after;
        } else {
            break;
        }
        relative = true;
    }
    let join = |path: &str| if base.is_empty() { path.to_owned() } else { format!("{base}::{path}") };
    let first = rest.split("::").next().unwrap_or_default();
    (relative || known.contains(join(first).as_str())).then(|| join(rest))
}

/// The paths of all `use` declarations, each with whether it is a re-export.
fn use_paths(code: &str) -> Vec<(bool, String)> {
    let mut found = Vec::new();
    let mut rest = code;
    while let Some(at) = rest.find("use ") {
        let line = rest.get(..at).unwrap_or_default().rsplit('\n').next().unwrap_or_default();
        let after = rest.get(at + 4..).unwrap_or_default();
        let public = line.trim_start().starts_with("pub");
        if line.trim().is_empty() || public && !line.contains("fn ") {
            let tree = after.split(';').next().unwrap_or_default();
            let flat: String = tree.chars().filter(|c| !c.is_whitespace() || *c == ' ').collect();
            leaves("", flat.trim(), &mut |path| found.push((public, path)));
        }
        rest = after;
    }
    found
}

/// The paths of a use tree.
fn leaves(front: &str, tree: &str, found: &mut impl FnMut(String)) {
    let tree = tree.trim();
    if let Some((head, list)) = tree.split_once('{') {
        let list = list.strip_suffix('}').unwrap_or(list);
        let (mut depth, mut begin) = (0_u32, 0);
        for (at, c) in list.char_indices().chain([(list.len(), ',')]) {
            match c {
                '{' => depth += 1,
                '}' => depth = depth.saturating_sub(1),
                ',' if depth == 0 => {
                    let item = list.get(begin..at).unwrap_or_default();
                    if !item.trim().is_empty() {
                        leaves(&format!("{front}{}", head.trim()), item, found);
                    }
                    begin = at + 1;
                }
                _ => {}
            }
        }
        return;
    }
    let path = tree.split(" as ").next().unwrap_or_default().trim();
    let path = if path == "self" { String::new() } else { path.to_owned() };
    found(format!("{front}{path}").trim_end_matches("::").to_owned());
}

/// Paths with at least two segments in the code, outside of `use`.
fn plain_paths(code: &str) -> Vec<String> {
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    let is_use = |statement: &str| statement.trim_start().trim_start_matches("pub").trim_start().starts_with("use ");
    let is_restricted_use =
        |statement: &str| statement.trim_start().starts_with("pub(") && statement.contains(") use ");
    let kept: Vec<_> = code.split(';').filter(|s| !is_use(s) && !is_restricted_use(s)).collect();
    kept.join(";")
        .split(|c: char| !is_part(c))
        .filter(|word| {
            word.contains("::") && !word.ends_with(':') && word.chars().next().is_some_and(|c| c.is_lowercase())
        })
        .map(str::to_owned)
        .collect()
}

/// Relative imports between scripts, including `import type`.
fn script_graph(sources: &[files::File]) -> Graph {
    let known: BTreeSet<&str> = sources.iter().map(|file| file.path.as_str()).collect();
    let mut graph = Graph::new();
    for file in sources {
        let folder = file.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let named = file.text.split(" from \"").skip(1).chain(file.text.split("\nimport \"").skip(1));
        let paths = named.filter_map(|rest| rest.split('"').next()).filter(|path| path.starts_with('.'));
        let edges = paths.map(|path| normal(folder, path)).filter(|path| known.contains(path.as_str()));
        graph.insert(file.path.clone(), edges.collect());
    }
    graph
}

fn normal(folder: &str, path: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').collect();
    for part in path.split('/') {
        match part {
            "." => {}
            ".." => {
                parts.pop();
            }
            name => parts.push(name),
        }
    }
    parts.join("/")
}

/// One cycle for each group of modules that import each other, as a path.
fn cycles(graph: &Graph) -> Vec<String> {
    let mut found = Vec::new();
    let mut reported: BTreeSet<&str> = BTreeSet::new();
    for start in graph.keys() {
        if reported.contains(start.as_str()) {
            continue;
        }
        if let Some(path) = shortest_cycle(graph, start) {
            reported.extend(path.iter().copied());
            let names: Vec<_> = path.iter().map(|name| if name.is_empty() { "the root" } else { name }).collect();
            found.push(names.join(" -> "));
        }
    }
    found
}

/// A shortest path from a module back to itself.
fn shortest_cycle<'g>(graph: &'g Graph, start: &'g str) -> Option<Vec<&'g str>> {
    let mut from: BTreeMap<&str, &str> = BTreeMap::new();
    let mut open = std::collections::VecDeque::from([start]);
    while let Some(module) = open.pop_front() {
        for next in graph.get(module).into_iter().flatten() {
            if next == start {
                let mut path = vec![start, module];
                while let Some(before) = path.last().and_then(|last| from.get(last)) {
                    path.push(before);
                }
                if module == start {
                    path.pop();
                }
                path.reverse();
                path.push(start);
                path.dedup();
                return Some(path);
            }
            if !from.contains_key(next.as_str()) {
                from.insert(next, module);
                open.push_back(next);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph(files: &[(&str, &str)]) -> Graph {
        let modules: Vec<_> =
            files.iter().map(|(file, text)| Module { path: module_path(file), code: code(text) }).collect();
        rust_graph(&modules)
    }

    #[test]
    fn imports_are_read_in_every_form() {
        let graph = graph(&[
            ("lib.rs", "pub mod a;\npub use a::b::B;\nmod c;"),
            ("a/mod.rs", "pub mod b;\nmod d;\npub(crate) use self::d::D;\nstruct A;"),
            (
                "a/b.rs",
                "use super::{A, D};\nuse crate::c::{self, x::Y};\nuse std::fmt;\n// use crate::e::E;\n#[cfg(test)]\nmod tests { use crate::e::E; }",
            ),
            ("a/d.rs", "fn f() { crate::c::g(); let e = super::super::e::E; }"),
            ("c.rs", "pub(crate) fn g() {}\nuse crate::B;"),
            ("e.rs", ""),
        ]);
        let edges = |from: &str| graph.get(from).cloned().unwrap_or_default().into_iter().collect::<Vec<_>>();
        assert_eq!(edges("a::b"), ["a", "a::d", "c"]);
        assert_eq!(edges("a::d"), ["c", "e"]);
        assert_eq!(edges("c"), ["a::b"], "a re-export is followed to where the name is defined");
        assert_eq!(edges("a"), [""; 0], "a module that only re-exports imports nothing");
    }

    #[test]
    fn a_cycle_fails_and_a_tree_does_not() {
        let tree = graph(&[
            ("lib.rs", "mod a; mod b; mod c;"),
            ("a.rs", "use crate::b::B;"),
            ("b.rs", "use crate::c::C;"),
            ("c.rs", ""),
        ]);
        assert_eq!(cycles(&tree), [""; 0]);
        let round =
            graph(&[("a.rs", "use crate::b::B;"), ("b.rs", "use crate::c::C;"), ("c.rs", "fn f(a: crate::a::A) {}")]);
        assert_eq!(cycles(&round), ["a -> b -> c -> a"]);
        let two =
            graph(&[("x/mod.rs", "mod y;\npub(crate) struct X;\nfn f() { y::g() }"), ("x/y.rs", "use super::X;")]);
        assert_eq!(cycles(&two), ["x -> x::y -> x"], "a module and the submodule that it calls");
    }

    #[test]
    fn scripts_are_read_by_their_relative_imports() {
        let file = |path: &str, text: &str| files::File { path: path.into(), text: text.into() };
        let round = [
            file("www/src/app/a.ts", "import type { B } from \"../b.ts\";\nimport x from \"preact\";"),
            file("www/src/b.ts", "export { A } from \"./app/a.ts\";"),
        ];
        assert_eq!(cycles(&script_graph(&round)), ["www/src/app/a.ts -> www/src/b.ts -> www/src/app/a.ts"]);
        let [a, _] = round;
        assert_eq!(cycles(&script_graph(&[a, file("www/src/b.ts", "export const b = 1;")])), [""; 0]);
    }
}
