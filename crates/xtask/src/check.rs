//! `cargo xtask check [--fast] [--only NAME]… [--fix]`: the checks that CI runs first. Prints one line for each check, and for a
//! failure what is wrong and what to do. To add a check, write a function and add a row to `CHECKS`.

mod attacks;
mod files;
mod imports;
mod keys;
mod layers;
mod lists;
mod policy;
mod rust;
mod spdx;
mod text;
mod tree;

use std::{process::ExitCode, time::Instant};

use crate::generate;

/// The result of a check.
pub(crate) struct Report {
    /// The violations, one line each. The check passes when there are none.
    wrong: Vec<String>,
    /// How to fix them.
    remedy: &'static str,
    /// Printed, but they do not fail the check.
    remarks: Vec<String>,
}

impl Report {
    fn new(remedy: &'static str, wrong: Vec<String>) -> Self {
        Self { wrong, remedy, remarks: Vec::new() }
    }
}

type Found = Result<Report, String>;

struct Check {
    name: &'static str,
    what: &'static str,
    run: fn(fix: bool) -> Found,
    /// Skipped by `--fast`.
    slow: bool,
}

impl Check {
    const fn new(name: &'static str, what: &'static str, run: fn(bool) -> Found) -> Self {
        Self { name, what, run, slow: false }
    }

    const fn slow(self) -> Self {
        Self { slow: true, ..self }
    }
}

/// The cheap ones come first, so that a typo is reported within a second.
const CHECKS: &[Check] = &[
    Check::new("lists", "vectors, parts, entries, languages and folders match their lists", |_| lists::run()),
    Check::new("text", "EXPOSE beside expose(), XML parsed in one place, no home folders", |_| text::run()),
    Check::new("links", "links between documents exist", |_| text::links()),
    Check::new("keys", "each policy key is in worker/docs/policy.md", |_| keys::run()),
    Check::new("long", "files over 300 lines (never fails)", |_| text::long()),
    Check::new("attacks", "each attack has a test or a reason, each test id an attack", |_| attacks::run()),
    Check::new("layers", "the gate's modules import only from lower layers", |_| layers::run()),
    Check::new("imports", "no import cycles", |_| imports::run()),
    Check::new("generated", "generated files are fresh", generated),
    Check::new("dependencies", "which crate may depend on which", |_| tree::dependencies()),
    Check::new("packages", "restricted packages are used by their crates alone", |_| tree::restricted()),
    Check::new("policy", "licences and sources of all dependencies", |_| policy::run()),
    Check::new("fmt", "rustfmt", rust::fmt),
    Check::new("clippy", "lints, native", |_| rust::clippy()).slow(),
    Check::new("clippy-wasm", "lints, WebAssembly", |_| rust::clippy_wasm()).slow(),
];

/// Runs the checks named in `args`, or all. A failed check does not stop the others.
pub(crate) fn run(args: &[String]) -> ExitCode {
    // npm consumes the option of `npm run check --fast` and passes it on in the environment.
    let npm_fast = std::env::var("npm_config_fast").is_ok_and(|value| value == "true");
    let (chosen, fix) = match chosen(args, npm_fast) {
        Ok(chosen) => chosen,
        Err(why) => {
            let names: Vec<_> = CHECKS.iter().map(|c| format!("  {:<12} {}", c.name, c.what)).collect();
            eprintln!(
                "xtask: {why}\ncargo xtask check [--fast] [--only NAME]… [--fix], where NAME is one of\n{}",
                names.join("\n")
            );
            return ExitCode::from(2);
        }
    };
    let mut failed = Vec::new();
    for check in chosen {
        #[expect(clippy::disallowed_methods, reason = "a build driver reports times")]
        let start = Instant::now();
        let outcome = (check.run)(fix);
        let took = start.elapsed().as_secs_f32();
        let (well, lines) = shown(&outcome);
        println!("{} {:<12} {took:4.1} s  {}", if well { "ok  " } else { "FAIL" }, check.name, check.what);
        for line in lines {
            println!("     {}", line.replace('\n', "\n     "));
        }
        if !well {
            failed.push(check.name);
        }
    }
    if failed.is_empty() {
        return ExitCode::SUCCESS;
    }
    println!("\n{} failed. One alone: cargo xtask check --only {}", failed.join(", "), failed.first().unwrap_or(&""));
    ExitCode::FAILURE
}

fn chosen(args: &[String], mut fast: bool) -> Result<(Vec<&'static Check>, bool), String> {
    let (mut names, mut fix) = (Vec::new(), false);
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--fix" => fix = true,
            "--fast" => fast = true,
            "--only" => names.push(args.next().ok_or("--only needs a name.")?),
            other => return Err(format!("`{other}` is not an option of check.")),
        }
    }
    if let Some(unknown) = names.iter().find(|name| !CHECKS.iter().any(|c| c.name == name.as_str())) {
        return Err(format!("there is no check `{unknown}`."));
    }
    let wanted = |check: &&Check| match names.is_empty() {
        true => !(fast && check.slow),
        false => names.iter().any(|name| check.name == name.as_str()),
    };
    Ok((CHECKS.iter().filter(wanted).collect(), fix))
}

fn shown(outcome: &Found) -> (bool, Vec<String>) {
    match outcome {
        Ok(Report { wrong, remarks, .. }) if wrong.is_empty() => (true, remarks.clone()),
        Ok(Report { wrong, remedy, remarks }) => {
            let remedy = Some(format!("-> {remedy}")).filter(|_| !remedy.is_empty());
            (false, wrong.iter().cloned().chain(remedy).chain(remarks.iter().cloned()).collect())
        }
        Err(why) => (false, vec![why.trim_end().to_owned()]),
    }
}

fn generated(fix: bool) -> Found {
    let args = if fix { vec![] } else { vec!["--check".to_owned()] };
    generate::run(&args).map(|()| Report::new("", Vec::new()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_known_checks_are_chosen() {
        let args = |list: &[&str]| list.iter().map(|a| (*a).to_owned()).collect::<Vec<_>>();
        let names = |list: &[&str]| {
            chosen(&args(list), false).map(|(c, fix)| (c.iter().map(|c| c.name).collect::<Vec<_>>(), fix))
        };
        assert_eq!(names(&["--only", "fmt", "--fix", "--only", "links"]), Ok((vec!["links", "fmt"], true)));
        assert_eq!(names(&[]).map(|(c, _)| c.len()), Ok(CHECKS.len()));
        let fast = names(&["--fast"]).map(|(c, _)| c).unwrap_or_default();
        assert_eq!(
            CHECKS.iter().map(|c| c.name).filter(|name| !fast.contains(name)).collect::<Vec<_>>(),
            ["clippy", "clippy-wasm"]
        );
        assert_eq!(chosen(&[], true).map(|(c, _)| c.len()), Ok(fast.len()), "--fast through npm");
        assert_eq!(
            names(&["--fast", "--only", "clippy"]),
            Ok((vec!["clippy"], false)),
            "a named check runs even with --fast"
        );
        assert!(names(&["--only"]).is_err());
        assert!(names(&["--only", "fnt"]).is_err());
        assert!(names(&["fmt"]).is_err());
    }

    #[test]
    fn one_wrong_line_fails_and_a_remark_does_not() {
        assert!(!shown(&Ok(Report::new("do", vec!["it is so".into()]))).0);
        let remark = Report { remarks: vec!["long".into()], ..Report::new("", vec![]) };
        assert_eq!(shown(&Ok(remark)), (true, vec!["long".to_owned()]));
        assert!(!shown(&Err("broke".into())).0);
    }
}
