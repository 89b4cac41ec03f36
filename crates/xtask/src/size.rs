//! `cargo xtask size`: what a person downloads, in gzip kB (1,000 bytes, `gzip -9`), held to its budget.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use crate::{
    entries::ENTRIES,
    npm,
    run::{Outcome, node_tool, quiet, read, target, text},
};

/// A row of the table. A budget is a promise: it is raised only in the commit that says why.
struct Row {
    what: String,
    budget_kb: f64,
    files: Vec<PathBuf>,
}

pub(crate) fn run(args: &[String]) -> Outcome {
    if !args.is_empty() {
        return Err("usage: cargo xtask size".into());
    }
    let rows = rows()?;
    let sizes = gzip_bytes(&rows)?;
    let mut grown = Vec::new();
    println!("{:<44} {:>9} {:>9}", "gzip kB", "now", "budget");
    for (row, bytes) in rows.iter().zip(sizes) {
        if row.files.is_empty() {
            println!("{:<44} {:>9} {:>9.1}", row.what, "not built", row.budget_kb);
            continue;
        }
        let kb = bytes / 1000.0;
        let over = kb > row.budget_kb;
        println!("{:<44} {kb:>9.1} {:>9.1}{}", row.what, row.budget_kb, if over { "  over" } else { "" });
        if over {
            grown.push(format!("  {}: {:.1} kB over, in {}", row.what, kb - row.budget_kb, names(&row.files)));
        }
    }
    if grown.is_empty() { Ok(()) } else { Err(format!("over budget:\n{}", grown.join("\n"))) }
}

fn names(files: &[PathBuf]) -> String {
    let names = files.iter().filter_map(|file| file.file_name()).map(|name| name.to_string_lossy().into_owned());
    names.collect::<Vec<_>>().join(", ")
}

fn rows() -> Outcome<Vec<Row>> {
    let package = npm::package();
    let files = |names: &[&str]| {
        let all: Vec<_> = names.iter().map(|name| package.join(name)).collect();
        if all.iter().all(|file| file.exists()) { all } else { Vec::new() }
    };
    let row = |what: &str, budget_kb: f64, files: Vec<PathBuf>| Row { what: what.to_owned(), budget_kb, files };
    let mut rows = vec![
        row("portcullis, wasm beside it", 10.2, files(&["otp/wasm.js", "otp/otp.wasm", "error.js"])),
        row("portcullis, inlined", 13.0, files(&["otp/inline.js", "error.js"])),
        row("portcullis, without WebAssembly", 20.0, files(&["otp/js.js", "otp/asm.js", "error.js"])),
    ];
    for entry in ENTRIES.iter().skip(1) {
        let name = entry.name;
        let [glue, wasm] = [format!("{name}/wasm.js"), format!("{name}/{name}.wasm")];
        rows.push(row(&format!("portcullis/{name}, wasm beside it"), entry.budget_kb, files(&[&glue, &wasm])));
    }
    rows.push(row("authenticator, first load", 100.0, first_load(&target().join("www"))?));
    let worker = target().join("worker");
    let bundle: Vec<_> = if worker.exists() { listed(&worker)? } else { Vec::new() };
    rows.push(row("Worker bundle", 300.0, bundle));
    Ok(rows)
}

fn listed(folder: &Path) -> Outcome<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder).map_err(|e| e.to_string())?;
    let files = entries.filter_map(Result::ok).map(|entry| entry.path());
    Ok(files.filter(|f| f.extension().is_some_and(|e| e == "mjs" || e == "js" || e == "wasm")).collect())
}

/// The page and all that it loads before codes are on the screen: what `first-load.json` lists where the build writes
/// one, else what `index.html` names and what those scripts import statically.
fn first_load(www: &Path) -> Outcome<Vec<PathBuf>> {
    let index = www.join("index.html");
    if !index.exists() {
        return Ok(Vec::new());
    }
    if let Ok(list) = text(&www.join("first-load.json")) {
        let names: Vec<String> = serde_json::from_str(&list).map_err(|e| format!("first-load.json: {e}"))?;
        return Ok(names.iter().map(|name| www.join(name)).collect());
    }
    let mut found = BTreeSet::from([index.clone()]);
    let mut todo = vec![index];
    while let Some(file) = todo.pop() {
        let folder = file.parent().unwrap_or(www);
        let page = file.extension().is_some_and(|e| e == "html");
        let script = file.extension().is_some_and(|e| e == "js");
        if !page && !script {
            continue;
        }
        let content = text(&file)?;
        let marks: &[&str] = if page { &["src=\"", "href=\""] } else { &["from\"", "import\""] };
        for mark in marks {
            for rest in content.split(mark).skip(1) {
                let named = rest.split('"').next().unwrap_or_default();
                let path = named.strip_prefix('/').map_or_else(|| folder.join(named), |name| www.join(name));
                let loaded = path.extension().is_some_and(|e| e == "js" || e == "css" || e == "wasm");
                if loaded && path.exists() && found.insert(path.clone()) {
                    todo.push(path);
                }
            }
        }
    }
    Ok(found.into_iter().collect())
}

/// The sum of the gzip sizes of each row's files, each file compressed by itself, as it is sent.
fn gzip_bytes(rows: &[Row]) -> Outcome<Vec<f64>> {
    const SCRIPT: &str = "const {gzipSync} = require('zlib'), {readFileSync} = require('fs');
        for (const row of JSON.parse(process.argv[1]))
          console.log(row.reduce((sum, file) => sum + gzipSync(readFileSync(file), { level: 9 }).length, 0));";
    for file in rows.iter().flat_map(|row| &row.files) {
        read(file)?;
    }
    let lists: Vec<&Vec<PathBuf>> = rows.iter().map(|row| &row.files).collect();
    let lists = serde_json::to_string(&lists).map_err(|e| e.to_string())?;
    let said = quiet("gzip", node_tool("node")?.args(["-e", SCRIPT]).arg(lists))?;
    let said = String::from_utf8(said).map_err(|e| e.to_string())?;
    said.lines().map(|line| line.trim().parse().map_err(|_| format!("gzip: {line}"))).collect()
}
