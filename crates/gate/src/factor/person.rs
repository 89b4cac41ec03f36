//! Calls to a person's object: the core reads the record, decides, and returns the new record. The adapter does not wait for
//! anything in between.

use base::{Moment, UnixMs};

use super::{
    call::{PersonCall, PersonEnv, Purpose, Visit},
    change,
    check::{self, Proved, Whose},
    enrol,
    enrolment::Enrolment,
    errand::ErrandKind,
    history::{self, Happened, Notice},
    label::label,
    record::{Lost, MAX_SESSIONS, Pairing, PersonRecord, PersonSession, random},
    throttle::{Rate, TokenBucket},
    verdict::{FactorView, Menu, Passed, PersonVerdict, Refusal, View},
    webauthn::Verify,
    work::{Outcome, Then, Work},
};
use crate::policy::demand::{Given, Kind};

/// Life of the letters, and then of the browser's own bucket, in seconds.
const PAIRING_SECS: u64 = 600;
/// Letters that sound and look different from each other.
const LETTERS: &[u8; 16] = b"ABCDEFHKMNPRTWXY";
/// The next step of an object. A returned record must be saved before anything else.
#[must_use]
pub enum PersonStep {
    /// The verdict, and what to write where the record changed.
    Done(PersonVerdict, Option<Written>),
    /// The platform is asked for a signature or the import of a key.
    Verify(Box<AskVerify>),
}

/// A changed record, and what is to follow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The record to save.
    pub text: String,
    /// The time of the object's next alarm: now for errands that end something, later for a delayed change.
    pub due: Option<UnixMs>,
    /// Whether errands wait that are sent before the answer leaves. Only if one is not answered, an alarm repeats them: an object
    /// without an alarm is a page of its database smaller. Whoever is not answered asks again, and then they are sent.
    pub waits: bool,
    /// The day, in days since 1970, of the first use of a factor on it. The directory is told once, without an errand: a day that it
    /// misses is made good by the next use, and an alarm and a second write would cost as much as the check.
    pub used_day: Option<u64>,
}

/// The ask for a signature. Its answer is applied to the record as it is then.
#[must_use]
pub struct AskVerify {
    record: String,
    ask: Verify,
    then: Then,
}

impl AskVerify {
    /// The record to save before the platform is asked. The challenge is spent in it.
    pub fn record(&self) -> &str {
        &self.record
    }

    /// The ask.
    pub const fn verify(&self) -> &Verify {
        &self.ask
    }

    /// Takes the answer. `valid` is `None` if the platform failed. `text` is the record, loaded again.
    pub fn answer(
        self,
        valid: Option<bool>,
        text: Option<&str>,
        env: PersonEnv<'_>,
        moment: &mut Moment,
    ) -> PersonStep {
        verified(self.then, valid, text, env, moment)
    }
}

impl PersonRecord {
    /// Handles one call. `text` is the stored record. No returned record means that nothing changed.
    pub fn apply(text: Option<&str>, call: PersonCall, env: PersonEnv<'_>, moment: &mut Moment) -> PersonStep {
        let before = match Self::read(text) {
            Ok(before) => before,
            Err(lost) => return PersonStep::Done(PersonVerdict::Lost(lost), None),
        };
        let record = match (&before, &call) {
            (Some(record), _) => record.clone(),
            (None, PersonCall::Told(_) | PersonCall::SignedOut(_) | PersonCall::Left(..)) => {
                return PersonStep::Done(PersonVerdict::Done, None);
            }
            (None, _) => Self::new(moment),
        };
        let sid = call.visit().map(|visit| visit.sid.clone()).unwrap_or_default();
        let mut work = Work { record, env, moment };
        work.settle();
        let outcome = work.announcing(&sid, |work| work.decide(call).unwrap_or_else(Outcome::Verdict));
        finish(work, before.as_ref(), outcome)
    }
}

/// Applies the result of a verification to the record as it is now.
fn verified(
    then: Then,
    valid: Option<bool>,
    text: Option<&str>,
    env: PersonEnv<'_>,
    moment: &mut Moment,
) -> PersonStep {
    let before = match PersonRecord::read(text) {
        Ok(Some(before)) => before,
        Ok(None) => return PersonStep::Done(PersonVerdict::Lost(Lost::Absent), None),
        Err(lost) => return PersonStep::Done(PersonVerdict::Lost(lost), None),
    };
    let Some(valid) = valid else { return PersonStep::Done(PersonVerdict::Unavailable, None) };
    let mut work = Work { record: before.clone(), env, moment };
    work.settle();
    let (Then::Check(visit, ..) | Then::Confirm(visit, ..)) = &then;
    let entered = work.enter(visit);
    let sid = visit.sid.clone();
    let verdict = work.announcing(&sid, |work| {
        entered.and_then(|()| match then {
            Then::Check(visit, purpose, found) => {
                let given = check::passkey_verified(work, &visit, &found, valid)?;
                work.passed(&visit, purpose, given, None)
            }
            Then::Confirm(visit, id, made) => enrol::passkey_imported(work, &visit, &id, *made, valid),
        })
    });
    finish(work, Some(&before), Outcome::Verdict(verdict.unwrap_or_else(|refused| refused)))
}

fn finish(work: Work<'_>, before: Option<&PersonRecord>, outcome: Outcome) -> PersonStep {
    let (now, record) = (work.now(), work.record);
    match outcome {
        // A record that may be lost is not overwritten.
        Outcome::Verdict(verdict @ PersonVerdict::Lost(_)) => PersonStep::Done(verdict, None),
        Outcome::Verdict(verdict) => {
            let written = || {
                let is_told = before.is_none_or(|before| before.told_day == record.told_day);
                let is_row_sent = record.outbox.iter().any(|errand| errand.what == ErrandKind::Directory);
                let used_day = (!is_told && !is_row_sent).then_some(record.told_day);
                let due = record.due(now);
                Written { text: record.write(), due, waits: due != Some(now) && !record.outbox.is_empty(), used_day }
            };
            // Errands that still wait without an alarm are of a call that was broken off.
            let is_left = !record.outbox.is_empty() && record.due(now) != Some(now);
            PersonStep::Done(verdict, (before != Some(&record) || is_left).then(written))
        }
        Outcome::Ask(ask, then) => PersonStep::Verify(Box::new(AskVerify { record: record.write(), ask, then })),
    }
}

impl Work<'_> {
    fn settle(&mut self) {
        let now = self.now();
        self.record.settle(now);
        self.announcing("", change::make_due);
    }

    /// Makes news of what happens meanwhile in this session; none of them has to be told of what nobody did.
    fn announcing<T>(&mut self, sid: &str, act: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.record.audit.clone();
        let outcome = act(self);
        let record = &mut self.record;
        history::announce(&mut record.notices, &before, &record.audit, sid);
        outcome
    }

    fn decide(&mut self, call: PersonCall) -> Result<Outcome, PersonVerdict> {
        if let PersonCall::Told(id) = call {
            self.record.outbox.retain(|errand| errand.id != id);
            return Ok(PersonVerdict::Done.into());
        }
        if let PersonCall::SignedOut(sid) = call {
            let now = self.now();
            self.record.end_portal(&sid, now);
            return Ok(PersonVerdict::Done.into());
        }
        if let PersonCall::Left(sid, portal) = call {
            let now = self.now();
            if let Some(portal) = portal {
                self.record.end_portal(&portal, now);
            }
            self.record.forget(&sid);
            return Ok(PersonVerdict::Done.into());
        }
        let Some(visit) = call.visit().cloned() else { return Ok(PersonVerdict::Done.into()) };
        self.enter(&visit)?;
        let verdict = match call {
            PersonCall::Offer(_) | PersonCall::Told(_) | PersonCall::SignedOut(_) | PersonCall::Left(..) => {
                self.menu(&visit)
            }
            PersonCall::Challenge(_, purpose) => check::challenge(self, &visit, &purpose)?,
            PersonCall::Check(_, purpose, proof) => match check::proof(self, &visit, &purpose, proof)? {
                Proved::Given(given, codes_left) => self.passed(&visit, purpose, given, codes_left)?,
                Proved::Ask(ask, found) => return Ok(Outcome::Ask(ask, Then::Check(visit, purpose, found))),
            },
            PersonCall::Begin(_, what, label) => enrol::begin(self, &visit, what, &label)?,
            PersonCall::Confirm(_, id, how) => return enrol::confirm(self, &visit, &id, how),
            PersonCall::Resync(_, id, first, second) => check::resync(self, &visit, &id, [&first, &second])?,
            PersonCall::Cancel(_, id) => change::cancel(self, &visit, &id)?,
            PersonCall::View(_) => self.view(&visit)?,
            PersonCall::Pair(_) => self.pair(&visit)?,
            PersonCall::LetIn(_, letters) => self.let_in(&visit, &letters)?,
            PersonCall::Hand(_, sid, at_secs, silent) => self.hand(&visit, &sid, at_secs, silent)?,
            PersonCall::Seen(_) => self.seen(&visit)?,
            PersonCall::End(_, sid) => self.end(&visit, sid.as_deref())?,
        };
        Ok(verdict.into())
    }

    /// Registers the session. A session that is older than the last "end all" is ended. If the list is full, the oldest session
    /// is ended.
    fn enter(&mut self, visit: &Visit) -> Result<(), PersonVerdict> {
        let record = &mut self.record;
        let knows_better = record.outbox.iter().any(|errand| errand.what == ErrandKind::Directory);
        if !record.has_factor() && !visit.listed.is_empty() && !knows_better {
            return Err(PersonVerdict::Lost(Lost::Absent));
        }
        if record.ended_before_secs > 0 && visit.born_secs <= record.ended_before_secs
            || record.ended.contains(&visit.sid)
        {
            record.tell(ErrandKind::End { object: visit.object.clone(), sid: visit.sid.clone() });
            return Err(Refusal::SessionEnded.into());
        }
        if self.env.grace_secs.is_some() && self.env.required && record.first_asked_secs == 0 {
            record.first_asked_secs = self.moment.now().secs();
        }
        match record.session(&visit.sid) {
            Some(known) if known.object == visit.object => return Ok(()),
            Some(_) => return Err(Refusal::Unknown.into()),
            None => {}
        }
        if record.is_busy() {
            return Err(PersonVerdict::Unavailable);
        }
        while record.sessions.len() >= MAX_SESSIONS {
            // Those without a factor end first: with the password alone, nobody signs the person out.
            let proved = |session: &PersonSession| session.given.is_some() || session.portal.is_some();
            let oldest = record.sessions.iter().min_by_key(|session| (proved(session), session.born_secs));
            let oldest = oldest.map(|session| session.sid.clone());
            record.end(&oldest.unwrap_or_default());
        }
        record.sessions.push(PersonSession {
            sid: visit.sid.clone(),
            object: visit.object.clone(),
            site: visit.site.clone(),
            browser: label(&visit.browser),
            born_secs: visit.born_secs,
            given: None,
            challenge: None,
            paid: None,
            pairing: None,
            portal: None,
        });
        Ok(())
    }

    /// Continues after a factor was given.
    fn passed(
        &mut self,
        visit: &Visit,
        purpose: Purpose,
        given: Given,
        codes_left: Option<usize>,
    ) -> Result<PersonVerdict, PersonVerdict> {
        let now = self.now();
        if let (Whose::Device, bucket) = check::bucket(&mut self.record, visit, now) {
            bucket.forgive();
        }
        self.record.told_day = now.secs() / 86_400;
        self.record.note(Happened::Passed, given.kind.word(), now);
        match purpose {
            Purpose::SignIn { remember } => {
                let passed = check::raise(self, visit, given, remember);
                Ok(PersonVerdict::Passed(Box::new(Passed { codes_left, ..passed })))
            }
            Purpose::Pay(change) => change::paid(self, visit, change, &given),
        }
    }

    fn menu(&mut self, visit: &Visit) -> PersonVerdict {
        let now = self.now();
        let mut kinds = self.record.usable_kinds(now);
        if self.record.only_passkey {
            kinds.retain(|kind| *kind == Kind::Passkey);
        }
        let codes_left = self.record.paper_codes(now).map_or(0, |set| set.left());
        let wait_secs =
            check::bucket(&mut self.record, visit, now).1.clone().take(check::rate(&mut self.record, visit, now), now);
        let remembered = self.remembered(visit, &kinds);
        PersonVerdict::Menu(Box::new(Menu {
            enrolled: self.record.has_factor(),
            grace_until_secs: match self.record.first_asked_secs {
                0 => 0,
                first => self.env.grace_secs.map_or(0, |secs| first.saturating_add(secs)),
            },
            only_passkey: self.record.only_passkey,
            codes_left: if self.record.only_passkey { 0 } else { codes_left },
            remembered,
            wait_secs: wait_secs.err().map(UnixMs::secs),
            news: self.record.news(&visit.sid).count(),
            changes: self.record.changes.len() + self.record.enrolments.iter().filter(|e| e.is_held()).count(),
            kinds,
        }))
    }

    /// What this browser's device stands in for: the kind that was given on it, where that one could be given now.
    fn remembered(&mut self, visit: &Visit, kinds: &[Kind]) -> Option<Given> {
        let now = self.now();
        self.env.remember_secs.filter(|_| !visit.shared)?;
        let device = self.record.device(visit.device.as_deref(), now).filter(|device| device.is_remembered(now))?;
        let kind = device.remembered_kind.filter(|kind| kinds.contains(kind))?;
        let (by, at_secs) = (device.id.clone(), Some(device.used_secs));
        Some(Given { at_secs, remembered: true, ..Given::now(kind, by, now) })
    }

    fn view(&mut self, visit: &Visit) -> Result<PersonVerdict, PersonVerdict> {
        if self.record.has_factor() {
            self.given(visit)?;
        }
        let now = self.now();
        let codes_left = self.record.paper_codes(now).map_or(0, |set| set.left());
        let record = &self.record;
        let factors = record.enrolments.iter().filter(|enrolment| enrolment.counts());
        let devices = record.devices.iter();
        let sessions = record.sessions.iter();
        Ok(PersonVerdict::Page(Box::new(View {
            factors: factors.map(|enrolment| FactorView::of(enrolment, now)).collect(),
            codes_left,
            devices: devices.map(|d| (d.id.clone(), d.label.clone(), d.used_secs, d.is_remembered(now))).collect(),
            sessions: sessions.map(|s| (s.sid.clone(), s.site.clone(), s.browser.clone(), s.born_secs)).collect(),
            changes: record.changes.iter().map(|c| (c.id.clone(), c.change.clone(), c.from_secs)).collect(),
            only_passkey: record.only_passkey,
            news: record.news(&visit.sid).cloned().collect(),
            audit: record.audit.clone(),
        })))
    }

    fn pair(&mut self, visit: &Visit) -> Result<PersonVerdict, PersonVerdict> {
        let until_secs = self.now().plus_secs(PAIRING_SECS).secs();
        let drawn: [u8; 8] = self.moment.draw();
        let letters: String = drawn
            .iter()
            .filter_map(|byte| LETTERS.get(usize::from(byte & 0x0f)))
            .map(|letter| char::from(*letter))
            .collect();
        let session = self.record.session(&visit.sid).ok_or(Refusal::Unknown)?;
        let shown = letters.clone();
        session.pairing = Some(Pairing { letters, until_secs, let_in: false, bucket: TokenBucket::default() });
        Ok(PersonVerdict::Letters(shown))
    }

    /// A stolen cookie of a known device is not enough: the session must have given a factor itself.
    fn let_in(&mut self, visit: &Visit, letters: &str) -> Result<PersonVerdict, PersonVerdict> {
        let now = self.now();
        self.given(visit)?;
        let Some(device) = self.record.device(visit.device.as_deref(), now) else {
            return Err(Refusal::NeedsKnownDevice.into());
        };
        if let Err(until) = device.bucket.take(Rate::DEVICE, now) {
            return Ok(PersonVerdict::Wait { until_secs: until.secs() });
        }
        let typed = base::Secret::new(letters.trim().to_ascii_uppercase().into_bytes());
        let pairings = self.record.sessions.iter_mut().filter(|session| session.sid != visit.sid);
        let found = pairings.filter_map(|session| session.pairing.as_mut()).find(|p| typed.ct_eq(p.letters.as_bytes()));
        let Some(pairing) = found else { return Err(Refusal::WrongCode.into()) };
        (pairing.let_in, pairing.until_secs) = (true, now.plus_secs(PAIRING_SECS).secs());
        self.record.note(Happened::LetIn, "", now);
        Ok(PersonVerdict::Done)
    }

    /// Notes which session at the portal the factor comes from, before the site hears of it: when that one ends, so does the factor.
    fn hand(&mut self, visit: &Visit, sid: &str, at_secs: u64, silent: bool) -> Result<PersonVerdict, PersonVerdict> {
        if at_secs <= self.record.lowered_before_secs {
            return Err(Refusal::NeedsFactor.into());
        }
        // The page that asked for the factor has told of the earlier ones.
        if silent && self.record.news(&visit.sid).any(|notice| notice.secs > at_secs) {
            return Ok(self.menu(visit));
        }
        let session = self.record.session(sid).ok_or(Refusal::SiteSessionEnded)?;
        session.portal = Some(visit.sid.clone());
        Ok(PersonVerdict::Done)
    }

    /// A factor that came with the news, or after them, may be the deed itself: it dismisses none while there is an earlier one.
    fn seen(&mut self, visit: &Visit) -> Result<PersonVerdict, PersonVerdict> {
        let now = self.now();
        let given = self.given_recently(visit)?;
        let usable = self.record.enrolments.iter().filter(|enrolment| enrolment.is_usable(now));
        let (same, others): (Vec<&Enrolment>, Vec<&Enrolment>) = usable.partition(|enrolment| enrolment.id == given.by);
        let since = same.first().map(|enrolment| enrolment.created_secs);
        let dismisses = |secs: u64| others.is_empty() || since.is_some_and(|since| since < secs);
        let (kept, _): (Vec<Notice>, Vec<Notice>) =
            self.record.notices.iter().cloned().partition(|notice| notice.sid == visit.sid || !dismisses(notice.secs));
        self.record.notices = kept;
        Ok(PersonVerdict::Done)
    }

    /// Without a factor, a session ends only itself. Otherwise somebody with the password could sign the person out for ever.
    fn end(&mut self, visit: &Visit, sid: Option<&str>) -> Result<PersonVerdict, PersonVerdict> {
        let now = self.now();
        if sid != Some(visit.sid.as_str()) && self.record.has_factor() {
            self.given(visit)?;
        }
        let Some(sid) = sid else {
            self.record.ended_before_secs = now.secs();
            self.record.generation = random(self.moment);
            for device in &mut self.record.devices {
                device.remembered_until_secs = None;
            }
            let all: Vec<String> = self.record.sessions.iter().map(|session| session.sid.clone()).collect();
            for sid in all {
                self.record.end(&sid);
            }
            self.record.note(Happened::AllEnded, "", now);
            return Ok(PersonVerdict::Done);
        };
        // The session at the portal would give the factor again without asking.
        let session = self.record.session(sid).ok_or(Refusal::Unknown)?;
        let portal = session.portal.clone().unwrap_or_else(|| sid.to_owned());
        self.record.end(sid);
        self.record.end_portal(&portal, now);
        Ok(PersonVerdict::Done)
    }
}
