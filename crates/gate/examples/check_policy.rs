//! `npm run check-policy -- FILE [METHOD URL]`: what is wrong in a policy, or what a request would get and why.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command line speaks by printing")]

use std::process::ExitCode;

use gate::policy::{Policy, explain};

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
            for problem in &problems {
                eprintln!("{file}: {}: {}", problem.at, problem.what);
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
        println!("{file}: {}: {}", warning.at, warning.what);
    }
    println!(
        "{file} is good: {}, {}. Its hash is {}.",
        plural(policy.rules.len(), "rule"),
        plural(warnings.len(), "warning"),
        policy.hash
    );
    ExitCode::SUCCESS
}

fn plural(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}
