//! Runs rustfmt and clippy, and shows their output when they fail.

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

/// Uses the profile and target folder of `cargo test`, so that nothing is compiled twice.
pub(crate) fn clippy() -> Found {
    let mut command = cargo();
    command.args(["clippy", "--quiet", "--workspace", "--exclude", "js", "--exclude", "portcullis-worker"]);
    lint(command.args(["--all-targets", "--", "-D", "warnings"]))
}

/// Lints with all entries enabled at once; the build compiles each one separately.
pub(crate) fn clippy_wasm() -> Found {
    let mut command = cargo();
    command.args(["clippy", "--quiet", "--target", "wasm32-unknown-unknown", "-p", "js", "-p", "portcullis-worker"]);
    lint(command.args(["--all-features", "--", "-D", "warnings"]))
}

fn lint(command: &mut std::process::Command) -> Found {
    Ok(match quiet("clippy", command) {
        Ok(_) => Report::new("", vec![]),
        Err(said) => Report::new("Fix the code, or add an exception with #[expect(…, reason = …)].", vec![said]),
    })
}
