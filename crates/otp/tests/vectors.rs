//! The rows of `tests/vectors/{otp,uri,links,migration}`, one test a row.
//!
//! Most rows go through `wire`, as the npm package does. Addresses go through `Account` too.
#![allow(
    clippy::as_conversions,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test may panic"
)]

mod records;

use base::UnixMs;
use libtest_mimic::{Arguments, Failed, Trial};
use otp::{Account, OtpError, links, migration, wire};
use records::{account_of, give, numbers, record, record_account};
use vectors::otp as rows;

fn main() {
    let args = Arguments::from_args();
    let mut trials = Vec::new();
    add(&mut trials, "codes", rows::codes(), codes);
    add(&mut trials, "base32", rows::base32(), base32);
    add(&mut trials, "verify", rows::verify(), verify);
    add(&mut trials, "verify_counter", rows::verify_counter(), verify_counter);
    add(&mut trials, "uri_read", rows::read(), read);
    add(&mut trials, "uri_write", rows::write(), write);
    add(&mut trials, "links", rows::links(), links);
    add(&mut trials, "migration_read", rows::migration_read(), migration_read);
    add(&mut trials, "migration_write", rows::migration_write(), migration_write);
    let mut names: Vec<&str> = trials.iter().map(Trial::name).collect();
    names.sort_unstable();
    let twice: Vec<_> = names.windows(2).filter(|pair| pair[0] == pair[1]).collect();
    assert_eq!(twice, [[""; 2]; 0], "two rows with the same name");
    drop(names);
    libtest_mimic::run(&args, trials).exit();
}

/// The outcome of a row: a result, or an error code with an optional position.
type Got<T> = Result<T, (&'static str, Option<usize>)>;

fn add<G, T>(trials: &mut Vec<Trial>, subject: &str, rows: Vec<rows::Row<G, T>>, run: fn(&G) -> Got<T>)
where
    G: Send + 'static,
    T: PartialEq + std::fmt::Debug + Send + 'static,
{
    for row in rows {
        // The attack id comes first, as in `f05_`, so that `cargo test -p otp f05` finds its rows.
        let id = row.id.map_or(String::new(), |id| {
            let (letter, number) = id.split_at(1);
            format!("{}{:02}_", letter.to_lowercase(), number.parse::<u8>().expect("an id is a letter and a number"))
        });
        let words = row.name.to_lowercase().replace(' ', "_");
        trials.push(Trial::test(format!("{id}{subject}::{words}"), move || match (run(&row.given), row.outcome) {
            (Ok(got), rows::Outcome::Expected { expect }) if got == expect => Ok(()),
            (Err((code, at)), rows::Outcome::Refused { refuse, at: place, .. })
                if code == refuse && (place.is_none() || place == at) =>
            {
                Ok(())
            }
            (got, wanted) => Err(Failed::from(format!("got {got:?}, wanted {wanted:?}"))),
        }));
    }
}

fn refused(error: OtpError) -> (&'static str, Option<usize>) {
    (error.code(), error.at())
}

fn codes(row: &rows::At) -> Got<rows::Code> {
    let mut out = [0; wire::CODE];
    wire::codes(&mut record(&row.account), 1, row.now_ms, &mut out).map_err(|(_, error)| refused(error))?;
    let [until] = numbers(&out);
    let text = std::str::from_utf8(&out[8..]).expect("ASCII").trim_end().to_owned();
    let counts = row.account.kind == "hotp";
    assert_eq!(counts, until == 0.0, "only a counter-based code has no expiry");
    Ok(rows::Code { text, valid_until_ms: (!counts).then_some(until) })
}

fn base32(row: &rows::Text) -> Got<String> {
    let mut text = row.text.clone().into_bytes();
    let secret = otp::base32::decode_in_place(&mut text, &otp::base32::LENIENT).map_err(refused)?;
    otp::Otp::default().check(&otp::Key { secret, pin: &[] }).map_err(refused)?;
    let mut out = [0; 64];
    let len = otp::base32::encode(secret, &mut out).expect("room");
    Ok(String::from_utf8(out[..len].to_vec()).expect("ASCII"))
}

fn verify(row: &rows::Verify) -> Got<Option<rows::Match>> {
    let mut out = [0; 24];
    let after = row.after.unwrap_or(-1.0);
    let found = wire::verify(&mut record(&row.account), row.typed.as_bytes(), row.now_ms, row.window, after, &mut out);
    let [step, drift] = numbers(&out);
    Ok(found.map_err(refused)?.then_some(rows::Match { step, drift }))
}

fn verify_counter(row: &rows::VerifyCounter) -> Got<Option<rows::CounterMatch>> {
    let mut out = [0; 24];
    let (mut record, typed) = (record(&row.account), row.typed.as_bytes());
    let found = match &row.second {
        None => wire::verify_counter(&mut record, typed, row.look_ahead, &mut out),
        Some(second) => wire::resync(&mut record, typed, second.as_bytes(), row.look_ahead, &mut out),
    };
    let [counter, next_counter, skipped] = numbers(&out);
    Ok(found.map_err(refused)?.then_some(rows::CounterMatch { counter, next_counter, skipped }))
}

fn read(row: &rows::Read) -> Got<rows::Account> {
    let native = Account::from_uri_with_notes(&row.uri);
    let (mut scratch, mut out) = ([0; otp::uri::MAX_SCRATCH], [0; 8192]);
    let wired = wire::parse(row.uri.as_bytes(), &mut scratch, &mut out);
    let (account, notes) = match (native, wired) {
        (Ok((account, notes)), Ok(len)) => {
            let account = account_of(&account);
            assert_eq!(account, record_account(&out[..len]), "the record equals the account");
            (account, notes)
        }
        (Err(native), Err(wired)) => {
            assert_eq!(native, wired);
            return Err(refused(native));
        }
        (native, wired) => panic!("{:?} and {wired:?}", native.err()),
    };
    let notes: Vec<&str> = notes.iter().map(|note| note.code()).collect();
    assert_eq!(notes, row.notes, "notes");
    Ok(account)
}

fn write(row: &rows::Write) -> Got<String> {
    let mut out = [0; 8192];
    let mut record = record(&row.account);
    let len = wire::format(&mut record, &mut out).map_err(refused)?;
    Ok(String::from_utf8(out[..len].to_vec()).expect("ASCII"))
}

fn links(row: &rows::Texts) -> Got<rows::Links> {
    let links = links::read(&row.texts).map_err(refused)?;
    if let Some(codes) = &row.codes {
        let now = UnixMs::from_millis(1_767_225_600_000);
        let got: Vec<String> =
            links.accounts.iter().map(|account| account.code_at(now).expect("a code").as_str().to_owned()).collect();
        assert_eq!(&got, codes);
    }
    let text = |secret: &base::Secret| String::from_utf8(secret.expose().to_vec()).expect("ASCII");
    let needs_pin = links.needs_pin.iter().map(|n| rows::NeedsPin { account: n.account, digits: n.digits });
    let exports = links.exports.iter().map(|e| rows::ExportParts { total: e.total, missing: e.missing.clone() });
    Ok(rows::Links {
        accounts: links.accounts.iter().map(account_of).collect(),
        needs_pin: needs_pin.collect(),
        exports: exports.collect(),
        key: links.key.as_ref().map(text),
        refused: links
            .refused
            .into_iter()
            .map(|r| rows::Refused { code: r.why.code().into(), issuer: r.issuer, name: r.name })
            .collect(),
    })
}

fn migration_read(row: &rows::Parts) -> Got<rows::Found> {
    let parts = migration::Parts::read(&row.parts).map_err(|(_, error)| (error.code(), None))?;
    let found = parts.finish();
    Ok(rows::Found {
        accounts: found.accounts.iter().map(account_of).collect(),
        total: found.total,
        missing: found.missing,
        refused: found
            .refused
            .into_iter()
            .map(|r| rows::Refused { issuer: r.issuer, name: r.name, code: r.why.code().into() })
            .collect(),
    })
}

fn migration_write(row: &rows::Export) -> Got<rows::Written> {
    let accounts: Vec<Account> = row.accounts.iter().map(give).collect();
    let written = migration::write(&accounts, row.batch_id);
    let uris: Vec<&str> =
        written.parts.iter().map(|part| std::str::from_utf8(part.expose()).expect("an address")).collect();
    let parts: Vec<migration::Part> =
        uris.iter().map(|uri| migration::Part::read(uri).expect("a written part is read")).collect();
    let counts = parts.iter().map(|part| part.entries.len()).collect();

    let lost: Vec<usize> = written.losses.iter().map(|(index, _)| *index).collect();
    let kept = row.accounts.iter().enumerate().filter(|(index, _)| !lost.contains(index));
    let found = migration::Parts::read(&uris).expect("one export").finish();
    assert_eq!(found.missing, [0; 0]);
    let read_back: Vec<rows::Account> = found.accounts.iter().map(account_of).collect();
    assert_eq!(read_back, kept.map(|(_, account)| account.clone()).collect::<Vec<_>>(), "read back");

    let losses = written.losses.iter().map(|(index, loss)| rows::Loss { index: *index, code: loss.code().into() });
    Ok(rows::Written { accounts: counts, losses: losses.collect() })
}
