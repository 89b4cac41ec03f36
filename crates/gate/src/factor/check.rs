//! Checks of proofs. Each attempt costs one token of a bucket; without a token, no proof is compared.

use base::UnixMs;
use base64ct::{Base64UrlUnpadded, Encoding as _};
use otp::Typed;

use super::{
    call::{Proof, Purpose, Visit},
    device::{Device, MAX_DEVICES},
    enrolment::{Credential, Enrolment, PasskeyCredential, State},
    errand::ErrandKind,
    history::Happened,
    label::label,
    record::{Challenge, PersonRecord},
    throttle::{Rate, TokenBucket},
    verdict::{Passed, PersonVerdict, Refusal},
    webauthn::{CHALLENGE_BYTES, Ceremony, Named, Verify, assertion},
    work::{Asserted, Work},
};
use crate::policy::demand::{Given, Kind};

/// Life of a challenge, in seconds.
const CHALLENGE_SECS: u64 = 300;
/// Enrolments that one code is compared with.
const MAX_COMPARED: usize = 5;
/// Two assertions of one authenticator may come out of order within this time, in seconds.
const OUT_OF_ORDER_SECS: u64 = 60;

/// The result of a proof.
pub(super) enum Proved {
    /// A factor, and how many recovery codes are left where it was one.
    Given(Given, Option<usize>),
    /// A signature must be verified.
    Ask(Verify, Asserted),
}

/// Whose tokens a guess costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Whose {
    Device,
    Paired,
    Unknown,
}

/// The bucket of this browser's guesses.
pub(super) fn bucket<'r>(record: &'r mut PersonRecord, visit: &Visit, now: UnixMs) -> (Whose, &'r mut TokenBucket) {
    let known =
        visit.device.as_deref().and_then(|cookie| record.devices.iter().position(|d| d.is_known_by(cookie, now)));
    let paired = record
        .sessions
        .iter()
        .position(|session| session.sid == visit.sid && session.pairing.as_ref().is_some_and(|pairing| pairing.let_in));
    if let Some(device) = known.and_then(|at| record.devices.get_mut(at)) {
        return (Whose::Device, &mut device.bucket);
    }
    match paired.and_then(|at| record.sessions.get_mut(at)).and_then(|session| session.pairing.as_mut()) {
        Some(pairing) => (Whose::Paired, &mut pairing.bucket),
        None => (Whose::Unknown, &mut record.unknown),
    }
}

/// How that bucket fills.
pub(super) fn rate(record: &mut PersonRecord, visit: &Visit, now: UnixMs) -> Rate {
    if bucket(record, visit, now).0 == Whose::Device { Rate::DEVICE } else { Rate::UNKNOWN }
}

fn take_token(work: &mut Work<'_>, visit: &Visit) -> Result<Whose, PersonVerdict> {
    let now = work.now();
    let rate = rate(&mut work.record, visit, now);
    let (whose, bucket) = bucket(&mut work.record, visit, now);
    match bucket.take(rate, now) {
        Ok(()) => Ok(whose),
        Err(until) => {
            work.record.note(Happened::Throttled, &visit.browser, now);
            Err(PersonVerdict::Wait { until_secs: until.secs() })
        }
    }
}

/// Compares what somebody shows.
pub(super) fn proof(
    work: &mut Work<'_>,
    visit: &Visit,
    purpose: &Purpose,
    proof: Proof,
) -> Result<Proved, PersonVerdict> {
    // A person who wants to be asked only for a passkey must not be asked for a code: a phishing page would choose that way.
    let signs_in = matches!(purpose, Purpose::SignIn { .. });
    if work.record.only_passkey && signs_in && !matches!(proof, Proof::Passkey(_)) {
        return Err(Refusal::OnlyPasskey.into());
    }
    match proof {
        Proof::Code { of, typed } => code(work, visit, of.as_deref(), &typed),
        Proof::Recovery(typed) => recovery(work, visit, &typed),
        Proof::Passkey(answer) => passkey(work, visit, purpose, &answer),
    }
}

fn code(work: &mut Work<'_>, visit: &Visit, of: Option<&str>, typed: &str) -> Result<Proved, PersonVerdict> {
    let now = work.now();
    let Some(typed) = Typed::new(typed.as_bytes()) else { return Err(Refusal::WrongCode.into()) };
    let is_meant = |enrolment: &Enrolment| {
        enrolment.is_usable(now) && enrolment.secret().is_some() && of.is_none_or(|of| of == enrolment.id)
    };
    if !work.record.enrolments.iter().any(is_meant) {
        return Err(Refusal::Unknown.into());
    }
    let whose = take_token(work, visit)?;
    let place = work.env.place();
    let mut meant: Vec<&mut Enrolment> =
        work.record.enrolments.iter_mut().filter(|enrolment| is_meant(enrolment)).collect();
    base::order::sort_short(&mut meant, |one, next| one.used_secs > next.used_secs);
    let (mut found, mut unreadable) = (None, None);
    for enrolment in meant.into_iter().take(MAX_COMPARED) {
        let opened = enrolment.secret().map(|secret| secret.open(place, &enrolment.id));
        let secret = match opened {
            Some(Ok(secret)) => secret,
            Some(Err(missing)) => {
                unreadable = Some(missing.kid);
                continue;
            }
            None => continue,
        };
        let is_right = match &mut enrolment.credential {
            Credential::Totp(totp) => totp.take(&secret, &typed, now),
            Credential::Hotp(hotp) => hotp.take(&secret, &typed, whose == Whose::Device),
            Credential::Passkey(_) => false,
        };
        if is_right {
            enrolment.used_secs = now.secs();
            found = Some((enrolment.kind, enrolment.id.clone()));
            break;
        }
    }
    match (found, unreadable) {
        (Some((kind, by)), _) => Ok(Proved::Given(Given::now(kind, by, now), None)),
        (None, Some(kid)) => Err(PersonVerdict::Unreadable { kid }),
        (None, None) => {
            work.record.note(Happened::WrongCode, &visit.browser, now);
            Err(Refusal::WrongCode.into())
        }
    }
}

fn recovery(work: &mut Work<'_>, visit: &Visit, typed: &str) -> Result<Proved, PersonVerdict> {
    let (now, place) = (work.now(), work.env.place());
    if !work.record.has_factor() {
        return Err(Refusal::Unknown.into());
    }
    if let Err(until) = work.record.paper.take(Rate::PAPER, now) {
        return Err(PersonVerdict::Wait { until_secs: until.secs() });
    }
    let set = work.record.paper_codes(now).ok_or(Refusal::Unknown)?;
    match set.take(typed, place, now) {
        Err(missing) => Err(PersonVerdict::Unreadable { kid: missing.kid }),
        Ok(None) => {
            work.record.note(Happened::WrongCode, &visit.browser, now);
            Err(Refusal::WrongCode.into())
        }
        Ok(Some(left)) => {
            work.record.note(Happened::CodeUsed, &visit.browser, now);
            Ok(Proved::Given(Given::now(Kind::Recovery, "recovery".into(), now), Some(left)))
        }
    }
}

/// Resynchronises a token by two codes in a row: one attempt, one token, one verdict.
pub(super) fn resync(
    work: &mut Work<'_>,
    visit: &Visit,
    id: &str,
    typed: [&str; 2],
) -> Result<PersonVerdict, PersonVerdict> {
    let (now, place) = (work.now(), work.env.place());
    let [Some(first), Some(second)] = typed.map(|typed| Typed::new(typed.as_bytes())) else {
        return Err(Refusal::WrongCode.into());
    };
    let at = work.record.enrolments.iter().position(|enrolment| {
        let waits = enrolment.is_usable(now) || enrolment.state == State::Unsynchronised;
        enrolment.id == id && waits && matches!(enrolment.credential, Credential::Hotp(_))
    });
    let at = at.ok_or(Refusal::Unknown)?;
    take_token(work, visit)?;
    let Some(Enrolment { id, credential: Credential::Hotp(hotp), state, label, used_secs, .. }) =
        work.record.enrolments.get_mut(at)
    else {
        return Err(Refusal::Unknown.into());
    };
    let secret = hotp.secret.open(place, id).map_err(|missing| PersonVerdict::Unreadable { kid: missing.kid })?;
    if !hotp.resync(&secret, [&first, &second]) {
        work.record.note(Happened::WrongCode, &visit.browser, now);
        return Err(Refusal::WrongCode.into());
    }
    (*state, *used_secs) = (State::Active, now.secs());
    let label = label.clone();
    work.record.note(Happened::Resynchronised, &label, now);
    work.record.tell(ErrandKind::Directory);
    Ok(PersonVerdict::Done)
}

/// Passkeys that can be used with this relying party.
fn passkeys<'r>(
    record: &'r PersonRecord,
    rp_id: &'r str,
    now: UnixMs,
) -> impl Iterator<Item = (&'r Enrolment, &'r PasskeyCredential)> {
    record.enrolments.iter().filter(move |enrolment| enrolment.is_usable(now)).filter_map(move |enrolment| {
        match &enrolment.credential {
            Credential::Passkey(passkey) if passkey.rp_id == rp_id => Some((enrolment, passkey)),
            _ => None,
        }
    })
}

/// A challenge, bound to the session and the purpose.
pub(super) fn challenge(work: &mut Work<'_>, visit: &Visit, purpose: &Purpose) -> Result<PersonVerdict, PersonVerdict> {
    let (now, env) = (work.now(), work.env);
    let allowed: Vec<_> = passkeys(&work.record, env.rp_id, now).map(|(_, passkey)| Named::of(&passkey.id)).collect();
    if allowed.is_empty() {
        return Err(Refusal::Unknown.into());
    }
    let bytes = Base64UrlUnpadded::encode_string(&work.moment.draw::<CHALLENGE_BYTES>());
    let options = json::object(&[
        ("allowCredentials", &allowed),
        ("challenge", &bytes),
        ("rpId", &env.rp_id),
        ("timeout", &(CHALLENGE_SECS * 1000)),
        ("userVerification", &env.verification.word()),
    ]);
    let session = work.record.session(&visit.sid).ok_or(Refusal::Unknown)?;
    session.challenge =
        Some(Challenge { bytes, purpose: purpose.text(), until_secs: now.plus_secs(CHALLENGE_SECS).secs() });
    Ok(PersonVerdict::Options(options))
}

fn passkey(work: &mut Work<'_>, visit: &Visit, purpose: &Purpose, answer: &str) -> Result<Proved, PersonVerdict> {
    let (now, env) = (work.now(), work.env);
    // The challenge is spent before any part of the answer is read.
    let challenge = work.record.session(&visit.sid).and_then(|session| session.challenge.take());
    let challenge =
        challenge.filter(|challenge| challenge.purpose == purpose.text() && challenge.until_secs > now.secs());
    let challenge = challenge.and_then(|challenge| Base64UrlUnpadded::decode_vec(&challenge.bytes).ok());
    let challenge = challenge.ok_or(Refusal::ChallengeOver)?;
    let ceremony =
        Ceremony { rp_id: env.rp_id, origin: env.origin, challenge: &challenge, verification: env.verification };
    let handle = Base64UrlUnpadded::decode_vec(&work.record.handle).unwrap_or_default();
    let decoded: Vec<(String, [Vec<u8>; 2], bool)> = passkeys(&work.record, env.rp_id, now)
        .filter_map(|(enrolment, passkey)| {
            let bytes = |text: &str| Base64UrlUnpadded::decode_vec(text).ok();
            Some((enrolment.id.clone(), [bytes(&passkey.id)?, bytes(&passkey.public_key)?], passkey.backup_eligible))
        })
        .collect();
    let known = decoded.iter().map(|(_, [id, public_key], backup_eligible)| assertion::Known {
        id,
        public_key,
        backup_eligible: *backup_eligible,
    });
    let Ok(found) = assertion::judge(&ceremony, answer, &handle, known) else {
        work.record.note(Happened::PasskeyRefused, &visit.browser, now);
        return Err(Refusal::PasskeyRefused.into());
    };
    let enrolment = decoded.iter().find(|(_, [id, _], _)| *id == found.id).map(|(id, ..)| id.clone());
    let asserted = Asserted {
        enrolment: enrolment.unwrap_or_default(),
        sign_count: found.sign_count,
        backup_state: found.backup_state,
        verified: found.user_verified,
    };
    Ok(Proved::Ask(found.verify, asserted))
}

/// Continues after the verification. The counter is compared with the record as it is now.
pub(super) fn passkey_verified(
    work: &mut Work<'_>,
    visit: &Visit,
    found: &Asserted,
    valid: bool,
) -> Result<Given, PersonVerdict> {
    let now = work.now();
    if !valid {
        work.record.note(Happened::PasskeyRefused, &visit.browser, now);
        return Err(Refusal::PasskeyRefused.into());
    }
    let known = work.record.enrolments.iter_mut().find(|known| known.id == found.enrolment && known.is_usable(now));
    let Some(Enrolment { id, credential: Credential::Passkey(passkey), state, used_secs, label, .. }) = known else {
        return Err(Refusal::Unknown.into());
    };
    if assertion::counter(passkey.sign_count, found.sign_count).is_err() {
        // Answers of two tabs may arrive out of order. Only an older counter is a sign of a copied key.
        if now.secs() > passkey.counted_secs.saturating_add(OUT_OF_ORDER_SECS) {
            *state = State::Suspended { since_secs: now.secs() };
        }
        let label = label.clone();
        work.record.note(Happened::CounterStoodStill, &label, now);
        return Err(Refusal::PasskeyCounter.into());
    }
    if passkey.sign_count != found.sign_count {
        passkey.counted_secs = now.secs();
    }
    (passkey.sign_count, passkey.backup_state, *used_secs) = (found.sign_count, found.backup_state, now.secs());
    let synced = passkey.backup_eligible;
    Ok(Given { verified: found.verified, synced, ..Given::now(Kind::Passkey, id.clone(), now) })
}

/// Raises the session and makes the device known.
pub(super) fn raise(work: &mut Work<'_>, visit: &Visit, given: Given, remember: bool) -> Passed {
    let now = work.now();
    if let Some(session) = work.record.session(&visit.sid) {
        session.given = Some(given.clone());
    }
    let remembered_until_secs = work.env.remember_secs.filter(|_| remember).map(|secs| now.plus_secs(secs).secs());
    let remembered_kind = remembered_until_secs.map(|_| given.kind);
    let mut cookie = None;
    if let Some(device) = work.record.device(visit.device.as_deref(), now) {
        device.used_secs = now.secs();
        if !visit.shared && remembered_until_secs.is_some() {
            (device.remembered_until_secs, device.remembered_kind) = (remembered_until_secs, remembered_kind);
        }
    } else if !visit.shared {
        let (mut device, secret) = Device::new(label(&visit.browser), work.moment);
        work.record.note(Happened::NewBrowser, &device.label, now);
        let oldest =
            work.record.devices.iter().enumerate().min_by_key(|(_, device)| device.used_secs).map(|(at, _)| at);
        if let Some(oldest) = oldest.filter(|_| work.record.devices.len() >= MAX_DEVICES) {
            work.record.devices.remove(oldest);
        }
        (device.remembered_until_secs, device.remembered_kind) = (remembered_until_secs, remembered_kind);
        work.record.devices.push(device);
        // EXPOSE: into the person's own cookie.
        cookie = String::from_utf8(secret.expose().to_vec()).ok();
    }
    Passed { given, device: cookie, codes_left: None }
}
