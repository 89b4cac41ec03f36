//! Beginning and confirming an enrolment. Its conditions are checked both times, because the person may have enrolled another
//! factor in between.

use base::Secret;
use base64ct::{Base64UrlUnpadded, Encoding as _};
use json::{Members, ToJson};
use otp::{Algorithm, Digits, PeriodSecs, Typed};

use super::{
    call::{Begin, Confirm, Enrolling, Visit},
    check,
    enrolment::{BoundBy, Credential, Enrolment, PasskeyCredential, Pending, State, WAIT_SECS},
    errand::ErrandKind,
    history::Happened,
    record::{MAX_ENROLMENTS, random},
    recovery::RecoveryCodes,
    sealed::Sealed,
    token::HotpCredential,
    totp::{self, MAX_SECRET_BYTES, SECRET_BYTES, TotpCredential},
    verdict::{PersonVerdict, Refusal, Show},
    webauthn::{CHALLENGE_BYTES, Ceremony, Named, PUBLIC_KEY, cose, registration},
    work::{Outcome, Then, Work},
};
use crate::policy::demand::{Given, Kind};

/// Age of a sign-in that may enrol, and of a factor that pays for an enrolment, in seconds.
const RECENT_SECS: u64 = 300;
/// Least secret of a token, in bytes (RFC 4226 section 4, R6, asks for 16; tokens in use have 10).
const MIN_SECRET_BYTES: usize = 10;

/// Begins an enrolment. Only this answer contains the secret.
pub(super) fn begin(
    work: &mut Work<'_>,
    visit: &Visit,
    what: Begin,
    label: &str,
) -> Result<PersonVerdict, PersonVerdict> {
    let kind = match what {
        Begin::App => Kind::App,
        Begin::Token { .. } => Kind::Token,
        Begin::Passkey => Kind::Passkey,
    };
    let now = work.now();
    let bound_by = may_begin(work, visit, kind)?;
    // A session has one pending enrolment. Those of other sessions stay.
    work.record.enrolments.retain(|enrolment| enrolment.pending(&visit.sid, now).is_none());
    if work.record.enrolments.len() >= MAX_ENROLMENTS {
        return Err(Refusal::Full.into());
    }
    let id = random(work.moment);
    let mut challenge = None;
    let (credential, show) = match what {
        Begin::App => {
            let secret = Secret::from(work.moment.draw::<SECRET_BYTES>().as_slice());
            let address = totp::address(work.env.issuer, &visit.shown, &secret).ok_or(Refusal::BadSettings)?;
            // EXPOSE: both are shown to the person, in this one answer.
            let shown = |text: &Secret| String::from_utf8(text.expose().to_vec()).unwrap_or_default();
            let (address, key) = (shown(&address), shown(&totp::base32(&secret)));
            (
                Credential::Totp(TotpCredential::new(seal(work, &secret, &id)?)),
                Show::App { id: id.clone(), address, key },
            )
        }
        Begin::Token { seed, timed, algorithm, digits, period_secs } => {
            let known = Algorithm::named(&algorithm).is_some() && Digits::new(digits).is_ok_and(|d| d.count() >= 6);
            let seed = read_seed(&seed).filter(|_| known && PeriodSecs::new(period_secs).is_ok());
            let secret = seal(work, &seed.ok_or(Refusal::BadSettings)?, &id)?;
            let credential = if timed {
                Credential::Totp(TotpCredential { algorithm, digits, period_secs, ..TotpCredential::new(secret) })
            } else {
                Credential::Hotp(HotpCredential { secret, algorithm, digits, next: 0 })
            };
            (credential, Show::Token { id: id.clone() })
        }
        Begin::Passkey => {
            let bytes = Base64UrlUnpadded::encode_string(&work.moment.draw::<CHALLENGE_BYTES>());
            let options = creation_options(work, visit, &bytes);
            challenge = Some(bytes);
            let rp_id = work.env.rp_id.to_owned();
            let passkey = PasskeyCredential { rp_id, ..PasskeyCredential::default() };
            (Credential::Passkey(passkey), Show::Passkey { id: id.clone(), options })
        }
    };
    let pending = Pending { sid: visit.sid.clone(), since_secs: now.secs(), bound_by, challenge };
    work.record.enrolments.push(Enrolment {
        id,
        label: super::label::label(label),
        kind,
        state: State::Pending(pending),
        credential,
        created_secs: now.secs(),
        used_secs: 0,
        bound_by: None,
    });
    Ok(PersonVerdict::Show(show))
}

/// Whether this session may begin an enrolment.
fn may_begin(work: &mut Work<'_>, visit: &Visit, kind: Kind) -> Result<BoundBy, PersonVerdict> {
    if visit.surrogate {
        return Err(Refusal::Surrogate.into());
    }
    if let Some(invited) = invitation(work, visit)? {
        return Ok(invited);
    }
    if !work.record.has_factor() {
        return first(work, visit, work.now().secs()).map(|()| BoundBy::First);
    }
    let now = work.now().secs();
    let paid = work.record.session(&visit.sid).and_then(|session| session.paid.clone());
    match paid {
        Some(paid) if paid.add == kind && now < paid.at_secs.saturating_add(RECENT_SECS) => {
            Ok(BoundBy::Paid { kind: paid.kind, at_secs: paid.at_secs, by: paid.by })
        }
        _ => Err(Refusal::NeedsFactor.into()),
    }
}

/// Checks an invitation: it works once, for the person that it names, after a fresh sign-in.
pub(super) fn invitation(work: &Work<'_>, visit: &Visit) -> Result<Option<BoundBy>, PersonVerdict> {
    let Some(invitation) = &visit.invitation else { return Ok(None) };
    let now = work.now().secs();
    let used = work.record.invitations.iter().any(|(id, _)| *id == invitation.id);
    if used || invitation.until_secs <= now || invitation.person != *work.env.object {
        return Err(Refusal::InvitationOver.into());
    }
    if !is_fresh(visit, now) {
        return Err(Refusal::NeedsFreshLogin.into());
    }
    Ok(Some(BoundBy::Invited { id: invitation.id.clone(), until_secs: invitation.until_secs }))
}

/// Whether the policy allows a first factor with only the password, after a fresh sign-in at `at_secs`.
fn first(work: &Work<'_>, visit: &Visit, at_secs: u64) -> Result<(), PersonVerdict> {
    if !is_fresh(visit, at_secs) {
        return Err(Refusal::NeedsFreshLogin.into());
    }
    // A person with a factor at the CAS server must give it. Otherwise the password alone would get round that factor.
    if work.env.cas_mapped {
        let recent = |at: u64| at_secs.saturating_sub(at) < RECENT_SECS;
        let given = visit.cas.as_ref().is_some_and(|cas| !cas.remembered && cas.at_secs.is_some_and(recent));
        return if given { Ok(()) } else { Err(Refusal::NeedsCasFactor.into()) };
    }
    match work.env.enrolling {
        Enrolling::Open => Ok(()),
        Enrolling::Until(end) if work.now().secs() < end => Ok(()),
        Enrolling::Network if visit.inside => Ok(()),
        Enrolling::Until(_) | Enrolling::Network => Err(Refusal::NotHere.into()),
        Enrolling::Invited => Err(Refusal::NeedsInvitation.into()),
    }
}

const fn is_fresh(visit: &Visit, at_secs: u64) -> bool {
    visit.fresh && at_secs < visit.born_secs.saturating_add(RECENT_SECS)
}

fn seal(work: &mut Work<'_>, secret: &Secret, id: &str) -> Result<Sealed, PersonVerdict> {
    Sealed::seal(secret, work.env.place(), id, work.moment).ok_or(PersonVerdict::Unavailable)
}

/// A seed in hexadecimal, as token makers print it, or in base32.
fn read_seed(text: &str) -> Option<Secret> {
    if text.len() > MAX_SECRET_BYTES * 4 {
        return None;
    }
    let mut bytes = text.as_bytes().to_vec();
    let letters = text.chars().filter(char::is_ascii_alphanumeric);
    let is_hex =
        letters.clone().all(|c| c.is_ascii_hexdigit()) && letters.clone().any(|c| matches!(c, '0' | '1' | '8' | '9'));
    let decoded = if is_hex {
        otp::base32::decode_hex_in_place(&mut bytes)
    } else {
        otp::base32::decode_in_place(&mut bytes, &otp::base32::LENIENT)
    };
    let secret = Secret::from(&*decoded.ok()?);
    // EXPOSE: its length.
    (MIN_SECRET_BYTES..=MAX_SECRET_BYTES).contains(&secret.expose().len()).then_some(secret)
}

/// Options for a new passkey (Level 3 section 5.4).
fn creation_options(work: &Work<'_>, visit: &Visit, challenge: &str) -> String {
    let known = work.record.enrolments.iter().filter_map(|enrolment| match &enrolment.credential {
        Credential::Passkey(passkey) if !passkey.id.is_empty() => Some(Named::of(&passkey.id)),
        _ => None,
    });
    let known: Vec<_> = known.collect();
    let numbers = cose::Algorithm::ALL.map(cose::Algorithm::number);
    let algorithms =
        numbers.each_ref().map(|number| -> [(&str, &dyn ToJson); 2] { [("alg", number), ("type", &PUBLIC_KEY)] });
    let algorithms = algorithms.each_ref().map(|members| Members(members));
    let (rp_id, issuer, shown) = (&work.env.rp_id, &work.env.issuer, &visit.shown);
    json::object(&[
        ("attestation", &"none"),
        (
            "authenticatorSelection",
            &Members(&[("residentKey", &"preferred"), ("userVerification", &work.env.verification.word())]),
        ),
        ("challenge", &challenge),
        ("excludeCredentials", &known),
        ("pubKeyCredParams", &algorithms),
        ("rp", &Members(&[("id", rp_id), ("name", issuer)])),
        ("timeout", &(RECENT_SECS * 1000)),
        ("user", &Members(&[("displayName", shown), ("id", &work.record.handle), ("name", shown)])),
    ])
}

/// Confirms an enrolment of this session.
pub(super) fn confirm(work: &mut Work<'_>, visit: &Visit, id: &str, how: Confirm) -> Result<Outcome, PersonVerdict> {
    let (now, place) = (work.now(), work.env.place());
    may_confirm(work, visit, id)?;
    let found = work.record.enrolments.iter_mut().find(|enrolment| enrolment.id == id);
    let Some(Enrolment { id, state: State::Pending(pending), credential, .. }) = found else {
        return Err(Refusal::Unknown.into());
    };
    let unreadable = |missing: super::sealed::SecretUnreadable| PersonVerdict::Unreadable { kid: missing.kid };
    let typed = |text: &str| Typed::new(text.as_bytes()).ok_or(Refusal::WrongCode);
    let is_right = match (credential, how) {
        (Credential::Totp(totp), Confirm::Code(text)) => {
            let secret = totp.secret.open(place, id).map_err(unreadable)?;
            totp.take(&secret, &typed(&text)?, now)
        }
        (Credential::Hotp(hotp), Confirm::Codes(first, second)) => {
            let secret = hotp.secret.open(place, id).map_err(unreadable)?;
            hotp.resync(&secret, [&typed(&first)?, &typed(&second)?])
        }
        (Credential::Passkey(_), Confirm::Passkey(answer)) => {
            let challenge = pending.challenge.take().ok_or(Refusal::ChallengeOver)?;
            let id = id.clone();
            return passkey(work, visit, id, &challenge, &answer);
        }
        _ => return Err(Refusal::Unknown.into()),
    };
    if !is_right {
        return Err(Refusal::WrongCode.into());
    }
    let id = id.clone();
    activate(work, visit, &id).map(Outcome::from)
}

/// Whether the enrolment may be confirmed, by the record and the policy as they are now.
fn may_confirm(work: &Work<'_>, visit: &Visit, id: &str) -> Result<(), PersonVerdict> {
    let now = work.now();
    let enrolment = work.record.enrolments.iter().find(|enrolment| enrolment.id == id);
    let pending = enrolment.and_then(|enrolment| enrolment.pending(&visit.sid, now)).ok_or(Refusal::Unknown)?;
    if visit.surrogate {
        return Err(Refusal::Surrogate.into());
    }
    match &pending.bound_by {
        BoundBy::First if work.record.has_factor() => Err(Refusal::NeedsFactor.into()),
        BoundBy::First => first(work, visit, pending.since_secs),
        BoundBy::Invited { id, .. } if work.record.invitations.iter().any(|(used, _)| used == id) => {
            Err(Refusal::InvitationOver.into())
        }
        BoundBy::Paid { .. } | BoundBy::Invited { .. } => Ok(()),
        BoundBy::Imported => Err(Refusal::Unknown.into()),
    }
}

fn passkey(
    work: &mut Work<'_>,
    visit: &Visit,
    id: String,
    challenge: &str,
    answer: &str,
) -> Result<Outcome, PersonVerdict> {
    let (now, env) = (work.now(), work.env);
    let challenge = Base64UrlUnpadded::decode_vec(challenge).map_err(|_| Refusal::ChallengeOver)?;
    let ceremony =
        Ceremony { rp_id: env.rp_id, origin: env.origin, challenge: &challenge, verification: env.verification };
    let known: Vec<Vec<u8>> = work
        .record
        .enrolments
        .iter()
        .filter_map(|enrolment| match &enrolment.credential {
            Credential::Passkey(passkey) => Base64UrlUnpadded::decode_vec(&passkey.id).ok(),
            _ => None,
        })
        .collect();
    let Ok(found) = registration::judge(&ceremony, answer, known.iter().map(Vec::as_slice)) else {
        work.record.note(Happened::PasskeyRefused, &visit.browser, now);
        return Err(Refusal::PasskeyRefused.into());
    };
    let made = PasskeyCredential {
        id: Base64UrlUnpadded::encode_string(&found.id),
        public_key: Base64UrlUnpadded::encode_string(&found.public_key),
        rp_id: env.rp_id.to_owned(),
        sign_count: found.sign_count,
        counted_secs: now.secs(),
        backup_eligible: found.backup_eligible,
        backup_state: found.backup_state,
        aaguid: Base64UrlUnpadded::encode_string(&found.aaguid),
    };
    Ok(Outcome::Ask(found.import, Then::Confirm(visit.clone(), id, Box::new(made))))
}

/// Continues after the import of a new passkey's key.
pub(super) fn passkey_imported(
    work: &mut Work<'_>,
    visit: &Visit,
    id: &str,
    made: PasskeyCredential,
    valid: bool,
) -> Result<PersonVerdict, PersonVerdict> {
    if !valid {
        return Err(Refusal::PasskeyRefused.into());
    }
    may_confirm(work, visit, id)?;
    let known = work.record.enrolments.iter().any(|enrolment| match &enrolment.credential {
        Credential::Passkey(passkey) => passkey.id == made.id,
        _ => false,
    });
    let enrolment = work.record.enrolments.iter_mut().find(|enrolment| enrolment.id == id && !known);
    enrolment.ok_or(Refusal::Unknown)?.credential = Credential::Passkey(made);
    activate(work, visit, id)
}

/// Puts a confirmed enrolment into use, at once or after 72 hours, and ends every other one that is pending.
fn activate(work: &mut Work<'_>, visit: &Visit, id: &str) -> Result<PersonVerdict, PersonVerdict> {
    let now = work.now();
    let (is_first, strongest) = (!work.record.has_factor(), work.record.strongest(now));
    let enrolment = work.record.enrolments.iter_mut().find(|enrolment| enrolment.id == id);
    let enrolment = enrolment.ok_or(Refusal::Unknown)?;
    let State::Pending(Pending { bound_by, .. }) = &enrolment.state else { return Err(Refusal::Unknown.into()) };
    let bound_by = bound_by.clone();
    let (paid, by) = match &bound_by {
        BoundBy::Paid { kind, by, .. } => (Some(*kind), by.clone()),
        _ => (None, String::new()),
    };
    let waits = paid.is_some_and(|kind| kind.strength() < strongest);
    let from_secs = if waits { now.plus_secs(WAIT_SECS).secs() } else { now.secs() };
    enrolment.state = if waits { State::Held { from_secs, by } } else { State::Active };
    (enrolment.bound_by, enrolment.created_secs, enrolment.used_secs) = (paid, now.secs(), now.secs());
    let (kind, label) = (enrolment.kind, enrolment.label.clone());
    let synced = matches!(&enrolment.credential, Credential::Passkey(passkey) if passkey.backup_eligible);
    work.record.enrolments.retain(Enrolment::counts);
    for session in &mut work.record.sessions {
        session.paid.take_if(|_| session.sid == visit.sid || is_first);
    }
    if let BoundBy::Invited { id, until_secs } = bound_by {
        work.record.invitations.push((id, until_secs));
        work.record.note(Happened::Invited, "", now);
    }
    work.record.note(if waits { Happened::ChangeWaits } else { Happened::Enrolled }, &label, now);
    work.record.tell(ErrandKind::Directory);
    work.record.told_day = now.secs() / 86_400;
    if is_first {
        work.record.tell_enrolled();
    }
    let codes = if is_first { new_codes(work, now.secs())? } else { Vec::new() };
    let given = Given { synced, ..Given::now(kind, id.to_owned(), now) };
    let passed = (!waits).then(|| Box::new(check::raise(work, visit, given, false)));
    Ok(PersonVerdict::Enrolled { from_secs, codes, passed })
}

/// Makes a set of recovery codes that replaces the old one at this time.
pub(super) fn new_codes(work: &mut Work<'_>, from_secs: u64) -> Result<Vec<String>, PersonVerdict> {
    let now = work.now();
    let made = RecoveryCodes::new(work.env.place(), from_secs, work.moment);
    let (set, codes) = made.ok_or(PersonVerdict::Unavailable)?;
    work.record.recovery.retain(|known| known.from_secs <= now.secs());
    if from_secs <= now.secs() {
        work.record.recovery.clear();
    }
    work.record.recovery.push(set);
    work.record.note(Happened::CodesMade, "", now);
    // EXPOSE: shown to the person, in this one answer.
    Ok(codes.iter().map(|code| String::from_utf8(code.expose().to_vec()).unwrap_or_default()).collect())
}
