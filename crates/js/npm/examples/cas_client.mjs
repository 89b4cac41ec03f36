// A CAS client for any framework: what both examples share. It keeps sessions in memory, which is right for one process;
// with more than one, put `#sessions` and `#tickets` into a store that all of them see.
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
    this.#tickets.set(ticket, undefined); // claimed, before anything is awaited
    let session;
    try {
      const { status, body } = await ask(validateUrl(this.cas, this.#service(id), ticket));
      const person = readAnswer(status, body, { ticket });
      if (this.#tickets.get(ticket) === ENDED) throw new Refused("This session was ended at the sign-in server.");
      session = random();
      this.#sessions.set(session, { person, ticket, untilMs: Date.now() + SESSION_MS });
      this.#tickets.set(ticket, session);
    } finally {
      if (!session) this.#tickets.delete(ticket); // the server knows that it is spent
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

  /** A single logout by the server; throws when the body is none. A ticket that is not known here changes nothing. */
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

/** A sign-in that does not count, in words for people. */
export class Refused extends Error {}

/** The server did not answer, as against: it answered no. */
export class Unreachable extends Error {}

/** Status and words for an error: no ticket is in them, and of a fault of our own nothing at all. */
export function explain(error) {
  if (error instanceof Unreachable) return [503, error.message];
  if (error instanceof PortcullisError && error.code.startsWith("CAS_LOGOUT_")) return [400, error.code];
  if (error instanceof PortcullisError || error instanceof Refused) return [401, `You are not signed in. ${error.message}`];
  if (error.status >= 400 && error.status < 500) return [error.status, "This request cannot be read."];
  console.error(error.name);
  return [500, "Something is broken here."];
}

async function ask(url) {
  try {
    // Not following redirects, and with a User-Agent, which some servers insist on.
    const answer = await fetch(url, { redirect: "manual", headers: { "user-agent": "portcullis-example" }, signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
    return { status: answer.status, body: await answer.text() };
  } catch {
    throw new Unreachable("The sign-in server does not answer. Try again soon."); // without the address, which holds the ticket
  }
}

/** The page to go to after a sign-in: a path of this site, whatever the cookie says. */
export const safePage = (page) => (/^\/(?![/\\])[\x21-\x7e]*$/.test(page ?? "") ? page : "/");

/** Settings of both cookies; a site on https gets `Secure`. */
export const cookieSettings = (publicUrl) => ({ httpOnly: true, sameSite: "Lax", secure: publicUrl.startsWith("https:") });

const random = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
