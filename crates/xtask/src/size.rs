//! `cargo xtask size`: download sizes in gzip kB (1,000 bytes, `gzip -9`), compared with their budgets.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use crate::{
    entries::ENTRIES,
    npm,
    run::{Outcome, node_tool, quiet, read, root, target, text, write},
};

/// A row of the table. The goal is the design's; the check fails above the budget. A budget above the goal needs a comment
/// with the reason, and so does the commit that raises one.
struct Row {
    what: String,
    goal_kb: f64,
    budget_kb: f64,
    files: Vec<PathBuf>,
}

pub(crate) fn run(args: &[String]) -> Outcome {
    if !args.is_empty() {
        return Err("usage: cargo xtask size".into());
    }
    let rows = rows()?;
    let sizes = gzip_bytes(&rows)?;
    let readme = text(&root().join("crates/js/npm/README.md"))?;
    let mut grown = Vec::new();
    println!("{:<44} {:>9} {:>9} {:>9}", "gzip kB", "now", "goal", "budget");
    for (row, bytes) in rows.iter().zip(sizes) {
        if row.files.is_empty() {
            println!("{:<44} {:>9} {:>9.1} {:>9.1}", row.what, "not built", row.goal_kb, row.budget_kb);
            continue;
        }
        let kb = bytes / 1000.0;
        if let Some(said) = said_of(&readme, &row.what).filter(|said| (said - kb).abs() > 0.15) {
            grown.push(format!("  {}: {kb:.1} kB, and crates/js/npm/README.md says {said:.1}", row.what));
        }
        if row.budget_kb.is_infinite() {
            println!("{:<44} {kb:>9.1}", row.what);
            continue;
        }
        let over = kb > row.budget_kb;
        let remark = match (over, kb > row.goal_kb) {
            (true, _) => "  over the budget",
            (false, true) => "  goal not reached",
            (false, false) => "",
        };
        println!("{:<44} {kb:>9.1} {:>9.1} {:>9.1}{remark}", row.what, row.goal_kb, row.budget_kb);
        if over {
            grown.push(format!("  {}: {:.1} kB over, in {}", row.what, kb - row.budget_kb, names(&row.files)));
        }
    }
    if grown.is_empty() { Ok(()) } else { Err(format!("over budget:\n{}", grown.join("\n"))) }
}

/// What the table of the package's README says of a library in one file.
fn said_of(readme: &str, what: &str) -> Option<f64> {
    let name = what.strip_suffix(ONE_FILE)?;
    let row = format!("| {name} | ");
    readme.lines().find_map(|line| line.strip_prefix(&row))?.trim_end_matches(" |").parse().ok()
}

/// The end of a row's name that says how a consumer without splitting has a library.
const ONE_FILE: &str = ", one file, no splitting";

/// What a consumer gets who imports these names and bundles them into one file. Other people's libraries are those of the
/// benchmarks: absent where nobody has run them.
fn one_file(name: &str, module: &str, imported: &str) -> Outcome<Vec<PathBuf>> {
    let peers = root().join("tests/bench/node_modules");
    if !Path::new(module).is_absolute() && !peers.join(module).exists() || !npm::package().exists() {
        return Ok(Vec::new());
    }
    let folder = target().join("size");
    let (entry, out) = (folder.join(format!("{name}.entry.js")), folder.join(format!("{name}.js")));
    let imported = if imported == "*" { imported.to_owned() } else { format!("{{ {imported} }}") };
    write(&entry, format!("export {imported} from {module:?};\n"))?;
    let mut esbuild = node_tool("esbuild")?;
    esbuild.arg(&entry).args(["--bundle", "--minify", "--format=esm", "--log-level=error"]);
    esbuild.env("NODE_PATH", peers).arg(format!("--outfile={}", out.display()));
    quiet(&format!("bundling {name}"), &mut esbuild)?;
    Ok(vec![out])
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
    let row = |what: &str, goal_kb: f64, budget_kb: f64, files: Vec<PathBuf>| {
        let what = what.to_owned();
        Row { what, goal_kb, budget_kb, files }
    };
    // The rows of the main entry stand above their goals. A quarter of the wasm are the four hashes, a fifth what reads an
    // address; 0.6 kB are the sentences of the errors. The budgets are what is reached, and 2 % for the compiler's moods.
    let mut rows = vec![
        row("portcullis, wasm beside it", 10.2, 14.8, files(&["otp/wasm.js", "otp/otp.wasm", "error.js"])),
        row("portcullis, inlined", 13.0, 15.2, files(&["otp/inline.js", "error.js"])),
        row("portcullis, without WebAssembly", 20.0, 22.3, files(&["otp/js.js", "otp/asm.js", "error.js"])),
    ];
    // What the first example of each library's README imports.
    let main = package.join("otp/inline.js").display().to_string();
    for (name, module, imported, goal, budget) in [
        ("portcullis", main.as_str(), "code, parseUri, verify", 14.0, 14.0),
        ("otpauth", "otpauth", "TOTP, URI", f64::INFINITY, f64::INFINITY),
        ("otplib", "otplib", "generateSecret, generateSync, generateURI, verifySync", f64::INFINITY, f64::INFINITY),
    ] {
        rows.push(row(&format!("{name}{ONE_FILE}"), goal, budget, one_file(name, module, imported)?));
    }
    rows.push(row("portcullis, all of it in one file", 14.0, 14.8, one_file("all", &main, "*")?));
    for entry in ENTRIES.iter().skip(1) {
        let name = entry.name;
        let [glue, wasm] = [format!("{name}/wasm.js"), format!("{name}/{name}.wasm")];
        let what = format!("portcullis/{name}, wasm beside it");
        rows.push(row(&what, entry.budget_kb, entry.budget_kb, files(&[&glue, &wasm])));
    }
    rows.push(row("portcullis/qr, inlined", 60.0, 60.0, files(&["qr/inline.js", "error.js"])));
    rows.push(row("portcullis/qr-draw, inlined", 20.0, 20.0, files(&["qr-draw/inline.js", "error.js"])));
    rows.push(row("authenticator, first load", 100.0, 100.0, first_load(&target().join("www"))?));
    let worker = target().join("worker");
    let bundle: Vec<_> = if worker.exists() { listed(&worker)? } else { Vec::new() };
    // 401 kB with the second factor and its portal, of which 40 are the texts of all pages in five languages.
    rows.push(row("Worker bundle", 420.0, 405.0, bundle));
    Ok(rows)
}

fn listed(folder: &Path) -> Outcome<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder).map_err(|e| e.to_string())?;
    let files = entries.filter_map(Result::ok).map(|entry| entry.path());
    Ok(files.filter(|f| f.extension().is_some_and(|e| e == "mjs" || e == "js" || e == "wasm")).collect())
}

/// The page and everything that it loads before codes are on the screen: the list in `first-load.json` if the build wrote
/// one, otherwise the files that `index.html` names and their static imports.
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

/// The sum of the gzip sizes of each row's files. Each file is compressed by itself, as a server sends it.
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
