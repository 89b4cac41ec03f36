//! The layers of the gate: a top-level module imports only from lower layers, so that the list of layers is the path of
//! a request. Calls of inherent methods are not imports, so the methods of `RequestContext` and `Gate` have fixed
//! modules.

use std::collections::BTreeSet;

use super::{
    Found, Report,
    imports::{Graph, Module, modules, rust_graph},
};

const GATE: &str = "crates/gate/src";

/// From the lowest layer up. Modules of one layer must not import each other.
const LAYERS: &[&[&str]] = &[
    &["why", "http", "keys"],
    &["policy"],
    &["state"],
    &["page", "forward"],
    &["factor"],
    &["request"],
    &["login"],
    &["routes"],
    &["decide"],
];

/// Types whose inherent methods must be in these modules. `decide` has the public entry points.
const METHODS: &[(&str, &[&str])] = &[("RequestContext", &["request"]), ("Gate", &["request", "decide"])];

pub(crate) fn run() -> Found {
    let modules = modules(GATE)?;
    let mut wrong = unlisted(&modules.iter().map(|module| top_level(&module.path)).collect());
    wrong.extend(upward_imports(&rust_graph(&modules)));
    wrong.extend(methods(&modules));
    Ok(Report::new(
        "Move the code to the right module, or make the method a free function. The layers are in crates/xtask/src/check/layers.rs.",
        wrong,
    ))
}

fn top_level(module: &str) -> &str {
    module.split("::").next().unwrap_or_default()
}

fn layer(module: &str) -> Option<usize> {
    LAYERS.iter().position(|modules| modules.contains(&module))
}

/// Differences between the listed modules and the existing ones.
fn unlisted(found: &BTreeSet<&str>) -> Vec<String> {
    let listed: BTreeSet<&str> = LAYERS.iter().flat_map(|modules| modules.iter().copied()).collect();
    let absent = listed.difference(found).map(|module| format!("{GATE}: the module `{module}` does not exist"));
    let unlisted = found.difference(&listed).filter(|module| !module.is_empty());
    absent.chain(unlisted.map(|module| format!("{GATE}: the module `{module}` has no layer"))).collect()
}

/// Imports from a higher layer or from another module of the same layer. The root only re-exports, so it may import
/// all.
fn upward_imports(graph: &Graph) -> Vec<String> {
    let mut wrong = Vec::new();
    for (from, imports) in graph.iter().filter(|(from, _)| !from.is_empty()) {
        for to in imports {
            let is_down = match (layer(top_level(from)), layer(top_level(to))) {
                (Some(from), Some(to)) => to < from,
                _ => to.is_empty(), // `unlisted` reports a module without a layer
            };
            if top_level(from) != top_level(to) && !is_down {
                wrong.push(format!("{from} -> {to}"));
            }
        }
    }
    wrong
}

fn methods(modules: &[Module]) -> Vec<String> {
    let mut wrong = Vec::new();
    for module in modules {
        for header in module.code.lines().filter(|line| line.starts_with("impl")) {
            let allowed = METHODS.iter().find(|(name, _)| inherent(header) == *name).map(|(_, modules)| *modules);
            if allowed.is_some_and(|modules| !modules.contains(&top_level(&module.path))) {
                wrong.push(format!("{}: {}", module.path, header.trim_end_matches('{').trim()));
            }
        }
    }
    wrong
}

/// The type of an inherent `impl`; empty for a trait's.
fn inherent(header: &str) -> &str {
    let after = header.strip_prefix("impl").unwrap_or_default();
    // Skip the generic parameters: `<'a, T: Into<U>>`.
    let mut depth = 0_u32;
    let end = after.char_indices().find(|(_, c)| {
        match c {
            '<' => depth += 1,
            '>' => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && c.is_alphabetic()
    });
    let name = end.and_then(|(at, _)| after.get(at..)).unwrap_or_default();
    if name.contains(" for ") { "" } else { name.split(['<', ' ', '{']).next().unwrap_or_default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn module(path: &str, code: &str) -> Module {
        Module { path: path.into(), code: code.into() }
    }

    #[test]
    fn an_import_from_a_higher_or_the_same_layer_fails() {
        let rows: [(&str, &str, &[&str]); 7] = [
            ("decide::table", "use crate::policy::Rule;", &[]),
            ("http::cookie", "use crate::policy::Rule;", &["http::cookie -> policy"]),
            ("http::cookie", "use crate::keys::Seal;", &["http::cookie -> keys"]),
            ("http::cookie", "use super::head::Head;", &[]),
            ("forward::request", "fn f() { crate::page::g() }", &["forward::request -> page"]),
            ("forward::request", "use crate::http::head::Head;", &[]),
            ("state::flight", "use super::super::decide::table::row;", &["state::flight -> decide::table"]),
        ];
        let others = ["policy", "keys", "page", "http::head", "decide::table", ""];
        for (path, code, want) in rows {
            let mut modules: Vec<_> = others.iter().filter(|m| **m != path).map(|m| module(m, "")).collect();
            modules.push(module(path, code));
            assert_eq!(upward_imports(&rust_graph(&modules)), want, "{path}: {code}");
        }
    }

    #[test]
    fn methods_of_the_listed_types_must_be_in_their_modules() {
        for (path, code, want) in [
            ("request::context", "impl<'a> RequestContext<'a> {", 0),
            ("decide::table", "impl Gate {", 0),
            ("routes::slo", "impl RequestContext<'_> {", 1),
            ("decide::table", "impl<'a> RequestContext<'a> {", 1),
            ("login", "impl Gate {", 1),
            ("routes::slo", "impl Drop for RequestContext<'_> {", 0),
            ("routes::slo", "impl GateWay {", 0),
        ] {
            assert_eq!(methods(&[module(path, code)]).len(), want, "{path}: {code}");
        }
    }

    #[test]
    fn a_module_that_is_absent_or_has_no_layer_fails() {
        let all: BTreeSet<&str> = LAYERS.iter().flat_map(|modules| modules.iter().copied()).chain([""]).collect();
        assert_eq!(unlisted(&all), [""; 0]);
        let without: BTreeSet<&str> = all.iter().copied().filter(|module| *module != "login").collect();
        assert_eq!(unlisted(&without), ["crates/gate/src: the module `login` does not exist"]);
        let more: BTreeSet<&str> = all.iter().copied().chain(["attic"]).collect();
        assert_eq!(unlisted(&more), ["crates/gate/src: the module `attic` has no layer"]);
    }
}
