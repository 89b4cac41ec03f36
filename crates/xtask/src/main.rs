//! The build driver: `cargo xtask build [js|worker|www|start] | size | generate [--check] | check [--only NAME]
//! [--fix]`.
#![expect(clippy::print_stdout, reason = "a command line program prints its results")]

mod build;
mod bundle;
mod check;
mod entries;
mod generate;
mod npm;
mod order;
mod packed;
mod run;
mod schema;
mod size;
mod stamp;
mod start;
mod wasm;

use std::process::ExitCode;

const HELP: &str = "\
cargo xtask build [js|worker|www|start]   builds everything that is shipped, or one part; start: the parts for `npm start`
cargo xtask size                    gzip sizes of the shipped files, compared with their budgets
cargo xtask generate [--check]      writes the files made from the lists of codes; --check only compares
cargo xtask check [--only NAME]     formatting, lints, dependencies, lists: the checks that CI runs first";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let (command, rest) = args.split_first().map_or(("help", &[][..]), |(c, rest)| (c.as_str(), rest));
    let outcome = match command {
        "build" => build::run(rest),
        "size" => size::run(rest),
        "generate" => generate::run(rest),
        "check" => return check::run(rest),
        "help" | "--help" | "-h" => {
            println!("{HELP}");
            return ExitCode::SUCCESS;
        }
        other => {
            eprintln!("xtask: there is no command `{other}`.\n{HELP}");
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("xtask: {why}");
            ExitCode::FAILURE
        }
    }
}
