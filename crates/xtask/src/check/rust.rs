//! rustfmt and clippy, with what they print when they fail.

use super::{Found, Report};
use crate::run::{cargo, quiet};

pub(crate) fn fmt(fix: bool) -> Found {
    let mut command = cargo();
    command.args(["fmt", "--all", "--"]);
    if !fix {
        command.args(["--check", "-l"]);
    }
    Ok(match quiet("rustfmt", &mut command) {
        Ok(_) => Report::new("", vec![]),
        Err(said) => {
            let mut files: Vec<_> = said.lines().filter(|line| line.ends_with(".rs")).map(str::to_owned).collect();
            files.dedup();
            Report::new("cargo xtask check --only fmt --fix", if files.is_empty() { vec![said] } else { files })
        }
    })
}

/// What the lints are run on: the same profile and folder as `cargo test`, so that nothing is compiled twice.
pub(crate) fn clippy() -> Found {
    let mut command = cargo();
    command.args(["clippy", "--quiet", "--workspace", "--exclude", "js", "--exclude", "portcullis-worker"]);
    lint(command.args(["--all-targets", "--", "-D", "warnings"]))
}

/// All entries at once; each alone is compiled by the build.
pub(crate) fn clippy_wasm() -> Found {
    let mut command = cargo();
    command.args(["clippy", "--quiet", "--target", "wasm32-unknown-unknown", "-p", "js", "-p", "portcullis-worker"]);
    lint(command.args(["--all-features", "--", "-D", "warnings"]))
}

fn lint(command: &mut std::process::Command) -> Found {
    Ok(match quiet("clippy", command) {
        Ok(_) => Report::new("", vec![]),
        Err(said) => Report::new("Repair the code; an exception is an #[expect(…, reason = …)].", vec![said]),
    })
}
