//! `cargo xtask build [js|worker|www|start]`.

use std::path::PathBuf;

use crate::{
    bundle, npm,
    run::{Outcome, copy, fresh_folder, go, target, text},
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

/// The Worker, ready for `wrangler` and workerd: `target/worker/entry.mjs` and the wasm beside it.
fn worker() -> Outcome {
    let out = target().join("worker");
    let mut inputs = wasm::inputs("worker")?;
    for folder in ["crates/base", "crates/otp", "crates/qr", "crates/cas", "crates/gate", "worker"] {
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
            // A second run removes 1 % more.
            wasm::optimise(&core, "-Oz")?;
            wasm::optimise(&core, "-Oz")?;
            copy(&core, &out.join("index_bg.wasm"))
        })
    })
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
