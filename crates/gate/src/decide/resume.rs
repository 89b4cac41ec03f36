//! The answers of asks, and their continuations.

use base::Moment;

use super::authorize;
use crate::{
    login::finish,
    request::{
        reply::{AuditEvent, Reply},
        step::{AskSign, AskTicket, ReadForm, ReadThen, Step, TicketThen},
    },
    routes::{callback, slo},
    state::{Instance, ticket::TicketVerdict},
};

impl<'a> ReadForm<'a> {
    /// Takes the body; `None` when it could not be read.
    pub fn answer(self, body: Option<Vec<u8>>, instance: &mut Instance, moment: &mut Moment) -> Step<'a> {
        let body = body.filter(|body| body.len() <= cas::MAX_LOGOUT_BYTES);
        Step::after(self.context, |context| match self.then {
            ReadThen::SecretLogout => slo::secret(context, body.as_deref(), instance, moment),
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
            TicketThen::FinishLogin(flight) => finish::ticket_validated(context, *flight, verdict, instance, moment),
            // The reply stands, since the browser loses its cookie. An unreachable object keeps the session alive until a
            // single logout or its age ends it, so the log must not claim an end.
            TicketThen::Reply(planned) => {
                let (mut reply, why) = *planned;
                if let (TicketVerdict::Unavailable, Reply::Answer(_, events)) = (&verdict, &mut reply) {
                    events.retain(|event| !matches!(event, AuditEvent::Ended { .. }));
                }
                Step::Done(reply, why)
            }
            TicketThen::ConfirmLogout(flight) => {
                slo::confirm(context, &self.object, flight.as_deref(), &verdict, instance, moment)
            }
        })
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

#[cfg(test)]
mod tests {
    use base::{Moment, UnixMs};

    use super::*;
    use crate::{
        request::{
            gate::{Gate, Settings},
            reply::Facts,
        },
        why::Why,
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
        let Step::Done(Reply::Answer(_, events), why) = ask.answer(None, &mut instance, &mut moment) else {
            panic!("a refusal")
        };
        assert_eq!((why, events), (Why::BadRequest, vec![noted("A"), noted("B")]));
    }
}
