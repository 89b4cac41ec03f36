// The rows of tests/vectors/gate that need no earlier state, over real HTTP.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { shared } from "../parts/together.mjs";
import { root } from "../setup.mjs";
import { send, testbed } from "./support.mjs";

const folder = join(root, "tests", "vectors", "gate");
const rows = JSON.parse(readFileSync(join(folder, "decide.json"), "utf8")).filter((row) => !row.given);
// Node's client cannot send these targets, so these rows run natively only.
const sendable = (row) => /^[\x21-\x7e]+$/.test(row.request[0].split(" ")[1]);

let w;
shared(async (stack) => (w = stack.use(await testbed({ policy: join(folder, "policy.toml") }))));

assert.ok(rows.length > 50, "the table is there");
for (const row of rows.filter(sendable)) {
  const id = row.id ? `${row.id[0].toLowerCase()}${row.id.slice(1).padStart(2, "0")}_` : "";
  test(`${id}${row.name}: ${row.request.join(" · ").slice(0, 120)}`, async () => {
    const fill = (text) => text.replaceAll("{public}", w.url).replaceAll("{cas}", w.cas.url).replaceAll("{service}", encodeURIComponent(`${w.url}/.portcullis/cas/`));
    const [method, path] = row.request[0].split(" ");
    const headers = {};
    for (const line of row.request.slice(1)) headers[line.slice(0, line.indexOf(": "))] = fill(line.slice(line.indexOf(": ") + 2));
    const requests = w.app.requests.length;
    const answer = await send(w.url, { method, path, headers });
    const { expect } = row;
    if (expect.reply === "forward") {
      assert.equal(answer.status, 200, await answer.text());
      const seen = await answer.json();
      if (expect.url) assert.equal(seen.url, expect.url);
      for (const name of expect.absent ?? []) assert.ok(!seen.headers.some(([known]) => known === name), name);
      for (const name of expect.stripped ?? []) assert.ok(!seen.headers.some(([known]) => known === name.toLowerCase()), name);
      return;
    }
    assert.equal(answer.status, expect.status, await answer.text());
    assert.equal(w.app.requests.length, requests, "the app was not asked");
    const location = answer.headers.get("location") ?? "";
    if (expect.location) assert.ok(location.startsWith(fill(expect.location)), location);
    if (expect.contains) assert.ok(location.includes(expect.contains), location);
    const text = await answer.text();
    if (expect.body) assert.ok(text.includes(expect.body));
    if (answer.status >= 400 && method !== "HEAD") assert.ok(text.includes(expect.why), `no ${expect.why} in the answer`);
  });
}
