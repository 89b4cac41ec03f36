// What a sweep leaves in an object with the records of many logins.
import assert from "node:assert/strict";
import { test } from "node:test";

import { shared } from "../parts/together.mjs";
import { prepared } from "./prepared.mjs";
import { send, signIn, testbed, toTicket } from "./support.mjs";

const DAY_MS = 24 * 3600 * 1000;
let w;
shared(async (stack) => (w = stack.use(await testbed({ policy: "[session]\nrevalidate_secs = 0\n", gate: { worker: prepared(), env: { TICKET_OBJECTS: "1" } } }))));

const told = async (query) => (await send(new URL(`/test?${query}`, w.url))).json();
const status = async (browser) => (await browser.get("/", { page: false, headers: { accept: "*/*" } })).status;

test("l15_a_sweep_deletes_the_records_whose_time_is_over_and_no_other", async () => {
  const many = await Promise.all(Array.from({ length: 12 }, async () => {
    const browser = w.browser();
    await signIn(w, browser);
    return browser;
  }));
  const stranger = w.browser();
  const { service } = await toTicket(w, stranger);
  await stranger.get(`${service}?ticket=ST-1-made-up`);

  const first = await told("sweep=logins-0");
  assert.equal(first.records, 13, "twelve sessions, and a refused ticket");
  assert.ok(first.alarm > Date.now(), "the next sweep is set");
  await told("clock=700000");
  assert.equal((await told("sweep=logins-0")).records, 12, "a refused ticket is kept for ten minutes");
  for (const browser of many) assert.equal(await status(browser), 200);
  await told(`clock=${30 * DAY_MS}`);
  assert.deepEqual(await told("sweep=logins-0"), { records: 0, alarm: null }, "nothing is left, and nothing wakes the object");
  await told("clock=0");
  for (const browser of many) assert.equal(await status(browser), 401, "a session without a record is none");
});
