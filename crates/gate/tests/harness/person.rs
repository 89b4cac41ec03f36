//! A person's object as the Worker runs it: one record, calls one after the other, asks answered by `RustCrypto`.

use base::{Moment, UnixMs};
use gate::{
    ObjectName,
    factor::{
        PersonCall, PersonEnv, PersonRecord, PersonStep, PersonVerdict,
        call::{Begin, Confirm, Enrolling, Proof, Purpose, Visit},
        record::Change,
        verdict::Show,
        webauthn::UserVerification,
    },
    keys::seal::{IdKey, Keyring},
    policy::demand::Kind,
};
use otp::{Totp, Typed};

use super::authenticator::Authenticator;
use super::crypto;

pub(crate) const ORIGIN: &str = "https://portal.example.org";
pub(crate) const NOW: u64 = 1_800_000_000;
pub(crate) const SIGN_IN: Purpose = Purpose::SignIn { remember: false };

pub(crate) fn keyring(bytes: &[u8]) -> Keyring {
    let words: Vec<_> = bytes.iter().map(|byte| data_encoding::BASE64URL_NOPAD.encode(&[*byte; 32])).collect();
    Keyring::parse(&words.join(",")).unwrap()
}

pub(crate) fn name(user: &str) -> ObjectName {
    IdKey::parse(&"A".repeat(43)).unwrap().person("uni", "cas", user)
}

pub(crate) struct Object {
    pub(crate) text: Option<String>,
    pub(crate) now: u64,
    pub(crate) keys: Keyring,
    pub(crate) object: ObjectName,
    pub(crate) enrolling: Enrolling,
    pub(crate) cas_mapped: bool,
    pub(crate) required: bool,
    pub(crate) seed: u64,
}

impl Object {
    pub(crate) fn new(user: &str) -> Self {
        Self {
            text: None,
            now: NOW,
            keys: keyring(&[1]),
            object: name(user),
            enrolling: Enrolling::Open,
            cas_mapped: false,
            required: false,
            seed: user.bytes().map(u64::from).sum::<u64>() << 32,
        }
    }

    /// A visit right after a sign-in by password.
    pub(crate) fn visit(&self, sid: &str) -> Visit {
        Visit {
            sid: sid.into(),
            object: name(&format!("session-{sid}")),
            site: "wiki".into(),
            browser: "Firefox".into(),
            shown: "ann".into(),
            born_secs: self.now,
            fresh: true,
            device: None,
            shared: false,
            inside: false,
            surrogate: false,
            cas: None,
            invitation: None,
            listed: Vec::new(),
        }
    }

    fn moment(&mut self) -> Moment {
        self.seed += 1;
        let mut seed = [0; 32];
        seed[..8].copy_from_slice(&self.seed.to_be_bytes());
        Moment::new(UnixMs::from_secs(self.now), seed)
    }

    fn step(&mut self, run: impl FnOnce(Option<&str>, PersonEnv<'_>, &mut Moment) -> PersonStep) -> PersonStep {
        let mut moment = self.moment();
        let env = PersonEnv {
            keys: &self.keys,
            tenant: "uni",
            object: &self.object,
            rp_id: "portal.example.org",
            origin: ORIGIN,
            issuer: "Example",
            verification: UserVerification::Preferred,
            enrolling: self.enrolling,
            cas_mapped: self.cas_mapped,
            required: self.required,
            remember_secs: Some(30 * 86_400),
            grace_secs: None,
        };
        run(self.text.as_deref(), env, &mut moment)
    }

    /// The first half of a call: what is written is written.
    pub(crate) fn begin(&mut self, call: PersonCall) -> PersonStep {
        let step = self.step(|text, env, moment| PersonRecord::apply(text, call, env, moment));
        match &step {
            PersonStep::Done(_, Some(written)) => self.text = Some(written.text.clone()),
            PersonStep::Done(_, None) => {}
            PersonStep::Verify(ask) => self.text = Some(ask.record().to_owned()),
        }
        step
    }

    /// The second half.
    pub(crate) fn finish(&mut self, step: PersonStep) -> PersonVerdict {
        match step {
            PersonStep::Done(verdict, _) => verdict,
            PersonStep::Verify(ask) => {
                let valid = crypto::verify(ask.verify());
                match self.step(|text, env, moment| ask.answer(Some(valid), text, env, moment)) {
                    PersonStep::Done(verdict, written) => {
                        self.text = written.map(|written| written.text).or(self.text.take());
                        verdict
                    }
                    PersonStep::Verify(_) => panic!("one ask a call"),
                }
            }
        }
    }

    pub(crate) fn call(&mut self, call: PersonCall) -> PersonVerdict {
        let step = self.begin(call);
        self.finish(step)
    }

    pub(crate) fn check(&mut self, visit: &Visit, purpose: &Purpose, proof: Proof) -> PersonVerdict {
        self.call(PersonCall::Check(visit.clone(), purpose.clone(), proof))
    }

    pub(crate) fn record(&self) -> PersonRecord {
        PersonRecord::read(self.text.as_deref()).unwrap().unwrap()
    }

    /// Begins an authenticator app: the enrolment and its secret.
    pub(crate) fn begin_app(&mut self, visit: &Visit) -> Result<(String, Vec<u8>), PersonVerdict> {
        match self.call(PersonCall::Begin(visit.clone(), Begin::App, "phone".into())) {
            PersonVerdict::Show(Show::App { id, key, .. }) => {
                Ok((id, data_encoding::BASE32_NOPAD.decode(key.as_bytes()).unwrap()))
            }
            other => Err(other),
        }
    }

    pub(crate) fn confirm_app(&mut self, visit: &Visit, id: &str, secret: &[u8]) -> PersonVerdict {
        let code = self.code(secret);
        self.call(PersonCall::Confirm(visit.clone(), id.into(), Confirm::Code(code)))
    }

    /// An app, enrolled in a session of its own; the id, the secret and the recovery codes.
    pub(crate) fn enrol_app(&mut self) -> (String, Vec<u8>, Vec<String>) {
        let visit = self.visit("enrol-app");
        let (id, secret) = self.begin_app(&visit).unwrap();
        match self.confirm_app(&visit, &id, &secret) {
            PersonVerdict::Enrolled { codes, .. } => (id, secret, codes),
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn begin_passkey(&mut self, visit: &Visit) -> Result<(String, String), PersonVerdict> {
        match self.call(PersonCall::Begin(visit.clone(), Begin::Passkey, "key".into())) {
            PersonVerdict::Show(Show::Passkey { id, options }) => Ok((id, options)),
            other => Err(other),
        }
    }

    /// A passkey as a first factor.
    pub(crate) fn enrol_passkey(&mut self, key: &mut Authenticator) -> String {
        let visit = self.visit("enrol-passkey");
        let (id, options) = self.begin_passkey(&visit).unwrap();
        let confirmed = self.call(PersonCall::Confirm(visit, id.clone(), Confirm::Passkey(key.create(&options))));
        assert!(matches!(confirmed, PersonVerdict::Enrolled { .. }), "{confirmed:?}");
        id
    }

    pub(crate) fn options(&mut self, visit: &Visit, purpose: &Purpose) -> String {
        match self.call(PersonCall::Challenge(visit.clone(), purpose.clone())) {
            PersonVerdict::Options(options) => options,
            other => panic!("{other:?}"),
        }
    }

    /// Shows a passkey.
    pub(crate) fn show(&mut self, visit: &Visit, purpose: &Purpose, key: &mut Authenticator) -> PersonVerdict {
        let options = self.options(visit, purpose);
        self.check(visit, purpose, Proof::Passkey(key.get(&options)))
    }

    pub(crate) fn code(&self, secret: &[u8]) -> String {
        Totp::DEFAULT.code_at(secret, UnixMs::from_secs(self.now)).as_str().to_owned()
    }

    /// A code that is none of the three that count now.
    pub(crate) fn wrong(&self, secret: &[u8]) -> String {
        let near: Vec<String> = [-30_i64, 0, 30]
            .map(|by| {
                Totp::DEFAULT.code_at(secret, UnixMs::from_secs(self.now.saturating_add_signed(by))).as_str().to_owned()
            })
            .to_vec();
        let code = (0..).map(|n| format!("{n:06}")).find(|code| !near.contains(code)).unwrap();
        assert!(Typed::new(code.as_bytes()).is_some());
        code
    }
}

pub(crate) fn code(typed: &str) -> Proof {
    Proof::Code { of: None, typed: typed.into() }
}

pub(crate) fn pay(change: Change) -> Purpose {
    Purpose::Pay(change)
}

pub(crate) fn add(kind: Kind) -> Purpose {
    Purpose::Pay(Change::Add(kind))
}
