//! The bundlers of the Worker and of the authenticator.

use std::{path::Path, process::Command};

use crate::run::{Outcome, go, node_tool, root};

/// The module of the bundle that holds the policy. The Worker imports it by this name.
pub(crate) const POLICY_MODULE: &str = "policy.mjs";

/// The text of the module of a policy.
pub(crate) fn policy_module(json: &str) -> Outcome<String> {
    serde_json::to_string(json).map(|text| format!("export default {text};\n")).map_err(|e| e.to_string())
}

/// Bundles the Worker's sources and the glue of its wasm into one module.
pub(crate) fn worker(glue: &Path, out: &Path) -> Outcome {
    // worker/src/entry.mjs imports the glue as "portcullis-core", because each build puts it elsewhere.
    let alias = format!("--alias:portcullis-core={}", glue.join("index.js").display());
    go(
        "bundling the Worker",
        node_tool("esbuild")?
            .arg(root().join("worker/src/entry.mjs"))
            .args(["--bundle", "--format=esm", "--minify", "--target=es2023", "--log-level=warning"])
            .args(["--external:*.wasm", "--external:cloudflare:*", "--external:node:*", "--external:*/policy.mjs"])
            .arg(alias)
            .arg(format!("--outfile={}", out.join("entry.mjs").display())),
    )
}

/// The command that builds the authenticator into a folder. `level`: Vite's log level.
pub(crate) fn vite(out: &Path, level: &str) -> Outcome<Command> {
    let mut vite = node_tool("vite")?;
    vite.current_dir(root().join("www"));
    vite.args(["build", "--emptyOutDir", "--logLevel", level, "--outDir"]).arg(out);
    Ok(vite)
}
