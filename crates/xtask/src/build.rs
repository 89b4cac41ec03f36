//! `cargo xtask build [js|worker|www|start]`.

use std::path::{Path, PathBuf};

use crate::{
    bundle, npm,
    run::{Outcome, cargo, copy, fresh_folder, go, quiet, root, target, text, write},
    stamp::{Inputs, Lock, make, timed},
    start, wasm,
};

pub(crate) fn run(args: &[String]) -> Outcome {
    let _lock = Lock::take()?;
    match args {
        [] => {
            js()?;
            worker()?;
            www()
        }
        [what] if what == "js" => js(),
        [what] if what == "worker" => worker(),
        [what] if what == "www" => www(),
        [what] if what == "start" => start::build(),
        _ => Err("usage: cargo xtask build [js|worker|www|start]".into()),
    }
}

/// The npm package: `target/npm/portcullis/` and its tarball.
pub(crate) fn js() -> Outcome {
    timed("npm package", npm::build)
}

/// The Worker, ready for `wrangler` and workerd: `target/worker/entry.mjs`, the wasm and the policy beside it.
fn worker() -> Outcome {
    let out = target().join("worker");
    let mut inputs = wasm::inputs("worker")?;
    let sources = ["worker/src", "worker/Cargo.toml", "worker/README.md"];
    for folder in
        ["crates/base", "crates/json", "crates/json-derive", "crates/otp", "crates/qr", "crates/cas", "crates/gate"]
            .into_iter()
            .chain(sources)
    {
        inputs = inputs.add(folder)?;
    }
    let outputs = [out.join("entry.mjs"), out.join("index_bg.wasm")];
    timed("Worker", || {
        make("worker", &inputs, &outputs, || {
            let glue = target().join("wasm/worker");
            wasm::bindgen(
                &wasm::cargo_build("portcullis-worker", "portcullis_worker", None, "edge")?,
                &glue,
                wasm::Glue::Worker,
            )?;
            let core = glue.join("index_bg.wasm");
            fresh_folder(&out)?;
            bundle::worker(&glue, &out)?;
            wasm::keep_exports(&core, &text(&glue.join("index.js"))?, &text(&out.join("entry.mjs"))?)?;
            wasm::optimise(&core, "-Oz")?;
            copy(&core, &out.join("index_bg.wasm"))
        })
    })?;
    policy(&out.join(bundle::POLICY_MODULE))
}

/// Beside `wrangler.toml`.
const POLICY_FILE: &str = "worker/policy.toml";

/// Checks the policy beside `wrangler.toml` and writes it as a module, in the form in which the Worker reads it. Without that file
/// the module is empty, and the variable `POLICY` is the policy.
fn policy(module: &Path) -> Outcome {
    let mut json = String::new();
    if root().join(POLICY_FILE).exists() {
        let mut check = cargo();
        check.args([
            "run",
            "--quiet",
            "--locked",
            "-p",
            "gate",
            "--example",
            "check_policy",
            "--",
            POLICY_FILE,
            "--json",
        ]);
        let printed = quiet(&format!("checking {POLICY_FILE}"), &mut check)?;
        json = String::from_utf8(printed).map_err(|e| e.to_string())?.trim_end().to_owned();
    }
    write(module, bundle::policy_module(&json)?)
}

/// The static authenticator in `target/www/`, built by Vite from the npm package.
fn www() -> Outcome {
    js()?;
    let out = target().join("www");
    let inputs = Inputs::new("www").add("www")?.add("package-lock.json")?.add("target/npm/portcullis")?;
    let outputs: [PathBuf; 1] = [out.join("index.html")];
    timed("authenticator", || {
        make("www", &inputs, &outputs, || go("building the authenticator", &mut bundle::vite(&out, "warn")?))
    })
}
