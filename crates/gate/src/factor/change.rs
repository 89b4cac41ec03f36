//! Changes of a person's factors. A change must be paid for by the person's strongest kind of factor, on a page that names the
//! change. A weaker kind makes a change that is delayed by 72 hours, shown on every page, and can be cancelled by any factor.

use super::{
    call::Visit,
    enrol,
    enrolment::{BoundBy, Credential, Enrolment, State, WAIT_SECS, fingerprint},
    errand::ErrandKind,
    history::Happened,
    record::{Change, MAX_CHANGES, Paid, WaitingChange, random},
    verdict::{PersonVerdict, Refusal},
    work::Work,
};
use crate::policy::demand::{Given, Kind};

/// A factor was given for this change.
pub(super) fn paid(
    work: &mut Work<'_>,
    visit: &Visit,
    change: Change,
    given: &Given,
) -> Result<PersonVerdict, PersonVerdict> {
    let now = work.now();
    if let Change::Add(add) = change {
        let session = work.record.session(&visit.sid).ok_or(Refusal::Unknown)?;
        session.paid = Some(Paid { add, kind: given.kind, by: given.by.clone(), at_secs: now.secs() });
        return Ok(PersonVerdict::Paid);
    }
    may_make(work, &change)?;
    let suspends_itself = matches!(&change, Change::Suspend(id) if *id == given.by);
    if suspends_itself {
        return Err(Refusal::NeedsFactor.into());
    }
    let invited = match enrol::invitation(work, visit)? {
        Some(BoundBy::Invited { id, until_secs }) => {
            work.record.invitations.push((id, until_secs));
            true
        }
        _ => false,
    };
    let is_enough = given.kind.strength() >= work.record.strongest(now) || matches!(change, Change::Suspend(_));
    if invited || is_enough {
        return make(work, change, Some((visit, given)), now.secs());
    }
    if work.record.changes.len() >= MAX_CHANGES {
        return Err(Refusal::Full.into());
    }
    let from_secs = now.plus_secs(WAIT_SECS).secs();
    let id = random(work.moment);
    let by = given.by.clone();
    work.record.changes.push(WaitingChange { id, change: change.clone(), kind: given.kind, by, from_secs });
    work.record.note(Happened::ChangeWaits, "", now);
    if change == Change::Codes {
        let codes = enrol::new_codes(work, from_secs)?;
        return Ok(PersonVerdict::Codes { from_secs, codes });
    }
    Ok(PersonVerdict::Changed { from_secs })
}

/// Whether the change applies to this record.
fn may_make(work: &Work<'_>, change: &Change) -> Result<(), PersonVerdict> {
    let now = work.now();
    let find = |id: &str| work.record.enrolments.iter().find(|enrolment| enrolment.id == id && enrolment.counts());
    let is_there = match change {
        Change::Add(_) => false,
        Change::Remove(id) => {
            let others = work.record.enrolments.iter().filter(|other| other.id != *id && other.is_usable(now));
            if work.env.required && find(id).is_some() && others.count() == 0 {
                return Err(Refusal::LastFactor.into());
            }
            find(id).is_some()
        }
        Change::Rename(id, _) => find(id).is_some(),
        Change::Suspend(id) => find(id).is_some_and(|enrolment| enrolment.is_usable(now)),
        Change::Resume(id) => find(id).is_some_and(|enrolment| matches!(enrolment.state, State::Suspended { .. })),
        Change::Codes => true,
        Change::OnlyPasskey(false) => work.record.only_passkey,
        Change::OnlyPasskey(true) => work.record.usable_kinds(now).contains(&Kind::Passkey),
    };
    if is_there { Ok(()) } else { Err(Refusal::Unknown.into()) }
}

/// Makes the delayed changes that are due. A change that does not apply any more is dropped.
pub(super) fn make_due(work: &mut Work<'_>) {
    let secs = work.now().secs();
    let (due, later) =
        core::mem::take(&mut work.record.changes).into_iter().partition(|change| change.from_secs <= secs);
    work.record.changes = later;
    let due: Vec<WaitingChange> = due;
    for WaitingChange { change, .. } in due {
        // A delayed set of codes was stored and shown when it was made, with the time from which it counts.
        if change != Change::Codes && may_make(work, &change).is_ok() {
            let _ = make(work, change, None, secs);
        }
    }
}

fn make(
    work: &mut Work<'_>,
    change: Change,
    by: Option<(&Visit, &Given)>,
    from_secs: u64,
) -> Result<PersonVerdict, PersonVerdict> {
    let now = work.now();
    let (what, label) = match change {
        Change::Codes => {
            let codes = enrol::new_codes(work, from_secs)?;
            return Ok(PersonVerdict::Codes { from_secs, codes });
        }
        Change::Add(_) => return Err(Refusal::Unknown.into()),
        Change::OnlyPasskey(on) => {
            work.record.only_passkey = on;
            (if on { Happened::OnlyPasskeyOn } else { Happened::OnlyPasskeyOff }, String::new())
        }
        Change::Rename(id, label) => {
            let enrolment = find(work, &id)?;
            enrolment.label = super::label::label(&label);
            (Happened::Renamed, enrolment.label.clone())
        }
        Change::Suspend(id) => {
            let enrolment = find(work, &id)?;
            enrolment.state = State::Suspended { since_secs: now.secs() };
            let label = enrolment.label.clone();
            lower(work, &id, by);
            (Happened::Suspended, label)
        }
        Change::Resume(id) => {
            let enrolment = find(work, &id)?;
            enrolment.state = State::Active;
            (Happened::Resumed, enrolment.label.clone())
        }
        Change::Remove(id) => (Happened::Removed, remove(work, &id, by)?),
    };
    work.record.note(what, &label, now);
    work.record.tell(ErrandKind::Directory);
    Ok(PersonVerdict::Changed { from_secs })
}

fn find<'r>(work: &'r mut Work<'_>, id: &str) -> Result<&'r mut Enrolment, PersonVerdict> {
    let found = work.record.enrolments.iter_mut().find(|enrolment| enrolment.id == id);
    found.ok_or_else(|| Refusal::Unknown.into())
}

fn remove(work: &mut Work<'_>, id: &str, by: Option<(&Visit, &Given)>) -> Result<String, PersonVerdict> {
    let (now, place) = (work.now(), work.env.place());
    let enrolment = find(work, id)?.clone();
    let secret = enrolment.secret().and_then(|sealed| sealed.open(place, id).ok());
    if let Some(secret) = secret {
        let fingerprint = fingerprint(&work.record.handle, &secret);
        work.record.remember_removed(fingerprint);
    }
    work.record.enrolments.retain(|other| other.id != id);
    let has_passkey =
        work.record.enrolments.iter().any(|e| matches!(e.credential, Credential::Passkey(_)) && e.is_usable(now));
    work.record.only_passkey &= has_passkey;
    if !work.record.has_factor() {
        work.record.recovery.clear();
    }
    lower(work, id, by);
    Ok(enrolment.label)
}

/// After a removal, in the same write: factors that were given before do not count any more, no device is remembered, and what
/// other sessions have begun to enrol is dropped, because the lost factor may have paid for it. The session that has just paid
/// with another factor keeps its level.
fn lower(work: &mut Work<'_>, id: &str, by: Option<(&Visit, &Given)>) {
    let before_secs = work.now().secs();
    let keeps = by.filter(|(_, given)| given.by != id).map(|(visit, _)| visit.sid.clone());
    work.record.generation = random(work.moment);
    work.record.lowered_before_secs = before_secs;
    for device in &mut work.record.devices {
        device.remembered_until_secs = None;
    }
    work.record.enrolments.retain(|enrolment| match &enrolment.state {
        State::Pending(pending) => Some(&pending.sid) == keeps.as_ref(),
        State::Held { by, .. } => by != id,
        _ => true,
    });
    drop_changes_of(work, id);
    let (mut told, has_factor) = (Vec::new(), work.record.has_factor());
    for session in &mut work.record.sessions {
        let is_kept = Some(&session.sid) == keeps.as_ref();
        if !is_kept {
            session.given = None;
            session.paid = None;
        }
        // The kept one is told that the last factor is gone, and nothing else.
        if !is_kept || !has_factor {
            let before_secs = if is_kept { 0 } else { before_secs };
            told.push(ErrandKind::Lower { object: session.object.clone(), sid: session.sid.clone(), before_secs });
        }
    }
    for errand in told {
        work.record.tell(errand);
    }
}

/// Whoever has the lost factor may have paid for a change that waits.
fn drop_changes_of(work: &mut Work<'_>, id: &str) {
    let now = work.now();
    let of_it = |change: &WaitingChange| change.by == id;
    if work.record.changes.iter().any(|change| of_it(change) && change.change == Change::Codes) {
        work.record.recovery.retain(|set| set.from_secs <= now.secs());
    }
    let before = work.record.changes.len();
    work.record.changes.retain(|change| !of_it(change));
    if work.record.changes.len() < before {
        work.record.note(Happened::ChangeCancelled, "", now);
    }
}

/// Cancels a change, or an enrolment, that waits.
pub(super) fn cancel(work: &mut Work<'_>, visit: &Visit, id: &str) -> Result<PersonVerdict, PersonVerdict> {
    let now = work.now();
    work.given_recently(visit)?;
    let held = |enrolment: &Enrolment| enrolment.id == id && enrolment.is_held();
    if work.record.enrolments.iter().any(held) {
        work.record.enrolments.retain(|enrolment| !held(enrolment));
        work.record.tell(ErrandKind::Directory);
    } else {
        let at = work.record.changes.iter().position(|change| change.id == id).ok_or(Refusal::Unknown)?;
        if work.record.changes.remove(at).change == Change::Codes {
            work.record.recovery.retain(|set| set.from_secs <= now.secs());
        }
    }
    work.record.note(Happened::ChangeCancelled, "", now);
    Ok(PersonVerdict::Done)
}
