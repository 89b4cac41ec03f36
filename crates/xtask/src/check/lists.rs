//! Compares folders with the lists of their files, so that no file is unlisted and no list names a missing file.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{Found, Report, files};
use crate::{
    entries::ENTRIES,
    run::{Outcome, root, text},
};

/// The folders that the checks below walk. Without this list, a check would pass on a folder that was moved away.
const FOLDERS: &[&str] = &["crates/js/npm", "tests/bench", "tests/parts", "tests/vectors", "www/src/text"];

/// The folders in which each language has a file.
const LANGUAGES: &[&str] = &["crates/gate/src/page/text", "www/src/text"];

pub(crate) fn run() -> Found {
    let all = files::paths(|_| true)?;
    let mut wrong = absent(FOLDERS.iter().chain(LANGUAGES), &all);
    vectors(&mut wrong)?;
    described(&mut wrong)?;
    parts(&mut wrong)?;
    entries(&mut wrong)?;
    backups(&mut wrong)?;
    benches(&mut wrong)?;
    languages(&mut wrong)?;
    crates(&mut wrong)?;
    scripts(&mut wrong)?;
    Ok(Report::new("Add the missing row, or remove the unused file.", wrong))
}

/// The named folders that contain no file.
fn absent<'a>(named: impl Iterator<Item = &'a &'a str>, paths: &[String]) -> Vec<String> {
    let empty = |folder: &&&str| !paths.iter().any(|path| path.starts_with(&format!("{folder}/")));
    let named: BTreeSet<&&str> = named.collect();
    named.into_iter().filter(empty).map(|folder| format!("{folder}/: listed, but absent")).collect()
}

/// The README of the vectors lists each file, by its name or by its folder, and no others.
fn described(wrong: &mut Vec<String>) -> Outcome {
    const README: &str = "tests/vectors/README.md";
    let ours = |path: &str| {
        let code = [".rs", ".mjs", ".md", "/Cargo.toml", "/.gitattributes"].iter().any(|end| path.ends_with(end));
        path.starts_with("tests/vectors/") && !code
    };
    let paths = files::paths(ours)?;
    let short: Vec<&str> = paths.iter().map(|path| path.trim_start_matches("tests/vectors/")).collect();
    wrong.extend(undescribed(&text(&root().join(README))?, &short).into_iter().map(|what| format!("{README}: {what}")));
    Ok(())
}

/// Differences between the first column of a README's table and the existing files.
fn undescribed(readme: &str, paths: &[&str]) -> Vec<String> {
    let rows = readme.lines().filter_map(|line| line.strip_prefix("| `"));
    let cells = rows.filter_map(|row| row.split('|').next());
    let named: BTreeSet<String> = cells.flat_map(|cell| cell.split('`').step_by(2).flat_map(expanded)).collect();
    let covers = |name: &str, path: &str| name == path || name.ends_with('/') && path.starts_with(name);
    let unnamed = paths.iter().filter(|path| !named.iter().any(|name| covers(name, path)));
    let unused = named.iter().filter(|name| !paths.iter().any(|path| covers(name, path)));
    unnamed
        .map(|path| format!("`{path}` has no row"))
        .chain(unused.map(|name| format!("`{name}` has a row, but is absent")))
        .collect()
}

/// `a/{b,c}.json` is `a/b.json` and `a/c.json`.
fn expanded(name: &str) -> Vec<String> {
    let name = name.trim().trim_matches(',');
    let Some((before, (middle, after))) = name.split_once('{').and_then(|(b, rest)| Some((b, rest.split_once('}')?)))
    else {
        return if name.is_empty() { vec![] } else { vec![name.to_owned()] };
    };
    middle.split(',').map(|word| format!("{before}{}{after}", word.trim())).collect()
}

/// Every vector file is named by a test, as `subject/file`, and `lib.rs` declares every subject's module.
fn vectors(wrong: &mut Vec<String>) -> Outcome {
    let reader = |path: &str| {
        let code = path.ends_with(".rs") || path.ends_with(".mjs");
        code && (path.starts_with("tests/") || path.starts_with("crates/") || path.starts_with("worker/"))
    };
    let readers = files::files(reader)?;
    let data = |path: &str| path.starts_with("tests/vectors/") && [".json", ".txt"].iter().any(|e| path.ends_with(e));
    for path in files::paths(data)? {
        let short = path.trim_start_matches("tests/vectors/");
        if !readers.iter().any(|file| file.text.contains(short)) {
            wrong.push(format!("{path}: no test reads it"));
        }
    }
    let list = text(&root().join("tests/vectors/lib.rs"))?;
    for path in
        files::paths(|p| files::directly_in(p, "tests/vectors") && p.ends_with(".rs") && !p.ends_with("/lib.rs"))?
    {
        if !list.contains(&format!("pub mod {};", files::stem(&path))) {
            wrong.push(format!("{path}: tests/vectors/lib.rs does not declare it"));
        }
    }
    Ok(())
}

/// Every part is used by a test or a command.
fn parts(wrong: &mut Vec<String>) -> Outcome {
    let scripts = files::files(|path| path.starts_with("tests/") && path.ends_with(".mjs"))?;
    for part in files::paths(|path| files::directly_in(path, "tests/parts") && path.ends_with(".mjs"))? {
        let name = files::name(&part);
        // Either its file in an import, or its name in a list of parts to load.
        let named = [format!("/{name}"), format!("\"{}\"", files::stem(name))];
        let used = |file: &files::File| file.path != part && named.iter().any(|n| file.text.contains(n));
        if !scripts.iter().any(used) {
            wrong.push(format!("{part}: no test or command uses this part"));
        }
    }
    Ok(())
}

/// Every entry of the npm package has a row in `ENTRIES`, a folder, a feature and a source file.
fn entries(wrong: &mut Vec<String>) -> Outcome {
    let named: BTreeSet<&str> = ENTRIES.iter().map(|entry| entry.name).collect();
    let typed = files::paths(|path| path.starts_with("crates/js/npm/") && path.ends_with("/index.d.ts"))?;
    let folders: BTreeSet<&str> = typed.iter().filter_map(|path| path.split('/').nth(3)).collect();
    for name in folders.difference(&named) {
        wrong.push(format!("crates/js/npm/{name}/: no row in crates/xtask/src/entries.rs"));
    }
    let manifest: toml::Table =
        text(&root().join("crates/js/Cargo.toml"))?.parse().map_err(|e| format!("crates/js: {e}"))?;
    for name in &named {
        let module = format!("crates/js/src/{}.rs", name.replace('-', "_"));
        let feature = manifest.get("features").and_then(|features| features.get(*name));
        for (missing, what) in [
            (!folders.contains(name), format!("crates/js/npm/{name}/index.d.ts")),
            (!root().join(&module).is_file(), module),
            (feature.is_none(), format!("the feature `{name}` of crates/js")),
        ] {
            if missing {
                wrong.push(format!("the entry `{name}` has no {what}"));
            }
        }
    }
    Ok(())
}

/// The table of apps whose backups are read: every `App` of every file has a row, and the rows are sorted by title.
fn backups(wrong: &mut Vec<String>) -> Outcome {
    let folder = "crates/backup/src/apps";
    let sources = files::files(|path| files::directly_in(path, folder) && path.ends_with(".rs"))?;
    let table = text(&root().join(folder).join("mod.rs"))?;
    let rows: Vec<&str> = table.lines().filter_map(|line| line.trim().strip_prefix('&')?.strip_suffix(',')).collect();
    let mut titles = BTreeMap::new();
    for file in sources.iter().filter(|file| !file.path.ends_with("/mod.rs")) {
        let stem = files::stem(&file.path);
        let named: Vec<_> = rows.iter().filter_map(|row| row.strip_prefix(stem)?.strip_prefix("::")).collect();
        if named.is_empty() {
            wrong.push(format!("{}: the table of apps has no row for it", file.path));
        }
        let declared = file.text.split("pub(crate) const ").skip(1);
        for (name, rest) in declared.filter_map(|rest| rest.split_once(": App =")) {
            if !named.contains(&name) {
                wrong.push(format!("{}: the table of apps has no row {stem}::{name}", file.path));
            }
            let title = rest.split('"').nth(3).unwrap_or_default();
            titles.insert(format!("{stem}::{name}"), title.to_lowercase());
        }
    }
    let order: Vec<_> = rows.iter().filter_map(|row| titles.get(*row)).collect();
    if let Some((one, other)) = order.iter().zip(order.iter().skip(1)).find(|(one, other)| one > other) {
        wrong.push(format!("{folder}/mod.rs: `{other}` must come before `{one}`"));
    }
    Ok(())
}

/// `npm run bench` runs each `*.bench.mjs` of the folder; one of them must import every other file there.
fn benches(wrong: &mut Vec<String>) -> Outcome {
    let here = |path: &str| files::directly_in(path, "tests/bench") && path.ends_with(".mjs");
    let files = files::files(here)?;
    for file in files.iter().filter(|file| !file.path.ends_with(".bench.mjs") && !file.path.ends_with("/run.mjs")) {
        let import = format!("/{}\"", files::name(&file.path));
        if !files.iter().any(|other| other.path != file.path && other.text.contains(&import)) {
            wrong.push(format!("{}: no benchmark uses it", file.path));
        }
    }
    Ok(())
}

/// Every language has the same texts as English.
fn languages(wrong: &mut Vec<String>) -> Outcome {
    for folder in LANGUAGES {
        let texts = files::files(|path| files::directly_in(path, folder) && !path.ends_with(".md"))?;
        let Some(english) = texts.iter().find(|file| files::stem(&file.path) == "en") else {
            wrong.push(format!("{folder}/: no file for English"));
            continue;
        };
        let expect = keys(english)?;
        for other in &texts {
            let got = keys(other)?;
            wrong.extend(expect.difference(&got).map(|key| format!("{}: `{key}` is missing", other.path)));
            wrong.extend(got.difference(&expect).map(|key| format!("{}: `{key}` is not in English", other.path)));
        }
    }
    Ok(())
}

fn keys(file: &files::File) -> Outcome<BTreeSet<String>> {
    let value: Value = if file.path.ends_with(".toml") {
        let table: toml::Table = file.text.parse().map_err(|e| format!("{}: {e}", file.path))?;
        serde_json::to_value(table).map_err(|e| format!("{}: {e}", file.path))?
    } else {
        serde_json::from_str(&file.text).map_err(|e| format!("{}: {e}", file.path))?
    };
    let mut keys = BTreeSet::new();
    collect("", &value, &mut keys);
    Ok(keys)
}

/// Collects the paths of all texts. Plural forms (`one`, `few`, …) count as one text, because they differ by language.
fn collect(path: &str, value: &Value, keys: &mut BTreeSet<String>) {
    const PLURALS: [&str; 6] = ["zero", "one", "two", "few", "many", "other"];
    let Some(object) = value.as_object() else {
        keys.insert(path.to_owned());
        return;
    };
    if object.contains_key("other") && object.keys().all(|key| PLURALS.contains(&key.as_str())) {
        keys.insert(path.to_owned());
        return;
    }
    for (key, value) in object {
        collect(&if path.is_empty() { key.clone() } else { format!("{path}.{key}") }, value, keys);
    }
}

/// Every crate has a README that is its crate documentation.
fn crates(wrong: &mut Vec<String>) -> Outcome {
    for path in files::paths(|path| path.starts_with("crates/") && path.ends_with("/src/lib.rs"))? {
        let folder = path.trim_end_matches("/src/lib.rs");
        if !root().join(folder).join("README.md").is_file() {
            wrong.push(format!("{folder}/README.md is missing"));
        } else if !text(&root().join(&path))?.contains("include_str!(\"../README.md\")") {
            wrong.push(format!("{path} does not include ../README.md as its documentation"));
        }
    }
    Ok(())
}

/// Every file named in an npm script exists.
fn scripts(wrong: &mut Vec<String>) -> Outcome {
    let package: Value =
        serde_json::from_str(&text(&root().join("package.json"))?).map_err(|e| format!("package.json: {e}"))?;
    let scripts = package.get("scripts").and_then(Value::as_object).ok_or("package.json: no scripts")?;
    for (name, script) in scripts {
        let words = script.as_str().unwrap_or_default().split_whitespace();
        for file in words.filter(|word| word.ends_with(".mjs") || word.ends_with(".toml")) {
            if !root().join(file).is_file() {
                wrong.push(format!("npm run {name}: {file} is missing"));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_absent_folder_is_reported() {
        let paths = ["a/b.rs".to_owned(), "a/c/d.rs".to_owned(), "ab/e.rs".to_owned()];
        let count = |named: &[&str]| absent(named.iter(), &paths).len();
        assert_eq!([count(&["a", "a/c", "ab"]), count(&["a/b"]), count(&["b", "c", "b"])], [0, 1, 2]);
    }

    #[test]
    fn a_readme_must_list_every_file() {
        let readme = "| file | row |\n|---|---|\n| `a/{x,y}.json` | `z` |\n| `b/`, `c.txt` | `d.json` |\n";
        assert_eq!(undescribed(readme, &["a/x.json", "a/y.json", "b/one", "b/two/three", "c.txt"]), [""; 0]);
        let differences = undescribed(readme, &["a/x.json", "a/z.json", "c.txt"]);
        assert_eq!(
            differences,
            ["`a/z.json` has no row", "`a/y.json` has a row, but is absent", "`b/` has a row, but is absent"]
        );
    }

    #[test]
    fn keys_of_a_language() {
        let file = |path: &str, text: &str| files::File { path: path.into(), text: text.into() };
        let json = keys(&file("en.json", r#"{"a":"x","b":{"c":"y","d":{"one":"1","other":"n"}}}"#)).expect("JSON");
        assert_eq!(json.into_iter().collect::<Vec<_>>(), ["a", "b.c", "b.d"]);
        let toml = keys(&file("en.toml", "a = \"x\"\n[b]\nc = \"y\"\n")).expect("TOML");
        assert_eq!(toml.into_iter().collect::<Vec<_>>(), ["a", "b.c"]);
        assert!(keys(&file("en.json", "{")).is_err());
    }
}
