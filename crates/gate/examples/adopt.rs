//! `npm run adopt -- --policy FILE`: names the settings that an operator adopts after one of them, which must never change, did.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command line speaks by printing")]

use std::process::ExitCode;

use gate::{Gate, Settings, policy::canonical};

const USAGE: &str = "Use: npm run adopt -- --policy FILE

  --policy FILE  the policy of the gate, with its [factor]

The variables of the gate are read from the environment: PUBLIC_URL, ORIGIN_URL, CAS_URL, PORTCULLIS_KEYS, PORTCULLIS_ID_KEY,
PORTCULLIS_SIGNING_KEYS and, where they are set, PORTAL_URL and PORTCULLIS_JURISDICTION. What is printed names these settings.
Set it as PORTCULLIS_ADOPT: the gate then takes them for its own. Every person of the earlier settings is without a factor by
the new ones, so put an earlier value back instead wherever that is possible.";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [flag, file] = args.as_slice() else { return fail(2, &format!("adopt wants a policy.\n{USAGE}")) };
    if flag != "--policy" {
        return fail(2, &format!("adopt wants a policy.\n{USAGE}"));
    }
    match adopt(file) {
        Ok(text) => {
            eprintln!("Set this as PORTCULLIS_ADOPT. It names these settings alone, and may stay.");
            println!("{text}");
            ExitCode::SUCCESS
        }
        Err(what) => fail(1, &what),
    }
}

fn fail(code: u8, what: &str) -> ExitCode {
    eprintln!("portcullis: {what}");
    ExitCode::from(code)
}

fn adopt(file: &str) -> Result<String, String> {
    let policy = std::fs::read_to_string(file).map_err(|e| format!("the policy {file} cannot be read ({e})."))?;
    let policy = canonical(&policy).map_err(|_| format!("{file} has problems: npm run check-policy -- {file}"))?;
    let of = |name: &str| std::env::var(name).unwrap_or_default();
    let [cas_url, cas_validate_url, public_url, origin_url] =
        ["CAS_URL", "CAS_VALIDATE_URL", "PUBLIC_URL", "ORIGIN_URL"].map(of);
    let [keys, id_key, signing_keys] = ["PORTCULLIS_KEYS", "PORTCULLIS_ID_KEY", "PORTCULLIS_SIGNING_KEYS"].map(of);
    let [portal_url, jurisdiction, origin_secret, slo_secret] =
        ["PORTAL_URL", "PORTCULLIS_JURISDICTION", "PORTCULLIS_ORIGIN_SECRET", "PORTCULLIS_SLO_SECRET"].map(of);
    let settings = Settings {
        cas_url: &cas_url,
        cas_validate_url: &cas_validate_url,
        public_url: &public_url,
        origin_url: &origin_url,
        keys: &keys,
        id_key: &id_key,
        signing_keys: &signing_keys,
        origin_secret: &origin_secret,
        slo_secret: &slo_secret,
        portal_url: &portal_url,
        jurisdiction: &jurisdiction,
        policy: &policy,
        ..Settings::default()
    };
    let gate = Gate::new(&settings).map_err(|problems| {
        let lines: Vec<_> = problems.iter().map(|problem| format!("  {}: {}", problem.at, problem.what)).collect();
        format!("the settings are not complete:\n{}", lines.join("\n"))
    })?;
    gate.identity_fingerprint().ok_or_else(|| format!("{file} asks for no factor: nothing is remembered."))
}
