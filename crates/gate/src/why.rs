//! The reasons.

base::codes! {
    /// Why the gate answered as it did: one code for the log, the page's foot, the 401 body and the policy check.
    pub enum Why {
        /// The session is live.
        LiveSession = "LIVE_SESSION",
        /// The session was checked again and is live.
        SessionChecked = "SESSION_CHECKED",
        /// The session could not be checked again just now and has its grace.
        SessionGrace = "SESSION_GRACE",
        /// The page is open to everybody.
        Public = "PUBLIC",
        /// The page wants no sign-in, and nobody is signed in.
        Anonymous = "ANONYMOUS",
        /// The browser was sent to sign in.
        LoginStarted = "LOGIN_STARTED",
        /// The browser was sent to sign in afresh, because the page wants a recent sign-in.
        FreshLoginStarted = "FRESH_LOGIN_STARTED",
        /// The browser was sent to see whether somebody is signed in already.
        GatewayStarted = "GATEWAY_STARTED",
        /// Nobody was signed in at the sign-in server.
        GatewayReturned = "GATEWAY_RETURNED",
        /// Sign-in is needed.
        LoginRequired = "LOGIN_REQUIRED",
        /// A more recent sign-in is needed.
        FreshLoginRequired = "FRESH_LOGIN_REQUIRED",
        /// What was sent did not arrive, because nobody is signed in.
        NothingSent = "NOTHING_SENT",
        /// The sign-in succeeded.
        SignedIn = "SIGNED_IN",
        /// There is a session already, so the sign-in was not needed.
        AlreadySignedIn = "ALREADY_SIGNED_IN",
        /// A ticket in the address was removed.
        TicketStripped = "TICKET_STRIPPED",
        /// The sign-in did not begin in this browser, so it begins again.
        NotOurFlight = "NOT_OUR_FLIGHT",
        /// The sign-in took too long or did not begin in this browser.
        FlightExpired = "FLIGHT_EXPIRED",
        /// The browser keeps no cookies for this site.
        CookiesOff = "COOKIES_OFF",
        /// The answer of the sign-in server is sent again from this site.
        PostedAgain = "POSTED_AGAIN",
        /// The ticket was used before.
        TicketReplayed = "TICKET_REPLAYED",
        /// The sign-in server does not accept the ticket.
        TicketRefused = "TICKET_REFUSED",
        /// The session was ended while it was being made.
        TicketEndedDuringValidation = "TICKET_POISONED",
        /// The sign-in server does not answer.
        CasUnavailable = "CAS_UNAVAILABLE",
        /// The sign-in server did not answer in time.
        CasTimeout = "CAS_TIMEOUT",
        /// The sign-in server gave an answer that cannot be used.
        CasBadAnswer = "CAS_BAD_ANSWER",
        /// The gate cannot reach its own store.
        StoreUnavailable = "STORE_UNAVAILABLE",
        /// The app behind the gate does not answer.
        AppUnavailable = "APP_UNAVAILABLE",
        /// The gate cannot sign what it tells the app.
        SigningFailed = "SIGNING_FAILED",
        /// The page that asks whether to sign out.
        LogoutAsked = "LOGOUT_ASKED",
        /// The session was ended at the person's wish.
        LoggedOut = "LOGGED_OUT",
        /// Another site asked to sign out.
        LogoutForged = "LOGOUT_FORGED",
        /// A single logout was taken.
        SingleLogout = "SINGLE_LOGOUT",
        /// A single logout that cannot be read.
        SingleLogoutUnreadable = "SINGLE_LOGOUT_UNREADABLE",
        /// A single logout from an address that may not send one.
        SingleLogoutStranger = "SINGLE_LOGOUT_STRANGER",
        /// The request cannot be read.
        BadRequest = "BAD_REQUEST",
        /// The path can be read in two ways that the policy treats apart.
        AmbiguousPath = "AMBIGUOUS_PATH",
        /// The host is none of this gate's.
        UnknownHost = "UNKNOWN_HOST",
        /// No rule of the policy covers this page.
        NoRule = "NO_RULE",
        /// The person may not see this page.
        NotAllowed = "NOT_ALLOWED",
        /// The sign-in server did not say what this page's rule needs to know.
        MissingAttribute = "MISSING_ATTRIBUTE",
        /// The gate has no such page.
        NotFound = "NOT_FOUND",
        /// The gate's page does not take this method.
        BadMethod = "BAD_METHOD",
        /// The gate broke on this request; nothing was let through.
        InternalError = "INTERNAL_ERROR",
        /// The gate lacks a setting, or has a wrong one.
        NotConfigured = "NOT_CONFIGURED",
        /// The gate's health.
        Health = "HEALTH",
        /// Who is signed in.
        Whoami = "WHOAMI",
        /// The public keys of the gate's statements.
        Jwks = "JWKS",
    }
}
