//! The texts of the pages, one for each reason that has a page.

use crate::why::Why;

/// The three texts of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Text {
    /// One sentence that says what happened.
    pub title: &'static str,
    /// The consequences, what is unharmed, and the next step.
    pub body: &'static str,
    /// The label of the button or link; empty without one.
    pub action: &'static str,
}

/// The language that every other is translated from.
pub const LANGUAGE: &str = "en";

const TRY_AGAIN: &str = "Try again";
const HOME: &str = "Go to the first page";

/// The page of a reason.
pub const fn english(why: Why) -> Text {
    let (title, body, action) = match why {
        Why::CasUnavailable => (
            "The sign-in server does not answer.",
            "You stay signed in where you are already. Nothing was lost. Please wait a moment and try again.",
            TRY_AGAIN,
        ),
        Why::CasTimeout => (
            "The sign-in server takes too long.",
            "You stay signed in where you are already. Nothing was lost. Please wait a moment and try again.",
            TRY_AGAIN,
        ),
        Why::CasBadAnswer => (
            "The sign-in server gave an answer that cannot be used.",
            "Nothing was lost. Trying again may help. If it does not, the people who run this site need the line below.",
            TRY_AGAIN,
        ),
        Why::StoreUnavailable | Why::SigningFailed => (
            "This site cannot check who you are just now.",
            "Nothing was lost. Please wait a moment and try again.",
            TRY_AGAIN,
        ),
        Why::AppUnavailable => (
            "This site does not answer just now.",
            "Your sign-in is not lost. What you sent last may not have arrived. Please wait a moment and try again.",
            TRY_AGAIN,
        ),
        Why::TicketReplayed => (
            "This sign-in was used already.",
            "Somebody opened the same sign-in link before, perhaps you in another tab. Nothing was lost. Sign in once more.",
            TRY_AGAIN,
        ),
        Why::TicketRefused | Why::TicketEndedDuringValidation => (
            "The sign-in server did not accept this sign-in.",
            "It may have taken too long, or you signed out meanwhile. Nothing was lost. Sign in once more.",
            TRY_AGAIN,
        ),
        Why::FlightExpired | Why::NotOurFlight => (
            "This sign-in is no longer open.",
            "It took longer than half an hour, or it began in another browser. Nothing was lost. Open the page that you want once more.",
            HOME,
        ),
        Why::CookiesOff => (
            "Your browser keeps no cookies for this site.",
            "A sign-in needs one, to know you again on the next page. Allow cookies for this site and try again.",
            TRY_AGAIN,
        ),
        Why::NothingSent => (
            "Nothing was sent.",
            "You are not signed in any more, so what you sent did not reach the site. Go back to copy it, sign in, and send it again.",
            "Sign in",
        ),
        Why::LoginRequired | Why::FreshLoginRequired => (
            "You need to sign in.",
            "This page is for people who are signed in. Open it in a tab of its own.",
            "Sign in",
        ),
        Why::NotAllowed => (
            "This page is not for your account.",
            "You are signed in, but your account is not among those that may open it. Ask the people who run this site.",
            HOME,
        ),
        Why::MissingAttribute => (
            "The sign-in server did not say what this page needs to know.",
            "You are signed in, but it is not known whether your account may open this page. The people who run this site need the line below.",
            HOME,
        ),
        Why::NoRule => ("This page is closed.", "The people who run this site have opened it to nobody.", HOME),
        Why::UnknownHost => ("This address is not served here.", "Check the address that you typed or followed.", ""),
        Why::BadRequest | Why::AmbiguousPath => {
            ("This address cannot be read.", "Check the address that you typed or followed.", HOME)
        }
        Why::NotFound => ("There is no such page.", "Check the address that you typed or followed.", HOME),
        Why::BadMethod => ("This page cannot be asked in that way.", "Open it as an ordinary page.", HOME),
        Why::LogoutAsked => {
            ("Sign out?", "You will be signed out here and at the sign-in server, so on other sites too.", "Sign out")
        }
        Why::LogoutForged => (
            "You are still signed in.",
            "Another site asked to sign you out. If that is what you want, do it here.",
            "Sign out",
        ),
        Why::PostedAgain => {
            ("One moment.", "The sign-in server has answered. Your browser goes on by itself.", "Go on")
        }
        Why::SingleLogoutUnreadable | Why::SingleLogoutStranger => {
            ("This sign-out was not taken.", "It could not be read, or came from an address that may not send one.", "")
        }
        Why::InternalError => (
            "Something went wrong here.",
            "Nothing was let through. Please try again. If it happens again, the people who run this site need the line below.",
            "",
        ),
        Why::NotConfigured => (
            "This gate is not set up.",
            "The people who run this site need to set what is named below. Until then nothing is let through.",
            "",
        ),
        Why::LiveSession
        | Why::SessionChecked
        | Why::SessionGrace
        | Why::Public
        | Why::Anonymous
        | Why::LoginStarted
        | Why::FreshLoginStarted
        | Why::GatewayStarted
        | Why::GatewayReturned
        | Why::SignedIn
        | Why::AlreadySignedIn
        | Why::TicketStripped
        | Why::LoggedOut
        | Why::SingleLogout
        | Why::Health
        | Why::Whoami
        | Why::Jwks => ("Go on.", "", HOME),
    };
    Text { title, body, action }
}
