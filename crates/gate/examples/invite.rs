//! `npm run invite -- USER --policy FILE`: an invitation by which one person enrols a first factor, or replaces a lost one.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command line speaks by printing")]

use std::{io::Read as _, process::ExitCode, time::SystemTime};

use base::{Moment, UnixMs};
use gate::{
    factor::{call::Invitation, invite::INVITATION_SECS},
    keys::seal::{IdKey, Keyring},
    policy::{Policy, factor::FactorPolicy, naming::UserKey},
};

const USAGE: &str = "Use: npm run invite -- USER --policy FILE

  USER           the person: the name at the CAS server, or the value of the policy's user_key
  --policy FILE  the policy of the gate, with its [factor]

PORTCULLIS_KEYS and PORTCULLIS_ID_KEY are read from the environment. The person signs in again and pastes what is printed. It works once, for 24 hours.";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let (user, file) = match args.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [user, "--policy", file] | ["--policy", file, user] => ((*user).to_owned(), (*file).to_owned()),
        _ => return fail(2, &format!("invite wants a person and a policy.\n{USAGE}")),
    };
    match invite(&user, &file) {
        Ok(text) => {
            eprintln!(
                "An invitation for {user}, good once, for {} hours. Give it to nobody else.",
                INVITATION_SECS / 3600
            );
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

fn invite(user: &str, file: &str) -> Result<String, String> {
    let text = std::fs::read_to_string(file).map_err(|error| format!("the policy {file} cannot be read ({error})."))?;
    let policy = Policy::parse(&text).map_err(|_| format!("{file} has problems: npm run check-policy -- {file}"))?;
    let factor =
        policy.factor.as_ref().ok_or_else(|| format!("{file} has no [factor]: nobody needs an invitation."))?;
    let secret = |name: &str| std::env::var(name).map_err(|_| format!("{name} is not in the environment."));
    let keys = Keyring::parse(&secret("PORTCULLIS_KEYS")?).map_err(|e| format!("PORTCULLIS_KEYS: {e}"))?;
    let id_key = IdKey::parse(&secret("PORTCULLIS_ID_KEY")?).map_err(|e| format!("PORTCULLIS_ID_KEY: {e}"))?;
    let name = canonical(factor, user)?;
    let mut seed = [0; 32];
    let random = std::fs::File::open("/dev/urandom").and_then(|mut file| file.read_exact(&mut seed));
    random.map_err(|error| format!("there is no randomness ({error})."))?;
    #[expect(clippy::disallowed_methods, reason = "a command has a clock, which the core has not")]
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let mut moment = Moment::new(UnixMs::from_secs(since.as_secs()), seed);
    let person = id_key.person(&factor.tenant, &factor.cas, &name);
    let sealed = Invitation::new(person, &mut moment).seal(&keys, &factor.tenant, &mut moment);
    sealed.ok_or_else(|| "the invitation cannot be sealed.".to_owned())
}

/// The person's name as the gate would read it from a sign-in.
fn canonical(factor: &FactorPolicy, user: &str) -> Result<String, String> {
    let values = [user.to_owned()];
    let attribute = |name: &str| match &factor.naming.user_key {
        UserKey::Attribute(key) if key == name => values.as_slice(),
        _ => &[],
    };
    factor.naming.canonical(user, &attribute).map(|person| person.name).map_err(|unclear| format!("{user}: {unclear}."))
}
