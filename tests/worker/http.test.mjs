// HTTP as apps and browsers use it: ranges, compression, interim answers, cookies, and messages that break off on either side.
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { brotliCompressSync, gzipSync, zstdCompressSync } from "node:zlib";

import { shared } from "../parts/together.mjs";
import { ask, rawApp } from "./raw.mjs";
import { signIn, testbed } from "./support.mjs";

const policy = `
[[rule]]
path = "/open/*"
access = "public"
[[rule]]
path = "/*"
access = "login"
`;
const FILE = Buffer.from(Array.from({ length: 10_000 }, (_, n) => n % 251));
const TEXT = Buffer.from("a line of text that is easy to compress\n".repeat(2_000));
const PACKED = { gzip: gzipSync(TEXT), br: brotliCompressSync(TEXT), zstd: zstdCompressSync(TEXT) };
const GOES_ON = 1 << 20;

/** Requests that the app saw end early, and answers whose client went away. */
const left = [];

function handler(seen, response, incoming) {
  const { pathname } = new URL(seen.url, "http://app");
  const kind = pathname.split("/").at(-1);
  if (kind === "file") {
    const range = /^bytes=(\d+)-(\d*)$/.exec(seen.get("range") ?? "");
    if (!range || (seen.get("if-range") ?? '"v1"') !== '"v1"') return response.writeHead(200, { "accept-ranges": "bytes", etag: '"v1"', "content-length": FILE.length }).end(FILE);
    const [from, to] = [Number(range[1]), range[2] ? Number(range[2]) : FILE.length - 1];
    if (from >= FILE.length) return response.writeHead(416, { "content-range": `bytes */${FILE.length}`, "content-length": 0 }).end();
    const part = FILE.subarray(from, to + 1);
    return response.writeHead(206, { "content-range": `bytes ${from}-${to}/${FILE.length}`, etag: '"v1"', "content-length": part.length }).end(part);
  }
  if (PACKED[kind]) return response.writeHead(200, { "content-type": "text/plain", "content-encoding": kind, etag: `"${kind}"`, "content-length": PACKED[kind].length }).end(PACKED[kind]);
  if (kind === "cookies") return response.writeHead(200, { "set-cookie": Array.from({ length: 50 }, (_, n) => `c${n}=${"v".repeat(n)}; Path=/p${n}; HttpOnly`) }).end();
  if (kind === "endless") {
    response.writeHead(200, { "content-type": "application/octet-stream" });
    const more = () => response.write(Buffer.alloc(64 * 1024)) && setImmediate(more);
    response.on("drain", more).on("close", () => left.push(seen.url));
    return more();
  }
  if (kind === "dies" || kind === "dies-chunked") {
    response.writeHead(200, kind === "dies" ? { "content-length": GOES_ON } : {});
    return response.write(Buffer.alloc(10_000, "x"), () => setTimeout(() => incoming.socket.destroy(), 50));
  }
  if (kind === "upload") {
    let bytes = 0;
    incoming.on("data", (chunk) => (bytes += chunk.length)).on("end", () => response.end(JSON.stringify({ bytes }))).on("close", () => incoming.complete || left.push(seen.url));
    return incoming.on("error", () => undefined);
  }
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(seen));
}

let w;
let ann;
let cookie;
shared(async (stack) => {
  w = stack.use(await testbed({ policy, handler }));
  ann = w.browser();
  await signIn(w, ann);
  cookie = [...ann.cookies].map((pair) => pair.join("=")).join("; ");
});

const host = () => new URL(w.url).host;
/** A public page, and one of a person, whose answer is rebuilt with another `Cache-Control`. */
const FOLDERS = ["/open", "/own"];
const get = (path, ...headers) => ask(w.gate.address, [`GET ${path}`, `host: ${host()}`, `cookie: ${cookie}`, ...headers, "connection: close"]);
const bytes = (text) => Buffer.from(text, "latin1");

async function until(is, what) {
  const end = Date.now() + 10_000;
  while (!is() && Date.now() < end) await sleep(20);
  assert.ok(is(), what);
}

/** A connection on which a test writes and reads what it likes. */
async function line(text) {
  const socket = connect(Number(new URL(w.gate.address).port), "127.0.0.1");
  await once(socket, "connect");
  const opened = { socket, got: "", ended: false };
  socket.setEncoding("latin1").on("data", (chunk) => (opened.got += chunk)).on("error", () => undefined).on("close", () => (opened.ended = true));
  socket.write(text);
  return opened;
}

test("ranges are the app's: a part, the rest, none such, and If-Range", async () => {
  for (const folder of FOLDERS) {
    const part = await get(`${folder}/file`, "range: bytes=100-199");
    assert.deepEqual([part.status, part.get("content-range"), part.get("content-length")], [206, "bytes 100-199/10000", "100"]);
    assert.deepEqual(bytes(part.body), FILE.subarray(100, 200));
    const rest = await get(`${folder}/file`, "range: bytes=9990-", 'if-range: "v1"');
    assert.deepEqual([rest.status, bytes(rest.body)], [206, FILE.subarray(9_990)]);
    const none = await get(`${folder}/file`, "range: bytes=20000-");
    assert.deepEqual([none.status, none.get("content-range")], [416, "bytes */10000"]);
    const changed = await get(`${folder}/file`, "range: bytes=0-1", 'if-range: "v0"');
    assert.deepEqual([changed.status, bytes(changed.body).length], [200, FILE.length]);
  }
});

test("Expect: 100-continue is answered before the body is sent, and the body arrives", async () => {
  const opened = await line(`POST /own/upload HTTP/1.1\r\nhost: ${host()}\r\ncookie: ${cookie}\r\nexpect: 100-continue\r\ncontent-length: 2000\r\nconnection: close\r\n\r\n`);
  await until(() => opened.got.startsWith("HTTP/1.1 100 "), "an interim answer");
  opened.socket.write("x".repeat(2_000));
  await until(() => opened.ended, "an answer");
  assert.match(opened.got, /HTTP\/1\.1 200 [^]*"bytes":2000/);
  assert.equal(w.app.requests.at(-1).get("expect"), "100-continue", "the app is told too");
});

test("gzip, br and zstd arrive byte for byte, with their length and ETag, whatever the client says it takes", async () => {
  for (const folder of FOLDERS) {
    for (const [name, packed] of Object.entries(PACKED)) {
      for (const accept of [[`accept-encoding: ${name}`], [], ["accept-encoding: identity"]]) {
        const answer = await get(`${folder}/${name}`, ...accept);
        assert.ok(bytes(answer.body).equals(packed), `${folder}/${name}, ${accept}`);
        assert.deepEqual([answer.get("content-encoding"), answer.get("etag"), answer.get("content-length")], [name, `"${name}"`, String(packed.length)]);
      }
    }
  }
});

test("fifty cookies go each way, in their order", async () => {
  const theirs = Array.from({ length: 50 }, (_, n) => `n${n}=${"w".repeat(n)}`);
  const ours = cookie.split("; ");
  const mixed = [...theirs.slice(0, 25), ...ours, ...theirs.slice(25)].join("; ");
  const answer = await ask(w.gate.address, ["GET /own/echo", `host: ${host()}`, `cookie: ${mixed}`, "connection: close"]);
  assert.equal(JSON.parse(answer.body).headers.find(([name]) => name === "cookie")[1], theirs.join("; "));
  for (const folder of FOLDERS) {
    const set = (await get(`${folder}/cookies`)).all("set-cookie");
    assert.deepEqual(set, Array.from({ length: 50 }, (_, n) => `c${n}=${"v".repeat(n)}; Path=/p${n}; HttpOnly`));
  }
});

test("a header that comes twice arrives with both values, in order", async () => {
  const app = await rawApp(() => "HTTP/1.1 200 OK\r\nlink: </a>; rel=x\r\nx-twice: 1\r\nlink: </b>; rel=y\r\nx-twice: 2\r\nwww-authenticate: Basic\r\nwww-authenticate: Bearer\r\ncontent-length: 0\r\n\r\n");
  await using twice = await testbed({ policy, gate: { origin: app.url } });
  const answer = await ask(twice.gate.address, ["GET /open/x", `host: ${new URL(twice.url).host}`, "x-many: 1", "accept: text/html", "x-many: 2", "accept: */*", "connection: close"]);
  const joined = (values) => values.join(", ");
  const sent = (name) => joined(app.seen[0].headers.filter(([known]) => known === name).map(([, value]) => value));
  assert.deepEqual([sent("x-many"), sent("accept")], ["1, 2", "text/html, */*"]);
  assert.deepEqual(["link", "x-twice", "www-authenticate"].map((name) => joined(answer.all(name))), ["</a>; rel=x, </b>; rel=y", "1, 2", "Basic, Bearer"]);
  await app[Symbol.asyncDispose]();
});

test("trailers are lost both ways, as the table of the document says", async () => {
  const app = await rawApp(() => "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ntrailer: x-sum\r\n\r\n2\r\nhi\r\n0\r\nx-sum: 42\r\n\r\n");
  await using bed = await testbed({ policy, gate: { origin: app.url } });
  const { port } = new URL(bed.gate.address);
  const socket = connect(Number(port), "127.0.0.1");
  let got = "";
  socket.setEncoding("latin1").on("data", (chunk) => (got += chunk));
  socket.write(`POST /open/x HTTP/1.1\r\nhost: ${new URL(bed.url).host}\r\ntransfer-encoding: chunked\r\ntrailer: x-sum\r\nconnection: close\r\n\r\n3\r\nyou\r\n0\r\nx-sum: 43\r\n\r\n`);
  await once(socket, "close");
  assert.equal(app.seen[0].body, "you");
  assert.equal(app.seen[0].get("trailer"), undefined);
  assert.match(got, /^HTTP\/1\.1 200/);
  assert.doesNotMatch(got, /x-sum: 42/);
  await app[Symbol.asyncDispose]();
});

test("a client that goes away ends the app's answer, and one that dies in mid-upload is no finished upload", async () => {
  for (const folder of FOLDERS) {
    const opened = await line(`GET ${folder}/endless HTTP/1.1\r\nhost: ${host()}\r\ncookie: ${cookie}\r\n\r\n`);
    await until(() => opened.got.length > 100_000, "the beginning of the answer");
    opened.socket.destroy();
    await until(() => left.includes(`${folder}/endless`), `the app's answer of ${folder} ends`);
    const upload = await line(`PUT ${folder}/upload HTTP/1.1\r\nhost: ${host()}\r\ncookie: ${cookie}\r\ncontent-length: ${GOES_ON}\r\n\r\n${"x".repeat(10_000)}`);
    await until(() => w.app.requests.at(-1).url === `${folder}/upload`, "the upload reaches the app");
    upload.socket.destroy();
    await until(() => left.includes(`${folder}/upload`), `the app sees that the upload of ${folder} broke off`);
  }
});

test("an app that dies in mid-answer is seen as that by the client, never as a whole answer", async () => {
  for (const folder of FOLDERS) {
    const counted = await line(`GET ${folder}/dies HTTP/1.1\r\nhost: ${host()}\r\ncookie: ${cookie}\r\n\r\n`);
    await until(() => counted.ended, "the connection is closed");
    assert.match(counted.got, new RegExp(`content-length: ${GOES_ON}`, "i"));
    assert.ok(counted.got.length < GOES_ON);
    const chunked = await line(`GET ${folder}/dies-chunked HTTP/1.1\r\nhost: ${host()}\r\ncookie: ${cookie}\r\n\r\n`);
    await until(() => chunked.ended, "the connection is closed");
    assert.match(chunked.got, /^HTTP\/1\.1 200 [^]*xxxx/);
    assert.ok(!chunked.got.endsWith("\r\n0\r\n\r\n"), "without the last chunk");
  }
  assert.equal((await get("/own/echo")).status, 200, "the gate goes on");
});
