//! `cargo xtask check [--only NAME]… [--fix]`: what CI checks first. One line a check; a failure says what is wrong and
//! what to do. A check is a function of this list and a row in it.

mod attacks;
mod files;
mod lists;
mod policy;
mod rust;
mod spdx;
mod text;
mod tree;

use std::{process::ExitCode, time::Instant};

use crate::generate;

/// What a check found.
pub(crate) struct Report {
    /// Each is a line of its own; none means that all is well.
    wrong: Vec<String>,
    /// What to do about it.
    remedy: &'static str,
    /// Shown and not failed for.
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
}

/// Cheap ones first, so that a slip is told within a second.
const CHECKS: &[Check] = &[
    Check {
        name: "lists",
        what: "vectors, parts, entries, languages and folders against their lists",
        run: |_| lists::run(),
    },
    Check {
        name: "text",
        what: "EXPOSE beside expose(), XML by its one door, nobody's own paths",
        run: |_| text::run(),
    },
    Check { name: "links", what: "links between documents lead somewhere", run: |_| text::links() },
    Check { name: "long", what: "files over 300 lines (a remark)", run: |_| text::long() },
    Check {
        name: "attacks",
        what: "each attack has a test or waits, each named test is of one",
        run: |_| attacks::run(),
    },
    Check { name: "generated", what: "generated files are fresh", run: generated },
    Check { name: "arrows", what: "which crate may know which", run: |_| tree::arrows() },
    Check { name: "places", what: "each fixed package is where it belongs, and used there", run: |_| tree::places() },
    Check { name: "policy", what: "licences and sources of everything that is built on", run: |_| policy::run() },
    Check { name: "fmt", what: "rustfmt", run: rust::fmt },
    Check { name: "clippy", what: "lints, natively", run: |_| rust::clippy() },
    Check { name: "clippy-wasm", what: "lints of what becomes WebAssembly", run: |_| rust::clippy_wasm() },
];

/// Runs the checks named in `args`, or all of them, each one even after another has failed.
pub(crate) fn run(args: &[String]) -> ExitCode {
    let (chosen, fix) = match chosen(args) {
        Ok(chosen) => chosen,
        Err(why) => {
            let names: Vec<_> = CHECKS.iter().map(|c| format!("  {:<12} {}", c.name, c.what)).collect();
            eprintln!(
                "xtask: {why}\ncargo xtask check [--only NAME]… [--fix], where NAME is one of\n{}",
                names.join("\n")
            );
            return ExitCode::from(2);
        }
    };
    let mut failed = Vec::new();
    for check in chosen {
        #[expect(clippy::disallowed_methods, reason = "a build driver tells how long it took")]
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

fn chosen(args: &[String]) -> Result<(Vec<&'static Check>, bool), String> {
    let (mut names, mut fix) = (Vec::new(), false);
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--fix" => fix = true,
            "--only" => names.push(args.next().ok_or("--only needs a name.")?),
            other => return Err(format!("`{other}` is not an option of check.")),
        }
    }
    if let Some(unknown) = names.iter().find(|name| !CHECKS.iter().any(|c| c.name == name.as_str())) {
        return Err(format!("there is no check `{unknown}`."));
    }
    let wanted = |check: &&Check| names.is_empty() || names.iter().any(|name| check.name == name.as_str());
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
        let names =
            |list: &[&str]| chosen(&args(list)).map(|(c, fix)| (c.iter().map(|c| c.name).collect::<Vec<_>>(), fix));
        assert_eq!(names(&["--only", "fmt", "--fix", "--only", "links"]), Ok((vec!["links", "fmt"], true)));
        assert_eq!(names(&[]).map(|(c, _)| c.len()), Ok(CHECKS.len()));
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
