//! Assembles the npm package: each entry's wasm, and the ways to load it, bundled from `crates/js/npm`.

use std::path::{Path, PathBuf};

use crate::{
    entries::{self, Entry, Glue},
    generate,
    packed::packed,
    run::{Outcome, about, copy, fresh_folder, node_tool, quiet, read, root, target, text, write},
    stamp::make,
    wasm,
};

/// Where the package is assembled: the unpacked tarball.
pub(crate) fn package() -> PathBuf {
    target().join("npm/portcullis")
}

/// The tarball that `npm pack` makes of it.
pub(crate) fn tarball() -> PathBuf {
    target().join(format!("npm/portcullis-{}.tgz", env!("CARGO_PKG_VERSION")))
}

/// The entries whose types and exports are written.
fn entries() -> Vec<Entry> {
    let written = |entry: &Entry| root().join("crates/js/npm").join(entry.name).join("api.js").exists();
    entries::ENTRIES.into_iter().filter(written).collect()
}

/// Builds what is not fresh; returns whether anything was.
pub(crate) fn build() -> Outcome<bool> {
    let mut inputs = wasm::inputs("npm")?.add("crates/js/npm")?.add("LICENSE-MIT")?.add("LICENSE-APACHE")?;
    for entry in &entries() {
        compile(entry)?;
        inputs = inputs.add(wasm_of(entry.name).strip_prefix(root()).map_err(|e| e.to_string())?)?;
        inputs = inputs.add(target().join("wasm").join(entry.name).join("index.js"))?;
    }
    make("npm", &inputs, &[package().join("package.json"), tarball()], assemble)
}

fn wasm_of(entry: &str) -> PathBuf {
    target().join("wasm").join(entry).join("index_bg.wasm")
}

/// One entry's wasm, with wasm-bindgen's glue or with the twin in plain JavaScript, under `target/wasm/`.
fn compile(entry: &Entry) -> Outcome {
    let folder = target().join("wasm").join(entry.name);
    let wasm = wasm_of(entry.name);
    let mut inputs = wasm::inputs(entry.name)?.add("crates/base")?.add("crates/js/src")?.add("crates/js/Cargo.toml")?;
    for name in entry.crates {
        inputs = inputs.add(Path::new("crates").join(name))?;
    }
    let script = folder.join(if entry.glue == Glue::Raw { "asm.js" } else { "index.js" });
    make(entry.name, &inputs, &[wasm.clone(), script.clone()], || {
        let compiled = wasm::cargo_build("js", "js", Some(entry.name), entry.profile)?;
        if entry.glue == Glue::Raw {
            fresh_folder(&folder)?;
            copy(&compiled, &wasm)?;
            wasm::to_js(&wasm, &script)?;
        } else {
            wasm::bindgen(&compiled, &folder, wasm::Glue::Package)?;
        }
        wasm::optimise(&wasm, if entry.profile == "release" { "-O3" } else { "-Oz" })
    })
    .map(drop)
}

/// The package's folder from its parts, then the tarball.
fn assemble() -> Outcome {
    let source = root().join("crates/js/npm");
    let out = package();
    fresh_folder(&out)?;
    for file in ["README.md", "ERRORS.md", "bin", "examples", "errors.d.ts"] {
        copy(&source.join(file), &out.join(file))?;
    }
    for licence in ["LICENSE-MIT", "LICENSE-APACHE"] {
        copy(&root().join(licence), &out.join(licence))?;
    }
    write(&out.join("errors.d.cts"), generate::commonjs_types(&text(&source.join("errors.d.ts"))?))?;
    let manifest = text(&source.join("package.json"))?;
    write(&out.join("package.json"), filled(&manifest))?;
    bundle(&source.join("error.js"), &out.join("error"), &[], &FORMATS)?;
    for entry in &entries() {
        assemble_entry(entry, &source, &out)?;
    }
    let folder = target().join("npm");
    quiet(
        "npm pack",
        std::process::Command::new("npm")
            .current_dir(&out)
            .args(["pack", "--silent", "--pack-destination"])
            .arg(&folder),
    )?;
    link_into_www(&out)
}

/// The manifest with the workspace's version, and every entry's ways to load it.
fn filled(manifest: &str) -> String {
    let mut exports = String::new();
    for Entry { name, glue, .. } in entries() {
        let raw = glue == Glue::Raw;
        let (main, prefix) =
            if raw { (".".to_owned(), ".".to_owned()) } else { (format!("./{name}"), format!("./{name}")) };
        let way = |file: &str, types: &str, extension: &str| {
            let kind = if extension == "cjs" { "d.cts" } else { "d.ts" };
            format!("{{ \"types\": \"./{name}/{types}.{kind}\", \"default\": \"./{name}/{file}.{extension}\" }}")
        };
        exports.push_str(&format!(
            "    \"{main}\": {{\n      \"workerd\": {},\n      \"edge-light\": {},\n      \"require\": {},\n      \
             \"default\": {}\n    }},\n",
            way("workerd", "index", "js"),
            way("edge", "index", "js"),
            way("inline", "index", "cjs"),
            way("inline", "index", "js"),
        ));
        for file in if raw { &["wasm", "js"][..] } else { &["wasm"] } {
            exports.push_str(&format!(
                "    \"{prefix}/{file}\": {{ \"require\": {}, \"default\": {} }},\n",
                way(file, file, "cjs"),
                way(file, file, "js")
            ));
        }
        exports.push_str(&format!("    \"./{name}.wasm\": \"./{name}/{name}.wasm\",\n"));
    }
    manifest
        .replace("\"0.0.0\"", &format!("{:?}", env!("CARGO_PKG_VERSION")))
        .replace("    \"./package.json\"", &format!("{exports}    \"./package.json\""))
}

/// The authenticator finds the package as any consumer does: in a `node_modules` above it.
fn link_into_www(package: &Path) -> Outcome {
    let www = root().join("www");
    if !www.exists() {
        return Ok(());
    }
    let folder = www.join("node_modules");
    std::fs::create_dir_all(&folder).map_err(about(&folder))?;
    let link = folder.join("portcullis");
    std::fs::remove_file(&link).ok();
    std::os::unix::fs::symlink(package, &link).map_err(about(&link))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Format {
    Esm,
    Cjs,
}

const FORMATS: [Format; 2] = [Format::Esm, Format::Cjs];

fn assemble_entry(entry: &Entry, source: &Path, out: &Path) -> Outcome {
    let name = entry.name;
    let folder = out.join(name);
    let here = source.join(name);
    copy(&wasm_of(name), &folder.join(format!("{name}.wasm")))?;
    let types = text(&here.join("index.d.ts"))?;
    // `init` is what one waits for there.
    let begun = types.split("\n/** Fulfilled when").next().unwrap_or(&types);
    let mut typed =
        vec![("index", types.clone()), ("wasm", format!("{begun}\n{}", text(&source.join("load/init.d.ts"))?))];
    let built = target().join("wasm").join(name);
    let raw = entry.glue == Glue::Raw;
    write(&built.join("packed.txt"), packed(&read(&wasm_of(name))?))?;
    let glue = if raw { here.join("glue.js") } else { built.join("index.js") };
    let aliases = [
        ("#glue", glue.display().to_string()),
        ("#api", here.join("api.js").display().to_string()),
        ("#unready", source.join("load/unready.js").display().to_string()),
        ("#wasm-packed", built.join("packed.txt").display().to_string()),
    ];
    let load = source.join("load");
    let inline = if raw { "inline-or-js.js" } else { "inline.js" };
    bundle(&load.join(inline), &folder.join("inline"), &aliases, &FORMATS)?;
    bundle(&load.join("wasm.js"), &folder.join("wasm"), &aliases, &FORMATS)?;
    for (file, suffix) in [("workerd", ""), ("edge", "?module")] {
        let imported = [aliases[0].clone(), aliases[1].clone(), aliases[2].clone()];
        bundle(&load.join("module.js"), &folder.join(file), &imported, &[Format::Esm])?;
        // The platform compiles an imported wasm: the import must survive the bundling as it stands.
        let path = folder.join(format!("{file}.js"));
        write(&path, text(&path)?.replace("#wasm-module", &format!("./{name}.wasm{suffix}")))?;
    }
    if raw {
        bundle(
            &load.join("asm.js"),
            &folder.join("asm"),
            &[("#asm", built.join("asm.js").display().to_string())],
            &FORMATS,
        )?;
        bundle(&load.join("js.js"), &folder.join("js"), &aliases, &FORMATS)?;
        typed.push(("js", types));
    }
    for (file, types) in typed {
        write(&folder.join(format!("{file}.d.cts")), generate::commonjs_types(&types))?;
        write(&folder.join(format!("{file}.d.ts")), types)?;
    }
    Ok(())
}

/// Bundles one file into `<out>.js` and `<out>.cjs`. What entries share stays apart, so that there is one class of
/// errors and one copy of the plain JavaScript build.
fn bundle(from: &Path, out: &Path, aliases: &[(&str, String)], formats: &[Format]) -> Outcome {
    for format in formats {
        let (name, extension) = match format {
            Format::Esm => ("esm", "js"),
            Format::Cjs => ("cjs", "cjs"),
        };
        let path = out.with_extension(extension);
        let mut esbuild = node_tool("esbuild")?;
        esbuild
            .arg(from)
            .args(["--bundle", "--minify", "--target=es2022", "--platform=neutral", "--log-level=error"])
            .args(["--external:../error.js", "--external:./asm.js", "--external:#wasm-module", "--loader:.txt=text"])
            .arg(format!("--format={name}"))
            .arg(format!("--define:COMMONJS={}", *format == Format::Cjs))
            .arg(format!("--inject:{}", root().join("crates/js/npm/load/text.js").display()))
            .arg(format!("--outfile={}", path.display()));
        for (alias, real) in aliases {
            esbuild.arg(format!("--alias:{alias}={real}"));
        }
        quiet(&format!("bundling {}", from.display()), &mut esbuild)?;
        if *format == Format::Cjs {
            let script = String::from_utf8(read(&path)?).map_err(|e| e.to_string())?;
            write(&path, script.replace("../error.js", "../error.cjs").replace("./asm.js", "./asm.cjs"))?;
        }
    }
    Ok(())
}
