//! The rooms of the gate and their floors: a room imports from the floors below it alone, so that the list of folders is
//! the way of a request. Imports do not see inherent methods, so those of the request in hand stand in one room.

use std::collections::BTreeSet;

use super::{
    Found, Report,
    imports::{Graph, Module, modules, rust_graph},
};

const GATE: &str = "crates/gate/src";

/// From the ground up. Rooms of one floor do not know each other.
const FLOORS: &[&[&str]] = &[
    &["why", "http", "keys"],
    &["policy"],
    &["state"],
    &["page", "forward"],
    &["request"],
    &["login"],
    &["routes"],
    &["decide"],
];

/// Types of the request in hand, with the rooms that may give them methods. `decide` holds the public entries.
const METHODS: &[(&str, &[&str])] = &[("RequestContext", &["request"]), ("Gate", &["request", "decide"])];

pub(crate) fn run() -> Found {
    let modules = modules(GATE)?;
    let mut wrong = rooms(&modules.iter().map(|module| room(&module.path)).collect());
    wrong.extend(arrows(&rust_graph(&modules)));
    wrong.extend(methods(&modules));
    Ok(Report::new(
        "Move the code to its room, or make the method a free function. The floors are in crates/xtask/src/check/rooms.rs.",
        wrong,
    ))
}

fn room(module: &str) -> &str {
    module.split("::").next().unwrap_or_default()
}

fn floor(room: &str) -> Option<usize> {
    FLOORS.iter().position(|rooms| rooms.contains(&room))
}

/// Rooms that are listed and absent, or there and not listed.
fn rooms(found: &BTreeSet<&str>) -> Vec<String> {
    let listed: BTreeSet<&str> = FLOORS.iter().flat_map(|rooms| rooms.iter().copied()).collect();
    let absent = listed.difference(found).map(|room| format!("{GATE}: there is no room `{room}`"));
    let unlisted = found.difference(&listed).filter(|room| !room.is_empty());
    absent.chain(unlisted.map(|room| format!("{GATE}: the room `{room}` has no floor"))).collect()
}

/// Imports that go up, or to a room of the same floor. The root gathers what is public and is asked by nobody.
fn arrows(graph: &Graph) -> Vec<String> {
    let mut wrong = Vec::new();
    for (from, imports) in graph.iter().filter(|(from, _)| !from.is_empty()) {
        for to in imports {
            let is_down = match (floor(room(from)), floor(room(to))) {
                (Some(from), Some(to)) => to < from,
                _ => to.is_empty(), // a room without a floor is told by itself
            };
            if room(from) != room(to) && !is_down {
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
            let allowed = METHODS.iter().find(|(name, _)| inherent(header) == *name).map(|(_, rooms)| *rooms);
            if allowed.is_some_and(|rooms| !rooms.contains(&room(&module.path))) {
                wrong.push(format!("{}: {}", module.path, header.trim_end_matches('{').trim()));
            }
        }
    }
    wrong
}

/// The type of an inherent `impl`; empty for one of a trait.
fn inherent(header: &str) -> &str {
    let after = header.strip_prefix("impl").unwrap_or_default();
    // Past the parameters: `<'a, T: Into<U>>`.
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
    fn an_import_from_a_higher_room_or_a_sibling_fails() {
        let rows: [(&str, &str, &[&str]); 7] = [
            ("decide::table", "use crate::policy::Rule;", &[]),
            ("http::cookie", "use crate::policy::Rule;", &["http::cookie -> policy"]),
            ("http::cookie", "use crate::keys::Seal;", &["http::cookie -> keys"]),
            ("http::cookie", "use super::head::Head;", &[]),
            ("forward::request", "fn f() { crate::page::g() }", &["forward::request -> page"]),
            ("forward::request", "use crate::http::head::Head;", &[]),
            ("state::flight", "use super::super::decide::table::row;", &["state::flight -> decide::table"]),
        ];
        let rooms = ["policy", "keys", "page", "http::head", "decide::table", ""];
        for (path, code, want) in rows {
            let mut modules: Vec<_> = rooms.iter().filter(|room| **room != path).map(|room| module(room, "")).collect();
            modules.push(module(path, code));
            assert_eq!(arrows(&rust_graph(&modules)), want, "{path}: {code}");
        }
    }

    #[test]
    fn a_method_of_the_request_in_hand_stands_in_its_room() {
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
    fn a_room_that_is_absent_or_has_no_floor_fails() {
        let all: BTreeSet<&str> = FLOORS.iter().flat_map(|rooms| rooms.iter().copied()).chain([""]).collect();
        assert_eq!(rooms(&all), [""; 0]);
        let without: BTreeSet<&str> = all.iter().copied().filter(|room| *room != "login").collect();
        assert_eq!(rooms(&without), ["crates/gate/src: there is no room `login`"]);
        let more: BTreeSet<&str> = all.iter().copied().chain(["attic"]).collect();
        assert_eq!(rooms(&more), ["crates/gate/src: the room `attic` has no floor"]);
    }
}
