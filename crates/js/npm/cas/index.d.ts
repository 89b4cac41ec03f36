/**
 * `portcullis/cas`: what a back end needs to sign people in at a CAS server (CAS protocol 1.0, 2.0 and 3.0). Stateless
 * and without network: you make the redirect, the request and the session; the addresses and the judgement are here.
 *
 * ```ts
 * import { loginUrl, readAnswer, takeTicket, validateUrl } from "portcullis/cas";
 * const cas = "https://cas.example.org/cas";
 * const service = "https://app.example.org/signed-in";   // the same bytes at login and at validation
 * // 1. Nobody is signed in: redirect to
 * loginUrl(cas, service);
 * // 2. The browser comes back to the service with a ticket:
 * const taken = takeTicket(url.search);
 * // 3. Ask the server. Never follow a redirect, and send a User-Agent: Apereo CAS wants one.
 * const answer = await fetch(validateUrl(cas, service, taken.ticket), { redirect: "manual", headers: { "user-agent": "my-app" } });
 * const person = readAnswer(answer.status, await answer.text());   // throws unless it is one plain success
 * ```
 *
 * `examples/express` and `examples/hono` of this package are whole clients, with replay, wrong services and single logout.
 */
import { PortcullisError, type ErrorCode } from "../errors.js";
export { PortcullisError, type ErrorCode };

/** A CAS server: its base address, to which `/login` is added, or more about it. */
export type CasServer =
  | string
  | {
      /** For example "https://cas.example.org/cas". Plain http is accepted for this very machine only. */
      url: string;
      /** The same server as this program reaches it, where that is another address than the browser's. */
      validateUrl?: string | null | undefined;
      /** What it speaks; 3 when absent. */
      protocol?: 1 | 2 | 3 | null | undefined;
      /** The form of answer to ask for; "xml" when absent. "json" helps where attribute names break the XML. */
      format?: "xml" | "json" | null | undefined;
    };

/** How a login is to go. */
export interface LoginOptions {
  /** Ask for the password again, whatever session there is. Validate with `renew` too. */
  renew?: boolean | null | undefined;
  /** Ask nothing: without a session at the server, the browser comes back without a ticket. Not together with `renew`. */
  gateway?: boolean | null | undefined;
  /** Further parameters of the server's login page, such as `{ locale: "de" }`. The protocol's own names are refused. */
  params?: Record<string, string> | null | undefined;
}

/** Where to send the browser to sign in.
 * @param service the address that the browser comes back to: absolute, printable ASCII. Keep it; validation needs the same bytes.
 * @throws {PortcullisError} `CAS_SERVICE_…`, `CAS_URL_…` or `CAS_LOGIN_…` when an address or a parameter cannot be used;
 *   `BAD_ARGUMENT` for `renew` together with `gateway`, and for an option that is not known: a misspelt `renew` must not pass.
 * @example
 * loginUrl("https://cas.example.org/cas", "https://app.example.org/signed-in?a=1");
 * // => "https://cas.example.org/cas/login?service=https%3A%2F%2Fapp.example.org%2Fsigned-in%3Fa%3D1"
 */
export function loginUrl(server: CasServer, service: string, options?: LoginOptions | null): string;

/** Where to ask whether a ticket is good: a GET within the ticket's ten seconds, redirects not followed, with a User-Agent.
 * A proxy ticket (`PT-`) is sent to the endpoint for proxy tickets. The address holds the ticket: keep it out of logs.
 * @param service the same bytes as at login
 * @param ticket what `takeTicket` found
 * @param options.renew Only a ticket whose person has just typed the password is good. Read the answer with `renew` too.
 * @throws {PortcullisError} `BAD_ARGUMENT` for a ticket that is none, before anything is sent; `CAS_SERVICE_…` or `CAS_URL_…`
 *   when an address cannot be used.
 * @example
 * validateUrl("https://cas.example.org/cas", "https://app.example.org/", "ST-1-a");
 * // => "https://cas.example.org/cas/p3/serviceValidate?service=https%3A%2F%2Fapp.example.org%2F&ticket=ST-1-a"
 */
export function validateUrl(server: CasServer, service: string, ticket: string, options?: { renew?: boolean | null | undefined } | null): string;

/** Where to send the browser to sign out of everything.
 * @param service where the server sends the browser from there, if it knows the address
 * @throws {PortcullisError} `CAS_SERVICE_…` or `CAS_URL_…` when an address cannot be used.
 * @example
 * logoutUrl("https://cas.example.org/cas"); // => "https://cas.example.org/cas/logout"
 */
export function logoutUrl(server: CasServer, service?: string | null): string;

/** What an answer must agree with. All of it is optional, and absent is strictest. */
export interface Expectation {
  /** What was asked; 3 when absent. A plain-text "yes" counts for 1 only. */
  protocol?: 1 | 2 | 3 | null | undefined;
  /** It was validated with `renew`: a login that the server calls old or remembered is refused. */
  renew?: boolean | null | undefined;
  /** The ticket that was validated: the answer to a proxy ticket must name its proxies. */
  ticket?: string | null | undefined;
  /** Chains of proxies that are allowed, each from the nearest to the farthest, compared byte for byte. None when absent. */
  proxies?: string[][] | null | undefined;
  /** Also read XML that is in no namespace at all. */
  allowNoNamespace?: boolean | null | undefined;
}

/** Who signed in, as the server says. */
export interface Person {
  /** Trimmed, never empty, in Unicode normalisation form C, without control or direction characters. */
  user: string;
  /** Everything that the server says about the person: each name with all its values, as text. */
  attributes: Record<string, string[]>;
  /** The proxies that the login came through, the nearest first; empty for the person's own browser. */
  proxies: string[];
  /** Names the proxy-granting ticket that was sent to the call-back address, where one was asked for. */
  pgtIou?: string;
}

/** Reads the answer of a validation, in XML, JSON or plain text, by its shape.
 * @param status the HTTP status; a success counts with 200 only
 * @param body as text, or as bytes (UTF-8); up to 256 kB
 * @throws {PortcullisError} for everything that is not one plain success. `CAS_INVALID_TICKET`: used, too old or made up;
 *   send the browser to log in once more. No error holds text of the answer.
 * @example
 * readAnswer(200, `<c:serviceResponse xmlns:c="http://www.yale.edu/tp/cas"><c:authenticationSuccess>
 *   <c:user>ann</c:user><c:attributes><c:memberOf>staff</c:memberOf></c:attributes>
 * </c:authenticationSuccess></c:serviceResponse>`); // => { user: "ann", attributes: { memberOf: ["staff"] }, proxies: [] }
 */
export function readAnswer(status: number, body: string | Uint8Array, expect?: Expectation | null): Person;

/** The ticket whose session a single logout ends: the one that opened it (`ST-…`), or a proxy-granting ticket (`PGT-…`).
 * The request is not signed. Knowing the ticket is what allows its sender to end that one session, and nothing else.
 * @param body the body of the POST that the server sends to the service: a form, or bare XML; up to 16 kB
 * @throws {PortcullisError} `CAS_LOGOUT_…`: answer 400 and change nothing.
 * @example
 * readLogoutRequest(`<p:LogoutRequest xmlns:p="urn:oasis:names:tc:SAML:2.0:protocol">
 *   <p:SessionIndex>ST-1-a</p:SessionIndex></p:LogoutRequest>`); // => "ST-1-a"
 */
export function readLogoutRequest(body: string | Uint8Array): string;

/** The ticket in a query, and the query without it, with every other byte as it was. `null` where there is not exactly
 * one `ticket` that is one (`ST-…` or `PT-…`): then the query is none of CAS's business.
 * @param query with or without its question mark
 * @example
 * takeTicket("?a=1&ticket=ST-1-a&b=%20"); // => { ticket: "ST-1-a", rest: "a=1&b=%20" }
 * takeTicket("?ticket=cinema"); // => null
 */
export function takeTicket(query: string): { ticket: string; rest: string } | null;
