//! What JavaScript asks and gets: one JSON text each way. A call for each field of each account would be far
//! more of wasm, of script and of time.

use alloc::{string::String, vec::Vec};

use base::{Context, JsonWriter as Pen, Secret, UnixMs};
use otp::{
    Account, Algorithm, Digits, Hotp, HotpCounter, Kind, Otp, OtpError, PeriodSecs, Totp,
    base32::{self, LENIENT},
};

use crate::{
    APPS, App, Backup, BackupError, Detected, Entry, Files, Format, Kdf, Loss, MaxCost, Password, Refused, Series,
    Source, armour, detect,
    json::Value,
    losses, series,
    text::{hex, to_base64, to_hex},
    unarmour,
    wipe::Zeroizing,
    write,
};

/// Answers one call of JavaScript. `ask` is a JSON object: `do` names the function, the other fields are its arguments. `bytes` are
/// the files one after the other, with the lengths of those beside the first in `beside`; or a vault; or, to write, 32 random bytes.
///
/// The answer is JSON too. It is an object with `error` when there is one.
pub fn answer(ask: &Secret, bytes: &Secret) -> Secret {
    let mut pen = Pen::default();
    // EXPOSE: passwords and files are what is read here.
    let (ask, bytes) = (core::str::from_utf8(ask.expose()).unwrap_or_default(), bytes.expose());
    let done = Value::read(ask).map_err(Fault::from).and_then(|ask| told(&mut pen, &ask, bytes));
    if let Err(Fault { code, sentence, app, index }) = done {
        pen = Pen::default();
        pen.object(|pen| {
            pen.name("error").object(|pen| {
                reason(pen, code, sentence);
                if let Some(app) = app {
                    pen.name("app").text(app);
                }
                if let Some(index) = index {
                    count(pen.name("index"), index);
                }
            });
        });
    }
    Secret::new(pen.finish())
}

/// An error, with the app whose password is needed, or the place in a list.
struct Fault {
    code: &'static str,
    sentence: &'static str,
    app: Option<&'static str>,
    index: Option<usize>,
}

impl From<BackupError> for Fault {
    fn from(error: BackupError) -> Self {
        Self { code: error.code(), sentence: error.sentence(), app: None, index: None }
    }
}

impl From<OtpError> for Fault {
    fn from(error: OtpError) -> Self {
        Self { code: error.code(), sentence: error.sentence(), app: None, index: None }
    }
}

fn told(pen: &mut Pen, ask: &Value, bytes: &[u8]) -> Result<(), Fault> {
    match ask.get("do").text() {
        "apps" => pen.list(|pen| APPS.iter().for_each(|app| app_row(pen, app))),
        "inspect" => match opened(ask, bytes) {
            Detected::Refused(why) => return Err(why.into()),
            Detected::Plain(backup) => info(pen, backup.app, None),
            Detected::Locked(locked) => info(pen, locked.app, Some(locked.kdf())),
        },
        "sample" => match opened(ask, bytes) {
            Detected::Refused(why) => return Err(why.into()),
            Detected::Plain(_) => pen.number(0),
            Detected::Locked(locked) => large(pen, locked.kdf().sample(max_cost(ask))?),
        },
        "read" => match opened(ask, bytes) {
            Detected::Refused(why) => return Err(why.into()),
            Detected::Plain(backup) => report(pen, &backup),
            Detected::Locked(locked) => match ask.get("password") {
                Value::Text(password) => {
                    report(pen, &locked.unlock(&Secret::from(password.as_bytes()), max_cost(ask))?);
                }
                _ => return Err(Fault { app: Some(locked.app.id), ..BackupError::NeedsPassword.into() }),
            },
        },
        "losses" => {
            let lost = losses(format(ask)?, &sources(ask)?);
            pen.list(|pen| lost.iter().for_each(|loss| loss_row(pen, loss)));
        }
        "write" => {
            let seed = <[u8; 32]>::try_from(bytes).map_err(|_| BackupError::Damaged)?;
            #[expect(clippy::as_conversions, reason = "JavaScript holds no larger time exactly")]
            let now = UnixMs::from_number(ask.get("nowMs").int().unwrap_or(0) as f64);
            let mut context = Context::new(now.ok_or(OtpError::BadTime)?, seed);
            let password = match ask.get("password") {
                Value::Text(password) => Some(Secret::from(password.as_bytes())),
                _ => None,
            };
            let written = write(format(ask)?, &sources(ask)?, password.as_ref(), &mut context)?;
            pen.object(|pen| {
                pen.name("parts").list(|pen| {
                    for part in &written.parts {
                        // EXPOSE: the person asked for the file, which holds the secrets. Every format is text.
                        pen.text(core::str::from_utf8(part.expose()).unwrap_or_default());
                    }
                });
                count(pen.name("count"), written.count);
                pen.name("losses").list(|pen| written.losses.iter().for_each(|loss| loss_row(pen, loss)));
            });
        }
        "toText" if bytes.len() > crate::detect::MAX_INPUT => return Err(BackupError::TooLarge.into()),
        "toText" => pen.text(&armour(bytes, ask.get("address").text())),
        "fromText" => {
            let vault = unarmour(ask.get("text").text()).ok_or(BackupError::Unknown)?;
            pen.text(&to_base64(&vault));
        }
        "toSeries" => {
            let id = hex(ask.get("vaultId").text()).and_then(|id| <[u8; 4]>::try_from(id.as_slice()).ok());
            let parts = series(bytes, id.ok_or(BackupError::Damaged)?)?;
            pen.list(|pen| parts.iter().for_each(|part| pen.text(part)));
        }
        "fromSeries" => {
            let mut series = Series::new();
            for (index, part) in ask.get("parts").list().iter().enumerate() {
                series.add(part.text()).map_err(|error| Fault { index: Some(index), ..error.into() })?;
            }
            let missing = series.missing();
            let whole = series.total() > 0 && missing.is_empty();
            let vault = if whole { Some(series.finish()?) } else { None };
            pen.object(|pen| {
                count(pen.name("total"), series.total());
                pen.name("missing").list(|pen| missing.iter().for_each(|number| count(pen, *number)));
                if let Some(vault) = vault {
                    pen.name("vault").text(&to_base64(&vault));
                }
            });
        }
        _ => return Err(BackupError::Unknown.into()),
    }
    Ok(())
}

/// The file, and those beside it.
fn opened(ask: &Value, bytes: &[u8]) -> Detected {
    let mut rest = bytes;
    let mut beside = Vec::new();
    for len in ask.get("beside").list().iter().rev() {
        let len = len.int().and_then(|len| usize::try_from(len).ok()).unwrap_or(0);
        let (before, last) = rest.split_at_checked(rest.len().saturating_sub(len)).unwrap_or((rest, b""));
        rest = before;
        beside.insert(0, last);
    }
    detect(Files { bytes: rest, beside: &beside })
}

fn max_cost(ask: &Value) -> MaxCost {
    let most = ask.get("maxMemoryKib").int().map(|most| u32::try_from(most).unwrap_or(u32::MAX));
    most.map_or(MaxCost::HIGHEST, |memory_kib| MaxCost { memory_kib })
}

fn format(ask: &Value) -> Result<Format, Fault> {
    Ok(Format::named(ask.get("format").text()).ok_or(BackupError::Unknown)?)
}

fn sources(ask: &Value) -> Result<Vec<Source>, Fault> {
    let items = ask.get("items").list().iter().enumerate();
    let source = |(index, item): (usize, &Value)| match account(item.get("account")) {
        Ok(account) => Ok(Source {
            account,
            note: String::from(item.get("note").text()),
            tags: item.get("tags").list().iter().map(|tag| String::from(tag.text())).collect(),
            pinned: item.get("pinned").bool(),
        }),
        Err(error) => Err(Fault { index: Some(index), ..error.into() }),
    };
    items.map(source).collect()
}

/// The account in a record. Only the secret must be given.
fn account(record: &Value) -> Result<Account, OtpError> {
    let number = |name: &str, usual: u32, error: OtpError| match record.get(name) {
        Value::Null => Ok(usual),
        value => value.int().and_then(|number| u32::try_from(number).ok()).ok_or(error),
    };
    let kind = match record.get("kind") {
        Value::Null => Kind::Totp,
        name => Kind::named(name.text()).ok_or(OtpError::UnknownKind)?,
    };
    let algorithm = match record.get("algorithm") {
        Value::Null => Algorithm::Sha1,
        name => Algorithm::named(name.text()).ok_or(OtpError::BadAlgorithm)?,
    };
    let digits = || number("digits", 6, OtpError::BadDigits).and_then(Digits::new);
    let otp = match kind {
        Kind::Totp => {
            let period = number("periodSecs", 30, OtpError::BadPeriod).and_then(PeriodSecs::new)?;
            Otp::Totp(Totp { algorithm, digits: digits()?, period })
        }
        Kind::Hotp => {
            let counter = match record.get("counter") {
                Value::Null => 0,
                value => value.int().and_then(|n| u64::try_from(n).ok()).ok_or(OtpError::BadCounter)?,
            };
            Otp::Hotp(Hotp { algorithm, digits: digits()? }, HotpCounter::new(counter)?)
        }
        Kind::Steam => Otp::Steam,
        Kind::Motp => Otp::Motp,
        Kind::Yandex => Otp::Yandex,
    };
    let mut secret = Zeroizing::new(record.get("secret").text().as_bytes().to_vec());
    let secret = match otp {
        Otp::Motp => base32::decode_hex_in_place(&mut secret)?,
        _ => base32::decode_in_place(&mut secret, &LENIENT)?,
    };
    let pin = match record.get("pin") {
        Value::Text(pin) => Some(Secret::from(pin.as_bytes())),
        _ => None,
    };
    let text = |name: &str| String::from(record.get(name).text());
    Ok(Account { issuer: text("issuer"), name: text("name"), otp, secret: Secret::from(&*secret), pin })
}

fn app_fields(pen: &mut Pen, app: &App) {
    pen.name("app").text(app.id);
    pen.name("title").text(app.title);
}

fn app_row(pen: &mut Pen, app: &App) {
    pen.object(|pen| {
        app_fields(pen, app);
        pen.name("password").text(match app.password {
            Password::Never => "never",
            Password::Maybe => "maybe",
            Password::Always => "always",
        });
        pen.name("help").text(app.help);
    });
}

fn info(pen: &mut Pen, app: &App, kdf: Option<Kdf>) {
    pen.object(|pen| {
        app_fields(pen, app);
        pen.name("locked").bool(kdf.is_some());
        if let Some(kdf) = kdf {
            let (name, more) = match kdf {
                Kdf::Hash => ("hash", None),
                Kdf::Pbkdf2 { rounds } => ("pbkdf2", Some(("rounds", rounds))),
                Kdf::AesKdf { rounds } => ("aes-kdf", Some(("rounds", rounds))),
                Kdf::Scrypt { .. } => ("scrypt", None),
                Kdf::Argon2 { passes, .. } => ("argon2", Some(("passes", passes))),
            };
            pen.name("kdf").object(|pen| {
                if let Some((name, number)) = more {
                    large(pen.name(name), number);
                }
                pen.name("name").text(name);
                large(pen.name("memoryKib"), kdf.memory_kib());
            });
        }
    });
}

fn report(pen: &mut Pen, backup: &Backup) {
    pen.object(|pen| {
        app_fields(pen, backup.app);
        pen.name("entries").list(|pen| backup.entries.iter().for_each(|entry| entry_row(pen, entry)));
        pen.name("refused").list(|pen| backup.refused.iter().for_each(|refused| refused_row(pen, refused)));
        pen.name("missing").list(|pen| backup.missing.iter().for_each(|number| pen.number(*number)));
        count(pen.name("passwords"), backup.passwords);
        count(pen.name("withoutCode"), backup.without_code);
    });
}

fn refused_row(pen: &mut Pen, refused: &Refused) {
    pen.object(|pen| {
        reason(pen, refused.why.code(), refused.why.sentence());
        pen.name("issuer").text(&refused.issuer);
        pen.name("name").text(&refused.name);
        if let Some(source) = &refused.source {
            // EXPOSE: the original is for the person to keep.
            pen.name("source").text(source.expose());
        }
    });
}

fn entry_row(pen: &mut Pen, entry: &Entry) {
    pen.object(|pen| {
        account_row(pen.name("account"), &entry.account);
        pen.name("note").text(&entry.note);
        pen.name("tags").list(|pen| entry.tags.iter().for_each(|tag| pen.text(tag)));
        pen.name("pinned").bool(entry.pinned);
        pen.name("trashed").bool(entry.trashed);
        pen.name("changes").list(|pen| {
            for change in &entry.changes {
                pen.object(|pen| reason(pen, change.code(), change.sentence()));
            }
        });
        for (name, number) in [("uses", entry.uses), ("usedMs", entry.used_ms)] {
            if let Some(number) = number {
                large(pen.name(name), number);
            }
        }
        if let Some(index) = entry.duplicate_of {
            count(pen.name("duplicateOf"), index);
        }
    });
}

/// The record of an account. It holds the secret, which is what an import is for.
fn account_row(pen: &mut Pen, account: &Account) {
    let Account { issuer, name, otp, secret, pin } = account;
    pen.object(|pen| {
        pen.name("kind").text(otp.kind().name());
        // EXPOSE: as the comment above says.
        let secret = match otp {
            Otp::Motp => to_hex(secret.expose()),
            _ => crate::source::fields::base32(secret.expose()),
        };
        pen.name("secret").text(&secret);
        pen.name("issuer").text(issuer);
        pen.name("name").text(name);
        pen.name("algorithm").text(crate::source::fields::algorithm(otp));
        pen.name("digits").number(otp.digits());
        if let Some(period) = otp.period() {
            pen.name("periodSecs").number(period.secs());
        }
        if let Otp::Hotp(_, counter) = otp {
            large(pen.name("counter"), counter.value());
        }
        // EXPOSE: as above.
        if let Some(pin) = pin.as_ref().and_then(|pin| core::str::from_utf8(pin.expose()).ok()) {
            pen.name("pin").text(pin);
        }
    });
}

fn loss_row(pen: &mut Pen, (index, loss): &(usize, Loss)) {
    pen.object(|pen| {
        reason(pen, loss.code(), loss.sentence());
        count(pen.name("index"), *index);
        pen.name("leftOut").bool(loss.is_left_out());
    });
}

fn reason(pen: &mut Pen, code: &str, sentence: &str) {
    pen.name("code").text(code);
    pen.name("reason").text(sentence);
}

fn count(pen: &mut Pen, number: usize) {
    pen.number(u32::try_from(number).unwrap_or(u32::MAX));
}

/// A number that a file gives may be above what JavaScript holds exactly. It is refused before any work.
fn large(pen: &mut Pen, number: u64) {
    pen.number(i64::try_from(number).unwrap_or(i64::MAX));
}
