//! The answers of asks, and their continuations.

use base::Moment;

use super::authorize;
use crate::{
    factor::{AnchorVerdict, PersonVerdict, directory::DirectoryVerdict},
    login::{finish, kept_form},
    request::{
        reply::{AuditEvent, Reply},
        step::{
            AnchorThen, AskAnchor, AskDirectory, AskPerson, AskSign, AskTicket, AskValidate, BodyFault, DirectoryThen,
            PersonThen, ReadForm, ReadThen, Step, TicketThen, ValidateFault,
        },
    },
    routes::{callback, factor, kept, slo, token},
    state::{
        Instance,
        ticket::{Body, TicketCall, TicketVerdict},
    },
    why::Why,
};

impl<'a> ReadForm<'a> {
    /// Takes the body.
    pub fn answer(self, body: Result<Vec<u8>, BodyFault>, instance: &mut Instance, moment: &mut Moment) -> Step<'a> {
        if body == Err(BodyFault::Late) {
            return Step::after(self.context, |context| context.refuse(Why::RequestTimeout, moment));
        }
        let limit = self.limit();
        let body = body.ok().filter(|body| body.len() <= limit);
        Step::after(self.context, |context| match self.then {
            ReadThen::Factor(post) => factor::posted(context, post, body.as_deref(), instance, moment),
            ReadThen::SecretLogout => slo::secret(context, body.as_deref(), moment),
            ReadThen::KeepForm(at, session, why) => {
                kept_form::keep(context, (at, &session, why), body.as_deref(), moment)
            }
            ReadThen::Token => token::posted(context, body.as_deref(), moment),
            ReadThen::KeptForm => kept::handed_in(context, body.as_deref(), instance, moment),
            ReadThen::Callback(at) => callback::posted(context, at, body, instance, moment),
        })
    }
}

impl<'a> AskTicket<'a> {
    /// Takes the verdict; a fault is [`TicketVerdict::Unavailable`].
    pub fn answer(self, verdict: TicketVerdict, instance: &mut Instance, moment: &mut Moment) -> Step<'a> {
        Step::after(self.context, |context| match self.then {
            TicketThen::Authorize(session, resource) => {
                authorize::revalidated(context, *session, resource, verdict, instance, moment)
            }
            TicketThen::KeptForm(kept) => {
                let (session, form) = *kept;
                kept::revalidated(context, &session, &form, verdict, moment)
            }
            TicketThen::FinishLogin(flight, ticket) => {
                finish::ticket_validated(context, *flight, ticket, verdict, instance, moment)
            }
            TicketThen::Remembered(login) => {
                let (flight, session) = *login;
                finish::remembered(context, &flight, session, &verdict, instance, moment)
            }
            // The reply stands: this browser has lost the cookie. But a session whose object was not told lives on, so
            // the log does not say that it ended; the CAS server's own single logout or its age ends it.
            TicketThen::Reply(planned, others) => {
                let (mut reply, why) = *planned;
                if let (TicketVerdict::Unavailable, Reply::Answer(_, events)) = (&verdict, &mut reply) {
                    events.retain(|event| !matches!(event, AuditEvent::Ended { .. }));
                }
                match verdict {
                    TicketVerdict::Ended(session, link) => {
                        slo::left(context, &session, link, (reply, why), others, false)
                    }
                    TicketVerdict::EndedFrom(link) => slo::signed_out(context, link, (reply, why), others, false),
                    // A new sign-in of the portal's own person begins without a factor, and so do the sites after it.
                    TicketVerdict::Inherited(old, _, link) if context.is_portal() => {
                        slo::left(context, &old, Some(link), (reply, why), others, false)
                    }
                    TicketVerdict::Inherited(old, heir, portal) => Step::Ticket(AskTicket {
                        object: heir.object,
                        call: TicketCall::Inherit { sid: heir.sid, portal },
                        then: TicketThen::Inherited(Box::new((reply, why)), old),
                        context,
                    }),
                    _ => slo::end_others(context, (reply, why), others),
                }
            }
            TicketThen::Inherited(planned, old) => slo::left(context, &old, None, *planned, Vec::new(), false),
            TicketThen::Factor(flow) => factor::revalidated(context, *flow, verdict, instance, moment),
            TicketThen::Raised(flow) => factor::raised(context, *flow, verdict, instance, moment),
            TicketThen::ConfirmLogout(ticket, hops) => {
                slo::confirm(context, &self.object, (ticket, hops), verdict, instance, moment)
            }
        })
    }
}

impl<'a> AskValidate<'a> {
    /// Takes the CAS server's answer.
    pub fn answer(self, answer: Result<Body, ValidateFault>, moment: &mut Moment) -> Step<'a> {
        let Self { context, ticket, app, .. } = self;
        Step::after(context, |context| token::validated(context, (ticket, app), answer, moment))
    }
}

impl<'a> AskSign<'a> {
    /// Takes the 64 bytes of the signature, or `None`.
    pub fn answer(self, signature: Option<Vec<u8>>, instance: &mut Instance, moment: &mut Moment) -> Step<'a> {
        Step::after(self.context, |context| {
            authorize::signed(context, self.input, self.then, signature, &mut instance.cache, moment)
        })
    }
}

impl<'a> AskPerson<'a> {
    /// Takes the verdict; a fault is [`PersonVerdict::Unavailable`].
    pub fn answer(self, verdict: PersonVerdict, instance: &mut Instance, moment: &mut Moment) -> Step<'a> {
        Step::after(self.context, |context| match self.then {
            PersonThen::Login(login) => {
                let (flight, session) = *login;
                finish::registered(context, &flight, session, verdict, instance, moment)
            }
            PersonThen::Factor(flow) => factor::answered(context, *flow, verdict, instance, moment),
            PersonThen::SignedOut(_, _, true) if verdict == PersonVerdict::Unavailable => {
                context.refuse(Why::StoreUnavailable, moment)
            }
            PersonThen::SignedOut(planned, others, _) => slo::end_others(context, *planned, others),
        })
    }
}

impl<'a> AskDirectory<'a> {
    /// Takes the verdict; a fault is [`DirectoryVerdict::Unavailable`].
    pub fn answer(self, verdict: DirectoryVerdict, instance: &mut Instance, moment: &mut Moment) -> Step<'a> {
        Step::after(self.context, |context| match self.then {
            DirectoryThen::Login(login) => {
                let (flight, session) = *login;
                finish::listed(context, &flight, session, &verdict, instance, moment)
            }
            DirectoryThen::Factor(flow) => factor::listed(context, *flow, &verdict, moment),
        })
    }
}

impl<'a> AskAnchor<'a> {
    /// Takes the verdict; a fault is [`AnchorVerdict::Unavailable`].
    pub fn answer(self, verdict: AnchorVerdict, instance: &mut Instance, moment: &mut Moment) -> Step<'a> {
        Step::after(self.context, |context| match self.then {
            AnchorThen::Authorize(session, reason) => {
                authorize::anchored(context, *session, reason, &verdict, instance, moment)
            }
            AnchorThen::Login(login) => {
                let (flight, session) = *login;
                finish::anchored(context, flight, session, &verdict, instance, moment)
            }
            AnchorThen::Factor(flow) => match factor::anchored(context, &verdict, instance, moment) {
                Ok(context) => factor::go_on(context, *flow, instance, moment),
                Err(step) => *step,
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use base::{Moment, UnixMs};

    use super::*;
    use crate::request::{
        gate::{Gate, Settings},
        reply::Facts,
    };

    #[test]
    fn an_event_that_is_noted_in_an_ask_goes_with_the_reply() {
        let key = data_encoding::BASE64URL_NOPAD.encode(&[7; 32]);
        let signing = format!(r#"[{{"kty":"EC","crv":"P-256","x":"{key}","y":"{key}","d":"{key}","kid":"k1"}}]"#);
        let gate = Gate::new(&Settings {
            cas_url: "https://cas.example.org/cas",
            public_url: "https://app.example.org",
            origin_url: "binding:APP",
            keys: &key,
            id_key: &key,
            signing_keys: &signing,
            ..Settings::default()
        })
        .unwrap();
        let (mut instance, mut moment) = (Instance::default(), Moment::new(UnixMs::from_secs(1), [1; 32]));
        let line = format!("POST https://app.example.org/.portcullis/cas/{}", "a".repeat(26));
        let facts = Facts { head: &line, peer: None, open_circuits: &[] };
        let noted = |code: &str| AuditEvent::SignInFailed { code: code.into() };
        let step = gate.decide(&mut instance, facts, &mut moment).noting(noted("A")).noting(noted("B"));
        let Step::Read(ask) = step else { panic!("a body") };
        let Step::Done(Reply::Answer(_, events), why) = ask.answer(Err(BodyFault::Broken), &mut instance, &mut moment)
        else {
            panic!("a refusal")
        };
        assert_eq!((why, events), (Why::BadRequest, vec![noted("A"), noted("B")]));
    }
}
