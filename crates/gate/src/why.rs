//! The reasons as one table: code, HTTP status, action.

/// The action that the page of a reason offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// None, or no page.
    Nothing,
    /// A link to the page of the login, else to the first page.
    Onward,
    /// A link to the requested page.
    SamePage,
    /// A form that signs out.
    SignOut,
    /// A form that repeats the CAS server's POST.
    Repost,
}

/// The app determines the status.
pub const APP: u16 = 0;

/// One row a reason; its comment is the sentence that programs receive.
macro_rules! reasons {
    ($(#[doc = $doc:literal] $name:ident = $code:literal, $status:expr, $action:ident;)+) => {
        base::codes! {
            /// Why the gate answered as it did: one code for the log, the page's foot, the 401 body and the policy check.
            pub enum Why {
                $(#[doc = $doc] $name = $code),+
            }
        }

        impl Why {
            /// Every reason, in the order of the table.
            pub const EVERY: &'static [Self] = &[$(Self::$name),+];

            /// The HTTP status of a response for this reason, or [`APP`]. A login that begins again for this reason is a
            /// redirect instead.
            pub const fn status(self) -> u16 {
                match self {
                    $(Self::$name => $status),+
                }
            }

            /// The action of the page.
            pub const fn action(self) -> Action {
                match self {
                    $(Self::$name => Action::$action),+
                }
            }
        }
    };
}

reasons! {
    /// The session is live.
    LiveSession = "LIVE_SESSION", APP, Nothing;
    /// The session was checked again and is live.
    SessionChecked = "SESSION_CHECKED", APP, Nothing;
    /// The session could not be checked again just now and has its grace.
    SessionGrace = "SESSION_GRACE", APP, Nothing;
    /// The page is open to everybody.
    Public = "PUBLIC", APP, Nothing;
    /// The page wants no sign-in, and nobody is signed in.
    Anonymous = "ANONYMOUS", APP, Nothing;
    /// The browser was sent to sign in.
    LoginStarted = "LOGIN_STARTED", 302, Nothing;
    /// The browser was sent to sign in afresh, because the page wants a recent sign-in.
    FreshLoginStarted = "FRESH_LOGIN_STARTED", 302, Nothing;
    /// The browser was sent to see whether somebody is signed in already.
    GatewayStarted = "GATEWAY_STARTED", 302, Nothing;
    /// Nobody was signed in at the sign-in server.
    GatewayReturned = "GATEWAY_RETURNED", 303, Nothing;
    /// Sign-in is needed.
    LoginRequired = "LOGIN_REQUIRED", 401, SamePage;
    /// A more recent sign-in is needed.
    FreshLoginRequired = "FRESH_LOGIN_REQUIRED", 401, Onward;
    /// What was sent did not arrive, because nobody is signed in.
    NothingSent = "NOTHING_SENT", 401, SamePage;
    /// A page keeps its own address, and goes on to the sign-in server.
    LoginFromPage = "LOGIN_FROM_PAGE", 401, Onward;
    /// After the sign-in, a page goes to the address that was kept.
    KeptAddress = "KEPT_ADDRESS", 200, Onward;
    /// What was sent did not arrive and is kept in the browser, because nobody is signed in.
    FormKept = "FORM_KEPT", 401, Onward;
    /// What was sent did not arrive and is kept in the browser, because a second factor is needed first.
    FormKeptForFactor = "FORM_KEPT_FOR_FACTOR", 401, Onward;
    /// After the sign-in, a page hands in the form that was kept.
    FormFetched = "FORM_FETCHED", 200, Repost;
    /// The page that asks whether to send a kept form.
    FormAsked = "FORM_ASKED", 200, Repost;
    /// A kept form is another person's, another site's or too old.
    FormDropped = "FORM_DROPPED", 403, Onward;
    /// The sign-in succeeded.
    SignedIn = "SIGNED_IN", 303, Nothing;
    /// There is a session already, so the sign-in was not needed.
    AlreadySignedIn = "ALREADY_SIGNED_IN", 303, Nothing;
    /// A ticket in the address was removed.
    TicketStripped = "TICKET_STRIPPED", 303, Nothing;
    /// The sign-in did not begin in this browser, so it begins again.
    NotOurFlight = "NOT_OUR_FLIGHT", 302, Nothing;
    /// The sign-in took too long or did not begin in this browser.
    FlightExpired = "FLIGHT_EXPIRED", 400, Onward;
    /// The browser keeps no cookies for this site.
    CookiesOff = "COOKIES_OFF", 400, Onward;
    /// The answer of the sign-in server is sent again from this site.
    PostedAgain = "POSTED_AGAIN", 200, Repost;
    /// The ticket was used before.
    TicketReplayed = "TICKET_REPLAYED", 403, Onward;
    /// The sign-in server does not accept the ticket.
    TicketRefused = "TICKET_REFUSED", 403, Onward;
    /// The ticket in the address is none that can be read.
    TicketUnreadable = "TICKET_UNREADABLE", 400, Onward;
    /// The sign-in was tried too often.
    LoginExhausted = "LOGIN_EXHAUSTED", 403, Onward;
    /// The session was ended while it was being made.
    TicketEndedDuringValidation = "TICKET_POISONED", 403, Onward;
    /// The sign-in server does not answer.
    CasUnavailable = "CAS_UNAVAILABLE", 503, Onward;
    /// The sign-in server did not answer in time.
    CasTimeout = "CAS_TIMEOUT", 503, Onward;
    /// The sign-in server gave an answer that cannot be used.
    CasBadAnswer = "CAS_BAD_ANSWER", 503, Onward;
    /// The gate cannot reach its own store.
    StoreUnavailable = "STORE_UNAVAILABLE", 503, SamePage;
    /// The app behind the gate does not answer.
    AppUnavailable = "APP_UNAVAILABLE", 502, SamePage;
    /// The app gave an answer that is none.
    AppBadAnswer = "APP_BAD_ANSWER", 502, SamePage;
    /// The gate cannot sign what it tells the app.
    SigningFailed = "SIGNING_FAILED", 503, SamePage;
    /// The page that asks whether to sign out.
    LogoutAsked = "LOGOUT_ASKED", 200, SignOut;
    /// The session was ended at the person's wish.
    LoggedOut = "LOGGED_OUT", 303, Nothing;
    /// Another site asked to sign out.
    LogoutForged = "LOGOUT_FORGED", 403, SignOut;
    /// A single logout was taken.
    SingleLogout = "SINGLE_LOGOUT", 200, Nothing;
    /// A single logout that cannot be read.
    SingleLogoutUnreadable = "SINGLE_LOGOUT_UNREADABLE", 400, Nothing;
    /// A single logout from an address that may not send one.
    SingleLogoutStranger = "SINGLE_LOGOUT_STRANGER", 403, Nothing;
    /// The browser was sent to the page that asks for a second factor.
    FactorAsked = "FACTOR_ASKED", 303, Nothing;
    /// A second factor is needed.
    FactorRequired = "FACTOR_REQUIRED", 401, SamePage;
    /// A page of the second factor.
    FactorPage = "FACTOR_PAGE", 200, Nothing;
    /// A second factor was given.
    FactorGiven = "FACTOR_GIVEN", 303, Nothing;
    /// The person's factors were changed.
    FactorChanged = "FACTOR_CHANGED", 303, Nothing;
    /// What was typed or shown is not accepted.
    FactorRefused = "FACTOR_REFUSED", 403, Nothing;
    /// No code is compared for a while, because too many were wrong.
    FactorWait = "FACTOR_WAIT", 429, Nothing;
    /// The factor was not taken, because its page was used before.
    FactorNotRaised = "FACTOR_NOT_RAISED", 403, Onward;
    /// A change of factors is not possible now.
    FactorDenied = "FACTOR_DENIED", 403, Onward;
    /// It is not clear which person this is, so a page that needs a second factor is closed.
    PersonUnclear = "PERSON_UNCLEAR", 403, SignOut;
    /// A setting changed by which people are found, so nobody is asked for a factor.
    FactorIdentityChanged = "FACTOR_IDENTITY_CHANGED", 503, SamePage;
    /// The record of a person's factors is lost or cannot be read.
    FactorRecordLost = "FACTOR_RECORD_LOST", 503, SamePage;
    /// No key opens a person's secret.
    SecretUnreadable = "SECRET_UNREADABLE", 503, SamePage;
    /// A form that was not made for this session.
    FactorForged = "FACTOR_FORGED", 403, Onward;
    /// The app may not register a service worker here, which would see the codes that people type.
    ServiceWorker = "SERVICE_WORKER", 403, Nothing;
    /// The request cannot be read.
    BadRequest = "BAD_REQUEST", 400, Onward;
    /// The content of a request to the gate itself did not come in time.
    RequestTimeout = "REQUEST_TIMEOUT", 408, Onward;
    /// A request that has no content by its method came with content of unknown length.
    LengthRequired = "LENGTH_REQUIRED", 411, Onward;
    /// The request names a second address, under which it is not let in.
    DestinationRefused = "DESTINATION_REFUSED", 403, Onward;
    /// The path can be read in two ways that the policy treats apart.
    AmbiguousPath = "AMBIGUOUS_PATH", 400, Onward;
    /// The host is none of this gate's.
    UnknownHost = "UNKNOWN_HOST", 421, Nothing;
    /// No rule of the policy covers this page.
    NoRule = "NO_RULE", 403, Onward;
    /// The operator has closed this page for a while.
    Closed = "CLOSED", 503, SamePage;
    /// An account of this name may not use the apps behind this gate.
    UserDenied = "USER_DENIED", 403, SignOut;
    /// The person may not see this page.
    NotAllowed = "NOT_ALLOWED", 403, Onward;
    /// The sign-in server did not say what this page's rule needs to know.
    MissingAttribute = "MISSING_ATTRIBUTE", 403, Onward;
    /// The gate has no such page.
    NotFound = "NOT_FOUND", 404, Onward;
    /// The gate's page does not take this method.
    BadMethod = "BAD_METHOD", 405, Onward;
    /// The gate broke on this request; nothing was let through.
    InternalError = "INTERNAL_ERROR", 500, Nothing;
    /// The gate lacks a setting, or has a wrong one.
    NotConfigured = "NOT_CONFIGURED", 503, Nothing;
    /// The gate's health.
    Health = "HEALTH", 200, Nothing;
    /// The gate's counts.
    Metrics = "METRICS", 200, Nothing;
    /// A machine client has a bearer now.
    TokenIssued = "TOKEN_ISSUED", 200, Nothing;
    /// A browser asks for a bearer, which is for machine clients.
    TokenForbidden = "TOKEN_FORBIDDEN", 403, Onward;
    /// Too many bearers are asked for at once.
    TokenBusy = "TOKEN_BUSY", 503, Nothing;
    /// The bearer is unreadable, over, or of another site or app.
    BearerInvalid = "BEARER_INVALID", 401, Onward;
    /// The bearer does not open this page.
    BearerNotEnough = "BEARER_NOT_ENOUGH", 401, Onward;
    /// A bearer and a session cookie came together.
    TwoIdentities = "TWO_IDENTITIES", 401, Onward;
    /// The bearer opens the page.
    Bearer = "BEARER", APP, Nothing;
    /// Who is signed in.
    Whoami = "WHOAMI", 200, Nothing;
    /// The public keys of the gate's statements.
    Jwks = "JWKS", 200, Nothing;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_has_an_error_status_and_nothing_else_has() {
        for why in Why::EVERY {
            let is_refusal = why.status() >= 400;
            let is_asked = matches!(
                why,
                Why::LogoutAsked | Why::PostedAgain | Why::KeptAddress | Why::FormFetched | Why::FormAsked
            );
            assert!(why.status() == APP || (200..600).contains(&why.status()), "{why:?}");
            assert!(is_refusal || is_asked || why.action() == Action::Nothing, "{why:?} is no page");
        }
        let codes: std::collections::BTreeSet<_> = Why::EVERY.iter().map(Why::code).collect();
        assert_eq!(codes.len(), Why::EVERY.len(), "no code stands twice");
    }
}
