use alloc::{string::String, vec::Vec};

use base::Secret;
use zeroize::Zeroizing;

use super::{
    Loss,
    base64::encode_escaped,
    protobuf::{put_bytes, put_varint},
};
use crate::{Account, Hotp, Otp, PeriodSecs, Totp};

/// The number of accounts that Google's app writes into one QR code.
const PER_PART: usize = 10;
/// Bytes of accounts in one QR code, so that a camera still reads it from a screen.
const MAX_PART: usize = 1000;

/// An export for Google Authenticator.
pub struct Written {
    /// The text of each QR code. They contain the secrets.
    pub parts: Vec<Secret>,
    /// The omitted accounts by index, with the reason.
    pub losses: Vec<(usize, Loss)>,
}

/// Writes accounts as the codes of one export, in version 1, which every reader supports. `batch_id` should be random: it
/// identifies the export.
///
/// An account that the format cannot express is omitted and reported, because Google Authenticator would show wrong codes.
pub fn write(accounts: &[Account], batch_id: i32) -> Written {
    let mut losses = Vec::new();
    let mut batches: Vec<Vec<Zeroizing<Vec<u8>>>> = Vec::new();
    for (place, account) in accounts.iter().enumerate() {
        match entry(account) {
            Ok(entry) => {
                let fits = |batch: &&mut Vec<Zeroizing<Vec<u8>>>| {
                    let used: usize = batch.iter().map(|entry| entry.len()).sum();
                    batch.len() < PER_PART && used.saturating_add(entry.len()) <= MAX_PART
                };
                match batches.last_mut().filter(fits) {
                    Some(batch) => batch.push(entry),
                    None => batches.push(Vec::from([entry])),
                }
            }
            Err(loss) => losses.push((place, loss)),
        }
    }
    let number = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
    let parts = batches.iter().enumerate().map(|(index, batch)| {
        let mut payload = Zeroizing::new(Vec::new());
        batch.iter().for_each(|entry| put_bytes(&mut payload, 1, entry));
        put_varint(&mut payload, 2, 1);
        put_varint(&mut payload, 3, number(batches.len()));
        put_varint(&mut payload, 4, number(index));
        // An int32 is written with its sign extended to 64 bits.
        put_varint(&mut payload, 5, i64::from(batch_id).cast_unsigned());
        let mut uri = String::from("otpauth-migration://offline?data=");
        encode_escaped(&payload, &mut uri);
        Secret::new(uri.into_bytes())
    });
    Written { parts: parts.collect(), losses }
}

fn entry(account: &Account) -> Result<Zeroizing<Vec<u8>>, Loss> {
    let (digits, kind, counter) = match account.otp {
        Otp::Totp(Totp { period, .. }) if period != PeriodSecs::THIRTY => return Err(Loss::Period),
        Otp::Totp(Totp { digits, .. }) => (digits, 2, None),
        Otp::Hotp(Hotp { digits, .. }, counter) => (digits, 1, Some(counter)),
        Otp::Steam | Otp::Motp | Otp::Yandex => return Err(Loss::Kind),
    };
    let digits = match digits.count() {
        6 => 1,
        8 => 2,
        _ => return Err(Loss::Digits),
    };
    let mut label = account.issuer.clone();
    // As in an address, so that a colon in the name does not begin one.
    if !label.is_empty() || account.name.contains(':') {
        label.push(':');
    }
    label.push_str(&account.name);
    let mut out = Zeroizing::new(Vec::new());
    // EXPOSE: an export contains the secret.
    put_bytes(&mut out, 1, account.secret.expose());
    put_bytes(&mut out, 2, label.as_bytes());
    put_bytes(&mut out, 3, account.issuer.as_bytes());
    let [_, algorithm, ..] = account.otp.numbers();
    put_varint(&mut out, 4, algorithm.saturating_add(1));
    put_varint(&mut out, 5, digits);
    put_varint(&mut out, 6, kind);
    if let Some(counter) = counter {
        put_varint(&mut out, 7, counter.value());
    }
    if out.len() > MAX_PART { Err(Loss::TooLong) } else { Ok(out) }
}
