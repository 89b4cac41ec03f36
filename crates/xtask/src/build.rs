//! `cargo xtask build [js|worker|www]`.

use std::{path::PathBuf, time::Instant};

use crate::{
    npm,
    run::{Outcome, copy, fresh_folder, go, node_tool, root, target, text},
    stamp::{Inputs, Lock, make},
    wasm,
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
        _ => Err("usage: cargo xtask build [js|worker|www]".into()),
    }
}

/// The npm package: `target/npm/portcullis/` and its tarball.
pub(crate) fn js() -> Outcome {
    timed("npm package", npm::build)
}

/// `target/worker/`: `entry.mjs` and the wasm beside it, ready for `wrangler` and for workerd.
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
            bundle_worker(&glue, &out)?;
            wasm::keep_exports(&core, &text(&glue.join("index.js"))?, &text(&out.join("entry.mjs"))?)?;
            wasm::optimise(&core, "-Oz")?;
            copy(&core, &out.join("index_bg.wasm"))
        })
    })
}

fn bundle_worker(glue: &std::path::Path, out: &std::path::Path) -> Outcome {
    // "portcullis-core" is how worker/src/entry.mjs names the glue, wherever this build has put it.
    let alias = format!("--alias:portcullis-core={}", glue.join("index.js").display());
    go(
        "bundling the Worker",
        node_tool("esbuild")?
            .arg(root().join("worker/src/entry.mjs"))
            .args(["--bundle", "--format=esm", "--minify", "--target=es2023", "--log-level=warning"])
            .args(["--external:*.wasm", "--external:cloudflare:*", "--external:node:*"])
            .arg(alias)
            .arg(format!("--outfile={}", out.join("entry.mjs").display())),
    )
}

/// `target/www/`: the static authenticator, made by Vite from the npm package.
fn www() -> Outcome {
    js()?;
    let out = target().join("www");
    let inputs = Inputs::new("www").add("www")?.add("package-lock.json")?.add("target/npm/portcullis")?;
    let outputs: [PathBuf; 1] = [out.join("index.html")];
    timed("authenticator", || {
        make("www", &inputs, &outputs, || {
            go(
                "building the authenticator",
                node_tool("vite")?
                    .current_dir(root().join("www"))
                    .args(["build", "--emptyOutDir", "--logLevel", "warn", "--outDir"])
                    .arg(&out),
            )
        })
    })
}

fn timed<T: Into<Made>>(what: &str, work: impl FnOnce() -> Outcome<T>) -> Outcome {
    #[expect(clippy::disallowed_methods, reason = "a build driver tells how long it took")]
    let start = Instant::now();
    let Made(made) = work()?.into();
    let secs = start.elapsed().as_secs_f32();
    if made {
        eprintln!("xtask: {what} built in {secs:.1} s");
    } else {
        eprintln!("xtask: {what} is up to date");
    }
    Ok(())
}

struct Made(bool);

impl From<bool> for Made {
    fn from(made: bool) -> Self {
        Self(made)
    }
}
