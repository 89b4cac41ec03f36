// The gate is a correct reverse proxy first.
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { request } from "node:http";
import { connect } from "node:net";
import { test } from "node:test";
import { gzipSync } from "node:zlib";

import { shared } from "../parts/together.mjs";
import { ask } from "./raw.mjs";
import { app, logged, send, signIn, testbed } from "./support.mjs";

const zipped = gzipSync(Buffer.from("hello ".repeat(1000)));
const policy = `
[[rule]]
path = "/open/cached/*"
access = "public"
cache = true

[[rule]]
path = ["/open/*", "/ws", "/events", "/upload"]
access = "public"

[[rule]]
path = "/second/*"
access = "login"
origin = "binding:SECOND"
app = "second"
strip_prefix = true

[[rule]]
path = "/*"
access = "login"
`;

const uploads = [];
function handler(seen, response, incoming) {
  const { pathname, searchParams } = new URL(seen.url, "http://app");
  const kind = searchParams.get("kind");
  const base = `http://${seen.get("host")}`;
  if (pathname === "/upload") {
    const hash = createHash("sha256");
    let bytes = 0;
    const first = Date.now();
    incoming.on("data", (chunk) => {
      uploads[0] ??= Date.now();
      bytes += chunk.length;
      hash.update(chunk);
    });
    incoming.on("end", () => response.end(JSON.stringify({ bytes, hash: hash.digest("hex"), length: seen.get("content-length"), first })));
    return;
  }
  if (pathname === "/events") {
    response.writeHead(200, { "content-type": "text/event-stream" });
    let n = 0;
    const timer = setInterval(() => (n === 3 ? (clearInterval(timer), response.end()) : response.write(`data: ${n++} ${Date.now()}\n\n`)), 150);
    return;
  }
  const answers = {
    cookies: () => response.writeHead(200, { "set-cookie": ["a=1; Path=/", "b=2; Domain=localhost; Path=/; HttpOnly", `portcullis-${new URL(w.url).port}=evil`, `=portcullis-${new URL(w.url).port}=evil`, "portcullis=evil", "c=3; Expires=Wed, 21 Oct 2099 07:28:00 GMT"] }).end("x"),
    gzip: () => response.writeHead(200, { "content-encoding": "gzip", etag: '"x"', "content-length": zipped.length }).end(zipped),
    empty: () => response.writeHead(204, { "x-kept": "1" }).end(),
    unchanged: () => response.writeHead(304, { etag: '"x"' }).end(),
    teapot: () => response.writeHead(418, "Short and stout").end("tea"),
    away: () => response.writeHead(302, { location: "https://elsewhere.example/x?y=1" }).end(),
    own: () => response.writeHead(307, { location: `${base}/next?a=%2F` }).end(),
    relative: () => response.writeHead(302, { location: "/next" }).end(),
    range: () => response.writeHead(206, { "content-range": "bytes 0-1/10", "content-length": 2 }).end("ab"),
    shared: () => response.writeHead(200, { "cache-control": "public, s-maxage=600, max-age=60", "cdn-cache-control": "max-age=600", "surrogate-control": "max-age=600" }).end("personal"),
    field: () => response.writeHead(200, { "cache-control": 'private="set-cookie", max-age=60' }).end("personal"),
    store: () => response.writeHead(200, { "cache-control": "no-store" }).end("x"),
  };
  if (answers[kind]) return answers[kind]();
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(seen));
}

let w;
let second;
let ann;
shared(async (stack) => {
  second = stack.use(await app());
  w = stack.use(await testbed({ policy, handler, apps: { SECOND: second.url } }));
  // The simplest echo of WebSocket frames: the app answers the handshake and sends back what it gets, unmasked.
  w.app.server.on("upgrade", (incoming, socket) => {
    const accept = createHash("sha1").update(`${incoming.headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
    socket.write(`HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-accept: ${accept}\r\nsec-websocket-protocol: chat\r\n\r\n`);
    socket.on("error", () => {}).on("data", (frame) => {
      if ((frame[0] & 15) === 8) return socket.end(Buffer.from([0x88, 0]));
      const length = frame[1] & 127;
      const mask = frame.subarray(2, 6);
      const body = Buffer.from(frame.subarray(6, 6 + length).map((byte, at) => byte ^ mask[at % 4]));
      socket.write(Buffer.concat([Buffer.from([frame[0], length]), body]));
    });
  });
  ann = w.browser();
  await signIn(w, ann);
});

test("s08_path_and_query_reach_the_app_byte_for_byte", async () => {
  for (const path of ["/a%2Fb/c", "/a?b=1&b=2&c=&d", "/x?q=%20+%2B%zz", "/a//b", "/trailing/", "/q?", "/a;v=1/b", "/%E4%F6", "/a'()!*$,:@~b", "/x?a=b?c=/d"]) {
    const answer = await send(w.url, { path, headers: { accept: "*/*", cookie: [...ann.cookies].map((pair) => pair.join("=")).join("; ") } });
    assert.equal(answer.status, 200, path);
    assert.equal((await answer.json()).url, path);
  }
});

test("what the platform changes of an address, and of bytes that are not UTF-8, is this and no more", async () => {
  const cookie = [...ann.cookies].map((pair) => pair.join("=")).join("; ");
  const host = new URL(w.url).host;
  for (const [path, url] of [
    ['/a"b', "/a%22b"], ["/a^b", "/a%5Eb"], ["/a{b}", "/a%7Bb%7D"], ["/a|b[c]'d", "/a|b[c]'d"],
    ["/x?q='b'", "/x?q=%27b%27"], ["/x?q={^|`[]}", "/x?q={^|`[]}"],
    ["/a/./b", "/a/b"], ["/a/../b", "/b"], ["/a/%2e%2E/b", "/b"], ["/x?q=a/../b", "/x?q=a/../b"],
  ]) {
    const answer = await ask(w.gate.address, [`GET ${path}`, `host: ${host}`, `cookie: ${cookie}`, "connection: close"]);
    assert.equal(answer.status, 200, path);
    assert.equal(JSON.parse(answer.body).url, url, path);
  }
  for (const path of ["/a<b", "/a>b", "/a`b", '/x?q="b"', "/x?q=<b", "/x?q=>b"]) {
    assert.equal((await ask(w.gate.address, [`GET ${path}`, `host: ${host}`, "connection: close"])).status, 400, path);
  }
  // Where the gate's own cookie is taken out, the others are written anew.
  const answer = await ask(w.gate.address, ["GET /bytes", `host: ${host}`, `cookie: n=Zo\xeb; ${cookie}`, "x-note: Zo\xeb", "connection: close"]);
  const { headers } = JSON.parse(Buffer.from(answer.body, "latin1"));
  const of = (name) => headers.find(([known]) => known === name)[1];
  assert.equal(of("x-note"), "Zo\xeb", "a header that the gate leaves alone keeps its bytes");
  assert.equal(Buffer.from(of("cookie"), "latin1").toString(), "n=Zo\ufffd", "in a cookie it is U+FFFD");
});

test("which methods and upgrades the platform lets through is as the guide says", async () => {
  const host = new URL(w.url).host;
  const status = async (method, ...more) => (await ask(w.gate.address, [`${method} /open/x`, `host: ${host}`, "content-length: 0", ...more, "connection: close"])).status;
  for (const method of ["PROPFIND", "PROPPATCH", "MKCOL", "COPY", "MOVE", "LOCK", "UNLOCK", "REPORT", "ACL", "SEARCH", "MERGE", "PATCH", "OPTIONS", "PURGE"]) {
    assert.equal(await status(method), 200, method);
  }
  for (const method of ["MKCALENDAR", "VERSION-CONTROL", "LINK", "BIND"]) assert.equal(await status(method), 501, method);
  for (const method of ["TRACE", "TRACK"]) assert.ok([405, 501].includes(await status(method)), method);
  const before = w.app.requests.length;
  assert.equal(await status("GET", "upgrade: h2c"), 200);
  assert.equal(w.app.requests[before].get("upgrade"), undefined, "no other upgrade is asked of the app");
});

test("a05_what_cannot_be_read_is_400", async () => {
  for (const path of ["/%", "/%zz", "/%00", "/a\\b", "/%c0%af", "/x/..%2f.portcullis/health"]) {
    assert.equal((await send(w.url, { path, headers: { accept: "*/*" } })).status, 400, path);
  }
});

test("h12_each_cookie_stays_apart_domains_are_dropped_and_ours_refused", async () => {
  const answer = await ann.get("/?kind=cookies", { page: false });
  // "portcullis" alone is a name of ours on https only; here ours has the port in it.
  assert.deepEqual(answer.headers.getSetCookie(), ["a=1; Path=/", "b=2; Path=/; HttpOnly", "portcullis=evil", "c=3; Expires=Wed, 21 Oct 2099 07:28:00 GMT"]);
});

test("the app's own cookies reach it, and ours never do", async () => {
  for (const name of ["a", "b", "c", "portcullis"]) ann.cookies.delete(name);
  ann.cookies.set("theirs", "1, 2");
  const seen = await (await ann.get("/")).json();
  assert.equal(seen.headers.find(([name]) => name === "cookie")[1], "theirs=1, 2");
  ann.cookies.delete("theirs");
});

test("compressed bytes, ETag and length are those of the app", async () => {
  for (const path of ["/open/x?kind=gzip", "/x?kind=gzip"]) {
    const answer = await ann.get(path, { page: false, headers: { "accept-encoding": "gzip" } });
    assert.deepEqual(answer.bytes, zipped, path);
    assert.equal(answer.headers.get("content-encoding"), "gzip");
    assert.equal(answer.headers.get("etag"), '"x"');
    assert.equal(answer.headers.get("content-length"), String(zipped.length));
  }
});

test("204, 304, 206, HEAD and odd statuses pass", async () => {
  assert.equal((await ann.get("/?kind=empty")).status, 204);
  assert.equal((await ann.get("/?kind=unchanged")).status, 304);
  assert.equal((await ann.get("/?kind=teapot")).status, 418);
  const part = await ann.get("/?kind=range", { headers: { range: "bytes=0-1" } });
  assert.equal(part.status, 206);
  assert.equal(part.headers.get("content-range"), "bytes 0-1/10");
  const head = await ann.fetch("/?kind=gzip", { method: "HEAD", page: false, headers: { "accept-encoding": "gzip" } });
  assert.equal(head.status, 200);
  assert.equal(head.headers.get("content-length"), String(zipped.length));
  for (const method of ["PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND"]) {
    assert.equal((await (await ann.fetch("/x", { method, page: false })).json()).method, method);
  }
});

test("a06_no_method_is_a_way_in", async () => {
  for (const method of ["HEAD", "OPTIONS", "PROPFIND", "PUT", "DELETE"]) {
    assert.equal((await w.browser().fetch("/x", { method, page: false, headers: { "x-http-method-override": "GET" } })).status, 401, method);
  }
});

test("h09_redirects_of_the_app_are_passed_on_and_never_followed", async () => {
  const before = w.app.requests.length;
  assert.equal((await ann.get("/?kind=away")).headers.get("location"), "https://elsewhere.example/x?y=1");
  const own = await ann.fetch("/?kind=own", { method: "POST", page: false, headers: { "content-type": "text/plain" }, body: "body" });
  assert.equal(own.status, 307);
  assert.equal(own.headers.get("location"), `${w.url}/next?a=%2F`);
  assert.equal((await ann.get("/?kind=relative")).headers.get("location"), "/next");
  assert.equal(w.app.requests.length, before + 3);
});

test("k02_what_the_app_says_to_shared_caches_of_a_personal_page_is_taken_back", async () => {
  for (const [path, want] of [["/account/x.css?kind=shared", "private, max-age=60"], ["/profile;.js", "private, no-cache"], ["/?kind=store", "no-store"], ["/?kind=field", "private, max-age=60"], ["/open/x?kind=shared", "private, max-age=60"], ["/open/cached/x?kind=shared", "public, s-maxage=600, max-age=60"]]) {
    const answer = await ann.get(path);
    assert.equal(answer.headers.get("cache-control"), want, path);
    assert.equal(answer.headers.get("cdn-cache-control"), want.startsWith("public") ? "max-age=600" : null, path);
  }
});

test("k01_a_personal_page_is_never_answered_to_another_person", async () => {
  const before = w.app.requests.length;
  await ann.get("/account/x.css?kind=shared");
  const stranger = await w.browser().get("/account/x.css?kind=shared", { page: false });
  assert.equal(stranger.status, 401);
  assert.equal(w.app.requests.length, before + 1, "the app answered once, and nobody else was answered from a cache");
});

test("a second app under a folder of the same host needs no second sign-in", async () => {
  const seen = await (await ann.get("/second/page?x=1")).json();
  assert.equal(seen.url, "/page?x=1");
  assert.equal(seen.headers.find(([name]) => name === "x-forwarded-prefix")[1], "/second");
  assert.equal(seen.headers.find(([name]) => name === "remote-user")[1], "ann");
  assert.equal(second.requests.length, 1);
});

test("100 MB go up without being kept by the gate", async () => {
  const chunk = randomBytes(1024 * 1024);
  const hash = createHash("sha256");
  uploads.length = 0;
  let lastSent;
  const answer = await new Promise((done, broken) => {
    const outgoing = request(`${w.gate.address}/upload`, { method: "POST", headers: { host: new URL(w.url).host, "content-length": 100 * chunk.length } }, async (incoming) => {
      const parts = [];
      for await (const part of incoming) parts.push(part);
      done(JSON.parse(Buffer.concat(parts)));
    });
    outgoing.once("error", broken);
    (async () => {
      for (let n = 0; n < 100; n += 1) {
        hash.update(chunk);
        if (!outgoing.write(chunk)) await new Promise((drained) => outgoing.once("drain", drained));
      }
      lastSent = Date.now();
      outgoing.end();
    })();
  });
  assert.equal(answer.bytes, 100 * chunk.length);
  assert.equal(answer.hash, hash.digest("hex"));
  assert.equal(answer.length, String(100 * chunk.length));
  assert.ok(uploads[0] < lastSent, "the app had the beginning before the end was sent");
});

test("events arrive when they are sent", async () => {
  const late = [];
  await new Promise((done, broken) => {
    request(`${w.gate.address}/events`, { headers: { host: new URL(w.url).host, accept: "text/event-stream" } }, (incoming) => {
      incoming.setEncoding("utf8").on("data", (text) => {
        for (const [, sent] of text.matchAll(/data: \d (\d+)/g)) late.push(Date.now() - Number(sent));
      });
      incoming.once("end", done);
    }).once("error", broken).end();
  });
  assert.equal(late.length, 3);
  assert.ok(Math.max(...late) < 140, `each within 140 ms, before the next is sent: ${late}`);
});

function webSocket(path, headers = "") {
  return new Promise((done, broken) => {
    const socket = connect(Number(new URL(w.gate.address).port), "127.0.0.1");
    let seen = Buffer.alloc(0);
    socket.once("error", broken);
    socket.write(`GET ${path} HTTP/1.1\r\nhost: ${new URL(w.url).host}\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-version: 13\r\nsec-websocket-key: ${randomBytes(16).toString("base64")}\r\nsec-websocket-protocol: chat\r\n${headers}\r\n`);
    socket.on("data", (chunk) => {
      seen = Buffer.concat([seen, chunk]);
      const end = seen.indexOf("\r\n\r\n");
      if (end < 0) return;
      const head = seen.subarray(0, end).toString();
      if (!head.startsWith("HTTP/1.1 101")) return socket.end(), done({ head });
      if (seen.length === end + 4) {
        const mask = Buffer.from([1, 2, 3, 4]);
        const text = Buffer.from("hello");
        socket.write(Buffer.concat([Buffer.from([0x81, 0x80 | text.length]), mask, text.map((byte, at) => byte ^ mask[at % 4])]));
      } else {
        const frame = seen.subarray(end + 4);
        socket.end();
        done({ head, text: frame.subarray(2, 2 + (frame[1] & 127)).toString() });
      }
    });
  });
}

test("web sockets pass with their protocol, and g04: without a session they get 401", async () => {
  const open = await webSocket("/ws");
  assert.equal(open.text, "hello");
  assert.match(open.head, /sec-websocket-protocol: chat/i);
  const cookie = [...ann.cookies].map((pair) => pair.join("=")).join("; ");
  assert.equal((await webSocket("/private-ws", `cookie: ${cookie}\r\n`)).text, "hello");
  assert.match((await webSocket("/private-ws")).head, /^HTTP\/1.1 401/);
});

test("an app that is away is a page with its reason, and JSON for a program", async () => {
  const gone = await testbed();
  try {
    const browser = gone.browser();
    await signIn(gone, browser);
    await gone.app[Symbol.asyncDispose]();
    const answer = await browser.get("/page?x=1");
    assert.equal(answer.status, 502);
    assert.equal(answer.headers.get("retry-after"), "10");
    const page = await answer.text();
    const [, id] = /<code>APP_UNAVAILABLE<\/code> · <code>([a-z2-7]{8})<\/code>/.exec(page) ?? [];
    assert.ok(page.includes(`href="${gone.url}/page?x=1"`), "a way back to the page");
    await logged(gone.gate, new RegExp(`"request":"${id}".*"status":502,"why":"APP_UNAVAILABLE"`)); // found by what the page shows
    const told = await browser.get("/", { page: false, headers: { accept: "application/json" } });
    assert.equal((await told.json()).error, "APP_UNAVAILABLE");
  } finally {
    await gone[Symbol.asyncDispose]().catch(() => {});
  }
});
