//! `npm run check-policy -- FILE [--portal URL] [METHOD URL | --against OLD | --json | --wrangler FILE]`: lists the problems of a policy, explains the
//! decision for a request, lists the paths that lose a second factor, prints the policy in the form in which the Worker reads it, or
//! reads a deployment's `wrangler.toml` or `wrangler.jsonc` for what would open a hole.
//! The file `-` is the standard input.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command line speaks by printing")]

use std::process::ExitCode;

use gate::policy::{Policy, Problem, UNSEEN, canonical, check_portal, deployment, explain, lint, losses};

const USAGE: &str = "Use: npm run check-policy -- FILE [--portal URL] [METHOD URL | --against OLD | --json | --wrangler FILE]\n\n  npm run check-policy -- policy.toml\n  npm run check-policy -- policy.toml GET https://app.example.org/private\n  npm run check-policy -- policy.toml --portal https://id.example.org\n  npm run check-policy -- policy.toml --against old.toml\n  npm run check-policy -- policy.toml --json\n  npm run check-policy -- policy.toml --wrangler worker/wrangler.toml";

fn main() -> ExitCode {
    let mut args: Vec<String> = std::env::args().skip(1).collect();
    let portal = match args.iter().position(|arg| arg == "--portal") {
        Some(at) if at + 1 < args.len() => args.drain(at..at + 2).nth(1),
        _ => None,
    };
    if let [file, flag] = args.as_slice()
        && flag == "--json"
    {
        return match checked(file, canonical) {
            Ok(json) => {
                println!("{json}");
                ExitCode::SUCCESS
            }
            Err(code) => code,
        };
    }
    if let [flag, config] = args.as_slice()
        && flag == "--wrangler"
    {
        // Without a policy, the variables make the only site.
        return Policy::parse("").map_or(ExitCode::FAILURE, |policy| wrangler(config, &policy));
    }
    if let [file, flag, config] = args.as_slice()
        && flag == "--wrangler"
    {
        return read(file).map_or_else(|code| code, |policy| wrangler(config, &policy));
    }
    let (file, request, old) = match args.as_slice() {
        [file] => (file, None, None),
        [file, flag, old] if flag == "--against" => (file, None, Some(old)),
        [file, method, url] => (file, Some((method, url)), None),
        _ => {
            eprintln!("portcullis: check-policy wants a file, and perhaps a request.\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    let policy = match read(file) {
        Ok(policy) => policy,
        Err(code) => return code,
    };
    if let Some(old) = old {
        let before = match read(old) {
            Ok(policy) => policy,
            Err(code) => return code,
        };
        let lines = losses(&before, &policy);
        for line in &lines {
            println!("{line}");
        }
        println!("{} a factor against {old}.", if lines.is_empty() { "Nothing loses" } else { "These lose" });
        return ExitCode::SUCCESS;
    }
    if let Some((method, url)) = request {
        print!("{}", explain(&policy, method, url));
        return ExitCode::SUCCESS;
    }
    let (problems, more) = check_portal(&policy, portal.as_deref());
    if !problems.is_empty() {
        for problem in &problems {
            eprintln!("{}", shown(file, problem));
        }
        return ExitCode::FAILURE;
    }
    let warnings = [policy.warnings(), more].concat();
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

/// What a deployment's configuration opens, and what no file says.
fn wrangler(config: &str, policy: &Policy) -> ExitCode {
    let text = match std::fs::read_to_string(config) {
        Ok(text) => text,
        Err(error) => {
            eprintln!("portcullis: {config} cannot be read ({error}).\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    let found = match deployment(&text, policy) {
        Ok(found) => found,
        Err(problem) => {
            eprintln!("{}", shown(config, &problem));
            return ExitCode::FAILURE;
        }
    };
    for problem in &found.errors {
        eprintln!("{}", shown(config, problem));
    }
    for warning in &found.warnings {
        println!("{}", shown(config, warning));
    }
    for (setting, what) in UNSEEN {
        println!("cannot be seen from here: {setting} {what}");
    }
    println!("{config}: {}, {}.", plural(found.errors.len(), "problem"), plural(found.warnings.len(), "warning"));
    if found.errors.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The policy in a file; its problems are said.
fn read(file: &str) -> Result<Policy, ExitCode> {
    checked(file, Policy::parse)
}

/// What is made of a file; its problems are said.
fn checked<T>(file: &str, make: fn(&str) -> Result<T, Vec<Problem>>) -> Result<T, ExitCode> {
    let text = if file == "-" { std::io::read_to_string(std::io::stdin()) } else { std::fs::read_to_string(file) };
    let text = text.map_err(|error| {
        eprintln!("portcullis: the policy {file} cannot be read ({error}).\n{USAGE}");
        ExitCode::from(2)
    })?;
    make(&text).map_err(|problems| {
        // The gate stops at the first unknown key; `lint` finds all.
        let told = lint(&text);
        let problems = if told.is_empty() { problems } else { told };
        for problem in &problems {
            eprintln!("{}", shown(file, problem));
        }
        eprintln!("{} found. The gate would not start with this policy.", plural(problems.len(), "problem"));
        ExitCode::FAILURE
    })
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
