//! `cargo xtask build start`: a fast build of the gate and the authenticator for `npm start`.
//!
//! It differs from the shipped build: cargo's dev profile, one wasm for all wasm-bindgen entries that the authenticator
//! uses, and no wasm-opt for it. Only the main entry is built as shipped. The output is in `target/start`, which tests,
//! tarball and deployment never read.

use std::path::{Path, PathBuf};

use crate::{
    bundle::{self, POLICY_MODULE, policy_module},
    entries::{Entry, Glue},
    npm::{self, Formats, Package},
    run::{Outcome, cargo, copy, fresh_folder, go, quiet, root, target, text, write},
    stamp::{Inputs, make, timed},
    wasm,
};

/// The settings of the fastest first build. Packages whose speed a person would feel have their own levels in the workspace's
/// `Cargo.toml`; `backup` has one there for its tests.
const SETTINGS: [(&str, &str); 2] = [("CARGO_PROFILE_DEV_DEBUG", "0"), ("CARGO_INCREMENTAL", "0")];
const UNOPTIMISED: [&str; 2] = ["--config", "profile.dev.package.backup.opt-level=0"];

pub(crate) fn build() -> Outcome {
    let (raw, bound): (Vec<Entry>, Vec<Entry>) = used()?.into_iter().partition(|entry| entry.glue == Glue::Raw);
    std::thread::scope(|scope| {
        // wasm-opt and wasm2js of the main entry are single-threaded, so they run in parallel to the compiler.
        let small = scope.spawn(|| raw.iter().try_for_each(npm::compile_alone));
        timed("core", || core(&bound))?;
        small.join().map_err(|_| "the build of the main entry panicked")?
    })?;
    timed("gate", gate)?;
    timed("policy", policy)?;
    timed("authenticator", || authenticator(raw.into_iter().chain(bound).collect()))
}

fn folder() -> PathBuf {
    target().join("start")
}

/// The entries that the authenticator imports.
fn used() -> Outcome<Vec<Entry>> {
    let listed = quiet(
        "git",
        std::process::Command::new("git").current_dir(root()).args([
            "ls-files",
            "--cached",
            "--others",
            "--exclude-standard",
            "www/src",
        ]),
    )?;
    let listed = String::from_utf8_lossy(&listed);
    let sources = listed.lines().map(|path| root().join(path)).filter(|path| path.is_file());
    let sources: String = sources.filter_map(|path| text(&path).ok()).collect();
    let imports = |entry: &Entry| match entry.glue {
        Glue::Raw => sources.contains("\"portcullis\""),
        Glue::Bindgen => {
            ["\"", "/", "."].iter().any(|end| sources.contains(&format!("\"portcullis/{}{end}", entry.name)))
        }
    };
    Ok(npm::entries().into_iter().filter(imports).collect())
}

/// Compiles the gate and the entries in one run of cargo, then makes the glue of both.
fn core(entries: &[Entry]) -> Outcome<bool> {
    let features: Vec<String> = entries.iter().map(|entry| format!("js/{}", entry.name)).collect();
    let features = features.join(",");
    let mut inputs = wasm::inputs(&format!("start {SETTINGS:?} {UNOPTIMISED:?} {features}"))?
        .add("crates/xtask/src/start.rs")?
        .add("worker")?;
    for name in crates()? {
        inputs = inputs.add(name)?;
    }
    let outputs = ["js/index.js", "worker/index.js"].map(|file| folder().join("wasm").join(file));
    make("start-core", &inputs, &outputs, || {
        let mut command = cargo();
        command
            .args(["build", "--locked", "--target", wasm::TARGET, "--lib"])
            .args(["-p", "js", "-p", "portcullis-worker", "--features", &features])
            .args(UNOPTIMISED)
            .envs(SETTINGS);
        go("compiling the core", wasm::with_flags(&mut command))?;
        let built = target().join(wasm::TARGET).join("debug");
        let glue =
            |file: &str, out: &str, glue| wasm::bindgen(&built.join(file), &folder().join("wasm").join(out), glue);
        std::thread::scope(|scope| {
            let worker = scope.spawn(|| glue("portcullis_worker.wasm", "worker", wasm::Glue::Worker));
            glue("js.wasm", "js", wasm::Glue::Package)?;
            worker.join().map_err(|_| "wasm-bindgen panicked")?
        })
    })
}

/// The source folders that are compiled to WebAssembly.
fn crates() -> Outcome<Vec<PathBuf>> {
    let all = root().join("crates");
    let mut names = Vec::new();
    for entry in std::fs::read_dir(&all).map_err(crate::run::about(&all))? {
        let name = entry.map_err(crate::run::about(&all))?.file_name();
        if name != "xtask" && name != "js" {
            names.push(Path::new("crates").join(name));
        }
    }
    names.sort();
    names.extend(["crates/js/src", "crates/js/Cargo.toml"].map(PathBuf::from));
    Ok(names)
}

/// Bundles the gate into `target/start/worker/`, with the layout of `target/worker/`.
fn gate() -> Outcome<bool> {
    let (glue, out) = (folder().join("wasm/worker"), folder().join("worker"));
    let inputs = Inputs::new("start").add("worker/src")?.add(relative(&glue)?)?.add("package-lock.json")?;
    make("start-worker", &inputs, &["entry.mjs", POLICY_MODULE].map(|file| out.join(file)), || {
        fresh_folder(&out)?;
        bundle::worker(&glue, &out)?;
        // `npm start` puts its own policy in the place of this one.
        write(&out.join(POLICY_MODULE), policy_module("")?)?;
        copy(&glue.join("index_bg.wasm"), &out.join("index_bg.wasm"))
    })
}

/// Writes the policy of the demo as JSON, in the form in which the Worker reads it. The command check-policy would do it too, but to
/// compile that takes longer than anything else here. A test of `gate` checks this policy, and the Worker reads it before it serves.
fn policy() -> Outcome<bool> {
    const DEMO: &str = "tests/parts/demo_policy.toml";
    let out = folder().join("policy.json");
    make("start-policy", &Inputs::new("start").add(DEMO)?, std::slice::from_ref(&out), || {
        let policy: serde_json::Value =
            toml::from_str(&text(&root().join(DEMO))?).map_err(|e| format!("{DEMO}: {e}"))?;
        write(&out, policy.to_string())
    })
}

/// Builds the authenticator into `target/start/www/`, from a package in `target/start/npm/`.
fn authenticator(entries: Vec<Entry>) -> Outcome<bool> {
    let built = folder().join("wasm/js");
    let (package, out) = (folder().join("npm"), folder().join("www"));
    let mut inputs = wasm::inputs("start")?.add(relative(&built)?)?.add("crates/js/npm")?.add("www")?;
    for entry in entries.iter().filter(|entry| entry.glue == Glue::Raw) {
        inputs = inputs.add(relative(&npm::built(entry))?)?;
    }
    make("start-www", &inputs, &[out.join("index.html")], || {
        let built = |entry: &Entry| if entry.glue == Glue::Raw { npm::built(entry) } else { built.clone() };
        Package { out: package.clone(), entries, built: &built, formats: Formats::Browser }.assemble()?;
        go("building the authenticator", bundle::vite(&out, "error")?.env("PORTCULLIS_PACKAGE", &package))
    })
}

fn relative(path: &Path) -> Outcome<&Path> {
    path.strip_prefix(root()).map_err(|e| e.to_string())
}
