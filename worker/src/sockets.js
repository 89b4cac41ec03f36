// What stays open after its request was let in: WebSockets and event streams. The ends are held here; the core says which
// are watched, when a session is looked up, and what ends them.
import * as core from "portcullis-core";

import { awake, discard } from "./trap.js";

const LOOK_MS = 8_000;

/** The answer of a session's object as text; empty where there is none. */
async function look(env, object, call) {
  try {
    awake();
    const [name, address] = core.ticket_place(env, object).split("\n");
    const answer = await env.TICKETS.getByName(name).fetch(address, { method: "POST", body: call, signal: AbortSignal.timeout(LOOK_MS) });
    return await answer.text();
  } catch {
    return "";
  }
}

/** One open thing: `over` once it is closed, by whichever end. */
class Open {
  over = false;
  #timer;
  #wake = () => {};

  /** @param {(code: number, reason: string) => void} end closes both ends */
  constructor(end) {
    this.end = end;
  }

  stop() {
    this.over = true;
    clearTimeout(this.#timer);
    this.#wake();
  }

  #wait(ms) {
    return new Promise((done) => {
      this.#wake = done;
      this.#timer = setTimeout(done, ms);
    });
  }

  #close(step) {
    const [, code, ...reason] = step.split(" ");
    this.stop();
    this.end(Number(code), reason.join(" "));
  }

  /** Ends it by a step of the core, if there is one. */
  closeBy(ask) {
    try {
      awake();
      const step = ask();
      if (step !== undefined) this.#close(step);
    } catch (error) {
      this.#broken(error);
    }
  }

  #broken(error) {
    discard(error);
    this.#close("close 1011 internal error");
  }

  /** Asks the core what to do, and does it, until it is over. */
  async watch(text, env) {
    const opened = Date.now();
    try {
      while (!this.over) {
        awake();
        const step = core.watch_step(text, opened, Date.now());
        const [word, value, call] = step.split(" ");
        if (word === "close") return this.#close(step);
        if (word === "wait") await this.#wait(Number(value));
        else {
          const answer = await look(env, value, call);
          awake();
          text = core.watch_looked_up(text, answer, Date.now());
        }
      }
    } catch (error) {
      this.#broken(error);
    }
  }
}

const COUNT_MS = 1_000;
let allUnread = 0;

/** Counts what one end leaves unread, until it has read it or is gone: after a close too, what was sent is still held. */
function unreadOf(end) {
  let bytes = 0;
  let timer;
  const set = (now) => {
    allUnread += now - bytes;
    bytes = now;
    clearTimeout(timer);
    if (now > 0) timer = setTimeout(count, COUNT_MS);
  };
  const count = () => {
    set(end.bufferedAmount);
    return bytes;
  };
  for (const event of ["close", "error"]) end.addEventListener(event, () => set(0));
  return count;
}

/** Closes an end, if it is open. 1005 is a close without a code. */
function close(end, code, reason) {
  try {
    if (code === 1005) end.close();
    else end.close(code, reason);
  } catch {
    // It is closed already.
  }
}

/** Passes on what one end of a WebSocket says, and its close. */
function relay(open, from, to, fromApp) {
  const unread = unreadOf(to);
  const after = (code, reason) => {
    open.stop();
    awake();
    const relayed = core.relayed_close_code(code, fromApp);
    close(to, relayed, relayed === code ? reason : "");
  };
  from.addEventListener("message", ({ data }) => {
    if (open.over) return;
    try {
      to.send(data);
    } catch {
      return; // it is closing, and its own event follows
    }
    const bytes = unread();
    if (bytes > 0) open.closeBy(() => core.left_behind(bytes, allUnread));
  });
  from.addEventListener("close", ({ code, reason }) => after(code, reason));
  from.addEventListener("error", () => open.over || after(1006, ""));
}

/** A WebSocket of the app behind one of ours: text, bytes, subprotocol and close codes go through as they are. */
function socket(answer, watch, env) {
  const app = answer.webSocket;
  const { 0: client, 1: ours } = new WebSocketPair();
  for (const end of [ours, app]) {
    end.binaryType = "arraybuffer";
    end.accept({ allowHalfOpen: true });
  }
  const open = new Open((code, reason) => {
    close(ours, code, reason);
    close(app, code, reason);
  });
  relay(open, app, ours, true);
  relay(open, ours, app, false);
  open.watch(watch, env);
  return new Response(null, { status: 101, webSocket: client, headers: answer.headers });
}

/** Event by event, as the client reads them. */
function events(answer, watch, env) {
  const reader = answer.body.getReader();
  const { readable, writable } = new IdentityTransformStream();
  const writer = writable.getWriter();
  let isWriting = false;
  const quietly = (promise) => promise.catch(() => undefined);
  const open = new Open(() => {
    quietly(reader.cancel());
    if (isWriting) quietly(writer.abort()); // its client does not read
  });
  const pump = async () => {
    try {
      for (;;) {
        const { value, done } = await reader.read();
        if (done || open.over) break;
        if (value.byteLength === 0) continue;
        isWriting = true;
        await writer.write(value);
        isWriting = false;
      }
      await writer.close();
    } catch (error) {
      // Ended by the core: the client is told so by a whole answer, not by a cut.
      await Promise.allSettled(open.over ? [writer.close()] : [reader.cancel(error), writer.abort(error)]);
    } finally {
      open.stop();
    }
  };
  pump();
  quietly(writer.closed.catch(() => reader.cancel())); // its client left between two events
  open.watch(watch, env);
  const headers = new Headers(answer.headers);
  headers.delete("content-encoding"); // the platform decodes what a Worker reads
  return new Response(readable, { status: answer.status, statusText: answer.statusText, headers });
}

/** The answer, ended when the core says so if it is one that stays open. All others end by themselves. */
export function watched(answer, watch, env) {
  if (watch === "") return answer;
  if (answer.webSocket) return socket(answer, watch, env);
  awake();
  const isStream = answer.body && core.is_event_stream(answer.headers.get("content-type") ?? "");
  return isStream ? events(answer, watch, env) : answer;
}
