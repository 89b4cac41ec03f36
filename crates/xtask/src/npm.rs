//! Assembles the npm package: each entry's wasm, and its loaders, bundled from `crates/js/npm`.

use std::path::{Path, PathBuf};

use crate::{
    entries::{self, Entry, Glue},
    generate,
    packed::packed,
    run::{Outcome, about, copy, fresh_folder, node_tool, quiet, read, root, target, text, write},
    stamp::{Stamp, make},
    wasm,
};

/// The folder of the assembled package.
pub(crate) fn package() -> PathBuf {
    target().join("npm/portcullis")
}

/// The tarball of the package.
pub(crate) fn tarball() -> PathBuf {
    target().join(format!("npm/portcullis-{}.tgz", env!("CARGO_PKG_VERSION")))
}

/// The entries that have an `api.js`.
pub(crate) fn entries() -> Vec<Entry> {
    let written = |entry: &Entry| root().join("crates/js/npm").join(entry.name).join("api.js").exists();
    entries::ENTRIES.into_iter().filter(written).collect()
}

/// Builds what is not fresh; returns whether anything was built.
pub(crate) fn build() -> Outcome<bool> {
    let mut inputs = wasm::inputs("npm")?.add("crates/js/npm")?.add("LICENSE-MIT")?.add("LICENSE-APACHE")?;
    compile(&entries())?;
    for entry in &entries() {
        for file in ["index_bg.wasm", "index.js"] {
            inputs = inputs.add(Path::new("target/wasm").join(entry.name).join(file))?;
        }
    }
    make("npm", &inputs, &[package().join("package.json"), tarball()], pack)
}

/// The folder of an entry's shipped wasm and glue.
pub(crate) fn built(entry: &Entry) -> PathBuf {
    target().join("wasm").join(entry.name)
}

/// Compiles the entries one after another. The single-threaded steps after each run in parallel to the next compilation.
fn compile(entries: &[Entry]) -> Outcome {
    std::thread::scope(|scope| {
        let mut finishing = Vec::new();
        for entry in entries {
            let stamp = stamp_of(entry)?;
            if !stamp.is_fresh() {
                let compiled = compiled(entry)?;
                finishing.push(scope.spawn(move || stamp.renew(|| finish(entry, &compiled))));
            }
        }
        finishing.into_iter().try_for_each(|one| one.join().map_err(|_| "a build panicked")?)
    })
}

/// Compiles one entry.
pub(crate) fn compile_alone(entry: &Entry) -> Outcome {
    compile(std::slice::from_ref(entry))
}

fn script_of(entry: &Entry) -> PathBuf {
    built(entry).join(if entry.glue == Glue::Raw { "asm.js" } else { "index.js" })
}

fn stamp_of(entry: &Entry) -> Outcome<Stamp> {
    let mut inputs = wasm::inputs(entry.name)?.add("crates/base")?.add("crates/js/src")?.add("crates/js/Cargo.toml")?;
    for name in entry.crates {
        inputs = inputs.add(Path::new("crates").join(name))?;
    }
    Ok(Stamp::new(entry.name, &inputs, &[built(entry).join("index_bg.wasm"), script_of(entry)]))
}

/// Compiles an entry, and copies the wasm because the next run of cargo overwrites it.
fn compiled(entry: &Entry) -> Outcome<PathBuf> {
    let kept = target().join("wasm").join(format!("{}.wasm", entry.name));
    copy(&wasm::cargo_build("js", "js", Some(entry.name), entry.profile)?, &kept)?;
    Ok(kept)
}

/// Turns a compiled entry into its shipped wasm, with wasm-bindgen's glue or the translation to plain JavaScript.
fn finish(entry: &Entry, compiled: &Path) -> Outcome {
    let folder = built(entry);
    let wasm = folder.join("index_bg.wasm");
    if entry.glue == Glue::Raw {
        fresh_folder(&folder)?;
        copy(compiled, &wasm)?;
        let [k256, k512] = wasm::without_constants(&wasm)?;
        write(&folder.join("places.js"), format!("export const K256 = {k256};\nexport const K512 = {k512};\n"))?;
        wasm::to_js(&wasm, &script_of(entry))?;
    } else {
        wasm::bindgen(compiled, &folder, wasm::Glue::Package)?;
    }
    wasm::optimise(&wasm, entry.optimisation())
}

/// Assembles the package's folder, then its tarball.
fn pack() -> Outcome {
    let out = package();
    Package { out: out.clone(), entries: entries(), built: &built, formats: Formats::All }.assemble()?;
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

/// The loaders to write.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Formats {
    /// All, with their types.
    All,
    /// Only those for bundlers that target browsers.
    Browser,
}

/// A package to assemble.
pub(crate) struct Package<'a> {
    pub(crate) out: PathBuf,
    pub(crate) entries: Vec<Entry>,
    /// The folder of an entry's wasm and glue.
    pub(crate) built: &'a dyn Fn(&Entry) -> PathBuf,
    pub(crate) formats: Formats,
}

/// The ways to load an entry beside the usual one: subpaths of the entry.
const fn others(glue: Glue) -> &'static [&'static str] {
    match glue {
        Glue::Raw => &["wasm", "auto", "js"],
        Glue::Bindgen => &["wasm"],
    }
}

/// The manifest of a folder that is named as a subpath, for resolvers that do not read `exports`: Parcel and
/// eslint-plugin-import as they come, older Metro, TypeScript's `node10`. It says again what holds for the files beside it.
fn folder_manifest(file: &str, types: &str) -> String {
    format!(
        "{{\n  \"type\": \"module\",\n  \"sideEffects\": false,\n  \"main\": \"{file}.cjs\",\n  \"module\": \
         \"{file}.js\",\n  \"types\": \"{types}.d.ts\"\n}}\n"
    )
}

/// The manifest with the workspace's version and the exports of every entry.
fn filled(manifest: &str, entries: &[Entry]) -> String {
    let mut exports = String::new();
    for Entry { name, glue, .. } in entries {
        let raw = *glue == Glue::Raw;
        let (main, prefix) =
            if raw { (".".to_owned(), ".".to_owned()) } else { (format!("./{name}"), format!("./{name}")) };
        let target = |file: &str, types: &str, extension: &str| {
            let kind = if extension == "cjs" { "d.cts" } else { "d.ts" };
            format!("{{ \"types\": \"./{name}/{types}.{kind}\", \"default\": \"./{name}/{file}.{extension}\" }}")
        };
        exports.push_str(&format!(
            "    \"{main}\": {{\n      \"workerd\": {},\n      \"edge-light\": {},\n      \"require\": {},\n      \
             \"default\": {}\n    }},\n",
            target("workerd", "index", "js"),
            target("edge", "index", "js"),
            target("inline", "index", "cjs"),
            target("inline", "index", "js"),
        ));
        for file in others(*glue) {
            exports.push_str(&format!(
                "    \"{prefix}/{file}\": {{ \"require\": {}, \"default\": {} }},\n",
                target(file, file, "cjs"),
                target(file, file, "js")
            ));
        }
        for wasm in [format!("{name}.wasm"), format!("{name}/{name}.wasm")] {
            exports.push_str(&format!("    \"./{wasm}\": \"./{name}/{name}.wasm\",\n"));
        }
    }
    manifest
        .replace("\"0.0.0\"", &format!("{:?}", env!("CARGO_PKG_VERSION")))
        .replace("    \"./package.json\"", &format!("{exports}    \"./package.json\""))
}

/// Links the package into `www/node_modules`, so that the authenticator imports it like any consumer.
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

impl Package<'_> {
    /// Writes the folder from its parts.
    pub(crate) fn assemble(&self) -> Outcome {
        let source = root().join("crates/js/npm");
        fresh_folder(&self.out)?;
        if self.formats == Formats::All {
            for file in ["README.md", "ERRORS.md", "bin", "examples", "errors.d.ts"] {
                copy(&source.join(file), &self.out.join(file))?;
            }
            for licence in ["LICENSE-MIT", "LICENSE-APACHE"] {
                copy(&root().join(licence), &self.out.join(licence))?;
            }
            let types = generate::commonjs_types(&text(&source.join("errors.d.ts"))?);
            write(&self.out.join("errors.d.cts"), types)?;
        }
        let manifest = text(&source.join("package.json"))?;
        write(&self.out.join("package.json"), filled(&manifest, &self.entries))?;
        bundle(&source.join("error.js"), &self.out.join("error"), &[], self.scripts())?;
        self.entries.iter().try_for_each(|entry| self.entry(entry, &source))
    }

    const fn scripts(&self) -> &'static [Format] {
        match self.formats {
            Formats::All => &[Format::Esm, Format::Cjs],
            Formats::Browser => &[Format::Esm],
        }
    }

    fn entry(&self, entry: &Entry, source: &Path) -> Outcome {
        let name = entry.name;
        let folder = self.out.join(name);
        let here = source.join(name);
        let built = (self.built)(entry);
        let wasm = built.join("index_bg.wasm");
        copy(&wasm, &folder.join(format!("{name}.wasm")))?;
        let raw = entry.glue == Glue::Raw;
        let packed_wasm = folder.join("packed.txt");
        write(&packed_wasm, packed(&read(&wasm)?))?;
        let glue = if raw { here.join("glue.js") } else { built.join("index.js") };
        let aliases = [
            ("#glue", glue.display().to_string()),
            ("#api", here.join("api.js").display().to_string()),
            ("#unready", source.join("load/unready.js").display().to_string()),
            ("#wasm-packed", packed_wasm.display().to_string()),
            ("#places", built.join("places.js").display().to_string()),
        ];
        let load = source.join("load");
        let inline = if raw { "inline-ready.js" } else { "inline.js" };
        bundle(&load.join(inline), &folder.join("inline"), &aliases, self.scripts())?;
        if raw {
            bundle(&load.join("auto.js"), &folder.join("auto"), &aliases, self.scripts())?;
        }
        std::fs::remove_file(&packed_wasm).map_err(about(&packed_wasm))?;
        bundle(&load.join("wasm.js"), &folder.join("wasm"), &aliases, self.scripts())?;
        if raw {
            let asm = [("#asm", built.join("asm.js").display().to_string())];
            bundle(&load.join("asm.js"), &folder.join("asm"), &asm, self.scripts())?;
            bundle(&load.join("js.js"), &folder.join("js"), &aliases, self.scripts())?;
        }
        if self.formats == Formats::All {
            for (file, suffix) in [("workerd", ""), ("edge", "?module")] {
                let imported: Vec<_> = aliases.iter().filter(|(alias, _)| *alias != "#wasm-packed").cloned().collect();
                bundle(&load.join("module.js"), &folder.join(file), &imported, &[Format::Esm])?;
                // The platform compiles an imported wasm, so the import must survive bundling unchanged.
                let path = folder.join(format!("{file}.js"));
                write(&path, text(&path)?.replace("#wasm-module", &format!("./{name}.wasm{suffix}")))?;
            }
            write_types(&folder, &here, &load, raw)?;
            if raw {
                for file in others(entry.glue) {
                    let from = format!("../{name}/{file}");
                    write(&self.out.join(file).join("package.json"), folder_manifest(&from, &from))?;
                }
            } else {
                write(&folder.join("package.json"), folder_manifest("./inline", "./index"))?;
            }
        }
        Ok(())
    }
}

/// Writes the types of an entry's loaders, for ES modules and CommonJS.
fn write_types(folder: &Path, here: &Path, load: &Path, raw: bool) -> Outcome {
    let types = text(&here.join("index.d.ts"))?;
    // With the wasm as a separate file, `init` replaces the promise of the inlined loader.
    let begun = types.split("\n/** Fulfilled when").next().unwrap_or(&types);
    let mut typed = vec![("index", types.clone()), ("wasm", format!("{begun}\n{}", text(&load.join("init.d.ts"))?))];
    if raw {
        typed.extend([("auto", types.clone()), ("js", types)]);
    }
    for (file, types) in typed {
        write(&folder.join(format!("{file}.d.cts")), generate::commonjs_types(&types))?;
        write(&folder.join(format!("{file}.d.ts")), types)?;
    }
    Ok(())
}

/// Bundles one file into `<out>.js` and `<out>.cjs`. Modules that entries share are not bundled, so that there is one error
/// class and one copy of the plain JavaScript build.
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
            // Node prints the line of an error that nobody catches: it must not be the one that holds the wasm.
            .arg("--line-limit=500")
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
