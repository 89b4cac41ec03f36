use alloc::{string::String, vec::Vec};

use base::Secret;
use zeroize::Zeroizing;

use super::{
    Export, LinkError, Links, MAX_LINKS, MAX_TEXT, NeedsPin, Refused,
    cut::{self, Link},
    find::{begins, starts},
    key::is_key,
    plain::plain,
};
use crate::{
    Account, Otp, OtpError,
    base32::{LENIENT, decode_in_place, encode},
    migration::{MigrationError, Part, Parts},
};

/// Reads the accounts in pasted or scanned texts: setup links (`otpauth`, `apple-otpauth`, `motp`, `steam`), Google
/// Authenticator's export codes or, when there is no link, a bare secret. Other words and lines are skipped.
///
/// The parts of one export may be in different texts. A caller that scans them one by one passes all of them each time.
///
/// # Errors
/// [`OtpError::TooLong`] over [`MAX_TEXT`] bytes or [`MAX_LINKS`] links. A refused link is not an error; it is listed
/// in [`Links::refused`].
pub fn read<S: AsRef<str>>(texts: &[S]) -> Result<Links, OtpError> {
    let sizes = texts.iter().map(|text| text.as_ref().len());
    if sizes.fold(0_usize, usize::saturating_add) > MAX_TEXT {
        return Err(OtpError::TooLong);
    }
    let mut reader = Reader::default();
    for text in texts {
        let text = plain(text.as_ref());
        let starts = starts(&text);
        let alone = starts.len() == 1 && starts.iter().all(|start| start.before.trim().is_empty()) && is_line(&text);
        for start in &starts {
            if reader.links.links >= MAX_LINKS {
                return Err(OtpError::TooLong);
            }
            reader.take(cut::cut(start, alone));
            reader.links.links = reader.links.links.saturating_add(1);
        }
    }
    let mut links = reader.finish();
    if links.links == 0 {
        links.key = texts.iter().find_map(|text| bare_key(text.as_ref()));
    }
    Ok(links)
}

/// The links read so far. `found` keeps their order; the accounts of an export stay in `exports` until the end.
#[derive(Default)]
struct Reader {
    links: Links,
    found: Vec<Item>,
    exports: Vec<(usize, Parts)>,
}

enum Item {
    Account(Account, Option<u8>),
    Export(usize),
}

impl Reader {
    fn take(&mut self, link: Result<Link, (Link, OtpError)>) {
        let number = self.links.links;
        let (link, outcome) = match link {
            Ok(link) if begins(&link, "otpauth-migration:") => {
                if let Err(error) = self.part(&link, number) {
                    let (issuer, name) = (String::new(), String::new());
                    self.links.refused.push(Refused { link: number, issuer, name, why: LinkError::Export(error) });
                }
                return;
            }
            Ok(link) => {
                let outcome = Account::from_uri(&link);
                (link, outcome)
            }
            Err((link, error)) => (link, Err(error)),
        };
        match outcome {
            Ok(account) => self.found.push(Item::Account(account, pin_length(&link))),
            Err(error) => {
                let (issuer, name) = cut::names(&link);
                self.links.refused.push(Refused { link: number, issuer, name, why: LinkError::Account(error) });
            }
        }
    }

    /// Adds a code to the export that it belongs to, or to a new export.
    fn part(&mut self, link: &str, number: usize) -> Result<(), MigrationError> {
        for (_, parts) in &mut self.exports {
            match parts.add(Part::read(link)?) {
                Err(MigrationError::OtherExport) => {}
                other => return other,
            }
        }
        let mut parts = Parts::new();
        parts.add(Part::read(link)?)?;
        self.found.push(Item::Export(self.exports.len()));
        self.exports.push((number, parts));
        Ok(())
    }

    fn finish(self) -> Links {
        let Self { mut links, found, exports } = self;
        let mut exports: Vec<_> = exports.into_iter().map(|(link, parts)| (link, Some(parts.finish()))).collect();
        for item in found {
            match item {
                Item::Account(account, pin) => add(&mut links, account, pin),
                Item::Export(place) => {
                    let Some((link, Some(found))) = exports.get_mut(place).map(|(link, found)| (*link, found.take()))
                    else {
                        continue;
                    };
                    found.accounts.into_iter().for_each(|account| add(&mut links, account, None));
                    let refused = found.refused.into_iter();
                    links.refused.extend(refused.map(|r| Refused {
                        link,
                        issuer: r.issuer,
                        name: r.name,
                        why: LinkError::Account(r.why),
                    }));
                    links.exports.push(Export { total: found.total, missing: found.missing });
                }
            }
        }
        links.refused.sort_by_key(|refused| refused.link);
        links
    }
}

/// Adds an account unless an equal one is there.
fn add(links: &mut Links, account: Account, pin: Option<u8>) {
    if links.accounts.iter().any(|known| known.is_same(&account)) {
        return;
    }
    if account.otp.needs_pin() && account.pin.is_none() {
        links.needs_pin.push(NeedsPin { account: links.accounts.len(), digits: pin });
    }
    links.accounts.push(account);
}

/// The length of the PIN of a Yandex account.
fn pin_length(link: &str) -> Option<u8> {
    let (_, settings) = link.split_once('?')?;
    let mut settings = settings.split('&').filter_map(|setting| setting.split_once('='));
    let (_, digits) = settings.find(|(name, _)| name.eq_ignore_ascii_case("pin_length"))?;
    digits.parse().ok().filter(|digits| (1..=32).contains(digits))
}

fn is_line(text: &str) -> bool {
    !text.trim().contains(['\n', '\r'])
}

/// The secret that the text, one of its lines, or the rest of a line after its last colon consists of.
fn bare_key(text: &str) -> Option<Secret> {
    let lines = text.lines().flat_map(|line| [Some(line), line.rsplit_once(':').map(|(_, after)| after)]);
    let found = [Some(text)].into_iter().chain(lines).flatten().find(|candidate| is_key(candidate))?;
    let mut room = Zeroizing::new(found.as_bytes().to_vec());
    let secret = decode_in_place(&mut room, &LENIENT).ok()?;
    let mut out = Zeroizing::new(alloc::vec![0; secret.len().saturating_mul(2)]);
    let len = encode(secret, &mut out)?;
    Otp::default().check(&crate::Key { secret, pin: &[] }).ok()?;
    out.get(..len).map(Secret::from)
}
