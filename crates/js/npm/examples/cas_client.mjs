// A CAS client for any framework; both examples use it. It keeps sessions in memory, which is right for one process.
// With several processes, put `#sessions` and `#tickets` into a store that all of them use.
import { PortcullisError, loginUrl, logoutUrl, readAnswer, readLogoutRequest, takeTicket, validateUrl } from "portcullis/cas";

const SESSION_MS = 8 * 60 * 60 * 1000;
const ANSWER_WITHIN_MS = 8_000; // a ticket lives ten seconds at most servers
const ENDED = Symbol("ended by single logout");

export class CasClient {
  #sessions = new Map(); // session id -> { person, ticket, untilMs }
  #tickets = new Map(); // ticket -> session id, or undefined while it is validated, or ENDED

  /**
   * @param {object} options
   * @param {import("portcullis/cas").CasServer} options.cas
   * @param {string} options.publicUrl the address that people type, never taken from a request
   */
  constructor({ cas, publicUrl }) {
    this.cas = cas;
    this.publicUrl = publicUrl;
  }

  /** The service of one sign-in. The id is in the path, because servers tell services apart by their path. */
  #service(id) {
    return `${this.publicUrl}/signed-in/${id}`;
  }

  /** Begins a sign-in: keep `page` in a cookie for `path`, so that only this browser can finish it, and go to `url`. */
  begin() {
    const id = random();
    return { path: `/signed-in/${id}`, url: loginUrl(this.cas, this.#service(id)) };
  }

  /**
   * Finishes a sign-in; throws unless the server confirms it.
   * @returns {Promise<string>} the new session's id
   */
  async finish(id, search) {
    const taken = takeTicket(search);
    if (!taken) throw new Refused("There is no ticket.");
    const { ticket } = taken;
    if (this.#tickets.has(ticket)) throw new Refused("This ticket was used before.");
    this.#tickets.set(ticket, undefined); // set before the first `await`, so that a second call with this ticket is refused
    let session;
    try {
      const { status, body } = await ask(validateUrl(this.cas, this.#service(id), ticket));
      const person = readAnswer(status, body, { ticket });
      if (this.#tickets.get(ticket) === ENDED) throw new Refused("This session was ended at the sign-in server.");
      session = random();
      this.#sessions.set(session, { person, ticket, untilMs: Date.now() + SESSION_MS });
      this.#tickets.set(ticket, session);
    } finally {
      if (!session) this.#tickets.delete(ticket); // the server refuses a second use by itself
    }
    this.#sweep();
    return session;
  }

  /** @returns {import("portcullis/cas").Person | undefined} */
  person(session) {
    const found = this.#sessions.get(session);
    if (found && found.untilMs > Date.now()) return found.person;
    if (found) this.signOut(session);
  }

  /** Ends a session; returns where to send the browser to sign out of everything. */
  signOut(session) {
    const found = this.#sessions.get(session);
    this.#sessions.delete(session);
    if (found) this.#tickets.delete(found.ticket);
    return logoutUrl(this.cas);
  }

  /** Handles the server's single logout; throws when the body is not a logout request. An unknown ticket changes nothing. */
  end(body) {
    const ticket = readLogoutRequest(body);
    if (!this.#tickets.has(ticket)) return;
    const session = this.#tickets.get(ticket);
    if (session === undefined) this.#tickets.set(ticket, ENDED);
    else this.signOut(session);
  }

  #sweep() {
    for (const [session, { untilMs }] of this.#sessions) if (untilMs <= Date.now()) this.signOut(session);
  }
}

/** The sign-in was refused; the message is for people. */
export class Refused extends Error {}

/** The server did not answer. */
export class Unreachable extends Error {}

/** Status and text for an error. The text contains no ticket, and no details of an internal error. */
export function explain(error) {
  if (error instanceof Unreachable) return [503, error.message];
  if (error instanceof PortcullisError && error.code.startsWith("CAS_LOGOUT_")) return [400, error.code];
  if (error instanceof PortcullisError || error instanceof Refused) return [401, `You are not signed in. ${error.message}`];
  if (error.status >= 400 && error.status < 500) return [error.status, "This request cannot be read."];
  console.error(error.name);
  return [500, "There is an error on this site."];
}

async function ask(url) {
  try {
    // Some servers require a User-Agent. A redirect is never a valid answer.
    const answer = await fetch(url, { redirect: "manual", headers: { "user-agent": "portcullis-example" }, signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
    return { status: answer.status, body: await answer.text() };
  } catch {
    throw new Unreachable("The sign-in server does not answer. Try again soon."); // without the address, which holds the ticket
  }
}

/** The page to go to after a sign-in: only a path on this site is taken from the cookie. */
export const safePage = (page) => (/^\/(?![/\\])[\x21-\x7e]*$/.test(page ?? "") ? page : "/");

/** Settings of both cookies; a site on https gets `Secure`. */
export const cookieSettings = (publicUrl) => ({ httpOnly: true, sameSite: "Lax", secure: publicUrl.startsWith("https:") });

const random = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
