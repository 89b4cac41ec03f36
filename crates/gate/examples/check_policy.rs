//! `npm run check-policy -- FILE [METHOD URL]`: lists the problems of a policy, or explains the decision for a request.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command line speaks by printing")]

use std::process::ExitCode;

use gate::policy::{Policy, Problem, explain, lint};

const USAGE: &str = "Use: npm run check-policy -- FILE [METHOD URL]\n\n  npm run check-policy -- policy.toml\n  npm run check-policy -- policy.toml GET https://app.example.org/private";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let (file, request) = match args.as_slice() {
        [file] => (file, None),
        [file, method, url] => (file, Some((method, url))),
        _ => {
            eprintln!("portcullis: check-policy wants a file, and perhaps a request.\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    let text = match std::fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) => {
            eprintln!("portcullis: the policy {file} cannot be read ({error}).\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    let policy = match Policy::parse(&text) {
        Ok(policy) => policy,
        Err(problems) => {
            // The gate stops at the first unknown key; `lint` finds all.
            let told = lint(&text);
            let problems = if told.is_empty() { problems } else { told };
            for problem in &problems {
                eprintln!("{}", shown(file, problem));
            }
            eprintln!("{} found. The gate would not start with this policy.", plural(problems.len(), "problem"));
            return ExitCode::FAILURE;
        }
    };
    if let Some((method, url)) = request {
        print!("{}", explain(&policy, method, url));
        return ExitCode::SUCCESS;
    }
    let warnings = policy.warnings();
    for warning in &warnings {
        println!("{}", shown(file, warning));
    }
    println!(
        "{file} is good: {}, {}. Its hash is {}.",
        plural(policy.rules.len(), "rule"),
        plural(warnings.len(), "warning"),
        policy.hash
    );
    ExitCode::SUCCESS
}

/// `policy.toml:12: rule 2, access: …`, with rules counted as `check-policy` counts them for a request.
fn shown(file: &str, problem: &Problem) -> String {
    let line = problem.line.map_or_else(String::new, |line| format!(":{line}"));
    let place = match problem.at.strip_prefix("rule[").and_then(|rest| rest.split_once(']')) {
        Some((at, key)) => {
            let number = at.parse::<usize>().map_or_else(|_| at.to_owned(), |at| (at + 1).to_string());
            let key = key.trim_start_matches('.');
            if key.is_empty() { format!("rule {number}: ") } else { format!("rule {number}, {key}: ") }
        }
        None if problem.at.is_empty() => String::new(),
        None => format!("{}: ", problem.at),
    };
    format!("{file}{line}: {place}{}", problem.what)
}

fn plural(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}
