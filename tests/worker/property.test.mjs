// What a client sends is what the app sees, and what the app answers is what the client gets: random messages over bare sockets.
// The exceptions are the table of worker/docs/proxying.md, which this test reads: a row that goes missing there makes it fail.
// `PORTCULLIS_SEED=N` repeats a run.
import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import * as demoCas from "../parts/demo_cas.mjs";
import * as gatePart from "../parts/gate.mjs";
import { together } from "../parts/together.mjs";
import { root } from "../setup.mjs";
import { ask, rawApp } from "./raw.mjs";
import { Browser, signIn } from "./support.mjs";

const RUNS = 400;

/** The rows of the document: what of a message changes on its way. */
const exceptions = (() => {
  const text = readFileSync(join(root, "worker", "docs", "proxying.md"), "utf8");
  const rows = [...text.matchAll(/^\| (path|query|request header|answer header|any header|trailers) \| (.+?) \| (.+?) \|$/gm)].map(([, where, what, becomes]) => ({ where, what, becomes }));
  const quoted = (cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name);
  const of = (where) => rows.filter((row) => row.where === where);
  const letters = (where) => new Map(of(where).flatMap(({ what, becomes }) => (quoted(becomes).length === quoted(what).length ? quoted(what).map((from, at) => [from, quoted(becomes)[at]]) : [])));
  const names = (where, word) => new Set(of(where).filter(({ becomes }) => becomes.startsWith(word)).flatMap(({ what }) => quoted(what).map((name) => name.toLowerCase())));
  return {
    path: letters("path"),
    query: letters("query"),
    dots: of("path").some(({ what }) => what.startsWith("dot segments")),
    empty: of("any header").some(({ what, becomes }) => what.startsWith("empty values") && becomes.startsWith("removed")),
    joined: of("any header").some(({ what }) => what.startsWith("two lines")),
    request: { own: names("request header", "the gate's"), removed: names("request header", "removed") },
    answer: { own: names("answer header", "the gate's"), removed: names("answer header", "removed") },
  };
})();

/** Random choices from a seed (mulberry32), so that a failure can be repeated. */
function chance(seed) {
  let state = seed;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (n) => Math.floor(next() * n);
  const one = (list) => list[below(list.length)];
  const many = (most, make) => Array.from({ length: below(most + 1) }, make);
  return { below, one, many, text: (letters, most) => many(most, () => one(letters)).join("") };
}

const range = (from, to) => Array.from({ length: to - from + 1 }, (_, n) => String.fromCharCode(from + n));
const LETTERS = range(0x61, 0x7a);
const PATH = [...LETTERS, ...range(0x41, 0x5a), ...range(0x30, 0x39), ..."-._~!$&'()*+,=:@|[]^{}\"".split(""), "%20", "%C3%A9", "%e4", "%2F", "%25", "%7e"];
const QUERY = [...LETTERS, ..."-._~!$&'()*+,=:@|[]^{}`?/;%".split(""), "%20", "%zz", "&&", "=="];
const VALUE = [...range(0x21, 0x7e), " ", "\t", ...range(0x80, 0xff)];
const BYTES = range(0, 255);
const METHODS = ["GET", "GET", "POST", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD", "PROPFIND", "REPORT"];
const STATUSES = [200, 200, 201, 202, 203, 204, 206, 226, 299, 300, 304, 400, 403, 404, 409, 410, 412, 416, 418, 422, 429, 451, 500, 501, 503, 507, 599];
const KNOWN = ["Accept", "Accept-Encoding", "Accept-Language", "Authorization", "Cache-Control", "Content-Type", "DNT", "If-Match", "If-None-Match", "If-Modified-Since", "If-Range", "Origin", "Pragma", "Prefer", "Priority", "Range", "Referer", "User-Agent", "Via", "Warning", "X-Requested-With", "X-CSRF-Token"];
const ANSWERED = ["Accept-Ranges", "Age", "Allow", "Alt-Svc", "Content-Disposition", "Content-Encoding", "Content-Language", "Content-Range", "Content-Type", "ETag", "Expires", "Last-Modified", "Link", "Retry-After", "Server", "Server-Timing", "Vary", "WWW-Authenticate", "X-Frame-Options", "Content-Security-Policy"];

/** A message: a random head and a random body. */
function message(pick, known) {
  // Names of the gate and of other products' identities are the matter of other tests: these begin with a letter of their own.
  const name = () => (pick.below(3) ? `Q-${pick.text(["-", "_", ".", ...LETTERS, "A", "7"], 20)}x` : pick.one(known));
  const value = () => pick.text(VALUE, pick.below(20) ? 40 : 4_000).trim();
  const headers = pick.many(12, () => [name(), value()]);
  if (headers.length && !pick.below(3)) headers.push([headers[0][0], value()]);
  // A name with two lines has no empty one: joined they would be a comma more or less.
  for (const header of headers) if (headers.some((other) => other !== header && other[0].toLowerCase() === header[0].toLowerCase())) header[1] ||= "0";
  return { headers, body: pick.below(3) ? pick.text(BYTES, pick.below(10) ? 200 : 60_000) : "", chunked: !pick.below(3) };
}

function target(pick) {
  const path = `/${pick.many(5, () => pick.text(PATH, 8)).join("/")}${pick.below(8) ? "" : pick.one(["/./", "/../x", "/%2e%2E/y", "/.z", "/..z"])}`;
  return pick.below(2) ? `${path}?${pick.text(QUERY, 40)}` : path;
}

/** The target as the app sees it, by the rows of the document. */
function expected(sent) {
  const at = sent.indexOf("?");
  const [path, query] = at < 0 ? [sent] : [sent.slice(0, at), sent.slice(at + 1)];
  const by = (text, map) => [...text].map((letter) => map.get(letter) ?? letter).join("");
  let mapped = by(path, exceptions.path);
  if (exceptions.dots) {
    const segments = [];
    const all = mapped.split("/").slice(1);
    for (const [n, segment] of all.entries()) {
      const plain = segment.replaceAll(/%2e/gi, ".");
      const last = n === all.length - 1;
      if (plain === "..") segments.pop();
      if (plain !== "." && plain !== "..") segments.push(segment);
      else if (last) segments.push("");
    }
    mapped = `/${segments.join("/")}`;
  }
  return query === undefined ? mapped : `${mapped}?${by(query, exceptions.query)}`;
}

const FRAMING = ["content-length", "transfer-encoding", "connection", "keep-alive"];
/** Headers by name with their values in order. Two lines of one name are joined, as RFC 9110 section 5.3 allows. */
function fold(headers, { own, removed }) {
  const folded = {};
  for (const [name, value] of headers.map(([name, value]) => [name.toLowerCase(), value])) {
    if (own.has(name) || removed.has(name) || FRAMING.includes(name) || (exceptions.empty && value === "")) continue;
    assert.ok(exceptions.joined || !(name in folded), `two lines of ${name}`);
    folded[name] = name in folded ? `${folded[name]}, ${value}` : value;
  }
  return folded;
}

/** Fails with the first header that differs, and no more of it than a line. */
function same(got, want, what) {
  const short = (value) => (value === undefined ? "nothing" : JSON.stringify(value).slice(0, 200));
  for (const name of new Set([...Object.keys(want), ...Object.keys(got)])) {
    assert.ok(got[name] === want[name], `${what}\n${name} is ${short(got[name])}\ninstead of ${short(want[name])}`);
  }
}

test("what the client sends is what the app sees, and back, but for the table of the document", { timeout: 120_000 }, async (t) => {
  const seed = Number(process.env.PORTCULLIS_SEED ?? randomInt(2 ** 31));
  t.diagnostic(`seed ${seed}: repeat with PORTCULLIS_SEED=${seed}`);
  const pick = chance(seed);
  await using stack = new AsyncDisposableStack();
  let answer;
  const reply = () => {
    const framing = [204, 304].includes(answer.status) ? [] : answer.chunked ? ["transfer-encoding: chunked"] : [`content-length: ${answer.body.length}`];
    const body = answer.chunked ? `${answer.body && `${answer.body.length.toString(16)}\r\n${answer.body}\r\n`}0\r\n\r\n` : answer.body;
    const lines = [...answer.headers.map((pair) => pair.join(": ")), ...framing];
    return `HTTP/1.1 ${answer.status} Said so\r\n${lines.join("\r\n")}\r\n\r\n${answer.bodiless ? "" : body}`;
  };
  const app = stack.use(await rawApp(reply));
  const [cas] = await together(stack, demoCas.start());
  const [gate] = await together(stack, gatePart.start({ cas: cas.url, origin: app.url, policy: '[[rule]]\npath = "/*"\naccess = "login"\n' }));
  const ann = new Browser(gate.url);
  await signIn({ cas, url: gate.url }, ann);
  const cookie = [...ann.cookies].map((pair) => pair.join("=")).join("; ");
  const host = new URL(gate.url).host;
  let went = 0;
  for (let run = 0; run < RUNS; run++) {
    const method = pick.one(METHODS);
    const sent = { target: target(pick), ...message(pick, KNOWN) };
    if (method === "GET" || method === "HEAD") Object.assign(sent, { body: "", chunked: false }); // 411, or another test's
    answer = { status: pick.one(STATUSES), ...message(pick, ANSWERED), };
    answer.bodiless = method === "HEAD" || [204, 304].includes(answer.status);
    const bodied = sent.chunked || sent.body;
    const lines = [`${method} ${sent.target}`, `Host: ${host}`, `Cookie: ${cookie}`, ...sent.headers.map((pair) => pair.join(": ")), ...(sent.chunked ? ["Transfer-Encoding: chunked"] : bodied ? [`Content-Length: ${sent.body.length}`] : []), "Connection: close"];
    const before = app.seen.length;
    const got = await ask(gate.address, lines, sent.chunked ? { chunks: sent.body ? [sent.body] : [] } : sent.body);
    const what = `run ${run} of seed ${seed}: ${method} ${sent.target}`;
    assert.equal(app.seen.length, before + 1, `${what}: ${got.status}, and the app saw ${app.seen.length - before} requests`);
    const seen = app.seen.at(-1);
    assert.equal(seen.method, method, what);
    assert.equal(seen.target, expected(sent.target), what);
    same(fold(seen.headers, exceptions.request), fold([["Host", host], ...sent.headers], exceptions.request), what);
    assert.ok(seen.body === sent.body, `${seen.body.length} of ${sent.body.length} bytes of ${what}`);
    assert.equal(got.status, answer.status, what);
    same(fold(got.headers, exceptions.answer), fold(answer.headers, exceptions.answer), `the answer of ${what}`);
    if (!answer.bodiless) assert.ok(got.body === answer.body, `${got.body.length} of ${answer.body.length} bytes of the answer of ${what}`);
    went++;
  }
  assert.equal(went, RUNS);
});
