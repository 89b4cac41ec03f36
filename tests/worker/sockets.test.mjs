// What stays open: WebSockets and event streams end with the session or by their age, and lose nothing until then.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { get } from "node:http";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";

import { BYTES, TEXT, open, serve } from "./frames.mjs";
import { signIn, within } from "./support.mjs";

const policy = `
[session]
revalidate_secs = 2
idle_secs = 5
[[rule]]
path = "/kept/*"
access = "login"
close_on_revoke = true
[[rule]]
path = "/free/*"
access = "login"
[[rule]]
path = "/*"
access = "login"
`;
const REVALIDATE_MS = 2_000;
const SLACK_MS = 1_500;

/** An app that streams an event each 100 ms, `left` when its client has gone, and whose WebSockets a test holds. */
function handler(seen, response) {
  if (!seen.url.includes("/events")) return response.writeHead(200).end("page");
  const zipped = seen.url.includes("zipped");
  response.writeHead(200, { "content-type": "text/event-stream", ...(zipped && { "content-encoding": "gzip" }) });
  if (zipped) return void response.end(gzipSync("data: unpacked\n\n"));
  const timer = setInterval(() => response.write("data: 1\n\n"), 100);
  response.on("close", () => {
    seen.left = true;
    clearInterval(timer);
  });
  if (seen.url.includes("short")) setTimeout(() => response.end(), 1_000);
}

const cookies = (browser) => [...browser.cookies].map((pair) => pair.join("=")).join("; ");

/** A person who is signed in, with what a test opens for them. */
async function bed(options, work) {
  await within({ policy, handler, ...options }, async (w) => {
    const app = [];
    const clients = [];
    let wake = () => {};
    serve(w.app.server, (end) => (app.push(end), wake()));
    const browser = w.browser();
    await signIn(w, browser);
    const socket = async (path, more) => {
      const opened = await open(w.gate, path, { cookie: cookies(browser), ...more });
      assert.match(opened.head, /^HTTP\/1.1 101/, path);
      clients.push(opened.end);
      while (!app.length) await new Promise((done) => (wake = done));
      return { ...opened, client: opened.end, app: app.shift() };
    };
    const events = (path) =>
      new Promise((done, broken) => {
        const { port } = new URL(w.gate.address);
        get({ port, host: "127.0.0.1", path, agent: false, headers: { host: new URL(w.url).host, accept: "text/event-stream", cookie: cookies(browser) } }, (answer) => {
          const stream = { answer, text: "", ended: false };
          clients.push(answer);
          answer.on("data", (chunk) => (stream.text += chunk)).on("error", () => undefined).on("close", () => (stream.ended = true));
          done(stream);
        }).once("error", broken);
      });
    try {
      await work({ ...w, browser, socket, events });
    } finally {
      for (const end of clients) end.destroy();
    }
  });
}

const signOut = async ({ browser, url }) => assert.equal((await browser.fetch("/.portcullis/logout", { method: "POST", page: false, headers: { accept: "text/html", origin: url } })).status, 303);

async function until(is, ms, what) {
  const end = Date.now() + ms;
  while (!is() && Date.now() < end) await sleep(20);
  assert.ok(is(), what);
}

/** What an end gets next, and how long that took. */
async function timed(end) {
  const began = Date.now();
  const got = await Promise.race([end.next(), sleep(15_000, "nothing", { ref: false })]);
  return { ...(typeof got === "object" ? got : { got }), ms: Date.now() - began };
}

test("l10_a_sign_out_closes_sockets_and_event_streams_within_revalidate_secs", async () => {
  await bed({}, async (t) => {
    const kept = await t.socket("/kept/ws");
    const free = await t.socket("/free/ws");
    const stream = await t.events("/kept/events");
    const other = await t.events("/free/events");
    await until(() => stream.text && other.text, 2_000, "events come");
    await signOut(t);
    const began = Date.now();
    const [client, app] = await Promise.all([timed(kept.client), timed(kept.app)]);
    assert.deepEqual([client.code, app.code], [1008, 1008], "both ends hear of it");
    assert.ok(client.ms < REVALIDATE_MS + SLACK_MS, `${client.ms} ms`);
    await until(() => stream.ended, REVALIDATE_MS + SLACK_MS - (Date.now() - began), "the stream has ended");
    assert.ok(stream.answer.complete, "by its last chunk, not by a cut");
    await until(() => t.app.requests.find(({ url }) => url === "/kept/events").left, 1_000, "and the app knows");
    // A rule that does not say so leaves what is open alone.
    await sleep(REVALIDATE_MS + SLACK_MS);
    free.client.send("still there");
    assert.equal((await free.app.next()).data.toString(), "still there");
    const { length } = other.text;
    await until(() => other.text.length > length, 1_000, "events still come");
    assert.ok(!other.ended);
    other.answer.destroy();
  });
});

test("l10_a_session_that_ends_at_the_cas_server_closes_its_sockets_too", async () => {
  await bed({}, async (t) => {
    const { client } = await t.socket("/kept/ws");
    await t.cas.logout("ann");
    const { code, ms } = await timed(client);
    assert.equal(code, 1008);
    assert.ok(ms < REVALIDATE_MS + SLACK_MS, `${ms} ms`);
  });
});

test("an open socket keeps no session alive", async () => {
  await bed({}, async (t) => {
    const { client } = await t.socket("/kept/ws");
    const talk = setInterval(() => client.send("busy"), 200);
    const { code, ms } = await timed(client);
    clearInterval(talk);
    assert.equal(code, 1008);
    assert.ok(ms > 3_000 && ms < 5_000 + REVALIDATE_MS + SLACK_MS, `after idle_secs: ${ms} ms`);
    assert.equal((await t.browser.get("/", { page: false, headers: { accept: "*/*" } })).status, 401);
  });
});

test("a session in use keeps its socket", async () => {
  await bed({}, async (t) => {
    const { client, app } = await t.socket("/kept/ws");
    for (let n = 0; n < 8; n++) {
      await sleep(1_000);
      assert.equal((await t.browser.get("/", { page: false, headers: { accept: "*/*" } })).status, 200);
    }
    client.send("after eight seconds");
    assert.equal((await app.next()).data.toString(), "after eight seconds");
  });
});

test("the greatest age closes sockets and streams of every rule", async () => {
  const aged = `[session]\nmax_socket_age_secs = 2\n[[rule]]\npath = "/open/*"\naccess = "public"\n[[rule]]\npath = "/*"\naccess = "login"\n`;
  await bed({ policy: aged }, async (t) => {
    const one = await t.socket("/ws");
    const open = await t.socket("/open/ws");
    const stream = await t.events("/open/events");
    const [{ code, ms }, public_] = await Promise.all([timed(one.client), timed(open.client)]);
    assert.deepEqual([code, public_.code], [1001, 1001]);
    assert.ok(ms > 1_500 && ms < 2_000 + SLACK_MS, `${ms} ms`);
    await until(() => stream.ended, SLACK_MS, "the stream has ended");
    assert.equal((await t.browser.get("/", { page: false, headers: { accept: "*/*" } })).status, 200, "the session lives on");
  });
});

test("text, bytes and the subprotocol go through as they are, both ways", async () => {
  await bed({}, async (t) => {
    const { head, client, app } = await t.socket("/kept/ws", { protocol: "v2.chat, chat" });
    assert.match(head, /sec-websocket-protocol: v2\.chat/i);
    const bytes = Buffer.from(Array.from({ length: 70_000 }, (_, at) => at % 256));
    for (const [from, to] of [[client, app], [app, client]]) {
      for (const data of ["", "grüß", "x".repeat(300), "y".repeat(900_000), Buffer.alloc(0), Buffer.from([0, 255]), bytes]) {
        from.send(data);
        const got = await to.next();
        assert.deepEqual([got.kind, got.data], [typeof data === "string" ? TEXT : BYTES, Buffer.from(data)]);
      }
    }
  });
});

test("close codes and reasons go through, both ways", async () => {
  await bed({}, async (t) => {
    for (const fromApp of [false, true]) {
      for (const [code, reason] of [[1000, "done"], [4002, "grüß"], [1008, ""], [undefined, ""]]) {
        const { client, app } = await t.socket("/kept/ws");
        const [from, to] = fromApp ? [app, client] : [client, app];
        from.close(code, reason);
        const got = await to.next();
        assert.deepEqual([got.code, got.reason], [code ?? 1005, reason], fromApp ? "from the app" : "from the client");
        to.close(code, reason);
        assert.equal((await from.next()).code, code ?? 1005, "and the close is answered");
      }
    }
  });
});

test("an end that goes away without a close is told to the other", async () => {
  await bed({}, async (t) => {
    const one = await t.socket("/kept/ws");
    one.app.destroy();
    assert.equal((await timed(one.client)).code, 1011);
    const two = await t.socket("/kept/ws");
    two.client.destroy();
    assert.equal((await timed(two.app)).code, 1001);
    const stream = await t.events("/kept/events/left");
    await until(() => stream.text, 1_000, "events come");
    stream.answer.destroy();
    await until(() => t.app.requests.find(({ url }) => url === "/kept/events/left").left, 2_000, "the app hears that its client left");
  });
});

test("events come one by one, unpacked, and end with the app's answer", async () => {
  await bed({}, async (t) => {
    const short = await t.events("/kept/events/short");
    await until(() => short.text.startsWith("data: 1\n\n"), 2_000, "the first event comes");
    assert.ok(!short.ended, "before the answer has ended");
    await until(() => short.ended, 4_000, "it ends");
    assert.ok(short.answer.complete);
    const zipped = await t.events("/kept/events/zipped");
    await until(() => zipped.text === "data: unpacked\n\n", 2_000, "what the app packed is read as text");
    assert.equal(zipped.answer.headers["content-encoding"], undefined);
  });
});

test("g03_a_client_that_does_not_read_is_closed_before_it_fills_the_memory", async () => {
  await bed({}, async (t) => {
    const resident = () => Math.max(...t.gate.workerd().map((pid) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))[1]) / 1000));
    const { client, app } = await t.socket("/kept/ws");
    client.pause();
    const message = Buffer.alloc(100_000, 7);
    let closed;
    app.next().then((got) => (closed = got));
    const before = resident();
    let most = before;
    for (let n = 0; n < 1_000 && !closed; n++) {
      if (!app.send(message)) await Promise.race([app.drained(), sleep(100)]);
      if (n % 20 === 0) most = Math.max(most, resident());
    }
    await until(() => closed, 2_000, "the app is told");
    assert.equal(closed.code, 1013);
    assert.ok(most - before < 64, `${Math.round(most - before)} MB more, of 100 MB sent`);
    assert.equal((await t.browser.get("/", { page: false, headers: { accept: "*/*" } })).status, 200, "nobody else is troubled");
    client.destroy();
  });
});
